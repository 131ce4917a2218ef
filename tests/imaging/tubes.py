"""Vessels of known course and width, in voxels of three unequal spacings: partial volume by supersampling."""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.lumen import Block

INSIDE, OUTSIDE = 300, 40
BEND_MM = 40.0
QUARTER_MM = BEND_MM * math.pi / 2
HELIX_MM, PITCH_MM, TURNS = 18.0, 26.0, 2
HELIX_LENGTH_MM = TURNS * 2 * math.pi * math.hypot(HELIX_MM, PITCH_MM / (2 * math.pi))

Points = NDArray[np.float64]


def block(
    grid: Grid,
    is_inside: Callable[[Points], NDArray[np.bool_]],
    noise: float = 0.0,
    dark: bool = False,
    parts: tuple[float, ...] = (-1 / 3, 0.0, 1 / 3),
) -> Block:
    """Voxels that hold the share of them which is inside."""
    k, j, i = np.meshgrid(*(np.arange(n) for n in grid.size[::-1]), indexing="ij")
    share = np.zeros(k.shape)
    for dk, dj, di in product(parts, repeat=3):
        index = np.stack([i + di, j + dj, k + dk], axis=-1)
        share += is_inside(index @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]) / len(parts) ** 3
    inside, outside = (OUTSIDE, INSIDE) if dark else (INSIDE, OUTSIDE)
    values = outside + (inside - outside) * share
    values += np.random.default_rng(7).normal(0.0, noise, share.shape) if noise else 0.0
    return Block(np.rint(values).astype(np.int16), grid)


def bend(first_mm: float, last_mm: float, **how: Any) -> Block:
    """A quarter circle of radius BEND_MM about the x axis, from (0, BEND_MM, 0) to (0, 0, BEND_MM); its radius goes
    evenly from `first_mm` to `last_mm`."""
    grid = Grid((-11.0, -9.0, -8.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.7, 0.9, 1.1), (32, 66, 53))

    def is_inside(points: Points) -> NDArray[np.bool_]:
        away = np.hypot(np.hypot(points[..., 1], points[..., 2]) - BEND_MM, points[..., 0])
        along = np.arctan2(points[..., 2], points[..., 1]) * BEND_MM
        radius = first_mm + (last_mm - first_mm) * along / QUARTER_MM
        return np.asarray(away < radius)

    return block(grid, is_inside, **how)


def on_bend(arc_mm: float) -> Vec3:
    return (0.0, BEND_MM * math.cos(arc_mm / BEND_MM), BEND_MM * math.sin(arc_mm / BEND_MM))


def on_helix(share: float) -> Vec3:
    """A point of the helix about the z axis, from 0 at its beginning to 1 at its end."""
    angle = share * TURNS * 2 * math.pi
    return (HELIX_MM * math.cos(angle), HELIX_MM * math.sin(angle), PITCH_MM * angle / (2 * math.pi))


@lru_cache
def helix(radius_mm: float = 4.0) -> Block:
    grid = Grid(
        (-25.0, -25.0, -9.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.9, 1.1, 1.3), (56, 46, 55)
    )

    def is_inside(points: Points) -> NDArray[np.bool_]:
        from scipy.spatial import cKDTree

        tree = cKDTree([on_helix(share) for share in np.linspace(0.0, 1.0, 1500)])
        away = tree.query(points.reshape(-1, 3), distance_upper_bound=radius_mm)[0]
        return np.asarray(np.isfinite(away).reshape(points.shape[:-1]))

    return block(grid, is_inside, parts=(-0.25, 0.25))
