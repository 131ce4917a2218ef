"""The outline of a slice of a mask: closed lines half way between voxels that belong and voxels that do not.

Corners are cut from one such middle to the next, so that an outline encloses the voxels' centres and no others. What
meets at a corner alone is two outlines.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.masks import Bools

Floats = NDArray[np.float64]
Loop = Floats
"""Points (column, row) of a closed line, the first not repeated; 0 at the centre of the first voxel."""

_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)

_LINES: Final = {
    1: ((_TOP, _LEFT),),
    2: ((_RIGHT, _TOP),),
    3: ((_RIGHT, _LEFT),),
    4: ((_BOTTOM, _RIGHT),),
    5: ((_TOP, _LEFT), (_BOTTOM, _RIGHT)),
    6: ((_BOTTOM, _TOP),),
    7: ((_BOTTOM, _LEFT),),
    8: ((_LEFT, _BOTTOM),),
    9: ((_TOP, _BOTTOM),),
    10: ((_RIGHT, _TOP), (_LEFT, _BOTTOM)),
    11: ((_RIGHT, _BOTTOM),),
    12: ((_LEFT, _RIGHT),),
    13: ((_TOP, _RIGHT),),
    14: ((_LEFT, _TOP),),
}
"""Of a square of four neighbouring voxels, with bits 1 (upper left), 2 (upper right), 4 (lower right) and 8 (lower
left), the lines from side to side, set voxels always on the same hand."""


def outlines(image: Bools) -> list[Loop]:
    """The closed outlines of `image[row, column]`, those of holes among them."""
    starts, ends, width = _lines(np.pad(image, 1).view(np.uint8))
    if not starts.size:
        return []
    order = np.argsort(starts)
    nodes = starts[order]
    following = np.searchsorted(nodes, ends[order]).tolist()
    places = _places(nodes, width)
    left = bytearray(b"\x01") * len(following)
    found = []
    for first in range(len(following)):
        if not left[first]:
            continue
        way, at = [], first
        while left[at]:
            left[at] = 0
            way.append(at)
            at = following[at]
        found.append(_without_straights(places[way]))
    return found


def _lines(padded: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Where lines start and end: numbers of the middles between neighbours, and how many of them a row has."""
    code = padded[:-1, :-1] | padded[:-1, 1:] << 1 | padded[1:, 1:] << 2 | padded[1:, :-1] << 3
    rows, columns = np.nonzero((code != 0) & (code != 15))
    codes = code[rows, columns]
    width = padded.shape[1]
    starts, ends = [], []
    for which, lines in _LINES.items():
        chosen = codes == which
        for start, end in lines if chosen.any() else ():
            starts.append(_node(rows[chosen], columns[chosen], start, width))
            ends.append(_node(rows[chosen], columns[chosen], end, width))
    if not starts:
        return np.empty(0, np.int64), np.empty(0, np.int64), width
    return np.concatenate(starts), np.concatenate(ends), width


def _node(rows: NDArray[np.int64], columns: NDArray[np.int64], side: int, width: int) -> NDArray[np.int64]:
    """Even numbers lie between columns of a row, odd ones between rows of a column."""
    if side == _TOP:
        return np.asarray(2 * (rows * width + columns))
    if side == _BOTTOM:
        return np.asarray(2 * ((rows + 1) * width + columns))
    if side == _LEFT:
        return np.asarray(2 * (rows * width + columns) + 1)
    return np.asarray(2 * (rows * width + columns + 1) + 1)


def _places(nodes: NDArray[np.int64], width: int) -> Floats:
    rows, columns = np.divmod(nodes // 2, width)
    upright = nodes % 2
    return np.column_stack([columns + 0.5 * (1 - upright), rows + 0.5 * upright]) - 1.0


def _without_straights(points: Floats) -> Loop:
    """Without the points that lie between two others on one straight line."""
    steps = np.roll(points, -1, axis=0) - points
    before = np.roll(steps, 1, axis=0)
    turns = steps[:, 0] * before[:, 1] - steps[:, 1] * before[:, 0]
    return np.asarray(points[turns != 0])
