"""The demo brain: what its truth says is in its images, and the images are MR as others understand it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors, gdcm_volume, value_at
from workstation.phantom.acquisition import MrAcquisition
from workstation.phantom.brain import INFARCT, MR_STUDIES, RING, brain_mr
from workstation.phantom.dicom import datasets, write_series
from workstation.phantom.grid import Vector
from workstation.phantom.series import PhantomSeries


@pytest.fixture(scope="module")
def brain() -> dict[str, PhantomSeries]:
    return {series.series_description: series for series in brain_mr("small")}


def scan_of(series: PhantomSeries) -> MrAcquisition:
    assert isinstance(series.acquisition, MrAcquisition)
    return series.acquisition


def around(series: PhantomSeries, point_lps: Vector, radius_mm: float) -> NDArray[np.float64]:
    """Voxels within a radius of a point in the plane, of the slices within half a slice spacing (4 mm at least)."""
    grid, found = series.grid, []
    for k in range(grid.shape[0]):
        away = grid.points_lps(k) - np.array(point_lps)
        across = np.abs(away @ grid.normal)
        if across.flat[0] <= max(4.0, grid.slice_spacing_mm / 2):
            found.append(series.voxels[k][np.linalg.norm(away, axis=-1) <= np.hypot(radius_mm, across.flat[0])])
    return np.concatenate(found).astype(np.float64)


def test_seven_series_of_one_study_and_one_frame_of_reference(brain: dict[str, PhantomSeries]) -> None:
    assert len(brain) == 7
    assert {series.study.study_instance_uid for series in brain.values()} == {MR_STUDIES[0].study.study_instance_uid}
    assert len({series.frame_of_reference_uid for series in brain.values()}) == 1
    assert len({series.series_instance_uid for series in brain.values()}) == 7


def test_the_infarct_has_its_diffusion(brain: dict[str, PhantomSeries]) -> None:
    adc = around(brain["ADC ax"], INFARCT.center_lps, INFARCT.radius_mm)
    assert len(adc) > 8
    assert adc.mean() == pytest.approx(INFARCT.adc, rel=0.08)
    x, y, z = INFARCT.center_lps
    bright = around(brain["DWI b1000 TRACE ax"], (x, y, z), INFARCT.radius_mm).mean()
    assert bright > 1.5 * around(brain["DWI b1000 TRACE ax"], (-x, y, z), INFARCT.radius_mm).mean()
    assert x > 0


def test_the_map_is_the_quotient_of_the_diffusion_series(brain: dict[str, PhantomSeries]) -> None:
    low, high, adc = (brain[name] for name in ("DWI b0 ax", "DWI b1000 TRACE ax", "ADC ax"))
    assert low.grid == high.grid == adc.grid
    b = scan_of(high).DiffusionBValue
    assert b == 1000 and scan_of(low).DiffusionBValue == 0
    seen = (adc.voxels > 0) & (high.voxels > 150)
    expected = np.log(low.voxels[seen] / high.voxels[seen]) / b * 1e6
    assert seen.sum() > 1000
    # Stored values are whole numbers: half of one in 150 is 3 in 1e6 / b of these units.
    assert np.abs(adc.voxels[seen] - expected).max() < 6


def test_only_the_rim_of_the_ring_takes_up_contrast(brain: dict[str, PhantomSeries]) -> None:
    x, y, z = RING.center_lps
    enhanced = brain["T1 MPRAGE sag 3D +C"]
    middle = around(enhanced, (x, y, z), 3.0).mean()
    rim = around(enhanced, (x, y, z + RING.radius_mm - RING.rim_mm / 2), 1.6).max()
    plain = brain["T1 SE ax"]
    assert rim > 2 * middle
    assert around(plain, (x, y, z), 3.0).mean() < around(plain, (-x, y, z), 3.0).mean()


def test_fluid_is_bright_on_t2_and_dark_on_t1_and_flair(brain: dict[str, PhantomSeries]) -> None:
    ventricle, white = (-6.0, -10.0, 14.0), (-26.0, -6.0, 36.0)
    for name, brighter in (("T2 TSE ax", True), ("T1 SE ax", False), ("FLAIR ax", False)):
        fluid, matter = (float(np.median(around(brain[name], point, 2.5))) for point in (ventricle, white))
        assert (fluid > matter) is brighter, name


def test_noise_is_rician_where_there_is_no_head(brain: dict[str, PhantomSeries]) -> None:
    corner = brain["T2 TSE ax"].voxels[:, :25, :25].astype(np.float64)
    # Rayleigh: mean / deviation = sqrt(pi / (4 - pi)).
    assert corner.mean() / corner.std() == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), rel=0.05)


def test_validators_and_another_reader_agree(brain: dict[str, PhantomSeries], tmp_path: Path, tool: Tool) -> None:
    everything = []
    for number, series in enumerate(brain.values()):
        paths = write_series(series, tmp_path / str(number))
        assert [error for path in paths[::11] for error in dciodvfy_errors(tool, path)] == []
        everything += paths[::11]
    assert dcentvfy_errors(tool, everything) == []
    adc = gdcm_volume(tmp_path / "5")
    assert value_at(adc, INFARCT.center_lps) == pytest.approx(INFARCT.adc, rel=0.25)


def test_headers_say_how_each_was_acquired(brain: dict[str, PhantomSeries]) -> None:
    first = {name: next(datasets(series)) for name, series in brain.items()}
    assert first["FLAIR ax"].InversionTime == 2500
    assert "InversionTime" not in first["T2 TSE ax"]
    assert list(first["ADC ax"].ImageType) == ["DERIVED", "PRIMARY", "DIFFUSION", "ADC"]
    assert [name for name, image in first.items() if "ContrastBolusAgent" in image] == ["T1 MPRAGE sag 3D +C"]
    assert list(first["T1 MPRAGE sag 3D +C"].ImageOrientationPatient) == [0, 1, 0, 0, 0, -1]


def test_same_seed_same_voxels() -> None:
    once, again = (next(brain_mr("tiny")).voxels for _ in range(2))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, next(brain_mr("tiny", seed=1)).voxels)
