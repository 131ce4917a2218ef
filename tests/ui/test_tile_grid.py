"""The grid paints what the composer makes for a snapshot, and each tile only what it was last asked for."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from workstation import jobs
from workstation.case import view_tools
from workstation.case.commands import COMMANDS
from workstation.case.layout import put_set
from workstation.case.state import Case
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.coded import STUDY as CODED
from workstation.phantom.trunk import ADA
from workstation.picture.page import page_picture
from workstation.ui import screen_tile
from workstation.ui.tile_grid import TileGrid

Opened = Callable[[str, str, int], Case]


def painted(grid: TileGrid) -> TileGrid:
    """The grid once every picture it asked for is on it."""
    while any(tile.busy for tile in grid.tiles):
        assert jobs.drain(timeout_s=30)
    return grid


def pixels(image: QImage) -> NDArray[np.uint32]:
    """(height, width) of 0xffRRGGBB."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(plain.constBits(), np.uint32).reshape(plain.height(), plain.width()).copy()


@pytest.mark.parametrize(
    ("study", "protocol", "stage", "tiles"),
    [(ADA, "images", 1, 1), (CODED, "images", 1, 2), (ADA, "images", 2, 4), (ADA, "planes", 2, 3)],
    ids=["1x1", "1x2", "2x2", "1x3"],
)
@pytest.mark.parametrize("size", [(901, 607), (640, 480)], ids=str)
def test_the_grid_is_the_snapshot(
    size: tuple[int, int], study: object, protocol: str, stage: int, tiles: int, opened: Opened, loader: Loader
) -> None:
    case = opened(study.study_instance_uid, protocol, stage)  # type: ignore[attr-defined]
    grid = TileGrid(loader)
    grid.resize(*size)
    grid.show_case(case)
    grabbed = pixels(painted(grid).grab().toImage())
    drawn, facts = page_picture(case, loader, size)
    assert len(facts) == tiles
    assert grabbed.std() > 0
    assert np.array_equal(grabbed, pixels(drawn))
    grid.show_case(None)


@pytest.mark.parametrize("ratio", [1.25, 1.5, 2.0])
def test_the_grid_is_the_snapshot_at_a_pixel_ratio(ratio: float, cache: Home) -> None:
    environment = {**os.environ, "QT_SCALE_FACTOR": str(ratio), "QT_QPA_PLATFORM": "offscreen"}
    environment["HOUNSFIELD_HOME"] = str(cache.root)
    checkout = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join([checkout, os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "tests.ui.grab_at_ratio", ADA.study_instance_uid]
    done = subprocess.run(command, env=environment, cwd=checkout, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    assert done.stdout.split() == [f"{ratio:g}", "0"], "ratio, and how many pixels differ"


def test_each_step_is_painted_and_a_drag_jumps(opened: Opened, loader: Loader) -> None:
    case = opened(ADA.study_instance_uid, "images", 1)
    works: list[Callable[[], None]] = []
    grid = TileGrid(loader, submit=lambda work, *asked, lane: works.append(partial(work, *asked)))
    grid.resize(300, 200)
    grid.show_case(case)
    seen: list[int] = []
    grid.painted.connect(lambda: seen.append(grid.tiles[0].picture.facts["image"]))  # type: ignore[union-attr]

    def answer() -> None:
        while works:
            works.pop(0)()
            jobs.drain()

    answer()
    start = seen[-1]
    for _ in range(5):
        with grid.stepping(0):
            COMMANDS["next-image"].run(case)
    answer()
    assert seen[1:] == [start + n for n in range(1, 6)]
    for _ in range(5):
        view_tools.scroll(case, 0, 1)
    answer()
    assert seen[6:] == [start + 6, start + 10], "the first at once, then the last"
    grid.show_case(None)


def test_pictures_that_were_done_in_another_order_come_one_after_the_other(opened: Opened, loader: Loader) -> None:
    """Each by itself: between two of them the hand may want something else."""
    case = opened(ADA.study_instance_uid, "images", 1)
    works: list[Callable[[], None]] = []
    grid = TileGrid(loader, submit=lambda work, *asked, lane: works.append(partial(work, *asked)))
    grid.resize(300, 200)
    grid.show_case(case)
    works.pop(0)()
    jobs.drain()
    seen: list[int] = []
    grid.painted.connect(lambda: seen.append(grid.tiles[0].picture.facts["image"]))  # type: ignore[union-attr]
    for _ in range(2):
        with grid.stepping(0):
            COMMANDS["next-image"].run(case)
    posted: list[Callable[[], None]] = []
    jobs.set_poster(posted.append)
    try:
        for work in reversed(works):
            work()
        came = []
        while posted:
            posted.pop(0)()
            came.append(len(seen))
    finally:
        jobs.set_poster(None)
    assert came == [0, 1, 2]
    assert seen[1] == seen[0] + 1
    grid.show_case(None)


def test_a_stage_of_other_tiles_shows_nothing_old(
    opened: Opened, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_tile, "SAID_AFTER_S", 0.0)
    case = opened(ADA.study_instance_uid, "images", 1)
    grid = TileGrid(loader)
    grid.resize(300, 200)
    grid.show_case(case)
    painted(grid)
    case.hang_stage(1)
    assert [tile.picture for tile in grid.tiles] == [None] * 4
    old = pixels(grid.grab().toImage())
    fresh = TileGrid(loader, submit=lambda work, *asked, lane: None)
    fresh.resize(300, 200)
    fresh.show_case(case)
    assert np.array_equal(old, pixels(fresh.grab().toImage()))
    fresh.show_case(None)
    painted(grid)
    grid.show_case(None)
    assert pixels(grid.grab().toImage()).max() == 0xFF000000


def lines_on(grid: TileGrid) -> list[tuple[bool, list[list[float]]]]:
    """Of each tile whether the other planes are drawn in it, and its reference lines, as on the screen now."""
    facts = [tile.picture.facts for tile in grid.tiles if tile.picture]
    return [(each["crosshair_lines"], each["reference_lines"]) for each in facts]


def test_lines_of_a_series_that_was_replaced_stay_in_no_tile(opened: Opened, loader: Loader) -> None:
    case = opened(ADA.study_instance_uid, "planes", 1)
    case.crosshair_lines = False
    case.activate(1)
    grid = TileGrid(loader)
    grid.resize(600, 200)
    grid.show_case(case)
    assert [len(lines) for _, lines in lines_on(painted(grid))] == [1, 0, 1]
    key = case.tiles[1].display_set or ""
    put_set(case, 1, key)  # now axial as the first tile is
    assert [len(lines) for _, lines in lines_on(painted(grid))] == [0, 0, 1]
    assert np.array_equal(pixels(grid.grab().toImage()), pixels(page_picture(case, loader, (600, 200))[0]))
    grid.show_case(None)


def test_a_plane_left_alone_loses_its_crosshair_lines(opened: Opened, loader: Loader) -> None:
    case = opened(ADA.study_instance_uid, "planes", 1)
    grid = TileGrid(loader)
    grid.resize(600, 200)
    grid.show_case(case)
    assert [crossed for crossed, _ in lines_on(painted(grid))] == [True] * 3
    for number in (1, 2):
        put_set(case, number, case.tiles[0].display_set or "")
        painted(grid)
    assert [crossed for crossed, _ in lines_on(grid)] == [False] * 3
    grid.show_case(None)


def strip_of(grid: TileGrid) -> NDArray[np.uint32]:
    """The upper left corner of the first tile, inside its frame: where it says whose image it is."""
    return pixels(grid.grab().toImage())[3:30, 3:60]


def lower_of(grid: TileGrid) -> NDArray[np.uint32]:
    """Of the first tile what is between its sentence and the words of the lower corners."""
    rect = grid.tiles[0].rect
    top, bottom = rect.y() + rect.height() // 2 + 30, rect.y() + rect.height() * 3 // 4
    return pixels(grid.grab().toImage())[top:bottom, rect.x() + 3 : rect.right() - 3]


def middle_of(grid: TileGrid) -> NDArray[np.uint32]:
    """Where the first tile says why it shows nothing."""
    rect = grid.tiles[0].rect
    half = rect.height() // 2
    return pixels(grid.grab().toImage())[rect.y() + half - 30 : rect.y() + half + 30, rect.x() + 3 : rect.right() - 3]


def test_a_picture_of_another_size_is_never_cut_off(
    opened: Opened, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Axial alone, then in one of three places: until its picture comes it says whose it is and that it is coming."""
    monkeypatch.setattr(screen_tile, "SAID_AFTER_S", 0.0)
    case = opened(ADA.study_instance_uid, "planes", 1)
    case.maximise(0)
    works: list[Callable[[], None]] = []
    grid = TileGrid(loader, submit=lambda work, *asked, lane: works.append(partial(work, *asked)))
    grid.resize(900, 400)
    grid.show_case(case)
    while works:
        works.pop(0)()
        jobs.drain()
    assert grid.tiles[0].picture is not None
    case.maximise(None)
    assert len(grid.tiles) == len(works) == 3, "a picture of the new size is asked for at once"
    assert strip_of(grid).max() > 0xFF000000
    assert middle_of(grid).max() > 0xFF000000
    assert lower_of(grid).max() == 0xFF000000, "nothing of the picture that was"
    while works:
        works.pop(0)()
        jobs.drain()
    assert lower_of(grid).max() > 0xFF000000
    assert np.array_equal(pixels(grid.grab().toImage()), pixels(page_picture(case, loader, (900, 400))[0]))
    grid.show_case(None)
