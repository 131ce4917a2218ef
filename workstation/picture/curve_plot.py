"""How wide a vessel is along a curve, as a plot that shares its way along with the picture above it.

The band goes from the least to the most diameter, the strong line is that of a circle of equal area, the dashed one the
area. Places without an outline are left open, doubtful ones marked below.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from workstation.imaging.lumen import Lumen, Narrowing
from workstation.paint.lines import ACCENT
from workstation.paint.tile import CHIP, FRAME, QUIET
from workstation.picture.curve import Followed

BAND: Final = QColor(79, 163, 209, 70)
BETWEEN: Final = QColor(79, 163, 209, 40)
NARROW: Final = QColor(255, 143, 122)
LINE_PX: Final = 17
TICK_PX: Final = 40

STEPS: Final = (1.0, 2.0, 5.0, 10.0)
TOPS: Final = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)

XOf = Callable[[float], float]


def paint_plot(
    painter: QPainter,
    rect: QRectF,
    x_of: XOf,
    found: Followed,
    between: tuple[float, float] | None,
    narrowing: Narrowing | None,
) -> None:
    """In logical pixels. `x_of` says where a place of the line lies; room for words is left of, right of and below
    `rect`."""
    painter.setPen(FRAME)
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())
    _paint_ticks(painter, rect, x_of, found.line.length_mm)
    widths = found.lumen
    if widths is None or not widths.measured.any():
        painter.setPen(QUIET)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, found.why_none)
        return
    top_mm, top_mm2 = (nice_above(float(np.nanmax(each)), TOPS) for each in (widths.most_mm, widths.area_mm2))
    _paint_scales(painter, rect, top_mm, top_mm2)
    if between is not None:
        left, right = (x_of(each) for each in sorted(between))
        painter.fillRect(QRectF(left, rect.top(), right - left, rect.height()), BETWEEN)
    xs = np.array([x_of(float(each)) for each in widths.arcs_mm])
    _band(painter, rect, xs, widths, top_mm)
    _trace(painter, rect, xs, widths.area_mm2 / top_mm2, QPen(QUIET, 1.0, Qt.PenStyle.DashLine))
    _trace(painter, rect, xs, widths.effective_mm / top_mm, QPen(ACCENT, 2.0))
    _paint_doubt(painter, rect, xs, widths)
    if narrowing is not None:
        y = rect.bottom() - rect.height() * narrowing.diameter_mm / top_mm
        painter.setPen(QPen(NARROW, 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x_of(narrowing.arc_mm), y), 4.0, 4.0)


def _paint_ticks(painter: QPainter, rect: QRectF, x_of: XOf, length_mm: float) -> None:
    """Millimetres along the line."""
    step, last = nice_above(length_mm / 12), -math.inf
    painter.setPen(QUIET)
    for n in range(int(length_mm / step) + 1):
        x = x_of(n * step)
        painter.drawLine(QPointF(x, rect.bottom()), QPointF(x, rect.bottom() + 3))
        if x - last > TICK_PX:
            text = f"{n * step:g}" + (" mm" if n == 0 else "")
            painter.drawText(QPointF(x - 4, rect.bottom() + LINE_PX - 2), text)
            last = x


def _paint_scales(painter: QPainter, rect: QRectF, top_mm: float, top_mm2: float) -> None:
    """What the plot counts: diameters at the left, areas at the right."""
    left = QRectF(0, 0, rect.left() - 4, 14)
    painter.setPen(ACCENT)
    for share in (0.0, 1.0):
        y = rect.bottom() - share * rect.height() + (4 if share else 0)
        painter.drawText(left.translated(0, y - 10), Qt.AlignmentFlag.AlignRight, f"{share * top_mm:g}")
    painter.drawText(left.translated(0, rect.center().y() - 8), Qt.AlignmentFlag.AlignRight, "⌀ mm")
    painter.setPen(QUIET)
    painter.drawText(QPointF(rect.right() + 5, rect.top() + 10), f"{top_mm2:g}")
    painter.drawText(QPointF(rect.right() + 5, rect.center().y() + 4), "mm²")


def _paint_doubt(painter: QPainter, rect: QRectF, xs: np.ndarray, widths: Lumen) -> None:
    """Where an outline is doubtful a bar lies on the axis; where there is none, the axis is dotted."""
    half = (xs[1] - xs[0]) / 2
    for number in np.flatnonzero(widths.doubtful & widths.measured):
        painter.fillRect(QRectF(xs[number] - half, rect.bottom() - 3, 2 * half, 3), CHIP)
    painter.setPen(QPen(CHIP, 2.0, Qt.PenStyle.DotLine))
    for stretch in _stretches(~widths.measured):
        painter.drawLine(QPointF(xs[stretch][0], rect.bottom()), QPointF(xs[stretch][-1], rect.bottom()))


def _band(painter: QPainter, rect: QRectF, xs: np.ndarray, found: Lumen, top_mm: float) -> None:
    """From the least to the most diameter."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(BAND)
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


def nice_above(value: float, steps: tuple[float, ...] = STEPS) -> float:
    """The least of some steps times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-6)))
    return next(each * power for each in steps if each * power >= value * (1 - 1e-9))
