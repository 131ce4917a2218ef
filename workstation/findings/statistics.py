"""Statistics of stored voxels inside a region: never of resampled ones, never of padding (safety.md 7, 9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.volume import Voxels


@dataclass(frozen=True)
class Sphere:
    """A region in patient space; a voxel belongs to it when its centre does (surface included)."""

    center_lps: Vec3
    radius_mm: float


SPHERE_RULE = "voxels whose centre lies in the sphere, its surface included"


@dataclass(frozen=True)
class Statistics:
    """Of the voxels of a region. `sd` divides by count - 1, as ITK's label statistics do; 0 for one voxel."""

    count: int
    volume_ml: float
    mean: float
    sd: float
    min: float
    median: float
    max: float
    unit: str
    notices: tuple[str, ...] = ()


def images_touched(display_set: DisplaySet, sphere: Sphere) -> tuple[int, ...]:
    """The images of a set whose plane cuts the sphere."""
    return tuple(
        image
        for image in range(len(display_set.images))
        if display_set.in_patient(image)
        and abs(display_set.image_grid(image).index(sphere.center_lps)[2]) * display_set.image_grid(image).spacing[2]
        <= sphere.radius_mm + 1e-9
    )


def sphere_statistics(voxels: Voxels, sphere: Sphere) -> Statistics:
    """Statistics of the stored voxels whose centre lies in a sphere.

    Raises `Refused` with NO_GEOMETRY where images have no place in the patient, PAST_EDGE where no voxel is in it.
    """
    display_set = voxels.display_set
    if not all(display_set.in_patient(image) for image in range(len(display_set.images))):
        raise Refused(Reason.NO_GEOMETRY)
    parts, volume_mm3, cut = [], 0.0, False
    for image in images_touched(display_set, sphere):
        inside, touches_edge = _inside(display_set.image_grid(image), sphere)
        cut = cut or touches_edge
        values = voxels.values(image)[inside]
        values = values[~np.isnan(values)]
        parts.append(values)
        volume_mm3 += values.size * voxel_mm3(display_set, image)
    values = np.concatenate(parts) if parts else np.empty(0)
    if values.size == 0:
        raise Refused(Reason.PAST_EDGE)
    notices = ["The region reaches beyond the stored voxels."] if cut or _beyond_ends(display_set, sphere) else []
    return summary(values, volume_mm3 / 1000.0, voxels.unit, (*notices, *voxels.caution))


def summary(values: NDArray[np.float64], volume_ml: float, unit: str, notices: Iterable[str]) -> Statistics:
    """Of values without NaN, at least one."""
    return Statistics(
        count=int(values.size),
        volume_ml=volume_ml,
        mean=float(values.mean()),
        sd=float(values.std(ddof=1)) if values.size > 1 else 0.0,
        min=float(values.min()),
        median=float(np.median(values)),
        max=float(values.max()),
        unit=unit,
        notices=tuple(notices),
    )


def _inside(grid: Grid, sphere: Sphere) -> tuple[NDArray[np.bool_], bool]:
    """Which pixels of one image have their centre in the sphere, and whether its outline leaves the image."""
    matrix = grid.lps_from_index
    offset = matrix[:3, 3] - np.asarray(sphere.center_lps)
    columns, rows, _ = grid.size
    across = matrix[:3, 0, None] * np.arange(columns)
    down = matrix[:3, 1, None] * np.arange(rows)
    point = offset[:, None, None] + across[:, None, :] + down[:, :, None]
    squared: NDArray[Any] = np.einsum("abc,abc->bc", point, point)
    inside = squared <= sphere.radius_mm**2 * (1 + 1e-12)
    edge = inside[0].any() or inside[-1].any() or inside[:, 0].any() or inside[:, -1].any()
    return inside, bool(edge)


def voxel_mm3(display_set: DisplaySet, image: int) -> float:
    """The volume a pixel stands for: its area times the distance to the neighbouring images along the normal."""
    grid = display_set.image_grid(image)
    area = grid.spacing[0] * grid.spacing[1]
    if display_set.grid is not None:
        return area * abs(display_set.grid.spacing[2] * float(np.dot(display_set.grid.axes[2], grid.axes[2])))
    places = [display_set.image_grid(each).origin_lps for each in range(len(display_set.images))]
    offsets = np.asarray(places) @ np.asarray(grid.axes[2])
    apart = np.sort(abs(np.delete(offsets, image) - offsets[image]))
    return area * float(apart[0] if apart.size else grid.spacing[2])


def _beyond_ends(display_set: DisplaySet, sphere: Sphere) -> bool:
    normal = np.asarray(display_set.image_grid(0).axes[2])
    offsets = [float(np.dot(normal, display_set.image_grid(n).origin_lps)) for n in range(len(display_set.images))]
    center = float(np.dot(normal, sphere.center_lps))
    return center - sphere.radius_mm < min(offsets) or center + sphere.radius_mm > max(offsets)
