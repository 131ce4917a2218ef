"""Measuring by hand through X: each tool, what is done with marks, and a program that is killed while it measures."""

import math
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.desk import Desk, State, middle
from tests.journeys.expected import TRUNK, TWO_SERIES
from workstation.bench.screen import Screen

Place = tuple[int, int]


@dataclass(frozen=True)
class Gesture:
    """What a hand does after the key of a tool: drags and clicks from the middle of the tile, words, and the value that
    then stands first: its name and what it must be, in drawn pixels where it is a length.
    """

    key: str
    moves: tuple[tuple[Place, ...], ...]
    name: str = ""
    pixels: float | None = None
    value: float | None = None
    typed: str = ""
    twice: bool = False


GESTURES = {
    "length": Gesture("U", (((-90, 60), (0, 60)),), "Length", pixels=90),
    "bidirectional": Gesture("B", (((-60, 0), (60, 0)), ((10, -20), (40, 30))), "Long axis", pixels=120),
    "angle": Gesture("Shift+A", (((80, 0), (0, 0)), ((0, -80),)), "Angle", value=90),
    "cobb": Gesture("Shift+O", (((0, 0), (100, 0)), ((0, 60), (100, 160))), "Cobb angle", value=45),
    "ellipse": Gesture("Shift+E", (((0, 0), (90, 60)),), "Area"),
    "rectangle": Gesture("Shift+S", (((0, 0), (-90, 60)),), "Area"),
    "freehand": Gesture("Shift+F", (((0, 0), (60, 0), (60, 60), (0, 60)),), "Area"),
    "polyline": Gesture("Shift+P", (((0, 0),), ((40, 0),), ((40, 50),)), "Length", pixels=90, twice=True),
    "probe": Gesture("Shift+V", (((5, 5),),), "Value"),
    "arrow": Gesture("Shift+H", (((0, 0), (80, -80)),), typed="here"),
    "text": Gesture("Shift+N", (((-50, -50),),), typed="node"),
    "point-to-line": Gesture("Shift+D", (((-80, 0), (80, 0)), ((30, 70),)), "Distance", pixels=70),
    "cardiothoracic": Gesture("Shift+U", (((-50, 0), (50, 0)), ((-100, 40), (100, 40))), "Heart to chest", value=0.5),
    "step-off": Gesture("Shift+B", (((-80, 0), (80, 0)), ((20, 30), (60, 30))), "Step-off", pixels=30),
    "leg-axis": Gesture(
        "Shift+L", (((0, -120), (40, 0)), ((0, 120),)), "Deviation", value=2 * math.degrees(math.atan(1 / 3))
    ),
}
_ONE = "test_a_tool_makes_one_mark_and_returns_to_windowing"
_DONE = "test_marks_are_hidden_walked_nudged_named_erased_and_all_of_it_is_undone"
MARKED = {f"draw-{kind}": (_ONE,) for kind in GESTURES} | {
    "draw-calibration": ("test_an_image_of_the_patient_needs_no_calibration",),
    **dict.fromkeys(
        ("hide-marks", "next-mark", "previous-mark", "undo", "redo", "delete-mark", "erase-marks"), (_DONE,)
    ),
    **dict.fromkeys(
        ("plane-along-the-line", "plane-across-the-line", "plane-through-three-points"),
        ("test_planes_are_laid_along_what_was_drawn",),
    ),
    **dict.fromkeys(("nudge-left", "nudge-right", "nudge-up", "nudge-down", "findings", "name-the-mark"), (_DONE,)),
    **dict.fromkeys(("site-of-the-mark", "confirm-the-mark", "hide-the-mark", "copy-the-values"), (_DONE,)),
    "show-the-mark-in-all-tiles": (_DONE,),
    "copy-to-other-tiles": ("test_a_mark_is_copied_to_the_series_beside_it",),
    "draw-spine-label": ("test_vertebrae_are_named_one_after_another",),
}
"""Commands that measure and mark, and the tests that press them."""


@pytest.fixture(scope="module")
def desk(walked: Path, tool: Callable[[str], Path]) -> Iterator[Desk]:
    tool("Xvfb")
    with Screen(1600, 1200) as screen:
        desk = Desk(screen, tool("xdotool"), walked)
        try:
            yield desk
        finally:
            said = desk.close() if desk.process.poll() is None else ""
    assert said == ""


def found(state: State) -> list[State]:
    """The marks on the first tile, by number."""
    return sorted(state["tiles"][0]["findings"], key=lambda each: int(each["number"]))


def clean(desk: Desk) -> State:
    """The trunk open, nothing marked, and the list shut."""
    state = desk.until(bool, moving=True)
    busy = any(state["findings"][name] for name in ("tool", "in_hand", "selected", "entry"))
    if busy or (state["page"], state["study_instance_uid"], state["maximised"]) != ("reading", TRUNK, False):
        state = desk.open(TRUNK)
    while state["findings"]["count"]:
        before = state["findings"]["count"]
        desk.press("Shift+Next", "Delete")
        state = desk.until(lambda s, n=before: s["findings"]["count"] < n and s["findings"]["saved"])  # type: ignore[misc]
    if state["findings"]["panel"]["open"]:
        desk.press("F4")
    return desk.until(lambda s: not s["findings"]["panel"]["open"] and not s["findings"]["selected"])


def draw(desk: Desk, gesture: Gesture, center: tuple[float, float]) -> None:
    """The gesture of a tool that is in hand already."""
    for places in gesture.moves:
        at = [(round(center[0] + x), round(center[1] + y)) for x, y in places]
        words: list[object] = ["mousemove", *at[0], "mousedown", 1]
        for place in at[1:]:
            words += ["mousemove", *place, "sleep", 0.04]
        words += ["mouseup", 1]
        if gesture.twice and places is gesture.moves[-1]:
            words += ["sleep", 0.05, "click", 1]  # by the same command line: later it would be no double click
        desk.hand(*words)
    if gesture.typed:
        desk.until(lambda s: s["findings"]["entry"], "the line to type into")
        desk.hand("type", gesture.typed)
        desk.press("Return")


@pytest.mark.parametrize("kind", GESTURES)
def test_a_tool_makes_one_mark_and_returns_to_windowing(kind: str, desk: Desk) -> None:
    gesture = GESTURES[kind]
    before = clean(desk)
    desk.press(gesture.key)
    desk.until(lambda s: s["findings"]["tool"] == kind, "the tool in hand")
    draw(desk, gesture, middle(before))
    after = desk.until(lambda s: len(found(s)) == 1 and s["findings"]["saved"] and not s["findings"]["tool"], kind)
    (mark,) = found(after)
    assert (mark["kind"], mark["number"], mark["refused"]) == (kind, 1, "")
    assert after["tiles"][0]["window"] == before["tiles"][0]["window"]
    assert after["findings"]["panel"]["open"]
    values = {each["name"]: each for each in mark["values"]}
    if gesture.pixels is not None:
        expected = gesture.pixels / before["tiles"][0]["px_per_mm"]
        assert values[gesture.name]["value"] == pytest.approx(expected, abs=1.5 / before["tiles"][0]["px_per_mm"])
        assert values[gesture.name]["unit"] == "mm"
    if gesture.value is not None:
        assert values[gesture.name]["value"] == pytest.approx(gesture.value, rel=0.02)
    if gesture.typed:
        assert any(gesture.typed in line for line in mark["text"])
    left, top = after["tiles"][0]["rect"][:2]
    desk.drag((left + 120, top + 300), (-60, 40))
    windowed = desk.until(lambda s: s["tiles"][0]["window"] != before["tiles"][0]["window"], "a window dragged")
    assert windowed["findings"]["count"] == 1


def test_a_key_pressed_twice_locks_the_tool_until_esc(desk: Desk) -> None:
    state = clean(desk)
    desk.press("U", "U")
    desk.until(lambda s: s["findings"]["locked"], "the tool locked")
    center = middle(state)
    for number in range(3):
        desk.drag((center[0] - 80, center[1] + 30 * number), (70, 0))
        desk.until(lambda s, n=number: s["findings"]["count"] == n + 1, "one more mark")  # type: ignore[misc]
        center = middle(desk.state())
    assert desk.state()["findings"]["tool"] == "length"
    desk.press("Esc")
    after = desk.until(lambda s: not s["findings"]["tool"], "the tool laid away")
    assert (after["page"], after["findings"]["count"]) == ("reading", 3)


def test_esc_gives_up_a_mark_that_is_half_drawn(desk: Desk) -> None:
    state = clean(desk)
    desk.press("B")
    desk.drag(middle(state), (80, 0))
    desk.until(lambda s: s["findings"]["in_hand"] == "bidirectional", "a mark half drawn")
    desk.press("Esc")
    desk.until(lambda s: not s["findings"]["in_hand"] and s["findings"]["tool"], "the mark given up")
    desk.press("Esc")
    after = desk.until(lambda s: not s["findings"]["tool"], "the tool laid away")
    assert (after["page"], after["findings"]["count"]) == ("reading", 0)


def test_an_image_of_the_patient_needs_no_calibration(desk: Desk) -> None:
    clean(desk)
    desk.press("Shift+Z")
    desk.until(lambda s: "millimetres are known" in s["message"], "why not")
    assert desk.state()["findings"]["tool"] == ""


def test_a_handle_a_whole_mark_and_a_label_are_dragged(desk: Desk) -> None:
    center = middle(clean(desk))
    desk.press("U")
    desk.drag((center[0] - 90, center[1] + 60), (120, 0))
    state = desk.until(lambda s: len(found(s)) == 1 and s["findings"]["panel"]["open"], "a length")
    left, top = state["tiles"][0]["rect"][:2]
    mark = found(state)[0]
    end = mark["handles"][1]
    desk.drag((left + end[0], top + end[1]), (0, 90))
    longer = desk.until(lambda s: found(s)[0]["points"][1] != mark["points"][1], "the end moved")
    moved = found(longer)[0]
    scale = longer["tiles"][0]["px_per_mm"]
    assert moved["points"][0] == mark["points"][0]
    assert moved["values"][0]["value"] == pytest.approx(
        math.hypot(mark["values"][0]["value"], 90 / scale), abs=1 / scale
    )
    on_line = [left + (a + b) / 2 for a, b in zip(*moved["handles"], strict=True)][:1]
    on_line.append(top + (moved["handles"][0][1] + moved["handles"][1][1]) / 2)
    desk.drag((on_line[0], on_line[1]), (-30, -40))
    whole = found(desk.until(lambda s: found(s)[0]["points"][0] != moved["points"][0], "the whole mark moved"))[0]
    assert whole["values"][0]["value"] == pytest.approx(moved["values"][0]["value"], rel=1e-6)
    x, y, wide, high = whole["label"]
    desk.drag((left + x + wide / 2, top + y + high / 2), (50, 120))
    label = found(desk.until(lambda s: abs(found(s)[0]["label"][1] - y - 120) < 2, "the label moved"))[0]
    assert label["points"] == whole["points"]


def test_marks_are_hidden_walked_nudged_named_erased_and_all_of_it_is_undone(desk: Desk) -> None:
    state = clean(desk)
    desk.press("U")
    desk.drag(middle(state), (80, 0))
    state = desk.until(lambda s: len(found(s)) == 1 and s["findings"]["panel"]["open"], "one mark")
    desk.press("Down", "Down", "U")
    desk.until(lambda s: s["findings"]["tool"] == "length")
    desk.drag(middle(state), (0, 60))
    desk.until(lambda s: s["findings"]["count"] == 2 and [each["number"] for each in found(s)] == [2], "another below")
    desk.press("Shift+Next")
    desk.until(lambda s: s["findings"]["selected"] == 1 and len(found(s)) == 1, "the first one, where it is")
    desk.press("Shift+Prior")
    first = found(desk.until(lambda s: s["findings"]["selected"] == 2, "the second one"))[0]["points"]
    pixel = 1.5 * 380 / 256  # coarse pixels of the trunk: any step is larger than rounding
    for key, axis, sign in (("Right", 0, 1), ("Ctrl+Alt+Right", 0, 1), ("Ctrl+Alt+Left", 0, -1), ("Left", 0, -1)):
        was = found(desk.state())[0]["points"][0]
        desk.press(key)
        now = found(desk.until(lambda s, w=was: found(s)[0]["points"][0] != w, key))[0]["points"][0]  # type: ignore[misc]
        assert 0.2 < sign * (now[axis] - was[axis]) < 4 * pixel
    for key, sign in (("Ctrl+Alt+Down", 1), ("Ctrl+Alt+Up", -1)):
        was = found(desk.state())[0]["points"][0]
        desk.press(key)
        now = found(desk.until(lambda s, w=was: found(s)[0]["points"][0] != w, key))[0]["points"][0]  # type: ignore[misc]
        assert 0.2 < sign * (now[1] - was[1]) < 4 * pixel
    assert found(desk.state())[0]["points"] == first
    desk.press("Shift+F2")
    desk.until(lambda s: s["findings"]["entry"], "the line to type into")
    desk.hand("type", "Node")
    desk.press("Return")
    desk.until(lambda s: s["findings"]["panel"]["rows"][1]["name"] == "Node", "its name")
    desk.press("Ctrl+F2")
    desk.until(lambda s: s["findings"]["entry"], "the line for its site")
    desk.hand("type", "liver")
    desk.press("Return")
    desk.until(lambda s: s["findings"]["panel"]["rows"][1]["site"] == "Liver", "its site")
    desk.press("Alt+Y")
    desk.until(lambda s: s["findings"]["panel"]["rows"][1]["status"] == "confirmed", "confirmed")
    desk.press("Alt+V")
    desk.until(lambda s: "on the clipboard" in s["message"], "its values on the clipboard")
    desk.press("Shift+I")
    desk.until(lambda s: s["findings"]["panel"]["rows"][1]["hidden"] and not found(s), "it is hidden")
    desk.press("Shift+I")
    desk.until(lambda s: not s["findings"]["panel"]["rows"][1]["hidden"] and found(s), "it is shown")
    desk.press("End")
    desk.until(lambda s: not found(s), "another image")
    desk.press("Alt+G")
    desk.until(lambda s: found(s) and found(s)[0]["points"] == first, "where it lies")
    desk.press("Shift+G")
    desk.until(lambda s: s["findings"]["hidden"] and not found(s), "marks hidden")
    desk.press("Shift+G")
    state = desk.until(lambda s: not s["findings"]["hidden"] and found(s), "marks shown")
    desk.press("Shift+Delete")
    desk.until(lambda s: s["findings"]["tool"] == "eraser", "the eraser")
    left, top = state["tiles"][0]["rect"][:2]
    ends = found(state)[0]["handles"]
    desk.click((left + ends[0][0], top + (ends[0][1] + ends[1][1]) / 2))
    desk.until(lambda s: s["findings"]["count"] == 1 and not s["findings"]["tool"], "one mark erased")
    desk.press("Ctrl+Z")
    desk.until(lambda s: s["findings"]["count"] == 2, "it is back")
    desk.press(*["Ctrl+Z"] * 13)
    desk.until(lambda s: s["findings"]["count"] == 0, "nothing, as it began")
    desk.press(*["Ctrl+Shift+Z"] * 5, *["Ctrl+Y"] * 8)
    desk.until(lambda s: s["findings"]["panel"]["rows"][1]["name"] == "Node", "all of it again")
    desk.press("F4")
    desk.until(lambda s: not s["findings"]["panel"]["open"], "the list shut")


def test_vertebrae_are_named_one_after_another(desk: Desk) -> None:
    state = clean(desk)
    x, y = middle(state)
    desk.press("Alt+J")
    desk.until(lambda s: s["findings"]["tool"] == "spine-label", "the tool in hand")
    desk.click((x, y))
    desk.until(lambda s: s["findings"]["entry"], "the line for its name")
    desk.hand("key", "ctrl+a", "type", "l4")
    desk.press("Return")
    after = desk.until(lambda s: [each["text"] for each in found(s)] == [["L4"]], "the first label")
    assert after["findings"]["tool"] == "spine-label" and found(after)[0]["site"] == "L4 vertebra"
    desk.click((x, y + 60))
    desk.until(lambda s: [each["text"] for each in found(s)] == [["L4"], ["L5"]], "the next one, without a word")
    desk.press("Escape")
    desk.until(lambda s: not s["findings"]["tool"], "the tool laid away")


def test_a_mark_is_copied_to_the_series_beside_it(desk: Desk) -> None:
    clean(desk)
    state = desk.open(TWO_SERIES)
    assert len(state["tiles"]) == 2
    desk.press("U")
    desk.until(lambda s: s["findings"]["tool"] == "length", "the tool in hand")
    desk.drag(middle(state, 2), (60, 20))  # the other series reaches all of this one
    desk.until(lambda s: s["findings"]["count"] == 1 and s["findings"]["panel"]["open"], "one mark")
    desk.press("Shift+Next", "Alt+X")
    after = desk.until(lambda s: s["findings"]["count"] == 2, "one on each series")
    one, other = after["findings"]["panel"]["rows"]
    assert one["value"] == other["value"] and other["status"] == "draft"
    desk.press("Ctrl+Z", "Ctrl+Z")
    desk.until(lambda s: s["findings"]["count"] == 0 and s["findings"]["saved"], "as it began")


def normals(state: State) -> list[list[float]]:
    """The normals of the planes on screen."""
    return [each["reformat"]["normal"] for each in state["tiles"] if each.get("reformat")]


def test_planes_are_laid_along_what_was_drawn(desk: Desk) -> None:
    for kind, key in (("length", "Alt+L"), ("length", "Alt+Shift+L"), ("angle", "Alt+D")):
        before = clean(desk)
        desk.press(GESTURES[kind].key)
        desk.until(lambda s, kind=kind: s["findings"]["tool"] == kind, "the tool in hand")  # type: ignore[misc]
        draw(desk, GESTURES[kind], middle(before))
        drawn = desk.until(lambda s: len(found(s)) == 1 and s["findings"]["saved"], kind)
        points = found(drawn)[0]["points"]
        desk.press(key)
        after = desk.until(lambda s: len(normals(s)) == 3, "three planes")
        assert any(_lies(points, normal, across=key == "Alt+Shift+L") for normal in normals(after)), key
        desk.press("Ctrl+BackSpace")
        desk.until(lambda s: not normals(s) and len(s["tiles"]) == 1, "as it was planned")


def _lies(points: list[list[float]], normal: list[float], across: bool) -> bool:
    """Whether all lines between points lie in a plane, or stand on it."""
    cosines = []
    for end in points[1:]:
        line = [b - a for a, b in zip(points[0], end, strict=True)]
        cosines.append(abs(sum(a * b for a, b in zip(line, normal, strict=True))) / math.hypot(*line))
    return all(cosine > 0.9999 for cosine in cosines) if across else all(cosine < 0.001 for cosine in cosines)


def test_killed_while_measuring_it_loses_the_drag_in_hand_alone(
    walked: Path, tool: Callable[[str], Path], desk: Desk
) -> None:
    clean(desk)
    assert desk.leave("Ctrl+Q") == ""
    tool("Xvfb")
    with Screen(1280, 800) as screen:
        first = Desk(screen, tool("xdotool"), walked)
        center = middle(first.open(TRUNK))
        for number in range(3):
            first.press("U")
            first.until(lambda s: s["findings"]["tool"], "the tool")
            first.drag((center[0] - 60, center[1] + 30 * number), (70, 5 * number))
            kept = first.until(
                lambda s, n=number: len(found(s)) == n + 1 and s["findings"]["saved"],
                "a mark kept",  # type: ignore[misc]
            )
            center = middle(kept)
        first.press("U")
        first.until(lambda s: s["findings"]["tool"], "the tool")
        first.hand("mousemove", round(center[0]), round(center[1]), "mousedown", 1)
        first.hand("mousemove", round(center[0]) + 50, round(center[1]))
        first.until(lambda s: s["findings"]["in_hand"], "a mark in hand", moving=True)
        first.process.send_signal(signal.SIGKILL)
        first.process.communicate(timeout=30)
        first.hand("mouseup", 1)
        second = Desk(screen, tool("xdotool"), walked)
        again = second.open(TRUNK)
        again = second.until(lambda s: len(found(s)) == 3, "the marks of before")
        for old, new in zip(found(kept), found(again), strict=True):
            assert {k: new[k] for k in ("uid", "number", "points", "values")} == {
                k: old[k] for k in ("uid", "number", "points", "values")
            }
        clean(second)
        assert second.close() == ""
