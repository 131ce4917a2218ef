"""Spheres and rods of known size and value, and a checkerboard: pictures whose measures have a closed form."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.grid import Floats, Grid, Vector
from workstation.phantom.series import PhantomSeries, PhantomStudy, Window


@dataclass(frozen=True)
class Sphere:
    """A ball of one value (HU), in patient coordinates."""

    center_lps: Vector
    radius_mm: float
    value_hu: float

    @property
    def volume_ml(self) -> float:
        """4/3 pi r^3."""
        return 4 / 3 * math.pi * self.radius_mm**3 / 1000

    @property
    def half_extent_mm(self) -> Vector:
        """Half the sides of the box around it."""
        return (self.radius_mm, self.radius_mm, self.radius_mm)

    def contains(self, points_lps: Floats) -> NDArray[np.bool_]:
        """Which points, shape (..., 3), lie inside."""
        squared = np.sum((points_lps - np.array(self.center_lps)) ** 2, axis=-1)
        return cast(NDArray[np.bool_], squared <= self.radius_mm**2)


@dataclass(frozen=True)
class Rod:
    """A straight cylinder of one value (HU); `axis_lps` is a unit vector, `center_lps` its middle."""

    center_lps: Vector
    axis_lps: Vector
    radius_mm: float
    length_mm: float
    value_hu: float

    @property
    def volume_ml(self) -> float:
        """pi r^2 l."""
        return math.pi * self.radius_mm**2 * self.length_mm / 1000

    @property
    def half_extent_mm(self) -> Vector:
        """Half the sides of the box around it."""
        x, y, z = (abs(a) * self.length_mm / 2 + math.sqrt(max(0.0, 1 - a * a)) * self.radius_mm for a in self.axis_lps)
        return (x, y, z)

    def contains(self, points_lps: Floats) -> NDArray[np.bool_]:
        """Which points, shape (..., 3), lie inside."""
        away = points_lps - np.array(self.center_lps)
        along = away @ np.array(self.axis_lps)
        squared = np.sum(away**2, axis=-1) - along**2
        inside = (np.abs(along) <= self.length_mm / 2) & (squared <= self.radius_mm**2)
        return cast(NDArray[np.bool_], inside)


Insert = Sphere | Rod


@dataclass(frozen=True)
class ShapesTruth:
    """The inserts, each with its closed-form `volume_ml`, and the value around them."""

    inserts: tuple[Insert, ...]
    background_hu: float


# Far enough apart that a sphere around one insert never meets another.
DEFAULT_INSERTS: tuple[Insert, ...] = (
    Sphere((-30.0, -20.0, 10.0), 12.0, 120.0),
    Sphere((32.0, -22.0, 0.0), 8.0, -90.0),
    Sphere((0.0, 28.0, 15.0), 5.0, 300.0),
    Rod((-30.0, 25.0, 0.0), (0.0, 0.0, 1.0), 6.0, 40.0, 990.0),
    Rod((30.0, 22.0, -10.0), (0.6, 0.8, 0.0), 4.0, 30.0, -1000.0),
)
DEFAULT_GRID = Grid((48, 112, 144), (-50.0, -50.0, -30.0), (0.9, 0.7), 1.25)


def shapes_phantom(
    inserts: Iterable[Insert] = DEFAULT_INSERTS,
    grid: Grid = DEFAULT_GRID,
    background_hu: float = 0.0,
    supersample: int = 1,
    seed: int = 0,
) -> tuple[PhantomSeries, ShapesTruth]:
    """A CT of inserts in a uniform bath.

    `supersample` 1 decides each voxel by its centre; n > 1 averages n^3 points of the voxel (partial volume).
    """
    inserts = tuple(inserts)
    values = voxelise(inserts, grid, background_hu, supersample)
    series = PhantomSeries(
        voxels=np.rint(values).astype(np.int16),
        grid=grid,
        study=PhantomStudy(
            patient_name="Phantom^Shapes",
            patient_id="PHANTOM-SHAPES",
            study_description="Spheres and rods",
            seed=seed,
        ),
        series_description="Hard edges" if supersample == 1 else "Partial volume",
        windows=(Window(0, 500, "INSERTS"),),
    )
    return series, ShapesTruth(inserts, background_hu)


def voxelise(inserts: Iterable[Insert], grid: Grid, background_hu: float, supersample: int = 1) -> Floats:
    """Values (HU) of shape `grid.shape`; a later insert covers an earlier one.

    Only evenly spaced grids: raises ValueError otherwise.
    """
    values = np.full(grid.shape, float(background_hu))
    for insert in inserts:
        low, high = _box(insert, grid)
        if np.all(high > low):
            part = values[tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))]
            part += _share(insert, grid, low, part.shape, supersample) * (insert.value_hu - part)
    return values


def _box(insert: Insert, grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Index range [low, high) of the voxels that the insert may touch."""
    half = np.array(insert.half_extent_mm)
    signs = np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T
    corners = [grid.index_of(cast(Vector, tuple(np.array(insert.center_lps) + sign * half))) for sign in signs]
    low = np.floor(np.min(corners, axis=0)).astype(np.int64)
    high = np.ceil(np.max(corners, axis=0)).astype(np.int64) + 1
    return np.maximum(low, 0), np.minimum(high, np.array(grid.shape))


def _share(insert: Insert, grid: Grid, low: NDArray[np.int64], shape: tuple[int, ...], supersample: int) -> Floats:
    """The share of each voxel of a box that lies inside the insert, 0..1."""
    origin = np.array(grid.point_lps(*low))
    steps = [np.array(grid.point_lps(*(low + unit))) - origin for unit in np.eye(3, dtype=np.int64)]
    sub = (np.arange(supersample) + 0.5) / supersample - 0.5
    total = np.zeros(shape)
    for shift in np.array(np.meshgrid(sub, sub, sub)).reshape(3, -1).T:
        k, i, j = np.ogrid[tuple(slice(0, n) for n in shape)]
        points = sum(
            (((index + offset)[..., None] * step) for index, offset, step in zip((k, i, j), shift, steps, strict=True)),
            start=origin,
        )
        total += insert.contains(points)
    return total / supersample**3


def checkerboard(
    rows: int = 64,
    columns: int = 96,
    slices: int = 3,
    pixel_spacing_mm: tuple[float, float] = (0.6, 0.8),
    dark_hu: int = -100,
    bright_hu: int = 100,
) -> PhantomSeries:
    """A CT whose neighbours always differ: a voxel is bright where row + column + slice is even.

    The window spans exactly from dark to bright, so that at 1:1 each screen pixel must be pure black or pure white.
    """
    odd = np.indices((slices, rows, columns)).sum(axis=0) % 2
    return PhantomSeries(
        voxels=np.where(odd, dark_hu, bright_hu).astype(np.int16),
        grid=Grid((slices, rows, columns), (0.0, 0.0, 0.0), pixel_spacing_mm, 2.0),
        study=PhantomStudy(
            patient_name="Phantom^Checkerboard",
            patient_id="PHANTOM-CHECKERBOARD",
            study_description="Checkerboard",
        ),
        series_description="One pixel a square",
        windows=(Window((dark_hu + bright_hu) / 2, bright_hu - dark_hu, "EXACT"),),
    )
