"""SimpleITK's GDCM reader is the judge: the object must lie where the truth says, however it was sliced."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from tests.phantom.judges import Tool, brightest_point, dciodvfy_errors, gdcm_volume, value_at
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import AXIAL, Orientation
from workstation.phantom.orientation import (
    OrientationTruth,
    all_orientations,
    oblique_phantom,
    orientation_phantom,
)

NAMED = {name: orientation for orientation, name in all_orientations()}
PARTS = [field.name.removesuffix("_point_lps") for field in fields(OrientationTruth) if "_point_lps" in field.name]


def rotation(seed: int) -> np.ndarray:
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    return matrix * np.sign(np.linalg.det(matrix))


def assert_truth(image: object, truth: OrientationTruth) -> None:
    assert brightest_point(image) == pytest.approx(truth.bright_point_lps, abs=1e-4)
    found = {part: value_at(image, getattr(truth, f"{part}_point_lps")) for part in PARTS}
    assert found == {part: getattr(truth, f"{part}_value") for part in PARTS}


def test_there_are_24_right_handed_orientations() -> None:
    assert len(NAMED) == 24
    assert len(set(NAMED.values())) == 24
    assert NAMED["L\\P"] == AXIAL
    assert NAMED["P\\F"] == (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


@pytest.mark.parametrize("stacking", [1, -1])
@pytest.mark.parametrize("name", NAMED)
def test_gdcm_finds_the_object_in_its_place(name: str, stacking: int, tmp_path: Path) -> None:
    series, truth = orientation_phantom(NAMED[name], 1 if stacking > 0 else -1)
    write_series(series, tmp_path)
    image = gdcm_volume(tmp_path)
    assert_truth(image, truth)
    rows, columns = series.grid.pixel_spacing_mm
    assert image.GetSpacing() == pytest.approx((columns, rows, series.grid.slice_spacing_mm))
    assert rows != columns


@pytest.mark.parametrize("seed", range(4))
def test_oblique_series_leave_the_object_in_its_place(seed: int, tmp_path: Path) -> None:
    series, truth = oblique_phantom(rotation(seed))
    write_series(series, tmp_path)
    image = gdcm_volume(tmp_path)
    assert brightest_point(image) == pytest.approx(truth.bright_point_lps, abs=1e-3)
    direction = np.array(image.GetDirection()).reshape(3, 3)
    assert direction == pytest.approx(rotation(seed), abs=1e-5)


def test_stacking_numbers_the_same_images_backwards() -> None:
    forth, _ = orientation_phantom(stacking=1)
    back, _ = orientation_phantom(stacking=-1)
    assert np.array_equal(forth.voxels, back.voxels)
    assert [forth.instance_number(k) for k in range(16)] == list(range(1, 17))
    assert [back.instance_number(k) for k in range(16)] == list(range(16, 0, -1))


def test_mr_carries_the_same_object(tmp_path: Path, tool: Tool) -> None:
    series, truth = orientation_phantom(NAMED["P\\F"], modality="MR")
    paths = write_series(series, tmp_path)
    assert_truth(gdcm_volume(tmp_path), truth)
    assert dciodvfy_errors(tool, paths[0]) == []


def test_no_view_of_the_object_equals_its_mirror_image() -> None:
    for axis in range(3):
        voxels = orientation_phantom()[0].voxels
        picture = voxels.max(axis=axis)
        for mirrored in (picture[::-1], picture[:, ::-1], picture[::-1, ::-1]):
            assert not np.array_equal(picture, mirrored)


def test_what_is_not_along_the_axes_is_refused() -> None:
    slanted: Orientation = (0.8, 0.6, 0.0, -0.6, 0.8, 0.0)
    with pytest.raises(ValueError, match="oblique_phantom"):
        orientation_phantom(slanted)
    with pytest.raises(ValueError, match="rotation"):
        oblique_phantom(np.diag([1.0, 1.0, -1.0]))
