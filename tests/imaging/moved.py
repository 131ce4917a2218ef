"""Volumes whose patient was moved by a known transform, for tests of registration: resampled, cropped, with noise."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from workstation.imaging.alignment import inverse
from workstation.imaging.geometry import Grid, Matrix, vec
from workstation.imaging.registration_sides import Side, applied

Points = NDArray[np.float64]


def rigid(seed: int, most_mm: float, most_deg: float, about: Points) -> Matrix:
    """A turn about a point, then a shift, drawn evenly up to these; of two vectors in any direction."""
    rng = np.random.default_rng(seed)
    axis, way = (each / np.linalg.norm(each) for each in rng.normal(size=(2, 3)))
    angle = np.radians(rng.uniform(0, most_deg))
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, about + rng.uniform(0, most_mm) * way - turn @ about
    return matrix


def moved_side(side: Side, matrix: Matrix, noise: float = 0.0, seed: int = 0) -> Side:
    """On its own grid what the scanner sees after the patient was moved by `matrix` (LPS)."""
    back = inverse(matrix)
    return sampled(side, lambda points: applied(back, points), noise, seed)


def sampled(side: Side, where: Callable[[Points], Points], noise: float = 0.0, seed: int = 0) -> Side:
    """On its own grid at each point the value that lies `where` says, the lowest where there is none; with noise."""
    i, j, k = side.grid.size
    index = np.stack(np.meshgrid(np.arange(k), np.arange(j), np.arange(i), indexing="ij")[::-1], -1).reshape(-1, 3)
    index = np.asarray(index, dtype=np.float64)
    place = applied(side.grid.index_from_lps, where(applied(side.grid.lps_from_index, index)))
    low = float(side.values.min())
    found: NDArray[Any] = ndimage.map_coordinates(
        side.values.astype(np.float32), place.T[::-1], order=1, mode="constant", cval=low
    )
    found = found + np.random.default_rng(seed).normal(0, noise, found.shape) if noise else found
    return Side(found.reshape(k, j, i).astype(np.float32), side.grid, side.modality, None, side.frame, side.series)


def inner(side: Side, margin: float, part: float = 1.0) -> Side:
    """Without a margin (share of the size on either side) that holds what never was scanned; some of the slices."""
    grid = side.grid
    low = [round(margin * n) for n in grid.size]
    high = [n - first for n, first in zip(grid.size, low, strict=True)]
    high[2] = round(low[2] + part * (high[2] - low[2]))
    i, j, k = (slice(*each) for each in zip(low, high, strict=True))
    size = (high[0] - low[0], high[1] - low[1], high[2] - low[2])
    cut = Grid(grid.point(vec([float(each) for each in low])), grid.axes, grid.spacing, size)
    return Side(side.values[k, j, i], cut, side.modality, None, side.frame, side.series)


def error(found: Matrix, truth: Matrix, points: Points) -> tuple[float, float]:
    """Mean distance (mm) at points of the moving frame between where two matrices take them; the turn between (deg)."""
    away = np.linalg.norm(applied(found, points) - applied(truth, points), axis=1)
    turn = found[:3, :3] @ truth[:3, :3].T
    return float(away.mean()), float(np.degrees(np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1))))
