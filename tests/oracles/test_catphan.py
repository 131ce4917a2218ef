"""CatPhan 504: inserts of known CT number read within 10 HU, and its RTSTRUCT hurts nobody."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from tests.findings.made import finding
from tests.loading.opened import hounsfield, imported, loaded, studies
from workstation.findings.finding import Kind
from workstation.findings.measure import measured
from workstation.paths import Home

NOMINAL_HU = {"Air": -1000, "PMP": -200, "LDPE": -100, "Polystyrene": -35, "Acrylic": 120, "Delrin": 340, "Teflon": 990}
MEASURED_HU = {
    "Air": -997.9, "PMP": -192.7, "LDPE": -97.6, "Polystyrene": -43.2, "Acrylic": 120.4, "Delrin": 341.5,
    "Teflon": 989.9,
}  # fmt: skip
CENTERS = {
    "Air": (256.2, 188.6), "PMP": (223.2, 197.7), "LDPE": (190.4, 255.2), "Polystyrene": (223.8, 312.4),
    "Acrylic": (290.0, 312.1), "Delrin": (322.8, 254.5), "Teflon": (289.4, 197.3),
}  # fmt: skip
"""(column, row) of the ROI centres in the CTP404 module, slices 30-34 from the bottom."""
SLICES, RADIUS_MM = slice(30, 35), 4.0


@pytest.fixture(scope="module")
def archive(data_dir: Path) -> Path:
    return data_dir / "ct_phantom_catphan504" / "Low_dose_thorax.zip"


@pytest.fixture(scope="module")
def home(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return imported(tmp_path_factory.mktemp("catphan"), archive)


@pytest.fixture(scope="module")
def module(archive: Path) -> list[pydicom.Dataset]:
    """The headers of the slices through the inserts, as pydicom reads them."""
    with zipfile.ZipFile(archive) as opened:
        files = [io.BytesIO(opened.read(name)) for name in opened.namelist() if not name.endswith("/")]
    headers = [pydicom.dcmread(file, stop_before_pixels=True) for file in files]
    images = [each for each in headers if each.Modality == "CT"]
    return sorted(images, key=lambda each: each.ImagePositionPatient[2])[SLICES]


@pytest.fixture(scope="module")
def ct(home: Home) -> str:
    (study,) = hounsfield(home, "studies").document
    by_modality = {each["modality"]: each for each in study["series"]}
    assert by_modality["CT"]["images"] == 64
    assert by_modality["RTSTRUCT"]["images"] == 0
    return str(by_modality["CT"]["series_instance_uid"])


@pytest.mark.parametrize("insert", NOMINAL_HU)
def test_inserts_read_their_ct_number(insert: str, home: Home, ct: str, module: list[pydicom.Dataset]) -> None:
    """A 4 mm ball on each slice of the module, averaged as the truth was: one alone is as noisy as the scan."""
    column, row = CENTERS[insert]
    found = []
    for header in module:
        x, y, z = (float(each) for each in header.ImagePositionPatient)
        assert [float(each) for each in header.ImageOrientationPatient] == [1, 0, 0, 0, 1, 0]
        row_mm, column_mm = (float(each) for each in header.PixelSpacing)
        sphere = f"--sphere={x + column * column_mm},{y + row * row_mm},{z},{RADIUS_MM}"
        answer = hounsfield(home, "stats", ct, sphere)
        assert (answer.code, answer.document["unit"]) == (0, "HU")
        found.append(answer.document["mean"])
    assert sum(found) / len(found) == pytest.approx(NOMINAL_HU[insert], abs=10)
    assert sum(found) / len(found) == pytest.approx(MEASURED_HU[insert], abs=3)


def rod(values: NDArray[np.float64], column: float, row: float) -> tuple[float, float]:
    """(column, row) of the middle of a 3 mm rod near a place: what differs from its surroundings, by how much."""
    left, top = round(column) - 5, round(row) - 5
    part = values[top : top + 11, left : left + 11]
    away = np.abs(part - np.median(part))
    away[away < away.max() / 3] = 0
    rows, columns = np.indices(part.shape)
    return left + float((columns * away).sum() / away.sum()), top + float((rows * away).sum() / away.sum())


def test_the_square_of_four_rods_measures_50_mm(home: Home, ct: str) -> None:
    """Lengths of its sides and diagonals and its area, on the mean of the slices that hold the rods."""
    (study,) = studies(home)
    (voxels,) = [each for each in loaded(home, study) if each.display_set.series_instance_uid == ct]
    heights = np.argsort([each.position_lps[2] for each in voxels.display_set.images])
    chosen = [int(each) for each in heights[SLICES]]
    mean = np.mean([voxels.values(image) for image in chosen], axis=0)
    grid = voxels.display_set.image_grid(chosen[2])
    reach = 25 / 0.87890625
    places = [rod(mean, 256.4 + x * reach, 255.2 + y * reach) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    points = [grid.point((column, row, 0.0)) for column, row in places]

    def length(one: int, other: int) -> float:
        return measured(finding(Kind.LENGTH, [points[one], points[other]]), None)[0].value

    for corner in range(4):
        assert length(corner, (corner + 1) % 4) == pytest.approx(50.0, abs=0.5)
    for corner in range(2):
        assert length(corner, corner + 2) == pytest.approx(50.0 * 2**0.5, abs=0.7)
    area = measured(finding(Kind.FREEHAND, points), None)[0]
    assert (area.value, area.unit) == (pytest.approx(2500.0, rel=0.02), "mm²")


def test_a_structure_set_has_no_voxels_to_measure(home: Home, ct: str) -> None:
    (study,) = hounsfield(home, "studies").document
    structures = next(each for each in study["series"] if each["modality"] == "RTSTRUCT")
    answer = hounsfield(home, "stats", structures["series_instance_uid"], "--sphere=0,0,0,5")
    assert answer.code == 1
    assert answer.document["reason"] == "NOT_AN_IMAGE"


@pytest.mark.usefixtures("qapp")
def test_the_study_with_a_structure_set_is_drawn(home: Home, ct: str, tmp_path: Path) -> None:
    (study,) = hounsfield(home, "studies").document
    answer = hounsfield(
        home,
        "snapshot",
        study["study_instance_uid"],
        "--protocol",
        "images",
        "--size",
        "400x300",
        "--out",
        tmp_path / "a.png",
    )
    assert answer.code == 0
    assert [tile["series_instance_uid"] for tile in answer.document["tiles"]] == [ct]
