"""Slices at uneven distances: indices count images, points are where they truly are, holes are where none is."""

import numpy as np
import pytest

from tests.imaging.stacks import stack
from workstation.errors import Reason
from workstation.imaging.displaysets import display_sets
from workstation.imaging.uneven import Uneven, uneven_grid

PLACES = (0.0, 2.0, 4.0, 9.0, 11.5)
AXIS = (0.0, 0.6, 0.8)


def grid() -> Uneven:
    positions = [(1.0, 2.0 + AXIS[1] * each, 3.0 + AXIS[2] * each) for each in PLACES]
    found = uneven_grid(positions, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.5, 0.7), (20, 30))
    assert found is not None
    return found


def test_each_image_has_its_true_place_and_between_them_the_index_grows_with_the_distance() -> None:
    found = grid()
    for image, mm in enumerate(PLACES):
        at = (1.0 + 3 * 0.5, 2.0 + 4 * 0.7 + AXIS[1] * mm, 3.0 + AXIS[2] * mm)
        assert found.point((3, 4, image)) == pytest.approx(at)
        assert found.index(at) == pytest.approx((3, 4, image))
    assert found.place_mm(2.5) == pytest.approx(6.5)
    for index in ((0.0, 0.0, -1.5), (19.0, 29.0, 5.25), (7.5, 3.25, 3.75)):
        assert found.index(found.point(index)) == pytest.approx(index)
    assert found.extent_mm == pytest.approx((10.0, 21.0, 11.5 + found.spacing[2]))


def test_holes_are_where_images_are_missing_and_not_next_to_one_that_is_there() -> None:
    found = grid()
    usual = found.spacing[2]
    assert usual == pytest.approx(2.25)
    mm = np.array([-0.5, 1.0, 4.0, 5.0, 5.2, 6.5, 7.8, 8.0, 10.2, 12.0])
    assert found.holes(mm / usual).tolist() == [False, False, False, False, True, True, True, False, False, False]


def test_images_off_one_line_have_no_place_in_a_volume() -> None:
    positions = [(0.0, 0.0, 0.0), (0.0, 0.0, 2.0), (1.5, 0.0, 5.0), (0.0, 0.0, 7.0)]
    assert uneven_grid(positions, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.5, 0.7), (20, 30)) is None


def test_a_series_with_a_gap_has_no_even_grid_but_planes_can_be_cut_from_it() -> None:
    (found,) = display_sets(stack([0.0, 2.0, 4.0, 8.0, 10.0]))
    assert (found.grid, found.no_volume) == (None, Reason.UNEVEN_SPACING)
    assert isinstance(found.lattice, Uneven)
    assert found.lattice.point((0, 0, 3))[2] == pytest.approx(8.0)
    (even,) = display_sets(stack([0.0, 2.0, 4.0, 6.0]))
    assert even.lattice is even.grid is not None
