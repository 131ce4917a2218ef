"""Window and level dragged over large radiographs, watched on the screen, beside the least that can be done for it."""

import statistics
import time
from typing import Final

import numpy as np

from workstation.bench.data import Study
from workstation.bench.desk import HEIGHT, WIDTH, bring_up
from workstation.bench.program import QUIET_S, Program
from workstation.bench.radiographs import RADIOGRAPHS, Radiograph, make_radiographs, patch_of, pixels_of
from workstation.bench.rows import Row
from workstation.bench.screen import Screen
from workstation.paint.tile import paint_tile
from workstation.paths import Home

ZOOMS: Final = {"fitted": (), "1:1": ("o",)}
"""How the image is shown, and the keys that bring that about."""

STEPS: Final = 60
STEPS_A_SECOND: Final = 60.0
STEP_PX: Final = 4
"""Already the first movement is more than a click."""
LEAST_A_SECOND: Final = 30.0
LONGEST_DELAY_MS: Final = 100.0
PEER: Final = "take and QImage of a window of these pixels"
PEER_TIMES: Final = 15


def windowed(study: Study, runs: int) -> list[Row]:
    """60 movements of the hand at 60 a second, each to another level: pictures that came, and how late they were."""
    home = make_radiographs(study.home.root.parent)
    rows: list[Row] = []
    for each in RADIOGRAPHS:
        least = tuple(_least_a_second(each) for _ in range(runs))
        for zoom, keys in ZOOMS.items():
            drags = [_dragged(home, each, keys) for _ in range(runs)]
            name = f"{each.title} {zoom}, window"
            rates, delays, left_out = (tuple(drag[n] for drag in drags) for n in range(3))
            rows += [
                Row(f"{name}, painted", "1/s", PEER, LEAST_A_SECOND, rates, least, True),
                Row(f"{name}, longest delay", "ms", "a frame of 60 Hz", LONGEST_DELAY_MS, delays, (1000 / 60,) * runs),
                Row(f"{name}, jumped of {STEPS}", "", "", None, left_out),
            ]
    return rows


def _dragged(home: Home, radiograph: Radiograph, keys: tuple[str, ...]) -> tuple[float, float, float]:
    """(pictures a second, the longest delay in ms, levels that had no picture of their own) of one drag."""
    arguments = ("open", radiograph.study.study_instance_uid)
    with Screen(WIDTH, HEIGHT) as screen, Program(screen, home, arguments) as program:
        program.wait_for_codes()
        bring_up(screen, program)
        for key in keys:
            screen.key(key)
            program.wait_until_quiet()
        code = program.wait_for_codes()[1][0]
        x, y = patch_of(code)
        hand = round(code.left - 2 * code.block_px), round(code.top)
        screen.point(*hand)
        program.wait_until_quiet()
        screen.button(1, True)
        moved, seen = _levels_seen(screen, hand, (x, y))
        screen.button(1, False)
    return judged(moved, seen)


def _levels_seen(
    screen: Screen, hand: tuple[int, int], patch: tuple[int, int]
) -> tuple[list[float], list[tuple[float, int]]]:
    """When the hand moved, step by step; and each grey of the patch with its time, beginning before the first step."""
    moved: list[float] = []
    seen = [(time.monotonic(), int(screen.grey[patch[1], patch[0]]))]
    begun = time.monotonic()
    while len(moved) < STEPS or time.monotonic() - max(moved[-1], seen[-1][0]) < QUIET_S:
        if len(moved) < STEPS and time.monotonic() - begun >= len(moved) / STEPS_A_SECOND:
            screen.point(hand[0], hand[1] + STEP_PX * (len(moved) + 1))
            moved.append(time.monotonic())
        grey = int(screen.grey[patch[1], patch[0]])
        if grey != seen[-1][1]:
            seen.append((time.monotonic(), grey))
        time.sleep(0.001)
    return moved, seen


def judged(moved: list[float], seen: list[tuple[float, int]]) -> tuple[float, float, float]:
    """The grey goes evenly with the hand: each step lasts until its grey, or one beyond, is seen."""
    times, greys = (np.array(each, np.float64) for each in zip(*seen, strict=True))
    if len(seen) < 2:
        return 0.0, float("inf"), float(STEPS)
    begun, ended = greys[0], greys[-1]
    passed = (greys - begun) / (ended - begun) * STEPS
    shown = np.array([times[np.argmax(passed >= step - 0.5)] for step in range(1, STEPS + 1)])
    pictures = len(seen) - 1
    rate = pictures / max(float(times[-1]) - moved[0], STEPS / STEPS_A_SECOND)
    return rate, 1000 * float((shown - np.array(moved)).max()), float(max(0, STEPS - pictures))


def _least_a_second(radiograph: Radiograph) -> float:
    """How often a second a table can be laid over as many pixels as a window has, and a QImage be made of them."""
    stored = np.resize(pixels_of(radiograph)[::2, ::2], (HEIGHT, WIDTH))
    table = np.linspace(0, 255, 1 << 16).astype(np.uint32) * np.uint32(0x010101)
    times = []
    for _ in range(PEER_TIMES):
        begun = time.monotonic()
        shown = np.take(table, stored)
        paint_tile(shown, None, (WIDTH, HEIGHT), 1.0)
        times.append(time.monotonic() - begun)
    return 1 / statistics.median(times)
