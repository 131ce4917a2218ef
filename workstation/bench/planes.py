"""Turning planes by hand in the window, thin and as slabs: what is painted, how late the main thread is, memory."""

import json
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from workstation.bench.data import Study, make_study
from workstation.bench.desk import HEIGHT, SLEEP_PEER, WIDTH, bring_up, sleeping, watched
from workstation.bench.program import Program
from workstation.bench.rows import Row
from workstation.bench.screen import Screen
from workstation.errors import HounsfieldError

TIMES_AS_LONG: Final = 2
"""Planes are measured in a volume with so many times the images of the study: 600."""

SLAB_MM: Final = 20.0
STEPS: Final = 120
STEPS_A_SECOND: Final = 60.0
SWING_DEG: Final = 25.0
KNOB_AT: Final = 0.78
"""Where on its way from the middle of a tile to the edge a line is held to be turned."""
TICKS_WRITTEN_S: Final = 0.6
LONGEST_S: Final = 60.0


@dataclass(frozen=True)
class _Turned:
    """Of one drag: pictures a second in the tile held and in the slower of the others, how long after it all were
    exact, and how late the main thread and a sleeper beside it were (99th percentile and longest, ms)."""

    held_a_second: float
    others_a_second: float
    exact_s: float
    late_ms: tuple[float, float]
    sleeper_ms: tuple[float, float]


def turned(study: Study, runs: int) -> list[Row]:
    """Three planes of 512 x 512 x 600, turned by the end of a line for two seconds: thin ones, then slabs."""
    long = make_study(study.home.root.parent, study.slices * TIMES_AS_LONG, study.rows)
    found = [_run(long) for _ in range(runs)]
    decoded = long.decoded_bytes / 2**20
    memory = tuple(mib for _, _, mib in found)
    return [
        *_rows("planes turned", [thin for thin, _, _ in found]),
        *_rows("20 mm slabs turned", [thick for _, thick, _ in found]),
        Row("planes, memory above the idle list", "MiB", "decoded bytes", 2 * decoded, memory, (decoded,) * runs),
    ]


def _rows(name: str, found: list[_Turned]) -> list[Row]:
    late, longest = zip(*(each.late_ms for each in found), strict=True)
    sleeper, top = zip(*(each.sleeper_ms for each in found), strict=True)
    return [
        Row(f"{name}, pictures where held", "1/s", "", 20, tuple(each.held_a_second for each in found), (), True),
        Row(f"{name}, in the others", "1/s", "", 8, tuple(each.others_a_second for each in found), (), True),
        Row(f"{name}, exact after rest", "s", "", 0.5, tuple(each.exact_s for each in found)),
        Row(f"{name}, timer late (p99)", "ms", SLEEP_PEER, 16, late, sleeper),
        Row(f"{name}, timer late (longest)", "ms", SLEEP_PEER, 50, longest, top),
    ]


def _run(study: Study) -> tuple[_Turned, _Turned, float]:
    """Thin planes, slabs, and the peak of memory above the idle list, MiB."""
    with tempfile.TemporaryDirectory() as folder, Screen(WIDTH, HEIGHT) as screen:
        shown = Path(folder) / "shown.json"
        arguments = ("open", "--state", str(shown))
        with Program(screen, study.home, arguments, Path(folder) / "ticks") as program:
            bring_up(screen, program)
            idle = program.memory_mib()
            with watched(program.memory_mib) as peak:
                screen.key("Return")
                program.wait_for_codes()
                program.wait_until_quiet()
                _chord(screen, "m")
                wait_for_tiles(
                    shown, lambda tiles: len(tiles) == len(_planes(tiles)) and not any(t["busy"] for t in tiles)
                )
                thin = _drag(screen, program, shown, 0.0)
                _thicken(screen, shown)
                thick = _drag(screen, program, shown, SWING_DEG * _swing(STEPS))
    return thin, thick, max(peak) - idle


def _chord(screen: Screen, key: str) -> None:
    screen.hold("Alt_L", True)
    screen.key(key)
    screen.hold("Alt_L", False)


def shown_tiles(shown: Path) -> list[dict[str, Any]]:
    """What a program says of its tiles in its state file."""
    found: list[dict[str, Any]] = json.loads(shown.read_text(encoding="utf-8"))["tiles"]
    return found


def _planes(tiles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in tiles if each.get("reformat")]


def wait_for_tiles(shown: Path, seen: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """The tiles when they are so. Raises HounsfieldError when they do not become so."""
    deadline = time.monotonic() + LONGEST_S
    while not seen(tiles := shown_tiles(shown)):
        if time.monotonic() > deadline:
            raise HounsfieldError("the planes that are measured did not come to be what was asked for")
        time.sleep(0.005)
    return tiles


def _thicken(screen: Screen, shown: Path) -> None:
    """A slab in each plane: a mode makes it ten millimetres thick, steps do the rest."""
    for _ in shown_tiles(shown):
        active = json.loads(shown.read_text(encoding="utf-8"))["active"]
        _chord(screen, "n")
        for _ in range(5):
            _chord(screen, "Prior")
        wait_for_tiles(shown, lambda tiles, n=active: _slab_mm(_by_number(tiles, n)) == SLAB_MM)  # type: ignore[misc]
        screen.key("Tab")
        wait_for_tiles(shown, lambda tiles, n=active: _by_number(tiles, n).get("active") is False)  # type: ignore[misc]


def _slab_mm(tile: dict[str, Any]) -> Any:
    return (tile.get("reformat") or {}).get("slab_mm")


def _hold_at(screen: Screen, middle: tuple[float, float], radius: float, degrees: float) -> None:
    angle = math.radians(degrees)
    screen.point(round(middle[0] + radius * math.cos(angle)), round(middle[1] + radius * math.sin(angle)))


def _turned_by(before: list[dict[str, Any]], after: list[dict[str, Any]], degrees: float) -> bool:
    """Whether the two planes that stand on the axial one have turned by so much, within a degree."""
    pairs = [(one, other) for one, other in zip(before, after, strict=True) if one["plane"] != "axial"]
    cosines = [np.dot(one["reformat"]["normal"], other["reformat"]["normal"]) for one, other in pairs]
    return all(abs(math.degrees(math.acos(min(1.0, each))) - abs(degrees)) < 1.0 for each in cosines)


def _by_number(tiles: list[dict[str, Any]], number: int) -> dict[str, Any]:
    return next(each for each in tiles if each["tile"] == number)


def _swing(step: int) -> float:
    """How far the line is swung with a step, as a share: up and down and half the way back."""
    return math.sin(1.75 * math.pi * step / STEPS)


def _drag(screen: Screen, program: Program, shown: Path, first_deg: float) -> _Turned:
    """Swing the end of the horizontal line of the axial plane, which lies at an angle, up and down, and let it go."""
    program.wait_until_quiet()
    before = shown_tiles(shown)
    axial = next(each for each in before if each["plane"] == "axial")
    left, top, width, height = axial["rect"]
    middle, radius = (left + width / 2, top + height / 2), KNOB_AT * width / 2
    with sleeping() as asleep:
        _hold_at(screen, middle, radius, first_deg)
        time.sleep(0.1)
        begun = time.monotonic()
        screen.button(1, True)
        for step in range(1, STEPS + 1):
            _hold_at(screen, middle, radius, first_deg + SWING_DEG * _swing(step))
            time.sleep(max(0.0, begun + step / STEPS_A_SECOND - time.monotonic()))
        over = time.monotonic()
        moved = shown_tiles(shown)
        screen.button(1, False)
        wait_for_tiles(shown, lambda tiles: not any(t["busy"] or t["reformat"]["coarse"] for t in tiles))
        exact = time.monotonic()
        ended = program.wait_until_quiet()
        time.sleep(TICKS_WRITTEN_S)
    if not _turned_by(before, shown_tiles(shown), SWING_DEG * _swing(STEPS)):
        raise HounsfieldError("the planes that are measured did not turn as they were to")
    painted = {
        old["tile"]: (new["painted"] - old["painted"]) / (over - begun) for old, new in zip(before, moved, strict=True)
    }
    ticks = program.lateness_ms(begun, ended)
    return _Turned(
        painted[axial["tile"]],
        min(rate for number, rate in painted.items() if number != axial["tile"]),
        exact - over,
        (float(np.percentile(ticks, 99)), max(ticks)),
        (float(np.percentile(asleep, 99)), max(asleep)),
    )
