"""The keyboard and mouse help: made from the commands themselves, so that it cannot be wrong about them."""

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from workstation.case.commands import COMMANDS
from workstation.imaging.presets import presets
from workstation.ui.theme import label

MOUSE = (
    ("Wheel", "Scroll the tile under the pointer image by image; each one is painted."),
    ("Ctrl + wheel", "Zoom about the pointer."),
    ("Left drag", "Window: to the right wider, upwards darker."),
    ("Left click", "Beside planes: put the crosshair here; all planes follow."),
    ("Left drag on the crosshair's middle", "Move the crosshair."),
    ("Shift + left drag", "Scroll quickly: downwards onwards."),
    ("Middle drag, or Ctrl + left drag", "Move the image."),
    ("Right drag", "Zoom about the pressed place: upwards closer."),
    ("Double click", "Show this tile alone, or all again."),
    ("Click in the series strip", "Show that series in the active tile."),
)
READING_KEYS = (
    ("1 to 9", "Window presets of the active tile, below."),
    ("Esc", "All tiles again when one is shown alone, else back to the study list."),
    ("F2", "Show or hide the series strip."),
)
LIST_KEYS = (
    ("Up, Down", "Choose a study."),
    ("Enter", "Open the chosen study."),
    ("/ or Ctrl+F", "Search; Down goes on to the list."),
    ("Esc", "Close the import report, else clear the search."),
    ("Ctrl+I", "Import a folder."),
    ("Ctrl+Shift+I", "Import files."),
    ("Drop onto the list", "Import files, folders, zip archives."),
)
WINDOW_KEYS = (
    ("F1 or ?", "This page."),
    ("Ctrl+.", "Stop the import that is running."),
    ("Ctrl+Q", "Leave the program."),
)


def help_html() -> str:
    """All keys and gestures as a page: the first column says what to do, the second what happens."""
    commands = [(" or ".join(command.keys), command.help) for command in COMMANDS.values()]
    numbers = [
        (each.key, f"Window {each.name}: centre {each.center:g}, width {each.width:g} HU") for each in presets("CT")
    ]
    left = _table("Reading", [*commands, *READING_KEYS])
    tables = (("Mouse on the images", MOUSE), ("Study list", LIST_KEYS), ("Everywhere", WINDOW_KEYS))
    right = "".join(_table(title, list(rows)) for title, rows in tables) + _table("Number keys on CT", numbers)
    return f'<table width="100%"><tr><td width="46%">{left}</td><td>{right}</td></tr></table>'


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><td width=190 style="font-weight:600">{html.escape(key)}</td><td>{html.escape(what)}</td></tr>'
        for key, what in rows
    )
    return f'<p style="font-size:15px; font-weight:600">{title}</p><table cellpadding=2>{cells}</table>'


class HelpPage(QWidget):
    """Keys and mouse, in place of the page that was there; `closed` when Esc or F1 leads back."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self.browser = QTextBrowser()
        self.browser.setHtml(help_html())
        self.browser.setAccessibleName("Keys and mouse")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.addWidget(label("Keys and mouse", "title"))
        whole.addWidget(self.browser)
        whole.addWidget(label("Esc or F1 goes back.", "quiet"))
        shortcut = QShortcut(QKeySequence("Esc"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.closed)
