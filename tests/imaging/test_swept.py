"""Balls, discs and outlines through tilted and sheared grids, against the distance of every voxel centre."""

import numpy as np
import pytest

from workstation.imaging.geometry import Grid
from workstation.imaging.swept import Part, ball, inside_outline, swept

STRAIGHT = Grid((-12.0, 5.0, 40.0), ((1, 0, 0), (0, 0, -1), (0, 1, 0)), (0.7, 1.1, 2.5), (40, 36, 15))
C, S = np.cos(0.3), np.sin(0.3)
TURNED = Grid((3.0, -5.0, 7.0), ((C, S, 0), (-S, C, 0), (0, 0, -1)), (0.9, 0.6, 1.7), (30, 44, 20))
SHEARED = Grid((3.0, -5.0, 7.0), ((1, 0, 0), (0, 1, 0), (0, S, C)), (0.9, 0.6, 3.0), (30, 44, 12))
GRIDS = pytest.mark.parametrize("grid", [STRAIGHT, TURNED, SHEARED], ids=["straight", "turned", "sheared"])


def places(grid: Grid) -> np.ndarray:
    """LPS of every voxel centre, [k, j, i, 3]."""
    k, j, i = np.indices(grid.size[::-1])
    matrix = grid.lps_from_index
    return np.stack([i, j, k], axis=-1) @ matrix[:3, :3].T + matrix[:3, 3]


def whole(part: Part | None, grid: Grid) -> np.ndarray:
    found = np.zeros(grid.size[::-1], dtype=bool)
    if part is not None:
        found[part.box] = part.voxels
    return found


def from_stretch(points: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    along = other - one
    share = np.clip((points - one) @ along / max(along @ along, 1e-30), 0, 1)
    return np.linalg.norm(points - one - share[..., None] * along, axis=-1)


@GRIDS
def test_a_ball_and_a_swept_ball(grid: Grid) -> None:
    one, other = grid.point((12.3, 15.2, 6.1)), grid.point((20.0, 22.4, 8.9))
    points = places(grid)
    at = np.linalg.norm(points - one, axis=-1) <= 4.2
    assert np.array_equal(whole(ball(grid, one, 4.2), grid), at) and at.any()
    along = from_stretch(points, np.array(one), np.array(other)) <= 3.1
    assert np.array_equal(whole(swept(grid, one, other, 3.1), grid), along) and along.sum() > at.sum() / 4


@GRIDS
def test_at_the_edge_a_ball_is_cut_and_beyond_it_there_is_none(grid: Grid) -> None:
    corner = grid.point((0.0, 1.0, 0.0))
    inside = np.linalg.norm(places(grid) - corner, axis=-1) <= 6.0
    assert np.array_equal(whole(ball(grid, corner, 6.0), grid), inside)
    assert ball(grid, grid.point((-200.0, 0.0, 0.0)), 6.0) is None


def test_a_disc_takes_one_slice_of_its_own_and_each_plane_one_of_those_across() -> None:
    center = STRAIGHT.point((20.0, 18.0, 7.0))
    for axis in range(3):
        found = whole(swept(STRAIGHT, center, center, 5.0, STRAIGHT.axes[axis]), STRAIGHT)
        assert np.flatnonzero(found.any(axis=tuple(n for n in range(3) if n != 2 - axis))).size == 1
        between = STRAIGHT.point((20.5, 18.5, 7.5))
        found = whole(swept(STRAIGHT, between, between, 5.0, STRAIGHT.axes[axis]), STRAIGHT)
        assert np.flatnonzero(found.any(axis=tuple(n for n in range(3) if n != 2 - axis))).size == 1


def test_a_disc_of_an_oblique_plane_has_no_hole() -> None:
    """All voxels that the plane cuts, and none farther from it than a voxel reaches."""
    normal = np.array([1.0, 2.0, -1.5]) / np.linalg.norm([1.0, 2.0, -1.5])
    center = np.array(TURNED.point((15.0, 22.0, 10.0)))
    found = whole(swept(TURNED, tuple(center), tuple(center), 5.0, tuple(normal)), TURNED)
    away = (places(TURNED) - center) @ normal
    reach = np.abs(np.array(TURNED.axes) @ normal) @ TURNED.spacing / 2
    near = np.linalg.norm(places(TURNED) - center - away[..., None] * normal, axis=-1) <= 5.0
    assert np.array_equal(found, near & (away > -reach) & (away <= reach))


@GRIDS
def test_an_outline_cuts_through_all_and_through_one_slice(grid: Grid) -> None:
    """A rectangle, slightly off the voxel centres, seen along the slices' normal."""
    i, j = grid.size[0], grid.size[1]
    corners = [(4.3, 6.2, 5.0), (i - 8.7, 6.2, 5.0), (i - 8.7, j - 9.4, 5.0), (4.3, j - 9.4, 5.0)]
    outline = [grid.point(each) for each in corners]
    box = (slice(2, 10), slice(0, grid.size[1]), slice(3, grid.size[0]))
    normal = tuple(np.cross(grid.axes[0], grid.axes[1]))
    flat = (places(grid) - np.array(outline[0])) @ np.column_stack([grid.axes[0], grid.axes[1]])
    size = (np.array(outline[2]) - outline[0]) @ np.column_stack([grid.axes[0], grid.axes[1]])
    expected = np.zeros(grid.size[::-1], dtype=bool)
    expected[box] = ((flat > 0) & (flat < size)).all(axis=-1)[box]
    found = inside_outline(grid, outline, normal, box, one_slice=False)
    assert np.array_equal(whole(found, grid), expected)
    one = whole(inside_outline(grid, outline, normal, box, one_slice=True), grid)
    only = np.zeros_like(expected)
    only[5] = expected[5]
    assert np.array_equal(one, only)


def test_an_outline_of_two_points_encloses_nothing() -> None:
    box = (slice(0, 5), slice(0, 5), slice(0, 5))
    ends = [STRAIGHT.point((0, 0, 2)), STRAIGHT.point((9, 9, 2))]
    assert not inside_outline(STRAIGHT, ends, STRAIGHT.axes[2], box, one_slice=False).voxels.any()


def test_joined_parts_hold_what_both_do() -> None:
    one, other = ball(STRAIGHT, STRAIGHT.point((8, 8, 4)), 4.0), ball(STRAIGHT, STRAIGHT.point((30, 25, 10)), 5.0)
    assert one is not None and other is not None
    assert np.array_equal(whole(one.joined(other), STRAIGHT), whole(one, STRAIGHT) | whole(other, STRAIGHT))
