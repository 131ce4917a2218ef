"""Headers: what is read from real files, what is refused, and that a header survives its trip through JSON."""

import json
import struct
import warnings
import zlib
from io import BytesIO
from pathlib import Path
from random import Random

import pydicom
import pytest
from pydicom.datadict import dictionary_keyword, dictionary_VR
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from workstation.dicom import attributes, header, scan
from workstation.errors import Reason, Refused

CT_SLICE = "transfer_syntaxes/cornerstone/CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm"
UIDS = {
    "SOPInstanceUID": "1.2.3",
    "SOPClassUID": CTImageStorage,
    "StudyInstanceUID": "1.2.4",
    "SeriesInstanceUID": "1.2.5",
}


def part10(syntax: str = ExplicitVRLittleEndian, **attributes: object) -> bytes:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    little, implicit = syntax != ExplicitVRBigEndian, syntax == ImplicitVRLittleEndian
    dataset = FileDataset(
        "", {}, file_meta=meta, preamble=b"\0" * 128, is_implicit_VR=implicit, is_little_endian=little
    )
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=False)
    return stream.getvalue()


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_why_it_was_asked_for_is_said_by_the_object_or_by_a_request_of_its_series(syntax: str) -> None:
    silent, asked = Dataset(), Dataset()
    silent.RequestedProcedureID = "1"
    asked.ReasonForTheRequestedProcedure = "Cough for three weeks."
    within = part10(syntax, **UIDS, RequestAttributesSequence=[silent, asked])
    assert header.read_instance(within).ReasonForTheRequestedProcedure == "Cough for three weeks."
    above = part10(syntax, **UIDS, RequestAttributesSequence=[asked], ReasonForTheRequestedProcedure="Fever")
    assert header.read_instance(above).ReasonForTheRequestedProcedure == "Fever"
    assert header.read_instance(part10(syntax, **UIDS)).ReasonForTheRequestedProcedure == ""


def test_real_slice_reads_and_its_native_pixels_are_found(data_dir: Path) -> None:
    data = (data_dir / CT_SLICE).read_bytes()
    instance = header.read_instance(data)
    assert instance.Modality == "CT"
    assert instance.pixels is not None and (instance.pixels.Rows, instance.pixels.Columns) == (512, 512)
    assert instance.frames[0].RescaleIntercept == -1024
    assert instance.pixels.length == 512 * 512 * 2
    offset = instance.pixels.offset
    assert offset is not None
    assert data[offset : offset + 512 * 512 * 2] == pydicom.dcmread(BytesIO(data)).PixelData


def test_every_real_header_survives_json(data_dir: Path) -> None:
    read = 0
    for path in sorted((data_dir / "xray_xa_nm").rglob("*.dcm")) + sorted((data_dir / "us_cine").rglob("*.dcm")):
        instance = header.read_instance(path.read_bytes())
        assert header.from_json(json.loads(json.dumps(header.to_json(instance)))) == instance
        read += 1
    assert read >= 10


def test_text_is_not_dicom() -> None:
    with pytest.raises(Refused) as refused:
        header.read_instance(b"once upon a time" * 40)
    assert refused.value.reason is Reason.NOT_DICOM


def test_object_without_uids_and_without_image_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        header.read_instance(part10(PatientID="P"))
    assert refused.value.reason is Reason.NO_IDENTITY


def test_image_without_study_uid_gets_the_same_made_one_each_time() -> None:
    data = part10(
        SOPInstanceUID="1.2.3", SOPClassUID=CTImageStorage, Rows=2, Columns=3, BitsAllocated=16, PixelData=bytes(12)
    )
    first, second = header.read_instance(data), header.read_instance(data)
    assert first.StudyInstanceUID.startswith("2.25.") and first == second
    assert any("StudyInstanceUID is missing" in sentence for sentence in first.odd)


def test_padding_is_read_in_the_sign_of_the_pixels() -> None:
    data = part10(
        **UIDS, Rows=2, Columns=3, BitsAllocated=16, PixelRepresentation=0, PixelPaddingValue=63536, PixelData=bytes(12)
    )
    signed = data.replace(b"\x28\x00\x03\x01US\x02\x00\x00\x00", b"\x28\x00\x03\x01US\x02\x00\x01\x00")
    assert header.read_instance(data).PixelPaddingValue == 63536
    assert header.read_instance(signed).PixelPaddingValue == -2000


def test_a_spoiled_number_is_left_out_and_named() -> None:
    dataset = part10(**UIDS, Rows=2, Columns=3, SliceThickness="2.5")
    spoiled = dataset.replace(b"2.5 ", b"2,5x")
    instance = header.read_instance(spoiled)
    assert instance.frames[0].SliceThickness is None
    assert any("SliceThickness" in sentence for sentence in instance.odd)


def deflated(part10_bytes: bytes, extra: bytes = b"") -> bytes:
    start = part10_bytes.index(b"\x08\x00", 144)
    meta = part10_bytes[:start].replace(
        b"\x02\x00\x10\x00UI\x14\x00" + ExplicitVRLittleEndian.encode() + b"\0",
        b"\x02\x00\x10\x00UI\x16\x00" + DeflatedExplicitVRLittleEndian.encode(),
    )
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return meta + stream.compress(part10_bytes[start:] + extra) + stream.flush()


def test_deflated_is_read() -> None:
    assert header.read_instance(deflated(part10(**UIDS, PatientID="P 1"))).patient.PatientID == "P 1"


def test_deflated_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "LARGEST_INFLATED", 100_000)
    bomb = deflated(part10(**UIDS), extra=bytes(1_000_000))
    assert len(bomb) < 5000
    with pytest.raises(Refused) as refused:
        header.read_instance(bomb)
    assert refused.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize("cut", [1, 5, 50])
def test_deflated_that_is_cut_is_refused(cut: int) -> None:
    with pytest.raises(Refused) as refused:
        header.read_instance(deflated(part10(**UIDS, PatientID="P" * 60))[:-cut])
    assert refused.value.reason is Reason.TRUNCATED


ITEM = b"\xfe\xff\x00\xe0"
SEQUENCE = b"\x40\x00\x30\xa7SQ\x00\x00"


def nested(depth: int, defined: bool) -> bytes:
    content = b""
    for _ in range(depth):
        if defined:
            item = ITEM + struct.pack("<I", len(content)) + content
            content = SEQUENCE + struct.pack("<I", len(item)) + item
        else:
            item = ITEM + b"\xff\xff\xff\xff" + content + b"\xfe\xff\x0d\xe0\0\0\0\0"
            content = SEQUENCE + b"\xff\xff\xff\xff" + item + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return content


@pytest.mark.parametrize("defined", [True, False])
def test_nesting_is_capped_and_what_is_real_is_not(defined: bool) -> None:
    assert header.read_instance(part10(**UIDS) + nested(20, defined)).SOPInstanceUID == "1.2.3"
    with pytest.raises(Refused) as refused:
        header.read_instance(part10(**UIDS) + nested(3000, defined))
    assert refused.value.reason is Reason.TOO_DEEP


def test_implicit_nesting_is_capped() -> None:
    content = b""
    for _ in range(3000):
        item = ITEM + struct.pack("<I", len(content)) + content
        content = b"\x40\x00\x30\xa7" + struct.pack("<I", len(item)) + item
    with pytest.raises(Refused) as refused:
        header.read_instance(part10(ImplicitVRLittleEndian, **UIDS) + content)
    assert refused.value.reason is Reason.TOO_DEEP


def test_a_header_that_is_cut_is_refused_and_cut_pixels_are_named() -> None:
    image = {"Rows": 2, "Columns": 3, "BitsAllocated": 16, "PixelData": bytes(range(12)), "StudyID": "S" * 16}
    data = part10(**UIDS, **image)
    whole = header.read_instance(data)
    assert whole.pixels is not None and whole.pixels.length == 12 and whole.odd == ()
    short = header.read_instance(data[:-5])
    assert short.pixels is not None and short.pixels.length == 7
    assert short.odd == ("the file ends 5 bytes before its pixels do",)
    with pytest.raises(Refused) as refused:
        header.read_instance(data[: data.index(b"S" * 16) + 8])
    assert refused.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_bare_dataset_is_read_in_each_encoding(syntax: str) -> None:
    data = part10(syntax, **UIDS, Rows=20, Columns=3, BitsAllocated=16, PixelData=bytes(120))
    bare = data[data.index(b"\x00\x08" if syntax == ExplicitVRBigEndian else b"\x08\x00", 144) :]
    instance = header.read_instance(bare)
    assert instance.TransferSyntaxUID == syntax
    assert instance.pixels is not None and (instance.pixels.Rows, instance.pixels.Columns) == (20, 3)
    assert instance.pixels.offset == len(bare) - 120


def test_a_bare_dataset_with_dicm_at_128_is_no_part_10_file() -> None:
    data = part10(**UIDS, StudyDescription="x")
    bare = bytearray(data[data.index(b"\x08\x00", 144) :] + b"\x10\x00\x00\x40LT\xc8\x00" + b"y" * 200)
    bare[128:132] = b"DICM"
    assert header.read_instance(bytes(bare)).SOPInstanceUID == "1.2.3"


def test_tags_and_vrs_are_those_of_the_standard() -> None:
    for keyword, (tag, vr) in attributes.TAGS.items():
        assert dictionary_keyword(tag) == keyword
        assert vr in dictionary_VR(tag).split(" or "), keyword


def test_headers_of_real_files_say_what_pydicom_reads(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pydicom.config.settings, "reading_validation_mode", pydicom.config.IGNORE)
    compared = 0
    for path in sorted(data_dir.rglob("*")):
        if path.is_file() and path.suffix in (".dcm", "") and "fuzz" not in path.parts:
            compared += _agrees_with_pydicom(path)
    assert compared > 400


def _agrees_with_pydicom(path: Path) -> bool:
    try:
        instance = header.read_instance(path.read_bytes())
    except Refused:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        texts = {name: _first(dataset.get(name)) for name in ("SOPInstanceUID", "StudyDate", "Modality", "StudyID")}
        texts |= {name: _first(dataset.get(name)) for name in ("SeriesDescription", "StudyDescription")}
        name, number = _first(dataset.get("PatientName")), dataset.get("InstanceNumber")
        position = dataset.get("ImagePositionPatient")
        slope = dataset.get("RescaleSlope", dataset.get("DoseGridScaling"))
        one = "SharedFunctionalGroupsSequence" not in dataset and len(instance.frames) == 1
    for keyword, value in texts.items():
        assert value in ("", getattr(instance, keyword)), (path, keyword)
    assert instance.patient.PatientName == name, path
    assert instance.InstanceNumber == (None if number in (None, "") else int(number)), path
    if not one:  # test_frames looks at those
        return True
    frame = instance.frames[0]
    assert frame.ImagePositionPatient == (tuple(map(float, position)) if position else None), path
    assert frame.RescaleSlope == (None if slope is None else float(slope)), path
    return True


def _first(value: object) -> str:
    if isinstance(value, MultiValue):
        value = value[0] if value else ""
    return "" if value is None else str(value).strip(" \0")


@pytest.mark.parametrize("seed", range(40))
def test_spoiled_bytes_are_read_or_refused(data_dir: Path, seed: int) -> None:
    data = bytearray((data_dir / CT_SLICE).read_bytes()[:6000])
    random = Random(seed)
    for _ in range(random.randint(1, 30)):
        data[random.randrange(132, 3000)] = random.choice((0, 255, random.randrange(256)))
    try:
        header.read_instance(bytes(data))
    except Refused as refused:
        assert refused.reason in Reason
