"""Mammograms of the demo patient: valid objects, chest wall and air where they belong, findings at their place."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors
from workstation.phantom.breast import CLUSTER, MASS, YEARLY_GROWTH, Side, View
from workstation.phantom.mammograms import TODAY, YEAR_AGO, Detector, Mammogram, mammogram
from workstation.phantom.projections import MAMMOGRAPHY, MAMMOGRAPHY_PRIOR, STUDIES

TODAY_SMALL, YEAR_AGO_SMALL = TODAY.coarser(4), YEAR_AGO.coarser(4)
Objects = Mapping[tuple[str, str, str], FileDataset]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {each.study.study_date: tmp_path_factory.mktemp("mg") for each in STUDIES if "Mammo" in each.title}
    for each in STUDIES:
        if each.study.study_date in made:
            each.write(made[each.study.study_date], "small")
    return made


@pytest.fixture(scope="module")
def objects(folders: dict[str, Path]) -> Objects:
    read = [pydicom.dcmread(path) for folder in folders.values() for path in sorted(folder.glob("*.dcm"))]
    return {(each.StudyDate, each.ImageLaterality, each.ViewPosition): each for each in read}


def test_validators_find_nothing_wrong(folders: dict[str, Path], tool: Tool) -> None:
    for folder in folders.values():
        paths = sorted(folder.glob("*.dcm"))
        assert len(paths) == 4
        assert [dciodvfy_errors(tool, path) for path in paths] == [[], [], [], []]
        assert dcentvfy_errors(tool, paths) == []


def test_each_view_says_where_its_rows_and_columns_point(objects: Objects) -> None:
    said = {key: tuple(each.PatientOrientation) for key, each in objects.items()}
    for date in (MAMMOGRAPHY.study_date, MAMMOGRAPHY_PRIOR.study_date):
        assert said[date, "R", "CC"] == ("P", "L")
        assert said[date, "L", "CC"] == ("A", "R")
        assert said[date, "R", "MLO"] == ("P", "FL")
        assert said[date, "L", "MLO"] == ("A", "FR")


def light(dataset: FileDataset) -> NDArray[np.int32]:
    """Grey levels from black to white, whatever way they are stored."""
    stored = dataset.pixel_array.astype(np.int32)
    return 4095 - stored if dataset.PhotometricInterpretation == "MONOCHROME1" else stored


def test_the_chest_wall_is_at_the_edge_the_orientation_says_and_the_air_is_black(objects: Objects) -> None:
    for dataset in objects.values():
        seen = light(dataset)
        backwards = -1 if dataset.PatientOrientation[0] == "P" else 0
        middle = seen.shape[0] // 2
        assert seen[middle - 50 : middle + 50, backwards].min() > 400
        assert seen[:, -1 - backwards].max() == 0


def test_a_year_apart_two_detectors_of_two_pixel_sizes_and_polarities(objects: Objects) -> None:
    today = objects[MAMMOGRAPHY.study_date, "L", "CC"]
    before = objects[MAMMOGRAPHY_PRIOR.study_date, "L", "CC"]
    assert [float(each) for each in today.ImagerPixelSpacing] == [0.28, 0.28]
    assert [float(each) for each in before.ImagerPixelSpacing] == [0.4, 0.4]
    assert (today.PhotometricInterpretation, today.PresentationLUTShape) == ("MONOCHROME2", "IDENTITY")
    assert (before.PhotometricInterpretation, before.PresentationLUTShape) == ("MONOCHROME1", "INVERSE")
    assert len({objects[MAMMOGRAPHY.study_date, side, view].SeriesInstanceUID for side in "RL" for view in VIEWS}) == 4
    assert before.PatientID == today.PatientID
    assert before.StudyInstanceUID != today.StudyInstanceUID


VIEWS: tuple[View, View] = ("CC", "MLO")


def mass_alone(view: View, detector: Detector, radius_mm: float) -> tuple[Mammogram, NDArray[np.float64]]:
    """A left breast, and what its mass adds to the light of each pixel."""
    found, without = (mammogram("L", view, detector, radius) for radius in (radius_mm, 0.0))
    sign = -1.0 if detector.air_is_white else 1.0
    return found, sign * (found.pixels.astype(np.float64) - without.pixels)


@pytest.mark.parametrize("view", VIEWS)
def test_the_mass_lies_at_its_place_and_is_smaller_a_year_before(view: View) -> None:
    areas = []
    for detector, radius in ((TODAY_SMALL, MASS.radius_mm), (YEAR_AGO_SMALL, MASS.radius_mm * YEARLY_GROWTH)):
        found, added = mass_alone(view, detector, radius)
        dense = added > 250
        rows, columns = np.nonzero(dense)
        row, column = found.places[MASS.name]
        assert rows.mean() == pytest.approx(row, abs=2.0 / detector.pixel_mm)
        assert columns.mean() == pytest.approx(column, abs=2.0 / detector.pixel_mm)
        areas.append(np.count_nonzero(dense) * detector.pixel_mm**2)
    assert areas[1] < 0.65 * areas[0]


def test_truth_in_mm_is_what_the_finding_says() -> None:
    seen = mammogram("L", "CC", TODAY_SMALL)
    nipple, mass = (seen.from_chest_wall_mm(name) for name in ("nipple", MASS.name))
    # The nipple's tip stands 3 mm before the place its shape names.
    assert nipple - mass == pytest.approx(MASS.behind_mm + 3.0, abs=0.01)
    assert seen.below_nipple_mm(MASS.name) == pytest.approx(-MASS.lateral_mm, abs=0.01)
    assert seen.below_nipple_mm(CLUSTER.name) == pytest.approx(-CLUSTER.lateral_mm, abs=0.01)


def test_the_nipple_is_the_foremost_tissue() -> None:
    sides: tuple[Side, Side] = ("R", "L")
    for side in sides:
        seen = mammogram(side, "CC", TODAY_SMALL)
        tissue = seen.pixels > 300
        across = np.flatnonzero(tissue.any(axis=0))
        foremost = across[0] if side == "R" else across[-1]
        row, column = seen.places["nipple"]
        assert abs(foremost - column) * TODAY_SMALL.pixel_mm < 5
        assert abs(np.flatnonzero(tissue[:, foremost]).mean() - row) * TODAY_SMALL.pixel_mm < 3


def test_calcifications_are_the_brightest_specks_of_their_place() -> None:
    fine = mammogram("L", "CC", TODAY.coarser(2))
    row, column = (round(each) for each in fine.places[CLUSTER.name])
    reach = round(CLUSTER.radius_mm / fine.detector.pixel_mm)
    part = fine.pixels[row - reach : row + reach, column - reach : column + reach].astype(np.float64)
    assert part.max() > np.median(part) + 500
    assert np.count_nonzero(part > np.median(part) + 500) < 0.05 * part.size


def test_same_arguments_same_pixels() -> None:
    first, second = (mammogram("R", "MLO", YEAR_AGO_SMALL) for _ in range(2))
    assert np.array_equal(first.pixels, second.pixels)
