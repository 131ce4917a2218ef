"""3D tiles as pictures: letters, cube and bar of what is drawn, chips, refusals, and nothing kept of what is closed."""

import gc
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication

from tests.case.stacks import beside, stack
from workstation import jobs
from workstation.case import cutting, volume
from workstation.case.state import Case
from workstation.case.tile import LayerView
from workstation.imaging.camera import Side
from workstation.imaging.greyscale import Rescale, Window
from workstation.imaging.layers import Layer
from workstation.imaging.view import Display
from workstation.imaging.volume import Voxels
from workstation.picture.compose import Picture, compose
from workstation.picture.fused import LoadedLayer
from workstation.picture.volume import COMING, PREPARING, REFINED
from workstation.render.volume_memory import SharedArray
from workstation.render.volume_process import Volumes, volumes
from workstation.render.volume_request import Frame, Request

SIZE = (420, 320)
LONGEST_S = 100.0


@pytest.fixture(scope="module")
def drawing() -> Iterator[Volumes]:
    """The program's own processes, which live as long as these tests."""
    made = volumes()
    made.warm()
    until = time.monotonic() + LONGEST_S
    while None in made.processes.values():
        assert time.monotonic() < until
        time.sleep(0.01)
    yield made
    made.close()


@pytest.fixture
def case(qapp: QGuiApplication, drawing: Volumes) -> Case:
    made = beside(stack("1", count=24, step_mm=1.5), stack("2", count=12, start_mm=3.0))
    volume.show_3d(made, 0)
    return made


def voxels_of(case: Case) -> tuple[Voxels, SharedArray]:
    """A block of bone in air: its middle third along each axis."""
    display_set = case.sets[case.tiles[0].display_set or ""]
    assert display_set.grid is not None
    stored = np.full(display_set.grid.size[::-1], -1000, np.int16)
    k, j, i = (each // 3 for each in stored.shape)
    stored[k : 2 * k, j : 2 * j, i : 2 * i] = 700
    shared = SharedArray(stored)
    filled = np.ones(len(stored), np.bool_)
    return Voxels(display_set, stored, filled, Rescale(), None, "HU", shared=shared.handle), shared


def settled(case: Case, voxels: Voxels | None) -> Picture:
    compose(case.view(0), voxels, "", SIZE, 1.0)
    assert volumes().wait(LONGEST_S)
    return compose(case.view(0), voxels, "", SIZE, 1.0)


def lit(picture: Picture) -> Any:
    pixels = np.frombuffer(picture.image.constBits(), np.uint8).reshape(SIZE[1], SIZE[0], 4)
    return pixels[:, :, 2].astype(int)


def test_the_first_picture_says_that_it_is_being_prepared_and_the_next_shows_bone(case: Case) -> None:
    voxels, _shared = voxels_of(case)
    assert compose(case.view(0), voxels, "", SIZE, 1.0).facts["message"]
    picture = settled(case, voxels)
    scene = picture.facts["scene"]
    assert picture.facts["message"] == "" and scene["settled"] and scene["preset"] == "bone"
    assert scene["frame"]["renderer"] and not scene["frame"]["coarse"]
    assert "3D  Bone" in picture.facts["text"]["bottom_left"]
    middle = lit(picture)[SIZE[1] // 2 - 8 : SIZE[1] // 2 + 8, SIZE[0] // 2 - 40 : SIZE[0] // 2 - 30]
    assert middle.min() > 90
    assert picture.facts["letters"] == {"left": "R", "right": "L", "top": "H", "bottom": "F"}
    assert picture.facts["scale_bar"]["length"] == "1 cm"
    px_per_mm = SIZE[1] / scene["across_mm"]
    assert picture.facts["scale_bar"]["px"] == pytest.approx(10 * px_per_mm, abs=0.01)


def test_letters_are_of_what_is_on_screen_and_not_of_what_is_asked_for(case: Case) -> None:
    voxels, _shared = voxels_of(case)
    settled(case, voxels)
    volume.see_from(case, 0, Side.FEET)
    first = compose(case.view(0), voxels, "", SIZE, 1.0)
    drawn_of_the_front = first.facts["scene"]["towards"] == [0.0, 1.0, 0.0]
    assert first.facts["letters"]["top"] == ("H" if drawn_of_the_front else "A")
    assert settled(case, voxels).facts["letters"] == {"left": "R", "right": "L", "top": "A", "bottom": "P"}


def test_a_tile_that_became_larger_shows_what_there_is_until_it_is_drawn_anew(case: Case) -> None:
    voxels, _shared = voxels_of(case)
    before = settled(case, voxels)
    larger = (2 * SIZE[0], 2 * SIZE[1])
    picture = compose(case.view(0), voxels, "", larger, 1.0)
    pixels = np.frombuffer(picture.image.constBits(), np.uint8).reshape(larger[1], larger[0], 4)[:, :, 2].astype(int)
    inner = (slice(SIZE[1] // 2 - 40, SIZE[1] // 2 + 40), slice(SIZE[0] // 2 - 90, SIZE[0] // 2 - 30))
    doubled = pixels[::2, ::2][inner]
    assert np.abs(doubled - lit(before)[inner]).mean() < 6
    assert not picture.facts["scene"]["settled"]
    assert volumes().wait(LONGEST_S)
    assert compose(case.view(0), voxels, "", larger, 1.0).facts["scene"]["settled"]


def test_a_layer_is_laid_over_the_volume_in_its_colours_and_taken_off(case: Case) -> None:
    voxels, shared = voxels_of(case)
    whole = settled(case, voxels)
    number = next(n for n, each in enumerate(case.tiles) if each.display_set != case.tiles[0].display_set)
    other = case.sets[case.tiles[number].display_set or ""]
    assert other.grid is not None
    stored = np.full(other.grid.size[::-1], -1000, np.int16)
    stored[2:-2, 8:-8, 8:-8] = 600
    block, ones = SharedArray(stored), np.ones(len(other.images), np.bool_)
    loaded = LoadedLayer(Voxels(other, stored, ones, Rescale(), None, "HU", shared=block.handle), other.grid)
    layer = Layer(other.key, Display(window=Window(300, 200)), opacity=1.0)
    bare = case.view(0)
    over = replace(bare, layers=(LayerView(layer, other, other.grid),))
    compose(over, voxels, "", SIZE, 1.0, layered=(loaded,))
    assert volumes().wait(LONGEST_S)
    shown = compose(over, voxels, "", SIZE, 1.0, layered=(loaded,))
    assert shown.facts["scene"]["over"] == [other.first.Modality] and shown.facts["scene"]["settled"]
    assert any("what lies before it does not hide it" in each for each in shown.facts["notices"])
    blue = [np.frombuffer(each.image.constBits(), np.uint8).reshape(-1, 4).astype(int) for each in (whole, shown)]
    before, after = (np.count_nonzero(each[:, 0] > each[:, 2] + 40) for each in blue)
    assert after > before + 1000, "a layer without a palette is blue"
    hidden = replace(bare, layers=(LayerView(replace(layer, hidden=True), other, other.grid),))
    compose(hidden, voxels, "", SIZE, 1.0, layered=(loaded,))
    assert volumes().wait(LONGEST_S)
    assert compose(hidden, voxels, "", SIZE, 1.0, layered=(loaded,)).facts["scene"]["over"] == []
    assert whole.facts["scene"]["over"] == []
    del shared, block


def test_perspective_has_no_scale_bar(case: Case) -> None:
    voxels, _shared = voxels_of(case)
    volume.change(case, 0, lambda scene: scene.with_perspective(True))
    picture = settled(case, voxels)
    assert picture.facts["scale_bar"] is None and "perspective" in picture.facts["text"]["bottom_left"][-1]


def test_what_moves_is_coarse_and_says_so(case: Case) -> None:
    voxels, _shared = voxels_of(case)
    settled(case, voxels)
    case.in_motion = frozenset((0,))
    volume.turn(case, 0, 40.0, 0.0)
    until = time.monotonic() + LONGEST_S
    while True:
        picture = compose(case.view(0), voxels, "", SIZE, 1.0)
        if picture.facts["scene"]["towards"][0] > 0.5:
            break
        assert time.monotonic() < until
        time.sleep(0.005)
    assert picture.facts["scene"]["frame"]["coarse"] and picture.facts["fidelity"] == "coarse while moving"
    assert any("while it moves" in each for each in picture.facts["notices"])


def test_at_rest_it_is_said_that_the_exact_picture_is_coming_or_why_not(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody draws here: what the processes answer is what the test puts down."""
    idle, asked = Volumes(), []
    idle.close()
    monkeypatch.setattr("workstation.picture.volume.volumes", lambda: idle)
    monkeypatch.setattr(idle, "want", lambda *wanted: asked.append(Request(1, *wanted)) or Volumes.want(idle, *wanted))
    voxels, _shared = voxels_of(case)
    assert compose(case.view(0), voxels, "", SIZE, 1.0).facts["message"] == PREPARING
    pixels = np.zeros(SIZE[::-1], np.uint32)
    idle.take(Frame(replace(asked[0], coarse=True), pixels, "", 1.0, coarse=True, half=True))
    coming = compose(case.view(0), voxels, "", SIZE, 1.0)
    assert COMING in coming.facts["notices"] and not coming.facts["scene"]["settled"]
    idle.refuse(asked[0], "It cannot be drawn.")
    refused = compose(case.view(0), voxels, "", SIZE, 1.0).facts["notices"]
    assert "It cannot be drawn." in refused and COMING not in refused
    idle.take(Frame(asked[0], pixels, "", 1.0, coarse=False, half=False))
    exact = compose(case.view(0), voxels, "", SIZE, 1.0)
    assert exact.facts["scene"]["settled"] and COMING not in exact.facts["notices"]
    volume.turn(case, 0, 30.0, 0.0)
    before = compose(case.view(0), voxels, "", SIZE, 1.0).facts
    assert before["scene"]["towards"] == exact.facts["scene"]["towards"] and not before["scene"]["settled"]
    assert COMING in before["notices"], "the picture before is not passed off as the one that is wanted"


def test_what_cannot_be_shown_says_why(case: Case) -> None:
    voxels, _shared = voxels_of(case)
    alone = replace(voxels, shared=None)
    assert "shared" in compose(case.view(0), alone, "", SIZE, 1.0).facts["message"]
    colour = replace(voxels, stored=np.zeros((*voxels.stored.shape, 3), np.uint8))
    assert "colours" in compose(case.view(0), colour, "", SIZE, 1.0).facts["message"]
    coming = replace(voxels, filled=np.zeros(len(voxels.filled), np.bool_))
    assert "Loading" in compose(case.view(0), coming, "", SIZE, 1.0).facts["message"]
    assert "patient" not in compose(case.view(0), None, "", SIZE, 1.0).facts["message"]


def test_the_box_and_the_plane_are_drawn_with_what_takes_hold_of_them(case: Case) -> None:
    voxels, _shared = voxels_of(case)
    cutting.toggle_box(case, 0)
    cutting.toggle_plane(case, 0)
    picture = settled(case, voxels)
    assert picture.facts["scene"]["clip_plane"] is not None
    volume.change(case, 0, lambda scene: replace(scene, box=False, plane=None))
    assert settled(case, voxels).digest != picture.digest


def _written_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))


def test_fifty_volumes_opened_and_closed_leave_no_memory_behind(qapp: QGuiApplication, drawing: Volumes) -> None:
    """Here and in both processes: what ten left is what fifty leave, though each takes half a MiB of voxels."""
    after: dict[int, tuple[list[int], int]] = {}
    pids = [pid for pid in drawing.processes.values() if pid is not None]
    for cycle in range(1, 51):
        made = beside(stack("1", count=100, step_mm=1.1, shape=(50, 60)), stack("2", count=4))
        volume.show_3d(made, 0)
        voxels, shared = voxels_of(made)
        assert settled(made, voxels).facts["scene"]["settled"]
        del made, voxels, shared
        if cycle in (10, 50):
            gc.collect()
            jobs.drain()
            after[cycle] = ([_written_kib(pid) for pid in pids], len(list(Path("/proc/self/fd").iterdir())))
        jobs.drain()
    assert not drawing.is_kept()
    for before, now in zip(after[10][0], after[50][0], strict=True):
        assert now - before < 8 << 10, "KiB of forty volumes of half a MiB, with what light takes beside them"
    assert after[50][1] <= after[10][1] + 1


def test_thick_slices_that_are_refined_for_light_say_so(case: Case) -> None:
    """Slices of 1.5 mm with pixels of 0.8 mm, lit; without light they are drawn as they came."""
    voxels, _ = voxels_of(case)
    lit = settled(case, voxels)
    assert lit.facts["scene"]["frame"]["refined"] == 2
    assert REFINED in lit.facts["notices"] and lit.facts["fidelity"].endswith(", refined for light")
    volume.change(case, 0, lambda scene: replace(scene, shaded=False))
    flat = settled(case, voxels)
    assert flat.facts["scene"]["frame"]["refined"] == 1
    assert REFINED not in flat.facts["notices"] and "refined" not in flat.facts["fidelity"]
