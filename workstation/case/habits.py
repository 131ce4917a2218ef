"""How a person wants every study to begin: what a Case takes from the settings. Keys change each of these later."""

from dataclasses import dataclass
from typing import Final

from workstation.imaging.view import Interpolation
from workstation.settings import Settings

SHARES: Final = ("scroll", "window", "zoom", "pan")


@dataclass(frozen=True)
class Habits:
    """`shares` are what linked tiles do together; `cine_per_s` images a second of a series without times."""

    interpolation: Interpolation = Interpolation.LINEAR
    reference_lines: bool = True
    crosshair_lines: bool = True
    shares: frozenset[str] = frozenset(SHARES)
    cine_per_s: float = 15.0


def habits_of(settings: Settings) -> Habits:
    return Habits(
        Interpolation(settings.text("tiles.interpolation")),
        settings.flag("tiles.reference_lines"),
        settings.flag("tiles.crosshair"),
        frozenset(share for share in SHARES if settings.flag(f"link.{share}")),
        settings.number("cine.speed"),
    )
