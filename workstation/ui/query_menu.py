"""What can be done with a study that was found: the menu of its row, and that of the nodes it can be sent to."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from workstation.ui.theme import SIGNS
from workstation.ui.transfer_words import study_title

if TYPE_CHECKING:
    from workstation.ui.query_page import QueryPage


def found_menu(page: "QueryPage", nodes: Iterable[str]) -> QMenu:
    """Open, fetch, send; what cannot be done says why in its tooltip."""
    menu = _menu(page)
    menu.addAction("Open as it arrives\tEnter").triggered.connect(lambda: page.retrieve(opens=True))
    menu.addAction("Fetch\tR").triggered.connect(lambda: page.retrieve(opens=False))
    send = menu.addMenu("Send\tS")
    _targets(page, send, nodes)
    why_not = page.why_not_send()
    send.setEnabled(not why_not)
    send.menuAction().setToolTip(why_not or "Send it to another node")
    return menu


def target_menu(page: "QueryPage", nodes: Iterable[str]) -> QMenu:
    """The nodes the chosen study can be sent to, under its title; the first that lacks it and answers is the default,
    none where every one has it or is silent.
    """
    menu = _menu(page)
    _targets(page, menu, nodes)
    return menu


def _menu(page: "QueryPage") -> QMenu:
    menu = QMenu(page)
    menu.setToolTipsVisible(True)
    return menu


def _targets(page: "QueryPage", menu: QMenu, nodes: Iterable[str]) -> None:
    study = page.chosen()
    menu.addAction(study_title(study) if study else "").setEnabled(False)
    menu.addSeparator()
    for name in nodes:
        has, silent = study is not None and name in study.nodes, name in page.nodes.sentences
        marks = [*(["has it already"] if has else []), *([f"{SIGNS['warning'][0]} does not answer"] if silent else [])]
        action = menu.addAction("   ".join((f"Send to {name}", *marks)))
        if silent:
            action.setToolTip(page.nodes.sentences[name].accessibleDescription())
        if menu.defaultAction() is None and not marks:
            menu.setDefaultAction(action)
        action.triggered.connect(lambda checked=False, name=name: page.send_to(name))
