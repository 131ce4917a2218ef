"""A program of its own, because screens are chosen when Qt starts: every command by its key, on two screens.

The first window lies on a screen of ratio 1, the second on one of ratio 2; each command is pressed in the first, and
what works while a study is open in the second too, with the active tile there. What it changes is told by the tables of
the journeys. Prints what went wrong as JSON; `test_both_screens` judges it.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from tests.journeys.desk import State, told
from tests.journeys.expected import EARLIER, EXPECTED, PHASES, TRUNK, TWO_SERIES
from tests.journeys.expected_segments import CHANGED, SEGMENTED, TOOLS, laid
from tests.journeys.expected_window import AROUND, STAYS, WALKED, status
from tests.journeys.test_marks import GESTURES, MARKED, Gesture
from workstation import jobs, paths
from workstation.cache.entries import ReadingStatus
from workstation.case.command import Where
from workstation.case.habits import habits_of
from workstation.case.open import Opened
from workstation.case.painting import Painting
from workstation.case.presentation import presentations
from workstation.case.state import Case
from workstation.picture.page import tile_rects
from workstation.ui.opening import _read
from workstation.ui.sweeper import Sweeper
from workstation.ui.tile_grid import TileGrid
from workstation.ui.window import MainWindow
from workstation.ui.window_commands import all_commands

LONGEST_S: Final = 60.0
"""Only what never comes takes it."""

WRONG_AT_MOST: Final = 3
"""With so many wrong commands the rest is not tried: each of them takes LONGEST_S."""

Check = Callable[[State], object]


class Hand:
    """The two windows, and fingers on the keys of one of them."""

    def __init__(self, home: paths.Home) -> None:
        self.home = home
        self.window = MainWindow(home, protocol="images")
        self.window.setGeometry(0, 0, 1100, 800)
        self.window.show()
        self.on: QWidget = self.window
        self._opened: dict[str, tuple[Opened, Any]] = {}

    def pump(self) -> None:
        jobs.drain(0.002)
        QApplication.processEvents()

    def at_rest(self) -> bool:
        grids = self.window.reading.grids
        return not jobs.active() and not any(tile.busy for grid in grids for tile in grid.tiles)

    def plays(self) -> bool:
        """Whether a film runs: it never rests."""
        case = self.window.reading.case
        return case is not None and bool(case.playing)

    def until(self, wanted: Check) -> State:
        """The first state that is as wanted and at rest. Raises AssertionError when it does not come."""
        deadline = time.monotonic() + LONGEST_S
        while True:
            self.pump()
            if (self.at_rest() or self.plays()) and _holds(wanted, state := self.state()):
                return state
            if time.monotonic() > deadline:
                raise AssertionError("it never came")

    def state(self) -> State:
        """What is on screen, with the tiles of the second window where they lie in the layout."""
        window = self.window
        facts = dict(window.facts())
        facts["grid"] = list(facts["grid"])
        facts["grid"][0] -= window.mapToGlobal(QPoint(0, 0)).x()  # the platform gives windows a frame
        case, grid = window.reading.case, window.reading.grid
        if case is not None and self.on is not window:
            places = dict(zip(case.shown, tile_rects(grid.width(), grid.height(), *case.layout), strict=False))
            seen = {tile.number: tile for each in window.reading.grids for tile in each.tiles}
            facts["tiles"] = [
                {**(seen[n].picture.facts if seen[n].picture else {}), "tile": n + 1, "painted": seen[n].painted,
                 "rect": list(rect.getRect())} for n, rect in places.items() if n in seen
            ]  # type: ignore[union-attr]  # fmt: skip
        found: State = json.loads(json.dumps(facts))
        return found

    def press(self, *keys: str) -> None:
        """Keys as the help page writes them, to the window that has the hand."""
        for key in keys:
            chord = QKeySequence(key)[0]
            target = self.on if self.on is not self.window else QApplication.focusWidget() or self.on
            QTest.keyClick(target, chord.key(), chord.keyboardModifiers())
            self.pump()

    def open(self, study: str, stage: int = 1) -> State:
        """The study as it is opened, without another look at the disk; in the second window its active tile."""
        window = self.window
        if study not in self._opened:
            opened, states, _ = _read(self.home, study, "images", window.opening.look_at_screens())
            self._opened[study] = opened, presentations(self.home, study)
        opened, states = self._opened[study]
        self.on = window
        window.elsewhere.bring_back()
        self._clear_the_way()
        window.opening.asked_for = study
        window.pages.setCurrentWidget(window.reading)
        case = Case(opened.sets, opened.answer.plan, opened.digests, habits_of(window.settings))
        case.presentations = states
        window.reading.show_case(case, opened)
        window.activateWindow()
        window.reading.setFocus()
        for _ in range(1, stage):
            case.hang_stage(stage - 1)
        return self.until(lambda s: s["study_instance_uid"] == study and s["tiles"])

    def _clear_the_way(self) -> None:
        """What an earlier command laid over the page goes."""
        window = self.window
        window.palette_panel.hide()
        window.status.shut()
        window.transfers.shut()
        if window.menus.shown is not None:
            window.menus.shown.close()
        if window.reading.grid.magnifier.on:
            window.reading.toggle_magnifier()

    def to_second(self) -> State:
        """Give the second window the active tile, and the hand."""
        self.window.run("tile-to-the-second-window")
        second = self.window.elsewhere.window
        assert second is not None
        self.on = second
        if second.isMaximized():  # where it was, and how large, is remembered
            second.showNormal()
            second.setGeometry(1700, 100, 360, 360)
        return self.until(lambda s: s["second_window"]["tiles"] and s["second_window"]["tiles"][0].get("letters"))

    def choose(self, study: str) -> State:
        """The list in front, with this study chosen."""
        window = self.window
        self.on = window
        if window.page != "list":
            window.show_list()
        self._clear_the_way()
        window.list.report.say("")
        window.list.line.clear()
        window.list.tabs.setCurrentIndex(0)
        self.until(lambda s: study in s["list"]["studies"])
        window.list.select(study)
        window.list.table.setFocus()
        return self.until(lambda s: s["list"]["selected"] == study)


def _holds(wanted: Check, state: State) -> bool:
    try:
        return bool(wanted(state))
    except (LookupError, TypeError, StopIteration):
        return False


# ------------------------------------------------------- commands that need more than a line


def _walks(key: str, step: int) -> Callable[[Hand], None]:
    def walk(hand: Hand) -> None:
        rows = hand.choose(TRUNK)["list"]["studies"]
        first = 0 if step > 0 else 1
        hand.open(rows[first])
        hand.press(key)
        hand.until(lambda s: s["study_instance_uid"] == rows[first + step])

    return walk


def _unread(hand: Hand) -> None:
    hand.choose(PHASES)
    hand.window.list.store.set_status(PHASES, ReadingStatus.UNREAD)
    hand.until(lambda s: status(s, PHASES) == "unread")


def _next_unread(hand: Hand) -> None:
    _unread(hand)
    hand.open(TRUNK)
    hand.press("Ctrl+U")
    hand.until(lambda s: s["study_instance_uid"] not in (None, TRUNK))


def _read_and_next(hand: Hand) -> None:
    _unread(hand)
    hand.open(PHASES)
    hand.press("Ctrl+Return")
    hand.until(lambda s: status(s, PHASES) == "read")
    _unread(hand)


def _by_name(name: str, study: str, then: Check) -> Callable[[Hand], None]:
    def run(hand: Hand) -> None:
        hand.choose(study)
        hand.press("Ctrl+K")
        hand.until(lambda s: s["palette"]["open"])
        QTest.keyClicks(QApplication.focusWidget(), all_commands()[name].title)
        hand.until(lambda s: s["palette"]["chosen"] == name)
        hand.press("Return")
        hand.until(then)

    return run


def _as_it_came(hand: Hand) -> None:
    hand.choose(TWO_SERIES)
    hand.window.list.store.set_urgency(TWO_SERIES, "LOW")
    hand.until(lambda s: s["list"]["urgency"][TWO_SERIES] == "LOW")
    _by_name("urgency-as-it-came", TWO_SERIES, lambda s: TWO_SERIES not in s["list"]["urgency"])(hand)


def _imports(key: str, chosen: Callable[[Hand], Path]) -> Callable[[Hand], None]:
    def run(hand: Hand) -> None:
        """What is chosen is given: the system's own dialog is walked through by test_commands."""
        hand.choose(TRUNK)
        path = str(chosen(hand))
        QFileDialog.getExistingDirectory = staticmethod(lambda *asked, **named: path)  # type: ignore[method-assign]
        QFileDialog.getOpenFileNames = staticmethod(lambda *asked, **named: ([path], ""))  # type: ignore[method-assign]
        hand.press(key)
        hand.until(lambda s: "0 stored, " in s["message"] and "already there" in s["message"])

    return run


def _a_file(hand: Hand) -> Path:
    return next((hand.home.root.parent / "earlier").rglob("*.dcm"))


def _stops(hand: Hand) -> None:
    hand.open(TRUNK)
    hand.window.status.say_loading(3, 54)
    hand.press("Ctrl+.")
    hand.until(lambda s: s["message"].startswith("Loading was stopped"))


def _saves(hand: Hand) -> None:
    hand.open(EARLIER.study_instance_uid)
    hand.press("Shift+J")
    hand.until(lambda s: s["saving"]["unsaved"] == 1 and s["findings"]["saved"])
    hand.press("Ctrl+S")
    hand.until(lambda s: s["message"] == f"Saved 1 key image; {STAYS}" and s["saving"]["unsaved"] == 0)


def _leaves(hand: Hand) -> None:
    hand.open(TRUNK)
    hand.press("Ctrl+Q")
    hand.until(lambda s: not hand.window.isVisible())


OWN: Final[dict[str, Callable[[Hand], None]]] = {
    "next-study": _walks("Ctrl+PgDown", 1),
    "previous-study": _walks("Ctrl+PgUp", -1),
    "next-unread-study": _next_unread,
    "read-and-next": _read_and_next,
    "open-the-study": _by_name("open-the-study", TWO_SERIES, lambda s: s["study_instance_uid"] == TWO_SERIES),
    "remove-the-study": _by_name(
        "remove-the-study", TWO_SERIES, lambda s: s["palette"]["said"].startswith("Not now: The role")
    ),
    **{
        f"urgency-{word}": _by_name(
            f"urgency-{word}", TWO_SERIES, lambda s, word=word: s["list"]["urgency"][TWO_SERIES] == word.upper()
        )
        for word in ("high", "low", "routine")
    },
    "urgency-as-it-came": _as_it_came,
    "import-a-folder": _imports("Ctrl+I", lambda hand: _a_file(hand).parent),
    "import-files": _imports("Ctrl+Shift+I", _a_file),
    "stop-what-is-under-way": _stops,
    "save-findings": _saves,
    "leave-the-program": _leaves,
}
LAST: Final = "leave-the-program"

WITH_ARCHIVE: Final = frozenset(name for name in WALKED if name not in OWN)
"""Commands that need an archive that answers; their own journey presses them."""


# --------------------------------------------------------------------------- the tables


def of_case(hand: Hand, name: str, elsewhere: bool) -> None:
    study, stage, beforehand, changed = EXPECTED[name]
    before = hand.open(study, stage)
    if elsewhere:
        before = hand.to_second()
    for key in beforehand:
        old = before
        hand.press(key)
        before = hand.until(lambda s, old=old: told(s) != told(old))  # type: ignore[misc]
    command = all_commands()[name]
    hand.press(command.keys[0])
    hand.until(lambda after: changed(before, after))


def of_window(hand: Hand, name: str, elsewhere: bool) -> None:
    line = AROUND[name]
    before = hand.choose(line.study) if line.listed else hand.open(line.study)
    if elsewhere:
        before = hand.to_second()
    if line.beforehand:
        hand.press(*line.beforehand)
        before = hand.until(line.ready)
    hand.press(all_commands()[name].keys[0])
    after = hand.until(lambda after: line.check(before, after))
    hand.on = hand.window
    for key in line.afterwards:
        hand.press(key)
        hand.until(lambda s: told(s) != told(after) or not line.check(before, s))


# ------------------------------------------------------------------ commands that measure and mark


def _active_tile(hand: Hand) -> tuple[TileGrid, QPoint]:
    """The grid under the hand and the middle of its active tile, in logical pixels."""
    case = hand.window.reading.case
    for grid in hand.window.reading.grids:
        for tile in grid.tiles:
            if case is not None and tile.number == case.active and grid.window() is hand.on:
                return grid, tile.rect.center() / grid.devicePixelRatioF()
    raise AssertionError("no tile is under the hand")


def _draw(hand: Hand, gesture: Gesture) -> None:
    grid, center = _active_tile(hand)
    for places in gesture.moves:
        at = [center + QPoint(*place) for place in places]
        QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=at[0])
        for place in at[1:]:
            QTest.mouseMove(grid, place)
            hand.pump()
        QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=at[-1])
        hand.pump()
    if gesture.twice:
        QTest.mouseDClick(grid, Qt.MouseButton.LeftButton, pos=center + QPoint(*gesture.moves[-1][-1]))
    if gesture.typed:
        _type(hand, gesture.typed)


def _type(hand: Hand, text: str) -> None:
    hand.until(lambda s: s["findings"]["entry"])
    line = QApplication.focusWidget()
    assert line is not None
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def _marked(hand: Hand, kind: str) -> State:
    """One mark of this kind made by its key and a hand."""
    hand.press(all_commands()[f"draw-{kind}"].keys[0])
    hand.until(lambda s: s["findings"]["tool"] == kind)
    before = hand.state()["findings"]["count"]
    _draw(hand, GESTURES[kind])
    return hand.until(lambda s: s["findings"]["count"] == before + 1 and s["findings"]["saved"])


def _points(state: State) -> Any:
    return [mark["points"] for tile in state["tiles"] for mark in tile.get("findings", ())]


def _handles(state: State) -> Any:
    return [place for tile in state["tiles"] for mark in tile.get("findings", ()) for place in mark["handles"]]


def of_marks(hand: Hand, name: str, elsewhere: bool) -> None:
    hand.open(TRUNK)
    if elsewhere:
        hand.to_second()
    try:
        _mark(hand, name)
    finally:
        case = hand.window.reading.case
        assert case is not None
        for finding in case.marks.findings:
            case.marks.remove(finding.tracking_uid)
        hand.until(lambda s: s["findings"]["count"] == 0 and s["findings"]["saved"])
        hand.window.reading.findings.panel.hide()


def _mark(hand: Hand, name: str) -> None:
    key = all_commands()[name].keys[0]
    kind = name.removeprefix("draw-")
    if kind in GESTURES:
        state = _marked(hand, kind)
        assert [mark["kind"] for tile in state["tiles"] for mark in tile.get("findings", ())] == [kind]
        return
    if name == "draw-calibration":
        hand.press(key)
        hand.until(lambda s: "millimetres are known" in s["message"])
        return
    if name == "draw-spine-label":
        hand.press(key)
        hand.until(lambda s: s["findings"]["tool"] == "spine-label")
        _draw(hand, Gesture("", (((0, 0),),), typed="c3"))
        hand.until(lambda s: s["findings"]["panel"]["rows"][0]["name"] == "C3")
        hand.press("Esc")
        return
    if name.startswith("plane-"):
        _marked(hand, "angle" if name == "plane-through-three-points" else "length")
        hand.press(key)
        hand.until(lambda s: [each["plane"] for each in s["tiles"]] == ["axial", "coronal", "sagittal"])
        hand.press("Ctrl+Backspace")
        hand.until(lambda s: len(s["tiles"]) == 1)
        return
    before = _marked(hand, "length")
    if name in ("undo", "redo"):
        hand.press("Ctrl+Z")
        hand.until(lambda s: s["findings"]["count"] == 0)
    if name == "redo":
        hand.press(key)
    if name == "name-the-mark":
        hand.press(key)
        _type(hand, "Node")
    elif name == "site-of-the-mark":
        hand.press(key)
        _type(hand, "liver")
    elif name == "erase-marks":
        hand.press(key)
        state = hand.until(lambda s: s["findings"]["tool"] == "eraser" and _handles(s))
        grid, _ = _active_tile(hand)
        corner = next(tile.rect.topLeft() for tile in grid.tiles if tile.marks)
        place = (QPoint(*map(round, _handles(state)[0])) + corner) / grid.devicePixelRatioF()
        QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=place)
    elif name not in ("undo", "redo"):
        if name in OF_THE_SELECTED or name.startswith("nudge"):
            hand.press("Shift+PgDown")
            before = hand.until(lambda s: s["findings"]["selected"] == 1)
        if name == "show-the-mark-in-all-tiles":
            hand.press("End")
            hand.until(lambda s: not _points(s))
        hand.press(key)
    hand.until(lambda after: MARKS[name](before, after))


def of_segments(hand: Hand, name: str, elsewhere: bool) -> None:
    hand.open(TRUNK)
    if elsewhere:
        hand.to_second()
    case = hand.window.reading.case
    assert case is not None
    laid(case)
    before = hand.until(lambda s: len(s["findings"]["segments"]["list"]) == 2 and s["findings"]["saved"])
    try:
        keys = all_commands()[name].keys
        if keys:
            hand.press(keys[0])
        else:
            hand.window.run(name)
        if name in TOOLS:
            hand.until(lambda s: s["findings"]["tool"] == TOOLS[name])
        else:
            hand.until(lambda after: CHANGED[name](before, after))
    finally:
        case.marks.take("")
        case.marks.put_segments(())
        case.marks.set_painting(Painting())
        hand.until(lambda s: not s["findings"]["segments"]["list"] and s["findings"]["saved"])
        hand.window.reading.findings.panel.hide()


OF_THE_SELECTED: Final = (
    "delete-mark",
    "confirm-the-mark",
    "hide-the-mark",
    "show-the-mark-in-all-tiles",
    "copy-to-other-tiles",
)

MARKS: Final[dict[str, Callable[[State, State], object]]] = {
    "undo": lambda a, b: b["findings"]["count"] == 0,
    "redo": lambda a, b: b["findings"]["count"] == 1,
    "delete-mark": lambda a, b: b["findings"]["count"] == 0,
    "erase-marks": lambda a, b: b["findings"]["count"] == 0,
    "hide-marks": lambda a, b: b["findings"]["hidden"] and not _points(b),
    "next-mark": lambda a, b: b["findings"]["selected"] == 1,
    "previous-mark": lambda a, b: b["findings"]["selected"] == 1,
    "findings": lambda a, b: a["findings"]["panel"]["open"] and not b["findings"]["panel"]["open"],
    "name-the-mark": lambda a, b: b["findings"]["panel"]["rows"][0]["name"] == "Node",
    "site-of-the-mark": lambda a, b: b["findings"]["panel"]["rows"][0]["site"] == "Liver",
    "confirm-the-mark": lambda a, b: b["findings"]["panel"]["rows"][0]["status"] == "confirmed",
    "hide-the-mark": lambda a, b: b["findings"]["panel"]["rows"][0]["hidden"] and not _points(b),
    "show-the-mark-in-all-tiles": lambda a, b: _points(b) == _points(a),
    "copy-to-other-tiles": lambda a, b: "No other tile shows another series" in b["message"],
    "copy-the-values": lambda a, b: "on the clipboard" in b["message"],
    "nudge-left": lambda a, b: _moved(a, b)[0] < 0,
    "nudge-right": lambda a, b: _moved(a, b)[0] > 0,
    "nudge-up": lambda a, b: _moved(a, b)[1] < 0,
    "nudge-down": lambda a, b: _moved(a, b)[1] > 0,
}


def _moved(before: State, after: State) -> list[float]:
    """By how much (LPS, mm) the first point of the one mark went."""
    return [new - old for old, new in zip(_points(before)[0][0], _points(after)[0][0], strict=True)]


NOT_ELSEWHERE: Final = frozenset(
    {
        "back",  # there it closes the second window, which test_second_window tells
        "tile-to-the-second-window",
        "bring-all-tiles-back",
        "park",
    }
)
"""Commands about the second window itself, or that close it."""


def in_both(name: str) -> tuple[bool, ...]:
    """Whether a command is pressed in the first window alone."""
    command = all_commands()[name]
    tables = (EXPECTED, AROUND, MARKED, SEGMENTED)
    both = command.where is not Where.LIST and name not in NOT_ELSEWHERE and any(name in table for table in tables)
    return (False, True) if both else (False,)


def _try(hand: Hand, name: str, elsewhere: bool) -> str:
    """What went wrong; empty when nothing did."""
    try:
        if name in MARKED:
            of_marks(hand, name, elsewhere)
        elif name in SEGMENTED:
            of_segments(hand, name, elsewhere)
        elif name in EXPECTED or name in AROUND:
            (of_case if name in EXPECTED else of_window)(hand, name, elsewhere)
        else:
            OWN[name](hand)
    except Exception as error:
        state = hand.state()
        return f"{type(error).__name__}: {error}; page {state['page']}, message {state['message']!r}"
    return ""


def main(names: list[str]) -> None:
    application = QApplication(["both"])
    sweeper = Sweeper()
    hand = Hand(paths.home())
    wrong: dict[str, str] = {}
    pressed: list[str] = []
    seconds: dict[str, float] = {}
    hand.open(TRUNK)
    hand.to_second()
    ratios = [hand.window.devicePixelRatioF(), hand.on.devicePixelRatioF()]
    for name in names or [*sorted({*EXPECTED, *AROUND, *OWN, *MARKED, *SEGMENTED} - {LAST}), LAST]:
        if len(wrong) >= WRONG_AT_MOST:
            break
        for elsewhere in in_both(name):
            begun = time.monotonic()
            if said := _try(hand, name, elsewhere):
                wrong[f"{name} {'second' if elsewhere else 'first'}"] = said
            seconds[f"{name} {elsewhere}"] = round(time.monotonic() - begun, 2)
        pressed.append(name)
    hand.window.close()
    while jobs.active():
        jobs.drain(0.02)
    jobs.shutdown()
    slowest = sorted(seconds.items(), key=lambda each: -each[1])[:8]
    print(json.dumps({"wrong": wrong, "pressed": pressed, "ratios": ratios, "slowest": slowest}))
    sweeper.stop()
    del application
