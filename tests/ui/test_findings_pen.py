"""The pen on the tiles: what lies over a picture while a hand moves, what follows, and that a thousand marks cost
a drag nothing."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from tests.findings.made import finding
from tests.ui.test_tile_grid import painted, pixels
from workstation.case import view_tools
from workstation.case.drawing_drafts import keep
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind
from workstation.imaging.geometry import Vec3
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.trunk import ADA
from workstation.picture.page import page_picture
from workstation.ui.tile_grid import TileGrid

TRUNK = ADA.study_instance_uid
Opened = Callable[[str, str, int], Case]
Place = tuple[float, float]


@pytest.fixture
def grid(loader: Loader, qapp: QApplication) -> Iterator[TileGrid]:
    made = TileGrid(loader)
    made.resize(600, 400)
    made.show()
    yield made
    made.show_case(None)
    made.close()


def send(grid: TileGrid, kind: QEvent.Type, place: Place) -> None:
    left = Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else left
    at = QPointF(*place)
    event = QMouseEvent(kind, at, grid.mapToGlobal(at), left, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(grid, event)


def press(grid: TileGrid, place: Place) -> None:
    send(grid, QEvent.Type.MouseButtonPress, place)


def move(grid: TileGrid, place: Place) -> None:
    send(grid, QEvent.Type.MouseMove, place)


def let_go(grid: TileGrid, place: Place) -> None:
    send(grid, QEvent.Type.MouseButtonRelease, place)


def on_image(case: Case, count: int, images: int = 1) -> list[Finding]:
    """Lengths near the middle of the image on screen and of those after it."""
    display_set = case.view(0).display_set
    assert display_set is not None
    random, found = np.random.default_rng(2), []
    for number in range(count):
        grid = display_set.image_grid(case.view(0).image + number % images)
        ends: list[Vec3] = [
            grid.point((*(each * (np.array(grid.size[:2]) - 1)), 0.0)) for each in random.random((2, 2))
        ]
        made = finding(
            Kind.LENGTH,
            ends,
            tracking_uid=f"2.25.{number}",
            number=number + 1,
            frame_of_reference_uid=display_set.first.FrameOfReferenceUID,
        )
        found.append(made)
    return found


def dragged_s(grid: TileGrid, case: Case) -> list[float]:
    """How long the main thread takes for each step of a drag of a handle, painting included."""
    painted(grid)
    tile = grid.tiles[0]
    mark = next(each for each in tile.marks if each.uid == "2.25.0")
    x, y = mark.handles[0]
    press(grid, (x, y))
    took = []
    for step in range(1, 25):
        begun = time.perf_counter()
        move(grid, (x + 2 * step, y + step))
        grid.repaint()
        took.append(time.perf_counter() - begun)
        if step == 2:
            painted(grid)
    let_go(grid, (x + 48, y + 24))
    painted(grid)
    return took


def test_a_drag_among_a_thousand_marks_costs_what_it_costs_among_one(grid: TileGrid, opened: Opened) -> None:
    case = opened(TRUNK, "images", 1)
    grid.show_case(case)
    case.marks.take_up(on_image(case, 1))
    alone = np.median(dragged_s(grid, case))
    before = on_image(case, 1000)
    case.marks.take_up(before)
    among = dragged_s(grid, case)
    assert np.median(among) < 3 * alone + 0.004
    assert [a != b for a, b in zip(before, case.marks, strict=True)].count(True) == 1
    case.marks.undo()
    assert case.marks.findings == tuple(before)


def test_what_is_drawn_lies_over_the_picture_and_then_in_it(grid: TileGrid, opened: Opened) -> None:
    """The same pixels before the picture with the mark has come, and after."""
    case = opened(TRUNK, "images", 1)
    grid.show_case(case)
    painted(grid)
    without = grid.grab().toImage()
    case.marks.take("length")
    press(grid, (200, 150))
    move(grid, (260, 190))
    painted(grid)
    held = grid.grab().toImage()
    assert held != without
    assert len(case.marks) == 0
    let_go(grid, (260, 190))
    over = grid.grab().toImage()
    assert over != without
    painted(grid)
    (mark,) = grid.tiles[0].marks
    assert mark.uid == case.marks.findings[0].tracking_uid
    assert grid.grab().toImage() != without
    assert case.marks.tool == ""
    case.marks.undo()
    painted(grid)
    assert grid.grab().toImage() == without


def test_going_to_another_image_gives_up_what_is_half_drawn(grid: TileGrid, opened: Opened) -> None:
    case = opened(TRUNK, "images", 1)
    grid.show_case(case)
    painted(grid)
    case.marks.take("angle")
    press(grid, (200, 150))
    move(grid, (260, 190))
    let_go(grid, (260, 190))
    assert case.marks.in_hand is not None
    view_tools.scroll(case, 0, 1)
    painted(grid)
    press(grid, (230, 250))
    let_go(grid, (230, 250))
    held = case.marks.in_hand
    assert len(case.marks) == 0
    assert held is not None
    assert len({round(point[2], 3) for point in held.points}) == 1
    case.marks.leave()


def test_drafts_are_in_the_snapshot_as_they_are_in_the_window(
    grid: TileGrid, opened: Opened, cache: Home, loader: Loader
) -> None:
    case = opened(TRUNK, "images", 1)
    drafts = on_image(case, 5)
    own = [replace(each, study_instance_uid=TRUNK) for each in drafts]
    keep(cache, TRUNK, own)
    try:
        again = open_study(cache, TRUNK, "images")
        assert again.marks.findings == tuple(own)
        grid.show_case(again)
        painted(grid)
        page, facts = page_picture(again, loader, (600, 400))
        assert (pixels(grid.grab().toImage()) == pixels(page)).all()
        assert {each["uid"] for each in facts[0]["findings"]} == {each.tracking_uid for each in own}
    finally:
        keep(cache, TRUNK, [])


def test_a_label_is_carried_on_once_the_pictures_show_it_no_more(grid: TileGrid, opened: Opened) -> None:
    case = opened(TRUNK, "images", 1)
    grid.show_case(case)
    case.marks.take_up(on_image(case, 1))
    painted(grid)
    (mark,) = grid.tiles[0].marks
    assert mark.label is not None
    x, y, wide, high = mark.label
    start = (x + wide / 2, y + high / 2)
    press(grid, start)
    for step in range(1, 4):
        move(grid, (start[0] - 12 * step, start[1] - 9 * step))
        painted(grid)
        assert grid.tiles[0].marks == ()
    let_go(grid, (start[0] - 36, start[1] - 27))
    painted(grid)
    (moved,) = grid.tiles[0].marks
    assert moved.label is not None
    assert moved.label[:2] == pytest.approx((x - 36, y - 27), abs=1)
    assert moved.strokes == mark.strokes
