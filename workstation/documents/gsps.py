"""Presentation states read (PS3.3 A.33): bytes to a `Presentation`, bounded, with what is not followed named."""

from collections.abc import Iterator
from typing import Any, Final

from workstation.dicom.attributes import Attributes
from workstation.dicom.looks import read_shutter
from workstation.dicom.luts import MODALITY_LUTS, PRESENTATION_LUTS, VOI_LUTS, Lut, read_luts
from workstation.dicom.overlays import read_overlays
from workstation.dicom.scan import Dataset, scan
from workstation.errors import Reason, Refused
from workstation.imaging.greyscale import Rescale, Voi, Window
from workstation.imaging.softcopy import (
    DisplayedArea,
    Drawing,
    Layer,
    MaskOperation,
    Points,
    Presentation,
    Reference,
    Text,
)

GREYSCALE: Final = "1.2.840.10008.5.1.4.1.1.11.1"
READ: Final = frozenset(f"1.2.840.10008.5.1.4.1.1.11.{each}" for each in (1, 2, 3, 5))
"""Greyscale, colour, pseudo-colour and XA/XRF presentation states; of the others more than the kernel is new."""

_SERIES, _IMAGES = 0x00081115, 0x00081140
_SOFTCOPY_VOI, _MASKS = 0x00283110, 0x00286100
_ANNOTATIONS, _TEXTS, _DRAWINGS, _COMPOUND, _AREAS, _LAYERS = (
    0x0070 << 16 | each for each in (1, 8, 9, 0x209, 0x5A, 0x60)
)
_TURNS: Final = {0: 0, 90: 1, 180: 2, 270: 3}


def read_presentation(data: bytes) -> Presentation:
    """Read a presentation state from the bytes of its file.

    Raises `Refused` as `scan` does, or with NOT_A_PRESENTATION for another kind of object.
    """
    dataset = scan(data)
    read = Attributes(dataset)
    if read.text("SOPClassUID") not in READ:
        raise Refused(Reason.NOT_A_PRESENTATION)
    references = tuple(reference for series in read.items(_SERIES) for reference in _references(read.having(series)))
    modality = read_luts(read, MODALITY_LUTS, dataset.big_endian, signed=True)
    slope, intercept = read.number("RescaleSlope"), read.number("RescaleIntercept")
    overlays = read_overlays(read, dataset, None, 0)
    return Presentation(
        sop_instance_uid=read.text("SOPInstanceUID"),
        label=read.text("ContentLabel"),
        description=read.text("ContentDescription"),
        references=references,
        modality=modality[0] if modality else None,
        rescale=Rescale(slope or 1.0, intercept or 0.0) if slope is not None else None,
        voi=tuple(_voi(read.having(item), dataset.big_endian) for item in read.items(_SOFTCOPY_VOI)),
        presentation=_presentation_lut(read, dataset),
        inverse=read.text("PresentationLUTShape") == "INVERSE",
        areas=tuple(_area(read.having(item)) for item in read.items(_AREAS)),
        quarter_turns=_turns(read),
        flipped=read.text("ImageHorizontalFlip") == "Y",
        shutter=read_shutter(read, {each.group: each for each in overlays}),
        layers=_layers(read),
        overlays=tuple(each for each in overlays if each.layer),
        activated=_activated(read),
        masks=tuple(_mask(read.having(item)) for item in read.items(_MASKS)),
        odd=tuple(read.odd),
    )


def _references(read: Attributes) -> tuple[Reference, ...]:
    """The images in the ReferencedImageSequence of an item."""
    found = []
    for item in read.items(_IMAGES):
        image = read.having(item)
        frames = tuple(int(each) for each in image.numbers("ReferencedFrameNumber"))
        found.append(Reference(image.text("ReferencedSOPInstanceUID"), frames))
    return tuple(found)


def _voi(read: Attributes, big_endian: bool) -> tuple[tuple[Reference, ...], tuple[Voi, ...]]:
    """One item of the SoftcopyVOILUTSequence (C.11.8)."""
    centers, widths = read.numbers("WindowCenter"), read.numbers("WindowWidth")
    names = read.texts("WindowCenterWidthExplanation")
    function = read.text("VOILUTFunction") or "LINEAR"
    windows = tuple(
        Window(center, width, function, names[number] if number < len(names) else "")
        for number, (center, width) in enumerate(zip(centers, widths, strict=False))
        if width > 0
    )
    return _references(read), (*windows, *read_luts(read, VOI_LUTS, big_endian, signed=True))


def _presentation_lut(read: Attributes, dataset: Dataset) -> Lut | None:
    return next(iter(read_luts(read, PRESENTATION_LUTS, dataset.big_endian)), None)


def _area(read: Attributes) -> DisplayedArea:
    first = [int(each) for each in read.numbers("DisplayedAreaTopLeftHandCorner", 2)] or [1, 1]
    last = [int(each) for each in read.numbers("DisplayedAreaBottomRightHandCorner", 2)] or first
    mode = read.text("PresentationSizeMode") or "SCALE TO FIT"
    if mode == "TRUE SIZE":
        read.odd.append("true size is shown fitted")
    magnification = read.number("PresentationPixelMagnificationRatio")
    return DisplayedArea(_references(read), (first[0], first[1]), (last[0], last[1]), mode, magnification)


def _turns(read: Attributes) -> int:
    degrees = (read.integer("ImageRotation") or 0) % 360
    if degrees not in _TURNS:
        read.odd.append(f"a rotation by {degrees} degrees")
    return _TURNS.get(degrees, 0)


def _layers(read: Attributes) -> tuple[Layer, ...]:
    """Graphic layers with what is drawn in them (C.10.5, C.10.7); layers that are only named in annotations too."""
    drawn: dict[str, list[Any]] = {}
    for item in read.items(_ANNOTATIONS):
        annotation = read.having(item)
        if next(annotation.items(_COMPOUND), None) is not None:
            read.odd.append("compound graphics")
        content = (_references(annotation), tuple(_drawings(annotation)), tuple(_texts(annotation)))
        drawn.setdefault(annotation.text("GraphicLayer"), []).append(content)
    layers = []
    for item in read.items(_LAYERS):
        layer = read.having(item)
        level = layer.integer("GraphicLayerRecommendedDisplayGrayscaleValue")
        name = layer.text("GraphicLayer")
        order, grey = layer.integer("GraphicLayerOrder") or 0, None if level is None else level * 255 // 65535
        layers.append(Layer(name, order, grey, tuple(drawn.pop(name, ()))))
    return (*layers, *(Layer(name, 0, None, tuple(content)) for name, content in drawn.items()))


def _drawings(read: Attributes) -> Iterator[Drawing]:
    for item in read.items(_DRAWINGS):
        graphic = read.having(item)
        points = _points(graphic.numbers("GraphicData"))
        if points:
            units = graphic.text("GraphicAnnotationUnits") or "PIXEL"
            yield Drawing(graphic.text("GraphicType"), points, units, graphic.text("GraphicFilled") == "Y")


def _texts(read: Attributes) -> Iterator[Text]:
    for item in read.items(_TEXTS):
        text = read.having(item)
        corners = ("BoundingBoxTopLeftHandCorner", "BoundingBoxBottomRightHandCorner")
        box = tuple(point for corner in corners for point in _points(text.numbers(corner, 2)))
        anchor = _points(text.numbers("AnchorPoint", 2))
        yield Text(
            text.text("UnformattedTextValue").replace("\r\n", "\n").replace("\r", "\n"),
            box if len(box) == 2 else (),
            text.text("BoundingBoxAnnotationUnits") or "PIXEL",
            anchor[0] if anchor else None,
            text.text("AnchorPointAnnotationUnits") or "PIXEL",
            text.text("AnchorPointVisibility") == "Y",
            text.text("BoundingBoxTextHorizontalJustification") or "LEFT",
        )


def _points(numbers: tuple[float, ...]) -> Points:
    return tuple(zip(numbers[0::2], numbers[1::2], strict=False))


def _activated(read: Attributes) -> tuple[tuple[int, str], ...]:
    """Overlay groups that are shown, and in which layer (C.11.7)."""
    found = []
    for group in range(0x6000, 0x6020, 2):
        raw = read.elements.get(group << 16 | 0x1001)
        if raw is not None:
            found.append((group, read.bytes_of(raw).decode("latin-1").strip(" \0")))
    return tuple((group, layer) for group, layer in found if layer)


def _mask(read: Attributes) -> MaskOperation:
    shift = read.numbers("MaskSubPixelShift", 2)
    return MaskOperation(
        read.text("MaskOperation"),
        tuple(int(each) for each in read.numbers("ApplicableFrameRange")),
        tuple(int(each) for each in read.numbers("MaskFrameNumbers")),
        (shift[0], shift[1]) if shift else (0.0, 0.0),
    )
