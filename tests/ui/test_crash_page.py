"""A mistake of ours costs a page with plain words, never the study; log and report name no patient (safety.md 23)."""

import logging
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from workstation import app, jobs
from workstation.cache.importer import import_paths
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.trunk import ADA, trunk_ct
from workstation.ui import crash_page, log_file
from workstation.ui.audience import BEGUN
from workstation.ui.crash_page import CrashPage
from workstation.ui.findings_pen import Pen
from workstation.ui.hand import Hand
from workstation.ui.window import MainWindow

NAMES = ("Muster", "Anna", "ID-7")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("crash")
    write_series(trunk_ct(size="tiny")[0], folder / "trunk")
    made = Home(folder / "home").create()
    import_paths(made, [folder / "trunk"])
    return made


@pytest.fixture
def windows(home: Home, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[app.Windows]:
    stop_log = log_file.start(home)
    made = app.Windows(partial(MainWindow, home))
    monkeypatch.setattr(sys, "excepthook", made.unexpected)
    made.open()
    at_rest(made)
    yield made
    at_rest(made)
    assert made.window is not None
    made.window.close()
    jobs.shutdown()
    jobs.drain()
    stop_log()


def at_rest(windows: app.Windows) -> None:
    until(lambda: not jobs.active() and not jobs.drain() and not busy(windows))


def busy(windows: app.Windows) -> bool:
    return windows.window is not None and any(tile.busy for tile in windows.window.reading.grid.tiles)


def until(seen: Callable[[], object]) -> None:
    while not seen():
        jobs.drain(0.02)
        QApplication.processEvents()


def raise_in_a_slot(message: str, times: int = 1) -> None:
    """As a slot does it: from Qt, with nobody above."""

    def mistaken() -> None:
        raise LookupError(message)

    for _ in range(times):
        QTimer.singleShot(0, mistaken)
        QApplication.processEvents()
    QApplication.processEvents()  # what is said comes after the event that failed


def mistaken_once(monkeypatch: pytest.MonkeyPatch, where: type, name: str, seen: Callable[[], object]) -> list[object]:
    """Have a method fail the next time it is called, and only then; what `seen` told just before it did."""
    told: list[object] = []
    right = getattr(where, name)

    def wrong(*arguments: object) -> object:
        if told:
            return right(*arguments)
        told.append(seen())
        raise LookupError

    monkeypatch.setattr(where, name, wrong)
    return told


def held(window: MainWindow, kind: QEvent.Type, x: float, buttons: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    """An event of the left button on the tiles, delivered by the loop as the window system's are."""
    place, plain = QPointF(x, 90), Qt.KeyboardModifier.NoModifier
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    grid = window.reading.grid
    QApplication.postEvent(grid, QMouseEvent(kind, place, grid.mapToGlobal(place), button, buttons, plain))
    QApplication.processEvents()


def opened(windows: app.Windows) -> MainWindow:
    window = windows.window
    assert window is not None
    window.open_study(ADA.study_instance_uid)
    until(lambda: window.reading.case is not None)
    at_rest(windows)
    return window


@pytest.mark.expects_log("unexpected: LookupError")
def test_a_mistake_in_a_slot_is_a_page_and_go_on_brings_everything_back(windows: app.Windows) -> None:
    window = opened(windows)
    case = window.reading.case
    assert case is not None
    case.hang_stage(1)
    case.activate(2)
    tiles = list(case.tiles)
    raise_in_a_slot("Muster^Anna ID-7")
    assert window.facts()["page"] == "crash"
    assert "LookupError" in window.status.message.text()
    until(lambda: "LookupError" in window.crash.said.text())
    assert "stored" in window.crash.safe.text()
    QTest.keyClick(window.crash.go_on, Qt.Key.Key_Return)
    assert window.facts()["page"] == "reading"
    assert window.reading.case is case
    assert (case.stage, case.active, case.tiles) == (1, 2, tiles)
    assert window.crash.faults == []


@pytest.mark.expects_log("unexpected: LookupError")
def test_a_mistake_while_tiles_are_painted_leaves_nothing_open_on_them(
    windows: app.Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt says so where a painter is left open (each test fails by Qt's words), and ends with the next resize."""
    window = opened(windows)
    assert mistaken_once(monkeypatch, Pen, "paint", bool) == []
    window.reading.grid.update()
    until(lambda: window.page == "crash")
    window.crash.go_on.click()
    for width in (700, 900):
        window.resize(width, 600)
        at_rest(windows)
        QApplication.processEvents()
    assert window.page == "reading"
    assert window.grab().toImage().size().width() == round(900 * window.devicePixelRatioF())


@pytest.mark.expects_log("unexpected: LookupError")
@pytest.mark.parametrize("name", ["press", "move"])
def test_a_mistake_with_the_button_down_ends_the_press(
    name: str, windows: app.Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page comes after the event, and the button that is let go on it is not held any more on the tiles."""
    window = opened(windows)
    pages = []
    told = mistaken_once(monkeypatch, Hand, name, lambda: window.page)
    say = windows.unexpected
    monkeypatch.setattr(sys, "excepthook", lambda *error: (say(*error), pages.append(window.page)))
    held(window, QEvent.Type.MouseButtonPress, 90)
    held(window, QEvent.Type.MouseMove, 120)
    until(lambda: window.page == "crash")
    assert (told, pages) == (["reading"], ["reading"])
    assert not hasattr(sys, "last_traceback") or sys.last_traceback is None
    window.crash.go_on.click()
    assert window.reading.grid.hand.pressed_on is None
    held(window, QEvent.Type.MouseButtonPress, 90)
    assert window.reading.grid.hand.pressed_on is window.reading.grid.tiles[0]
    held(window, QEvent.Type.MouseButtonRelease, 90, Qt.MouseButton.NoButton)


@pytest.mark.expects_log("unexpected: LookupError")
def test_the_report_says_where_and_names_no_patient(windows: app.Windows) -> None:
    window = opened(windows)
    raise_in_a_slot("Muster^Anna ID-7")
    window.crash.copy.click()
    report = QGuiApplication.clipboard().text()
    assert (
        "LookupError" in report and "test_crash_page.py" in report and "in raise_in_a_slot.<locals>.mistaken" in report
    )
    patient = window.reading.case.first.patient  # type: ignore[union-attr]
    for word in (*NAMES, patient.PatientID, *patient.PatientName.split("^"), str(Path.home())):
        assert word not in report
    assert "clipboard" in window.status.message.text()
    window.crash.go_on.click()


@pytest.mark.expects_log("unexpected: LookupError")
def test_a_storm_of_mistakes_is_counted_not_stacked(windows: app.Windows) -> None:
    window = opened(windows)
    raise_in_a_slot("again", times=30)
    assert [each.count for each in window.crash.faults] == [30]
    until(lambda: "30 times" in window.crash.said.text())
    assert "LookupError, 30 times" in window.crash.text()
    window.crash.go_on.click()
    assert window.facts()["page"] == "reading"


def test_mistakes_a_second_apart_stand_apart_and_others_within_it_do_not(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(crash_page.time, "monotonic", lambda: now[0])
    page = CrashPage("the log")
    for at, error in ((100.0, KeyError("a")), (100.5, ValueError("b")), (102.0, ValueError("c")), (104.0, KeyError())):
        now[0] = at
        page.add(error)
    assert [(each.kind, each.count) for each in page.faults] == [("KeyError", 3), ("ValueError", 1)]


@pytest.mark.expects_log("unexpected: LookupError")
def test_restart_makes_the_window_anew_with_the_same_study(windows: app.Windows) -> None:
    before = opened(windows)
    raise_in_a_slot("x")
    before.crash.restart.click()
    after = windows.window
    assert after is not None and after is not before
    until(lambda: after.reading.case is not None)
    at_rest(windows)
    assert after.isVisible() and not before.isVisible()
    assert after.facts()["study_instance_uid"] == ADA.study_instance_uid
    assert before.reading.case is None


@pytest.mark.expects_log("unexpected: LookupError")
def test_restart_goes_on_before_an_audience_and_names_nobody(windows: app.Windows) -> None:
    before = opened(windows)
    before.run("audience-view")
    raise_in_a_slot("x")
    before.crash.restart.click()
    after = windows.window
    assert after is not None and after.page == "reading", "the list, which names patients, is not shown meanwhile"
    until(lambda: after.reading.case is not None)
    at_rest(windows)
    facts = after.facts()
    assert facts["audience"] and facts["message"] == BEGUN
    assert ADA.patient_id not in str([tile["text"] for tile in facts["tiles"]])


def test_restart_of_the_list_says_that_the_audience_view_has_ended(windows: app.Windows) -> None:
    opened(windows).run("audience-view")
    windows.restart("")
    at_rest(windows)
    assert windows.window is not None
    assert windows.window.facts()["page"] == "list" and not windows.window.facts()["audience"]
    assert windows.window.facts()["message"] == "The audience view has ended: names are written again."


@pytest.mark.expects_log("unexpected: LookupError|a value Muster")
def test_the_log_has_the_trace_and_no_patient(tmp_path: Path) -> None:
    home = Home(tmp_path)
    stop = log_file.start(home)
    try:
        try:
            {}["Muster^Anna"]
        except KeyError as error:
            raise LookupError("ID-7") from error
    except LookupError as error:
        logging.getLogger("workstation.app").critical("unexpected: LookupError", exc_info=error)
    logging.getLogger("elsewhere").warning("a value %s", "Muster^Anna")
    stop()
    said = log_file.log_path(home).read_text(encoding="utf-8")
    assert "CRITICAL workstation.app: unexpected: LookupError" in said
    assert said.index("builtins.KeyError at") < said.index("builtins.LookupError at")
    assert "test_crash_page.py" in said and "in test_the_log_has_the_trace_and_no_patient" in said
    assert "WARNING elsewhere: spoke at test_crash_page:" in said
    assert not any(name in said for name in NAMES)
    assert log_file.log_path(home).parent.stat().st_mode & 0o077 == 0


def test_a_recursion_is_told_by_its_ends() -> None:
    def deeper(depth: int) -> None:
        if depth:
            deeper(depth - 1)
        raise ValueError

    with pytest.raises(ValueError) as caught:
        deeper(100)
    lines = log_file.traced(caught.value)
    assert len(lines) == log_file.MOST_FRAMES + 2 and any("62 more" in line for line in lines)
