"""A segment: voxels of one thing, marked by a reader or found by an algorithm; a frozen value (PS3.3 C.8.20.4)."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final

from workstation.findings.finding import Status, Value
from workstation.imaging.masks import Mask
from workstation.imaging.parted import FrameIn

Colour = tuple[int, int, int]
"""RGB, 0 to 255."""

COLOURS: Final[tuple[Colour, ...]] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (204, 121, 167),
    (213, 94, 0),
    (120, 150, 255),
)
"""Told apart by the colour-blind too (Okabe and Ito; their blue made lighter, since images are dark)."""


class Algorithm(StrEnum):
    """Who drew it: SegmentAlgorithmType (0062,0008) in lower case."""

    MANUAL = "manual"
    SEMIAUTOMATIC = "semiautomatic"
    AUTOMATIC = "automatic"


@dataclass(frozen=True)
class Look:
    """How a segment is shown and whether tools may change it: what no object of ours keeps."""

    hidden: bool = False
    locked: bool = False
    outline_only: bool = False
    opacity: float = 0.3


@dataclass(frozen=True)
class Segment:
    """One segment with its mask. `number` counts from 1 over the segments of a study; `opacity` is that of its fill.

    `series_instance_uid` is the series whose grid it lies on. `algorithm_name` says which tool or program made it; it
    is empty for what was drawn by hand alone. `origin` says what it was copied from, where it was; empty for a new one.
    """

    tracking_uid: str
    number: int
    mask: Mask
    study_instance_uid: str
    series_instance_uid: str
    frame_of_reference_uid: str
    colour: Colour = COLOURS[0]
    name: str = ""
    site: str = ""
    status: Status = Status.DRAFT
    author: str = ""
    algorithm: Algorithm = Algorithm.MANUAL
    algorithm_name: str = ""
    hidden: bool = False
    locked: bool = False
    outline_only: bool = False
    opacity: float = 0.3
    values: tuple[Value, ...] = ()
    """What it measures, worked out after it was last changed; none while that is under way."""
    origin: str = ""

    def placed(self, frame_in: FrameIn) -> "Segment":
        """The same segment where its series lies."""
        frame = frame_in(self.frame_of_reference_uid, self.series_instance_uid)
        return self if frame == self.frame_of_reference_uid else replace(self, frame_of_reference_uid=frame)

    @property
    def title(self) -> str:
        """What it is called."""
        return self.name or f"Segment {self.number}"

    @property
    def look(self) -> Look:
        """How it is shown now."""
        return Look(self.hidden, self.locked, self.outline_only, self.opacity)

    def looking(self, look: Look) -> "Segment":
        """The same, shown otherwise."""
        return replace(self, **asdict(look))


def colour_of(number: int) -> Colour:
    """The colour a new segment gets by its number, from 1."""
    return COLOURS[(number - 1) % len(COLOURS)]
