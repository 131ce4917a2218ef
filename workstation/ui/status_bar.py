"""The bar at the foot of the window: its line of facts, and the buttons whose keys it names."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from workstation.ui.status_line import StatusLine

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

EDGE_PX: Final = 8
"""From the last button to the edge."""


def status_bar(window: "MainWindow") -> StatusLine:
    """Fill the bar of a window; the line in it."""
    status = StatusLine()
    status.changed.connect(window.changed)
    status.why_no_messages = lambda: window.audience.why_no_names
    status.left.connect(window.pages.focus)
    status.loading_stopped.connect(window.opening.stop_loading)
    line = window.statusBar()
    line.setSizeGripEnabled(False)
    line.addWidget(status, 1)
    status.beside = window.transfers.underway
    status.what_failed = lambda: window.transfers.failing
    status.failing.clicked.connect(lambda: window.run("fetched-and-sent"))
    for text, tip, run in (
        ("Commands", "Find any command by a word (Ctrl+K)", window.menus.open_palette),
        ("Settings", "What can be set, with a search line (Ctrl+,)", window.toggle_settings_page),
        ("Keys", "All keys and what the mouse does (F1); Shift+F1 changes them", window.toggle_help),
    ):
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(run)
        line.addPermanentWidget(button)
    button.setStyleSheet(f"margin-right: {EDGE_PX}px")  # as far from the edge as what stands on the pages
    return status
