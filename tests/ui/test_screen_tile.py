"""A tile makes no picture that would be thrown away, and while a series comes only those that show more."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from workstation import jobs
from workstation.case.commands import COMMANDS
from workstation.case.planes import turn
from workstation.case.state import Case
from workstation.imaging.layers import Layer
from workstation.imaging.view import Display
from workstation.loading.load import Loader
from workstation.phantom.coded import STUDY
from workstation.picture import compose as composer
from workstation.picture.page import loaded_for
from workstation.ui import screen_tile
from workstation.ui.tile_grid import TileGrid

Works = list[Callable[[], None]]


@pytest.fixture
def works() -> Works:
    """What tiles asked for and nobody has done yet."""
    return []


@pytest.fixture
def grid(loader: Loader, works: Works, qapp: Any) -> Iterator[TileGrid]:
    made = TileGrid(loader, submit=lambda work, *asked, lane: works.append(partial(work, *asked)))
    made.resize(301, 223)
    yield made
    made.show_case(None)


def do(works: Works) -> None:
    while works:
        works.pop(0)()
        jobs.drain()


@pytest.fixture
def planes(opened: Callable[[str, str, int], Case]) -> Case:
    """Axial, sagittal, coronal and the stack of twelve numbered images, all in memory."""
    return opened(STUDY.study_instance_uid, "images", 2)


def filled(case: Case, number: int, loader: Loader) -> Any:
    voxels, _ = loaded_for(case.view(number), case, loader)
    assert voxels is not None
    return voxels.filled


def test_a_picture_for_a_tile_of_another_size_is_not_made(
    grid: TileGrid, works: Works, planes: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[tuple[int, int]] = []
    made = screen_tile.compose

    def noted(view: Any, voxels: Any, problem: str, size: tuple[int, int], *others: Any, **more: Any) -> Any:
        sizes.append(size)
        return made(view, voxels, problem, size, *others, **more)

    monkeypatch.setattr(screen_tile, "compose", noted)
    grid.show_case(planes)
    grid.resize(401, 223)
    grid.show_case(planes)
    do(works)
    assert {width for width, _ in sizes} == {200, 201}
    assert len(sizes) == 4
    assert all(tile.picture is not None for tile in grid.tiles)


def test_the_first_picture_waits_for_its_image(
    grid: TileGrid, works: Works, planes: Case, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_tile, "FIRST_IMAGE_S", 30.0)
    there = filled(planes, 3, loader)
    there[:] = False
    planes.maximise(3)
    grid.show_case(planes)
    at_work = threading.Thread(target=works.pop())
    at_work.start()
    there[:] = True
    at_work.join(30)
    jobs.drain(1.0)
    (tile,) = grid.tiles
    assert tile.picture is not None
    assert tile.picture.pixels is not None
    assert tile.picture.pixels.sampled.missing is None
    assert tile.picture.facts["text"]["top_left"]


def test_an_image_that_does_not_come_soon_is_said_to_be_missing(
    grid: TileGrid, works: Works, planes: Case, loader: Loader
) -> None:
    there = filled(planes, 3, loader)
    there[:] = False
    planes.maximise(3)
    grid.show_case(planes)
    do(works)
    pixels = grid.tiles[0].picture.pixels  # type: ignore[union-attr]
    assert pixels is not None
    assert pixels.sampled.missing is not None
    assert pixels.sampled.missing.all()


def test_a_tile_that_lacks_nothing_is_seldom_painted_while_its_series_comes(
    grid: TileGrid, works: Works, planes: Case, loader: Loader
) -> None:
    """The axial plane is there, the sagittal one lacks images above; both are asked for when all has come."""
    there = filled(planes, 0, loader)
    there[9:] = False
    grid.show_case(planes)
    do(works)
    axial, sagittal = grid.tiles[:2]
    before = axial.painted, sagittal.painted
    for count in (10, 11):
        there[:count] = True
        grid.arrived(planes.tiles[0].display_set or "")
        do(works)
    assert axial.painted - before[0] <= 1
    assert sagittal.painted - before[1] == 2
    counted = axial.painted
    there[:] = True
    grid.arrived(planes.tiles[0].display_set or "")
    do(works)
    assert axial.painted == counted + 1
    assert not axial.picture.facts["notices"]  # type: ignore[union-attr]


def test_what_is_there_is_not_sampled_again_while_its_series_comes(planes: Case, loader: Loader) -> None:
    axial, sagittal = (planes.view(number) for number in (0, 1))
    voxels, _ = loaded_for(axial, planes, loader)
    assert voxels is not None
    voxels.filled[9:] = False
    first = [composer.compose(view, voxels, "", (151, 93), 1.0) for view in (axial, sagittal)]
    voxels.filled[:] = True
    then = [
        composer.compose(view, voxels, "", (151, 93), 1.0, before=before)
        for view, before in zip((axial, sagittal), first, strict=True)
    ]
    kept = [one.pixels.sampled is two.pixels.sampled for one, two in zip(first, then, strict=True)]  # type: ignore[union-attr]
    assert kept == [True, False]
    for view, picture in zip((axial, sagittal), then, strict=True):
        alone = composer.compose(view, voxels, "", (151, 93), 1.0)
        assert np.array_equal(alone.pixels.rgb32, picture.pixels.rgb32)  # type: ignore[union-attr]
        assert alone.image == picture.image


def test_steps_made_abreast_are_painted_in_their_order(grid: TileGrid, works: Works, planes: Case) -> None:
    """Five notches; of two pictures under way the second is ready first, each time."""
    planes.maximise(3)
    grid.show_case(planes)
    do(works)
    seen: list[int] = []
    grid.painted.connect(lambda: seen.append(grid.tiles[0].picture.facts["image"]))  # type: ignore[union-attr]
    start = grid.tiles[0].picture.facts["image"]  # type: ignore[union-attr]
    for _ in range(5):
        with grid.stepping(3):
            COMMANDS["next-image"].run(planes)
    assert len(works) == screen_tile.ABREAST
    while works:
        works.pop()()
        jobs.drain()
    assert seen == [start + n for n in range(1, 6)]
    assert not grid.tiles[0].busy


def test_what_is_no_step_is_made_one_after_another(grid: TileGrid, works: Works, planes: Case) -> None:
    planes.maximise(3)
    grid.show_case(planes)
    do(works)
    with grid.stepping(3):
        COMMANDS["next-image"].run(planes)
    COMMANDS["next-image"].run(planes)
    COMMANDS["next-image"].run(planes)
    assert len(works) == 1
    do(works)
    assert not grid.tiles[0].busy


def test_the_plane_in_hand_has_a_thread_of_its_own_and_those_that_turn_with_it_are_made_one_by_one(
    loader: Loader, planes: Case, qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[jobs.Lane, Callable[[], None]]] = []
    grid = TileGrid(loader, submit=lambda work, *given, lane: asked.append((lane, partial(work, *given))))
    grid.resize(301, 223)
    grid.show_case(planes)
    while asked:
        asked.pop(0)[1]()
        jobs.drain()
    axial, *others, _ = grid.tiles
    grid.hand.press(axial, (3, 3), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    turn(planes, axial.number, 5.0)
    ends = time.monotonic() + 30
    while len(asked) < 3 and time.monotonic() < ends:  # the one in hand begins a moment after its last picture
        qapp.processEvents()
    lanes = {work.args[0].request.view.number: lane for lane, work in asked}  # type: ignore[attr-defined]
    assert lanes == {
        axial.number: jobs.Lane.HAND,
        **dict.fromkeys((each.number for each in others), jobs.Lane.SCREEN),
    }
    together, made = threading.Barrier(2), screen_tile.compose

    def met(*given: Any, **more: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            together.wait(0.5)
        return made(*given, **more)

    monkeypatch.setattr(screen_tile, "compose", met)
    threads = [threading.Thread(target=work) for lane, work in asked if lane is jobs.Lane.SCREEN]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    grid.show_case(None)
    assert together.broken


def test_a_tile_without_a_picture_says_whose_it_is_and_what_it_waits_for(
    grid: TileGrid, works: Works, planes: Case, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_tile, "SAID_AFTER_S", 3600.0)
    there = filled(planes, 3, loader)
    there[:] = False
    planes.maximise(3)
    grid.show_case(planes)
    (tile,) = grid.tiles
    at_once = tile.standing()
    assert at_once is not None
    monkeypatch.setattr(screen_tile, "SAID_AFTER_S", 0.0)
    later = tile.standing()
    there[:] = True
    then = tile.standing()
    assert later is not None
    assert then is not None
    assert [each.message for each in (at_once, later, then)] == ["", "Waiting for images.", "This picture is coming."]
    do(works)
    patient = tuple(tile.picture.facts["text"]["top_left"])  # type: ignore[union-attr]
    assert patient
    assert [each.corners["top_left"] for each in (at_once, later, then)] == [patient] * 3


def test_a_picture_stays_only_where_its_tile_keeps_its_size(grid: TileGrid, works: Works, planes: Case) -> None:
    grid.show_case(planes)
    do(works)
    pictures = [tile.picture for tile in grid.tiles]
    grid.show_case(planes)
    assert [tile.picture for tile in grid.tiles] == pictures
    planes.maximise(0)
    assert [tile.picture for tile in grid.tiles] == [None]
    do(works)
    assert grid.tiles[0].picture is not None
    assert grid.tiles[0].picture.image.size() == grid.tiles[0].rect.size()


def few_over(case: Case) -> Layer:
    """The other series of the study, of six images, as a layer."""
    key = next(key for key, each in case.sets.items() if len(each.images) == 6)
    return Layer(key, Display(palette="HOT_IRON"))


def test_a_picture_with_a_layer_that_was_taken_off_meanwhile_is_dropped(
    grid: TileGrid, works: Works, planes: Case
) -> None:
    """Rule 1 of safety holds for layers too: what is late and of something else is never painted."""
    planes.maximise(0)
    plain = planes.tiles[0]
    planes.put(0, replace(plain, layers=(few_over(planes),)))
    grid.show_case(planes)
    (late,) = works
    works.clear()
    planes.put(0, plain)
    late()
    jobs.drain()
    (tile,) = grid.tiles
    assert tile.picture is None
    do(works)
    assert tile.picture is not None
    assert tile.picture.facts["layers"] == []


def test_a_layer_is_loaded_with_its_tile_and_painted_as_it_comes(
    grid: TileGrid, works: Works, planes: Case, loader: Loader
) -> None:
    layer = few_over(planes)
    loading = loader.get(layer.display_set)
    assert loading is not None
    loading.voxels.filled[:] = False
    planes.maximise(0)
    planes.put(0, replace(planes.tiles[0], layers=(layer,)))
    grid.show_case(planes)
    do(works)
    (tile,) = grid.tiles
    assert tile.picture is not None
    assert not tile.picture.facts["layers"][0]["drawn"]
    assert any("0 of 6" in each for each in tile.picture.facts["notices"])
    loading.voxels.filled[:] = True
    grid.arrived(layer.display_set)
    do(works)
    assert tile.picture.facts["layers"][0]["drawn"]
