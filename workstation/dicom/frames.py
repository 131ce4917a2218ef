"""One `Frame` for each image of an object, from wherever its kind of object says it.

Enhanced objects say it in functional groups (PS3.3 C.7.6.16), shared ones first and those of the frame over them;
nuclear medicine in vectors (C.8.4.8), dose in GridFrameOffsetVector (C.8.8.3), Siemens mosaics in private headers,
single-frame objects in the dataset itself. Where an object says nothing of its single frames there is one `Frame`
for all of them.
"""

from dataclasses import replace
from itertools import islice
from typing import Any, Final

from workstation.dicom.attributes import Attributes
from workstation.dicom.entities import Frame, PixelFormat, Vec3, VoiWindow
from workstation.dicom.pet import real_world
from workstation.dicom.scan import Raw
from workstation.dicom.siemens import cross, mosaic_tiles, moved

MOST_FRAMES: Final = 32_768
"""Frames whose functional groups are read; a header that describes more is no image anybody reads."""

FARTHEST_MM: Final = 1e6
"""A position a kilometre from the origin, or a pixel as large as this, is a spoiled number."""

SHARED, PER_FRAME = 0x52009229, 0x52009230
_GROUPS: Final = (
    0x00209170,  # UnassignedSharedConvertedAttributesSequence
    0x00209171,  # UnassignedPerFrameConvertedAttributesSequence
    0x00289110,  # PixelMeasuresSequence
    0x00289443,  # FramePixelDataPropertiesSequence
    0x00209113,  # PlanePositionSequence
    0x00209116,  # PlaneOrientationSequence
    0x00209111,  # FrameContentSequence
    0x00289132,  # FrameVOILUTSequence
    0x00289145,  # PixelValueTransformationSequence
    0x00189114,  # MREchoSequence
    0x00189117,  # MRDiffusionSequence
    0x00189118,  # CardiacSynchronizationSequence
    0x00189226,  # MRImageFrameTypeSequence
    0x00189329,  # CTImageFrameTypeSequence
    0x00189504,  # XRay3DFrameTypeSequence
    0x00189751,  # PETFrameTypeSequence
    0x00409092,  # ParametricMapFrameTypeSequence
    0x0062000A,  # SegmentIdentificationSequence
)
"""The groups that say where an image lies, what its numbers mean and what tells it from others; later ones win."""

_NESTED: Final = (0x00189076,)
"""DiffusionGradientDirectionSequence, inside MRDiffusionSequence."""

_VECTORS: Final = (
    *("EnergyWindowVector", "DetectorVector", "PhaseVector", "RotationVector", "RRIntervalVector"),
    *("TimeSlotVector", "SliceVector", "AngularViewVector", "TimeSliceVector"),
)
_DETECTOR: Final = 0x00540022
_PHILIPS: Final = "Philips Imaging DD 001"


def read_frames(read: Attributes, pixels: PixelFormat | None) -> tuple[Frame, ...]:
    """The frames of an object: one for each image, or one that holds for all of them. Errors as `scan.scan`."""
    frames = _frames(read, pixels)
    sane = tuple(map(_sane, frames))
    if sane != frames:
        read.odd.append("a position or pixel spacing is no length there can be, and was left out")
    return sane


def _sane(frame: Frame) -> Frame:
    """The frame without what would be a number and no length."""
    place, spacing, imager = frame.ImagePositionPatient, frame.PixelSpacing, frame.ImagerPixelSpacing
    if place and max(map(abs, place)) > FARTHEST_MM:
        frame = replace(frame, ImagePositionPatient=None)
    if spacing and not all(0 < each < FARTHEST_MM for each in spacing):
        frame = replace(frame, PixelSpacing=None)
    if imager and not all(0 < each < FARTHEST_MM for each in imager):
        frame = replace(frame, ImagerPixelSpacing=None)
    if frame.SliceThickness is not None and not 0 <= frame.SliceThickness < FARTHEST_MM:
        frame = replace(frame, SliceThickness=None)
    return frame


def _frames(read: Attributes, pixels: PixelFormat | None) -> tuple[Frame, ...]:
    if pixels is None:
        return (frame_of(read),)
    if PER_FRAME in read.elements or SHARED in read.elements:
        return _grouped(read, pixels.NumberOfFrames)
    base = frame_of(read)
    if tiles := mosaic_tiles(read, pixels, base):
        return tiles
    if pixels.NumberOfFrames == 1:
        return (base,)
    return _dose_planes(read, base, pixels) or _counted(read, base, pixels) or (base,)


def _grouped(read: Attributes, declared: int) -> tuple[Frame, ...]:
    """Functional groups folded in, one item a frame; a frame without one has no position."""
    common = dict(read.elements)
    for item in islice(read.items(SHARED), 1):
        common |= _flat(read.having(item))
    described = islice(read.items(PER_FRAME), min(declared, MOST_FRAMES))
    frames = [frame_of(read.having(common | _flat(read.having(item)))) for item in described]
    if not frames:
        return (frame_of(read.having(common)),)
    if len(frames) < declared:
        read.odd.append(f"only {len(frames)} of its {declared} images are described")
    return tuple(frames)


def _flat(read: Attributes) -> dict[int, Raw]:
    """The elements of all groups of one item side by side: no two groups share an attribute that is read."""
    found: dict[int, Raw] = {}
    for tag in _GROUPS:
        if tag in read.elements:
            for item in islice(read.items(tag), 1):
                found.update(item)
    for tag in _NESTED:
        if tag in found:
            for item in islice(read.having(found).items(tag), 1):
                found.update(item)
    return found


def frame_of(read: Attributes) -> Frame:
    """The frame that a flat set of attributes describes."""
    orientation = read.numbers("ImageOrientationPatient", 6)
    imager = read.numbers("ImagerPixelSpacing", 2)
    spacing = read.numbers("PixelSpacing", 2)
    aspect = read.numbers("PixelAspectRatio", 2)
    kind = read.texts("FrameType")
    component = read.text("ComplexImageComponent")
    return Frame(
        ImagePositionPatient=_three(read.numbers("ImagePositionPatient", 3)),
        ImageOrientationPatient=orientation or None,  # type: ignore[arg-type]
        PixelSpacing=(spacing[0], spacing[1]) if spacing else None,
        ImagerPixelSpacing=(imager[0], imager[1]) if imager else None,
        PixelAspectRatio=(aspect[0], aspect[1]) if aspect else None,
        SliceThickness=read.number("SliceThickness"),
        windows=_windows(read),
        VOILUTFunction=read.text("VOILUTFunction") or "LINEAR",
        FrameType=(*kind, component) if kind and component else kind,
        **_rescale(read),
        **_what_varies(read),
    )


def _rescale(read: Attributes) -> dict[str, Any]:
    """Rescale, or what dose has in its place: stored values times DoseGridScaling (PS3.3 C.8.8.3)."""
    slope, kind = read.number("RescaleSlope"), read.text("RescaleType")
    if slope is None and (slope := read.number("DoseGridScaling")) is not None:
        kind = read.text("DoseUnits")
    return {"RescaleSlope": slope, "RescaleIntercept": read.number("RescaleIntercept"), "RescaleType": kind}


def _what_varies(read: Attributes) -> dict[str, Any]:
    """What tells images at one position from each other."""
    echo, trigger = read.number("EffectiveEchoTime"), read.number("NominalCardiacTriggerDelayTime")
    temporal, acquisition = read.integer("TemporalPositionIndex"), read.integer("FrameAcquisitionNumber")
    value, direction = _diffusion(read)
    return {
        "StackID": read.text("StackID"),
        "InStackPositionNumber": read.integer("InStackPositionNumber"),
        "TemporalPositionIndex": read.integer("TemporalPositionIdentifier") if temporal is None else temporal,
        "EchoTime": read.number("EchoTime") if echo is None else echo,
        "InversionTime": read.number("InversionTime"),
        "TriggerTime": read.number("TriggerTime") if trigger is None else trigger,
        "NominalInterval": read.number("NominalInterval"),
        "NominalPercentageOfCardiacPhase": read.number("NominalPercentageOfCardiacPhase"),
        "DiffusionBValue": value,
        "DiffusionGradientOrientation": direction,
        "AcquisitionNumber": read.integer("AcquisitionNumber") if acquisition is None else acquisition,
        "AcquisitionDateTime": _time(read),
        "FrameReferenceTime": read.number("FrameReferenceTime"),
        "ActualFrameDuration": read.number("ActualFrameDuration"),
        "DecayFactor": read.number("DecayFactor"),
        "real_world": real_world(read) if read.text("Modality") == "PT" else (),
        "ReferencedSegmentNumber": read.integer("ReferencedSegmentNumber"),
        "DimensionIndexValues": tuple(int(value) for value in read.numbers("DimensionIndexValues")),
    }


def _time(read: Attributes) -> str:
    for keyword in ("FrameReferenceDateTime", "FrameAcquisitionDateTime", "AcquisitionDateTime"):
        if text := read.text(keyword):
            return text
    date, time = read.text("AcquisitionDate"), read.text("AcquisitionTime")
    return date + time if date and time else ""


def _diffusion(read: Attributes) -> tuple[float | None, tuple[float, ...]]:
    """b-value (s/mm²) and gradient direction: standard, else where Siemens, GE and Philips keep them."""
    direction = read.numbers("DiffusionGradientOrientation")
    value = read.number("DiffusionBValue")
    if value is not None or read.text("Modality") != "MR":
        return value, direction
    siemens = read.private_numbers(0x0019, "SIEMENS MR HEADER", 0x0C, "IS")
    if siemens:
        return siemens[0], read.private_numbers(0x0019, "SIEMENS MR HEADER", 0x0E, "FD")
    if ge := read.private_numbers(0x0043, "GEMS_PARM_01", 0x39, "IS"):
        return ge[0] % 1e9, direction  # GE adds 10^9 to what its console shows
    if philips := read.private_numbers(0x2001, _PHILIPS, 0x03, "FL"):
        return philips[0], direction
    return None, direction


def _windows(read: Attributes) -> tuple[VoiWindow, ...]:
    centers, widths = read.numbers("WindowCenter"), read.numbers("WindowWidth")
    names = read.texts("WindowCenterWidthExplanation")
    pairs = zip(centers, widths, strict=False)
    return tuple(
        VoiWindow(center, width, names[index] if index < len(names) else "")
        for index, (center, width) in enumerate(pairs)
        if width > 0
    )


def _three(values: tuple[float, ...]) -> Vec3 | None:
    return (values[0], values[1], values[2]) if values else None


def _dose_planes(read: Attributes, base: Frame, pixels: PixelFormat) -> tuple[Frame, ...]:
    """Positions by GridFrameOffsetVector: distances along the normal from the first plane, or z (PS3.3 C.8.8.3.2)."""
    offsets = read.numbers("GridFrameOffsetVector")
    place, plane = base.ImagePositionPatient, base.ImageOrientationPatient
    if not offsets or place is None or plane is None:
        return ()
    if len(offsets) != pixels.NumberOfFrames:
        read.odd.append(f"GridFrameOffsetVector has {len(offsets)} values for {pixels.NumberOfFrames} planes")
        return ()
    normal = (0.0, 0.0, 1.0) if offsets[0] else cross(plane[:3], plane[3:])
    return tuple(
        replace(base, ImagePositionPatient=moved(place, (offset - offsets[0], normal)))
        for offset in offsets[:MOST_FRAMES]
    )


def _counted(read: Attributes, base: Frame, pixels: PixelFormat) -> tuple[Frame, ...]:
    """Nuclear medicine: what each frame is counted by, and for slices their positions (PS3.3 C.8.4.8, C.8.4.11)."""
    count = pixels.NumberOfFrames
    vectors = {name: values for name in _VECTORS if len(values := read.numbers(name)) == count}
    if not vectors or count > MOST_FRAMES:
        return ()
    base = _placed_by_detector(read, base)
    step_mm = read.number("SpacingBetweenSlices")
    plane, place = base.ImageOrientationPatient, base.ImagePositionPatient
    placed = "SliceVector" in vectors and bool(step_mm) and plane is not None and place is not None
    frames = []
    for index in range(count):
        counted = tuple((name, int(values[index])) for name, values in vectors.items())
        frame = replace(base, increments=counted, ImagePositionPatient=None)
        if placed and plane and place and step_mm:
            along = cross(plane[:3], plane[3:])
            offset_mm = (vectors["SliceVector"][index] - 1) * step_mm
            frame = replace(frame, ImagePositionPatient=moved(place, (offset_mm, along)))
        frames.append(frame)
    return tuple(frames)


def _placed_by_detector(read: Attributes, base: Frame) -> Frame:
    """The plane of reconstructed slices stands in the first item of DetectorInformationSequence."""
    for item in islice(read.items(_DETECTOR), 1):
        there = frame_of(read.having(item))
        return replace(
            base,
            ImagePositionPatient=base.ImagePositionPatient or there.ImagePositionPatient,
            ImageOrientationPatient=base.ImageOrientationPatient or there.ImageOrientationPatient,
        )
    return base
