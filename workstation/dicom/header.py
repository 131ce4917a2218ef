"""Bytes of a DICOM file -> `Instance`, under limits, without touching the pixels.

Header parsing is done in worker processes in bulk (`cache.ingest`), so this module imports neither
Qt nor VTK, and `read_instance` takes bytes and gives a value that travels.
"""

import hashlib
import io
import warnings
import zlib
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any, Final, TypeVar

from workstation.dicom.entities import Frame, Instance, Patient, PixelFormat, VoiWindow
from workstation.errors import Reason, Refused

T = TypeVar("T")

LARGEST_INFLATED: Final = 1 << 30
"""A deflated dataset may not grow beyond this many bytes (a 1 MB one was seen to take 2.1 GB)."""

DEFLATED: Final = "1.2.840.10008.1.2.1.99"
MEDIA_DIRECTORY: Final = "1.2.840.10008.1.3.10"
SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
_NATIVE: Final = frozenset(("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"))


def read_instance(data: bytes) -> Instance:
    """Read what the workstation asks of one DICOM Part 10 file (PS3.10 §7) or bare dataset.

    Raises `Refused` with NOT_DICOM, TRUNCATED, UNREADABLE, NO_IDENTITY, TOO_LARGE or TOO_DEEP.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset, offset, length = _parse(data)
        return _instance(dataset, offset, length, data)


def check_kind(data: bytes) -> None:
    """Refuse at a glance what is no object: Refused(NOT_DICOM), Refused(MEDIA_DIRECTORY)."""
    if data[128:132] != b"DICM" and not _looks_like_dataset(data):
        raise Refused(Reason.NOT_DICOM)
    if data[128:132] == b"DICM" and MEDIA_DIRECTORY.encode() + b"\0" in data[132:512]:
        raise Refused(Reason.MEDIA_DIRECTORY)


def to_json(instance: Instance) -> dict[str, Any]:
    """The instance as plain JSON values; attributes at their default are left out."""
    return {name: value for name, value in asdict(instance).items() if value not in ("", None, (), [])}


def from_json(values: dict[str, Any]) -> Instance:
    """The inverse of `to_json`."""
    known = dict(values)
    known["patient"] = Patient(**values.get("patient", {}))
    pixels = values.get("pixels")
    known["pixels"] = PixelFormat(**pixels) if pixels else None
    known["frames"] = tuple(_frame_from_json(each) for each in values.get("frames", ()))
    for name in ("ImageType", "PatientOrientation", "odd"):
        known[name] = tuple(values.get(name, ()))
    return Instance(**known)


def _frame_from_json(values: dict[str, Any]) -> Frame:
    known: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    known["windows"] = tuple(VoiWindow(**each) for each in values.get("windows", ()))
    return Frame(**known)


def _parse(data: bytes) -> tuple[Any, int | None, int | None]:
    """The dataset up to its pixels, and where native pixels begin and how many bytes follow."""
    import pydicom
    from pydicom import config

    config.settings.reading_validation_mode = config.IGNORE
    stream = io.BytesIO(data)
    try:
        if is_deflated(data):
            return _parse_deflated(data), None, None
        dataset = pydicom.dcmread(stream, stop_before_pixels=True, force=_looks_like_dataset(data))
    except pydicom.errors.InvalidDicomError as error:
        raise Refused(Reason.NOT_DICOM) from error
    except RecursionError as error:
        raise Refused(Reason.TOO_DEEP) from error
    except (EOFError, OSError) as error:
        raise Refused(Reason.TRUNCATED, detail=str(error)) from error
    except Refused:
        raise
    except Exception as error:  # pydicom raises whatever its converters raise on spoiled bytes
        raise Refused(Reason.UNREADABLE, detail=repr(error)) from error
    syntax = str(getattr(dataset.file_meta, "TransferSyntaxUID", "") or _guessed_syntax(dataset))
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    if syntax not in _NATIVE:
        return dataset, None, None
    return (dataset, *_native_pixels(data, stream.tell(), syntax))


def _looks_like_dataset(data: bytes) -> bool:
    """Whether bytes without the DICM prefix may still be a bare dataset: an early group comes first."""
    if data[128:132] == b"DICM":
        return False
    return data[:2] in (b"\x02\x00", b"\x08\x00", b"\x00\x08", b"\x00\x02") and len(data) > 132


def _guessed_syntax(dataset: Any) -> str:
    implicit, little = dataset.original_encoding
    if implicit:
        return "1.2.840.10008.1.2"
    return "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2"


def is_deflated(data: bytes) -> bool:
    """Whether the first kilobyte of a file says that its dataset is deflated (PS3.5 A.5)."""
    return data[128:132] == b"DICM" and DEFLATED.encode() in data[:1024]


def _parse_deflated(data: bytes) -> Any:
    from pydicom.dataset import FileMetaDataset
    from pydicom.filereader import read_dataset

    end = _end_of_meta(data)
    meta = read_dataset(io.BytesIO(data[132:end]), is_implicit_VR=False, is_little_endian=True)
    stream = io.BytesIO(inflate(data, end))
    dataset = read_dataset(stream, is_implicit_VR=False, is_little_endian=True, stop_when=_at_pixels)
    dataset.file_meta = FileMetaDataset(meta)
    return dataset


def _end_of_meta(data: bytes) -> int:
    """PS3.10 §7.1: (0002,0000) is first and counts the bytes of the group that follow it."""
    return 144 + int.from_bytes(data[140:144], "little")


def inflate(data: bytes, start: int) -> bytes:
    """Inflate a deflated dataset (PS3.5 A.5) from byte `start`, to `LARGEST_INFLATED` at most."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = stream.decompress(data[start:], LARGEST_INFLATED)
    except zlib.error as error:
        raise Refused(Reason.UNREADABLE, detail=str(error)) from error
    if stream.unconsumed_tail:
        raise Refused(Reason.TOO_LARGE)
    return inflated


def _at_pixels(tag: Any, vr: str | None, length: int) -> bool:
    return tag in (0x7FE00008, 0x7FE00009, 0x7FE00010)


def _native_pixels(data: bytes, start: int, syntax: str) -> tuple[int | None, int | None]:
    """Offset and length of the value of the native pixel element that begins at byte `start`."""
    order = "big" if syntax == "1.2.840.10008.1.2.2" else "little"
    head = data[start : start + 12]
    if len(head) < 8 or int.from_bytes(head[:2], order) != 0x7FE0:  # type: ignore[arg-type]
        return None, None
    explicit = syntax != "1.2.840.10008.1.2"
    at = 8 if explicit else 4
    length = int.from_bytes(head[at : at + 4], order)  # type: ignore[arg-type]
    offset = start + at + 4
    if length == 0xFFFFFFFF:
        return None, None
    return offset, min(length, len(data) - offset)


class _Reader:
    """Attributes of one dataset; what cannot be read is left out and named in `odd`."""

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset
        self.odd: list[str] = []

    def get(self, keyword: str, convert: Callable[[Any], T], default: T) -> T:
        try:
            value = self.dataset.get(keyword)
            return default if value is None or value == "" else convert(value)
        except Exception as error:  # each converter of pydicom has its own way to fail on spoiled values
            self.odd.append(f"{keyword} cannot be read ({type(error).__name__})")
            return default

    def text(self, keyword: str) -> str:
        return self.get(keyword, lambda value: str(_first(value)).strip(" \0"), "")

    def texts(self, keyword: str) -> tuple[str, ...]:
        return self.get(keyword, lambda value: tuple(str(each) for each in _many(value)), ())

    def integer(self, keyword: str) -> int | None:
        return self.get(keyword, lambda value: int(_first(value)), None)

    def number(self, keyword: str) -> float | None:
        return self.get(keyword, lambda value: _finite(float(_first(value))), None)

    def numbers(self, keyword: str, count: int = 0) -> tuple[float, ...]:
        return self.get(keyword, lambda value: _all_finite(_many(value), count), ())


def _many(value: Any) -> list[Any]:
    return list(value) if not isinstance(value, str | bytes) and hasattr(value, "__iter__") else [value]


def _first(value: Any) -> Any:
    return _many(value)[0] if type(value).__name__ in ("MultiValue", "list") else value


def _finite(value: float) -> float:
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("not a finite number")
    return value


def _all_finite(values: list[Any], count: int) -> tuple[float, ...]:
    if count and len(values) != count:
        raise ValueError(f"{len(values)} values, {count} expected")
    return tuple(_finite(float(each)) for each in values)


_TEXTS: Final = tuple(
    field.name
    for field in fields(Instance)
    if field.type is str and field.name not in ("SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID")
)


def _identity(read: _Reader, data: bytes) -> dict[str, str]:
    """The three UIDs an object cannot be without.

    An image without them is still an image: its SOP UIDs are taken from the file meta (PS3.10 §7.1), and what
    remains missing is made from the digest of the file (PS3.5 B.2), the same at every import. Other objects
    are refused.
    """
    uids = {name: read.text(name) for name in ("SOPInstanceUID", "SOPClassUID", "StudyInstanceUID")}
    meta = read.dataset.file_meta
    uids["SOPInstanceUID"] = uids["SOPInstanceUID"] or str(meta.get("MediaStorageSOPInstanceUID", "") or "")
    uids["SOPClassUID"] = uids["SOPClassUID"] or str(meta.get("MediaStorageSOPClassUID", "") or "")
    missing = [name for name, value in uids.items() if not value]
    if not missing:
        return uids
    if read.integer("Rows") is None or read.integer("Columns") is None:
        raise Refused(Reason.NO_IDENTITY, detail=", ".join(missing))
    digest = hashlib.sha256(data).digest()
    for name in missing:
        made = f"2.25.{int.from_bytes(hashlib.sha256(name.encode() + digest).digest()[:16], 'big')}"
        uids[name] = SECONDARY_CAPTURE if name == "SOPClassUID" else made
        read.odd.append(f"{name} is missing; one was made from the file's content")
    return uids


def _instance(dataset: Any, offset: int | None, length: int | None, data: bytes) -> Instance:
    read = _Reader(dataset)
    uids = _identity(read, data)
    texts: dict[str, Any] = {name: read.text(name) for name in _TEXTS}
    # PS3.3 wants a SeriesInstanceUID; files without one still belong to one series of their study.
    texts["SeriesInstanceUID"] = texts["SeriesInstanceUID"] or uids["StudyInstanceUID"] + ".0"
    values: dict[str, Any] = {
        **texts,
        **uids,
        "TransferSyntaxUID": str(dataset.file_meta.TransferSyntaxUID),
        "patient": _patient(read),
        "pixels": _pixels(read, dataset, offset, length),
        "frames": (_frame(read),),
        "ImageType": read.texts("ImageType"),
        "PatientOrientation": read.texts("PatientOrientation"),
        **{name: read.integer(name) for name in ("SeriesNumber", "InstanceNumber", "AcquisitionNumber")},
        **{name: read.number(name) for name in ("KVP", "XRayTubeCurrent", "EchoTime", "RepetitionTime")},
        "LossyImageCompressionRatio": read.number("LossyImageCompressionRatio"),
    }
    format_ = values["pixels"]
    for name in ("PixelPaddingValue", "PixelPaddingRangeLimit"):
        values[name] = _as_stored(read.integer(name), format_)
    return Instance(**values, odd=tuple(read.odd))


def _as_stored(value: int | None, pixels: PixelFormat | None) -> int | None:
    """Padding read in the pixels' own signedness: writers often encode it in the other one (US for SS)."""
    if value is None or pixels is None:
        return value
    span = 1 << pixels.BitsAllocated
    value %= span
    return value - span if pixels.PixelRepresentation and value >= span // 2 else value


def _patient(read: _Reader) -> Patient:
    return Patient(**{field.name: read.text(field.name) for field in fields(Patient)})


def _pixels(read: _Reader, dataset: Any, offset: int | None, length: int | None) -> PixelFormat | None:
    rows, columns = read.integer("Rows"), read.integer("Columns")
    if not rows or not columns:
        return None
    allocated = read.integer("BitsAllocated") or 16
    stored = read.integer("BitsStored") or allocated
    high = read.integer("HighBit")
    return PixelFormat(
        Rows=rows,
        Columns=columns,
        SamplesPerPixel=read.integer("SamplesPerPixel") or 1,
        PhotometricInterpretation=read.text("PhotometricInterpretation"),
        PlanarConfiguration=read.integer("PlanarConfiguration") or 0,
        BitsAllocated=allocated,
        BitsStored=stored,
        HighBit=stored - 1 if high is None else high,
        PixelRepresentation=read.integer("PixelRepresentation") or 0,
        NumberOfFrames=read.integer("NumberOfFrames") or 1,
        keyword="PixelData",
        offset=offset,
        length=length,
    )


def _frame(read: _Reader) -> Frame:
    position = read.numbers("ImagePositionPatient", 3)
    orientation = read.numbers("ImageOrientationPatient", 6)
    spacing = read.numbers("PixelSpacing", 2)
    imager = read.numbers("ImagerPixelSpacing", 2)
    return Frame(
        ImagePositionPatient=(position[0], position[1], position[2]) if position else None,
        ImageOrientationPatient=orientation or None,  # type: ignore[arg-type]
        PixelSpacing=(spacing[0], spacing[1]) if spacing else None,
        ImagerPixelSpacing=(imager[0], imager[1]) if imager else None,
        SliceThickness=read.number("SliceThickness"),
        RescaleSlope=read.number("RescaleSlope"),
        RescaleIntercept=read.number("RescaleIntercept"),
        RescaleType=read.text("RescaleType"),
        windows=_windows(read),
        VOILUTFunction=read.text("VOILUTFunction") or "LINEAR",
    )


def _windows(read: _Reader) -> tuple[VoiWindow, ...]:
    centers, widths = read.numbers("WindowCenter"), read.numbers("WindowWidth")
    names = read.texts("WindowCenterWidthExplanation")
    pairs = zip(centers, widths, strict=False)
    return tuple(
        VoiWindow(center, width, names[index] if index < len(names) else "")
        for index, (center, width) in enumerate(pairs)
        if width > 0
    )
