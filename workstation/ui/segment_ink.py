"""What segment tools draw over pictures while a hand moves, and what they read under it. Places in device pixels."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from workstation.case.painting import number, range_words
from workstation.errors import Refused
from workstation.imaging.geometry import Vec3
from workstation.imaging.growing import seed_range
from workstation.imaging.view import ScreenPlane
from workstation.paint.labels import elided, label
from workstation.paint.marks import PLATE, text_px
from workstation.ui.screen_tile import ScreenTile

Place = tuple[float, float]


def dashed(painter: QPainter, screen: ScreenPlane, outline: Sequence[Vec3], ratio: float) -> None:
    """A closed line of dashes, to be seen on any ground."""
    pixels = screen.pixels(np.asarray(outline)) + 0.5
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    line = QPolygonF([QPointF(float(x), float(y)) for x, y, _ in pixels])
    for ink, width in ((QColor(0, 0, 0, 160), 3.4), (QColor(255, 255, 255), 1.4)):
        painter.setPen(QPen(ink, width * ratio, Qt.PenStyle.DashLine))
        painter.drawPolygon(line)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def range_at(tile: ScreenTile, place: Place, tolerance: float) -> str:
    """What region growing takes from a place: the range of values round its own. Empty where there is none."""
    pixels = tile.picture.pixels if tile.picture else None
    if pixels is None or pixels.voxels.is_colour or pixels.voxels.display_set.grid is None:
        return ""
    try:
        found = seed_range(pixels.voxels, point_under(tile, place), tolerance)
    except Refused:
        return ""
    return range_words(found.low, found.high, pixels.voxels.unit)


def value_at(tile: ScreenTile, place: Place) -> str:
    """The stored value under a place, with its unit; empty where there is none."""
    case, pixels = tile.case, tile.picture.pixels if tile.picture else None
    if case is None or pixels is None or pixels.voxels.is_colour:
        return ""
    view = case.view(tile.number)
    if view.display_set is None or view.display_set is not pixels.voxels.display_set:
        return ""
    i, j, k = (math.floor(each + 0.5) for each in view.grid.index(point_under(tile, place)))
    image = view.tile.image if view.tile.orientation is None else k
    columns, rows = view.grid.size[:2]
    if not (0 <= i < columns and 0 <= j < rows and 0 <= image < len(pixels.voxels.filled)):
        return ""
    if not pixels.voxels.filled[image]:
        return ""
    value = float(pixels.voxels.values(image, (slice(j, j + 1), slice(i, i + 1)))[0, 0])
    return "" if math.isnan(value) else f"{number(value)} {pixels.voxels.unit}".rstrip()


def ring(painter: QPainter, center: Place, radius: float, colour: QColor, ratio: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in ((QColor(0, 0, 0, 160), 3.0), (colour, 1.4)):
        painter.setPen(QPen(ink, width * ratio))
        painter.drawEllipse(QPointF(*center), radius, radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def say(painter: QPainter, at: Place, words: str, ratio: float) -> None:
    size = text_px(ratio)
    wide, picture = elided(words, size, False, 1e6)[1], label(words, size, False, QColor(225, 229, 234).rgb())
    painter.fillRect(round(at[0] - 3 * ratio), round(at[1]), round(wide + 8 * ratio), picture.height(), PLATE)
    painter.drawImage(QPoint(round(at[0]), round(at[1])), picture)


def point_under(tile: ScreenTile, place: Place) -> Vec3:
    """The patient point under a place of a tile."""
    screen = tile.screen()
    assert screen is not None  # noqa: S101  asked for before
    return screen.point(place[0] - 0.5, place[1] - 0.5)
