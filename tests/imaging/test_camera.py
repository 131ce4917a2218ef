"""Cameras: standard views by the patient's sides, turns that follow the hand, pixels and rays that agree."""

import math

import numpy as np
import pytest

from workstation.imaging.camera import MOST_MM, Camera, Side, framed
from workstation.imaging.geometry import Grid

FRONT = Camera((3.0, -4.0, 5.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), 240.0)
SIZE = (400, 300)


@pytest.mark.parametrize(
    ("side", "left", "right", "top", "bottom"),
    [
        (Side.ANTERIOR, "R", "L", "H", "F"),
        (Side.POSTERIOR, "L", "R", "H", "F"),
        (Side.LEFT, "A", "P", "H", "F"),
        (Side.RIGHT, "P", "A", "H", "F"),
        (Side.HEAD, "L", "R", "A", "P"),
        (Side.FEET, "R", "L", "A", "P"),
    ],
)
def test_a_standard_view_has_the_sides_that_one_sees_who_stands_there(
    side: Side, left: str, right: str, top: str, bottom: str
) -> None:
    assert FRONT.seen_from(side).letters == {"left": left, "right": right, "top": top, "bottom": bottom}


def test_the_eye_stands_on_the_side_that_the_view_is_called_after() -> None:
    towards = {
        Side.ANTERIOR: (1, -1),
        Side.POSTERIOR: (1, 1),
        Side.LEFT: (0, 1),
        Side.RIGHT: (0, -1),
        Side.HEAD: (2, 1),
    }
    for side, (axis, sign) in towards.items():
        camera = FRONT.seen_from(side)
        away = np.asarray(camera.eye_lps) - np.asarray(camera.focus_lps)
        assert int(np.argmax(np.abs(away))) == axis and np.sign(away[axis]) == sign


def test_what_is_turned_goes_with_the_hand() -> None:
    nearest = (3.0, -104.0, 5.0)  # 100 mm in front of the focus
    x, y, depth = FRONT.pixel(nearest, *SIZE)
    assert (x, y, depth) == pytest.approx((199.5, 149.5, -100.0))
    right = FRONT.turned(30.0, 0.0).pixel(nearest, *SIZE)
    assert right[0] == pytest.approx(199.5 + 100 * math.sin(math.radians(30)) * 300 / 240) and right[
        1
    ] == pytest.approx(y)
    down = FRONT.turned(0.0, 30.0).pixel(nearest, *SIZE)
    assert down[1] == pytest.approx(149.5 + 50 * 300 / 240) and down[0] == pytest.approx(x)
    clockwise = FRONT.rolled(90.0)
    assert clockwise.letters == {"left": "F", "right": "H", "top": "R", "bottom": "L"}


def test_a_thousand_turns_leave_right_angles_and_come_back() -> None:
    camera = FRONT
    for _ in range(360):
        camera = camera.turned(7.0, 3.0).rolled(1.0)
    axes = np.array([camera.right, camera.up, camera.towards])
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(np.array([camera.right, camera.towards, camera.up])) == pytest.approx(1.0)
    there_and_back = FRONT.turned(50.0, 0.0).turned(-50.0, 0.0)
    assert there_and_back.towards == pytest.approx(FRONT.towards) and there_and_back.up == pytest.approx(FRONT.up)


@pytest.mark.parametrize("angle", [0.0, 30.0])
def test_a_ray_goes_through_what_is_seen_at_its_pixel(angle: float) -> None:
    camera = Camera((3.0, -4.0, 5.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), 240.0, angle).turned(33.0, -21.0).rolled(12.0)
    for point in ((20.0, 30.0, -10.0), (-40.0, 5.0, 44.0)):
        x, y, depth = camera.pixel(point, *SIZE)
        start, direction = (np.asarray(each) for each in camera.ray(x, y, *SIZE))
        along = float((np.asarray(point) - start) @ direction)
        assert along > 0 and np.allclose(start + along * direction, point, atol=1e-9)
        focal = float((np.asarray(point) - np.asarray(camera.focus_lps)) @ np.asarray(camera.towards))
        assert depth == pytest.approx(focal)


def test_perspective_shows_at_the_focus_what_parallel_does_and_further_away_less() -> None:
    near = Camera((0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), 200.0, 40.0)
    assert near.pixel((0.0, 0.0, 100.0), 300, 200)[1] == pytest.approx(-0.5)
    distance = 100 / math.tan(math.radians(20))
    assert near.distance_mm == pytest.approx(distance)
    beyond = near.pixel((0.0, 50.0, 100.0), 300, 200)[1]
    assert 99.5 - beyond == pytest.approx(100 * distance / (distance + 50))
    assert math.isnan(near.pixel((0.0, -distance - 1, 0.0), 300, 200)[0])


def test_zooming_keeps_what_is_under_the_hand() -> None:
    place = (60.0, -35.0)  # mm from the middle, to the right and down
    point = FRONT.plane(*SIZE).point(199.5 + place[0] * 300 / 240, 149.5 + place[1] * 300 / 240)
    closer = FRONT.zoomed(1.7, *place)
    assert closer.across_mm == pytest.approx(240 / 1.7)
    assert closer.pixel(point, *SIZE)[:2] == pytest.approx(FRONT.pixel(point, *SIZE)[:2])
    assert FRONT.zoomed(1e-6).across_mm == MOST_MM


def test_a_pan_moves_what_is_seen() -> None:
    x, y, _ = FRONT.panned(10.0, 20.0).pixel((3.0, -4.0, 5.0), *SIZE)
    assert (x, y) == pytest.approx((199.5 + 12.5, 149.5 + 25.0))


def test_a_whole_volume_fits_in_its_tile_from_every_side() -> None:
    grid = Grid(
        (-100.0, -50.0, 30.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)), (0.7, 0.9, 2.0), (300, 200, 90)
    )
    corners = [grid.point((i, j, k)) for i in (-0.5, 299.5) for j in (-0.5, 199.5) for k in (-0.5, 89.5)]
    for side in Side:
        camera = framed(grid, side)
        places = np.array([camera.pixel(each, *SIZE)[:2] for each in corners])
        assert places.min() > -0.5 and (places < np.array(SIZE) - 0.5).all()
        upright = np.array([camera.pixel(each, 300, 400)[:2] for each in corners])
        assert upright.min() > -0.5 and (upright < np.array((300, 400)) - 0.5).all()
        filled = (places.max(axis=0) - places.min(axis=0)) / SIZE[1]
        assert filled.max() == pytest.approx(1 / 1.04, rel=1e-6)
