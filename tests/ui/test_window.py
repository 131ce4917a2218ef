"""The main window's parts: what the help page promises is there, and the list takes what is dropped on it."""

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from workstation import jobs
from workstation.paths import Home
from workstation.phantom.coded import STUDY as CODED
from workstation.phantom.coded import coded_ct
from workstation.phantom.dicom import write_series
from workstation.ui.help_page import help_html
from workstation.ui.keys import Mouse, default_keys
from workstation.ui.window import MainWindow
from workstation.ui.window_commands import all_commands


@pytest.fixture
def window(tmp_path: Path, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(Home(tmp_path / "home").create(), tmp_path / "state.json")
    at_rest(made)
    yield made
    at_rest(made)
    made.close()
    jobs.shutdown()
    jobs.drain()


def at_rest(window: MainWindow) -> MainWindow:
    """The window once nothing it began is under way."""
    while jobs.active() or any(tile.busy for tile in window.reading.grid.tiles) or jobs.drain():
        jobs.drain(0.02)
        QApplication.processEvents()
    return window


def help_keys() -> set[str]:
    """The first columns of the help page, taken apart into single keys."""
    cells = re.findall(r'font-weight:600">([^<]+)</td>', help_html(default_keys(), Mouse()))
    return {key for cell in cells for key in re.split(r" or |, ", cell)}


def test_the_help_page_lists_exactly_the_keys_there_are(window: MainWindow) -> None:
    shortcuts = {
        each.key().toString(QKeySequence.SequenceFormat.PortableText) for each in window.findChildren(QShortcut)
    }
    listed = {"Return" if key == "Enter" else key for key in help_keys()}
    assert shortcuts - listed == set()
    gestures = {key for key in listed if re.search(r"[a-z ]{4}", key) and key not in ("Return", "Home", "Space")}
    assert listed - shortcuts - gestures <= {"1 to 9", "Up", "Down", "Return", "Tab", "Backspace", "–"}
    assert {key for command in all_commands().values() for key in command.keys} <= listed


def test_each_button_says_what_it_does(window: MainWindow) -> None:
    assert [button.text() for button in window.findChildren(QPushButton) if not button.toolTip()] == []


def drop(window: MainWindow, paths: list[Path]) -> QDropEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.list.dropEvent(event)
    return event


def test_a_dropped_folder_and_a_zip_are_imported_and_what_is_refused_is_listed(
    window: MainWindow, tmp_path: Path
) -> None:
    assert "Drop DICOM files" in window.list.facts()["empty"]
    files = write_series(coded_ct(4, 128), tmp_path / "folder")
    (tmp_path / "folder" / "readme.txt").write_text("no image")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.write(files[0], "one.dcm")
    assert drop(window, [tmp_path / "folder", tmp_path / "more.zip"]).isAccepted()
    at_rest(window)
    assert window.list.facts()["studies"] == [CODED.study_instance_uid]
    assert "4 stored, 1 already there, 1 refused" in window.status.message.text()
    assert "readme.txt" in window.list.report.toPlainText()
    window.status.look()  # as its clock does a moment later
    assert window.status.row.isHidden()


@pytest.mark.parametrize(
    ("button", "dialog"), [("Import folder …", "getExistingDirectory"), ("Import files …", "getOpenFileNames")]
)
def test_the_import_buttons_import(
    button: str, dialog: str, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write_series(coded_ct(3, 128), tmp_path / "folder")
    chosen: Any = str(tmp_path / "folder") if dialog == "getExistingDirectory" else ([str(file) for file in files], "")
    monkeypatch.setattr(QFileDialog, dialog, lambda *arguments: chosen)
    next(each for each in window.findChildren(QPushButton) if each.text() == button).click()
    at_rest(window)
    assert "3 stored" in window.status.message.text()


def test_the_state_file_says_what_is_on_screen(window: MainWindow, tmp_path: Path) -> None:
    write_series(coded_ct(4, 128), tmp_path / "folder")
    drop(window, [tmp_path / "folder"])
    at_rest(window).open_study(CODED.study_instance_uid)
    wait_for(window, lambda: bool(window.reading.grid.tiles))
    wait_for(window, lambda: state(tmp_path).get("tiles", [{}])[0].get("images") == 4)
    said = state(tmp_path)
    assert said["tiles"][0]["study_instance_uid"] == CODED.study_instance_uid
    assert said["tiles"][0]["text"]["top_left"][:2] == ["Bench, Coded", "BENCH-1"]
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0


def state(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    return found


def wait_for(window: MainWindow, seen: Callable[[], bool]) -> None:
    while not seen():
        at_rest(window)
        QApplication.processEvents()  # timers run here alone


def test_thumbnails_come_without_words_and_count_the_images(window: MainWindow, tmp_path: Path) -> None:
    write_series(coded_ct(4, 128), tmp_path / "folder")
    drop(window, [tmp_path / "folder"])
    at_rest(window).open_study(CODED.study_instance_uid)
    wait_for(window, lambda: window.reading.strip.count() == 1)
    at_rest(window)
    item = window.reading.strip.item(0)
    assert item.text().endswith("CT  all 4 here")
    picture = item.icon().pixmap(64, 64).toImage()
    greys = {picture.pixelColor(x, y).red() for x in range(64) for y in range(64)}
    assert {0, 255} <= greys
    assert all(picture.pixelColor(x, y).red() == picture.pixelColor(x, y).blue() for x in range(64) for y in range(64))


def test_a_refusal_goes_with_the_next_command_and_no_other_message_does(window: MainWindow) -> None:
    window.run("stop-what-is-under-way")
    assert window.facts()["message"] == "Nothing is under way that can be stopped."
    window.run("search-studies")
    assert window.facts()["message"] == ""
    window.run("invert")
    assert window.facts()["message"] == "This works while a study is open."
    window.say("All of it is here.")
    window.run("search-studies")
    assert window.facts()["message"] == "All of it is here.", "what was said since stays"
