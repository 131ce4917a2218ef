"""A line that was followed, as a finding and back: a polyline in the patient with its length and what is narrow."""

from dataclasses import replace
from itertools import pairwise
from math import dist
from typing import Final

import numpy as np

from workstation.case.drawing import tracking_uid
from workstation.case.drawing_tools import ground
from workstation.case.state import Case, TileView
from workstation.errors import HounsfieldError
from workstation.findings.finding import Finding, Kind, Value
from workstation.imaging.centerline import Centerline
from workstation.imaging.geometry import Vec3, vec
from workstation.imaging.lumen import Lumen, Narrowing
from workstation.imaging.vessel import handles

EVERY_MM: Final = 2.0
"""Points of the finding: so close together that the straight ways between them are as long as the curve."""

STRAYS_MM: Final = 0.1
"""A line taken up again stays so near to the points it was kept as."""

CLOSE_MM: Final = 2.5
"""Points no further apart were kept along a curve; a hand that clicks sets them further apart."""

NAME: Final = "Curve"
_HOW: Final = "along the curve"


def finding_along(
    case: Case, view: TileView, line: Centerline, found: Lumen | None, narrow: Narrowing | None, uid: str = ""
) -> Finding:
    """A finding of the open case: a new one, or that of a tracking UID as it is now.

    Raises HounsfieldError for a tile that shows nothing in the patient.
    """
    under = ground(view)
    if under is None or under.frame_of_reference_uid is None:
        raise HounsfieldError("A curve is kept in the patient, and this has no place there.")
    count = max(2, round(line.length_mm / EVERY_MM) + 1)
    points = tuple(vec(np.array(line.place(arc).point_lps)) for arc in np.linspace(0.0, line.length_mm, count))
    values = _values(line, found, narrow)
    known = case.marks.find(uid)
    if known is not None:
        return replace(known, points=points, values=values, refused="", label=None, sources=under.sources)
    return Finding(
        tracking_uid(),
        case.marks.next_number(),
        Kind.POLYLINE,
        points,
        under.frame_of_reference_uid,
        under.sources,
        under.study_instance_uid,
        under.series_instance_uid,
        name=NAME,
        values=values,
    )


def _values(line: Centerline, found: Lumen | None, narrow: Narrowing | None) -> tuple[Value, ...]:
    values = [Value("Length", line.length_mm, "mm", _HOW)]
    if found is not None and found.measured.any():
        values.append(Value("Least diameter", float(np.nanmin(found.effective_mm)), "mm", "of a circle of equal area"))
        values.append(Value("Most diameter", float(np.nanmax(found.effective_mm)), "mm", "of a circle of equal area"))
    if narrow is not None:
        how = f"{narrow.diameter_mm:.1f} mm against {narrow.reference_mm:.1f} mm between the marks"
        values.append(Value("Narrowing of diameter", 100 * narrow.of_diameter, "%", how))
        values.append(Value("Narrowing of area", 100 * narrow.of_area, "%", how))
    return tuple(values)


def can_be_followed(finding: Finding, space: str | None) -> bool:
    """Whether a finding is a line that a volume of a space can be looked at along."""
    a_line = finding.kind is Kind.POLYLINE and not finding.encloses and len(finding.points) > 1
    return a_line and finding.frame_of_reference_uid is not None and finding.frame_of_reference_uid == space


def placed_points(finding: Finding) -> tuple[Vec3, ...]:
    """Points to edit a finding's line by: those that were clicked, or few that make a curve that was kept."""
    if max(dist(a, b) for a, b in pairwise(finding.points)) > CLOSE_MM:
        return finding.points
    return tuple(handles(np.asarray(finding.points), STRAYS_MM))
