"""The transfer function over the histogram of the values: points of opacity to drag, add and take away.

Drag a point; a double click adds one, the right button takes one away. With the keyboard: Tab goes from point to
point, arrows move the chosen one, Del takes it away, Ins adds one behind it.
"""

import math
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from workstation.imaging.transfer import Points, TransferFunction

HEIGHT_PX: Final = 190
BAR_PX: Final = 12
KNOB_PX: Final = 4.5
REACH_PX: Final = 9.0
BINS: Final = 160
FEWEST: Final = 2
KEY_SHARE: Final = 0.01
KEY_OPACITY: Final = 0.05
ROOM: Final = 0.03
OWN_KEYS: Final = frozenset(
    (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Delete, Qt.Key.Key_Insert)
)


def histogram(values: NDArray[np.float64]) -> tuple[tuple[float, float], NDArray[np.float64]]:
    """From where to where most values lie, and how many in each of BINS steps, as logarithms from 0 to 1."""
    if not values.size:
        return (0.0, 1.0), np.zeros(BINS)
    low, high = (float(each) for each in np.percentile(values, (0.1, 99.95)))
    high = high if high > low else low + 1.0
    counts, _ = np.histogram(values, BINS, (low, high))
    logs = np.log1p(counts)
    return (low, high), logs / max(float(logs.max()), 1e-9)


class TransferChart(QWidget):
    """`changed(TransferFunction)` while a point is moved, and after one was added or taken away."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Opacity by value")
        self.setToolTip(
            "Drag a point to change what is opaque; double-click adds a point, the right button takes it away"
        )
        self._transfer: TransferFunction | None = None
        self._range = (0.0, 1.0)
        self._counts: NDArray[np.float64] = np.zeros(0)
        self._unit = ""
        self._held: int | None = None
        self._chosen = 0

    def show_transfer(self, transfer: TransferFunction | None) -> None:
        """What is drawn; the point in hand stays in hand."""
        self._transfer = transfer
        if transfer is not None:
            self._chosen = min(self._chosen, len(transfer.opacity) - 1)
            said = "; ".join(f"{value:.0f} {self._unit}: {100 * each:.0f} %" for value, each in transfer.opacity)
            self.setAccessibleDescription(said)
        self.update()

    def show_histogram(self, value_range: tuple[float, float], counts: NDArray[np.float64], unit: str) -> None:
        self._range, self._counts, self._unit = value_range, counts, unit
        self.update()

    # ------------------------------------------------------------- places

    def area(self) -> QRectF:
        """Where the points lie."""
        words = QFontMetricsF(self.font()).height()
        return QRectF(8, 8, self.width() - 16, self.height() - 16 - BAR_PX - 6 - words)

    def _ends(self) -> tuple[float, float]:
        low, high = self._range
        if self._transfer is not None:
            low = min(low, self._transfer.opacity[0][0])
            high = max(high, self._transfer.opacity[-1][0])
        room = (high - low) * ROOM or 1.0
        return low - room, high + room

    def place(self, value: float, opacity: float) -> QPointF:
        """Where a value and an opacity lie, logical pixels."""
        area, (low, high) = self.area(), self._ends()
        return QPointF(
            area.left() + (value - low) / (high - low) * area.width(), area.bottom() - opacity * area.height()
        )

    def _at(self, place: QPointF) -> tuple[float, float]:
        area, (low, high) = self.area(), self._ends()
        value = low + (place.x() - area.left()) / area.width() * (high - low)
        return value, min(max((area.bottom() - place.y()) / area.height(), 0.0), 1.0)

    def _near(self, place: QPointF) -> int | None:
        points = self._transfer.opacity if self._transfer is not None else ()
        far = [math.hypot(*(self.place(*each) - place).toTuple()) for each in points]
        nearest = min(range(len(far)), key=far.__getitem__, default=None)
        return nearest if nearest is not None and far[nearest] <= REACH_PX else None

    # -------------------------------------------------------------- hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        near = self._near(event.position())
        if near is None:
            return
        self._chosen = near
        if event.button() is Qt.MouseButton.RightButton:
            self._take_away(near)
        elif event.button() is Qt.MouseButton.LeftButton:
            self._held = near
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._move(self._held, *self._at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._transfer is not None and self._near(event.position()) is None:
            self._add(*self._at(event.position()))

    def event(self, event: QEvent) -> bool:
        """Keys that move a point are its own; Tab goes to the next point, and out of the chart after the last."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, following: bool) -> bool:
        points = len(self._transfer.opacity) if self._transfer is not None else 0
        chosen = self._chosen + (1 if following else -1)
        if 0 <= chosen < points:
            self._chosen = chosen
            self.update()
            return True
        return super().focusNextPrevChild(following)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._transfer is None:
            return
        value, opacity = self._transfer.opacity[self._chosen]
        low, high = self._ends()
        step = (high - low) * KEY_SHARE
        moves = {
            Qt.Key.Key_Left: (-step, 0.0),
            Qt.Key.Key_Right: (step, 0.0),
            Qt.Key.Key_Up: (0.0, KEY_OPACITY),
            Qt.Key.Key_Down: (0.0, -KEY_OPACITY),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self._move(self._chosen, value + moves[key][0], opacity + moves[key][1])
        elif key is Qt.Key.Key_Delete:
            self._take_away(self._chosen)
        elif key is Qt.Key.Key_Insert:
            after = self._transfer.opacity[self._chosen + 1 :]
            beyond = after[0] if after else (value + 10 * step, opacity)
            self._add((value + beyond[0]) / 2, (opacity + beyond[1]) / 2)
        else:
            super().keyPressEvent(event)

    # ----------------------------------------------------------- changes

    def _move(self, number: int, value: float, opacity: float) -> None:
        """A point stays between its neighbours."""
        assert self._transfer is not None  # noqa: S101  there is no point without
        points = list(self._transfer.opacity)
        low, high = self._ends()
        least = (high - low) * 1e-3
        if number > 0:
            value = max(value, points[number - 1][0] + least)
        if number < len(points) - 1:
            value = min(value, points[number + 1][0] - least)
        points[number] = (value, min(max(opacity, 0.0), 1.0))
        self._put(tuple(points))

    def _add(self, value: float, opacity: float) -> None:
        assert self._transfer is not None  # noqa: S101  asked for before
        points = tuple(sorted((*self._transfer.opacity, (value, opacity))))
        if len({at for at, _ in points}) == len(points):
            self._chosen = points.index((value, opacity))
            self._put(points)

    def _take_away(self, number: int) -> None:
        assert self._transfer is not None  # noqa: S101  asked for before
        points = self._transfer.opacity
        if len(points) > FEWEST:
            self._chosen = max(number - 1, 0)
            self._put(points[:number] + points[number + 1 :])

    def _put(self, points: Points) -> None:
        assert self._transfer is not None  # noqa: S101  asked for before
        self.show_transfer(replace(self._transfer, opacity=points))
        self.changed.emit(self._transfer)

    # ----------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._transfer is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = self.area()
            painter.fillRect(area, QColor(0, 0, 0, 90))
            self._bars(painter, area)
            self._curve(painter, area, self._transfer)
            self._colours(painter, area, self._transfer)
            self._words(painter, area)

    def _bars(self, painter: QPainter, area: QRectF) -> None:
        if not self._counts.size:
            return
        low, high = self._range
        outline = [self.place(low, 0.0)]
        for number, each in enumerate(self._counts):
            outline.append(self.place(low + (number + 0.5) / len(self._counts) * (high - low), float(each) * 0.9))
        outline.append(self.place(high, 0.0))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(120, 128, 138, 110))
        painter.drawPolygon(QPolygonF(outline))

    def _curve(self, painter: QPainter, area: QRectF, transfer: TransferFunction) -> None:
        places = [self.place(*each) for each in transfer.opacity]
        line = [QPointF(area.left(), places[0].y()), *places, QPointF(area.right(), places[-1].y())]
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(accent, 1.6))
        painter.drawPolyline(QPolygonF(line))
        for number, at in enumerate(places):
            chosen = number == self._chosen and self.hasFocus()
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Text), 2.4 if chosen else 1.2))
            painter.setBrush(QColor(*transfer.colour_at(transfer.opacity[number][0])))
            painter.drawEllipse(at, KNOB_PX, KNOB_PX)

    def _colours(self, painter: QPainter, area: QRectF, transfer: TransferFunction) -> None:
        bar = QRectF(area.left(), area.bottom() + 6, area.width(), BAR_PX)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        low, high = self._ends()
        for step in range(33):
            gradient.setColorAt(step / 32, QColor(*transfer.colour_at(low + step / 32 * (high - low))))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(bar, gradient)

    def _words(self, painter: QPainter, area: QRectF) -> None:
        low, high = self._ends()
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        rect = QRectF(area.left(), area.bottom() + 8 + BAR_PX, area.width(), QFontMetricsF(self.font()).height())
        transfer = self._transfer
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft, f"{low:.0f}")
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight, f"{high:.0f} {self._unit}".strip())
        if transfer is not None:
            value, opacity = transfer.opacity[self._chosen]
            painter.drawText(rect, Qt.AlignmentFlag.AlignHCenter, f"{value:.0f} {self._unit}: {100 * opacity:.0f} %")

    def facts(self) -> dict[str, Any]:
        """Where its points are on the screen, logical pixels of the chart, and what they say."""
        points = self._transfer.opacity if self._transfer is not None else ()
        return {
            "counted": bool(self._counts.size),
            "points": [list(each) for each in points],
            "places": [[round(number) for number in self.place(*each).toTuple()] for each in points],
        }
