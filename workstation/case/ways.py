"""A planned way in the planes: the axial one laid square to it, the other two along it, and stepped by its depth."""

import math
from typing import Final

import numpy as np

from workstation.case import planes
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind
from workstation.imaging.geometry import unit, vec
from workstation.imaging.oblique import Axes, Triad
from workstation.imaging.trajectory import Trajectory

STEP_MM: Final = 1.0
BEYOND_MM: Final = 30.0
"""So far before the entry and beyond the target the sections go."""


def way_of(case: Case) -> Finding | None:
    """The trajectory that is selected, or was touched last, or else made last; one with an entry and a target."""
    chosen = case.marks.find(case.marks.selected or case.marks.current)
    found = [each for each in (*case.marks, *([chosen] if chosen is not None else [])) if _is_way(each)]
    return found[-1] if found else None


def _is_way(finding: Finding) -> bool:
    return finding.kind is Kind.TRAJECTORY and finding.in_patient and math.dist(*finding.points[:2]) > 0


def triad_of(way: Trajectory) -> Triad:
    """Axial planes square to a way, seen from its entry; coronal and sagittal ones along it, its target at the foot.

    In the axial ones the patient's back is down, or the feet where the way goes more to the back or to the front.
    """
    ahead = np.asarray(way.direction)
    posterior, foot = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, -1.0])
    anatomical = posterior if abs(ahead @ foot) > abs(ahead @ posterior) else foot
    down = unit(anatomical - ahead * float(anatomical @ ahead))
    right = np.cross(down, ahead)
    return Triad(Axes(vec(right), vec(down)), Axes(vec(right), way.direction), Axes(vec(down), way.direction))


def depth_mm(case: Case, number: int, way: Trajectory) -> float:
    """How deep on a way the crosshair of a tile lies."""
    point = case.view(number).crosshair_lps or way.entry_lps
    return float(np.subtract(point, way.entry_lps) @ np.asarray(way.direction))


def show_at(case: Case, number: int, way: Trajectory, depth: float) -> float:
    """Lay the planes of a tile's space by a way, the crosshair so deep on it; the depth it went to, mm."""
    display_set = case.view(number).display_set
    depth = min(max(depth, -BEYOND_MM), way.depth_mm + BEYOND_MM)
    if display_set is not None:
        planes.lay(case, number, triad_of(way))
        case.place_crosshair(display_set, way.at(depth))
    return depth


def step(case: Case, number: int, way: Trajectory, steps: int) -> float:
    """Go deeper by steps, from the whole step nearest to where the crosshair is; the depth it went to, mm."""
    nearest = round(depth_mm(case, number, way) / STEP_MM)
    return show_at(case, number, way, (nearest + steps) * STEP_MM)
