"""What of a volume can be seen through a transfer function: nothing else has to be refined, and little else lit.

VTK works out a direction for each voxel before the first ray meets one, seen or not; on thick slices that was most of
the seconds until the first exact picture. So voxels are looked at block by block, by the least and the greatest value
in and about each: what lies beyond the box of the blocks that show something is left out, and within the box the
others become one value that is not seen either. Every value and every direction that a ray meets stays as it was.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.transfer import Points, TransferFunction

SIDE: Final = 4
"""Voxels of a block along each axis."""

EDGE: Final = 4
"""Voxels that are kept about the box: light needs the next one, and blurring (`volume_fine`) two more."""

FINENESS: Final = 1 << 14
"""Of VTK's table of opacities, at least: so small a part of all values may be rounded from unseen to seen."""

Box = tuple[slice, slice, slice]
_EXTREMES: Final = (np.minimum, np.maximum)


def is_lit_by_neighbours(stored: NDArray[Any]) -> bool:
    """Whether VTK takes a direction from the next voxels alone; of wider numbers it looks at up to three."""
    return stored.dtype.kind in "iu" and stored.dtype.itemsize <= 2


def stored_points(transfer: TransferFunction, rescale: tuple[float, float]) -> Points:
    """A transfer function's opacities over stored values, the least first; `rescale` is slope and intercept."""
    slope, intercept = rescale
    return tuple(sorted(((value - intercept) / slope, opacity) for value, opacity in transfer.opacity))


@dataclass(frozen=True, eq=False)
class Extremes:
    """The least and the greatest stored value in and about each block, shape (slices, rows, columns) of blocks."""

    least: NDArray[Any]
    most: NDArray[Any]

    @classmethod
    def of(cls, stored: NDArray[Any]) -> Self:
        """Of voxels (slices, rows, columns). Between two voxels, and blurred by less than a block, no value lies
        outside of what is in the blocks about it."""
        with ThreadPoolExecutor(2) as threads:
            least, most = threads.map(lambda extreme: _around(_blocks(stored, extreme), extreme), _EXTREMES)
        return cls(least, most)

    def seen(self, points: Points, wider: float = 0.0) -> NDArray[np.bool_]:
        """The blocks in which something has an opacity, also were values `wider` times as far as all points reach
        away from where they are."""
        room = float(self.most.max() - np.float64(self.least.min())) / FINENESS + wider * (points[-1][0] - points[0][0])
        found = np.zeros(self.least.shape, np.bool_)
        for low, high in _shown(points):
            found |= (self.most >= low - room) & (self.least <= high + room)
        return found

    def unseen_value(self, points: Points) -> float | None:
        """A value of the volume with which blocks that are not seen can be filled: beyond everything that is seen on
        the side on which all that is not seen lies. None where there is none: between it and what is below or above
        the seen values there would be a wall."""
        dark = [opacity == 0 for _, opacity in points]
        if dark[0] and dark == sorted(dark, reverse=True):
            return float(self.least.min())
        return float(self.most.max()) if dark[-1] and dark == sorted(dark) else None


def box_of(seen: NDArray[np.bool_], shape: tuple[int, ...]) -> Box:
    """The box about the blocks that are seen, in voxels of `shape`; all of it where none is."""
    sides = []
    for axis, (size, block) in enumerate(zip(shape, (SIDE,) * 3, strict=True)):
        others = tuple(each for each in range(3) if each != axis)
        (along,) = np.nonzero(seen.any(axis=others))
        low, high = (along[0] * block - EDGE, (along[-1] + 1) * block + 1 + EDGE) if along.size else (0, size)
        sides.append(slice(max(int(low), 0), min(int(high), size)))
    return sides[0], sides[1], sides[2]


def fill_unseen(stored: NDArray[Any], seen: NDArray[np.bool_], box: Box, steps: int, filling: float) -> None:
    """Give all voxels of a box that lie in blocks that are not seen another value.

    `stored` are the box's voxels with `steps` made of each from slice to slice, `seen` the blocks of the whole volume.
    Those beside a block with something to be seen are seen too: so far no blur and no direction reaches.
    """
    layers, down, along = (
        (np.arange(size) + side.start * each) // (SIDE * each)
        for size, side, each in zip(stored.shape, box, (steps, 1, 1), strict=True)
    )
    made_for, unseen = -1, np.zeros(stored.shape[1:], np.bool_)
    for image, layer in zip(stored, layers, strict=True):
        if made_for != layer:
            made_for, unseen = layer, ~seen[layer][down[:, None], along]
        np.copyto(image, np.asarray(filling, image.dtype), where=unseen)


def _shown(points: Points) -> list[tuple[float, float]]:
    """From where to where some value is seen; what touches is one."""
    ends = [(-np.inf, points[0][1]), *points, (np.inf, points[-1][1])]
    found: list[tuple[float, float]] = []
    for (low, before), (high, after) in itertools.pairwise(ends):
        if before > 0 or after > 0:
            touches = bool(found) and found[-1][1] == low
            found[-1:] = [(found[-1][0], high)] if touches else [*found[-1:], (low, high)]
    return found


def _blocks(stored: NDArray[Any], extreme: np.ufunc) -> NDArray[Any]:
    """The least or greatest value of each block."""
    slices, rows, columns = stored.shape
    layers = []
    for first in range(0, slices, SIDE):
        flat = extreme.reduce(stored[first : first + SIDE], axis=0)
        strips = extreme.reduceat(flat, np.arange(0, rows, SIDE), axis=0)
        layers.append(extreme.reduceat(strips, np.arange(0, columns, SIDE), axis=1))
    return np.stack(layers)


def _around(blocks: NDArray[Any], extreme: np.ufunc) -> NDArray[Any]:
    """The least or greatest value of each block and of those beside it."""
    for axis in range(3):
        moved = np.moveaxis(blocks, axis, 0)
        wide = moved.copy()
        wide[1:] = extreme(wide[1:], moved[:-1])
        wide[:-1] = extreme(wide[:-1], moved[1:])
        blocks = np.moveaxis(wide, 0, axis)
    return blocks
