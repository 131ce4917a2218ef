"""Thick slices as light shall fall on them: values between slices by splines, and the finest noise in them left out.

Light shows the direction of every edge. Between slices that lie three pixels apart, straight interpolation makes a
step at each slice, and the noise of single voxels a grain, that are not in the patient. Measures, planes and written
surfaces are of the voxels as they came; series of thin slices are drawn as they came.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation import jobs

THICK: Final = 1.6
"""Slices that lie farther apart than this many pixels are thick."""

MOST_BETWEEN: Final = 2
"""So many steps are made of one from slice to slice, at most."""

MOST_VOXELS: Final = 128 << 20

BLUR_PX: Final = 0.9
"""Standard deviation within a slice."""

REACH_PX: Final = 2
"""So far within a slice the blur takes values from; fewer than `volume_seen.EDGE`."""


def steps_between(shape: tuple[int, ...], spacing: NDArray[np.float64]) -> int:
    """How many steps to make of each from slice to slice: 1 where slices are thin, or the volume would be too large.

    `shape` is (slices, rows, columns), `spacing` of (i, j, k) in mm.
    """
    apart = float(spacing[2] / spacing[:2].max())
    steps = min(round(apart / 1.2), MOST_BETWEEN) if apart >= THICK and shape[0] > 3 else 1
    return steps if (shape[0] * steps) * shape[1] * shape[2] <= MOST_VOXELS else 1


def refined(stored: NDArray[Any], steps: int) -> NDArray[Any]:
    """`stored` (slices, rows, columns) with `steps - 1` slices more after each but the last, all blurred a little.

    By uniform cubic B-splines along the slices: they smooth and never overshoot. On all cores.
    """
    fine = np.empty(((len(stored) - 1) * steps + 1, *stored.shape[1:]), stored.dtype)
    share = max(-(-len(fine) // jobs.cores()), steps)
    with ThreadPoolExecutor(jobs.cores()) as threads:
        firsts = range(0, len(fine), share)
        list(threads.map(lambda first: _refine(stored, steps, fine[first : first + share], first), firsts))
    return fine


def _refine(stored: NDArray[Any], steps: int, fine: NDArray[Any], first: int) -> None:
    """Work out the slices of `fine`, which begins with number `first` of all."""
    last = len(stored) - 1
    blurred: dict[int, NDArray[np.float32]] = {}
    total, part = (np.empty(stored.shape[1:], np.float32) for _ in range(2))
    for number, image in enumerate(fine, start=first):
        k, between = divmod(number, steps)
        blurred.pop(k - 2, None)
        total.fill(0.5 if fine.dtype.kind in "iu" else 0.0)
        for n, weight in enumerate(_spline(between / steps)):
            at = min(max(k - 1 + n, 0), last)
            if weight:
                if at not in blurred:
                    blurred[at] = _blurred(stored[at])
                np.multiply(blurred[at], weight, out=part)
                total += part
        np.copyto(image, np.floor(total, out=total) if fine.dtype.kind in "iu" else total, casting="unsafe")


def _blurred(image: NDArray[Any]) -> NDArray[np.float32]:
    """By a Gaussian of BLUR_PX, mirrored at the edges; SciPy would take half a second to be imported."""
    weights = np.exp(-0.5 * (np.arange(REACH_PX + 1) / BLUR_PX) ** 2)
    weights /= weights[0] + 2 * weights[1:].sum()
    found = np.pad(image, REACH_PX, mode="symmetric").astype(np.float32)
    for _ in range(2):  # along the first axis, and turned over along the other
        size = len(found) - 2 * REACH_PX
        total = found[REACH_PX : REACH_PX + size] * np.float32(weights[0])
        for away, weight in enumerate(weights[1:], start=1):
            pair = found[REACH_PX - away :][:size] + found[REACH_PX + away :][:size]
            pair *= np.float32(weight)
            total += pair
        found = total.T
    return found


def _spline(t: float) -> tuple[np.float32, ...]:
    """Weights of the slices before, at, after and two after a place `t` of the way from one to the next."""
    weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    return tuple(np.float32(each / 6) for each in weights)
