"""A volume in 3D through X: turned, seen from every side, cut, picked, drawn otherwise, and its process killed."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.journeys.desk import Desk, State, middle
from tests.journeys.expected import TRUNK
from workstation.bench.screen import Screen

_SEEN: Final = "test_a_volume_is_seen_from_every_side_and_as_the_keys_say"
_CUT: Final = "test_a_volume_is_cut_and_each_cut_is_taken_back"
_PANEL: Final = "test_opacity_is_drawn_by_hand_beside_the_volume"
_SOUGHT: Final = "test_what_is_in_the_way_is_removed_in_one_press"
VOLUMES: Final = {
    "three-d": _SEEN,
    **{f"3d-from-{side}": _SEEN for side in ("anterior", "posterior", "left", "right", "head", "feet")},
    **dict.fromkeys(("next-3d-preset", "perspective", "three-d-light"), _SEEN),
    **dict.fromkeys(("crop-box", "clip-plane", "bring-back-cuts"), _CUT),
    "volume-panel": _PANEL,
    **dict.fromkeys(("remove-bones", "remove-the-bed", "keep-the-largest-part"), _SOUGHT),
}
"""The commands that these tests press."""


@pytest.fixture(scope="module")
def desk(walked: Path, tool: Callable[[str], Path]) -> Iterator[Desk]:
    tool("Xvfb")
    with Screen(1280, 800) as screen:
        desk = Desk(screen, tool("xdotool"), walked)
        try:
            desk.open(TRUNK)
            desk.press("F8")
            settled(desk, lambda scene: scene["preset"] == "bone")
            yield desk
        finally:
            said = desk.close() if desk.process.poll() is None else ""
    assert said == ""


def settled(desk: Desk, wanted: Callable[[State], object], what: str = "") -> State:
    """The first state whose first tile shows a scene as wanted, drawn finely."""

    def holds(state: State) -> object:
        scene = state["tiles"][0]["scene"]
        return scene["settled"] and wanted(scene)

    return desk.until(holds, what)


def test_a_volume_is_seen_from_every_side_and_as_the_keys_say(desk: Desk) -> None:
    for number, top, right in (
        (2, "H", "R"),
        (3, "H", "P"),
        (4, "H", "A"),
        (5, "A", "R"),
        (6, "A", "L"),
        (1, "H", "L"),
    ):
        desk.press(f"Ctrl+Alt+{number}")
        state = desk.until(
            lambda s, top=top, right=right: (  # type: ignore[misc]
                s["tiles"][0]["scene"]["settled"]
                and (s["tiles"][0]["letters"]["top"], s["tiles"][0]["letters"]["right"]) == (top, right)
            ),
            f"view {number}",
        )
    assert state["tiles"][0]["scale_bar"] is not None
    desk.press("Ctrl+Alt+7")
    assert settled(desk, lambda scene: not scene["parallel"], "perspective")["tiles"][0]["scale_bar"] is None
    desk.press("Ctrl+Alt+7", "Ctrl+Alt+8")
    settled(desk, lambda scene: scene["parallel"] and not scene["shaded"], "no light")
    desk.press("Ctrl+Alt+8", "Shift+F8")
    settled(desk, lambda scene: scene["shaded"] and scene["preset"] == "skin", "the next preset")
    desk.press("1")
    settled(desk, lambda scene: scene["preset"] == "bone", "the preset of a number")
    x, y = middle(desk.state())
    desk.drag((x, y), (90, 0))
    turned = settled(desk, lambda scene: scene["towards"][0] > 0.2, "turned by hand")
    assert turned["tiles"][0]["scene"]["towards"][2] == pytest.approx(0.0, abs=0.05)
    desk.hand("mousemove", round(x), round(y), "click", 4)
    wide = turned["tiles"][0]["scene"]["across_mm"]
    settled(desk, lambda scene: scene["across_mm"] == pytest.approx(wide / 1.25, rel=1e-3), "zoomed by the wheel")
    desk.press("F8")
    desk.until(lambda s: "scene" not in s["tiles"][0] and s["tiles"][0]["image"], "the images again")
    desk.press("F8", "Ctrl+Alt+1")
    settled(desk, lambda scene: scene["towards"] == [0.0, 1.0, 0.0], "from the front again")


def test_a_volume_is_cut_and_each_cut_is_taken_back(desk: Desk) -> None:
    desk.press("Ctrl+Alt+0")
    settled(desk, lambda scene: scene["clip_plane"], "a plane")
    desk.press("Ctrl+Z")
    settled(desk, lambda scene: scene["clip_plane"] is None, "no plane")
    desk.press("Ctrl+Y")
    settled(desk, lambda scene: scene["clip_plane"], "a plane again")
    desk.press("Ctrl+Alt+Backspace")
    settled(desk, lambda scene: scene["clip_plane"] is None, "nothing cut")
    desk.press("Ctrl+Alt+9")
    state = settled(desk, lambda scene: scene["handles"], "the box")
    left, top = state["tiles"][0]["rect"][:2]
    x, y = state["tiles"][0]["scene"]["handles"]["head"]
    desk.drag((left + x, top + y), (0, 60))
    settled(desk, lambda scene: scene["crop"], "the head cut away")
    desk.press("Ctrl+Z")
    settled(desk, lambda scene: scene["crop"] is None, "the whole volume")
    desk.press("Ctrl+Alt+9")
    settled(desk, lambda scene: not scene["handles"], "no box")


def test_what_is_in_the_way_is_removed_in_one_press(desk: Desk) -> None:
    """Each search ends with a sentence, and with a cut that Ctrl+Z brings back where there was something to cut."""
    for key, name in (("Alt+F8", "bed"), ("Ctrl+Shift+F8", "bones"), ("Alt+Shift+F8", "all but the largest part")):
        desk.press(key)
        state = desk.until(lambda s, name=name: name in s["message"] and not s["underway"], f"{name} sought")  # type: ignore[misc]
        if state["message"].startswith("Removed"):
            settled(desk, lambda scene, name=name: name in scene["cuts"], f"{name} cut")  # type: ignore[misc]
    removed = settled(desk, lambda scene: "bones" in scene["cuts"], "bones at least")
    for left in range(len(removed["tiles"][0]["scene"]["cuts"]) - 1, -1, -1):
        desk.press("Ctrl+Z")
        settled(desk, lambda scene, left=left: len(scene["cuts"]) == left, "one brought back")  # type: ignore[misc]


def test_a_click_goes_to_what_is_seen(desk: Desk) -> None:
    before = desk.state()["tiles"][0]["crosshair_lps"]
    x, y = middle(desk.state())
    desk.click((x, y - 30))
    state = desk.until(lambda s: s["tiles"][0]["crosshair_lps"] != before, "the crosshair elsewhere")
    focus = state["tiles"][0]["scene"]["focus_lps"]
    assert state["tiles"][0]["crosshair_lps"][1] < focus[1], "in front of the middle, for it is seen from there"


def test_opacity_is_drawn_by_hand_beside_the_volume(desk: Desk) -> None:
    desk.press("Ctrl+F8")
    state = desk.until(lambda s: s["volume"] and s["volume"]["counted"] and s["volume"]["places"], "the panel")
    assert state["volume"]["chosen"] == "bone"
    (left, top), (x, y) = state["volume"]["chart"], state["volume"]["places"][1]
    desk.drag((left + x, top + y), (0, -20))
    settled(desk, lambda scene: scene["own_transfer"], "another opacity")
    raised = desk.until(lambda s: s["volume"]["points"][1][1] > state["volume"]["points"][1][1], "a point moved up")
    assert raised["volume"]["points"][0] == state["volume"]["points"][0]
    desk.press("1")
    settled(desk, lambda scene: not scene["own_transfer"], "the preset")
    desk.press("Ctrl+F8")
    desk.until(lambda s: s["volume"] is None, "no panel")


def test_a_process_that_is_killed_costs_a_picture_a_moment(desk: Desk) -> None:
    before = desk.state()["render"]
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    desk.press("Right")
    after = settled(desk, lambda scene: scene["towards"][0] > 0.1, "drawn again")
    assert after["tiles"][0]["scene"]["frame"]["restarted"]
    assert any("started again" in each for each in after["tiles"][0]["notices"])
    assert set(after["render"].values()).isdisjoint(before.values())
