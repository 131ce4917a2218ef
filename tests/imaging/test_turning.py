"""The rotating MIP: what is brightest on each ray, where it lies, and which side of the patient faces the eye."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

from tests.imaging.stacks import stack
from workstation.errors import Cancelled
from workstation.imaging.displaysets import display_sets
from workstation.imaging.geometry import Grid, vec
from workstation.imaging.sides import ANGLES, HALF, Sides
from workstation.imaging.turning import Turning, fill, in_order, turntable, why_not
from workstation.imaging.view import Framing, image_plane, screen_plane

SIZE, SPACING = (24, 18, 15), (3.1, 4.0, 2.5)
PLAIN = Grid((-40.0, -30.0, 100.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), SPACING, SIZE)
SIDES = {0: ("R", "L"), 18: ("A", "P"), 36: ("L", "R"), 54: ("P", "A")}
"""Left and right edge of the screen: from the front, the patient's left, behind, the right."""

LAID = [
    tuple(vec(sign * np.eye(3)[axis]) for sign, axis in zip(signs, order, strict=True))
    for order in permutations(range(3))
    for signs in product((1, -1), repeat=3)
]
"""Every way in which a volume's axes can lie along the patient's."""


def noise(grid: Grid) -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 1, grid.size[::-1]).astype(np.float32)


@pytest.mark.parametrize("angle", SIDES)
@pytest.mark.parametrize("axes", LAID[::5])
def test_the_letters_are_those_of_the_side_that_is_seen(axes: tuple, angle: int) -> None:
    grid = turntable(replace(PLAIN, axes=axes)).picture_grid(angle)
    letters = screen_plane(image_plane(grid), Framing(), 200, 300).letters
    assert (letters["left"], letters["right"]) == SIDES[angle]
    assert (letters["top"], letters["bottom"]) == ("H", "F")


@pytest.mark.parametrize("axes", LAID)
def test_a_hot_voxel_is_found_again_from_every_side_however_the_volume_lies(axes: tuple) -> None:
    grid, index = replace(PLAIN, axes=axes), (5, 12, 4)
    stored, table = noise(grid), turntable(grid)
    stored[index[::-1]] = 9.0
    point = grid.point(index)
    sides = Sides()
    fill(sides, stored, grid, None, (0, 7, 18, 30))
    for angle in (0, 7, 18, 30, 36, 43, 54, 66):
        column, row, depth = table.picture_grid(angle).index(point)
        picture = sides.at(angle)
        assert picture is not None
        assert picture[round(row), round(column)] == 9.0
        assert table.brightest(stored, angle, table.picture_grid(angle).point((column, row, 0))) == index
        assert abs(depth * table.step_mm) < 60.0


def test_what_is_shown_are_stored_values_and_the_largest_is_never_passed_by() -> None:
    stored, table = noise(PLAIN), turntable(PLAIN)
    sides = Sides()
    fill(sides, stored, PLAIN, None)
    assert sides.whole
    for angle in range(ANGLES):
        picture = sides.at(angle)
        assert picture is not None
        assert picture.shape == (SIZE[2], table.across)
        # Slices lie along the axis that is turned about: the largest of each is in its own row, the head's first.
        assert picture.max(axis=1).tolist() == stored.max(axis=(1, 2))[::-1].tolist()
        assert np.isin(picture, stored).all()


def test_from_behind_the_picture_is_the_one_from_the_front_mirrored() -> None:
    stored, table = noise(PLAIN), turntable(PLAIN)
    block = table.columns_of(stored, None)
    for angle in (1, 9, 20):
        front, behind = (table.maxima(block, float(block.min()), each) for each in (angle, angle + HALF))
        assert np.array_equal(front[:, ::-1], behind)


def test_padding_is_never_the_brightest_nor_found() -> None:
    stored, table = np.full(SIZE[::-1], 40, np.int16), turntable(PLAIN)
    stored[4, 12, 5] = 90
    stored[:, 3, :] = 3000
    sides = Sides()
    fill(sides, stored, PLAIN, (2000, 4000), (0,))
    picture, grid = sides.at(0), table.picture_grid(0)
    assert picture is not None
    assert picture.max() == 90
    assert table.brightest(stored, 0, PLAIN.point((5, 12, 4)), (2000, 4000)) == (5, 12, 4)
    assert table.brightest(stored, 0, grid.point((-30, 4, 0))) is None
    assert table.brightest(stored, 0, grid.point((20, -3, 0))) is None
    nan = stored.astype(np.float32)
    nan[stored == 3000] = np.nan
    assert np.array_equal(table.maxima(table.columns_of(nan, None), 40, 0), picture)


def test_of_equal_voxels_the_one_nearest_to_the_eye_is_found() -> None:
    stored = np.zeros(SIZE[::-1], np.int16)
    stored[7, 2, 11] = stored[7, 15, 11] = 5
    table = turntable(PLAIN)
    point = PLAIN.point((11, 8, 7))
    assert table.brightest(stored, 0, point) == (11, 2, 7)
    assert table.brightest(stored, HALF, point) == (11, 15, 7)


def test_sides_come_coarse_first_and_stay_when_somebody_stops() -> None:
    order = in_order()
    assert sorted(order) == list(range(HALF))
    assert order[:4] == (0, 18, 9, 27)

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise Cancelled

    sides = Sides()
    with pytest.raises(Cancelled):
        fill(sides, noise(PLAIN), PLAIN, None, progress=stop)
    assert [side for side in range(HALF) if sides.has(side)] == [0, 18]
    assert sides.has(36)
    assert not sides.whole


def test_turning_goes_round() -> None:
    assert Turning(70).turned(5) == Turning(3)
    assert Turning(0).turned(-1).degrees == 355.0


def test_what_cannot_turn_says_why() -> None:
    (whole,) = display_sets(stack([2.5 * n for n in range(12)]))
    assert why_not(whole) == ""
    (few,) = display_sets(stack([2.5 * n for n in range(5)]))
    assert "Fewer than 10" in why_not(few)
    grid = whole.grid
    assert grid is not None
    tilted = replace(whole, grid=replace(grid, axes=(grid.axes[0], grid.axes[1], vec(np.array((0.0, 0.3, 0.954))))))
    assert "tilted" in why_not(tilted)
