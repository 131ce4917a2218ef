"""Segmentations: voxels as dcmqi's label images and highdicom have them, and what is refused."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.documents.rt_truth import DCMQI
from workstation.documents.cielab import encoded, rgb_of
from workstation.documents.seg import Segmentation, read_segmentation
from workstation.errors import Reason, Refused
from workstation.findings.segment import COLOURS, Algorithm
from workstation.imaging.geometry import Grid


def derived(data_dir: Path, name: str) -> bytes:
    return (data_dir / "derived_objects" / name).read_bytes()


def spoiled(data: bytes, **attributes: Any) -> bytes:
    dataset = pydicom.dcmread(BytesIO(data))
    for name, value in attributes.items():
        setattr(dataset, name, value)
    stream = BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


def label_image(path: Path, grid: Grid) -> np.ndarray:
    """The labels of an NRRD at the voxels of a grid, [k, j, i]; nought outside it. Each voxel has one of its own."""
    import SimpleITK

    image = SimpleITK.ReadImage(str(path))
    values = SimpleITK.GetArrayFromImage(image)
    direction = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    return laid(values, direction, np.array(image.GetOrigin()), np.argwhere(values)[:, ::-1], grid)


def laid(values: np.ndarray, steps: np.ndarray, origin: np.ndarray, there: np.ndarray, grid: Grid) -> np.ndarray:
    """`values[k, j, i]`, voxel (i, j, k) of which lies at origin + steps @ (i, j, k), at the voxels of a grid."""
    found = np.zeros(grid.size[::-1], values.dtype)
    at = (there @ steps.T + origin) @ grid.index_from_lps[:3, :3].T + grid.index_from_lps[:3, 3]
    nearest = np.rint(at).astype(int)
    assert abs(at - nearest).max() < 0.02
    assert len(np.unique(nearest, axis=0)) == len(there)
    found[tuple(nearest.T[::-1])] = values[tuple(there.T[::-1])]
    return found


@pytest.mark.parametrize("name", sorted(DCMQI))
def test_each_segment_is_the_label_image_it_was_made_from(data_dir: Path, name: str) -> None:
    found = read_segmentation(derived(data_dir, f"dcmqi/{name}"))
    seen = 0
    for image in DCMQI[name]:
        labels = label_image(data_dir / "derived_objects/dcmqi" / image, found.segments[0].mask.grid)
        for label in np.unique(labels[labels > 0]):
            own = [each for each in found.segments if (each.mask.array() == (labels == label)).all()]
            assert len(own) == 1, (image, label)
            seen += 1
    assert seen == len(found.segments)


def test_what_is_said_of_a_segment(data_dir: Path) -> None:
    found = read_segmentation(derived(data_dir, "dcmqi/liver.dcm"))
    (liver,) = found.segments
    assert (liver.number, liver.name, liver.algorithm, liver.colour) == (
        1,
        "Liver",
        Algorithm.SEMIAUTOMATIC,
        (221, 130, 101),
    )
    assert found.kind == "binary"
    assert (found.terms[1].category.meaning, found.terms[1].type.meaning) == ("Tissue", "Liver")
    assert liver.tracking_uid == read_segmentation(derived(data_dir, "dcmqi/liver.dcm")).segments[0].tracking_uid
    assert liver.frame_of_reference_uid
    assert liver.series_instance_uid


def by_highdicom(data: bytes, number: int, grid: Grid) -> np.ndarray:
    """A segment as highdicom lays it out in space, at the voxels of a grid [k, j, i]."""
    import highdicom

    volume = highdicom.seg.segread(BytesIO(data)).get_volume(segment_numbers=[number], combine_segments=False)
    array = volume.array[..., 0].T
    return laid(array, volume.affine[:3, :3], volume.affine[:3, 3], np.argwhere(array)[:, ::-1], grid)


@pytest.mark.parametrize("name", ["seg_image_ct_binary_overlap.dcm", "seg_image_ct_binary_single_frame.dcm"])
def test_binary_segments_are_those_of_highdicom(data_dir: Path, name: str) -> None:
    data = derived(data_dir, f"highdicom/{name}")
    for segment in read_segmentation(data).segments:
        assert segment.mask
        assert (segment.mask.array() == by_highdicom(data, segment.number, segment.mask.grid)).all()


def test_fractions_are_those_of_highdicom_and_half_of_one_belongs(data_dir: Path) -> None:
    data = derived(data_dir, "highdicom/seg_image_ct_true_fractional.dcm")
    found = read_segmentation(data)
    (segment,) = found.segments
    expected = by_highdicom(data, 1, segment.mask.grid)
    assert found.kind == "probability"
    assert found.fraction(1) == pytest.approx(expected, abs=1e-6)
    assert 0 < segment.mask.count < np.count_nonzero(expected)
    assert (segment.mask.array() == (expected >= 0.5)).all()


def test_a_label_map_gives_its_segments_without_the_background(data_dir: Path) -> None:
    data = derived(data_dir, "dcmqi/sparse-labelmap-noppv.dcm")
    found = read_segmentation(data)
    stored = pydicom.dcmread(BytesIO(data)).pixel_array
    assert found.kind == "label map"
    assert [each.name for each in found.segments] == ["Liver"]
    assert found.segments[0].mask.count == np.count_nonzero(stored == 1) > 0


def test_masks_lie_on_the_grid_of_the_series_where_frames_fit_it(data_dir: Path) -> None:
    data = derived(data_dir, "dcmqi/liver.dcm")
    own = read_segmentation(data).segments[0].mask
    i, j, k = own.grid.size
    x, y, z = own.grid.axes[2]
    # The whole series: two more slices at either end, counted from the other one.
    wider = Grid(
        own.grid.point((0, 0, k + 1)),
        (own.grid.axes[0], own.grid.axes[1], (-x, -y, -z)),
        own.grid.spacing,
        (i, j, k + 4),
    )
    found = read_segmentation(
        data, [own.grid.__class__((0.0, 0.0, 0.0), own.grid.axes, own.grid.spacing, own.grid.size), wider]
    )
    mask = found.segments[0].mask
    assert mask.grid is wider
    assert (mask.array()[2 : 2 + k][::-1] == own.array()).all()
    assert mask.count == own.count


def test_colours_are_those_of_highdicom() -> None:
    import highdicom

    for colour in (*COLOURS, (0, 0, 0), (255, 255, 255), (221, 130, 101)):
        theirs = highdicom.color.CIELabColor.from_rgb(*colour)
        assert encoded(colour) == pytest.approx(theirs.value, abs=60)
        assert rgb_of(encoded(colour)) == colour
    assert rgb_of((1.0, 2.0)) is None


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, Reason.NOT_A_SEGMENTATION),
        ({"SegmentationType": "OTHER"}, Reason.NOT_A_SEGMENTATION),
        ({"NumberOfFrames": 9999}, Reason.PIXEL_LENGTH),
        ({"Rows": 65535, "Columns": 65535}, Reason.PIXEL_LENGTH),
        ({"BitsAllocated": 64}, Reason.PIXEL_FORMAT),
        ({"SharedFunctionalGroupsSequence": []}, Reason.NO_GEOMETRY),
    ],
)
def test_what_contradicts_itself_is_refused(data_dir: Path, attributes: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        read_segmentation(spoiled(derived(data_dir, "dcmqi/liver.dcm"), **attributes))
    assert refused.value.reason is reason


def test_frames_that_make_no_volume_are_refused(data_dir: Path) -> None:
    def moved(change: Any) -> Segmentation:
        dataset = pydicom.dcmread(BytesIO(derived(data_dir, "dcmqi/liver.dcm")))
        change(dataset.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence[0])
        stream = BytesIO()
        dataset.save_as(stream)
        return read_segmentation(stream.getvalue())

    def further(place: Dataset) -> None:
        place.ImagePositionPatient[2] += 0.7

    def sideways(place: Dataset) -> None:
        place.ImagePositionPatient[0] += 3.0

    for change, reason in ((further, Reason.UNEVEN_SPACING), (sideways, Reason.CONTRADICTING_POSITIONS)):
        with pytest.raises(Refused) as refused:
            moved(change)
        assert refused.value.reason is reason


def test_every_cut_of_a_file_is_read_or_refused(data_dir: Path) -> None:
    data = derived(data_dir, "highdicom/seg_image_ct_binary_overlap.dcm")
    for end in range(0, len(data), 97):
        try:
            read_segmentation(data[:end])
        except Refused:
            continue


def test_a_segmentation_of_many_segments_takes_little_memory() -> None:
    """Forty segments over sixty slices of 256 x 256: their masks take a hundredth of their file."""
    from workstation.phantom.segments import many_segments

    data = many_segments(segments=40, slices=60, size=256)
    found = read_segmentation(data)
    assert len(found.segments) == 40
    assert all(each.mask for each in found.segments)
    assert sum(each.mask.nbytes for each in found.segments) < len(data) / 15


@pytest.mark.parametrize("kind", ["probability", "label map"])
def test_compressed_frames_are_decoded_in_a_worker(data_dir: Path, home: Path, kind: str) -> None:
    from pydicom.uid import RLELossless

    from workstation import jobs
    from workstation.dicom.header import read_instance
    from workstation.loading.segments import decoded_frames
    from workstation.paths import Home

    name = {"probability": "highdicom/seg_image_ct_true_fractional.dcm", "label map": "dcmqi/sparse-labelmap-noppv.dcm"}
    data = derived(data_dir, name[kind])
    dataset = pydicom.dcmread(BytesIO(data))
    dataset.compress(RLELossless)
    stream = BytesIO()
    dataset.save_as(stream)
    packed = stream.getvalue()
    with pytest.raises(Refused) as refused:
        read_segmentation(packed)
    assert refused.value.reason is Reason.TRANSFER_SYNTAX
    try:
        found = read_segmentation(packed, (), decoded_frames(packed, read_instance(packed), Home(home).create()))
    finally:
        jobs.shutdown()
        jobs.drain()
    plain = read_segmentation(data)
    assert [each.mask for each in found.segments] == [each.mask for each in plain.segments]
