"""The colours of a transfer function by value: points on a bar to choose, drag, add and take away, and swatches.

As on the chart above: drag a point, a double click adds one, the right button takes one away. A swatch gives the chosen
point its colour. With the keyboard: Tab goes from point to point, arrows move the chosen one, Del takes it away, Ins
adds one behind it.
"""

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workstation.imaging.transfer import Colours, TransferFunction

HEIGHT_PX: Final = 30
KNOB_PX: Final = 5.0
REACH_PX: Final = 9.0
FEWEST: Final = 2
KEY_SHARE: Final = 0.01
ROOM: Final = 0.03
OWN_KEYS: Final = frozenset((Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Delete, Qt.Key.Key_Insert))

SWATCHES: Final = (
    ("bone", (250, 236, 208)),
    ("skin", (234, 184, 154)),
    ("muscle", (178, 72, 52)),
    ("artery", (204, 40, 32)),
    ("vein", (70, 96, 190)),
    ("bile", (96, 150, 70)),
    ("air", (120, 190, 225)),
    ("nerve", (236, 208, 84)),
    ("white", (255, 255, 255)),
    ("grey", (110, 110, 110)),
)
"""Colours that anatomy is drawn in, each with its word."""


class ColourBar(QWidget):
    """`changed(TransferFunction)` while a point is moved, and after one was added, taken away or coloured."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Colour by value")
        self.setToolTip("Drag a colour; double-click adds one, the right button takes it away; swatches change it")
        self._transfer: TransferFunction | None = None
        self._held = False
        self.chosen = 0

    def show_transfer(self, transfer: TransferFunction | None) -> None:
        self._transfer = transfer
        if transfer is not None:
            self.chosen = min(self.chosen, len(transfer.colours) - 1)
            said = "; ".join(f"{value:.0f}: {red}, {green}, {blue}" for value, red, green, blue in transfer.colours)
            self.setAccessibleDescription(said)
        self.update()

    def colour(self, rgb: tuple[int, int, int]) -> None:
        """Give the chosen point another colour."""
        if self._transfer is not None:
            points = self._transfer.colours
            here = (points[self.chosen][0], *rgb)
            self._put((*points[: self.chosen], here, *points[self.chosen + 1 :]))

    # ------------------------------------------------------------- places

    def _ends(self) -> tuple[float, float]:
        points = self._transfer.colours if self._transfer is not None else ((0.0, 0, 0, 0), (1.0, 0, 0, 0))
        low, high = points[0][0], points[-1][0]
        room = (high - low) * ROOM or 1.0
        return low - room, high + room

    def place(self, value: float) -> QPointF:
        """Where a value lies, logical pixels."""
        low, high = self._ends()
        return QPointF(8 + (value - low) / (high - low) * (self.width() - 16), HEIGHT_PX / 2)

    def _at(self, place: QPointF) -> float:
        low, high = self._ends()
        return low + (place.x() - 8) / (self.width() - 16) * (high - low)

    def _near(self, place: QPointF) -> int | None:
        points = self._transfer.colours if self._transfer is not None else ()
        far = [abs(self.place(each[0]).x() - place.x()) for each in points]
        nearest = min(range(len(far)), key=far.__getitem__, default=None)
        return nearest if nearest is not None and far[nearest] <= REACH_PX else None

    # --------------------------------------------------------------- hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        near = self._near(event.position())
        if near is None:
            return
        self.chosen = near
        if event.button() is Qt.MouseButton.RightButton:
            self._take_away()
        else:
            self._held = event.button() is Qt.MouseButton.LeftButton
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held:
            self._move(self._at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._transfer is not None and self._near(event.position()) is None:
            self._add(self._at(event.position()))

    def event(self, event: QEvent) -> bool:
        """Keys that move a point are its own."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, following: bool) -> bool:
        chosen = self.chosen + (1 if following else -1)
        if self._transfer is not None and 0 <= chosen < len(self._transfer.colours):
            self.chosen = chosen
            self.update()
            return True
        return super().focusNextPrevChild(following)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        points = self._transfer.colours if self._transfer is not None else ()
        low, high = self._ends()
        step = (high - low) * KEY_SHARE
        if points and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._move(points[self.chosen][0] + (step if event.key() == Qt.Key.Key_Right else -step))
        elif points and event.key() == Qt.Key.Key_Delete:
            self._take_away()
        elif points and event.key() == Qt.Key.Key_Insert:
            after = points[self.chosen + 1][0] if self.chosen + 1 < len(points) else points[self.chosen][0] + 20 * step
            self._add((points[self.chosen][0] + after) / 2)
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------- changes

    def _move(self, value: float) -> None:
        """A point stays between its neighbours."""
        assert self._transfer is not None  # noqa: S101  there is no point without
        points, chosen = self._transfer.colours, self.chosen
        low, high = self._ends()
        least = (high - low) * 1e-3
        if chosen > 0:
            value = max(value, points[chosen - 1][0] + least)
        if chosen < len(points) - 1:
            value = min(value, points[chosen + 1][0] - least)
        self._put((*points[:chosen], (value, *points[chosen][1:]), *points[chosen + 1 :]))

    def _add(self, value: float) -> None:
        assert self._transfer is not None  # noqa: S101  asked for before
        one = (value, *self._transfer.colour_at(value))
        points = tuple(sorted((*self._transfer.colours, one)))
        if len({each[0] for each in points}) == len(points):
            self.chosen = points.index(one)
            self._put(points)

    def _take_away(self) -> None:
        assert self._transfer is not None  # noqa: S101  asked for before
        points, gone = self._transfer.colours, self.chosen
        if len(points) > FEWEST:
            self.chosen = max(gone - 1, 0)
            self._put(points[:gone] + points[gone + 1 :])

    def _put(self, points: Colours) -> None:
        assert self._transfer is not None  # noqa: S101  asked for before
        self.show_transfer(replace(self._transfer, colours=points))
        self.changed.emit(self._transfer)

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        transfer = self._transfer
        if transfer is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            bar = QRectF(8, 9, self.width() - 16, HEIGHT_PX - 18)
            gradient, (low, high) = QLinearGradient(bar.topLeft(), bar.topRight()), self._ends()
            for step in range(33):
                gradient.setColorAt(step / 32, QColor(*transfer.colour_at(low + step / 32 * (high - low))))
            painter.fillRect(bar, gradient)
            text = self.palette().color(QPalette.ColorRole.Text)
            for number, (value, *rgb) in enumerate(transfer.colours):
                painter.setPen(QPen(text, 2.6 if number == self.chosen else 1.2))
                painter.setBrush(QColor(*rgb))
                painter.drawEllipse(self.place(value), KNOB_PX, KNOB_PX)

    def facts(self) -> dict[str, Any]:
        points = self._transfer.colours if self._transfer is not None else ()
        return {"colours": [list(each) for each in points], "chosen_colour": self.chosen}


class ColourEditor(QWidget):
    """The bar, and a row of swatches under it."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = ColourBar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.bar)
        row = QHBoxLayout()
        row.setSpacing(3)
        self.swatches: dict[str, QPushButton] = {}
        for word, rgb in SWATCHES:
            button = self.swatches[word] = QPushButton()
            button.setFixedHeight(18)
            button.setAccessibleName(f"Colour the chosen point as {word}")
            button.setToolTip(f"Colour the chosen point: {word}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setStyleSheet(f"background: rgb{rgb}; padding: 0; min-width: 8px")
            button.clicked.connect(lambda _=False, rgb=rgb: self.bar.colour(rgb))
            row.addWidget(button)
        column.addLayout(row)
