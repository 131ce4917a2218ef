"""Rule 6: spacing is the distance of positions along the normal; gaps and tilt are named, handled right or refused.

Incidents: cornerstone3D#227 and #998 (gaps drawn as if there were none), Slicer#4409 (tilt ignored).
"""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.loading.opened import hounsfield, imported, studies
from workstation.case.open import study_sets
from workstation.errors import Reason
from workstation.imaging.displaysets import DisplaySet
from workstation.paths import Home

NASTY = "nasty/dicom2nifti_failing"


def opened(folder: Path, tmp_path: Path) -> tuple[Home, DisplaySet]:
    home = imported(tmp_path, folder)
    (study,) = studies(home)
    (only,), _ = study_sets(home, study)
    return home, only


def test_a_gap_is_named_with_its_slices_and_refused_as_a_volume(data_dir: Path, tmp_path: Path) -> None:
    _, found = opened(data_dir / NASTY / "sliceincrement", tmp_path)
    assert found.no_volume is Reason.UNEVEN_SPACING
    assert [notice.sentence for notice in found.notices] == [
        "Slices are 5.00 mm apart except between images 3-4 (10.00 mm)."
    ]


@pytest.mark.parametrize("kind", ["sliceincrement", "gantrytilting"])
def test_statistics_are_of_the_voxels_that_lie_in_the_sphere(data_dir: Path, tmp_path: Path, kind: str) -> None:
    """Counted again from the files alone, each voxel at the place that its own header gives it."""
    home, found = opened(data_dir / NASTY / kind, tmp_path)
    grid = found.image_grid(3)
    center, radius_mm = grid.point((200, 260, 0)), 8.0
    values = []
    for path in sorted((data_dir / NASTY / kind / "001").glob("*.dcm")):
        values.append(inside(pydicom.dcmread(path), np.array(center), radius_mm))
    expected = np.concatenate(values)
    sphere = ",".join(f"{each:.6f}" for each in (*center, radius_mm))
    answer = hounsfield(home, "stats", found.series_instance_uid, f"--sphere={sphere}").document
    assert answer["count"] == expected.size > 500
    assert answer["mean"] == pytest.approx(expected.mean())


def inside(dataset: pydicom.Dataset, center: np.ndarray, radius_mm: float) -> np.ndarray:
    rows, columns = np.indices((dataset.Rows, dataset.Columns))
    down_mm, right_mm = map(float, dataset.PixelSpacing)
    across, down = np.array(dataset.ImageOrientationPatient, dtype=float).reshape(2, 3)
    place = np.array(dataset.ImagePositionPatient, dtype=float)
    points = place + columns[..., None] * right_mm * across + rows[..., None] * down_mm * down
    near = np.sum((points - center) ** 2, axis=-1) <= radius_mm**2
    return dataset.pixel_array[near] * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)


def test_a_tilt_without_its_tag_is_found_in_the_positions(data_dir: Path, tmp_path: Path) -> None:
    _, found = opened(data_dir / NASTY / "gantrytilting", tmp_path)
    assert found.grid is not None
    assert [notice.chip for notice in found.notices] == ["tilt 14.0°"]
    positions = [ref.position_lps for ref in found.images]
    assert [found.grid.point((0, 0, n)) for n in range(4)] == [pytest.approx(each) for each in positions]
