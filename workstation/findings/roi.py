"""Statistics of a series inside a region that another object brings: a structure's contours, or a segment's voxels.

Stored voxels alone are counted (safety.md 7, 9): the contours, or the segment, are brought to them and not they to it.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.findings import contours
from workstation.findings.segment import Segment
from workstation.findings.statistics import Statistics, summary, voxel_mm3
from workstation.findings.structures import Structure
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid, cross
from workstation.imaging.masks import Box, Mask
from workstation.imaging.volume import Voxels

BEYOND = "The region reaches beyond the stored voxels."
OTHER_GRID = "The segment lies on another grid: voxels of this series count whose centre lies in one of its voxels."

Region = Structure | Segment
Bools = NDArray[np.bool_]


def rule_of(region: Region) -> str:
    """By which rule a voxel belongs to it."""
    return contours.RULE if isinstance(region, Structure) else "voxels of the segment, each counted whole"


def region_statistics(voxels: Voxels, region: Region) -> Statistics:
    """Statistics of the voxels of a loaded series inside a region.

    Raises `Refused` with NO_NUMBERS for colours, NO_GEOMETRY for images without a place in the patient, OTHER_FRAME,
    NOTHING_ENCLOSED for a region of no extent, PAST_EDGE where it holds no voxel.
    """
    display_set = voxels.display_set
    if voxels.is_colour:
        raise Refused(Reason.NO_NUMBERS)
    check(display_set, region)
    found, volume_mm3 = [np.empty(0)], 0.0
    for image, inside in images_inside(display_set, region):
        values = voxels.values(image)[inside]
        found.append(values[~np.isnan(values)])
        volume_mm3 += found[-1].size * voxel_mm3(display_set, image)
    values = np.concatenate(found)
    if not values.size:
        raise Refused(Reason.PAST_EDGE)
    return summary(values, volume_mm3 / 1000, voxels.unit, (*_notices(display_set, region), *voxels.caution))


def check(display_set: DisplaySet, region: Region) -> None:
    """Raise `Refused` where a region means nothing in a series; see `region_statistics`."""
    frame = display_set.first.FrameOfReferenceUID
    if not all(display_set.in_patient(image) for image in range(len(display_set.images))):
        raise Refused(Reason.NO_GEOMETRY)
    if not frame or frame != region.frame_of_reference_uid:
        raise Refused(Reason.OTHER_FRAME)
    if not (region.encloses if isinstance(region, Structure) else region.mask):
        raise Refused(Reason.NOTHING_ENCLOSED)


def images_inside(display_set: DisplaySet, region: Region) -> Iterator[tuple[int, Bools]]:
    """The images of a set that hold voxels of a region, and which of their pixels [j, i]."""
    if display_set.grid is not None:
        mask = mask_on(region, display_set.grid)
        for image, plane in enumerate(mask.planes):
            if plane is not None:
                yield image, mask.plane(image)
        return
    for image in range(len(display_set.images)):
        single = mask_on(region, _deep(display_set, image))
        if single:
            yield image, single.plane(0)


def mask_on(region: Region, grid: Grid) -> Mask:
    """The voxels of a grid that belong to a region."""
    if isinstance(region, Structure):
        return contours.mask_of(region, grid)
    return region.mask if region.mask.grid == grid else moved(region.mask, grid)


def moved(mask: Mask, grid: Grid) -> Mask:
    """The voxels of a grid whose centre lies in a voxel of a mask on another one."""
    box, inside = mask.boxed()
    if not inside.size:
        return Mask.empty(grid)
    matrix = mask.grid.index_from_lps @ grid.lps_from_index
    i, j, k = (np.arange(low, high) for low, high in _reach(mask.grid, box, grid))
    flat = matrix[:3, 0, None, None] * i[None, None, :] + matrix[:3, 1, None, None] * j[:, None]
    first = np.array([each.start for each in reversed(box)])[:, None, None]
    size = np.array(inside.shape[::-1])[:, None, None]
    images: dict[int, Bools] = {}
    for image in k:
        at: NDArray[Any] = flat + (matrix[:3, 2] * image + matrix[:3, 3])[:, None, None]
        index = np.floor(at + 0.5).astype(np.intp) - first
        there = ((index >= 0) & (index < size)).all(axis=0)
        if there.any():
            found = images[int(image)] = np.zeros(grid.size[1::-1], np.bool_)
            found[j[0] : j[-1] + 1, i[0] : i[-1] + 1][there] = inside[tuple(index[::-1, there])]
    return Mask.empty(grid).with_planes(images)


def _reach(source: Grid, box: Box, grid: Grid) -> list[tuple[int, int]]:
    """From which to before which index (i, j, k) of a grid the voxels of a box of another one can lie: looking at all
    of a CT for each spot of a PET took seconds."""
    ends = [(each.start - 0.5, each.stop - 0.5) for each in reversed(box)]
    corners = np.array([(*each, 1.0) for each in product(*ends)])
    index = (grid.index_from_lps @ source.lps_from_index @ corners.T)[:3]
    low, high = np.floor(index.min(axis=1)).astype(int), np.ceil(index.max(axis=1)).astype(int) + 1
    return [(max(int(a), 0), min(int(b), size)) for a, b, size in zip(low, high, grid.size, strict=True)]


def _deep(display_set: DisplaySet, image: int) -> Grid:
    """An image as deep as its neighbours are near, not as its SliceThickness says (safety.md 6)."""
    grid = display_set.image_grid(image)
    normal = np.asarray(cross(*grid.axes[:2]))
    depth = voxel_mm3(display_set, image) / (grid.spacing[0] * grid.spacing[1])
    axes = (grid.axes[0], grid.axes[1], (float(normal[0]), float(normal[1]), float(normal[2])))
    return replace(grid, axes=axes, spacing=(grid.spacing[0], grid.spacing[1], depth))


def _notices(display_set: DisplaySet, region: Region) -> list[str]:
    grid = display_set.grid
    said = []
    if isinstance(region, Structure):
        if grid is not None and not _within(grid, np.concatenate([each.points for each in region.contours])):
            said.append(BEYOND)
    elif region.mask.grid != grid:
        said.append(OTHER_GRID)
    return said


def _within(grid: Grid, points: NDArray[np.float64]) -> bool:
    index = points @ grid.index_from_lps[:3, :3].T + grid.index_from_lps[:3, 3]
    return bool((index >= -0.5).all() and (index <= np.array(grid.size) - 0.5).all())
