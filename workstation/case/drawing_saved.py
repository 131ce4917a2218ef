"""What documents say of the studies on screen, and what of the marks is otherwise by now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from workstation.findings.finding import Finding
from workstation.findings.key_image import KeyImage
from workstation.findings.saved import Draft, Kept, Looks
from workstation.findings.segment import Look, Segment
from workstation.imaging.parted import FrameIn

NOT_SAVED = "not saved"
CHANGED = "changed since saved"
SAVED = "saved"

LONGEST_LABEL: Final = 64
"""Of a segment's name as an object keeps it (SegmentLabel, LO)."""


@dataclass(frozen=True, eq=False)
class Saved:
    """Findings as they were last read from documents or written, by tracking UID, others' too; key images; and the
    segments of segmentations of ours."""

    findings: Mapping[str, Finding] = field(default_factory=dict)
    keys: frozenset[KeyImage] = frozenset()
    segments: Mapping[str, Segment] = field(default_factory=dict)

    def state(self, draft: Finding | Segment) -> str:
        """SAVED, CHANGED or NOT_SAVED."""
        if isinstance(draft, Segment):
            segment = self.segments.get(draft.tracking_uid)
            return NOT_SAVED if segment is None else SAVED if says_the_same(draft, segment) else CHANGED
        known = self.findings.get(draft.tracking_uid)
        if known is None:
            return NOT_SAVED
        return SAVED if _same(draft, known) else CHANGED

    def removed(self, study: str, drafts: tuple[Draft, ...]) -> tuple[Finding, ...]:
        """What a document of ours says of a study and is no longer among the marks."""
        there = {each.tracking_uid for each in drafts if isinstance(each, Finding)}
        return tuple(each for each in self._of(study) if not each.document_uid and each.tracking_uid not in there)

    def is_all(self, study: str, drafts: tuple[Draft, ...]) -> bool:
        """Whether documents say all that `drafts` say of a study, and nothing else."""
        mine = [each for each in drafts if each.study_instance_uid == study]
        findings = [each for each in mine if isinstance(each, Finding)]
        segments = [each for each in mine if isinstance(each, Segment)]
        keys = {each for each in mine if isinstance(each, KeyImage)}
        return (
            keys == {each for each in self.keys if each.study_instance_uid == study}
            and {each.tracking_uid for each in findings} == {each.tracking_uid for each in self._of(study)}
            and {each.tracking_uid for each in segments} == {each.tracking_uid for each in self.segments_of(study)}
            and all(self.state(each) == SAVED for each in findings)
            and all(self.state(each) == SAVED for each in segments)
        )

    def known(self, study: str) -> tuple[str, ...]:
        """What documents say of a study: tracking UIDs of findings and segments, SOPInstanceUIDs of key images."""
        keys = sorted({each.sop_instance_uid for each in self.keys if each.study_instance_uid == study})
        marked = [each.tracking_uid for each in self._of(study)]
        marked += [each.tracking_uid for each in self.segments_of(study)]
        return (*marked, *keys)

    def of_drafts(self, study: str, drafts: tuple[Draft, ...]) -> tuple[tuple[Draft, ...], tuple[str, ...], Looks]:
        """What of a study must be kept as drafts, and what was known then; of what documents say whole only how its
        segments are shown."""
        mine = tuple(each for each in drafts if each.study_instance_uid == study)
        if self.is_all(study, drafts):
            segments = (each for each in mine if isinstance(each, Segment))
            return (), (), {each.tracking_uid: each.look for each in segments if each.look != Look()}
        return mine, self.known(study), {}

    def with_findings(self, study: str, findings: tuple[Finding, ...]) -> "Saved":
        """A document of ours was written: these are what is saved of a study, beside what others say of it."""
        written = {each.tracking_uid for each in findings}
        others = [
            each
            for each in self.findings.values()
            if each.study_instance_uid != study or (each.document_uid and each.tracking_uid not in written)
        ]
        return replace(self, findings={each.tracking_uid: each for each in (*others, *findings)})

    def with_keys(self, study: str, keys: frozenset[KeyImage]) -> "Saved":
        """The key images of a study were written."""
        return replace(self, keys=keys | {each for each in self.keys if each.study_instance_uid != study})

    def with_segments(self, gone: Iterable[Segment], written: Iterable[Segment]) -> "Saved":
        """Segmentations of ours were written: these segments take the place of those."""
        left = {uid: each for uid, each in self.segments.items() if uid not in {old.tracking_uid for old in gone}}
        return replace(self, segments=left | {each.tracking_uid: each for each in written})

    def placed(self, frame_in: FrameIn) -> "Saved":
        """The same findings and segments where their series lie; this very value where all lie there already."""
        findings = {uid: each.placed(frame_in) for uid, each in self.findings.items()}
        segments = {uid: each.placed(frame_in) for uid, each in self.segments.items()}
        same = all(each is self.findings[uid] for uid, each in findings.items())
        if same and all(each is self.segments[uid] for uid, each in segments.items()):
            return self
        return replace(self, findings=findings, segments=segments)

    def segments_of(self, study: str) -> tuple[Segment, ...]:
        """What segmentations of ours say of a study."""
        return tuple(each for each in self.segments.values() if each.study_instance_uid == study)

    def _of(self, study: str) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings.values() if each.study_instance_uid == study)


def _same(finding: Finding, known: Finding) -> bool:
    """But for how far it is, whether it is shown just now, and the number it has among others."""
    return replace(finding, status=known.status, hidden=known.hidden, number=known.number) == known


def says_the_same(segment: Segment, known: Segment) -> bool:
    """Whether two segments are one in what a segmentation keeps: voxels, name, colour and who drew it."""
    return (
        segment.colour == known.colour
        and segment.title[:LONGEST_LABEL] == known.title[:LONGEST_LABEL]
        and segment.algorithm is known.algorithm
        and segment.series_instance_uid == known.series_instance_uid
        and (segment.mask is known.mask or segment.mask == known.mask)
    )


def as_written(segment: Segment, written: Segment | None) -> Segment:
    """A segment whose document says the same of it is signed by that."""
    if written is None or segment.mask is not written.mask or not says_the_same(segment, written):
        return segment
    return replace(segment, status=written.status, values=segment.values or written.values)


def laid_over(saved: Saved, study: str, kept: Kept | None) -> tuple[Draft, ...]:
    """The drafts of a study, and what its documents say since they were kept; without drafts all that documents say."""
    if kept is None or not (kept.drafts or kept.known):
        keys = sorted(saved.keys, key=lambda each: (each.series_instance_uid, each.sop_instance_uid, each.frame))
        looks = kept.looks if kept is not None else {}
        segments = (each.looking(looks.get(each.tracking_uid, each.look)) for each in saved.segments.values())
        return (*saved.findings.values(), *segments, *keys)
    drafts, known = kept.drafts, kept.known
    there = {each.tracking_uid for each in drafts if not isinstance(each, KeyImage)}
    said: tuple[Finding | Segment, ...] = (*saved.findings.values(), *saved.segments.values())
    new = [each for each in said if each.study_instance_uid == study and each.tracking_uid not in there | known]
    return (*drafts, *new)


def numbered(drafts: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """No two findings of one number, nor two segments: the later of them gets the next free one."""
    taken: dict[type, set[int]] = {Finding: set(), Segment: set()}
    last = {
        kind: max((each.number for each in drafts if isinstance(each, kind)), default=0) for kind in (Finding, Segment)
    }
    found: list[Draft] = []
    for each in drafts:
        if not isinstance(each, KeyImage):
            kind = type(each)
            if each.number in taken[kind]:
                last[kind] += 1
                each = replace(each, number=last[kind])
            taken[kind].add(each.number)
        found.append(each)
    return tuple(found)
