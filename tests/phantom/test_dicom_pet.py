"""What a PET image says of itself is valid, and its numbers are activity at the start of the series."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors
from workstation.phantom.acquisition import CtAcquisition, MrAcquisition, PetAcquisition
from workstation.phantom.dicom import datasets, write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries, PhantomStudy

GRID = Grid((3, 4, 6), (1 / 3, -2.0, 30.0), (4.1, 3.9), 3.0)
HALF_LIFE_S = 109.77 * 60


def small(**changes: object) -> PhantomSeries:
    voxels = np.linspace(0, 5e4, 72, dtype=np.float32).reshape(GRID.shape)
    voxels[1] = 0
    scan = PetAcquisition(frame_starts_s=(300.0, 150.0, 0.0), **changes)  # type: ignore[arg-type]
    return PhantomSeries(voxels, GRID, "PT", reverse_order=True, series_time="091200", acquisition=scan)


@pytest.mark.parametrize("changes", [{}, {"CorrectedImage": ("NORM", "DECY", "RAN"), "Units": "PROPCPS"}])
def test_validators_find_nothing_wrong(changes: dict[str, object], tmp_path: Path, tool: Tool) -> None:
    paths = write_series(small(**changes), tmp_path)
    assert [dciodvfy_errors(tool, path) for path in paths] == [[], [], []]
    assert dcentvfy_errors(tool, paths) == []


def test_each_slice_has_its_own_slope_and_all_come_back(tmp_path: Path) -> None:
    series = small()
    images = [pydicom.dcmread(path) for path in write_series(series, tmp_path)]
    slopes = [float(image.RescaleSlope) for image in images]
    assert len(set(slopes)) == 3 and slopes[1] == 1.0
    for image, voxels, slope in zip(images, series.voxels[::-1], slopes, strict=True):
        assert image.pixel_array * slope == pytest.approx(voxels, abs=slope / 2 + 1e-3)


def test_times_of_a_bed_follow_from_decay() -> None:
    last, middle, first = datasets(small())
    assert [image.AcquisitionTime for image in (last, middle, first)] == ["091200", "091430", "091700"]
    decay = math.log(2) / HALF_LIFE_S
    seconds = np.linspace(300, 450, 100_001)
    mean_share = np.exp(-decay * seconds).mean()
    assert float(first.DecayFactor) == pytest.approx(1 / mean_share, rel=1e-6)
    assert float(first.FrameReferenceTime) == pytest.approx(-1000 * math.log(mean_share) / decay, rel=1e-6)


def test_weight_and_size_are_the_patients_in_every_series_of_the_study() -> None:
    study = PhantomStudy(patient_size_m=1.7, patient_weight_kg=70.5)
    ct = PhantomSeries(np.zeros(GRID.shape, np.int16), GRID, study=study)
    for series in (ct, replace(small(), study=study)):
        image = next(datasets(series))
        assert (image.PatientSize, image.PatientWeight) == (1.7, 70.5)


def test_without_the_acquisition_there_is_no_pet() -> None:
    with pytest.raises(TypeError):
        next(datasets(replace(small(), acquisition=None)))


def test_what_mr_and_ct_say_of_their_acquisition_is_written() -> None:
    scan = MrAcquisition(
        RepetitionTime=9000, EchoTime=120, InversionTime=2500, DiffusionBValue=1000, ScanOptions=("FS",)
    )
    image = next(datasets(PhantomSeries(np.zeros(GRID.shape, np.uint16), GRID, "MR", acquisition=scan)))
    assert (image.RepetitionTime, image.EchoTime, image.InversionTime) == (9000, 120, 2500)
    assert (image.DiffusionBValue, image.ScanOptions) == (1000, "FS")
    tube = CtAcquisition(KVP=100, XRayTubeCurrent=40)
    image = next(datasets(PhantomSeries(np.zeros(GRID.shape, np.int16), GRID, acquisition=tube)))
    assert (image.KVP, image.XRayTubeCurrent) == (100, 40)
