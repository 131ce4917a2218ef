"""Attributes by keyword, read from a scanned dataset; what cannot be read is left out and named in `odd`.

Values follow PS3.5 6.2. A VR that is written wins over the dictionary's, so that a number in the wrong VR is still
that number; bytes of no VR at all are read as the dictionary says.
"""

import struct
from collections.abc import Callable
from typing import Any, Final, TypeVar

from workstation.dicom.scan import Dataset, Raw

T = TypeVar("T")

TAGS: Final = {
    "SpecificCharacterSet": (0x00080005, "CS"),
    "ImageType": (0x00080008, "CS"),
    "SOPClassUID": (0x00080016, "UI"),
    "SOPInstanceUID": (0x00080018, "UI"),
    "StudyDate": (0x00080020, "DA"),
    "SeriesDate": (0x00080021, "DA"),
    "AcquisitionDate": (0x00080022, "DA"),
    "StudyTime": (0x00080030, "TM"),
    "SeriesTime": (0x00080031, "TM"),
    "AcquisitionTime": (0x00080032, "TM"),
    "ContentTime": (0x00080033, "TM"),
    "AccessionNumber": (0x00080050, "SH"),
    "Modality": (0x00080060, "CS"),
    "Manufacturer": (0x00080070, "LO"),
    "InstitutionName": (0x00080080, "LO"),
    "StudyDescription": (0x00081030, "LO"),
    "SeriesDescription": (0x0008103E, "LO"),
    "PatientName": (0x00100010, "PN"),
    "PatientID": (0x00100020, "LO"),
    "IssuerOfPatientID": (0x00100021, "LO"),
    "PatientBirthDate": (0x00100030, "DA"),
    "PatientSex": (0x00100040, "CS"),
    "PatientAge": (0x00101010, "AS"),
    "ContrastBolusAgent": (0x00180010, "LO"),
    "BodyPartExamined": (0x00180015, "CS"),
    "SliceThickness": (0x00180050, "DS"),
    "KVP": (0x00180060, "DS"),
    "RepetitionTime": (0x00180080, "DS"),
    "EchoTime": (0x00180081, "DS"),
    "ProtocolName": (0x00181030, "LO"),
    "XRayTubeCurrent": (0x00181151, "IS"),
    "ImagerPixelSpacing": (0x00181164, "DS"),
    "ConvolutionKernel": (0x00181210, "SH"),
    "PatientPosition": (0x00185100, "CS"),
    "StudyInstanceUID": (0x0020000D, "UI"),
    "SeriesInstanceUID": (0x0020000E, "UI"),
    "StudyID": (0x00200010, "SH"),
    "SeriesNumber": (0x00200011, "IS"),
    "AcquisitionNumber": (0x00200012, "IS"),
    "InstanceNumber": (0x00200013, "IS"),
    "PatientOrientation": (0x00200020, "CS"),
    "ImagePositionPatient": (0x00200032, "DS"),
    "ImageOrientationPatient": (0x00200037, "DS"),
    "FrameOfReferenceUID": (0x00200052, "UI"),
    "Laterality": (0x00200060, "CS"),
    "SamplesPerPixel": (0x00280002, "US"),
    "PhotometricInterpretation": (0x00280004, "CS"),
    "PlanarConfiguration": (0x00280006, "US"),
    "NumberOfFrames": (0x00280008, "IS"),
    "Rows": (0x00280010, "US"),
    "Columns": (0x00280011, "US"),
    "PixelSpacing": (0x00280030, "DS"),
    "BitsAllocated": (0x00280100, "US"),
    "BitsStored": (0x00280101, "US"),
    "HighBit": (0x00280102, "US"),
    "PixelRepresentation": (0x00280103, "US"),
    "PixelPaddingValue": (0x00280120, "US"),
    "PixelPaddingRangeLimit": (0x00280121, "US"),
    "BurnedInAnnotation": (0x00280301, "CS"),
    "WindowCenter": (0x00281050, "DS"),
    "WindowWidth": (0x00281051, "DS"),
    "RescaleIntercept": (0x00281052, "DS"),
    "RescaleSlope": (0x00281053, "DS"),
    "RescaleType": (0x00281054, "LO"),
    "WindowCenterWidthExplanation": (0x00281055, "LO"),
    "VOILUTFunction": (0x00281056, "CS"),
    "LossyImageCompression": (0x00282110, "CS"),
    "LossyImageCompressionRatio": (0x00282112, "DS"),
    "PresentationLUTShape": (0x20500020, "CS"),
}
"""Tag and VR of each attribute that is read (PS3.6); a test holds them against pydicom's dictionary."""

_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_LOCALISED: Final = frozenset(("LO", "LT", "PN", "SH", "ST", "UC", "UT"))
_UNSPLIT: Final = frozenset(("LT", "ST", "UR", "UT"))
_SIMPLE_SETS: Final = {
    "": "latin-1",
    "ISO_IR 6": "latin-1",
    "ISO_IR 100": "latin-1",
    "ISO_IR 192": "utf-8",
}
"""Character sets that Python decodes as they are; plain ASCII is read as Latin-1, as most writers without a
SpecificCharacterSet mean it."""


class Attributes:
    """The attributes of `dataset`; `odd` names what is there and cannot be read."""

    def __init__(self, dataset: Dataset) -> None:
        self.odd: list[str] = []
        self._dataset = dataset
        self._order = ">" if dataset.big_endian else "<"
        self._sets: tuple[str, ...] = ()
        self._sets = self.texts("SpecificCharacterSet")

    def text(self, keyword: str) -> str:
        """The first value as text, without padding."""
        return self._read(keyword, lambda values: str(values[0]), "")

    def texts(self, keyword: str) -> tuple[str, ...]:
        return self._read(keyword, lambda values: tuple(map(str, values)), ())

    def integer(self, keyword: str) -> int | None:
        return self._read(keyword, lambda values: _whole(values[0]), None)

    def number(self, keyword: str) -> float | None:
        return self._read(keyword, lambda values: _finite(values[0]), None)

    def numbers(self, keyword: str, count: int = 0) -> tuple[float, ...]:
        """All values, which must be `count` when that is given."""
        return self._read(keyword, lambda values: _counted(tuple(map(_finite, values)), count), ())

    def _read(self, keyword: str, convert: Callable[[list[Any]], T], default: T) -> T:
        tag, dictionary_vr = TAGS[keyword]
        raw = self._dataset.elements.get(tag)
        if raw is None or raw.end == raw.start:
            return default
        try:
            values = self._values(raw, dictionary_vr)
            return convert(values) if any(value != "" for value in values) else default
        except (ValueError, struct.error, LookupError, OverflowError) as error:
            self.odd.append(f"{keyword} cannot be read ({type(error).__name__})")
            return default

    def _values(self, raw: Raw, dictionary_vr: str) -> list[Any]:
        vr = raw.vr.decode("latin-1") if raw.vr in _READABLE else dictionary_vr
        value = self._dataset.data[raw.start : raw.end]
        if vr in _NUMBERS:
            form = _NUMBERS[vr]
            count = len(value) // struct.calcsize(form)
            return list(struct.unpack_from(f"{self._order}{count}{form}", value))
        text = self._decoded(value, vr)
        parts = [text] if vr in _UNSPLIT else text.split("\\")
        return [part.strip(" \0").rstrip("=" if vr == "PN" else "") for part in parts]

    def _decoded(self, value: bytes, vr: str) -> str:
        if vr not in _LOCALISED or (value.isascii() and b"\x1b" not in value):
            return value.decode("latin-1")
        if len(self._sets) <= 1 and (encoding := _SIMPLE_SETS.get("".join(self._sets))):
            return value.decode(encoding, "replace")
        return _decoded_by_pydicom(value, vr, self._sets)


_READABLE: Final = frozenset(
    name.encode() for name in (*_NUMBERS, "AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR", *_LOCALISED)
)


def _decoded_by_pydicom(value: bytes, vr: str, sets: tuple[str, ...]) -> str:
    """Code extensions and the other character sets (PS3.5 6.1.2)."""
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.valuerep import TEXT_VR_DELIMS, PersonName

    encodings = convert_encodings(list(sets))
    if vr == "PN":
        return "\\".join(str(PersonName(part, encodings)) for part in value.split(b"\\"))
    return str(decode_bytes(value, encodings, TEXT_VR_DELIMS))


def _whole(value: Any) -> int:
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            value = float(value)
    if value != int(value):
        raise ValueError("not a whole number")
    return int(value)


def _finite(value: Any) -> float:
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("not a finite number")
    return number


def _counted(values: tuple[float, ...], count: int) -> tuple[float, ...]:
    if count and len(values) != count:
        raise ValueError(f"{len(values)} values, {count} expected")
    return values
