"""A key image: one that a reader wants others to look at, and what for (PS3.3 C.17.6, PS3.16 CID 7010)."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Purpose(StrEnum):
    """What a key image is for: of CID 7010 those a reading room uses, in its words."""

    OF_INTEREST = "of interest"
    REFERRING_PROVIDER = "for referring provider"
    SURGERY = "for surgery"
    TEACHING = "for teaching"
    CONFERENCE = "for conference"
    THERAPY = "for therapy"
    PATIENT = "for patient"
    PEER_REVIEW = "for peer review"
    RESEARCH = "for research"
    BEST_IN_SET = "best in set"
    PRINTING = "for printing"
    REPORT_ATTACHMENT = "for report attachment"


@dataclass(frozen=True, slots=True)
class KeyImage:
    """An image by name; frame from 0."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    frame: int = 0
    purpose: Purpose = Purpose.OF_INTEREST

    def is_of(self, other: "KeyImage") -> bool:
        """Whether both are the same image, whatever they are for."""
        return replace(self, purpose=other.purpose) == other
