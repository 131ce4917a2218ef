"""What the help page says, done from outside: keys and mouse through X, and read back from state file and screen."""

import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.journeys.desk import Desk, Grey, State, middle, part
from tests.journeys.expected import TRUNK, TWO_SERIES, image, tile
from workstation.bench.screen import Screen
from workstation.imaging.presets import presets
from workstation.phantom.coded import Code, read_codes

PIXEL_MM = 380 / 128
"""Size of a voxel of the tiny trunk in its slices."""


@pytest.fixture(scope="module")
def desk(walked: Path, tool: Callable[[str], Path]) -> Iterator[Desk]:
    tool("Xvfb")
    with Screen(1600, 1000) as screen:
        desk = Desk(screen, tool("xdotool"), walked)
        try:
            yield desk
        finally:
            said = desk.close()
    assert said == ""


def test_smooth_and_exact_pixels_look_different(desk: Desk) -> None:
    desk.open(TRUNK)
    shown = []
    for way in ("linear", "nearest", "linear"):
        state, screen = desk.seen(lambda s, way=way: tile(s)["interpolation"] == way, way)  # type: ignore[misc]
        shown.append(part(screen, tile(state)["rect"]))
        desk.press("S")
    desk.until(lambda s: tile(s)["interpolation"] == "nearest", "the last press")
    smooth, exact, again = (float(np.mean(grey[:, 1:] == grey[:, :-1])) for grey in shown)
    assert exact > smooth + 0.05
    assert np.array_equal(shown[0], shown[2]), again


def test_number_keys_are_windows(desk: Desk) -> None:
    desk.open(TRUNK)
    for preset in presets("CT"):
        desk.press(preset.key)
        wanted = {"center": preset.center, "width": preset.width, "unit": "HU", "name": preset.name}
        desk.until(lambda s, wanted=wanted: tile(s)["window"] == wanted, f"window {preset.name}")  # type: ignore[misc]


class Watcher:
    """Reads the number of the image on the screen, past the program, as often as it can."""

    def __init__(self, screen: Screen, code: Code) -> None:
        self.seen: list[int] = []
        self._screen, self._code = screen, code
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._stop.wait(0.0005):
            number = self._code.number(self._screen.grey)
            if number is not None and (not self.seen or self.seen[-1] != number):
                self.seen.append(number)

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._stop.set()
        self._thread.join()


def _code(screen: Grey) -> Code:
    """Where the number of the image at the left stands on a screen."""
    return min(read_codes(screen), key=lambda code: code.left)


def test_each_notch_is_an_image_on_the_screen(desk: Desk) -> None:
    desk.open(TWO_SERIES)
    before, screen = desk.seen()
    code = _code(screen)
    start = code.number(screen)
    assert start is not None
    for notch in range(1, 4):
        desk.click(middle(before), button=5)
        _, screen = desk.seen(lambda s, n=notch: image(s) == image(before) + n, "the next image")  # type: ignore[misc]
        assert abs((code.number(screen) or 0) - start) == notch


def test_ten_quick_notches_are_ten_images_in_order(desk: Desk) -> None:
    """A watcher that shares its cores may miss one of them; the program counts what it has painted."""
    desk.open(TWO_SERIES)
    before, screen = desk.seen()
    code = _code(screen)
    start = code.number(screen)
    assert start is not None
    with Watcher(desk.screen, code) as watcher:
        desk.click(middle(before), button=5, times=10, delay_ms=30)
        after, screen = desk.seen(lambda s: image(s) == image(before) + 10, "ten images on")
        end = code.number(screen)
    assert end in (start + 10, start - 10)
    steps = list(range(start, end, 1 if end > start else -1))
    between = [each for each in watcher.seen if each not in (start, end)]
    assert between == [each for each in steps[1:] if each in between]
    assert tile(after)["painted"] >= tile(before)["painted"] + 10


def test_the_wheel_scrolls_the_tile_under_it_and_leaves_the_active_one_active(desk: Desk) -> None:
    before = desk.open(TWO_SERIES)
    desk.click(middle(before, tile=2), button=4, times=2)
    after = desk.until(lambda s: s["tiles"][1]["image"] == before["tiles"][1]["image"] - 2, "two images back")
    assert after["active"] == 1
    assert image(after) == image(before)


def test_drag_to_the_right_is_wider_and_upwards_darker(desk: Desk) -> None:
    before = desk.open(TRUNK)
    desk.drag(middle(before), (100, 0))
    wider, screen = desk.seen(lambda s: tile(s)["window"]["width"] > 440, "a wider window")
    assert tile(wider)["window"]["center"] == 40
    light = part(screen, tile(wider)["rect"]).mean()
    desk.drag(middle(before), (0, -100))
    darker, screen = desk.seen(lambda s: tile(s)["window"]["center"] > 80, "a higher level")
    assert tile(darker)["window"]["width"] == tile(wider)["window"]["width"]
    assert part(screen, tile(darker)["rect"]).mean() < light


@pytest.mark.parametrize(("button", "held"), [(2, ""), (1, "ctrl")])
def test_the_image_moves_with_the_hand(button: int, held: str, desk: Desk) -> None:
    desk.open(TWO_SERIES)
    before, screen = desk.seen()
    code, place = _code(screen), tile(before)["plane_position_lps"]
    desk.drag(middle(before), (50, 30), button, held)
    now = _code(desk.seen(lambda s: tile(s)["plane_position_lps"] != place, "a moved image")[1])
    assert (now.left - code.left, now.top - code.top) == (pytest.approx(50, abs=1), pytest.approx(30, abs=1))


def test_zoom_about_the_pointer_keeps_what_is_under_it(desk: Desk) -> None:
    desk.open(TWO_SERIES)
    before, screen = desk.seen()
    code = _code(screen)
    desk.hand("mousemove", round(code.left), round(code.top), "keydown", "ctrl", "click", 4, "keyup", "ctrl")
    after, screen = desk.seen(lambda s: tile(s)["zoom"] > tile(before)["zoom"] * 1.2, "a closer image")
    now = _code(screen)
    assert now.block_px == pytest.approx(code.block_px * tile(after)["zoom"] / tile(before)["zoom"], rel=0.02)
    assert (now.left, now.top) == (pytest.approx(code.left, abs=1), pytest.approx(code.top, abs=1))


def test_right_drag_upwards_comes_closer_about_the_pressed_place(desk: Desk) -> None:
    desk.open(TWO_SERIES)
    before, screen = desk.seen()
    code = _code(screen)
    desk.drag((code.left, code.top), (0, -60), button=3)
    now = _code(desk.seen(lambda s: tile(s)["zoom"] > tile(before)["zoom"] * 1.2, "a closer image")[1])
    assert (now.left, now.top) == (pytest.approx(code.left, abs=1), pytest.approx(code.top, abs=1))


def test_shift_drag_scrolls(desk: Desk) -> None:
    before = desk.open(TWO_SERIES)
    desk.drag(middle(before), (0, 60), held="shift")
    desk.until(lambda s: image(s) == image(before) + 10, "ten images on")


def _px_per_mm(state: State) -> float:
    return float(state["tiles"][0]["zoom"]) / PIXEL_MM


def test_a_click_in_a_plane_moves_the_crosshair_and_the_other_planes(desk: Desk) -> None:
    before = desk.open(TRUNK, stage=2)
    x, y = middle(before)
    right_px, down_px = 63, 41
    desk.click((x + right_px, y + down_px))
    after = desk.until(lambda s: s["tiles"][0]["crosshair_lps"] != before["tiles"][0]["crosshair_lps"], "the crosshair")
    old, new = before["tiles"][0]["plane_position_lps"], after["tiles"][0]["crosshair_lps"]
    wanted = (old[0] + right_px / _px_per_mm(before), old[1] + down_px / _px_per_mm(before), old[2])
    assert math.dist(new, wanted) <= 1.5 / _px_per_mm(before)
    axial, sagittal, coronal, stack = after["tiles"]
    assert axial["plane_position_lps"] == old
    assert sagittal["plane_position_lps"][0] == pytest.approx(new[0], abs=0.01)
    assert coronal["plane_position_lps"][1] == pytest.approx(new[1], abs=0.01)
    assert stack["image"] == before["tiles"][3]["image"]


def test_a_drag_on_the_crosshair_takes_it_along(desk: Desk) -> None:
    before = desk.open(TRUNK, stage=2)
    desk.drag(middle(before), (60, 0))
    wanted = before["tiles"][0]["crosshair_lps"][0] + 60 / _px_per_mm(before)
    after = desk.until(lambda s: abs(s["tiles"][0]["crosshair_lps"][0] - wanted) < 2 / _px_per_mm(before), "it there")
    assert tile(after)["window"] == tile(before)["window"]


def test_a_double_click_shows_one_tile_and_escape_all_again(desk: Desk) -> None:
    before = desk.open(TRUNK, stage=2)
    desk.click(middle(before, tile=3), times=2)
    alone = desk.until(lambda s: s["maximised"], "one tile alone")
    assert [each["plane"] for each in alone["tiles"]] == ["coronal"]
    assert tile(alone)["rect"] == alone["grid"]
    desk.press("Esc")
    desk.until(lambda s: not s["maximised"] and len(s["tiles"]) == 4, "all tiles")
    desk.press("Esc")
    desk.until(lambda s: s["page"] == "list" and not s["tiles"], "the list")


def test_a_click_in_the_strip_shows_that_series(desk: Desk) -> None:
    before = desk.open(TWO_SERIES)
    left, top, *_ = before["grid"]
    desk.click((left / 2, top + 180))
    desk.until(lambda s: tile(s)["images"] == 12, "the second series")
    desk.press("F2")
    wide = desk.until(lambda s: not s["strip"], "no strip")
    assert wide["grid"][0] == 0
    desk.press("F2")
    desk.until(lambda s: s["strip"], "the strip")


@pytest.mark.parametrize(("opens", "closes"), [("F1", "Esc"), ("?", "F1")])
def test_help_comes_and_goes_and_the_study_stays(opens: str, closes: str, desk: Desk) -> None:
    desk.open(TRUNK)
    desk.press(opens)
    desk.until(lambda s: s["page"] == "help", "the help page")
    desk.press(closes)
    desk.until(lambda s: s["page"] == "reading" and s["study_instance_uid"] == TRUNK, "the study")
    desk.press("I")
    desk.until(lambda s: tile(s)["inverted"], "keys that reach the page")


def test_search_narrows_the_list_and_enter_opens(desk: Desk) -> None:
    desk.open(TRUNK)
    desk.press("Esc")
    desk.until(lambda s: s["page"] == "list" and len(s["list"]["studies"]) == 4, "all studies")
    desk.press("/")
    desk.until(lambda s: s["list"]["searching"], "the search")
    desk.hand("type", "nobody")
    desk.until(lambda s: "No study matches" in s["list"]["empty"], "what to do")
    desk.press("Esc")
    desk.until(lambda s: len(s["list"]["studies"]) == 4 and not s["list"]["searching"], "all again")
    desk.press("Ctrl+F")
    desk.until(lambda s: s["list"]["searching"], "the search")
    desk.hand("type", "BENCH-1")
    desk.until(lambda s: s["list"]["selected"] == TWO_SERIES and len(s["list"]["studies"]) == 1, "the one found")
    desk.press("Return")
    desk.until(lambda s: s["study_instance_uid"] == TWO_SERIES, "it open")
    desk.press("Esc")
    desk.until(lambda s: s["page"] == "list", "the list")
    desk.press("Esc")
    desk.until(lambda s: s["list"]["search"] == "", "no search")


def test_an_empty_list_says_what_to_do_and_ctrl_q_leaves(tmp_path: Path, tool: Callable[[str], Path]) -> None:
    tool("Xvfb")
    with Screen(1280, 800) as screen:
        desk = Desk(screen, tool("xdotool"), tmp_path / "home")
        try:
            desk.until(lambda s: "Drop DICOM files" in s["list"]["empty"], "what to do")
            said = desk.leave("Ctrl+q")
        finally:
            desk.process.kill()
    assert (desk.process.returncode, said) == (0, "")
