"""A message of Qt fails the test, and so does a window that is still open after it.

Qt is never imported from here: what was not loaded by the program or the test cannot speak.
"""

import re
import sys
from typing import Any

# What Qt says on the offscreen platform, where it is true and harmless.
HARMLESS = (
    re.compile(r"This plugin does not support (propagateSizeHints|raise|grabbing)"),
    re.compile(r"^Populating font family aliases took \d+ ms"),
)


class QtGuard:
    """Collects Qt's warnings and errors from the moment Qt is loaded."""

    marker = "expects_qt"

    def __init__(self) -> None:
        self._messages: list[str] = []
        self._installed = False

    def install(self) -> None:
        core: Any = sys.modules.get("PySide6.QtCore")
        if core is None or self._installed:
            return
        core.qInstallMessageHandler(self._hear)
        self._installed = True

    def uninstall(self) -> None:
        if self._installed:
            sys.modules["PySide6.QtCore"].qInstallMessageHandler(None)
            self._installed = False

    def _hear(self, kind: Any, context: Any, message: str) -> None:
        quiet = kind.name in ("QtDebugMsg", "QtInfoMsg")
        if not quiet and not any(pattern.search(message) for pattern in HARMLESS):
            self._messages.append(f"{kind.name} {context.category}: {message}")

    def take(self) -> list[str]:
        """The messages since the last call."""
        self.install()
        taken, self._messages = self._messages, []
        return taken


def close_open_windows() -> list[str]:
    """Close every window that is still shown; say which they were."""
    widgets: Any = sys.modules.get("PySide6.QtWidgets")
    gui: Any = sys.modules.get("PySide6.QtGui")
    left: list[str] = []
    if widgets is not None and widgets.QApplication.instance() is not None:
        for widget in widgets.QApplication.topLevelWidgets():
            if widget.isVisible():
                left.append(f"window left open: {widget!r}")
                widget.hide()
                widget.deleteLater()
    if gui is not None and gui.QGuiApplication.instance() is not None:
        for window in gui.QGuiApplication.topLevelWindows():
            if window.isVisible():
                left.append(f"window left open: {window!r}")
                window.hide()
    return left
