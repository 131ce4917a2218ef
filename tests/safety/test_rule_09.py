"""Rule 9: SUV only where all it follows from is present and sane, else Bq/ml with the missing tag; statistics read
stored voxels, not resampled ones: the hottest voxel is the maximum in every plane.

Incident: horos#653 (DecayCorrection ADMIN corrected twice: 2.1 times too much).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.findings.made import finding
from tests.imaging.suv_cases import GE_SLICES_FACTOR
from tests.loading.opened import imported, loaded, studies
from workstation.findings.finding import Finding, Kind
from workstation.findings.regions import region_statistics
from workstation.imaging.suv_values import Refusal
from workstation.imaging.volume import Voxels
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import AXIAL, Grid
from workstation.phantom.series import PhantomSeries
from workstation.picture.uptake import uptake_notices

SHAPE = (12, 30, 40)
GRID = Grid(SHAPE, (-20.0, -15.0, 5.0), (0.9, 0.7), 2.5, AXIAL)
HOT, VALUE, AROUND = (6, 14, 19), 2777, 10


@pytest.fixture(scope="module")
def hot(tmp_path_factory: pytest.TempPathFactory) -> Voxels:
    values = np.full(SHAPE, AROUND, np.int16)
    values[HOT] = VALUE
    folder = tmp_path_factory.mktemp("hot")
    write_series(PhantomSeries(values, GRID), folder / "in")
    home = imported(folder, folder / "in")
    (voxels,) = loaded(home, *studies(home))
    return voxels


def around(axes: tuple[int, int], off_mm: float) -> Finding:
    """A square about the hot voxel in the plane of two patient axes, `off_mm` beside its centre."""
    middle = GRID.points_lps(HOT[0])[HOT[1], HOT[2]].astype(float)
    middle[({0, 1, 2} - set(axes)).pop()] += off_mm
    corners = []
    for right, down in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        corner = middle.copy()
        corner[axes[0]] += 4.3 * right
        corner[axes[1]] += 4.3 * down
        corners.append(tuple(corner))
    return finding(Kind.RECTANGLE, corners)


@pytest.mark.parametrize("off_mm", [-0.3, 0.0, 0.3])
@pytest.mark.parametrize("axes", [(0, 1), (0, 2), (1, 2)])
def test_the_maximum_is_the_stored_one_in_every_plane(axes: tuple[int, int], off_mm: float, hot: Voxels) -> None:
    found = region_statistics(hot, around(axes, off_mm))
    assert found is not None
    assert (found.max, found.min) == (VALUE, AROUND)
    assert found.mean == pytest.approx((VALUE + AROUND * (found.count - 1)) / found.count)


# ------------------------------------------------------------------ SUV


def tracer(dataset: Dataset) -> Dataset:
    item: Dataset = dataset.RadiopharmaceuticalInformationSequence[0]
    return item


def with_changed(data_dir: Path, folder: Path, change: Callable[[Dataset], Any]) -> tuple[Voxels, float]:
    """Two slices of a PET, changed, through the whole chain; and the largest stored activity."""
    (folder / "in").mkdir()
    largest = 0.0
    for file in sorted((data_dir / "pet_suv" / "ge_discovery_st_bqml").glob("PT_*.dcm"))[:2]:
        dataset = pydicom.dcmread(file)
        change(dataset)
        largest = max(largest, float(dataset.pixel_array.max()) * float(dataset.RescaleSlope))
        dataset.save_as(folder / "in" / file.name)
    home = imported(folder, folder / "in")
    (voxels,) = loaded(home, *studies(home))
    return voxels, largest


def largest_of(voxels: Voxels) -> float:
    return float(max(np.nanmax(voxels.values(image)) for image in range(len(voxels.filled))))


RIGHT: dict[str, tuple[Callable[[Dataset], Any], float]] = {
    "as it came": (lambda dataset: None, GE_SLICES_FACTOR),
    "given in MBq": (lambda dataset: setattr(tracer(dataset), "RadionuclideTotalDose", "606.671936"), GE_SLICES_FACTOR),
    "ADMIN is not corrected twice": (lambda dataset: setattr(dataset, "DecayCorrection", "ADMIN"), 85e3 / 606_671_936),
    "GML is SUV already": (lambda dataset: setattr(dataset, "Units", "GML"), 1.0),
}


@pytest.mark.parametrize("name", RIGHT)
def test_values_are_suv_by_their_rules(name: str, data_dir: Path, tmp_path: Path) -> None:
    change, factor = RIGHT[name]
    voxels, largest = with_changed(data_dir, tmp_path, change)
    assert voxels.unit == "SUVbw"
    assert largest_of(voxels) == pytest.approx(largest * factor, rel=1e-6)


REFUSED: dict[str, Callable[[Dataset], Any]] = {
    "CorrectedImage": lambda dataset: setattr(dataset, "CorrectedImage", ["NORM", "DECY"]),
    "Units": lambda dataset: setattr(dataset, "Units", "CPS"),
    "DecayCorrection": lambda dataset: delattr(dataset, "DecayCorrection"),
    "RadionuclideTotalDose": lambda dataset: setattr(tracer(dataset), "RadionuclideTotalDose", "0"),
    "PatientWeight": lambda dataset: setattr(dataset, "PatientWeight", None),
}


@pytest.mark.parametrize("keyword", REFUSED)
def test_without_what_it_follows_from_there_is_no_suv_and_the_tag_is_named(
    keyword: str, data_dir: Path, tmp_path: Path
) -> None:
    voxels, largest = with_changed(data_dir, tmp_path, REFUSED[keyword])
    assert isinstance(voxels.suv, Refusal)
    assert not voxels.unit.startswith("SUV")
    assert largest_of(voxels) == pytest.approx(largest, rel=1e-6)
    chip, sentence = uptake_notices(voxels)[0]
    assert chip == ("no SUV: not attenuation corrected" if keyword == "CorrectedImage" else f"no SUV: {keyword}")
    assert keyword in sentence or keyword == "RadionuclideTotalDose"
