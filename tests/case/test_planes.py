"""Planes that are turned, thickened and laid along lines: what stays put, what stays square, who follows."""

import math

import numpy as np
import pytest

from tests.case.stacks import AXIAL, CORONAL, SAGITTAL, beside, hung, stack, tile
from workstation.case import planes, view_tools
from workstation.case.commands import COMMANDS
from workstation.case.plane_commands import three_planes
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind, Source
from workstation.imaging.oblique import Slab, SlabMode, off_patient_deg
from workstation.imaging.view import Orientation, on_screen, screen_plane

OBLIQUE = tuple(np.linalg.qr(np.array([[0.9, 0.3, 0.1], [-0.2, 0.95, 0.2], [0.1, -0.1, 0.9]]).T)[0].T[:2].ravel())


def opened(orientation: tuple[float, ...] = AXIAL) -> Case:
    """Three planes of one volume."""
    case = beside(stack("5", count=20, step_mm=2.0, orientation=orientation))
    planes.show_planes(case, 0)
    return case


def normal(case: Case, orientation: Orientation) -> np.ndarray:
    return np.array(case.view(tile_of(case, orientation)).plane.normal)


def tile_of(case: Case, orientation: Orientation) -> int:
    return next(n for n in case.shown if case.tiles[n].orientation is orientation)


def place(case: Case, number: int) -> tuple[float, ...]:
    """Where the crosshair is seen in a tile."""
    view = case.view(number)
    assert view.crosshair_lps is not None
    return screen_plane(view.plane, view.tile.framing, 400, 300).pixel(view.crosshair_lps)


@pytest.mark.parametrize("orientation", [AXIAL, CORONAL, SAGITTAL, OBLIQUE])
def test_turning_leaves_the_plane_in_hand_and_turns_the_others_about_the_crosshair(
    orientation: tuple[float, ...],
) -> None:
    case = opened(orientation)
    view_tools.go_to_point(case, case.active, tuple(np.array([3.0, -2.0, 12.0])))
    before = {each: normal(case, each) for each in Orientation}
    places = {n: place(case, n) for n in case.shown}
    planes.turn(case, tile_of(case, Orientation.CORONAL), 20.0)
    assert normal(case, Orientation.CORONAL) == pytest.approx(before[Orientation.CORONAL])
    for each in (Orientation.AXIAL, Orientation.SAGITTAL):
        assert normal(case, each) @ before[each] == pytest.approx(math.cos(math.radians(20)))
    for n in case.shown:
        assert place(case, n) == pytest.approx(places[n], abs=1.01)  # the picture lies on whole pixels


def test_turning_is_clockwise_as_it_is_seen_also_in_a_mirror() -> None:
    for mirrored in (False, True):
        case = opened()
        axial = tile_of(case, Orientation.AXIAL)
        if mirrored:
            view_tools.mirror(case, axial)
        planes.turn(case, axial, 10.0)
        right, down = (np.array(each) for each in on_screen(case.view(axial).plane, case.tiles[axial].framing))
        line = np.cross(normal(case, Orientation.AXIAL), normal(case, Orientation.CORONAL))
        angle = math.degrees(math.atan2(line @ down, line @ right)) % 180
        assert angle == pytest.approx(10.0)


def test_turned_twice_is_double_oblique_and_everything_stays_square() -> None:
    case = opened()
    planes.turn(case, tile_of(case, Orientation.AXIAL), 33.0)
    planes.turn(case, tile_of(case, Orientation.SAGITTAL), -47.0)
    normals = [normal(case, each) for each in Orientation]
    assert np.abs(np.array(normals) @ np.array(normals).T) == pytest.approx(np.eye(3), abs=1e-12)
    for n in case.shown:
        plane = case.view(n).plane
        assert np.dot(plane.right, plane.down) == pytest.approx(0.0, abs=1e-12)


def test_one_plane_alone_is_turned_when_the_others_are_left() -> None:
    case = opened()
    planes.turn(case, tile_of(case, Orientation.AXIAL), 30.0, only=Orientation.CORONAL)
    assert normal(case, Orientation.SAGITTAL) == pytest.approx([-1.0, 0.0, 0.0], abs=1e-12)
    assert abs(normal(case, Orientation.CORONAL)[0]) == pytest.approx(0.5)


def test_a_line_carries_its_plane_and_leaves_the_third_one() -> None:
    case = opened()
    axial = tile_of(case, Orientation.AXIAL)
    planes.turn(case, axial, 30.0, only=Orientation.CORONAL)  # not square to the sagittal one any more
    before = case.view(axial).crosshair_lps
    assert before is not None
    planes.carry(case, axial, Orientation.CORONAL, before, (0.0, 5.0, 0.0))
    after = case.view(axial).crosshair_lps
    assert after is not None
    way = np.subtract(after, before)
    assert way[0] == pytest.approx(0.0, abs=1e-9), "the sagittal plane"
    assert way @ normal(case, Orientation.CORONAL) == pytest.approx(
        np.array([0, 5, 0]) @ normal(case, Orientation.CORONAL)
    )


def test_scanner_and_patient_axes_and_reset() -> None:
    case = opened(OBLIQUE)
    first = case.view(case.active).plane
    planes.to_patient(case, case.active)
    for each, axis in ((Orientation.AXIAL, 2), (Orientation.CORONAL, 1), (Orientation.SAGITTAL, 0)):
        assert abs(normal(case, each)[axis]) == pytest.approx(1.0)
    planes.to_scanner(case, case.active)
    assert case.triads == {}
    assert case.view(case.active).plane.right == pytest.approx(first.right)
    planes.turn(case, case.active, 12.0)
    planes.set_slab(case, case.active, 8.0, SlabMode.MIP)
    view_tools.reset(case, case.active)
    assert case.triads == {} and not case.tiles[case.active].slab.is_thick
    assert case.view(case.active).plane == first


def length(case: Case, start: tuple[float, float, float], end: tuple[float, float, float], kind: Kind) -> None:
    display_set = next(iter(case.sets.values()))
    source = (Source(display_set.first.SOPInstanceUID, 0),)
    frame = display_set.first.FrameOfReferenceUID
    points = (start, end) if kind is not Kind.ANGLE else (start, end, (4.0, 9.0, 21.0))
    case.marks.add(Finding("2.25.7", 1, kind, points, frame, source, display_set.study_instance_uid, "5"))


@pytest.mark.parametrize("orientation", list(Orientation))
def test_planes_contain_a_drawn_line_or_stand_on_it(orientation: Orientation) -> None:
    start, end = (-4.0, 2.0, 10.0), (5.0, -3.0, 24.0)
    line = np.subtract(end, start) / math.dist(start, end)
    for name in ("plane-along-the-line", "plane-across-the-line"):
        case = opened()
        case.activate(tile_of(case, orientation))
        assert "Draw" in COMMANDS[name].why_not(case)
        length(case, start, end, Kind.LENGTH)
        assert COMMANDS[name].why_not(case) == ""
        COMMANDS[name].run(case)
        cosines = [abs(normal(case, each) @ line) for each in Orientation]
        if name == "plane-across-the-line":
            assert max(cosines) == pytest.approx(1.0)
        else:
            assert min(cosines) == pytest.approx(0.0, abs=1e-9)
        crosshair = case.view(case.active).crosshair_lps
        assert crosshair == pytest.approx(np.add(start, end) / 2)


def test_a_plane_goes_through_three_points() -> None:
    case = opened()
    length(case, (-4.0, 2.0, 10.0), (5.0, -3.0, 24.0), Kind.ANGLE)
    COMMANDS["plane-through-three-points"].run(case)
    plane = case.view(case.active).plane
    for point in ((-4.0, 2.0, 10.0), (5.0, -3.0, 24.0), (4.0, 9.0, 21.0)):
        assert np.dot(plane.normal, np.subtract(point, plane.center_lps)) == pytest.approx(0.0, abs=1e-9)
    assert not planes.through_points(case, case.active, ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (2.0, 2.0, 2.0)))


def test_a_slab_is_shared_by_tiles_of_the_same_plane_with_the_same_slab() -> None:
    case = opened()
    axial = tile_of(case, Orientation.AXIAL)
    planes.next_mode(case, axial)
    assert case.tiles[axial].slab == Slab(10.0, SlabMode.MIP)
    planes.thicken(case, axial, 1)
    assert case.tiles[axial].slab.thickness_mm == 12.0
    for _ in range(12):
        planes.thicken(case, axial, -1)
    assert not case.tiles[axial].slab.is_thick
    assert not any(case.tiles[n].slab.is_thick for n in case.shown)


def test_slab_here_keeps_the_place_of_a_stack_and_comes_back() -> None:
    case = beside(stack("5", count=20, step_mm=2.0))
    view_tools.to_image(case, 0, 13)
    planes.slab_here(case, 0)
    tile = case.tiles[0]
    assert (tile.orientation, tile.slab) == (Orientation.AXIAL, Slab(10.0, SlabMode.MIP))
    assert case.view(0).plane.center_lps[2] == pytest.approx(26.0)
    planes.slab_here(case, 0)
    assert (case.tiles[0].orientation, case.tiles[0].image) == (None, 13)


def test_slab_here_makes_a_thin_plane_among_others_thick_and_thin_again() -> None:
    case = opened()
    axial = tile_of(case, Orientation.AXIAL)
    planes.slab_here(case, axial)
    assert (case.tiles[axial].orientation, case.tiles[axial].slab) == (Orientation.AXIAL, Slab(10.0, SlabMode.MIP))
    planes.slab_here(case, axial)
    assert case.tiles[axial].orientation is Orientation.AXIAL and not case.tiles[axial].slab.is_thick


def test_a_plane_that_is_pulled_thick_is_what_one_is_that_a_key_makes_thick() -> None:
    pulled, keyed = opened(), opened()
    number = tile_of(pulled, Orientation.CORONAL)
    planes.set_slab(pulled, number, 10.0)
    planes.slab_here(keyed, number)
    assert pulled.tiles[number].slab == keyed.tiles[number].slab == Slab(10.0, SlabMode.MIP)


def test_three_planes_of_any_volume_begin_where_the_stack_was_and_are_refused_with_the_reason() -> None:
    case = beside(stack("5", count=20, step_mm=2.0))
    view_tools.to_image(case, 0, 4)
    three_planes(case)
    assert [case.tiles[n].orientation for n in case.shown] == list(Orientation)
    crosshair = case.view(case.active).crosshair_lps
    assert crosshair is not None and crosshair[2] == pytest.approx(8.0)
    flat = beside(stack("6", count=2))
    assert "at least three slices" in COMMANDS["three-planes"].why_not(flat)


def test_planes_of_a_linked_prior_turn_by_as_much() -> None:
    case = beside(stack("5", count=20, step_mm=2.0), stack("7", count=20, step_mm=2.0, frame="1.8", study="1.2"))
    for number in (0, 1):
        case.tiles[number] = planes.replace(case.tiles[number], orientation=Orientation.CORONAL)
    COMMANDS["link-all"].run(case)
    planes.tip(case, 0, 15.0, to_the_right=False)
    one, other = (np.array(case.view(number).plane.normal) for number in (0, 1))
    assert one == pytest.approx(other)
    assert abs(one[1]) == pytest.approx(math.cos(math.radians(15)))


def test_slabs_are_coarse_in_motion_and_exact_at_rest() -> None:
    case = opened()
    planes.set_slab(case, case.active, 10.0, SlabMode.MIP)
    told: list[tuple[int, ...]] = []
    case.changed.connect(told.append)
    planes.move(case, [case.active])
    assert case.view(case.active).coarse
    assert not case.view(tile_of(case, Orientation.SAGITTAL)).coarse
    planes.rest(case)
    assert not case.view(case.active).coarse
    assert case.active in told[0] and len(told) == 1


def test_a_protocol_hangs_its_slab_and_reset_brings_it_back() -> None:
    volume = stack("5", count=20, step_mm=2.0)
    case = hung([tile(volume, orientation=Orientation.CORONAL, slab_mm=15.0, slab="mip")], sets=[volume])
    assert case.tiles[0].slab == Slab(15.0, SlabMode.MIP)
    planes.set_slab(case, 0, 3.0, SlabMode.MINIP)
    planes.tip(case, 0, 30.0, to_the_right=True)
    view_tools.reset(case, 0)
    assert case.tiles[0].slab == Slab(15.0, SlabMode.MIP) and not case.triads
    images = hung([tile(volume, slab_mm=15.0)], sets=[volume])
    assert not images.tiles[0].slab.is_thick, "stored images have no slab"


@pytest.mark.parametrize("name", ["reset", "hang-as-planned"])
def test_slab_turn_and_crosshair_go_back_as_they_hung(name: str) -> None:
    volume = stack("5", count=20, step_mm=2.0)
    case = hung([tile(volume, orientation=each) for each in Orientation], sets=[volume])
    hung_at = [case.view(n).plane for n in case.shown]
    planes.set_slab(case, 1, 20.0, SlabMode.MIP)
    assert COMMANDS[name].why_not(case) == ""
    COMMANDS[name].run(case)
    view_tools.go_to_point(case, 1, (3.0, -2.0, 12.0))
    assert COMMANDS[name].why_not(case) == ""
    COMMANDS[name].run(case)
    assert COMMANDS[name].why_not(case) != ""
    planes.tip(case, 1, 20.0, to_the_right=True)
    planes.turn(case, 0, 30.0)
    planes.set_slab(case, 1, 20.0, SlabMode.MIP)
    view_tools.go_to_point(case, 1, (3.0, -2.0, 12.0))
    COMMANDS["planes-of-the-scanner"].run(case)
    assert case.tiles[1].slab == Slab(20.0, SlabMode.MIP), "only the angles"
    COMMANDS[name].run(case)
    assert not any(case.tiles[n].slab.is_thick for n in case.shown)
    assert [case.view(n).plane for n in case.shown] == hung_at
    assert COMMANDS[name].why_not(case) != ""


def test_a_turned_plane_is_scrolled_along_its_own_normal() -> None:
    """Incident: Weasis#702, where it went along the axes of the images."""
    case = opened()
    planes.turn(case, tile_of(case, Orientation.AXIAL), 30.0)
    coronal = tile_of(case, Orientation.CORONAL)
    before, way = case.view(coronal), normal(case, Orientation.CORONAL)
    assert before.crosshair_lps is not None and view_tools.scroll(case, coronal, 3)
    after = case.view(coronal).crosshair_lps
    assert after is not None
    moved = np.subtract(after, before.crosshair_lps)
    assert abs(moved @ way) == pytest.approx(np.linalg.norm(moved)) == pytest.approx(3 * before.step_mm)
    assert np.linalg.norm(np.cross(moved, way)) == pytest.approx(0.0, abs=1e-9)


def test_a_tile_shown_alone_and_back_leaves_all_planes_as_they_were_turned() -> None:
    """Incidents: OHIF#5751 (lines no longer square), Weasis#572 (the crosshair elsewhere)."""
    case = opened()
    planes.turn(case, tile_of(case, Orientation.SAGITTAL), 25.0)
    before = [case.view(n).plane for n in case.shown]
    case.maximise(tile_of(case, Orientation.AXIAL))
    case.maximise(None)
    assert [case.view(n).plane for n in case.shown] == before


def test_a_plane_is_told_by_its_name_and_how_far_it_is_turned_out_of_that() -> None:
    normal = (0.0, math.sin(math.radians(70)), math.cos(math.radians(70)))
    assert off_patient_deg(normal, Orientation.AXIAL) == pytest.approx(70)
    assert off_patient_deg(normal, Orientation.CORONAL) == off_patient_deg(normal) == pytest.approx(20)
    assert off_patient_deg((0.0, 0.001, -1.0), Orientation.AXIAL) == 0.0


def scales(case: Case) -> list[float]:
    """Device pixels per mm of the tiles on screen, three side by side."""
    views = [case.view(number) for number in case.shown]
    return [screen_plane(view.plane, view.tile.framing, 400, 500).px_per_mm for view in views]


def test_three_planes_have_one_scale_however_long_the_volume_is() -> None:
    for count in (5, 20, 60):
        case = beside(stack("5", count=count, step_mm=4.0))
        planes.show_planes(case, 0)
        first, *others = scales(case)
        assert others == pytest.approx([first, first])
        sizes = [case.view(number).plane.size_mm for number in case.shown]
        held = [first * size[0] <= 400 + 1e-6 and first * size[1] <= 500 + 1e-6 for size in sizes]
        assert all(held), "each plane is whole on the screen"
        for command in ("one-to-one", "fit"):
            COMMANDS[command].run(case)
        assert scales(case) == pytest.approx([first] * 3)
        view_tools.zoom_about(case, case.active, first * 2, 1.0, 0.0, 0.0)
        COMMANDS["reset"].run(case)
        assert scales(case) == pytest.approx([first] * 3)
