"""Hot spots of a volume: what is connected above a value, round a click or everywhere at once.

A spot is a mask on the voxels' own grid; values are those of stored voxels in the unit of the image, and padding is
none of them (safety.md 7, 9). Voxels are connected when they share at least a corner.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.growing import Grown, Range, block, grid_of, grown_from, thresholded
from workstation.imaging.hot_peak import Peak, best_peak
from workstation.imaging.late import load_scipy
from workstation.imaging.mask_work import CORNERS, structure, voxel_ml
from workstation.imaging.masks import Bools, Box, Mask
from workstation.imaging.swept import ball
from workstation.imaging.volume import Voxels

Progress = Callable[[int, int], None]

NEAR_MM: Final = 8.0
"""The hottest voxel within this of a click is meant; from there the way goes uphill in steps no longer."""

FARTHEST_MM: Final = 400.0
"""A spot never reaches further from its hottest voxel."""

MOST_SPOTS: Final = 250
"""So many are told; noise above a low threshold makes thousands."""


def _nothing(done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, eq=False)
class Spot:
    """A connected region above a value. `hottest` is the voxel (i, j, k) of its maximum; `max` and `mean` are in the
    unit of the image, as `peak` is."""

    mask: Mask
    max: float
    mean: float
    hottest: tuple[int, int, int]
    peak: Peak | None

    @property
    def volume_ml(self) -> float:
        """The metabolic volume where the threshold is one of PET."""
        return self.mask.volume_ml

    @property
    def at_lps(self) -> Vec3:
        """Where its maximum lies."""
        return self.mask.grid.point(self.hottest)


@dataclass(frozen=True, eq=False)
class Spots:
    """All spots of a volume from `least` on, the hottest first; `left_out` were smaller than asked for, or too many."""

    least: float
    unit: str
    spots: tuple[Spot, ...]
    left_out: int
    factors: tuple[float, ...] = (1.0,)
    """From modality values to that unit when they were found: an edited weight makes others of the same unit."""

    def are_of(self, voxels: Voxels) -> bool:
        """Whether voxels are told in the measure that these were found in."""
        return (self.unit, self.factors) == (voxels.unit, voxels.factors)


def hottest_near(voxels: Voxels, point: Vec3, near_mm: float = NEAR_MM) -> tuple[tuple[int, int, int], float]:
    """The hottest voxel (i, j, k) round a point, uphill as long as there is a hotter one as near, and its value.

    Raises `Refused` with PAST_EDGE where no stored value is near the point.
    """
    grid = grid_of(voxels)
    place, value = None, -math.inf
    center = point
    while True:
        found = ball(grid, center, max(near_mm, max(grid.spacing) * 1.8))
        values = block(voxels, found.box) if found is not None else np.full((1, 1, 1), np.nan)
        if found is None or np.isnan(values[found.voxels]).all():
            raise Refused(Reason.PAST_EDGE)
        inner = np.where(found.voxels, values, np.nan)
        at = np.unravel_index(int(np.nanargmax(inner)), inner.shape)
        k, j, i = (int(each) + edge for each, edge in zip(at, found.start, strict=True))
        if place is not None and float(inner[at]) <= value:
            return place, value
        place, value = (i, j, k), float(inner[at])
        center = grid.point(place)


def spot_round(
    voxels: Voxels, point: Vec3, share: float, least: float | None = None, progress: Progress = _nothing
) -> Grown:
    """The isocontour of the spot at a click: from `share` (0 ... 1) of its maximum on, or from `least` on where given.

    Its maximum is the hottest voxel uphill from the click. `leaked` where the contour holds a hotter voxel than that:
    it has run into another spot; or where it reaches FARTHEST_MM. Raises `Refused` with PAST_EDGE where nothing is
    stored, NO_EXTENT where the maximum is not above nought. A click on what is below `least` gives an empty mask.
    """
    grid = grid_of(voxels)
    place, most = hottest_near(voxels, point)
    if most <= 0:
        raise Refused(Reason.NO_EXTENT)
    wanted = Range(most * share if least is None else least, math.inf)
    found = grown_from(voxels, grid.point(place), wanted, CORNERS, FARTHEST_MM, progress)
    if least is not None or not found.mask:
        return found
    box, inside = found.mask.boxed()
    over = bool((block(voxels, box)[inside] > most).any())
    return Grown(found.mask, wanted, found.leaked or over)


def all_spots(voxels: Voxels, least: float, smallest_ml: float = 0.0, progress: Progress = _nothing) -> Spots:
    """Every connected region from `least` on of at least `smallest_ml`. Raises what `grid_of` raises."""
    load_scipy()
    from scipy import ndimage

    grid = grid_of(voxels)
    images = grid.size[2]
    whole = thresholded(voxels, Range(least, math.inf), progress=lambda done, total: progress(done, 2 * images))
    box, inside = whole.boxed()
    if not inside.size:
        return Spots(least, voxels.unit, (), 0, voxels.factors)
    labels, count = ndimage.label(inside, structure(CORNERS))
    counts = np.bincount(labels.ravel(), minlength=count + 1)
    big = [n for n in range(1, count + 1) if counts[n] * voxel_ml(grid) >= smallest_ml * (1 - 1e-9)]
    big = sorted(big, key=lambda n: -int(counts[n]))[:MOST_SPOTS]
    places = ndimage.find_objects(labels)
    found = []
    for done, number in enumerate(big):
        progress(images + images * done // len(big), 2 * images)
        a, b, c = (slice(o.start + i.start, o.start + i.stop) for o, i in zip(box, places[number - 1], strict=True))
        found.append(_spot(voxels, grid, (a, b, c), labels[places[number - 1]] == number))
    found.sort(key=lambda each: -each.max)
    return Spots(least, voxels.unit, tuple(found), count - len(found), voxels.factors)


def _spot(voxels: Voxels, grid: Grid, box: Box, inside: Bools) -> Spot:
    start = (box[0].start, box[1].start, box[2].start)
    mask = Mask.part(grid, inside, start)
    values = np.where(inside, block(voxels, box), np.nan)
    at = np.unravel_index(int(np.nanargmax(values)), values.shape)
    k, j, i = (int(each) + edge for each, edge in zip(at, start, strict=True))
    return Spot(mask, float(np.nanmax(values)), float(np.nanmean(values)), (i, j, k), best_peak(voxels, mask))
