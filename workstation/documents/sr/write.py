"""Findings -> Comprehensive 3D SR (PS3.3 A.35.13) by TID 1500 of PS3.16, one measurement group for each finding.

Regions, points and arrows are planar ROI groups (TID 1410), segments volumetric ones (TID 1411); what is measured along
lines is a group (TID 1501) whose numbers were inferred from their coordinates (TID 320). Why something has no number
stands in words: a NUM without a value would be right (PS3.3 C.18.1), but other libraries fail to read a document that
has one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydicom.dataset import Dataset

from workstation import __version__
from workstation.dicom.entities import Instance
from workstation.documents import made
from workstation.documents.sr import codes
from workstation.documents.sr.codes import Code
from workstation.documents.sr.items import add_below, coded, measured, text_item
from workstation.documents.sr.places import GroundOf, Points, is_spatial, ordered_points, written_points
from workstation.documents.sr.volumes import Referred, group_of, texts_of
from workstation.findings.finding import POINTS, TITLES, Finding, Kind, Source, Status
from workstation.findings.sites import SCHEME, site_of
from workstation.imaging.alignment import stored_frame

if TYPE_CHECKING:
    from highdicom.sr import ContentItem

SINGLE_POINTS: Final = frozenset((Kind.PROBE, Kind.TEXT, Kind.SPINE_LABEL, Kind.REMNANT))
LINES: Final = {
    Kind.COBB: (slice(0, 2), slice(2, 4)),
    Kind.BIDIRECTIONAL: (slice(0, 2), slice(2, 4)),
    Kind.CARDIOTHORACIC: (slice(0, 2), slice(2, 4)),
    Kind.STEP_OFF: (slice(0, 2), slice(2, 4)),
    Kind.POINT_TO_LINE: (slice(0, 2), slice(2, 3)),
}
"""Which points of a kind are lines of their own; of the others all are one."""

OF_VALUE: Final = {
    (Kind.BIDIRECTIONAL, "Long axis"): (0,),
    (Kind.BIDIRECTIONAL, "Short axis"): (1,),
    (Kind.CARDIOTHORACIC, "Heart"): (0,),
    (Kind.CARDIOTHORACIC, "Chest"): (1,),
}
"""Which lines a value was measured along; all of them where it is not named."""

PROCEDURES: Final = {
    "CT": Code("25045-6", "LN", "CT unspecified body region"),
    "MR": Code("25056-3", "LN", "MRI unspecified body region"),
    "PT": Code("44139-4", "LN", "PET whole body"),
}
ANY_PROCEDURE: Final = Code("363679005", "SCT", "Imaging procedure")


@dataclass(frozen=True)
class Document:
    """What a document says besides its findings.

    `source` is the header of an image of the study, `images` are those that findings were drawn on, by SOPInstanceUID.
    `supersedes` are headers of the documents it takes the place of; `observer` is who made it, if that is known.
    """

    source: Dataset
    images: Mapping[str, Instance]
    ground_of: GroundOf
    place: made.Place = made.NEW
    supersedes: Sequence[Dataset] = ()
    observer: str = ""
    segments: Sequence[Referred] = ()
    """Segments of segmentations of this study that it says the numbers of."""


def written(findings: Sequence[Finding], document: Document) -> bytes:
    """The file of an SR with these findings and segments of one study; without any it says that those before were
    withdrawn.

    Raises `Refused` with NO_FRAME (`places.written_points`); KeyError for a source that `images` does not have.
    """
    from highdicom.sr import Comprehensive3DSR

    report = _report(findings, document)
    dataset = Comprehensive3DSR(
        evidence=_evidence(document),
        content=report[0],
        series_instance_uid=document.place.series_instance_uid or made.new_uid(),
        series_number=made.SERIES["SR"],
        sop_instance_uid=made.new_uid(),
        instance_number=document.place.number,
        manufacturer=made.MAKER,
        is_complete=True,
        previous_versions=document.supersedes or None,
        series_description="Findings",
        manufacturer_model_name=made.MODEL,
        software_versions=__version__,
        device_serial_number="1",
    )
    made.inherited(dataset, document.source)
    made.signed(dataset)
    dataset.CodingSchemeIdentificationSequence = [_scheme()]
    made.spelled(dataset, _texts(findings, document))
    return made.bytes_of(dataset)


def _scheme() -> Dataset:
    """PS3.3 C.12.1.1.x: what our own codes are."""
    scheme = Dataset()
    scheme.CodingSchemeDesignator, scheme.CodingSchemeUID = codes.SCHEME, codes.SCHEME_UID
    scheme.CodingSchemeName = "Hounsfield: how a finding was drawn"
    scheme.CodingSchemeResponsibleOrganization = made.MAKER
    return scheme


def _texts(findings: Iterable[Finding], document: Document) -> Iterable[str]:
    yield document.observer
    yield from texts_of(document.segments)
    for each in findings:
        yield from (each.name, each.site, each.text, each.author, each.refused, *(value.how for value in each.values))
        yield from (value.unit for value in each.values if value.unit not in codes.UNITS)


def _evidence(document: Document) -> list[Dataset]:
    """Images and segmentations as the document refers to them."""
    found = [
        _referred(document, each.StudyInstanceUID, each.SeriesInstanceUID, each.SOPClassUID, each.SOPInstanceUID)
        for each in document.images.values()
    ]
    study = str(document.source.StudyInstanceUID)
    by_uid = {each.sop_instance_uid: each for each in document.segments}
    return found + [
        _referred(document, study, each.series_instance_uid, each.sop_class_uid, uid) for uid, each in by_uid.items()
    ]


def _referred(document: Document, study: str, series: str, sop_class: str, uid: str) -> Dataset:
    """An object as the document refers to it; whose it is follows later, from the source as it stands."""
    evidence = Dataset()
    for keyword in made.NEEDED:
        setattr(evidence, keyword, "")
    evidence.StudyInstanceUID, evidence.SeriesInstanceUID = study, series
    evidence.SOPClassUID, evidence.SOPInstanceUID = sop_class, uid
    if "SpecificCharacterSet" in document.source:
        evidence["SpecificCharacterSet"] = document.source["SpecificCharacterSet"]
    return evidence


# ---------------------------------------------------------------- the report


def _report(findings: Sequence[Finding], document: Document) -> Any:
    from highdicom.sr import (
        DeviceObserverIdentifyingAttributes,
        LanguageOfContentItemAndDescendants,
        MeasurementReport,
        ObservationContext,
        ObserverContext,
        PersonObserverIdentifyingAttributes,
    )
    from pydicom.sr.codedict import codes as dictionary

    device = DeviceObserverIdentifyingAttributes(
        uid=codes.SCHEME_UID, name=made.MODEL, manufacturer_name=made.MAKER, model_name=made.MODEL, serial_number="1"
    )
    person = PersonObserverIdentifyingAttributes(name=document.observer) if document.observer else None
    context = ObservationContext(
        ObserverContext(dictionary.DCM.Person, person) if person else None,
        ObserverContext(dictionary.DCM.Device, device),
    )
    groups = [_group(each, document) for each in findings]
    groups += [group_of(each) for each in document.segments]
    return MeasurementReport(
        observation_context=context,
        procedure_reported=_procedure(document.source),
        imaging_measurements=groups or [_withdrawn(document)],
        title=coded(codes.REPORT),
        language_of_content_item_and_descendants=LanguageOfContentItemAndDescendants(
            coded(Code("en", "RFC5646", "English"))
        ),
    )


def _procedure(source: Dataset) -> Any:
    """ProcedureCodeSequence of the study where it has one, else what its modality tells."""
    from highdicom.sr import CodedConcept

    for item in source.get("ProcedureCodeSequence") or ():
        if all(item.get(keyword) for keyword in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")):
            return CodedConcept(item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning)
    return coded(PROCEDURES.get(source.get("Modality", ""), ANY_PROCEDURE))


def _group(finding: Finding, document: Document) -> Any:
    """The measurement group of a finding."""
    from highdicom.sr import (
        MeasurementsAndQualitativeEvaluations,
        PlanarROIMeasurementsAndQualitativeEvaluations,
        TrackingIdentifier,
    )

    points = ordered_points(finding, document.ground_of)
    common: dict[str, Any] = {
        "tracking_identifier": TrackingIdentifier(uid=finding.tracking_uid, identifier=finding.title),
        "algorithm_id": _algorithm(finding),
        "finding_sites": _sites(finding),
    }
    sources = [_source_image(each, document) for each in finding.sources]
    if _is_region(finding):
        measurements = [measured(finding.kind, each, ()) for each in finding.values]
        group: Any = PlanarROIMeasurementsAndQualitativeEvaluations(
            referenced_region=_region(finding, points, document), measurements=measurements, **common
        )
        if is_spatial(finding):
            group[0].ContentSequence.extend(sources)
    else:
        measurements = _along_lines(finding, points, document)
        group = MeasurementsAndQualitativeEvaluations(source_images=sources, measurements=measurements, **common)
    group[0].ContentSequence.extend(_own(finding, document))
    return group


def _withdrawn(document: Document) -> Any:
    """What stands where no finding is left: a template needs a group, and whoever reads it should know why."""
    from highdicom.sr import (
        CodeContentItem,
        MeasurementsAndQualitativeEvaluations,
        SourceImageForMeasurementGroup,
        TrackingIdentifier,
    )

    image = next(iter(document.images.values()))
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(uid=made.new_uid(), identifier="None"),
        source_images=[SourceImageForMeasurementGroup(image.SOPClassUID, image.SOPInstanceUID)],
    )
    words = "The findings of the document before were withdrawn by their reader."
    status = CodeContentItem(coded(codes.STATUS), coded(codes.WITHDRAWN), "CONTAINS")
    group[0].ContentSequence.extend([text_item(codes.COMMENT, words, "CONTAINS"), status])
    return group


def _is_region(finding: Finding) -> bool:
    """A line that has no number is a region too: nothing else would say where it lies."""
    return finding.encloses or finding.kind in SINGLE_POINTS or not finding.values


def _along_lines(finding: Finding, points: Points, document: Document) -> list[Any]:
    """Numbers with the lines they were measured along."""
    cut = LINES.get(finding.kind, (slice(None),))
    lines = [points[each] for each in cut]
    found = []
    for number, value in enumerate(finding.values):
        which = OF_VALUE.get((finding.kind, value.name), range(len(lines)))
        # An outline of thousands of points is not repeated for each of its numbers.
        own = which if number == 0 or len(points) <= max(POINTS.values()) else ()
        found.append(measured(finding.kind, value, [_coordinates(finding, lines[each], document) for each in own]))
    return found


def _algorithm(finding: Finding) -> Any:
    """TID 4019 for what an algorithm found (safety.md 14)."""
    from highdicom.sr import AlgorithmIdentification

    if finding.status is not Status.FROM_AI:
        return None
    return AlgorithmIdentification(name=finding.author or "unknown", version="unknown")


def _sites(finding: Finding) -> Any:
    from highdicom.sr import FindingSite

    site = site_code(finding.site)
    return [FindingSite(coded(site))] if site is not None else None


def site_code(words: str) -> Code | None:
    """The anatomic region or vertebra of PS3.16 that is called so, in whatever letters."""
    site = site_of(words)
    return None if site is None else Code(site.value, SCHEME, site.meaning)


# ---------------------------------------------------------------- coordinates


def _region(finding: Finding, points: Points, document: Document) -> Any:
    """The region of a planar ROI: closed outlines, ellipses, points, and the line of an arrow."""
    from highdicom.sr import ImageRegion, ImageRegion3D

    shape, corners = _shape(finding, points)
    plain = "POINT" if shape == "POINT" else "POLYLINE"
    if is_spatial(finding):
        region: Any = ImageRegion3D(plain, _array(corners, 3), stored_frame(finding.frame_of_reference_uid or ""))
        region.GraphicType = {"POLYLINE": "POLYGON"}.get(shape, shape) if finding.encloses else shape
        return region
    region = ImageRegion(plain, _array(corners, 2), _source_of_region(finding, document))
    region.GraphicType = shape
    return region


def _shape(finding: Finding, points: Points) -> tuple[str, Points]:
    """GraphicType of SCOORD and its points. Set beside highdicom's own check: it holds points that single precision
    has moved by a thousandth of a millimetre to be in no plane."""
    if finding.kind in SINGLE_POINTS:
        return "POINT", points
    if finding.kind is Kind.ELLIPSE:
        return "ELLIPSE", points
    return "POLYLINE", (*points, points[0]) if finding.encloses else points


def _coordinates(finding: Finding, points: Points, document: Document) -> Any:
    """A line, or a point, that numbers were inferred from (TID 320)."""
    from highdicom.sr import CoordinatesForMeasurement, CoordinatesForMeasurement3D

    shape = "POINT" if len(points) == 1 else "POLYLINE"
    if is_spatial(finding):
        return CoordinatesForMeasurement3D(
            shape, _array(points, 3), stored_frame(finding.frame_of_reference_uid or ""), purpose=coded(codes.PATH)
        )
    source = _source_of_region(finding, document)
    return CoordinatesForMeasurement(shape, _array(points, 2), source, purpose=coded(codes.PATH))


def _array(points: Points, axes: int) -> Any:
    return np.asarray(points, dtype=np.float64)[:, :axes]


def _source_image(source: Source, document: Document) -> Any:
    from highdicom.sr import SourceImageForMeasurementGroup

    instance = document.images[source.sop_instance_uid]
    return SourceImageForMeasurementGroup(instance.SOPClassUID, instance.SOPInstanceUID, _frames(source, instance))


def _source_of_region(finding: Finding, document: Document) -> Any:
    from highdicom.sr import SourceImageForRegion

    source = finding.sources[0]
    instance = document.images[source.sop_instance_uid]
    return SourceImageForRegion(instance.SOPClassUID, instance.SOPInstanceUID, _frames(source, instance))


def _frames(source: Source, instance: Instance) -> list[int] | None:
    """Frames count from 1; an object of one image has none to name."""
    return [source.frame + 1] if instance.images > 1 else None


# ---------------------------------------------------------------- what is ours


def _own(finding: Finding, document: Document) -> list["ContentItem"]:
    """What no template has a place for; `codes` says what it means."""
    from highdicom.sr import CodeContentItem, NumContentItem, PnameContentItem

    closed = finding.kind is Kind.POLYLINE and finding.closed
    tool = codes.CLOSED if closed else codes.ours(finding.kind.value, TITLES[finding.kind])
    status = codes.ours(finding.status.value.casefold().replace(" ", "-"), finding.status.value)
    contains = "CONTAINS"
    found: list[ContentItem] = [
        CodeContentItem(coded(codes.TOOL), coded(tool), contains),
        text_item(codes.NUMBER, f"{finding.number}", contains),
        CodeContentItem(coded(codes.STATUS), coded(status), contains),
    ]
    if finding.text:
        found.append(text_item(codes.COMMENT, finding.text, contains))
    if finding.refused:
        found.append(text_item(codes.NO_VALUE, finding.refused, contains))
    if finding.site:
        found.append(text_item(codes.SITE, finding.site, contains))
    if finding.alignments:
        found.append(text_item(codes.ALIGNMENT, " ".join(finding.alignments), contains))
    if finding.hidden:
        found.append(CodeContentItem(coded(codes.HIDDEN), coded(codes.HIDDEN), contains))
    if finding.true_length_mm is not None:
        length, unit = float(finding.true_length_mm), coded(codes.UNITS["mm"])
        found.append(NumContentItem(coded(codes.GIVEN), length, unit, relationship_type=contains))
    if finding.author and finding.status is not Status.FROM_AI:
        found.append(PnameContentItem(coded(codes.PERSON), finding.author, "HAS OBS CONTEXT"))
    if finding.label is not None:
        found.append(_label(finding, document))
    return found


def _label(finding: Finding, document: Document) -> "ContentItem":
    from highdicom.sr import ImageContentItem, Scoord3DContentItem, ScoordContentItem

    points = written_points(finding, (finding.label or finding.points[0],), document.ground_of)
    if is_spatial(finding):
        frame = stored_frame(finding.frame_of_reference_uid or "")
        return Scoord3DContentItem(coded(codes.LABEL), "POINT", _array(points, 3), frame, relationship_type="CONTAINS")
    label = ScoordContentItem(coded(codes.LABEL), "POINT", _array(points, 2), relationship_type="CONTAINS")
    instance = document.images[finding.sources[0].sop_instance_uid]
    image = ImageContentItem(
        coded(codes.SOURCE),
        instance.SOPClassUID,
        instance.SOPInstanceUID,
        _frames(finding.sources[0], instance),
        relationship_type="SELECTED FROM",
    )
    add_below(label, [image])
    return label
