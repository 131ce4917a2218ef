"""Reports read: the content tree of a structured report (PS3.3 C.17.3) as lines of text, bounded.

What is not understood stands as text all the same, with its value type: nothing that a report says is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from workstation import paths
from workstation.cache import files
from workstation.cache.index import Index
from workstation.dicom.attributes import Attributes
from workstation.dicom.scan import scan
from workstation.errors import HounsfieldError, NotFound, Reason, Refused

STRUCTURED: Final = "1.2.840.10008.5.1.4.1.1.88."
PDF: Final = "1.2.840.10008.5.1.4.1.1.104.1"
KEY_OBJECTS: Final = "1.2.840.10008.5.1.4.1.1.88.59"
MODALITIES: Final = frozenset(("SR", "DOC"))
MOST_LINES: Final = 5_000
DEEPEST: Final = 32

_CONTENT, _NAME, _CODE, _MEASURED, _UNIT, _OBSERVERS = (
    0x0040A730,
    0x0040A043,
    0x0040A168,
    0x0040A300,
    0x004008EA,
    0x0040A073,
)
_CONTEXT: Final = frozenset(("HAS CONCEPT MOD", "HAS OBS CONTEXT", "HAS ACQ CONTEXT"))
_PLAIN: Final = {
    "TEXT": "TextValue",
    "DATETIME": "DateTime",
    "DATE": "Date",
    "TIME": "Time",
    "PNAME": "PersonName",
    "UIDREF": "UID",
}


@dataclass(frozen=True)
class Line:
    """A content item: `depth` in the tree (the title is 0), what it is about, and what it says.

    `heading`: a container. `context`: who speaks, in which language, of what; not the finding itself.
    """

    depth: int
    name: str
    text: str
    heading: bool = False
    context: bool = False


@dataclass(frozen=True)
class Report:
    """A report of one study; `status` says whether it is complete and who verified it."""

    study_instance_uid: str
    sop_instance_uid: str
    study_date: str
    title: str
    status: str
    lines: tuple[Line, ...]


def reports_of(home: paths.Home, studies: Iterable[str]) -> tuple[Report, ...]:
    """The reports of cached studies, in the order of the studies; one that cannot be read says so in its place."""
    found = []
    with Index(home) as index:
        for study in dict.fromkeys(studies):
            try:
                if not MODALITIES & {each.modality for each in index.study(study).series}:
                    continue
            except NotFound:
                continue
            of_study = [each for each in index.instances(study) if is_report(each.instance.SOPClassUID)]
            found += [(each.digest, each.instance) for each in of_study]
    return tuple(_read(home, digest, instance.StudyInstanceUID, instance.StudyDate) for digest, instance in found)


def is_report(sop_class_uid: str) -> bool:
    """Structured reports but key object selections, and documents as PDF."""
    return sop_class_uid == PDF or (sop_class_uid.startswith(STRUCTURED) and sop_class_uid != KEY_OBJECTS)


def _read(home: paths.Home, digest: str, study: str, study_date: str) -> Report:
    try:
        return read_report(files.read(home, digest))
    except HounsfieldError as error:
        return Report(study, "", study_date, "Report", f"It cannot be read: {error.sentence}", ())


def read_report(data: bytes) -> Report:
    """Read a report from the bytes of its file. Raises `Refused` as `scan` does, or with NOT_A_REPORT."""
    read = Attributes(scan(data))
    sop_class_uid = read.text("SOPClassUID")
    if not is_report(sop_class_uid):
        raise Refused(Reason.NOT_A_REPORT)
    if sop_class_uid == PDF:
        title, status = read.text("DocumentTitle") or "Report", "PDF: its pages are kept and not shown here."
        lines: tuple[Line, ...] = ()
    else:
        title, status = _meaning(read, _NAME) or "Report", _status(read)
        lines = tuple(_children(read, 1))
    return Report(
        read.text("StudyInstanceUID"), read.text("SOPInstanceUID"), read.text("StudyDate"), title, status, lines
    )


def _status(read: Attributes) -> str:
    """PS3.3 C.17.2: complete or partial, verified and by whom."""
    complete = {"COMPLETE": "Complete", "PARTIAL": "Partial"}.get(read.text("CompletionFlag"), "")
    verified = {"VERIFIED": "verified", "UNVERIFIED": "not verified"}.get(read.text("VerificationFlag"), "")
    observers = [read.having(item) for item in read.items(_OBSERVERS)]
    by = ", ".join(each.text("VerifyingObserverName").replace("^", " ").strip() for each in observers)
    return ", ".join(filter(None, (complete, f"{verified} by {by}" if verified and by else verified)))


def _children(read: Attributes, depth: int) -> Iterator[Line]:
    """The lines of the items below this one, cut at MOST_LINES in all and DEEPEST levels, which is said."""
    waiting = [(depth, item) for item in reversed(list(read.items(_CONTENT)))]
    for count in range(MOST_LINES + 1):
        if not waiting:
            return
        if count == MOST_LINES:
            yield Line(depth, "", "The report goes on; more is not shown here.")
            return
        level, elements = waiting.pop()
        item = read.having(elements)
        yield _line(item, level)
        below = list(item.items(_CONTENT))
        if below and level >= DEEPEST:
            yield Line(level + 1, "", "What lies deeper is not shown here.")
        elif below:
            waiting += [(level + 1, each) for each in reversed(below)]


def _line(item: Attributes, depth: int) -> Line:
    kind, name = item.text("ValueType"), _meaning(item, _NAME)
    context = item.text("RelationshipType") in _CONTEXT
    if kind == "CONTAINER":
        return Line(depth, name, "", heading=True, context=context)
    if kind in _PLAIN:
        value = item.text(_PLAIN[kind])
        value = value.replace("^", " ") if kind == "PNAME" else "\n".join(value.splitlines()).strip()
        return Line(depth, name, value, context=context)
    if kind == "CODE":
        return Line(depth, name, _meaning(item, _CODE), context=context)
    if kind == "NUM":
        return Line(depth, name, _number(item) or "no value", context=context)
    return Line(depth, name, f"({kind.lower() or 'of no kind'})", context=context)


def _number(item: Attributes) -> str:
    """PS3.3 C.18.1: the value as it was written, and its unit."""
    for elements in item.items(_MEASURED):
        measured = item.having(elements)
        unit = next((measured.having(each).text("CodeValue") for each in measured.items(_UNIT)), "")
        value = measured.number("NumericValue")
        return "" if value is None else f"{value:g} {'' if unit == '1' else unit}".strip()
    return ""


def _meaning(read: Attributes, sequence: int) -> str:
    return next((read.having(item).text("CodeMeaning") for item in read.items(sequence)), "")
