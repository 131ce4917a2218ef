"""Layouts of the reader's own: tiles come, wait and come back; swaps are kept over stages; priors keep their date."""

import pytest

from tests.case.stacks import beside, hung, stack, tile
from workstation.case import layout
from workstation.case.commands import COMMANDS
from workstation.case.state import Case
from workstation.imaging.view import Orientation

SETS = [stack(str(number), count=number + 3) for number in range(1, 8)]
PRIOR = stack("9", study="1.0", frame="1.8")


def series(case: Case) -> list[str | None]:
    """The series numbers on screen, in reading order."""
    keys = [case.tiles[number].display_set for number in case.shown]
    return [str(case.sets[key].first.SeriesNumber) if key else None for key in keys]


def test_a_larger_layout_shows_the_next_series_and_then_empty_tiles() -> None:
    case = hung([tile(SETS[0]), tile(SETS[2])], sets=SETS[:4])
    layout.set_layout(case, 2, 3)
    assert case.layout == (2, 3)
    assert series(case) == ["1", "3", "2", "4", None, None]


def test_what_has_no_place_comes_back_as_it_was() -> None:
    case = beside(*SETS)
    layout.set_layout(case, 2, 3)
    COMMANDS["invert"].run(case)
    before = [case.tiles[number] for number in case.shown]
    layout.set_layout(case, 1, 2)
    assert series(case) == ["1", "2"]
    layout.set_layout(case, 2, 3)
    assert [case.tiles[number] for number in case.shown] == before


def test_the_active_tile_stays_on_screen() -> None:
    case = beside(*SETS)
    case.activate(4)
    layout.set_layout(case, 1, 1)
    assert (case.shown, case.active) == ((4,), 4)
    layout.set_layout(case, 1, 3)
    assert case.shown == (0, 1, 4)


@pytest.mark.parametrize(("asked", "got"), [((0, 0), (1, 1)), ((9, 2), (5, 2)), ((5, 5), (5, 5))])
def test_layouts_are_one_to_five(asked: tuple[int, int], got: tuple[int, int]) -> None:
    case = beside(*SETS[:2])
    layout.set_layout(case, *asked)
    assert case.layout == got
    assert len(case.shown) == got[0] * got[1]


def test_rows_and_columns_by_command_and_back_to_the_stage() -> None:
    case = beside(*SETS[:2])
    sizes = []
    for name in ("more-columns", "more-rows", "fewer-columns", "fewer-rows", "layout-3x3", "hang-as-planned"):
        assert COMMANDS[name].why_not(case) == ""
        COMMANDS[name].run(case)
        sizes.append(case.layout)
    assert sizes == [(1, 3), (2, 3), (2, 2), (1, 2), (3, 3), (1, 2)]
    assert COMMANDS["hang-as-planned"].why_not(case) == "The stage hangs as it was planned."
    COMMANDS["layout-5x5"].run(case)
    assert COMMANDS["more-rows"].why_not(case) == "There are 5 rows already."
    COMMANDS["layout-1x1"].run(case)
    assert COMMANDS["fewer-columns"].why_not(case) == "There is one column only."


def test_priors_are_not_filled_in_and_wear_their_date_when_put() -> None:
    case = beside(*SETS[:2], PRIOR)
    layout.show_set(case, 0, PRIOR.key)
    assert (case.tiles[0].prior, case.tiles[0].study_date) == (True, "20240102")
    case = hung([tile(SETS[0])], sets=(SETS[0], PRIOR))
    layout.set_layout(case, 1, 2)
    assert series(case) == ["1", None]


def test_a_swap_takes_films_and_the_active_tile_along() -> None:
    case = beside(*SETS[:3])
    COMMANDS["play"].run(case)
    layout.swap(case, 0, 2)
    assert series(case) == ["3", "2", "1"]
    assert case.active == 2
    assert list(case.playing) == [2]


def test_a_swap_by_hand_holds_in_later_stages() -> None:
    a, b, c = SETS[:3]
    case = hung([tile(a), tile(b)], [tile(b), tile(a), tile(c)], [tile(c)], sets=(a, b, c))
    layout.swap(case, 0, 1)
    case.hang_stage(1)
    assert series(case) == ["1", "2", "3"]
    case.hang_stage(0)
    assert series(case) == ["2", "1"]


def test_a_series_put_in_place_of_another_holds_in_later_stages_also_as_planes() -> None:
    a, b, c = SETS[:3]
    planes = [tile(a, orientation=each) for each in Orientation]
    case = hung([tile(a)], planes, [tile(b), tile(c)], sets=(a, b, c))
    layout.put_set(case, 0, b.key)
    assert not case.tiles[0].stands_in
    case.hang_stage(1)
    assert all(each.stands_in for each in case.tiles)
    assert series(case) == ["2", "2", "2"]
    assert [each.orientation for each in case.tiles] == list(Orientation)
    case.hang_stage(2)
    assert series(case) == ["1", "3"]
    layout.hang_as_planned(case)
    assert series(case) == ["2", "3"]
    assert not any(each.stands_in for each in case.tiles)


def test_what_cannot_be_shown_as_planned_stands_in_for_nothing() -> None:
    flat = stack("8", count=1)
    other_kind = stack("7", modality="MR")
    for odd in (flat, other_kind, PRIOR):
        case = hung([tile(SETS[0])], [tile(SETS[0], orientation=Orientation.AXIAL)], sets=(SETS[0], odd))
        layout.put_set(case, 0, odd.key)
        case.hang_stage(1)
        assert series(case) == ["1"]


def test_reset_after_a_swap_brings_back_the_framing_the_series_was_hung_with() -> None:
    case = hung([tile(SETS[0], mirrored=True), tile(SETS[1])], sets=SETS[:2])
    layout.swap(case, 0, 1)
    COMMANDS["turn"].run(case)
    COMMANDS["reset"].run(case)
    assert (case.tiles[1].framing.mirrored, case.tiles[1].framing.quarter_turns) == (True, 0)


def test_browsing_with_the_next_series_is_not_a_swap() -> None:
    case = hung([tile(SETS[0])], [tile(SETS[0])], sets=SETS[:3])
    COMMANDS["next-series"].run(case)
    case.hang_stage(1)
    assert series(case) == ["1"]
