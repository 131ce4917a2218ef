"""The keyboard and mouse help: made from the commands themselves, so that it cannot be wrong about them."""

import html

from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from workstation.case.commands import COMMANDS
from workstation.imaging.presets import presets

MOUSE = (
    ("Wheel", "Scroll image by image; each one is painted."),
    ("Ctrl + wheel", "Zoom about the pointer."),
    ("Left drag", "Window: width to the right, level upwards gets darker."),
    ("Left click", "In planes: put the crosshair here; all planes follow."),
    ("Left drag on the crosshair", "Move the crosshair."),
    ("Shift + left drag", "Scroll quickly."),
    ("Middle drag, or Ctrl + left drag", "Move the image."),
    ("Right drag", "Zoom."),
    ("Double click", "Show this tile alone, or all again."),
)
WINDOW_KEYS = (
    ("Esc", "Back to the study list."),
    ("F2", "Show or hide the series strip."),
    ("F1 or ?", "This page."),
    ("Ctrl+Q", "Leave the program."),
)


def help_html() -> str:
    """All keys and gestures as a page."""
    commands = [(" or ".join(command.keys), command.help) for command in COMMANDS.values()]
    numbers = [
        (each.key, f"Window {each.name}: centre {each.center:g}, width {each.width:g} HU") for each in presets("CT")
    ]
    parts = [
        _table("Keys", commands),
        _table("Window", list(WINDOW_KEYS)),
        _table("Number keys on CT", numbers),
        _table("Mouse", list(MOUSE)),
    ]
    return "".join(parts)


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><td width=230><b>{html.escape(key)}</b></td><td>{html.escape(what)}</td></tr>" for key, what in rows
    )
    return f"<h3>{title}</h3><table cellpadding=3>{cells}</table>"


class HelpPage(QDialog):
    """Keys and mouse, in a window that Esc closes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and mouse")
        self.resize(720, 760)
        browser = QTextBrowser()
        browser.setHtml(help_html())
        QVBoxLayout(self).addWidget(browser)
