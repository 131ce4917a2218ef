"""The parts of a slab that are gathered in one go: where all samples lie well inside the voxels and away from padding.

There VTK takes the samples of a pixel together, in half the time of plane after plane; in what is left between them
each sample is asked whether it may take part. Where all of them are padding or outside, nobody is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.padded import EDGE, REACH

Matrix = NDArray[np.float64]
Told = tuple[NDArray[np.intp], NDArray[np.intp]]

LEAST_SHARE: Final = 0.3
"""Of what a tile shows of the volume: less is not worth the pieces between."""

LEAST_PIECE: Final = 0.02
"""Of a tile: a smaller clear part is left to what lies round it."""

MOST_CELLS: Final = 48
"""Along each side of a tile, when its clear part is looked for."""

NEIGHBOURS: Final = 2
"""Voxels that the widest interpolation reaches to either side."""

OUTERMOST: Final = 1.0
"""Voxels that samples stay away from the outer ones, so that interpolation has all its neighbours."""


@dataclass(frozen=True)
class Part:
    """A rectangle of a tile, in pixels: the first row and column, and one past the last."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.bottom - self.top, self.right - self.left

    @property
    def place(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def of(self, matrix: Matrix) -> Matrix:
        """The matrix of a tile (4 x 4, from its pixels) as that of the part alone."""
        own = matrix.copy()
        own[:3, 3] += matrix[:3, 0] * self.left + matrix[:3, 1] * self.top
        return own

    def around(self, inner: "Part") -> Iterator["Part"]:
        """The strips that a part of this one leaves: over it and under it, and to both sides."""
        for strip in (
            Part(self.top, self.left, inner.top, self.right),
            Part(inner.bottom, self.left, self.bottom, self.right),
            Part(inner.top, self.left, inner.bottom, inner.left),
            Part(inner.top, inner.right, inner.bottom, self.right),
        ):
            if min(strip.shape) > 0:
                yield strip


def part_with_voxels(matrix: Matrix, shape: tuple[int, int], size: tuple[int, int, int]) -> Part:
    """The part of a tile that the volume comes to lie in, along the normal of its plane, however thick that is."""
    ends = [(-0.5, each - 0.5) for each in size]
    corners = np.array(np.meshgrid(*ends)).reshape(3, -1) - matrix[:3, 3:]
    x, y, _ = np.linalg.solve(matrix[:3, :3], corners)
    top, bottom = np.clip((np.floor(y.min()), np.ceil(y.max()) + 1), 0, shape[0]).astype(int)
    left, right = np.clip((np.floor(x.min()), np.ceil(x.max()) + 1), 0, shape[1]).astype(int)
    return Part(int(top), int(left), int(bottom), int(right))


@dataclass(frozen=True)
class Division:
    """Clear parts of a tile, the largest first, and those where each sample is asked. In the rest there is nothing."""

    clear: tuple[Part, ...]
    asked: tuple[Part, ...]


def division(
    first: Matrix, last: Matrix, shape: tuple[int, int], size: tuple[int, int, int], marked: NDArray[np.uint8] | None
) -> Division | None:
    """The clear parts of a tile whose slab reaches from one plane to another; None where they are too small.

    `first` and `last` (4 x 4) give the index (i, j, k) of a pixel in the outermost planes of the slab; `size` counts
    voxels along each axis. `marked` is what `PaddedBlocks.marked` says.
    """
    rows, columns = _edges(shape[0]), _edges(shape[1])
    dirty = _outside(first, rows, columns, size) | _outside(last, rows, columns, size)
    voxels = part_with_voxels(first, shape, size)
    empty = np.ones(dirty.shape, np.bool_)
    empty[np.ix_(_meets(rows, voxels.top, voxels.bottom), _meets(columns, voxels.left, voxels.right))] = False
    if marked is not None:
        some, only = _near_padding(first, last, rows, columns, marked, size)
        dirty, empty = dirty | some, empty | only
    clear: list[Part] = []
    asked: list[Part] = []
    _divide(Part(0, 0, *dirty.shape), dirty | empty, empty, clear, asked)
    taken, left = (sum(each.shape[0] * each.shape[1] for each in parts) for parts in (clear, asked))
    if not clear or taken < LEAST_SHARE * (taken + left):
        return None
    pixels = [
        tuple(Part(*map(int, (rows[p.top], columns[p.left], rows[p.bottom], columns[p.right]))) for p in parts)
        for parts in (clear, asked)
    ]
    return Division(*pixels)


def _meets(edges: NDArray[np.intp], first: int, last: int) -> NDArray[np.bool_]:
    """Which cells along a side have pixels from `first` to before `last`."""
    return np.asarray((edges[:-1] < last) & (edges[1:] > first))


def _divide(
    cells: Part, dirty: NDArray[np.bool_], empty: NDArray[np.bool_], clear: list[Part], asked: list[Part]
) -> None:
    """Take a clear part out of some cells, then out of what it leaves, until none is worth it."""
    down, right = (np.flatnonzero(~empty[cells.place].all(axis=axis)) for axis in (1, 0))
    if not len(down):
        return
    top, left = cells.top + int(down[0]), cells.left + int(right[0])
    cells = Part(top, left, cells.top + int(down[-1]) + 1, cells.left + int(right[-1]) + 1)
    found = _largest(dirty[cells.place])
    part = found and Part(top + found[0], left + found[1], top + found[2], left + found[3])
    if part is None or part.shape[0] * part.shape[1] < LEAST_PIECE * dirty.size:
        asked.append(cells)
        return
    clear.append(part)
    for strip in cells.around(part):
        _divide(strip, dirty, empty, clear, asked)


def _edges(pixels: int) -> NDArray[np.intp]:
    """Where cells begin along a side, and where the last one ends."""
    return np.unique(np.linspace(0, pixels, min(MOST_CELLS, pixels) + 1).astype(np.intp))


def _outside(
    matrix: Matrix, rows: NDArray[np.intp], columns: NDArray[np.intp], size: tuple[int, int, int]
) -> NDArray[np.bool_]:
    """Which cells have a corner outside, or within the outermost voxels; the volume is convex."""
    index = matrix[:3, 0, None, None] * columns + matrix[:3, 1, None, None] * rows[:, None] + matrix[:3, 3, None, None]
    last = np.array(size, np.float64)[:, None, None] - 1 - OUTERMOST
    out = np.asarray(((index < OUTERMOST) | (index > last)).any(axis=0))
    return np.asarray(out[:-1, :-1] | out[1:, :-1] | out[:-1, 1:] | out[1:, 1:])


def _near_padding(
    first: Matrix,
    last: Matrix,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    marked: NDArray[np.uint8],
    size: tuple[int, int, int],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which cells have a sample near padding, and which have no other: what is said of a block reaches so far that a
    few places tell for all."""
    ways = np.stack([first[:3, 0], first[:3, 1], last[:3, 3] - first[:3, 3]])
    longest = np.maximum(np.abs(ways).max(axis=1), 1e-9)
    apart = 2 * (REACH - NEIGHBOURS) / float((np.abs(ways) / longest[:, None]).sum(axis=0).max()) / longest
    y, x = (np.arange(by / 2, edges[-1] - 1 + by / 2, by) for by, edges in ((apart[1], rows), (apart[0], columns)))
    some, others = np.zeros((len(y), len(x)), np.bool_), np.zeros((len(y), len(x)), np.bool_)
    for share in np.linspace(0.0, 1.0, int(np.ceil(1.0 / apart[2])) + 1):
        i, j, k = (
            np.clip((along_x * x + (along_y * y[:, None] + at) + 0.5).astype(np.intp), 0, count - 1)
            for along_x, along_y, at, count in zip(*first[:3, :2].T, first[:3, 3] + share * ways[2], size, strict=True)
        )
        found = marked[k, j // EDGE, i // EDGE]
        some |= found > 0
        others |= found < 2
    told = _told_by(y, rows, apart[1]), _told_by(x, columns, apart[0])
    return _any(some, *told), ~_any(others, *told)


def _any(found: NDArray[np.bool_], down: Told, right: Told) -> NDArray[np.bool_]:
    """In which cells one of the places that tell for it is found."""
    counts = np.zeros((found.shape[0] + 1, found.shape[1] + 1), np.intp)
    counts[1:, 1:] = found.cumsum(axis=0).cumsum(axis=1)
    (top, bottom), (left, right_) = down, right
    within = counts[bottom][:, right_] - counts[top][:, right_] - counts[bottom][:, left] + counts[top][:, left]
    return np.asarray(within > 0)


def _told_by(places: NDArray[np.float64], edges: NDArray[np.intp], apart: float) -> Told:
    """Of each cell along a side the first of the places that tell for it, and one past the last."""
    first = np.searchsorted(places, edges[:-1] - apart / 2)
    return first, np.searchsorted(places, edges[1:] - 1 + apart / 2, "right")


def _largest(dirty: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """A large rectangle without a dirty cell, found by taking away the dirtiest edge until none is left."""
    top, left, (bottom, right) = 0, 0, dirty.shape
    while bottom > top and right > left:
        inside = dirty[top:bottom, left:right]
        if not inside.any():
            return top, left, bottom, right
        shares = (inside[0].mean(), inside[-1].mean(), inside[:, 0].mean(), inside[:, -1].mean())
        edge = int(np.argmax(shares))
        top, bottom = top + (edge == 0), bottom - (edge == 1)
        left, right = left + (edge == 2), right - (edge == 3)
    return None
