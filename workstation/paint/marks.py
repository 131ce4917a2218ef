"""Marks of findings painted: thin lines with a dark halo, handles where they are selected, a label with its leader.

Each state differs in shape too: a selected mark has square handles and a heavier line, one in hand a dashed leader.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workstation.paint.labels import elided, height, label, rim_px

MARK: Final = QColor(138, 228, 255)
SELECTED: Final = QColor(255, 222, 89)
LEADER: Final = QColor(190, 200, 210)
HALO: Final = QColor(0, 0, 0, 205)
PLATE: Final = QColor(0, 0, 0, 190)
"""Under a label: it is read on white as on black."""

TEXT_PX: Final = 12.5
"""Of labels, in logical pixels."""

LINE_SHARE: Final = 1.28
"""Height of a line of a label in text sizes."""

MOST_SMOOTH: Final = 150
"""More marks than these on a tile are drawn without smooth edges, three times as fast."""

HANDLE_PX: Final = 3.5
SHORT_DASHES: Final = (4.0, 3.0)

Place = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, width, height."""

ENUMS_MADE: Final = (Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
"""As `paint.tile` has it: what painting meets is made before two threads meet it at once."""


@dataclass(frozen=True)
class Stroke:
    """A line through places, closed or not; dashed where it only helps to understand."""

    points: tuple[Place, ...]
    closed: bool = False
    dashed: bool = False
    is_value: bool = False
    """Whether the value is the length of this one among several: the leader of the label begins at its middle."""


@dataclass(frozen=True)
class Mark:
    """A finding laid out on a tile, in device pixels; `anchor` is where the leader of its label begins."""

    uid: str
    strokes: tuple[Stroke, ...]
    handles: tuple[Place, ...] = ()
    lines: tuple[str, ...] = ()
    label: Box | None = None
    anchor: Place | None = None
    selected: bool = False

    @property
    def colour(self) -> QColor:
        return SELECTED if self.selected else MARK


def paint_marks(painter: QPainter, marks: tuple[Mark, ...], ratio: float) -> None:
    """Lines first, then labels, so that no line runs through a word."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(marks) <= MOST_SMOOTH)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for mark in marks:
        _leader(painter, mark, ratio)
        for stroke in mark.strokes:
            _stroke(painter, stroke, mark, ratio)
        if mark.selected:
            _handles(painter, mark, ratio)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for mark in marks:
        _label(painter, mark, ratio)
    painter.restore()


def text_px(ratio: float) -> float:
    return TEXT_PX * ratio


def label_size(lines: tuple[str, ...], ratio: float) -> Place:
    """Width and height that a label takes, device pixels."""
    size = text_px(ratio)
    wide = max((elided(line, size, False, 1e6)[1] for line in lines), default=0.0)
    return wide, size * LINE_SHARE * len(lines)


def _stroke(painter: QPainter, stroke: Stroke, mark: Mark, ratio: float) -> None:
    points = [QPointF(*each) for each in stroke.points]
    thick = 1.9 if mark.selected else 1.4
    for colour, width in ((HALO, thick + 2.2), (mark.colour, thick)):
        pen = QPen(colour, width * ratio)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        if stroke.dashed:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([each * thick / width for each in SHORT_DASHES])
        painter.setPen(pen)
        if stroke.closed:
            painter.drawPolygon(points)
        else:
            painter.drawPolyline(points)


def _handles(painter: QPainter, mark: Mark, ratio: float) -> None:
    reach = HANDLE_PX * ratio
    painter.setPen(QPen(HALO, 1.2 * ratio))
    painter.setBrush(mark.colour)
    for x, y in mark.handles:
        painter.drawRect(QRectF(x - reach, y - reach, 2 * reach, 2 * reach))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _leader(painter: QPainter, mark: Mark, ratio: float) -> None:
    """From the mark to the nearest place of its label, dashed."""
    if mark.label is None or mark.anchor is None:
        return
    x, y, wide, high = mark.label
    end = (min(max(mark.anchor[0], x), x + wide), min(max(mark.anchor[1], y), y + high))
    for colour, width in ((HALO, 2.6), (LEADER, 1.0)):
        pen = QPen(colour, width * ratio)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([each / width for each in SHORT_DASHES])
        painter.setPen(pen)
        painter.drawLine(QPointF(*mark.anchor), QPointF(*end))


def _label(painter: QPainter, mark: Mark, ratio: float) -> None:
    if mark.label is None:
        return
    size = text_px(ratio)
    step, rim = size * LINE_SHARE, rim_px(size)
    x, y, wide, high = mark.label
    painter.fillRect(QRectF(x - 3 * ratio, y - ratio, wide + 6 * ratio, high + 2 * ratio), PLATE)
    for number, line in enumerate(mark.lines):
        picture = label(line, size, False, mark.colour.rgb())
        top = y + number * step + (step - height(size)) / 2
        painter.drawImage(QPoint(round(x - rim), round(top)), picture)
