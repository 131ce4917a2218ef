"""A letter F lying in each plane of the patient is not mirrored in the reformatted planes: by the pixels painted."""

import numpy as np
import pytest

from tests.case.stacks import AXIAL, CORONAL, SAGITTAL, beside, stack
from tests.loading.opened import rgb_of
from tests.picture.screen import CONVENTION
from workstation.case import planes
from workstation.case.view_tools import set_window
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale, Window
from workstation.imaging.volume import Voxels
from workstation.picture.compose import compose

pytestmark = pytest.mark.usefixtures("qapp")

LETTER = ("1111", "1000", "1110", "1000", "1000")
"""As it is read: from above, from the left."""

CELL_MM = 5.0
SIZE = (420, 360)
BACK = (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
"""Rows from left to right: the images themselves are mirrored against the convention."""


def lettered(display_set: DisplaySet, plane: str) -> Voxels:
    """An F of 1000 in nothing, that is read by whoever sees `plane` as the convention has it; through all depth."""
    grid = display_set.grid
    assert grid is not None
    k, j, i = np.indices(grid.size[::-1])
    points = np.stack([i, j, k], axis=-1) @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]
    right, down = (np.asarray(each) for each in CONVENTION[plane])
    away = points - grid.center_lps
    column = np.floor(away @ right / CELL_MM + 2).astype(int)
    row = np.floor(away @ down / CELL_MM + 2.5).astype(int)
    there = (row >= 0) & (row < 5) & (column >= 0) & (column < 4)
    ink = np.array([[cell == "1" for cell in line] for line in LETTER])
    values = np.zeros(grid.size[::-1], np.int16)
    values[there] = 1000 * ink[row[there], column[there]]
    return Voxels(display_set, values, np.ones(len(values), np.bool_), Rescale(1.0), None, "HU")


@pytest.mark.parametrize("plane", list(CONVENTION))
@pytest.mark.parametrize(
    ("orientation", "descending"), [(AXIAL, False), (AXIAL, True), (BACK, False), (SAGITTAL, False), (CORONAL, True)]
)
def test_an_f_is_read_from_left_to_right_in_each_plane(
    plane: str, orientation: tuple[float, ...], descending: bool
) -> None:
    images = stack("5", 30, 1.2, orientation=orientation, spacing=(0.8, 0.9), shape=(56, 52), descending=descending)
    case = beside(images)
    planes.show_planes(case, 0)
    number = next(each for each in case.shown if case.tiles[each].orientation == plane)
    set_window(case, number, Window(500.0, 100.0))
    view = case.view(number)
    assert view.display_set is not None and view.display_set.grid is not None
    picture = compose(view, lettered(view.display_set, plane), "", SIZE, 1.0)
    white = np.asarray((rgb_of(picture.image) > 250).all(axis=-1))
    rows, columns = np.flatnonzero(white.max(axis=1)), np.flatnonzero(white.max(axis=0))
    ink = white[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]  # words and lines are never pure white
    cells = [np.array_split(each, 4, axis=1) for each in np.array_split(ink, 5)]
    read = tuple("".join(str(int(cell.mean() > 0.5)) for cell in row) for row in cells)
    assert read == LETTER, "\n".join(read)
