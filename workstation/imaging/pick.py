"""What a line of sight meets first: opacity added up along it on the stored voxels, as what is drawn adds it up."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid, Vec3, vec
from workstation.imaging.greyscale import Rescale
from workstation.imaging.scene import Scene
from workstation.imaging.transfer import Mode

SEEN: Final = 0.5
"""What takes this part of the light from what lies behind it is what one sees."""

HINT: Final = 0.05
"""Of a ray that is never so opaque, the strongest sample is taken if all together take this much."""

STEP: Final = 0.25
"""Of the smallest spacing."""

BEFORE: Final = 2.5
"""Voxels before a point that do not hide it: a point on a surface lies a little inside."""

Floats = NDArray[np.float64]


def picked(
    stored: NDArray[Any],
    grid: Grid,
    rescale: Rescale,
    scene: Scene,
    start: Vec3,
    direction: Vec3,
    gone: NDArray[Any] | None = None,
) -> Vec3 | None:
    """The first point that is seen along a ray (LPS, mm), or None where it passes through what is invisible.

    `stored[k, j, i]` lies on `grid`; `scene` has its transfer function; `gone[k, j, i]` is not 0 where voxels were cut
    away. In a projection it is the brightest, or darkest, place of the ray.
    """
    step = min(grid.spacing) * STEP
    ends = _within(grid, scene, start, direction)
    if ends is None:
        return None
    along = np.arange(ends[0], ends[1] + step, step)
    points = np.asarray(start) + along[:, None] * np.asarray(direction)
    index = points @ grid.index_from_lps[:3, :3].T + grid.index_from_lps[:3, 3]
    values = rescale.apply(_interpolated(stored, index))
    there = np.ones(len(along), np.bool_) if gone is None else ~_at(gone, index)
    transfer = scene.in_force
    if transfer.mode is not Mode.COMPOSITE:
        worth = np.where(there, values if transfer.mode is Mode.MIP else -values, -np.inf)
        return vec(points[int(np.argmax(worth))]) if there.any() else None
    alpha = 1 - (1 - np.minimum(transfer.opacity_at(values), 0.9999)) ** (step / transfer.unit_mm)
    alpha[~there] = 0.0
    through = np.cumprod(1 - alpha)
    if through[-1] > 1 - HINT:
        return None
    seen = int(np.argmax(through <= 1 - SEEN))
    if through[-1] > 1 - SEEN:
        seen = int(np.argmax(alpha * np.concatenate([[1.0], through[:-1]])))
    return vec(points[seen])


def hidden(
    stored: NDArray[Any],
    grid: Grid,
    rescale: Rescale,
    scene: Scene,
    points: Floats,
    gone: Sequence[NDArray[Any]] = (),
) -> NDArray[np.bool_]:
    """Which of some points (n, 3), LPS mm, lie behind what one sees first; none in a projection, which has no behind.

    As `picked`, but on the nearest voxels at steps of one; what lies within some voxels of a point does not hide it.
    `gone` are masks of what was cut away.
    """
    camera, transfer = scene.camera, scene.in_force
    if transfer.mode is not Mode.COMPOSITE or not len(points):
        return np.zeros(len(points), np.bool_)
    away = points - np.asarray(camera.eye_lps)
    apart = np.linalg.norm(away, axis=1, keepdims=True)
    towards = np.broadcast_to(np.asarray(camera.towards), points.shape) if camera.is_parallel else away / apart
    step = min(grid.spacing)
    first = BEFORE / np.linalg.norm(towards @ grid.index_from_lps[:3, :3].T, axis=1)
    before = first[:, None] + np.arange(0.0, float(np.linalg.norm(grid.extent_mm)), step)
    places = (points[:, None] - before[..., None] * towards[:, None]).reshape(-1, 3)
    index = places @ grid.index_from_lps[:3, :3].T + grid.index_from_lps[:3, 3]
    there = _shown(grid, scene, places, index, gone)
    if not camera.is_parallel:
        there &= (before < apart).reshape(-1)
    nearest = np.rint(index[there]).astype(int)
    opacity = np.zeros(len(places))
    opacity[there] = transfer.opacity_at(rescale.apply(stored[nearest[:, 2], nearest[:, 1], nearest[:, 0]]))
    clear = (1 - np.minimum(opacity, 0.9999)) ** (step / transfer.unit_mm)
    return np.asarray(clear.reshape(before.shape).prod(axis=1) <= 1 - SEEN)


def _shown(grid: Grid, scene: Scene, places: Floats, index: Floats, gone: Sequence[NDArray[Any]]) -> NDArray[np.bool_]:
    """Which places, (n, 3) LPS and as (i, j, k), lie in voxels that nothing cuts away."""
    low, high = np.full(3, -0.5), np.asarray(grid.size, dtype=np.float64) - 0.5 - 1e-6
    if scene.crop is not None:
        low, high = np.maximum(low, scene.crop.low), np.minimum(high, scene.crop.high)
    there = np.asarray(((index > low) & (index < high)).all(axis=1))
    if scene.plane is not None:
        there &= (places - np.asarray(scene.plane.point_lps)) @ np.asarray(scene.plane.normal) >= 0
    for mask in gone:
        there[there] = ~_at(mask, index[there])
    return there


def _within(grid: Grid, scene: Scene, start: Vec3, direction: Vec3) -> tuple[float, float] | None:
    """From where to where a ray runs through what is kept of the volume, in mm from its start."""
    low, high = np.zeros(3), np.asarray(grid.size, dtype=np.float64) - 1
    if scene.crop is not None:
        low, high = np.maximum(low, scene.crop.low), np.minimum(high, scene.crop.high)
    here = np.asarray(grid.index(start))
    step = grid.index_from_lps[:3, :3] @ np.asarray(direction)
    near, far = 0.0, np.inf
    for at, by, first, last in zip(here, step, low, high, strict=True):
        if abs(by) < 1e-12:
            if not first <= at <= last:
                return None
            continue
        ends = sorted(((first - at) / by, (last - at) / by))
        near, far = max(near, ends[0]), min(far, ends[1])
    if scene.plane is not None:
        normal = np.asarray(scene.plane.normal)
        before = float((np.asarray(start) - np.asarray(scene.plane.point_lps)) @ normal)
        towards = float(np.asarray(direction) @ normal)
        if abs(towards) < 1e-12:
            if before < 0:
                return None
        elif towards > 0:
            near = max(near, -before / towards)
        else:
            far = min(far, -before / towards)
    return (near, far) if far > near else None


def _at(mask: NDArray[Any], index: Floats) -> NDArray[np.bool_]:
    """Whether the voxels nearest to places (n, 3) of (i, j, k) are in a mask."""
    i, j, k = (np.clip(np.rint(index[:, n]).astype(int), 0, mask.shape[2 - n] - 1) for n in range(3))
    return np.asarray(mask[k, j, i] != 0)


def _interpolated(stored: NDArray[Any], index: Floats) -> Floats:
    """Stored values between the eight voxels about places (n, 3) of (i, j, k); the outermost beyond the edges."""
    size = np.array(stored.shape[::-1])
    clipped = np.clip(index, 0, size - 1)
    first = np.minimum(np.floor(clipped).astype(int), np.maximum(size - 2, 0))
    part = clipped - first
    found = np.zeros(len(index))
    for corner in np.ndindex(2, 2, 2):
        i, j, k = (np.minimum(first[:, n] + corner[n], size[n] - 1) for n in range(3))
        weight = np.prod([part[:, n] if corner[n] else 1 - part[:, n] for n in range(3)], axis=0)
        found += weight * stored[k, j, i]
    return found
