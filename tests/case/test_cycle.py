"""Series of one geometry in one tile: the place in the patient stays within half a slice, each keeps its window."""

import numpy as np
import pytest

from tests.case.stacks import CORONAL, beside, hung, stack, tile
from workstation.case import cycle, view_tools
from workstation.case.commands import COMMANDS
from workstation.imaging.greyscale import Window
from workstation.imaging.view import Orientation, screen_plane

ARTERIAL = stack("1", count=21, step_mm=2.5)
PORTAL = stack("2", count=11, step_mm=5.0, descending=True)
WIDE = stack("3", count=51, step_mm=1.0, spacing=(1.1, 0.9), shape=(50, 70), center=(12.0, -7.0, 0.0))
"""Another field of view, beside the middle of the others."""

OTHERS = (
    stack("4", orientation=CORONAL),
    stack("5", frame="1.8"),
    stack("6", study="1.2"),
    stack("7", modality="PT"),
    stack("8", start_mm=400.0),
    stack("9", orientation=(0.0, 1.0, 0.0, -1.0, 0.0, 0.0)),
)
SETS = (ARTERIAL, PORTAL, WIDE, *OTHERS)
SIZE = (640, 480)


def test_only_series_of_one_geometry_are_cycled() -> None:
    assert cycle.candidates(beside(*SETS), 0) == (ARTERIAL.key, PORTAL.key, WIDE.key)


def test_a_series_that_does_not_reach_the_place_is_left_out() -> None:
    case = beside(ARTERIAL, stack("2", count=4, step_mm=2.5))  # 0 to 7.5 mm
    view_tools.to_image(case, 0, 3)
    assert len(cycle.candidates(case, 0)) == 2
    view_tools.to_image(case, 0, 4)
    assert COMMANDS["next-of-this-place"].why_not(case) == "No other series has the same planes at this place."


@pytest.mark.parametrize("image", [0, 1, 7, 8, 13, 20])
def test_the_position_stays_within_half_a_slice(image: int) -> None:
    case = beside(*SETS)
    view_tools.to_image(case, 0, image)
    wanted = 2.5 * image
    for half_slice in (2.5, 0.5, 1.25):
        COMMANDS["next-of-this-place"].run(case)
        assert abs(case.view(0).plane.center_lps[2] - wanted) <= half_slice
        wanted = case.view(0).plane.center_lps[2]


def test_scale_and_place_on_the_screen_stay_also_where_fields_of_view_differ() -> None:
    case = beside(*SETS)
    for name in ("turn", "mirror", "closer", "move-left", "move-up"):
        COMMANDS[name].run(case)
    before = screen_plane(case.view(0).plane, case.tiles[0].framing, *SIZE)
    for key in (WIDE.key, PORTAL.key, ARTERIAL.key):
        cycle.show_in_place(case, 0, key)
        after = screen_plane(case.view(0).plane, case.tiles[0].framing, *SIZE)
        assert after.px_per_mm == pytest.approx(before.px_per_mm)
        assert after.pixel(before.point(100.0, 200.0))[:2] == pytest.approx((100.0, 200.0), abs=1.0)


def test_each_series_keeps_its_own_window_in_its_tile() -> None:
    case = beside(ARTERIAL, PORTAL, ARTERIAL)
    view_tools.set_window(case, 0, Window(100.0, 200.0))
    COMMANDS["next-of-this-place"].run(case)
    assert case.tiles[0].display.window is None
    view_tools.set_window(case, 0, Window(-600.0, 1500.0))
    COMMANDS["next-of-this-place"].run(case)
    assert case.tiles[0].display.window == Window(100.0, 200.0)
    COMMANDS["previous-of-this-place"].run(case)
    assert case.tiles[0].display.window == Window(-600.0, 1500.0)
    assert case.tiles[2].display.window is None


def test_planes_are_cycled_at_the_crosshair() -> None:
    case = hung([tile(ARTERIAL, orientation=Orientation.SAGITTAL)], sets=SETS)
    case.place_crosshair(ARTERIAL, (3.0, 4.0, 11.0))
    COMMANDS["next-of-this-place"].run(case)
    assert case.tiles[0].display_set == PORTAL.key
    assert case.view(0).plane.center_lps[0] == pytest.approx(3.0)


def test_a_held_key_peeks_and_comes_back_to_where_one_scrolled_meanwhile() -> None:
    case = beside(ARTERIAL, PORTAL)
    view_tools.to_image(case, 0, 4)
    view_tools.set_window(case, 0, Window(100.0, 200.0))
    assert cycle.peek_begin(case) and not cycle.peek_begin(case)
    assert case.tiles[0].display_set == PORTAL.key
    view_tools.scroll(case, 0, -1)  # numbered from the head: 5 mm upwards
    cycle.peek_end(case)
    assert (case.tiles[0].display_set, case.tiles[0].display.window) == (ARTERIAL.key, Window(100.0, 200.0))
    assert case.view(0).plane.center_lps[2] == pytest.approx(15.0)
    cycle.peek_end(case)
    assert case.tiles[0].display_set == ARTERIAL.key


def test_a_short_press_stays() -> None:
    case = beside(ARTERIAL, PORTAL)
    cycle.peek_begin(case)
    cycle.peek_end(case, keep=True)
    assert case.tiles[0].display_set == PORTAL.key


def test_oblique_stacks_of_one_geometry_are_cycled_too() -> None:
    rotation, _ = np.linalg.qr(np.random.default_rng(5).standard_normal((3, 3)))
    oblique = tuple(float(each) for each in rotation[:, :2].T.flat)
    one, other = stack("1", orientation=oblique, step_mm=2.0), stack("2", orientation=oblique, step_mm=4.0, count=6)
    case = beside(one, other)
    view_tools.to_image(case, 0, 3)
    assert cycle.cycle(case, 0, 1)
    away = np.subtract(case.view(0).plane.center_lps, np.cross(oblique[:3], oblique[3:]) * 6.0)
    assert np.linalg.norm(away) <= 2.0 + 1e-6


def test_a_plane_of_another_series_keeps_the_crosshair_of_their_space() -> None:
    planes = [tile(ARTERIAL, orientation=each) for each in (Orientation.AXIAL, Orientation.SAGITTAL)]
    case = hung(planes, sets=SETS)
    assert [case.view(number).crossed for number in range(2)] == [True, True]
    assert cycle.cycle(case, 1, 1)
    assert [case.view(number).crossed for number in range(2)] == [True, True]
    case = hung([planes[0], tile(OTHERS[1], orientation=Orientation.SAGITTAL)], sets=SETS)
    assert [case.view(number).crossed for number in range(2)] == [False, False]
