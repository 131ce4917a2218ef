"""Which display sets may be looked at together: of one patient, in one space, in one unit, at one place.

Positions along a direction are mm (LPS) along its canonical sense: to the left, to the back, to the head.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.alignment import Alignment, Laid
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3, opposite
from workstation.imaging.view import Plane

SAME_DIRECTION: Final = math.cos(math.radians(10))
"""Stacks tilted by less than this against each other are scrolled together: an earlier one is never quite parallel."""

SAME_AXES: Final = math.cos(math.radians(1))
"""Series of one geometry differ by rounding alone."""

ARBITRARY: Final = frozenset(("MR", "NM", "US", "OT"))
"""Modalities whose values mean something within their series alone."""


def same_patient(one: DisplaySet, other: DisplaySet) -> bool:
    """Whether two sets are surely of one patient: PatientID, issuer and birth date, or one study (safety.md 3)."""
    if one.study_instance_uid == other.study_instance_uid:
        return True
    a, b = one.first.patient, other.first.patient
    keys = [(each.PatientID, each.IssuerOfPatientID, each.PatientBirthDate) for each in (a, b)]
    return bool(a.PatientID) and keys[0] == keys[1]


def share_frame(one: DisplaySet, other: DisplaySet) -> bool:
    """Whether positions in two sets are of one patient in one frame of reference (PS3.3 C.7.4.1)."""
    frame = one.first.FrameOfReferenceUID
    return bool(frame) and frame == other.first.FrameOfReferenceUID and same_patient(one, other)


def laid_on(fixed: DisplaySet, moving: DisplaySet, alignment: Alignment) -> Laid | None:
    """How the space of one set lies on that of another; None where nobody knows, and always across patients."""
    if not same_patient(fixed, moving):
        return None
    return alignment.between(fixed.first.FrameOfReferenceUID, moving.first.FrameOfReferenceUID)


def share_unit(one: DisplaySet, other: DisplaySet) -> bool:
    """Whether one window means the same in both: one modality and unit, and where units are arbitrary one series."""
    if one.first.Modality in ARBITRARY and one.series_instance_uid != other.series_instance_uid:
        return False
    return _unit(one) == _unit(other)


def _unit(display_set: DisplaySet) -> tuple[str, str, str]:
    first = display_set.first
    return first.Modality, first.Units, first.frames[0].RescaleType


def share_lengths(one: DisplaySet, other: DisplaySet) -> bool:
    """Whether a scale in pixels per mm means the same in both."""
    return one.spacing_is_known == other.spacing_is_known


def canonical(normal: Vec3) -> Vec3:
    """A direction or its opposite, whichever points to the left, the back or the head along its strongest axis."""
    strongest = max(normal, key=abs)
    return normal if strongest > 0 else opposite(normal)


def along(direction: Vec3, point_lps: Vec3) -> float:
    """How far a point lies along a direction, mm."""
    return sum(a * b for a, b in zip(direction, point_lps, strict=True))


def look_alike(one: Plane, other: Plane) -> bool:
    """Whether two planes are seen from nearly the same side, so that they can be scrolled and moved together."""
    return abs(along(one.normal, other.normal)) >= SAME_DIRECTION


def same_axes(one: Plane, other: Plane) -> bool:
    """Whether rows and columns of two planes point the same ways."""
    return min(along(one.right, other.right), along(one.down, other.down)) >= SAME_AXES


def positions_mm(display_set: DisplaySet, direction: Vec3) -> NDArray[np.float64] | None:
    """Where the middles of the images lie along a direction; None unless they are parallel and in the patient."""
    centers = display_set.centers_lps
    return None if centers is None else np.asarray(centers @ np.asarray(direction), dtype=np.float64)


def nearest(positions: NDArray[np.float64], wanted_mm: float) -> int:
    """The index of the position nearest to the one that is wanted; the first of equals."""
    return int(np.argmin(np.abs(positions - wanted_mm)))
