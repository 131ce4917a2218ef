"""Planes of slices at uneven distances: each value from the neighbours at their true places.

VTK's reslice takes even grids alone. This is several times slower, for series that are few.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.uneven import Uneven
from workstation.imaging.view import Interpolation
from workstation.imaging.volume import is_padding
from workstation.render.sampled import Sampled

Floats = NDArray[np.float64]


class UnevenPlanes:
    """Planes of one uneven volume, sampled one after the other, as `planar` does those of even ones.

    Cubic interpolation is none between places that differ in distance: linear stands for it.
    """

    def __init__(
        self,
        stored: NDArray[Any],
        grid: Uneven,
        shape: tuple[int, int],
        interpolation: Interpolation,
        padding: tuple[float, float] | None,
        filled: NDArray[np.bool_] | None,
    ) -> None:
        self._stored, self._grid, self._shape = stored, grid, shape
        self._nearest = interpolation is Interpolation.NEAREST
        self._padding, self._filled = padding, filled

    def at(self, matrix: NDArray[np.float64]) -> Sampled:
        height, width = self._shape
        y, x = np.mgrid[:height, :width].reshape(2, -1)
        i, j, place = matrix[:3, :1] * x + matrix[:3, 1:2] * y + matrix[:3, 3:]
        index = np.stack([i, j, self._grid.images(place)])
        sizes = np.array(self._stored.shape[2::-1])[:, None]
        outside = np.any((index < -0.5 - 1e-9) | (index > sizes - 0.5 + 1e-9), axis=0)
        index = np.clip(index, 0, sizes - 1)
        missing = self._grid.holes(place) & ~outside
        if self._filled is not None:
            k = index[2]
            there = self._filled[np.floor(k + 1e-6).astype(np.intp)] & self._filled[np.ceil(k - 1e-6).astype(np.intp)]
            missing |= ~there
        values, padded = self._values(index)
        nothing = outside | padded
        shaped = values.reshape(height, width, *self._stored.shape[3:])
        return Sampled(shaped, _some(nothing, self._shape), _some(missing, self._shape))

    def through(self, matrices: Sequence[NDArray[np.float64]]) -> Iterator[Sampled]:
        """Parallel planes."""
        return map(self.at, matrices)

    def _values(self, index: Floats) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        nearest = self._stored[_voxel(np.floor(index + 0.5), self._stored)]
        padded = self._is_nothing(nearest)
        if self._nearest:
            return nearest, padded
        below = np.floor(index)
        share = index - below
        blended: Floats = np.zeros(nearest.shape, dtype=np.float64)
        meets = np.zeros(index.shape[1], dtype=np.bool_)
        for step in product((0, 1), repeat=3):
            weight = np.prod([share[n] if each else 1 - share[n] for n, each in enumerate(step)], axis=0)
            voxel = self._stored[_voxel(below + np.asarray(step)[:, None], self._stored)]
            meets |= self._is_nothing(voxel) & (weight > 1e-9)
            blended += np.nan_to_num(voxel) * (weight[:, None] if voxel.ndim == 2 else weight)
        whole = self._stored.dtype.kind in "iu"
        linear = (np.rint(blended) if whole else blended).astype(self._stored.dtype)
        return np.where(meets[:, None] if linear.ndim == 2 else meets, nearest, linear), padded

    def _is_nothing(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        if values.ndim == 2:
            return np.zeros(len(values), np.bool_)
        found = np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, np.bool_)
        return found if self._padding is None else found | is_padding(values, self._padding)


def _voxel(index: Floats, stored: NDArray[Any]) -> tuple[NDArray[np.intp], ...]:
    """Whole indices (i, j, k), the outermost for those beyond, as they index the array."""
    sizes = stored.shape[2::-1]
    i, j, k = (np.clip(each, 0, size - 1).astype(np.intp) for each, size in zip(index, sizes, strict=True))
    return k, j, i


def _some(mask: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    return mask.reshape(shape) if mask.any() else None
