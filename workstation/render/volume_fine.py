"""Thick slices as light shall fall on them: values between slices by splines, and the finest noise in them left out.

Light shows the direction of every edge. Between slices that lie three pixels apart, straight interpolation makes a
step at each slice, and the noise of single voxels a grain, that are not in the patient. Measures, planes and written
surfaces are of the voxels as they came; series of thin slices are drawn as they came.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.late import load_scipy

THICK: Final = 1.6
"""Slices that lie farther apart than this many pixels are thick."""

MOST_BETWEEN: Final = 3
"""So many steps are made of one from slice to slice, at most."""

MOST_VOXELS: Final = 128 << 20

BLUR_PX: Final = 0.9
"""Standard deviation within a slice."""


def steps_between(shape: tuple[int, ...], spacing: NDArray[np.float64]) -> int:
    """How many steps to make of each from slice to slice: 1 where slices are thin, or the volume would be too large.

    `shape` is (slices, rows, columns), `spacing` of (i, j, k) in mm.
    """
    apart = float(spacing[2] / spacing[:2].max())
    steps = min(round(apart / 1.2), MOST_BETWEEN) if apart >= THICK and shape[0] > 3 else 1
    return steps if (shape[0] * steps) * shape[1] * shape[2] <= MOST_VOXELS else 1


def refined(stored: NDArray[Any], steps: int) -> NDArray[Any]:
    """`stored` (slices, rows, columns) with `steps - 1` slices more after each but the last, all blurred a little.

    By uniform cubic B-splines along the slices: they smooth and never overshoot.
    """
    load_scipy()
    from scipy import ndimage

    last = len(stored) - 1
    fine = np.empty((last * steps + 1, *stored.shape[1:]), stored.dtype)
    blurred: dict[int, NDArray[np.float32]] = {}
    for number in range(len(fine)):
        k, part = divmod(number, steps)
        for each in range(k - 1, k + 3):
            at = min(max(each, 0), last)
            if at not in blurred:
                blurred[at] = ndimage.gaussian_filter(stored[at].astype(np.float32), BLUR_PX, truncate=2.5)
        blurred.pop(k - 2, None)
        weights = _spline(part / steps)
        total = sum(
            weight * blurred[min(max(k - 1 + n, 0), last)] for n, weight in enumerate(weights) if weight
        )  # fmt: skip
        fine[number] = np.rint(total) if fine.dtype.kind in "iu" else total
    return fine


def _spline(t: float) -> tuple[np.float32, ...]:
    """Weights of the slices before, at, after and two after a place `t` of the way from one to the next."""
    weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    return tuple(np.float32(each / 6) for each in weights)
