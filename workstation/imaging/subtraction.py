"""Mask subtraction of angiographic frames (PS3.3 C.7.6.10): contrast alone, without bone.

Attenuation multiplies, so frames are subtracted as logarithms unless their values already are
(PixelIntensityRelationship LOG, PS3.3 C.8.7.1.1.2).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def subtracted(
    frame: NDArray[np.generic],
    masks: Sequence[NDArray[np.generic]],
    shift_px: tuple[float, float] = (0.0, 0.0),
    relationship: str = "LIN",
) -> NDArray[np.float32]:
    """A frame minus the mean of mask frames, in units of the frame's own values; 0 is "no change".

    All arrays have shape (rows, columns). `shift_px` is MaskSubPixelShift (rows, columns): how far the mask is
    moved, down and to the right, before it is subtracted; beyond its edge the nearest pixel counts.
    Raises ValueError without a mask or when shapes differ.
    """
    if not masks:
        raise ValueError("a subtraction needs at least one mask frame")
    if any(mask.shape != frame.shape for mask in masks):
        raise ValueError("mask and frame differ in size")
    mean = np.mean([mask.astype(np.float64) for mask in masks], axis=0)
    mask = shifted(mean, shift_px)
    live = frame.astype(np.float64)
    if relationship == "LOG":
        return np.asarray(live - mask, dtype=np.float32)
    # log(0) is nothing that was measured; the smallest value a detector tells apart from nothing stands for it.
    difference = np.log(np.maximum(live, 1.0)) - np.log(np.maximum(mask, 1.0))
    return np.asarray(difference * max(float(mean.mean()), 1.0), dtype=np.float32)


def shifted(image: NDArray[np.float64], shift_px: tuple[float, float]) -> NDArray[np.float64]:
    """The image moved down and right by a fraction of pixels, bilinear, edges repeated."""
    moved = image
    for axis, amount in enumerate(shift_px):
        if amount:
            moved = _moved(moved, amount, axis)
    return moved


def _moved(image: NDArray[np.float64], amount: float, axis: int) -> NDArray[np.float64]:
    size = image.shape[axis]
    source = np.clip(np.arange(size) - amount, 0, size - 1)
    below = np.floor(source).astype(np.intp)
    above = np.minimum(below + 1, size - 1)
    weight = (source - below).reshape([-1 if each == axis else 1 for each in range(image.ndim)])
    return np.asarray(np.take(image, below, axis) * (1 - weight) + np.take(image, above, axis) * weight)
