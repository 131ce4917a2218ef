"""What is registered: values on a grid, made coarse by mm, with the body in them.

Voxels are put together before anything is compared: a few millimetres are enough to lie two bodies on each other to a
fraction of one, and a whole CT takes ten times as long and ends further off.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid, Matrix, vec
from workstation.imaging.growing import grid_of
from workstation.imaging.late import load_scipy
from workstation.imaging.masks import Bools
from workstation.imaging.volume import Voxels

Floats32 = NDArray[np.float32]
Triple = tuple[int, int, int]

KEPT_MM: Final = 2.2
"""What is taken out of a loaded volume is put together up to this."""

BODY_MM: Final = 4.5
"""The body is looked for in voxels of this size."""

AIR_HU, DENSE_HU = -1000.0, 1000.0
SOLID_HU: Final = -300.0
THICK_MM: Final = 14.0
LIMB_SHARE: Final = 0.02
"""A body is thicker than this; what hangs apart from its largest part and is larger than this share is a limb."""

LEAST_SHARE, MOST_SHARE = 0.01, 0.97
"""Of a volume that a body takes up; with less or more, none was found and all of it counts."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of two volumes: `values[k, j, i]` on `grid`; what is no image is NaN, or the lowest value there is.

    `modality` as in DICOM (CT, PT, MR ...; "" is unknown), `body` says where the patient is; without it, it is looked
    for. `frame` is the FrameOfReferenceUID, `series` the SeriesInstanceUID.
    """

    values: NDArray[Any]
    grid: Grid
    modality: str = ""
    body: Bools | None = None
    frame: str = ""
    series: str = ""


@dataclass(frozen=True, eq=False)
class Level:
    """A side in coarser voxels: values as compared, all finite, where the body is, and where it or its near air is."""

    values: Floats32
    grid: Grid
    body: Bools
    near: Bools


def taken(voxels: Voxels, progress: Callable[[int, int], None] = lambda done, total: None) -> Side:
    """A loaded volume as a side, put together image by image so that little memory is taken.

    Raises `Refused`: without geometry, in colour. `progress` (done, total) may raise to end it.
    """
    grid = grid_of(voxels)
    across = [max(1, int(KEPT_MM / step + 1e-6)) for step in grid.spacing]
    count = grid.size[2] // across[2]
    images = []
    for k in range(count):
        progress(k, count)
        slab = np.stack([_image(voxels, k * across[2] + each) for each in range(across[2])])
        images.append(_means(slab, (across[2], across[1], across[0]))[0])
    display_set: DisplaySet = voxels.display_set
    first = display_set.first
    return Side(
        np.stack(images),
        coarser_grid(grid, (across[0], across[1], across[2])),
        str(first.Modality or ""),
        None,
        str(first.FrameOfReferenceUID or ""),
        display_set.series_instance_uid,
    )


def _image(voxels: Voxels, image: int) -> Floats32:
    if not voxels.filled[image]:
        return np.full(voxels.stored.shape[1:3], np.nan, np.float32)
    return voxels.values(image).astype(np.float32)


def coarser(side: Side, spacing_mm: float) -> Side:
    """The side in means of as many whole voxels as fit into `spacing_mm` along each axis; what is left over goes."""
    factors = _factors(side.grid, spacing_mm)
    if factors == (1, 1, 1):
        return side
    back = factors[::-1]
    body = None if side.body is None else _means(side.body, back) >= 0.5
    return replace(side, values=_means(side.values, back), grid=coarser_grid(side.grid, factors), body=body)


def _factors(grid: Grid, spacing_mm: float) -> Triple:
    i, j, k = (max(1, min(int(spacing_mm / step + 0.35), n)) for step, n in zip(grid.spacing, grid.size, strict=True))
    return i, j, k


def coarser_grid(grid: Grid, factors: Triple) -> Grid:
    """The grid of blocks of so many voxels (i, j, k); blocks that are not whole are left out."""
    spacing = vec([step * factor for step, factor in zip(grid.spacing, factors, strict=True)])
    i, j, k = (n // factor for n, factor in zip(grid.size, factors, strict=True))
    origin = grid.point(vec([(factor - 1) / 2 for factor in factors]))
    return Grid(origin, grid.axes, spacing, (i, j, k))


def _means(values: NDArray[Any], factors: Triple) -> Floats32:
    """Means of blocks (k, j, i) of whole voxels; NaN where one is."""
    sums = values
    for axis, factor in enumerate(factors):
        sums = _summed(sums, axis, factor)
    return np.asarray(sums / np.float32(np.prod(factors)), dtype=np.float32)


def _summed(values: NDArray[Any], axis: int, factor: int) -> NDArray[Any]:
    """Sums of so many neighbours along an axis: whole planes are added, which is many times faster than a reduction."""
    if factor == 1:
        return values
    count = values.shape[axis] // factor * factor
    parts = [values[(slice(None),) * axis + (slice(first, count, factor),)] for first in range(factor)]
    sums = parts[0].astype(np.float32)
    for part in parts[1:]:
        sums += part
    return sums


def with_body(side: Side) -> Side:
    """The side with its body found where nobody gave one, and with the air of a CT where its table is.

    Raises `Refused` where there is nothing to be compared: one value throughout, or fewer than four voxels across.
    """
    low = np.nanmin(side.values) if np.isfinite(side.values).any() else np.nan
    if min(side.values.shape) < 4 or not np.isfinite(low) or np.nanmax(side.values) <= low:
        raise Refused(Reason.NO_GEOMETRY, "the volume")
    values = np.nan_to_num(side.values, nan=float(low)).astype(np.float32)
    if side.modality == "CT":
        values = np.clip(values, AIR_HU, DENSE_HU)
    side = replace(side, values=values)
    if side.body is not None:
        return side
    coarse = coarser(side, BODY_MM)
    found = _ct_body(coarse) if side.modality == "CT" else _bright_body(coarse)
    if not LEAST_SHARE < found.mean() < MOST_SHARE:
        return replace(side, body=np.ones(values.shape, np.bool_))
    back = _factors(side.grid, BODY_MM)[::-1]
    body = _fine(found, back, values.shape)
    if side.modality == "CT":
        values[~_fine(_grown(found, 1), back, values.shape)] = AIR_HU
    return replace(side, values=values, body=body)


def _ct_body(side: Side) -> Bools:
    """What is thick and denser than lung, with all it encloses in a slice: tables are thin shells."""
    load_scipy()
    from scipy import ndimage

    solid = side.values > SOLID_HU
    across = [max(1, round(THICK_MM / step)) | 1 for step in reversed(side.grid.spacing)]
    core = ndimage.minimum_filter(solid, across, mode="nearest")
    labels, count = ndimage.label(core)
    if not count:
        return np.asarray(solid)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    thick = (sizes > LIMB_SHARE * sizes.max())[labels]
    body = solid & ndimage.maximum_filter(thick, [each + 2 for each in across])
    return np.stack([ndimage.binary_fill_holes(image) for image in body])


def _bright_body(side: Side) -> Bools:
    """What is brighter than the air about it: the largest part, with all it encloses in a slice."""
    load_scipy()
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(np.sqrt(np.maximum(side.values - side.values.min(), 0)), 1.0)
    top = np.percentile(smooth, 99)
    bright = smooth > _parted(np.minimum(smooth, top))
    labels, count = ndimage.label(bright)
    if not count:
        return np.asarray(bright)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    largest = labels == sizes.argmax()
    return np.stack([ndimage.binary_fill_holes(image) for image in largest])


def _parted(values: Floats32) -> float:
    """The threshold that parts dark from bright best (Otsu), a little towards the dark."""
    counts, edges = np.histogram(values, 128)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    best = int(np.nan_to_num(apart).argmax())
    return float(0.6 * middles[best] + 0.4 * values.min())


def _grown(part: Bools, times: int) -> Bools:
    load_scipy()
    from scipy import ndimage

    return np.asarray(ndimage.binary_dilation(part, iterations=times), dtype=np.bool_)


def _fine(part: Bools, factors: Triple, shape: tuple[int, ...]) -> Bools:
    """A part of blocks of so many voxels (k, j, i) in the voxels; what no block holds has its neighbour's."""
    ways = [np.minimum(np.arange(n) // f, m - 1) for n, f, m in zip(shape, factors, part.shape, strict=True)]
    return part[np.ix_(*ways)]


def body_of(side: Side) -> Bools:
    """Where the body is; everywhere, where nobody has said."""
    return np.ones(side.values.shape, np.bool_) if side.body is None else side.body


def level(side: Side, spacing_mm: float, margin_mm: float = 9.0) -> Level:
    """A side that has its body, in voxels of about `spacing_mm`, with values made alike in scale (`evened`)."""
    coarse = coarser(side, spacing_mm)
    body = body_of(coarse)
    near = _grown(body, max(1, round(margin_mm / float(np.mean(coarse.grid.spacing)))))
    return Level(evened(coarse.values, body, side.modality), coarse.grid, body, near)


def evened(values: Floats32, body: Bools, modality: str) -> Floats32:
    """Values between 0 and 1, each of whose ranges is filled by some of the body.

    Half of it is the value itself between its first and last hundredth, half the share of the body that is darker:
    bins of a histogram then hold about as much each, so that soft tissue or a faint uptake does not share one.
    """
    inside = values[body] if body.any() else values.ravel()
    marks = np.percentile(inside, np.linspace(0.5, 99.5, 64)).astype(np.float64)
    low = min(float(marks[0]), float(np.percentile(values, 1)))
    high = max(float(marks[-1]), low + 1e-6)
    plain = np.clip((values - low) / (high - low), 0, 1)
    ranks = np.interp(values, np.maximum.accumulate(marks + np.linspace(0, 1e-6, 64)), np.linspace(0, 1, 64), left=0.0)
    if modality == "CT":
        return np.asarray(0.6 * plain + 0.4 * ranks, dtype=np.float32)
    return np.asarray(0.4 * plain + 0.6 * ranks, dtype=np.float32)


def points_of(grid: Grid, part: Bools) -> NDArray[np.float64]:
    """Centres (LPS, mm) of the voxels of a part, shape (n, 3)."""
    k, j, i = np.nonzero(part)
    return applied(grid.lps_from_index, np.stack([i, j, k], axis=1).astype(np.float64))


def applied(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3])
