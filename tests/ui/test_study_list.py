"""The worklist page: what it shows, finds, keeps and writes; by keyboard and by the methods the window calls."""

import getpass
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QMenu

from tests.worklist.rows import row
from workstation import jobs
from workstation.cache.entries import ReadingStatus
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.case.command import Where
from workstation.paths import Home
from workstation.phantom.coded import STUDY, coded_ct
from workstation.phantom.dicom import write_series
from workstation.ui.study_list import StudyListPage
from workstation.ui.thumbnail_icons import MADE_PX
from workstation.ui.worklist_cells import MARGIN_PX, WorklistCells
from workstation.ui.worklist_columns import BY_KEY, COLUMNS, objects_in_words
from workstation.ui.worklist_commands import ROW_MENU, WORKLIST_COMMANDS
from workstation.ui.worklist_menu import row_menu
from workstation.ui.worklist_model import Unsent, WorklistModel, listed
from workstation.ui.worklist_store import WorklistStore
from workstation.ui.worklist_table import LEAST_PX
from workstation.ui.worklist_walk import neighbour, next_unread
from workstation.worklist.filters import Filter, Sort
from workstation.worklist.kept import Kept

TODAY = f"{date.today():%Y%m%d}"
LAST_WEEK = f"{date.today() - timedelta(6):%Y%m%d}"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, list[str]]:
    """Three studies: two of one patient, of today and of last week, and an old one of another."""
    folder = tmp_path_factory.mktemp("worklist")
    uids = []
    for number, changes in enumerate(
        (
            {"study_date": TODAY, "study_description": "Thorax now"},
            {"study_date": LAST_WEEK, "study_description": "Thorax before"},
            {"study_date": "20200102", "patient_id": "OTHER", "patient_name": "Zürn^Ada", "study_description": "Hand"},
        )
    ):
        study = replace(STUDY, study_id=f"S{number}", accession_number=f"A{number}", **changes)
        write_series(replace(coded_ct(3, 128), study=study), folder / str(number))
        uids.append(study.study_instance_uid)
    home = Home(folder / "home").create()
    import_paths(home, [folder / str(number) for number in range(3)])
    return home, uids


@pytest.fixture
def uids(imported: tuple[Home, list[str]]) -> list[str]:
    return imported[1]


@pytest.fixture
def page(imported: tuple[Home, list[str]], qapp: QApplication) -> Iterator[StudyListPage]:
    home, uids = imported
    (home.root / "worklist.json").unlink(missing_ok=True)
    made = shown(home)
    for uid in uids:
        if made.model.item(uid).reading.status is not ReadingStatus.UNREAD:  # type: ignore[union-attr]
            made.store.set_status(uid, ReadingStatus.UNREAD)
        made.store.claim(uid, "")
    yield at_rest(made)
    end(made)


def shown(home: Home) -> StudyListPage:
    made = StudyListPage(home)
    made.resize(1400, 800)
    made.show()
    made.refresh()
    return at_rest(made)


def at_rest(page: StudyListPage) -> StudyListPage:
    """The page once nothing it began is under way."""
    while jobs.active() or jobs.drain():
        jobs.drain(0.01)
        QApplication.processEvents()
    return page


def end(page: StudyListPage) -> None:
    page.close()
    at_rest(page)
    jobs.shutdown()


def test_rows_stand_with_the_newest_first_and_know_their_priors(page: StudyListPage, uids: list[str]) -> None:
    assert page.facts()["studies"] == uids
    column = [each.key for each in COLUMNS].index("priors")
    assert [page.model.text(row, column) for row in range(3)] == ["1", "", ""]


def test_typing_on_the_table_searches_and_escape_clears(page: StudyListPage, uids: list[str]) -> None:
    page.table.setFocus()
    page.table.keyboardSearch("z")
    assert page.facts()["searching"] and page.facts()["search"] == "z"
    page.search.insert("urn")
    assert (page.facts()["studies"], page.facts()["selected"]) == ([uids[2]], uids[2])
    page.search.insert("qq")
    assert "No study matches" in page.facts()["empty"] and page.table.isHidden()
    page.leave()
    assert page.facts()["studies"] == uids and page.table.isVisible()


def test_the_tabs_show_what_they_say_and_count_it(page: StudyListPage, uids: list[str]) -> None:
    page.store.set_status(uids[1], ReadingStatus.PARKED)
    at_rest(page)
    tabs = {tab["key"]: tab["count"] for tab in page.facts()["tabs"]}
    assert tabs == {"all": 3, "today": 1, "unread": 2, "parked": 1}
    page.run("tab-4")
    assert (page.facts()["tab"], page.facts()["studies"]) == ("parked", [uids[1]])
    page.run("next-tab")
    assert page.facts()["tab"] == "all"
    page.run("previous-tab")
    page.run("previous-tab")
    assert page.facts()["studies"] == [uids[0], uids[2]]


def test_a_tab_is_kept_renamed_moved_and_removed(
    page: StudyListPage, imported: tuple[Home, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, uids = imported
    page.search.setText("thorax")
    page.line.choose("CT", True)
    page.line.date.setCurrentIndex(page.line.date.findData(7))
    page.run("keep-filter")
    facts = page.facts()
    assert (facts["tabs"][4]["name"], facts["tab"], facts["search"]) == ("CT, 7 days, thorax", "tab-1", "")
    assert facts["studies"] == uids[:2]
    monkeypatch.setattr(QInputDialog, "getText", lambda *a, **k: ("Chests", True))
    page.tabs.rename(4)
    page.tabs.move_tab(4, -1)
    page.sort_by("patient")
    page.sort_by("patient")
    end(page)
    again = shown(home)
    assert [tab["name"] for tab in again.facts()["tabs"]] == ["All", "Today", "Unread", "Chests", "Parked"]
    assert (again.facts()["tab"], again.facts()["sort"]) == ("tab-1", {"column": "patient", "descending": True})
    again.tabs.remove(3)
    again.tabs.remove(0)
    assert [tab["key"] for tab in again.facts()["tabs"]] == ["all", "today", "unread", "parked"]
    assert (again.facts()["tab"], again.facts()["studies"]) == ("all", uids)
    end(again)


def test_nothing_to_keep_is_said(page: StudyListPage) -> None:
    said: list[str] = []
    page.said.connect(said.append)
    page.keep_filter()
    assert "nothing to keep" in said[0] and len(page.facts()["tabs"]) == 4


def test_a_click_on_the_header_sorts_and_again_turns_it_round(page: StudyListPage, uids: list[str]) -> None:
    head = page.table.horizontalHeader()
    section = [each.key for each in COLUMNS].index("patient")
    for found in ([*uids[:2], uids[2]], [uids[2], *uids[:2]]):  # equal names keep the newest first
        at = QPoint(head.sectionViewportPosition(section) + 20, head.height() // 2)
        QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert page.facts()["studies"] == found
    assert page.facts()["sort"] == {"column": "patient", "descending": True}


def test_columns_are_hidden_moved_and_remembered(page: StudyListPage, imported: tuple[Home, list[str]]) -> None:
    page.table.show_column("urgency", False)
    page.table.show_column("referrer", True)
    head = page.table.horizontalHeader()
    head.moveSection(head.visualIndex(2), 0)
    columns = page.facts()["columns"]
    assert columns[:2] == ["patient", "status"] and "urgency" not in columns and "referrer" in columns
    end(page)
    again = shown(imported[0])
    assert again.facts()["columns"] == columns
    end(again)


def test_a_column_drawn_wider_stays_so(page: StudyListPage, imported: tuple[Home, list[str]]) -> None:
    head = page.table.horizontalHeader()
    section = [each.key for each in COLUMNS].index("patient")
    before, middle = head.sectionSize(section), head.height() // 2
    edge = QPoint(head.sectionViewportPosition(section) + before - 1, middle)
    QTest.mouseMove(head.viewport(), edge)
    QTest.mousePress(head.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(head.viewport(), edge + QPoint(15, 0))
    QTest.mouseMove(head.viewport(), edge + QPoint(30, 0))
    QTest.mouseRelease(head.viewport(), Qt.MouseButton.LeftButton, pos=edge + QPoint(30, 0))
    assert head.sectionSize(section) == before + 30
    end(page)
    again = shown(imported[0])
    assert again.table.columnWidth(section) == before + 30
    end(again)


def test_where_there_is_room_more_columns_come_by_themselves(page: StudyListPage) -> None:
    page.resize(1160, 760)
    QApplication.processEvents()
    narrow = page.facts()["columns"]
    assert page.table.horizontalScrollBar().maximum() == 0
    page.resize(2000, 1200)
    QApplication.processEvents()
    assert set(page.facts()["columns"]) - set(narrow) == {"claimed", "accession", "part", "series", "referrer"}
    assert page.table.horizontalScrollBar().maximum() == 0


def test_without_room_columns_that_say_nothing_give_way_and_the_rest_scrolls(page: StudyListPage) -> None:
    wide = QFont(page.table.font())
    wide.setPointSize(16)
    page.table.setFont(wide)
    page.resize(1024, 700)
    QApplication.processEvents()
    assert page.facts()["columns"] == [
        "status", "patient", "age", "id", "procedure", "modality", "date", "waiting", "images", "priors"
    ]  # fmt: skip
    keys = [each.key for each in COLUMNS]
    longest = QFontMetrics(wide).horizontalAdvance(page.model.longest_id)
    assert longest > 0 and page.table.columnWidth(keys.index("id")) >= longest + 2 * MARGIN_PX
    assert page.table.columnWidth(keys.index("procedure")) >= LEAST_PX
    assert page.table.horizontalScrollBar().maximum() > 0


def test_a_column_comes_when_there_is_something_to_say(tmp_path: Path, qapp: QApplication) -> None:
    made = StudyListPage(Home(tmp_path / "home").create())
    made.resize(880, 700)
    made.show()
    for values, shown in (({"description": ""}, set()), ({"priority": "STAT"}, {"procedure", "urgency"})):
        made.store.found.emit(listed([row(1, **values)], {}))
        QApplication.processEvents()
        assert {"procedure", "urgency"} & set(made.facts()["columns"]) == shown
        assert {"patient", "id", "age"} <= set(made.facts()["columns"])
    end(made)


def test_what_is_cut_is_whole_in_the_tooltip(tmp_path: Path, qapp: QApplication) -> None:
    model = WorklistModel()
    long_id = "d14a7c0e-3b52-4bd1-a5ee-53c1f0ffbb02"
    model.set_listed(listed([row(1, patient_id=long_id, description="Thorax")], {}))
    model.set_view(Filter(), Sort())
    cells, font = WorklistCells(model), QFont()
    keys = [each.key for each in COLUMNS]
    series = "CT  axial 1.0  20 objects"
    for key, width, said in (
        ("id", 150, f"{long_id}\n{series}"),
        ("id", 900, series),
        ("procedure", 40, f"Thorax\n{series}"),
        ("procedure", 150, series),
    ):
        assert cells.tip(model.index(0, keys.index(key)), QRect(0, 0, width, 20), font) == said
    laid_out, _ = cells._lay_out(long_id, 130, False, True, font)
    assert laid_out.text().startswith("d14a") and "…" in laid_out.text() and laid_out.text().endswith("02")


def test_an_indication_comes_where_there_is_one_and_room_and_is_searched(page: StudyListPage) -> None:
    page.resize(1280, 760)
    rows = [row(1), row(2, priority="STAT", indication="Acute abdominal pain", study_date="20230101")]
    page.store.found.emit(listed(rows, {}))
    QApplication.processEvents()
    assert [item.uid for item in page.model.shown] == ["1.2", "1.1"]  # stat on top, though it is older
    assert "indication" in page.facts()["columns"] and page.table.horizontalScrollBar().maximum() == 0
    place = [each.key for each in COLUMNS].index("indication")
    assert page.model.text(0, place) == "Acute abdominal pain"
    assert page.table.columnWidth(place) >= BY_KEY["indication"].width_px
    page.resize(900, 760)
    QApplication.processEvents()
    assert "indication" not in page.facts()["columns"]
    page.store.found.emit(listed(rows[:1], {}))
    page.resize(2000, 760)
    QApplication.processEvents()
    assert "indication" not in page.facts()["columns"]


def test_marks_and_claims_are_written_and_shown(page: StudyListPage, imported: tuple[Home, list[str]]) -> None:
    home, uids = imported
    page.select(uids[0])
    page.who = "ada"
    for name in ("mark-read", "claim-the-study"):
        page.run(name)
        at_rest(page)
    assert page.facts()["status"][uids[0]] == "read" and page.facts()["claimed"] == {uids[0]: "ada"}
    with Index(home) as index:
        assert index.reading()[uids[0]].claimed_by == "ada"
    page.who = "grace"
    said: list[str] = []
    page.said.connect(said.append)
    page.run("claim-the-study")
    at_rest(page)
    assert "claimed by ada" in said[0]
    for name in ("mark-read", "unclaim-the-study"):
        page.run(name)
        at_rest(page)
    assert page.facts()["status"][uids[0]] == "unread" and page.facts()["claimed"] == {}


def test_the_next_unread_is_found_from_a_study_that_left_the_tab(page: StudyListPage, uids: list[str]) -> None:
    opened: list[str] = []
    page.opened.connect(opened.append)
    page.run("tab-3")
    page.select(uids[0])
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert opened == [uids[0]]
    page.store.set_status(uids[0], ReadingStatus.OPENED)
    at_rest(page)
    assert page.facts()["studies"] == uids[1:]
    assert next_unread(page, uids[0]) == uids[1]
    assert (neighbour(page, uids[0], 2), neighbour(page, uids[0], -1)) == (uids[2], None)
    page.store.set_status(uids[1], ReadingStatus.READ)
    at_rest(page)
    assert next_unread(page, uids[0]) == uids[2]
    assert next_unread(page, uids[2]) is None


def test_the_menu_says_keys_and_why_not(page: StudyListPage, uids: list[str]) -> None:
    page.select(uids[2])
    menu = row_menu(page)
    actions = {action.text().split("\t")[0]: action for action in menu.actions() if action.text()}
    titles = [WORKLIST_COMMANDS[name].title for group in ROW_MENU for name in group]
    assert titles == list(actions)[: len(titles)]
    assert not actions["Open with priors"].isEnabled()
    assert "No other study" in actions["Open with priors"].toolTip()
    assert not actions["Remove from the cache"].isEnabled() and actions["Remove from the cache"].toolTip()
    assert actions["Mark read or unread"].text().endswith("\tCtrl+M")
    assert isinstance(actions["Columns"].menu(), QMenu) and isinstance(actions["Tab"].menu(), QMenu)
    page.select(uids[0])
    with_priors: list[str] = []
    page.opened_with_priors.connect(with_priors.append)
    page.run("open-with-priors")
    assert with_priors == [uids[0]]


def test_the_menu_key_is_about_the_chosen_row_and_a_right_click_about_the_one_under_it(
    page: StudyListPage, uids: list[str]
) -> None:
    asked: list[str | None] = []
    page.table.menu_wanted.disconnect()  # a menu that opens would wait for a hand
    page.table.menu_wanted.connect(lambda at: asked.append(page.selected()))
    third = page.table.visualRect(page.model.index(2, 2)).center()
    page.select(uids[0])
    for reason in (QContextMenuEvent.Reason.Keyboard, QContextMenuEvent.Reason.Mouse):
        place = page.table.viewport().mapToGlobal(third)
        QApplication.sendEvent(page.table.viewport(), QContextMenuEvent(reason, third, place))
    assert asked == [uids[0], uids[2]]


def test_copying_goes_to_the_clipboard(page: StudyListPage, uids: list[str]) -> None:
    page.select(uids[2])
    page.run("copy-patient-id")
    assert QGuiApplication.clipboard().text() == "OTHER"
    page.run("copy-study-uid")
    assert QGuiApplication.clipboard().text() == uids[2]
    QGuiApplication.clipboard().clear()


def test_what_is_not_shown_is_told_in_the_report(page: StudyListPage, uids: list[str]) -> None:
    page.select(uids[2])
    page.run("what-is-not-shown")
    at_rest(page)
    assert page.facts()["report"] == "Zürn, Ada: all 3 objects are shown (Esc closes this)."
    page.leave()
    assert page.facts()["report"] == ""


def wait_for_pictures(page: StudyListPage, count: int) -> None:
    while page.facts()["preview"]["pictures"] < count:
        at_rest(page)
        QTest.qWait(10)


def test_the_preview_shows_series_and_priors(page: StudyListPage, imported: tuple[Home, list[str]]) -> None:
    home, uids = imported
    page.select(uids[1])
    wait_for_pictures(page, 1)
    preview = page.facts()["preview"]
    assert (preview["study"], preview["priors"]) == (uids[1], [uids[0]])
    assert preview["series"][0].endswith("CT  3 images") and "3 objects" in preview["note"]
    assert len(list(home.thumbnails.glob("*/*"))) >= 1
    page.select(uids[2])
    assert page.facts()["preview"]["series"] == [] and page.facts()["preview"]["priors"] == []
    page.run("toggle-preview")
    assert not page.facts()["preview"]["shown"]


@pytest.mark.parametrize("points", [10, 16])
def test_the_words_under_the_pictures_are_not_cut_off(page: StudyListPage, uids: list[str], points: int) -> None:
    page.preview.setStyleSheet(f"* {{ font-size: {points}pt; }}")
    page.select(uids[1])
    wait_for_pictures(page, 1)
    series = page.preview.series
    assert series.visualItemRect(series.item(0)).bottom() < series.viewport().height()
    assert series.gridSize().height() >= MADE_PX + 2 * series.fontMetrics().lineSpacing()


def test_where_there_is_no_room_the_preview_still_says_who_and_what_was_not_sent(page: StudyListPage) -> None:
    told = "3 objects made here (findings) not sent to theatre: nothing listens on port 104; attempt 1 failed."
    page.select(page.model.shown[0].uid)
    page.say_unsent({page.model.shown[0].uid: Unsent("findings", told)})
    note = page.preview.note
    assert told in note.text() and page.model.shown[0].row.description in note.text()
    note.setFixedWidth(500)
    QApplication.processEvents()
    who = page.model.shown[0].row.patient_id
    assert note.drawn.startswith(f"{who}  ·  3 objects made here (findings) not sent") and note.drawn.endswith("…")
    assert told in note.toolTip()


def test_the_preview_waits_for_nothing_that_is_for_later(page: StudyListPage, uids: list[str]) -> None:
    go_on = threading.Event()
    later = jobs.submit(go_on.wait, 30, lane=jobs.Lane.LATER)
    page.select(uids[1])
    while page.facts()["preview"]["pictures"] < 1:
        jobs.drain(0.01)
        QTest.qWait(10)
    assert not later.done()
    go_on.set()
    later.result()


def test_series_that_begin_alike_are_told_apart(page: StudyListPage) -> None:
    assert page.preview.series.textElideMode() is Qt.TextElideMode.ElideMiddle


def test_one_object_is_not_one_objects() -> None:
    said = [objects_in_words(row(images=images, quarantined=aside)) for images, aside in ((1, 0), (2, 0), (1, 1))]
    assert said == ["1 object", "2 objects", "1 of 2 objects"]


def test_an_empty_home_says_what_to_do_and_before_that_that_it_reads(tmp_path: Path, qapp: QApplication) -> None:
    made = StudyListPage(Home(tmp_path / "home").create())
    assert made.facts()["empty"].startswith("Reading")
    made.refresh()
    at_rest(made)
    assert "Drop DICOM files" in made.facts()["empty"]
    end(made)


def test_a_system_that_knows_no_user_costs_only_the_name(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", unknown)
    made = StudyListPage(Home(tmp_path / "home").create())
    assert made.who == "this workstation"
    end(made)


def test_an_empty_tab_says_so_and_the_keyboard_comes_back(page: StudyListPage) -> None:
    page.table.setFocus()
    page.run("tab-4")
    assert "No study is in the tab “Parked”" in page.facts()["empty"]
    assert page.tabs.hasFocus()
    page.run("tab-1")
    assert page.table.hasFocus()


def test_a_keystroke_over_five_thousand_studies_takes_less_than_a_frame(tmp_path: Path, qapp: QApplication) -> None:
    made = StudyListPage(Home(tmp_path / "home").create())
    made.store.found.emit(listed([row(number, patient_name=f"Müller{number % 97}^Änne") for number in range(5000)], {}))
    took = []
    for text in ("m", "mu", "mul", "mull", "muller9", "muller96", "muller96 thorax", "modality:ct name:muller96"):
        started = time.process_time()
        made.search.setText(text)
        took.append(time.process_time() - started)
    found = made.facts()["studies"]
    end(made)
    assert found == [f"1.{number}" for number in range(5000) if number % 97 == 96]
    assert sorted(took)[len(took) // 2] < 0.016, took


def test_what_ends_late_does_not_hide_what_came_after(page: StudyListPage, uids: list[str]) -> None:
    for status in (ReadingStatus.READ, ReadingStatus.PARKED, ReadingStatus.UNREAD, ReadingStatus.READ):
        page.store.set_status(uids[0], status)
        page.refresh()
        at_rest(page)
        assert page.facts()["status"][uids[0]] == str(status)


def test_a_mark_that_was_begun_before_the_list_was_read_takes_no_study_from_it(
    imported: tuple[Home, list[str]], qapp: QApplication
) -> None:
    """A study that is opened as it arrives is marked as opened while the list is read for the first time with it."""
    home, uids = imported
    store, found = WorklistStore(home, Kept), list[int]()
    store.found.connect(lambda listed: found.append(len(listed.items)))
    store.refresh()
    jobs.shutdown()  # it was read, and nobody has been told yet
    store.set_status(uids[0], ReadingStatus.UNREAD)
    jobs.shutdown()
    jobs.drain()
    jobs.shutdown()
    jobs.drain()
    assert found[-1] == len(uids)


def test_facts_are_plain_json_and_commands_are_described(page: StudyListPage) -> None:
    assert json.loads(json.dumps(page.facts())) == page.facts()
    for command in WORKLIST_COMMANDS.values():
        assert command.where is Where.LIST and command.help.endswith(".") and command.title
    keys = [key for command in WORKLIST_COMMANDS.values() for key in command.keys]
    assert len(keys) == len(set(keys))


def test_controls_have_names_and_headers_tooltips(page: StudyListPage) -> None:
    for each in (page.search, page.table, page.tabs, page.line.modality, page.line.date, page.preview.series):
        assert each.accessibleName()
    for section in range(page.model.columnCount()):
        tip = page.model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        assert len(tip) > 20


def test_stat_from_the_rows_menu_stands_on_top_and_stays(page: StudyListPage, uids: list[str]) -> None:
    oldest = uids[2]
    assert page.facts()["studies"][-1] == oldest
    page.select(oldest)
    menu = row_menu(page)
    next(action for action in menu.actions() if action.text().startswith("Urgency: stat")).trigger()
    at_rest(page)
    assert (page.facts()["studies"][0], page.facts()["urgency"]) == (oldest, {oldest: "STAT"})
    place = page.model.place(oldest)
    assert place is not None
    tip = page.model.index(place, [each.key for each in COLUMNS].index("urgency")).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "Given here by hand; the study says nothing."
    page.store.stop()
    at_rest(page)
    again = shown(page._home)
    assert at_rest(again).facts()["urgency"] == {oldest: "STAT"}
    end(again)
    page.select(oldest)
    page.run("urgency-as-it-came")
    at_rest(page)
    assert page.facts()["urgency"] == {} and page.facts()["studies"][-1] == oldest
    assert "No urgency was given" in page.why_not("urgency-as-it-came")


def test_an_id_of_64_letters_is_never_cut_by_itself(tmp_path: Path, qapp: QApplication) -> None:
    made = shown(Home(tmp_path / "home").create())
    made.resize(1280, 700)
    long_id = "1.2.840.113619.2.55.3.604688119.971.1234567890.467.20260301.0011"
    made.store.found.emit(listed([row(1, patient_id=long_id)], {}))
    QApplication.processEvents()
    index = made.model.index(0, [each.key for each in COLUMNS].index("id"))
    cells, rect = made.table.itemDelegate(), made.table.visualRect(index)
    assert isinstance(cells, WorklistCells)
    laid_out, _ = cells._lay_out(long_id, rect.width() - 2 * MARGIN_PX, False, True, made.table.font())
    assert laid_out.text() == long_id
    end(made)
