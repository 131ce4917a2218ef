"""The demo chest holds what its truth says, in its place, and is the same each time."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors, gdcm_volume, value_at
from workstation.phantom.develop import FIELD_RADIUS_MM, PADDING_HU
from workstation.phantom.dicom import datasets, encoded, write_series
from workstation.phantom.grid import Grid, Vector
from workstation.phantom.series import PhantomSeries
from workstation.phantom.trunk import LANDMARKS, Landmark, TrunkTruth, trunk_ct


@pytest.fixture(scope="module")
def small() -> tuple[PhantomSeries, TrunkTruth]:
    return trunk_ct()


@pytest.fixture(scope="module")
def tiny() -> PhantomSeries:
    return trunk_ct(size="tiny")[0]


def around(series: PhantomSeries, point_lps: Vector, radius_mm: float) -> NDArray[np.int16]:
    """Voxels whose centres lie within a radius of a point."""
    grid: Grid = series.grid
    near = np.flatnonzero(np.abs(grid.origin_lps[2] + grid.offsets_mm - point_lps[2]) <= radius_mm)
    points = np.stack([grid.points_lps(int(k)) for k in near])
    return np.asarray(series.voxels[near][np.linalg.norm(points - np.array(point_lps), axis=-1) <= radius_mm])


@pytest.mark.parametrize("mark", LANDMARKS, ids=lambda mark: mark.name)
def test_organs_have_their_value_at_their_place(mark: Landmark, small: tuple[PhantomSeries, TrunkTruth]) -> None:
    voxels = around(small[0], mark.point_lps, mark.radius_mm)
    assert len(voxels) > 8
    assert voxels.mean() == pytest.approx(mark.value_hu, abs=mark.tolerance_hu)


def test_left_is_left(small: tuple[PhantomSeries, TrunkTruth]) -> None:
    series, truth = small
    for name in ("spleen", "stomach air", "aorta"):
        x, y, z = truth.landmark(name).point_lps
        assert x > 0
        there, mirrored = around(series, (x, y, z), 4).mean(), around(series, (-x, y, z), 4).mean()
        assert abs(there - mirrored) > 8, name
    assert truth.landmark("liver").point_lps[0] < 0
    assert truth.nodule_center_lps[0] > 0
    assert tuple(series.grid.row_direction) == (1.0, 0.0, 0.0)


def test_the_nodule_is_a_sphere_of_its_volume(small: tuple[PhantomSeries, TrunkTruth]) -> None:
    series, truth = small
    lung = np.median(around(series, truth.nodule_center_lps, 16))
    near = around(series, truth.nodule_center_lps, truth.nodule_radius_mm + 4)
    share = (near - lung) / (truth.nodule_hu - lung)
    volume_ml = share.sum() * series.grid.voxel_volume_ml
    assert volume_ml == pytest.approx(4 / 3 * np.pi * truth.nodule_radius_mm**3 / 1000, rel=0.06)
    assert around(series, truth.nodule_center_lps, 4).mean() == pytest.approx(truth.nodule_hu, abs=6)


def test_another_reader_finds_nodule_liver_and_padding(
    small: tuple[PhantomSeries, TrunkTruth], tmp_path: Path, tool: Tool
) -> None:
    series, truth = small
    paths = write_series(series, tmp_path)
    image = gdcm_volume(tmp_path)
    assert value_at(image, truth.nodule_center_lps) == pytest.approx(truth.nodule_hu, abs=45)
    assert value_at(image, truth.landmark("liver").point_lps) == pytest.approx(truth.landmark("liver").value_hu, abs=45)
    assert value_at(image, (FIELD_RADIUS_MM - 1, FIELD_RADIUS_MM - 1, 0.0)) == PADDING_HU
    assert [error for path in paths[:: len(paths) // 4] for error in dciodvfy_errors(tool, path)] == []
    assert dcentvfy_errors(tool, paths) == []


def test_only_what_lies_outside_the_field_of_view_is_padding(tiny: PhantomSeries) -> None:
    points = tiny.grid.points_lps(30)
    outside = np.hypot(points[..., 0], points[..., 1]) > FIELD_RADIUS_MM
    assert np.array_equal(tiny.voxels[30] == PADDING_HU, outside)
    assert tiny.voxels[30][~outside].min() >= -1024
    dataset = next(datasets(tiny))
    assert (dataset.PixelPaddingValue, dataset.RescaleIntercept, dataset.pixel_array.min()) == (-2000, -1024, -2000)


def test_same_seed_same_bytes_other_seed_other_vessels(tiny: PhantomSeries) -> None:
    assert list(encoded(trunk_ct(size="tiny")[0])) == list(encoded(tiny))
    other = trunk_ct(seed=1, size="tiny")[0]
    assert not np.array_equal(other.voxels, tiny.voxels)
    assert other.series_instance_uid != tiny.series_instance_uid


def test_pixels_need_not_be_square(tiny: PhantomSeries) -> None:
    series, truth = trunk_ct(size="tiny", row_to_column_spacing=0.75)
    rows, columns = series.grid.pixel_spacing_mm
    assert rows == pytest.approx(0.75 * columns)
    assert series.voxels.shape[1] > tiny.voxels.shape[1]
    for name in ("aorta", "liver", "stomach fluid", "air"):
        mark = truth.landmark(name)
        assert around(series, mark.point_lps, mark.radius_mm).mean() == pytest.approx(mark.value_hu, abs=10)


def test_an_unknown_landmark_is_an_error(small: tuple[PhantomSeries, TrunkTruth]) -> None:
    with pytest.raises(KeyError):
        small[1].landmark("appendix")
