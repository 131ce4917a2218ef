"""Rule 4: letters come from the matrix that is painted, at every paint; unknown orientation says so.

Incidents: OHIF#4995, InVesalius#1, Slicer#3847. All 24 orientations, each plane and flip, are in
tests/picture/test_compose.py; here the letters must follow the very same screen plane as the pixels.
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from workstation.imaging.geometry import Grid, letters, vec
from workstation.imaging.view import Framing, ScreenPlane, image_plane, screen_plane

NAMES = {(0, 1): "L", (0, -1): "R", (1, 1): "P", (1, -1): "A", (2, 1): "H", (2, -1): "F"}


@pytest.mark.parametrize(("axis", "sign"), NAMES)
def test_each_side_has_its_letter(axis: int, sign: int) -> None:
    direction = [0.0, 0.0, 0.0]
    direction[axis] = sign
    assert letters(vec(direction)) == NAMES[axis, sign]


@pytest.mark.parametrize(
    ("degrees", "word"), [(0, "L"), (10, "L"), (20, "LA"), (44, "LA"), (46, "AL"), (70, "AL"), (80, "A"), (90, "A")]
)
def test_an_oblique_direction_bears_the_stronger_side_first(degrees: float, word: str) -> None:
    angle = np.radians(degrees)
    assert letters((float(np.cos(angle)), -float(np.sin(angle)), 0.0)) == word


@pytest.mark.parametrize(("turns", "mirrored"), list(product(range(4), (False, True))))
def test_the_letter_at_an_edge_is_the_side_one_gets_to_by_going_there(turns: int, mirrored: bool) -> None:
    """Walking on the painted pixels towards an edge must lead to the side that stands there."""
    grid = Grid((7.0, -3.0, 2.0), ((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0)), (0.7, 0.9, 3.0), (20, 30, 1))
    screen = screen_plane(image_plane(grid), Framing(quarter_turns=turns, mirrored=mirrored), 200, 160)
    middle = np.array(screen.point(100, 80))
    for edge, pixel in {"left": (0, 80), "right": (200, 80), "top": (100, 0), "bottom": (100, 160)}.items():
        way = np.array(screen.point(*pixel)) - middle
        axis = int(np.argmax(np.abs(way)))
        assert screen.letters[edge] == NAMES[axis, 1 if way[axis] > 0 else -1]


def test_letters_are_never_kept_from_an_earlier_paint() -> None:
    screen = ScreenPlane((0.0, 0.0, 0.0), (0.5, 0.0, 0.0), (0.0, 0.5, 0.0), 100, 100)
    assert screen.letters == {"left": "R", "right": "L", "top": "A", "bottom": "P"}
    turned = replace(screen, step_right=(-0.5, 0.0, 0.0))
    assert turned.letters == {"left": "L", "right": "R", "top": "A", "bottom": "P"}
