"""The render processes on phantoms with known outlines, and what a kill costs."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from workstation import jobs
from workstation.imaging.camera import Side, framed
from workstation.imaging.geometry import Grid
from workstation.imaging.scene import ClipPlane, CropBox, Cut, Scene
from workstation.imaging.transfer import Shading, TransferFunction
from workstation.render import volume_process
from workstation.render.volume_memory import SharedArray
from workstation.render.volume_process import GONE, Volumes
from workstation.render.volume_request import MEMORY, Frame, Request, Source
from workstation.render.volume_running import Running

LONGEST_S = 100.0
SIZE = (360, 280)
SOLID = TransferFunction(((450.0, 0.0), (550.0, 1.0)), ((0.0, 255, 255, 255), (1000.0, 255, 255, 255)), unit_mm=0.1)
AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
GRID = Grid((-40.0, -30.0, -60.0), AXES, (0.9, 0.7, 1.3), (90, 100, 80))


@pytest.fixture(scope="module")
def drawing() -> Iterator[Volumes]:
    made = ready()
    yield made
    made.close()


def ready() -> Volumes:
    """Both processes run: what a fixture starts lives as long as it does."""
    made, until = Volumes(), time.monotonic() + LONGEST_S
    made.warm()
    while None in made.processes.values():
        assert time.monotonic() < until
        time.sleep(0.01)
    return made


def centres(grid: Grid) -> NDArray[np.float64]:
    """Patient points of all voxels, (slices, rows, columns, 3)."""
    i, j, k = grid.size
    index = np.stack(np.meshgrid(np.arange(k), np.arange(j), np.arange(i), indexing="ij")[::-1], axis=-1)
    return np.asarray(index @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3])


def source(shared: SharedArray, grid: Grid) -> Source:
    rows = tuple(tuple(float(each) for each in row) for row in grid.lps_from_index)
    return Source(shared.handle, rows, (1.0, 0.0), arrived=1)


def drawn(volumes: Volumes, shared: SharedArray, grid: Grid, scene: Scene, moving: bool = False) -> Frame:
    """The picture of a scene: the fine one, or the first that comes while something moves."""
    place, asked, until = ("set", 0), source(shared, grid), time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        frame = volumes.want(place, asked, scene, SIZE, moving)
        if frame is not None and frame.request.scene == scene and (moving or not frame.coarse):
            return frame
        time.sleep(0.002)
    raise AssertionError("never drawn")


def lit(frame: Frame) -> NDArray[np.bool_]:
    return (frame.rgb32 & 0xFF) > 127


def sphere(grid: Grid, radius_mm: float) -> tuple[SharedArray, NDArray[np.float64]]:
    """A ball of 1000 whose edge goes over 2 mm, so that 500 lies on its surface; and its middle."""
    middle = np.asarray(grid.center_lps)
    away = np.linalg.norm(centres(grid) - middle, axis=-1)
    return SharedArray(np.clip(500 - (away - radius_mm) * 500, 0, 1000).astype(np.int16)), middle


@pytest.mark.parametrize("side", [Side.ANTERIOR, Side.LEFT, Side.FEET])
def test_the_outline_of_a_sphere_has_its_area(drawing: Volumes, side: Side) -> None:
    shared, _ = sphere(GRID, 25.0)
    camera = replace(framed(GRID, side), across_mm=70.0)
    pixels = lit(drawn(drawing, shared, GRID, Scene(camera, "", SOLID, shaded=False)))
    area = np.count_nonzero(pixels) * (70.0 / SIZE[1]) ** 2
    assert area == pytest.approx(np.pi * 25.0**2, rel=0.01)
    rows, columns = np.nonzero(pixels)
    assert (columns.mean(), rows.mean()) == pytest.approx(((SIZE[0] - 1) / 2, (SIZE[1] - 1) / 2), abs=0.6)


def test_values_at_the_first_colour_are_no_dark_specks(drawing: Volumes) -> None:
    """VTK's own table of colours is black there: every value of a wall is the first colour's, or just beside."""
    wall = SharedArray(np.random.default_rng(5).integers(498, 503, GRID.size[::-1]).astype(np.int16))
    colours = ((500.0, 255, 240, 230), (900.0, 255, 255, 240))
    transfer = TransferFunction(((300.0, 0.0), (400.0, 1.0)), colours, unit_mm=0.5)
    seen = drawn(drawing, wall, GRID, Scene(replace(framed(GRID), across_mm=40.0), "", transfer, shaded=False))
    assert (seen.rgb32 & 0xFF).min() > 225


def letter_f(grid: Grid) -> SharedArray:
    """An F in the coronal plane as one reads it from the front: its bars go to the patient's left."""
    points = centres(grid) - np.asarray(grid.center_lps)
    x, z = points[..., 0], points[..., 2]
    upright = (np.abs(x + 15) < 4) & (np.abs(z) < 30)
    top = (x > -19) & (x < 20) & (np.abs(z - 26) < 4)
    middle = (x > -19) & (x < 10) & (np.abs(z) < 4)
    return SharedArray(np.where(upright | top | middle, 1000, 0).astype(np.int16))


@pytest.mark.parametrize("flipped", [False, True])
def test_a_letter_is_not_mirrored_whichever_way_slices_are_counted(drawing: Volumes, flipped: bool) -> None:
    grid = (
        Grid((-40.0, -30.0, 42.7), (AXES[0], AXES[1], (0.0, 0.0, -1.0)), GRID.spacing, GRID.size) if flipped else GRID
    )
    camera = replace(framed(grid), across_mm=90.0)
    seen = lit(drawn(drawing, letter_f(grid), grid, Scene(camera, "", SOLID, shaded=False)))
    step = 90.0 / SIZE[1]
    x = (np.arange(SIZE[0]) - (SIZE[0] - 1) / 2)[None] * step
    z = -(np.arange(SIZE[1]) - (SIZE[1] - 1) / 2)[:, None] * step
    wanted = (np.abs(x + 15) < 4) & (np.abs(z) < 30)
    wanted |= (x > -19) & (x < 20) & (np.abs(z - 26) < 4)
    wanted |= (x > -19) & (x < 10) & (np.abs(z) < 4)
    both = np.count_nonzero(seen & wanted) / np.count_nonzero(seen | wanted)
    assert both > 0.9
    assert np.count_nonzero(seen[:, ::-1] & wanted) / np.count_nonzero(seen[:, ::-1] | wanted) < 0.6
    behind = lit(drawn(drawing, letter_f(grid), grid, Scene(camera.seen_from(Side.POSTERIOR), "", SOLID, shaded=False)))
    assert np.count_nonzero(behind ^ seen[:, ::-1]) < 0.06 * np.count_nonzero(seen)


def test_where_a_point_is_seen_is_where_the_camera_says(drawing: Volumes) -> None:
    """A small ball far from the middle, through turned cameras with and without perspective."""
    where = np.asarray(GRID.center_lps) + np.array((20.0, -18.0, 25.0))
    away = np.linalg.norm(centres(GRID) - where, axis=-1)
    shared = SharedArray(np.clip(500 - (away - 5.0) * 500, 0, 1000).astype(np.int16))
    for angle in (0.0, 30.0):
        camera = replace(framed(GRID), perspective_deg=angle).turned(25.0, 35.0).rolled(10.0)
        pixels = lit(drawn(drawing, shared, GRID, Scene(camera, "", SOLID, shaded=False)))
        rows, columns = np.nonzero(pixels)
        x, y, _ = camera.pixel((where[0], where[1], where[2]), *SIZE)
        assert (columns.mean(), rows.mean()) == pytest.approx((x, y), abs=1.0)


def test_what_is_cut_away_is_not_seen(drawing: Volumes) -> None:
    shared, middle = sphere(GRID, 25.0)
    camera = replace(framed(GRID), across_mm=70.0)
    whole = Scene(camera, "", SOLID, shaded=False)
    clipped = replace(whole, plane=ClipPlane((middle[0], middle[1], middle[2]), (1.0, 0.0, 0.0)))
    half = lit(drawn(drawing, shared, GRID, clipped))
    assert not half[:, : SIZE[0] // 2 - 2].any()
    assert np.count_nonzero(half) * (70.0 / SIZE[1]) ** 2 == pytest.approx(np.pi * 25.0**2 / 2, rel=0.02)
    i, j, k = GRID.size
    head = replace(whole, crop=CropBox((-0.5, -0.5, (k - 1) / 2), (i - 0.5, j - 0.5, k - 0.5)))
    upper = lit(drawn(drawing, shared, GRID, head))
    assert not upper[SIZE[1] // 2 + 2 :].any()
    assert np.count_nonzero(upper) * (70.0 / SIZE[1]) ** 2 == pytest.approx(np.pi * 25.0**2 / 2, rel=0.02)


def test_voxels_under_a_mask_are_gone_and_come_back(drawing: Volumes) -> None:
    shared, middle = sphere(GRID, 25.0)
    camera = replace(framed(GRID), across_mm=70.0)
    whole = Scene(camera, "", SOLID, shaded=False)
    left = SharedArray((centres(GRID)[..., 0] > middle[0]).astype(np.uint8))
    before = np.count_nonzero(lit(drawn(drawing, shared, GRID, whole)))
    kept = lit(drawn(drawing, shared, GRID, replace(whole, cuts=(Cut("left half", 1, left.handle),))))
    assert np.count_nonzero(kept) == pytest.approx(before / 2, rel=0.03)
    assert not kept[:, SIZE[0] // 2 + 4 :].any()
    assert np.count_nonzero(lit(drawn(drawing, shared, GRID, whole))) == before


def test_a_process_that_is_killed_is_started_again_and_says_so() -> None:
    shared, _ = sphere(GRID, 20.0)
    scene, volumes = Scene(framed(GRID), "", SOLID, shaded=False), ready()
    try:
        for degrees, name in enumerate(("fine", "quick"), start=1):
            moving = name == "quick"
            assert not drawn(volumes, shared, GRID, scene, moving).restarted
            pid = volumes.processes[name]
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            scene = replace(scene, camera=scene.camera.turned(degrees, 0.0))
            assert drawn(volumes, shared, GRID, scene, moving).restarted
            assert volumes.processes[name] not in (None, pid)
            scene = replace(scene, camera=scene.camera.turned(degrees, 0.0))
            assert not drawn(volumes, shared, GRID, scene, moving).restarted
    finally:
        volumes.close()


def test_a_kill_at_any_moment_costs_a_moment_and_nothing_else() -> None:
    """While a new volume is read, cut, lit, drawn or handed over: the same picture comes, and the other goes on."""
    _, middle = sphere(GRID, 25.0)
    left = SharedArray((centres(GRID)[..., 0] > middle[0]).astype(np.uint8))
    transfer = replace(SOLID, shading=Shading())
    scene = Scene(replace(framed(GRID), across_mm=70.0), "", transfer, cuts=(Cut("left half", 1, left.handle),))
    volumes, pictures = ready(), []
    try:
        quick = volumes.processes["quick"]
        for after_ms in (None, 0, 5, 20, 60):
            shared, _ = sphere(GRID, 25.0)
            volumes.want(("set", 0), source(shared, GRID), scene, SIZE, moving=False)
            fine = volumes.processes["fine"]
            if after_ms is not None and fine is not None:
                until = time.monotonic() + after_ms / 1000
                while time.monotonic() < until:
                    time.sleep(0.001)
                os.kill(fine, signal.SIGKILL)
            pictures.append(drawn(volumes, shared, GRID, scene).rgb32)
            turned = replace(scene, camera=scene.camera.turned(3.0, 0.0))
            drawn(volumes, shared, GRID, turned)
            assert volumes.processes["quick"] == quick
            assert after_ms is None or volumes.processes["fine"] not in (None, fine)
    finally:
        volumes.close()
    assert np.count_nonzero(pictures[0] & 0xFF) > 1000
    assert all(np.array_equal(each, pictures[0]) for each in pictures)


def end(volumes: Volumes, name: str) -> None:
    """Kill a process and wait until that is known."""
    pid = volumes.processes[name]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + LONGEST_S
    while volumes.processes[name] == pid:
        assert time.monotonic() < until
        time.sleep(0.001)


def test_ends_at_rest_are_held_against_no_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often: the exact picture comes, whole. Nor are those that a whole picture followed."""
    shared, _ = sphere(GRID, 20.0)
    scene, volumes = Scene(framed(GRID), "", SOLID, shaded=False), ready()
    monkeypatch.setattr(volume_process, "TRIES", 1)
    sent = Running.ask
    try:
        for number in range(4):
            if number < 2:
                end(volumes, "fine")
            else:
                monkeypatch.setattr(Running, "ask", ending(sent, 1))
            scene = replace(scene, camera=scene.camera.turned(5.0, 0.0))
            volumes.want(("set", 0), source(shared, GRID), scene, SIZE, moving=False)
            assert volumes.wait(LONGEST_S) and not volumes.problem(("set", 0))
            frame = volumes.want(("set", 0), source(shared, GRID), scene, SIZE, moving=False)
            assert frame is not None and (frame.coarse, frame.half, frame.restarted) == (False, False, True)
    finally:
        volumes.close()


def ending(sent: Callable[[Any, Request], None], times: int) -> Callable[[Any, Request], None]:
    """`Running.ask` that ends the fine process in the moment that it is asked, so many times."""
    left = iter(range(times))

    def ask(child: Any, request: Request) -> None:
        if not request.coarse and next(left, None) is not None:
            child.kill()
            child._process.join()
        sent(child, request)

    return ask


def test_what_ends_its_process_is_drawn_smaller_and_then_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a volume does that memory is too small for: halved with word of it, then a sentence, and others are drawn.

    After a while it is tried again.
    """
    shared, _ = sphere(GRID, 25.0)
    scene, volumes = Scene(replace(framed(GRID), across_mm=70.0), "", SOLID, shaded=False), ready()
    place, sent = ("set", 0), Running.ask
    try:
        assert not drawn(volumes, shared, GRID, scene).half
        for ends, refused in ((2, False), (1, False), (1, True)):
            monkeypatch.setattr(Running, "ask", ending(sent, ends))
            scene = replace(scene, camera=scene.camera.turned(9.0, 0.0))
            volumes.want(place, source(shared, GRID), scene, SIZE, moving=False)
            assert volumes.wait(LONGEST_S)
            assert volumes.problem(place).endswith("again and again.") is refused
            frame = volumes.want(place, source(shared, GRID), scene, SIZE, moving=False)
            if not refused:
                assert frame is not None and not frame.coarse and (frame.half, frame.why_half) == (True, MEMORY)
                area = np.count_nonzero(lit(frame)) * (70.0 / SIZE[1]) ** 2
                assert area == pytest.approx(np.pi * 25.0**2, rel=0.04)
        other, _ = sphere(GRID, 20.0)
        assert not drawn(volumes, other, GRID, scene).half
        monkeypatch.setattr(volume_process, "FORGIVEN_S", 0.0)
        assert not drawn(volumes, shared, GRID, scene).half
    finally:
        volumes.close()


def test_a_refusal_stays_said_when_a_coarse_picture_comes_after_it_and_goes_with_what_is_wanted_next() -> None:
    """The tile would say for ever that the exact picture is coming."""
    volumes, (shared, _), place = idle(), sphere(GRID, 20.0), ("set", 0)
    scene, asked = Scene(framed(GRID), "", SOLID), source(shared, GRID)
    there = replace(scene, camera=scene.camera.turned(9.0, 0.0))
    volumes.want(place, asked, scene, SIZE, moving=False)
    request, pixels = Request(1, place, asked, scene, SIZE), np.zeros(SIZE[::-1], np.uint32)
    volumes.refuse(replace(request, coarse=True), "Not by the quick one.")
    assert not volumes.problem(place), "the fine one may still come"
    volumes.refuse(request, "Not at all.")
    volumes.take(Frame(replace(request, coarse=True), pixels, "", 1.0, coarse=True, half=False))
    assert volumes.problem(place) == "Not at all."
    volumes.want(place, asked, there, SIZE, moving=False)
    assert not volumes.problem(place)
    volumes.refuse(request, "Of what nobody wants any more.")
    assert not volumes.problem(place)


def test_pictures_of_one_volume_are_never_answered_with_another(drawing: Volumes) -> None:
    one, _ = sphere(GRID, 20.0)
    other, _ = sphere(GRID, 10.0)
    scene = Scene(framed(GRID), "", SOLID, shaded=False)
    drawn(drawing, one, GRID, scene)
    assert drawing.want(("set", 0), source(other, GRID), scene, SIZE, moving=False) is None
    area = np.count_nonzero(lit(drawn(drawing, other, GRID, scene))) * (scene.camera.across_mm / SIZE[1]) ** 2
    assert area == pytest.approx(np.pi * 100, rel=0.05)


def test_a_process_that_has_ended_may_be_asked_for_and_ended_again() -> None:
    """As the main thread does at any moment, while the thread that talks to it finds its end."""
    child = Running(True)
    assert child.pid is not None
    child.end()
    child.kill()
    assert child.pid is None


def idle() -> Volumes:
    """Nobody draws: pictures come from the test alone."""
    made = Volumes()
    made.close()
    return made


def test_a_late_picture_of_where_the_hand_was_meanwhile_does_not_stay() -> None:
    """There and back while the quick process draws: the fine picture is there, and nothing more would be asked for."""
    volumes, (shared, _), place = idle(), sphere(GRID, 20.0), ("set", 0)
    here, asked = Scene(framed(GRID), "", SOLID), source(shared, GRID)
    there = replace(here, camera=here.camera.turned(9.0, 0.0))
    pixels = np.zeros(SIZE[::-1], np.uint32)
    volumes.want(place, asked, here, SIZE, moving=False)
    fine = Frame(Request(1, place, asked, here, SIZE), pixels, "", 1.0, coarse=False, half=False)
    volumes.take(fine)
    assert volumes.want(place, asked, there, SIZE, moving=True) is fine
    assert volumes.want(place, asked, here, SIZE, moving=False) is fine
    late = Frame(Request(2, place, asked, there, SIZE, coarse=True), pixels, "", 1.0, coarse=True, half=False)
    volumes.take(late)
    assert volumes.want(place, asked, here, SIZE, moving=False) is fine and volumes.wait(0.0)
    volumes.want(place, asked, there, SIZE, moving=True)
    volumes.take(late)
    assert volumes.want(place, asked, there, SIZE, moving=True) is late


def test_who_shows_another_volume_in_a_place_that_is_forgotten_is_told() -> None:
    """A picture of a study that is being closed may be asked for after one of the next: that one asks again."""
    volumes, told, place = idle(), [], ("set", 0)
    volumes.came.connect(lambda key, tile: told.append((key, tile)))
    shared, _ = sphere(GRID, 20.0)
    volumes.want(place, source(shared, GRID), Scene(framed(GRID), "", SOLID), SIZE, moving=False)
    jobs.drain()
    assert not told
    volumes.forget(shared.handle.inode)
    jobs.drain()
    assert told == [place] and not volumes.knows(place)


def test_voxels_that_are_gone_are_said_and_not_waited_for(drawing: Volumes) -> None:
    shared, _ = sphere(GRID, 20.0)
    gone = SharedArray(np.zeros(GRID.size[::-1], np.uint8)).handle
    scene = Scene(framed(GRID), "", SOLID, cuts=(Cut("all", 1, gone),))
    drawing.want(("gone", 0), source(shared, GRID), scene, SIZE, moving=False)
    assert drawing.wait(LONGEST_S) and drawing.problem(("gone", 0)) == GONE
    drawing.leave(("gone", 0))
