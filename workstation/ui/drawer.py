"""A list that opens above the status line and closes with Esc; what is behind it stays as it is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from workstation.ui.theme import label

SHARE_OF_WINDOW = 0.4
"""Of the window's height, at most."""


class Drawer(QFrame):
    """`content` under a title, lying over the lower right of a window. `closed` when somebody closes it."""

    closed = Signal()

    def __init__(self, window: QWidget, title: str, content: QWidget, width_px: int) -> None:
        super().__init__(window)
        self.setObjectName("drawer")
        self.title = title
        self._content = content
        self._width_px = width_px
        inside = QVBoxLayout(self)
        inside.setContentsMargins(10, 8, 10, 10)
        inside.addWidget(label(f"{title}   (Esc closes)", "quiet"))
        inside.addWidget(content, 1)
        content.setAccessibleName(title)
        self.hide()

    def open_above(self, line: QWidget, height_px: int) -> None:
        """Open with its lower edge on the upper edge of `line`, and give it the keyboard."""
        window = self.window()
        corner = line.mapTo(window, line.rect().topRight())
        width = min(self._width_px, window.width() - 16)
        height = min(height_px + 56, round(window.height() * SHARE_OF_WINDOW))
        self.setGeometry(corner.x() - width - 4, corner.y() - height - 4, width, height)
        self.show()
        self.raise_()
        self._content.setFocus()

    def shut(self) -> None:
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
        else:
            super().keyPressEvent(event)
