"""How alike two volumes are under a transform: mutual information of sampled points.

SimpleITK's metric leads the descent; this one finds where to begin and says how good the end is, with the same points
for every transform, so that its numbers can be compared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.alignment import inverse
from workstation.imaging.geometry import Matrix
from workstation.imaging.late import load_scipy
from workstation.imaging.masks import Bools
from workstation.imaging.registration_sides import Floats32, Level, points_of

BINS: Final = 20
LEAST_SHARE: Final = 0.25
"""Of the points that must meet the other volume; with fewer, anything is like anything."""

SLIGHT: Final = 0.85
"""From this share on, the more points meet the better; above it the share says nothing."""


@dataclass(frozen=True, eq=False)
class Likeness:
    """Points of one volume (LPS, mm; shape (n, 3)) with its values there, and the other volume as a level.

    Transforms take points of the first to the other, as SimpleITK has it.
    """

    points: NDArray[np.float64]
    own: Floats32
    other: Level

    @cached_property
    def _columns(self) -> NDArray[np.float64]:
        """The points as homogeneous columns."""
        return np.concatenate([self.points.T, np.ones((1, len(self.points)))])

    def met(self, transform: Matrix) -> tuple[Floats32, Floats32, float]:
        """Values of both at the points that meet the other volume, and their share of all."""
        load_scipy()
        from scipy import ndimage

        index, inside = self._places(transform)
        if not inside.any():
            return self.own[:0], self.own[:0], 0.0
        own, share = self.own, 1.0
        if not inside.all():
            index, own, share = np.compress(inside, index, axis=1), own[inside], float(inside.mean())
        return own, ndimage.map_coordinates(self.other.values, index, order=1, mode="nearest"), share

    def __call__(self, transform: Matrix) -> float:
        """Larger is more alike; 0 where too little meets."""
        return _alike(*self.met(transform))

    def roughly(self, transform: Matrix) -> float:
        """The same with the nearest voxel's value, in half the time: to compare places far apart."""
        index, inside = self._places(transform)
        near = np.compress(inside, np.rint(index), axis=1).astype(np.intp)
        _, j, i = self.other.values.shape
        found = self.other.values.ravel()[(near[0] * j + near[1]) * i + near[2]]
        return _alike(self.own[inside], found, float(inside.mean()))

    def _places(self, transform: Matrix) -> tuple[NDArray[np.float64], Bools]:
        """Where the points lie in the other's array, shape (3, n) as k, j, i; and which of them lie within it."""
        index = (self.other.grid.index_from_lps @ transform)[2::-1] @ self._columns
        last = np.asarray(self.other.values.shape)[:, None] - 0.5
        inside = np.asarray(((index > -0.5) & (index < last)).all(axis=0))
        return index, inside


def _alike(own: Floats32, found: Floats32, share: float) -> float:
    return information(own, found) * min(1.0, share / SLIGHT) if share >= LEAST_SHARE else 0.0


def information(one: Floats32, other: Floats32) -> float:
    """Normalised mutual information (Studholme) less 1 of values between 0 and 1; 0: one says nothing of the other."""
    first = np.minimum((one * BINS).astype(np.intp), BINS - 1)
    place = np.clip(other, 0, 1) * (BINS - 1)
    low = np.minimum(place.astype(np.intp), BINS - 2)
    part = place - low
    cell = first * BINS + low
    counts = np.bincount(cell, 1 - part, BINS * BINS) + np.bincount(cell + 1, part, BINS * BINS)
    joint = np.asarray(counts.reshape(BINS, BINS) / len(one), dtype=np.float64)
    whole = _entropy(joint)
    if whole <= 0:
        return 0.0
    return (_entropy(joint.sum(axis=0)) + _entropy(joint.sum(axis=1))) / whole - 1


def correlation(one: Floats32, other: Floats32) -> float:
    """Pearson's, 0 where one has a single value."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def _entropy(shares: NDArray[np.float64]) -> float:
    held = shares[shares > 0]
    return float(-(held * np.log(held)).sum())


def likeness(one: Level, other: Level, most: int, seed: int = 0) -> Likeness:
    """With at most so many points about the body of `one`, always the same ones for the same seed."""
    points = points_of(one.grid, one.near)
    own = one.values[one.near]
    if len(points) > most:
        chosen = np.sort(np.random.default_rng(seed).permutation(len(points))[:most])
        points, own = points[chosen], own[chosen]
    return Likeness(points, own, other)


def either_way(one: Level, other: Level, most: int, seed: int = 0) -> Callable[[Matrix], float]:
    """The same by points of each of the two in turn, added: nearer to the truth than by those of one alone, for the
    layers of one meet the voxels of the other in another pattern each time.
    """
    there, back = likeness(one, other, most, seed), likeness(other, one, most, seed)
    return lambda transform: there(transform) + back(inverse(transform))
