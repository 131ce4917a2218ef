"""Frames of multi-frame objects: functional groups as pydicom reads them, other ways to say it, and limits."""

import json
import struct
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.cache.made import part10
from workstation.dicom import frames, header
from workstation.dicom.entities import Instance

UIDS: dict[str, object] = {
    "SOPInstanceUID": "1.2.3",
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.4.1",
    "StudyInstanceUID": "1.2.4",
    "SeriesInstanceUID": "1.2.5",
}
IMAGE: dict[str, object] = {"Rows": 3, "Columns": 2, "BitsAllocated": 16, "SamplesPerPixel": 1}

GROUPED = (
    "enhanced_multiframe/MOVEKNEE.dcm",
    "enhanced_multiframe/eCT_Supplemental.dcm",
    "enhanced_multiframe/legacy_converted_ct_24x38x3/multiframe/mf.dcm",
    "enhanced_multiframe/legacy_converted_ct_24x38x3/seg/label.seg",
    "derived_objects/dcmqi/liver.dcm",
    "derived_objects/dcmqi/partial_overlaps.dcm",
    "derived_objects/highdicom/seg_image_ct_true_fractional.dcm",
    "derived_objects/parametric_map/parametric_map_float.dcm",
)


def item(**attributes: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def read(**attributes: object) -> Instance:
    """The header of an object with these attributes, through JSON."""
    instance = header.read_instance(part10({**UIDS, **IMAGE, "PixelData": b"", **attributes}))
    assert header.from_json(json.loads(json.dumps(header.to_json(instance)))) == instance
    return instance


def grouped(count: int, declared: int | None = None) -> Instance:
    """An enhanced object whose frames lie 2.5 mm apart."""
    return read(
        NumberOfFrames=declared or count,
        SharedFunctionalGroupsSequence=[
            item(
                PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
                PixelMeasuresSequence=[item(PixelSpacing=[0.7, 0.5], SliceThickness=2)],
                PixelValueTransformationSequence=[item(RescaleSlope=2, RescaleIntercept=-5, RescaleType="US")],
            )
        ],
        PerFrameFunctionalGroupsSequence=[
            item(
                PlanePositionSequence=[item(ImagePositionPatient=[1, 2, 2.5 * n])],
                FrameContentSequence=[item(StackID="A", InStackPositionNumber=n + 1, TemporalPositionIndex=3)],
                FrameVOILUTSequence=[item(WindowCenter=[40 + n, 50], WindowWidth=[400, 1500])],
                MREchoSequence=[item(EffectiveEchoTime=4.6)],
                MRDiffusionSequence=[
                    item(
                        DiffusionBValue=800.0,
                        DiffusionGradientDirectionSequence=[item(DiffusionGradientOrientation=[0.0, 0.6, 0.8])],
                    )
                ],
            )
            for n in range(count)
        ],
    )


@pytest.mark.parametrize("name", GROUPED)
def test_functional_groups_are_read_as_pydicom_reads_them(data_dir: Path, name: str) -> None:
    path = data_dir / name
    dataset = pydicom.dcmread(path)
    instance = header.read_instance(path.read_bytes())
    assert len(instance.frames) == dataset.NumberOfFrames == instance.images
    shared = dataset.SharedFunctionalGroupsSequence[0]
    for frame, own in zip(instance.frames, dataset.PerFrameFunctionalGroupsSequence, strict=True):
        position = _said("PlanePositionSequence", "ImagePositionPatient", own, shared)
        orientation = _said("PlaneOrientationSequence", "ImageOrientationPatient", own, shared)
        spacing = _said("PixelMeasuresSequence", "PixelSpacing", own, shared)
        assert frame.ImagePositionPatient == tuple(map(float, position))
        assert frame.ImageOrientationPatient == tuple(map(float, orientation))
        assert frame.PixelSpacing == tuple(map(float, spacing))
        assert frame.RescaleSlope == _said("PixelValueTransformationSequence", "RescaleSlope", own, shared)
        center = _said("FrameVOILUTSequence", "WindowCenter", own, shared)
        assert [window.center for window in frame.windows] == ([] if center is None else [float(center)])
        assert frame.TemporalPositionIndex == _said("FrameContentSequence", "TemporalPositionIndex", own, shared)
        segment = _said("SegmentIdentificationSequence", "ReferencedSegmentNumber", own, shared)
        assert frame.ReferencedSegmentNumber == segment


def _said(group: str, keyword: str, *places: Dataset) -> Any:
    for place in places:
        if place.get(group):
            return place[group].value[0].get(keyword)
    return None


def test_shared_and_per_frame_groups_come_together() -> None:
    first, second, third = grouped(3).frames
    assert [frame.ImagePositionPatient for frame in (first, second, third)] == [(1, 2, 0), (1, 2, 2.5), (1, 2, 5)]
    assert (third.PixelSpacing, third.RescaleSlope, third.RescaleIntercept) == ((0.7, 0.5), 2.0, -5.0)
    assert [window.center for window in second.windows] == [41.0, 50.0]
    assert (second.StackID, second.InStackPositionNumber, second.TemporalPositionIndex) == ("A", 2, 3)
    assert (second.EchoTime, second.DiffusionBValue) == (4.6, 800.0)
    assert second.DiffusionGradientOrientation == (0.0, 0.6, 0.8)


def test_frames_that_are_not_described_have_no_position_and_are_named() -> None:
    from workstation.imaging.images import ImageRef

    instance = grouped(3, declared=5)
    assert (len(instance.frames), instance.images) == (3, 5)
    assert [ImageRef(instance, n).in_patient for n in range(5)] == [True, True, True, False, False]
    assert "only 3 of its 5 images are described" in instance.odd


def test_a_header_of_a_hundred_thousand_frames_is_capped_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MOST_FRAMES", 10)
    instance = grouped(40, declared=100_000)
    assert len(instance.frames) == 10
    assert "only 10 of its 100000 images are described" in instance.odd


def test_the_position_of_the_whole_header_is_that_of_no_frame() -> None:
    from workstation.imaging.images import ImageRef

    instance = read(NumberOfFrames=4, ImagePositionPatient=[1, 2, 3], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    assert len(instance.frames) == 1
    assert not any(ImageRef(instance, n).in_patient for n in range(4))


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("ImagePositionPatient", [0, 0, "1e300"]),
        ("PixelSpacing", [0, "0.5"]),
        ("PixelSpacing", ["-0.7", "0.5"]),
        ("ImagerPixelSpacing", ["0.1", "1e9"]),
        ("SliceThickness", "-3"),
    ],
)
def test_lengths_that_cannot_be_are_left_out_and_named(keyword: str, value: object) -> None:
    instance = read(**{keyword: value})
    assert getattr(instance.frames[0], keyword) is None
    assert instance.odd == ("a position or pixel spacing is no length there can be, and was left out",)


def test_json_of_many_frames_holds_what_differs() -> None:
    few, many = (len(json.dumps(header.to_json(grouped(count)))) for count in (2, 202))
    assert many - few < 200 * 140


@pytest.mark.parametrize(
    ("orientation", "offsets", "expected"),
    [
        ([1, 0, 0, 0, 1, 0], [0, 3, 7], [(1, 2, 3), (1, 2, 6), (1, 2, 10)]),
        ([1, 0, 0, 0, -1, 0], [0, 3, 7], [(1, 2, 3), (1, 2, 0), (1, 2, -4)]),
        ([1, 0, 0, 0, 1, 0], [3, 6, 10], [(1, 2, 3), (1, 2, 6), (1, 2, 10)]),
        ([0, 1, 0, 0, 0, -1], [0, 3, 7], [(1, 2, 3), (-2, 2, 3), (-6, 2, 3)]),
    ],
)
def test_dose_planes_lie_where_grid_frame_offset_vector_says(
    orientation: list[float], offsets: list[float], expected: list[tuple[float, float, float]]
) -> None:
    instance = read(
        NumberOfFrames=3,
        ImagePositionPatient=[1, 2, 3],
        ImageOrientationPatient=orientation,
        GridFrameOffsetVector=offsets,
        DoseGridScaling="0.002",
        DoseUnits="GY",
    )
    assert [frame.ImagePositionPatient for frame in instance.frames] == expected
    assert {(frame.RescaleSlope, frame.RescaleType) for frame in instance.frames} == {(0.002, "GY")}


def test_nuclear_slices_are_placed_by_detector_and_spacing() -> None:
    instance = read(
        NumberOfFrames=4,
        SpacingBetweenSlices="6.5",
        SliceVector=[1, 2, 1, 2],
        TimeSlotVector=[1, 1, 2, 2],
        DetectorInformationSequence=[
            item(ImagePositionPatient=[-10, -20, 30], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
        ],
    )
    assert [frame.ImagePositionPatient and frame.ImagePositionPatient[2] for frame in instance.frames] == [
        30.0,
        36.5,
        30.0,
        36.5,
    ]
    assert instance.frames[3].increments == (("TimeSlotVector", 2), ("SliceVector", 2))


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        ({"FrameTime": "40"}, (0.0, 40.0, 80.0)),
        ({"FrameTimeVector": [0, 33, 50]}, (0.0, 33.0, 83.0)),
        ({"FrameTimeVector": [0, 33], "FrameTime": "40"}, (0.0, 40.0, 80.0)),
        ({"RecommendedDisplayFrameRate": 20, "CineRate": 5}, (0.0, 50.0, 100.0)),
        ({"CineRate": 5}, (0.0, 200.0, 400.0)),
        ({"FrameTime": "0"}, ()),
        ({}, ()),
    ],
)
def test_frame_times(timing: dict[str, object], expected: tuple[float, ...]) -> None:
    assert read(NumberOfFrames=3, **timing).frame_times_ms == pytest.approx(expected)


def test_frame_times_of_a_real_echocardiogram_grow_to_its_length(data_dir: Path) -> None:
    path = data_dir / "us_cine/DIRW0007.dcm"
    vector = pydicom.dcmread(path, stop_before_pixels=True).FrameTimeVector
    times = header.read_instance(path.read_bytes()).frame_times_ms
    assert len(times) == 65 and times[-1] == pytest.approx(sum(map(float, vector[1:])))


def test_b_values_of_their_makers() -> None:
    siemens = item(Modality="MR")
    siemens.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "800")
    ge = item(Modality="MR")
    ge.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x39, "IS", [1000000700, 8, 0, 0])
    philips = item(Modality="MR")
    philips.private_block(0x2001, "Philips Imaging DD 001", create=True).add_new(0x03, "FL", 650.0)
    for dataset, value in ((siemens, 800.0), (ge, 700.0), (philips, 650.0)):
        assert _b_value(part10({**UIDS, **IMAGE, "PixelData": b""}), _encoded(dataset)) == value


def _encoded(dataset: Dataset) -> bytes:
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = True, False
    write_dataset(stream, dataset)
    return bytes(stream.getvalue())


def _b_value(data: bytes, extra: bytes) -> float | None:
    """Elements need not be in order for a reader that goes by tag."""
    start = data.index(b"\x20\x00\x0d\x00UI")
    return header.read_instance(data[:start] + extra + data[start:]).frames[0].DiffusionBValue


def test_a_group_of_unknown_vr_is_read() -> None:
    """What passes through programs that do not know a sequence comes as UN, written implicitly inside."""
    position = struct.pack("<HHI", 0x0020, 0x0032, 8) + b"1\\2\\3.5 "
    group = struct.pack("<HHI", 0xFFFE, 0xE000, len(position)) + position
    plane = struct.pack("<HHI", 0x0020, 0x9113, len(group)) + group
    frame = struct.pack("<HHI", 0xFFFE, 0xE000, len(plane)) + plane
    per_frame = struct.pack("<HH2sHI", 0x5200, 0x9230, b"UN", 0, len(frame)) + frame
    data = part10({**UIDS, **IMAGE, "PixelData": b"", "NumberOfFrames": 1})
    start = data.index(b"\xe0\x7f\x10\x00")
    instance = header.read_instance(data[:start] + per_frame + data[start:])
    assert instance.frames[0].ImagePositionPatient == (1.0, 2.0, 3.5)
