"""Every handle of planes taken hold of from outside: rings, bars, lines, wheel, number, snaps and both ways back."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.journeys.desk import Desk, State, middle
from tests.journeys.expected import TRUNK, is_square, turned_deg
from workstation.bench.screen import Screen
from workstation.picture.plane_lines import END_SHARE, GRIP_SHARE, THIN_GRIP_PX

AXIAL, SAGITTAL, CORONAL = 1, 2, 3
"""Tiles of the stage with planes."""


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


@pytest.fixture
def planes(desk: Desk) -> State:
    """The planes as they were hung, thin and straight, the crosshair in the middle of each."""
    state = desk.open(TRUNK, stage=2)
    assert is_square(state) and not any(slab(state, number) for number in (AXIAL, SAGITTAL, CORONAL))
    return state


def slab(state: State, number: int) -> float:
    return float(state["tiles"][number - 1]["reformat"]["slab_mm"])


def on_line(state: State, number: int, share: float) -> tuple[float, float]:
    """A place on the horizontal line of a tile, as a share of the way from its middle to the edge."""
    x, y = middle(state, number)
    return x + share * state["tiles"][number - 1]["rect"][2] / 2, y


@pytest.mark.parametrize("number", [AXIAL, SAGITTAL, CORONAL])
def test_a_ring_in_any_plane_turns_the_other_two(number: int, desk: Desk, planes: State) -> None:
    start = on_line(planes, number, END_SHARE)
    degrees = round(math.degrees(math.atan2(60, start[0] - middle(planes, number)[0])))
    desk.drag(start, (0, 60))
    wanted = [0 if each == number else degrees for each in (AXIAL, SAGITTAL, CORONAL)]
    after = desk.until(lambda s: turned_deg(number % 3 + 1, planes, s) == degrees, "the others turned")
    assert [turned_deg(each, planes, after) for each in (AXIAL, SAGITTAL, CORONAL)] == wanted
    desk.press("Alt+O")
    straight = desk.until(lambda s: not s["tiles"][0]["reformat"]["turned"], "the planes of the scanner")
    assert is_square(straight)


def test_a_line_takes_its_plane_along_and_a_bar_makes_it_thick(desk: Desk, planes: State) -> None:
    px_per_mm = planes["tiles"][AXIAL - 1]["px_per_mm"]
    desk.drag(on_line(planes, AXIAL, 0.2), (0, 50))
    at = planes["tiles"][CORONAL - 1]["plane_position_lps"][1] + 50 / px_per_mm
    moved = desk.until(
        lambda s: abs(s["tiles"][CORONAL - 1]["plane_position_lps"][1] - at) < 2 / px_per_mm, "the coronal plane there"
    )
    assert moved["tiles"][SAGITTAL - 1]["plane_position_lps"] == planes["tiles"][SAGITTAL - 1]["plane_position_lps"]
    x, y = on_line(planes, AXIAL, GRIP_SHARE)
    desk.drag((x, y + 50 - THIN_GRIP_PX), (0, -31))
    thick = desk.until(lambda s: slab(s, CORONAL) > 0, "a thick coronal plane")
    wanted_mm = 2 * (THIN_GRIP_PX + 31) / px_per_mm
    assert slab(thick, CORONAL) == pytest.approx(wanted_mm, abs=6 / px_per_mm)
    assert thick["tiles"][CORONAL - 1]["reformat"]["slab_mode"] == "mip"


def test_wheel_and_number_make_a_plane_thick_and_backspace_thin(desk: Desk, planes: State) -> None:
    x, y = middle(planes, AXIAL)
    desk.hand("mousemove", round(x + 40), round(y + 40), "keydown", "alt", "click", "4", "click", "4", "keyup", "alt")
    desk.until(lambda s: slab(s, AXIAL) == 2, "two notches thicker")
    desk.command("Thickness in mm")
    desk.until(lambda s: s["thickness"], "the line for a number")
    desk.hand("key", "ctrl+a", "type", "7.5")
    desk.press("Return")
    desk.until(lambda s: slab(s, AXIAL) == 7.5 and not s["thickness"], "the number typed")
    desk.press("Backspace")
    desk.until(lambda s: slab(s, AXIAL) == 0, "a thin plane")


def test_a_plane_snaps_to_a_line_that_was_drawn_and_back_to_the_patient(desk: Desk, planes: State) -> None:
    x, y = middle(planes, AXIAL)
    desk.press("U")
    desk.until(lambda s: s["findings"]["tool"] == "length", "the tool")
    desk.drag((x - 90, y - 60), (150, 100))
    drawn = desk.until(lambda s: s["findings"]["count"] == 1 and not s["findings"]["tool"], "a length")
    desk.press("Alt+L")
    along = desk.until(lambda s: s["tiles"][0]["reformat"]["turned"], "a plane along it")
    direction = np.array([150.0, 100.0, 0.0])
    normal = np.array(along["tiles"][CORONAL - 1]["reformat"]["normal"])
    assert abs(normal @ direction) / math.hypot(150, 100) < 0.02 and turned_deg(AXIAL, drawn, along) == 0
    desk.press("Alt+A")
    assert is_square(desk.until(is_square, "the planes of the patient"))
    desk.press("Shift+Next", "Delete")
    desk.until(lambda s: s["findings"]["count"] == 0, "nothing drawn")


def test_a_plane_lies_through_three_points(desk: Desk, planes: State) -> None:
    points = []
    for number, (right_px, down_px) in ((AXIAL, (70, 40)), (SAGITTAL, (60, -50)), (CORONAL, (-50, -30))):
        desk.press("Shift+V")
        shown = desk.until(lambda s: s["findings"]["tool"] == "probe", "the tool")
        x, y = middle(shown, number)
        count = shown["findings"]["count"]
        desk.click((x + right_px, y + down_px))
        desk.until(lambda s, count=count: s["findings"]["count"] == count + 1 and not s["findings"]["tool"], "a probe")  # type: ignore[misc]
        tile = shown["tiles"][number - 1]
        right, down = (np.array(tile["reformat"][name]) for name in ("right", "down"))
        points.append(np.array(tile["plane_position_lps"]) + (right * right_px + down * down_px) / tile["px_per_mm"])
    desk.press("Alt+D")
    after = desk.until(lambda s: s["tiles"][0]["reformat"]["turned"], "a plane through them")
    laid = after["tiles"][after["active"] - 1]
    for point in points:
        away_mm = np.dot(laid["reformat"]["normal"], point - np.array(laid["reformat"]["center_lps"]))
        assert abs(away_mm) < 3 / laid["px_per_mm"]
