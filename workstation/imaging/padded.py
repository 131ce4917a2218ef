"""Where in a volume padding lies, roughly and quickly: which blocks of voxels have some in them or next to them.

An oblique plane then looks closely at those places alone. Kept beside the voxels, at a byte for 64 of them.
"""

import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

EDGE: Final = 8
"""Voxels along the edge of a block, within a slice; blocks are one slice deep."""

REACH: Final = 2
"""So many voxels away from padding interpolation may still meet it (the cubic one)."""


class PaddedBlocks:
    """Grows as images arrive; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: NDArray[np.uint8] | None = None
        self._done: NDArray[np.bool_] | None = None
        self._marked: NDArray[np.uint8] | None = None

    def marked(
        self, stored: NDArray[Any], padding: tuple[float, float], filled: NDArray[np.bool_] | None
    ) -> NDArray[np.uint8] | None:
        """For each block (slice, row, column of blocks) 2 where all of it is padding, 1 where some lies within `REACH`,
        else 0; None where there is none."""
        with self._lock:
            if self._own is None or self._done is None:
                blocks = (len(stored), *(-(-each // EDGE) for each in stored.shape[1:3]))
                self._own, self._done = np.zeros(blocks, np.uint8), np.zeros(len(stored), np.bool_)
            new = np.flatnonzero(~self._done if filled is None else filled & ~self._done)
            for image in new:
                self._own[image] = _blocks(stored[image], padding)
            if new.size or self._marked is None:
                self._done[new] = True
                self._marked = _spread_along(self._own)
            return self._marked if self._marked.any() else None


def _blocks(image: NDArray[Any], padding: tuple[float, float]) -> NDArray[np.uint8]:
    low, high = padding
    padded = image == low if low == high else (image >= low) & (image <= high)
    if not padded.any():
        return np.zeros(tuple(-(-each // EDGE) for each in image.shape), np.uint8)
    near = _spread(_spread(padded, 0), 1)
    return _some_of(near).astype(np.uint8) + _all_of(padded)


def _some_of(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which blocks have anything of a mask."""
    rows, columns = mask.shape
    whole = np.zeros((-(-rows // EDGE) * EDGE, -(-columns // EDGE) * EDGE), np.bool_)
    whole[:rows, :columns] = mask
    return np.asarray(whole.reshape(len(whole) // EDGE, EDGE, -1, EDGE).any(axis=(1, 3)))


def _all_of(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which blocks lie in a mask whole."""
    return ~_some_of(~mask)


def _spread(mask: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    spread = mask.copy()
    size = mask.shape[axis]
    for by in range(1, min(REACH, size - 1) + 1):
        later, earlier = [slice(None)] * mask.ndim, [slice(None)] * mask.ndim
        later[axis], earlier[axis] = slice(by, None), slice(None, -by)
        spread[tuple(later)] |= mask[tuple(earlier)]
        spread[tuple(earlier)] |= mask[tuple(later)]
    return spread


def _spread_along(own: NDArray[np.uint8]) -> NDArray[np.uint8]:
    marked = _spread(own > 0, 0).astype(np.uint8)
    marked[own == 2] = 2
    return marked
