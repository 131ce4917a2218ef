"""Surfaces of shapes whose volume has a closed form, on grids with unequal spacing, turned and mirrored."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import trimesh

from tests.imaging.given import axial, given
from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask
from workstation.imaging.mesh import Mesh
from workstation.imaging.mesh_files import mesh_file, read_stl
from workstation.render.smoothing import coarser, smoothed
from workstation.render.surfaces import mesh_of, surface_of_mask, surface_of_values

SHAPE = (40, 64, 72)
SPACING = (0.8, 0.9, 1.5)
STRAIGHT = axial(SHAPE, SPACING)
C, S = math.cos(0.5), math.sin(0.5)
OBLIQUE = Grid((-20.0, 7.0, 33.0), ((C, S, 0.0), (-S * C, C * C, S), (S * S, -S * C, C)), SPACING, SHAPE[::-1])
MIRRORED = Grid((5.0, -9.0, 60.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)), SPACING, SHAPE[::-1])
GRIDS = pytest.mark.parametrize("grid", [STRAIGHT, OBLIQUE, MIRRORED], ids=["straight", "oblique", "mirrored"])


def places(grid: Grid) -> np.ndarray:
    """The centres of all voxels, shape (k, j, i, 3)."""
    k, j, i = np.indices(grid.size[::-1])
    return np.stack([i, j, k], axis=-1) @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]


def ball(grid: Grid, radius: float) -> np.ndarray:
    """Values that cross 100 on a sphere about the middle, in HU."""
    away = np.linalg.norm(places(grid) - grid.center_lps, axis=-1)
    return np.clip(100 + 40 * (radius - away), -1000, 1000).astype(np.float32)


@GRIDS
def test_a_ball_has_the_volume_of_its_formula_and_lies_where_it_is(grid: Grid) -> None:
    mesh = surface_of_values(given(ball(grid, 17.0), grid), 100.0)
    expected = 4 / 3 * math.pi * 17**3 / 1000
    assert mesh.watertight and mesh.volume_ml == pytest.approx(expected, rel=0.01)
    for low, high, middle in zip(*mesh.bounds_mm, grid.center_lps, strict=True):
        assert (low, high) == pytest.approx((middle - 17, middle + 17), abs=0.1)
    smooth = smoothed(mesh, SPACING).mesh
    assert smooth.watertight and smooth.volume_ml == pytest.approx(expected, rel=0.01)
    less = coarser(smooth, 0.2)
    assert len(less.mesh.triangles) < 0.25 * len(mesh.triangles) and less.mesh.watertight
    assert less.mesh.volume_ml == pytest.approx(expected, rel=0.01)
    away = np.abs(np.linalg.norm(less.mesh.points - np.array(grid.center_lps), axis=1) - 17)
    assert 0 < less.mean_mm < less.largest_mm < 1.0 and away.max() < less.largest_mm + 0.2


@GRIDS
def test_a_cube_has_the_volume_of_its_edge(grid: Grid) -> None:
    """31 mm along the axes of the patient, turned against two of the grids; values cross 100 HU at its faces."""
    edge_mm = 31.0
    beyond = np.abs(places(grid) - np.asarray(grid.center_lps)).max(axis=-1) - edge_mm / 2
    rough = surface_of_values(given(np.clip(100 - 40 * beyond, -1000, 1000).astype(np.float32), grid), 100.0)
    smooth = smoothed(rough, SPACING).mesh
    for mesh in (rough, smooth, coarser(smooth, 0.2).mesh):
        assert mesh.watertight and mesh.volume_ml == pytest.approx(edge_mm**3 / 1000, rel=0.01)


@GRIDS
def test_a_mask_keeps_its_volume_when_it_is_smoothed(grid: Grid) -> None:
    mask = Mask.of(grid, np.linalg.norm(places(grid) - grid.center_lps, axis=-1) <= 15)
    rough = surface_of_mask(mask)
    smooth = smoothed(rough, SPACING, mask.volume_ml).mesh
    assert rough.watertight and smooth.watertight
    assert smooth.volume_ml == pytest.approx(mask.volume_ml, rel=0.01)
    roughness = [np.linalg.norm(each.points - np.array(grid.center_lps), axis=1).std() for each in (rough, smooth)]
    assert roughness[1] < 0.6 * roughness[0]


@GRIDS
def test_what_the_volume_cuts_off_is_capped_where_it_ends(grid: Grid) -> None:
    """Everything is above the threshold: the surface is the box of all voxels, outer face to outer face."""
    values = np.full(SHAPE, 500.0, np.float32)
    for mesh in (surface_of_values(given(values, grid), 200.0), surface_of_mask(Mask.of(grid, values > 0))):
        assert mesh.watertight
        assert mesh.volume_ml == pytest.approx(math.prod(grid.extent_mm) / 1000, rel=0.01)
        corners = np.array([grid.point(each) for each in itertools.product(*((-0.5, n - 0.5) for n in grid.size))])
        assert mesh.bounds_mm[0] == pytest.approx(tuple(corners.min(axis=0)), abs=1.2)
        assert mesh.bounds_mm[1] == pytest.approx(tuple(corners.max(axis=0)), abs=1.2)


def letter_f(grid: Grid) -> np.ndarray:
    """An F upright in the patient: its bars point left (+x), its head is up (+z), it is 6 mm deep along y."""
    away = places(grid) - np.array(grid.center_lps)
    x, y, z = away[..., 0], away[..., 1], away[..., 2]
    stem = (np.abs(x + 8) <= 3) & (np.abs(z) <= 14)
    head = (x > -11) & (x <= 11) & (np.abs(z - 11) <= 3)
    middle = (x > -11) & (x <= 5) & (np.abs(z) <= 3)
    return (stem | head | middle) & (np.abs(y) <= 5)


@GRIDS
def test_an_f_is_not_mirrored_in_the_surface_nor_in_its_file(grid: Grid) -> None:
    mask = Mask.of(grid, letter_f(grid))
    mesh = read_stl(mesh_file(smoothed(surface_of_mask(mask), SPACING, mask.volume_ml).mesh, "stl"))
    assert mesh.watertight and mesh.volume_ml == pytest.approx(mask.volume_ml, rel=0.01)
    away = mesh.points - np.array(grid.center_lps, np.float32)
    upper, lower = away[away[:, 2] > 9], away[away[:, 2] < -9]
    assert upper[:, 0].max() > 9.5 and lower[:, 0].max() < -3.5, "the long bar is at the head, towards the left"
    assert upper[:, 0].min() < -9.5 and lower[:, 0].min() < -9.5, "the stem is towards the right"


def test_a_file_opens_in_vtk_and_trimesh_with_the_same_size(tmp_path: Path) -> None:

    from vtkmodules.vtkIOGeometry import vtkOBJReader, vtkSTLReader
    from vtkmodules.vtkIOPLY import vtkPLYReader

    mask = Mask.of(OBLIQUE, letter_f(OBLIQUE))
    mesh = smoothed(surface_of_mask(mask), SPACING, mask.volume_ml).mesh
    for kind, reader in (("stl", vtkSTLReader()), ("obj", vtkOBJReader()), ("ply", vtkPLYReader())):
        file = tmp_path / f"f.{kind}"
        file.write_bytes(mesh_file(mesh, kind))
        reader.SetFileName(str(file))
        reader.Update()
        by_vtk: Mesh = mesh_of(reader.GetOutput())
        other = trimesh.load(file)
        assert len(by_vtk.triangles) == len(other.faces) == len(mesh.triangles)
        assert other.is_watertight and other.volume / 1000 == pytest.approx(mesh.volume_ml, rel=1e-3)
        for found in (np.array(by_vtk.bounds_mm), other.bounds):
            assert np.allclose(found, np.array(mesh.bounds_mm), atol=1e-3)


def test_nothing_above_the_threshold_has_no_surface() -> None:
    with pytest.raises(Refused) as refused:
        surface_of_values(given(np.zeros(SHAPE, np.int16), STRAIGHT), 100.0)
    assert refused.value.reason is Reason.NO_SURFACE
    with pytest.raises(Refused):
        surface_of_mask(Mask.empty(STRAIGHT))


def test_a_hole_or_a_turned_triangle_is_no_closed_surface_and_a_line_is_none() -> None:
    corners = np.array([(0, 0, 0), (9, 0, 0), (0, 9, 0), (0, 0, 9)], np.float32)
    closed = np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2)], np.int32)
    assert Mesh(corners, closed).watertight and Mesh(corners, closed).volume_ml == pytest.approx(729 / 6000)
    assert not Mesh(corners, closed[1:]).watertight
    turned = closed.copy()
    turned[0] = turned[0, ::-1]
    assert not Mesh(corners, turned).watertight
    assert Mesh(corners, np.concatenate([closed, [(1, 1, 2)]]).astype(np.int32)).watertight
    assert not Mesh(corners, closed[:0]).watertight


@GRIDS
def test_what_is_gone_is_outside_of_the_surface_of_values(grid: Grid) -> None:
    gone = np.zeros(grid.size[::-1], np.uint8)
    gone[:, :, : grid.size[0] // 2] = 1
    radius = 12.0
    half = surface_of_values(given(ball(grid, radius), grid), 100.0, gone=gone)
    assert half.watertight
    assert half.volume_ml == pytest.approx(2 / 3 * math.pi * radius**3 / 1000, rel=0.01)
