"""Small CT objects for tests of the cache: 6 rows x 4 columns, unequal spacing, nothing random."""

from io import BytesIO
from pathlib import Path

from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from workstation.cache import vault
from workstation.cache.index import engine
from workstation.cache.index.engine import sqlite3
from workstation.paths import Home

STUDY = "1.2.826.0.1.3680043.10.1"


def ct(number: int = 1, study: int = 1, series: int = 1, **attributes: object) -> bytes:
    """A whole Part 10 file; keyword arguments replace attributes, None removes one."""
    values: dict[str, object] = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": f"{STUDY}.{study}.{series}.{number}",
        "StudyInstanceUID": f"{STUDY}.{study}",
        "SeriesInstanceUID": f"{STUDY}.{study}.{series}",
        "StudyDate": f"2024010{study}",
        "StudyTime": "101500",
        "StudyDescription": f"study {study}",
        "Modality": "CT",
        "SeriesDescription": f"series {series}",
        "SeriesNumber": series,
        "InstanceNumber": number,
        "PatientName": "Yamada^Tarou=山田^太郎",
        "PatientID": f"P{study}",
        "PatientBirthDate": "19600229",
        "PatientSex": "O",
        "ImagePositionPatient": [-10.5, 20.25, 1.5 * number],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [0.7, 0.5],
        "SliceThickness": 3,
        "RescaleSlope": 1,
        "RescaleIntercept": -1024,
        "Rows": 6,
        "Columns": 4,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "PixelData": bytes((number + place) % 16 for place in range(48)),
    }
    return part10({name: value for name, value in (values | attributes).items() if value is not None})


def part10(values: dict[str, object], syntax: str = ExplicitVRLittleEndian) -> bytes:
    """A Part 10 file in one of the uncompressed little endian syntaxes."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    if "SOPInstanceUID" in values:
        meta.MediaStorageSOPInstanceUID = values["SOPInstanceUID"]
        meta.MediaStorageSOPClassUID = values.get("SOPClassUID", CTImageStorage)
    dataset = FileDataset(
        "",
        {},
        file_meta=meta,
        preamble=bytes(128),
        is_implicit_VR=syntax == "1.2.840.10008.1.2",
        is_little_endian=True,
    )
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=False)
    return stream.getvalue()


def transcoded(data: bytes, syntax: str) -> bytes:
    """The same dataset and pixels in another transfer syntax."""
    import pydicom

    dataset = pydicom.dcmread(BytesIO(data))
    if syntax.startswith("1.2.840.10008.1.2.4") or syntax == "1.2.840.10008.1.2.5":
        dataset.compress(syntax, generate_instance_uid=False)
        stream = BytesIO()
        dataset.save_as(stream)
        return stream.getvalue()
    return part10({each.keyword: each.value for each in dataset}, syntax)


def raw_index(home: Home) -> sqlite3.Connection:
    """The index of a home that has a key, past everything that guards it."""
    return engine.opened(str(home.index), vault.part(home, "index"))


def folder_of(folder: Path, objects: dict[str, bytes]) -> Path:
    """Write `objects` by name under `folder`, made if missing."""
    for name, data in objects.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
