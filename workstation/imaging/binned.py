"""A volume made coarse enough to be looked at as a whole in seconds: means and largest values of blocks of voxels."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.late import load_scipy
from workstation.imaging.masks import Bools, Box
from workstation.imaging.volume import Voxels

Floats32 = NDArray[np.float32]
Progress = Callable[[int, int], None]

COARSE_MM, THICK_MM = 1.4, 2.5
"""Voxels finer than this within slices, and slices together not thicker than this, are put together."""

NOTHING: Final = -1024.0
"""The value of what is padding or has not arrived, in HU: air."""


@dataclass(frozen=True, eq=False)
class Binned:
    """Blocks of `factors` (k, j, i) voxels: `means` and `peaks` [k, j, i], `spacing_mm` between their centres."""

    means: Floats32
    peaks: Floats32
    factors: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]

    @property
    def block_ml(self) -> float:
        """The volume of one block, of axes square to each other."""
        return float(np.prod(self.spacing_mm)) / 1000

    @cached_property
    def around(self) -> tuple[Floats32, Floats32]:
        """Means and deviations of values within about 4 mm."""
        load_scipy()
        from scipy import ndimage

        sizes = [max(1, int(4 / step) // 2 * 2 + 1) for step in self.spacing_mm]
        means = ndimage.uniform_filter(self.means, sizes, mode="nearest")
        squares = ndimage.uniform_filter(self.means**2, sizes, mode="nearest")
        return means, np.sqrt(np.maximum(squares - means**2, 0))

    def within(self, box: Box) -> "Binned":
        """The blocks of a box [k, j, i]."""
        return replace(self, means=self.means[box].copy(), peaks=self.peaks[box].copy())

    def away_mm(self, part: Bools) -> Floats32:
        """Signed distances from the outermost voxels of a part, in mm: positive inside."""
        return away_mm(part, self.spacing_mm)


def away_in_slices_mm(part: Bools, spacing_mm: tuple[float, float, float]) -> Floats32:
    """The same within each slice for itself; where a slice holds none, endlessly far away."""
    return np.stack(
        [away_mm(each, spacing_mm[1:]) if each.any() else np.full(each.shape, -np.inf, np.float32) for each in part]
    )


def away_mm(part: Bools, spacing_mm: tuple[float, ...]) -> Floats32:
    """Signed distances from the outermost voxels of a part [k, j, i], in mm: positive inside, 0 on them."""
    import SimpleITK

    image = SimpleITK.GetImageFromArray(part.astype(np.uint8))
    image.SetSpacing([float(each) for each in reversed(spacing_mm)])  # type: ignore[no-untyped-call]
    how = {"insideIsPositive": True, "squaredDistance": False, "useImageSpacing": True}
    found = SimpleITK.SignedMaurerDistanceMap(image, **how)  # type: ignore[no-untyped-call]
    array: Floats32 = SimpleITK.GetArrayFromImage(found)
    return array


def binned(voxels: Voxels, spacing: tuple[float, float, float], progress: Progress) -> Binned:
    """Values of a volume in HU, put together in blocks; `spacing` is that of the grid (i, j, k) in mm.

    Only as much is held as the blocks take. What is left at the far edges of the volume makes blocks of its own.
    """
    across = tuple(max(1, round(COARSE_MM / step)) for step in spacing[1::-1])
    factors = (max(1, int(THICK_MM / spacing[2] + 1e-6)), *across)
    images, rows, columns = voxels.stored.shape[:3]
    size = [-(-length // factor) for length, factor in zip((images, rows, columns), factors, strict=True)]
    means, peaks = np.full(size, NOTHING, np.float32), np.full(size, NOTHING, np.float32)
    for k in range(size[0]):
        progress(k, size[0])
        own = range(k * factors[0], min((k + 1) * factors[0], images))
        slices = np.stack([_values(voxels, image) for image in own])
        means[k], peaks[k] = _blocks(slices, factors[1], factors[2])
    steps = tuple(step * factor for step, factor in zip(reversed(spacing), factors, strict=True))
    return Binned(means, peaks, (factors[0], factors[1], factors[2]), (steps[0], steps[1], steps[2]))


def _values(voxels: Voxels, image: int) -> NDArray[Any]:
    if not voxels.filled[image]:
        return np.full(voxels.stored.shape[1:3], NOTHING)
    return np.nan_to_num(voxels.values(image), nan=NOTHING)


def _blocks(slices: NDArray[Any], rows: int, columns: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Mean and maximum of blocks of all slices; edges are filled up with their own last values."""
    _, height, width = slices.shape
    filled = np.pad(slices, ((0, 0), (0, -height % rows), (0, -width % columns)), mode="edge")
    parted = filled.reshape(len(slices), filled.shape[1] // rows, rows, filled.shape[2] // columns, columns)
    return parted.mean(axis=(0, 2, 4)), parted.max(axis=(0, 2, 4))


def widened(part: Bools, factors: tuple[int, int, int], image: int, shape: tuple[int, int]) -> Bools:
    """The voxels [j, i] of one image that lie in blocks of a part."""
    block = part[image // factors[0]]
    return np.asarray(block.repeat(factors[1], axis=0).repeat(factors[2], axis=1)[: shape[0], : shape[1]])
