"""A segment painted through X, and a program that is killed while the next stroke is drawn."""

import signal
from collections.abc import Callable
from pathlib import Path

from tests.journeys.desk import Desk, State, middle
from tests.journeys.expected import TRUNK
from tests.journeys.expected_segments import segments, setting
from workstation.bench.screen import Screen


def painted(state: State) -> bool:
    made = segments(state)
    return bool(made and made[0]["voxels"] and not state["findings"]["segments"]["busy"] and state["findings"]["saved"])


def limited(state: State) -> bool:
    return bool(setting("limited")(state))


def test_a_stroke_is_seen_at_its_place_and_outlives_a_kill(walked: Path, tool: Callable[[str], Path]) -> None:
    tool("Xvfb")
    with Screen(1280, 800) as screen:
        first = Desk(screen, tool("xdotool"), walked)
        first.open(TRUNK)
        first.press("Ctrl+B")
        x, y = middle(first.until(lambda s: s["findings"]["tool"] == "brush" and s["findings"]["panel"]["open"]))
        first.drag((x - 40, y), (60, 30))
        kept = first.until(lambda s: painted(s) and s["tiles"][0]["segments"], "the stroke")
        left, top, right, bottom = kept["tiles"][0]["segments"][0]["drawn"]
        corner = kept["tiles"][0]["rect"][:2]
        assert left < x - 40 - corner[0] < x + 20 - corner[0] < right
        assert top < y - corner[1] < y + 30 - corner[1] < bottom
        first.hand("mousemove", round(x), round(y) + 80, "mousedown", 1)
        first.hand("mousemove", round(x) + 50, round(y) + 80)
        first.process.send_signal(signal.SIGKILL)
        first.process.communicate(timeout=30)
        first.hand("mouseup", 1)
        second = Desk(screen, tool("xdotool"), walked)
        second.open(TRUNK)
        again = second.until(painted, "the segment of before")
        assert segments(again)[0]["voxels"] == segments(kept)[0]["voxels"]
        second.press("Shift+G")
        second.until(lambda s: s["findings"]["hidden"] and not s["tiles"][0]["segments"], "all marks hidden")
        second.press("Shift+G")
        second.until(lambda s: s["tiles"][0]["segments"], "all marks shown")
        second.press("Ctrl+N")
        second.until(lambda s: len(segments(s)) == 2 and s["findings"]["saved"], "a second one")
        second.press("Ctrl+Z")
        second.until(lambda s: len(segments(s)) == 1 and s["findings"]["saved"], "the second taken back")
        second.press("Ctrl+Alt+B")
        x, y = middle(second.until(lambda s: s["findings"]["tool"] == "limit-to-a-box", "a limit in hand"))
        second.drag((x - 30, y - 30), (60, 50))
        second.until(lambda s: limited(s) and s["findings"]["tool"] == "threshold", "the limit, and what it is for")
        second.press("Ctrl+Alt+N", "Esc")
        second.until(lambda s: not limited(s) and not s["findings"]["tool"], "no limit")
        second.press("Ctrl+Delete")
        second.until(
            lambda s: not segments(s) and s["findings"]["saved"] and not s["tiles"][0]["segments"], "none left"
        )
        assert second.leave("Ctrl+Q") == ""
