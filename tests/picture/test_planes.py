"""What a picture says of a plane besides its values."""

from dataclasses import replace

import numpy as np
import pytest

from tests.case.stacks import beside, stack
from workstation.case import planes
from workstation.case.view_tools import set_window
from workstation.imaging.greyscale import Rescale, Window
from workstation.imaging.oblique import SlabMode
from workstation.imaging.volume import Voxels
from workstation.picture.compose import compose
from workstation.picture.said import ON_DISK, SUMMED

pytestmark = pytest.mark.usefixtures("qapp")


def test_a_plane_that_meets_nothing_of_its_series_says_so() -> None:
    case = beside(stack("5", count=20, step_mm=2.0))
    planes.show_planes(case, 0)
    view = case.view(next(n for n in case.shown if case.tiles[n].orientation))
    assert view.display_set is not None
    size = view.grid.size[::-1]
    voxels = Voxels(view.display_set, np.ones(size, np.int16), np.ones(size[0], np.bool_), Rescale(1.0), None, "HU")
    away = replace(view, crosshair_lps=(0.0, 0.0, 1000.0))
    said = "The plane lies where this series has no image."
    assert said not in compose(view, voxels, "", (120, 90), 1.0).facts["notices"]
    assert compose(away, voxels, "", (120, 90), 1.0).facts["notices"][0] == said


def test_a_series_whose_pixels_lie_on_the_disk_says_so() -> None:
    view = beside(stack("5", count=5, step_mm=2.0)).view(0)
    assert view.display_set is not None
    voxels = Voxels(view.display_set, np.ones((5, 40, 60), np.int16), np.ones(5, np.bool_), Rescale(), None, "HU")
    assert ON_DISK in compose(view, replace(voxels, on_disk=True), "", (120, 90), 1.0).facts["notices"]
    assert ON_DISK not in compose(view, voxels, "", (120, 90), 1.0).facts["notices"]


def test_a_sum_has_a_window_of_its_own_and_says_what_it_is() -> None:
    case = beside(stack("5", count=20, step_mm=2.0))
    planes.show_planes(case, 0)
    number = next(n for n in case.shown if case.tiles[n].orientation)
    set_window(case, number, Window(40.0, 400.0))
    view = case.view(number)
    assert view.display_set is not None
    size = view.grid.size[::-1]
    voxels = Voxels(view.display_set, np.ones(size, np.int16), np.ones(size[0], np.bool_), Rescale(1.0), None, "HU")
    shown = {}
    for mode in (SlabMode.MEAN, SlabMode.SUM):
        planes.set_slab(case, number, 8.0, mode)
        shown[mode] = compose(case.view(number), voxels, "", (120, 90), 1.0)
    mean, summed = shown[SlabMode.MEAN].facts, shown[SlabMode.SUM].facts
    assert (mean["window"]["center"], mean["window"]["width"], mean["window"]["unit"]) == (40, 400, "HU")
    assert (summed["window"]["center"], summed["window"]["width"], summed["window"]["unit"]) == (320, 3200, "HU·mm")
    assert any("C 320  W 3200 HU·mm" in line for lines in summed["text"].values() for line in lines)
    assert SUMMED in summed["notices"] and SUMMED not in mean["notices"]
    assert shown[SlabMode.SUM].window == shown[SlabMode.MEAN].window, "what a drag goes on from stays in HU"
