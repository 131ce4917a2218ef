"""The content tree of a structured report as values (PS3.3 C.17.3), bounded: what is read from it knows no bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workstation.dicom.attributes import Attributes
from workstation.documents.sr.codes import Code
from workstation.errors import Reason, Refused

MOST_ITEMS: Final = 400_000
DEEPEST: Final = 32

_CONTENT, _NAME, _CODE, _MEASURED, _UNIT, _QUALIFIER, _IMAGES = (
    0x0040A730,
    0x0040A043,
    0x0040A168,
    0x0040A300,
    0x004008EA,
    0x0040A301,
    0x00081199,
)
_WORDS: Final = {"TEXT": "TextValue", "PNAME": "PersonName", "UIDREF": "UID", "DATETIME": "DateTime", "DATE": "Date"}


@dataclass(frozen=True, slots=True)
class Image:
    """An image, frames of it from 1, or segments of a segmentation, that an item refers to."""

    sop_class_uid: str
    sop_instance_uid: str
    frames: tuple[int, ...] = ()
    segments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A content item; of its values those that its `kind` (ValueType) has.

    A number may have a `unit` and no value, and then a `qualifier`. `data` are the coordinates as they stand.
    """

    kind: str
    relation: str
    concept: Code
    text: str = ""
    code: Code | None = None
    value: float | None = None
    unit: Code | None = None
    qualifier: Code | None = None
    graphic: str = ""
    data: tuple[float, ...] = ()
    frame_of_reference_uid: str = ""
    images: tuple[Image, ...] = ()
    below: tuple["Item", ...] = ()

    def having(self, concept: Code, *kinds: str) -> Iterator["Item"]:
        """The items right below it of a concept, and of a value type where that is given."""
        for each in self.below:
            if each.concept.key == concept.key and (not kinds or each.kind in kinds):
                yield each

    def first(self, concept: Code, *kinds: str) -> "Item | None":
        return next(self.having(concept, *kinds), None)

    def walk(self) -> Iterator["Item"]:
        """It and all below, in the order of the document."""
        waiting = [self]
        while waiting:
            item = waiting.pop()
            yield item
            waiting.extend(reversed(item.below))


def read_tree(read: Attributes) -> Item:
    """The root of a document. Raises `Refused` with TOO_LARGE or TOO_DEEP past the limits, else as `scan`."""
    count = [0]
    return _item(read, 0, count)


def _item(read: Attributes, depth: int, count: list[int]) -> Item:
    count[0] += 1
    if count[0] > MOST_ITEMS:
        raise Refused(Reason.TOO_LARGE)
    if depth > DEEPEST:
        raise Refused(Reason.TOO_DEEP)
    kind = read.text("ValueType")
    value, unit, qualifier = _number(read) if kind == "NUM" else (None, None, None)
    return Item(
        kind=kind,
        relation=read.text("RelationshipType"),
        concept=_coded(read, _NAME) or Code("", "", ""),
        text=read.text(_WORDS[kind]) if kind in _WORDS else "",
        code=_coded(read, _CODE) if kind == "CODE" else None,
        value=value,
        unit=unit,
        qualifier=qualifier,
        graphic=read.text("GraphicType"),
        data=read.numbers("GraphicData"),
        frame_of_reference_uid=read.text("ReferencedFrameOfReferenceUID"),
        images=tuple(_image(read.having(each)) for each in read.items(_IMAGES)) if kind == "IMAGE" else (),
        below=tuple(_item(read.having(each), depth + 1, count) for each in read.items(_CONTENT)),
    )


def _coded(read: Attributes, sequence: int) -> Code | None:
    for elements in read.items(sequence):
        item = read.having(elements)
        value = item.text("CodeValue") or item.text("LongCodeValue")
        return Code(value, item.text("CodingSchemeDesignator"), item.text("CodeMeaning"))
    return None


def _number(read: Attributes) -> tuple[float | None, Code | None, Code | None]:
    """PS3.3 C.18.1: the exact value where it is given beside the decimal one."""
    for elements in read.items(_MEASURED):
        measured = read.having(elements)
        exact = measured.number("FloatingPointValue")
        value = measured.number("NumericValue") if exact is None else exact
        return value, _coded(measured, _UNIT), None
    return None, None, _coded(read, _QUALIFIER)


def _image(read: Attributes) -> Image:
    frames = tuple(int(each) for each in read.numbers("ReferencedFrameNumber"))
    segments = tuple(int(each) for each in read.numbers("ReferencedSegmentNumber"))
    return Image(read.text("ReferencedSOPClassUID"), read.text("ReferencedSOPInstanceUID"), frames, segments)
