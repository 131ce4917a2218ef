"""Trajectory, margin, remnant, scissors and ways along surfaces against closed forms, on grids of unequal spacing."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.imaging.given import axial
from workstation.errors import Reason, Refused
from workstation.imaging.camera import Camera, Side, framed
from workstation.imaging.geodesic import along_surface
from workstation.imaging.geometry import Grid
from workstation.imaging.margin import distances_mm, margin
from workstation.imaging.masks import Mask
from workstation.imaging.mesh import Mesh
from workstation.imaging.remnant import CurvedCut, FlatCut, remnant, through
from workstation.imaging.scissors import kept_whole, seen_inside
from workstation.imaging.trajectory import Trajectory, stretches

SHAPE = (50, 70, 80)
SPACING = (0.8, 0.9, 1.2)
STRAIGHT = axial(SHAPE, SPACING)
C, S = math.cos(0.4), math.sin(0.4)
OBLIQUE = Grid((9.0, -30.0, 12.0), ((C, S, 0.0), (-S * C, C * C, S), (S * S, -S * C, C)), SPACING, SHAPE[::-1])
GRIDS = pytest.mark.parametrize("grid", [STRAIGHT, OBLIQUE], ids=["straight", "oblique"])


def places(grid: Grid) -> np.ndarray:
    k, j, i = np.indices(grid.size[::-1])
    return np.stack([i, j, k], axis=-1) @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]


def ball(grid: Grid, offset: tuple[float, float, float], radius: float) -> Mask:
    middle = np.array(grid.center_lps) + offset
    return Mask.of(grid, np.linalg.norm(places(grid) - middle, axis=-1) <= radius)


@GRIDS
def test_a_way_meets_a_ball_where_geometry_says(grid: Grid) -> None:
    middle = np.array(grid.center_lps)
    way = Trajectory(*(tuple(middle + np.array(each)) for each in ((-20, -15, 5), (10, 12, -3))))
    direction = np.array(way.direction)
    found = stretches(way, ball(grid, (0, 0, 0), 10.0))
    nearest = float((middle - way.entry_lps) @ direction)
    aside = np.linalg.norm(middle - way.entry_lps - nearest * direction)
    half = math.sqrt(100 - aside**2)
    (only,) = found
    assert only.enters_mm == pytest.approx(nearest - half, abs=1.2)
    assert only.leaves_mm == pytest.approx(nearest + half, abs=1.2)
    assert not stretches(way, ball(grid, (0, 0, 15), 4.0))


def test_a_way_through_a_box_is_exact_to_the_face_of_the_voxel() -> None:
    array = np.zeros(SHAPE, np.bool_)
    array[10:20, 20:30, 15:25] = True
    array[10:20, 20:30, 30:32] = True
    way = Trajectory((0.0, 25 * 0.9, 15 * 1.2), (60.0, 25 * 0.9, 15 * 1.2))
    found = stretches(way, Mask.of(STRAIGHT, array))
    spans = [(each.enters_mm, each.leaves_mm) for each in found]
    assert np.allclose(spans, [(14.5 * 0.8, 24.5 * 0.8), (29.5 * 0.8, 31.5 * 0.8)])
    assert np.allclose([each.length_mm for each in found], [8.0, 1.6])


def test_depth_and_angles_to_the_three_planes() -> None:
    way = Trajectory((0.0, 0.0, 0.0), (30.0, 40.0, 0.0))
    assert way.depth_mm == pytest.approx(50) and way.heads_for == "PL"
    assert way.to_axial_deg == pytest.approx(0)
    assert way.to_sagittal_deg == pytest.approx(math.degrees(math.asin(0.6)))
    assert way.to_coronal_deg == pytest.approx(math.degrees(math.asin(0.8)))
    sections = way.sections(10.0)
    assert [each.depth_mm for each in sections] == pytest.approx([0, 10, 20, 30, 40, 50])
    assert sections[-1].point_lps == pytest.approx((30.0, 40.0, 0.0))
    for each in sections:
        assert np.dot(each.axes.right, way.direction) == pytest.approx(0, abs=1e-12)
        assert np.allclose(each.axes.normal, way.direction) or np.allclose(each.axes.normal, -np.array(way.direction))
    with pytest.raises(Refused) as refused:
        Trajectory((1.0, 2.0, 3.0), (1.0, 2.0, 3.0))
    assert refused.value.reason is Reason.NO_EXTENT


@GRIDS
def test_two_balls_lie_apart_by_their_middles_less_their_radii(grid: Grid) -> None:
    one, other = ball(grid, (-12, -6, 0), 8.0), ball(grid, (11, 9, 4), 7.0)
    away = math.dist((-12, -6, 0), (11, 9, 4))
    found = margin(one, other)
    assert found.distance_mm == pytest.approx(away - 15, abs=0.9) and not found.overlap
    assert math.dist(found.on_first_lps, found.on_second_lps) == pytest.approx(found.distance_mm, abs=1e-6)
    along = (np.array((11, 9, 4)) - (-12, -6, 0)) / away
    middle = np.array(grid.center_lps)
    assert math.dist(found.on_first_lps, middle + (-12, -6, 0) + along * 8) < 3.5
    mapped = distances_mm(middle + np.array([(-12, -6, 0), (20, 9, 4), (11, 9, 4)], float), other)
    assert mapped[0] == pytest.approx(away - 7, abs=0.9)
    assert mapped[1] == pytest.approx(2, abs=0.9) and mapped[2] == pytest.approx(-7, abs=0.9)


def test_what_overlaps_has_no_margin_and_other_grids_are_measured_in_the_patient() -> None:
    one = ball(STRAIGHT, (0, 0, 0), 8.0)
    assert margin(one, ball(STRAIGHT, (3, 0, 0), 6.0)).overlap
    inner = margin(ball(STRAIGHT, (0, 0, 0), 12.0), ball(STRAIGHT, (0, 0, 0), 5.0))
    assert inner.overlap and inner.distance_mm == 0
    coarse = axial((20, 40, 50), (1.3, 1.6, 3.1))
    shifted = Mask.of(coarse, np.linalg.norm(places(coarse) - STRAIGHT.center_lps - (0, 20, 0), axis=-1) <= 6)
    assert margin(one, shifted).distance_mm == pytest.approx(6, abs=1.6)
    with pytest.raises(Refused):
        margin(one, Mask.empty(STRAIGHT))


@GRIDS
@pytest.mark.parametrize("height", [-4.0, 0.0, 5.5])
def test_a_ball_cut_by_a_plane_leaves_what_the_formula_says(grid: Grid, height: float) -> None:
    middle = np.array(grid.center_lps)
    mask = ball(grid, (0, 0, 0), 16.0)
    normal = np.array([0.6, 0.48, 0.64])
    found = remnant(mask, FlatCut(tuple(middle + height * normal), tuple(normal)), 70.0)
    depth = 16.0 - height
    cap = math.pi * depth**2 * (3 * 16.0 - depth) / 3 / 1000
    whole = 4 / 3 * math.pi * 16.0**3 / 1000
    assert found.kept_ml == pytest.approx(whole - cap, rel=0.01)
    assert found.kept_share == pytest.approx((whole - cap) / whole, rel=0.01)
    assert found.kept_ml_per_kg == pytest.approx(found.kept_ml / 70)
    assert found.kept.union(found.resected) == mask and not found.kept.intersect(found.resected)
    assert found.kept.volume_ml == pytest.approx(found.kept_ml, rel=0.02)


def test_a_curved_cut_through_a_box_leaves_the_integral_under_it() -> None:
    """The cut is z = 30 + 6 sin(pi x / 64): over a whole box of x from 0 to 64 it lies 12 / pi higher on average."""
    points = [
        (x, y, 30 + 6 * math.sin(math.pi * x / 64)) for y in np.linspace(0, 62, 6) for x in np.linspace(0, 64, 17)
    ]
    mask = kept_whole(STRAIGHT)
    found = remnant(mask, through(points, (0.0, 0.0, 1.0)))
    high = 30 + 12 / math.pi + 0.6
    assert found.kept_ml == pytest.approx(80 * 0.8 * 70 * 0.9 * high / 1000, rel=0.01)
    assert found.kept_ml_per_kg is None
    flat = through([(0.0, 0.0, 30.0), (60.0, 0.0, 30.0), (0.0, 60.0, 30.0)], (0.0, 0.0, -1.0))
    assert isinstance(flat, FlatCut) and flat.normal == pytest.approx((0, 0, -1))
    for wrong in (points[:2], [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (2.0, 2.0, 2.0)]):
        with pytest.raises(Refused):
            CurvedCut(tuple(wrong), (0.0, 0.0, 1.0))


@pytest.mark.parametrize("perspective", [0.0, 30.0])
@pytest.mark.parametrize("side", [Side.ANTERIOR, Side.LEFT])
def test_scissors_take_what_is_seen_inside_their_outline(side: Side, perspective: float) -> None:
    camera: Camera = replace(framed(OBLIQUE, side), perspective_deg=perspective).turned(20, 10)
    outline = [(150.0, 120.0), (430.0, 90.0), (330.0, 380.0), (300.0, 200.0)]
    found = seen_inside(OBLIQUE, camera, outline, 600, 450, lambda done, total: None).array()
    checked, inside = 0, 0
    for k, j, i in np.random.default_rng(5).integers(0, SHAPE, (400, 3)).tolist():
        x, y, _ = camera.pixel(OBLIQUE.point((i, j, k)), 600, 450)
        distance, within = _away(outline, x, y)
        if distance > 0.8:
            assert found[k, j, i] == within, (i, j, k, x, y)
            checked, inside = checked + 1, inside + within
    assert checked > 350 and inside > 20
    whole = kept_whole(OBLIQUE)
    assert whole.count == math.prod(SHAPE) and (whole.minus(Mask.of(OBLIQUE, found))).count == whole.count - found.sum()
    assert not seen_inside(OBLIQUE, camera, outline[:2], 600, 450, lambda done, total: None)


def _away(outline: list[tuple[float, float]], x: float, y: float) -> tuple[float, bool]:
    """How far a point lies from an outline, and whether it turns round it."""
    corners = np.array(outline)
    ends = np.roll(corners, -1, axis=0)
    along = ends - corners
    share = np.clip(((x, y) - corners) * along @ (1, 1) / (along**2).sum(axis=1), 0, 1)
    distance = np.linalg.norm(corners + share[:, None] * along - (x, y), axis=1).min()
    angles = np.arctan2(*(np.roll(corners, -1, axis=0) - (x, y)).T) - np.arctan2(*(corners - (x, y)).T)
    turned = ((angles + math.pi) % (2 * math.pi) - math.pi).sum()
    return float(distance), abs(turned) > math.pi


def sphere_mesh(radius: float, steps: int) -> Mesh:
    """A ball of latitudes and longitudes."""
    points = [(0.0, 0.0, radius)]
    for a in range(1, steps):
        for b in range(2 * steps):
            polar, turn = math.pi * a / steps, math.pi * (b + a / 2) / steps
            points.append((math.sin(polar) * math.cos(turn), math.sin(polar) * math.sin(turn), math.cos(polar)))
    points = [points[0], *(tuple(radius * value for value in each) for each in points[1:]), (0.0, 0.0, -radius)]
    triangles, wide, last = [], 2 * steps, len(points) - 1
    for b in range(wide):
        after = (b + 1) % wide
        triangles.append((0, 1 + b, 1 + after))
        triangles.append((last, last - wide + after, last - wide + b))
        for a in range(steps - 2):
            row, below = 1 + a * wide, 1 + (a + 1) * wide
            triangles += [(row + b, below + b, row + after), (row + after, below + b, below + after)]
    return Mesh(np.array(points, np.float32), np.array(triangles, np.int32))


def test_a_way_along_a_ball_is_the_arc_of_its_great_circle() -> None:
    mesh = sphere_mesh(30.0, 40)
    assert mesh.watertight and mesh.volume_ml == pytest.approx(4 / 3 * math.pi * 27, rel=0.01)
    for polar, turn in ((0.9, 0.7), (2.0, -2.0), (1.5, 3.0)):
        end = tuple(
            30 * np.array([math.sin(polar) * math.cos(turn), math.sin(polar) * math.sin(turn), math.cos(polar)])
        )
        start = tuple(30 * np.array([math.sin(1.0), 0.0, math.cos(1.0)]))
        way = along_surface(mesh, start, end)
        first, last = np.array(way.points_lps[0]), np.array(way.points_lps[-1])
        arc = 30 * math.acos(float(first @ last) / np.linalg.norm(first) / np.linalg.norm(last))
        assert way.length_mm == pytest.approx(arc, rel=0.01)
        assert math.dist(first, start) < 2.5 and math.dist(last, end) < 2.5


def test_no_way_leads_from_one_closed_surface_to_another() -> None:
    one = sphere_mesh(5.0, 8)
    both = Mesh(
        np.concatenate([one.points, one.points + np.float32(20)]),
        np.concatenate([one.triangles, one.triangles + len(one.points)]),
    )
    with pytest.raises(Refused) as refused:
        along_surface(both, (5.0, 0.0, 0.0), (25.0, 20.0, 20.0))
    assert refused.value.reason is Reason.NO_PATH
