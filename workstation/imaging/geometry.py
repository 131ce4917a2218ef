"""Points, directions and grids in patient space (LPS, mm; PS3.3 C.7.6.2.1.1).

A point of a grid is named by its index (i, j, k) = (column, row, slice), counted from 0 at the centre of the
first voxel. Arrays are indexed the other way round: `voxels[k, j, i]`.
"""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vec3 = tuple[float, float, float]
Matrix = NDArray[np.float64]

AXIS_LETTERS: Final = (("L", "R"), ("P", "A"), ("H", "F"))
"""The patient's side towards + and - of each LPS axis (PS3.3 C.7.6.1.1.1: A, P, R, L, H, F)."""

SMALLEST_LETTER: Final = 0.26
"""Cosine from which a direction also bears the letter of a minor axis: 15 degrees off the major one."""


def vec(values: NDArray[np.float64] | tuple[float, ...] | list[float]) -> Vec3:
    """Three numbers as a plain tuple."""
    x, y, z = (float(value) for value in values)
    return (x, y, z)


def unit(values: NDArray[np.float64] | tuple[float, ...]) -> NDArray[np.float64]:
    """The direction of a vector, length 1."""
    array = np.asarray(values, dtype=np.float64)
    return np.asarray(array / np.linalg.norm(array), dtype=np.float64)


def cross(a: Vec3, b: Vec3) -> Vec3:
    """The vector perpendicular to both, right-handed. Plain floats: `np.cross` takes 70 µs."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def letters(direction: Vec3) -> str:
    """The patient's sides a direction points to, the strongest first: "L", or "LA" when it is oblique."""
    parts = [(abs(value), AXIS_LETTERS[axis][0 if value > 0 else 1]) for axis, value in enumerate(unit(direction))]
    parts.sort(key=lambda part: -part[0])
    return "".join(letter for size, letter in parts if size >= SMALLEST_LETTER)


def opposite(direction: Vec3) -> Vec3:
    return (-direction[0], -direction[1], -direction[2])


def row_and_column_directions(orientation: tuple[float, ...]) -> tuple[Vec3, Vec3]:
    """ImageOrientationPatient as two unit vectors: towards the next column and towards the next row."""
    return vec(unit(orientation[:3])), vec(unit(orientation[3:]))


@lru_cache(maxsize=256)
def is_orientation(orientation: tuple[float, ...] | None, tolerance: float = 1e-2) -> bool:
    """Whether six cosines are two perpendicular unit vectors."""
    if orientation is None or len(orientation) != 6:
        return False
    # Asked several times for each of thousands of images, most of which have the same.
    row, column = orientation[:3], orientation[3:]
    lengths = (math.sqrt(_dot(each, each)) for each in (row, column))
    return all(abs(length - 1) < tolerance for length in lengths) and abs(_dot(row, column)) < tolerance


def _dot(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@dataclass(frozen=True)
class Grid:
    """A regular grid of voxels.

    `axes[n]` is the unit vector (LPS) in which index n of (i, j, k) grows; `spacing` in mm and `size` in voxels
    follow the same order. The three axes need not be right-handed: slices are kept in reading order.
    """

    origin_lps: Vec3
    axes: tuple[Vec3, Vec3, Vec3]
    spacing: Vec3
    size: tuple[int, int, int]

    @cached_property
    def lps_from_index(self) -> Matrix:
        """4 x 4: homogeneous (i, j, k, 1) to (x, y, z, 1)."""
        matrix = np.eye(4)
        matrix[:3, :3] = np.asarray(self.axes).T * np.asarray(self.spacing)
        matrix[:3, 3] = self.origin_lps
        return matrix

    @cached_property
    def index_from_lps(self) -> Matrix:
        """4 x 4, the inverse of `lps_from_index`."""
        return np.asarray(np.linalg.inv(self.lps_from_index), dtype=np.float64)

    def point(self, index: Vec3 | tuple[int, int, int]) -> Vec3:
        """Patient point (LPS, mm) of a continuous index (i, j, k)."""
        return vec(self.lps_from_index[:3, :3] @ np.asarray(index) + self.lps_from_index[:3, 3])

    def index(self, point_lps: Vec3) -> Vec3:
        """Continuous index (i, j, k) of a patient point."""
        return vec(self.index_from_lps[:3, :3] @ np.asarray(point_lps) + self.index_from_lps[:3, 3])

    @property
    def center_lps(self) -> Vec3:
        i, j, k = self.size
        return self.point(((i - 1) / 2, (j - 1) / 2, (k - 1) / 2))

    @property
    def middle_lps(self) -> Vec3:
        """The centre of the middle voxel; of two in the middle the later one, as stacks begin."""
        i, j, k = self.size
        return self.point((i // 2, j // 2, k // 2))

    @property
    def extent_mm(self) -> Vec3:
        """Lengths along i, j and k, outer edge to outer edge."""
        return vec([size * spacing for size, spacing in zip(self.size, self.spacing, strict=True)])

    def contains(self, point_lps: Vec3) -> bool:
        """Whether a point lies within the voxels, outer edges included."""
        return all(-0.5 <= value <= size - 0.5 for value, size in zip(self.index(point_lps), self.size, strict=True))

    def clamped(self, point_lps: Vec3) -> Vec3:
        """The nearest point that lies between the first and last voxel centres."""
        inside = [min(max(v, 0.0), n - 1.0) for v, n in zip(self.index(point_lps), self.size, strict=True)]
        return self.point(vec(inside))
