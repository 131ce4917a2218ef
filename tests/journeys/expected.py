"""What each command of the case changes, as the state file tells it: one line a command."""

from collections.abc import Callable

from tests.journeys.desk import State
from workstation.phantom.coded import STUDY as CODED_STUDY
from workstation.phantom.trunk import ADA

TRUNK, TWO_SERIES, PHASES = ADA.study_instance_uid, CODED_STUDY.study_instance_uid, "2.25.770"
STATE = "2.25.771"


def tile(state: State) -> State:
    """The facts of the active tile."""
    found: State = next(each for each in state["tiles"] if each["tile"] == state["active"])
    return found


def image(state: State) -> int:
    return int(tile(state)["image"])


def at(letter: str, state: State) -> str:
    """The edge of the active tile where a letter stands."""
    return next(edge for edge, text in tile(state)["letters"].items() if text == letter)


def differs(a: State, b: State) -> bool:
    return bool(tile(a)["sop_instance_uid"] != tile(b)["sop_instance_uid"])


Check = Callable[[State, State], bool]

# Study, stage, keys beforehand, and what the command then changes between two states.
EXPECTED: dict[str, tuple[str, int, tuple[str, ...], Check]] = {
    "next-image": (TRUNK, 1, (), lambda a, b: image(b) == image(a) + 1),
    "previous-image": (TRUNK, 1, (), lambda a, b: image(b) == image(a) - 1),
    "ten-images-on": (TRUNK, 1, (), lambda a, b: image(b) == image(a) + 10),
    "ten-images-back": (TRUNK, 1, (), lambda a, b: image(b) == image(a) - 10),
    "first-image": (TRUNK, 1, (), lambda a, b: image(b) == 1),
    "last-image": (TRUNK, 1, (), lambda a, b: image(b) == tile(b)["images"] == 60),
    "window-as-stored": (TRUNK, 1, ("2",), lambda a, b: tile(b)["window"]["name"] == "MEDIASTINUM"),
    "next-own-window": (TRUNK, 1, (), lambda a, b: tile(b)["window"]["name"] == "LUNG"),
    "next-palette": (TRUNK, 1, (), lambda a, b: (tile(a)["palette"], tile(b)["palette"]) == ("", "HOT_IRON")),
    "overlays": (TRUNK, 1, (), lambda a, b: tile(a)["overlays"] and not tile(b)["overlays"]),
    "subtract": (TRUNK, 1, (), lambda a, b: tile(b)["subtracted"] and tile(b)["window"]["name"] == "subtraction"),
    "mask-left": (TRUNK, 1, ("D",), lambda a, b: tile(b)["mask_shift_px"] == [0, -0.25]),
    "mask-right": (TRUNK, 1, ("D",), lambda a, b: tile(b)["mask_shift_px"] == [0, 0.25]),
    "mask-up": (TRUNK, 1, ("D",), lambda a, b: tile(b)["mask_shift_px"] == [-0.25, 0]),
    "mask-down": (TRUNK, 1, ("D",), lambda a, b: tile(b)["mask_shift_px"] == [0.25, 0]),
    "next-presentation": (
        TRUNK,
        1,
        (),
        lambda a, b: (tile(a)["presentation"], tile(b)["presentation"]) == (None, STATE),
    ),
    "play": (TRUNK, 1, (), lambda a, b: b["playing"] == [1] and image(b) != image(a)),
    "play-faster": (TRUNK, 1, ("C",), lambda a, b: b["speeds"] == [2.0]),
    "play-slower": (TRUNK, 1, ("C",), lambda a, b: b["speeds"] == [0.5]),
    "next-phase": (PHASES, 1, ("Up",), lambda a, b: differs(a, b) and image(a) == image(b)),
    "previous-phase": (PHASES, 1, ("Up",), lambda a, b: differs(a, b) and image(a) == image(b)),
    "invert": (TRUNK, 1, (), lambda a, b: tile(b)["inverted"]),
    "fit": (TRUNK, 1, ("O",), lambda a, b: tile(a)["zoom"] == 1 < tile(b)["zoom"]),
    "one-to-one": (TRUNK, 1, (), lambda a, b: tile(a)["zoom"] > tile(b)["zoom"] == 1 and tile(b)["fidelity"] == "full"),
    "turn": (TRUNK, 1, (), lambda a, b: (at("R", a), at("R", b), at("A", b)) == ("left", "top", "right")),
    "mirror": (TRUNK, 1, (), lambda a, b: (at("R", a), at("R", b), at("A", b)) == ("left", "right", "top")),
    "interpolation": (TRUNK, 1, (), lambda a, b: tile(a)["painted"] < tile(b)["painted"]),
    "reset": (TRUNK, 1, ("R", "H", "I", "O", "3"), lambda a, b: (at("R", b), tile(b)["inverted"]) == ("left", False)),
    "next-tile": (TRUNK, 2, (), lambda a, b: (a["active"], b["active"]) == (1, 2)),
    "previous-tile": (TRUNK, 2, (), lambda a, b: (a["active"], b["active"]) == (1, 4)),
    "maximise": (TRUNK, 2, ("Tab",), lambda a, b: b["maximised"] and [t["tile"] for t in b["tiles"]] == [2]),
    "next-stage": (TRUNK, 1, (), lambda a, b: b["stage"] == 2 and b["tiles"][0]["plane"] == "axial"),
    "previous-stage": (TRUNK, 2, (), lambda a, b: (a["stage"], b["stage"]) == (2, 1)),
    "next-series": (TWO_SERIES, 1, (), lambda a, b: (tile(a)["images"], tile(b)["images"]) == (40, 12)),
    "previous-series": (TWO_SERIES, 1, ("Tab",), lambda a, b: (tile(a)["images"], tile(b)["images"]) == (12, 40)),
}
