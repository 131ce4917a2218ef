"""Lengths, angles and areas against closed forms, anywhere in space, and with pixels that are not square."""

import math

import numpy as np
import pytest

from tests.findings.made import finding, turned
from tests.imaging.stacks import image
from workstation.errors import Reason, Refused
from workstation.findings.finding import Kind, Value
from workstation.findings.measure import measured
from workstation.imaging.images import ImageRef

FLAT = ImageRef(image(1, None, PixelSpacing=(0.7, 0.5), ImageOrientationPatient=None))
"""Rows 0.7 mm apart, columns 0.5 mm: calibrated and without a place in the patient."""


def values(kind: Kind, points: list[tuple[float, ...]], **other: object) -> dict[str, float]:
    """By name; in the patient, turned anyhow."""
    found = measured(finding(kind, turned(points), **other), None)
    assert {each.unit for each in found} <= {"mm", "mm²", "°", ""}
    return {each.name: each.value for each in found}


@pytest.mark.parametrize(
    ("kind", "points", "expected"),
    [
        (Kind.LENGTH, [(0, 0), (3, 4)], {"Length": 5}),
        (Kind.ANGLE, [(2, 0), (0, 0), (1, math.sqrt(3))], {"Angle": 60}),
        (Kind.ANGLE, [(2, 0), (0, 0), (-1, 1e-4)], {"Angle": 180 - math.degrees(1e-4)}),
        (Kind.COBB, [(0, 0), (5, 0), (1, 9), (3, 9 + 2 * math.tan(math.radians(25)))], {"Cobb angle": 25}),
        (Kind.COBB, [(5, 0), (0, 0), (1, 9), (3, 9 + 2 * math.tan(math.radians(25)))], {"Cobb angle": 25}),
        (Kind.BIDIRECTIONAL, [(0, 0), (10, 0), (4, 3), (4, -4)], {"Long axis": 10, "Short axis": 7}),
        (Kind.POINT_TO_LINE, [(0, 0), (1, 1), (0, 6)], {"Distance": 6 / math.sqrt(2)}),
        (Kind.CARDIOTHORACIC, [(0, 0), (12, 0), (-3, 5), (21, 5)], {"Heart to chest": 0.5, "Heart": 12, "Chest": 24}),
        (Kind.STEP_OFF, [(0, 0), (9, 0), (10, 2), (14, 2)], {"Step-off": 2, "Tilt": 0}),
        (Kind.LEG_AXIS, [(0, 0), (30, 400), (0, 800)], {
            "Deviation": 2 * math.degrees(math.atan(30 / 400)), "Knee from axis": 30, "Leg": 800}),
        (Kind.POLYLINE, [(0, 0), (3, 4), (3, 10)], {"Length": 11}),
        (Kind.RECTANGLE, [(0, 0), (8, 0), (8, 3), (0, 3)], {
            "Area": 24, "Perimeter": 22, "Long side": 8, "Short side": 3}),
        (Kind.FREEHAND, [(0, 0), (4, 0), (4, 3)], {"Area": 6, "Perimeter": 12}),
    ],
)  # fmt: skip
def test_closed_forms(kind: Kind, points: list[tuple[float, ...]], expected: dict[str, float]) -> None:
    found = values(kind, points)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize("degrees", [0, 17, 45, 90, 133])
@pytest.mark.parametrize(("long", "short"), [(10, 10), (12, 5), (40, 1.5)])
def test_an_ellipse_at_any_angle(degrees: float, long: float, short: float) -> None:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    ends = [(-long, 0), (long, 0), (0, -short), (0, short)]
    found = values(Kind.ELLIPSE, [(x * c - y * s, x * s + y * c) for x, y in ends])
    assert found["Area"] == pytest.approx(math.pi * long * short, rel=1e-9)
    steps = np.linspace(0, 2 * math.pi, 200_001)
    around = float(np.hypot(np.diff(long * np.cos(steps)), np.diff(short * np.sin(steps))).sum())
    assert found["Perimeter"] == pytest.approx(around, rel=1e-6)
    assert (found["Long side"], found["Short side"]) == pytest.approx((2 * long, 2 * short), rel=1e-9)


def test_pixels_that_are_not_square_are_measured_in_mm() -> None:
    found = measured(finding(Kind.LENGTH, [(10, 10), (16, 14)], image="1.2.1"), FLAT)
    assert found[0].value == pytest.approx(math.hypot(6 * 0.5, 4 * 0.7), rel=1e-12)
    assert found[0].unit == "mm"
    area = measured(finding(Kind.FREEHAND, [(0, 0), (10, 0), (10, 10), (0, 10)], image="1.2.1"), FLAT)[0]
    assert (area.value, area.unit) == (pytest.approx(35.0, rel=1e-12), "mm²")


@pytest.mark.parametrize("degrees", [0, 30, 90])
def test_an_ellipse_in_pixels_that_are_not_square(degrees: float) -> None:
    """Axes that are square to each other in pixels are not so in mm; the area is that of the stretched ellipse."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    ends = [(-20, 0), (20, 0), (0, -8), (0, 8)]
    points = [(60 + x * c - y * s, 60 + x * s + y * c) for x, y in ends]
    found = {each.name: each.value for each in measured(finding(Kind.ELLIPSE, points, image="1.2.1"), FLAT)}
    assert found["Area"] == pytest.approx(math.pi * 20 * 8 * 0.5 * 0.7, rel=1e-9)
    steps = np.linspace(0, 2 * math.pi, 200_001)
    x, y = 20 * np.cos(steps), 8 * np.sin(steps)
    across, down = (x * c - y * s) * 0.5, (x * s + y * c) * 0.7
    assert found["Perimeter"] == pytest.approx(float(np.hypot(np.diff(across), np.diff(down)).sum()), rel=1e-6)
    assert found["Long side"] == pytest.approx(2 * np.hypot(across, down).max(), rel=1e-6)
    assert found["Short side"] == pytest.approx(2 * np.hypot(across, down).min(), rel=1e-6)


@pytest.mark.parametrize(
    ("kind", "points", "reason"),
    [
        (Kind.ANGLE, [(0, 0), (0, 0), (1, 1)], Reason.NO_EXTENT),
        (Kind.COBB, [(0, 0), (0, 0), (1, 1), (2, 2)], Reason.NO_EXTENT),
        (Kind.CARDIOTHORACIC, [(0, 0), (1, 0), (1, 1), (1, 1)], Reason.NO_EXTENT),
        (Kind.POINT_TO_LINE, [(2, 2), (2, 2), (1, 1)], Reason.NO_EXTENT),
        (Kind.ELLIPSE, [(0, 0), (5, 0), (2, 0), (2, 0)], Reason.NO_EXTENT),
        (Kind.FREEHAND, [(0, 0), (4, 4), (4, 0), (0, 4)], Reason.CROSSES_ITSELF),
    ],
)
def test_what_has_no_answer_is_refused(kind: Kind, points: list[tuple[float, ...]], reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        measured(finding(kind, points), None)
    assert refused.value.reason is reason


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_no_value_is_no_number(value: float) -> None:
    with pytest.raises(ValueError, match="no number"):
        Value("Mean", value, "HU")
