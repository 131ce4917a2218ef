"""Segments painted: a translucent fill inside a line with a dark rim; the one that tools work on has a heavier line.

Colours differ, and so do line and number: nobody has to tell segments by colour alone.
"""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

RIM: Final = QColor(0, 0, 0, 150)
MOST_SMOOTH: Final = 12_000
"""More corners than these on a tile are drawn without smooth edges, three times as fast."""

_ELEMENT: Final = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MOVE, _LINE = 0, 1

ENUMS_MADE: Final = (Qt.FillRule.OddEvenFill, Qt.PenStyle.DashLine, Qt.PenJoinStyle.BevelJoin)
"""As `paint.tile` has it: what painting meets is made before two threads meet it at once."""


@dataclass(frozen=True, eq=False)
class Region:
    """A segment on a tile: closed outlines in device pixels from its outer corner, holes among them, each (n, 2).

    `opacity` is that of the fill, 0 for a line alone. A `dashed` one is none yet: a stroke under way, or an eraser.
    """

    uid: str
    loops: tuple[NDArray[np.float64], ...]
    colour: tuple[int, int, int]
    opacity: float
    chosen: bool = False
    dashed: bool = False

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        points = np.concatenate(self.loops)
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def paint_regions(painter: QPainter, regions: tuple[Region, ...], ratio: float) -> None:
    """Fills first, then lines, so that no line is tinted by a neighbour."""
    if not regions:
        return
    painter.save()
    corners = sum(len(loop) for each in regions for loop in each.loops)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, corners <= MOST_SMOOTH)
    paths = [(each, path_of(each.loops)) for each in regions]
    for region, path in paths:
        if region.opacity > 0:
            painter.fillPath(path, QColor(*region.colour, round(255 * min(region.opacity, 1.0))))
    for region, path in paths:
        thick = 2.0 if region.chosen else 1.3
        inks = ((RIM, thick + 1.6), (QColor(*region.colour), thick))
        for colour, width in inks if corners <= MOST_SMOOTH else inks[1:]:
            pen = QPen(colour, width * ratio)
            pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)  # round ones take five times as long
            if region.dashed:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.strokePath(path, pen)
    painter.restore()


def paint_stroke(painter: QPainter, region: Region, ratio: float) -> None:
    """A stroke under way, while the hand moves: hair lines without smooth edges take a tenth of the time of others."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    path = path_of(region.loops)
    if region.opacity > 0:
        painter.fillPath(path, QColor(*region.colour, round(255 * min(region.opacity, 1.0))))
    style = Qt.PenStyle.DashLine if region.dashed else Qt.PenStyle.SolidLine
    for colour, beside in ((RIM, ratio), (QColor(*region.colour), 0.0)):
        painter.setPen(QPen(colour, 1, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path.translated(beside, beside))
    painter.restore()


def path_of(loops: tuple[NDArray[np.float64], ...]) -> QPainterPath:
    """Closed lines as one path. It is read from a stream: point by point takes a hundred times as long."""
    count = sum(len(loop) + 1 for loop in loops)
    elements = np.zeros(count, _ELEMENT)
    at = 0
    for loop in loops:
        part = elements[at : at + len(loop) + 1]
        part["kind"], part["kind"][0] = _LINE, _MOVE
        part["x"][:-1], part["y"][:-1] = loop[:, 0], loop[:, 1]
        part["x"][-1], part["y"][-1] = loop[0]
        at += len(loop) + 1
    # Format of QPainterPath's stream: how many, the elements, where the last outline starts, the fill rule.
    data = QByteArray(struct.pack(">i", count) + elements.tobytes() + struct.pack(">ii", 0, 0))
    path = QPainterPath()
    QDataStream(data) >> path
    return path
