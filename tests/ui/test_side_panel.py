"""The panel says why things hang, what to know of the active tile and what is not shown; it waits for nothing."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.test_banner import CURRENT
from tests.ui.test_banner import case as made_case
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case.state import Tile
from workstation.errors import Reason
from workstation.imaging.ledger import Entry, Ledger
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.trunk import ADA, trunk_ct
from workstation.ui.explained import explained
from workstation.ui.strip import NARROWEST_PX
from workstation.ui.window import MainWindow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("panel")
    write_series(trunk_ct(size="tiny")[0], folder / "trunk")
    made = Home(folder / "home").create()
    import_paths(made, [folder / "trunk"])
    return made


@pytest.fixture
def window(home: Home, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(home)
    made.show()
    made.open_study(ADA.study_instance_uid)
    until(lambda: made.reading.case is not None)
    at_rest(made)
    yield made
    at_rest(made)
    made.close()
    jobs.shutdown()
    jobs.drain()


def until(seen: Callable[[], object]) -> None:
    while not seen():
        jobs.drain(0.02)
        QApplication.processEvents()


def at_rest(window: MainWindow) -> None:
    until(lambda: not jobs.active() and not any(tile.busy for tile in window.reading.grid.tiles) and not jobs.drain())


def test_it_is_closed_until_asked_for_and_says_all_sections(window: MainWindow) -> None:
    panel = window.reading.panel
    assert panel.isHidden() and window.facts()["panel"] is None
    window.run("explain")
    until(lambda: "Fidelity:" in panel.toPlainText())
    at_rest(window)
    said = panel.toPlainText()
    case = window.reading.case
    assert case is not None
    assert f"Protocol {case.plan.protocol} won with {case.plan.score:g} points." in said
    winner = next(each for each in case.plan.considered if each.protocol == case.plan.protocol)
    assert all(f"Met: {rule}." in said for rule in winner.passed)
    for tile in case.plan.stages[case.stage].tiles:
        assert tile.reason in said
    assert "Fidelity: interpolated" in said
    total = sum(len(each.images) for each in case.sets.values())
    assert f"All {total} objects of the study are shown." in said
    assert "No earlier study of this patient is in the cache." in said
    assert window.facts()["panel"] == said
    window.run("explain")
    assert panel.isHidden()


def test_the_keyboard_reaches_it_and_esc_gives_it_back_without_leaving_the_study(window: MainWindow) -> None:
    window.activateWindow()
    window.run("read-the-explanation")
    panel = window.reading.panel
    until(panel.hasFocus)
    case = window.reading.case
    assert case is not None
    before = list(case.tiles)
    QTest.keyClick(panel, Qt.Key.Key_PageDown)
    assert case.tiles == before, "keys of the text scroll the text, not the images"
    panel.selectAll()
    panel.moveCursor(QTextCursor.MoveOperation.Start, QTextCursor.MoveMode.KeepAnchor)
    assert panel.accessibleName() == "Explanation"
    window.run("back")
    assert not panel.hasFocus() and window.reading.case is case and not panel.isHidden()


def test_what_was_put_by_hand_and_what_is_left_out_are_said(qapp: QApplication) -> None:
    two = made_case({**CURRENT, "SeriesNumber": 1}, {**CURRENT, "SeriesDescription": "Lung", "SeriesNumber": 2})
    hung = explained(two, None, {}, None, "")
    assert "<h4>Tile 1</h4>" in hung and "by hand" not in hung
    assert "Every object is being accounted for …" in hung
    assert "Everything was on the screen." in hung
    two.put(0, Tile(two.tiles[1].display_set))
    refused = Entry("1.9", "Key Object Selection Document", 0, reason=Reason.NOT_AN_IMAGE)
    partly = Entry("1.8", "MR Image", 9, ("a",), images_lost=4)
    facts = {"notices": ["A sentence <of> a chip."], "fidelity": "lossy 10:1"}
    said = explained(two, None, facts, Ledger((refused, refused, partly)), "Not on the screen yet: x.")
    assert "2 Lung, stack. It was put here by hand." in said
    assert "A sentence &lt;of&gt; a chip." in said and "Fidelity: lossy 10:1." in said
    assert "2 × Key Object Selection Document: this object holds no image." in said
    assert "4 images of objects that are shown otherwise could not be shown." in said
    assert "Not on the screen yet: x." in said


@pytest.mark.parametrize("size", [(1600, 1200), (1280, 800), (3840, 2160), (2048, 2560)], ids=str)
def test_the_tiles_take_their_share_of_the_window_while_the_panel_is_closed(
    size: tuple[int, int], window: MainWindow
) -> None:
    window.resize(*size)
    at_rest(window)
    QApplication.processEvents()
    grid, whole = window.reading.grid, window.width() * window.height()
    assert (window.width(), window.height()) == size
    assert not window.reading.strip.isHidden() and window.reading.strip.width() >= NARROWEST_PX
    assert grid.width() * grid.height() >= 0.85 * whole
    item = window.reading.strip.item(0)
    total = len(next(iter(window.reading.case.sets.values())).images)  # type: ignore[union-attr]
    assert item.text().endswith((f"all {total}", f"all {total} here")), (
        "n of m stands there at any width (safety.md 10)"
    )
