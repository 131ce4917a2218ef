"""Planes of voxels as RGB: one path for stacks and reformats, at device pixels, interpolated before the window.

Interpolation happens on stored values and the look-up table comes after it, so that a window never shows greys
that no voxel between two others has. Padding, what lies outside the voxels and what has not arrived are never
interpolated with: pixels next to them take their nearest voxel instead (safety.md 7). A single image that is shown
smaller than it is, is averaged over what each pixel covers.
"""

import math
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.averaging import Footprint, averaged, averaged_without, footprint
from workstation.imaging.geometry import Grid, cross
from workstation.imaging.greyscale import BLACK, OPAQUE, Chain
from workstation.imaging.oblique import THIN, Slab, SlabMode
from workstation.imaging.padded import PaddedBlocks
from workstation.imaging.uneven import Uneven
from workstation.imaging.view import Interpolation, ScreenPlane
from workstation.imaging.volume import is_padding
from workstation.render.padding import Unpadded
from workstation.render.reslice import Reslicer, resliced
from workstation.render.sampled import Sampled, coarsened, enlarged
from workstation.render.slab import combined, layers
from workstation.render.slab_part import Part, division
from workstation.render.uneven import UnevenPlanes

__all__ = ["HATCH", "Sampled", "colour_to_rgb32", "sample", "shrinkage", "to_rgb32", "warm_up"]

HATCH: Final = (np.uint32(0xFF14161A), np.uint32(0xFF2A2E35))
"""Where an image has not arrived: dark diagonal stripes, nothing that could be read as tissue."""

ROWS_TOGETHER: Final = 64
"""Of a picture that are looked up in the table at once."""

MOST_TOGETHER: Final = 1 << 22
"""Pixels of the planes of a slab that are held at once."""


def sample(
    stored: NDArray[Any],
    grid: Grid,
    screen: ScreenPlane,
    interpolation: Interpolation,
    padding: tuple[float, float] | None = None,
    filled: NDArray[np.bool_] | None = None,
    slab: Slab = THIN,
    coarse: bool = False,
    blocks: PaddedBlocks | None = None,
) -> Sampled:
    """Sample `stored[k, j, i]` (or `[k, j, i, channel]`), which lies on `grid`, at every device pixel of `screen`.

    NaN counts as padding, whatever `padding` says; `blocks` are where that lies in the volume, when it is known. A
    `slab` may be `coarse`: fewer samples, in larger pixels. `stored` and `filled` may fill meanwhile: what was not
    there at the beginning is missing.
    """
    filled = None if filled is None else filled.copy()
    coarse = coarse and slab.is_thick
    laid = coarsened(screen) if coarse else screen
    if coarse and padding is not None:
        interpolation = Interpolation.NEAREST  # what blends must be kept from padding, which takes as long again
    matrix = _index_from_pixel(grid, laid)
    shape = (laid.height, laid.width)
    if interpolation is not Interpolation.NEAREST and len(stored) == 1 and _shrinks(matrix):
        values, nothing = _averaged(stored[0], matrix, shape, padding)
        missing = None if filled is None or filled.all() else _missing(matrix, shape, filled, grid.size[2])
        return Sampled(values, _either(nothing, _outside(matrix, shape, grid.size)), missing)
    planes: _Planes | UnevenPlanes
    if isinstance(grid, Uneven):
        planes = UnevenPlanes(stored, grid, shape, interpolation, padding, filled)
    else:
        planes = _Planes(stored, grid.size, shape, interpolation, padding, filled, blocks or PaddedBlocks())
    if not slab.is_thick:
        return planes.at(matrix)
    found = _thick(planes, matrix, slab, laid, coarse)
    return enlarged(found, screen.width, screen.height) if coarse else found


class _Planes:
    """Planes of one volume, sampled one after the other."""

    def __init__(
        self,
        stored: NDArray[Any],
        size: tuple[int, int, int],
        shape: tuple[int, int],
        interpolation: Interpolation,
        padding: tuple[float, float] | None,
        filled: NDArray[np.bool_] | None,
        blocks: PaddedBlocks,
    ) -> None:
        self._shape, self._size, self._interpolation = shape, size, interpolation
        self._filled = None if filled is None or filled.all() else filled
        self._stored = stored
        self._reslicer = Reslicer(stored, shape)
        self._unpadded = Unpadded(stored, interpolation, padding, blocks, self._filled)

    def _of(self, part: Part) -> "_Planes":
        """The same planes in a part of the tile."""
        other = copy(self)
        other._shape, other._reslicer = part.shape, Reslicer(self._stored, part.shape)
        return other

    def at(self, matrix: NDArray[np.float64]) -> Sampled:
        return self._finished(self._reslicer.at(matrix, self._interpolation), matrix)

    def through(self, matrices: Sequence[NDArray[np.float64]]) -> Iterator[Sampled]:
        """Parallel planes; those at even distances are sampled some at a time."""
        together = max(1, MOST_TOGETHER // max(1, self._shape[0] * self._shape[1]))
        if not _evenly_apart(matrices):
            together = 1
        for first in range(0, len(matrices), together):
            part = matrices[first : first + together]
            laid = part[0].copy()
            if len(part) > 1:
                laid[:3, 2] = part[1][:3, 3] - part[0][:3, 3]
            sampled = self._reslicer.through(laid, len(part), self._interpolation)
            for values, matrix in zip(sampled, part, strict=True):
                yield self._finished(values, matrix)

    def gathered(
        self, matrices: Sequence[NDArray[np.float64]], weights: Sequence[float], mode: SlabMode
    ) -> Sampled | None:
        """A slab of parallel planes, most of it in one go; None where too little is clear of edges and padding."""
        if self._filled is not None or self._stored.ndim == 4 or self._stored.dtype.kind == "f":
            return None  # what has not come, and NaN in floats, is looked for plane by plane
        if not _evenly_apart(matrices):
            return None
        parts = division(matrices[0], matrices[-1], self._shape, self._size, self._unpadded.marked)
        if parts is None:
            return None
        middle = (matrices[0] + matrices[-1]) / 2
        middle[:3, 2] = matrices[1][:3, 3] - matrices[0][:3, 3]
        values = np.zeros(self._shape, self._stored.dtype)
        nothing = np.ones(self._shape, np.bool_)
        for part in parts.clear:
            reslicer = self._of(part)._reslicer
            values[part.place] = reslicer.gathered(part.of(middle), len(matrices), mode, self._interpolation)
            nothing[part.place] = False
        for part in parts.asked:
            found = _through(self._of(part), [part.of(each) for each in matrices], weights, mode)
            values[part.place] = found.values
            nothing[part.place] = False if found.nothing is None else found.nothing
        return Sampled(values, nothing if nothing.any() else None, None)

    def _finished(self, values: NDArray[Any], matrix: NDArray[np.float64]) -> Sampled:
        values, nothing = self._unpadded.of(values, matrix)
        missing = None if self._filled is None else _missing(matrix, self._shape, self._filled, self._size[2])
        return Sampled(values, _either(nothing, _outside(matrix, self._shape, self._size)), missing)


def _thick(
    planes: "_Planes | UnevenPlanes", matrix: NDArray[np.float64], slab: Slab, screen: ScreenPlane, coarse: bool
) -> Sampled:
    """All samples of a slab. The third column of the matrix runs along the normal."""
    per_mm = matrix[:3, 2] / math.dist((0.0, 0.0, 0.0), cross(screen.step_right, screen.step_down))
    laid = layers(slab.thickness_mm, per_mm, matrix[:3, 3], coarse)
    matrices = []
    for layer in laid:
        shifted = matrix.copy()
        shifted[:3, 3] += per_mm * layer.offset_mm
        matrices.append(np.round(shifted, 10))
    weights = tuple(layer.weight for layer in laid)
    if isinstance(planes, _Planes) and not coarse:  # few samples are taken sooner than a clear part is found
        together = planes.gathered(matrices, weights, slab.mode)
        if together is not None:
            return together
    return _through(planes, matrices, weights, slab.mode)


def _through(
    planes: "_Planes | UnevenPlanes", matrices: Sequence[NDArray[np.float64]], weights: Sequence[float], mode: SlabMode
) -> Sampled:
    return combined(zip(planes.through(matrices), weights, strict=True), mode)


def _evenly_apart(matrices: Sequence[NDArray[np.float64]]) -> bool:
    steps = np.diff([matrix[:3, 3] for matrix in matrices], axis=0)
    return bool(len(steps)) and bool(np.abs(steps - steps[0]).max() <= 1e-7)


def _either(one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    return other if one is None else one if other is None else one | other


def warm_up() -> None:
    """Load VTK, which takes as long as everything else of a first picture."""
    resliced(np.zeros((1, 2, 2), np.int16), np.eye(4), (2, 2), Interpolation.LINEAR)


def to_rgb32(sampled: Sampled, chain: Chain, lut: NDArray[np.uint32] | None = None) -> NDArray[np.uint32]:
    """Sampled values as 0xffRRGGBB, shape (height, width). `lut`, the chain's table, saves making it again."""
    values = sampled.values
    if values.dtype.itemsize <= 2 and values.dtype.kind in "iu":
        table = chain.table(values.dtype) if lut is None else lut
        rgb = _looked_up(table, values.view(f"u{values.dtype.itemsize}"))
    else:
        rgb = chain.colours(values)
    return _finished(rgb, sampled)


def _looked_up(table: NDArray[np.uint32], values: NDArray[Any]) -> NDArray[np.uint32]:
    """Some rows at a time: NumPy takes eight bytes for each index, those of a screen run through all caches."""
    found = np.empty(values.shape, np.uint32)
    for first in range(0, len(values), ROWS_TOGETHER):
        rows = slice(first, first + ROWS_TOGETHER)
        np.take(table, values[rows], mode="wrap", out=found[rows])
    return found


def colour_to_rgb32(sampled: Sampled, inverted: bool = False) -> NDArray[np.uint32]:
    """Sampled RGB as 0xffRRGGBB, shape (height, width): colours are shown as they are, or inverted."""
    rgb = sampled.values.astype(np.uint32)
    packed: NDArray[np.uint32] = np.bitwise_or(rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2], OPAQUE)
    return _finished(np.bitwise_xor(packed, np.uint32(0x00FFFFFF)) if inverted else packed, sampled)


def _finished(rgb: NDArray[np.uint32], sampled: Sampled) -> NDArray[np.uint32]:
    if sampled.nothing is not None:
        np.copyto(rgb, BLACK, where=sampled.nothing)
    if sampled.missing is not None:
        rows, columns = np.ogrid[: rgb.shape[0], : rgb.shape[1]]
        stripes = np.where((rows + columns) % 12 < 3, HATCH[1], HATCH[0])
        rgb[sampled.missing] = stripes[sampled.missing]
    return np.ascontiguousarray(rgb)


def shrinkage(grid: Grid, screen: ScreenPlane) -> float:
    """How many of its pixels an image lays on one of the screen, along the axis where it is more; 1 when magnified."""
    return max(1.0, float(np.abs(_index_from_pixel(grid, screen)[:2, :2]).max()))


def _shrinks(matrix: NDArray[np.float64]) -> bool:
    """Whether a pixel of the screen covers more than one of the image, whose rows lie along or across the screen."""
    in_plane = np.abs(matrix[:2, :2])
    return bool(np.count_nonzero(in_plane) == 2 and in_plane.max() > 1 and np.linalg.det(in_plane) != 0)


def _averaged(
    image: NDArray[Any], matrix: NDArray[np.float64], shape: tuple[int, int], padding: tuple[float, float] | None
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    turned = matrix[0, 0] == 0  # the image's columns run down the screen
    counts = shape[::-1] if turned else shape
    rows = _axis_footprint(matrix[1], counts[0], image.shape[0])
    columns = _axis_footprint(matrix[0], counts[1], image.shape[1])
    left_out = _left_out(image, padding)
    nothing: NDArray[np.bool_] | None = None
    if left_out is None:
        means = averaged(image, rows, columns)
    else:
        means, nothing = averaged_without(image, left_out, rows, columns)
        nothing = nothing.T if turned else nothing
    means = np.swapaxes(means, 0, 1) if turned else means
    whole = image.dtype.kind in "iu"
    return np.ascontiguousarray(np.rint(means) if whole else means).astype(image.dtype), nothing


def _axis_footprint(row: NDArray[np.float64], count: int, size: int) -> Footprint:
    """The footprint along one image axis; `row` of the matrix gives its index from a screen pixel (x, y, 0, 1)."""
    return footprint(count, float(row[3]), float(row[0] + row[1]), size)


def _left_out(image: NDArray[Any], padding: tuple[float, float] | None) -> NDArray[np.bool_] | None:
    if image.ndim == 3:
        return None
    mask = np.isnan(image) if image.dtype.kind == "f" else None
    if padding is not None:
        padded = is_padding(image, padding)
        mask = padded if mask is None else mask | padded
    return mask if mask is not None and mask.any() else None


def _index_from_pixel(grid: Grid, screen: ScreenPlane) -> NDArray[np.float64]:
    """4 x 4: (x, y, 0, 1) of a device pixel to the continuous index (i, j, k, 1)."""
    pixel = np.eye(4)
    pixel[:3, 0], pixel[:3, 1], pixel[:3, 3] = screen.step_right, screen.step_down, screen.origin_lps
    pixel[:3, 2] = cross(screen.step_right, screen.step_down)
    matrix = grid.index_from_lps @ pixel
    if grid.size[2] == 1:
        matrix[2] = (0.0, 0.0, 1.0, 0.0)  # a single image is looked at in its own plane
    # Noise of the last bits would keep whole-number steps off VTK's exact path; 1e-10 voxel is nothing.
    return np.asarray(np.round(matrix, 10), dtype=np.float64)


def _outside(
    matrix: NDArray[np.float64], shape: tuple[int, int], size: tuple[int, int, int]
) -> NDArray[np.bool_] | None:
    """Which pixels lie beyond the outer edges of the voxels; None when none does.

    Each index is linear in (x, y), so every row of pixels is inside from one x to another.
    """
    height, width = shape
    y = np.arange(height, dtype=np.float64)
    first, last = np.zeros(height), np.full(height, width - 1.0)
    for axis in range(3):
        slope, base = matrix[axis, 0], matrix[axis, 1] * y + matrix[axis, 3]
        low, high = -0.5 - base, size[axis] - 0.5 - base
        if abs(slope) < 1e-12:
            empty = (low > 1e-9) | (high < -1e-9)
            first[empty], last[empty] = width, -1
            continue
        ends = np.sort(np.stack([low / slope, high / slope]), axis=0)
        first, last = np.maximum(first, ends[0]), np.minimum(last, ends[1])
    if np.all(first <= 0) and np.all(last >= width - 1):
        return None
    x = np.arange(width, dtype=np.float64)[None, :]
    inside = first <= last
    if inside.any() and np.ptp(first[inside]) == np.ptp(last[inside]) == 0:  # a rectangle, as of all but oblique planes
        beside = (x < first[inside][0] - 1e-9) | (x > last[inside][0] + 1e-9)
        outside = np.ones(shape, dtype=np.bool_)
        outside[inside] = beside
        return outside
    return np.asarray((x < first[:, None] - 1e-9) | (x > last[:, None] + 1e-9))


def _missing(
    matrix: NDArray[np.float64], shape: tuple[int, int], filled: NDArray[np.bool_], slices: int
) -> NDArray[np.bool_] | None:
    """Which pixels need an image that has not arrived, the neighbours of linear interpolation included.

    Along the volume's axes a row, a column or one number tells for all; millions of pixels are asked only where
    the plane is oblique.
    """
    height, width = shape
    along_x, along_y, _, base = matrix[2]
    x = along_x * np.arange(width if along_x else 1)[None, :]
    y = along_y * np.arange(height if along_y else 1)[:, None]
    index = x + y + base
    below = np.clip(np.floor(index + 1e-6).astype(np.intp), 0, slices - 1)
    above = np.clip(np.ceil(index - 1e-6).astype(np.intp), 0, slices - 1)
    missing = ~(filled[below] & filled[above])
    return np.broadcast_to(missing, shape) if missing.any() else None
