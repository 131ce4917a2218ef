"""600 images opened from Orthanc with the keyboard, each of the three ways, and scrolled while the rest still comes.

What counts is on the screen: when the first image was readable, and how many different images were painted a second
from then until all of them were here. Thirty are asked for, and the wheel is turned a fifth more often: thirty notches
could show thirty images only where nothing is ever a frame late, for what was missed once is never made up for. Each
image that is seen counts once, whatever notch it is of. Notches at the end of what is here have nothing to show, and
are not counted; those made before its last image came to the screen are counted all the same, as lost.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from workstation.bench import peers
from workstation.bench.data import Study, protocol
from workstation.bench.desk import HEIGHT, SLEEP_PEER, WIDTH, bring_up, sleeping
from workstation.bench.program import LOOK_S, Program
from workstation.bench.rows import Row
from workstation.bench.screen import WHEEL_DOWN, WHEEL_UP, Screen
from workstation.bench.window import TICKS_WRITTEN_S
from workstation.errors import HounsfieldError
from workstation.network import nodes
from workstation.network.nodes import Node
from workstation.paths import Home
from workstation.phantom.coded import STUDY, Code, coded_ct
from workstation.phantom.dicom import write_series

IMAGES: Final = 600
FIRST_S: Final = 1.0
PAINTED_A_SECOND: Final = 30.0
NOTCHES_A_SECOND: Final = 36.0
WAYS: Final = ("C-GET", "C-MOVE", "WADO-RS")
SWEEP: Final = 12
LONGER: Final = 4
"""The wheel is turned to and fro, each time so many notches further."""

STUCK: Final = 5
"""After so many notches that paint nothing the wheel is turned the other way: that may be the end of what is here."""

LONGEST_S: Final = 60.0
SETTLES_S: Final = 0.5
"""Images of the last notches may come so late; then it takes as long."""

PORT: Final = 11112
NICE: Final = 10
"""The archive stands on this machine here, and on another one everywhere else: it gives way to who is measured."""


@dataclass(frozen=True)
class _Seen:
    """Of one run: seconds until the first image, painted images a second while the rest came, seconds until all had
    come, and how late the main thread was, beside a sleeper (99th percentile, ms)."""

    first_s: float
    painted_a_second: float
    whole_s: float
    late_ms: float
    sleeper_ms: float


def arriving(study: Study, runs: int) -> list[Row]:
    """Rows of each way."""
    folder = study.folder.parent / f"files-{study.rows}-{IMAGES}"
    if not folder.is_dir() or len(list(folder.iterdir())) != IMAGES:
        write_series(replace(coded_ct(IMAGES, study.rows)), folder)
    rows = []
    with tempfile.TemporaryDirectory(prefix="hounsfield-bench-") as place:
        files = sorted(folder.iterdir())
        with peers.orthanc(Path(place) / "orthanc", files, {"HOUNSFIELD": PORT}, NICE) as (dicom, web):
            for way in WAYS:
                node, compiled = _node(way, dicom, web), study.home.root.parent / "compiled"
                _warm(Path(place) / f"{way}-warm", node, compiled)
                found = [_opened(Path(place) / f"{way}-{run}", node, compiled) for run in range(runs)]
                rows += _rows(way, found)
    return rows


def _rows(way: str, found: list[_Seen]) -> list[Row]:
    first, painted, whole, late, sleeper = zip(
        *((each.first_s, each.painted_a_second, each.whole_s, each.late_ms, each.sleeper_ms) for each in found),
        strict=True,
    )
    notches = (NOTCHES_A_SECOND,) * len(found)
    return [
        Row(f"arriving by {way}, first image", "s", "", FIRST_S, first),
        Row(f"arriving by {way}, painted images", "1/s", "notches a second", PAINTED_A_SECOND, painted, notches, True),
        Row(f"arriving by {way}, all of {IMAGES}", "s", "", None, whole),
        Row(f"arriving by {way}, timer late (p99)", "ms", SLEEP_PEER, 16, late, sleeper),
    ]


def _node(way: str, dicom: int, web: str) -> Node:
    if way == "WADO-RS":
        return nodes.made("archive", {"url": web})
    return Node("archive", "ORTHANC", "127.0.0.1", dicom, retrieve="move" if way == "C-MOVE" else "get")


def _home(folder: Path, node: Node) -> Home:
    home = Home(folder / "home").create()
    nodes.add(home, node)
    (home.root / "hanging_protocols").mkdir()
    (home.root / "hanging_protocols" / "bench.toml").write_text(protocol(), encoding="utf-8")
    return home


def _warm(folder: Path, node: Node, compiled: Path) -> None:
    """Compile the modules of the program and of all its processes, which an installed one finds compiled."""
    home = _home(folder, node)
    with Screen(WIDTH, HEIGHT) as screen, Program(screen, home, (), None, compiled) as program:
        bring_up(screen, program)
        _ask(screen, program)
        screen.key("Return")
        program.wait_for_codes()
        whole = _Whole(home)
        program.wait_for(lambda: bool(whole))


def _opened(folder: Path, node: Node, compiled: Path) -> _Seen:
    home = _home(folder, node)
    with Screen(WIDTH, HEIGHT) as screen, sleeping() as asleep:
        with Program(screen, home, (), folder / "ticks", compiled) as program:
            bring_up(screen, program)
            _ask(screen, program)
            begun = time.monotonic()
            screen.key("Return")
            first, codes = program.wait_for_codes()
            whole = _Whole(home)
            painted = _scrolled(screen, codes[0], whole)
            time.sleep(TICKS_WRITTEN_S)
        ticks = program.lateness_ms(begun, whole.at)
    late, other = (float(np.percentile(each, 99)) if each else 0.0 for each in (ticks, asleep))
    return _Seen(first - begun, painted, whole.at - begun, late, other)


def _ask(screen: Screen, program: Program) -> None:
    """The study is found on the query page, and chosen."""
    with _held(screen, "Control_L"):
        screen.key("r")
    program.wait_until_quiet()
    for letter in STUDY.patient_name.partition("^")[0].lower():
        screen.key(letter)
    screen.key("Return")
    program.wait_until_quiet()


@contextmanager
def _held(screen: Screen, name: str) -> Iterator[None]:
    screen.hold(name, True)
    yield
    screen.hold(name, False)


class _Whole:
    """Looks into the folders of the cache, now and then, until all images lie there; `at` is when."""

    LOOKS_S: Final = 0.1

    def __init__(self, home: Home) -> None:
        self._home = home
        self._looked_s = 0.0
        self.at = float("inf")

    def __bool__(self) -> bool:
        now = time.monotonic()
        if self.at > now and now - self._looked_s > self.LOOKS_S:
            self._looked_s = now
            if sum(1 for _ in self._home.files.glob("*/*")) >= IMAGES:
                self.at = now
        return self.at <= now


class Sweeps:
    """The wheel to and fro within what is here: its notches, the images they showed, and those at an end."""

    def __init__(self, number: int | None) -> None:
        self._last = number or 0
        self._button, self._sweep = WHEEL_DOWN, SWEEP
        self._swept = self._idle = self._way = self._in_vain = 0
        self.notches = self.painted = self.at_end = 0

    def notch(self) -> int:
        """The button of the next notch. Those before the first image came are not counted."""
        self._idle, self._swept = self._idle + 1, self._swept + 1
        if self._idle > STUCK or self._swept > self._sweep:
            self._in_vain = self._idle - 1
            self._button = WHEEL_UP if self._button == WHEEL_DOWN else WHEEL_DOWN
            self._idle, self._swept, self._sweep = 0, 0, self._sweep + LONGER
        self.notches += self.painted > 0
        return self._button

    def see(self, number: int) -> bool:
        """Whether this is another image than before.

        Notches that showed nothing were made at the end of what is here when the wheel has turned since and the images
        with it; a program that is late goes on the old way first, and those notches count.
        """
        if number == self._last:
            return False
        way = 1 if number > self._last else -1
        if self.painted and self._in_vain and way != self._way:
            self.at_end += self._in_vain
        self._last, self._way, self._idle, self._in_vain = number, way, 0, 0
        self.painted += 1
        self.notches = max(1, self.notches)
        return True

    def a_second(self, span_s: float) -> float:
        """Images a second of the time in which there were any to show, from the first to the last one."""
        at_least = (self.notches - self.at_end) / NOTCHES_A_SECOND
        return self.painted / max(at_least, span_s - self.at_end / NOTCHES_A_SECOND)


def _scrolled(screen: Screen, code: Code, whole: _Whole) -> float:
    """Different images painted a second, the wheel turned at its pace until all is here."""
    screen.point(int(code.left), int(code.top))
    began = turned_s = first = last = time.monotonic()
    sweeps = Sweeps(code.number(screen.grey))
    while not whole or time.monotonic() - last < SETTLES_S:
        now = time.monotonic()
        if now - began > LONGEST_S:
            raise HounsfieldError("what was asked for did not come")
        if not whole and now - turned_s >= 1 / NOTCHES_A_SECOND:
            turned_s += 1 / NOTCHES_A_SECOND
            screen.click(sweeps.notch())
        number = code.number(screen.grey)
        if number is not None and sweeps.see(number):
            last = time.monotonic()
            first = last if sweeps.painted == 1 else first
        time.sleep(LOOK_S)
    return sweeps.a_second(last - first + 1 / NOTCHES_A_SECOND)
