"""Esc leaves each page but the list, and each page says so where it can be read."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTextEdit

from tests.ui.conftest import settle
from tests.ui.test_window import at_rest
from workstation.paths import Home
from workstation.phantom.trunk import ADA
from workstation.ui.window import MainWindow

PAGES = {"help": "keys-and-mouse", "keys": "change-keys-and-mouse", "settings": "settings"}


def read(window: MainWindow) -> str:
    """What can be read of the page in front."""
    page = window.pages.currentWidget()
    labels = [each.text() for each in page.findChildren(QLabel) if each.isVisible()]
    return "\n".join(labels + [each.toPlainText() for each in page.findChildren(QTextEdit) if each.isVisible()])


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_that_esc_goes_back_and_it_does(page: str, empty_window: MainWindow) -> None:
    empty_window.run(PAGES[page])
    assert empty_window.page == page
    assert "Esc goes back" in read(empty_window) or "Esc or F1 goes back" in read(empty_window)
    empty_window.activateWindow()
    at_rest(empty_window)
    QTest.keyClick(empty_window.pages.currentWidget(), Qt.Key.Key_Escape)
    assert empty_window.page == "list"


def test_the_reading_page_says_where_esc_leads(cache: Home, qapp: QApplication) -> None:
    window = MainWindow(cache, protocol="images")
    window.resize(1280, 800)
    window.show()
    window.open_study(ADA.study_instance_uid)
    at_rest(window)
    assert "Esc: list" in read(window)
    window.run("maximise")
    assert "Esc: all" in read(window) and "Esc: list" not in read(window)
    window.close()
    settle()


def test_what_was_opened_from_the_query_goes_back_to_it(empty_window: MainWindow) -> None:
    window = empty_window
    window.run("find-in-the-archives")
    for way in (("nodes",), ("nodes", "settings"), ("keys-and-mouse",)):
        for name in way:
            window.run(name)
        window.leave_page()
        assert window.page == "query", way
    window.leave_page()
    assert window.page == "list"
    window.run("nodes")
    window.leave_page()
    assert window.page == "list", "opened from the list it goes back to the list"
    window.run("find-in-the-archives")
    window.run("nodes")
    window.run("find-in-the-archives")
    window.leave_page()
    assert window.page == "list", "the query itself lies above nothing but the list"


def test_a_button_of_the_list_leads_to_the_archives_and_names_its_key(empty_window: MainWindow) -> None:
    button = empty_window.list.archives
    assert button.isVisible() and button.text() == "Archives" and "(Ctrl+R)" in button.toolTip()
    empty_window.in_force.choose("hounsfield", {"find-in-the-archives": ()}, "hounsfield")
    assert "(" not in button.toolTip()
    button.click()
    assert empty_window.page == "query"
