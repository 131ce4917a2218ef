"""Shadows of segments on a rotating MIP: a ball throws a disc of its own size, from every side, where it lies."""

import numpy as np
import pytest

from tests.imaging.given import axial
from workstation.imaging.masks import Mask
from workstation.imaging.turning import turntable
from workstation.picture.shadows import _shadow

SHAPE = (30, 36, 40)
GRID = axial(SHAPE, (4.0, 3.5, 5.0))
MIDDLE, RADIUS_MM = (52.0, 77.0, 60.0), 21.0


def _ball() -> Mask:
    k, j, i = np.indices(SHAPE)
    points = np.stack([i, j, k], axis=-1) @ GRID.lps_from_index[:3, :3].T + GRID.lps_from_index[:3, 3]
    return Mask.of(GRID, np.linalg.norm(points - np.asarray(MIDDLE), axis=-1) <= RADIUS_MM)


@pytest.mark.parametrize("angle", [0, 7, 18, 31, 54])
def test_a_ball_throws_a_disc_from_every_side(angle: int) -> None:
    side = turntable(GRID).picture_grid(angle)
    loops = _shadow(_ball(), side)
    assert len(loops) == 1, "no gaps between rays"
    along = [np.asarray(axis) for axis in side.axes[:2]]
    for axis in along:
        places = loops[0] @ axis
        assert (places.min() + places.max()) / 2 == pytest.approx(float(np.dot(MIDDLE, axis)), abs=4.0)
        assert np.ptp(places) == pytest.approx(2 * RADIUS_MM, abs=9.0)
    x, y = (loops[0] @ axis for axis in along)
    area = 0.5 * abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))))
    assert area == pytest.approx(np.pi * RADIUS_MM**2, rel=0.25)


def test_two_things_apart_stay_two_and_nothing_throws_nothing() -> None:
    array = np.zeros(SHAPE, np.bool_)
    array[3:6, 10:14, 5:9] = array[20:24, 10:14, 5:9] = True
    assert len(_shadow(Mask.of(GRID, array), turntable(GRID).picture_grid(11))) == 2
    assert _shadow(Mask.empty(GRID), turntable(GRID).picture_grid(0)) == ()
