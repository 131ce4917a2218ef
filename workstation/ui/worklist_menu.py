"""The context menu of a row of the worklist."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from workstation.ui.worklist_columns import BY_KEY
from workstation.ui.worklist_commands import ROW_MENU, WORKLIST_COMMANDS

if TYPE_CHECKING:
    from workstation.ui.study_list import StudyListPage


def row_menu(page: "StudyListPage") -> QMenu:
    """What can be done with the chosen study; what cannot says why in its tooltip."""
    menu = QMenu(page)
    menu.setToolTipsVisible(True)
    for group in ROW_MENU:
        for name in group:
            command = WORKLIST_COMMANDS[name]
            action = menu.addAction(command.title)
            keys = page.keys.get(name, command.keys)
            action.setText(f"{command.title}\t{keys[0]}" if keys else command.title)
            why_not = page.why_not(name)
            action.setEnabled(not why_not)
            action.setToolTip(why_not or command.help)
            action.triggered.connect(lambda checked=False, name=name: page.run(name))
        menu.addSeparator()
    menu.addMenu(_sort_menu(page, menu))
    menu.addMenu(page.table.column_menu(menu))
    menu.addMenu(page.tabs.menu(page.tabs.currentIndex(), menu))
    return menu


def _sort_menu(page: "StudyListPage", parent: QMenu) -> QMenu:
    """The columns that are shown, to sort by: what a click on a header does, by keyboard."""
    menu = QMenu("Sort by", parent)
    order = page.tabs.tab().sort
    for key in page.table.columns_shown():
        action = menu.addAction(BY_KEY[key].title)
        action.setCheckable(True)
        action.setChecked(key == order.column)
        action.triggered.connect(lambda checked=False, key=key: page.sort_by(key))
    return menu
