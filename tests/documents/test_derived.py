"""Reformats as derived images: stored values, places and words against what they were cut from."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from tests.loading.opened import imported, loaded, studies
from workstation.documents.derived import check, stored_as
from workstation.errors import Cancelled, Reason, Refused
from workstation.imaging.oblique import Slab, SlabMode
from workstation.imaging.reformat import Reformat, own_axes, reformat
from workstation.imaging.view import Orientation
from workstation.imaging.volume import Voxels
from workstation.phantom.acquisition import PetAcquisition
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries
from workstation.picture.reformat import written

PADDING = -2000
LAID = Grid((12, 16, 20), (-30.0, 4.0, 7.5), (0.9, 0.7), 2.5, (0.8, 0.6, 0.0, 0.0, 0.0, -1.0))


def series(modality: str, voxels: np.ndarray, **more: Any) -> PhantomSeries:
    return PhantomSeries(voxels, LAID, modality, **more)  # type: ignore[arg-type]


def ramp(dtype: type) -> np.ndarray:
    k, j, i = np.meshgrid(np.arange(12), np.arange(16), np.arange(20), indexing="ij")
    return (40 + 3 * i + 5 * j + 20 * k).astype(dtype)


def cut(
    folder: Path, made: PhantomSeries, orientation: Orientation, **how: Any
) -> tuple[Voxels, Reformat, list[pydicom.Dataset], list[pydicom.Dataset]]:
    """Voxels, the order, and the objects cut; then the source's."""
    write_series(made, folder / "in")
    home = imported(folder, folder / "in")
    (study,) = studies(home)
    (voxels,) = loaded(home, study)
    grid = voxels.display_set.grid
    assert grid is not None
    order = reformat(grid, own_axes(grid, orientation), orientation.value.title(), **how)
    from workstation.case.open import study_sets

    files = [pydicom.dcmread(BytesIO(data)) for data in written(home, study_sets(home, study)[1], voxels, order)]
    return voxels, order, files, [pydicom.dcmread(each) for each in sorted((folder / "in").iterdir())]


def own_orientation(voxels: Voxels) -> Orientation:
    """The orientation of the source's own images: that whose planes are as many as they are."""
    grid = voxels.display_set.grid
    assert grid is not None
    return max(Orientation, key=lambda each: abs(float(np.dot(own_axes(grid, each).normal, grid.axes[2]))))


def test_planes_of_the_source_come_back_as_they_are_stored(tmp_path: Path) -> None:
    values = ramp(np.int16)
    values[:, :, :3] = PADDING - 1024
    made = series("CT", values, pixel_padding_value=PADDING)
    voxels, _, files, sources = cut(tmp_path, made, Orientation.CORONAL, pixel_mm=None)
    assert own_orientation(voxels) is Orientation.CORONAL and len(files) == 12
    normal = LAID.normal
    by_place = {round(float(normal @ np.array(each.ImagePositionPatient, float)), 3): each for each in sources}
    for file in files:
        assert float(file.SliceThickness) == pytest.approx(2.5)
        source = by_place[round(float(normal @ np.array(file.ImagePositionPatient, float)), 3)]
        # Pixels are square: rows of 0.9 mm are sampled every 0.7.
        assert np.array(file.PixelSpacing, float) == pytest.approx((0.7, 0.7))
        offset = np.subtract(np.array(file.ImagePositionPatient, float), np.array(source.ImagePositionPatient, float))
        assert offset == pytest.approx((0.0, 0.0, -0.1)), "what the rows do not fill is left at both ends"
        rows = (0.1 + np.arange(file.Rows) * 0.7) / 0.9
        theirs = source.pixel_array
        low = np.minimum(rows.astype(int), 14)
        expected = theirs[low] + (rows - low)[:, None] * (theirs[low + 1].astype(float) - theirs[low])
        assert np.abs(file.pixel_array[:, 3:] - expected[:, 3:]).max() <= 0.5 + 1e-6
        assert (file.pixel_array[:, :3] == PADDING).all() and file.PixelPaddingValue == PADDING
        assert (file.RescaleSlope, file.RescaleIntercept) == (source.RescaleSlope, source.RescaleIntercept)
        assert file.WindowCenter == source.WindowCenter
        assert [each.ReferencedSOPInstanceUID for each in file.SourceImageSequence] == [source.SOPInstanceUID]


def test_names_and_references(tmp_path: Path) -> None:
    slab = Slab(5.0, SlabMode.MIP)
    _, order, files, sources = cut(tmp_path, series("CT", ramp(np.int16)), Orientation.AXIAL, slab=slab)
    source = sources[0]
    assert {each.SeriesInstanceUID for each in files} - {source.SeriesInstanceUID} and len(
        {each.SeriesInstanceUID for each in files}
    ) == 1
    assert len({each.SOPInstanceUID for each in files}) == len(files) == order.grid.size[2]
    for number, file in enumerate(files, start=1):
        for keyword in ("StudyInstanceUID", "FrameOfReferenceUID", "PatientID", "PatientName", "SOPClassUID"):
            assert file[keyword].value == source[keyword].value
        assert file.file_meta.MediaStorageSOPInstanceUID == file.SOPInstanceUID
        assert file.InstanceNumber == number
        assert list(file.ImageType) == ["DERIVED", "SECONDARY", "AXIAL", "MIP"]
        assert [each.CodeValue for each in file.DerivationCodeSequence] == ["113072", "113078"]
        assert {each.ReferencedSOPInstanceUID for each in file.SourceImageSequence} <= {
            each.SOPInstanceUID for each in sources
        }
        assert float(file.SliceThickness) == 5.0 and float(file.SpacingBetweenSlices) == 5.0
        assert "5 mm thick (MIP)" in file.DerivationDescription
        assert file.SeriesDescription == "Axial MIP 5 mm of Phantom"
        made_by = {e.PurposeOfReferenceCodeSequence[0].CodeValue for e in file.ContributingEquipmentSequence}
        assert made_by == {"109101", "109102"}
    placed = np.array([np.array(each.ImagePositionPatient, float) for each in files])
    steps = np.diff(placed, axis=0)
    assert np.linalg.norm(steps, axis=1) == pytest.approx(5.0) and np.all(steps[:, 2] < 0)


def test_pet_whose_slopes_differ_keeps_its_activity(tmp_path: Path) -> None:
    values = ramp(np.float32) * np.linspace(0.5, 40.0, 12, dtype=np.float32)[:, None, None]
    acquired = PetAcquisition(tuple(np.zeros(12)))
    voxels, _, files, _ = cut(tmp_path, series("PT", values, acquisition=acquired), Orientation.CORONAL)
    assert voxels.stored.dtype == np.float32
    slope = float(files[0].RescaleSlope)
    assert float(files[0].RescaleIntercept) == 0.0 and files[0].Units == "BQML"
    assert list(files[0].ImageType[:2]) == ["DERIVED", "PRIMARY"] and files[0].NumberOfSlices == len(files)
    largest = max(float(each.pixel_array.max()) * slope for each in files)
    assert largest == pytest.approx(float(voxels.stored.max()), rel=2e-3)
    assert [each.ImageIndex for each in files] == list(range(1, 13))


def test_mr_without_padding_marks_what_lies_outside(tmp_path: Path) -> None:
    """The axial planes of an obliquely laid volume have corners that no voxel fills."""
    write_series(series("MR", ramp(np.uint16)), tmp_path / "in")
    home = imported(tmp_path, tmp_path / "in")
    (study,) = studies(home)
    (voxels,) = loaded(home, study)
    assert voxels.display_set.grid is not None
    from workstation.case.open import study_sets
    from workstation.imaging.oblique import PATIENT

    order = reformat(voxels.display_set.grid, PATIENT.axial, "Axial", spacing_mm=2.0)
    file = pydicom.dcmread(BytesIO(next(iter(written(home, study_sets(home, study)[1], voxels, order)))))
    assert file.PixelPaddingValue == -32768 and (file.pixel_array == -32768).any()
    assert list(file.ImageType) == ["DERIVED", "SECONDARY", "MPR"] and "RescaleSlope" not in file
    shown = file.pixel_array[file.pixel_array != -32768]
    assert shown.min() >= 40 and shown.max() <= int(voxels.stored.max())


def test_refusals_and_stopping(tmp_path: Path) -> None:
    write_series(series("CT", ramp(np.int16)), tmp_path / "in")
    home = imported(tmp_path, tmp_path / "in")
    (study,) = studies(home)
    (voxels,) = loaded(home, study)
    display_set = voxels.display_set
    assert display_set.grid is not None
    order = reformat(display_set.grid, own_axes(display_set.grid, Orientation.AXIAL), "Axial")
    from workstation.case.open import study_sets

    digests = study_sets(home, study)[1]
    waiting = replace(voxels, filled=np.zeros(12, np.bool_))
    with pytest.raises(Refused) as refused:
        next(written(home, digests, waiting, order))
    assert refused.value.reason is Reason.MISSING
    with pytest.raises(Cancelled):
        next(written(home, digests, voxels, order, stopped=lambda: True))
    with pytest.raises(Refused) as refused:
        check(replace(display_set, grid=None, no_volume=Reason.UNEVEN_SPACING))
    assert refused.value.reason is Reason.UNEVEN_SPACING
    with pytest.raises(Refused) as refused:
        stored_as(replace(voxels, stored=voxels.stored.astype(np.int32)))
    assert refused.value.reason is Reason.PIXEL_FORMAT
