"""A line of a lower corner is whole: where it does not fit beside the scale bar it stands above the bar's line."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QGuiApplication

from workstation.paint.tile import TileMarks, paint_tile

NARROW = 330, 300
LINES = ("MG  1  mammography", "Image 1 / 4")
SCALE = (90.0, "2 cm at detector")
LINE_TOP = 20
"""Pixels above the lower edge, less than a margin and two lines of text."""


def light(marks: TileMarks) -> NDArray[np.bool_]:
    image = paint_tile(None, marks, NARROW, 1.0)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    return (pixels & np.uint32(0xFF)) > 90


@pytest.fixture
def ink(qapp: QGuiApplication) -> Callable[[tuple[float, str] | None], tuple[int, int]]:
    """`ink(scale)`: lit pixels of the corner's lines, in all and in the line of the scale bar."""

    def ink(scale: tuple[float, str] | None) -> tuple[int, int]:
        words = light(TileMarks(corners={"bottom_left": LINES}, scale=scale)) & ~light(TileMarks(scale=scale))
        return int(words.sum()), int(words[-LINE_TOP:].sum())

    return ink


def test_beside_a_long_scale_the_corner_is_raised_and_whole(ink: Callable[..., tuple[int, int]]) -> None:
    whole, lowest = ink(None)
    assert lowest > 0
    raised, under = ink(SCALE)
    assert under == 0, "nothing of the corner stands in the line of the scale bar"
    assert abs(raised - whole) < 0.05 * whole, "no letter is cut"


def test_beside_a_short_scale_it_stays(ink: Callable[..., tuple[int, int]]) -> None:
    assert ink((20.0, "1 cm"))[1] > 0
