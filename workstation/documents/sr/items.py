"""Content items as our documents have them: codes, words, and numbers by TID 300 of PS3.16."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset

from workstation.documents.sr import codes
from workstation.documents.sr.codes import Code
from workstation.findings.finding import Kind, Value

if TYPE_CHECKING:
    from highdicom.sr import ContentItem


def coded(code: Code) -> Any:
    """A CodedConcept."""
    from highdicom.sr import CodedConcept

    return CodedConcept(code.value, code.scheme, code.meaning)


def text_item(name: Code, words: str, relationship: str) -> "ContentItem":
    from highdicom.sr import TextContentItem

    return TextContentItem(coded(name), words, relationship)


def add_below(item: Dataset, below: Sequence["ContentItem"]) -> None:
    """Put items at the end of those that an item holds."""
    from highdicom.sr import ContentSequence

    if "ContentSequence" not in item:
        item.ContentSequence = ContentSequence()
    item.ContentSequence.extend(below)


def measured(kind: Kind | None, value: Value, coordinates: Sequence[Any] = ()) -> Any:
    """TID 300: a number with its unit, how it came about, and where it was measured. `kind` is None for a volume."""
    from highdicom.sr import FindingSite, Measurement

    term = codes.term_of(kind, value.name, value.unit)
    unit, at_detector = codes.unit_code(value.unit)
    measurement = Measurement(
        name=coded(term.concept),
        value=float(value.value),
        unit=coded(unit),
        derivation=coded(term.derivation) if term.derivation else None,
        method=coded(codes.OF_DETECTOR) if at_detector else None,
        finding_sites=[FindingSite(coded(term.site))] if term.site else None,
        referenced_coordinates=list(coordinates) or None,
    )
    if value.how:
        add_below(measurement[0], [text_item(codes.COMMENT, value.how, "HAS PROPERTIES")])
    return measurement
