"""What of a case can be undone, and what a range of values would take: values."""

from dataclasses import dataclass, replace
from functools import cached_property

from workstation.case.hot import Proposed
from workstation.findings.finding import Finding
from workstation.findings.key_image import KeyImage
from workstation.findings.saved import Draft
from workstation.findings.segment import Colour, Segment
from workstation.imaging.fence import Fence
from workstation.imaging.geometry import Vec3
from workstation.imaging.parted import FrameIn

Findings = tuple[Finding, ...]
Segments = tuple[Segment, ...]


@dataclass(frozen=True, eq=False)
class Marked:
    """All that can be undone: findings, segments and key images. Slices of masks that did not change are shared."""

    findings: Findings = ()
    segments: Segments = ()
    keys: tuple[KeyImage, ...] = ()
    proposed: Proposed | None = None
    """Hot spots that are looked at and are no segments yet; not kept on the disk."""

    @cached_property
    def drafts(self) -> tuple[Draft, ...]:
        """All of it, findings first; the same object for the same value."""
        return (*self.findings, *self.segments, *self.keys)

    def placed(self, frame_in: FrameIn) -> "Marked":
        """The same marks where their series lie; this very value where all of them lie there already."""
        findings = tuple(each.placed(frame_in) for each in self.findings)
        segments = tuple(each.placed(frame_in) for each in self.segments)
        proposed = self.proposed.placed(frame_in) if self.proposed is not None else None
        pairs = zip((*findings, *segments, proposed), (*self.findings, *self.segments, self.proposed), strict=True)
        if all(one is other for one, other in pairs):
            return self
        return replace(self, findings=findings, segments=segments, proposed=proposed)


@dataclass(frozen=True)
class Preview:
    """What a range would take: shown on the pictures of one series, until it is taken or left."""

    series_instance_uid: str
    low: float
    high: float
    colour: Colour
    within: tuple[Vec3, float] | None = None
    """Centre (LPS) and radius (mm) of the sphere it is confined to."""
    fence: Fence | None = None
    """The limit that it stays within."""
