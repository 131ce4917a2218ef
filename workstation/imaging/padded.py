"""Where in a volume padding lies, roughly and quickly: which blocks of voxels have some in them or near them.

A plane then looks closely at those places alone. Found as images arrive, kept beside the voxels at a byte for 64.
"""

import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

EDGE: Final = 8
"""Voxels along the edge of a block, within a slice; blocks are one slice deep."""

REACH: Final = 4
"""What is said of a block holds for all voxels so near to it, along each axis: half an edge."""

_STEPS: Final = (1, 1, 2)
"""To both sides one after the other these come to every place within `REACH`, never by way of one further off."""

_ALL_FOUR: Final = 0x01010101


class PaddedBlocks:
    """Grows as images arrive; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: NDArray[np.uint8] | None = None
        self._done = np.zeros(0, np.bool_)
        self._marked: NDArray[np.uint8] | None = None

    def look_at(self, stored: NDArray[Any], padding: tuple[float, float], image: int) -> None:
        """Look at one image that has arrived, so that nobody need do so who waits for a plane."""
        found = _blocks(stored[image], padding)
        with self._lock:
            self._keep(stored, image, found)

    def marked(
        self, stored: NDArray[Any], padding: tuple[float, float], filled: NDArray[np.bool_] | None
    ) -> NDArray[np.uint8] | None:
        """For each block (slice, row, column of blocks) 2 where all within `REACH` is padding, 1 where some is, else 0;
        None where there is none. Images that nobody has looked at yet are looked at now."""
        with self._lock:
            done = self._done if len(self._done) else np.zeros(len(stored), np.bool_)
            for image in np.flatnonzero(~done if filled is None else filled & ~done):
                self._keep(stored, int(image), _blocks(stored[image], padding))
            if self._marked is None and self._own is not None and self._own.any():
                self._marked = _spread_along(self._own)
            return self._marked

    def _keep(self, stored: NDArray[Any], image: int, found: NDArray[np.uint8] | None) -> None:
        if self._own is None:
            blocks = (len(stored), *(-(-each // EDGE) for each in stored.shape[1:3]))
            self._own, self._done = np.zeros(blocks, np.uint8), np.zeros(len(stored), np.bool_)
        self._done[image] = True
        if found is not None:
            self._own[image] = found
            self._marked = None


def _blocks(image: NDArray[Any], padding: tuple[float, float]) -> NDArray[np.uint8] | None:
    """Marks of one image by what lies within it; None where none of it is padding."""
    low, high = padding
    padded = image == low if low == high else (image >= low) & (image <= high)
    if not padded.any():
        return None
    some, whole = _cells(padded, False), _cells(padded, True)
    for axis in (0, 1):
        some, whole = _of_blocks(some, axis), ~_of_blocks(~whole, axis)
    return some.astype(np.uint8) + whole


def _cells(padded: NDArray[np.bool_], every: bool) -> NDArray[np.bool_]:
    """Squares of `REACH` pixels, four of which are a block: which have some padding, or nothing but padding.

    Four pixels are read as one number, which is many times as fast as to ask for each.
    """
    rows, columns = (-(-each // EDGE) * EDGE for each in padded.shape)
    laid = np.full((rows, columns), every, np.bool_)  # what lies beyond the edge says nothing
    laid[: padded.shape[0], : padded.shape[1]] = padded
    fours = laid.view(np.uint32).reshape(rows // REACH, REACH, columns // REACH)
    if every:
        return np.asarray(np.bitwise_and.reduce(fours, axis=1) == _ALL_FOUR)
    return np.asarray(np.bitwise_or.reduce(fours, axis=1) != 0)


def _of_blocks(cells: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    """Along an axis: which pairs of cells have something in them or in the cell on either side."""
    cells = np.moveaxis(cells, axis, 0)
    found = cells[::2] | cells[1::2]
    found[1:] |= cells[1:-1:2]
    found[:-1] |= cells[2::2]
    return np.moveaxis(found, 0, axis)


def _spread_along(own: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The marks with what lies in the slices near each."""
    some, open_ = own > 0, own < 2
    for by in _STEPS:
        some, open_ = _to_both_sides(some, by), _to_both_sides(open_, by)
    return np.asarray(some.astype(np.uint8) + ~open_)


def _to_both_sides(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    spread = mask.copy()
    spread[by:] |= mask[:-by]
    spread[:-by] |= mask[by:]
    return spread
