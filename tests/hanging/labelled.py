"""The labelled studies as values, and as display sets made from headers alone."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("labelled_studies.toml")


@dataclass(frozen=True)
class TileLabel:
    """What one tile of stage 1 must show; no series is a place that stays empty."""

    series: str | None
    plane: str = ""
    window: str = ""

    @property
    def prior(self) -> bool:
        return self.series is not None and "/" in self.series


@dataclass(frozen=True)
class LabelledStudy:
    name: str
    values: Mapping[str, Any]
    protocol: str
    tiles: tuple[TileLabel, ...]
    never: tuple[str, ...]

    @property
    def priors(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(self.values.get("priors", ()))

    def series(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every series with its full name, those of priors included."""
        yield from ((each["name"], each) for each in self.values["series"])
        for prior in self.priors:
            yield from ((f"{prior['name']}/{each['name']}", each) for each in prior["series"])


@cache
def labelled_studies() -> tuple[LabelledStudy, ...]:
    return tuple(map(_study, tomllib.loads(FILE.read_text(encoding="utf-8"))["studies"]))


def _study(values: Mapping[str, Any]) -> LabelledStudy:
    tiles = tuple(TileLabel(*each.split(" ")) if each != "-" else TileLabel(None) for each in values["tiles"])
    return LabelledStudy(values["name"], values, values["protocol"], tiles, tuple(values["never"]))
