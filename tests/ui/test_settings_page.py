"""The settings page by hand and by keyboard: what is chosen is felt, said and kept; what is wrong is said in place."""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QPushButton, QSpinBox, QWidget

from workstation import jobs, paths
from workstation.picture import corners
from workstation.settings import load
from workstation.ui import theme
from workstation.ui.setting_row import SettingRow
from workstation.ui.settings_page import SettingsPage


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    before = qapp.styleSheet(), qapp.palette()
    theme.apply(qapp)
    yield qapp
    qapp.setStyleSheet(before[0])
    qapp.setPalette(before[1])


@pytest.fixture
def shown(dressed: QApplication, home: Path) -> Iterator[Callable[[], SettingsPage]]:
    """Makes the page of this home and shows it."""
    pages: list[SettingsPage] = []

    def show() -> SettingsPage:
        page = SettingsPage(load(paths.resources() / "settings.toml", home), home / "corners.toml")
        page.resize(1200, 760)
        page.show()
        page.activateWindow()
        QTest.qWaitForWindowActive(page)
        while len(page.rows) < len(page.settings.descriptions.settings):
            QApplication.processEvents()
        pages.append(page)
        return page

    yield show
    for page in pages:
        page.finish()
        page.close()
    jobs.shutdown()
    jobs.drain()
    corners.use({}, "full")


@pytest.fixture
def page(shown: Callable[[], SettingsPage]) -> SettingsPage:
    return shown()


def kept() -> None:
    """All that was to be written is written."""
    while jobs.active() or jobs.drain():
        jobs.drain(0.02)
        QApplication.processEvents()


def go_to(page: SettingsPage, title: str) -> None:
    page.sections.setCurrentItem(page.sections.findItems(title, Qt.MatchFlag.MatchExactly)[0])


def said(page: SettingsPage) -> list[str]:
    heard: list[str] = []
    page.said.connect(heard.append)
    return heard


def test_every_setting_has_a_row_with_words_for_eye_and_ear(page: SettingsPage) -> None:
    assert set(page.rows) == set(page.settings.descriptions.settings)
    for row in page.rows.values():
        assert row.control.accessibleName() == row.setting.title and row.control.toolTip() == row.setting.help
        assert "Default: " in row.default.text()
    unnamed = [each for each in page.findChildren(QPushButton) if each.isVisibleTo(page) and not each.toolTip()]
    assert unnamed == []


def test_a_choice_is_felt_said_and_kept_and_can_be_taken_back(page: SettingsPage, home: Path) -> None:
    heard, row = said(page), page.rows["tiles.crosshair"]
    go_to(page, "Tiles")
    box = row.control
    assert isinstance(box, QCheckBox) and not row.back.isEnabled() and "default" in row.back.toolTip()
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert page.settings.flag("tiles.crosshair") is False and heard == ["Crosshair: off."]
    assert row.back.isEnabled() and "Changed; default: on" in row.default.text()
    kept()
    assert tomllib.loads((home / "settings.toml").read_text()) == {"tiles": {"crosshair": False}}
    row.back.setFocus()
    QTest.keyClick(row.back, Qt.Key.Key_Space)
    assert page.settings.flag("tiles.crosshair") and box.isChecked() and box.hasFocus(), "the keyboard is not lost"
    kept()
    assert tomllib.loads((home / "settings.toml").read_text()) == {}


def test_numbers_and_choices_by_keyboard(page: SettingsPage) -> None:
    heard = said(page)
    spin, combo = page.rows["look.font_size"].control, page.rows["look.density"].control
    assert isinstance(spin, QSpinBox) and isinstance(combo, QComboBox)
    spin.setFocus()
    QTest.keyClick(spin, Qt.Key.Key_Up)
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert (page.settings.whole("look.font_size"), page.settings.text("look.density")) == (11, "comfortable")
    assert heard == ["Size of the text: 11 pt.", "Space between things: Comfortable."]
    page.choose("look.font_size", 99)
    assert "outside 9 to 16" in heard[-1] and spin.value() == 11
    page.choose("memory.decoders_after", 5)
    assert heard[-1].endswith("It is felt at the next start.")


def test_a_number_is_applied_once_it_rests(page: SettingsPage) -> None:
    heard, spin = said(page), page.rows["look.font_size"].control
    assert isinstance(spin, QSpinBox)
    for _ in range(3):
        spin.stepUp()
    assert page.settings.whole("look.font_size") == 10 and spin.value() == 13 and heard == []
    while not heard:
        QTest.qWait(10)
    assert page.settings.whole("look.font_size") == 13 and heard == ["Size of the text: 13 pt."]


@pytest.mark.parametrize("typed", ["5", "99"])
def test_a_number_out_of_range_is_said_and_so_is_the_range(page: SettingsPage, typed: str) -> None:
    heard, row = said(page), page.rows["look.font_size"]
    assert "9 to 16 pt" in row.default.text()
    assert isinstance(row.control, QSpinBox)
    row.control.setFocus()
    row.control.selectAll()
    QTest.keyClicks(row.control, typed)
    QTest.keyClick(row.control, Qt.Key.Key_Return)
    assert "Size of the text: 9 to 16 pt is allowed." in heard


def test_what_has_a_page_of_its_own_leads_there(page: SettingsPage) -> None:
    wanted: list[str] = []
    page.page_wanted.connect(wanted.append)
    page.settings.set("keys.overrides", {"fit": ["F9"]})
    button = page.rows["keys.overrides"].control
    assert isinstance(button, QPushButton) and button.text().startswith("1 command changed")
    button.click()
    assert wanted == ["keys"]


def test_search_finds_titles_help_names_and_choices_in_all_sections(page: SettingsPage) -> None:
    def found(words: str) -> list[str]:
        page.search.setText(words)
        return list(page.facts()["rows"])

    assert found("MAGNIF") == ["magnifier.size", "magnifier.factor"]
    assert found("contrast high") == ["look.theme"]
    assert found("decoders_after") == ["memory.decoders_after"]
    assert found("window together") == ["link.window"]
    assert found("xyzzy") == [] and page.nothing.isVisible()
    go_to(page, "Cine")
    assert page.search.text() == "" and page.facts()["rows"] == ["cine.speed"]


def test_escape_goes_out_step_by_step(page: SettingsPage) -> None:
    closed: list[bool] = []
    page.closed.connect(lambda: closed.append(True))
    page.settings.set("cine.speed", 20)
    page.search.setText("cine")
    page.reset_all.click()
    assert page.question.text() == "Back to the default: Speed without times?" and page.no.hasFocus()
    for left in (("cine", 0), ("", 0), ("", 1)):
        QTest.keyClick(page, Qt.Key.Key_Escape)
        assert (page.search.text(), len(closed), page.yes.isVisible()) == (*left, False)
    assert page.settings.number("cine.speed") == 20


def test_reset_all_asks_in_place_and_does_it(page: SettingsPage) -> None:
    heard = said(page)
    assert not page.reset_all.isEnabled() and page.reset_all.toolTip() == "Every setting is at its default."
    page.settings.set("cine.speed", 20)
    page.settings.set("tiles.crosshair", False)
    page.reset_all.click()
    page.yes.click()
    assert page.settings.changed_names == () and heard[-1] == "2 settings went back to the default."
    assert not page.reset_all.isEnabled() and page.search.hasFocus()


def test_problems_of_the_files_stand_at_the_top(shown: Callable[[], SettingsPage], home: Path) -> None:
    (home / "settings.toml").write_text('[look]\nthema = "dark"\n')
    (home / "corners.toml").write_text("[CT")
    text = shown().problems.text()
    assert "WARNING" in text and "did you mean 'look.theme'?" in text and "text on images" in text
    assert (home / "settings.toml.broken").is_file() and (home / "corners.toml.broken").is_file()


def test_a_wheel_that_scrolls_the_page_changes_nothing_on_its_way(page: SettingsPage) -> None:
    combo = page.rows["look.theme"].control
    page.search.setFocus()
    place = QPointF(10, 10)
    turn = (QPoint(0, 0), QPoint(0, -120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)
    wheel = QWheelEvent(place, combo.mapToGlobal(place), *turn, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(combo, wheel)
    assert page.settings.text("look.theme") == "dark"
    combo.setFocus()
    QApplication.sendEvent(combo, wheel)
    assert page.settings.text("look.theme") == "high-contrast"


def focusable(page: SettingsPage) -> list[QWidget]:
    return [
        each
        for each in page.findChildren(QWidget)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.isVisible() and each.isEnabled() and not inner(each)
    ]


def rows_of(page: SettingsPage) -> list[SettingRow]:
    return [page.rows[name] for name in page.settings.descriptions.settings]


def inner(widget: QWidget) -> bool:
    """The line inside a spin box: the ring is the box's."""
    return widget.objectName() == "qt_spinbox_lineedit"


@pytest.mark.parametrize("look", [theme.Look(), theme.Look("high-contrast", 16, "comfortable")])
def test_the_keyboard_reaches_each_control_and_a_ring_shows_where_it_is(
    page: SettingsPage, dressed: QApplication, look: theme.Look
) -> None:
    theme.apply(dressed, look)
    for section in ("Look", "Text on images", "Tiles", "Keys"):
        go_to(page, section)
        page.settings.set("corners.amount", "less" if section == "Text on images" else "full")
        page.search.setFocus()
        QApplication.processEvents()
        expected = focusable(page)
        reached = []
        for _ in range(len(expected)):
            now = dressed.focusWidget()
            assert now is not None
            reached.append(now)
            assert ring(now, look.colours.accent) >= 0.75, f"{now} {now.accessibleName()}"
            QTest.keyClick(now, Qt.Key.Key_Tab)
        assert set(reached) == set(expected), section
        controls = [each for each in reached if each in {row.control for row in page.rows.values()}]
        assert controls == [row.control for row in rows_of(page) if row.isVisible()], "from top to bottom"
        assert ring(expected[-1], look.colours.accent) < 0.2 or dressed.focusWidget() is expected[-1]


def ring(widget: QWidget, accent: str) -> float:
    """The share of the outline of a widget that has the accent's colour, on the clearest of its four edges."""
    image: QImage = widget.grab().toImage()
    width, height = image.width(), image.height()
    edges = [
        [image.pixelColor(x, y).name() == accent for x in range(8, width - 8)] for y in (0, 1, height - 1, height - 2)
    ]
    return max(sum(edge) / max(1, len(edge)) for edge in edges)


def test_corner_text_is_checked_while_typing_and_kept(page: SettingsPage, home: Path) -> None:
    go_to(page, "Text on images")
    editor = page.editor
    assert editor is not None
    painted: list[bool] = []
    page.corner_text_changed.connect(lambda: painted.append(True))
    editor.modalities.setCurrentItem(editor.modalities.findItems("CT", Qt.MatchFlag.MatchStartsWith)[0])
    shipped = corners.lines_for("CT")
    box = editor.boxes["bottom_right"]
    box.setPlainText("{windw}")
    assert "Bottom right, line 1: 'windw' is not a field; did you mean 'window'?" in editor.state.text()
    assert (corners.lines_for("CT"), painted) == (shipped, [])
    box.setPlainText("{window}\n\n  {Manufacturer}  ")
    assert corners.lines_for("CT")["bottom_right"] == ("{window}", "{Manufacturer}") and painted
    assert "Your own text" in editor.state.text() and editor.modalities.currentItem().text() == "CT  changed"
    editor.boxes["top_left"].setPlainText("{name}\n{birth_date}  {PatientSex}")
    assert "Who the patient is must always stand" in editor.state.text() and "ERROR" in editor.state.text()
    assert corners.lines_for("CT")["top_left"] == shipped["top_left"]
    page.finish()
    assert corners.read_own(home / "corners.toml")[0]["CT"]["bottom_right"] == ("{window}", "{Manufacturer}")
    editor.back.click()
    assert corners.lines_for("CT") == shipped and not editor.back.isEnabled()
    assert editor.boxes["top_left"].toPlainText().startswith("{name}\n{PatientID}")
    page.finish()
    assert corners.read_own(home / "corners.toml")[0] == {}


def test_fields_are_put_into_the_box_last_written_in(page: SettingsPage) -> None:
    go_to(page, "Text on images")
    editor = page.editor
    assert editor is not None
    editor.boxes["bottom_left"].setFocus()
    editor.fields.setFocus()
    editor.fields.setCurrentItem(editor.fields.findItems("{zoom}", Qt.MatchFlag.MatchExactly)[0])
    assert "size beside" in editor.meaning.text().lower()
    QTest.keyClick(editor.fields, Qt.Key.Key_Return)
    assert editor.boxes["bottom_left"].toPlainText().startswith("{zoom}")
    assert editor.boxes["bottom_left"].hasFocus()


def test_the_amount_of_text_is_felt_at_once(page: SettingsPage) -> None:
    before = corners.lines_for("CT")
    page.settings.set("corners.amount", "who")
    assert corners.lines_for("CT")["bottom_right"] == () and before["bottom_right"]
    assert corners.lines_for("CT")["top_left"] == before["top_left"]
