"""What is left of a structure when it is cut by a plane or along a curved surface: ml, share, ml for each kg.

Voxels that the cut goes through count for the part of them that lies on either side.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Grid, Vec3, unit, vec
from workstation.imaging.late import load_scipy
from workstation.imaging.mask_work import voxel_ml
from workstation.imaging.masks import Mask, Plane

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

FEWEST_POINTS: Final = 3
MOST_POINTS: Final = 400
"""Of a curved cut; more are thinned out evenly."""

ALONG_LINES_MM: Final = 4.0
"""From one point of a drawn line to the next, at most, that a cut goes through."""


def _nothing(done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class FlatCut:
    """A plane; what its normal points to is resected."""

    point_lps: Vec3
    normal: Vec3

    def heights_mm(self, points: Floats) -> Floats:
        """How far beyond the cut points (n, 3) lie, towards what is resected."""
        return np.asarray((points - np.asarray(self.point_lps)) @ unit(self.normal))


@dataclass(frozen=True)
class CurvedCut:
    """A smooth surface through points drawn on slices: a height over the plane that fits them best (thin plate).

    `towards` says which side is resected. Raises `Refused` with NO_EXTENT for points that span no surface.
    """

    points_lps: tuple[Vec3, ...]
    towards: Vec3

    def __post_init__(self) -> None:
        if len(self.points_lps) < FEWEST_POINTS or self._spread[1] < 1e-6:
            raise Refused(Reason.NO_EXTENT)

    @property
    def normal(self) -> Vec3:
        """Of the plane that fits the points best, towards what is resected."""
        return vec(self._axes[2])

    @cached_property
    def middle_lps(self) -> Vec3:
        """The mean of the points."""
        return vec(np.mean(np.asarray(self.points_lps), axis=0))

    def heights_mm(self, points: Floats) -> Floats:
        """How far beyond the cut points (n, 3) lie along its normal, towards what is resected."""
        local = points - np.asarray(self.middle_lps)
        return np.asarray(local @ self._axes[2] - _tabled(self._smooth, local @ self._axes[:2].T))

    @cached_property
    def _smooth(self) -> Callable[[Floats], Floats]:
        load_scipy()
        from scipy.interpolate import RBFInterpolator

        points = np.unique(np.asarray(self.points_lps, dtype=np.float64), axis=0)
        points = points[np.linspace(0, len(points) - 1, min(len(points), MOST_POINTS)).astype(int)]
        drawn = (points - np.asarray(self.middle_lps)) @ self._axes.T
        found: Callable[[Floats], Floats] = RBFInterpolator(
            drawn[:, :2], drawn[:, 2], kernel="thin_plate_spline", smoothing=1e-6
        )
        return found

    @cached_property
    def _axes(self) -> Floats:
        """Two directions along the surface, then its normal."""
        axes = np.linalg.svd(np.asarray(self.points_lps) - np.asarray(self.middle_lps))[2]
        return np.stack([axes[0], axes[1], axes[2] if float(axes[2] @ np.asarray(self.towards)) >= 0 else -axes[2]])

    @cached_property
    def _spread(self) -> Floats:
        return np.asarray(np.linalg.svd(np.asarray(self.points_lps) - np.asarray(self.middle_lps), compute_uv=False))


def _tabled(smooth: Callable[[Floats], Floats], flat: Floats) -> Floats:
    """A height field asked on a lattice and interpolated between: voxels are many, the surface is smooth."""
    load_scipy()
    from scipy.interpolate import RegularGridInterpolator

    if len(flat) < 4000:
        return np.asarray(smooth(flat))
    axes = [
        np.linspace(low - 1e-6, high + 1e-6, 60) for low, high in zip(flat.min(axis=0), flat.max(axis=0), strict=True)
    ]
    mesh = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    heights = smooth(mesh.reshape(-1, 2)).reshape(60, 60)
    return np.asarray(RegularGridInterpolator(axes, heights, method="linear")(flat))


Cut = FlatCut | CurvedCut


@dataclass(frozen=True)
class Remnant:
    """A structure in two: `kept` and `resected` are by voxel centres, the volumes by parts of voxels."""

    kept: Mask
    resected: Mask
    whole_ml: float
    kept_ml: float
    weight_kg: float | None

    @property
    def kept_share(self) -> float:
        """0 to 1."""
        return self.kept_ml / self.whole_ml

    @property
    def kept_ml_per_kg(self) -> float | None:
        """None without a weight."""
        return self.kept_ml / self.weight_kg if self.weight_kg else None


def remnant(mask: Mask, cut: Cut, weight_kg: float | None = None, progress: Progress = _nothing) -> Remnant:
    """A structure cut in two. Raises `Refused` with NOTHING_ENCLOSED for an empty one, NO_EXTENT for a weight of 0."""
    if not mask:
        raise Refused(Reason.NOTHING_ENCLOSED)
    if weight_kg is not None and weight_kg <= 0:
        raise Refused(Reason.NO_EXTENT)
    width = float(np.abs(np.asarray(mask.grid.axes) @ unit(cut.normal)) @ np.asarray(mask.grid.spacing))
    kept: list[Plane | None] = []
    voxels = 0.0
    for k, plane in enumerate(mask.planes):
        progress(k, len(mask.planes))
        if plane is None:
            kept.append(None)
            continue
        image = plane.image()
        heights = cut.heights_mm(_centres(mask.grid, plane, k, image))
        voxels += float(np.clip(0.5 - heights / width, 0.0, 1.0).sum())
        below = image.copy()
        below[image] = heights <= 0
        kept.append(Plane.of(below, plane.rows[0], plane.columns[0]))
    left = Mask(mask.grid, tuple(kept))
    return Remnant(left, mask.minus(left), mask.volume_ml, voxels * voxel_ml(mask.grid), weight_kg)


def _centres(grid: Grid, plane: Plane, k: int, image: NDArray[np.bool_]) -> Floats:
    """The centres of the set voxels of a slice, LPS mm (n, 3)."""
    rows, columns = np.nonzero(image)
    index = np.stack([columns + plane.columns[0], rows + plane.rows[0], np.full(len(rows), k)], axis=1)
    return np.asarray(index @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3])


def through(points_lps: Sequence[Vec3], towards: Vec3) -> Cut:
    """A flat cut through three points, a curved one through more. Raises `Refused` with NO_EXTENT."""
    curved = CurvedCut(tuple(points_lps), towards)
    return curved if len(points_lps) > FEWEST_POINTS else FlatCut(curved.middle_lps, curved.normal)


def through_lines(lines: Sequence[Sequence[Vec3]], stays_lps: Vec3) -> Cut:
    """A cut through lines drawn on slices, each of two points or more: the side that `stays_lps` lies on is kept.

    Raises `Refused` with NO_EXTENT where they span no surface, or the place lies on it.
    """
    points: list[Vec3] = []
    for line in lines:
        points.append(line[0])
        for start, end in pairwise(np.asarray(line, dtype=np.float64)):
            steps = max(1, int(np.ceil(np.linalg.norm(end - start) / ALONG_LINES_MM)))
            points += [vec(start + (end - start) * step / steps) for step in range(1, steps + 1)]
    cut = CurvedCut(tuple(points), (0.0, 0.0, 1.0))
    height_mm = float(cut.heights_mm(np.asarray([stays_lps]))[0])
    if abs(height_mm) < 1e-6:
        raise Refused(Reason.NO_EXTENT)
    return cut if height_mm < 0 else CurvedCut(cut.points_lps, vec(-np.asarray(cut.normal)))
