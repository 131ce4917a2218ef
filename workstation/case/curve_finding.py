"""A line that was followed, as a finding: a polyline in the patient with its length and what is narrow along it."""

from typing import Final

import numpy as np

from workstation.case.drawing import tracking_uid
from workstation.case.drawing_tools import ground
from workstation.case.state import Case, TileView
from workstation.errors import HounsfieldError
from workstation.findings.finding import Finding, Kind, Value
from workstation.imaging.centerline import Centerline
from workstation.imaging.geometry import vec
from workstation.imaging.lumen import Lumen, Narrowing

EVERY_MM: Final = 2.0
"""Points of the finding: so close together that the straight ways between them are as long as the curve."""

_HOW: Final = "along the curve"


def finding_along(
    case: Case, view: TileView, line: Centerline, found: Lumen | None, narrow: Narrowing | None
) -> Finding:
    """A finding of the open case. Raises HounsfieldError for a tile that shows nothing in the patient."""
    under = ground(view)
    if under is None or under.frame_of_reference_uid is None:
        raise HounsfieldError("A curve is kept in the patient, and this has no place there.")
    count = max(2, round(line.length_mm / EVERY_MM) + 1)
    points = tuple(vec(np.array(line.place(arc).point_lps)) for arc in np.linspace(0.0, line.length_mm, count))
    values = [Value("Length", line.length_mm, "mm", _HOW)]
    if found is not None and found.measured.any():
        values.append(Value("Least diameter", float(np.nanmin(found.effective_mm)), "mm", "of a circle of equal area"))
        values.append(Value("Most diameter", float(np.nanmax(found.effective_mm)), "mm", "of a circle of equal area"))
    if narrow is not None:
        how = f"{narrow.diameter_mm:.1f} mm against {narrow.reference_mm:.1f} mm between the marks"
        values.append(Value("Narrowing of diameter", 100 * narrow.of_diameter, "%", how))
        values.append(Value("Narrowing of area", 100 * narrow.of_area, "%", how))
    return Finding(
        tracking_uid(),
        case.marks.next_number(),
        Kind.POLYLINE,
        points,
        under.frame_of_reference_uid,
        under.sources,
        under.study_instance_uid,
        under.series_instance_uid,
        name="Curve",
        values=tuple(values),
    )
