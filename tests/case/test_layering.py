"""Laying series over each other by command: which one, how much of it, and what windows act on."""

import numpy as np
import pytest

from tests.case.stacks import BERT, beside, hung, stack, tile
from workstation.case import planes, view_tools
from workstation.case.commands import COMMANDS
from workstation.case.cycle import show_in_place
from workstation.case.layering import candidates, move_to
from workstation.case.park import parked, take_up
from workstation.case.state import Case
from workstation.imaging.alignment import Registration
from workstation.imaging.greyscale import Window
from workstation.imaging.layers import Blend
from workstation.imaging.view import Orientation

CT = stack("3", count=30, step_mm=2.0)
PET = stack("4", count=16, step_mm=4.0, spacing=(3.0, 3.5), shape=(16, 14), modality="PT")
MR = stack("5", count=20, step_mm=3.0, modality="MR")
ELSEWHERE = stack("6", count=20, step_mm=3.0, modality="MR", frame="1.8")
BERTS = stack("4", count=16, step_mm=4.0, modality="PT", study="1.7", patient=BERT)


def run(case: Case, *names: str) -> None:
    for name in names:
        reason = COMMANDS[name].why_not(case)
        assert not reason, f"{name}: {reason}"
        COMMANDS[name].run(case)


def test_pet_comes_over_ct_before_anything_else_and_nothing_of_another_patient_or_space() -> None:
    case = beside(CT, MR, PET, ELSEWHERE, BERTS)
    assert candidates(case, 0) == (PET.key, MR.key)
    case.alignment = case.alignment.put(Registration("1", "1.9", "1.8", np.eye(4)))
    assert set(candidates(case, 0)) == {PET.key, MR.key, ELSEWHERE.key}
    assert candidates(case, 0)[0] == PET.key


def test_one_key_lays_pet_over_ct_and_takes_it_off_again() -> None:
    case = beside(CT, MR, PET)
    run(case, "fuse")
    (layer,) = case.tiles[0].layers
    assert (layer.display_set, layer.opacity, layer.blend) == (PET.key, 0.5, Blend.MIX)
    assert layer.display.palette == "HOT_IRON"
    run(case, "fuse")
    assert case.tiles[0].layers == ()
    assert COMMANDS["more-of-the-layer"].why_not(case)


def test_on_a_pet_tile_the_ct_comes_below_at_the_same_place() -> None:
    case = beside(PET, CT)
    z = case.view(0).plane.center_lps[2]
    run(case, "fuse")
    assert (case.tiles[0].display_set, case.tiles[0].layered) == (CT.key, (PET.key,))
    assert abs(case.view(0).plane.center_lps[2] - z) <= 1.0


def test_the_next_series_takes_the_place_of_the_layer_and_a_second_one_comes_above_in_other_colours() -> None:
    case = beside(CT, MR, PET)
    run(case, "fuse", "fuse-with-the-next")
    assert case.tiles[0].layered == (MR.key,)
    run(case, "fuse-with-the-next", "add-a-layer")
    assert case.tiles[0].layered == (PET.key, MR.key)
    assert len({each.display.palette for each in case.tiles[0].layers}) == 2


def test_ways_of_laying_over_by_command() -> None:
    case = beside(CT, PET)
    run(case, "fuse", "more-of-the-layer", "more-of-the-layer", "less-of-the-layer")
    assert case.tiles[0].layers[0].opacity == 0.6
    for name, blend in (
        ("swipe-layer", Blend.SWIPE),
        ("spyglass-layer", Blend.SPYGLASS),
        ("difference-layer", Blend.DIFFERENCE),
        ("layer-alone", Blend.FLICKER),
    ):
        run(case, name)
        assert case.tiles[0].layers[0].blend is blend
        assert COMMANDS["more-of-the-layer"].why_not(case)
    run(case, "layer-alone")
    assert case.tiles[0].layers[0].blend is Blend.MIX
    run(case, "flicker-layer", "low-values-clear", "next-layer-palette")
    layer = case.tiles[0].layers[0]
    assert (layer.hidden, layer.clear_below, layer.display.palette) == (True, True, "PET")
    run(case, "flicker-layer")
    assert not case.tiles[0].layers[0].hidden


def test_windows_act_on_the_layer_once_it_is_in_hand_and_on_the_image_again() -> None:
    case = beside(CT, PET)
    run(case, "fuse", "window-on-the-layer")
    view_tools.set_window(case, 0, Window(3.0, 6.0, "LINEAR_EXACT"))
    run(case, "wider-window", "invert", "next-palette")
    shown = case.tiles[0]
    assert (shown.display.window, shown.display.wider, shown.display.inverted, shown.display.palette) == (
        None,
        1,
        False,
        "",
    )
    display = shown.layers[0].display
    assert (display.window, display.inverted, display.palette) == (Window(3.0, 6.0, "LINEAR_EXACT"), True, "PET")
    assert display.wider == pytest.approx(1.1)
    run(case, "window-on-the-layer")
    view_tools.set_window(case, 0, Window(40.0, 400.0))
    assert case.tiles[0].display.window == Window(40.0, 400.0)
    assert case.tiles[0].layers[0].display == display


def test_planes_of_one_volume_bear_the_same_layers_but_each_its_own_edge() -> None:
    case = beside(CT, PET)
    planes.show_planes(case, 0)
    axial, coronal = (
        next(n for n in case.shown if case.tiles[n].orientation is each)
        for each in (Orientation.AXIAL, Orientation.CORONAL)
    )
    case.activate(coronal)
    run(case, "fuse", "swipe-layer")
    assert case.tiles[axial].layered == case.tiles[coronal].layered == (PET.key,)
    move_to(case, axial, (0.25, 2.0))
    assert case.tiles[axial].layers[0].at == (0.25, 1.0)
    assert case.tiles[coronal].layers[0].at == (0.5, 0.5)


def test_image_and_layer_change_places_with_their_colours() -> None:
    case = beside(CT, PET)
    run(case, "fuse", "more-of-the-layer", "more-of-the-layer", "more-of-the-layer")
    view_tools.set_window(case, 0, Window(40.0, 400.0))
    run(case, "swap-layers")
    shown = case.tiles[0]
    assert (shown.display_set, shown.display.palette) == (PET.key, "HOT_IRON")
    assert (shown.layers[0].display_set, shown.layers[0].display.window) == (CT.key, Window(40.0, 400.0))
    assert shown.layers[0].opacity == 0.2


def test_a_tile_that_shows_another_series_of_the_place_never_has_it_over_itself() -> None:
    case = beside(CT, PET, MR)
    run(case, "fuse", "add-a-layer")
    show_in_place(case, 0, MR.key)
    assert case.tiles[0].layered == (PET.key,)


def test_layers_come_back_with_a_parked_study() -> None:
    case = beside(CT, MR, PET)
    run(case, "fuse", "add-a-layer", "window-on-the-layer", "swipe-layer", "low-values-clear")
    view_tools.set_window(case, 0, Window(3.0, 6.0, "LINEAR_EXACT"))
    move_to(case, 0, (0.25, 0.5))
    again = beside(CT, MR, PET)
    assert take_up(again, parked(case))
    assert again.tiles[0].layers == case.tiles[0].layers
    without = beside(CT, MR)
    assert take_up(without, parked(case)) is False or without.tiles[0].layered == (MR.key,)


def test_ct_and_fused_tile_side_by_side_stay_two() -> None:
    case = hung([tile(CT, orientation=Orientation.AXIAL), tile(CT, orientation=Orientation.AXIAL)], sets=[CT, PET])
    case.activate(1)
    run(case, "fuse")
    assert (case.tiles[0].layered, case.tiles[1].layered) == ((), (PET.key,))
