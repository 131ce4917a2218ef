"""What segments measure of PET: on a real tumour against its source and a brute-force peak, and in a document."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from tests.imaging.given import axial, given
from tests.loading.opened import imported, loaded, studies
from workstation.documents.sr import codes
from workstation.documents.sr.items import measured as item
from workstation.findings.finding import Value
from workstation.findings.hot_values import hot_values, told_as
from workstation.findings.segment_values import measured
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask


def _tumour(path: Path, grid: Grid) -> Mask:
    image = SimpleITK.ReadImage(str(path))
    inside = np.argwhere(SimpleITK.GetArrayFromImage(image) > 0)[:, ::-1]
    turned = np.asarray(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
    points = inside @ turned.T + image.GetOrigin()
    index = np.rint(points @ grid.index_from_lps[:3, :3].T + grid.index_from_lps[:3, 3]).astype(int)
    array = np.zeros(grid.size[::-1], np.bool_)
    array[tuple(index[:, ::-1].T)] = True
    assert array.sum() == len(inside)
    return Mask.of(grid, array)


def _brute_force(values: np.ndarray, mask: np.ndarray, grid: Grid) -> float:
    """The mean over points 0.6 mm apart within 6.2035 mm of each centre in turn, each of its nearest voxel."""
    steps = np.arange(-6.6, 6.61, 0.6)
    points = np.array([each for each in itertools.product(steps, repeat=3) if math.hypot(*each) <= 6.2035])
    best = -math.inf
    for k, j, i in np.argwhere(mask):
        at = np.rint(points / grid.spacing + (i, j, k)).astype(int)
        if (at >= 0).all() and (at < grid.size).all():
            best = max(best, float(values[at[:, 2], at[:, 1], at[:, 0]].mean()))
    return best


def test_a_real_tumour_measures_what_its_source_says(data_dir: Path, tmp_path: Path) -> None:
    folder = data_dir / "petctmr_sts_006"
    home = imported(tmp_path, folder / "dicom" / "STS_006" / "PET")
    voxels = next(each for study in studies(home) for each in loaded(home, study) if each.display_set.grid)
    grid = voxels.display_set.grid
    assert grid is not None
    mask = _tumour(folder / "nifti" / "STS_006" / "PET_mask.nii.gz", grid)
    told = {each.name: each for each in measured(mask, voxels)}
    assert told["Max"].value == pytest.approx(26.65, rel=5e-3)
    assert told["Mean"].value == pytest.approx(7.86, rel=5e-3)
    assert told["MTV"].value == pytest.approx(259.3, rel=5e-3)
    assert told["TLG"].value == pytest.approx(7.86 * 259.3, rel=1e-2) and told["TLG"].unit == "g"
    values = np.stack([voxels.values(k) for k in range(grid.size[2])])
    expected = _brute_force(values, mask.array() & (values > 15), grid)
    assert told["Peak"].value == pytest.approx(expected, rel=5e-3)
    assert 20 < told["Peak"].value < told["Max"].value and told["Peak"].unit == told["Max"].unit


def test_only_uptake_by_weight_has_a_lesion_glycolysis() -> None:
    grid = axial((9, 9, 9), (4.0, 3.5, 3.0))
    mask = Mask.of(grid, np.ones((9, 9, 9), np.bool_))
    for unit, there in (("SUVbw", True), ("SUVlbm(Janma)", True), ("g/ml", True), ("SUVbsa", False), ("Bq/ml", False)):
        found = {each.name: each for each in hot_values(given(np.full((9, 9, 9), 3.0), grid, unit), mask, 3.0)}
        assert found["Peak"].value == pytest.approx(3.0) and found["Peak"].unit == unit
        assert found["MTV"].value == pytest.approx(729 * 0.042) and ("TLG" in found) is there
    assert told_as("Max", "SUVbw") == "SUVmax" and told_as("Peak", "SUVlbm(Janma)") == "SULpeak"
    assert told_as("Max", "Bq/ml") == "Max" and told_as("SD", "SUVbw") == "SD"


@pytest.mark.parametrize(
    ("value", "concept", "derivation", "unit"),
    [
        (Value("Peak", 9.5, "SUVbw", "how"), "126401", "126031", "{SUVbw}g/ml"),
        (Value("Max", 12.0, "SUVbw", "how"), "126401", "56851009", "{SUVbw}g/ml"),
        (Value("MTV", 14.2, "ml", "how"), "126032", None, "ml"),
        (Value("TLG", 99.0, "g", "how"), "126033", None, "g"),
    ],
)
def test_they_have_the_codes_of_the_standard_and_are_read_again(
    value: Value, concept: str, derivation: str | None, unit: str
) -> None:
    """PS3.16 CID 7464 and 7466."""
    data = item(None, value)[0]
    assert data.ConceptNameCodeSequence[0].CodeValue == concept
    assert data.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue == unit
    coded = [
        each.ConceptCodeSequence[0].CodeValue
        for each in data.ContentSequence
        if each.ConceptNameCodeSequence[0].CodeValue == codes.DERIVATION.value
    ]
    assert coded == ([derivation] if derivation else [])
    term = codes.term_of(None, value.name, value.unit)
    assert codes.name_of(None, term.concept, term.derivation, None) == value.name
    assert codes.unit_told(codes.unit_code(value.unit)[0], False) == value.unit
