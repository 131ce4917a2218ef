"""What a segment measures: its volume, its axes, and the statistics of the stored voxels in it.

Axes are measured on outlines half way between voxels that belong and voxels that do not (`imaging.mask_outline`).
Statistics count stored voxels of the mask's own grid, never resampled ones, and no padding (safety.md 7, 9).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.findings.finding import Value
from workstation.findings.hot_values import HOT_MODALITIES, hot_values
from workstation.findings.roi import region_statistics
from workstation.findings.segment import Segment
from workstation.findings.statistics import Statistics, summary
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.late import load_scipy
from workstation.imaging.mask_outline import outlines
from workstation.imaging.mask_work import voxel_ml
from workstation.imaging.masks import Mask
from workstation.imaging.volume import Voxels

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

PERCENTILES: Final = (5, 25, 75, 95)
MOST_CORNERS: Final = 1500
"""Of a hull whose pairs are all compared; finer ones are thinned, which costs less than a thousandth of a length."""

MOST_STRETCHES: Final = 800
"""So many places along a long axis are looked at for the short one; a frayed outline has more corners."""

LONG_HOW: Final = "longest diameter of the outline in one image"
SHORT_HOW: Final = "longest stretch inside square to the long axis, in the same image"
DIAMETER_HOW: Final = "between the outer faces of voxels, in any direction"
STATISTICS_HOW: Final = "stored voxels of the segment, each counted whole"


@dataclass(frozen=True)
class Axes:
    """The long and the short axis of a segment: their ends (LPS, mm), in image `image` of its grid."""

    long: tuple[Vec3, Vec3]
    short: tuple[Vec3, Vec3]
    image: int

    @property
    def long_mm(self) -> float:
        return math.dist(*self.long)

    @property
    def short_mm(self) -> float:
        return math.dist(*self.short)


def _nothing(done: int, total: int) -> None:
    """Nobody watches."""


def volume(mask: Mask) -> Value:
    """The volume in ml: voxels times the volume of one."""
    return Value("Volume", mask.volume_ml, "ml", f"{mask.count} voxels of {1000 * voxel_ml(mask.grid):.4g} mm³")


def axes(mask: Mask) -> Axes | None:
    """The longest diameter in any one image, and the longest stretch square to it there; None of an empty mask."""
    best: tuple[float, int, Floats] | None = None
    for image, plane in enumerate(mask.planes):
        if plane is None or (best is not None and _reach(mask.grid, plane.rows, plane.columns) <= best[0]):
            continue
        corners = np.concatenate(_flat_outlines(mask, image))
        ends = _farthest(corners)
        if best is None or math.dist(*ends) > best[0]:
            best = (math.dist(*ends), image, ends)
    if best is None:
        return None
    _, image, ends = best
    across = _widest_across(_flat_outlines(mask, image), ends)
    return Axes(_lifted(mask.grid, ends, image), _lifted(mask.grid, across, image), image)


def _reach(grid: Grid, rows: tuple[int, int], columns: tuple[int, int]) -> float:
    """No diameter within these rows and columns is longer."""
    return math.hypot((columns[1] - columns[0]) * grid.spacing[0], (rows[1] - rows[0]) * grid.spacing[1])


def _flat_outlines(mask: Mask, image: int) -> list[Floats]:
    """The outlines of a slice in mm along its rows and columns."""
    plane = mask.planes[image]
    assert plane is not None  # noqa: S101  the caller has looked
    corner = np.array([plane.columns[0], plane.rows[0]])
    return [(loop + corner) * mask.grid.spacing[:2] for loop in outlines(plane.image())]


def _lifted(grid: Grid, ends: Floats, image: int) -> tuple[Vec3, Vec3]:
    """Flat places in mm as points of the patient."""
    one, other = (grid.point((float(x) / grid.spacing[0], float(y) / grid.spacing[1], float(image))) for x, y in ends)
    return one, other


def _hull(points: Floats) -> Floats:
    load_scipy()
    from scipy.spatial import ConvexHull

    return np.asarray(points[ConvexHull(points).vertices])


def _farthest(points: Floats) -> Floats:
    """The two points that lie farthest apart, (2, n)."""
    corners = _hull(points)
    corners = corners[:: len(corners) // MOST_CORNERS + 1]
    squared = (corners**2).sum(axis=1)
    apart = squared[:, None] + squared[None, :] - 2 * corners @ corners.T
    return np.asarray(corners[list(np.unravel_index(int(apart.argmax()), apart.shape))])


def _widest_across(loops: list[Floats], ends: Floats) -> Floats:
    """The ends of the longest stretch inside some outlines that is square to a line."""
    along = (ends[1] - ends[0]) / math.dist(*ends)
    turn = np.column_stack([along, (-along[1], along[0])])
    turned = [loop @ turn for loop in loops]
    one, other = np.concatenate(turned), np.concatenate([np.roll(loop, -1, axis=0) for loop in turned])
    places = np.unique(one[:, 0])
    # A stretch is longest where a corner lies at one of its ends: looked at just beside each of them.
    step = max((places[-1] - places[0]) * 1e-9, 1e-9)
    places = places[:: len(places) // MOST_STRETCHES + 1]
    best, found = -1.0, (0.0, 0.0, 0.0)
    for at in np.concatenate([places + step, places - step]):
        crossed = _crossings(one, other, float(at))
        if crossed.size < 2:
            continue
        lengths = crossed[1::2] - crossed[::2]
        which = int(lengths.argmax())
        if lengths[which] > best:
            best, found = float(lengths[which]), (float(at), float(crossed[2 * which]), float(crossed[2 * which + 1]))
    at, low, high = found
    return np.asarray(np.array([[at, low], [at, high]]) @ turn.T)


def _crossings(one: Floats, other: Floats, at: float) -> Floats:
    """Where lines from one end to the other cross x = `at`, in order."""
    crossed = (one[:, 0] > at) != (other[:, 0] > at)
    first, last = one[crossed], other[crossed]
    share = (at - first[:, 0]) / (last[:, 0] - first[:, 0])
    return np.sort(first[:, 1] + share * (last[:, 1] - first[:, 1]))


def diameter_mm(mask: Mask) -> float:
    """The largest distance of two points of its surface, in space; 0 of an empty mask."""
    if not mask:
        return 0.0
    faces = np.concatenate([_faces(mask, image) for image, plane in enumerate(mask.planes) if plane is not None])
    points = faces @ mask.grid.lps_from_index[:3, :3].T
    return math.dist(*_farthest(points))


def _faces(mask: Mask, image: int) -> Floats:
    """The middles (i, j, k) of the outer faces at the ends of each row of a slice; the hull of all is that of these."""
    plane = mask.planes[image]
    assert plane is not None  # noqa: S101  the caller has looked
    voxels = plane.image()
    rows = np.flatnonzero(voxels.any(axis=1))
    columns = np.flatnonzero(voxels.any(axis=0))
    first, last = voxels.argmax(axis=1)[rows], voxels.shape[1] - 1 - voxels[:, ::-1].argmax(axis=1)[rows]
    top, bottom = voxels.argmax(axis=0)[columns], voxels.shape[0] - 1 - voxels[::-1].argmax(axis=0)[columns]
    ends = [(first - 0.5, rows), (last + 0.5, rows), (columns, top - 0.5), (columns, bottom + 0.5)]
    found = [np.column_stack([i, j, np.full(len(i), image)]) for i, j in ends]
    for i in (first, last):
        found += [np.column_stack([i, rows, np.full(len(i), image + half)]) for half in (-0.5, 0.5)]
    return np.asarray(np.concatenate(found) + np.array([plane.columns[0], plane.rows[0], 0]))


def values_inside(voxels: Voxels, mask: Mask, progress: Progress = _nothing) -> Floats | None:
    """The stored values of a segment, without padding, as one row; None while some of them have not arrived.

    Raises `Refused` with NO_NUMBERS for colours, NO_GEOMETRY where the mask lies on another grid.
    """
    if voxels.is_colour:
        raise Refused(Reason.NO_NUMBERS)
    if voxels.display_set.grid != mask.grid:
        raise Refused(Reason.NO_GEOMETRY)
    found = [np.empty(0)]
    for image, plane in enumerate(mask.planes):
        progress(image, len(mask.planes))
        if plane is None:
            continue
        if not voxels.filled[image]:
            return None
        values = voxels.values(image, (slice(*plane.rows), slice(*plane.columns)))[plane.image()]
        found.append(values[~np.isnan(values)])
    return np.concatenate(found)


def statistics(voxels: Voxels, mask: Mask, progress: Progress = _nothing) -> Statistics | None:
    """Statistics of a segment; None while voxels are on their way. Raises what `values_inside` does, and PAST_EDGE."""
    values = values_inside(voxels, mask, progress)
    if values is None:
        return None
    if values.size == 0:
        raise Refused(Reason.PAST_EDGE)
    return summary(values, mask.volume_ml, voxels.unit, voxels.caution)


def of_layer(voxels: Voxels, segment: Segment, name: str) -> tuple[Value, ...]:
    """What another series holds in a segment: its stored voxels whose centre lies in one of the segment's; none where
    there is nothing to count."""
    try:
        told = region_statistics(voxels, segment)
    except Refused:
        return ()
    how = f"{told.count} stored voxels of {voxels.display_set.first.SeriesDescription or name} with their centre in it"
    how = "; ".join([how, *told.notices])
    found = (("Mean", told.mean), ("SD", told.sd), ("Min", told.min), ("Max", told.max))
    return tuple(Value(f"{each} of {name}", value, told.unit, how) for each, value in found)


def measured(
    mask: Mask, voxels: Voxels | None = None, progress: Progress = _nothing, is_reference: bool = False
) -> tuple[Value, ...]:
    """All that is told of a segment: volume, axes, diameter, and statistics where its voxels are given and there. A
    reference region is no lesion: it has no peak, metabolic volume or glycolysis."""
    if not mask:
        return (volume(mask),)
    found, lengths = [volume(mask)], axes(mask)
    if lengths is not None:
        found.append(Value("Long axis", lengths.long_mm, "mm", LONG_HOW))
        found.append(Value("Short axis", lengths.short_mm, "mm", SHORT_HOW))
    found.append(Value("Largest diameter", diameter_mm(mask), "mm", DIAMETER_HOW))
    values = values_inside(voxels, mask, progress) if voxels is not None else None
    if values is None or not values.size or voxels is None:
        return tuple(found)
    told = summary(values, mask.volume_ml, voxels.unit, voxels.caution)
    unit, how = told.unit, "; ".join([STATISTICS_HOW, *told.notices])
    named = (("Mean", told.mean), ("SD", told.sd), ("Min", told.min), ("Max", told.max), ("Median", told.median))
    shares = np.percentile(values, PERCENTILES)
    found += [Value(name, number, unit, how) for name, number in named]
    found += [Value(f"{s}th percentile", float(v), unit, how) for s, v in zip(PERCENTILES, shares, strict=True)]
    found.append(Value("Voxels", told.count, "", how))
    if voxels.display_set.first.Modality in HOT_MODALITIES and not is_reference:
        found += hot_values(voxels, mask, told.mean, lambda: progress(len(mask.planes), len(mask.planes)))
    return tuple(found)
