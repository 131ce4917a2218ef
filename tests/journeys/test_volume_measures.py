"""Measuring in 3D through X: a length, a planned way with its sections, a margin and a remnant, each taken back."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.journeys.desk import Desk, State, middle
from tests.journeys.expected import TRUNK
from tests.journeys.test_volume import settled
from workstation.bench.screen import Screen

_WAY: Final = "test_a_way_is_planned_in_3d_and_its_sections_are_stepped_through"
_ALONG: Final = "test_a_distance_is_clicked_along_the_skin"
_BETWEEN: Final = "test_a_margin_and_a_remnant_are_measured_on_what_was_painted"
MEASURED: Final = {
    "draw-trajectory": _WAY,
    "sections-of-the-trajectory": _WAY,
    "entry-of-the-trajectory": _WAY,
    "deeper-on-the-trajectory": _WAY,
    "back-on-the-trajectory": _WAY,
    "draw-surface-distance": _ALONG,
    "margin-between-segments": _BETWEEN,
    "remnant-of-the-segment": _BETWEEN,
    "remnant-behind-lines": _BETWEEN,
}
"""The commands that these tests press."""

HALF_PX: Final = 50


@pytest.fixture(scope="module")
def desk(walked: Path, tool: Callable[[str], Path]) -> Iterator[Desk]:
    tool("Xvfb")
    with Screen(1280, 800) as screen:
        desk = Desk(screen, tool("xdotool"), walked)
        try:
            yield desk
        finally:
            said = desk.close() if desk.process.poll() is None else ""
    assert said == ""


def begun(desk: Desk) -> State:
    """The trunk's skin in 3D from the front, nothing marked."""
    desk.open(TRUNK)
    desk.press("F8")
    settled(desk, lambda scene: scene["preset"] == "bone")
    desk.press("2", "Ctrl+Alt+1")
    settled(desk, lambda scene: scene["preset"] == "skin" and scene["towards"] == [0.0, 1.0, 0.0])
    return desk.until(lambda s: s["findings"]["count"] == 0, "no marks")


def two_clicks(desk: Desk, kind: str) -> State:
    """Left and right of the middle with a tool in hand; the first one must have placed its point."""
    x, y = middle(desk.until(lambda s: s["findings"]["tool"] == kind, "the tool"))
    desk.click((x - HALF_PX, y))
    desk.until(lambda s: s["findings"]["in_hand"] == kind, "the first point")
    desk.click((x + HALF_PX, y))
    return desk.until(lambda s: s["findings"]["count"] == 1 and s["tiles"][0]["findings"], "the measure")


def values(finding: dict[str, Any]) -> dict[str, float]:
    return {each["name"]: each["value"] for each in finding["values"]}


def across(points: list[list[float]], state: State) -> float:
    """How far two points lie apart across the screen, device pixels of a tile seen from the front."""
    size, scene = state["tiles"][0]["rect"][2:], state["tiles"][0]["scene"]
    return (points[1][0] - points[0][0]) * min(size) / float(scene["across_mm"])


def test_a_length_is_clicked_on_the_skin_and_taken_back(desk: Desk) -> None:
    begun(desk)
    desk.press("U")
    state = two_clicks(desk, "length")
    (found,) = state["tiles"][0]["findings"]
    assert across(found["points"], state) == pytest.approx(2 * HALF_PX, abs=2)
    assert found["points"][0][2] == pytest.approx(found["points"][1][2], abs=0.01)
    assert values(found)["Length"] == pytest.approx(math.dist(*found["points"]), abs=1e-3)
    assert not state["findings"]["tool"] and found["values"][0]["unit"] == "mm"
    desk.press("Ctrl+Z")
    desk.until(lambda s: s["findings"]["count"] == 0 and s["findings"]["saved"], "it taken back")


def test_a_distance_is_clicked_along_the_skin(desk: Desk) -> None:
    begun(desk)
    desk.press("Ctrl+Alt+Shift+U")
    (found,) = two_clicks(desk, "surface-distance")["tiles"][0]["findings"]
    lengths = values(found)
    assert lengths["Distance"] <= lengths["Along surface"] < 2 * lengths["Distance"]
    desk.press("Ctrl+Z")
    desk.until(lambda s: s["findings"]["count"] == 0 and s["findings"]["saved"], "it taken back")


def test_a_way_is_planned_in_3d_and_its_sections_are_stepped_through(desk: Desk) -> None:
    begun(desk)
    desk.press("Alt+U")
    (found,) = two_clicks(desk, "trajectory")["tiles"][0]["findings"]
    entry, target = found["points"]
    depth = values(found)["Depth"]
    assert depth == pytest.approx(math.dist(entry, target), abs=1e-3)

    def at(mm: float) -> list[float]:
        return [a + (b - a) * mm / depth for a, b in zip(entry, target, strict=True)]

    def there(mm: float) -> Callable[[State], bool]:
        """The sections are shown, their crosshair so deep."""
        return lambda s: (
            len(s["tiles"]) == 3 and all(math.dist(each["crosshair_lps"], at(mm)) < 0.02 for each in s["tiles"])
        )

    desk.press("Ctrl+Alt+Home")
    desk.until(there(0.0), "the entry")
    desk.press("Ctrl+Alt+Next", "Ctrl+Alt+Next")
    desk.until(there(2.0), "2 mm deep")
    desk.press("Ctrl+Alt+Prior")
    desk.until(there(1.0), "1 mm deep")
    desk.press("Alt+H")
    desk.until(there(depth), "the target")
    desk.press("Ctrl+Z")
    desk.until(lambda s: s["findings"]["count"] == 0 and s["findings"]["saved"], "it taken back")
    desk.press("Ctrl+BackSpace")
    desk.until(lambda s: len(s["tiles"]) == 1, "as planned")


def test_a_margin_and_a_remnant_are_measured_on_what_was_painted(desk: Desk) -> None:
    def listed(state: State) -> list[dict[str, Any]]:
        kept: list[dict[str, Any]] = state["findings"]["segments"]["list"]
        return kept if state["findings"]["saved"] and not state["findings"]["segments"]["busy"] else []

    desk.open(TRUNK)
    x, y = middle(desk.state())
    desk.press("Ctrl+B")
    x, y = middle(desk.until(lambda s: s["findings"]["tool"] == "brush", "the brush"))
    desk.click((x - 80, y))
    desk.until(lambda s: [each["voxels"] > 0 for each in listed(s)] == [True], "a segment")
    desk.press("Ctrl+N")
    desk.until(lambda s: len(listed(s)) == 2, "another one")
    desk.click((x + 80, y))
    desk.until(lambda s: [each["voxels"] > 0 for each in listed(s)] == [True, True], "both painted")
    desk.press("Esc")
    desk.until(lambda s: not s["findings"]["tool"], "no tool")
    desk.press("Alt+I")
    state = desk.until(lambda s: s["findings"]["count"] == 1 and s["tiles"][0]["findings"], "the margin")
    (found,) = state["tiles"][0]["findings"]
    assert found["kind"] == "margin" and 0 < values(found)["Margin"] <= math.dist(*found["points"]) + 1e-3
    desk.press("F8")
    settled(desk, lambda scene: scene["preset"] == "bone")
    desk.press("Ctrl+Alt+0")
    settled(desk, lambda scene: scene["clip_plane"], "a plane")
    desk.press("Alt+Q")
    state = desk.until(lambda s: s["findings"]["count"] == 2 and len(s["tiles"][0]["findings"]) == 2, "the remnant")
    found = next(each for each in state["tiles"][0]["findings"] if each["kind"] == "remnant")
    whole = next(each["volume_ml"] for each in state["findings"]["segments"]["list"] if each["chosen"])
    assert values(found)["Remnant"] + values(found)["Resected"] == pytest.approx(whole, rel=1e-3)
    desk.press("Alt+Shift+Q")
    desk.until(lambda s: "Draw the cut as open lines" in s["message"], "what a curved cut needs")
    desk.press("Ctrl+Alt+0")
    settled(desk, lambda scene: scene["clip_plane"] is None, "no plane")
    for count in (1, 0):
        desk.press("Shift+Next", "Delete")
        desk.until(lambda s, count=count: s["findings"]["count"] == count and s["findings"]["saved"])  # type: ignore[misc]
    for count in (1, 0):
        desk.press("Ctrl+Delete")
        desk.until(
            lambda s, count=count: len(s["findings"]["segments"]["list"]) == count and s["findings"]["saved"]  # type: ignore[misc]
        )
