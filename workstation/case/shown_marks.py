"""What is to be seen of findings, segments and key images now: a value, captured for painting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from workstation.findings.finding import Finding, Kind
from workstation.findings.key_image import KeyImage
from workstation.findings.segment import Segment

if TYPE_CHECKING:
    from workstation.case.drawing import Preview


@dataclass(frozen=True, eq=False)
class ShownMarks:
    """What is to be seen now, captured for painting; the finding in hand lies over the pictures and is none of these.

    `revision` grows with every change: a picture says which one it shows. `segment` is the one tools work on.
    """

    findings: tuple[Finding, ...] = ()
    selected: str = ""
    revision: int = 0
    segments: tuple[Segment, ...] = ()
    segment: str = ""
    preview: "Preview | None" = None
    keys: frozenset[KeyImage] = frozenset()
    calibrated: Mapping[str, str] = field(default_factory=dict)
    """As `lines_in_force` has it, of all marks: a line that is hidden counts too."""

    @cached_property
    def by_frame(self) -> dict[str, list[Finding]]:
        """Those in the patient by frame of reference."""
        found: dict[str, list[Finding]] = {}
        for each in self.findings:
            if each.frame_of_reference_uid is not None:
                found.setdefault(each.frame_of_reference_uid, []).append(each)
        return found

    @cached_property
    def by_image(self) -> dict[tuple[str, int], list[Finding]]:
        """Those in pixels by SOPInstanceUID and frame (from 0) of their image."""
        found: dict[tuple[str, int], list[Finding]] = {}
        for each in self.findings:
            if each.frame_of_reference_uid is None:
                for source in each.sources:
                    found.setdefault((source.sop_instance_uid, source.frame), []).append(each)
        return found


def lines_in_force(findings: Iterable[Finding]) -> dict[str, str]:
    """Tracking UID of the calibration line that counts by SOPInstanceUID: the last one that has a length."""
    return {
        each.sources[0].sop_instance_uid: each.tracking_uid
        for each in findings
        if each.kind is Kind.CALIBRATION and each.true_length_mm and not each.in_patient and len(set(each.points)) == 2
    }
