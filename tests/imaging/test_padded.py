"""Where padding lies: each block says what its definition says, by scipy, and images that come later count too."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from workstation.imaging.padded import EDGE, REACH, PaddedBlocks

PAD = (-2000.0, -1990.0)
SHAPE = (19, 53, 70)


def volume(seed: int) -> NDArray[np.int16]:
    """A round field in padding, and a hole in it."""
    stored = np.random.default_rng(seed).integers(-1000, 3000, SHAPE).astype(np.int16)
    k, j, i = np.indices(SHAPE)
    stored[np.hypot(j - 26, i - 35 - k) > 24] = -2000
    stored[7:9, 20:30, 20:45] = -1995
    return stored


def by_definition(padded: NDArray[np.bool_]) -> NDArray[np.uint8]:
    near = maximum_filter(padded, 2 * REACH + 1, mode="nearest").astype(int)
    all_near = minimum_filter(padded, 2 * REACH + 1, mode="nearest")
    rows, columns = (range(0, each, EDGE) for each in SHAPE[1:])
    marks = [
        [[part(near, k, j, i).max() + part(all_near, k, j, i).min() for i in columns] for j in rows]
        for k in range(SHAPE[0])
    ]
    return np.array(marks, np.uint8)


def part(mask: NDArray[np.int_], k: int, j: int, i: int) -> NDArray[np.int_]:
    return mask[k, j : j + EDGE, i : i + EDGE]


@pytest.mark.parametrize("seed", range(2))
def test_blocks_say_what_lies_near_them(seed: int) -> None:
    stored = volume(seed)
    marked = PaddedBlocks().marked(stored, PAD, None)
    assert marked is not None and set(np.unique(marked)) == {0, 1, 2}
    assert np.array_equal(marked, by_definition(stored < -1100))


def test_what_was_looked_at_early_and_what_came_late_are_the_same() -> None:
    stored, blocks = volume(3), PaddedBlocks()
    filled = np.zeros(SHAPE[0], np.bool_)
    filled[[2, 5]] = True
    blocks.look_at(stored, PAD, 11)
    assert blocks.marked(stored, PAD, filled) is not None
    late, at_once = blocks.marked(stored, PAD, None), PaddedBlocks().marked(stored, PAD, None)
    assert late is not None and at_once is not None and np.array_equal(late, at_once)


def test_without_padding_there_is_nothing_to_look_at() -> None:
    stored, blocks = np.zeros(SHAPE, np.int16), PaddedBlocks()
    blocks.look_at(stored, PAD, 4)
    assert blocks.marked(stored, PAD, None) is None
