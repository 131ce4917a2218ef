"""Bytes of a DICOM file -> `Instance`, under limits, without touching the pixels.

Header parsing is done in worker processes in bulk (`cache.intake`), so this module imports neither
Qt nor VTK, and `read_instance` takes bytes and gives a value that travels.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import fields, replace
from itertools import islice
from operator import attrgetter
from typing import Any, Final, TypeVar

from workstation.dicom.attributes import Attributes
from workstation.dicom.entities import (
    Frame,
    Instance,
    Patient,
    Pet,
    PixelFormat,
    RealWorldValue,
    UltrasoundRegion,
    VoiWindow,
)
from workstation.dicom.frames import read_frames
from workstation.dicom.pet import read_pet
from workstation.dicom.scan import DEFLATED, PIXELS, Dataset, has_preamble, looks_like_dataset, scan
from workstation.errors import Reason, Refused

R = TypeVar("R", Instance, Frame)

VERSION: Final = 9
"""Of what `to_json` gives. A header kept by an earlier version is read again from its file (`cache.ingest`)."""

MEDIA_DIRECTORY: Final = "1.2.840.10008.1.3.10"
SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
_PIXEL_KEYWORDS: Final = dict(zip(PIXELS, ("FloatPixelData", "DoubleFloatPixelData", "PixelData"), strict=True))
_IDENTITY: Final = ("SOPInstanceUID", "SOPClassUID", "StudyInstanceUID")
_TEXTS: Final = tuple(
    field.name
    for field in fields(Instance)
    if field.type is str and field.name not in (*_IDENTITY, "TransferSyntaxUID")
)
_INTEGERS: Final = ("SeriesNumber", "InstanceNumber", "AcquisitionNumber")
_NUMBERS: Final = (
    *("KVP", "XRayTubeCurrent", "EchoTime", "RepetitionTime", "LossyImageCompressionRatio"),
    *("FrameTime", "RecommendedDisplayFrameRate", "CineRate"),
)
MOST_REGIONS: Final = 64
"""Ultrasound regions that are read; machines write one to five."""

_MASK: Final = ("MaskFrameNumbers", "MaskSubPixelShift")
_LISTS: Final = ("ImageType", "PatientOrientation", "CorrectedImage", "FrameTimeVector", *_MASK, "ViewCodes", "odd")
_PATIENT: Final = tuple(field.name for field in fields(Patient))


def read_instance(data: bytes) -> Instance:
    """Read what the workstation asks of one DICOM Part 10 file (PS3.10 7) or bare dataset.

    Raises `Refused` with NOT_DICOM, TRUNCATED, UNREADABLE, NO_IDENTITY, MEDIA_DIRECTORY, TOO_LARGE or TOO_DEEP.
    """
    dataset = scan(data)
    if dataset.media_sop_class_uid == MEDIA_DIRECTORY or _DIRECTORY_RECORDS in dataset.elements:
        raise Refused(Reason.MEDIA_DIRECTORY)
    read = Attributes(dataset)
    uids = _identity(read, dataset, data)
    texts = {name: read.text(name) for name in _TEXTS}
    # PS3.3 wants a SeriesInstanceUID; files without one still belong to one series of their study.
    if not texts["SeriesInstanceUID"]:
        texts["SeriesInstanceUID"] = uids["StudyInstanceUID"] + ".0"
        read.odd.append("SeriesInstanceUID is missing; such images are kept as one series of their study")
    pixels = _pixels(read, dataset)
    values: dict[str, Any] = {
        **texts,
        **uids,
        "TransferSyntaxUID": dataset.transfer_syntax_uid,
        "patient": Patient(*(read.text(name) for name in _PATIENT)),
        "pixels": pixels,
        "frames": read_frames(read, pixels),
        **{name: read.texts(name) for name in ("ImageType", "PatientOrientation", "CorrectedImage")},
        "FrameTimeVector": read.numbers("FrameTimeVector"),
        **_mask(read),
        "ReasonForTheRequestedProcedure": texts["ReasonForTheRequestedProcedure"] or _reason(read),
        "ViewCodes": _view_codes(read),
        "ultrasound": tuple(_ultrasound(read)),
        "pet": read_pet(read),
        **{name: read.integer(name) for name in _INTEGERS},
        **{name: read.number(name) for name in _NUMBERS},
        "PixelPaddingValue": _as_stored(read.integer("PixelPaddingValue"), pixels),
        "PixelPaddingRangeLimit": _as_stored(read.integer("PixelPaddingRangeLimit"), pixels),
    }
    return Instance(**values, odd=tuple(read.odd))


def _mask(read: Attributes) -> dict[str, tuple[float, ...]]:
    """The first item of the Mask Subtraction Sequence that names mask frames (PS3.3 C.7.6.10)."""
    for elements in islice(read.items(_MASK_SUBTRACTION), 16):
        item = read.having(elements)
        numbers = item.numbers("MaskFrameNumbers")
        if numbers:
            shift = item.numbers("MaskSubPixelShift")
            return {"MaskFrameNumbers": tuple(int(each) for each in numbers), "MaskSubPixelShift": shift}
    return {}


def _reason(read: Attributes) -> str:
    """Why it was asked for, by the first item of the Request Attributes Sequence that says so (PS3.3 10.6)."""
    reasons = (read.having(each).text("ReasonForTheRequestedProcedure") for each in islice(read.items(_REQUESTS), 16))
    return next(filter(None, reasons), "")


def _view_codes(read: Attributes) -> tuple[str, ...]:
    for elements in islice(read.items(_VIEW_CODE), 1):
        view = read.having(elements)
        modifiers = (read.having(each).text("CodeValue") for each in islice(view.items(_VIEW_MODIFIER_CODE), 8))
        return (view.text("CodeValue"), *modifiers)
    return ()


def _ultrasound(read: Attributes) -> Iterator[UltrasoundRegion]:
    for elements in islice(read.items(_ULTRASOUND_REGIONS), MOST_REGIONS):
        item = read.having(elements)
        box = tuple(item.integer(f"RegionLocation{name}") for name in ("MinX0", "MinY0", "MaxX1", "MaxY1"))
        deltas = item.number("PhysicalDeltaX"), item.number("PhysicalDeltaY")
        units = item.integer("PhysicalUnitsXDirection") or 0, item.integer("PhysicalUnitsYDirection") or 0
        if None in box or not all(deltas):
            continue
        left, top, right, bottom = (each or 0 for each in box)
        scale = abs(deltas[0] or 0.0), abs(deltas[1] or 0.0)  # upwards is negative for some makers
        format_, flags = item.integer("RegionSpatialFormat") or 0, item.integer("RegionFlags") or 0
        yield UltrasoundRegion((left, top, right, bottom), units, scale, format_, flags)


def check_kind(data: bytes) -> None:
    """Refuse at a glance what is no object: Refused(NOT_DICOM)."""
    if not has_preamble(data) and not looks_like_dataset(data):
        raise Refused(Reason.NOT_DICOM)


def is_deflated(data: bytes) -> bool:
    """Whether the first kilobyte of a file says that its dataset is deflated (PS3.5 A.5)."""
    return has_preamble(data) and DEFLATED.encode() in data[:1024]


def to_json(instance: Instance) -> dict[str, Any]:
    """The instance as plain JSON values; attributes that are empty are left out."""
    values = _filled(instance)
    values["patient"] = _filled(instance.patient)
    if instance.pixels is not None:
        values["pixels"] = _filled(instance.pixels)
    values["frames"] = _frames_to_json(instance.frames)
    if instance.pet is not None:
        values["pet"] = _filled(instance.pet)
    if instance.ultrasound:
        values["ultrasound"] = [[r.box, r.units, r.deltas, r.spatial_format, r.flags] for r in instance.ultrasound]
    return values


def from_json(values: dict[str, Any]) -> Instance:
    """The inverse of `to_json`."""
    return Instance(**_typed({"patient": {}, "pixels": None, **values}))


def like(first: Instance, of_first: dict[str, Any], differing: dict[str, Any], absent: Collection[str]) -> Instance:
    """The instance whose JSON values are those of `first` (`of_first`) but for some that differ or are absent.

    A neighbour in its series costs a third of `from_json`, and shares with it what is the same.
    """
    known = _typed({name: value for name, value in differing.items() if name != "frames"})
    known |= {name: _DEFAULTS[Instance][name] for name in absent}
    if frames := differing.get("frames"):
        known["frames"] = _frames_like(first.frames[0], of_first["frames"][0], frames)
    return _changed(first, known)


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """JSON values as fields of an instance."""
    known = dict(values)
    if "patient" in known:
        known["patient"] = Patient(**known["patient"])
    if "pixels" in known:
        known["pixels"] = PixelFormat(**known["pixels"]) if known["pixels"] else None
    if "frames" in known:
        known["frames"] = _frames_from_json(known["frames"])
    if known.get("pet"):
        known["pet"] = _pet_from_json(known["pet"])
    if "ultrasound" in known:
        known["ultrasound"] = tuple(
            UltrasoundRegion(tuple(box), tuple(units), tuple(deltas), spatial, flags)
            for box, units, deltas, spatial, flags in known["ultrasound"]
        )
    for name in _LISTS:
        if name in known:
            known[name] = tuple(known[name])
    return known


def _pet_from_json(values: dict[str, Any]) -> Pet:
    lists: dict[str, Any] = {name: tuple(values[name]) for name in ("nuclide", "glucose") if name in values}
    return Pet(**(values | lists))


_MASK_SUBTRACTION: Final = 0x00286100
_REQUESTS: Final = 0x00400275
_VIEW_CODE: Final = 0x00540220
_ULTRASOUND_REGIONS: Final = 0x00186011
_VIEW_MODIFIER_CODE: Final = 0x00540222
_DIRECTORY_RECORDS: Final = 0x00041220
_NAMES: Final = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Instance, Patient, PixelFormat, Pet, Frame)
}
_FIELDS: Final[dict[type, Callable[[Any], tuple[Any, ...]]]] = {
    kind: attrgetter(*names) for kind, names in _NAMES.items()
}
_PLACES: Final[dict[type, dict[str, int]]] = {
    kind: {name: place for place, name in enumerate(names)} for kind, names in _NAMES.items()
}
_DEFAULTS: Final[dict[type, dict[str, Any]]] = {
    Frame: {field.name: field.default for field in fields(Frame)},
    Instance: {field.name: field.default for field in fields(Instance)} | {"pixels": None},
}


def _filled(record: Instance | Patient | PixelFormat | Pet | Frame) -> dict[str, Any]:
    """Fields that say something; `dataclasses.asdict` copies deeply and costs as much as the whole header."""
    named = ((name, getattr(record, name)) for name in _NAMES[type(record)])
    if isinstance(record, PixelFormat):
        return {name: value for name, value in named if value is not None}
    return {name: value for name, value in named if value is not None and value != "" and value != ()}


def _frames_to_json(frames: tuple[Frame, ...]) -> list[dict[str, Any]]:
    """The first frame whole, of each other one only what is different: most of a thousand frames is the same."""
    first = frames[0]
    different = [
        {
            name: _VALUES_TO_JSON[name](value) if name in _VALUES_TO_JSON else value
            for name in _NAMES[Frame]
            if (value := getattr(frame, name)) != getattr(first, name)
        }
        for frame in frames[1:]
    ]
    whole = _filled(first)
    for name, to_json_ in _VALUES_TO_JSON.items():
        if name in whole:
            whole[name] = to_json_(whole[name])
    return [whole, *different]


def _windows_to_json(windows: tuple[VoiWindow, ...]) -> list[list[Any]]:
    return [[window.center, window.width, window.explanation] for window in windows]


def _real_world_to_json(values: tuple[RealWorldValue, ...]) -> list[list[Any]]:
    return [[each.slope, each.intercept, each.unit, each.first, each.last, each.label] for each in values]


_VALUES_TO_JSON: Final[dict[str, Callable[[Any], list[list[Any]]]]] = {
    "windows": _windows_to_json,
    "real_world": _real_world_to_json,
}


def _frames_from_json(values: list[dict[str, Any]]) -> tuple[Frame, ...]:
    first = Frame(**_frame_values(values[0]))
    return (first, *(replace(first, **_frame_values(each)) for each in values[1:]))


def _frames_like(first: Frame, of_first: dict[str, Any], values: list[dict[str, Any]]) -> tuple[Frame, ...]:
    """As `_frames_from_json`, by what the first of them has otherwise than the first frame of another instance."""
    whole = values[0]
    absent = {name: _DEFAULTS[Frame][name] for name in of_first if name not in whole}
    differing = {name: value for name, value in whole.items() if name not in of_first or of_first[name] != value}
    frame = _changed(first, absent | _frame_values(differing))
    return (frame, *(replace(frame, **_frame_values(each)) for each in values[1:]))


def _changed(record: R, values: dict[str, Any]) -> R:
    """As `dataclasses.replace`, in half the time."""
    kind = type(record)
    fields_ = list(_FIELDS[kind](record))
    for name, value in values.items():
        fields_[_PLACES[kind][name]] = value
    return kind(*fields_)


def _frame_values(values: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    if "windows" in known:
        known["windows"] = tuple(VoiWindow(*each) for each in known["windows"])
    if "real_world" in known:
        known["real_world"] = tuple(RealWorldValue(*each) for each in known["real_world"])
    if "increments" in known:
        known["increments"] = tuple((name, count) for name, count in known["increments"])
    return known


def _identity(read: Attributes, dataset: Dataset, data: bytes) -> dict[str, str]:
    """The three UIDs an object cannot be without.

    An image without them is still an image: its SOP UIDs are taken from the file meta (PS3.10 7.1), and what
    remains missing is made from the digest of the file (PS3.5 B.2), the same at every import. Other objects
    are refused.
    """
    uids = {name: read.text(name) for name in _IDENTITY}
    uids["SOPInstanceUID"] = uids["SOPInstanceUID"] or dataset.media_sop_instance_uid
    uids["SOPClassUID"] = uids["SOPClassUID"] or dataset.media_sop_class_uid
    missing = [name for name, value in uids.items() if not value]
    if not missing:
        return uids
    if dataset.pixel_tag is None or read.integer("Rows") is None or read.integer("Columns") is None:
        raise Refused(Reason.NO_IDENTITY, detail=", ".join(missing))
    digest = hashlib.sha256(data).digest()
    for name in missing:
        made = f"2.25.{int.from_bytes(hashlib.sha256(name.encode() + digest).digest()[:16], 'big')}"
        uids[name] = SECONDARY_CAPTURE if name == "SOPClassUID" else made
        read.odd.append(f"{name} is missing; one was made from the file's content")
    return uids


def _as_stored(value: int | None, pixels: PixelFormat | None) -> int | None:
    """Padding read in the pixels' own signedness: writers often encode it in the other one (US for SS)."""
    if value is None or pixels is None:
        return value
    span = 1 << pixels.BitsAllocated
    value %= span
    return value - span if pixels.PixelRepresentation and value >= span // 2 else value


def _pixels(read: Attributes, dataset: Dataset) -> PixelFormat | None:
    rows, columns = read.integer("Rows"), read.integer("Columns")
    if not rows or not columns:
        return None
    if dataset.pixel_tag is None:
        read.odd.append("Rows and Columns are there, pixels are not")
        return None
    if dataset.pixel_missing_bytes:
        read.odd.append(f"the file ends {dataset.pixel_missing_bytes} bytes before its pixels do")
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
        keyword=_PIXEL_KEYWORDS[dataset.pixel_tag],
        offset=dataset.pixel_offset,
        length=dataset.pixel_bytes,
    )
