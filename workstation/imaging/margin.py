"""How far two masks lie apart: the least distance with both its ends, and the distance at each point of a surface.

Distances are exact between the centres of the voxels at their surfaces, in mm and in the patient, so that thick slices,
tilted ones and masks on different grids count for what they are; half a voxel of each is inside the structures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Grid, Vec3, vec
from workstation.imaging.late import load_scipy
from workstation.imaging.mask_work import FACES, structure
from workstation.imaging.masks import Mask

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Margin:
    """The least distance between two structures, 0 where they touch or overlap, and its ends (LPS, mm)."""

    distance_mm: float
    on_first_lps: Vec3
    on_second_lps: Vec3
    overlap: bool


def margin(first: Mask, second: Mask) -> Margin:
    """Between two masks. Raises `Refused` with NOTHING_ENCLOSED where one is empty."""
    load_scipy()
    from scipy.spatial import cKDTree

    ours, theirs = surface_points(first), surface_points(second)
    away, nearest = cKDTree(theirs).query(ours)
    at = int(np.argmin(away))
    one, other = ours[at], theirs[nearest[at]]
    overlap = _overlap(first, second)
    if overlap is not None:
        return Margin(0.0, overlap, overlap, overlap=True)
    along = other - one
    size = float(np.linalg.norm(along))
    depth = sum(_half_voxel_mm(mask.grid, along / size) for mask in (first, second))
    ends = (one + along / size * min(_half_voxel_mm(first.grid, along / size), size), other)
    gap = max(size - depth, 0.0)
    return Margin(gap, vec(ends[0]), vec(ends[0] + along / size * gap), overlap=False)


def distances_mm(points_lps: NDArray[np.floating], mask: Mask) -> Floats:
    """From points (n, 3) to a structure, for a map on a surface; negative inside it."""
    load_scipy()
    from scipy.spatial import cKDTree

    there = surface_points(mask)
    points = np.asarray(points_lps, dtype=np.float64)
    away, nearest = cKDTree(there).query(points)
    along = there[nearest] - points
    directions = along / np.maximum(away, 1e-9)[:, None]
    half = np.sum((directions @ np.asarray(mask.grid.axes).T) ** 2 * np.asarray(mask.grid.spacing), axis=1) / 2
    inside = np.array([mask.has(_nearest(mask.grid, point)) for point in points], dtype=np.bool_)
    return np.asarray(np.where(inside, -(away + half), np.maximum(away - half, 0.0)))


def surface_points(mask: Mask) -> Floats:
    """The centres of the voxels that have a neighbour outside the mask, LPS mm (n, 3).

    Raises `Refused` with NOTHING_ENCLOSED for an empty mask.
    """
    load_scipy()
    from scipy import ndimage

    box, voxels = mask.boxed()
    if not voxels.size:
        raise Refused(Reason.NOTHING_ENCLOSED)
    inner = ndimage.binary_erosion(np.pad(voxels, 1), structure(FACES))[1:-1, 1:-1, 1:-1]
    k, j, i = np.nonzero(voxels & ~inner)
    index = np.stack([i + box[2].start, j + box[1].start, k + box[0].start], axis=1)
    return np.asarray(index @ mask.grid.lps_from_index[:3, :3].T + mask.grid.lps_from_index[:3, 3])


def _overlap(first: Mask, second: Mask) -> Vec3 | None:
    """A point that lies in both."""
    if first.grid == second.grid:
        box, shared = first.intersect(second).boxed()
        if not shared.any():
            return None
        k, j, i = (int(each) + edge.start for each, edge in zip(np.argwhere(shared)[0], box, strict=True))
        return first.grid.point((i, j, k))
    # Where one lies wholly in the other, each point of its surface does.
    for one, other in ((first, second), (second, first)):
        for point in surface_points(one):
            if other.has(_nearest(other.grid, point)):
                return vec(point)
    return None


def _nearest(grid: Grid, point: Floats) -> tuple[int, int, int]:
    i, j, k = (round(each) for each in grid.index(vec(point)))
    return i, j, k


def _half_voxel_mm(grid: Grid, direction: Floats) -> float:
    """How far a structure goes on average beyond the centre of its last voxel, along a direction."""
    cosines = np.asarray(grid.axes) @ direction
    return float(np.sum(cosines**2 * np.asarray(grid.spacing))) / 2
