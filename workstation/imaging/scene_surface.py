"""What of a volume a 3D scene shows, as a threshold or as voxels: for the surface that is written of it."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask
from workstation.imaging.scene import Scene
from workstation.imaging.transfer import TransferFunction
from workstation.imaging.volume import Voxels

Progress = Callable[[int, int], None]
Gone = NDArray[np.uint8]

HALF: Final = 0.5
"""Of the largest opacity: what has at least so much is inside."""


def threshold_of(transfer: TransferFunction) -> float | None:
    """The value from which on all is at least half as opaque as the most opaque; None where that is no one value."""
    half = HALF * max(opacity for _, opacity in transfer.opacity)
    if transfer.opacity[-1][1] < half or not half:
        return None
    above = transfer.opacity[-1][0]
    for (low, less), (high, more) in zip(transfer.opacity[-2::-1], transfer.opacity[:0:-1], strict=True):
        if less < half:
            above = high - (high - low) * (more - half) / (more - less)
            break
        above = low
    before = [opacity for value, opacity in transfer.opacity if value < above]
    return above if before and all(each < half for each in before) else None


def opaque(voxels: Voxels, transfer: TransferFunction, grid: Grid, gone: Gone | None, progress: Progress) -> Mask:
    """The voxels at least half as opaque as the most opaque value, and not `gone`."""
    half = HALF * max(opacity for _, opacity in transfer.opacity)
    images = len(voxels.stored)
    found = np.zeros(voxels.stored.shape[:3], np.bool_)
    for image in range(images):
        progress(image, images)
        values = np.asarray(voxels.values(image), dtype=np.float64)
        found[image] = (transfer.opacity_at(values) >= half) & np.isfinite(values)
        if gone is not None:
            found[image] &= gone[image] == 0
    return Mask.of(grid, found)


def hidden(scene: Scene, grid: Grid, cut_away: NDArray[Any] | None) -> Gone | None:
    """1 where a scene shows nothing, by crop box, clip plane and what was cut away; None where it shows all.

    Shape (slices, rows, columns); a voxel counts by its centre.
    """
    if scene.crop is None and scene.plane is None and cut_away is None:
        return None
    found = np.zeros(grid.size[::-1], np.uint8) if cut_away is None else (cut_away != 0).astype(np.uint8)
    if scene.crop is not None:
        for axis, (low, high) in enumerate(zip(scene.crop.low, scene.crop.high, strict=True)):
            at = np.arange(grid.size[axis])
            beyond = [slice(None)] * 3
            beyond[2 - axis] = np.flatnonzero((at < low) | (at > high))  # type: ignore[call-overload]
            found[tuple(beyond)] = 1
    if scene.plane is not None:
        normal = np.asarray(scene.plane.normal)
        along = normal @ grid.lps_from_index[:3]
        along[3] -= float(normal @ np.asarray(scene.plane.point_lps))
        i, j, k = (np.arange(size) * each for size, each in zip(grid.size, along, strict=False))
        for image in range(grid.size[2]):
            found[image][(k[image] + along[3] + j[:, None] + i[None, :]) < 0] = 1
    return found
