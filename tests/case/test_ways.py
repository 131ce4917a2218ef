"""A planned way in the planes: which way they lie, and where steps lead."""

import math

import numpy as np
import pytest

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation.case import ways
from workstation.case.commands import COMMANDS
from workstation.case.planes import show_planes
from workstation.case.state import Case
from workstation.findings.finding import Kind
from workstation.imaging.trajectory import Trajectory
from workstation.imaging.view import Orientation


@pytest.fixture
def case() -> Case:
    made = beside(stack("1", count=24, step_mm=1.5), stack("2", count=12, start_mm=3.0))
    show_planes(made, 0)
    return made


def way_through(case: Case) -> Trajectory:
    """From the middle of the volume 8 mm, along none of its axes."""
    view = case.view(case.active)
    middle = np.asarray(view.grid.middle_lps)
    along = np.array([0.6, 0.64, -0.48])
    return Trajectory(tuple(middle - 4 * along), tuple(middle + 4 * along))


def with_way(case: Case) -> Trajectory:
    way = way_through(case)
    frame = case.space_of(case.tiles[case.active])
    points = [way.entry_lps, way.target_lps]
    case.marks.add(finding(Kind.TRAJECTORY, points, frame_of_reference_uid=frame))
    return way


def test_one_plane_is_square_to_the_way_and_two_lie_along_it(case: Case) -> None:
    way = with_way(case)
    COMMANDS["sections-of-the-trajectory"].run(case)
    normals = {each: case.view(case.active).plane_of(each).normal for each in Orientation}
    assert abs(np.dot(normals[Orientation.AXIAL], way.direction)) == pytest.approx(1.0)
    for each in (Orientation.CORONAL, Orientation.SAGITTAL):
        assert np.dot(normals[each], way.direction) == pytest.approx(0.0, abs=1e-9)
    assert np.dot(normals[Orientation.CORONAL], normals[Orientation.SAGITTAL]) == pytest.approx(0.0, abs=1e-9)
    assert case.view(case.active).crosshair_lps == pytest.approx(way.target_lps)


@pytest.mark.parametrize(
    ("target", "right", "down"),
    [((0, 0, -5), (-1, 0, 0), (0, 1, 0)), ((0, 5, 0), (1, 0, 0), (0, 0, -1)), ((5, 0, 0), (0, -1, 0), (0, 0, -1))],
)
def test_a_section_is_seen_from_the_entry_with_back_or_feet_down(
    target: tuple[float, float, float], right: tuple[float, float, float], down: tuple[float, float, float]
) -> None:
    """From the head the left is at the left, from the front at the right; from the right side the front is there."""
    axes = ways.triad_of(Trajectory((0.0, 0.0, 0.0), target)).axial
    assert axes.right == pytest.approx(right) and axes.down == pytest.approx(down)
    assert axes.normal == pytest.approx(tuple(each / 5 for each in target))


def test_keys_go_along_it_by_a_millimetre(case: Case) -> None:
    way = with_way(case)
    COMMANDS["entry-of-the-trajectory"].run(case)
    assert case.view(case.active).crosshair_lps == pytest.approx(way.entry_lps)
    for _ in range(3):
        COMMANDS["deeper-on-the-trajectory"].run(case)
    COMMANDS["back-on-the-trajectory"].run(case)
    crosshair = case.view(case.active).crosshair_lps
    assert crosshair == pytest.approx(way.at(2.0))
    assert crosshair is not None and math.dist(crosshair, way.entry_lps) == pytest.approx(2.0)


def test_it_stays_within_reach_of_the_way(case: Case) -> None:
    way = with_way(case)
    assert ways.show_at(case, case.active, way, 1e6) == pytest.approx(way.depth_mm + ways.BEYOND_MM)
    assert ways.show_at(case, case.active, way, -1e6) == pytest.approx(-ways.BEYOND_MM)


def test_without_a_way_the_sentence_says_how_to_plan_one(case: Case) -> None:
    assert "Alt+U" in COMMANDS["deeper-on-the-trajectory"].why_not(case)
    with_way(case)
    assert COMMANDS["deeper-on-the-trajectory"].why_not(case) == ""
    case.marks.undo()
    case.marks.add(finding(Kind.TRAJECTORY, [(0, 0, 0), (9, 0, 0)], frame_of_reference_uid="1.2.elsewhere"))
    assert "another space" in COMMANDS["deeper-on-the-trajectory"].why_not(case)
