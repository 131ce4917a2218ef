"""The rows of what is fetched and sent: studies of one patient are told apart, and the row the keys act on is seen."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from workstation.traffic.errand import Act, Errand, State
from workstation.ui.transfer_list import ErrandList

NAMES = {
    "1.2": "Bergström-Hellqvist, Anna Maria  2023-01-02  CT thorax",
    "1.3": "Bergström-Hellqvist, Anna Maria  2024-03-11  CT thorax before treatment",
}
SEND = replace(Errand(1, Act.SEND, "theatre-3", "1.2"), state=State.RESTING, attempts=2, reason="nothing listens")
FETCH = replace(Errand(2, Act.RETRIEVE, "old-archive", "1.3"), state=State.DONE, done=300, total=300)


@pytest.fixture
def errands(qapp: QApplication) -> Iterator[ErrandList]:
    made = ErrandList(lambda errand: NAMES[errand.study], lambda errand: "19630412-4711, born 1963-04-12, O")
    worn = qapp.styleSheet()
    qapp.setStyleSheet("* { font-size: 16pt; color: #dddddd; } QLabel#warning { color: #f0b24a; }")
    made.resize(1100, 300)
    made.show()
    made.show_errands([replace(SEND, state=State.RUNNING), FETCH])
    QApplication.processEvents()
    made.show_errands([SEND, FETCH])
    QApplication.processEvents()
    yield made
    made.close()
    qapp.setStyleSheet(worn)


def test_studies_of_one_patient_are_told_apart_in_the_largest_type(errands: ErrandList) -> None:
    now, before = errands.rows
    assert now.way.drawn.startswith("2023-01-02  CT thorax  ·  to theatre-3")
    assert before.way.drawn.startswith("2024-03-11  CT thorax before treatment  ·  from old-archive")
    assert now.title.text() == before.title.text() == "Bergström-Hellqvist, Anna Maria"
    assert now.title.drawn.startswith("Berg") and now.title.drawn.endswith("ia"), "of a name both ends stay"
    assert (now.state.objectName(), before.state.objectName()) == ("warning", "quiet")
    assert now.state.text().startswith("▲ attempt 2 failed")
    colours = [each.state.palette().color(each.state.foregroundRole()).name() for each in (now, before)]
    assert colours == ["#f0b24a", "#dddddd"]


def test_the_row_that_the_keys_act_on_is_seen(errands: ErrandList) -> None:
    def chosen() -> list[bool]:
        return [row.objectName() == "chosen-row" for row in errands.rows]

    errands.activateWindow()
    errands.setFocus()
    assert chosen() == [False, False]
    QTest.keyClick(errands, Qt.Key.Key_Down)
    assert chosen() == [True, False]
    QTest.keyClick(errands.rows[0].hold, Qt.Key.Key_Down)
    assert chosen() == [False, True]
