"""The hand: what buttons do follows the mouse preset; menu, magnifier, dropped series and the fast wheel."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.test_tile_grid import painted
from workstation import jobs
from workstation.case.layout import swap
from workstation.case.state import Case, Link
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.view import Orientation, screen_plane
from workstation.loading.load import Loader
from workstation.phantom.coded import STUDY
from workstation.phantom.trunk import ADA
from workstation.ui.hand import FASTEST_STEPS, Acceleration
from workstation.ui.keys import Mouse, keymaps
from workstation.ui.magnifier import magnified
from workstation.ui.strip import SERIES_FORMAT
from workstation.ui.tile_grid import TileGrid

TRUNK, CODED = ADA.study_instance_uid, STUDY.study_instance_uid
Opened = Callable[[str, str, int], Case]


@pytest.fixture
def grid(loader: Loader, qapp: QApplication) -> Iterator[TileGrid]:
    made = TileGrid(loader)
    made.resize(600, 400)
    made.show()
    yield made
    made.show_case(None)
    made.close()


def drag(grid: TileGrid, button: Qt.MouseButton, start: tuple[int, int], by: tuple[int, int]) -> None:
    """Press, move, release, without modifiers."""
    places = [start, (start[0] + by[0] // 2, start[1] + by[1] // 2), (start[0] + by[0], start[1] + by[1])]
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * 2, QEvent.Type.MouseButtonRelease]
    for kind, place in zip(kinds, [places[0], *places[1:], places[-1]], strict=True):
        at = QPointF(*place)
        event = QMouseEvent(kind, at, grid.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(grid, event)


@pytest.mark.parametrize("preset", ["hounsfield", "stack"])
def test_what_a_left_drag_does_follows_the_preset(preset: str, grid: TileGrid, opened: Opened) -> None:
    case = opened(TRUNK, "images", 1)
    grid.show_case(case)
    painted(grid)
    grid.hand.mouse = keymaps()[preset].mouse
    before = case.tiles[0]
    drag(grid, Qt.MouseButton.LeftButton, (300, 200), (0, 60))
    after = case.tiles[0]
    scrolled, windowed = after.image != before.image, after.display != before.display
    assert (scrolled, windowed) == ((False, True) if preset == "hounsfield" else (True, False))


def test_no_button_of_the_mouse_is_left_without_a_use() -> None:
    for keymap in keymaps().values():
        mouse: Mouse = keymap.mouse
        assert {"window", "zoom"} <= {mouse.left, mouse.middle, mouse.right}, keymap.name


def test_the_right_button_without_movement_wants_the_menu_and_with_it_zooms(grid: TileGrid, opened: Opened) -> None:
    case = opened(TRUNK, "images", 1)
    grid.show_case(case)
    painted(grid)
    wanted: list[Any] = []
    grid.menu_wanted.connect(lambda number, place: wanted.append((number, place)))
    QTest.mouseClick(grid, Qt.MouseButton.RightButton, pos=QPoint(300, 200))
    assert [number for number, _ in wanted] == [0]
    before = case.tiles[0].framing
    drag(grid, Qt.MouseButton.RightButton, (300, 200), (0, -80))
    assert len(wanted) == 1
    assert case.tiles[0].framing != before


def test_a_series_from_the_strip_is_dropped_on_the_tile_under_it(grid: TileGrid, opened: Opened) -> None:
    case = opened(CODED, "images", 1)
    grid.show_case(case)
    painted(grid)
    dropped: list[Any] = []
    grid.dropped.connect(lambda number, key: dropped.append((number, key)))
    data = QMimeData()
    data.setData(SERIES_FORMAT, QByteArray(b"a key"))
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    grid.dropEvent(QDropEvent(QPointF(580, 200), copy, data, left, none))
    assert dropped == [(len(case.tiles) - 1, "a key")]


def test_under_the_magnifier_lies_what_lies_under_the_pointer(opened: Opened) -> None:
    case = opened(TRUNK, "images", 1)
    view = case.view(0)
    screen = screen_plane(view.plane, view.tile.framing, 600, 400)
    larger = magnified(view, screen, (421.0, 130.0), 3.0)
    lens = screen_plane(larger.plane, larger.tile.framing, 201, 201)
    assert lens.px_per_mm == pytest.approx(3 * screen.px_per_mm)
    under, middle = np.array(screen.point(420.5, 129.5)), np.array(lens.point(100, 100))
    assert np.linalg.norm(under - middle) <= 0.75 / lens.px_per_mm, "within a pixel of the lens"


def test_the_magnifier_is_painted_over_its_tile_and_goes_with_the_case(grid: TileGrid, opened: Opened) -> None:
    grid.show_case(opened(TRUNK, "images", 1))
    painted(grid)
    tile = grid.tiles[0]
    grid.magnifier.move(tile, (300.0, 200.0))
    plain = grid.grab().toImage()
    grid.magnifier.switch(True)
    while jobs.drain(0.05) or grid.magnifier.rect.isEmpty():
        pass
    assert grid.grab().toImage() != plain
    grid.show_case(None)
    grid.magnifier.move(None, (0.0, 0.0))
    image = grid.grab().toImage()
    assert image.pixelColor(300, 200) == Qt.GlobalColor.black


def test_a_slow_wheel_never_jumps_and_a_fast_one_only_so_far() -> None:
    slow, fast = Acceleration(), Acceleration()
    assert [slow.steps(second * 0.1) for second in range(5)] == [1] * 5
    steps = [fast.steps(second * 0.004) for second in range(5)]
    assert steps[0] == 1
    assert steps[-1] == FASTEST_STEPS


def test_a_tile_dragged_with_alt_is_swapped_with_the_one_it_is_let_go_over(grid: TileGrid, opened: Opened) -> None:
    case = opened(CODED, "images", 1)
    grid.show_case(case)
    painted(grid)
    grid.swapped.connect(lambda one, other: swap(case, one, other))
    before = [tile.display_set for tile in case.tiles]
    for kind, x in (
        (QEvent.Type.MouseButtonPress, 100),
        (QEvent.Type.MouseMove, 450),
        (QEvent.Type.MouseButtonRelease, 450),
    ):
        at = QPointF(x, 200)
        left, alt = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier
        QApplication.sendEvent(grid, QMouseEvent(kind, at, grid.mapToGlobal(at), left, left, alt))
    assert [tile.display_set for tile in case.tiles] == before[::-1]


def in_another_space(display_set: DisplaySet) -> DisplaySet:
    images = (
        replace(each, instance=replace(each.instance, FrameOfReferenceUID="1.2.3")) for each in display_set.images
    )
    return replace(display_set, images=tuple(images))


def test_a_double_click_shows_a_tile_alone_and_moves_nothing(grid: TileGrid, opened: Opened) -> None:
    case = opened(TRUNK, "images", 2)
    grid.show_case(case)
    painted(grid)
    before = [(each.image, case.view(number).crosshair_lps) for number, each in enumerate(case.tiles)]
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(100, 60))
    clicked = [(each.image, case.view(number).crosshair_lps) for number, each in enumerate(case.tiles)]
    assert clicked != before
    at = QPointF(100, 60)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    twice = QMouseEvent(QEvent.Type.MouseButtonDblClick, at, grid.mapToGlobal(at), left, left, none)
    QApplication.sendEvent(grid, twice)
    assert case.maximised == 0
    assert [(each.image, case.view(number).crosshair_lps) for number, each in enumerate(case.tiles)] == before


def test_a_click_takes_linked_tiles_of_another_space_along(grid: TileGrid, opened: Opened) -> None:
    case = opened(CODED, "images", 1)
    keys = [tile.display_set or "" for tile in case.tiles]
    case.sets = {**case.sets, keys[1]: in_another_space(case.sets[keys[1]])}
    case.tiles = [replace(each, orientation=Orientation.SAGITTAL, link=Link("a")) for each in case.tiles]
    grid.show_case(case)
    painted(grid)
    before = [case.view(number).crosshair_lps for number in range(2)]
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(140, 196))
    after = [case.view(number).crosshair_lps for number in range(2)]
    moved = [np.subtract(now, then) for now, then in zip(after, before, strict=True)]  # type: ignore[arg-type]
    assert np.abs(moved[0]).max() > 1.0
    assert moved[1] == pytest.approx(moved[0], abs=1e-6)
