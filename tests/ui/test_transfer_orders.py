"""F5 in the study list asks a real modality worklist what is ordered; a node that is silent takes nothing away."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.network.loopback import free_port, serving
from tests.oracles.test_worklists import ORDERS, TODAY, write
from tests.ui.conftest import settle
from tests.ui.test_transfer_outbox import shown
from workstation.network import nodes
from workstation.network.nodes import Node
from workstation.paths import Home
from workstation.ui.transfer_orders import days_asked
from workstation.ui.window import MainWindow

Tool = Callable[[str], Path]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


@pytest.fixture
def window(home: Home, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(home)
    made.show()
    yield made
    made.close()
    settle()


def said(window: MainWindow) -> str:
    return window.status.message.text()


def test_what_is_ordered_is_asked_for_by_a_key(window: MainWindow, home: Home, tool: Tool, tmp_path: Path) -> None:
    folder, port = tmp_path / "wl", free_port()
    write(tool, folder / "WLM")
    (folder / "WLM" / "lockfile").touch()
    nodes.add(home, Node("ris", "WLM", "127.0.0.1", port))
    with serving([tool("wlmscpfs"), "-dfp", folder, str(port)], port, tmp_path):
        window.settings.set("archives.worklist", "ris")
        shown(window, lambda: [each.row.study_date for each in window.list.model.items] == [TODAY])
        shown(window, lambda: not window.orders._thread.is_alive())  # type: ignore[union-attr]
        window.settings.set("archives.worklist_days", "")
        shown(window, lambda: len(window.list.model.items) == len(ORDERS))
        shown(window, lambda: not window.orders._thread.is_alive())  # type: ignore[union-attr]
        window.run("ask-for-orders")
        shown(window, lambda: said(window) == "2 ordered, as the modality worklist says.")
        shown(window, lambda: not window.orders._thread.is_alive())  # type: ignore[union-attr]
        window.settings.set("archives.worklist_days", "some day")
        shown(window, lambda: "'some day' is none. Write today, " in said(window))
        shown(window, lambda: not window.orders._thread.is_alive())  # type: ignore[union-attr]
        window.settings.set("archives.worklist_days", "")
        shown(window, lambda: not window.orders._thread.is_alive())  # type: ignore[union-attr]
    assert {str(each.status) for each in window.list.model.items} == {"ordered"}
    window.run("ask-for-orders")
    shown(window, lambda: "nothing listens on port" in said(window))
    shown(window, lambda: not window.orders._thread.is_alive())  # type: ignore[union-attr]
    assert len(window.list.model.items) == len(ORDERS)


@pytest.mark.parametrize(
    ("typed", "hour", "asked"),
    [("today", 14, "today"), ("today", 2, "yesterday..today"), ("7d", 2, "7d"), (" ", 2, "")],
)
def test_at_night_the_evening_before_is_part_of_today(typed: str, hour: int, asked: str) -> None:
    assert days_asked(typed, datetime(2026, 3, 5, hour, 59)) == asked


def test_without_a_node_it_says_where_one_is_named(window: MainWindow) -> None:
    window.run("ask-for-orders")
    assert "Node with the modality worklist" in said(window)
