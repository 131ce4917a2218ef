"""The pane of a curve: each part keeps to its room, whatever size its pictures were made for."""

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from tests.imaging.stacks import stack
from workstation.imaging.displaysets import display_sets
from workstation.imaging.greyscale import Chain, Rescale, Window
from workstation.imaging.volume import Voxels
from workstation.picture.curve import Followed, curve_picture, followed
from workstation.picture.curve_pane import HEAD_PX, Pane, Places, painted
from workstation.picture.curve_words import at_the_place
from workstation.picture.pixels import rgb_of

WHITE = Chain(Rescale(), Window(-1000.0, 2.0, "LINEAR_EXACT"))
"""Whatever has a value is white: what is painted where is seen."""


@pytest.fixture(scope="module")
def voxels(qapp: QApplication) -> Voxels:
    (display_set,) = display_sets(stack([float(each) for each in range(0, 40, 2)]))
    columns, rows, images = display_set.grid.size if display_set.grid else (0, 0, 0)
    stored = np.full((images, rows, columns), 300, np.int16)
    return Voxels(display_set, stored, np.ones(images, np.bool_), Rescale(), None, "HU")


@pytest.fixture(scope="module")
def found(voxels: Voxels) -> Followed:
    grid = voxels.display_set.grid
    assert grid is not None
    i, j, k = grid.size
    return followed(voxels, (grid.point((i / 2, j / 2, 2.0)), grid.point((i / 2, j / 2, k - 3.0))))


def pane(voxels: Voxels, found: Followed, places: Places) -> Pane:
    how = (3.0, 30.0, False, places.picture_px, places.section_px)
    return Pane(found, curve_picture(voxels, WHITE, found, *how), 3.0)


def test_a_picture_made_for_a_wider_pane_is_cut_and_lies_over_nothing(voxels: Voxels, found: Followed) -> None:
    wide, narrow = Places(1200, 320), Places(560, 320)
    rgb = rgb_of(painted(pane(voxels, found, wide), narrow))
    room, left = narrow.room, round(narrow.words_left)
    gap = rgb[HEAD_PX + 2 : round(room.bottom()), round(room.right()) + 40 : left - 2]
    assert gap.shape[1] > 0 and gap.max() == 0, "between the picture and the cut across nothing is painted"
    assert rgb.shape == (320, 560, 3)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_rooms_do_not_overlap_at_any_ratio(ratio: float) -> None:
    for width, height in ((1400, 420), (700, 300), (420, 240)):
        places = Places(width, height, ratio)
        assert places.room.bottom() < places.plot.top() + 1
        assert places.section.right() <= width and places.section.bottom() < height
        assert places.room.right() < places.words_left or places.room.width() == 16.0


def test_what_has_no_wall_says_so(voxels: Voxels, found: Followed) -> None:
    """An even block has no wall anywhere."""
    shown = pane(voxels, found, Places(900, 320))
    assert found.lumen is None
    said = at_the_place(found, shown.picture, None)
    assert said[0].text == f"At 3.0 of {found.line.length_mm:.1f} mm along the curve" and not said[0].doubt
    assert any(each.doubt and each.text.startswith("No widths") for each in said)


def test_the_length_is_that_between_the_points(found: Followed) -> None:
    assert found.line.length_mm == pytest.approx(30.0), "fifteen steps of two millimetres"
