"""To which node a found study is sent: not to the one it is on, and not blindly to one that is silent."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.test_window import at_rest
from workstation.network import nodes
from workstation.network.faults import Side
from workstation.network.nodes import Node
from workstation.paths import Home
from workstation.traffic.ask import Answer
from workstation.ui.query_menu import target_menu
from workstation.ui.query_page import QueryPage
from workstation.ui.window import MainWindow
from workstation.worklist.found import merged, study_of

ROW = {
    "StudyInstanceUID": "1.2", "PatientName": "Doe^Jane", "PatientID": "4711", "PatientBirthDate": "19631210",
    "StudyDate": "20230102", "StudyDescription": "CT thorax",
}  # fmt: skip
NAMES = ("main", "theatre", "ward")


def page_of(window: MainWindow, home: Home, *having: str) -> QueryPage:
    """The page with one study that these nodes have, chosen; theatre was asked and is silent."""
    for name in NAMES:
        nodes.add(home, Node(name, "ARCHIVE", "127.0.0.1", 1))
    page = window.query
    page.refresh_nodes()
    at_rest(window)
    page._studies = merged({}, [study for name in having if (study := study_of(name, ROW)) is not None])
    page._show()
    page.nodes.answered(Answer("theatre", problem="nothing listens on port 1", side=Side.BETWEEN, over=True))
    return page


def test_the_first_that_lacks_it_and_answers_is_offered(empty_window: MainWindow, home: Home) -> None:
    page = page_of(empty_window, Home(home), "main")
    menu = target_menu(page, NAMES)
    title, line, *targets = menu.actions()
    assert title.text() == "Doe, Jane  2023-01-02  CT thorax" and not title.isEnabled() and line.isSeparator()
    assert [each.text() for each in targets] == [
        "Send to main   has it already",
        "Send to theatre   ▲ does not answer",
        "Send to ward",
    ]
    assert menu.defaultAction() is targets[2] and "nothing listens" in targets[1].toolTip()


def test_where_each_has_it_or_is_silent_return_sends_nothing(empty_window: MainWindow, home: Home) -> None:
    page = page_of(empty_window, Home(home), "main", "ward")
    page.choose_target()
    assert page.menu is not None and page.menu.defaultAction() is None and page.menu.activeAction() is None
    QTest.keyClick(page.menu, Qt.Key.Key_Return)
    assert empty_window.transfers.errands == ()
    page.menu.close()
