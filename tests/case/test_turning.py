"""A tile as a rotating MIP: comes and goes, turns by keys and with its prior, plays; nothing takes it for an image."""

import pytest

from tests.case.stacks import beside, stack
from workstation.case import cine, turning, view_tools, volume
from workstation.case.commands import COMMANDS
from workstation.case.cycle import candidates
from workstation.case.key_commands import key_of
from workstation.case.linking import link, windowed_with, zoomed_with
from workstation.case.park import parked, take_up
from workstation.case.planes import show_planes
from workstation.case.state import Case
from workstation.imaging.greyscale import Window
from workstation.imaging.turning import Turning
from workstation.imaging.view import Orientation, screen_plane


@pytest.fixture
def case() -> Case:
    """A PET that turns, its planes' stack, and its prior that turns too: linked."""
    first = stack("1", count=20, modality="PT")
    other = stack("2", count=20, modality="PT", study="1.2", frame="1.10")
    made = beside(first, first, other)
    made.page_px = (900, 400)
    for number in (0, 2):
        turning.show_turning(made, number)
    for number in (0, 1, 2):
        link(made, number, "all")
    return made


def angles(case: Case) -> list[int | None]:
    return [None if tile.turning is None else tile.turning.angle for tile in case.tiles]


def test_it_comes_from_the_front_and_goes_as_it_came(case: Case) -> None:
    view = case.view(0)
    assert screen_plane(view.plane, view.tile.framing, 300, 400).letters["left"] == "R"
    assert not view.tile.is_stack and view.grid.size[2] == 1
    COMMANDS["rotating-mip"].run(case)
    assert case.tiles[0].is_stack and case.tiles[0].image == 10
    volume.show_3d(case, 2)
    assert case.tiles[2].turning is None and case.tiles[2].scene is not None
    turning.show_turning(case, 2)
    assert case.tiles[2].scene is None and angles(case) == [None, None, 0]


def test_a_plane_comes_back_after_it(case: Case) -> None:
    show_planes(case, 1)
    number = case.shown[2]
    assert case.tiles[number].orientation is Orientation.SAGITTAL
    turning.show_turning(case, number)
    volume.show_3d(case, number)
    volume.show_flat(case, number)
    assert case.tiles[number].orientation is Orientation.SAGITTAL and case.tiles[number].turning is None


def test_keys_turn_it_with_its_prior_and_no_stack(case: Case) -> None:
    image = case.tiles[1].image
    COMMANDS["next-image"].run(case)
    assert angles(case) == [1, None, 1]
    COMMANDS["ten-images-back"].run(case)
    assert angles(case) == [63, None, 63]
    COMMANDS["mip-from-the-next-side"].run(case)
    assert angles(case) == [0, None, 0]
    assert case.tiles[1].image == image
    view_tools.scroll(case, 1, 3)
    assert angles(case) == [0, None, 0] and case.tiles[1].image == image + 3


def test_it_shares_the_window_of_its_group_but_not_the_scale_of_images(case: Case) -> None:
    assert windowed_with(case, 0) == (0, 1, 2)
    view_tools.set_window(case, 1, Window(3.5, 7.0))
    assert {tile.display.window for tile in case.tiles} == {Window(3.5, 7.0)}
    assert zoomed_with(case, 0) == (0, 2)
    assert zoomed_with(case, 1) == (1,)


def test_a_point_moves_the_stack_beside_it_and_the_stack_its_crosshair(case: Case) -> None:
    lattice = case.sets[case.tiles[0].display_set or ""].lattice
    assert lattice is not None
    view_tools.go_to_point(case, 0, lattice.point((30, 9, 4)))
    assert case.tiles[1].image == 4
    assert case.view(0).crosshair_lps == pytest.approx(lattice.point((30, 9, 4)))
    assert case.view(0).crossed
    view_tools.to_image(case, 1, 15)
    assert case.view(0).crosshair_lps == pytest.approx(lattice.point((30, 9, 15)))
    assert angles(case) == [0, None, 0]


def test_it_plays_once_round_in_seven_seconds(case: Case) -> None:
    cine.toggle(case, 0, 100.0)
    for now_s, angle in ((100.05, 0), (100.15, 1), (101.85, 18), (107.15, 71), (107.25, 0)):
        cine.tick(case, now_s)
        assert angles(case) == [angle, None, angle]
    cine.tick(case, 100.55)
    cine.change_speed(case, 0, 1, 200.0)
    cine.tick(case, 200.11)
    assert angles(case) == [7, None, 7]
    cine.toggle(case, 0, 201.0)
    assert not case.playing


def test_it_is_parked_at_its_side_and_reset_to_the_front(case: Case) -> None:
    turning.to_angle(case, 0, 50)
    text = parked(case)
    view_tools.reset(case, 0)
    assert angles(case)[0] == 0
    assert take_up(case, text)
    assert angles(case) == [50, None, 50]


def test_it_is_no_stored_image_nor_shown_where_it_cannot_be(case: Case) -> None:
    assert key_of(case.view(0)) is None and key_of(case.view(1)) is not None
    assert not view_tools.to_image(case, 0, 3)
    few = beside(stack("1", count=5))
    assert "Fewer than 10" in COMMANDS["rotating-mip"].why_not(few)
    turning.show_turning(few, 0)
    assert angles(few) == [None]


def test_series_of_one_geometry_are_cycled_as_it_turns() -> None:
    corrected, plain, thin = (stack("1", count=20), stack("2", count=20), stack("3", count=5, step_mm=20.0))
    case = beside(corrected, plain, thin)
    turning.show_turning(case, 0)
    turning.to_angle(case, 0, 9)
    assert candidates(case, 0) == (corrected.key, plain.key)
    COMMANDS["next-of-this-place"].run(case)
    assert case.tiles[0].display_set == plain.key and case.tiles[0].turning == Turning(9)
