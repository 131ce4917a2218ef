"""Linked tiles: scrolling by position in the patient, offsets, windows, zoom and pan; never across patients."""

from dataclasses import replace

import pytest

from tests.case.stacks import ANNA, BERT, CORONAL, SAGITTAL, beside, hung, stack, tile
from workstation.case import layout, view_tools
from workstation.case.commands import COMMANDS
from workstation.case.state import Case
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Window
from workstation.imaging.view import Display, Orientation

THIN = stack("1", count=41, step_mm=1.25)
THICK = stack("2", count=11, step_mm=5.0)
"""The same 50 mm: image k of the thick stack lies at 5 k mm."""


def images(case: Case) -> list[int]:
    return [each.image for each in case.tiles]


@pytest.mark.parametrize(("thin", "thick"), [(0, 0), (4, 1), (5, 1), (7, 2), (20, 5), (39, 10), (40, 10)])
def test_linked_stacks_follow_to_the_nearest_position(thin: int, thick: int) -> None:
    case = beside(THIN, THICK, link="a", image=3)
    view_tools.to_image(case, 0, thin)
    assert images(case) == [thin, thick]


def test_the_thin_stack_follows_the_thick_one_too() -> None:
    case = beside(THIN, THICK, link="a", image=0)
    view_tools.scroll(case, 1, 3)
    assert images(case) == [12, 3]


def test_stacks_numbered_the_other_way_follow_by_position() -> None:
    feet_first = stack("3", count=11, step_mm=5.0, descending=True)
    case = beside(THICK, feet_first, link="a", image=0)
    view_tools.to_image(case, 0, 2)
    assert case.view(1).plane.center_lps[2] == pytest.approx(10.0)
    assert case.tiles[1].image == 8


def test_without_a_link_nothing_follows() -> None:
    case = beside(THIN, THICK, image=3)
    view_tools.to_image(case, 0, 20)
    assert images(case) == [20, 3]


def test_an_offset_that_the_reader_sets_is_kept() -> None:
    case = beside(THIN, THICK, link="a", image=4)
    COMMANDS["link-scroll"].run(case)
    view_tools.to_image(case, 1, 3)  # 15 mm beside the 5 mm of the thin stack
    COMMANDS["link-scroll"].run(case)
    COMMANDS["link-here"].run(case)
    assert images(case) == [4, 3]
    view_tools.to_image(case, 0, 12)
    assert images(case) == [12, 5]  # 15 mm, and 10 mm ahead
    view_tools.to_image(case, 1, 4)
    assert images(case) == [8, 4]  # 20 mm, and 10 mm back


def test_other_frames_of_reference_keep_the_distance_they_had() -> None:
    earlier = stack("9", count=21, step_mm=2.5, start_mm=700.0, frame="1.8", study="1.0")
    case = beside(THICK, earlier, link="a")  # both at their middle: 25 mm and 725 mm
    view_tools.to_image(case, 0, 2)
    assert case.view(1).plane.center_lps[2] == pytest.approx(710.0)


def test_small_steps_beside_thick_slices_do_not_get_lost() -> None:
    earlier = stack("9", count=11, step_mm=5.0, start_mm=300.0, frame="1.8", study="1.0")
    case = beside(THIN, earlier, link="a")
    for _ in range(12):
        view_tools.scroll(case, 0, 1)
    assert case.view(1).plane.center_lps[2] == pytest.approx(300.0 + 25.0 + 15.0)


def test_images_without_a_place_follow_by_number() -> None:
    one, other = stack("1", placed=False), stack("2", count=20, placed=False)
    case = beside(one, other, link="a")  # image 5 beside image 10
    view_tools.to_image(case, 0, 8)
    assert images(case) == [8, 13]
    view_tools.to_image(case, 1, 2)
    assert images(case) == [0, 2]


def test_stacks_that_cut_another_way_do_not_follow() -> None:
    sagittal = stack("3", orientation=SAGITTAL)
    case = beside(THICK, sagittal, link="a")
    view_tools.to_image(case, 0, 1)
    assert images(case) == [1, 5]


def test_a_plane_of_an_earlier_study_follows_a_plane() -> None:
    earlier = stack("9", count=21, step_mm=2.5, start_mm=700.0, frame="1.8", study="1.0")
    sets = (THICK, earlier)
    case = hung([tile(each, link="a", orientation=Orientation.AXIAL) for each in sets], sets=sets)
    before = case.view(1).plane.center_lps[2]
    view_tools.scroll(case, 0, 2)
    assert case.view(0).plane.center_lps[2] == pytest.approx(25.0 - 10.0)
    assert case.view(1).plane.center_lps[2] == pytest.approx(before - 10.0)


def test_nothing_is_linked_across_patients() -> None:
    other = stack("2", study="2.1", patient=BERT)
    case = beside(THICK, other)
    assert "another patient" in COMMANDS["link-all"].why_not(case)
    COMMANDS["link-all"].run(case)
    view_tools.to_image(case, 0, 1)
    view_tools.set_window(case, 0, Window(1.0, 2.0))
    view_tools.zoom(case, 0, 2.0)
    view_tools.pan(case, 0, 3.0, 4.0)
    assert case.tiles[1].image == 5
    assert case.tiles[1].display == beside(THICK, other).tiles[1].display
    assert case.tiles[1].framing == beside(THICK, other).tiles[1].framing
    assert case.view(0).group == ()


def test_windows_are_shared_within_modality_and_unit() -> None:
    mr, thick = stack("3", modality="MR"), stack("4")
    case = beside(THIN, thick, mr, link="a")
    view_tools.set_window(case, 0, Window(50.0, 350.0))
    assert [each.display.window for each in case.tiles] == [Window(50.0, 350.0)] * 2 + [None]


def test_two_windows_of_one_series_side_by_side_stay_two() -> None:
    case = hung([tile(THIN, link="a", window="Lung"), tile(THIN, link="a"), tile(THICK, link="a")], sets=(THIN, THICK))
    case.tiles[0] = replace(case.tiles[0], display=Display(Window(-600.0, 1500.0)))
    view_tools.set_window(case, 1, Window(50.0, 350.0))
    assert [each.display.window for each in case.tiles] == [
        Window(-600.0, 1500.0), Window(50.0, 350.0), Window(50.0, 350.0),
    ]  # fmt: skip


def test_zoom_and_pan_are_shared_and_each_can_be_switched_off() -> None:
    case = beside(THIN, THICK, link="a")
    view_tools.zoom_about(case, 0, 2.0, 1.5, 10.0, 0.0)
    view_tools.pan(case, 1, 5.0, -3.0)
    first, second = (each.framing for each in case.tiles)
    assert first == second and first.px_per_mm == 3.0
    COMMANDS["link-pan"].run(case)
    view_tools.pan(case, 0, 1.0, 1.0)
    COMMANDS["link-zoom"].run(case)
    view_tools.fit(case, 0)
    assert case.tiles[1].framing == second
    assert case.view(0).shares == ("scroll", "window")


def test_planes_that_look_other_ways_are_not_moved_along() -> None:
    case = beside(THIN, stack("3", orientation=CORONAL), link="a")
    view_tools.pan(case, 0, 5.0, 5.0)
    assert case.tiles[1].framing.pan_mm == (0.0, 0.0)


def test_link_all_links_and_unlinks_and_one_tile_leaves() -> None:
    case = beside(THIN, THICK, stack("3"))
    COMMANDS["link-all"].run(case)
    assert case.group(0) == (0, 1, 2)
    COMMANDS["link-tile"].run(case)
    assert (case.group(0), case.group(1)) == ((0,), (1, 2))
    COMMANDS["link-tile"].run(case)
    COMMANDS["link-all"].run(case)
    assert [case.group(number) for number in range(3)] == [(0,), (1,), (2,)]


def test_the_tile_in_hand_is_told_of_before_those_that_follow() -> None:
    case = beside(THIN, THICK, link="a", image=0)
    told: list[tuple[int, ...]] = []
    case.changed.connect(told.append)
    view_tools.to_image(case, 0, 8)
    assert told == [(0,), (1,)]


def test_groups_of_the_plan_are_two_groups() -> None:
    sets = [stack(str(number), patient=ANNA) for number in range(1, 5)]
    planned = [tile(each, link="ab"[number // 2]) for number, each in enumerate(sets)]
    case = hung(planned, sets=sets)
    view_tools.to_image(case, 0, 8)
    assert images(case) == [8, 8, 5, 5]


EARLIER = stack("9", count=21, step_mm=2.5, start_mm=700.0, frame="1.8", study="1.0")
"""The same 50 mm in another study, 700 mm higher."""


def planes(*sets_and_ways: tuple[DisplaySet, Orientation]) -> Case:
    planned = [tile(each, link="a", orientation=way) for each, way in sets_and_ways]
    return hung(planned, sets=[*{each.key: each for each, _ in sets_and_ways}.values()])


def test_a_crosshair_click_moves_every_plane_of_a_linked_prior() -> None:
    ways = (Orientation.AXIAL, Orientation.CORONAL)
    case = planes(*((each, way) for each in (THICK, EARLIER) for way in ways))
    middle, before = case.view(0).crosshair_lps, case.view(3).crosshair_lps
    assert middle is not None and before is not None
    view_tools.go_to_point(case, 0, (6.0, -4.0, 35.0))
    assert case.view(1).crosshair_lps == pytest.approx((6.0, -4.0, 35.0))
    wanted = [part + to - at for part, to, at in zip(before, (6.0, -4.0, 35.0), middle, strict=True)]
    assert case.view(2).crosshair_lps == case.view(3).crosshair_lps == pytest.approx(wanted)


def test_a_click_at_the_edge_of_a_shorter_prior_does_not_shift_it_for_good() -> None:
    short = stack("9", count=5, step_mm=2.5, start_mm=720.0, frame="1.8", study="1.0")
    case = planes((THICK, Orientation.AXIAL), (short, Orientation.AXIAL))
    for height in (0.0, 27.0):
        view_tools.go_to_point(case, 0, (0.0, 0.0, height))
    assert case.view(1).plane.center_lps[2] == pytest.approx(725.0 + 2.0)


def test_a_stack_of_the_same_place_follows_a_click() -> None:
    case = hung([tile(THICK, link="a", orientation=Orientation.AXIAL), tile(THIN, link="a")], sets=(THICK, THIN))
    view_tools.go_to_point(case, 0, (0.0, 0.0, 35.0))
    assert case.tiles[1].image == 28


def test_a_stack_of_a_prior_follows_a_click() -> None:
    case = hung([tile(THICK, link="a", orientation=Orientation.AXIAL), tile(EARLIER, link="a")], sets=(THICK, EARLIER))
    view_tools.go_to_point(case, 0, (0.0, 0.0, 35.0))
    assert case.view(1).plane.center_lps[2] == pytest.approx(735.0)


def test_planes_of_one_frame_hang_at_one_point_before_anybody_placed_it() -> None:
    """A coarse volume and a fine one have their middle voxels in other places; a far one keeps its own."""
    coarse = stack("21", count=10, step_mm=7.0, spacing=(3.1, 3.7), shape=(16, 18))
    fine = stack("22", count=41, step_mm=1.25, start_mm=3.0)
    far = stack("23", start_mm=900.0)
    views = [Orientation.CORONAL, Orientation.SAGITTAL]
    tiles = [tile(each, orientation=view) for each in (coarse, fine, far) for view in views]
    case = hung(tiles, [tile(fine, orientation=Orientation.CORONAL)], sets=(coarse, fine, far))
    assert coarse.lattice is not None and far.lattice is not None and fine.lattice is not None
    assert coarse.lattice.middle_lps != fine.lattice.middle_lps
    assert [case.view(each).crosshair_lps for each in range(4)] == [coarse.lattice.middle_lps] * 4
    assert case.view(4).crosshair_lps == far.lattice.middle_lps
    case.hang_stage(1)
    assert case.view(0).crosshair_lps == coarse.lattice.middle_lps and layout.is_as_planned(case)
    view_tools.go_to_point(case, 0, (3.0, 2.0, 20.0))
    assert not layout.is_as_planned(case)
    view_tools.reset(case, 0)
    assert layout.is_as_planned(case)


def test_a_series_dropped_in_opens_at_the_crosshair() -> None:
    case = hung([tile(THICK, orientation=Orientation.AXIAL), tile(EARLIER)], sets=(THICK, THIN, EARLIER))
    view_tools.go_to_point(case, 0, (0.0, 0.0, 35.0))
    layout.put_set(case, 1, THIN.key)
    assert case.tiles[1].image == 28
    layout.set_layout(case, 2, 2)
    layout.put_set(case, 2, EARLIER.key)
    assert case.tiles[2].image == 10  # nothing is known of where it should be


def test_a_series_dropped_among_linked_stacks_opens_where_they_are() -> None:
    case = beside(THICK, stack("3"), link="a")
    thin = stack("1", count=41, step_mm=1.25)
    case.sets = {**case.sets, thin.key: thin}
    view_tools.to_image(case, 0, 7)
    layout.put_set(case, 1, thin.key)
    assert case.tiles[1].image == 28
    view_tools.to_image(case, 0, 2)
    assert case.tiles[1].image == 8


def test_a_prior_dropped_in_keeps_the_offset_the_group_has() -> None:
    other = stack("8", count=11, step_mm=5.0, start_mm=650.0, frame="1.8", study="1.0")
    case = beside(THICK, EARLIER, stack("3"), link="a")
    case.sets = {**case.sets, other.key: other, THIN.key: THIN}
    view_tools.to_image(case, 0, 2)  # 10 mm, and the prior 710 mm
    layout.put_set(case, 2, other.key)
    assert case.view(2).plane.center_lps[2] == pytest.approx(700.0)  # its end, 10 mm short
    layout.put_set(case, 2, THIN.key)
    layout.put_set(case, 1, THIN.key)
    view_tools.to_image(case, 0, 8)
    layout.put_set(case, 1, EARLIER.key)
    assert case.view(1).plane.center_lps[2] == pytest.approx(740.0)
    view_tools.to_image(case, 0, 1)
    assert case.view(1).plane.center_lps[2] == pytest.approx(705.0)


def test_all_tiles_are_told_of_when_one_shows_another_series() -> None:
    sagittal = stack("3", orientation=SAGITTAL)
    case = beside(THICK, sagittal, stack("4", orientation=SAGITTAL))
    told: list[tuple[int, ...]] = []
    case.changed.connect(told.append)
    layout.put_set(case, 0, case.tiles[2].display_set or "")  # no line in any tile any more
    assert told == [(0, 1, 2)]
    told.clear()
    view_tools.to_image(case, 0, 1)
    assert told == [(0,)]
