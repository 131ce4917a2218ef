"""Surfaces of what is thin: of the volume of their voxels, and nowhere farther than a voxel from them."""

import math

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
from workstation.render.surfaces import surface_of_mask, surface_of_values

SHAPE = (40, 64, 72)
STRAIGHT = axial(SHAPE, (0.8, 0.9, 1.5))
C, S = math.cos(0.5), math.sin(0.5)
THICK = Grid((-20.0, 7.0, 33.0), ((C, S, 0.0), (-S * C, C * C, S), (S * S, -S * C, C)), (0.7, 0.75, 5.0), SHAPE[::-1])
GRIDS = pytest.mark.parametrize("grid", [STRAIGHT, THICK], ids=["straight", "thick"])
AT_K, AT_J, AT_I = np.indices(SHAPE)


def along(points: np.ndarray, reach: float) -> np.ndarray:
    """The voxels within `reach` voxels of a line of points (k, j, i)."""
    found = np.zeros(SHAPE, np.bool_)
    for k, j, i in points:
        found |= (AT_K - k) ** 2 + (AT_J - j) ** 2 + (AT_I - i) ** 2 <= reach**2
    return found


TURN = np.linspace(0, 4 * np.pi, 150)
HELIX = np.stack([5 + TURN * 2.3, 32 + 15 * np.sin(TURN), 36 + 18 * np.cos(TURN)], axis=1)
LINE = (AT_K == 20) & (AT_J == 30) & (AT_I >= 10) & (AT_I < 60)
BALLS = ((AT_K - 20) ** 2 + (AT_J - 30) ** 2 + np.minimum(np.abs(AT_I - 20), np.abs(AT_I - 37)) ** 2) <= 64
SHAPES = {
    "voxel": (AT_K == 20) & (AT_J == 30) & (AT_I == 40),
    "corner": (AT_K == 0) & (AT_J == 0) & (AT_I == 71),
    "line": LINE,
    "diagonal": (AT_K - 5 == AT_J - 10) & (AT_K - 5 == AT_I - 10) & (AT_K >= 5) & (AT_K < 30),
    "plate": (AT_K == 20) & (AT_J >= 10) & (AT_J < 40) & (AT_I >= 10) & (AT_I < 50),
    "helix": along(HELIX, 1.0),
    "tube": along(HELIX, 2.0),
    "balls": BALLS,
    "ureter": LINE | ((AT_K - 20) ** 2 + (AT_J - 30) ** 2 + (AT_I - 22) ** 2 <= 81),
}


@GRIDS
@pytest.mark.parametrize("name", SHAPES)
def test_a_surface_has_the_volume_of_its_voxels_and_lies_at_them(name: str, grid: Grid) -> None:
    """As many voxels as are set, each of the product of the spacings; within one voxel of the box that holds them."""
    mask = Mask.of(grid, SHAPES[name])
    volume_ml = int(SHAPES[name].sum()) * math.prod(grid.spacing) / 1000
    rough = surface_of_mask(mask)
    made = smoothed(rough, grid.spacing, mask.volume_ml)
    written = read_stl(mesh_file(made.mesh, "stl"))
    inverse = np.linalg.inv(grid.lps_from_index)
    for mesh in (rough, made.mesh, written):
        assert mesh.watertight and mesh.volume_ml == pytest.approx(volume_ml, rel=0.01)
        index = mesh.points @ inverse[:3, :3].T + inverse[:3, 3]
        for axis, set_there in enumerate(np.nonzero(SHAPES[name])[::-1]):
            assert index[:, axis].min() == pytest.approx(set_there.min() - 0.5, abs=1.0)
            assert index[:, axis].max() == pytest.approx(set_there.max() + 0.5, abs=1.0)
    assert np.linalg.norm(made.mesh.points - rough.points, axis=1).max() <= max(grid.spacing)
    assert made.moved_mm <= max(grid.spacing)


@pytest.mark.parametrize(
    ("name", "said"), [("line", "too thin"), ("voxel", "too thin"), ("ureter", "thin parts"), ("balls", "")]
)
def test_what_is_too_thin_to_be_smoothed_says_so(name: str, said: str) -> None:
    mask = Mask.of(STRAIGHT, SHAPES[name])
    made = smoothed(surface_of_mask(mask), STRAIGHT.spacing, mask.volume_ml)
    assert said in made.said and bool(made.said) == bool(said)
    assert {"line": made.thin == 1, "voxel": made.thin == 1, "ureter": 0 < made.thin < 0.5, "balls": not made.thin}[
        name
    ]


def test_beside_a_thin_tube_a_ball_is_as_smooth_as_alone() -> None:
    """The ball's points away from the tube lie as near to a sphere as without it."""
    rounds = []
    for array in (SHAPES["ureter"], SHAPES["ureter"] & ~(LINE & (AT_I > 31))):
        mask = Mask.of(STRAIGHT, array)
        points = smoothed(surface_of_mask(mask), STRAIGHT.spacing, mask.volume_ml).mesh.points
        away = (points - np.array(STRAIGHT.point((22, 30, 20)))) / STRAIGHT.spacing
        rounds.append(np.linalg.norm(away[away[:, 0] < 2], axis=1).std())
    assert rounds[0] == pytest.approx(rounds[1], rel=0.1)


def test_a_thin_vessel_of_values_keeps_its_volume() -> None:
    values = np.where(SHAPES["line"], 400, 0).astype(np.int16)
    rough = surface_of_values(given(values, STRAIGHT), 200.0)
    made = smoothed(rough, STRAIGHT.spacing)
    assert made.mesh.watertight and made.mesh.volume_ml == pytest.approx(rough.volume_ml, rel=0.01)
    assert "too thin" in made.said and trimesh.Trimesh(made.mesh.points, made.mesh.triangles).is_watertight


@pytest.mark.parametrize("name", ["voxel", "diagonal", "line", "helix", "ureter"])
def test_fewer_triangles_of_what_is_thin_keep_volume_and_place(name: str) -> None:
    mask = Mask.of(STRAIGHT, SHAPES[name])
    mesh = smoothed(surface_of_mask(mask), STRAIGHT.spacing, mask.volume_ml).mesh
    less = coarser(mesh, 0.3)
    assert less.mesh.watertight and less.mesh.volume_ml == pytest.approx(mesh.volume_ml, rel=0.01)
    assert less.largest_mm <= 1.5 * max(STRAIGHT.spacing)
    for found, was in zip(less.mesh.bounds_mm, mesh.bounds_mm, strict=True):
        assert found == pytest.approx(was, abs=1.5 * max(STRAIGHT.spacing))


def test_a_surface_that_cannot_have_its_volume_is_refused() -> None:
    """A tetrahedron of 121.5 mm3 that is to enclose a hundred times as much."""
    corners = np.array([(0, 0, 0), (9, 0, 0), (0, 9, 0), (0, 0, 9)], np.float32)
    closed = Mesh(corners, np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2)], np.int32))
    with pytest.raises(Refused) as refused:
        smoothed(closed, (0.8, 0.9, 1.5), 12.15)
    assert refused.value.reason is Reason.SURFACE_OFF
