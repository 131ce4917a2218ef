"""Lines through the patient: their length against closed forms, and frames that do not twist."""

import math

import numpy as np
import pytest

from tests.imaging import tubes
from workstation.errors import Reason, Refused
from workstation.imaging.centerline import MOST_CONTROL_POINTS, centerline


def test_the_length_of_a_helix_from_clicks_on_voxels() -> None:
    """Eight clicks a turn, each put on a voxel of half a millimetre and more."""
    steps = np.array((0.6, 0.7, 1.0))
    exact = [tubes.on_helix(n / 16) for n in range(17)]
    clicked = [tuple(float(each) for each in np.round(np.array(point) / steps) * steps) for point in exact]
    assert centerline(exact).length_mm == pytest.approx(tubes.HELIX_LENGTH_MM, rel=5e-4)
    assert centerline(clicked).length_mm == pytest.approx(tubes.HELIX_LENGTH_MM, rel=5e-3)


def test_the_line_goes_through_its_points_at_the_arcs_it_names() -> None:
    control = ((0.0, 0.0, 0.0), (3.0, 20.0, 5.0), (4.0, 22.0, 9.0), (-10.0, 60.0, 30.0))
    line = centerline(control)
    assert line.control_lps == control
    for point, arc in zip(control, line.control_arcs_mm, strict=True):
        assert math.dist(line.place(arc).point_lps, point) < 0.01
        nearest, away = line.nearest(point)
        assert nearest == pytest.approx(arc, abs=0.02) and away < 0.02


def test_two_points_make_a_straight_line() -> None:
    line = centerline(((1.0, 2.0, 3.0), (1.0, 5.0, 7.0)))
    assert line.length_mm == pytest.approx(5.0)
    assert line.place(2.5).point_lps == pytest.approx((1.0, 3.5, 5.0))
    assert line.place(2.5).along == pytest.approx((0.0, 0.6, 0.8))
    assert line.place(-3.0).point_lps == pytest.approx((1.0, 2.0, 3.0))


def test_frames_are_perpendicular_and_turn_as_little_as_can_be() -> None:
    """In a plane a direction across that begins square to the plane stays so; over a helix it turns by its torsion."""
    line = centerline([tubes.on_bend(share * tubes.QUARTER_MM) for share in np.linspace(0.0, 1.0, 9)])
    assert np.abs(line.across @ (1.0, 0.0, 0.0)) == pytest.approx(1.0, abs=1e-4)
    curl = centerline([tubes.on_helix(share) for share in np.linspace(0.0, 1.0, 33)])
    for one, other in ((curl.along, curl.across), (curl.along, curl.aside), (curl.across, curl.aside)):
        assert np.abs(np.einsum("nx,nx->n", one, other)).max() < 1e-9
    # Over a whole helix `across` falls behind the normal, which points to the axis, by the torsion times the length.
    height = tubes.PITCH_MM / (2 * math.pi)
    torsion = height / (tubes.HELIX_MM**2 + height**2)
    normal = -curl.points_lps * (1.0, 1.0, 0.0) / tubes.HELIX_MM
    binormal = np.cross(curl.along, normal)
    turn = np.arctan2(np.einsum("nx,nx->n", curl.across, binormal), np.einsum("nx,nx->n", curl.across, normal))
    turned = np.unwrap(turn)
    assert turned[-1] - turned[0] == pytest.approx(-torsion * tubes.HELIX_LENGTH_MM, abs=0.03)


def test_refusals() -> None:
    for points, reason in (
        ((), Reason.NO_EXTENT),
        (((1.0, 1.0, 1.0), (1.0, 1.0, 1.0)), Reason.NO_EXTENT),
        ([(float(n), 0.0, 0.0) for n in range(MOST_CONTROL_POINTS + 1)], Reason.TOO_LARGE),
        (((0.0, 0.0, 0.0), (9000.0, 0.0, 0.0)), Reason.TOO_LARGE),
    ):
        with pytest.raises(Refused) as refused:
            centerline(points)
        assert refused.value.reason is reason
