"""SR by TID 1500 -> findings: ours as they were, those of other programs by their codes (PS3.16 TID 1410, 1411, 1501).

What of a third-party document has no place on an image, or a shape that is none of ours, is not lost: `left` names it,
and the whole document stands as text in `reports`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from workstation.dicom.attributes import Attributes
from workstation.dicom.scan import scan
from workstation.documents.made import MAKER
from workstation.documents.sr import codes
from workstation.documents.sr.codes import SCHEME, Code
from workstation.documents.sr.groups import called, code_below, meaning_of, title_of, told, values_of, words_of
from workstation.documents.sr.places import GroundOf, Points, read_points
from workstation.documents.sr.shapes import Place, Shape, placed, shape_of
from workstation.documents.sr.tree import Item, read_tree
from workstation.documents.sr.volumes import OfSegment, of_segment, segment_item
from workstation.errors import Reason, Refused
from workstation.findings.finding import POINTS, Finding, Kind, Source, Status

STRUCTURED: Final = "1.2.840.10008.5.1.4.1.1.88."
KEY_OBJECTS: Final = "1.2.840.10008.5.1.4.1.1.88.59"

_EVIDENCE, _OTHER_EVIDENCE, _PREDECESSORS, _SERIES, _INSTANCES, _STUDIES = (
    0x0040A375,
    0x0040A385,
    0x0040A360,
    0x00081115,
    0x00081199,
    0x0040A375,
)
_COORDINATES: Final = ("SCOORD", "SCOORD3D")


@dataclass(frozen=True)
class Read:
    """A document with measurements. `made` sorts by time (ContentDate and ContentTime).

    `supersedes` are SOPInstanceUIDs of the documents whose place it takes; `left` titles of what has no place here.
    """

    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str
    instance_number: int
    made: str
    is_ours: bool
    supersedes: tuple[str, ...]
    findings: tuple[Finding, ...]
    left: tuple[str, ...] = ()
    segments: tuple[OfSegment, ...] = ()
    """What it says of segments of other objects."""
    observer: str = ""


def can_hold(sop_class_uid: str) -> bool:
    """Whether an object may hold measurements: any structured report but key objects."""
    return sop_class_uid.startswith(STRUCTURED) and sop_class_uid != KEY_OBJECTS


def read_findings(data: bytes, ground_of: GroundOf) -> Read:
    """Read a document from the bytes of its file. Raises `Refused` as `scan` does, or with NOT_A_REPORT."""
    read = Attributes(scan(data))
    if not can_hold(read.text("SOPClassUID")):
        raise Refused(Reason.NOT_A_REPORT)
    root = read_tree(read)
    context = _Context(
        read.text("SOPInstanceUID"), read.text("StudyInstanceUID"), _series(read), ground_of, _observer(root)
    )
    is_ours = read.text("Manufacturer") == MAKER
    found, left, segments = [], [], []
    for number, group in enumerate(_groups(root), 1):
        if _is_withdrawn(group):
            continue
        if segment_item(group) is not None:
            segments.append(of_segment(group, context.uid_of(group, number)))
            continue
        finding = _of_ours(group, context) if _tool(group) else _of_others(group, context, number)
        if finding is None:
            left.append(title_of(group) or f"group {number}")
        else:
            found.append(finding)
    return Read(
        context.sop_instance_uid,
        read.text("SeriesInstanceUID"),
        context.study_instance_uid,
        read.integer("InstanceNumber") or 1,
        read.text("ContentDate") + read.text("ContentTime"),
        is_ours and root.concept.key == codes.REPORT.key,
        tuple(_predecessors(read)),
        tuple(found),
        tuple(left),
        tuple(segments),
        context.observer,
    )


@dataclass(frozen=True)
class _Context:
    sop_instance_uid: str
    study_instance_uid: str
    series: dict[str, str]
    ground_of: GroundOf
    observer: str

    def uid_of(self, group: Item, number: int) -> str:
        """The tracking UID of a group; of one that brings none always the same."""
        uid = group.first(codes.TRACKING_UID, "UIDREF")
        made_up = hashlib.sha256(f"{self.sop_instance_uid} {number}".encode()).digest()[:16]
        return uid.text if uid and uid.text else f"2.25.{int.from_bytes(made_up, 'big')}"


def _series(read: Attributes) -> dict[str, str]:
    """SOPInstanceUID to SeriesInstanceUID of the evidence (C.17.2.3)."""
    found = {}
    for sequence in (_EVIDENCE, _OTHER_EVIDENCE):
        for study in read.items(sequence):
            for elements in read.having(study).items(_SERIES):
                series = read.having(elements)
                for instance in series.items(_INSTANCES):
                    uid = series.having(instance).text("ReferencedSOPInstanceUID")
                    found[uid] = series.text("SeriesInstanceUID")
    return found


def _predecessors(read: Attributes) -> Iterator[str]:
    for study in read.items(_PREDECESSORS):
        for elements in read.having(study).items(_SERIES):
            series = read.having(elements)
            for instance in series.items(_INSTANCES):
                yield series.having(instance).text("ReferencedSOPInstanceUID")


def _observer(root: Item) -> str:
    for concept in (codes.PERSON, codes.DEVICE_NAME):
        found = root.first(concept, "TEXT", "PNAME")
        if found is not None:
            return found.text
    return ""


def _groups(root: Item) -> Iterator[Item]:
    for container in root.walk():
        if container.concept.key == codes.MEASUREMENTS.key and container.kind == "CONTAINER":
            yield from (each for each in container.having(codes.GROUP, "CONTAINER"))


def _is_withdrawn(group: Item) -> bool:
    code = code_below(group, codes.STATUS)
    return code is not None and code.key == codes.WITHDRAWN.key


def _tool(group: Item) -> Code | None:
    item = group.first(codes.TOOL, "CODE")
    return item.code if item is not None and item.code is not None and item.code.scheme == SCHEME else None


# ---------------------------------------------------------------- both


def _shapes(group: Item) -> list[Shape]:
    """The region of a group, else the lines its numbers were inferred from: those of the first number that has as
    many as it needs, in their order."""
    regions = [
        shape_of(each) for each in group.below if each.kind in _COORDINATES and each.concept.key != codes.LABEL.key
    ]
    if regions:
        return [each for each in regions if each is not None]
    return []


def _lines(group: Item) -> list[list[Shape]]:
    """For each number of a group, the shapes it was inferred from."""
    found = []
    for item in group.below:
        shapes = [shape_of(each) for each in item.below if each.kind in _COORDINATES] if item.kind == "NUM" else []
        if shapes:
            found.append([each for each in shapes if each is not None])
    return found


def _sources(group: Item, shapes: list[Shape]) -> tuple[Source, ...]:
    images = [image for each in group.below if each.kind == "IMAGE" for image in each.images]
    images = images or [image for each in shapes for image in each.images]
    sources = [Source(each.sop_instance_uid, (each.frames or (1,))[0] - 1) for each in images]
    return tuple(dict.fromkeys(sources))


# ---------------------------------------------------------------- ours


def _of_ours(group: Item, context: _Context) -> Finding | None:
    """A finding that we wrote, as it was; None where its tool is of a later version."""
    tool = _tool(group)
    closed = tool is not None and tool.value == codes.CLOSED.value
    name = Kind.POLYLINE.value if closed else tool.value if tool else ""
    if name not in set(Kind):
        return None
    kind = Kind(name)
    shapes = _shapes(group) or _enough(_lines(group), POINTS.get(kind, 1))
    sources = _sources(group, shapes)
    if not shapes or not sources:
        return None
    number, status = words_of(group, codes.NUMBER), group.first(codes.STATUS, "CODE")
    given = group.first(codes.GIVEN, "NUM")
    values, _ = values_of(group, kind)
    uid = group.first(codes.TRACKING_UID, "UIDREF")
    finding = Finding(
        tracking_uid=uid.text if uid else "",
        number=int(number) if number.isdecimal() else 1,
        kind=kind,
        points=(),
        frame_of_reference_uid=_frame(shapes[0], sources[0], context),
        sources=sources,
        study_instance_uid=context.study_instance_uid,
        series_instance_uid=context.series.get(sources[0].sop_instance_uid, ""),
        name=title_of(group),
        site=words_of(group, codes.SITE),
        text=words_of(group, codes.COMMENT),
        status=_status(status),
        values=values,
        refused=words_of(group, codes.NO_VALUE),
        closed=closed,
        hidden=group.first(codes.HIDDEN) is not None,
        true_length_mm=given.value if given else None,
        alignments=tuple(words_of(group, codes.ALIGNMENT).split()),
    )
    finding = replace(finding, author=_author(group, finding))
    if finding.name == replace(finding, name="").title:
        finding = replace(finding, name="")
    points = read_points(finding, _corners(finding, shapes), context.ground_of)
    label = next((shape_of(each) for each in group.having(codes.LABEL, *_COORDINATES)), None)
    at = read_points(finding, label.points[:1], context.ground_of)[0] if label else None
    return replace(finding, points=points, label=at)


def _enough(lines: list[list[Shape]], wanted: int) -> list[Shape]:
    """Shapes of one number after the other until there are as many points as a kind has."""
    found: list[Shape] = []
    for shapes in lines:
        if sum(len(each.points) for each in found) >= wanted:
            break
        found += shapes
    return found


def _corners(finding: Finding, shapes: list[Shape]) -> Points:
    """The points; the last of a closed outline is its first again."""
    points = tuple(point for each in shapes for point in each.points)
    return points[:-1] if finding.encloses and finding.kind is not Kind.ELLIPSE else points


def _frame(shape: Shape, source: Source, context: _Context) -> str | None:
    if shape.frame_of_reference_uid:
        return shape.frame_of_reference_uid
    ground = context.ground_of(source)
    return ground.frame_of_reference_uid if ground is not None else None


def _status(item: Item | None) -> Status:
    words = item.code.meaning if item is not None and item.code is not None else ""
    return Status(words) if words in set(Status) else Status.CONFIRMED


def _author(group: Item, finding: Finding) -> str:
    if finding.status is Status.FROM_AI:
        name = words_of(group, codes.ALGORITHM)
        return "" if name == "unknown" else name
    return words_of(group, codes.PERSON)


# ---------------------------------------------------------------- others'


def _of_others(group: Item, context: _Context, number: int) -> Finding | None:
    """A finding of another program, by its codes; None where it has no place or a shape that is none of ours."""
    lines = _lines(group)
    shapes = _shapes(group) or (lines[0] if lines else [])
    values, refused = values_of(group, None)
    found = placed(shapes, [each.name for each in values], lines)
    sources = _sources(group, shapes)
    if found is None or (not shapes[0].frame_of_reference_uid and not sources):
        return None
    place: Place = found
    algorithm = words_of(group, codes.ALGORITHM)
    finding = Finding(
        tracking_uid=context.uid_of(group, number),
        number=number,
        kind=place.kind,
        points=(),
        frame_of_reference_uid=shapes[0].frame_of_reference_uid or _ground_frame(sources, context),
        sources=sources,
        study_instance_uid=context.study_instance_uid,
        series_instance_uid=context.series.get(sources[0].sop_instance_uid, "") if sources else "",
        name=called(group),
        site=meaning_of(group, codes.FINDING_SITE),
        text="\n".join(told(group)),
        status=Status.FROM_AI if algorithm else Status.CONFIRMED,
        author=algorithm or context.observer,
        values=values,
        refused=refused,
        closed=place.closed,
        document_uid=context.sop_instance_uid,
    )
    in_space = bool(shapes[0].frame_of_reference_uid)
    return replace(finding, points=place.points if in_space else _from_image(finding, place.points, context))


def _ground_frame(sources: tuple[Source, ...], context: _Context) -> str | None:
    ground = context.ground_of(sources[0]) if sources else None
    return ground.frame_of_reference_uid if ground is not None else None


def _from_image(finding: Finding, points: Points, context: _Context) -> Points:
    """Points on an image: in the patient where the image has a place there, else in its pixels."""
    plain = tuple((x - 0.5, y - 0.5, 0.0) for x, y, _ in points)
    ground = context.ground_of(finding.sources[0])
    if ground is None or finding.frame_of_reference_uid is None:
        return plain
    return tuple(ground.grid.point(point) for point in plain)
