"""Chest films of the demo patient: valid objects, her left at the right, and rays that spread as from a point."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset

from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors
from workstation.phantom.chest_xray import MIDDLE_Z_MM, NODULE_LPS, TODAY, YEAR_AGO, Film, Radiograph, radiograph
from workstation.phantom.projections import CHEST, CHEST_PRIOR, STUDIES

SMALL = TODAY.coarser(4)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for each in STUDIES:
        if each.study in (CHEST, CHEST_PRIOR):
            made[each.study.study_date] = tmp_path_factory.mktemp("dx")
            each.write(made[each.study.study_date], "small")
    return made


@pytest.fixture(scope="module")
def objects(folders: dict[str, Path]) -> Mapping[tuple[str, str], FileDataset]:
    read = [pydicom.dcmread(path) for folder in folders.values() for path in sorted(folder.glob("*.dcm"))]
    return {(each.StudyDate, each.ViewPosition): each for each in read}


def test_validators_find_nothing_wrong(folders: dict[str, Path], tool: Tool) -> None:
    assert len(folders) == 2
    for folder in folders.values():
        paths = sorted(folder.glob("*.dcm"))
        assert [dciodvfy_errors(tool, path) for path in paths] == [[], []]
        assert dcentvfy_errors(tool, paths) == []


def test_views_say_where_they_point_and_how_large_their_pixels_are(
    objects: Mapping[tuple[str, str], FileDataset],
) -> None:
    for (date, view), dataset in objects.items():
        assert tuple(dataset.PatientOrientation) == {"PA": ("L", "F"), "LL": ("P", "F")}[view]
        spacing = 4 * (0.168 if date == CHEST.study_date else 0.194)
        assert [float(each) for each in dataset.ImagerPixelSpacing] == pytest.approx([spacing, spacing])
    assert {each.PatientID for each in objects.values()} == {CHEST.patient_id}


def value(film: Radiograph, point_lps: tuple[float, float, float]) -> float:
    """Mean of what is seen where a patient point falls on a frontal film, by the rule of three."""
    x, y, z = point_lps
    larger = 1800.0 / (1800.0 - (y + 132.0))
    row = (film.film.rows - 1) / 2 + (MIDDLE_Z_MM - z) * larger / film.film.pixel_mm
    column = (film.film.columns - 1) / 2 + x * larger / film.film.pixel_mm
    part = film.pixels[round(row) - 4 : round(row) + 5, round(column) - 4 : round(column) + 5]
    return float(part.mean())


def test_her_left_is_at_the_right() -> None:
    film = radiograph("PA", SMALL)
    heart, lung_beside = value(film, (52.0, -30.0, -60.0)), value(film, (-72.0, -30.0, -60.0))
    assert heart > lung_beside + 300
    bubble, liver = value(film, (58.0, -32.0, -103.0)), value(film, (-58.0, -32.0, -103.0))
    assert bubble < liver - 300


def test_lungs_are_dark_between_a_bright_middle_and_bright_ribs_and_air_is_darkest() -> None:
    film = radiograph("PA", SMALL)
    lung, spine = value(film, (-75.0, 0.0, 20.0)), value(film, (0.0, 40.0, -50.0))
    assert spine > lung + 800
    assert film.pixels[: SMALL.rows // 30, : SMALL.columns // 12].mean() < lung - 500


def nodule_alone(film: Film) -> tuple[tuple[float, float], float]:
    """(row, column) of the middle of what the nodule adds, and its area in mm² on the film."""
    with_it, without = (
        radiograph("PA", each).pixels.astype(float) for each in (film, replace(film, nodule_radius_mm=0.0))
    )
    added = with_it - without
    row, column = (round(each) for each in radiograph("PA", film).places["nodule"])
    near = added[row - 30 : row + 31, column - 30 : column + 31]
    seen = near > 0.35 * near.max()
    rows, columns = np.nonzero(seen)
    return (rows.mean() + row - 30, columns.mean() + column - 30), np.count_nonzero(seen) * film.pixel_mm**2


def test_the_nodule_lies_where_rays_from_the_focus_carry_it_and_as_large() -> None:
    (row, column), area = nodule_alone(SMALL)
    x, y, z = NODULE_LPS
    larger = 1800.0 / (1800.0 - (y + 132.0))
    assert column == pytest.approx((SMALL.columns - 1) / 2 + x * larger / SMALL.pixel_mm, abs=1.0)
    assert row == pytest.approx((SMALL.rows - 1) / 2 + (MIDDLE_Z_MM - z) * larger / SMALL.pixel_mm, abs=1.0)
    # A ball's chord falls to 0.35 of its diameter at 0.937 of its radius.
    assert area == pytest.approx(np.pi * (7.0 * larger * 0.937) ** 2, rel=0.12)


def test_the_nodule_was_smaller_a_year_ago() -> None:
    assert nodule_alone(YEAR_AGO.coarser(4))[1] < 0.6 * nodule_alone(SMALL)[1]


def test_the_letter_stands_at_her_left_and_is_not_mirrored() -> None:
    film = radiograph("PA", SMALL)
    rows, columns = np.nonzero(film.pixels == 4095)
    assert columns.min() > 0.85 * SMALL.columns
    assert rows.max() < 0.15 * SMALL.rows
    middle = (columns.min() + columns.max()) / 2
    foot = rows > rows.max() - (rows.max() - rows.min()) / 3
    assert columns[~foot].max() < middle
    assert columns[foot].max() == columns.max()


def test_same_arguments_same_pixels() -> None:
    tiny = TODAY.coarser(8)
    assert np.array_equal(radiograph("LL", tiny).pixels, radiograph("LL", tiny).pixels)
