"""Key images as Key Object Selection (PS3.3 A.35.4, PS3.16 TID 2010), written and read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from workstation.dicom.attributes import Attributes
from workstation.dicom.entities import Instance
from workstation.dicom.scan import scan
from workstation.documents import made
from workstation.documents.sr import codes
from workstation.documents.sr.codes import Code
from workstation.documents.sr.tree import Item, read_tree
from workstation.errors import Reason, Refused
from workstation.findings.key_image import KeyImage, Purpose

KEY_OBJECTS: Final = "1.2.840.10008.5.1.4.1.1.88.59"

TITLES: Final = {
    Purpose.OF_INTEREST: Code("113000", "DCM", "Of Interest"),
    Purpose.REFERRING_PROVIDER: Code("113002", "DCM", "For Referring Provider"),
    Purpose.SURGERY: Code("113003", "DCM", "For Surgery"),
    Purpose.TEACHING: Code("113004", "DCM", "For Teaching"),
    Purpose.CONFERENCE: Code("113005", "DCM", "For Conference"),
    Purpose.THERAPY: Code("113006", "DCM", "For Therapy"),
    Purpose.PATIENT: Code("113007", "DCM", "For Patient"),
    Purpose.PEER_REVIEW: Code("113008", "DCM", "For Peer Review"),
    Purpose.RESEARCH: Code("113009", "DCM", "For Research"),
    Purpose.BEST_IN_SET: Code("113013", "DCM", "Best In Set"),
    Purpose.PRINTING: Code("113018", "DCM", "For Printing"),
    Purpose.REPORT_ATTACHMENT: Code("113020", "DCM", "For Report Attachment"),
}
"""Of CID 7010, those a reading room uses."""

REJECTED_QUALITY: Final = Code("113001", "DCM", "Rejected for Quality Reasons")
REJECTED_SAFETY: Final = Code("113037", "DCM", "Rejected for Patient Safety Reasons")
WRONG_ENTRY: Final = Code("113038", "DCM", "Incorrect Modality Worklist Entry")
"""Titles by which an archive hides images or moves them (IHE RAD TF-2 4.66, Imaging Object Change Management)."""

REASONS: Final = (
    Code("111209", "DCM", "Positioning"),
    Code("111210", "DCM", "Motion blur"),
    Code("111211", "DCM", "Under exposed"),
    Code("111212", "DCM", "Over exposed"),
    Code("111213", "DCM", "No image"),
    Code("113026", "DCM", "Double exposure"),
    Code("111214", "DCM", "Detector artifact(s)"),
    Code("111208", "DCM", "Grid artifact(s)"),
    Code("111215", "DCM", "Artifact(s) other than grid or detector artifact"),
    Code("111219", "DCM", "Inappropriate image processing"),
    Code("111220", "DCM", "Other failure"),
)
"""CID 7011: why an image is rejected for its quality."""

MODIFIER: Final = Code("113011", "DCM", "Document Title Modifier")
DESCRIPTION: Final = Code("113012", "DCM", "Key Object Description")
_EVIDENCE, _SERIES, _INSTANCES = 0x0040A375, 0x00081115, 0x00081199


Stamp = tuple[str, str]
"""ContentDate and ContentTime."""


@dataclass(frozen=True)
class Selection:
    """A selection of key images; `made` sorts by time (ContentDate and ContentTime).

    `purpose` is None where its title is none that key images have here, as of rejected images.
    """

    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str
    instance_number: int
    made: str
    is_ours: bool
    title: str
    description: str
    keys: tuple[KeyImage, ...]
    purpose: Purpose | None = Purpose.OF_INTEREST


def written(
    keys: Sequence[KeyImage],
    source: Dataset,
    images: Mapping[str, Instance],
    place: made.Place = made.NEW,
    title: Code = TITLES[Purpose.OF_INTEREST],
    description: str = "",
    reason: Code | None = None,
    stamp: Stamp | None = None,
) -> bytes:
    """The file of a selection of one study's images, one at least.

    `source` is the header of an image of the study; KeyError for an image that `images` does not have. A title of
    REJECTED_QUALITY needs a `reason` (TID 2010); `stamp` is when it was made, now where it is None.
    """
    dataset = made.new_object(source, KEY_OBJECTS, "KO", "Key images", place)
    now = (dataset.InstanceCreationDate, dataset.InstanceCreationTime)
    dataset.ContentDate, dataset.ContentTime = now if stamp is None else stamp
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence(images[uid] for uid in _uids(keys))]
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.ConceptNameCodeSequence = [_coded(title)]
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "2010"
    dataset.ContentTemplateSequence = [template]
    dataset.ContentSequence = [
        *([_code(MODIFIER, reason, "HAS CONCEPT MOD")] if reason is not None else []),
        *_observer(),
        *([_text(DESCRIPTION, description, "CONTAINS")] if description else []),
        *(_image(each, images[each.sop_instance_uid]) for each in keys),
    ]
    made.spelled(dataset, [description])
    return made.bytes_of(dataset)


def _uids(keys: Iterable[KeyImage]) -> list[str]:
    return list(dict.fromkeys(each.sop_instance_uid for each in keys))


def _evidence(instances: Iterable[Instance]) -> Dataset:
    """PS3.3 C.17.6.2.1: every object the content names, by series."""
    by_series: dict[str, list[Dataset]] = {}
    study = ""
    for instance in instances:
        study = instance.StudyInstanceUID
        by_series.setdefault(instance.SeriesInstanceUID, []).append(_reference(instance))
    evidence = Dataset()
    evidence.StudyInstanceUID = study
    evidence.ReferencedSeriesSequence = []
    for uid, references in by_series.items():
        series = Dataset()
        series.SeriesInstanceUID, series.ReferencedSOPSequence = uid, references
        evidence.ReferencedSeriesSequence.append(series)
    return evidence


def _reference(instance: Instance) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID = instance.SOPClassUID
    reference.ReferencedSOPInstanceUID = instance.SOPInstanceUID
    return reference


def _image(key: KeyImage, instance: Instance) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "IMAGE"
    reference = _reference(instance)
    if instance.images > 1:
        reference.ReferencedFrameNumber = key.frame + 1
    item.ReferencedSOPSequence = [reference]
    return item


def _observer() -> Iterator[Dataset]:
    """TID 1002: the device; who sits at it is not known yet."""
    yield _code(Code("121005", "DCM", "Observer Type"), Code("121007", "DCM", "Device"), "HAS OBS CONTEXT")
    uid = Dataset()
    uid.RelationshipType, uid.ValueType, uid.UID = "HAS OBS CONTEXT", "UIDREF", codes.SCHEME_UID
    uid.ConceptNameCodeSequence = [_coded(Code("121012", "DCM", "Device Observer UID"))]
    yield uid
    yield _text(codes.DEVICE_NAME, made.MODEL, "HAS OBS CONTEXT")


def _code(name: Code, value: Code, relation: str) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relation, "CODE"
    item.ConceptNameCodeSequence, item.ConceptCodeSequence = [_coded(name)], [_coded(value)]
    return item


def _text(name: Code, words: str, relation: str) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = relation, "TEXT", words
    item.ConceptNameCodeSequence = [_coded(name)]
    return item


def _coded(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme, code.meaning
    return item


# ---------------------------------------------------------------- read


def read_selection(data: bytes) -> Selection:
    """Read a selection from the bytes of its file. Raises `Refused` as `scan` does, or with NOT_A_REPORT."""
    read = Attributes(scan(data))
    if read.text("SOPClassUID") != KEY_OBJECTS:
        raise Refused(Reason.NOT_A_REPORT)
    root = read_tree(read)
    study = read.text("StudyInstanceUID")
    series = _series(read)
    words = root.first(DESCRIPTION, "TEXT")
    purpose = next((purpose for purpose, title in TITLES.items() if title.value == root.concept.value), None)
    return Selection(
        read.text("SOPInstanceUID"),
        read.text("SeriesInstanceUID"),
        study,
        read.integer("InstanceNumber") or 1,
        read.text("ContentDate") + read.text("ContentTime"),
        read.text("Manufacturer") == made.MAKER,
        root.concept.meaning,
        words.text if words is not None else "",
        tuple(key for item in root.below for key in _keys(item, study, series, purpose or Purpose.OF_INTEREST)),
        purpose,
    )


def _keys(item: Item, study: str, series: Mapping[str, str], purpose: Purpose) -> Iterator[KeyImage]:
    """An image by its frames; one of another study is none of this one's key images."""
    for image in item.images:
        uid = image.sop_instance_uid
        if uid in series:
            yield from (KeyImage(study, series[uid], uid, frame - 1, purpose) for frame in image.frames or (1,))


def _series(read: Attributes) -> dict[str, str]:
    """SOPInstanceUID to SeriesInstanceUID of the evidence of this study."""
    found = {}
    for study in read.items(_EVIDENCE):
        if read.having(study).text("StudyInstanceUID") != read.text("StudyInstanceUID"):
            continue
        for elements in read.having(study).items(_SERIES):
            series = read.having(elements)
            for instance in series.items(_INSTANCES):
                found[series.having(instance).text("ReferencedSOPInstanceUID")] = series.text("SeriesInstanceUID")
    return found
