"""Below the images: a volume unrolled along a curve, how wide it is along it, and the cut across it at one place.

Picture and plot share their way along: what lies below each other is the same place of the line. A press looks at a
place; dragging up and down turns about the line; Shift and a drag in the plot marks the stretch to compare.
"""

import math
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workstation.case.curve import STEP_MM, Curve
from workstation.imaging.lumen import Lumen, Narrowing
from workstation.paint.fonts import font
from workstation.picture.curve import CurvePicture, Followed
from workstation.ui.curve_hand import CORNER
from workstation.ui.theme import DARK

PLOT_PX: Final = 96
LEFT_PX: Final = 44
RIGHT_PX: Final = 44
GAP_PX: Final = 8
LINE_PX: Final = 17
WORDS_PX: Final = 6 * LINE_PX
TURN_DEG_PX: Final = 0.5
"""Degrees turned by a logical pixel of a drag."""


class CurvePanel(QWidget):
    """Shows what it is given. `looked(arc length)`, `turned(degrees)`, `compared(from, to)` are what the hand wants;
    `resized` when pictures of another size are needed."""

    looked = Signal(float)
    turned = Signal(float)
    compared = Signal(float, float)
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("curve")
        self.setAccessibleName("Curved planes")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(320)
        self.curve: Curve | None = None
        self.followed: Followed | None = None
        self.picture: CurvePicture | None = None
        self.narrowing: Narrowing | None = None
        self.said = ""
        self._pressed: tuple[float, float] | None = None
        self._from = 0.0
        self.hide()

    # --------------------------------------------------------------- places

    @property
    def ratio(self) -> float:
        return self.devicePixelRatioF()

    @property
    def section_px(self) -> int:
        """Edge of the cut across, device pixels."""
        return max(32, round((self.height() - WORDS_PX - 2 * GAP_PX) * self.ratio))

    @property
    def picture_px(self) -> tuple[int, int]:
        """Room for the unrolled picture, device pixels."""
        width = self.width() - LEFT_PX - RIGHT_PX - self.section_px / self.ratio - 2 * GAP_PX
        return max(16, round(width * self.ratio)), max(16, round((self.height() - PLOT_PX - 2 * GAP_PX) * self.ratio))

    def x_of(self, arc_mm: float) -> float:
        """Logical x of a place of the line."""
        unrolled = self.picture.unrolled if self.picture else None
        return LEFT_PX + (unrolled.column(arc_mm) + 0.5) / self.ratio if unrolled is not None else LEFT_PX

    def arc_at(self, x: float) -> float:
        """The place of the line under a logical x."""
        if self.picture is None:
            return 0.0
        arcs = self.picture.unrolled.arcs_mm
        return float(np.interp((x - LEFT_PX) * self.ratio - 0.5, np.arange(len(arcs)), arcs))

    # ----------------------------------------------------------------- hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or self.picture is None:
            return
        self._pressed = (event.position().x(), event.position().y())
        self._from = self.arc_at(event.position().x())
        if event.modifiers() != Qt.KeyboardModifier.ShiftModifier and event.position().x() < self._section_left():
            self.looked.emit(self._from)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or self.picture is None:
            return
        x, y = event.position().x(), event.position().y()
        if event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.compared.emit(self._from, self.arc_at(x))
            return
        if y < self.height() - PLOT_PX and abs(y - self._pressed[1]) >= 1:
            self.turned.emit((y - self._pressed[1]) * TURN_DEG_PX)
        self._pressed = (x, y)
        if x < self._section_left():
            self.looked.emit(self.arc_at(x))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.curve is not None and self.picture is not None and event.angleDelta().y():
            self.looked.emit(self.curve.arc_mm - math.copysign(STEP_MM, event.angleDelta().y()))
            event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def _section_left(self) -> float:
        return self.width() - self.section_px / self.ratio - GAP_PX

    # ---------------------------------------------------------------- paint

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            painter.setPen(QColor(DARK.line))
            painter.drawLine(0, 0, self.width(), 0)
            painter.setFont(font(12))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.picture is None or self.curve is None or self.followed is None:
                self._say(painter, QRectF(self.rect()), self.said)
                return
            self._paint_unrolled(painter)
            self._paint_plot(painter)
            self._paint_section(painter)

    def _say(self, painter: QPainter, where: QRectF, text: str) -> None:
        painter.setPen(QColor(DARK.quiet))
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def _draw(self, painter: QPainter, image: QImage, left: float, top: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(left, top, image.width() / self.ratio, image.height() / self.ratio), image)

    def _paint_unrolled(self, painter: QPainter) -> None:
        assert self.picture is not None and self.curve is not None  # noqa: S101  asked for before
        image, room = self.picture.image, self.picture_px[1] / self.ratio
        top = GAP_PX + max(0.0, (room - image.height() / self.ratio) / 2)
        self._draw(painter, image, LEFT_PX, top)
        x = self.x_of(self.curve.arc_mm)
        painter.setPen(QPen(QColor(DARK.warning), 1.0))
        painter.drawLine(QPointF(x, GAP_PX), QPointF(x, self.height() - LINE_PX))
        word = "stretched" if self.curve.stretched else "straightened"
        room_for = QRectF(LEFT_PX + 3, GAP_PX + 2, 200.0, LINE_PX)
        _veiled(painter, room_for, Qt.AlignmentFlag.AlignLeft, f"{word}, {self.curve.degrees:.0f}°")

    def _plot_rect(self) -> QRectF:
        assert self.picture is not None  # noqa: S101  asked for before
        width = self.picture.image.width() / self.ratio
        return QRectF(LEFT_PX, self.height() - PLOT_PX, width, PLOT_PX - LINE_PX - 4)

    def _paint_plot(self, painter: QPainter) -> None:
        assert self.followed is not None and self.picture is not None and self.curve is not None  # noqa: S101
        rect, found = self._plot_rect(), self.followed.lumen
        painter.setPen(QColor(DARK.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        self._paint_ticks(painter, rect)
        if found is None:
            self._say(painter, rect, self.followed.why_none)
            return
        top_mm = _nice_above(float(np.nanmax(found.most_mm)))
        top_mm2 = _nice_above(float(np.nanmax(found.area_mm2)))
        self._paint_scales(painter, rect, top_mm, top_mm2)
        if self.curve.between is not None:
            left, right = (self.x_of(each) for each in sorted(self.curve.between))
            painter.fillRect(QRectF(left, rect.top(), right - left, rect.height()), QColor(90, 174, 219, 40))
        xs = np.array([self.x_of(float(each)) for each in found.arcs_mm])
        _band(painter, rect, xs, found, top_mm)
        _trace(painter, rect, xs, found.area_mm2 / top_mm2, QPen(QColor(DARK.quiet), 1.0, Qt.PenStyle.DashLine))
        _trace(painter, rect, xs, found.effective_mm / top_mm, QPen(QColor(DARK.accent), 2.0))
        if self.narrowing is not None:
            x = self.x_of(self.narrowing.arc_mm)
            y = rect.bottom() - rect.height() * self.narrowing.diameter_mm / top_mm
            painter.setPen(QPen(QColor(DARK.error), 2.0))
            painter.drawEllipse(QPointF(x, y), 4.0, 4.0)

    def _paint_ticks(self, painter: QPainter, rect: QRectF) -> None:
        """Millimetres along the line."""
        assert self.followed is not None  # noqa: S101  asked for before
        length = self.followed.line.length_mm
        step, last = _nice_above(length / 12), -math.inf
        painter.setPen(QColor(DARK.quiet))
        for n in range(int(length / step) + 1):
            x = self.x_of(n * step)
            painter.drawLine(QPointF(x, rect.bottom()), QPointF(x, rect.bottom() + 3))
            if x - last > 40:
                text = f"{n * step:g}" + (" mm" if n == 0 else "")
                painter.drawText(QPointF(x - 4, rect.bottom() + LINE_PX - 2), text)
                last = x

    def _paint_scales(self, painter: QPainter, rect: QRectF, top_mm: float, top_mm2: float) -> None:
        """What the plot counts: diameters at the left, areas at the right."""
        painter.setPen(QColor(DARK.accent))
        for share in (0.0, 1.0):
            y = rect.bottom() - share * rect.height() + (4 if share else 0)
            box = QRectF(0, y - 10, LEFT_PX - 4, 14)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, f"{share * top_mm:g}")
        painter.drawText(QRectF(0, rect.center().y() - 8, LEFT_PX - 4, 14), Qt.AlignmentFlag.AlignRight, "⌀ mm")
        painter.setPen(QColor(DARK.quiet))
        painter.drawText(QPointF(rect.right() + 5, rect.top() + 10), f"{top_mm2:g}")
        painter.drawText(QPointF(rect.right() + 5, rect.center().y() + 4), "mm²")

    def _paint_section(self, painter: QPainter) -> None:
        assert self.picture is not None and self.curve is not None and self.followed is not None  # noqa: S101
        left, top = self._section_left(), float(GAP_PX)
        self._draw(painter, self.picture.section, left, top)
        found, screen = self.followed.lumen, self.picture.screen
        edge = self.section_px / self.ratio
        for side, text in screen.letters.items():
            _veiled(painter, QRectF(left + 3, top + 2, edge - 6, edge - 4), _SIDES[side], text)
        if found is not None:
            number = found.at(self.picture.arc_mm)
            if found.measured[number]:
                seen = (screen.pixels(found.outlines_lps[number]) + CORNER) / self.ratio
                painter.setPen(QPen(QColor(DARK.accent), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolygon(QPolygonF([QPointF(left + x, top + y) for x, y, _ in seen]))
        painter.setPen(QColor(DARK.text))
        for n, text in enumerate(words(self.followed, self.picture.arc_mm, self.narrowing)):
            painter.drawText(QPointF(left, top + edge + (n + 1) * LINE_PX - 2), text)

    def facts(self) -> dict[str, Any] | None:
        """What is shown, in plain JSON values; None while it is closed."""
        if self.isHidden() or self.curve is None:
            return None
        # What was worked out for other points says nothing of these.
        followed = self.followed if self.followed and self.followed.points == self.curve.points else None
        return {
            "points": [list(each) for each in self.curve.points],
            "placing": self.curve.placing,
            "length_mm": followed.line.length_mm if followed else None,
            "arc_mm": self.curve.arc_mm,
            "degrees": self.curve.degrees,
            "stretched": self.curve.stretched,
            "between": list(self.curve.between) if self.curve.between else None,
            "shown_arc_mm": self.picture.arc_mm if self.picture else None,
            "words": list(words(followed, self.picture.arc_mm, self.narrowing))
            if followed and self.picture
            else [self.said],
        }


_SIDES: Final = {
    "left": Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    "right": Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
    "top": Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
    "bottom": Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom,
}


def words(followed: Followed, arc_mm: float, narrowing: Narrowing | None) -> tuple[str, ...]:
    """What stands under the cut across, of the place that is shown."""
    found = followed.lumen
    lines = [f"At {arc_mm:.0f} of {followed.line.length_mm:.0f} mm along the curve"]
    if found is None:
        return (*lines, followed.why_none)
    number = found.at(arc_mm)
    if not found.measured[number]:
        lines.append("No wall stands out here.")
    else:
        lines.append(
            f"⌀ {found.effective_mm[number]:.1f} mm  ({found.least_mm[number]:.1f} × {found.most_mm[number]:.1f})"
        )
        lines.append(f"Area {found.area_mm2[number]:.0f} mm²")
        if found.doubtful[number]:
            lines.append("Uneven outline: check it")
    if narrowing is not None:
        lines.append(f"Narrowest ⌀ {narrowing.diameter_mm:.1f} mm at {narrowing.arc_mm:.0f} mm")
        lines.append(f"−{100 * narrowing.of_diameter:.0f} % of ⌀, −{100 * narrowing.of_area:.0f} % of area")
        lines.append(f"against ⌀ {narrowing.reference_mm:.1f} mm between the marks")
    else:
        lines.append("Shift and a drag in the plot: narrowing")
    return tuple(lines)


def _veiled(painter: QPainter, room: QRectF, where: Qt.AlignmentFlag, text: str) -> None:
    """Text over a picture, which may be bright there."""
    ground = painter.boundingRect(room, where, text).adjusted(-2, 0, 2, 0)
    painter.fillRect(ground, QColor(0, 0, 0, 170))
    painter.setPen(QColor(DARK.text))
    painter.drawText(room, where, text)


def _band(painter: QPainter, rect: QRectF, xs: np.ndarray, found: Lumen, top_mm: float) -> None:
    """From the least to the most diameter."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(90, 174, 219, 70))
    for stretch in _stretches(found.measured):
        low, high = (rect.bottom() - rect.height() * each[stretch] / top_mm for each in (found.least_mm, found.most_mm))
        there = [QPointF(x, y) for x, y in zip(xs[stretch], high, strict=True)]
        back = [QPointF(x, y) for x, y in zip(xs[stretch][::-1], low[::-1], strict=True)]
        painter.drawPolygon(QPolygonF([*there, *back]))


def _trace(painter: QPainter, rect: QRectF, xs: np.ndarray, shares: np.ndarray, pen: QPen) -> None:
    painter.setPen(pen)
    for stretch in _stretches(np.isfinite(shares)):
        ys = rect.bottom() - rect.height() * shares[stretch]
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs[stretch], ys, strict=True)]))


def _stretches(there: np.ndarray) -> list[slice]:
    """Runs of places that are there, two and more."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], there.astype(np.int8), [0]))))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]


def _nice_above(value: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-6)))
    return next(each * power for each in (1.0, 2.0, 5.0, 10.0) if each * power >= value * (1 - 1e-9))
