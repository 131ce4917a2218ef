"""Values at points: exact for what is linear, nothing where nothing was stored."""

import numpy as np
import pytest

from workstation.imaging.geometry import Grid
from workstation.imaging.sampling import at_points

GRID = Grid((5.0, -3.0, 2.0), ((0.0, 1.0, 0.0), (0.6, 0.0, 0.8), (0.8, 0.0, -0.6)), (0.7, 0.9, 1.3), (9, 8, 7))


def voxels() -> np.ndarray:
    k, j, i = np.meshgrid(np.arange(7), np.arange(8), np.arange(9), indexing="ij")
    return (100 + 7 * i - 11 * j + 13 * k).astype(np.int16)


def points(*index: tuple[float, float, float]) -> np.ndarray:
    return np.array([GRID.point(each) for each in index])


def test_what_is_linear_is_exact() -> None:
    index = np.random.default_rng(3).uniform((0, 0, 0), (8, 7, 6), (500, 3))
    at = (index @ GRID.lps_from_index[:3, :3].T + GRID.lps_from_index[:3, 3]).reshape(5, 100, 3)
    found = at_points(voxels(), GRID, at)
    assert found.values.ravel() == pytest.approx(100 + index @ (7, -11, 13), abs=1e-3)
    assert found.known.all() and found.values.shape == (5, 100)


def test_beyond_the_outer_edges_is_nothing_and_up_to_them_the_last_voxel() -> None:
    found = at_points(voxels(), GRID, points((-0.4, 0, 0), (-0.6, 0, 0), (8.4, 7.4, 6.4), (8, 7, 6.6)))
    assert found.nothing.tolist() == [False, True, False, True]
    assert found.values[0] == 100 and found.values[2] == 100 + 56 - 77 + 78


def test_padding_is_not_blended_with() -> None:
    stored = voxels()
    stored[3, 3, 3] = -2000
    found = at_points(stored, GRID, points((3.2, 3, 3), (3.6, 3, 3), (4.2, 3, 3)), padding=(-2000, -2000))
    assert found.nothing.tolist() == [True, False, False]
    assert found.values[1] == stored[3, 3, 4] and found.values[2] == pytest.approx(100 + 7 * 4.2 - 33 + 39)


def test_what_has_not_arrived_is_missing_with_its_neighbours() -> None:
    filled = np.array([True, True, False, True, True, True, True])
    found = at_points(voxels(), GRID, points((2, 2, 0.5), (2, 2, 1.5), (2, 2, 2.5), (2, 2, 3.5)), filled=filled)
    assert found.missing.tolist() == [False, True, True, False]


def test_a_grid_one_image_deep_has_values_too() -> None:
    flat = Grid((0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (1.0, 2.0, 5.0), (4, 3, 1))
    stored = np.arange(12, dtype=np.uint16).reshape(1, 3, 4)
    assert at_points(stored, flat, np.array([[1.5, 2.0, 1.0]])).values == pytest.approx([5.5])
