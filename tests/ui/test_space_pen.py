"""Measures through space by clicks in 3D and on planes, against what a vertebra of known radius is."""

import math
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from tests.imaging.test_planning import sphere_mesh
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case import volume
from workstation.case.drawing_show import jump_to
from workstation.case.open import open_study
from workstation.case.planes import show_planes
from workstation.case.segmenting import fresh
from workstation.case.state import Case
from workstation.errors import Reason, Refused
from workstation.findings.finding import Finding, Kind
from workstation.imaging.camera import Side
from workstation.imaging.geometry import Vec3
from workstation.imaging.masks import Mask
from workstation.imaging.mesh import Mesh
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.vertebra import CORTEX, vertebra_phantom
from workstation.ui.planned_desk import PlannedDesk
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.space_pen import NOTHING_THERE, ON_SURFACES
from workstation.ui.surface_way import Ends, segment_under, way_on
from workstation.ui.tile_grid import TileGrid

RADIUS = CORTEX.radius_mm
VOXEL_MM = 1.0
LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def vertebra_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("vertebra")
    write_series(vertebra_phantom()[0], folder / "in")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "in"])
    return home


@pytest.fixture
def case(vertebra_home: Home, qapp: QApplication) -> Case:
    return open_study(vertebra_home, vertebra_phantom()[0].study.study_instance_uid, "images")


@pytest.fixture
def grid(case: Case, vertebra_home: Home) -> Iterator[TileGrid]:
    """The vertebra in 3D from the patient's right."""
    loader = Loader(vertebra_home)
    for display_set in case.sets.values():
        loader.open(display_set, case.digests)
    loader.wait(60)
    made = TileGrid(loader)
    made.resize(600, 400)
    made.show()
    volume.show_3d(case, 0)
    volume.see_from(case, 0, Side.RIGHT)
    made.show_case(case)
    yield made
    made.show_case(None)
    made.close()
    loader.close_all()
    jobs.shutdown()
    jobs.drain()


def click(grid: TileGrid, tile: ScreenTile, point_lps: Vec3) -> None:
    """Click on a tile where a point is seen, and wait for what was looked for."""
    assert tile.case is not None
    scene, screen = tile.case.tiles[tile.number].scene, tile.screen()
    if scene is not None:
        x, y, _ = scene.camera.pixel(point_lps, *tile.size)
    else:
        assert screen is not None
        x, y, _ = screen.pixel(point_lps)
    grid.hand.press(tile, (x + 0.5, y + 0.5), LEFT, PLAIN)
    grid.hand.release((x + 0.5, y + 0.5))
    while jobs.active() or jobs.drain():
        jobs.drain(0.02)


def at(y: float, z: float) -> Vec3:
    """On the cortex, at the side that is seen."""
    return (-math.sqrt(RADIUS**2 - y**2), y, z)


def measured(case: Case) -> Finding:
    assert case.marks.in_hand is None and case.marks.tool == ""
    return case.marks.findings[-1]


@pytest.mark.parametrize(("one", "other"), [(at(0, -8), at(0, 8)), (at(-10, 0), at(10, 0)), (at(0, 5), at(12, -5))])
def test_a_length_of_two_clicks_is_that_of_the_surface(grid: TileGrid, case: Case, one: Vec3, other: Vec3) -> None:
    case.marks.take(Kind.LENGTH.value)
    click(grid, grid.tiles[0], one)
    assert case.marks.in_hand is not None and len(case.marks.in_hand.points) == 1
    click(grid, grid.tiles[0], other)
    found = measured(case)
    assert found.kind is Kind.LENGTH and found.in_patient
    assert math.dist(found.points[0], one) < VOXEL_MM and math.dist(found.points[1], other) < VOXEL_MM
    assert found.values[0].unit == "mm" and found.values[0].value == pytest.approx(math.dist(one, other), abs=VOXEL_MM)
    case.marks.undo()
    assert not len(case.marks)


def test_an_angle_of_three_clicks(grid: TileGrid, case: Case) -> None:
    case.marks.take(Kind.ANGLE.value)
    for point in (at(12, 0), at(0, 0), at(-12, 0)):
        click(grid, grid.tiles[0], point)
    expected = 2 * math.degrees(math.atan2(12, RADIUS - math.sqrt(RADIUS**2 - 144)))
    assert measured(case).values[0].value == pytest.approx(expected, abs=math.degrees(VOXEL_MM / 12))


def test_a_click_beside_what_is_shown_places_nothing_and_says_so(grid: TileGrid, case: Case) -> None:
    said: list[str] = []
    grid.hand.space.say = said.append
    case.marks.take(Kind.LENGTH.value)
    click(grid, grid.tiles[0], (0.0, 36.0, 20.0))
    assert said == [NOTHING_THERE] and case.marks.in_hand is None


def test_a_drag_with_the_tool_in_hand_turns_and_measures_nothing(grid: TileGrid, case: Case) -> None:
    case.marks.take(Kind.LENGTH.value)
    scene = case.tiles[0].scene
    grid.hand.press(grid.tiles[0], (300, 200), LEFT, PLAIN)
    grid.hand.move((360, 200))
    grid.hand.release((360, 200))
    assert case.tiles[0].scene != scene and case.marks.in_hand is None and case.marks.tool == Kind.LENGTH.value


def test_a_measure_given_up_by_escape_leaves_nothing_for_the_next(grid: TileGrid, case: Case) -> None:
    case.marks.take(Kind.LENGTH.value)
    click(grid, grid.tiles[0], at(0, 0))
    case.marks.leave()
    assert case.marks.in_hand is None
    click(grid, grid.tiles[0], at(0, -8))
    click(grid, grid.tiles[0], at(0, 8))
    assert measured(case).values[0].value == pytest.approx(16, abs=VOXEL_MM)


def test_a_way_goes_from_the_surface_to_a_target_on_a_plane(grid: TileGrid, case: Case) -> None:
    """Begun in 3D, ended on a plane of the same space; and gone to, the planes are there."""
    case.marks.take(Kind.TRAJECTORY.value)
    entry, target = at(0, 6), (3.0, 0.0, 6.0)
    click(grid, grid.tiles[0], entry)
    show_planes(case, 0)
    jobs.drain()
    axial = grid.tiles[0]
    case.place_crosshair(case.sets[case.tiles[axial.number].display_set or ""], target)
    click(grid, axial, target)
    found = measured(case)
    assert found.kind is Kind.TRAJECTORY and math.dist(found.points[1], target) < VOXEL_MM
    values = {each.name: each.value for each in found.values}
    assert values["Depth"] == pytest.approx(RADIUS + 3.0, abs=VOXEL_MM)
    assert values["To sagittal"] == pytest.approx(90.0, abs=math.degrees(VOXEL_MM / RADIUS))
    case.place_crosshair(case.sets[case.tiles[axial.number].display_set or ""], (0.0, 0.0, -15.0))
    jump_to(case, found)
    crosshair = case.view(axial.number).crosshair_lps
    assert crosshair is not None and crosshair[2] == pytest.approx(6.0, abs=VOXEL_MM)


class Page(QObject):
    """What the desk of measures needs of a reading page."""

    changed = Signal()

    def __init__(self, case: Case, grid: TileGrid, home: Home) -> None:
        super().__init__()
        self.case, self.volumes = case, SimpleNamespace(voxels=grid.tiles[0].voxels)
        self.said: list[str] = []
        self.desk = PlannedDesk(self, home)  # type: ignore[arg-type]
        self.desk.said.connect(self.said.append)
        self.desk.watch(grid)


@pytest.mark.parametrize("half", [8.0, 14.0])
def test_two_clicks_on_a_surface_measure_along_it_and_straight(
    grid: TileGrid, case: Case, vertebra_home: Home, half: float
) -> None:
    page = Page(case, grid, vertebra_home)
    case.marks.take(Kind.SURFACE.value)
    click(grid, grid.tiles[0], at(-half, 5))
    click(grid, grid.tiles[0], at(half, 5))
    found = measured(case)
    straight, along = found.values
    arc = 2 * RADIUS * math.asin(half / RADIUS)
    assert found.kind is Kind.SURFACE and (straight.name, along.name) == ("Distance", "Along surface")
    assert straight.value == pytest.approx(2 * half, abs=2 * VOXEL_MM)
    assert along.value == pytest.approx(arc * straight.value / (2 * half), rel=0.03) and along.value > straight.value
    assert all(abs(math.hypot(x, y) - RADIUS) < VOXEL_MM for x, y, _ in found.points)
    lattice = case.view(0).display_set.lattice  # type: ignore[union-attr]
    image = case.view(0).display_set.place_of[found.sources[0].sop_instance_uid]  # type: ignore[union-attr]
    assert lattice is not None and abs(lattice.point((0, 0, image))[2] - found.points[0][2]) <= lattice.spacing[2] / 2
    assert f"{along.value:.1f} mm along the surface" in page.said[-1]
    case.marks.undo()
    assert not len(case.marks)


def test_a_segment_is_measured_along_where_both_clicks_lie_on_its_surface(case: Case) -> None:
    display_set = case.view(0).display_set
    assert display_set is not None and display_set.grid is not None
    grid = display_set.grid
    voxels = np.zeros(grid.size[::-1], np.bool_)
    voxels[10:40, 10:60, 5:60] = True
    one = replace(fresh(case.marks, display_set), mask=Mask.of(grid, voxels))
    case.marks.put_segments((one,))
    face, other, inside = (grid.point((float(i), 30.0, 20.0)) for i in (5.0, 59.0, 30.0))
    assert segment_under(case, 0, (face, other)) == one
    assert segment_under(case, 0, (face, inside)) is None and segment_under(case, 0, (inside, inside)) is None
    case.marks.put_segments((replace(one, hidden=True),))
    assert segment_under(case, 0, (face, other)) is None


def test_a_way_along_what_is_not_closed_or_in_two_parts_or_elsewhere_is_refused() -> None:
    ball = sphere_mesh(10.0, 8)
    ends: Ends = ((10.0, 0.0, 0.0), (-10.0, 0.0, 0.0))
    two = Mesh(
        np.concatenate([ball.points, ball.points + np.float32(30)]),
        np.concatenate([ball.triangles, ball.triangles + len(ball.points)]),
    )
    for mesh, wanted, reason in (
        (Mesh(ball.points, ball.triangles[1:]), ends, Reason.NOT_CLOSED),
        (two, (ends[0], (40.0, 30.0, 30.0)), Reason.TWO_SURFACES),
        (ball, (ends[0], (0.0, 0.0, 15.0)), Reason.NO_SURFACE),
    ):
        with pytest.raises(Refused) as refused:
            way_on(mesh, wanted, 2.0)
        assert refused.value.reason is reason
    assert way_on(ball, ends, 2.0).length_mm == pytest.approx(10 * math.pi, rel=0.03)


def test_a_plane_has_no_surface_to_measure_along_and_says_so(grid: TileGrid, case: Case) -> None:
    said: list[str] = []
    grid.hand.space.say = said.append
    case.marks.take(Kind.SURFACE.value)
    show_planes(case, 0)
    jobs.drain()
    click(grid, grid.tiles[0], (3.0, 0.0, 6.0))
    assert said == [ON_SURFACES] and case.marks.in_hand is None and not len(case.marks)


def test_a_measure_gone_to_in_3d_takes_the_crosshair_there(grid: TileGrid, case: Case) -> None:
    case.marks.take(Kind.LENGTH.value)
    click(grid, grid.tiles[0], at(0, -8))
    click(grid, grid.tiles[0], at(0, 14))
    found = measured(case)
    case.place_crosshair(case.sets[case.tiles[0].display_set or ""], (10.0, 10.0, -20.0))
    jump_to(case, found)
    crosshair = case.view(0).crosshair_lps
    assert crosshair is not None and crosshair == pytest.approx((-RADIUS, 0.0, 3.0), abs=VOXEL_MM)
