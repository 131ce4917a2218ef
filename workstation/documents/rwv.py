"""Real World Value Mapping objects (PS3.3 A.46, C.7.6.16.2.11): what stored values of images mean, said beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from pydicom.dataset import Dataset

from workstation.dicom.attributes import Attributes
from workstation.dicom.entities import Instance, RealWorldValue
from workstation.dicom.pet import real_world
from workstation.dicom.scan import scan
from workstation.documents import made
from workstation.documents.sr.codes import UNITS
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import rescale_of
from workstation.imaging.images import ImageRef
from workstation.imaging.suv_values import Derivation, Kind

REAL_WORLD_VALUE_MAPPING: Final = "1.2.840.10008.5.1.4.1.1.67"
MOST_ITEMS: Final = 4096
LONGEST_CODE: Final = 16
_MAPPINGS: Final = 0x00409094
_IMAGES: Final = 0x00081140
_FIRST, _LAST = 0x00409216, 0x00409211

_QUANTITY: Final = ("246205007", "SCT", "Quantity")
_SUV: Final = ("126400", "DCM", "Standardized Uptake Value")
_METHOD: Final = ("370129005", "SCT", "Measurement Method")
_METHODS: Final = {
    Kind.BW: ("126410", "DCM", "SUV body weight calculation method"),
    Kind.LBM_JAMES120: ("126411", "DCM", "SUV lean body mass calculation method"),
    Kind.LBM_JAMES128: ("126415", "DCM", "SUV lean body mass calculation method using 128 multiplier"),
    Kind.LBM_JANMA: ("126414", "DCM", "SUV lean body mass calculation Janmahasatian method"),
    Kind.BSA: ("126412", "DCM", "SUV body surface area calculation method"),
    Kind.IBW: ("126413", "DCM", "SUV ideal body weight calculation method"),
}


def written(source: Dataset, display_set: DisplaySet, suv: Derivation, place: made.Place = made.NEW) -> bytes:
    """The file that says how the stored values of a PET become SUV; `source` is the header of one of its images."""
    label = str(suv.kind)
    dataset = made.new_object(source, REAL_WORLD_VALUE_MAPPING, "RWV", "Real world values", place)
    dataset.ContentDate, dataset.ContentTime = dataset.InstanceCreationDate, dataset.InstanceCreationTime
    dataset.ContentLabel, dataset.ContentCreatorName, dataset.Laterality = "SUV", None, ""
    edited = f", with edited {suv.edited_words}" if suv.edited else ""
    dataset.ContentDescription = f"{label} of series {display_set.first.SeriesNumber or 'without number'}{edited}"[:64]
    dataset.ReferencedImageRealWorldValueMappingSequence = [
        _item(refs, display_set, slope, intercept, suv) for (slope, intercept), refs in _alike(display_set, suv)
    ]
    dataset.ReferencedSeriesSequence = [_series(display_set)]
    made.spelled(dataset, [dataset.ContentDescription])
    return made.bytes_of(dataset)


def _alike(display_set: DisplaySet, suv: Derivation) -> list[tuple[tuple[float, float], list[ImageRef]]]:
    """Images by the mapping of their stored values."""
    found: dict[tuple[float, float], list[ImageRef]] = {}
    for number, ref in enumerate(display_set.images):
        told = rescale_of(ref.attributes).times(suv.factor(number))
        found.setdefault((told.slope, told.intercept), []).append(ref)
    return list(found.items())


def _item(
    refs: Sequence[ImageRef], display_set: DisplaySet, slope: float, intercept: float, suv: Derivation
) -> Dataset:
    mapping, item = Dataset(), Dataset()
    pixels = display_set.pixels
    span = 1 << pixels.BitsStored
    low, high = (-span // 2, span // 2 - 1) if pixels.PixelRepresentation else (0, span - 1)
    for tag, value in ((_LAST, high), (_FIRST, low)):
        mapping.add_new(tag, "SS" if pixels.PixelRepresentation else "US", value)
    mapping.RealWorldValueIntercept, mapping.RealWorldValueSlope = intercept, slope
    mapping.LUTExplanation, mapping.LUTLabel = f"Stored values to {suv.kind}", str(suv.kind)[:16]
    unit = UNITS[str(suv.kind)]
    mapping.MeasurementUnitsCodeSequence = [_code(unit.value, unit.scheme, unit.meaning)]
    mapping.QuantityDefinitionSequence = [_says(_QUANTITY, _SUV), _says(_METHOD, _METHODS[suv.kind])]
    item.ReferencedImageSequence = [_reference(ref) for ref in refs]
    item.RealWorldValueMappingSequence = [mapping]
    return item


def _series(display_set: DisplaySet) -> Dataset:
    """Common Instance Reference (PS3.3 C.12.2)."""
    series = Dataset()
    series.SeriesInstanceUID = display_set.series_instance_uid
    distinct = {ref.instance.SOPInstanceUID: ref for ref in display_set.images}
    series.ReferencedInstanceSequence = [_reference(ImageRef(ref.instance)) for ref in distinct.values()]
    for each in series.ReferencedInstanceSequence:
        each.pop("ReferencedFrameNumber", None)
    return series


def _reference(ref: ImageRef) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = ref.instance.SOPClassUID, ref.instance.SOPInstanceUID
    if ref.instance.images > 1:
        item.ReferencedFrameNumber = ref.frame + 1
    return item


def _says(concept: tuple[str, str, str], value: tuple[str, str, str]) -> Dataset:
    item = Dataset()
    item.ValueType = "CODE"
    item.ConceptNameCodeSequence, item.ConceptCodeSequence = [_code(*concept)], [_code(*value)]
    return item


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    setattr(item, "CodeValue" if len(value) <= LONGEST_CODE else "LongCodeValue", value)  # PS3.3 8.8
    item.CodingSchemeDesignator, item.CodeMeaning = scheme, meaning
    return item


# ------------------------------------------------------------------ read

Mappings = Mapping[tuple[str, int | None], tuple[RealWorldValue, ...]]
"""By SOPInstanceUID, and frame from 0 where one is named."""


def read(data: bytes) -> Mappings:
    """What an object says of which images. Errors as `scan.scan`."""
    attributes = Attributes(scan(data))
    found: dict[tuple[str, int | None], tuple[RealWorldValue, ...]] = {}
    for elements in islice(attributes.items(_MAPPINGS), MOST_ITEMS):
        item = attributes.having(elements)
        uid = attributes.text("SOPInstanceUID")
        values = tuple(replace(each, object_uid=uid) for each in real_world(item))
        for image in _images(item) if values else ():
            found[image] = found.get(image, ()) + values
    return found


def _images(item: Attributes) -> Iterator[tuple[str, int | None]]:
    for elements in islice(item.items(_IMAGES), MOST_ITEMS):
        image = item.having(elements)
        numbers = image.numbers("ReferencedFrameNumber")
        uid = image.text("ReferencedSOPInstanceUID")
        yield from ((uid, int(each) - 1) for each in numbers)
        if not numbers:
            yield uid, None


def laid_on(instances: Sequence[Instance], mappings: Sequence[Mappings]) -> list[Instance]:
    """The instances with what mapping objects say of them, behind what they say themselves."""
    return [_with(each, mappings) for each in instances]


def _with(instance: Instance, mappings: Sequence[Mappings]) -> Instance:
    uid, frames = instance.SOPInstanceUID, list(instance.frames)
    for number, frame in enumerate(frames):
        told = tuple(value for each in mappings for key in ((uid, None), (uid, number)) for value in each.get(key, ()))
        if told:
            frames[number] = replace(frame, real_world=(*frame.real_world, *told))
    return instance if frames == list(instance.frames) else replace(instance, frames=tuple(frames))
