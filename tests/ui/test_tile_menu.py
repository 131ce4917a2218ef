"""The menu of a tile tells apart what is read and what it is compared with."""

from PySide6.QtWidgets import QApplication, QMenu, QWidget

from tests.case.stacks import beside, stack
from workstation.ui.tile_menu import tile_menu


def test_series_of_a_prior_say_so_with_their_date_in_the_menu_of_a_tile(qapp: QApplication) -> None:
    now, before = stack("1"), stack("2", study="2.2", frame="2.9")
    parent = QWidget()
    menu = tile_menu(parent, beside(now, before), lambda name: None, lambda command: "", {})
    series = next(each for each in menu.findChildren(QMenu) if each.title() == "Series in this tile")
    assert [each.text() for each in series.actions()] == [
        "1  no description   CT, 10",
        "◆ PRIOR  2024-01-02   2  no description   CT, 10",
    ]
    parent.deleteLater()
