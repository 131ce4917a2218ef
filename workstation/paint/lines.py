"""Lines of other planes over a tile, and what they are taken hold of by: values, and how they are painted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion

SHADOW: Final = QColor(0, 0, 0, 220)
ACCENT: Final = QColor(79, 163, 209)
LINE_COLOURS: Final = {
    "axial": QColor(226, 162, 59),
    "coronal": QColor(96, 190, 124),
    "sagittal": QColor(98, 158, 230),
    "reference": QColor(214, 196, 92),
    "landmark": QColor(111, 195, 184),
}
KNOB_PX: Final = 4.5
BAR_PX: Final = 5.0
DASHES: Final = (6.0, 5.0)


@dataclass(frozen=True)
class Line:
    """A stretch of a line in device pixels, in the colour of the plane it stands for; its label stands at one end."""

    start: tuple[float, float]
    end: tuple[float, float]
    colour: str
    dashed: bool = False
    label: str = ""


@dataclass(frozen=True)
class Knob:
    """Something to take hold of on the line of a plane: a ring turns it; a bar is pulled, `out` is which way."""

    at: tuple[float, float]
    colour: str
    out: tuple[float, float] | None = None


def line_colour(name: str) -> QColor:
    """Of a plane by its name; any other is the accent."""
    return LINE_COLOURS.get(name, ACCENT)


def paint_lines(painter: QPainter, lines: Iterable[Line], free: QRegion, ratio: float) -> None:
    """Lines where it is `free`, without their labels."""
    painter.setClipRegion(free)
    for line in lines:
        pen = QPen(line_colour(line.colour), ratio)
        if line.dashed:
            pen.setDashPattern(DASHES)
        painter.setPen(pen)
        painter.drawLine(QPointF(*line.start), QPointF(*line.end))
    painter.setClipping(False)


def paint_knobs(painter: QPainter, knobs: Iterable[Knob], ratio: float) -> None:
    """Rings and bars, each with a dark rim so that it is seen on any tissue."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius, long = KNOB_PX * ratio, BAR_PX * ratio
    for knob in knobs:
        x, y = knob.at
        for colour, thick in ((SHADOW, 3.4), (line_colour(knob.colour), 1.6)):
            painter.setPen(QPen(colour, thick * ratio))
            if knob.out is None:
                painter.drawEllipse(QPointF(x, y), radius, radius)
            else:
                along = QPointF(-knob.out[1] * long, knob.out[0] * long)
                painter.drawLine(QPointF(x, y) - along, QPointF(x, y) + along)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def clipped(line: Line, area: QRectF) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The part of a line that lies in an area; None when none does."""
    low, high = 0.0, 1.0
    (x, y), step = line.start, (line.end[0] - line.start[0], line.end[1] - line.start[1])
    for at, by, first, last in ((x, step[0], area.left(), area.right()), (y, step[1], area.top(), area.bottom())):
        if abs(by) < 1e-9:
            if not first <= at <= last:
                return None
            continue
        ends = sorted(((first - at) / by, (last - at) / by))
        low, high = max(low, ends[0]), min(high, ends[1])
    if low > high:
        return None
    return (x + low * step[0], y + low * step[1]), (x + high * step[0], y + high * step[1])
