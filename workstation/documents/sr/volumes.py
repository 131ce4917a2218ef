"""Segments in a document: volumetric ROI groups of TID 1411 (PS3.16), which refer to a segmentation and measure it.

The voxels stand in the segmentation alone. A group is found again by the tracking UID that both of them have.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workstation import __version__
from workstation.documents import made
from workstation.documents.segment_terms import terms_for
from workstation.documents.sr import codes
from workstation.documents.sr.codes import Code
from workstation.documents.sr.groups import called, meaning_of, told, values_of, words_of
from workstation.documents.sr.items import coded, measured, text_item
from workstation.documents.sr.tree import Item
from workstation.findings.finding import Status, Value
from workstation.findings.segment import Algorithm, Segment
from workstation.findings.sites import SCHEME, site_of


@dataclass(frozen=True, eq=False)
class Referred:
    """A segment as a document refers to it: the object that has its voxels, and its number there."""

    segment: Segment
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    segment_number: int


@dataclass(frozen=True)
class OfSegment:
    """What a document says of a segment. `number` is the one it has in its study, 0 where that is not said.

    `name` is what was found, else how it is tracked; `made_by` the algorithm that found it.
    """

    tracking_uid: str
    name: str
    sop_instance_uid: str
    segment_number: int
    number: int = 0
    site: str = ""
    values: tuple[Value, ...] = ()
    made_by: str = ""
    text: str = ""


def group_of(referred: Referred) -> Any:
    """The measurement group of a segment."""
    from highdicom.sr import (
        AlgorithmIdentification,
        FindingSite,
        ReferencedSegment,
        SourceSeriesForSegmentation,
        TrackingIdentifier,
        VolumetricROIMeasurementsAndQualitativeEvaluations,
    )

    segment = referred.segment
    terms, site = terms_for(segment.name or segment.site), site_of(segment.site)
    by_hand = segment.algorithm is Algorithm.MANUAL
    group = VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(uid=segment.tracking_uid, identifier=segment.title),
        referenced_segment=ReferencedSegment(
            referred.sop_class_uid,
            referred.sop_instance_uid,
            referred.segment_number,
            source_series=SourceSeriesForSegmentation(segment.series_instance_uid),
        ),
        finding_type=coded(Code(terms.type.value, terms.type.scheme, terms.type.meaning)),
        finding_category=coded(Code(terms.category.value, terms.category.scheme, terms.category.meaning)),
        algorithm_id=None
        if by_hand
        else AlgorithmIdentification(name=segment.algorithm_name or made.MODEL, version=__version__),
        finding_sites=[FindingSite(coded(Code(site.value, SCHEME, site.meaning)))] if site is not None else None,
        measurements=[measured(None, each) for each in segment.values],
    )
    group[0].ContentSequence.extend(_own(segment))
    return group


def _own(segment: Segment) -> Iterable[Any]:
    """What no template has a place for; `codes` says what it means."""
    from highdicom.sr import CodeContentItem, PnameContentItem

    status = codes.ours(segment.status.value.casefold().replace(" ", "-"), segment.status.value)
    yield text_item(codes.NUMBER, f"{segment.number}", "CONTAINS")
    yield CodeContentItem(coded(codes.STATUS), coded(status), "CONTAINS")
    if segment.site:
        yield text_item(codes.SITE, segment.site, "CONTAINS")
    if segment.origin:
        yield text_item(codes.ORIGIN, segment.origin, "CONTAINS")
    if segment.author and segment.status is not Status.FROM_AI:
        yield PnameContentItem(coded(codes.PERSON), segment.author, "HAS OBS CONTEXT")


def texts_of(segments: Iterable[Referred]) -> Iterable[str]:
    """All words of groups, for the choice of a character set."""
    for each in segments:
        segment = each.segment
        yield from (segment.title, segment.site, segment.origin, segment.author, segment.algorithm_name)
        yield from (word for value in segment.values for word in (value.how, value.name))


# ------------------------------------------------------------------------------ read


def segment_item(group: Item) -> Item | None:
    """The reference to a segment that makes a group one of a volume."""
    for concept in (codes.SEGMENT, codes.SEGMENT_FRAME):
        item = group.first(concept, "IMAGE")
        if item is not None and item.images and item.images[0].segments:
            return item
    return None


def of_segment(group: Item, tracking_uid: str) -> OfSegment:
    """What a group with a `segment_item` says."""
    item = segment_item(group)
    assert item is not None  # noqa: S101  asked for before
    image, number = item.images[0], words_of(group, codes.NUMBER)
    return OfSegment(
        tracking_uid,
        called(group),
        image.sop_instance_uid,
        image.segments[0],
        int(number) if number.isdecimal() else 0,
        words_of(group, codes.SITE) or meaning_of(group, codes.FINDING_SITE),
        values_of(group, None)[0],
        words_of(group, codes.ALGORITHM),
        "\n".join(told(group)),
    )
