"""Padding is no image: it is never blended into what is shown (safety.md 7).

Pixels that would take part of it take their nearest voxel instead; where that is padding itself there is nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.padded import EDGE, REACH, PaddedBlocks
from workstation.imaging.view import Interpolation
from workstation.imaging.volume import is_padding
from workstation.render.reslice import resliced

Pair = tuple[NDArray[np.intp], NDArray[np.intp]]

FEW: Final = 16
"""Pixels at the edges of padding are few where they are less than this part of all."""

LARGEST_SQUARE: Final = 8
"""Pixels along the edge of a square that is looked at as one."""


class Unpadded:
    """Takes padding out of planes of one volume that were sampled in one way."""

    def __init__(
        self,
        stored: NDArray[Any],
        interpolation: Interpolation,
        padding: tuple[float, float] | None,
        blocks: PaddedBlocks,
        filled: NDArray[np.bool_] | None,
    ) -> None:
        self._stored = stored
        self._interpolation = interpolation
        self._padding = padding
        self._blocks = blocks
        self._filled = filled
        self._marked: NDArray[np.uint8] | None = None
        self._looked = False

    @property
    def marked(self) -> NDArray[np.uint8] | None:
        """What `PaddedBlocks.marked` says of the volume; None where there is no padding."""
        if not self._looked and self._padding is not None:
            self._marked = self._blocks.marked(self._stored, self._padding, self._filled)
        self._looked = True
        return self._marked

    def of(self, values: NDArray[Any], matrix: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Values that nothing was blended into which is no image, and where there is none; NaN spreads by itself."""
        stored, padding = self._stored, self._padding
        blends = self._interpolation is not Interpolation.NEAREST
        if values.ndim == 3:
            return values, None
        nothing: NDArray[np.bool_] | None = None
        if padding is not None and self._interpolation is Interpolation.LINEAR and _is_along_axes(matrix):
            return _unblended_along_axes(stored, values, matrix, padding)
        if padding is not None and not blends:
            padded = is_padding(values, padding)
            nothing = padded if padded.any() else None
        elif padding is not None:
            values, nothing = self._unblended(values, matrix, padding)
        if values.dtype.kind == "f" and (spread := np.isnan(values)).any():
            nearest = resliced(stored, matrix, values.shape, Interpolation.NEAREST) if blends else values
            values = np.where(spread, nearest, values)
            empty = np.isnan(values)
            nothing = empty if nothing is None else nothing | empty
        return values, nothing

    def _unblended(
        self, values: NDArray[Any], matrix: NDArray[np.float64], padding: tuple[float, float]
    ) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Looks closely at pixels in blocks with padding alone."""
        marked = self.marked
        if marked is None:
            return values, None
        inside, (y, x) = self._by_blocks(marked, matrix, values.shape)
        if y.size:
            index = matrix[:3, :1] * x + matrix[:3, 1:2] * y + matrix[:3, 3:]
            nearest, padded, meets = self._looked_at(index, padding)
            values = values.copy()  # VTK owns what it made
            values[y[meets], x[meets]] = nearest[meets]
            inside[y[padded], x[padded]] = True
        return values, inside if inside.any() else None

    def _by_blocks(
        self, marked: NDArray[np.uint8], matrix: NDArray[np.float64], shape: tuple[int, ...]
    ) -> tuple[NDArray[np.bool_], tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Pixels that are padding for sure, and rows and columns of those to look closely at.

        One pixel stands for a square of them, all as near to it as the blocks tell for, less what blending reaches.
        """
        room = REACH - (1 if self._interpolation is Interpolation.LINEAR else 2)
        step = min(LARGEST_SQUARE, 1 + int(2 * room / max(float(np.abs(matrix[:3, :2]).sum(axis=1).max()), 1e-9)))
        height, width = shape[:2]
        y, x = (np.arange((each + step - 1) // step) * step + (step - 1) / 2 for each in (height, width))
        i, j, k = (
            np.clip((along_x * x[None] + (along_y * y[:, None] + base) + 0.5).astype(np.intp), 0, size - 1)
            for (along_x, along_y, _, base), size in zip(matrix[:3], self._stored.shape[2::-1], strict=True)
        )
        found = marked[k, j // EDGE, i // EDGE]
        inside = np.repeat(np.repeat(found == 2, step, axis=0), step, axis=1)[:height, :width]
        at_y, at_x = np.nonzero(found == 1)
        within_y, within_x = np.divmod(np.arange(step * step), step)
        close_y = (at_y[:, None] * step + within_y).ravel()
        close_x = (at_x[:, None] * step + within_x).ravel()
        on = (close_y < height) & (close_x < width)
        return inside, (close_y[on], close_x[on])

    def _looked_at(
        self, index: NDArray[np.float64], padding: tuple[float, float]
    ) -> tuple[NDArray[Any], NDArray[np.bool_], NDArray[np.bool_]]:
        """Of places (i, j, k): their nearest voxels, which of these are padding, and at which others padding is among
        the voxels that interpolation takes together."""
        shape = self._stored.shape
        strides = (1, shape[2], shape[1] * shape[2])
        nearest = sum(
            _clipped(np.floor(each + 0.5), n) * by for each, n, by in zip(index, shape[::-1], strides, strict=True)
        )
        values = self._stored.reshape(-1)[nearest]
        padded = is_padding(values, padding)
        met = np.zeros(padded.shape, np.bool_)
        open_ = np.flatnonzero(~padded)
        met[open_] = self._meets(index[:, open_], strides, padding)
        return values, padded, met

    def _meets(
        self, index: NDArray[np.float64], strides: tuple[int, int, int], padding: tuple[float, float]
    ) -> NDArray[np.bool_]:
        """At which places padding is among the voxels that interpolation takes together."""
        voxels, sizes = self._stored.reshape(-1), self._stored.shape[::-1]
        steps = (0, 1) if self._interpolation is Interpolation.LINEAR else (-1, 0, 1, 2)
        taken = []
        for place, size, stride in zip(index, sizes, strides, strict=True):
            below = np.floor(place + 1e-9)
            within = np.abs(place - np.rint(place)) < 1e-9  # on a voxel itself its neighbours have no part
            taken.append([_clipped(below + np.where(within, 0, step), size) * stride for step in steps])
        met = np.zeros(index.shape[1], np.bool_)
        for along_j, along_k in product(*taken[1:]):
            row = along_j + along_k
            for along_i in taken[0]:
                met |= is_padding(voxels[row + along_i], padding)
        return met


def _clipped(index: NDArray[np.float64], size: int) -> NDArray[np.intp]:
    """Whole indices, the outermost for those beyond."""
    return np.clip(index, 0, size - 1).astype(np.intp)


def _is_along_axes(matrix: NDArray[np.float64]) -> bool:
    """Whether one index grows along x, another along y and the third not at all; two do when turned about one axis."""
    grows = matrix[:3, :2] != 0
    return bool(np.all(np.count_nonzero(grows, axis=0) == 1) and np.all(np.count_nonzero(grows, axis=1) <= 1))


def _unblended_along_axes(
    stored: NDArray[Any], values: NDArray[Any], matrix: NDArray[np.float64], padding: tuple[float, float]
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """The same for planes along the volume's axes, from one or two layers of voxels: a third of the time.

    Only pixels that touch padding without being padding are looked up again.
    """
    shape = values.shape[:2]
    index: dict[str, tuple[int, NDArray[np.float64]]] = {}
    for axis, (along_x, along_y, _, base) in enumerate(matrix[:3]):
        count, role = (shape[1], "x") if along_x else (shape[0], "y") if along_y else (1, "through")
        last = stored.shape[2 - axis] - 1
        index[role] = (2 - axis, np.clip((along_x or along_y) * np.arange(count) + base, 0, last))
    (through, depth), (y_axis, y), (x_axis, x) = index["through"], index["y"], index["x"]
    near, *others = dict.fromkeys(
        int(each) for each in (np.floor(depth[0] + 0.5), np.floor(depth[0]), np.ceil(depth[0]))
    )
    layer = np.take(stored, near, axis=through)
    padded = is_padding(layer, padding)
    touched = padded
    for other in others:
        touched = touched | is_padding(np.take(stored, other, axis=through), padding)
    if not touched.any():
        return values, None
    if y_axis > x_axis:
        layer, padded, touched = layer.T, padded.T, touched.T
    rim = _RIMS.of(padded, touched, y, x)
    values = values.copy()  # VTK owns what it made
    values[rim.pixels] = layer[rim.voxels]
    return values, rim.nothing


@dataclass(frozen=True, eq=False)
class _Rim:
    """Of a plane along the axes, by which voxels of its layer are `padded` and which `touched` by padding, and the
    places `y` and `x` of its pixels in voxels: the `pixels` to be looked up again at `voxels`, and where is `nothing`.
    """

    padded: NDArray[np.bool_]
    touched: NDArray[np.bool_]
    y: NDArray[np.float64]
    x: NDArray[np.float64]
    pixels: Pair
    voxels: Pair
    nothing: NDArray[np.bool_] | None

    def is_of(self, *others: NDArray[Any]) -> bool:
        return all(map(np.array_equal, (self.padded, self.touched, self.y, self.x), others))


class _Rims:
    """Finds rims, and keeps the last ones: most images of a series have their padding in the same places, and who
    scrolls through them waits an eighth less. For any thread.
    """

    KEPT: Final = 4

    def __init__(self) -> None:
        self._last: tuple[_Rim, ...] = ()

    def of(
        self, padded: NDArray[np.bool_], touched: NDArray[np.bool_], y: NDArray[np.float64], x: NDArray[np.float64]
    ) -> _Rim:
        last = self._last
        found = next((each for each in last if each.is_of(padded, touched, y, x)), None) or _rim(padded, touched, y, x)
        self._last = (found, *(each for each in last if each is not found))[: self.KEPT]
        return found


_RIMS: Final = _Rims()


def _rim(padded: NDArray[np.bool_], touched: NDArray[np.bool_], y: NDArray[np.float64], x: NDArray[np.float64]) -> _Rim:
    rows, columns = np.floor(y + 0.5).astype(np.intp), np.floor(x + 0.5).astype(np.intp)
    nothing = _looked_up(padded, (rows,), (columns,))
    around_y, around_x = ((np.floor(each).astype(np.intp), np.ceil(each).astype(np.intp)) for each in (y, x))
    at_y, at_x = _at_edges(touched, padded, nothing, around_y, around_x)
    nothing.flags.writeable = False  # several pictures have it
    voxels = rows[at_y], columns[at_x]
    return _Rim(padded, touched, y, x, (at_y, at_x), voxels, nothing if nothing.any() else None)


def _at_edges(
    touched: NDArray[np.bool_], padded: NDArray[np.bool_], nothing: NDArray[np.bool_], rows: Pair, columns: Pair
) -> Pair:
    """Rows and columns of pixels that are not `nothing`, with `touched` voxels around them.

    `rows` and `columns` are the voxels before and after each. Few cells between four voxels are neither clear of
    padding nor full of it, and few pixels lie in them, so that nearly all are never asked; in noise all are.
    """
    edges = _joined(touched, np.logical_or) > _joined(padded, np.logical_and)
    y, x = np.divmod(np.flatnonzero(edges), edges.shape[1])  # five times as fast as `nonzero` of two axes
    (first_row, high), (first_column, wide) = _runs(rows[0], edges.shape[0]), _runs(columns[0], edges.shape[1])
    pixels = high[y] * wide[x]
    if pixels.sum() * FEW > nothing.size:
        at_y, at_x = np.divmod(np.flatnonzero(_looked_up(touched, rows, columns) & ~nothing), nothing.shape[1])
        return at_y, at_x
    within = np.arange(pixels.sum()) - np.repeat(np.cumsum(pixels) - pixels, pixels)
    down, right = np.divmod(within, np.repeat(wide[x], pixels))
    at_y, at_x = np.repeat(first_row[y], pixels) + down, np.repeat(first_column[x], pixels) + right
    open_ = ~nothing[at_y, at_x]
    at_y, at_x = at_y[open_], at_x[open_]
    met = np.logical_or.reduce([touched[row[at_y], column[at_x]] for row in rows for column in columns])
    return at_y[met], at_x[met]


def _joined(mask: NDArray[np.bool_], join: Callable[..., NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Each voxel with those after it in its row and its column, and the one after both; the last with themselves."""
    for axis in (0, 1):
        after = np.concatenate((mask[1:], mask[-1:])) if axis == 0 else np.hstack((mask[:, 1:], mask[:, -1:]))
        mask = join(mask, after)
    return mask


def _runs(low: NDArray[np.intp], size: int) -> Pair:
    """Of each voxel along an axis: the first of the pixels that follow it, and how many. Voxels rise or fall."""
    first = np.zeros(size, np.intp)
    starts = np.flatnonzero(np.diff(low, prepend=-1))
    first[low[starts]] = starts
    return first, np.bincount(low, minlength=size)


def _looked_up(
    mask: NDArray[np.bool_], rows: Sequence[NDArray[np.intp]], columns: Sequence[NDArray[np.intp]]
) -> NDArray[np.bool_]:
    """Whether `mask` is set at any of these rows and columns; the shorter axis first, which costs half."""
    for axis, indices in ((1, columns), (0, rows)) if len(rows[0]) > len(mask) else ((0, rows), (1, columns)):
        mask = np.logical_or.reduce([np.take(mask, each, axis=axis) for each in indices])
    return mask
