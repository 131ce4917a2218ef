"""Curves over time: a tracer that decays as an exponential, written as dynamic PET and read again; a beat in phases."""

import csv
import io
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from tests.findings.made import finding
from tests.loading.opened import imported, loaded, studies
from workstation.dicom.entities import Frame, Instance, Patient, PixelFormat
from workstation.findings.activity import activity, activity_of_images, csv_of, frames_of, is_dynamic
from workstation.findings.finding import Kind, Source
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import display_sets
from workstation.imaging.greyscale import Rescale
from workstation.imaging.images import ImageRef
from workstation.imaging.masks import Mask
from workstation.imaging.time_axis import Along, is_gated, time_axis
from workstation.imaging.volume import Voxels
from workstation.phantom.acquisition import PetAcquisition
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import AXIAL, Grid
from workstation.phantom.series import PhantomSeries

SHAPE = (4, 12, 14)
GRID = Grid(SHAPE, (-30.0, 12.0, 50.0), (3.1, 2.7), 4.0, AXIAL)
LENGTHS_S = (10, 10, 20, 40, 60, 120)
STARTS_S = (0, 10, 20, 40, 80, 140)
PER_S, AT_FIRST = math.log(2) / 110.0, 9000.0
INSIDE = np.s_[1:3, 4:9, 3:8]


def expected(start: float, length: float) -> float:
    """The mean of the exponential over a frame."""
    return AT_FIRST * math.exp(-PER_S * start) * (1 - math.exp(-PER_S * length)) / (PER_S * length)


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> tuple[Voxels, ...]:
    """Six frames in one series, not corrected for decay, each of its own length."""
    folder = tmp_path_factory.mktemp("dynamic")
    for number, (start, length) in enumerate(zip(STARTS_S, LENGTHS_S, strict=True), start=1):
        values = np.full(SHAPE, 100.0, np.float32)
        values[INSIDE] = expected(start, length)
        scan = PetAcquisition((float(start),) * SHAPE[0], float(length))
        write_series(
            PhantomSeries(values, GRID, modality="PT", series_number=number, acquisition=scan), folder / f"{number}"
        )
    files = sorted(folder.rglob("*.dcm"))
    one = dcmread(files[0], stop_before_pixels=True).SeriesInstanceUID
    for file in files:
        data = dcmread(file)
        data.SeriesInstanceUID, data.SeriesNumber = one, 1
        data.SeriesType, data.DecayCorrection = ["DYNAMIC", "IMAGE"], "NONE"
        data.CorrectedImage = [each for each in data.CorrectedImage if each != "DECY"]
        data.save_as(file)
    home = imported(folder, folder)
    found = loaded(home, *studies(home))
    assert len(found) == len(STARTS_S), [each.display_set.notices for each in found]
    return tuple(sorted(found, key=lambda each: each.display_set.group.index if each.display_set.group else -1))


def region(frames: tuple[Voxels, ...]) -> Segment:
    first = frames[2].display_set
    assert first.grid is not None
    stored = frames[2].values(0), frames[2].values(1)
    assert stored[0].max() != stored[1].max(), "the region is in the middle images"
    array = np.zeros(SHAPE, np.bool_)
    array[INSIDE] = True
    frame = first.first.FrameOfReferenceUID
    return Segment("2.25.1", 1, Mask.of(first.grid, array), "1", first.series_instance_uid, frame)


def test_the_frames_of_a_dynamic_series_are_one_group(frames: tuple[Voxels, ...]) -> None:
    sets = [each.display_set for each in frames]
    assert frames_of(reversed(sets), sets[3]) == tuple(sets) and is_dynamic(sets)
    assert not is_dynamic(sets[:1])


def test_a_curve_is_the_exponential_it_was_made_of(frames: tuple[Voxels, ...]) -> None:
    found = activity(frames, region(frames), "tumour")
    assert found is not None and found.axis.along is Along.TIME and found.unit == "Bq/ml"
    assert [each.frame.start for each in found.points] == pytest.approx(STARTS_S)
    assert [each.frame.length for each in found.points] == pytest.approx(LENGTHS_S)
    assert [each.frame.middle for each in found.points] == pytest.approx([5, 15, 30, 60, 110, 200])
    truth = [expected(start, length) for start, length in zip(STARTS_S, LENGTHS_S, strict=True)]
    assert found.means == pytest.approx(truth, rel=1e-4)
    assert all(each.told.count == 50 and each.told.sd < 1 for each in found.points)
    assert found.decay == "not corrected for decay"
    halved = np.polyfit([each.frame.middle for each in found.points], np.log(found.means), 1)
    assert math.log(2) / -halved[0] == pytest.approx(110.0, rel=0.02)


def test_a_drawn_region_and_a_probe_have_curves_too(frames: tuple[Voxels, ...]) -> None:
    grid = frames[0].display_set.grid
    assert grid is not None
    frame, series = frames[0].display_set.first.FrameOfReferenceUID, frames[0].display_set.series_instance_uid
    corners = [grid.point(each) for each in ((3, 4, 1), (7, 4, 1), (7, 8, 1), (3, 8, 1))]
    for kind, points, count in ((Kind.RECTANGLE, corners, 25), (Kind.PROBE, corners[:1], 1)):
        drawn = finding(kind, points, frame_of_reference_uid=frame, series_instance_uid=series)
        found = activity(frames, drawn, "drawn")
        assert found is not None and {each.told.count for each in found.points} == {count}
        assert found.means == pytest.approx(
            [expected(*each) for each in zip(STARTS_S, LENGTHS_S, strict=True)], rel=1e-4
        )


def test_the_csv_holds_a_line_for_each_frame(frames: tuple[Voxels, ...]) -> None:
    found = activity(frames, region(frames), "=tumour")
    assert found is not None
    lines = list(csv.reader(io.StringIO(csv_of([found]))))
    assert ["values", "not corrected for decay"] in lines
    head = next(n for n, line in enumerate(lines) if line[:1] == ["region"])
    assert lines[head][1:5] == ["start [s]", "length [s]", "middle [s]", "mean [Bq/ml]"]
    rows = lines[head + 1 :]
    assert [float(each[3]) for each in rows] == [5, 15, 30, 60, 110, 200] and rows[0][0] == "tumour"
    assert [float(each[4]) for each in rows] == pytest.approx(list(found.means), rel=1e-5)


def test_a_planar_study_has_a_curve_over_its_images() -> None:
    """Frames of one object without a place in the patient, one a second; the region is drawn on the third."""
    shape = (6, 10, 12)
    pixels = PixelFormat(10, 12, 1, "MONOCHROME2", 0, 16, 16, 15, 0, 6, "PixelData")
    instance = replace(BLANK, Modality="NM", pixels=pixels, frames=(Frame(),), FrameTime=1000.0)
    (display_set,) = display_sets([instance])
    values = np.arange(6, dtype=np.uint16)[:, None, None] * 10 + np.zeros(shape, np.uint16)
    values[:, 0, 0] = 999
    filled = np.ones(6, np.bool_)
    voxels = Voxels(display_set, values, filled, Rescale(1.0, 0.0), (999.0, 999.0), "counts")
    drawn = finding(Kind.RECTANGLE, [(0, 0), (4, 0), (4, 5), (0, 5)], image="1.1", sources=(Source("1.1", 2),))
    assert is_dynamic([display_set])
    found = activity_of_images(voxels, drawn, "kidney")
    assert found is not None and found.means == pytest.approx([0, 10, 20, 30, 40, 50])
    assert [each.frame.start for each in found.points] == [0, 1, 2, 3, 4, 5] and found.axis.along is Along.TIME
    assert {each.told.count for each in found.points} == {29}, "padding is not counted"


BLANK = Instance("1.1", "1.2", "", "1", "1.3", Patient(), None, ())


def _images(**columns: list[object]) -> list[ImageRef]:
    names, rows = columns.keys(), zip(*columns.values(), strict=True)
    frames = [Frame(**dict(zip(names, row, strict=True))) for row in rows]
    return [ImageRef(replace(BLANK, SOPInstanceUID=f"1.{n}", frames=(each,))) for n, each in enumerate(frames)]


def test_gated_frames_are_shares_of_a_beat() -> None:
    found = time_axis(_images(TriggerTime=[0.0, 100.0, 400.0], NominalInterval=[800.0] * 3))
    assert found.along is Along.PHASE
    assert [(each.start, each.length) for each in found.frames] == [(0.0, 12.5), (12.5, 37.5), (50.0, 50.0)]
    told = _images(NominalPercentageOfCardiacPhase=[40.0, 75.0])
    assert [each.start for each in time_axis(told).frames] == [40.0, 75.0] and is_gated(told)
    slots = _images(increments=[(("TimeSlotVector", each),) for each in range(1, 9)])
    assert [each.start for each in time_axis(slots).frames] == [12.5 * each for each in range(8)]


def test_what_tells_no_times_is_counted() -> None:
    found = time_axis(_images(EchoTime=[1.0, 2.0]))
    assert found.along is Along.NUMBER and [each.start for each in found.frames] == [1.0, 2.0]
    beyond = _images(TriggerTime=[0.0, 900.0], NominalInterval=[800.0, 800.0])
    assert not is_gated(beyond) and time_axis(beyond).along is Along.TIME


def test_written_files_hold_no_name(frames: tuple[Voxels, ...], tmp_path: Path) -> None:
    found = activity(frames, region(frames), "tumour")
    assert found is not None and "Demo" not in csv_of([found])
