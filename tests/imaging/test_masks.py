"""Masks against plain boolean arrays."""

import numpy as np
import pytest

from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask

GRID = Grid((10.0, -20.0, 30.0), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), (0.7, 0.9, 2.5), (37, 29, 11))
SHAPE = GRID.size[::-1]


def _random(seed: int, share: float = 0.1) -> np.ndarray:
    array = np.random.default_rng(seed).random(SHAPE) < share
    array[:2] = False
    array[:, :, :5] = False
    return array


def test_a_mask_gives_back_what_it_was_made_of() -> None:
    array = _random(1)
    mask = Mask.of(GRID, array)
    assert np.array_equal(mask.array(), array)
    assert mask.count == np.count_nonzero(array)
    assert mask.volume_ml == pytest.approx(np.count_nonzero(array) * 0.7 * 0.9 * 2.5 / 1000, rel=1e-12)
    for k in range(SHAPE[0]):
        assert np.array_equal(mask.plane(k), array[k])
    box, inner = mask.boxed()
    assert np.array_equal(inner, array[box]) and np.count_nonzero(inner) == mask.count
    assert inner.any(axis=(1, 2))[[0, -1]].all() and inner.any(axis=(0, 1))[[0, -1]].all()


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_logic_is_that_of_arrays(share: float) -> None:
    a, b = _random(2, share), _random(3, share)
    one, other = Mask.of(GRID, a), Mask.of(GRID, b)
    assert np.array_equal(one.union(other).array(), a | b)
    assert np.array_equal(one.minus(other).array(), a & ~b)
    assert np.array_equal(one.intersect(other).array(), a & b)
    assert one.union(other) == Mask.of(GRID, a | b)
    assert one.minus(one) == Mask.empty(GRID) and not one.minus(one)


def test_a_part_lies_where_it_is_put() -> None:
    part = np.ones((2, 3, 4), dtype=bool)
    mask = Mask.part(GRID, part, (4, 5, 6))
    expected = np.zeros(SHAPE, dtype=bool)
    expected[4:6, 5:8, 6:10] = True
    assert np.array_equal(mask.array(), expected)
    assert mask.has((6, 5, 4)) and not mask.has((6, 5, 3)) and not mask.has((10, 5, 4)) and not mask.has((0, 0, -1))
    assert np.array_equal(mask.within((slice(5, 9), slice(0, 7), slice(8, 20))), expected[5:9, 0:7, 8:20])
    with pytest.raises(ValueError, match="leaves"):
        Mask.part(GRID, part, (10, 0, 0))
    with pytest.raises(ValueError, match="an array of"):
        Mask.of(GRID, part)


def test_slices_that_stay_are_shared_and_grids_are_not_mixed() -> None:
    mask = Mask.of(GRID, _random(4))
    changed = mask.with_planes({5: np.zeros(SHAPE[1:], dtype=bool)})
    assert changed.planes[4] is mask.planes[4] and changed.planes[5] is None
    assert mask.union(changed).planes[4] is mask.planes[4]
    other = Mask.empty(Grid((0, 0, 0), GRID.axes, GRID.spacing, GRID.size))
    with pytest.raises(ValueError, match="different grids"):
        mask.union(other)


def test_an_empty_mask() -> None:
    mask = Mask.empty(GRID)
    box, inner = mask.boxed()
    assert mask.box is None and inner.size == 0 and mask.count == 0 and mask.volume_ml == 0 and box[0] == slice(0, 0)
