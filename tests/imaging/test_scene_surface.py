"""What of a scene becomes a surface: where its opacity crosses a half, and what crop, plane and cuts leave of it."""

import numpy as np
import pytest

from tests.imaging.given import axial, given
from workstation.imaging.camera import framed
from workstation.imaging.scene import ClipPlane, CropBox, Scene
from workstation.imaging.scene_surface import hidden, opaque, threshold_of
from workstation.imaging.transfer import TransferFunction

WHITE = ((0.0, 255, 255, 255),)
SHAPE = (6, 8, 10)
GRID = axial(SHAPE, (0.7, 0.9, 2.0))


def nobody(done: int, total: int) -> None:
    assert 0 <= done <= total


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (((100.0, 0.0), (300.0, 0.8)), 200.0),
        (((100.0, 0.0), (200.0, 0.0), (300.0, 1.0), (900.0, 0.9)), 250.0),
        (((-900.0, 0.0), (-600.0, 0.4), (-300.0, 0.0)), None),
        (((0.0, 0.0), (10.0, 1.0), (20.0, 0.0), (30.0, 1.0)), None),
        (((0.0, 1.0), (10.0, 1.0)), None),
    ],
)
def test_a_threshold_is_where_opacity_crosses_half_for_good(
    points: tuple[tuple[float, float], ...], expected: float | None
) -> None:
    found = threshold_of(TransferFunction(opacity=points, colours=WHITE))
    assert found == (pytest.approx(expected) if expected is not None else None)


def test_a_band_of_values_is_a_mask() -> None:
    values = np.full(SHAPE, -1000, np.int16)
    values[1:4, 2:5, 3:9] = -600
    values[2, 3, 4] = 50
    gone = np.zeros(SHAPE, np.uint8)
    gone[1] = 1
    band = TransferFunction(opacity=((-900.0, 0.0), (-600.0, 0.4), (-300.0, 0.0)), colours=WHITE)
    found = opaque(given(values, GRID), band, GRID, gone, nobody)
    assert (found.array() == ((values == -600) & (gone == 0))).all()


def test_box_plane_and_cuts_hide_together() -> None:
    whole = Scene(framed(GRID), "bone")
    assert hidden(whole, GRID, None) is None
    cut = np.zeros(SHAPE, np.uint8)
    cut[0, 0, 0] = 7
    point = GRID.point((0.0, 4.6, 0.0))
    scene = Scene(
        framed(GRID), "bone", crop=CropBox((1.5, -0.5, 0.5), (8.2, 7.5, 5.5)), plane=ClipPlane(point, (0.0, -1.0, 0.0))
    )
    k, j, i = np.indices(SHAPE)
    kept = (i >= 2) & (i <= 8) & (k >= 1) & (j <= 4)
    assert (hidden(scene, GRID, cut) == (~kept | (cut != 0))).all()
    assert (hidden(whole, GRID, cut) == (cut != 0)).all()
