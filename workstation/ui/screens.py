"""The screens that a window covers, in the words that hanging protocols have for them."""

from typing import Final

from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from workstation.hanging.screens import Monitor, role

COVERED: Final = 0.5
"""Of a screen's area; a window that lies on less of it does not use it."""


def screens_of(window: QWidget) -> str:
    """The role of the screens a window lies on: it hangs for those, however many others there are."""
    lies = window.frameGeometry()

    def is_covered(screen: QScreen) -> bool:
        shared, whole = lies & screen.geometry(), screen.geometry()
        return shared.width() * shared.height() >= COVERED * whole.width() * whole.height()

    covered = [screen for screen in QGuiApplication.screens() if is_covered(screen)]
    return role([_monitor(screen) for screen in covered or [window.screen()]])


def _monitor(screen: QScreen) -> Monitor:
    """In device pixels, whatever the size of text on it."""
    size, ratio, mm = screen.geometry(), screen.devicePixelRatio(), screen.physicalSize()
    return Monitor(round(size.width() * ratio), round(size.height() * ratio), mm.width(), mm.height())
