"""What a measurement group says (PS3.16 TID 1410, 1411, 1501): title, words, codes and numbers, whoever wrote it."""

from collections.abc import Iterator

from workstation.documents.sr import codes
from workstation.documents.sr.codes import SCHEME, Code
from workstation.documents.sr.tree import Item
from workstation.findings.finding import Kind, Value


def title_of(group: Item) -> str:
    item = group.first(codes.TRACKING, "TEXT")
    return item.text if item is not None else ""


def words_of(group: Item, concept: Code) -> str:
    item = group.first(concept, "TEXT", "PNAME")
    return item.text if item is not None else ""


def values_of(group: Item, kind: Kind | None) -> tuple[tuple[Value, ...], str]:
    """The numbers of a group in their order, and the reason of the first that is none."""
    found, refused = [], ""
    for item in group.below:
        if item.kind != "NUM" or (item.concept.scheme == SCHEME and item.concept.value == codes.GIVEN.value):
            continue
        comment = item.first(codes.COMMENT, "TEXT")
        how = comment.text if comment is not None else ""
        if item.value is None or item.unit is None:
            refused = refused or how or (item.qualifier.meaning if item.qualifier else "no value")
            continue
        name = codes.name_of(
            kind, item.concept, code_below(item, codes.DERIVATION), code_below(item, codes.FINDING_SITE)
        )
        method = code_below(item, codes.METHOD)
        at_detector = method is not None and method.key == codes.OF_DETECTOR.key
        found.append(Value(name, item.value, codes.unit_told(item.unit, at_detector), how))
    return tuple(found), refused


def code_below(item: Item, concept: Code) -> Code | None:
    found = item.first(concept, "CODE")
    return found.code if found is not None else None


def called(group: Item) -> str:
    return meaning_of(group, codes.FINDING) or title_of(group)


def meaning_of(group: Item, concept: Code) -> str:
    code = code_below(group, concept)
    return code.meaning if code is not None else ""


def told(group: Item) -> Iterator[str]:
    """What is said of a finding in words and codes besides its name, site and numbers."""
    known = {
        each.key
        for each in (
            codes.FINDING,
            codes.FINDING_SITE,
            codes.TRACKING,
            codes.ALGORITHM,
            codes.METHOD,
            *codes.OF_ITS_MAKING,
        )
    }
    if meaning_of(group, codes.FINDING) and title_of(group):
        yield title_of(group)
    for item in group.below:
        if item.concept.key in known or item.concept.scheme == SCHEME:
            continue
        if item.kind == "CODE" and item.code is not None:
            yield f"{item.concept.meaning}: {item.code.meaning}"
        elif item.kind == "TEXT" and item.text:
            yield item.text if item.concept.key == codes.COMMENT.key else f"{item.concept.meaning}: {item.text}"
