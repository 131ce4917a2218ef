"""Distances to solids in mm, negative inside; near enough to exact for edges a voxel wide.

Each takes x, y, z as float32 arrays or plain numbers that broadcast, so that the same formula paints a slice
(z a number) and judges single points (three arrays).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.grid import Vector

# An array, or the plain z of the slice being painted.
Coordinate = Any
Distance = NDArray[np.floating[Any]]
# More than the width of any blend.
FAR_MM = 24.0


@dataclass(frozen=True)
class Profile:
    """A number that changes along the patient: straight lines between (z_mm, value) knots, held beyond the ends."""

    knots: tuple[tuple[float, float], ...]

    @cached_property
    def _table(self) -> NDArray[np.float64]:
        return np.array(sorted(self.knots)).T

    def __call__(self, z: Coordinate) -> Any:
        """A float for a float (NumPy's own would widen float32 arrays), an array for an array."""
        value = np.interp(z, self._table[0], self._table[1])
        return float(value) if np.ndim(z) == 0 else value


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid; `axes` are its three unit directions, the patient's own unless given."""

    center_lps: Vector
    radii_mm: Vector
    axes: tuple[Vector, Vector, Vector] | None = None

    def __call__(self, x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
        a, b, c = (p - center for p, center in zip((x, y, z), self.center_lps, strict=True))
        if self.axes is not None:
            a, b, c = (a * u + b * v + c * w for u, v, w in self.axes)
        over_a, over_b, over_c = (1 / radius for radius in self.radii_mm)
        a, b, c = a * over_a, b * over_b, c * over_c
        share = a * a + b * b + c * c
        slope = (a * over_a) ** 2 + (b * over_b) ** 2 + (c * over_c) ** 2
        ratio = np.sqrt(share)
        distance: Distance = ratio * (ratio - 1) / (np.sqrt(slope) + 1e-6)
        return distance

    def grown(self, by_mm: float) -> "Ellipsoid":
        """The same with every radius longer (or, negative, shorter)."""
        a, b, c = self.radii_mm
        return Ellipsoid(self.center_lps, (a + by_mm, b + by_mm, c + by_mm), self.axes)


@dataclass(frozen=True)
class Tube:
    """A chain of capsules through (x, y, z, radius_mm) knots."""

    knots: tuple[tuple[float, float, float, float], ...]

    def __call__(self, x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
        """On a slice, parts further away than `FAR_MM` may be left out: the distance is then FAR_MM at least."""
        far = FAR_MM if np.ndim(z) == 0 else np.inf
        nearest = np.full(np.broadcast_shapes(np.shape(x), np.shape(y)), far, np.float32)
        for start, end in zip(self.knots, self.knots[1:], strict=False):
            low, high = sorted((start[2], end[2]))
            reach = FAR_MM + max(start[3], end[3])
            if np.ndim(z) > 0 or low - reach < z < high + reach:
                nearest = np.minimum(nearest, _capsule(x, y, z, start, end))
        return nearest

    def meets(self, z: float, margin_mm: float) -> bool:
        """Whether any of it lies within a margin of a slice."""
        return any(abs(z - zk) < r + margin_mm for _, _, zk, r in self.knots) or (
            min(k[2] for k in self.knots) < z < max(k[2] for k in self.knots)
        )

    def box(self) -> tuple[float, float, float, float]:
        """Smallest and largest x, smallest and largest y."""
        xs, ys = [k[0] for k in self.knots], [k[1] for k in self.knots]
        reach = max(k[3] for k in self.knots)
        return (min(xs) - reach, max(xs) + reach, min(ys) - reach, max(ys) + reach)

    def box_at(self, z: float, margin_mm: float) -> tuple[float, float, float, float]:
        """As `box`, of those parts alone that come within a margin of a slice."""
        near = [
            pair
            for pair in zip(self.knots, self.knots[1:], strict=False)
            if min(k[2] - k[3] for k in pair) - margin_mm < z < max(k[2] + k[3] for k in pair) + margin_mm
        ]
        knots = [knot for pair in near for knot in pair] or list(self.knots[:1])
        xs, ys, reach = [k[0] for k in knots], [k[1] for k in knots], max(k[3] for k in knots) + margin_mm
        return (min(xs) - reach, max(xs) + reach, min(ys) - reach, max(ys) + reach)

    def mirrored(self) -> "Tube":
        """The same on the patient's other side."""
        return Tube(tuple((-x, y, z, r) for x, y, z, r in self.knots))


Knot = Sequence[float]


def _capsule(x: Coordinate, y: Coordinate, z: Coordinate, start: Knot, end: Knot) -> Distance:
    way_x, way_y, way_z = (e - s for s, e in zip(start[:3], end[:3], strict=True))
    squared = (way_x * way_x + way_y * way_y + way_z * way_z) or 1.0
    a, b, c = x - start[0], y - start[1], z - start[2]
    along = np.clip((a * way_x + b * way_y + c * way_z) * (1 / squared), 0, 1)
    distance = np.sqrt((a - along * way_x) ** 2 + (b - along * way_y) ** 2 + (c - along * way_z) ** 2)
    capsule: Distance = distance - (start[3] + along * (end[3] - start[3]))
    return capsule


def plate(u: Coordinate, v: Coordinate, half_u: Any, half_v: Any, rounding_mm: float = 2.0) -> Distance:
    """A rounded rectangle around u = v = 0."""
    over_u = np.abs(u) - (half_u - rounding_mm)
    over_v = np.abs(v) - (half_v - rounding_mm)
    outside = np.sqrt(np.maximum(over_u, 0) ** 2 + np.maximum(over_v, 0) ** 2)
    distance: Distance = outside + np.minimum(np.maximum(over_u, over_v), 0) - rounding_mm
    return distance


def blend(first: Distance, second: Distance, width_mm: float) -> Distance:
    """The union of two solids with the crease between them filled."""
    share = np.clip(0.5 + 0.5 * (second - first) / width_mm, 0, 1)
    union: Distance = second + (first - second) * share - width_mm * share * (1 - share)
    return union
