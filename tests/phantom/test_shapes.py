"""Volumes against their closed forms, values against what was asked for."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.phantom.judges import Tool, dciodvfy_errors, gdcm_volume, value_at
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import CORONAL, Grid
from workstation.phantom.shapes import DEFAULT_INSERTS, Rod, Sphere, checkerboard, shapes_phantom, voxelise

GRID = Grid((40, 50, 60), (-20.0, -22.0, -24.0), (0.9, 0.7), 1.1)
OBLIQUE_AXIS = (0.6, 0.64, 0.48)


@pytest.mark.parametrize("supersample", [1, 4])
@pytest.mark.parametrize(
    "insert",
    [Sphere((0.3, 0.1, -2.0), 12.0, 100.0), Rod((0.3, 0.1, -2.0), OBLIQUE_AXIS, 7.0, 20.0, 100.0)],
    ids=["sphere", "rod"],
)
def test_volume_is_that_of_the_formula(insert: Sphere | Rod, supersample: int) -> None:
    values = voxelise([insert], GRID, 0.0, supersample)
    volume_ml = float(values.sum()) / 100.0 * GRID.voxel_volume_ml
    assert volume_ml == pytest.approx(insert.volume_ml, rel=0.01)


def test_formulas() -> None:
    assert Sphere((0.0, 0.0, 0.0), 10.0, 0.0).volume_ml == pytest.approx(4.18879, abs=1e-5)
    assert Rod((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), 10.0, 20.0, 0.0).volume_ml == pytest.approx(2 * math.pi)


def test_hard_edges_know_two_values_and_partial_volume_the_ones_between() -> None:
    sphere = Sphere((0.0, 0.0, 0.0), 6.0, 100.0)
    assert set(np.unique(voxelise([sphere], GRID, -50.0))) == {-50.0, 100.0}
    between = voxelise([sphere], GRID, -50.0, 3)
    assert between.min() == -50.0
    assert between.max() == pytest.approx(100.0)
    assert len(np.unique(between)) > 10


def test_the_box_around_an_insert_cuts_nothing_off() -> None:
    rod = Rod((0.11, 0.07, 0.03), OBLIQUE_AXIS, 5.0, 18.0, 1.0)
    grid = replace(GRID, image_orientation_patient=CORONAL, origin_lps=(-20.0, -22.0, 22.0))
    points = np.stack([grid.points_lps(k) for k in range(grid.shape[0])])
    assert np.array_equal(voxelise([rod], grid, 0.0) > 0, rod.contains(points))


def test_an_insert_half_outside_the_grid_is_cut() -> None:
    edge = Sphere(GRID.point_lps(0, 25, 30), 8.0, 100.0)
    volume_ml = float((voxelise([edge], GRID, 0.0, 4) > 50).sum()) * GRID.voxel_volume_ml
    half_and_half_a_slice = edge.volume_ml / 2 + math.pi * 64 * GRID.slice_spacing_mm / 2 / 1000
    assert volume_ml == pytest.approx(half_and_half_a_slice, rel=0.02)
    assert np.all(voxelise([Sphere((500.0, 0.0, 0.0), 8.0, 100.0)], GRID, 7.0) == 7.0)


def test_the_default_phantom_as_another_reader_sees_it(tmp_path: Path, tool: Tool) -> None:
    series, truth = shapes_phantom()
    paths = write_series(series, tmp_path)
    image = gdcm_volume(tmp_path)
    assert [value_at(image, insert.center_lps) for insert in truth.inserts] == [i.value_hu for i in DEFAULT_INSERTS]
    assert value_at(image, (0.0, 0.0, 0.0)) == truth.background_hu
    assert dciodvfy_errors(tool, paths[0]) == []
    rows, columns = series.grid.pixel_spacing_mm
    assert rows != columns


def test_every_neighbour_on_the_checkerboard_differs() -> None:
    series = checkerboard()
    voxels = series.voxels.astype(int)
    for axis in range(3):
        assert np.all(np.abs(np.diff(voxels, axis=axis)) == 200)
    assert voxels[0, 0, 0] == 100
    assert (series.windows[0].center, series.windows[0].width) == (0, 200)
