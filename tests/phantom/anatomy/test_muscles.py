"""Muscles leave fat between each other, and room between the ribs for little more than themselves."""

import numpy as np

from workstation.phantom.anatomy import wall
from workstation.phantom.anatomy.canvas import Canvas
from workstation.phantom.anatomy.muscles import paint_muscles


def painted(z_mm: float) -> tuple[Canvas, wall.Cage]:
    """Skin, fat and muscles without any random field; 1 mm pixels."""
    x_mm = np.arange(-180, 180, 1.0, dtype=np.float32)[None, :]
    y_mm = np.arange(-125, 115, 1.0, dtype=np.float32)[:, None]
    none = np.zeros((240, 360), np.float32)
    hu = np.full(none.shape, wall.AIR_HU, np.float32)
    canvas = Canvas(hu, x_mm + none, y_mm + none, x_mm, y_mm, none, none, none, none, z_mm, 1.0, 2.5)
    skin, ribs = wall.body_distance(canvas.x, canvas.y, z_mm), wall.cage_of(canvas)
    wall.paint_wall(canvas, skin)
    paint_muscles(canvas, skin, ribs)
    return canvas, ribs


def test_the_wall_of_the_chest_is_thin_and_lies_in_fat() -> None:
    canvas, ribs = painted(-60.0)
    flank = (np.abs(canvas.y) < 2) & (canvas.x > 0)
    between_ribs = flank & (ribs.out_mm > 0) & (ribs.out_mm < 9)
    assert 2 <= np.count_nonzero(canvas.hu[between_ribs] > 0) / 4 <= 6
    outside = flank & (ribs.out_mm > 9) & (canvas.hu > -500)
    assert (canvas.hu[outside] > 20).any() and (canvas.hu[outside] < -50).any()


def test_no_muscle_leaves_the_body_or_reaches_its_skin() -> None:
    for z_mm in (80.0, 0.0, -150.0, -300.0):
        canvas, _ = painted(z_mm)
        skin = wall.body_distance(canvas.x, canvas.y, z_mm)
        assert canvas.hu[skin > 8].max() < -800
        under = canvas.hu[(skin < -2.5) & (skin > -4)]
        assert np.median(under) < -60


def test_the_belly_has_three_flat_muscles_in_its_flank() -> None:
    canvas, ribs = painted(-290.0)
    flank = (np.abs(canvas.y + 8) < 0.6) & (canvas.x > 0) & (ribs.out_mm > 0) & (ribs.out_mm < 16)
    along = canvas.hu[flank][np.argsort(ribs.out_mm[flank])]
    rises = np.count_nonzero(np.diff((along > -20).astype(int)) == 1)
    assert 2 <= rises + int(along[0] > -20) <= 4
