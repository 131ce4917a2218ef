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
from workstation.findings.key_image import KeyImage

KEY_OBJECTS: Final = "1.2.840.10008.5.1.4.1.1.88.59"

OF_INTEREST: Final = Code("113000", "DCM", "Of Interest")
TITLES: Final = {
    "of-interest": OF_INTEREST,
    "for-referring-provider": Code("113002", "DCM", "For Referring Provider"),
    "for-surgery": Code("113003", "DCM", "For Surgery"),
    "for-teaching": Code("113004", "DCM", "For Teaching"),
    "for-conference": Code("113005", "DCM", "For Conference"),
}
"""Of CID 7010, those a reading room uses."""

DESCRIPTION: Final = Code("113012", "DCM", "Key Object Description")
_EVIDENCE, _SERIES, _INSTANCES = 0x0040A375, 0x00081115, 0x00081199


@dataclass(frozen=True)
class Selection:
    """A selection of key images; `made` sorts by time (ContentDate and ContentTime)."""

    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str
    instance_number: int
    made: str
    is_ours: bool
    title: str
    description: str
    keys: tuple[KeyImage, ...]


def written(
    keys: Sequence[KeyImage],
    source: Dataset,
    images: Mapping[str, Instance],
    place: made.Place = made.NEW,
    title: Code = OF_INTEREST,
    description: str = "",
) -> bytes:
    """The file of a selection of one study's images, one at least.

    `source` is the header of an image of the study; KeyError for an image that `images` does not have.
    """
    dataset = made.new_object(source, KEY_OBJECTS, "KO", "Key images", place)
    dataset.ContentDate, dataset.ContentTime = dataset.InstanceCreationDate, dataset.InstanceCreationTime
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence(images[uid] for uid in _uids(keys))]
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.ConceptNameCodeSequence = [_coded(title)]
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "2010"
    dataset.ContentTemplateSequence = [template]
    dataset.ContentSequence = [
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
    kind = Dataset()
    kind.RelationshipType, kind.ValueType = "HAS OBS CONTEXT", "CODE"
    kind.ConceptNameCodeSequence = [_coded(Code("121005", "DCM", "Observer Type"))]
    kind.ConceptCodeSequence = [_coded(Code("121007", "DCM", "Device"))]
    yield kind
    uid = Dataset()
    uid.RelationshipType, uid.ValueType, uid.UID = "HAS OBS CONTEXT", "UIDREF", codes.SCHEME_UID
    uid.ConceptNameCodeSequence = [_coded(Code("121012", "DCM", "Device Observer UID"))]
    yield uid
    yield _text(codes.DEVICE_NAME, made.MODEL, "HAS OBS CONTEXT")


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
    return Selection(
        read.text("SOPInstanceUID"),
        read.text("SeriesInstanceUID"),
        study,
        read.integer("InstanceNumber") or 1,
        read.text("ContentDate") + read.text("ContentTime"),
        read.text("Manufacturer") == made.MAKER,
        root.concept.meaning,
        words.text if words is not None else "",
        tuple(key for item in root.below for key in _keys(item, study, series)),
    )


def _keys(item: Item, study: str, series: Mapping[str, str]) -> Iterator[KeyImage]:
    """An image by its frames; one of another study is none of this one's key images."""
    for image in item.images:
        uid = image.sop_instance_uid
        if uid in series:
            yield from (KeyImage(study, series[uid], uid, frame - 1) for frame in image.frames or (1,))


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
