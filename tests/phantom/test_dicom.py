"""What is written is valid, says where it lies, and is the same bytes every time."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
import pydicom
import pytest
from pydicom.uid import UID, JPEGLosslessSV1

from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors
from workstation.phantom.dicom import TRANSFER_SYNTAXES, datasets, encoded, write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import LUNG, MEDIASTINUM, PhantomSeries, PhantomStudy

GRID = Grid((3, 4, 6), (1 / 3, -2.0, 30.0), (0.7, 0.9), 2.5)


def small(modality: Literal["CT", "MR"]) -> PhantomSeries:
    voxels = np.arange(72).reshape(GRID.shape)
    if modality == "MR":
        return PhantomSeries(voxels.astype(np.uint16), GRID, "MR")
    return PhantomSeries(
        (voxels * 8 - 500).astype(np.int16),
        GRID,
        pixel_padding_value=-2000,
        windows=(MEDIASTINUM, LUNG),
        rescale_slope=2.0,
        contrast_agent="Iohexol",
        gantry_detector_tilt_deg=12.5,
    )


@pytest.mark.parametrize("syntax", TRANSFER_SYNTAXES, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_validators_find_nothing_wrong(modality: Literal["CT", "MR"], syntax: UID, tmp_path: Path, tool: Tool) -> None:
    paths = write_series(small(modality), tmp_path, syntax)
    assert [dciodvfy_errors(tool, path) for path in paths] == [[], [], []]
    assert dcentvfy_errors(tool, paths) == []


@pytest.mark.parametrize("syntax", TRANSFER_SYNTAXES, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_voxels_come_back_through_pydicom(modality: Literal["CT", "MR"], syntax: UID) -> None:
    series = small(modality)
    for content, voxels in zip(encoded(series, syntax), series.voxels, strict=True):
        dataset = pydicom.dcmread(BytesIO(content))
        slope, intercept = dataset.get("RescaleSlope", 1), dataset.get("RescaleIntercept", 0)
        assert dataset.file_meta.TransferSyntaxUID == syntax
        assert np.array_equal(dataset.pixel_array * slope + intercept, voxels)


def test_same_seed_same_bytes_other_seed_other_uids() -> None:
    series = small("CT")
    assert list(encoded(series)) == list(encoded(small("CT")))
    other = replace(series, study=replace(series.study, seed=1))
    uids = {uid for s in (series, other) for d in datasets(s) for uid in (d.StudyInstanceUID, d.SOPInstanceUID)}
    assert len(uids) == 2 + 6


def test_any_difference_makes_another_series_of_the_same_study() -> None:
    series = small("CT")
    voxels = series.voxels.copy()
    voxels[1, 2, 3] += 2
    others = [
        replace(series, voxels=voxels),
        replace(series, grid=replace(GRID, origin_lps=(0.0, 0.0, 0.0))),
        replace(series, reverse_order=True),
    ]
    assert len({s.series_instance_uid for s in (series, *others)}) == 4
    assert len({s.study.study_instance_uid for s in (series, *others)}) == 1


def test_asking_for_a_uid_early_does_not_change_it() -> None:
    series = small("CT")
    assert [series.series_instance_uid, series.series_instance_uid][1] == small("CT").series_instance_uid


def test_positions_follow_the_step_and_the_offsets() -> None:
    tilted = replace(GRID, slice_step_lps=(0.0, 0.6, 0.8), slice_offsets_mm=(0.0, 2.5, 10.0))
    series = replace(small("CT"), grid=tilted)
    positions = [np.array(d.ImagePositionPatient, float) for d in datasets(series)]
    assert positions[2] - positions[0] == pytest.approx([0.0, 6.0, 8.0])
    assert positions[1] - positions[0] == pytest.approx([0.0, 1.5, 2.0])


def test_decimal_strings_fit_sixteen_characters() -> None:
    series = replace(small("CT"), grid=replace(GRID, origin_lps=(-1234.56789012345, 1 / 3, -1e-7)))
    for dataset in datasets(series):
        assert all(len(str(value)) <= 16 for value in dataset.ImagePositionPatient)
        assert float(dataset.ImagePositionPatient[0]) == pytest.approx(-1234.56789012345, abs=1e-6)


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit 16 bits"):
        list(encoded(replace(small("CT"), rescale_slope=0.01)))
    with pytest.raises(ValueError, match="uncompressed"):
        list(datasets(small("CT"), JPEGLosslessSV1))
    with pytest.raises(ValueError, match="uint16"):
        replace(small("MR"), voxels=np.zeros(GRID.shape, np.int16))
    with pytest.raises(ValueError, match="on a grid"):
        replace(small("CT"), voxels=np.zeros((1, 4, 6), np.int16))


def test_two_patients_of_one_seed_have_two_studies() -> None:
    assert PhantomStudy(patient_id="A").study_instance_uid != PhantomStudy(patient_id="B").study_instance_uid


@pytest.mark.parametrize("reverse", [False, True])
def test_images_that_share_their_header_are_the_same_bytes_as_each_written_alone(reverse: bool) -> None:
    series = replace(small("CT"), reverse_order=reverse)
    alone = []
    for dataset in datasets(series):
        buffer = BytesIO()
        pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
        alone.append(buffer.getvalue())
    assert list(encoded(series)) == alone
