"""Thick planes: the samples through a slab, and what is shown of them.

Samples that lie outside the voxels or in padding take no part. Through a slab that lies along the voxels the samples
are the images themselves and the slab's two faces, so that the brightest and the darkest voxel are never blurred.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.oblique import SlabMode
from workstation.render.sampled import Sampled

MOST_COARSE: Final = 7
"""Samples through a slab while it moves."""

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Layer:
    """One plane of a slab: how far from its middle, mm, and its share in a mean."""

    offset_mm: float
    weight: float


def layers(thickness_mm: float, per_mm: Vector, base: Vector, coarse: bool) -> tuple[Layer, ...]:
    """The planes to sample. `per_mm` is how the index (i, j, k) grows along the normal, `base` the index in the middle
    of the slab where all pixels share it. The mean is the integral of what is linear between them.
    """
    half = thickness_mm / 2
    moving = np.flatnonzero(np.abs(per_mm) > 1e-9)
    if len(moving) == 1 and not coarse:
        offsets = _through_voxels(half, float(per_mm[moving[0]]), float(base[moving[0]]))
    else:
        count = 2 * math.ceil(half * float(np.linalg.norm(per_mm)) - 1e-6) + 1
        count = min(count, MOST_COARSE) if coarse else count
        offsets = np.linspace(-half, half, max(count, 3))
    ends = np.diff(offsets)
    weights = (np.concatenate(([0.0], ends)) + np.concatenate((ends, [0.0]))) / 2
    return tuple(Layer(float(at), float(weight)) for at, weight in zip(offsets, weights, strict=True))


def _through_voxels(half: float, per_mm: float, base: float) -> Vector:
    """Where the planes of voxels lie within the slab, and its faces."""
    first, last = sorted((base - half * per_mm, base + half * per_mm))
    planes = np.arange(math.ceil(first - 1e-6), math.floor(last + 1e-6) + 1)
    inner = (planes - base) / per_mm
    inner = inner[np.abs(inner) < half - 1e-6]
    return np.sort(np.concatenate(([-half], inner, [half])))


def combined(samples: Iterable[tuple[Sampled, float]], mode: SlabMode) -> Sampled:
    """What is shown of a slab. Raises ValueError where there is no sample.

    A sum is shown as the mean that it is a multiple of: the window stays what it is.
    """
    gathered: _Gathered | None = None
    missing: NDArray[np.bool_] | None = None
    for sampled, weight in samples:
        if gathered is None:
            gathered = _Gathered(sampled.values, mode)
        gathered.add(sampled.values, sampled.nothing, weight)
        if sampled.missing is not None:
            missing = sampled.missing if missing is None else missing | sampled.missing
    if gathered is None:
        raise ValueError("a slab without samples")
    values, nothing = gathered.result()
    return Sampled(values, nothing, missing)


class _Gathered:
    """Samples one after the other: a slab is never held as a whole."""

    def __init__(self, like: NDArray[Any], mode: SlabMode) -> None:
        self._mode, self._dtype = mode, like.dtype
        whole = like.dtype.kind in "iu"
        limits = np.iinfo(like.dtype) if whole else np.finfo(like.dtype)
        self._whole = whole
        self._blends = mode in (SlabMode.MEAN, SlabMode.SUM)
        self._weights: NDArray[np.float32] | None = None
        self._weight = 0.0
        if self._blends:
            self._held: NDArray[Any] = np.zeros(like.shape, np.float32 if like.dtype.itemsize <= 4 else np.float64)
        else:
            start = limits.min if mode is SlabMode.MIP else limits.max
            self._held = np.full(like.shape, start, like.dtype)
        self._seen: NDArray[np.bool_] | None = np.zeros(like.shape[:2], np.bool_)

    def add(self, values: NDArray[Any], nothing: NDArray[np.bool_] | None, weight: float) -> None:
        there = None if nothing is None else ~nothing
        if self._blends:
            self._blend(values, there, weight)
        else:
            choose = np.maximum if self._mode is SlabMode.MIP else np.minimum
            choose(self._held, values, out=self._held, where=True if there is None else _broad(there, values))
        if self._seen is not None:
            self._seen = None if there is None else self._seen | there

    def _blend(self, values: NDArray[Any], there: NDArray[np.bool_] | None, weight: float) -> None:
        weighted = values * self._held.dtype.type(weight)
        if there is None:
            self._held += weighted
            self._weight += weight
            return
        if self._weights is None:
            self._weights = np.zeros(there.shape, np.float32)
        np.add(self._held, weighted, out=self._held, where=_broad(there, values))
        self._weights += there * np.float32(weight)

    def result(self) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        nothing = None if self._seen is None or self._seen.all() else ~self._seen
        held = self._held
        if self._blends:
            weights = self._weight if self._weights is None else np.maximum(self._weights + self._weight, 1e-6)
            held = held / (weights if np.isscalar(weights) else _broad(np.asarray(weights), held))
            held = (np.rint(held) if self._whole else held).astype(self._dtype)
        return held, nothing


def _broad(mask: NDArray[Any], like: NDArray[Any]) -> NDArray[Any]:
    return mask[..., None] if like.ndim == 3 else mask
