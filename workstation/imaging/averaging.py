"""Images shown smaller than they are: each pixel of the screen is the mean of the pixels it covers.

Picking single pixels would show patterns that are not in the image (aliasing) and drop fine calcifications. The
mean is exact for any ratio: pixels that are covered in part count in part. Along an axis that is not shrunk the
same formula is linear interpolation.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

CHUNK: Final = 24
"""Rows that are worked on together, so that they stay in the processor's cache: twice as fast."""


@dataclass(frozen=True)
class Footprint:
    """For each of n outputs along one axis, the inputs it covers and how much each counts; shapes (n, taps)."""

    index: NDArray[np.intp]
    weight: NDArray[np.float32]


def footprint(count: int, first: float, step: float, size: int) -> Footprint:
    """`count` outputs whose middles lie at `first + n * step` on an axis of `size` inputs (index 0 at a middle).

    Weights of an output sum to 1; inputs beyond the ends count nothing.
    """
    width = max(abs(step), 1.0)
    low = first + step * np.arange(count) - width / 2 + 0.5
    index = np.floor(low)[:, None] + np.arange(int(np.ceil(width)) + 1)
    covered = np.minimum(low[:, None] + width, index + 1) - np.maximum(low[:, None], index)
    weight = np.where((index >= 0) & (index < size), np.maximum(covered, 0.0), 0.0)
    total = weight.sum(axis=1, keepdims=True)
    scaled = weight / np.where(total > 0, total, 1.0)
    return Footprint(np.clip(index, 0, size - 1).astype(np.intp), scaled.astype(np.float32))


def averaged(image: NDArray[Any], rows: Footprint, columns: Footprint) -> NDArray[np.float32]:
    """The means of `image` (rows, columns) or (rows, columns, channels) over the two footprints."""
    down = _along_rows(image.reshape(image.shape[0], -1), rows).reshape(len(rows.index), *image.shape[1:])
    turned = np.ascontiguousarray(np.swapaxes(down, 0, 1))
    across = _along_rows(turned.reshape(turned.shape[0], -1), columns)
    return np.ascontiguousarray(np.swapaxes(across.reshape(len(columns.index), *turned.shape[1:]), 0, 1))


def averaged_without(
    image: NDArray[Any], left_out: NDArray[np.bool_], rows: Footprint, columns: Footprint
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """As `averaged`, of the pixels that are not left out, and where half or more of what is covered is left out."""
    kept = averaged(~left_out, rows, columns)
    means = averaged(np.where(left_out, 0, image), rows, columns)
    return np.asarray(means / np.maximum(kept, 1e-6), dtype=np.float32), kept <= 0.5


def _along_rows(image: NDArray[Any], rows: Footprint) -> NDArray[np.float32]:
    out = np.empty((len(rows.index), image.shape[1]), dtype=np.float32)
    part = np.empty((CHUNK, image.shape[1]), dtype=np.float32)
    for start in range(0, len(rows.index), CHUNK):
        index, weight = rows.index[start : start + CHUNK], rows.weight[start : start + CHUNK]
        target, product = out[start : start + CHUNK], part[: len(index)]
        np.multiply(image[index[:, 0]], weight[:, 0, None], out=target)
        for tap in range(1, index.shape[1]):
            np.multiply(image[index[:, tap]], weight[:, tap, None], out=product)
            target += product
    return out
