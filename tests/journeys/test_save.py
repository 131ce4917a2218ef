"""Saving by hand through X: drawn, saved, killed, and there again; changed since, which is said."""

import signal
from collections.abc import Callable
from pathlib import Path

from tests.journeys.desk import Desk, State, middle
from tests.journeys.expected import EARLIER
from tests.journeys.expected_window import STAYS
from workstation.bench.screen import Screen

STUDY = EARLIER.study_instance_uid


def marks(state: State) -> list[State]:
    return sorted(state["tiles"][0]["findings"], key=lambda each: int(each["number"]))


def test_what_was_drawn_is_saved_and_there_again(walked: Path, tool: Callable[[str], Path]) -> None:
    tool("Xvfb")
    with Screen(1280, 800) as screen:
        first = Desk(screen, tool("xdotool"), walked)
        center = middle(first.open(STUDY))
        first.press("U")
        first.until(lambda s: s["findings"]["tool"] == "length", "the tool in hand")
        first.drag((center[0] - 90, center[1] + 60), (90, 0))
        first.until(lambda s: len(marks(s)) == 1 and s["saving"]["unsaved"] == 1, "a length")
        first.press("Ctrl+S")
        done = first.until(lambda s: s["message"] == f"Saved 1 finding; {STAYS}", "what was saved")
        assert done["saving"]["unsaved"] == 0
        kept = marks(done)[0]
        first.until(lambda s: s["findings"]["saved"], "no draft left")
        first.process.send_signal(signal.SIGKILL)
        first.process.communicate(timeout=30)
        second = Desk(screen, tool("xdotool"), walked)
        again = second.open(STUDY)
        again = second.until(lambda s: len(marks(s)) == 1 and s["saving"]["unsaved"] == 0, "the mark of the document")
        assert {k: marks(again)[0][k] for k in ("uid", "points", "values")} == {
            k: kept[k] for k in ("uid", "points", "values")
        }
        second.press("Ctrl+S")
        second.until(lambda s: "is saved" in s["message"], "why there is nothing to save")
        second.press("Shift+Next", "Delete")
        second.until(lambda s: s["findings"]["count"] == 0 and s["saving"]["unsaved"] == 1, "the mark removed")
        second.press("Ctrl+S")
        second.until(lambda s: s["message"].startswith("Saved that there are no findings any more"), "that it is gone")
        second.until(lambda s: s["saving"]["unsaved"] == 0 and s["findings"]["saved"], "no draft left")
        assert second.close() == ""
