"""A program on a screen of its own, a hand on its keys and mouse (xdotool), and two ways to see what it does.

What the program says of itself is in its state file; what X has on the screen is read past the program.
"""

import json
import math
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.bench.screen import Screen
from workstation.picture.compose import DIGEST_ROWS

START = "import sys; from workstation.cli import main; raise SystemExit(main(sys.argv[1:]))"
LONGEST_S = 60.0
"""Long enough for a machine with ten times as much to do as it has cores; only what never comes takes it."""
LOOK_S = 0.004
TWO_CLICKS_S, TWO_CLICKS_PX = 0.5, 8
"""Presses that are sooner and nearer to each other are one double click, which does something else or nothing."""
WAYS_OUT = 8
"""Escapes after which the list must be in front, whatever lay over it."""

State = dict[str, Any]
Grey = NDArray[np.uint8]

UNASKED = frozenset({"coverage", "health", "loading", "message", "transfers", "underway"})
"""Parts of the state that change by themselves."""
KEYS = {"PgDown": "Next", "PgUp": "Prior", "Backspace": "BackSpace", "Space": "space", "?": "question", "/": "slash"}
KEYS.update({"Del": "Delete", "-": "minus", "]": "bracketright", "[": "bracketleft", ".": "period", ",": "comma"})
"""Names of X for keys that Qt calls otherwise."""


class Desk:
    """`hounsfield open` on a home, watched; every study as plain images, unless `protocol` is empty."""

    def __init__(
        self,
        screen: Screen,
        xdotool: Path,
        home: Path,
        scale: float = 1.0,
        arguments: tuple[str, ...] = (),
        protocol: str = "images",
    ):
        self.screen = screen
        self._xdotool = xdotool
        self._file = home.parent / "state.json"
        self._file.unlink(missing_ok=True)
        self._pressed = (-math.inf, (0.0, 0.0))
        environment = screen.environment() | {"HOUNSFIELD_HOME": str(home), "QT_SCALE_FACTOR": str(scale)}
        environment["PYTHONFAULTHANDLER"] = "1"
        checkout = str(Path(__file__).resolve().parents[2])
        environment["PYTHONPATH"] = os.pathsep.join([checkout, os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, "-c", START, "open", *arguments, "--state", str(self._file)]
        command += ["--protocol", protocol] if protocol else []
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)

    def state(self) -> State:
        try:
            state: State = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return state

    def until(self, wanted: Callable[[State], Any], what: str = "", moving: bool = False) -> State:
        """The first state that is as wanted and at rest, or `moving`: a film that plays never rests.

        What is wanted must not hold before the keys that bring it about, and no count of pictures is worth waiting for:
        another one may come in between. Whoever then looks at the screen calls `seen`.
        """
        deadline = time.monotonic() + LONGEST_S
        while True:
            state = self.state()
            if state and (moving or _at_rest(state)) and _holds(wanted, state):
                return state
            if self.process.poll() is not None:
                raise AssertionError(f"the program ended: {self.process.communicate()[1]}")
            if time.monotonic() > deadline:
                raise AssertionError(f"never came: {what or wanted}; the last was {state}")
            time.sleep(LOOK_S)

    def seen(self, wanted: Callable[[State], Any] = bool, what: str = "") -> tuple[State, Grey]:
        """The first state as wanted and at rest whose very pictures X has on the screen; and that screen as it was.

        A state may be read before X has drawn what it tells of: each tile names its picture by a digest.
        """
        deadline = time.monotonic() + LONGEST_S
        while True:
            state = self.until(wanted, what)
            screen = np.array(self.screen.grey)
            if all(_is_there(each, screen) for each in state["tiles"]):
                return state, screen
            assert time.monotonic() < deadline, f"never came to the screen: {what or wanted}"
            time.sleep(LOOK_S)

    def drawn(self, wanted: Callable[[Grey], Any], what: str) -> None:
        """Wait until the screen is as wanted: for what no state tells of."""
        deadline = time.monotonic() + LONGEST_S
        while not wanted(np.array(self.screen.grey)):
            assert time.monotonic() < deadline, f"never came to the screen: {what}"
            time.sleep(LOOK_S)

    def hand(self, *words: object) -> None:
        """One xdotool command line."""
        arguments = [str(self._xdotool), *map(str, words)]
        subprocess.run(arguments, env={**os.environ, "DISPLAY": self.screen.name}, check=True, timeout=LONGEST_S)

    def press(self, *keys: str) -> None:
        """Keys as the help page writes them."""
        chords = ("plus" if key == "+" else "+".join(_x_name(part) for part in key.split("+")) for key in keys)
        self.hand("key", *chords)

    def drag(self, start: tuple[float, float], by: tuple[int, int], button: int = 1, held: str = "") -> None:
        """Press, move in some steps, release; `held` is a modifier key."""
        self._keep_apart(start)
        words: list[object] = ["mousemove", round(start[0]), round(start[1])]
        words += ["keydown", held] if held else []
        words += ["mousedown", button]
        for step in range(1, 6):
            words += ["mousemove", round(start[0] + by[0] * step / 5), round(start[1] + by[1] * step / 5)]
        words += ["mouseup", button]
        words += ["keyup", held] if held else []
        self.hand(*words)

    def click(self, place: tuple[float, float], button: int = 1, times: int = 1, delay_ms: int = 40) -> None:
        self._keep_apart(place)
        self.hand(
            "mousemove", round(place[0]), round(place[1]), "click", "--repeat", times, "--delay", delay_ms, button
        )
        self._pressed = (time.monotonic(), place)

    def _keep_apart(self, place: tuple[float, float]) -> None:
        """A press at the place of the last click waits until it is one of its own."""
        at_s, there = self._pressed
        left_s = at_s + TWO_CLICKS_S - time.monotonic()
        if left_s > 0 and math.dist(place, there) < TWO_CLICKS_PX:
            time.sleep(left_s)

    def choose(self, study: str) -> State:
        """From wherever the program is: the list, with this study chosen."""
        for _ in range(WAYS_OUT):
            state = self.until(bool, moving=True)
            if state["page"] == "list" and not any(_in_the_way(state)):
                break
            before = _in_the_way(state)
            self.press("Esc")
            self.until(lambda s, before=before: _in_the_way(s) != before, "the way out", moving=True)  # type: ignore[misc]
        listed = self.until(lambda s: study in s["list"]["studies"], "the study in the list")["list"]
        self.press("Ctrl+Home", *["Down"] * listed["studies"].index(study))
        return self.until(lambda s: s["list"]["selected"] == study, "the study chosen")

    def open(self, study: str, stage: int = 1) -> State:
        """From wherever the program is: the list, then this study, then a stage of it."""
        self.choose(study)
        self.press("Return")
        state = self.until(lambda s: s["study_instance_uid"] == study and s["tiles"], "the study open")
        for number in range(2, stage + 1):
            self.press("Space")
            state = self.until(lambda s, number=number: s["stage"] == number, "the next stage")  # type: ignore[misc]
        return state

    def command(self, title: str) -> State:
        """Find a command in the palette by its name and run it, or learn why it cannot."""
        self.press("Ctrl+K")
        self.until(lambda s: s["palette"]["open"], "the palette")
        self.hand("type", title)
        state = self.until(lambda s: s["palette"].get("typed") == title, "what was typed")
        self.press("Return")
        return state

    def leave(self, keys: str) -> str:
        """Press what ends the program; what it said on stderr. One that stays says where each thread stands."""
        self.press(keys)
        try:
            return self.process.communicate(timeout=LONGEST_S)[1]
        except subprocess.TimeoutExpired:
            state = self.state()
            self.process.send_signal(signal.SIGABRT)
            raise AssertionError(f"it stays: {state}\n{self.process.communicate()[1]}") from None

    def close(self) -> str:
        """End the program; what it said on stderr."""
        self.process.terminate()
        return self.process.communicate(timeout=LONGEST_S)[1]


def part(screen: Grey, rect: list[int]) -> Grey:
    """A rectangle (left, top, width, height) of a screen."""
    left, top, width, height = rect
    return screen[top : top + height, left : left + width]


def told(state: State) -> State:
    """The state without what changes by itself: what a key did is a difference of these."""
    kept = _without(state, *UNASKED)
    kept["tiles"] = [_without(each, "painted", "busy", "digest") for each in state["tiles"]]
    kept["list"] = _without(state["list"], "status", "preview")
    return kept


def _without(facts: State, *names: str) -> State:
    return {name: value for name, value in facts.items() if name not in names}


def _is_there(tile: State, screen: Grey) -> bool:
    """Whether the picture of a tile is what the screen has in its place."""
    return bool(zlib.crc32(part(screen, tile["rect"])[::DIGEST_ROWS].tobytes()) == tile["digest"])


def _holds(wanted: Callable[[State], Any], state: State) -> bool:
    """Whether the state is as wanted; one that lacks what is asked for is not."""
    try:
        return bool(wanted(state))
    except (LookupError, TypeError, StopIteration):
        return False


def _x_name(key: str) -> str:
    name = KEYS.get(key, key)
    return name.lower() if len(name) == 1 or name in ("Shift", "Ctrl") else {"Esc": "Escape"}.get(name, name)


def _at_rest(state: State) -> bool:
    """Nothing is under way, no button of the mouse is down, and keys reach the window: before X gave it the keyboard
    none does.
    """
    tiles_rest = all("study_instance_uid" in t and (not t["busy"] or state["playing"]) for t in state["tiles"])
    return bool(state["keyboard"]) and not state["held"] and not state["loading"] and tiles_rest


def _in_the_way(state: State) -> tuple[object, ...]:
    """What Esc takes away, one after another, before the list is in front with all of its rows."""
    listed = state["list"]
    over = (state["palette"]["open"], bool(state["menu"]), state["drawer"], state["dialog"], state["magnifier"])
    page = "" if state["page"] == "list" else state["page"]
    curve = (bool(state["curve"]), bool(state["curve"]) and state["curve"]["placing"])
    words = (listed["search"], listed["searching"], listed["report"])
    marking = tuple(state["findings"][name] for name in ("tool", "in_hand", "selected", "entry"))
    return (*over, *marking, *curve, page, state["maximised"], bool(state["second_window"]), *words)


def middle(state: State, tile: int = 1) -> tuple[float, float]:
    """The middle of a tile on the screen."""
    x, y, width, height = state["tiles"][tile - 1]["rect"]
    return x + width / 2, y + height / 2
