"""What is taken out of a volume to see the rest, as bytes: 1 where a voxel is gone, shape (slices, rows, columns)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.bed import body
from workstation.imaging.binned import Progress
from workstation.imaging.bones import bones
from workstation.imaging.camera import Camera
from workstation.imaging.geometry import Grid
from workstation.imaging.late import load_scipy
from workstation.imaging.scissors import Pixel, seen_inside
from workstation.imaging.transfer import TransferFunction
from workstation.imaging.volume import Voxels

Gone = NDArray[np.uint8]

SEEN: Final = 0.05
"""A voxel that is at least so opaque is part of what is seen."""


def without_bones(voxels: Voxels, progress: Progress) -> Gone:
    """Bones with their marrow. Raises what `imaging.bones.bones` raises."""
    return bones(voxels, progress).array().view(np.uint8)


def without_bed(voxels: Voxels, progress: Progress) -> Gone:
    """All that is outside the body. Raises what `imaging.bed.body` raises."""
    kept = body(voxels, progress).array()
    return np.logical_not(kept, out=kept).view(np.uint8)


def snipped(
    grid: Grid, camera: Camera, outline: Sequence[Pixel], size: tuple[int, int], inside: bool, progress: Progress
) -> Gone:
    """What is seen `inside` an outline in a tile of `size` (width, height), or all that is not; however deep."""
    found = seen_inside(grid, camera, outline, *size, progress).array()
    return (found if inside else np.logical_not(found, out=found)).view(np.uint8)


def seen_by(voxels: Voxels, transfer: TransferFunction, image: int) -> NDArray[np.bool_]:
    """Which voxels of an image are seen at all by a transfer function, shape (rows, columns)."""
    values = np.asarray(voxels.rescale.apply(voxels.stored[image]), dtype=np.float64)
    return np.asarray(transfer.opacity_at(values) >= SEEN)


def all_but_largest(voxels: Voxels, transfer: TransferFunction, gone: Gone | None, progress: Progress) -> Gone:
    """Every voxel that is seen and does not hang together with the largest part of what is; `gone` is so already.

    Voxels hang together by their faces.
    """
    load_scipy()
    from scipy import ndimage

    slices = len(voxels.stored)
    seen = np.empty(voxels.stored.shape[:3], dtype=np.bool_)
    for image in range(slices):
        progress(image, 2 * slices)
        seen[image] = seen_by(voxels, transfer, image)
        if gone is not None:
            seen[image] &= gone[image] == 0
    labels, parts = ndimage.label(seen)
    progress(slices, 2 * slices)
    if parts < 2:
        return np.zeros(seen.shape, np.uint8)
    sizes = np.bincount(labels.ravel(), minlength=parts + 1)
    sizes[0] = 0
    progress(2 * slices, 2 * slices)
    return np.asarray(seen & (labels != sizes.argmax())).view(np.uint8)
