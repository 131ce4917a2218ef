"""A tile in 3D: it comes, is turned, cut and undone, and goes back to what it was; other tiles know nothing of it."""

import json
from dataclasses import replace

import pytest

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation.case import cutting, view_tools, volume
from workstation.case.commands import COMMANDS
from workstation.case.park import cut_away, parked, take_up
from workstation.case.state import Case, Link
from workstation.errors import NotFound
from workstation.findings.finding import Kind
from workstation.imaging.camera import Side
from workstation.imaging.scene import CropBox, Cut, Scene
from workstation.imaging.shared import BlockHandle
from workstation.imaging.transfer import TransferFunction
from workstation.imaging.view import Orientation

SEEN = TransferFunction(((100.0, 0.0), (700.0, 1.0)), ((0.0, 90, 60, 30), (1000.0, 255, 255, 255)))


@pytest.fixture
def case() -> Case:
    made = beside(stack("1", count=20), stack("2", count=10, start_mm=3.0))
    made.page_px = (800, 600)
    volume.show_3d(made, 0)
    return made


def test_a_volume_comes_from_the_front_by_the_first_preset_and_goes_as_it_came(case: Case) -> None:
    scene = case.tiles[0].scene
    assert scene is not None and scene.preset == "bone" and scene.camera.letters["left"] == "R"
    volume.show_flat(case, 0)
    assert case.tiles[0] == case.as_hung(0)
    case.tiles[0] = replace(case.tiles[0], orientation=Orientation.SAGITTAL)
    volume.show_3d(case, 0, "lung")
    assert case.tiles[0].orientation is None and case.tiles[0].scene is not None
    volume.show_flat(case, 0)
    assert case.tiles[0].orientation is Orientation.SAGITTAL


def test_keys_that_go_through_images_turn_a_volume_and_those_that_frame_move_the_camera(case: Case) -> None:
    before = case.tiles[0]
    assert before.scene is not None
    COMMANDS["next-image"].run(case)
    turned = case.tiles[0]
    assert turned.image == before.image and turned.scene is not None
    assert turned.scene.camera == before.scene.camera.turned(volume.STEP_DEG, 0.0)
    view_tools.zoom(case, 0, 2.0)
    view_tools.nudge(case, 0, 1, 0)
    zoomed = case.tiles[0].scene
    assert zoomed is not None and zoomed.camera.across_mm == pytest.approx(before.scene.camera.across_mm / 2)
    assert case.tiles[0].framing == before.framing
    COMMANDS["3d-from-left"].run(case)
    left = case.tiles[0].scene
    assert left is not None and left.camera.letters["right"] == "P"
    view_tools.reset(case, 0)
    assert case.tiles[0].scene == before.scene


def test_an_unknown_preset_is_refused_and_changes_nothing(case: Case) -> None:
    before = case.tiles[0]
    with pytest.raises(NotFound):
        volume.set_preset(case, 0, "bon")
    assert case.tiles[0] == before


def test_a_volume_points_at_no_other_tile(case: Case) -> None:
    case.activate(0)
    assert case.view(1).pointer is None


def test_each_gesture_of_a_cut_is_one_step_that_can_be_taken_back(case: Case) -> None:
    whole = case.tiles[0].scene
    cutting.move_face(case, 0, 2, False, 5.0, goes_on=False)
    for at in (6.0, 7.0, 8.0):
        cutting.move_face(case, 0, 2, False, at, goes_on=True)
    cutting.toggle_plane(case, 0)
    both = case.tiles[0].scene
    assert both is not None and both.plane is not None
    assert both.crop == CropBox((-0.5, -0.5, 8.0), (59.5, 39.5, 19.5))
    assert both.plane.normal == both.camera.towards
    view_tools.reset(case, 0)
    assert case.tiles[0].scene == whole
    COMMANDS["undo"].run(case)
    again = case.tiles[0].scene
    assert again is not None and (again.crop, again.plane) == (both.crop, both.plane)
    COMMANDS["undo"].run(case)
    assert case.tiles[0].scene is not None and case.tiles[0].scene.plane is None
    COMMANDS["undo"].run(case)
    assert case.tiles[0].scene is not None and case.tiles[0].scene.crop is None
    assert COMMANDS["undo"].why_not(case)
    COMMANDS["redo"].run(case)
    assert case.tiles[0].scene is not None and case.tiles[0].scene.crop == both.crop


def test_cuts_and_marks_are_taken_back_in_the_order_they_were_made(case: Case) -> None:
    def now() -> tuple[bool, int, bool]:
        scene = case.tiles[0].scene
        assert scene is not None
        return scene.crop is not None, len(case.marks), scene.plane is not None

    cutting.move_face(case, 0, 2, False, 5.0, goes_on=False)
    case.marks.add(finding(Kind.LENGTH, [(0, 0, 0), (5, 0, 0)], tracking_uid="1"))
    cutting.toggle_plane(case, 0)
    case.marks.add(finding(Kind.LENGTH, [(0, 0, 0), (7, 0, 0)], tracking_uid="2"))
    there = [(True, 2, True), (True, 1, True), (True, 1, False), (True, 0, False), (False, 0, False)]
    assert now() == there[0]
    for wanted in there[1:]:
        COMMANDS["undo"].run(case)
        assert now() == wanted
    assert COMMANDS["undo"].why_not(case)
    for wanted in reversed(there[:-1]):
        COMMANDS["redo"].run(case)
        assert now() == wanted
    assert COMMANDS["redo"].why_not(case)


def test_a_box_keeps_some_voxels_and_stays_within_the_volume(case: Case) -> None:
    cutting.move_face(case, 0, 0, True, -30.0, goes_on=False)
    scene = case.tiles[0].scene
    assert scene is not None and scene.crop is not None and scene.crop.high[0] == pytest.approx(1.5)
    cutting.move_face(case, 0, 0, True, 900.0, goes_on=False)
    scene = case.tiles[0].scene
    assert scene is not None and scene.crop is not None and scene.crop.high[0] == pytest.approx(59.5)


def test_a_plane_moves_along_its_normal(case: Case) -> None:
    cutting.toggle_plane(case, 0)
    plane = case.tiles[0].scene.plane if case.tiles[0].scene else None
    cutting.move_plane(case, 0, 12.0, goes_on=False)
    moved = case.tiles[0].scene.plane if case.tiles[0].scene else None
    assert plane is not None and moved is not None
    assert moved.point_lps[1] - plane.point_lps[1] == pytest.approx(12.0)  # from the front backwards
    assert [moved.point_lps[n] for n in (0, 2)] == pytest.approx([plane.point_lps[n] for n in (0, 2)])


def test_without_a_volume_there_is_no_3d() -> None:
    flat = beside(stack("1", count=1))
    assert COMMANDS["three-d"].why_not(flat) and COMMANDS["3d-from-head"].why_not(flat)


def test_every_standard_view_is_a_command() -> None:
    assert all(f"3d-from-{side.value}" in COMMANDS for side in Side)


def test_linked_volumes_turn_together_each_about_its_own_middle(case: Case) -> None:
    volume.show_3d(case, 1)
    volume.turn(case, 0, 20.0, 0.0)
    first, second = (case.tiles[n].scene for n in (0, 1))
    assert first is not None and second is not None and second.camera.towards == (0.0, 1.0, 0.0)
    for number in (0, 1):
        case.tiles[number] = replace(case.tiles[number], link=Link("both"))
    volume.turn(case, 0, 10.0, 5.0)
    after = case.tiles[1].scene
    assert after is not None and after.camera == second.camera.turned(10.0, 5.0)
    volume.see_from(case, 1, Side.LEFT)
    first, second = (case.tiles[n].scene for n in (0, 1))
    assert first is not None and second is not None
    assert first.camera.towards == second.camera.towards == (-1.0, 0.0, 0.0)
    assert first.camera.focus_lps != second.camera.focus_lps


def test_a_parked_volume_comes_back_as_it_was_looked_at(case: Case) -> None:
    volume.set_preset(case, 0, "skin")
    volume.turn(case, 0, 33.0, -12.0)
    volume.change(case, 0, lambda now: replace(now, light_deg=(40.0, 10.0), box=True, transfer=SEEN))
    cutting.toggle_plane(case, 0)
    cutting.move_face(case, 0, 0, True, 31.0, goes_on=False)
    text, scene = parked(case), case.tiles[0].scene
    other = beside(stack("1", count=20), stack("2", count=10, start_mm=3.0))
    assert other.tiles[0].scene is None
    assert take_up(other, text) and other.tiles[0].scene == scene and cut_away(text) == ()
    assert scene is not None and scene.plane is not None and scene.crop is not None
    before = json.loads(text)  # of a time when less was kept
    for name in set(before["tiles"][0]["scene"]) - {"camera", "preset", "shaded"}:
        del before["tiles"][0]["scene"][name]
    old = beside(stack("1", count=20), stack("2", count=10, start_mm=3.0))
    assert take_up(old, json.dumps(before))
    assert old.tiles[0].scene == Scene(scene.camera, scene.preset, shaded=scene.shaded)


def test_what_was_cut_away_with_masks_is_named_where_a_volume_comes_back(case: Case) -> None:
    cuts = tuple(
        Cut(name, number, BlockHandle("", (1, 1, 1), "|u1", 0)) for number, name in enumerate(("bed", "bones"))
    )
    volume.change(case, 0, lambda now: replace(now, cuts=cuts))
    text = parked(case)
    other = beside(stack("1", count=20), stack("2", count=10, start_mm=3.0))
    assert take_up(other, text) and other.tiles[0].scene is not None and other.tiles[0].scene.cuts == ()
    assert cut_away(text) == ("bed", "bones")
