"""The inside of a vessel along a line: its outline at each place, how wide it is, and where it is narrow.

On rays across the line the wall is where the value lies half way between the inside and what is next to it. Outside
counts what the brighter quarter of the directions reach: beside lung or fat a thin wall would else be counted in.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.centerline import Centerline
from workstation.imaging.geometry import Grid
from workstation.imaging.late import load_scipy
from workstation.imaging.sampling import at_points

Floats = NDArray[np.float64]

RAYS: Final = 72
EVERY_MM: Final = 1.0
MOST_PLACES: Final = 400
_MOST_ON_RAY: Final = 64
WIDEST_MM: Final = 45.0
"""The longest ray: an aneurysm of nine centimetres is measured, what is wider is not."""

_BESIDE_MM: Final = 2.5
"""How far beyond the wall what lies next to the lumen is looked for."""

_COARSE_RAYS: Final = 24
_DIP: Final = 0.2
_RISE: Final = 0.12
"""Shares of the contrast: a gap is where values have fallen by so much and rise by so much again."""

_LEAK, _LEAK_MM = 1.3, 6.0
"""How much wider than the middle one of those within so many millimetres of it an outline is no more believed."""

_DENTED: Final = 0.97
"""Share of its convex hull that an outline fills at least; a vessel has no dents, what it has run into makes some."""

_FEWEST: Final = 0.6
"""Share of the rays that must meet a wall; with fewer the place has no outline."""


@dataclass(frozen=True, eq=False)
class Lumen:
    """Outlines across a line: at `arcs_mm` (n,) the points `outlines_lps` (n, RAYS, 3) and what is measured of them.

    `area_mm2`, `least_mm`, `most_mm`, `mean_mm` (between parallel tangents) and `effective_mm` (of the circle of
    the same area) have shape (n,), NaN where there is no outline. `centers_lps` (n, 3) are the outlines' middles.
    `doubtful` (n,) are outlines with dents: they may have run into what lies beside.
    """

    arcs_mm: Floats
    outlines_lps: Floats
    centers_lps: Floats
    area_mm2: Floats
    least_mm: Floats
    most_mm: Floats
    mean_mm: Floats
    effective_mm: Floats
    doubtful: NDArray[np.bool_]

    @property
    def measured(self) -> NDArray[np.bool_]:
        return np.isfinite(self.area_mm2)

    def at(self, arc_mm: float) -> int:
        """The number of the outline nearest to an arc length."""
        return int(np.argmin(abs(self.arcs_mm - arc_mm)))


@dataclass(frozen=True)
class Narrowing:
    """The narrowest place between two marks, against the width that lies there on the straight way between them.

    Shares are 0 to 1 of what is lost of the diameter and of the area; diameters are those of circles of equal area.
    """

    arc_mm: float
    diameter_mm: float
    reference_mm: float
    of_diameter: float
    of_area: float
    least_mm: float


@dataclass(frozen=True, eq=False)
class Block:
    """Voxels to measure in: `stored[k, j, i]` on `grid`; values compare as stored, whatever their unit."""

    stored: NDArray[Any]
    grid: Grid
    padding: tuple[float, float] | None = None


def lumen(block: Block, line: Centerline, every_mm: float = EVERY_MM, widest_mm: float = WIDEST_MM) -> Lumen:
    """Outlines of what the line runs in, about every `every_mm`; brighter or darker than its surroundings.

    Raises `Refused` with NO_OUTLINE where hardly any place of the line has one.
    """
    load_scipy()
    every_mm = max(every_mm, line.length_mm / MOST_PLACES)
    arcs = np.linspace(0.0, line.length_mm, max(2, round(line.length_mm / every_mm) + 1))
    points, across, aside = (_along(line, each, arcs) for each in (line.points_lps, line.across, line.aside))
    step = min(block.grid.spacing) / 2
    inside, sign = _inside(block, points, across, aside, widest_mm)
    coarse = _radii(block, (points, across, aside), inside, sign, _COARSE_RAYS, (widest_mm, 2 * step))
    if np.mean(np.isfinite(coarse).mean(axis=1) >= _FEWEST) < 0.1:
        raise Refused(Reason.NO_OUTLINE, "the line")
    reach = min(widest_mm, 1.5 * float(np.nanpercentile(coarse, 98)) + 2 * _BESIDE_MM)
    middles = points + _shift(coarse, across, aside)
    step = max(step, reach / _MOST_ON_RAY)
    inside = _level(block, middles, across, aside, _nan_median(coarse) / 2) * sign
    radii = _radii(block, (middles, across, aside), inside, sign, RAYS, (reach, step))
    return _measured(arcs, middles, across, aside, _without_leaks(_smooth(radii, step), every_mm))


def narrowing(found: Lumen, first_mm: float, last_mm: float) -> Narrowing:
    """The narrowest place between two marks on the line. Raises `Refused` with NO_OUTLINE where there is none."""
    low, high = sorted((first_mm, last_mm))
    between = np.flatnonzero(found.measured & (found.arcs_mm >= low - 1e-6) & (found.arcs_mm <= high + 1e-6))
    if len(between) < 3:
        raise Refused(Reason.NO_OUTLINE, "the stretch between the marks")
    least = int(between[np.argmin(found.area_mm2[between])])
    ends = [between[0], between[-1]]
    at = float(found.arcs_mm[least])
    reference = float(np.interp(at, found.arcs_mm[ends], found.effective_mm[ends]))
    diameter = float(found.effective_mm[least])
    share = diameter / reference
    return Narrowing(at, diameter, reference, 1 - share, 1 - share**2, float(found.least_mm[least]))


def _along(line: Centerline, values: Floats, arcs_mm: Floats) -> Floats:
    return np.stack([np.interp(arcs_mm, line.arcs_mm, values[:, axis]) for axis in range(3)], axis=1)


def _profiles(
    block: Block, points: Floats, across: Floats, aside: Floats, rays: int, at_mm: Floats
) -> NDArray[np.float64]:
    """Values (n, rays, radii) at `at_mm` from each point; NaN beyond the voxels, in padding and where slices lack."""
    angles = np.arange(rays) * (2 * math.pi / rays)
    away = np.cos(angles)[None, :, None] * across[:, None] + np.sin(angles)[None, :, None] * aside[:, None]
    values = np.empty((len(points), rays, len(at_mm)))
    for n, point in enumerate(points):  # one place at a time: a long line asks for millions of points
        found = at_points(block.stored, block.grid, point + away[n][:, None] * at_mm[None, :, None], block.padding)
        values[n] = np.where(found.known, found.values, np.nan)
    return values


def _level(block: Block, points: Floats, across: Floats, aside: Floats, radius_mm: Floats) -> Floats:
    """The median value (n,) within a radius (n,) of each point, as far as one can be told."""
    shares = np.array((0.0, 0.35, 0.7, 1.0))
    radius = np.where(np.isfinite(radius_mm), radius_mm, min(block.grid.spacing))
    angles = np.arange(12) * (math.pi / 6)
    away = np.cos(angles)[None, :, None] * across[:, None] + np.sin(angles)[None, :, None] * aside[:, None]
    at = points[:, None, None] + away[:, :, None] * (radius[:, None] * shares)[:, None, :, None]
    found = at_points(block.stored, block.grid, at, block.padding)
    values = np.where(found.known, found.values, np.nan).reshape(len(points), -1)
    return np.asarray(_nan_median(values))


def _inside(block: Block, points: Floats, across: Floats, aside: Floats, widest_mm: float) -> tuple[Floats, float]:
    """The value inside at each point, and 1 where that is brighter than around it, -1 where it is darker; times it."""
    level = _level(block, points, across, aside, np.full(len(points), min(block.grid.spacing)))
    every = slice(None, None, max(1, len(points) // 50))
    at = np.linspace(0.0, widest_mm / 2, 24)[1:]
    around = _profiles(block, points[every], across[every], aside[every], _COARSE_RAYS, at)
    sign = 1.0 if np.nanmedian(level) >= np.nanmedian(around) else -1.0
    return level * sign, sign


def _radii(
    block: Block,
    places: tuple[Floats, Floats, Floats],
    inside: Floats,
    sign: float,
    rays: int,
    reach: tuple[float, float],
) -> Floats:
    """How far the wall is on each ray, mm, shape (n, rays); NaN where none was met within `reach` (longest, step)."""
    load_scipy()
    from scipy.ndimage import median_filter, uniform_filter1d

    longest, step = reach
    at = np.arange(0.0, longest + step, step)
    values = _profiles(block, *places, rays, at) * sign
    filled = np.where(np.isfinite(values), values, np.nanmax(values) if np.isfinite(values).any() else 0.0)
    smooth = uniform_filter1d(filled, max(1, round(1.2 / step)), axis=2, mode="nearest")
    outside = np.percentile(smooth.min(axis=2), 75, axis=1)
    outside = median_filter(outside, size=min(9, len(outside)), mode="nearest")
    half = (inside + outside) / 2
    half = np.where(inside > outside, half, -np.inf)
    first = _first_below(filled, half[:, None])
    beside = np.arange(max(1, round(_BESIDE_MM / step)) + 1)
    around = np.take_along_axis(smooth, np.minimum(first[..., None] + beside, len(at) - 1), axis=2).min(axis=2)
    around = np.where(first < len(at), np.maximum(around, outside[:, None]), -np.inf)
    around = np.maximum(around, _valley(smooth, inside, inside - outside, first))
    return _crossing(filled, (inside[:, None] + around) / 2, np.isfinite(values)) * step


def _valley(smooth: Floats, inside: Floats, contrast: Floats, first: NDArray[np.intp]) -> Floats:
    """The value in a gap on the way out, (n, rays): a thin wall to another vessel, where values rise again before they
    have fallen half way; -inf where there is none."""
    lowest = np.minimum.accumulate(smooth, axis=2)
    rises = smooth - lowest > _RISE * contrast[:, None, None]
    rises &= lowest < (inside - _DIP * contrast)[:, None, None]
    at = np.where(rises.any(axis=2), np.argmax(rises, axis=2), smooth.shape[2])
    value = np.take_along_axis(lowest, np.minimum(at, smooth.shape[2] - 1)[..., None], axis=2)[..., 0]
    return np.where(at < first, value, -np.inf)


def _first_below(values: Floats, level: Floats) -> NDArray[np.intp]:
    """The first place on each ray below its level; the number of places where there is none."""
    below = values < level[..., None]
    return np.asarray(np.where(below.any(axis=2), np.argmax(below, axis=2), values.shape[2]), dtype=np.intp)


def _crossing(values: Floats, level: Floats, known: NDArray[np.bool_]) -> Floats:
    """Where each ray falls to its level, in steps, between two of them; NaN where it never does, or out of sight."""
    first = _first_below(values, level)
    after = np.clip(first, 1, values.shape[2] - 1)
    seen = np.take_along_axis(known, (after - 1)[..., None], axis=2)[..., 0]
    found = (first > 0) & (first < values.shape[2]) & seen
    low, high = (np.take_along_axis(values, each[..., None], axis=2)[..., 0] for each in (after, after - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(found, after - (level - low) / (high - low), np.nan)


def _smooth(radii: Floats, step: float) -> Floats:
    """Rays that stray from their neighbours, as at a branch, take the neighbours' distance; gaps are filled.

    Noise is evened out over the ten degrees next to each ray.
    """
    load_scipy()
    from scipy.ndimage import gaussian_filter1d, median_filter

    enough = np.isfinite(radii).mean(axis=1) >= _FEWEST
    typical = _nan_median(np.where(enough[:, None], radii, 1.0))
    filled = np.where(np.isfinite(radii), radii, typical[:, None])
    neighbours = median_filter(filled, size=(1, 13), mode="wrap")
    strays = abs(filled - neighbours) > 0.2 * neighbours + 2 * step
    smooth = gaussian_filter1d(np.where(strays, neighbours, filled), 1.5, axis=1, mode="wrap")
    smooth[~enough] = np.nan
    return np.asarray(smooth)


def _without_leaks(radii: Floats, every_mm: float) -> Floats:
    """Outlines far wider than those around them for a few millimetres alone have run into a neighbour: they are none.

    A short narrowing stays; an aneurysm is longer.
    """
    load_scipy()
    from scipy.ndimage import median_filter

    size = np.sqrt((np.nan_to_num(radii) ** 2).mean(axis=1))
    usual = median_filter(size, size=min(len(size), 2 * round(_LEAK_MM / every_mm) + 1), mode="nearest")
    return np.where((size > _LEAK * usual)[:, None] & (usual > 0)[:, None], np.nan, radii)


def _shift(radii: Floats, across: Floats, aside: Floats) -> Floats:
    """From the points to the middles of their outlines, (n, 3); none where an outline is not whole."""
    angles = np.arange(radii.shape[1]) * (2 * math.pi / radii.shape[1])
    enough = np.isfinite(radii).mean(axis=1) >= _FEWEST
    filled = np.where(np.isfinite(radii), radii, _nan_median(np.where(enough[:, None], radii, 0.0))[:, None])
    # The centroid of a star-shaped area in polar coordinates.
    square, cube = (filled**2).sum(axis=1), (2 / 3) * filled**3
    with np.errstate(invalid="ignore", divide="ignore"):
        u, v = ((cube * f(angles)).sum(axis=1) / square for f in (np.cos, np.sin))
    u, v = (np.where(enough, np.nan_to_num(each), 0.0) for each in (u, v))
    return np.asarray(u[:, None] * across + v[:, None] * aside)


def _measured(arcs: Floats, points: Floats, across: Floats, aside: Floats, radii: Floats) -> Lumen:
    turn = 2 * math.pi / radii.shape[1]
    angles = np.arange(radii.shape[1]) * turn
    u, v = radii * np.cos(angles), radii * np.sin(angles)
    area = 0.5 * math.sin(turn) * (radii * np.roll(radii, -1, axis=1)).sum(axis=1)
    half = angles[: len(angles) // 2]
    along = u[:, None] * np.cos(half)[None, :, None] + v[:, None] * np.sin(half)[None, :, None]
    widths = along.max(axis=2) - along.min(axis=2)
    return Lumen(
        arcs_mm=arcs,
        outlines_lps=points[:, None] + u[..., None] * across[:, None] + v[..., None] * aside[:, None],
        centers_lps=points + _shift(radii, across, aside),
        area_mm2=area,
        least_mm=widths.min(axis=1),
        most_mm=widths.max(axis=1),
        mean_mm=widths.mean(axis=1),
        effective_mm=2 * np.sqrt(area / math.pi),
        doubtful=area < _DENTED * _hulls(u, v),
    )


def _hulls(u: Floats, v: Floats) -> Floats:
    """The area of the convex hull of each outline, (n,); NaN where there is none."""
    load_scipy()
    from scipy.spatial import ConvexHull

    found = np.full(len(u), np.nan)
    for n in np.flatnonzero(np.isfinite(u).all(axis=1)):
        found[n] = ConvexHull(np.stack([u[n], v[n]], axis=1)).volume  # in a plane the volume is the area
    return found


def _nan_median(values: Floats) -> Floats:
    """The median of each row, NaN for rows of nothing, without numpy's warning for those."""
    empty = np.asarray(~np.isfinite(values).any(axis=1))
    return np.where(empty, np.nan, np.nanmedian(np.where(empty[:, None], 0.0, values), axis=1))
