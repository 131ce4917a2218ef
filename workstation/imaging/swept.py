"""Voxels that a shape covers: a ball or a disc drawn along a way, the inside of an outline, cut through a grid.

A voxel belongs to a shape when its centre does, the surface included; a flat shape takes the voxels that its plane
cuts, each plane of voxels once.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.masks import Bools, Box

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """Some voxels of a grid: `voxels[k, j, i]` lie in `box`; all others are not set."""

    box: Box
    voxels: Bools

    @property
    def start(self) -> tuple[int, int, int]:
        k, j, i = self.box
        return k.start, j.start, i.start

    def joined(self, other: "Part") -> "Part":
        """Both together."""
        box = _around(self.box, other.box)
        found = np.zeros([each.stop - each.start for each in box], dtype=np.bool_)
        for part in (self, other):
            found[_inner(part.box, box)] |= part.voxels
        return Part(box, found)

    def only(self, allowed: Bools) -> "Part":
        """What of it is allowed, an array of its box."""
        return Part(self.box, self.voxels & allowed)


def _around(one: Box, other: Box) -> Box:
    a, b, c = (slice(min(x.start, y.start), max(x.stop, y.stop)) for x, y in zip(one, other, strict=True))
    return a, b, c


def _inner(part: Box, whole: Box) -> Box:
    """Where a box lies within one around it."""
    a, b, c = (slice(x.start - y.start, x.stop - y.start) for x, y in zip(part, whole, strict=True))
    return a, b, c


def swept(grid: Grid, start: Vec3, end: Vec3, radius_mm: float, normal: Vec3 | None = None) -> Part | None:
    """The voxels within `radius_mm` of the stretch from `start` to `end` (LPS, mm); None where there are none.

    With a `normal` a disc is swept instead of a ball: only voxels that the plane through `start` cuts.
    """
    box = _reached(grid, (start, end), radius_mm)
    if box is None:
        return None
    x, y, z = _places(grid, box, start)
    along = np.subtract(end, start)
    size = float(along @ along)
    squared = x * x + y * y + z * z
    if size > 0:
        ahead = x * along[0] + y * along[1] + z * along[2]
        share = np.clip(ahead / size, 0.0, 1.0)
        squared = squared - share * (2 * ahead - share * size)
    if normal is not None:
        away = x * normal[0] + y * normal[1] + z * normal[2]
        squared = squared - away * away
    voxels = squared <= radius_mm**2 * (1 + 1e-9)
    if normal is not None:
        voxels &= _cut(away, grid, normal)
    return Part(box, np.asarray(voxels, dtype=np.bool_)) if voxels.any() else None


def ball(grid: Grid, center: Vec3, radius_mm: float) -> Part | None:
    """The voxels of a ball."""
    return swept(grid, center, center, radius_mm)


def one_voxel(grid: Grid, point: Vec3) -> Part | None:
    """The voxel a point lies in; None outside the grid."""
    if not grid.contains(point):
        return None
    i, j, k = (min(max(round(at), 0), size - 1) for at, size in zip(grid.index(point), grid.size, strict=True))
    return Part((slice(k, k + 1), slice(j, j + 1), slice(i, i + 1)), np.ones((1, 1, 1), dtype=np.bool_))


def _reached(grid: Grid, points: Sequence[Vec3], radius_mm: float) -> Box | None:
    """The voxels that lie within a distance of points, as a box; None outside the grid."""
    indices = np.array([grid.index(point) for point in points])
    # A step of one index moves at least this far from the planes of the other two.
    reach = radius_mm * np.linalg.norm(grid.index_from_lps[:3, :3], axis=1) + 1e-6
    low = np.maximum(np.ceil(indices.min(axis=0) - reach - 1), 0).astype(int)
    high = np.minimum(np.floor(indices.max(axis=0) + reach + 2), grid.size).astype(int)
    if (low >= high).any():
        return None
    i, j, k = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return k, j, i


def _places(grid: Grid, box: Box, origin: Vec3) -> tuple[Floats, Floats, Floats]:
    """(x, y, z) of the voxels of a box from `origin`, LPS in mm, each to be broadcast [k, j, i]."""
    ks, js, is_ = box
    matrix = grid.lps_from_index
    first = np.asarray(grid.point((is_.start, js.start, ks.start))) - np.asarray(origin)
    i, j, k = (np.arange(each.stop - each.start, dtype=np.float64) for each in (is_, js, ks))
    x, y, z = (
        first[axis]
        + _steps(matrix[axis, 2], k)[:, None, None]
        + _steps(matrix[axis, 1], j)[None, :, None]
        + _steps(matrix[axis, 0], i)[None, None, :]
        for axis in range(3)
    )
    return x, y, z


def _steps(step: float, count: Floats) -> Floats:
    """Steps along one index; an axis that does not move this coordinate is not spread out over the box."""
    return count * step if step else np.zeros(1)


def _cut(away: Floats, grid: Grid, normal: Vec3) -> Bools:
    """Which voxels a plane cuts: those within half a voxel's depth of it, and of two as near the earlier one."""
    cosines = np.abs(np.asarray(grid.axes) @ np.asarray(normal))
    half = float(cosines @ np.asarray(grid.spacing)) / 2
    return np.asarray((away > -half * (1 + 1e-9)) & (away <= half * (1 - 1e-9)))


def inside_outline(grid: Grid, outline: Sequence[Vec3], normal: Vec3, box: Box, one_slice: bool) -> Part:
    """The voxels of a box that lie inside an outline seen along `normal`; in `one_slice` only those its plane cuts.

    Inside is by crossings: what is enclosed twice is outside. Fewer than three points enclose nothing.
    """
    shape = tuple(each.stop - each.start for each in box)
    if len(outline) < 3 or 0 in shape:
        return Part(box, np.zeros(shape, dtype=np.bool_))
    origin = np.asarray(outline[0])
    right, down = across(normal)
    flat = (np.asarray(outline) - origin) @ np.column_stack([right, down])
    x, y, z = _places(grid, box, outline[0])
    u = x * right[0] + y * right[1] + z * right[2]
    v = x * down[0] + y * down[1] + z * down[2]
    aligned = next((axis for axis in range(3) if _along(grid, normal, 2 - axis)), None)
    if aligned is not None:  # the same in each slice: one is enough
        u, v = (np.broadcast_to(each, shape).take([0], axis=aligned) for each in (u, v))
    u, v = np.broadcast_arrays(u, v)
    voxels = np.broadcast_to(encloses(flat, u.ravel(), v.ravel()).reshape(u.shape), shape)
    if one_slice:
        voxels = voxels & cut_by(grid, outline[0], normal, box)
    return Part(box, np.array(voxels))


def cut_by(grid: Grid, point: Vec3, normal: Vec3, box: Box) -> Bools:
    """The voxels of a box that the plane through a point cuts, [k, j, i]."""
    x, y, z = _places(grid, box, point)
    shape = tuple(each.stop - each.start for each in box)
    return np.broadcast_to(_cut(x * normal[0] + y * normal[1] + z * normal[2], grid, normal), shape)


def _along(grid: Grid, normal: Vec3, index: int) -> bool:
    """Whether moving along one index is moving along `normal` alone."""
    return abs(abs(float(np.dot(grid.axes[index], normal))) - 1) < 1e-9


def across(normal: Vec3) -> tuple[Floats, Floats]:
    """Two unit vectors square to a direction and to each other."""
    along = np.asarray(normal) / math.hypot(*normal)
    least = np.zeros(3)
    least[int(np.argmin(np.abs(along)))] = 1.0
    right = np.cross(along, least)
    right /= np.linalg.norm(right)
    return right, np.cross(along, right)


def encloses(outline: Floats, u: Floats, v: Floats) -> Bools:
    """Which points (u, v) an outline of (n, 2) points encloses, by crossings to the right of them."""
    found = np.zeros(u.shape, dtype=np.bool_)
    near = (u >= outline[:, 0].min()) & (u <= outline[:, 0].max())
    near &= (v >= outline[:, 1].min()) & (v <= outline[:, 1].max())
    at, on = u[near], v[near]
    inside = np.zeros(at.shape, dtype=np.bool_)
    for (ax, ay), (bx, by) in itertools.pairwise([*outline, outline[0]]):
        if ay == by:
            continue
        crossed = (ay > on) != (by > on)
        inside[crossed] ^= at[crossed] < ax + (on[crossed] - ay) * (bx - ax) / (by - ay)
    found[near] = inside
    return found
