"""Another volume over the first: where it lies in the patient, in its colours, and without traces when it goes."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from tests.render.test_volume_process import AXES, GRID, SIZE, SOLID, centres, drawn, ready, sphere
from workstation.imaging.camera import framed
from workstation.imaging.geometry import Grid
from workstation.imaging.scene import Over, Scene
from workstation.imaging.transfer import Mode, TransferFunction
from workstation.render.volume_memory import SharedArray
from workstation.render.volume_process import Volumes

OTHER = Grid((-50.0, -40.0, 70.0), (AXES[1], AXES[0], (0.0, 0.0, -1.0)), (2.5, 3.0, 4.0), (40, 36, 36))
"""Coarser, from head to feet, its rows and columns the other way round."""
MIP = TransferFunction(((0.0, 0.0), (1000.0, 1.0)), ((0.0, 255, 255, 255), (1000.0, 255, 255, 255)), Mode.MIP)
RED = tuple(each << 16 for each in range(256))


@pytest.fixture(scope="module")
def drawing() -> Iterator[Volumes]:
    made = ready()
    yield made
    made.close()


def test_a_hot_spot_lies_where_it_is_and_as_opaque_as_asked(drawing: Volumes) -> None:
    shared, middle = sphere(GRID, 25.0)
    where = middle + np.array((12.0, -5.0, -9.0))
    away = np.linalg.norm(centres(OTHER) - where, axis=-1)
    spot = SharedArray(np.clip(1000 - away * 60, 0, 1000).astype(np.float32))
    rows = tuple(tuple(float(each) for each in row) for row in OTHER.lps_from_index)
    over = Over("PT", spot.handle, rows, (1.0, 0.0), 1, MIP, RED, 0.5)
    scene = Scene(replace(framed(GRID), across_mm=70.0), "", SOLID, shaded=False)
    without = drawn(drawing, shared, GRID, scene).rgb32
    pixels = drawn(drawing, shared, GRID, replace(scene, overs=(over,))).rgb32
    red, green = (pixels >> 16 & 255).astype(int), (pixels >> 8 & 255).astype(int)
    x, y, _ = scene.camera.pixel((where[0], where[1], where[2]), *SIZE)
    hidden = 255 - green
    rows_of, columns = np.nonzero((hidden > 60) & (without & 255 > 250))
    assert (columns.mean(), rows_of.mean()) == pytest.approx((x, y), abs=3)
    at = round(y), round(x)
    assert hidden[at] == pytest.approx(0.5 * 255 * 0.95, abs=18) and red[at] > 230, "half red, half of what is below"
    far = np.abs(np.arange(SIZE[0])[None] - x) > 90
    far = np.broadcast_to(far, pixels.shape)
    assert np.array_equal(pixels[far], without[far])
    assert np.array_equal(drawn(drawing, shared, GRID, scene).rgb32, without)
