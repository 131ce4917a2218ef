"""The demo PET/CT: uptake in the files is the truth, told by a formula of the test's own; both lie in one frame."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from scipy.ndimage import gaussian_filter

from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors, gdcm_volume, value_at
from workstation.dicom.header import read_instance
from workstation.imaging.displaysets import display_sets
from workstation.imaging.geometry import Grid
from workstation.imaging.sides import ANGLES, Sides
from workstation.imaging.suv import Derivation, Refusal, suv_of
from workstation.imaging.turning import fill, turntable
from workstation.phantom.acquisition import PetAcquisition
from workstation.phantom.dicom import write_series
from workstation.phantom.series import PhantomSeries
from workstation.phantom.uptake import PetLesion
from workstation.phantom.whole_body import LESIONS, PET_STUDIES, pet_ct


@pytest.fixture(scope="module")
def study() -> tuple[PhantomSeries, PhantomSeries, PhantomSeries]:
    ct, corrected, plain = pet_ct("small")
    return ct, corrected, plain


@pytest.fixture(scope="module")
def images(study: tuple[PhantomSeries, ...], tmp_path_factory: pytest.TempPathFactory) -> list[Dataset]:
    paths = write_series(study[1], tmp_path_factory.mktemp("pet"))
    return [pydicom.dcmread(path) for path in paths]


def seconds(time: str) -> int:
    return int(time[:2]) * 3600 + int(time[2:4]) * 60 + int(time[4:6])


def suv(image: Dataset) -> NDArray[np.float64]:
    """SUVbw of one image by its header: activity at the series' start over what was left of the dose per gram."""
    isotope = image.RadiopharmaceuticalInformationSequence[0]
    waited = seconds(image.SeriesTime) - seconds(isotope.RadiopharmaceuticalStartTime)
    left = isotope.RadionuclideTotalDose * math.exp(-math.log(2) * waited / isotope.RadionuclideHalfLife)
    activity = image.pixel_array * float(image.RescaleSlope) + float(image.RescaleIntercept)
    return np.asarray(activity * float(image.PatientWeight) * 1000 / float(left))


def ball_and_gauss(lesion: PetLesion) -> float:
    """The middle of a ball blurred by a Gaussian of 6.5 mm width at half height, summed over shells."""
    sigma = 6.5 / (2 * math.sqrt(2 * math.log(2)))
    r = (np.arange(20_000) + 0.5) / 20_000 * lesion.radius_mm
    shells = 4 * np.pi * r**2 * np.exp(-(r**2) / (2 * sigma**2)) / (2 * np.pi * sigma**2) ** 1.5
    return float(lesion.uptake_suv * shells.mean() * lesion.radius_mm)


@pytest.mark.parametrize("lesion", LESIONS, ids=lambda lesion: lesion.name)
def test_suv_from_the_header_is_the_truth(lesion: PetLesion, images: list[Dataset]) -> None:
    x, y, z = lesion.center_lps
    image = min(images, key=lambda each: abs(float(each.ImagePositionPatient[2]) - z))
    assert float(image.ImagePositionPatient[2]) == pytest.approx(z, abs=1e-3)
    first, spacing = image.ImagePositionPatient, image.PixelSpacing
    row, column = (y - first[1]) / spacing[0], (x - first[0]) / spacing[1]
    assert [row, column] == pytest.approx([round(row), round(column)], abs=1e-3)
    measured = suv(image)[round(row), round(column)]
    assert measured == pytest.approx(ball_and_gauss(lesion), rel=0.01)
    assert measured == pytest.approx(lesion.suv_max, rel=0.01)


def test_the_mean_of_a_lesion_is_that_of_its_profile() -> None:
    lesion = PetLesion("ball", (0.0, 0.0, 0.0), 10.0, 8.0)
    axis = np.arange(-40, 40.5, 0.5)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij", sparse=True)
    away = np.sqrt(x**2 + y**2 + z**2)
    blurred = gaussian_filter(np.where(away <= 10, 8.0, 0.0), 6.5 / 2.3548 / 0.5)
    assert lesion.suv_mean == pytest.approx(blurred[away <= 10].mean(), rel=0.01)
    assert lesion.suv_max == pytest.approx(blurred.max(), rel=0.01)


def test_every_slice_has_its_slope_and_beds_their_time(images: list[Dataset]) -> None:
    assert len({float(image.RescaleSlope) for image in images}) > 0.9 * len(images)
    beds = {image.AcquisitionTime: float(image.DecayFactor) for image in images}
    assert len(beds) == 8
    later = sorted(beds)
    assert later[0] == images[0].SeriesTime
    assert [beds[time] for time in later] == sorted(beds.values())
    head, thigh = images[0], images[-1]
    assert float(head.ImagePositionPatient[2]) > float(thigh.ImagePositionPatient[2])
    assert head.AcquisitionTime > thigh.AcquisitionTime


def test_organs_take_up_what_they_should(study: tuple[PhantomSeries, ...], images: list[Dataset]) -> None:
    grid = study[1].grid
    volume = np.stack([suv(image) for image in reversed(images)])

    def at(x: float, y: float, z: float) -> float:
        k, row, column = (round(index) for index in grid.index_of((x, y, z)))
        return float(volume[k, row - 1 : row + 2, column - 1 : column + 2].mean())

    assert at(-85, -20, -130) == pytest.approx(2.4, rel=0.2)
    assert at(85, -20, 10) < 0.8
    assert 1.0 < at(0, 42, -46) < 2.2
    brain = volume[round(grid.index_of((0, 0, 290))[0])]
    assert brain.max() > 8
    assert volume.max() < 30


def test_without_correction_the_depth_is_dark(study: tuple[PhantomSeries, ...]) -> None:
    ct, corrected, plain = study
    rows = np.s_[round(corrected.grid.index_of((0, 0, -150))[0])]
    body = corrected.voxels[rows] > np.percentile(corrected.voxels[rows], 60)
    points = corrected.grid.points_lps(rows)
    depth = np.hypot(points[..., 0] / 150, points[..., 1] / 105)
    share = plain.voxels[rows] / np.maximum(corrected.voxels[rows], 1)
    assert np.median(share[body & (depth < 0.4)]) < 0.5 * np.median(share[body & (depth > 0.8) & (depth < 1)])
    assert plain.acquisition is not None and "ATTN" not in plain.acquisition.CorrectedImage  # type: ignore[union-attr]
    assert {ct.frame_of_reference_uid} == {corrected.frame_of_reference_uid, plain.frame_of_reference_uid}


def test_ct_and_pet_lie_in_one_place(study: tuple[PhantomSeries, ...], tmp_path: Path) -> None:
    ct, corrected, _ = study
    for name, series in (("ct", ct), ("pet", corrected)):
        write_series(series, tmp_path / name)
    lesion = LESIONS[0]
    assert value_at(gdcm_volume(tmp_path / "ct"), lesion.center_lps) > -120
    nearest = [round(index) for index in corrected.grid.index_of(lesion.center_lps)]
    around = corrected.voxels[tuple(slice(index - 3, index + 4) for index in nearest)]
    assert [int(index) for index in np.unravel_index(around.argmax(), around.shape)] == [3, 3, 3]
    assert PET_STUDIES[0].study == ct.study == corrected.study


def test_validators_find_nothing_wrong(study: tuple[PhantomSeries, ...], tmp_path: Path, tool: Tool) -> None:
    some = []
    for series in study:
        paths = write_series(series, tmp_path / str(series.series_number))[::50]
        assert [error for path in paths for error in dciodvfy_errors(tool, path)] == []
        some += paths
    assert dcentvfy_errors(tool, some) == []


@pytest.mark.parametrize("lesion", LESIONS, ids=lambda lesion: lesion.name)
def test_a_click_on_the_rotating_mip_finds_each_lesion_within_a_voxel(
    lesion: PetLesion, study: tuple[PhantomSeries, ...]
) -> None:
    voxels, (dz, dy, dx) = study[1].voxels, (6.0, 2 * 4.07283, 2 * 4.07283)
    first = tuple(float(each) for each in study[1].grid.point_lps(0, 0, 0))
    grid = Grid(first, ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (dx, dy, dz), voxels.shape[::-1])
    sides, table, seen = Sides(), turntable(grid), 0
    fill(sides, voxels, grid, None)
    i, j, k = (round(each) for each in grid.index(lesion.center_lps))
    for angle in range(0, ANGLES, 3):
        picture, place = sides.at(angle), table.picture_grid(angle)
        column, row, _ = place.index(lesion.center_lps)
        assert picture is not None
        shown = picture[round(row), round(column)]
        assert shown >= voxels[k, j, i]  # nothing on the ray is brighter than what is shown
        if shown > voxels[k, j, i]:  # heart, kidney or bladder is hotter and lies on the same ray
            continue
        found = table.brightest(voxels, angle, place.point((column, row, 0.0)))
        assert found is not None
        assert max(abs(a - b) for a, b in zip(found, (i, j, k), strict=True)) <= 1
        seen += 1
    assert seen >= 10


def test_the_engine_derives_suv_of_the_corrected_one_alone(
    study: tuple[PhantomSeries, ...], images: list[Dataset]
) -> None:
    """By the headers of all bed positions together, as it is by that of each image alone."""
    instances = [read_instance(Path(str(each.filename)).read_bytes()) for each in images]
    derived = suv_of(display_sets(instances)[0])
    assert isinstance(derived, Derivation)
    activity = images[0].pixel_array * float(images[0].RescaleSlope)
    assert suv(images[0]).max() == pytest.approx(activity.max() * derived.factors[0], rel=1e-9)
    scan = study[2].acquisition
    assert isinstance(scan, PetAcquisition)
    plain = [replace(each, CorrectedImage=scan.CorrectedImage, Units=scan.Units) for each in instances]
    refused = suv_of(display_sets(plain)[0])
    assert isinstance(refused, Refusal) and refused.keyword == "CorrectedImage"
