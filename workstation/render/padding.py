"""Padding is no image: it is never blended into what is shown (safety.md 7).

Pixels that would take part of it take their nearest voxel instead; where that is padding itself there is nothing.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.padded import EDGE, PaddedBlocks
from workstation.imaging.view import Interpolation
from workstation.imaging.volume import is_padding
from workstation.render.reslice import Reslicer, resliced


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
        self._near: Reslicer | None = None
        self._marked: NDArray[np.uint8] | None = None
        self._looked = False

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
        if not self._looked:
            self._marked, self._looked = self._blocks.marked(self._stored, padding, self._filled), True
        if self._marked is None:
            return values, None
        if self._near is None:
            self._near = Reslicer(self._marked, values.shape)
        in_blocks = matrix.copy()
        in_blocks[:2] /= EDGE
        in_blocks[:2, 3] += 0.5 / EDGE - 0.5
        marked = self._near.at(in_blocks, Interpolation.NEAREST)
        inside = marked == 2
        nothing = inside if inside.any() else None
        close = np.flatnonzero(marked == 1)
        if close.size == 0:
            return values, nothing
        y, x = np.divmod(close, values.shape[1])
        index = matrix[:3, :1] * x + matrix[:3, 1:2] * y + matrix[:3, 3:]
        nearest = self._stored[self._voxel(np.floor(index + 0.5))]
        padded = is_padding(nearest, padding)
        values = values.copy()  # VTK owns what it made
        meets = self._meets(index, padded, padding)
        values.reshape(-1)[close[meets]] = nearest[meets]
        if padded.any():
            inside.reshape(-1)[close[padded]] = True
            nothing = inside
        return values, nothing

    def _meets(
        self, index: NDArray[np.float64], padded: NDArray[np.bool_], padding: tuple[float, float]
    ) -> NDArray[np.bool_]:
        """Which places have padding among the voxels that interpolation takes together."""
        steps = (0, 1) if self._interpolation is Interpolation.LINEAR else (-1, 0, 1, 2)
        open_ = np.flatnonzero(~padded)
        below = np.floor(index[:, open_] + 1e-9)
        within = np.abs(index[:, open_] - np.rint(index[:, open_])) < 1e-9
        met = np.zeros(open_.size, np.bool_)
        for step in product(steps, repeat=3):
            # On a voxel itself its neighbours have no part.
            shift = np.where(within, 0, np.asarray(step)[:, None])
            met |= is_padding(self._stored[self._voxel(below + shift)], padding)
        meets = np.zeros(padded.shape, np.bool_)
        meets[open_] = met
        return meets

    def _voxel(self, index: NDArray[np.float64]) -> tuple[NDArray[np.intp], ...]:
        """Whole indices (i, j, k), the outermost for those beyond, as they index the array."""
        i, j, k = (
            np.clip(each, 0, size - 1).astype(np.intp)
            for each, size in zip(index, self._stored.shape[2::-1], strict=True)
        )
        return k, j, i


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
    rows, columns = np.floor(y + 0.5).astype(np.intp), np.floor(x + 0.5).astype(np.intp)
    nothing = _looked_up(padded, (rows,), (columns,))
    met = _looked_up(
        touched, *(tuple(round_(each).astype(np.intp) for round_ in (np.floor, np.ceil)) for each in (y, x))
    )
    at_y, at_x = np.divmod(np.flatnonzero(met & ~nothing), shape[1])  # five times as fast as `nonzero` of two axes
    values = values.copy()  # VTK owns what it made
    values[at_y, at_x] = layer[rows[at_y], columns[at_x]]
    return values, nothing if nothing.any() else None


def _looked_up(
    mask: NDArray[np.bool_], rows: Sequence[NDArray[np.intp]], columns: Sequence[NDArray[np.intp]]
) -> NDArray[np.bool_]:
    """Whether `mask` is set at any of these rows and columns; the shorter axis first, which costs half."""
    for axis, indices in ((1, columns), (0, rows)) if len(rows[0]) > len(mask) else ((0, rows), (1, columns)):
        mask = np.logical_or.reduce([np.take(mask, each, axis=axis) for each in indices])
    return mask
