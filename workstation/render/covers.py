"""Masks of an image painted over its picture, at the same places: each pixel of the mask covers its own."""

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid
from workstation.imaging.greyscale import OPAQUE
from workstation.imaging.view import Interpolation, ScreenPlane
from workstation.render.planar import sample, shrinkage


def cover_where(
    rgb32: NDArray[np.uint32], mask: NDArray[np.bool_], grid: Grid, screen: ScreenPlane, grey: int
) -> NDArray[np.uint32]:
    """`rgb32` (height, width) with `grey` where the nearest pixel of `mask` (rows, columns) is set."""
    covered = sample(mask.view(np.uint8)[None], grid, screen, Interpolation.NEAREST)
    where = covered.values != 0
    if covered.nothing is not None:
        where &= ~covered.nothing
    return np.where(where, OPAQUE | np.uint32(grey * 0x010101), rgb32)


def cover_evenly(
    rgb32: NDArray[np.uint32], mask: NDArray[np.bool_], grid: Grid, screen: ScreenPlane, grey: int, strength: float
) -> NDArray[np.uint32]:
    """As `cover_where`, with `strength` 0 … 1; where the image is shown smaller, a line one pixel wide is kept."""
    shrunk = shrinkage(grid, screen)
    if shrunk <= 1 and strength >= 1:
        return cover_where(rgb32, mask, grid, screen, grey)
    interpolation = Interpolation.LINEAR if shrunk > 1 else Interpolation.NEAREST
    covered = sample(mask.astype(np.float32)[None], grid, screen, interpolation)
    share = np.clip(covered.values * shrunk, 0.0, 1.0) * strength
    if covered.nothing is not None:
        share[covered.nothing] = 0.0
    mixed = np.full(rgb32.shape, OPAQUE, dtype=np.uint32)
    for shift in (0, 8, 16):
        channel = (rgb32 >> np.uint32(shift) & np.uint32(0xFF)).astype(np.float32)
        mixed |= np.rint(channel + (grey - channel) * share).astype(np.uint32) << np.uint32(shift)
    return mixed
