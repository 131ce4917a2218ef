"""Surfaces of segments within a volume: before what lies behind them and behind what lies before, by their opacity."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.render.test_volume_process import GRID, SIZE, SOLID, drawn, ready
from workstation.imaging.camera import framed
from workstation.imaging.geometry import Vec3
from workstation.imaging.masks import Mask
from workstation.imaging.scene import ClipPlane, CropBox, Scene, Shell
from workstation.render.surfaces import surface_of_mask
from workstation.render.volume_memory import SharedArray, mapped
from workstation.render.volume_process import Volumes
from workstation.render.volume_shells import blended

RED = (200, 0, 0)


@pytest.fixture(scope="module")
def drawing() -> Iterator[Volumes]:
    made = ready()
    yield made
    made.close()


@pytest.fixture(scope="module")
def plates() -> SharedArray:
    """A plate before the right half of the patient, and one behind the upper half."""
    values = np.zeros(GRID.size[::-1], np.int16)
    values[:, 2:8, :45] = 1000
    values[45:, 92:98, :] = 1000
    return SharedArray(values)


@pytest.fixture(scope="module")
def box() -> tuple[SharedArray, SharedArray]:
    array = np.zeros(GRID.size[::-1], np.bool_)
    array[10:70, 45:55, 10:80] = True
    mesh = surface_of_mask(Mask.of(GRID, array))
    return SharedArray(mesh.points), SharedArray(mesh.triangles)


def scene(box: tuple[SharedArray, SharedArray], opacity: float) -> Scene:
    shell = Shell("box", 1, box[0].handle, box[1].handle, RED, opacity)
    return Scene(framed(GRID), "own", SOLID, shells=(shell,))


def at(picture: NDArray[np.uint32], shown: Scene, index: Vec3) -> tuple[int, int, int]:
    """Red, green and blue where a voxel is seen."""
    x, y, _ = shown.camera.pixel(GRID.point(index), *SIZE)
    pixel = int(picture[round(y), round(x)])
    return pixel >> 16 & 255, pixel >> 8 & 255, pixel & 255


BEHIND_PLATE, BEFORE_PLATE, BEFORE_NOTHING = (25.0, 50.0, 20.0), (65.0, 50.0, 60.0), (65.0, 50.0, 20.0)


@pytest.mark.parametrize("opacity", [1.0, 0.4])
def test_a_surface_is_seen_before_and_hidden_behind(
    drawing: Volumes, plates: SharedArray, box: tuple[SharedArray, SharedArray], opacity: float
) -> None:
    shown = scene(box, opacity)
    picture = drawn(drawing, plates, GRID, shown).rgb32
    assert min(at(picture, shown, BEHIND_PLATE)) > 240
    over_black, over_white = at(picture, shown, BEFORE_NOTHING), at(picture, shown, BEFORE_PLATE)
    assert over_black[1:] == (0, 0) and over_black[0] > 120 * opacity
    assert over_white[1:] == pytest.approx(((1 - opacity) * 255,) * 2, abs=6)
    assert over_white[0] == pytest.approx(over_black[0] + (1 - opacity) * 255, abs=6)


@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_points_have_colours_of_their_own(
    drawing: Volumes, plates: SharedArray, box: tuple[SharedArray, SharedArray], opacity: float
) -> None:
    points = mapped(box[0].handle)
    upper = points[:, 2] > GRID.point((0, 0, 40))[2]
    colours = SharedArray(np.where(upper[:, None], (0, 0, 255), (0, 255, 0)).astype(np.uint8))
    whole = scene(box, opacity)
    shown = replace(whole, shells=(replace(whole.shells[0], serial=7, colours=colours.handle),))
    picture = drawn(drawing, plates, GRID, shown).rgb32
    above, below = at(picture, shown, (65.0, 50.0, 60.0)), at(picture, shown, BEFORE_NOTHING)
    assert below[0] == 0 and below[1] > 100 * opacity and below[2] == 0
    assert above[2] > above[1] + 60 * opacity and above[2] > above[0] + 60 * opacity


def test_box_and_plane_cut_surfaces_as_they_cut_the_volume(
    drawing: Volumes, plates: SharedArray, box: tuple[SharedArray, SharedArray]
) -> None:
    whole = scene(box, 1.0)
    cropped = replace(whole, crop=CropBox((-0.5, -0.5, 30.0), (89.5, 99.5, 79.5)))
    assert at(drawn(drawing, plates, GRID, cropped).rgb32, whole, BEFORE_NOTHING) == (0, 0, 0)
    assert at(drawn(drawing, plates, GRID, cropped).rgb32, whole, BEFORE_PLATE)[1:] == (0, 0)
    clipped = replace(whole, plane=ClipPlane(GRID.point((50.0, 50.0, 40.0)), (-1.0, 0.0, 0.0)))
    assert at(drawn(drawing, plates, GRID, clipped).rgb32, whole, BEFORE_NOTHING) == (0, 0, 0)
    without = replace(whole, shells=())
    assert at(drawn(drawing, plates, GRID, without).rgb32, whole, BEFORE_NOTHING) == (0, 0, 0)


def test_pictures_are_blended_by_their_weights() -> None:
    solid, without = np.full((1, 3, 4), 200, np.uint8), np.full((1, 3, 4), 100, np.uint8)
    weights = np.zeros((1, 3, 4), np.uint8)
    weights[0, 1], weights[0, 2] = 255, 51
    assert blended(solid, without, weights)[0, :, 0].tolist() == [100, 200, 120]
