"""Where one image's rectangle lies in another's plane: by the equations of both planes, nothing else."""

import numpy as np
import pytest

from workstation.imaging.geometry import Vec3, vec
from workstation.imaging.view import Plane, are_parallel, cut


def plane(center: Vec3, right: Vec3, down: Vec3, size: tuple[float, float] = (100.0, 60.0)) -> Plane:
    return Plane(center, right, down, size, (0.8, 0.6))


AXIAL = plane((0.0, 0.0, 10.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
SAGITTAL = plane((20.0, 5.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))


def ends(one: Plane, other: Plane) -> list[Vec3]:
    found = cut(one, other)
    assert found is not None
    return sorted(tuple(round(each, 6) for each in point) for point in found)  # type: ignore[misc]


def test_an_axial_image_is_a_horizontal_line_in_a_sagittal_one_as_long_as_it_reaches() -> None:
    assert ends(AXIAL, SAGITTAL) == [(20.0, -30.0, 10.0), (20.0, 30.0, 10.0)]
    assert ends(SAGITTAL, AXIAL) == [(20.0, -45.0, 10.0), (20.0, 55.0, 10.0)]


def test_an_image_that_does_not_reach_the_plane_is_no_line() -> None:
    away = plane((60.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
    assert cut(AXIAL, away) is None
    assert cut(away, plane((0.0, 0.0, 40.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))) is None


@pytest.mark.parametrize("tilt_deg", [0.0, 0.3, 180.0])
def test_parallel_planes_do_not_cut(tilt_deg: float) -> None:
    angle = np.radians(tilt_deg)
    tilted = plane((0.0, 0.0, 10.0), (1.0, 0.0, 0.0), (0.0, float(np.cos(angle)), float(np.sin(angle))))
    assert are_parallel(AXIAL, tilted)
    assert cut(AXIAL, tilted) is None


@pytest.mark.parametrize("seed", range(25))
def test_oblique_planes_cut_where_both_equations_hold_and_the_rectangle_ends(seed: int) -> None:
    dice = np.random.default_rng(seed)
    axes = [np.linalg.qr(dice.standard_normal((3, 3)))[0] for _ in range(2)]
    one, other = (plane(vec(dice.uniform(-15, 15, 3)), vec(each[:, 0]), vec(each[:, 1]), (90.0, 70.0)) for each in axes)
    found = cut(one, other)
    # The rectangle reaches the plane exactly when its corners lie on both sides of it.
    right, down, center = np.array(one.right), np.array(one.down), np.array(one.center_lps)
    corners = [center + a * 45.0 * right + b * 35.0 * down for a in (-1, 1) for b in (-1, 1)]
    sides = [float(np.dot(other.normal, corner - np.array(other.center_lps))) for corner in corners]
    assert (found is not None) == (min(sides) < 0 < max(sides))
    if found is None:
        return
    for point in found:
        assert np.dot(other.normal, np.subtract(point, other.center_lps)) == pytest.approx(0.0, abs=1e-9)
        away = np.subtract(point, center)
        assert np.dot(one.normal, away) == pytest.approx(0.0, abs=1e-9)
        u, v = abs(float(away @ right)), abs(float(away @ down))
        assert u <= 45.0 + 1e-9 and v <= 35.0 + 1e-9
        assert u == pytest.approx(45.0) or v == pytest.approx(35.0)
