"""Statistics inside a region that was drawn in a plane: of stored voxels, by one rule for partial edges.

A voxel belongs to a region when the region's plane cuts it and its centre, seen along the plane's normal, lies inside
the outline or on it: no voxel counts in part. A plane along the images takes the voxels of one image. Nothing is
resampled, and padding is not counted (safety.md 7, 9).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.findings.finding import Finding, Kind, Value
from workstation.findings.outline import Flat, inside, outline, plane_through
from workstation.findings.statistics import Statistics, summary, voxel_mm3
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid, Vec3, cross
from workstation.imaging.volume import Voxels

OUTSIDE = "partly outside the image"
ALL_OUTSIDE = "wholly outside the image"
"""Cautions on each value of a mark that has a point, or no other ones, where nothing is stored."""

RULE = "stored voxels whose centre lies inside"

PERCENTILES = (5, 25, 75, 95)

EDGE = 1e-6
"""What a place may lie beyond the outer edge of the voxels by rounding, in voxels."""


@dataclass(frozen=True, eq=False)
class Inside:
    """The voxels of one image in a region: rows and columns of the block that was looked at, and which of it."""

    image: int
    rows: slice
    columns: slice
    chosen: NDArray[np.bool_]


def measurable(finding: Finding) -> bool:
    """Whether a finding has something to say about values."""
    return finding.encloses or finding.kind is Kind.PROBE


def region_statistics(voxels: Voxels, finding: Finding) -> Statistics | None:
    """Statistics of the voxels inside a region; None while some of them have not arrived.

    Raises `Refused` with NO_NUMBERS for colours, PAST_EDGE where no voxel is inside, ONLY_PADDING, NO_EXTENT or
    NO_GEOMETRY.
    """
    if voxels.is_colour:
        raise Refused(Reason.NO_NUMBERS)
    values, volume_mm3 = [], 0.0
    for part in region_voxels(voxels.display_set, finding):
        if not voxels.filled[part.image]:
            return None
        found = voxels.values(part.image, (part.rows, part.columns))[part.chosen]
        found = found[~np.isnan(found)]
        values.append(found)
        volume_mm3 += found.size * voxel_mm3(voxels.display_set, part.image) if finding.in_patient else 0.0
    together = np.concatenate(values) if values else np.empty(0)
    if together.size == 0:
        raise Refused(Reason.ONLY_PADDING if values else Reason.PAST_EDGE)
    notices = [] if not leaves(voxels.display_set, finding) else ["The region reaches beyond the stored voxels."]
    return summary(together, volume_mm3 / 1000.0, voxels.unit, (*notices, *voxels.caution))


def percentiles(voxels: Voxels, finding: Finding, shares: tuple[int, ...] = PERCENTILES) -> dict[int, float]:
    """Percentiles (linear between neighbours) of the voxels inside a region that has statistics."""
    parts = region_voxels(voxels.display_set, finding)
    values = np.concatenate([voxels.values(part.image, (part.rows, part.columns))[part.chosen] for part in parts])
    found = np.percentile(values[~np.isnan(values)], shares)
    return {share: float(value) for share, value in zip(shares, found, strict=True)}


def as_values(found: Statistics, kind: Kind) -> tuple[Value, ...]:
    """What is told of statistics: for a probe its one value."""
    if kind is Kind.PROBE:
        return (Value("Value", found.mean, found.unit, "the stored voxel here"),)
    unit, how = found.unit, "; ".join([RULE, *found.notices])
    named = [("Mean", found.mean), ("SD", found.sd), ("Min", found.min), ("Max", found.max), ("Median", found.median)]
    return (*(Value(name, value, unit, how) for name, value in named), Value("Voxels", found.count, "", how))


def region_voxels(display_set: DisplaySet, finding: Finding) -> list[Inside]:
    """The voxels of a set inside a finding, image by image."""
    if finding.kind is Kind.PROBE:
        return [part for part in [_nearest(display_set, finding)] if part is not None]
    corners = outline(finding.kind, finding.points)
    if not finding.in_patient:
        image = source_image(display_set, finding)
        return [] if image is None else list(_within_image(display_set, image, finding, corners))
    if not all(display_set.in_patient(image) for image in range(len(display_set.images))):
        raise Refused(Reason.NO_GEOMETRY)
    flat = plane_through(corners)
    grids = [(image, display_set.image_grid(image)) for image in _near(display_set, corners)]
    return [part for image, grid in grids for part in _block(image, _deep(display_set, grid), finding, corners, flat)]


def source_image(display_set: DisplaySet, finding: Finding) -> int | None:
    """The image of a set that a finding was drawn on."""
    wanted = {(each.sop_instance_uid, each.frame) for each in finding.sources}
    first = display_set.place_of.get(finding.sources[0].sop_instance_uid) if finding.sources else None
    if first is None:
        return None
    for image in range(first, len(display_set.images)):
        ref = display_set.images[image]
        if (ref.instance.SOPInstanceUID, ref.frame) in wanted:
            return image
    return None


def _within_image(display_set: DisplaySet, image: int, finding: Finding, corners: tuple[Vec3, ...]) -> Iterator[Inside]:
    """Of a region in pixels."""
    rows, columns = display_set.images[image].shape
    flat = Flat((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    grid = Grid(
        (0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (1.0, 1.0, 1.0), (columns, rows, 1)
    )
    yield from _block(image, grid, finding, corners, flat)


def _block(image: int, grid: Grid, finding: Finding, corners: tuple[Vec3, ...], flat: Flat) -> Iterator[Inside]:
    """The voxels of one image that the plane cuts and whose centre lies in the shape."""
    columns, rows = (_range(grid, corners, axis) for axis in (0, 1))
    if columns.start >= columns.stop or rows.start >= rows.stop:
        return
    matrix = grid.lps_from_index
    across = matrix[:3, 0] * np.arange(columns.start, columns.stop)[:, None]
    down = matrix[:3, 1] * np.arange(rows.start, rows.stop)[:, None]
    places = (matrix[:3, 3] + down[:, None, :] + across[None, :, :]).reshape(-1, 3)
    away = (places - np.asarray(flat.origin)) @ np.asarray(flat.normal)
    reach = _half_depth(grid, flat.normal)
    near = (away > -reach * (1 + 1e-9)) & (away <= reach * (1 - 1e-9))
    chosen = np.zeros(len(places), np.bool_)
    if near.any():
        chosen[near] = inside(finding.kind, finding.points, flat, flat.flat(places[near]))
    if chosen.any():
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        yield Inside(image, rows, columns, chosen.reshape(shape))


def _half_depth(grid: Grid, normal: Vec3) -> float:
    """How far a voxel reaches to either side of its centre along a direction."""
    cosines = np.abs(np.asarray(grid.axes) @ np.asarray(normal))
    return float(cosines @ np.asarray(grid.spacing)) / 2


def _range(grid: Grid, corners: tuple[Vec3, ...], axis: int) -> slice:
    """The columns or rows that an outline may reach."""
    indices = np.asarray(corners) @ grid.index_from_lps[:3, :3].T + grid.index_from_lps[:3, 3]
    low, high = float(indices[:, axis].min()), float(indices[:, axis].max())
    return slice(max(int(np.floor(low)) - 1, 0), min(int(np.ceil(high)) + 2, grid.size[axis]))


def _deep(display_set: DisplaySet, grid: Grid) -> Grid:
    """The grid of an image as deep as its neighbours are apart, not as its SliceThickness says (safety.md 6)."""
    if display_set.grid is None:
        return grid
    step = abs(display_set.grid.spacing[2] * float(np.dot(display_set.grid.axes[2], cross(*grid.axes[:2]))))
    return replace(grid, spacing=(grid.spacing[0], grid.spacing[1], step))


def _near(display_set: DisplaySet, corners: tuple[Vec3, ...]) -> list[int]:
    """The images that an outline may touch."""
    array, centers = np.asarray(corners), display_set.centers_lps
    if centers is None:
        return [image for image in range(len(display_set.images)) if _may_touch(display_set, image, array)]
    first = _deep(display_set, display_set.image_grid(0))
    normal, reach = np.asarray(first.axes[2]), max(first.spacing[2], _step(centers, first.axes[2]))
    along, offsets = array @ normal, centers @ normal
    near = (offsets >= along.min() - reach) & (offsets <= along.max() + reach)
    return [int(image) for image in np.flatnonzero(near)]


def _may_touch(display_set: DisplaySet, image: int, corners: NDArray[np.float64]) -> bool:
    grid = _deep(display_set, display_set.image_grid(image))
    away = (corners - np.asarray(grid.origin_lps)) @ np.asarray(grid.axes[2])
    return bool(away.min() <= grid.spacing[2] and away.max() >= -grid.spacing[2])


def _step(centers: NDArray[np.float64], normal: Vec3) -> float:
    """The widest distance of neighbouring images."""
    offsets = np.sort(centers @ np.asarray(normal))
    return float(np.diff(offsets).max()) if len(offsets) > 1 else 0.0


def _nearest(display_set: DisplaySet, finding: Finding) -> Inside | None:
    """The voxel that a point lies in."""
    point = finding.points[0]
    if not finding.in_patient:
        image = source_image(display_set, finding)
        place = None if image is None else (round(point[0]), round(point[1]), image)
    else:
        place = _voxel_at(display_set, point)
    if place is None:
        return None
    column, row, image = place
    rows, columns = display_set.images[image].shape
    if not (0 <= column < columns and 0 <= row < rows):
        return None
    return Inside(image, slice(row, row + 1), slice(column, column + 1), np.ones((1, 1), np.bool_))


def _voxel_at(display_set: DisplaySet, point: Vec3) -> tuple[int, int, int] | None:
    """Column, row and image of the voxel at a patient point."""
    best: tuple[float, tuple[int, int, int]] | None = None
    for image in _near(display_set, (point,)):
        if not display_set.in_patient(image):
            continue
        i, j, k = _deep(display_set, display_set.image_grid(image)).index(point)
        if abs(k) <= 0.5 + 1e-6 and (best is None or abs(k) < best[0]):
            best = (abs(k), (round(i), round(j), image))
    return best[1] if best else None


def leaves(display_set: DisplaySet, finding: Finding) -> str:
    """The caution for a mark that leaves the stored voxels; without a volume, those of its image, seen from above."""
    corners = np.asarray(outline(finding.kind, finding.points), dtype=np.float64).reshape(-1, 3)
    image = source_image(display_set, finding) or 0
    rows, columns = display_set.images[image].shape
    size: tuple[int, ...] = (columns, rows)
    if finding.in_patient:
        grid = display_set.grid or display_set.image_grid(image)
        corners = corners @ grid.index_from_lps[:3, :3].T + grid.index_from_lps[:3, 3]
        size = display_set.grid.size if display_set.grid else size
    places = corners[:, : len(size)]
    stored = ((places >= -0.5 - EDGE) & (places <= np.asarray(size) - 0.5 + EDGE)).all(axis=1)
    return "" if stored.all() else OUTSIDE if stored.any() else ALL_OUTSIDE
