"""Reference regions of PET: their shapes round a point, and where the liver and the aorta are proposed to be.

Liver: a sphere of 3 cm in its right lobe. Blood pool: a cylinder of 1 cm across and 2 cm along the body in the
descending aorta (both as PERCIST has them, Wahl 2009). Mediastinum: a sphere of 2 cm. A voxel belongs to a region when
its centre does. Proposals go by uptake alone: the reader looks at them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Grid, Vec3, vec
from workstation.imaging.growing import grid_of
from workstation.imaging.late import load_scipy
from workstation.imaging.masks import Mask
from workstation.imaging.swept import Part, ball
from workstation.imaging.volume import Voxels

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]


class Region(StrEnum):
    """What uptake is compared with."""

    LIVER = "liver"
    BLOOD_POOL = "blood pool"
    MEDIASTINUM = "mediastinum"


SHAPES: Final = {
    Region.LIVER: "sphere of 3 cm",
    Region.BLOOD_POOL: "cylinder of 1 x 2 cm along the body",
    Region.MEDIASTINUM: "sphere of 2 cm",
}
LIVER_MM, MEDIASTINUM_MM = 15.0, 10.0
POOL_MM, POOL_HALF_MM = 5.0, 10.0
COARSE_MM: Final = 5.0
"""Proposals look at voxels no closer than this."""

LIVER_SUV: Final = (1.0, 4.5)
"""Means that a liver may have."""

EVEN: Final = 0.22
"""A liver's SD is no larger a share of its mean, over 3 cm."""

BODY_SUV: Final = 0.25
AXIAL: Final = 0.9
LEAST_LIVER_ML: Final = 120.0
"""So much of even uptake must lie at its right, seen from the middle of spheres."""

POOL_LIVERS: Final = (0.3, 1.2)
"""Blood holds between these shares of what the liver does."""

COLUMN_MM, BESIDE_MM = 45.0, 24.0
"""The aorta is as bright along so much of it, and lung lies so far at its left."""


def region_mask(grid: Grid, region: Region, point: Vec3) -> Mask:
    """The voxels of a reference region round a point. Raises `Refused` with PAST_EDGE where it leaves the grid."""
    part = _cylinder(grid, point) if region is Region.BLOOD_POOL else ball(grid, point, _radius_mm(region))
    if part is None or not part.voxels.any():
        raise Refused(Reason.PAST_EDGE)
    return Mask.part(grid, part.voxels, part.start)


def _radius_mm(region: Region) -> float:
    return LIVER_MM if region is Region.LIVER else MEDIASTINUM_MM


def _cylinder(grid: Grid, point: Vec3) -> Part | None:
    """Of the blood pool: along the body, whatever the grid's axes are."""
    around = ball(grid, point, float(np.hypot(POOL_MM, POOL_HALF_MM)))
    if around is None:
        return None
    k, j, i = np.indices(around.voxels.shape)
    index = np.stack([i, j, k], axis=-1) + np.array(around.start)[::-1]
    away = index @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3] - np.asarray(point)
    flat = np.hypot(away[..., 0], away[..., 1]) <= POOL_MM * (1 + 1e-9)
    return Part(around.box, flat & (np.abs(away[..., 2]) <= POOL_HALF_MM * (1 + 1e-9)))


# --------------------------------------------------------------------------- proposals


@dataclass(frozen=True, eq=False)
class _Coarse:
    """Every so many voxels: values [k, j, i], LPS of each, spacing in mm (k, j, i), and the middle of the body."""

    values: Floats
    points: Floats
    spacing: tuple[float, ...]
    middle: Vec3


def _coarse(voxels: Voxels, progress: Progress) -> _Coarse:
    grid = grid_of(voxels)
    if abs(grid.axes[2][2]) < AXIAL or abs(grid.axes[0][0]) < AXIAL:
        raise Refused(Reason.NOTHING_ENCLOSED, detail="proposals are made on axial images")
    i, j, k = (max(1, int(np.ceil(COARSE_MM / each - 0.2))) for each in grid.spacing)
    images = range(0, grid.size[2], k)
    found: list[Floats] = []
    for image in images:
        progress(image, grid.size[2])
        whole = voxels.values(image) if voxels.filled[image] else np.zeros(grid.size[1::-1])
        found.append(whole[::j, ::i])
    values = np.nan_to_num(np.stack(found))
    index = np.moveaxis(np.indices(values.shape)[::-1], 0, -1) * np.array([i, j, k])
    points = index @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]
    body = values > BODY_SUV
    if not body.any():
        raise Refused(Reason.NOTHING_ENCLOSED, detail="no body is seen in the uptake")
    spacing = tuple(step * each for step, each in zip((k, j, i), grid.spacing[::-1], strict=True))
    return _Coarse(values, points, spacing, vec(points[body].mean(axis=0)))


def propose_liver(voxels: Voxels, progress: Progress = lambda done, total: None) -> Vec3:
    """The middle of the largest even uptake right of the body's middle, of SUV. Raises `Refused` with
    NOTHING_ENCLOSED where there is none that could be a liver."""
    load_scipy()
    from scipy import ndimage

    seen = _coarse(voxels, progress)
    mean, sd = _means(seen, (30.0, 30.0, 30.0))
    even = (mean > LIVER_SUV[0]) & (mean < LIVER_SUV[1]) & (sd < EVEN * mean)
    even &= seen.points[..., 0] < seen.middle[0]
    labels, count = ndimage.label(even)
    counts = np.bincount(labels.ravel(), minlength=2)[1:] if count else np.zeros(1, np.int64)
    if counts.max() * float(np.prod(seen.spacing)) / 1000 < LEAST_LIVER_ML:
        raise Refused(Reason.NOTHING_ENCLOSED, detail="no uptake looks like a liver")
    inside = labels == int(counts.argmax()) + 1
    depth = ndimage.distance_transform_edt(np.pad(inside, 1), sampling=seen.spacing)[1:-1, 1:-1, 1:-1]
    return vec(seen.points[np.unravel_index(int(depth.argmax()), depth.shape)])


def propose_blood_pool(
    voxels: Voxels, liver: Vec3, liver_mean: float, progress: Progress = lambda done, total: None
) -> Vec3:
    """Where the descending aorta should run: above the liver, behind and left of the middle, the brightest even column
    along the body with lung at its left. Raises `Refused` with NOTHING_ENCLOSED where nothing is like it."""
    load_scipy()
    from scipy import ndimage

    seen = _coarse(voxels, progress)
    x, y, z = np.moveaxis(seen.points - np.asarray((*seen.middle[:2], liver[2])), -1, 0)
    mean, _ = _means(seen, (20.0, 10.0, 10.0))
    length = max(1, round(COLUMN_MM / seen.spacing[0])) | 1
    least = ndimage.minimum_filter1d(mean, length, axis=0, mode="nearest")
    most = ndimage.maximum_filter1d(mean, length, axis=0, mode="nearest")
    left = float(np.sign(seen.points[0, 0, -1, 0] - seen.points[0, 0, 0, 0]))
    beside = ndimage.shift(mean, (0.0, 0.0, -BESIDE_MM / seen.spacing[2] * left), order=1, mode="nearest")
    low, high = (share * liver_mean for share in POOL_LIVERS)
    could = (x > 5) & (x < 45) & (y > 10) & (y < 70) & (z > 60) & (z < 190)
    could &= (least > low) & (most < high) & (most < 1.4 * least) & (beside < 0.6 * mean)
    if not could.any():
        raise Refused(Reason.NOTHING_ENCLOSED, detail="no uptake looks like the aorta")
    return vec(seen.points.reshape(-1, 3)[int(np.where(could, least, -np.inf).argmax())])


def _means(seen: _Coarse, size_mm: tuple[float, float, float]) -> tuple[Floats, Floats]:
    """Mean and SD over a box round each voxel, sizes along k, j and i."""
    from scipy import ndimage

    size = [max(1, round(mm / step)) | 1 for mm, step in zip(size_mm, seen.spacing, strict=True)]
    mean = ndimage.uniform_filter(seen.values, size, mode="nearest")
    square = ndimage.uniform_filter(seen.values**2, size, mode="nearest")
    return np.asarray(mean), np.sqrt(np.maximum(square - mean**2, 0))
