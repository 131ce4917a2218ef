"""Planes and screens carried to another frame of reference: each point of them lies where the matrix takes it."""

import numpy as np
import pytest

from tests.imaging.test_alignment import QUARTER, laid, registration, wavy
from workstation.imaging.alignment import ANYWAY, Alignment
from workstation.imaging.carried import carried_plane, carried_screen
from workstation.imaging.view import Framing, Plane, screen_plane

PLANE = Plane((3.0, -4.0, 20.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (80.0, 60.0), (0.7, 2.5))


def test_a_plane_turns_and_moves_with_its_frame() -> None:
    found = carried_plane(PLANE, laid(Alignment((registration(),))))
    assert found.center_lps == pytest.approx((14.0, -17.0, 25.0))
    assert found.right == pytest.approx((0.0, 1.0, 0.0), abs=1e-9)
    assert found.down == pytest.approx((0.0, 0.0, -1.0))
    assert found.size_mm == pytest.approx(PLANE.size_mm)
    assert found.pixel_mm == pytest.approx(PLANE.pixel_mm)


def test_a_plane_of_a_scaled_frame_is_as_large_as_there() -> None:
    scaled = laid(Alignment((registration(kind="affine", matrix=np.diag([2.0, 1, 0.5, 1])),)))
    found = carried_plane(PLANE, scaled)
    assert found.size_mm == pytest.approx((160.0, 30.0))
    assert found.pixel_mm == pytest.approx((1.4, 1.25))


def test_what_is_laid_as_its_coordinates_are_stays_the_same_value() -> None:
    assert carried_plane(PLANE, ANYWAY) is PLANE
    screen = screen_plane(PLANE, Framing(), 300, 200)
    assert carried_screen(screen, ANYWAY) is screen


@pytest.mark.parametrize("matrix", [QUARTER, QUARTER @ np.diag([1.3, 0.8, 1.1, 1])], ids=["rigid", "affine"])
def test_a_point_under_a_pixel_is_under_it_in_the_other_frame_too(matrix: np.ndarray) -> None:
    screen = screen_plane(PLANE, Framing(mirrored=True, quarter_turns=1), 300, 200)
    there = laid(Alignment((registration(matrix=matrix),)))
    found = carried_screen(screen, there)
    for x, y in ((0.0, 0.0), (120.5, 33.0), (299.0, 199.0)):
        x, y, z = screen.point(x, y)
        expected = matrix @ [x, y, z, 1]
        assert found.pixel(tuple(expected[:3]))[:2] == pytest.approx(screen.pixel((x, y, z))[:2])


def test_a_bent_frame_has_planes_that_touch_it_and_no_screen() -> None:
    bent = laid(Alignment((registration(kind="deformable", field=wavy()),)))
    found = carried_plane(PLANE, bent)
    assert found.center_lps == pytest.approx(bent.point_to_fixed(PLANE.center_lps))
    assert np.dot(found.right, found.down) == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(ValueError, match="bent"):
        carried_screen(screen_plane(PLANE, Framing(), 300, 200), bent)
