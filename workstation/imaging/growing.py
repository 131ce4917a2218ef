"""Masks out of values: a range, a region grown from a seed, an isocontour. Stored voxels, never resampled ones.

All read `Voxels` slice by slice or in boxes; padding belongs to nothing. They may take seconds and belong on a thread;
`progress(done, total)` may raise to end them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.late import load_scipy
from workstation.imaging.mask_work import CORNERS, FACES, structure
from workstation.imaging.masks import Bools, Box, Mask, Plane
from workstation.imaging.swept import Part, ball
from workstation.imaging.volume import Voxels

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
Allowed = Callable[[Box], Bools]
"""Which voxels of a box [k, j, i] may be taken at all."""

FIRST_REACH_MM: Final = 20.0
"""Half the size of the box that growing looks at first."""

SEED_MM: Final = 2.0
"""What lies this near to a seed says what its value is."""


def _nothing(done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Range:
    """Values from `low` to `high`, both included, in the unit of the image."""

    low: float
    high: float

    def holds(self, values: Floats) -> Bools:
        """Which values lie in it; NaN does not."""
        with np.errstate(invalid="ignore"):
            return np.asarray((values >= self.low) & (values <= self.high))


@dataclass(frozen=True)
class Grown:
    """A region grown from a seed. `leaked`: it would have gone on beyond the limit, and was cut off there."""

    mask: Mask
    range: Range
    leaked: bool


def grid_of(voxels: Voxels) -> Grid:
    """The grid of whole volumes. Raises `Refused` with NO_NUMBERS for colours and NO_GEOMETRY without a grid."""
    if voxels.is_colour:
        raise Refused(Reason.NO_NUMBERS)
    if voxels.display_set.grid is None:
        raise Refused(Reason.NO_GEOMETRY)
    return voxels.display_set.grid


def block(voxels: Voxels, box: Box) -> Floats:
    """Values of a box [k, j, i]; padding, and what has not arrived, is NaN."""
    ks, js, is_ = box
    found = np.full([each.stop - each.start for each in box], np.nan)
    for at, image in enumerate(range(ks.start, ks.stop)):
        if voxels.filled[image]:
            found[at] = voxels.values(image, (js, is_))
    return found


def thresholded(voxels: Voxels, wanted: Range, within: Part | None = None, progress: Progress = _nothing) -> Mask:
    """All voxels in a range, or those of them within a part of the grid. Raises what `grid_of` raises."""
    grid = grid_of(voxels)
    i, j, k = grid.size
    box = within.box if within else (slice(0, k), slice(0, j), slice(0, i))
    planes: list[Plane | None] = [None] * k
    for at, image in enumerate(range(box[0].start, box[0].stop)):
        progress(at, box[0].stop - box[0].start)
        if not voxels.filled[image]:
            continue
        found = wanted.holds(voxels.values(image, box[1:]))
        planes[image] = Plane.of(found & within.voxels[at] if within else found, box[1].start, box[2].start)
    return Mask(grid, tuple(planes))


def seed_range(voxels: Voxels, seed: Vec3, tolerance: float) -> Range:
    """The values alike a seed's: the mean of what lies within SEED_MM of it, or of its voxel, and `tolerance` around.

    Raises `Refused` with PAST_EDGE where no stored value is.
    """
    grid = grid_of(voxels)
    place = nearest_voxel(grid, seed)
    near = ball(grid, seed, SEED_MM)
    one = block(voxels, _of_voxel(place))
    if np.isnan(one).all():
        raise Refused(Reason.PAST_EDGE)
    around = block(voxels, near.box)[near.voxels] if near is not None else one
    value, own = float(np.nanmean(around)) if not np.isnan(around).all() else float(one[0, 0, 0]), float(one[0, 0, 0])
    if not value - tolerance <= own <= value + tolerance:
        value = own
    return Range(value - tolerance, value + tolerance)


def nearest_voxel(grid: Grid, point: Vec3) -> tuple[int, int, int]:
    """The voxel (i, j, k) a point lies in. Raises `Refused` with PAST_EDGE outside the grid."""
    if not grid.contains(point):
        raise Refused(Reason.PAST_EDGE)
    i, j, k = (min(max(round(at), 0), size - 1) for at, size in zip(grid.index(point), grid.size, strict=True))
    return i, j, k


def _of_voxel(place: tuple[int, int, int]) -> Box:
    i, j, k = place
    return slice(k, k + 1), slice(j, j + 1), slice(i, i + 1)


def grown_from(
    voxels: Voxels,
    seed: Vec3,
    wanted: Range,
    connectivity: int = FACES,
    limit_mm: float = 60.0,
    progress: Progress = _nothing,
    calmed: bool = False,
    allowed: Allowed | None = None,
) -> Grown:
    """The connected voxels of a range round a seed, within `limit_mm` of it.

    `calmed` looks at the means of 3 x 3 x 3 voxels, so that no chain of noisy voxels leads out of a lesion; voxels at
    its edge, whose own value is in the range, are then taken too. What is not `allowed` is passed by, as padding is.
    The box that is looked at grows with the region, so that a small one is found at once. Raises `Refused` with
    PAST_EDGE outside the voxels; a seed whose own value is not in the range gives an empty mask.
    """
    grid = grid_of(voxels)
    place = nearest_voxel(grid, seed)
    fence = ball(grid, seed, limit_mm)
    if fence is None:
        raise Refused(Reason.PAST_EDGE)
    reach = min(FIRST_REACH_MM, limit_mm)
    while True:
        progress(int(reach), int(limit_mm))
        box = _clipped(grid, place, reach, fence.box)
        region = _connected(voxels, box, place, wanted, connectivity, calmed, allowed)
        if not _goes_on(region, box, fence.box) or box == fence.box:
            break
        reach *= 2
    inside = fence.voxels[
        tuple(slice(a.start - b.start, a.stop - b.start) for a, b in zip(box, fence.box, strict=True))
    ]
    leaked = bool((region & ~inside).any()) or _goes_on(region, box, _whole(grid))
    if leaked:
        region = _component(region & inside, box, place, connectivity)
    return Grown(Mask.part(grid, region, (box[0].start, box[1].start, box[2].start)), wanted, leaked)


def _whole(grid: Grid) -> Box:
    i, j, k = grid.size
    return slice(0, k), slice(0, j), slice(0, i)


def _clipped(grid: Grid, place: tuple[int, int, int], reach_mm: float, within: Box) -> Box:
    found = []
    for at, step, edge in zip(place[::-1], grid.spacing[::-1], within, strict=True):
        more = int(reach_mm / step) + 1
        found.append(slice(max(at - more, edge.start), min(at + more + 1, edge.stop)))
    return found[0], found[1], found[2]


def _connected(
    voxels: Voxels,
    box: Box,
    place: tuple[int, int, int],
    wanted: Range,
    connectivity: int,
    calmed: bool,
    allowed: Allowed | None,
) -> Bools:
    values = block(voxels, box)
    if allowed is not None:
        values[~allowed(box)] = np.nan
    own = wanted.holds(values)
    if not calmed:
        return _component(own, box, place, connectivity)
    load_scipy()
    from scipy import ndimage

    core = _component(wanted.holds(_means(values)), box, place, connectivity)
    return np.asarray(core | (ndimage.binary_dilation(core, structure(FACES)) & own))


def _means(values: Floats) -> Floats:
    """Means over 3 x 3 x 3 voxels of what is there; NaN where there is nothing itself."""
    load_scipy()
    from scipy import ndimage

    there = ~np.isnan(values)
    total = ndimage.uniform_filter(np.where(there, values, 0.0), 3, mode="nearest")
    share = ndimage.uniform_filter(there.astype(np.float64), 3, mode="nearest")
    return np.asarray(np.where(there, total / np.maximum(share, 1e-9), np.nan))


def _component(allowed: Bools, box: Box, place: tuple[int, int, int], connectivity: int) -> Bools:
    """The connected part of what is allowed that holds a voxel; nothing where that voxel is not allowed."""
    load_scipy()
    from scipy import ndimage

    i, j, k = place
    at = (k - box[0].start, j - box[1].start, i - box[2].start)
    if not allowed[at]:
        return np.zeros_like(allowed)
    labels, _ = ndimage.label(allowed, structure(connectivity))
    return np.asarray(labels == labels[at])


def _goes_on(region: Bools, box: Box, limit: Box) -> bool:
    """Whether a region reaches a side of its box beyond which there is more."""
    for axis, (inner, outer) in enumerate(zip(box, limit, strict=True)):
        if inner.start > outer.start and region.take(0, axis).any():
            return True
        if inner.stop < outer.stop and region.take(-1, axis).any():
            return True
    return False


def isocontour(voxels: Voxels, center: Vec3, radius_mm: float, share: float, allowed: Allowed | None = None) -> Grown:
    """The voxels of a sphere that reach `share` (0 … 1) of its largest value and are connected with that one; of the
    sphere only what is `allowed` counts.

    Raises `Refused` with PAST_EDGE where the sphere holds no value, NO_EXTENT where the largest is not above nought.
    """
    found, values = _sphere(voxels, center, radius_mm, allowed)
    most = float(np.nanmax(values[found.voxels]))
    if most <= 0:
        raise Refused(Reason.NO_EXTENT)
    return above(voxels, found, values, Range(most * share, most))


def _sphere(voxels: Voxels, center: Vec3, radius_mm: float, allowed: Allowed | None) -> tuple[Part, Floats]:
    """What of a sphere is allowed, and the values of its box. Raises `Refused` with PAST_EDGE where it holds none."""
    found = ball(grid_of(voxels), center, radius_mm)
    if found is not None and allowed is not None:
        found = found.only(allowed(found.box))
    values = block(voxels, found.box) if found else np.full((1, 1, 1), np.nan)
    if found is None or np.isnan(values[found.voxels]).all():
        raise Refused(Reason.PAST_EDGE)
    return found, values


def fixed_isocontour(
    voxels: Voxels, center: Vec3, radius_mm: float, least: float, allowed: Allowed | None = None
) -> Grown:
    """The voxels of a sphere from `least` on (unit of the image), connected with its largest value; may be none.

    Raises `Refused` with PAST_EDGE where the sphere holds no value.
    """
    found, values = _sphere(voxels, center, radius_mm, allowed)
    return above(voxels, found, values, Range(least, float(np.nanmax(values[found.voxels]))))


def above(voxels: Voxels, found: Part, values: Floats, wanted: Range) -> Grown:
    """What of a part lies in a range and is connected with its largest value."""
    inner = np.where(found.voxels, values, np.nan)
    at = np.unravel_index(int(np.nanargmax(inner)), inner.shape)
    k, j, i = (int(each) + edge for each, edge in zip(at, found.start, strict=True))
    region = _component(wanted.holds(inner), found.box, (i, j, k), CORNERS)
    cut = _goes_on_beyond(region, found)
    return Grown(Mask.part(grid_of(voxels), region, found.start), wanted, cut)


def _goes_on_beyond(region: Bools, found: Part) -> bool:
    """Whether a region reaches the surface of the part it was looked for in: neighbours of it lie outside."""
    load_scipy()
    from scipy import ndimage

    padded = np.pad(found.voxels, 1)
    rim = ndimage.binary_dilation(~padded, structure(FACES))[1:-1, 1:-1, 1:-1]
    return bool((region & rim).any())
