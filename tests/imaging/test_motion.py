"""Shift and turn of a registration, by closed forms."""

import math

import numpy as np
import pytest

from workstation.imaging.geometry import Vec3
from workstation.imaging.motion import motion_of
from workstation.imaging.registration_by_hand import rotated


@pytest.mark.parametrize("degrees", [0.0, 0.5, -12.0, 90.0, 179.0, 180.0])
@pytest.mark.parametrize("axis", [(0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (2.0, -1.0, 2.0)])
def test_a_turn_about_the_middle_shifts_nothing_and_is_told_about_its_axis(degrees: float, axis: Vec3) -> None:
    middle = (10.0, -20.0, 730.0)
    found = motion_of(rotated(np.eye(4), degrees, axis, middle), middle)
    assert found.shift_mm == pytest.approx((0, 0, 0), abs=1e-9)
    assert found.whole_deg == pytest.approx(abs(degrees), abs=1e-6)
    told = np.asarray(found.turn_deg) * (math.copysign(1, np.dot(found.turn_deg, axis)) if degrees == 180 else 1)
    assert told == pytest.approx(degrees * np.asarray(axis) / np.linalg.norm(axis), abs=1e-6)


def test_a_shift_is_that_of_the_middle_whatever_is_stretched() -> None:
    matrix = np.diag([1.1, 0.9, 1.0, 1.0])
    matrix[:3, 3] = 3.0, -4.0, 12.0
    found = motion_of(matrix, (0.0, 0.0, 50.0))
    assert found.shift_mm == pytest.approx((3, -4, 12)) and found.whole_mm == pytest.approx(13.0)
    assert found.whole_deg == pytest.approx(0, abs=1e-6)
    assert motion_of(matrix, (10.0, 0.0, 50.0)).shift_mm == pytest.approx((4, -4, 12))
