"""What a reader or an algorithm says about a place: a frozen value, in the patient or on one image.

Points in the patient are LPS in mm, in a frame of reference. Points on an image without a place in the patient (a
radiograph, most ultrasound) are (column, row, 0) in pixels, 0 at the centre of the first pixel; SCOORD and GSPS count
from its outer corner and add 0.5 (PS3.3 C.18.6.1.1, C.10.5).
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from workstation.imaging.geometry import Vec3
from workstation.imaging.parted import FrameIn

MOST_POINTS: Final = 20_000
"""Of one outline; a hand draws some hundreds."""


class Kind(StrEnum):
    """What a finding measures; each has its tool."""

    LENGTH = "length"
    ANGLE = "angle"
    COBB = "cobb"
    BIDIRECTIONAL = "bidirectional"
    ELLIPSE = "ellipse"
    RECTANGLE = "rectangle"
    FREEHAND = "freehand"
    POLYLINE = "polyline"
    PROBE = "probe"
    ARROW = "arrow"
    TEXT = "text"
    POINT_TO_LINE = "point-to-line"
    CARDIOTHORACIC = "cardiothoracic"
    STEP_OFF = "step-off"
    LEG_AXIS = "leg-axis"
    CALIBRATION = "calibration"
    SPINE_LABEL = "spine-label"
    TRAJECTORY = "trajectory"
    SURFACE = "surface-distance"
    MARGIN = "margin"
    REMNANT = "remnant"


TITLES: Final = {
    Kind.LENGTH: "Length",
    Kind.ANGLE: "Angle",
    Kind.COBB: "Cobb angle",
    Kind.BIDIRECTIONAL: "Bidirectional",
    Kind.ELLIPSE: "Ellipse",
    Kind.RECTANGLE: "Rectangle",
    Kind.FREEHAND: "Outline",
    Kind.POLYLINE: "Polyline",
    Kind.PROBE: "Probe",
    Kind.ARROW: "Arrow",
    Kind.TEXT: "Text",
    Kind.POINT_TO_LINE: "Point to line",
    Kind.CARDIOTHORACIC: "Heart to chest",
    Kind.STEP_OFF: "Step-off",
    Kind.LEG_AXIS: "Leg axis",
    Kind.CALIBRATION: "Calibration",
    Kind.SPINE_LABEL: "Vertebra",
    Kind.TRAJECTORY: "Trajectory",
    Kind.SURFACE: "Surface distance",
    Kind.MARGIN: "Margin",
    Kind.REMNANT: "Remnant",
}
"""How a finding is called until somebody names it."""

POINTS: Final = {
    Kind.LENGTH: 2,
    Kind.ANGLE: 3,
    Kind.COBB: 4,
    Kind.BIDIRECTIONAL: 4,
    Kind.ELLIPSE: 4,
    Kind.RECTANGLE: 4,
    Kind.PROBE: 1,
    Kind.ARROW: 2,
    Kind.TEXT: 1,
    Kind.POINT_TO_LINE: 3,
    Kind.CARDIOTHORACIC: 4,
    Kind.STEP_OFF: 4,
    Kind.LEG_AXIS: 3,
    Kind.CALIBRATION: 2,
    Kind.SPINE_LABEL: 1,
    Kind.TRAJECTORY: 2,
    Kind.MARGIN: 2,
    Kind.REMNANT: 1,
}
"""How many points a whole finding has; outlines and polylines have as many as were drawn,
and a surface distance as many as its way has.

Angle: the vertex is the second. Cobb and cardiothoracic (heart, then chest): two lines. Bidirectional: long axis, short
axis. Ellipse: the ends of both axes, as in SCOORD. Rectangle: corners in turn. Point to line: the line, then the point.
Step-off: two lines. Leg axis: hip, knee, ankle. Trajectory: entry, target. Margin: where two structures lie nearest.
Remnant: the middle of the cut.
"""

REGIONS: Final = frozenset((Kind.ELLIPSE, Kind.RECTANGLE, Kind.FREEHAND))
"""These always enclose something; a polyline does when it is closed."""


WORKED_OUT: Final = frozenset((Kind.SURFACE, Kind.MARGIN, Kind.REMNANT))
"""These follow from surfaces and segments: no hand moves their points."""


class Status(StrEnum):
    """How far a finding is."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    FROM_AI = "from AI"


@dataclass(frozen=True, slots=True)
class Source:
    """An image that a finding was drawn on: frame from 0."""

    sop_instance_uid: str
    frame: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """A number with its unit and how it came about; never NaN or infinite."""

    name: str
    value: float
    unit: str
    how: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"{self.name} is no number")


@dataclass(frozen=True)
class Finding:
    """One mark with what it measures. `frame_of_reference_uid` is None for points in pixels of its only source.

    `values` were worked out when it was drawn or last changed; `refused` is the sentence in their place. `label` is
    where its text was put, in the space of its points; None leaves that to the picture.
    """

    tracking_uid: str
    number: int
    kind: Kind
    points: tuple[Vec3, ...]
    frame_of_reference_uid: str | None
    sources: tuple[Source, ...]
    study_instance_uid: str
    series_instance_uid: str
    name: str = ""
    site: str = ""
    text: str = ""
    status: Status = Status.DRAFT
    author: str = ""
    values: tuple[Value, ...] = ()
    refused: str = ""
    closed: bool = False
    hidden: bool = False
    label: Vec3 | None = None
    true_length_mm: float | None = None
    """What a calibration line really measures."""
    document_uid: str = ""
    """The document of another program that it was read from; empty for what was made here."""
    alignments: tuple[str, ...] = ()
    """UIDs of the registrations that its values or points came through."""

    @property
    def title(self) -> str:
        """What it is called."""
        return self.name or f"{TITLES[self.kind]} {self.number}"

    @property
    def encloses(self) -> bool:
        """Whether it is an outline with something inside."""
        return self.kind in REGIONS or (self.kind is Kind.POLYLINE and self.closed)

    def placed(self, frame_in: FrameIn) -> "Finding":
        """The same finding where its series lies."""
        frame = self.frame_of_reference_uid
        there = frame and frame_in(frame, self.series_instance_uid)
        return self if there == frame else replace(self, frame_of_reference_uid=there)

    @property
    def in_patient(self) -> bool:
        """Whether its points lie in the patient, and so in every plane they touch."""
        return self.frame_of_reference_uid is not None
