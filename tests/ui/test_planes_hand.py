"""The hand on the lines of planes: what lies under it, and what dragging a ring, a bar or a line does."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.ui.test_tile_grid import painted
from workstation.case import planes
from workstation.case.state import Case
from workstation.imaging.oblique import SlabMode
from workstation.imaging.view import Orientation
from workstation.loading.load import Loader
from workstation.phantom.trunk import ADA
from workstation.picture.plane_lines import PlaneLine, plane_lines
from workstation.ui.planes_hand import LINE, SLAB, TURN, grasp_at
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.tile_grid import TileGrid

Place = tuple[float, float]
Opened = Callable[[str, str, int], Case]


@pytest.fixture
def grid(loader: Loader, opened: Opened, qapp: QApplication) -> Iterator[TileGrid]:
    """Three planes side by side."""
    made = TileGrid(loader)
    made.resize(1200, 420)
    made.show()
    case = opened(ADA.study_instance_uid, "images", 1)
    made.show_case(case)
    planes.show_planes(case, 0)
    painted(made)
    yield made
    made.show_case(None)
    made.close()


def tile_of(grid: TileGrid, orientation: Orientation) -> ScreenTile:
    return next(each for each in grid.tiles if each.case and each.case.tiles[each.number].orientation is orientation)


def line_of(tile: ScreenTile, orientation: Orientation) -> PlaneLine:
    screen = tile.screen()
    assert tile.case is not None and screen is not None
    return next(
        each for each in plane_lines(tile.case.view(tile.number), screen, tile.ratio) if each.orientation is orientation
    )


def normal(grid: TileGrid, orientation: Orientation) -> np.ndarray:
    tile = tile_of(grid, orientation)
    assert tile.case is not None
    return np.array(tile.case.view(tile.number).plane.normal)


def drag(grid: TileGrid, tile: ScreenTile, places: list[Place], held: Qt.KeyboardModifier | None = None) -> None:
    """Press at the first place of a tile, move through the others, let go at the last."""
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * (len(places) - 1), QEvent.Type.MouseButtonRelease]
    corner = tile.rect.topLeft()
    for kind, place in zip(kinds, [*places, places[-1]], strict=True):
        at = QPointF(corner.x() + place[0], corner.y() + place[1])
        left, keys = Qt.MouseButton.LeftButton, held or Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(grid, QMouseEvent(kind, at, grid.mapToGlobal(at), left, left, keys))


def about(middle: Place, place: Place, degrees: float) -> Place:
    """A place turned about another, clockwise on the screen."""
    x, y = place[0] - middle[0], place[1] - middle[1]
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return middle[0] + x * c - y * s, middle[1] + x * s + y * c


def test_a_click_beside_the_body_leaves_the_plane_it_is_made_in(grid: TileGrid) -> None:
    axial = tile_of(grid, Orientation.AXIAL)
    case = axial.case
    assert case is not None
    planes.tip(case, axial.number, 35.0, to_the_right=False)
    planes.tip(case, axial.number, 20.0, to_the_right=True)
    painted(grid)
    before, place = case.view(axial.number), (axial.rect.width() - 3.0, 3.0)
    screen = axial.screen()
    assert screen is not None and before.crosshair_lps is not None
    clicked = np.array(screen.point(place[0] - 0.5, place[1] - 0.5))
    assert not before.grid.contains(tuple(clicked))
    drag(grid, axial, [place])
    after = case.view(axial.number).crosshair_lps
    assert after is not None
    moved = np.subtract(after, before.crosshair_lps)
    assert np.linalg.norm(moved) > 5.0
    assert moved @ normal(grid, Orientation.AXIAL) == pytest.approx(0.0, abs=1e-4)
    right, down = np.array(before.plane.right), np.array(before.plane.down)
    ways = np.stack(np.meshgrid(np.arange(-300, 300, 4.0), np.arange(-300, 300, 4.0)), axis=-1).reshape(-1, 2)
    there = np.asarray(before.crosshair_lps) + ways @ np.stack([right, down])
    index = there @ before.grid.index_from_lps[:3, :3].T + before.grid.index_from_lps[:3, 3]
    inside = there[np.all((index >= 0) & (index <= np.array(before.grid.size) - 1), axis=1)]
    nearest = np.linalg.norm(inside - clicked, axis=1).min()
    assert nearest - 6.0 < np.linalg.norm(np.subtract(after, clicked)) < nearest + 1e-3


def test_under_rings_bars_and_lines_lies_what_they_say_and_elsewhere_nothing(grid: TileGrid) -> None:
    axial = tile_of(grid, Orientation.AXIAL)
    for other in (Orientation.CORONAL, Orientation.SAGITTAL):
        line = line_of(axial, other)
        assert len(line.ends) == 2 and len(line.grips) == 4
        places = [(TURN, line.ends[0]), (TURN, line.ends[1]), *((SLAB, grip) for grip, _ in line.grips)]
        places.append((LINE, (line.middle[0] + line.along[0] * 25, line.middle[1] + line.along[1] * 25)))
        for does, place in places:
            grasp = grasp_at(axial, place)
            assert grasp is not None and (grasp.does, grasp.line.orientation) == (does, other)
    assert grasp_at(axial, line.middle) is None, "the crosshair itself"
    assert grasp_at(axial, (line.middle[0] + 60, line.middle[1] + 60)) is None


@pytest.mark.parametrize("alone", [False, True])
def test_a_ring_turns_the_other_planes_with_the_hand_or_its_own_alone(alone: bool, grid: TileGrid) -> None:
    axial = tile_of(grid, Orientation.AXIAL)
    line = line_of(axial, Orientation.CORONAL)
    before = {each: normal(grid, each) for each in Orientation}
    way = [about(line.middle, line.ends[1], degrees) for degrees in (0, 8, 16, 25)]
    drag(grid, axial, way, Qt.KeyboardModifier.ShiftModifier if alone else None)
    turned = {each: math.degrees(math.acos(min(1.0, normal(grid, each) @ before[each]))) for each in Orientation}
    assert turned[Orientation.AXIAL] == pytest.approx(0, abs=1e-5)
    assert turned[Orientation.CORONAL] == pytest.approx(25, abs=0.5)
    assert turned[Orientation.SAGITTAL] == pytest.approx(0 if alone else 25, abs=0.5)
    after = line_of(axial, Orientation.CORONAL)
    angle = math.degrees(math.atan2(after.along[1], after.along[0])) - math.degrees(math.atan2(*line.along[::-1]))
    assert (angle + 90) % 180 - 90 == pytest.approx(25, abs=0.5), "the line follows the hand"


def test_a_bar_pulls_both_faces_to_the_hand(grid: TileGrid) -> None:
    sagittal = tile_of(grid, Orientation.SAGITTAL)
    line = line_of(sagittal, Orientation.AXIAL)
    screen = sagittal.screen()
    assert screen is not None and sagittal.case is not None
    (x, y), out = line.grips[0]
    off = abs(line.away((x, y))) + 30
    drag(grid, sagittal, [(x, y), (x + out[0] * 15, y + out[1] * 15), (x + out[0] * 30, y + out[1] * 30)])
    slab = sagittal.case.tiles[tile_of(grid, Orientation.AXIAL).number].slab
    assert slab.thickness_mm == pytest.approx(2 * off / screen.px_per_mm, abs=0.11)
    assert sagittal.case.tiles[sagittal.number].slab.thickness_mm == 0
    thick = line_of(sagittal, Orientation.AXIAL)
    assert thick.is_thick and thick.half_slab_px == pytest.approx(off, abs=0.2)
    (x, y), out = thick.grips[0]
    drag(grid, sagittal, [(x, y), (x - out[0] * (off - 2), y - out[1] * (off - 2))])
    assert sagittal.case.tiles[tile_of(grid, Orientation.AXIAL).number].slab.thickness_mm == 0


def test_a_line_moves_its_plane_and_no_other(grid: TileGrid) -> None:
    axial = tile_of(grid, Orientation.AXIAL)
    line, screen = line_of(axial, Orientation.CORONAL), axial.screen()
    assert axial.case is not None and screen is not None
    before = axial.case.view(axial.number).crosshair_lps
    window = axial.case.tiles[axial.number].display
    start = (line.middle[0] + 40.0, line.middle[1])
    drag(grid, axial, [start, (start[0], start[1] + 10), (start[0] + 5, start[1] + 20)])
    after = axial.case.view(axial.number).crosshair_lps
    assert before is not None and after is not None
    assert np.subtract(after, before) == pytest.approx([0, 20 / screen.px_per_mm, 0], abs=1e-6)
    assert axial.case.tiles[axial.number].display == window


def test_the_wheel_with_alt_makes_a_plane_thicker(grid: TileGrid) -> None:
    axial = tile_of(grid, Orientation.AXIAL)
    assert axial.case is not None
    at = QPointF(axial.rect.center())
    none, alt = Qt.MouseButton.NoButton, Qt.KeyboardModifier.AltModifier
    for angle, thickness_mm in ((120, 1.0), (240, 3.0), (-120, 2.0)):
        turned = QWheelEvent(
            at, grid.mapToGlobal(at), QPoint(), QPoint(0, angle), none, alt, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(grid, turned)
        assert axial.case.tiles[axial.number].slab.thickness_mm == thickness_mm


def test_a_slab_is_coarse_while_the_hand_moves_and_exact_once_it_has_let_go(grid: TileGrid) -> None:
    axial, coronal = (tile_of(grid, each) for each in (Orientation.AXIAL, Orientation.CORONAL))
    case = axial.case
    assert case is not None
    planes.set_slab(case, coronal.number, 12.0, SlabMode.MIP)
    line = line_of(axial, Orientation.CORONAL)
    seen: list[bool] = []
    case.changed.connect(lambda numbers: seen.append(case.view(coronal.number).coarse))
    drag(grid, axial, [about(line.middle, line.ends[1], degrees) for degrees in (0, 5, 10)])
    assert any(seen), "coarse meanwhile"
    assert not case.view(coronal.number).coarse
    assert not case.view(axial.number).coarse, "the plane in hand has not moved"
