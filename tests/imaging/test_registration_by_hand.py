"""Nudges about a point, and landmarks fitted in closed form."""

import math

import numpy as np
import pytest

from tests.imaging.moved import rigid
from workstation.errors import HounsfieldError
from workstation.imaging.geometry import vec
from workstation.imaging.registration_by_hand import fitted, rotated, translated
from workstation.imaging.registration_sides import applied

PLACES = np.array([(10.0, -4.0, 3.0), (-22.0, 8.0, 31.0), (5.0, 40.0, -12.0), (33.0, -9.0, 18.0), (-7.0, -31.0, -26.0)])


def test_a_turn_is_right_handed_about_a_point_of_the_fixed_frame() -> None:
    start = translated(np.eye(4), (1.0, 2.0, 3.0))
    turned = rotated(start, 90.0, (0.0, 0.0, 5.0), (1.0, 2.0, 3.0))
    assert applied(turned, np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])) == pytest.approx(
        np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 3.0]])
    ), "the point itself stays, what lay to the left of it (+x) now lies behind it (+y)"
    assert applied(start, np.zeros((1, 3))) == pytest.approx(np.array([[1.0, 2.0, 3.0]])), "the start is not changed"


@pytest.mark.parametrize("seed", range(4))
def test_exact_pairs_give_their_rigid_transform(seed: int) -> None:
    truth = rigid(seed, 60.0, 179.0, np.array([3.0, -40.0, 11.0]))
    found = fitted([vec(each) for each in applied(truth, PLACES)], [vec(each) for each in PLACES])
    assert found.matrix == pytest.approx(truth, abs=1e-9)
    assert found.rms_mm == pytest.approx(0, abs=1e-9) and len(found.residuals_mm) == len(PLACES)


def test_a_mirrored_body_is_never_answered_with_a_mirror() -> None:
    mirrored = PLACES * (-1.0, 1.0, 1.0)
    found = fitted([vec(each) for each in mirrored], [vec(each) for each in PLACES])
    assert np.linalg.det(found.matrix[:3, :3]) == pytest.approx(1.0)
    assert found.rms_mm > 5


def test_residuals_are_what_is_left_of_each_pair() -> None:
    """Two pairs 2 mm apart along the line that joins their partners: each keeps half of the change of length."""
    square = [(0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (10.0, 10.0, 0.0), (0.0, 10.0, 0.0)]
    longer = [(-1.0, 0.0, 0.0), (11.0, 0.0, 0.0), (11.0, 10.0, 0.0), (-1.0, 10.0, 0.0)]
    found = fitted(longer, square)
    assert found.matrix == pytest.approx(np.eye(4), abs=1e-9)
    assert found.residuals_mm == pytest.approx((1.0, 1.0, 1.0, 1.0))
    affine = fitted([*longer, (-1.0, 0.0, 7.0)], [*square, (0.0, 0.0, 7.0)], "affine")
    assert affine.matrix[0] == pytest.approx((1.2, 0.0, 0.0, -1.0)) and affine.rms_mm == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("count", "kind", "said"), [(2, "rigid", "3 pairs"), (3, "affine", "4 pairs")], ids=["rigid", "affine"]
)
def test_too_few_pairs_are_refused(count: int, kind: str, said: str) -> None:
    places = [vec(each) for each in PLACES[:count]]
    with pytest.raises(HounsfieldError, match=said):
        fitted(places, places, kind)


def test_pairs_that_leave_a_turn_open_are_refused() -> None:
    line = [(float(each), 2.0 * each, math.pi) for each in range(5)]
    with pytest.raises(HounsfieldError, match="on a line"):
        fitted(line, line)
    plane = [(0.0, 0.0, 1.0), (9.0, 0.0, 1.0), (0.0, 8.0, 1.0), (5.0, 7.0, 1.0)]
    with pytest.raises(HounsfieldError, match="in a plane"):
        fitted(plane, plane, "affine")
    assert fitted(plane, plane).rms_mm == pytest.approx(0, abs=1e-9)
