"""The peak of a hot spot: the highest mean of a sphere of 1 ml with its centre in it (SUVpeak, SULpeak).

The sphere stands on the centres of voxels, each of those of the region in turn; a voxel counts by the share of it that
lies inside, which is found by cutting it finely. Stored voxels alone are averaged: a sphere that leaves them, or meets
padding, counts only where no other one is whole, and says so. Wahl 2009 (PERCIST) asks for a sphere of 1 cm³; where it
stands differs between programs, so both places are named: the best one, and round the hottest voxel.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.growing import block, grid_of
from workstation.imaging.masks import Box, Mask
from workstation.imaging.volume import Voxels

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Check = Callable[[], None]

RADIUS_MM: Final = (3000.0 / (4.0 * math.pi)) ** (1.0 / 3.0)
"""Of a sphere of 1 ml: 6.2035 mm."""

PIECE_MM, MOST_PIECES = 0.13, 64
"""A voxel at the surface is cut into pieces so small, at most so many along an axis: the volume is right to 0.1 %."""

BEST_HOW: Final = "highest mean of a 1 ml sphere with its centre in the region, voxels at its surface counted in part"
ROUND_MAX_HOW: Final = "mean of the 1 ml sphere round the hottest voxel, voxels at its surface counted in part"
CUT_OFF: Final = "the sphere leaves the stored voxels"


@dataclass(frozen=True)
class Peak:
    """The mean of the sphere in the unit of the image, and where it stands. `whole`: all of it is stored voxels."""

    value: float
    center_lps: Vec3
    whole: bool


def _nothing() -> None:
    """Nobody asks to stop."""


def best_peak(voxels: Voxels, mask: Mask, check: Check = _nothing) -> Peak | None:
    """The highest peak of a region; None where none of its voxels holds a value. Raises what `grid_of` raises."""
    return _highest(voxels, mask, check, lambda centers, values: centers)


def peak_round_max(voxels: Voxels, mask: Mask) -> Peak | None:
    """The peak round the hottest voxel of a region; of equally hot ones round the first."""

    def hottest(centers: Indices, values: Floats) -> Indices:
        return centers[[int(np.nanargmax(values))]]

    return _highest(voxels, mask, _nothing, hottest)


def sphere_shares(grid: Grid, radius_mm: float = RADIUS_MM) -> tuple[Indices, Floats]:
    """The voxels that a sphere on the centre of one reaches: their offsets (k, j, i), shape (n, 3), and their shares
    inside it, 0 to 1."""
    return _shares(grid.axes, grid.spacing, radius_mm)


@lru_cache(maxsize=32)
def _shares(axes: tuple[Vec3, Vec3, Vec3], spacing: Vec3, radius_mm: float) -> tuple[Indices, Floats]:
    steps = np.asarray(axes) * np.asarray(spacing)[:, None]
    # A step of one index moves at least this far from the planes of the other two.
    reach = np.ceil(radius_mm * np.linalg.norm(np.linalg.inv(steps.T), axis=1) + 0.5).astype(int)
    index = np.array(list(itertools.product(*(range(-each, each + 1) for each in reach))))
    away = np.linalg.norm(index @ steps, axis=1)
    corners = np.array(list(itertools.product((-0.5, 0.5), repeat=3))) @ steps
    half = float(np.linalg.norm(corners, axis=1).max())
    shares = (away + half <= radius_mm).astype(np.float64)
    pieces = _pieces(spacing) @ steps
    for at in np.flatnonzero((away + half > radius_mm) & (away - half < radius_mm)):
        inside = np.square(index[at] @ steps + pieces).sum(axis=1) <= radius_mm**2
        shares[at] = np.count_nonzero(inside) / len(pieces)
    kept = shares > 0
    return np.ascontiguousarray(index[kept][:, ::-1]), shares[kept]


def _pieces(spacing: Vec3) -> Floats:
    """The middles of the pieces of a voxel, as indices from its centre: shape (n, 3)."""
    cuts = [min(max(math.ceil(each / PIECE_MM), 8), MOST_PIECES) for each in spacing]
    middles = np.meshgrid(*((np.arange(cut) + 0.5) / cut - 0.5 for cut in cuts), indexing="ij")
    return np.stack([each.ravel() for each in middles], axis=1)


def _highest(voxels: Voxels, mask: Mask, check: Check, wanted: Callable[[Indices, Floats], Indices]) -> Peak | None:
    grid, box = grid_of(voxels), mask.box
    if box is None:
        return None
    offsets, shares = sphere_shares(grid)
    reach = np.abs(offsets).max(axis=0)
    values, start = _padded(voxels, grid, box, reach)
    centers = np.argwhere(mask.within(box)) + reach
    own = values[tuple(centers.T)]
    centers, own = centers[~np.isnan(own)], own[~np.isnan(own)]
    if not len(own):
        return None
    centers = wanted(centers, own)
    total, seen = _summed(values, centers, offsets, shares, check)
    whole = seen >= shares.sum() * (1 - 1e-9)
    means = np.where(whole if whole.any() else seen > 0, total / seen, -np.inf)
    at = int(np.argmax(means))
    k, j, i = (int(each) for each in centers[at] + start)
    return Peak(float(means[at]), grid.point((i, j, k)), bool(whole[at]))


def _padded(voxels: Voxels, grid: Grid, box: Box, reach: Indices) -> tuple[Floats, Indices]:
    """The values of a box and `reach` around it, NaN beyond the grid, and the index (k, j, i) of its first voxel."""
    start = np.array([each.start for each in box]) - reach
    stop = np.array([each.stop for each in box]) + reach
    low, high = np.maximum(start, 0), np.minimum(stop, grid.size[::-1])
    k, j, i = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    found = np.full(stop - start, np.nan)
    found[tuple(slice(a, b) for a, b in zip(low - start, high - start, strict=True))] = block(voxels, (k, j, i))
    return found, start


def _summed(values: Floats, centers: Indices, offsets: Indices, shares: Floats, check: Check) -> tuple[Floats, Floats]:
    """Round each centre the values times their shares, and the shares of what holds a value."""
    there = ~np.isnan(values)
    filled, there = np.where(there, values, 0.0).ravel(), there.ravel()
    flat = np.ravel_multi_index(tuple(centers.T), values.shape)
    moves = offsets @ np.array([values.shape[1] * values.shape[2], values.shape[2], 1])
    total, seen = np.zeros(len(flat)), np.zeros(len(flat))
    for move, share in zip(moves, shares, strict=True):
        check()
        total += share * filled[flat + move]
        seen += share * there[flat + move]
    return total, seen
