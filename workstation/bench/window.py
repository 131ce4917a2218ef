"""Rows that need the window: what a person waits for, read from the screen."""

import hashlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from workstation.bench.data import LINKED, Study, make_compared
from workstation.bench.desk import HEIGHT, SLEEP_PEER, WIDTH, at_the_list, bring_up, sleeping, watched
from workstation.bench.program import QUIET_S, Program, own_environment
from workstation.bench.rows import Row
from workstation.bench.screen import WHEEL_DOWN, Screen
from workstation.phantom.coded import Code

COMPARED_TILES: Final = 4
NOTCHES: Final = 60
NOTCHES_A_SECOND: Final = 30.0
DRAGGED: Final = 50
DRAGS_A_SECOND: Final = 60.0
IMAGE_PX: Final = 6
"""Dragging so far with Shift held is one image."""
TICKS_WRITTEN_S: Final = 0.6
"""The program writes its ticks down a hundred at a time."""
READ_PEER: Final = "reading and SHA-256 of the files"
LAUNCH_PEER: Final = "import of Qt, VTK and NumPy; reading and SHA-256 of the files"
_IMPORTS: Final = "import PySide6.QtWidgets, vtkmodules.vtkImagingCore, numpy"


def launch(study: Study, runs: int) -> list[Row]:
    """Process start of `hounsfield open` to the middle image on the screen, and the peer, in turns."""
    times, peers = [], []
    for _ in range(runs + 1):  # the first warms caches and compiles modules
        with Screen(WIDTH, HEIGHT) as screen, Program(screen, study.home, ("open", "1")) as program:
            times.append(program.wait_for_codes()[0] - program.started)
        peers.append(_launch_peer(study))
    return [Row("launch to first image", "s", LAUNCH_PEER, 1.5, tuple(times[1:]), tuple(peers[1:]))]


def opened(study: Study, runs: int) -> list[Row]:
    """Return in the study list to the first image, the three planes after Space, and memory."""
    first, usable, whole, peers, memory = [], [], [], [], []
    for _ in range(runs):
        with at_the_list(study) as (screen, program):
            idle = program.memory_mib()
            pressed = time.monotonic()
            screen.key("Return")
            first.append(program.wait_for_codes()[0] - pressed)
            screen.key("space")
            usable.append(program.wait_for_codes(2)[0] - pressed)
            whole.append(program.wait_until_quiet() - pressed)
        with at_the_list(study) as (screen, program), watched(program.memory_mib) as peak:
            screen.key("Return")
            program.wait_for_codes()
            screen.key("space")
            program.wait_until_quiet()
        memory.append(max(peak) - idle)
        peers.append(_read(study))
    decoded = study.decoded_bytes / 2**20
    return [
        Row("key press to first image", "s", READ_PEER, 0.3, tuple(first), tuple(peers)),
        Row("three planes usable", "s", READ_PEER, 0.5, tuple(usable), tuple(peers)),
        Row("three planes whole", "s", READ_PEER, 3.0, tuple(whole), tuple(peers)),
        Row("memory above the idle list", "MiB", "decoded bytes", 2 * decoded, tuple(memory), (decoded,) * runs),
    ]


def compared(study: Study, runs: int) -> list[Row]:
    """Return in the study list to four planes, two of them of the prior."""
    both = make_compared(study.home.root.parent, study.slices * 10 // 3, study.rows)
    times, peers = [], []
    for _ in range(runs + 1):  # the first warms caches and compiles modules
        with at_the_list(both) as (screen, program):
            pressed = time.monotonic()
            screen.key("Return")
            times.append(program.wait_for_codes(COMPARED_TILES)[0] - pressed)
        peers.append(_read(both))
    work = f"key press to the hung layout with its prior, {both.slices:,} images"
    return [Row(work, "s", READ_PEER, 0.4, tuple(times[1:]), tuple(peers[1:]))]


def scrolled(study: Study, runs: int) -> list[Row]:
    """60 notches at 30 a second over four linked tiles, then dragging; what was painted, and the timer's lateness."""
    rates, lost, delays, late, longest, sleeper = [], [], [], [], [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder, Screen(WIDTH, HEIGHT) as screen:
            with Program(screen, study.home, (), Path(folder) / "ticks") as program, sleeping() as asleep:
                bring_up(screen, program)
                begun = time.monotonic()
                _open_planes(screen, program)
                painted, delay, missing = _wheel(screen, program)
                _drag(screen, program)
                ended = time.monotonic()
            ticks = program.lateness_ms(begun, ended)
        rates.append(painted)
        lost.append(float(missing))
        delays.append(delay)
        late.append(float(np.percentile(ticks, 99)))
        longest.append(max(ticks))
        sleeper.append((float(np.percentile(asleep, 99)), max(asleep)))
    return [
        Row("scroll, painted images", "1/s", "notches", 29.5, tuple(rates), (NOTCHES_A_SECOND,) * runs, True),
        Row("scroll, images lost of 60", "", "", 0, tuple(lost)),
        Row("scroll, longest delay", "ms", "a frame of 60 Hz", 100, tuple(delays), (1000 / 60,) * runs),
        Row("main thread, timer late (p99)", "ms", SLEEP_PEER, 16, tuple(late), tuple(p99 for p99, _ in sleeper)),
        Row(
            "main thread, timer late (longest)", "ms", SLEEP_PEER, 50, tuple(longest), tuple(top for _, top in sleeper)
        ),
    ]


def tiled(study: Study, runs: int) -> list[Row]:
    """One stack, then 4, 9 and 16 linked ones: 60 notches at 30 a second, 60 images by a drag of a second, and the
    window dragged for another; what was painted in the tile under the pointer, and how late the main thread was."""
    rows = []
    for stage, side in enumerate((1, *LINKED)):
        found = [_handled(study, stage and stage + 1, side * side) for _ in range(runs)]
        name = f"{side * side} linked stacks" if stage else "1 stack"
        rows += _of_tiles(name, found)
    return rows


@dataclass(frozen=True)
class _Handled:
    """Of one run: what the wheel came to, how far a drag was behind the hand (ms), and how late the main thread and a
    sleeper beside it were (99th percentile and longest, ms)."""

    painted_a_second: float
    delay_ms: float
    lost: float
    behind_ms: float
    late_ms: tuple[float, float]
    sleeper_ms: tuple[float, float]


def _of_tiles(name: str, found: list[_Handled]) -> list[Row]:
    runs = len(found)
    rates, delays, lost, behind = zip(
        *((each.painted_a_second, each.delay_ms, each.lost, each.behind_ms) for each in found), strict=True
    )
    (late, longest), (sleeper, top) = (
        tuple(zip(*pairs, strict=True))
        for pairs in ([each.late_ms for each in found], [each.sleeper_ms for each in found])
    )
    return [
        Row(f"{name}, painted images", "1/s", "notches", 29.5, rates, (NOTCHES_A_SECOND,) * runs, True),
        Row(f"{name}, images lost of 60", "", "", 0, lost),
        Row(f"{name}, longest delay", "ms", "a frame of 60 Hz", 100, delays, (1000 / 60,) * runs),
        Row(f"{name}, drag behind the hand", "ms", "a frame of 60 Hz", 100, behind, (1000 / 60,) * runs),
        Row(f"{name}, timer late (p99)", "ms", SLEEP_PEER, 16, late, sleeper),
        Row(f"{name}, timer late (longest)", "ms", SLEEP_PEER, 50, longest, top),
    ]


def _handled(study: Study, spaces: int, tiles: int) -> _Handled:
    with tempfile.TemporaryDirectory() as folder, Screen(WIDTH, HEIGHT) as screen:
        with Program(screen, study.home, (), Path(folder) / "ticks") as program:
            bring_up(screen, program)
            screen.key("Return")
            program.wait_for_codes()
            program.wait_until_quiet()
            for _ in range(spaces):
                screen.key("space")
                program.wait_until_quiet()
            with sleeping() as asleep:
                begun = time.monotonic()
                painted, delay, missing = _wheel(screen, program, tiles)
                behind = _drag_images(screen, program, tiles)
                _drag_window(screen, program)
                ended = time.monotonic()
            time.sleep(TICKS_WRITTEN_S)
        ticks = program.lateness_ms(begun, ended)
    late = float(np.percentile(ticks, 99)), max(ticks)
    return _Handled(painted, delay, float(missing), behind, late, (float(np.percentile(asleep, 99)), max(asleep)))


def _open_planes(screen: Screen, program: Program) -> None:
    screen.key("Return")
    program.wait_for_codes()
    program.wait_until_quiet()
    screen.key("space")
    program.wait_for_codes(2)
    program.wait_until_quiet()


def _wheel(screen: Screen, program: Program, tiles: int = 2) -> tuple[float, float, int]:
    """(images painted a second, the longest delay in ms, images never painted) in the lowest tile of so many."""
    _, codes = program.wait_for_codes(tiles)
    code = max(codes, key=lambda each: each.top)
    screen.point(int(code.left), int(code.top))
    program.wait_until_quiet()
    start = code.number(screen.grey)
    pressed: list[float] = []
    seen = _numbers_seen(screen, code, pressed)
    first = {abs(number - (start or 0)): at for at, number in reversed(seen)}
    delays = [first[notch] - pressed[notch - 1] for notch in range(1, NOTCHES + 1) if notch in first]
    span = max(first.values()) - pressed[0]
    missing = NOTCHES - len(delays)
    return len(delays) / max(span, NOTCHES / NOTCHES_A_SECOND), 1000 * max(delays, default=float("inf")), missing


def _numbers_seen(screen: Screen, code: Code, pressed: list[float]) -> list[tuple[float, int]]:
    """Turn the wheel at its pace and look all the while; each change of the number, with its time."""
    seen: list[tuple[float, int]] = []
    begun = last = time.monotonic()
    while len(pressed) < NOTCHES or time.monotonic() - max(last, pressed[-1]) < QUIET_S:
        now = time.monotonic() - begun
        if len(pressed) < NOTCHES and now >= len(pressed) / NOTCHES_A_SECOND:
            pressed.append(time.monotonic())
            screen.click(WHEEL_DOWN)
        number = code.number(screen.grey)
        if number is not None and (not seen or seen[-1][1] != number):
            last = time.monotonic()
            seen.append((last, number))
        time.sleep(0.001)
    return seen


def _drag_images(screen: Screen, program: Program, tiles: int) -> float:
    """How far (ms) the images are behind the hand that drags through them, one step of a drag for each image."""
    _, codes = program.wait_for_codes(tiles)
    code = min(codes, key=lambda each: (each.top, each.left))
    x, y = int(code.left), int(code.top)
    screen.point(x, y)
    program.wait_until_quiet()
    start = code.number(screen.grey)
    moved: list[float] = []
    seen: list[tuple[float, int]] = []
    screen.hold("Shift_L", True)
    screen.button(1, True)
    begun = time.monotonic()
    steps = 0
    while len(moved) < DRAGGED or (steps < DRAGGED and time.monotonic() - moved[-1] < 2 * QUIET_S):
        if len(moved) < DRAGGED and time.monotonic() - begun >= len(moved) / DRAGS_A_SECOND:
            screen.point(x, y + IMAGE_PX * (len(moved) + 1))
            moved.append(time.monotonic())
        number = code.number(screen.grey)
        if number is not None and (not seen or seen[-1][1] != number):
            steps = abs(number - (start or 0))
            seen.append((time.monotonic(), number))
        time.sleep(0.001)
    screen.button(1, False)
    screen.hold("Shift_L", False)
    reached = [(at, abs(number - (start or 0))) for at, number in seen]
    shown = [next((at for at, there in reached if there >= step), float("inf")) for step in range(1, DRAGGED + 1)]
    return 1000 * max(at - when for at, when in zip(shown, moved, strict=True))


def _drag_window(screen: Screen, program: Program) -> None:
    """Window and level in a tile for a second."""
    x, y = WIDTH // 3, HEIGHT // 3
    screen.point(x, y)
    screen.button(1, True)
    for step in range(60):
        screen.point(x + 3 * step, y + 2 * (step % 20))
        time.sleep(1 / 60)
    screen.button(1, False)
    program.wait_until_quiet()


def _drag(screen: Screen, program: Program) -> None:
    """Window and level in a plane for a second, then the whole window from size to size."""
    _drag_window(screen, program)
    for step in range(20):
        screen.fill(WIDTH - 10 * step, HEIGHT - 8 * step)
        time.sleep(1 / 20)
    program.wait_until_quiet()


def _launch_peer(study: Study) -> float:
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", _IMPORTS], check=True, env=own_environment(study.home))
    return time.monotonic() - begun + _read(study)


def _read(study: Study) -> float:
    files = study.cached
    begun = time.monotonic()
    for path in files:
        hashlib.sha256(path.read_bytes()).digest()
    return time.monotonic() - begun
