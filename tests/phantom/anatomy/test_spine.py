"""A spine has bodies, discs that are softer, and a canal that bone surrounds."""

import numpy as np
import pytest

from workstation.phantom.anatomy.canvas import Canvas
from workstation.phantom.anatomy.spine import CORD_HU, DISC_HU, VERTEBRA_Z_MM, paint_spine, vertebra_center_y


def painted(z_mm: float) -> Canvas:
    """The spine alone in fat, without any random field; 0.5 mm pixels."""
    x_mm = np.arange(-60, 60, 0.5, dtype=np.float32)[None, :]
    y_mm = np.arange(-10, 130, 0.5, dtype=np.float32)[:, None]
    none = np.zeros((280, 240), np.float32)
    hu = np.full(none.shape, -100, np.float32)
    canvas = Canvas(hu, x_mm + none, y_mm + none, x_mm, y_mm, none, none, none, none, z_mm, 0.5, 1.0)
    paint_spine(canvas)
    return canvas


def at(canvas: Canvas, x: float, y: float) -> float:
    return float(canvas.hu[round((y + 10) / 0.5), round((x + 60) / 0.5)])


def test_a_body_is_bone_and_what_lies_between_two_is_not() -> None:
    y = vertebra_center_y(VERTEBRA_Z_MM)
    assert at(painted(VERTEBRA_Z_MM), 6.0, y) == pytest.approx(190, abs=20)
    between = VERTEBRA_Z_MM + 11.5
    assert at(painted(between), 0.0, vertebra_center_y(between)) == pytest.approx(DISC_HU, abs=15)


def test_bone_surrounds_the_cord_at_the_height_of_the_pedicles() -> None:
    canvas = painted(VERTEBRA_Z_MM + 4)
    cord = np.argwhere(np.isclose(canvas.hu, CORD_HU))
    row, column = (int(n) for n in cord.mean(axis=0).round())
    around = (canvas.hu[row, :column], canvas.hu[row, column:], canvas.hu[:row, column], canvas.hu[row:, column])
    assert [bool((ray > 250).any()) for ray in around] == [True] * 4


def test_both_sides_are_alike_and_nothing_is_left_below_the_last_body() -> None:
    canvas = painted(VERTEBRA_Z_MM + 4)
    assert np.abs(canvas.hu[:, 1:] - canvas.hu[:, :0:-1]).max() < 1
    assert painted(-360.0).hu.max() == -100
