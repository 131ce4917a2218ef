"""The scenes that are kept with a study, as a list: Enter reopens one, Delete keeps it no longer."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget

MOST_PX: Final = 120
REOPENS: Final = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter))
OWN: Final = REOPENS | {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Delete}


class SceneList(QListWidget):
    """`wanted(number)` when one is to be reopened, `removed(number)` when one is to be kept no longer."""

    wanted = Signal(int)
    removed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Scenes kept with the study")
        self.setToolTip("Enter or a double click reopens a scene, Delete keeps it no longer")
        self.setMaximumHeight(MOST_PX)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.itemDoubleClicked.connect(lambda item: self.wanted.emit(self.row(item)))
        self.hide()

    def show_scenes(self, titles: Sequence[str], shown: int | None) -> None:
        """List these, the newest first; `shown` is on the screen."""
        self.clear()
        for number, title in enumerate(titles, start=1):
            self.addItem(f"{number}  {title}")
            self.item(number - 1).setToolTip(title)
        self.setCurrentRow(-1 if shown is None else shown)
        self.setVisible(bool(titles))

    def titles(self) -> list[str]:
        """What is listed."""
        return [self.item(row).text() for row in range(self.count())]

    def event(self, event: QEvent) -> bool:
        """While it has the keyboard, keys that mean something in a list are its own."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in OWN:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentRow()
        if row >= 0 and event.key() in REOPENS:
            self.wanted.emit(row)
        elif row >= 0 and event.key() == Qt.Key.Key_Delete:
            self.removed.emit(row)
        else:
            super().keyPressEvent(event)
