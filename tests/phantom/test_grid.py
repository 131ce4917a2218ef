"""Indices and patient points are two names of the same place."""

import pytest

from workstation.phantom.grid import CORONAL, Grid, Vector

GRID = Grid((5, 6, 7), (10.0, 20.0, 30.0), (0.7, 0.9), 2.5, CORONAL)


def test_a_coronal_grid_steps_to_the_left_to_the_feet_and_to_the_back() -> None:
    assert GRID.point_lps(0, 0, 0) == pytest.approx((10.0, 20.0, 30.0))
    assert GRID.point_lps(0, 0, 1) == pytest.approx((10.9, 20.0, 30.0))
    assert GRID.point_lps(0, 1, 0) == pytest.approx((10.0, 20.0, 29.3))
    assert GRID.point_lps(1, 0, 0) == pytest.approx((10.0, 22.5, 30.0))


@pytest.mark.parametrize("step", [None, (0.0, 0.96, 0.28)])
def test_index_of_undoes_point(step: Vector | None) -> None:
    grid = Grid((5, 6, 7), (10.0, 20.0, 30.0), (0.7, 0.9), 2.5, CORONAL, slice_step_lps=step)
    assert grid.index_of(grid.point_lps(2.25, 3.5, 4.75)) == pytest.approx((2.25, 3.5, 4.75))
    assert grid.points_lps(2)[3, 4] == pytest.approx(grid.point_lps(2, 3, 4))


def test_only_the_way_along_the_normal_makes_volume() -> None:
    assert GRID.voxel_volume_ml == pytest.approx(0.7 * 0.9 * 2.5 / 1000)
    tilted = Grid((5, 6, 7), (0.0, 0.0, 0.0), (0.7, 0.9), 2.5, slice_step_lps=(0.0, 0.6, 0.8))
    assert tilted.voxel_volume_ml == pytest.approx(0.7 * 0.9 * 2.0 / 1000)


def test_impossible_grids_are_refused() -> None:
    with pytest.raises(ValueError, match="perpendicular"):
        Grid((1, 2, 3), (0.0, 0.0, 0.0), (0.7, 0.9), 2.5, (1.0, 0.0, 0.0, 0.6, 0.8, 0.0))
    with pytest.raises(ValueError, match="offsets"):
        Grid((3, 2, 3), (0.0, 0.0, 0.0), (0.7, 0.9), 2.5, slice_offsets_mm=(0.0, 1.0))
