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
from workstation.imaging.mesh_files import read_stl
from workstation.ui.window_commands import all_commands

_SEEN: Final = "test_a_volume_is_seen_from_every_side_and_as_the_keys_say"
_CUT: Final = "test_a_volume_is_cut_and_each_cut_is_taken_back"
_TAKEN: Final = "test_what_is_in_the_way_is_taken_out_by_a_key_or_by_scissors"
_WRITTEN: Final = "test_what_is_seen_is_written_as_a_surface"
_TURNED: Final = "test_a_turn_that_is_stopped_leaves_nothing"
_KEPT: Final = "test_a_scene_is_kept_and_reopened_in_large_type"
_PANEL: Final = "test_opacity_is_drawn_by_hand_beside_the_volume"
VOLUMES: Final = {
    "three-d": _SEEN,
    **{f"3d-from-{side}": _SEEN for side in ("anterior", "posterior", "left", "right", "head", "feet")},
    **dict.fromkeys(("next-3d-preset", "perspective", "three-d-light"), _SEEN),
    **dict.fromkeys(("crop-box", "clip-plane", "bring-back-cuts"), _CUT),
    **dict.fromkeys(("remove-bones", "remove-the-bed", "keep-the-largest-part"), _TAKEN),
    **dict.fromkeys(("scissors-inside", "scissors-outside"), _TAKEN),
    **dict.fromkeys(("write-the-surface", "save-the-surface"), _WRITTEN),
    **{f"{act}-the-surface-of-the-segment": _WRITTEN for act in ("write", "save")},
    "write-a-turntable": _TURNED,
    **dict.fromkeys(("keep-the-scene", "scene-in-large-type"), _KEPT),
    "volume-panel": _PANEL,
}
"""The commands that these tests press."""
AUDIENCE: Final = all_commands()["audience-view"].keys[0]


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


def test_what_is_in_the_way_is_taken_out_by_a_key_or_by_scissors(desk: Desk) -> None:
    for keys, name in (("Ctrl+Shift+F8", "bones"), ("Alt+F8", "bed"), ("Alt+Shift+F8", "all but the largest part")):
        desk.press(keys)
        told = desk.until(lambda s, name=name: name in s["message"], name)  # type: ignore[misc]
        if told["message"].startswith("Removed"):
            settled(desk, lambda scene, name=name: scene["cuts"] == [name], name)  # type: ignore[misc]
            desk.press("Ctrl+Z")
            settled(desk, lambda scene: not scene["cuts"], "back again")
    for keys, side in (("Ctrl+Alt+X", "inside"), ("Ctrl+Alt+Shift+X", "outside")):
        desk.press(keys)
        state = desk.until(lambda s, side=side: s["scissors"] == side, "scissors")  # type: ignore[misc]
        x, y = middle(state)
        corners = [(x + right, y + down) for right, down in ((-60, -60), (60, -60), (60, 60), (-60, 60))]
        desk.hand("mousemove", *map(round, corners[0]), "mousedown", 1)
        for place in corners[1:]:
            desk.hand("mousemove", *map(round, place))
            at = [round(place[axis]) - state["tiles"][0]["rect"][axis] for axis in (0, 1)]
            desk.until(lambda s, at=at: s["outline"][-1] == at, "the outline so far", moving=True)  # type: ignore[misc]
        desk.hand("mouseup", 1)
        settled(desk, lambda scene, side=side: scene["cuts"] == [f"what lay {side} the outline"], side)  # type: ignore[misc]
        desk.press("Ctrl+Z", "Esc")
        settled(desk, lambda scene: not scene["cuts"], "back again")
        desk.until(lambda s: s["scissors"] is None, "scissors down")


def test_what_is_seen_is_written_as_a_surface(desk: Desk, walked: Path) -> None:
    desk.press("Ctrl+Alt+W")
    state = desk.until(lambda s: " triangles" in s["message"] and "exports" in s["message"], "a file")
    (file,) = (walked / "exports").glob("*-CT-surface.stl")
    low, high = read_stl(file.read_bytes()).bounds_mm
    focus = state["tiles"][0]["scene"]["focus_lps"]
    assert all(a < at < b for a, at, b in zip(low, focus, high, strict=True))
    desk.press("Ctrl+Alt+S")
    desk.until(lambda s: "Saved in the study" in s["message"], "an object")
    for key in ("Ctrl+Alt+Shift+W", "Ctrl+Alt+Shift+S"):
        desk.press("Ctrl+Alt+Shift+X", key)
        desk.until(lambda s: s["message"] == "No segment of this volume is chosen.", "no segment")
        desk.press("Esc")
        desk.until(lambda s: s["scissors"] is None and not s["message"], "scissors down")


def test_a_turn_that_is_stopped_leaves_nothing(desk: Desk, walked: Path) -> None:
    desk.press("Ctrl+Alt+V")
    desk.until(lambda s: "being drawn" in s["message"], "under way")
    desk.press("Ctrl+Alt+V")
    desk.until(lambda s: s["message"] == "Stopped: no turntable was written.", "stopped")
    assert not list((walked / "exports").glob("*-turn*"))


def test_a_scene_is_kept_and_reopened_in_large_type(desk: Desk) -> None:
    desk.press("Ctrl+Alt+4", "Ctrl+Alt+0")
    kept = settled(
        desk, lambda scene: scene["clip_plane"] and scene["towards"] == [1.0, 0.0, 0.0], "cut from the right"
    )
    desk.press("Ctrl+Alt+Q")
    desk.until(lambda s: s["message"] == "The scene is kept with the study.", "kept")
    desk.press("Ctrl+Z", "Ctrl+Alt+1")
    settled(desk, lambda scene: not scene["clip_plane"] and scene["towards"] == [0.0, 1.0, 0.0], "another view")
    desk.press("Ctrl+Alt+T")
    again = settled(desk, lambda scene: scene["clip_plane"], "the scene")
    assert again["audience"] and again["tiles"][0]["scene"]["towards"] == [1.0, 0.0, 0.0]
    assert not any("Ada" in line for lines in again["tiles"][0]["text"].values() for line in lines)
    assert again["tiles"][0]["scene"]["clip_plane"] == kept["tiles"][0]["scene"]["clip_plane"]
    desk.press("Ctrl+Z", "Ctrl+Alt+1", "Ctrl+F8")
    listed = desk.until(lambda s: s["volume"] and s["volume"]["scenes"] and not s["tiles"][0]["scene"]["clip_plane"])
    assert listed["volume"]["scenes"][0].startswith("1  bone, ")
    desk.press("Ctrl+F8", AUDIENCE)
    desk.until(lambda s: not s["audience"] and s["volume"] is None, "names again")


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
