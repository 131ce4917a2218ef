"""What documents say of the studies on screen, and what of the marks is otherwise by now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from workstation.findings.finding import Finding
from workstation.findings.key_image import KeyImage
from workstation.findings.saved import Draft

NOT_SAVED = "not saved"
CHANGED = "changed since saved"
SAVED = "saved"


@dataclass(frozen=True, eq=False)
class Saved:
    """Findings as they were last read from documents or written, by tracking UID, others' too; and key images."""

    findings: Mapping[str, Finding] = field(default_factory=dict)
    keys: frozenset[KeyImage] = frozenset()

    def state(self, finding: Finding) -> str:
        """SAVED, CHANGED or NOT_SAVED."""
        known = self.findings.get(finding.tracking_uid)
        if known is None:
            return NOT_SAVED
        return SAVED if _same(finding, known) else CHANGED

    def removed(self, study: str, drafts: tuple[Draft, ...]) -> tuple[Finding, ...]:
        """What a document of ours says of a study and is no longer among the marks."""
        there = {each.tracking_uid for each in drafts if isinstance(each, Finding)}
        return tuple(each for each in self._of(study) if not each.document_uid and each.tracking_uid not in there)

    def is_all(self, study: str, drafts: tuple[Draft, ...]) -> bool:
        """Whether documents say all that `drafts` say of a study, and nothing else; segments are never saved here."""
        mine = [each for each in drafts if each.study_instance_uid == study]
        findings = [each for each in mine if isinstance(each, Finding)]
        keys = {each for each in mine if isinstance(each, KeyImage)}
        return (
            len(findings) + len(keys) == len(mine)
            and keys == {each for each in self.keys if each.study_instance_uid == study}
            and {each.tracking_uid for each in findings} == {each.tracking_uid for each in self._of(study)}
            and all(self.state(each) == SAVED for each in findings)
        )

    def known(self, study: str) -> tuple[str, ...]:
        """What documents say of a study: tracking UIDs of findings, SOPInstanceUIDs of key images."""
        keys = sorted({each.sop_instance_uid for each in self.keys if each.study_instance_uid == study})
        return (*(each.tracking_uid for each in self._of(study)), *keys)

    def of_drafts(self, study: str, drafts: tuple[Draft, ...]) -> tuple[tuple[Draft, ...], tuple[str, ...]]:
        """What of a study must be kept as drafts, and what was known then; nothing of what documents say whole."""
        if self.is_all(study, drafts):
            return (), ()
        return tuple(each for each in drafts if each.study_instance_uid == study), self.known(study)

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

    def _of(self, study: str) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings.values() if each.study_instance_uid == study)


def _same(finding: Finding, known: Finding) -> bool:
    """But for how far it is, whether it is shown just now, and the number it has among others."""
    return replace(finding, status=known.status, hidden=known.hidden, number=known.number) == known


def laid_over(saved: Saved, study: str, drafts: tuple[Draft, ...], known: frozenset[str]) -> tuple[Draft, ...]:
    """The drafts of a study, and what its documents say since they were kept."""
    there = {each.tracking_uid for each in drafts if isinstance(each, Finding)}
    new = [
        each for uid, each in saved.findings.items() if each.study_instance_uid == study and uid not in there | known
    ]
    return (*drafts, *new)


def numbered(drafts: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """No two findings of one number: the later of them gets the next free one."""
    taken: set[int] = set()
    found: list[Draft] = []
    last = max((each.number for each in drafts if isinstance(each, Finding)), default=0)
    for each in drafts:
        if isinstance(each, Finding):
            if each.number in taken:
                last += 1
                each = replace(each, number=last)
            taken.add(each.number)
        found.append(each)
    return tuple(found)
