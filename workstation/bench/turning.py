"""Turning a volume by hand in the window: how late the main thread is meanwhile."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from workstation.bench.data import Study
from workstation.bench.desk import HEIGHT, SLEEP_PEER, WIDTH, bring_up, sleeping
from workstation.bench.planes import STEPS, STEPS_A_SECOND, TICKS_WRITTEN_S, shown_tiles, wait_for_tiles
from workstation.bench.program import Program
from workstation.bench.rows import Row
from workstation.bench.screen import Screen

WIDE_PX: Final = 4
"""The hand goes so far with each step."""


@dataclass(frozen=True)
class _Turned:
    """Of one drag: how late the main thread and a sleeper beside it were (99th percentile and longest, ms)."""

    late_ms: tuple[float, float]
    sleeper_ms: tuple[float, float]


def turned(study: Study, runs: int) -> list[Row]:
    """The study's volume in one tile of the window, turned for two seconds and let go."""
    found = [_run(study) for _ in range(runs)]
    late, longest = zip(*(each.late_ms for each in found), strict=True)
    sleeper, top = zip(*(each.sleeper_ms for each in found), strict=True)
    return [
        Row("3D turned in the window, timer late (p99)", "ms", SLEEP_PEER, 16, late, sleeper),
        Row("3D turned in the window, timer late (longest)", "ms", SLEEP_PEER, 50, longest, top),
    ]


def _run(study: Study) -> _Turned:
    with tempfile.TemporaryDirectory() as folder, Screen(WIDTH, HEIGHT) as screen:
        shown = Path(folder) / "shown.json"
        with Program(screen, study.home, ("open", "--state", str(shown)), Path(folder) / "ticks") as program:
            bring_up(screen, program)
            screen.key("Return")
            program.wait_for_codes()
            program.wait_until_quiet()
            screen.key("F8")
            wait_for_tiles(shown, _is_drawn)
            program.wait_until_quiet()
            found = _drag(screen, program, shown)
    return found


def _is_drawn(tiles: list[dict[str, Any]]) -> bool:
    return any(each.get("scene") for each in tiles) and not any(each["busy"] for each in tiles)


def _drag(screen: Screen, program: Program, shown: Path) -> _Turned:
    tile = next(each for each in shown_tiles(shown) if each.get("scene"))
    left, top, width, height = tile["rect"]
    x, y = left + width // 4, top + height // 2
    with sleeping() as asleep:
        screen.point(x, y)
        time.sleep(0.1)
        begun = time.monotonic()
        screen.button(1, True)
        for step in range(1, STEPS + 1):
            screen.point(x + WIDE_PX * step, y + step % 20)
            time.sleep(max(0.0, begun + step / STEPS_A_SECOND - time.monotonic()))
        screen.button(1, False)
        ended = program.wait_until_quiet()
        time.sleep(TICKS_WRITTEN_S)
    ticks = program.lateness_ms(begun, ended)
    return _Turned(
        (float(np.percentile(ticks, 99)), max(ticks)),
        (float(np.percentile(asleep, 99)), max(asleep)),
    )
