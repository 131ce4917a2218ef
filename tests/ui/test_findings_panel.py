"""The list of findings as it is seen and worked with: rows that keep their values, ticks, keys, and what is typed."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QStyleOptionViewItem

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind, Value
from workstation.ui.findings_panel import FindingsPanel
from workstation.ui.findings_row import PAD_PX, broken

LONGEST_S = 60.0
LONG = "mm at detector"


def bidirectional(number: int) -> Finding:
    values = (Value("Long axis", 123.4, LONG), Value("Short axis", 98.7, LONG))
    points = [(0, 0, 0), (number, 0, 0), (0, 1, 0), (0, 2, 0)]
    return finding(Kind.BIDIRECTIONAL, points, tracking_uid=f"2.25.{number}", number=number, values=values)


@pytest.fixture
def case() -> Case:
    made = beside(stack("1", study="1.1"))
    for number in (1, 2, 3):
        made.marks.add(bidirectional(number))
    return made


@pytest.fixture
def panel(case: Case, qapp: QApplication) -> Iterator[FindingsPanel]:
    made = FindingsPanel()
    made.show_case(case)
    case.marks.changed.connect(lambda: made.follow(case.marks.selected))
    made.resize(made.width(), 500)
    made.show()
    QTest.qWaitForWindowExposed(made)
    yield made
    case.marks.changed.disconnect()
    made.close()
    made.deleteLater()


def row(panel: FindingsPanel, number: int) -> QStyleOptionViewItem:
    """The option a row is painted with."""
    option = QStyleOptionViewItem()
    panel.table.initViewItemOption(option)
    option.rect = panel.table.visualRect(panel.model.index(number, panel.table.modelColumn()))
    return option


def click(panel: FindingsPanel, place: QPoint, twice: bool = False) -> None:
    for hit in (QTest.mouseClick, QTest.mouseDClick) if twice else (QTest.mouseClick,):
        hit(panel.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


@pytest.mark.parametrize("size_pt", [9, 10, 16])
def test_no_digit_of_a_value_is_cut_at_any_size_of_the_text(panel: FindingsPanel, size_pt: int) -> None:
    font = panel.font()
    font.setPointSize(size_pt)
    panel.setFont(font)
    panel.table.setFont(font)
    words, metrics = "12.34 cm²  mean -1234.5 HU  SD 1234.5", QFontMetrics(font)
    room = panel.table.rows.words(row(panel, 0), 1).width()
    first, rest = broken(words, metrics, room)
    assert f"{first} {rest}".split() == words.split()
    assert max(metrics.horizontalAdvance(part) for part in (first, rest)) <= room
    option = row(panel, 0)
    assert panel.table.rows.words(option, 0, 3).bottom() <= option.rect.bottom() - PAD_PX + 1


def test_a_press_on_the_box_hides_the_mark_and_goes_nowhere(panel: FindingsPanel, case: Case) -> None:
    gone: list[Finding] = []
    panel.chosen.connect(gone.append)
    option = row(panel, 1)
    box = panel.table.rows.tick(option.rect, 12).center()
    click(panel, box)
    assert [each.hidden for each in case.marks] == [False, True, False] and not gone
    click(panel, box)
    assert not any(each.hidden for each in case.marks) and not gone
    click(panel, panel.table.rows.words(row(panel, 1), 1).center())
    assert [each.number for each in gone] == [2]


def test_keys_walk_the_list_and_tick_its_rows(panel: FindingsPanel, case: Case) -> None:
    walked: list[Finding] = []
    panel.walked.connect(walked.append)
    panel.table.setCurrentIndex(panel.model.index(0, panel.table.modelColumn()))
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    QTest.keyClick(panel.table, Qt.Key.Key_End)
    assert [each.number for each in walked] == [2, 3]
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert [each.hidden for each in case.marks] == [False, False, True]


@pytest.mark.parametrize(
    ("line", "typed", "kept"), [(0, "node", ("node", "")), (2, "lumbar SPINE", ("", "Lumbar spine"))]
)
def test_a_double_click_types_a_name_or_on_the_last_line_a_site(
    panel: FindingsPanel, case: Case, line: int, typed: str, kept: tuple[str, str]
) -> None:
    place = panel.table.rows.words(row(panel, 0), line)
    click(panel, QPoint(place.left() + 8, place.center().y()), twice=True)
    editor = panel.table.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    if line == 2:
        editor.completer().setCompletionPrefix("vertebra")
        known = editor.completer().completionModel()
        words = {known.data(known.index(each, 0)) for each in range(known.rowCount())}
        assert {f"L{n} vertebra" for n in range(1, 6)} | {"C1 vertebra", "T12 vertebra"} <= words
    editor.setText(typed)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    deadline = time.monotonic() + LONGEST_S
    while (case.marks.findings[0].name, case.marks.findings[0].site) != kept:
        assert time.monotonic() < deadline
        QApplication.processEvents()
