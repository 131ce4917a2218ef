"""What a finding measures, in closed forms; each value with its unit and how it came about.

Pure: points in units of a scale go in, values come out. What has no answer is refused with one of the fixed reasons.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from workstation.errors import Reason, Refused
from workstation.findings.finding import POINTS, Finding, Kind, Value
from workstation.findings.outline import crosses_itself, ellipse_axes
from workstation.findings.scale import (
    AT_DETECTOR,
    BY_REGION,
    IN_PATIENT,
    SHAPE_GUESSED,
    Scale,
    image_scale,
    shape_is_guessed,
)
from workstation.imaging.geometry import Vec3, cross
from workstation.imaging.images import ImageRef

Points = Sequence[Vec3]


def measured(finding: Finding, ref: ImageRef | None, true_mm: float | None = None) -> tuple[Value, ...]:
    """The values of a finding that follow from its points alone; none while some of them are missing.

    `ref` is the image of one whose points are pixels; `true_mm` its finer pixel edge by a calibration line. Raises
    `Refused` with ACROSS_REGIONS, NOT_SPATIAL, CROSSES_ITSELF or NO_EXTENT.
    """
    measure = _MEASURES.get(finding.kind)
    if finding.kind is Kind.CALIBRATION:
        return _calibration(finding)
    if measure is None or len(finding.points) < POINTS.get(finding.kind, 1):
        return ()
    if finding.in_patient or ref is None:
        scale = IN_PATIENT
    else:
        scale = image_scale(ref, finding.points, true_mm, finding.encloses)
    points = finding.points if finding.in_patient else scale.placed(finding.points)
    if finding.kind is Kind.LENGTH and len(set(scale.units)) > 1:
        return _stretches(points, scale)
    if finding.kind is Kind.POLYLINE and finding.closed:
        measure = outline_values
    found = measure(points, scale)
    guessed = not finding.in_patient and ref is not None and scale.how != BY_REGION and shape_is_guessed(ref)
    return cautioned(found, SHAPE_GUESSED) if guessed else found


def cautioned(values: tuple[Value, ...], caution: str) -> tuple[Value, ...]:
    """The values, each with a caution in how it came about."""
    return tuple(replace(each, how=f"{each.how}; {caution}") for each in values)


def distance(one: Vec3, other: Vec3) -> float:
    return math.dist(one, other)


def _minus(one: Vec3, other: Vec3) -> Vec3:
    return (one[0] - other[0], one[1] - other[1], one[2] - other[2])


def _size(vector: Vec3) -> float:
    return math.hypot(*vector)


def _dot(one: Vec3, other: Vec3) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def between_degrees(one: Vec3, other: Vec3) -> float:
    """The angle between two directions, 0 to 180. Raises `Refused` with NO_EXTENT where one of them is none."""
    if _size(one) == 0.0 or _size(other) == 0.0:
        raise Refused(Reason.NO_EXTENT)
    return math.degrees(math.atan2(_size(cross(one, other)), _dot(one, other)))


def from_line(point: Vec3, start: Vec3, end: Vec3) -> float:
    """The distance of a point from the endless line through two others. Raises `Refused` with NO_EXTENT."""
    along = _minus(end, start)
    if _size(along) == 0.0:
        raise Refused(Reason.NO_EXTENT)
    return _size(cross(_minus(point, start), along)) / _size(along)


def squared(unit: str) -> str:
    """The unit of areas whose sides are in `unit`."""
    return unit.replace("mm", "mm²", 1) if unit.startswith("mm") else f"{unit}²"


def _calibration(finding: Finding) -> tuple[Value, ...]:
    if finding.true_length_mm is None:
        return ()
    return (Value("True length", finding.true_length_mm, "mm", "given by hand"),)


def _stretches(points: Points, scale: Scale) -> tuple[Value, ...]:
    """Where time runs across and speed or depth runs up, a line is two numbers."""
    names = {"s": "Time", "cm/s": "Speed", "Hz": "Frequency", "mm": "Depth"}
    steps = [abs(a - b) for a, b in zip(points[0][:2], points[1][:2], strict=True)]
    return tuple(
        Value(names.get(unit, "Step"), step, unit, scale.how) for step, unit in zip(steps, scale.units, strict=True)
    )


def _length(points: Points, scale: Scale) -> tuple[Value, ...]:
    return (Value("Length", distance(points[0], points[1]), scale.unit, scale.how),)


def _angle(points: Points, scale: Scale) -> tuple[Value, ...]:
    start, vertex, end = points[:3]
    angle = between_degrees(_minus(start, vertex), _minus(end, vertex))
    return (Value("Angle", angle, "°", f"at the second point; {_shape_only(scale)}"),)


def _cobb(points: Points, scale: Scale) -> tuple[Value, ...]:
    angle = between_degrees(_minus(points[1], points[0]), _minus(points[3], points[2]))
    return (Value("Cobb angle", min(angle, 180.0 - angle), "°", f"between the two lines; {_shape_only(scale)}"),)


def _bidirectional(points: Points, scale: Scale) -> tuple[Value, ...]:
    short, long = sorted((distance(points[0], points[1]), distance(points[2], points[3])))
    return Value("Long axis", long, scale.unit, scale.how), Value("Short axis", short, scale.unit, scale.how)


def _ellipse(points: Points, scale: Scale) -> tuple[Value, ...]:
    """A stretched ellipse is an ellipse: its half axes are the singular values of any two conjugate ones."""
    _, one, other = ellipse_axes(points)
    semi = np.linalg.svd(np.column_stack([one, other]), compute_uv=False)
    major, minor = float(semi[0]), float(semi[1])
    if minor <= 1e-12 * major or major == 0.0:
        raise Refused(Reason.NO_EXTENT)
    from scipy.special import ellipe

    around = 4 * major * float(ellipe(1 - (minor / major) ** 2))
    return _of_region(math.pi * major * minor, around, scale, (2 * major, 2 * minor))


def _rectangle(points: Points, scale: Scale) -> tuple[Value, ...]:
    one, other = _minus(points[1], points[0]), _minus(points[3], points[0])
    sides = (_size(one), _size(other))
    return _of_region(_size(cross(one, other)), 2 * sum(sides), scale, (max(sides), min(sides)))


def outline_values(points: Points, scale: Scale) -> tuple[Value, ...]:
    """Area and perimeter of a closed outline. Raises `Refused` with CROSSES_ITSELF or NO_EXTENT."""
    if len(points) < 3:
        raise Refused(Reason.NO_EXTENT)
    if crosses_itself(points):
        raise Refused(Reason.CROSSES_ITSELF)
    around = math.fsum(distance(*pair) for pair in zip(points, [*points[1:], points[0]], strict=True))
    array = np.asarray(points, dtype=np.float64)
    array = array - array[0]
    area = float(np.linalg.norm(np.cross(array, np.roll(array, -1, axis=0)).sum(axis=0))) / 2
    return _of_region(area, around, scale)


def _of_region(area: float, around: float, scale: Scale, axes: tuple[float, ...] = ()) -> tuple[Value, ...]:
    unit = scale.unit
    sides = [Value(name, size, unit, scale.how) for name, size in zip(("Long side", "Short side"), axes, strict=False)]
    return Value("Area", area, squared(unit), scale.how), Value("Perimeter", around, unit, scale.how), *sides


def _polyline(points: Points, scale: Scale) -> tuple[Value, ...]:
    length = math.fsum(distance(*pair) for pair in pairwise(points))
    return (Value("Length", length, scale.unit, scale.how),)


def _point_to_line(points: Points, scale: Scale) -> tuple[Value, ...]:
    how = f"square to the line; {scale.how}"
    return (Value("Distance", from_line(points[2], points[0], points[1]), scale.unit, how),)


def _cardiothoracic(points: Points, scale: Scale) -> tuple[Value, ...]:
    heart, chest = distance(points[0], points[1]), distance(points[2], points[3])
    if chest == 0.0:
        raise Refused(Reason.NO_EXTENT)
    widths = Value("Heart", heart, scale.unit, scale.how), Value("Chest", chest, scale.unit, scale.how)
    return Value("Heart to chest", heart / chest, "", "first line by the second"), *widths


def _step_off(points: Points, scale: Scale) -> tuple[Value, ...]:
    middle = tuple((a + b) / 2 for a, b in zip(points[2], points[3], strict=True))
    away = from_line((middle[0], middle[1], middle[2]), points[0], points[1])
    angle = between_degrees(_minus(points[1], points[0]), _minus(points[3], points[2]))
    how = f"middle of the second line from the first; {scale.how}"
    tilt = Value("Tilt", min(angle, 180.0 - angle), "°", _shape_only(scale))
    return Value("Step-off", away, scale.unit, how), tilt


def _leg_axis(points: Points, scale: Scale) -> tuple[Value, ...]:
    hip, knee, ankle = points[:3]
    bend = 180.0 - between_degrees(_minus(hip, knee), _minus(ankle, knee))
    away = from_line(knee, hip, ankle)
    return (
        Value("Deviation", bend, "°", f"from a straight leg; {_shape_only(scale)}"),
        Value("Knee from axis", away, scale.unit, f"from the line hip to ankle; {scale.how}"),
        Value("Leg", distance(hip, ankle), scale.unit, scale.how),
    )


def _shape_only(scale: Scale) -> str:
    """Angles need no calibration, only pixels whose sides are in proportion. Raises `Refused` with NOT_SPATIAL."""
    return "without calibration" if scale.unit == "px" else scale.how.removesuffix(AT_DETECTOR)


_MEASURES: Final[dict[Kind, Callable[[Points, Scale], tuple[Value, ...]]]] = {
    Kind.LENGTH: _length,
    Kind.ANGLE: _angle,
    Kind.COBB: _cobb,
    Kind.BIDIRECTIONAL: _bidirectional,
    Kind.ELLIPSE: _ellipse,
    Kind.RECTANGLE: _rectangle,
    Kind.FREEHAND: outline_values,
    Kind.POLYLINE: _polyline,
    Kind.POINT_TO_LINE: _point_to_line,
    Kind.CARDIOTHORACIC: _cardiothoracic,
    Kind.STEP_OFF: _step_off,
    Kind.LEG_AXIS: _leg_axis,
}
