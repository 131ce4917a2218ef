"""The menu of a tile is one of the selected mark first; what is put on the clipboard says how each value came about."""

import pytest
from PySide6.QtWidgets import QWidget

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation.case.command import Command
from workstation.findings.finding import Kind, Value
from workstation.ui.findings_commands import as_words
from workstation.ui.tile_menu import tile_menu

pytestmark = pytest.mark.usefixtures("qapp")

MARK = finding(
    Kind.LENGTH, [(0, 0, 0), (12.5, 0, 0)], name="Node", site="Liver", values=(Value("Length", 12.5, "mm", "in space"),)
)


def reasons(command: Command) -> str:
    return "not now" if command.name == "draw-calibration" else ""


def test_a_selected_mark_comes_first_with_what_can_be_done() -> None:
    case, parent, asked = beside(stack("1")), QWidget(), list[str]()
    case.marks.add(MARK)
    first = tile_menu(parent, case, asked.append, reasons, {}).actions()[0]
    assert first.text() == "Series in this tile"
    case.marks.select(MARK.tracking_uid)
    menu = tile_menu(parent, case, asked.append, reasons, {"delete-mark": ("Del",)})
    entries = menu.actions()
    assert entries[0].text() == "Node   12.5 mm" and not entries[0].isEnabled()
    by_text = {each.text(): each for each in entries}
    assert not by_text["Calibrate"].isEnabled() and by_text["Calibrate"].toolTip() == "not now"
    for title in ("Name the mark", "Site of the mark", "Confirm the mark", "Hide the mark", "Delete the mark\tDel"):
        by_text[title].trigger()
    assert asked == ["name-the-mark", "site-of-the-mark", "confirm-the-mark", "hide-the-mark", "delete-mark"]
    parent.deleteLater()


def test_values_are_copied_with_how_they_came_about() -> None:
    assert as_words(MARK) == "Node (Liver)\nLength: 12.5 mm (in space)"
