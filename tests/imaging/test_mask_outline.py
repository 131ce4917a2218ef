"""Outlines of masks: what they enclose, holes, and what meets at a corner."""

import numpy as np
import pytest

from workstation.imaging.mask_outline import outlines
from workstation.imaging.swept import encloses


def area(loop: np.ndarray) -> float:
    x, y = loop.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def enclosed(image: np.ndarray) -> np.ndarray:
    rows, columns = image.shape
    u, v = np.meshgrid(np.arange(columns, dtype=float), np.arange(rows, dtype=float))
    found = np.zeros(image.shape, dtype=bool)
    for loop in outlines(image):
        found ^= encloses(loop, u.ravel(), v.ravel()).reshape(image.shape)
    return found


def test_one_pixel_has_a_diamond_round_its_centre() -> None:
    image = np.zeros((5, 7), dtype=bool)
    image[3, 4] = True
    (loop,) = outlines(image)
    assert {tuple(point) for point in loop} == {(3.5, 3.0), (4.5, 3.0), (4.0, 2.5), (4.0, 3.5)}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_outlines_enclose_the_centres_that_are_set_and_no_others(share: float) -> None:
    image = np.random.default_rng(1).random((40, 57)) < share
    assert np.array_equal(enclosed(image), image)


def test_a_disc_has_its_area_and_a_hole_turns_the_other_way() -> None:
    rows, columns = np.mgrid[:90, :120]
    disc = (columns - 60.3) ** 2 + (rows - 44.6) ** 2 <= 40**2
    hole = (columns - 55) ** 2 + (rows - 40) ** 2 <= 9**2
    (outer,) = outlines(disc)
    assert abs(area(outer)) == pytest.approx(np.pi * 40**2, rel=0.01)
    loops = sorted(outlines(disc & ~hole), key=lambda each: -abs(area(each)))
    assert len(loops) == 2 and area(loops[0]) * area(loops[1]) < 0


def test_what_meets_at_a_corner_is_two() -> None:
    image = np.zeros((4, 4), dtype=bool)
    image[1, 1] = image[2, 2] = True
    assert len(outlines(image)) == len(outlines(image[::-1])) == 2
    assert outlines(np.zeros((4, 4), dtype=bool)) == []


def test_straight_sides_have_no_points_between_their_ends() -> None:
    image = np.zeros((30, 40), dtype=bool)
    image[5:25, 5:35] = True
    (loop,) = outlines(image)
    assert len(loop) == 8
