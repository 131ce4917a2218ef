"""Tables and planes as they stand in files, written by pydicom, with the errors writers make (PS3.3 C.9.2, C.11)."""

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from workstation.dicom.header import read_instance
from workstation.dicom.looks import ImageLook, is_inverse, lossy_text, read_look
from workstation.imaging.look import Lut, entries, look_up, overlay_mask

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]


def image(**attributes: Any) -> Dataset:
    """3 rows, 5 columns, 16 bits."""
    dataset = Dataset()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.SOPInstanceUID, dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", "1.2.4", "1.2.5"
    dataset.Modality, dataset.PhotometricInterpretation, dataset.SamplesPerPixel = "OT", "MONOCHROME2", 1
    dataset.Rows, dataset.Columns, dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 3, 5, 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.add_new("PixelData", "OW", np.arange(15, dtype="<u2").tobytes())
    for name, value in attributes.items():
        setattr(dataset, name, value)
    return dataset


def coded(dataset: Dataset, syntax: Any = ExplicitVRLittleEndian) -> bytes:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    stream = DicomBytesIO()
    big = syntax == ExplicitVRBigEndian
    dataset.save_as(stream, enforce_file_format=True, little_endian=not big, implicit_vr=syntax.is_implicit_VR)
    return bytes(stream.getvalue())


def look(dataset: Dataset, syntax: Any = ExplicitVRLittleEndian, frame: int = 0) -> ImageLook | None:
    data = coded(dataset, syntax)
    return read_look(data, read_instance(data), frame)


def table(values: bytes, descriptor: list[int], vr: str = "US", data_vr: str = "OW") -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", vr, descriptor)
    item.add_new("LUTData", data_vr, values)
    item.LUTExplanation = "BONE"
    return item


def voi(item: Dataset, syntax: Any = ExplicitVRLittleEndian, **attributes: Any) -> Lut:
    found = look(image(VOILUTSequence=[item], **attributes), syntax)
    assert found is not None
    return found.voi[0]


def test_a_common_image_has_no_look() -> None:
    assert look(image()) is None


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_words_in_each_encoding(syntax: Any) -> None:
    order = ">u2" if syntax == ExplicitVRBigEndian else "<u2"
    lut = voi(table(np.array([7, 300, 4095], order).tobytes(), [3, 100, 12]), syntax)
    assert (lut.first, lut.bits, lut.explanation) == (100, 12, "BONE")
    assert entries(lut).tolist() == [7, 300, 4095]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_bytes_packed_two_to_a_word(syntax: Any) -> None:
    packed = b"\x02\x01\x04\x03" if syntax == ExplicitVRBigEndian else b"\x01\x02\x03\x04"
    assert entries(voi(table(packed, [4, 0, 8]), syntax)).tolist() == [1, 2, 3, 4]


def test_eight_bits_in_words_of_sixteen() -> None:
    assert entries(voi(table(b"\x01\0\xff\0", [2, 0, 8]))).tolist() == [1, 255]


def test_more_bits_than_are_stated() -> None:
    assert voi(table(np.array([0, 1023], "<u2").tobytes(), [2, 0, 8])).bits == 10


def test_no_entries_means_65536() -> None:
    assert len(voi(table(np.arange(65536, dtype="<u2").tobytes(), [0, 0, 16]))) == 65536


def test_a_first_value_below_zero() -> None:
    words = np.array([0, 1], "<u2").tobytes()
    assert voi(table(words, [2, -1024, 8], vr="SS")).first == -1024
    assert voi(table(words, [2, 64512, 8]), RescaleSlope=1, RescaleIntercept=-1024).first == -1024
    assert voi(table(words, [2, 64512, 8])).first == 64512


def test_a_table_that_ends_early_and_one_without_data() -> None:
    assert entries(voi(table(np.array([5, 6], "<u2").tobytes(), [9, 0, 8]))).tolist() == [5, 6]
    found = look(image(VOILUTSequence=[table(b"", [9, 0, 8])]))
    assert found is not None
    assert found.voi == () and "cannot be read" in found.odd[0]


def test_a_modality_lut_with_its_unit() -> None:
    item = table(np.array([3, 4], "<u2").tobytes(), [2, 0, 8])
    item.ModalityLUTType = "OD"
    found = look(image(ModalityLUTSequence=[item]))
    assert found is not None and found.modality is not None
    assert found.modality.unit == "OD"


def test_looking_up_takes_the_lower_of_two_whole_numbers() -> None:
    lut = Lut(10, np.array([1, 2, 3], "<u2").tobytes(), 8)
    assert look_up(lut, np.array([9.0, 10.0, 10.9, 11.0, 12.0, 99.0, np.nan])).tolist() == [1, 1, 1, 2, 3, 3, 1]


def with_overlay(dataset: Dataset, group: int, plane: np.ndarray[Any, Any], **attributes: Any) -> Dataset:
    """`plane` is (rows, columns), or (frames, rows, columns)."""
    packed = np.packbits(plane.ravel().astype(np.uint8), bitorder="little").tobytes()
    values: dict[int, tuple[str, Any]] = {
        0x10: ("US", plane.shape[-2]),
        0x11: ("US", plane.shape[-1]),
        0x40: ("CS", attributes.get("kind", "G")),
        0x50: ("SS", list(attributes.get("origin", (1, 1)))),
        0x100: ("US", 1),
        0x102: ("US", 0),
        0x3000: ("OW", packed + b"\0" * (len(packed) % 2)),
    }
    if plane.ndim == 3:
        values |= {0x15: ("IS", len(plane)), 0x51: ("US", attributes.get("first_frame", 1))}
    for element, (vr, value) in values.items():
        dataset.add_new(group << 16 | element, vr, value)
    return dataset


def test_an_overlay_lies_at_its_origin_and_is_cut_at_the_edge() -> None:
    plane = np.array([[1, 0, 1], [0, 1, 1]])
    found = look(with_overlay(image(), 0x6012, plane, origin=(3, 4)))
    assert found is not None
    mask = overlay_mask(found.overlays[0], 3, 5)
    assert found.overlays[0].group == 0x6012
    assert np.argwhere(mask).tolist() == [[2, 3]]
    early = look(with_overlay(image(), 0x6000, plane, origin=(0, 0)))
    assert early is not None
    assert np.argwhere(overlay_mask(early.overlays[0], 3, 5)).tolist() == [[0, 0], [0, 1]]


def test_planes_of_a_multi_frame_overlay_follow_each_other_without_gaps() -> None:
    planes = np.random.default_rng(7).integers(0, 2, (3, 3, 5))
    dataset = with_overlay(image(NumberOfFrames=4), 0x6000, planes, first_frame=2)
    dataset["PixelData"].value = bytes(4 * 30)
    assert look(dataset, frame=0) is None
    for frame in (1, 2, 3):
        found = look(dataset, frame=frame)
        assert found is not None
        assert np.array_equal(overlay_mask(found.overlays[0], 3, 5), planes[frame - 1] == 1)


def test_a_plane_in_an_unused_bit_of_the_pixels() -> None:
    dataset = image()
    plane = np.array([[1, 0, 0, 0, 1], [0, 1, 0, 1, 0], [0, 0, 1, 0, 0]])
    pixels = np.arange(15, dtype="<u2") | (plane.ravel() << 13).astype("<u2")
    dataset["PixelData"].value = pixels.tobytes()
    for element, value in ((0x10, 3), (0x11, 5), (0x100, 16), (0x102, 13)):
        dataset.add_new(0x60040000 | element, "US", value)
    data = coded(dataset)
    instance = read_instance(data)
    found = read_look(data, instance, 0, pixels.tobytes())
    assert found is not None
    assert np.array_equal(overlay_mask(found.overlays[0], 3, 5), plane == 1)
    without = read_look(data, instance, 0)
    assert without is not None
    assert without.odd == ("overlay 6004 cannot be read",)


def test_an_overlay_shorter_than_its_size_is_named() -> None:
    dataset = with_overlay(image(), 0x6000, np.ones((3, 5)))
    dataset.add_new(0x60000010, "US", 3000)
    found = look(dataset)
    assert found is not None
    assert found.overlays == () and found.odd == ("overlay 6000 cannot be read",)


@pytest.mark.parametrize(
    ("photometric", "shape", "inverse"),
    [
        ("MONOCHROME2", "", False),
        ("MONOCHROME1", "", True),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME2", "IDENTITY", False),
        ("RGB", "INVERSE", False),
    ],
)
def test_what_is_said_twice_is_turned_once(photometric: str, shape: str, inverse: bool) -> None:
    dataset = image(PhotometricInterpretation=photometric, PresentationLUTShape=shape)
    assert is_inverse(read_instance(coded(dataset))) is inverse


def test_loss_is_named_with_its_ratio() -> None:
    assert lossy_text(read_instance(coded(image()))) == ""
    lossy = image(LossyImageCompression="01", LossyImageCompressionRatio="8.87")
    assert lossy_text(read_instance(coded(lossy))) == "lossy 8.87:1"
    assert lossy_text(read_instance(coded(image(LossyImageCompression="01")))) == "lossy"
    assert lossy_text(read_instance(coded(image(LossyImageCompression="00")))) == ""
