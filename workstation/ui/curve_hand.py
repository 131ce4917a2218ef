"""The hand on a curve: clicks place its points in any plane, handles move them, and it is drawn over the pictures.

All places in device pixels of a tile. What lies near the plane is drawn strong, the rest of the line faint.
"""

import math
from itertools import pairwise
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workstation.case.curve import Curve
from workstation.imaging.geometry import Vec3
from workstation.picture.curve import Followed
from workstation.picture.marks import half_slice_mm
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.theme import DARK

Place = tuple[float, float]
CURVE: Final = "curve"
"""What a press does that places or moves a point of a curve."""

HANDLE_REACH_PX: Final = 9
HANDLE_PX: Final = 4.5
CORNER: Final = np.array((0.5, 0.5, 0.0))
"""From the centre of a device pixel to the tile's outer corner."""

LEAST_NEAR_MM: Final = 2.5
"""Points so near to a plane can be taken hold of in it."""


class CurveHand:
    """One press at a time. `curve` is the curve on the page; `followed` its line once it was worked out."""

    def __init__(self) -> None:
        self.curve: Curve | None = None
        self.followed: Followed | None = None
        self.shown = False
        """Whether what lies along the curve is shown; without it the curve is neither seen nor taken hold of."""
        self._held: tuple[ScreenTile, int, Vec3, Vec3] | None = None

    def places(self, tile: ScreenTile) -> bool:
        """Whether a click on a tile places a point."""
        return self.curve is not None and self.curve.placing and self._is_here(tile)

    def press(self, tile: ScreenTile, place: Place) -> bool:
        """Take a press of the left button, or leave it to others."""
        curve, screen = self.curve, tile.screen()
        if curve is None or screen is None or not self._is_here(tile):
            return False
        at = screen.point(place[0] - 0.5, place[1] - 0.5)
        number = self.handle_at(tile, place)
        if number is None and not curve.placing:
            return False
        if number is None:
            curve.add(at)
            number = len(curve.points) - 1
        self._held = (tile, number, at, curve.points[number])
        return True

    def move(self, place: Place) -> None:
        """The point in hand goes where the hand goes, as far from the plane as it was."""
        if self._held is None or self.curve is None:
            return
        tile, number, start, before = self._held
        screen = tile.screen()
        if screen is not None and number < len(self.curve.points):
            at = screen.point(place[0] - 0.5, place[1] - 0.5)
            x, y, z = (b + a - s for a, s, b in zip(at, start, before, strict=True))
            self.curve.move(number, (x, y, z))

    def forget(self) -> None:
        self._held = None

    def _is_here(self, tile: ScreenTile) -> bool:
        case, curve = tile.case, self.curve
        if case is None or curve is None or not self.shown:
            return False
        return case.space_of(case.tiles[tile.number]) == curve.space

    def handle_at(self, tile: ScreenTile, place: Place) -> int | None:
        """The number of the point under a place, near enough to the plane to be moved in it."""
        curve, screen, case = self.curve, tile.screen(), tile.case
        if curve is None or screen is None or case is None or not curve.points or not self._is_here(tile):
            return None
        seen = screen.pixels(np.asarray(curve.points)) + CORNER
        away = np.hypot(seen[:, 0] - place[0], seen[:, 1] - place[1])
        away[np.abs(seen[:, 2]) > _near_mm(tile)] = math.inf
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= HANDLE_REACH_PX * tile.ratio else None

    # ---------------------------------------------------------------- paint

    def paint(self, painter: QPainter, tile: ScreenTile) -> None:
        """The curve over the picture of a tile, in its own device pixels."""
        curve, screen = self.curve, tile.screen()
        if curve is None or screen is None or tile.picture is None or not curve.points or not self._is_here(tile):
            return
        line = self.followed.line if self.followed is not None and self.followed.points == curve.points else None
        points = line.points_lps[::4] if line is not None else np.asarray(curve.points)
        near_mm = _near_mm(tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = screen.pixels(points) + CORNER
        for one, other in pairwise(seen):
            near = min(abs(one[2]), abs(other[2])) <= near_mm
            painter.setPen(QPen(_colour(255 if near else 90), (2.0 if near else 1.0) * tile.ratio))
            painter.drawLine(QPointF(one[0], one[1]), QPointF(other[0], other[1]))
        for x, y, away in screen.pixels(np.asarray(curve.points)) + CORNER:
            _dot(painter, (x, y), HANDLE_PX * tile.ratio, abs(away) <= near_mm, tile.ratio)
        if line is not None:
            x, y, away = screen.pixel(line.place(curve.arc_mm).point_lps)
            painter.setPen(QPen(QColor(DARK.warning), 1.5 * tile.ratio))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x + 0.5, y + 0.5), 8 * tile.ratio, 8 * tile.ratio)


def _near_mm(tile: ScreenTile) -> float:
    case = tile.case
    view = case.view(tile.number) if case is not None else None
    return LEAST_NEAR_MM if view is None or view.display_set is None else max(LEAST_NEAR_MM, half_slice_mm(view))


def _colour(alpha: int) -> QColor:
    colour = QColor(DARK.registered)
    colour.setAlpha(alpha)
    return colour


def _dot(painter: QPainter, place: Place, radius: float, near: bool, ratio: float) -> None:
    painter.setPen(QPen(_colour(255 if near else 120), 1.5 * ratio))
    painter.setBrush(_colour(255) if near else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(*place), radius, radius)
