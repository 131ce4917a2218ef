"""The hand on a curve: clicks place its points in any plane, handles move them, the line itself is pulled to a new
point, Shift and a click takes one away; and it is drawn over the pictures.

All places in device pixels of a tile. What lies near the plane is drawn strong, the rest of the line faint.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workstation.case.curve import Curve
from workstation.imaging.centerline import Centerline
from workstation.imaging.geometry import Vec3, vec
from workstation.picture.curve import Followed
from workstation.picture.marks import half_slice_mm
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.theme import DARK

Place = tuple[float, float]
CURVE: Final = "curve"
"""What a press does that places or moves a point of a curve."""

HANDLE_REACH_PX: Final = 9
LINE_REACH_PX: Final = 5
HANDLE_PX: Final = 4.5
CORNER: Final = np.array((0.5, 0.5, 0.0))
"""From the centre of a device pixel to the tile's outer corner."""

LEAST_NEAR_MM: Final = 2.5
"""Points so near to a plane can be taken hold of in it."""


@dataclass(frozen=True)
class _Held:
    """A press: the tile, the point it is on (None: the line, where a point comes to be when it is pulled), where it
    began and where that point was."""

    tile: ScreenTile
    number: int | None
    start: Vec3
    before: Vec3


class CurveHand:
    """One press at a time. `curve` is the curve on the page; `followed` its line once it was worked out."""

    def __init__(self) -> None:
        self.curve: Curve | None = None
        self.followed: Followed | None = None
        self._held: _Held | None = None

    def places(self, tile: ScreenTile) -> bool:
        """Whether a click on a tile places a point."""
        return self.curve is not None and self.curve.placing and self._is_here(tile)

    def takes(self, tile: ScreenTile, place: Place, on_line: bool = True) -> bool:
        """Whether a drag that begins here moves a point of the curve, or makes one `on_line`."""
        return self.handle_at(tile, place) is not None or (on_line and self._on_line(tile, place) is not None)

    def press(self, tile: ScreenTile, place: Place, takes_away: bool = False, on_line: bool = True) -> bool:
        """Take a press of the left button, or leave it to others; `takes_away` is one that removes a point. Only
        `on_line` the line itself is taken hold of."""
        curve, screen = self.curve, tile.screen()
        if curve is None or screen is None or not self._is_here(tile):
            return False
        number = self.handle_at(tile, place)
        if takes_away:
            if number is not None:
                curve.remove(number)
            return number is not None
        at = screen.point(place[0] - 0.5, place[1] - 0.5)
        pulled = self._on_line(tile, place) if number is None and on_line else None
        if number is None and pulled is None:
            if not curve.placing:
                return False
            curve.add(at)
            curve.carry_on()
            number = len(curve.points) - 1
        before = curve.points[number] if number is not None else pulled
        self._held = _Held(tile, number, at, before or at)
        return True

    def move(self, place: Place) -> None:
        """The point in hand goes where the hand goes, as far from the plane as it was."""
        held, curve = self._held, self.curve
        if held is None or curve is None:
            return
        screen = held.tile.screen()
        if held.number is None:
            if self._line is None:
                return
            self._held = held = replace(held, number=curve.insert(held.before, self._line))
            curve.carry_on()
        if screen is not None and held.number is not None and held.number < len(curve.points):
            at = screen.point(place[0] - 0.5, place[1] - 0.5)
            x, y, z = (b + a - s for a, s, b in zip(at, held.start, held.before, strict=True))
            curve.carry(held.number, (x, y, z))

    def forget(self) -> None:
        """The press is over; the point stays where it is."""
        self._held = None
        if self.curve is not None:
            self.curve.drop()

    def give_back(self) -> bool:
        """The point in hand goes back to where it was, or goes when it was not there; whether there was one."""
        held, self._held = self._held, None
        if held is None or self.curve is None:
            return False
        self.curve.give_back()
        return True

    @property
    def _line(self) -> Centerline | None:
        """The line as it was worked out, where that was for these very points."""
        found = self.followed
        return found.line if found is not None and self.curve and found.points == self.curve.points else None

    def _on_line(self, tile: ScreenTile, place: Place) -> Vec3 | None:
        """The point of the line under a place, near enough to the plane to be moved in it."""
        line, screen = self._line, tile.screen()
        if line is None or screen is None or not self._is_here(tile):
            return None
        seen = screen.pixels(line.points_lps) + CORNER
        away = np.hypot(seen[:, 0] - place[0], seen[:, 1] - place[1])
        away[np.abs(seen[:, 2]) > _near_mm(tile)] = math.inf
        nearest = int(np.argmin(away))
        return vec(line.points_lps[nearest]) if away[nearest] <= LINE_REACH_PX * tile.ratio else None

    def _is_here(self, tile: ScreenTile) -> bool:
        case, curve = tile.case, self.curve
        if case is None or curve is None or not curve.shown or curve is not case.curve:
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
        line = self._line
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
