"""A presentation as Grayscale Softcopy Presentation State (PS3.3 A.33.1), as `gsps` reads it.

What is written is what a tile shows: one window and polarity, a turn and a flip, a displayed area, and layers of
graphics in pixels of the image or in fractions of the displayed area.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.valuerep import DS

from workstation.dicom.entities import Instance
from workstation.documents import made
from workstation.documents.gsps import GREYSCALE
from workstation.imaging.greyscale import Rescale, Voi, Window
from workstation.imaging.softcopy import DisplayedArea, Drawing, Layer, Points, Presentation, Reference, Text

GREY: Final = 65535
"""Grey value of layers that recommend one, over 255."""


def written(
    presentation: Presentation,
    source: Dataset,
    images: Mapping[str, Instance],
    spacing: tuple[float, float] | None = None,
    place: made.Place = made.NEW,
) -> bytes:
    """The file of a presentation state.

    `source` is the header of an image of the study, `images` those it speaks of, by SOPInstanceUID; `spacing` their
    distance of rows and of columns in mm, None where that is not known. Raises ValueError for a VOI LUT.
    """
    dataset = made.new_object(source, GREYSCALE, "PR", "Presentation states", place)
    dataset.ContentLabel = presentation.label or "AS SHOWN"
    dataset.ContentDescription = presentation.description
    dataset.ContentCreatorName, dataset.Laterality = "", ""
    dataset.PresentationCreationDate = dataset.InstanceCreationDate
    dataset.PresentationCreationTime = dataset.InstanceCreationTime
    dataset.ReferencedSeriesSequence = _series(presentation.references, images)
    if presentation.rescale is not None:
        rescale: Rescale = presentation.rescale
        dataset.RescaleSlope, dataset.RescaleIntercept = _decimal(rescale.slope), _decimal(rescale.intercept)
        dataset.RescaleType = next(iter(_types(images)), "US")
    dataset.SoftcopyVOILUTSequence = [_voi(refs, voi, images) for refs, voi in presentation.voi]
    dataset.PresentationLUTShape = "INVERSE" if presentation.inverse else "IDENTITY"
    dataset.DisplayedAreaSelectionSequence = [_area(each, images, spacing) for each in presentation.areas]
    dataset.ImageHorizontalFlip = "Y" if presentation.flipped else "N"
    dataset.ImageRotation = 90 * presentation.quarter_turns
    if presentation.layers:
        dataset.GraphicLayerSequence = [_layer(each) for each in presentation.layers]
        dataset.GraphicAnnotationSequence = list(_annotations(presentation.layers, images))
    made.spelled(dataset, _texts(presentation))
    return made.bytes_of(dataset)


def _texts(presentation: Presentation) -> Iterable[str]:
    yield presentation.description
    for layer in presentation.layers:
        yield from (text.text for _, _, texts in layer.annotations for text in texts)


def _types(images: Mapping[str, Instance]) -> list[str]:
    return [frame.RescaleType for each in images.values() for frame in each.frames[:1] if frame.RescaleType]


def _decimal(value: float) -> Any:
    return DS(value, auto_format=True)


def _series(references: Sequence[Reference], images: Mapping[str, Instance]) -> list[Dataset]:
    """PS3.3 C.11.11.1.1: what it speaks of, by series."""
    by_series: dict[str, list[Dataset]] = {}
    for each in references:
        by_series.setdefault(images[each.sop_instance_uid].SeriesInstanceUID, []).append(_image(each, images))
    found = []
    for uid, items in by_series.items():
        series = Dataset()
        series.SeriesInstanceUID, series.ReferencedImageSequence = uid, items
        found.append(series)
    return found


def _image(reference: Reference, images: Mapping[str, Instance]) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = images[reference.sop_instance_uid].SOPClassUID
    item.ReferencedSOPInstanceUID = reference.sop_instance_uid
    if reference.frames:
        item.ReferencedFrameNumber = list(reference.frames)
    return item


def _voi(references: Sequence[Reference], voi: Sequence[Voi], images: Mapping[str, Instance]) -> Dataset:
    windows = [each for each in voi if isinstance(each, Window)]
    if len(windows) != len(voi) or not windows:
        raise ValueError("only windows are written")
    item = Dataset()
    if references:
        item.ReferencedImageSequence = [_image(each, images) for each in references]
    item.WindowCenter = [_decimal(each.center) for each in windows]
    item.WindowWidth = [_decimal(each.width) for each in windows]
    item.VOILUTFunction = windows[0].function
    if any(each.name for each in windows):
        item.WindowCenterWidthExplanation = [each.name or "shown" for each in windows]
    return item


def _area(area: DisplayedArea, images: Mapping[str, Instance], spacing: tuple[float, float] | None) -> Dataset:
    """C.10.4; pixels of unknown size are as wide as they are high."""
    item = Dataset()
    if area.references:
        item.ReferencedImageSequence = [_image(each, images) for each in area.references]
    item.DisplayedAreaTopLeftHandCorner = list(area.first)
    item.DisplayedAreaBottomRightHandCorner = list(area.last)
    item.PresentationSizeMode = area.mode
    if spacing is not None:
        item.PresentationPixelSpacing = [_decimal(each) for each in spacing]
    else:
        item.PresentationPixelAspectRatio = [1, 1]
    if area.magnification is not None:
        item.PresentationPixelMagnificationRatio = area.magnification
    return item


def _layer(layer: Layer) -> Dataset:
    item = Dataset()
    item.GraphicLayer, item.GraphicLayerOrder = layer.name, layer.order
    if layer.grey is not None:
        item.GraphicLayerRecommendedDisplayGrayscaleValue = layer.grey * GREY // 255
    return item


def _annotations(layers: Sequence[Layer], images: Mapping[str, Instance]) -> Iterable[Dataset]:
    """C.10.5."""
    for layer in layers:
        for references, drawings, texts in layer.annotations:
            item = Dataset()
            if references:
                item.ReferencedImageSequence = [_image(each, images) for each in references]
            item.GraphicLayer = layer.name
            if texts:
                item.TextObjectSequence = [_text(each) for each in texts]
            if drawings:
                item.GraphicObjectSequence = [_graphic(each) for each in drawings]
            yield item


def _graphic(drawing: Drawing) -> Dataset:
    item = Dataset()
    item.GraphicAnnotationUnits, item.GraphicDimensions = drawing.units, 2
    item.NumberOfGraphicPoints, item.GraphicData = len(drawing.points), _flat(drawing.points)
    item.GraphicType = drawing.kind
    if drawing.kind != "POINT":
        item.GraphicFilled = "Y" if drawing.filled else "N"
    return item


def _text(text: Text) -> Dataset:
    item = Dataset()
    item.UnformattedTextValue = text.text.replace("\n", "\r\n")
    if text.box:
        item.BoundingBoxAnnotationUnits = text.box_units
        item.BoundingBoxTopLeftHandCorner, item.BoundingBoxBottomRightHandCorner = (list(each) for each in text.box)
        item.BoundingBoxTextHorizontalJustification = text.align
    if text.anchor is not None:
        item.AnchorPointAnnotationUnits = text.anchor_units
        item.AnchorPoint, item.AnchorPointVisibility = list(text.anchor), "Y" if text.joined else "N"
    return item


def _flat(points: Points) -> list[Any]:
    return [value for point in points for value in point]
