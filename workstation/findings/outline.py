"""Shapes in a plane of space: their axes, their outline, and which points lie inside; in the units of its points."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.findings.finding import Kind
from workstation.imaging.geometry import Vec3, cross, vec

Points = NDArray[np.float64]

STEPS: Final = 96
"""Corners that an ellipse is drawn with."""

ON_EDGE: Final = 1e-9
"""A centre so near to the outline, in sizes of it, lies on it, and what lies on it is inside."""


@dataclass(frozen=True)
class Flat:
    """The plane of a shape: a point of it, two perpendicular unit vectors in it, and its normal."""

    origin: Vec3
    right: Vec3
    down: Vec3

    @property
    def normal(self) -> Vec3:
        return cross(self.right, self.down)

    def flat(self, points: Points) -> Points:
        """(n, 3) points as (n, 2) in the plane."""
        axes = np.column_stack([self.right, self.down])
        return np.asarray((points - np.asarray(self.origin)) @ axes, dtype=np.float64)


def plane_through(points: Sequence[Vec3]) -> Flat:
    """The plane that an outline lies in (Newell). Raises `Refused` with NO_EXTENT when it encloses nothing."""
    array = np.asarray(points, dtype=np.float64)
    middle = array.mean(axis=0)
    around = array - middle
    normal = np.cross(around, np.roll(around, -1, axis=0)).sum(axis=0)
    if float(np.linalg.norm(normal)) <= 1e-12 * max(float(np.abs(around).max()) ** 2, 1e-300):
        normal = np.cross(around[0], around[-1])
    size = float(np.linalg.norm(normal))
    if size <= 1e-12 * max(float(np.abs(around).max()) ** 2, 1e-300):
        raise Refused(Reason.NO_EXTENT)
    normal /= size
    first = around[int(np.argmax(np.linalg.norm(around, axis=1)))]
    right = first - normal * float(first @ normal)
    right /= np.linalg.norm(right)
    return Flat(vec(middle), vec(right), vec(np.cross(normal, right)))


def ellipse_axes(points: Sequence[Vec3]) -> tuple[Points, Points, Points]:
    """Middle and both half axes (conjugate ones after a stretch) of an ellipse by the ends of its axes."""
    array = np.asarray(points, dtype=np.float64)
    return array.mean(axis=0), (array[1] - array[0]) / 2, (array[3] - array[2]) / 2


def outline(kind: Kind, points: Sequence[Vec3]) -> tuple[Vec3, ...]:
    """The corners of a closed shape, the first not repeated."""
    if kind is not Kind.ELLIPSE or len(points) < 4:
        return tuple(points)
    middle, one, other = ellipse_axes(points)
    turns = np.linspace(0.0, 2 * math.pi, STEPS, endpoint=False)
    ring = middle + np.cos(turns)[:, None] * one + np.sin(turns)[:, None] * other
    return tuple((float(x), float(y), float(z)) for x, y, z in ring)


def inside(kind: Kind, points: Sequence[Vec3], flat: Flat, places: Points) -> NDArray[np.bool_]:
    """Which of `places` (n, 2) in the plane lie in the shape; its outline counts as inside."""
    corners = flat.flat(np.asarray(points, dtype=np.float64))
    if kind is Kind.ELLIPSE:
        middle, one, other = corners.mean(axis=0), (corners[1] - corners[0]) / 2, (corners[3] - corners[2]) / 2
        shares = np.linalg.solve(np.column_stack([one, other]), (places - middle).T)
        return np.asarray((shares**2).sum(axis=0) <= 1 + ON_EDGE)
    return _in_polygon(corners, places)


def _in_polygon(corners: Points, places: Points) -> NDArray[np.bool_]:
    """Even-odd rule, edge by edge."""
    found, on_edge = np.zeros((2, len(places)), np.bool_)
    reach = ON_EDGE * max(float(np.ptp(corners, axis=0).max()), 1e-300)
    x, y = places[:, 0], places[:, 1]
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        spans = (y0 <= y) != (y1 <= y)
        if spans.any():
            crossing = x0 + (y[spans] - y0) * ((x1 - x0) / (y1 - y0))
            found[spans] ^= x[spans] < crossing
        on_edge |= _on_edge((x0, y0), (x1, y1), places, reach)
    return np.asarray(found | on_edge)


def _on_edge(start: tuple[float, float], end: tuple[float, float], places: Points, reach: float) -> NDArray[np.bool_]:
    along = np.subtract(end, start)
    length = float(np.hypot(*along))
    if length == 0.0:
        return np.zeros(len(places), np.bool_)
    away = places - np.asarray(start)
    beside = np.abs(away[:, 0] * along[1] - away[:, 1] * along[0]) / length
    at = (away @ along) / length
    return np.asarray((beside <= reach) & (at >= -reach) & (at <= length + reach))


def crosses_itself(points: Sequence[Vec3]) -> bool:
    """Whether two edges of a closed outline cross; neighbours only touch."""
    if len(points) < 4:
        return False
    corners = plane_through(points).flat(np.asarray(points, dtype=np.float64))
    ends = np.roll(corners, -1, axis=0)
    edges = ends - corners
    count = len(corners)
    for number in range(count - 2):
        others = np.arange(number + 2, count - (number == 0))
        if others.size and _cut(corners[number], edges[number], corners[others], edges[others]).any():
            return True
    return False


def _cut(start: Points, edge: Points, starts: Points, edges: Points) -> NDArray[np.bool_]:
    """Whether an edge properly cuts each of some others."""
    away = starts - start
    size = edge[0] * edges[:, 1] - edge[1] * edges[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        own = (away[:, 0] * edges[:, 1] - away[:, 1] * edges[:, 0]) / size
        theirs = (away[:, 0] * edge[1] - away[:, 1] * edge[0]) / size
    return np.asarray((size != 0) & (own > 0) & (own < 1) & (theirs > 0) & (theirs < 1))
