"""The DICOM JSON model (PS3.18 F) -> rows, as identifiers of DIMSE give them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

Object = Mapping[str, Any]
"""A dataset as it came: eight hexadecimal digits -> {"vr", "Value" or "BulkDataURI" or "InlineBinary"}."""

MOST_VALUES: Final = 10_000
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")


def objects(content: bytes) -> list[Object]:
    """The datasets of an answer. Raises ValueError when it is no list of them."""
    if not content.strip():
        return []
    try:
        found = json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError("no list of datasets")
    return found


def row(found: Object) -> dict[str, str]:
    """The top level as text by keyword; sequences and bulk data are left out. Raises ValueError."""
    from pydicom.datadict import keyword_for_tag

    texts: dict[str, str] = {}
    for tag, element in found.items():
        if not isinstance(element, dict) or len(tag) != 8:
            raise ValueError("no element")
        keyword = keyword_for_tag(int(tag, 16))
        if keyword and element.get("vr") != "SQ":
            texts[keyword] = "\\".join(_text(each) for each in values(element))
    return texts


def values(element: Any) -> Sequence[Any]:
    """The values of an element; none where it has none. Raises ValueError."""
    found = element.get("Value", []) if isinstance(element, dict) else []
    if not isinstance(found, list) or len(found) > MOST_VALUES:
        raise ValueError("values that are no list")
    return found


def value(found: Object, tag: str) -> Any:
    """The first value of an element, None where there is none. Raises ValueError."""
    return next(iter(values(found.get(tag))), None)


def items(found: Object, tag: str) -> list[Object]:
    """The items of a sequence. Raises ValueError."""
    return [each for each in values(found.get(tag)) if isinstance(each, dict)]


def _text(found: Any) -> str:
    """One value as DIMSE would have sent it: names by component group, whole numbers without a fraction."""
    if found is None:
        return ""
    if isinstance(found, dict):
        return "=".join(str(found.get(group) or "") for group in _GROUPS).rstrip("=")
    if isinstance(found, float) and found.is_integer() and abs(found) < 1e15:
        return str(int(found))
    return str(found)
