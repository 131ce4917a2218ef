"""The ultrasound phantoms: valid objects whose lengths, motion and velocities are what the formulas say."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset

from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors
from workstation.phantom import duplex as doppler
from workstation.phantom import ultrasound
from workstation.phantom.anatomy import echo_scenes
from workstation.phantom.series import PhantomStudy
from workstation.phantom.sonography import sector

STUDY = ultrasound.ultrasound_study(PhantomStudy())
SIZE = "small"
CM, SECONDS, CM_PER_SECOND = 3, 4, 7


@pytest.fixture(scope="module")
def cine() -> FileDataset:
    return ultrasound.gallbladder_cine(STUDY, SIZE)


@pytest.fixture(scope="module")
def duplex() -> FileDataset:
    return doppler.aorta_duplex(STUDY, SIZE)


def place_cm(region: Dataset, place: tuple[float, float]) -> NDArray[np.float64]:
    """(x, y) in cm of a (row, column) of the whole picture, by PS3.3 C.8.5.5.1 alone."""
    row, column = place
    x = (column - region.RegionLocationMinX0 - region.ReferencePixelX0) * region.PhysicalDeltaX
    y = (row - region.RegionLocationMinY0 - region.ReferencePixelY0) * region.PhysicalDeltaY
    return np.array([x, y])


def levels(frame: NDArray[np.uint8], ends: tuple[tuple[float, float], ...], beyond: float) -> NDArray[np.float64]:
    """Grey along the line through two places, `beyond` times its length further at either end, 400 samples."""
    first, last = (np.array(end) for end in ends)
    at = np.linspace(-beyond, 1 + beyond, 400)[:, None]
    rows, columns = np.rint(first + at * (last - first)).astype(int).T
    return frame[rows, columns].astype(float)


def test_validators_find_nothing_wrong(tmp_path: Path, tool: Tool) -> None:
    ultrasound.write_ultrasound(STUDY, tmp_path, "tiny")
    files = sorted(tmp_path.iterdir())
    assert [dciodvfy_errors(tool, file) for file in files] == [[], []]
    assert dcentvfy_errors(tool, files) == []


def test_lengths_follow_from_the_region_alone(cine: FileDataset) -> None:
    (region,) = cine.SequenceOfUltrasoundRegions
    assert (region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection) == (CM, CM)
    assert region.PhysicalDeltaX != region.PhysicalDeltaY
    for measured in (ultrasound.gallstone(SIZE, 3), ultrasound.gallbladder_width(SIZE, 5)):
        first, last = (place_cm(region, end) for end in measured.ends)
        assert 10 * np.hypot(*(last - first)) == pytest.approx(measured.length_mm, abs=1e-6)
        for row, column in measured.ends:
            assert region.RegionLocationMinX0 <= column <= region.RegionLocationMaxX1
            assert region.RegionLocationMinY0 <= row <= region.RegionLocationMaxY1


@pytest.mark.parametrize("frame", [0, 2, 6])
def test_the_gallbladder_is_as_wide_as_it_says(frame: int, cine: FileDataset) -> None:
    truth = ultrasound.gallbladder_width(SIZE, frame)
    assert truth.length_mm == pytest.approx(2 * 11.5 * np.sqrt(1 - (8 / 29) ** 2))
    profile = np.convolve(levels(cine.pixel_array[frame], truth.ends, 0.3), np.ones(9) / 9, "same")
    front, back = np.argmax(profile[200::-1] > 100), np.argmax(profile[200:] > 100)
    assert front and back
    wide_mm = (front + back) / 400 * 1.6 * truth.length_mm
    assert truth.length_mm - 2.8 < wide_mm < truth.length_mm + 0.8  # walls are drawn into the lumen by the pulse


def test_the_stone_moves_as_breathing_does_and_casts_a_shadow(cine: FileDataset) -> None:
    where, stone = sector(SIZE), echo_scenes.STONE
    frames = cine.pixel_array
    for number in range(cine.NumberOfFrames):
        x_mm, z_mm = ultrasound.breathing_mm(number, cine.NumberOfFrames)
        row, column = (round(each) for each in where.pixel(stone.x_mm + x_mm, stone.z_mm - 2.5 + z_mm))
        around = frames[number, row - 6 : row + 7, column - 12 : column + 13]
        brightest = np.argwhere(around > 0.9 * around.max()).mean(axis=0) - (6, 12)
        assert np.abs(brightest * (where.delta_y_mm, where.delta_x_mm)).max() < 2.5
        behind = stone.at(0, 22)
        row, column = (round(each) for each in where.pixel(behind[0] + x_mm + 6, behind[1] + z_mm))
        assert frames[number, row - 2 : row + 3, column - 1 : column + 2].mean() < 40


def test_speckle_is_correlated_and_nearly_rayleigh(cine: FileDataset) -> None:
    where = sector(SIZE)
    row, column = (round(each) for each in where.pixel(-28, 36))
    patch = cine.pixel_array[0, row - 12 : row + 12, column - 12 : column + 12] / 255.0
    amplitude = 10 ** ((patch - patch.mean()) * 60 / 20)
    assert 1.5 < amplitude.mean() / amplitude.std() < 4.5  # Rayleigh: 1.91; compounding raises it
    neighbours = np.corrcoef(patch[:, 1:].ravel(), patch[:, :-1].ravel())[0, 1]
    far = np.corrcoef(patch[:, 8:].ravel(), patch[:, :-8].ravel())[0, 1]
    assert neighbours > 0.4 and neighbours > far + 0.3


def test_frames_have_their_time_and_go_round(cine: FileDataset) -> None:
    assert cine.FrameIncrementPointer == 0x00181063
    assert float(cine.FrameTime) == ultrasound.FRAME_TIME_MS
    assert cine.pixel_array.shape == (8, 240, 256)
    assert ultrasound.breathing_mm(8, 8) == pytest.approx(ultrasound.breathing_mm(0, 8), abs=1e-9)
    assert ultrasound.breathing_mm(2, 8) == pytest.approx(ultrasound.BREATH_MM)


def test_the_duplex_has_two_regions_of_different_units(duplex: FileDataset) -> None:
    tissue, flow = duplex.SequenceOfUltrasoundRegions
    assert (tissue.PhysicalUnitsXDirection, tissue.PhysicalUnitsYDirection) == (CM, CM)
    assert (flow.PhysicalUnitsXDirection, flow.PhysicalUnitsYDirection) == (SECONDS, CM_PER_SECOND)
    assert tissue.RegionLocationMaxY1 < flow.RegionLocationMinY0
    assert flow.RegionLocationMaxY1 < duplex.Rows and flow.RegionLocationMaxX1 < duplex.Columns
    assert 40 < flow.DopplerCorrectionAngle < 60


def test_the_trace_shows_the_peak_velocity_and_the_beat(duplex: FileDataset) -> None:
    _, flow = duplex.SequenceOfUltrasoundRegions
    top, left = flow.RegionLocationMinY0, flow.RegionLocationMinX0
    shown = duplex.pixel_array[top : flow.RegionLocationMaxY1 + 1, left : flow.RegionLocationMaxX1 + 1, 0]
    above = shown[: flow.ReferencePixelY0 - 3]
    fastest = np.array([np.flatnonzero(column > 110).min(initial=len(above)) for column in above.T])
    peak = (fastest.min() - flow.ReferencePixelY0) * flow.PhysicalDeltaY
    assert peak == pytest.approx(doppler.PEAK_CM_S, abs=9)
    systoles = np.flatnonzero(fastest < fastest.min() + 8) * flow.PhysicalDeltaX
    starts = systoles[np.flatnonzero(np.diff(systoles, prepend=-9) > 0.3)]
    assert np.diff(starts) == pytest.approx(doppler.BEAT_S, abs=0.06)


def test_flow_is_coloured_inside_the_vessel_alone(duplex: FileDataset) -> None:
    where = sector(SIZE, 0.56)
    x, z = where.pixels
    picture = duplex.pixel_array.astype(int)
    red = (picture[..., 0] > picture[..., 2] + 80) & (x < 80)
    assert red.sum() > 200
    assert np.abs(echo_scenes.aorta_across(x, z)[red]).max() < echo_scenes.AORTA_RADIUS_MM


def test_the_same_study_is_the_same_bytes(duplex: FileDataset) -> None:
    again = doppler.aorta_duplex(STUDY, SIZE)
    assert again.SOPInstanceUID == duplex.SOPInstanceUID
    assert again.PixelData == duplex.PixelData
