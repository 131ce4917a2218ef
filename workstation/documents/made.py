"""What all objects we make have in common: whose they are, as the images say it, and who made them (PS3.3 C.7)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final

from pydicom import dcmread
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from workstation import __version__
from workstation.dicom.implementation import IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION

MAKER: Final = "Hounsfield"
MODEL: Final = "Hounsfield workstation"
PATIENT: Final = (
    "PatientName", "PatientID", "IssuerOfPatientID", "IssuerOfPatientIDQualifiersSequence", "PatientBirthDate",
    "PatientBirthTime", "PatientSex", "OtherPatientIDsSequence", "PatientComments", "QualityControlSubject",
    "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence",
    "PatientSpeciesDescription", "PatientSpeciesCodeSequence", "PatientBreedDescription",
    "PatientBreedCodeSequence", "BreedRegistrationSequence",
    "ResponsiblePerson", "ResponsiblePersonRole", "ResponsibleOrganization",
)  # fmt: skip
STUDY: Final = (
    "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "IssuerOfAccessionNumberSequence",
    "ReferringPhysicianName", "StudyDescription", "ProcedureCodeSequence", "PatientAge", "PatientSize", "PatientWeight",
    "LongitudinalTemporalInformationModified",
)  # fmt: skip
NEEDED: Final = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex",
    "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip
"""Type 2 of every object: there, if need be empty."""

SERIES: Final = {"SR": 9901, "PR": 9902, "KO": 9903, "OT": 9904, "M3D": 9906, "REG": 9908, "RWV": 9909}
"""SeriesNumber of what is made, by modality: behind those of any scanner."""


@dataclass(frozen=True)
class Place:
    """Where a new object belongs: its series (a new one when `series_instance_uid` is empty) and its number there."""

    series_instance_uid: str = ""
    number: int = 1


NEW: Final = Place()


def new_uid() -> str:
    """A UID of the kind that needs no registered root (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"


def header_of(data: bytes) -> FileDataset:
    """The attributes of an object before its pixels, as pydicom reads them."""
    return dcmread(BytesIO(data), stop_before_pixels=True, force=True)


def new_object(source: Dataset, sop_class_uid: str, modality: str, description: str, place: Place) -> FileDataset:
    """An object of the study of `source`, ready for its own modules; dated now. Explicit VR Little Endian."""
    dataset = FileDataset("", {}, preamble=bytes(128), is_implicit_VR=False, is_little_endian=True)
    dataset.SOPClassUID, dataset.SOPInstanceUID = UID(sop_class_uid), UID(new_uid())
    dataset.Modality = modality
    dataset.SeriesInstanceUID = UID(place.series_instance_uid or new_uid())
    dataset.SeriesNumber, dataset.SeriesDescription = SERIES[modality], description
    dataset.InstanceNumber = place.number
    now = datetime.now()
    dataset.InstanceCreationDate = dataset.SeriesDate = now.strftime("%Y%m%d")
    dataset.InstanceCreationTime = dataset.SeriesTime = now.strftime("%H%M%S.%f")
    signed(dataset)
    inherited(dataset, source)
    return dataset


def signed(dataset: Dataset) -> None:
    """Say that we made it (General Equipment) and wrote the file."""
    dataset.Manufacturer, dataset.ManufacturerModelName = MAKER, MODEL
    dataset.SoftwareVersions, dataset.DeviceSerialNumber = __version__, "1"
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION
    dataset.file_meta = meta


def inherited(dataset: Dataset, source: Dataset) -> None:
    """Patient and study as the source has them, in its character set; what is needed and missing there is empty.

    What it says in a wrong type is left out: we would say it too.
    """
    for keyword in (*PATIENT, *STUDY):
        if keyword in source and dictionary_VR(source[keyword].tag) == source[keyword].VR:
            dataset[keyword] = source[keyword]
    for keyword in NEEDED:
        if keyword not in source:
            setattr(dataset, keyword, "")
    if "SpecificCharacterSet" in source:
        dataset["SpecificCharacterSet"] = source["SpecificCharacterSet"]


def spelled(dataset: Dataset, texts: Iterable[str]) -> None:
    """Choose the character set: that of the source; where it cannot hold what we have to say Latin-1 instead of plain
    ASCII, which more programs read, else UTF-8."""
    from pydicom.charset import convert_encodings

    known = dataset.get("SpecificCharacterSet") or []
    sets = [known] if isinstance(known, str) else list(known)
    encodings = convert_encodings(sets or ["ISO_IR 6"])
    ours = [text for text in texts if not text.isascii()]
    if not ours or (len(encodings) == 1 and all(_fits(text, encodings[0]) for text in ours)):
        return
    dataset.decode()  # what was read in the old set becomes text before it is written in the new one
    plain = encodings == ["iso8859"] and all(_fits(text, "latin_1") for text in ours)
    dataset.SpecificCharacterSet = "ISO_IR 100" if plain else "ISO_IR 192"


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode("ascii" if encoding == "iso8859" else encoding)
    except UnicodeEncodeError:
        return False
    return True


def bytes_of(dataset: Dataset) -> bytes:
    """The file of an object, whole."""
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
