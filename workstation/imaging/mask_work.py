"""Masks made out of masks: islands, holes, growing and shrinking in mm, slices between slices. All in boxes.

Each of these may take a second for a large organ and belongs on a thread; `check` is called between pieces of the work
and may raise to end it.
"""

import itertools
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid
from workstation.imaging.late import load_scipy
from workstation.imaging.masks import Bools, Box, Mask

Floats = NDArray[np.float64]
Check = Callable[[], None]

FACES, CORNERS = 6, 26
"""Neighbours: voxels that share a face, or at least a corner."""

MOST_ISLANDS: Final = 50
"""So many a mask is split into at most."""


def _nothing() -> None:
    """Nobody asks to stop."""


def structure(connectivity: int) -> Bools:
    """The neighbourhood of 3 x 3 x 3. Raises ValueError for what is neither FACES nor CORNERS."""
    load_scipy()
    from scipy import ndimage

    if connectivity not in (FACES, CORNERS):
        raise ValueError(f"{connectivity} neighbours")
    return np.asarray(ndimage.generate_binary_structure(3, 1 if connectivity == FACES else 3))


def voxel_ml(grid: Grid) -> float:
    """The volume of a voxel in ml."""
    return abs(float(np.linalg.det(grid.lps_from_index[:3, :3]))) / 1000


def islands(mask: Mask, connectivity: int = CORNERS) -> tuple[Mask, ...]:
    """The connected parts, the largest first; of equal ones the first in the grid. At most MOST_ISLANDS."""
    box, _, labels, order = _labelled(mask, connectivity)
    return tuple(_part(mask.grid, box, labels == number) for number in order[:MOST_ISLANDS])


def largest(mask: Mask, connectivity: int = CORNERS) -> Mask:
    """The largest connected part."""
    return next(iter(islands(mask, connectivity)[:1]), mask)


def without_small(mask: Mask, least_ml: float, connectivity: int = CORNERS) -> Mask:
    """Only the connected parts of at least so much."""
    box, counts, labels, _ = _labelled(mask, connectivity)
    kept = counts * voxel_ml(mask.grid) >= least_ml * (1 - 1e-9)
    kept[0] = False
    return _part(mask.grid, box, kept[labels])


def _labelled(mask: Mask, connectivity: int) -> tuple[Box, NDArray[np.int64], NDArray[np.int32], list[int]]:
    """The box, how many voxels each label has, the labels, and the labels by size."""
    load_scipy()
    from scipy import ndimage

    box, voxels = mask.boxed()
    labels, _ = ndimage.label(voxels, structure(connectivity)) if voxels.size else (voxels.astype(np.int32), 0)
    counts = np.bincount(labels.ravel(), minlength=1)
    order = [int(each) for each in np.argsort(-counts[1:], kind="stable") + 1]
    return box, counts, labels, order


def filled(mask: Mask, in_slices: bool = False) -> Mask:
    """With its holes filled: what no way leads out of, or with `in_slices` none within its slice."""
    load_scipy()
    from scipy import ndimage

    box, voxels = mask.boxed()
    if not voxels.size:
        return mask
    if in_slices:
        return _part(mask.grid, box, np.stack([ndimage.binary_fill_holes(each) for each in voxels]))
    return _part(mask.grid, box, np.asarray(ndimage.binary_fill_holes(voxels)))


def grown(mask: Mask, margin_mm: float, check: Check = _nothing) -> Mask:
    """With all voxels whose centre is within `margin_mm` of it; shrunk by as much where that is negative.

    Distances are between voxel centres in mm along each axis, so that thick slices count for what they are. What lies
    outside the grid never takes anything away.
    """
    load_scipy()
    from scipy import ndimage

    box, _ = mask.boxed()
    if mask.box is None or margin_mm == 0:
        return mask
    spacing = mask.grid.spacing[::-1]
    reach = [int(abs(margin_mm) / step) + 2 for step in spacing]
    sizes = mask.grid.size[::-1]
    wide = [
        slice(max(each.start - more, 0), min(each.stop + more, size))
        for each, more, size in zip(box, reach, sizes, strict=True)
    ]
    within: Box = (wide[0], wide[1], wide[2])
    voxels = mask.within(within)
    check()
    if margin_mm > 0:
        away = ndimage.distance_transform_edt(~voxels, sampling=spacing)
        return _part(mask.grid, within, np.asarray(away <= margin_mm * (1 + 1e-9)))
    if voxels.all():
        return mask
    away = ndimage.distance_transform_edt(voxels, sampling=spacing)
    return _part(mask.grid, within, np.asarray(away > -margin_mm * (1 + 1e-9)))


def interpolated(mask: Mask, axis: int = 0, check: Check = _nothing) -> Mask:
    """With the empty slices between drawn ones filled by shape: halfway between two outlines lies the one between.

    `axis` is that of arrays: 0 goes from slice to slice. Each slice's signed distances from its outline are mixed by
    how near it is (Raya and Udupa 1990); outlines that do not overlap are first laid over each other.
    """
    box, voxels = mask.boxed()
    if not voxels.size:
        return mask
    turned = np.moveaxis(voxels, axis, 0).copy()
    spacing = np.delete(np.asarray(mask.grid.spacing[::-1]), axis)
    drawn = np.flatnonzero(turned.any(axis=(1, 2)))
    for one, other in itertools.pairwise(drawn):
        check()
        if other - one > 1:
            turned[one + 1 : other] = _between(turned[one], turned[other], int(other - one), spacing)
    return _part(mask.grid, box, np.moveaxis(turned, 0, axis))


def _between(one: Bools, other: Bools, steps: int, spacing: Floats) -> Bools:
    """The slices between two, `steps` apart."""
    load_scipy()
    from scipy import ndimage

    moved = np.zeros(2)
    if not (one & other).any():
        moved = np.subtract(ndimage.center_of_mass(other), ndimage.center_of_mass(one))
    room = np.ceil(np.abs(moved)).astype(int) + 1
    ways = [_signed(np.pad(each, [(more, more) for more in room]), spacing) for each in (one, other)]
    inner = tuple(slice(more, -more) for more in room)
    found = []
    for step in range(1, steps):
        share = step / steps
        first = ndimage.shift(ways[0], moved * share, order=1, mode="nearest") if moved.any() else ways[0]
        last = ndimage.shift(ways[1], -moved * (1 - share), order=1, mode="nearest") if moved.any() else ways[1]
        found.append(((1 - share) * first + share * last > 0)[inner])
    return np.stack(found)


def _signed(image: Bools, spacing: Floats) -> Floats:
    """Distances in mm from the outline, which lies half a voxel beyond the centres within it: inside positive."""
    load_scipy()
    from scipy import ndimage

    inside = ndimage.distance_transform_edt(image, sampling=spacing)
    outside = ndimage.distance_transform_edt(~image, sampling=spacing)
    half = float(spacing.mean()) / 2
    return np.asarray(np.where(image, inside - half, half - outside), dtype=np.float64)


def _part(grid: Grid, box: Box, voxels: Bools) -> Mask:
    return Mask.part(grid, voxels, (box[0].start, box[1].start, box[2].start))
