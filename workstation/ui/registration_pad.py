"""Buttons and keys that nudge a registration: with the keyboard here arrows move it, Home and End turn it."""

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from workstation.case import nudging
from workstation.case.state import Case
from workstation.ui.theme import label

Way = tuple[float, float, float, float]
"""To the right, down, into the screen, and clockwise, in steps."""

WAYS: Final[dict[str, tuple[str, Way, Qt.Key, tuple[int, int]]]] = {
    "turn left": ("⟲", (0, 0, 0, -1), Qt.Key.Key_Home, (0, 0)),
    "up": ("↑", (0, -1, 0, 0), Qt.Key.Key_Up, (0, 1)),
    "turn right": ("⟳", (0, 0, 0, 1), Qt.Key.Key_End, (0, 2)),
    "nearer": ("near", (0, 0, -1, 0), Qt.Key.Key_PageUp, (0, 3)),
    "left": ("←", (-1, 0, 0, 0), Qt.Key.Key_Left, (1, 0)),
    "down": ("↓", (0, 1, 0, 0), Qt.Key.Key_Down, (1, 1)),
    "right": ("→", (1, 0, 0, 0), Qt.Key.Key_Right, (1, 2)),
    "away": ("far", (0, 0, 1, 0), Qt.Key.Key_PageDown, (1, 3)),
}
"""Sign, way, key and place (row, column) of each button."""

KEYS: Final = {key: way for _, way, key, _ in WAYS.values()}
COARSE, FINE = 5.0, 0.2
"""Steps with Shift and with Ctrl, beside the usual one."""


class Pad(QWidget):
    """`changed` after each nudge."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.case: Case | None = None
        self.setAccessibleName("Move the moving images by arrows")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        self.buttons = {}
        for name, (sign, way, _, place) in WAYS.items():
            button = QPushButton(sign)
            button.setAccessibleName(name)
            button.setToolTip(f"{name.capitalize()}: {_told(way, 1.0)}; Shift {_told(way, COARSE)}")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAutoRepeat(True)
            button.clicked.connect(lambda _=False, way=way: self.nudge(way))
            self.buttons[name] = button
            grid.addWidget(button, *place)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(grid)
        told = label(f"{nudging.NUDGE_MM:g} mm and {nudging.NUDGE_DEG:g}°; Shift coarse, Ctrl fine", "quiet")
        whole.addWidget(told)

    def nudge(self, way: Way, steps: float = 1.0) -> None:
        """Move the moving images as the active tile shows it."""
        if self.case is None or not self.case.tiles:
            return
        right, down, into, clockwise = (each * steps for each in way)
        if clockwise:
            nudging.turn(self.case, clockwise * nudging.NUDGE_DEG)
        else:
            nudging.nudge(self.case, *(each * nudging.NUDGE_MM for each in (right, down, into)))
        self.changed.emit()

    def event(self, event: QEvent) -> bool:
        """While it has the keyboard, these keys move the registration and not the images."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = KEYS.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
            return
        held = event.modifiers()
        shift, ctrl = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
        self.nudge(way, COARSE if held & shift else FINE if held & ctrl else 1.0)


def _told(way: Way, steps: float) -> str:
    return f"{nudging.NUDGE_DEG * steps:g}°" if way[3] else f"{nudging.NUDGE_MM * steps:g} mm"
