"""What a volume looks like along a line through it: straightened, stretched, and across.

Straightened: the line becomes a straight one, every column is a cut across it. Stretched: the surface that a direction
sweeps along the line is unrolled, so that the line keeps its bends to the sides and its length (Kanitsar et al. 2002).
Straightened, a column is `pixel_mm` of the line; stretched, the line drawn in the picture is as long as it is in the
patient. Rows are mm across. Nothing else in them is to scale, so nothing but lengths along the line is measured there.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.centerline import Centerline, Place
from workstation.imaging.geometry import Vec3, vec
from workstation.imaging.view import Plane

Points = NDArray[np.float64]

MOST_PIXELS: Final = 1 << 24
"""Of one unrolled picture."""


@dataclass(frozen=True, eq=False)
class Unrolled:
    """Where each pixel of an unrolled picture lies in the patient.

    `starts_lps` (columns, 3) is the centre of the top pixel of each column, `downs` (columns, 3) the unit vector its
    rows follow, `arcs_mm` (columns,) the arc length of the line there. `line_rows` (columns,) is the row, with
    fractions, on which the line itself lies.
    """

    starts_lps: Points
    downs: Points
    arcs_mm: Points
    line_rows: Points
    rows: int
    pixel_mm: float

    @property
    def columns(self) -> int:
        return len(self.arcs_mm)

    def points(self) -> Points:
        """The patient point of every pixel, shape (rows, columns, 3)."""
        below = np.arange(self.rows)[:, None, None] * self.pixel_mm
        return np.asarray(self.starts_lps[None] + below * self.downs[None])

    def point(self, column: float, row: float) -> Vec3:
        """The patient point of a pixel, between columns the nearer one's."""
        at = int(np.clip(round(column), 0, self.columns - 1))
        return vec(self.starts_lps[at] + row * self.pixel_mm * self.downs[at])

    def column(self, arc_mm: float) -> float:
        """The column, with fractions, of an arc length."""
        return float(np.interp(arc_mm, self.arcs_mm, np.arange(self.columns)))


def turned(line: Centerline, degrees: float) -> Points:
    """The direction across the line at each of its points, turned about it: 0 is `across`, 90 `aside`."""
    angle = math.radians(degrees)
    return np.asarray(math.cos(angle) * line.across + math.sin(angle) * line.aside)


def straightened(line: Centerline, width_mm: float, pixel_mm: float, degrees: float = 0.0) -> Unrolled:
    """The line laid straight from left to right, `width_mm` of its surroundings up and down.

    Raises `Refused` with TOO_LARGE where that would be more than MOST_PIXELS.
    """
    columns, rows = math.floor(line.length_mm / pixel_mm) + 1, max(1, round(width_mm / pixel_mm))
    _check(columns, rows)
    arcs = np.arange(columns, dtype=np.float64) * pixel_mm
    centers, downs = _along(line, line.points_lps, arcs), _along(line, turned(line, degrees), arcs)
    downs /= np.linalg.norm(downs, axis=1, keepdims=True)
    middle = (rows - 1) / 2
    return Unrolled(centers - middle * pixel_mm * downs, downs, arcs, np.full(columns, middle), rows, pixel_mm)


def stretched(line: Centerline, width_mm: float, pixel_mm: float, degrees: float = 0.0) -> Unrolled:
    """The surface swept by one direction along the line, unrolled from left to right.

    The direction stands across the way from the line's beginning to its end, and turns about that by `degrees`.
    `width_mm` stays above and below the line where it runs highest and lowest. Raises `Refused` with TOO_LARGE.
    """
    direction = swept_direction(line, degrees)
    heights = line.points_lps @ direction
    steps = np.diff(line.points_lps, axis=0)
    flat = steps - (steps @ direction)[:, None] * direction
    ways = np.concatenate(([0.0], np.cumsum(np.linalg.norm(flat, axis=1))))
    top, bottom = heights.min() - width_mm / 2, heights.max() + width_mm / 2
    columns, rows = math.floor(ways[-1] / pixel_mm) + 1, max(1, round((bottom - top) / pixel_mm))
    _check(columns, rows)
    arcs = np.interp(np.arange(columns) * pixel_mm, ways, line.arcs_mm)
    centers = _along(line, line.points_lps, arcs)
    above = centers @ direction - top
    downs = np.broadcast_to(direction, centers.shape)
    return Unrolled(centers - above[:, None] * direction, downs, arcs, above / pixel_mm, rows, pixel_mm)


def swept_direction(line: Centerline, degrees: float) -> Points:
    """The direction `stretched` sweeps: square to the way from the line's first point to its last."""
    way = line.points_lps[-1] - line.points_lps[0]
    if np.linalg.norm(way) < 1e-6:
        way = line.along[0]
    way = way / np.linalg.norm(way)
    across = line.across[0] - way * float(line.across[0] @ way)
    if np.linalg.norm(across) < 1e-3:  # the line sets out square to where it ends
        across = line.aside[0] - way * float(line.aside[0] @ way)
    across = across / np.linalg.norm(across)
    angle = math.radians(degrees)
    return np.asarray(math.cos(angle) * across + math.sin(angle) * np.cross(way, across))


def across(place: Place, size_mm: float, pixel_mm: float, degrees: float = 0.0) -> Plane:
    """The plane across the line at a place, a square of `size_mm`; its rows follow what `straightened` shows downwards.

    Whoever looks at it looks along the line, from its beginning to its end.
    """
    angle = math.radians(degrees)
    one, other = np.asarray(place.across), np.asarray(place.aside)
    down = math.cos(angle) * one + math.sin(angle) * other
    right = np.cross(down, np.asarray(place.along))
    return Plane(place.point_lps, vec(right), vec(down), (size_mm, size_mm), (pixel_mm, pixel_mm))


def _along(line: Centerline, values: Points, arcs_mm: Points) -> Points:
    return np.stack([np.interp(arcs_mm, line.arcs_mm, values[:, axis]) for axis in range(3)], axis=1)


def _check(columns: int, rows: int) -> None:
    if columns * rows > MOST_PIXELS:
        raise Refused(Reason.TOO_LARGE, "the unrolled picture")
