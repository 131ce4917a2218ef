"""Statistics of a series inside a region that another object brings: a structure's contours, or a segment's voxels.

Stored voxels alone are counted (safety.md 7, 9): the contours, or the segment, are brought to them and not they to it.
"""

from collections.abc import Iterator
from dataclasses import replace
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
from workstation.imaging.masks import Mask
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
    i, j, _ = grid.size
    flat = matrix[:3, 0, None, None] * np.arange(i)[None, None, :] + matrix[:3, 1, None, None] * np.arange(j)[:, None]
    first = np.array([each.start for each in reversed(box)])[:, None, None]
    size = np.array(inside.shape[::-1])[:, None, None]
    images: dict[int, Bools] = {}
    for k in range(grid.size[2]):
        at: NDArray[Any] = flat + (matrix[:3, 2] * k + matrix[:3, 3])[:, None, None]
        index = np.floor(at + 0.5).astype(np.intp) - first
        there = ((index >= 0) & (index < size)).all(axis=0)
        if there.any():
            image = np.zeros((j, i), np.bool_)
            image[there] = inside[tuple(index[::-1, there])]
            images[k] = image
    return Mask.empty(grid).with_planes(images)


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
