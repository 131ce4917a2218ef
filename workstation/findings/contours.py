"""Contours to voxels, by one rule: a voxel belongs to a structure when its centre lies inside its contours or on one.

Inside: within an odd number of the contours of one plane, so that an outline within an outline is a hole, and a
keyhole is one too. On: nearer than `ON_MM`, the rounding of decimal strings. A plane of contours stands for the space
up to half way to its neighbours (`Structure.slabs`); a centre half way belongs to the further one alone. No voxel
counts in part.

Contours may lie in any plane: rows of voxels are cut with their edges along whichever axis of the grid runs most within
that plane, so an exact answer costs about as much as filling polygons in an image.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.findings.structures import Points, Slab, Structure
from workstation.imaging.geometry import Grid, cross, vec
from workstation.imaging.masks import Mask

RULE: Final = (
    "voxels whose centre lies inside the contours or within 0.01 mm of one; outlines within outlines are holes"
)

ON_MM: Final = 0.01
"""Two decimals are what planning systems write; half of the last one lies within this in both directions."""

HALF_WAY_MM: Final = 1e-6

Numbers = NDArray[np.intp]
Bools = NDArray[np.bool_]


def mask_of(structure: Structure, grid: Grid) -> Mask:
    """The voxels of a grid that belong to a structure; none for one that encloses nothing."""
    slabs = structure.slabs(max(grid.spacing))
    box = _box(slabs, grid)
    if box is None:
        return Mask.empty(grid)
    start, shape = box
    found = np.zeros(shape, np.bool_)
    part = Grid(grid.point((start[2], start[1], start[0])), grid.axes, grid.spacing, (shape[2], shape[1], shape[0]))
    fill(found, slabs, part)
    return Mask.part(grid, found, start)


def fill(found: Bools, slabs: tuple[Slab, ...], grid: Grid, on_mm: float = ON_MM) -> None:
    """Set what belongs to slabs in `found` [k, j, i], the voxels of `grid`; nearer than `on_mm` to a line is on it."""
    rows = None
    for slab in slabs:
        if rows is None or rows.normal != slab.normal:
            rows = _Rows(slab.normal, grid)
        _fill_slab(found.transpose(rows.order), slab, rows, on_mm)


class _Rows:
    """The voxels of a grid as rows along axis `along`, in the coordinates of a plane.

    `x0`, `y` and `w0` are, for each row, where its first voxel lies along the row in the plane, across it, and along
    the normal; `step_x` and `step_w` what one voxel adds. `order` brings an array [k, j, i] to [rows' axes, along].
    """

    def __init__(self, normal: tuple[float, float, float], grid: Grid) -> None:
        self.normal = normal
        away = np.asarray(normal)
        steps = [np.asarray(axis) * spacing for axis, spacing in zip(grid.axes, grid.spacing, strict=True)]
        flat = [step - away * float(step @ away) for step in steps]
        along = int(np.argmax([float(np.linalg.norm(each)) / grid.spacing[n] for n, each in enumerate(flat)]))
        right = flat[along] / np.linalg.norm(flat[along])
        self.axes = np.array([right, cross(normal, vec(right)), normal])
        self.step_x, self.step_w = float(steps[along] @ right), float(steps[along] @ away)
        self.count = grid.size[along]
        one, other = (axis for axis in (2, 1, 0) if axis != along)
        self.order = (2 - one, 2 - other, 2 - along)
        self.shape = (grid.size[one], grid.size[other])
        origin = self.axes @ np.asarray(grid.origin_lps)
        across, down = self.axes @ steps[one], self.axes @ steps[other]
        places = [
            origin[n] + across[n] * np.arange(self.shape[0])[:, None] + down[n] * np.arange(self.shape[1])[None, :]
            for n in range(3)
        ]
        self.x0, self.y, self.w0 = (each.reshape(-1) for each in places)


def _fill_slab(found: Bools, slab: Slab, rows: _Rows, on_mm: float) -> None:
    """Set the voxels of one slab in `found` [row, row, along]."""
    last = rows.w0 + rows.step_w * (rows.count - 1)
    low, high = slab.low_mm - HALF_WAY_MM, slab.high_mm - HALF_WAY_MM
    touched = np.flatnonzero((np.minimum(rows.w0, last) < high) & (np.maximum(rows.w0, last) >= low))
    corners = [each @ rows.axes[:2].T for each in slab.contours]
    starts, ends = np.concatenate(corners), np.concatenate([np.roll(each, -1, axis=0) for each in corners])
    y = rows.y[touched]
    touched = touched[(y >= starts[:, 1].min() - on_mm) & (y <= starts[:, 1].max() + on_mm)]
    touched = touched[np.argsort(rows.y[touched], kind="stable")]
    if not touched.size:
        return
    cuts = _cuts(starts, ends, rows.y[touched], on_mm)
    inside = _inside(cuts, rows.x0[touched], rows.step_x, rows.count)
    if abs(rows.step_w) > 1e-9:
        w = rows.w0[touched][:, None] + rows.step_w * np.arange(rows.count)
        inside &= (w >= low) & (w < high)
    one, other = np.divmod(touched, rows.shape[1])
    found[one, other] |= inside


def _inside(cuts: "_Cuts", x0: Points, step: float, count: int) -> Bools:
    """Which voxels of rows that begin at `x0` lie within an odd number of outlines or on one; shape (rows, count)."""
    width, rows = count + 1, len(x0)
    first = np.clip(np.ceil((cuts.x - x0[cuts.row]) / step), 0, count).astype(np.intp)[cuts.crosses]
    flips = np.bincount(cuts.row[cuts.crosses] * width + first, minlength=rows * width).reshape(rows, width)
    found = np.cumsum(flips, axis=1)[:, :count] & 1 != 0
    low = np.clip(np.ceil((cuts.low - x0[cuts.row]) / step), 0, count).astype(np.intp)
    high = np.clip(np.floor((cuts.high - x0[cuts.row]) / step) + 1, 0, count).astype(np.intp)
    on = low < high
    if on.any():
        at = cuts.row[on] * width
        size = rows * width
        change = np.bincount(at + low[on], minlength=size) - np.bincount(at + high[on], minlength=size)
        found |= np.cumsum(change.reshape(rows, width), axis=1)[:, :count] > 0
    return np.asarray(found)


@dataclass(frozen=True, eq=False)
class _Cuts:
    """Where edges meet rows: the row, the place `x` where they cross, and from `low` to `high` what lies on the edge.

    `crosses` is false for a row that an edge only comes near to.
    """

    row: Numbers
    x: Points
    low: Points
    high: Points
    crosses: Bools


def _cuts(starts: Points, ends: Points, y: Points, on_mm: float) -> _Cuts:
    """Each edge with each row of `y` (sorted) that it meets; an edge has its lower end but not its upper one."""
    bottom, top = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    first = np.searchsorted(y, bottom - on_mm, "left")
    counts = np.searchsorted(y, top + on_mm, "right") - first
    edge = np.repeat(np.arange(len(starts)), counts)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    rise, run = (ends - starts)[edge, 1], (ends - starts)[edge, 0]
    flat = np.abs(rise) < 1e-12
    share = np.clip((y[row] - starts[edge, 1]) / np.where(flat, 1.0, rise), 0.0, 1.0)
    x = starts[edge, 0] + np.where(flat, 0.0, share) * run
    reach = np.where(flat, np.inf, on_mm * np.hypot(rise, run) / np.where(flat, 1.0, np.abs(rise)))
    left = np.minimum(starts[edge, 0], ends[edge, 0]) - on_mm
    right = np.maximum(starts[edge, 0], ends[edge, 0]) + on_mm
    crosses = (y[row] >= bottom[edge]) & (y[row] < top[edge])
    return _Cuts(row, x, np.maximum(x - reach, left), np.minimum(x + reach, right), crosses)


def _box(slabs: tuple[Slab, ...], grid: Grid) -> tuple[tuple[int, int, int], tuple[int, int, int]] | None:
    """First voxel (k, j, i) and shape of the part of a grid that slabs reach; None where they reach nothing of it."""
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for slab in slabs:
        points = np.concatenate(slab.contours)
        for end in (slab.low_mm - slab.at_mm, slab.high_mm - slab.at_mm):
            moved = points + np.asarray(slab.normal) * end
            index = moved @ grid.index_from_lps[:3, :3].T + grid.index_from_lps[:3, 3]
            low, high = np.minimum(low, index.min(axis=0)), np.maximum(high, index.max(axis=0))
    if not slabs:
        return None
    size = np.asarray(grid.size, dtype=np.float64)
    first = np.clip(np.floor(low) - 1, 0, size).astype(int)
    past = np.clip(np.ceil(high) + 2, 0, size).astype(int)
    if (first >= past).any():
        return None
    i, j, k = (int(each) for each in first)
    width, height, depth = (int(each) for each in past - first)
    return (k, j, i), (depth, height, width)
