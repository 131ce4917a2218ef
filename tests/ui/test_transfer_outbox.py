"""The running program empties the outbox: what lies in it is an errand until the archive has it; failure is said."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.cache.made import STUDY, ct
from tests.network.committing import Keeper, keeping
from tests.network.loopback import free_port
from tests.network.read import keep
from tests.network.receiving import until
from tests.ui.conftest import settle
from workstation import jobs
from workstation.cache.outbox import Kind, Outbox
from workstation.network import nodes
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node
from workstation.paths import Home, resources
from workstation.settings import load as load_settings
from workstation.traffic.errand import State
from workstation.ui.transfer_desk import Transfers
from workstation.ui.window import MainWindow

STUDY_UID = f"{STUDY}.1"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr("workstation.ui.transfer_desk.OUTBOX_MS", 0)
    made = Home(tmp_path / "home").create()
    (made.root / "settings.toml").write_text(f"[archives]\nport = {free_port()}\n", encoding="utf-8")
    keep(made, [ct(number) for number in (1, 2, 3)])
    return made


@pytest.fixture
def window(home: Home, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(home)
    made.resize(1280, 800)
    made.show()
    shown(made, lambda: made.list.model.item(STUDY_UID))
    yield made
    made.close()
    settle()


def shown(window: MainWindow, true: Callable[[], object]) -> None:
    def looked() -> bool:
        jobs.drain(0.01)
        QApplication.processEvents()
        return bool(true())

    until(looked, 60.0)


def state_of(transfers: Transfers) -> list[State]:
    return [each.state for each in transfers.errands]


def status_cell(window: MainWindow) -> str:
    return window.list.model.text(window.list.model.place(STUDY_UID) or 0, 0)


def test_what_is_put_into_it_goes_out_and_is_said(window: MainWindow, home: Home) -> None:
    keeper = Keeper()
    with keeping(keeper) as node:
        nodes.add(home, node)
        Outbox(home).put(STUDY_UID, (), "keeper", Kind.COMMIT)
        window.transfers.outgoing.postman.nudge()
        shown(window, lambda: state_of(window.transfers) == [State.DONE])
    assert len(keeper.kept) == 3 and Outbox(home).items() == ()
    assert window.status.message.text().endswith("keeper has it.")
    assert status_cell(window) == "unread"


def test_a_failure_stands_in_the_worklist_until_the_archive_has_it(window: MainWindow, home: Home) -> None:
    """And a person who does not wait for the back-off has it tried again from the list of errands."""
    transfers = window.transfers
    with keeping(Keeper()) as gone:
        pass
    nodes.add(home, gone)
    Outbox(home).put(STUDY_UID, (), "keeper")
    transfers.outgoing.postman.nudge()
    shown(window, lambda: status_cell(window) == "unread, not sent")
    (errand,) = transfers.errands
    assert errand.state is State.RESTING and "nothing listens on port" in errand.reason
    window.status.say("Something else: all 300 objects are here.")
    assert window.status.failing.text().startswith("▲ 1 send failed, tried again at ")
    tip = window.list.model.data(window.list.model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("unread\nAll 3 objects not sent to keeper: ") and "nothing listens on port" in tip
    assert "; attempt 1 failed, next " in tip and "All 3 objects not sent to keeper" in window.list.preview.note.text()
    with keeping(Keeper()) as node:
        nodes.add(home, node)
        transfers.toggle()
        row = transfers._list.rows[0]
        assert (row.hold.text(), row.stop.isVisible(), row.count.text()) == ("Try again", True, "0 of 3")
        QTest.mouseClick(row.hold, Qt.MouseButton.LeftButton)
        shown(window, lambda: state_of(transfers) == [State.DONE])
    shown(window, lambda: row.count.text() == "3 of 3 stored")
    assert (row.bar.value(), row.bar.maximum()) == (3, 3)
    assert not row.hold.isVisible() and not row.stop.isVisible()
    assert status_cell(window) == "unread" and window.status.failing.isHidden()


def test_a_send_to_the_wrong_place_is_given_up_while_it_is_tried_again(window: MainWindow, home: Home) -> None:
    transfers = window.transfers
    with keeping(Keeper()) as gone:
        pass
    nodes.add(home, gone)
    Outbox(home).put(STUDY_UID, (), "keeper")
    transfers.outgoing.postman.nudge()
    shown(window, lambda: state_of(transfers) == [State.RESTING])
    transfers.toggle()
    row = transfers._list.rows[0]
    assert row.state.text().startswith("▲ attempt 1 failed, again in ") and row.state.objectName() == "warning"
    assert row.way.text() == "to keeper  ·  P1, born 1960-02-29, O"
    assert "nothing listens on port" in row.reason.text()
    assert row.reason.text().endswith("Check field “Port” of node keeper here, and that the archive runs.")
    row.setStyleSheet("* { font-size: 16pt; }")
    QApplication.processEvents()
    for each in (row.state, row.hold):
        assert each.fontMetrics().horizontalAdvance(each.text()) <= each.contentsRect().width()
    row.hold.setFocus()
    for _ in range(2):
        assert row.stop.isVisible()
        QTest.keyClick(row.hold, Qt.Key.Key_Delete)
    shown(window, lambda: state_of(transfers) == [State.STOPPED])
    assert Outbox(home).items() == ()


def test_the_keyboard_stays_in_the_list_when_its_button_goes_grey(window: MainWindow, home: Home) -> None:
    transfers = window.transfers
    with keeping(Keeper()) as gone:
        pass
    nodes.add(home, gone)
    Outbox(home).put(STUDY_UID, (), "keeper")
    transfers.outgoing.postman.nudge()
    shown(window, lambda: state_of(transfers) == [State.RESTING])
    window.activateWindow()
    transfers.toggle()
    transfers._list.rows[0].hold.setFocus()
    with keeping(Keeper()) as node:
        nodes.add(home, node)
        QTest.keyClick(transfers._list.rows[0].hold, Qt.Key.Key_Space)
        shown(window, lambda: state_of(transfers) == [State.DONE])
    assert QApplication.focusWidget() is transfers._list
    QTest.keyClick(transfers._list, Qt.Key.Key_Escape)
    assert transfers.drawer_title is None


def test_what_was_made_here_is_named_where_it_could_not_be_sent(window: MainWindow, home: Home) -> None:
    made = ct(77, Modality="SR", SeriesInstanceUID=f"{STUDY}.1.9")
    keep(home, [made])
    with keeping(Keeper()) as gone:
        pass
    nodes.add(home, gone)
    Outbox(home).put(STUDY_UID, (f"{STUDY}.1.1.77",), "keeper")
    window.transfers.outgoing.postman.nudge()
    shown(window, lambda: status_cell(window) == "unread, findings not sent")
    told = window.list.model.unsent[STUDY_UID].told
    assert told.startswith("1 object made here (findings) not sent to keeper: ") and told.endswith(
        "that the archive runs."
    )
    Outbox(home).put(STUDY_UID, (), "keeper")
    window.transfers.outgoing.postman.nudge()
    shown(window, lambda: status_cell(window) == "unread, not sent")


def test_what_cannot_be_sent_is_given_up_by_a_second_press(window: MainWindow, home: Home) -> None:
    transfers = window.transfers
    with keeping(Keeper()) as node:
        nodes.add(home, node)
        Outbox(home).put(STUDY_UID, ("1.2.3",), "keeper")
        transfers.outgoing.postman.nudge()
        shown(window, lambda: state_of(transfers) == [State.FAILED])
        transfers.toggle()
        row = transfers._list.rows[0]
        assert "not in the cache" in row.reason.text()
        QTest.mouseClick(row.stop, Qt.MouseButton.LeftButton)
        assert row.stop.text() == "Sure?" and len(Outbox(home).items()) == 1
        QTest.mouseClick(row.stop, Qt.MouseButton.LeftButton)
        shown(window, lambda: state_of(transfers) == [State.STOPPED])
    assert Outbox(home).items() == ()


def test_nodes_may_send_where_the_settings_say_so(window: MainWindow, home: Home) -> None:
    """A push stands in the list by itself, and goes on where a rule says so."""
    port = load_settings(resources() / "settings.toml", home.root).whole("archives.port")
    (home.root / "routing.toml").write_text('[[rule]]\nname = "all"\nto = "theatre"\n', encoding="utf-8")
    nodes.add(home, Node("scanner", "CT1", "127.0.0.1", 104))
    us = replace(Node("us", "HOUNSFIELD", "127.0.0.1", port), our_aet="CT1")
    window.settings.set("archives.receive", True)
    shown(window, lambda: window.transfers.outgoing.postman._hears)
    assert [each.problem for each in DimsePacs(us).store([ct(1, study=2)])] == [""]
    shown(window, lambda: window.list.model.item(f"{STUDY}.2"))
    shown(window, lambda: [each.why for each in Outbox(home).items()] == ["rule “all”"])
    window.settings.set("archives.receive", False)
