"""From one study to the next without the list: the window is opened on a small cache and walked through."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from workstation import jobs
from workstation.cache.entries import ReadingStatus
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.paths import Home
from workstation.phantom.coded import STUDY, coded_ct
from workstation.phantom.dicom import write_series
from workstation.ui.window import MainWindow
from workstation.ui.worklist_walk import WALK_COMMANDS

STUDIES = [replace(STUDY, study_id=f"W{day}", study_date=f"2024010{day}") for day in (3, 2, 1)]
UIDS = [study.study_instance_uid for study in STUDIES]


@pytest.fixture
def window(home: Path, tmp_path: Path, qapp: QApplication) -> Iterator[MainWindow]:
    for study in STUDIES:
        write_series(replace(coded_ct(3, 128), study=study), tmp_path / study.study_id)
    place = Home(home).create()
    import_paths(place, [tmp_path / study.study_id for study in STUDIES])
    made = MainWindow(place)
    yield at_rest(made)
    made.close()
    at_rest(made)
    jobs.shutdown()
    jobs.drain()


def at_rest(window: MainWindow) -> MainWindow:
    while jobs.active() or any(tile.busy for tile in window.reading.grid.tiles) or jobs.drain():
        jobs.drain(0.02)
        QApplication.processEvents()
    return window


def present(window: MainWindow) -> str:
    at_rest(window)
    assert window.reading.case is not None and window.reading.case.first is not None
    return window.reading.case.first.StudyInstanceUID


def test_a_list_is_walked_down_and_up(window: MainWindow) -> None:
    assert WALK_COMMANDS["next-study"].why_not(window) == "No study is open."
    window.list.open_selected()
    assert present(window) == UIDS[0]
    assert "first" in WALK_COMMANDS["previous-study"].why_not(window)
    for name, found in (("next-study", 1), ("next-study", 2), ("previous-study", 1)):
        assert WALK_COMMANDS[name].why_not(window) == ""
        WALK_COMMANDS[name].run(window)
        assert present(window) == UIDS[found]


def test_what_was_read_is_marked_and_passed(window: MainWindow, home: Path) -> None:
    window.list.open_selected()
    assert present(window) == UIDS[0]
    WALK_COMMANDS["read-and-next"].run(window)
    assert present(window) == UIDS[1]
    WALK_COMMANDS["read-and-next"].run(window)
    assert present(window) == UIDS[2]
    WALK_COMMANDS["read-and-next"].run(window)
    at_rest(window)
    assert "unread" in WALK_COMMANDS["next-unread-study"].why_not(window)
    with Index(Home(home)) as index:
        assert {reading.status for reading in index.reading().values()} == {"read"}


def test_back_from_the_last_parked_study_its_empty_tab_has_the_keyboard_and_no_pictures(window: MainWindow) -> None:
    window.show()
    window.activateWindow()
    window.show_list()
    at_rest(window)
    uid = window.list.selected()
    assert uid is not None
    window.open_study(uid)
    at_rest(window)
    window.park()
    at_rest(window)
    window.list.run("tab-4")
    at_rest(window)
    assert window.list.selected() == uid
    wait_for_series(window)
    window.open_study(uid)
    at_rest(window)
    window.list.store.set_status(uid, ReadingStatus.READ)
    at_rest(window)
    window.reading.leave()
    at_rest(window)
    assert window.facts()["list"]["empty"] == "No study is in the tab “Parked” now. Ctrl+1 shows all."
    assert window.list.preview.series.count() == 0
    focused = window.focusWidget()
    assert focused is not None and focused.isVisible() and window.list.isAncestorOf(focused)
    window.list.run("tab-1")
    assert window.focusWidget() is window.list.table


def wait_for_series(window: MainWindow) -> None:
    while window.list.preview.series.count() == 0:
        QApplication.processEvents()
        jobs.drain(0.02)
