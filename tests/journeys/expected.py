"""What each command of the case changes, as the state file tells it: one line a command."""

import math
from collections.abc import Callable
from dataclasses import replace

from tests.journeys.desk import State
from workstation.phantom.coded import STUDY as CODED_STUDY
from workstation.phantom.trunk import ADA

TRUNK, TWO_SERIES, PHASES = ADA.study_instance_uid, CODED_STUDY.study_instance_uid, "2.25.770"
STATE = "2.25.771"
SECOND_PATIENT = replace(CODED_STUDY, patient_id="BENCH-2", accession_number="BENCH-2", study_id="PHASES")
EARLIER = replace(SECOND_PATIENT, accession_number="BENCH-3", study_id="EARLIER", study_date="20190304")
"""A prior of the phases, three images: what journeys save is put here."""


def tile(state: State) -> State:
    """The facts of the active tile."""
    found: State = next(each for each in state["tiles"] if each["tile"] == state["active"])
    return found


def image(state: State) -> int:
    return int(tile(state)["image"])


def at(letter: str, state: State) -> str:
    """The edge of the active tile where a letter stands."""
    return next(edge for edge, text in tile(state)["letters"].items() if text == letter)


def linked(state: State) -> State:
    """How the active tile is linked."""
    found: State = tile(state)["linked"]
    return found


def place(state: State, axis: int) -> float:
    """Where the middle of the active tile lies in the patient along x, y or z."""
    return float(tile(state)["plane_position_lps"][axis])


def lies_apart(state: State) -> bool:
    """Whether the second tile is linked as far ahead of the first as it lies."""
    first, second = state["tiles"]
    apart = second["plane_position_lps"][2] - first["plane_position_lps"][2]
    return abs(second["linked"]["ahead_mm"] - apart) < 0.01 < abs(apart)


def tiles_are(rows: int, columns: int, state: State) -> bool:
    """Whether so many rows and columns of tiles are on screen."""
    tops, lefts = ({each["rect"][at] for each in state["tiles"]} for at in (1, 0))
    return (len(tops), len(lefts), len(state["tiles"])) == (rows, columns, rows * columns)


def differs(a: State, b: State) -> bool:
    return bool(tile(a)["sop_instance_uid"] != tile(b)["sop_instance_uid"])


def cut(state: State) -> State:
    """How the plane of the active tile is cut."""
    found: State = tile(state)["reformat"]
    return found


def turned_deg(number: int, a: State, b: State) -> int:
    """By how many degrees the plane of a tile has turned between two states."""
    before, after = (each["tiles"][number - 1]["reformat"]["normal"] for each in (a, b))
    return round(math.degrees(math.acos(min(1.0, abs(sum(x * y for x, y in zip(before, after, strict=True)))))))


def is_square(state: State) -> bool:
    """Whether the planes of the first three tiles lie as the scanner laid them."""
    return all(max(map(abs, each["reformat"]["normal"])) > 0.99999 for each in state["tiles"][:3])


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
    "auto-window": (TRUNK, 1, (), lambda a, b: tile(b)["window"]["name"] == "auto"),
    "wider-window": (TRUNK, 1, (), lambda a, b: (tile(a)["window"]["width"], tile(b)["window"]["width"]) == (400, 440)),
    "narrower-window": (TRUNK, 1, (), lambda a, b: tile(b)["window"]["width"] == 364),
    "brighter": (TRUNK, 1, (), lambda a, b: (tile(a)["window"]["center"], tile(b)["window"]["center"]) == (40, 20)),
    "darker": (TRUNK, 1, (), lambda a, b: tile(b)["window"]["center"] == 60),
    "reset-window": (
        TRUNK,
        1,
        ("R", "I", "3"),
        lambda a, b: (tile(b)["window"]["name"], tile(b)["inverted"], at("R", b)) == ("MEDIASTINUM", False, "top"),
    ),
    "invert": (TRUNK, 1, (), lambda a, b: tile(b)["inverted"]),
    "fit": (TRUNK, 1, ("O",), lambda a, b: tile(a)["zoom"] == 1 < tile(b)["zoom"]),
    "one-to-one": (TRUNK, 1, (), lambda a, b: tile(a)["zoom"] > tile(b)["zoom"] == 1 and tile(b)["fidelity"] == "full"),
    "true-size": (TRUNK, 1, (), lambda a, b: tile(b)["px_per_mm"] == 5 != tile(a)["px_per_mm"]),
    "closer": (TRUNK, 1, (), lambda a, b: abs(tile(b)["zoom"] / tile(a)["zoom"] - 1.25) < 1e-3),
    "further-away": (TRUNK, 1, (), lambda a, b: abs(tile(b)["zoom"] / tile(a)["zoom"] - 0.8) < 1e-3),
    "move-left": (TRUNK, 1, (), lambda a, b: place(b, 0) > place(a, 0) + 1),
    "move-right": (TRUNK, 1, (), lambda a, b: place(b, 0) < place(a, 0) - 1),
    "move-up": (TRUNK, 1, (), lambda a, b: place(b, 1) > place(a, 1) + 1),
    "move-down": (TRUNK, 1, (), lambda a, b: place(b, 1) < place(a, 1) - 1),
    "turn-back": (TRUNK, 1, (), lambda a, b: (at("R", a), at("R", b), at("A", b)) == ("left", "bottom", "left")),
    "flip": (TRUNK, 1, (), lambda a, b: (at("A", a), at("A", b), at("R", b)) == ("top", "bottom", "left")),
    "crosshair-lines": (TRUNK, 2, (), lambda a, b: tile(a)["crosshair_lines"] and not tile(b)["crosshair_lines"]),
    "rotating-mip": (TRUNK, 1, (), lambda a, b: tile(b)["turning"] == {"angle": 0, "degrees": 0.0, "prepared": True}),
    "mip-from-the-next-side": (TRUNK, 1, ("F9",), lambda a, b: (at("A", b), at("P", b)) == ("left", "right")),
    "reference-lines": (
        TRUNK,
        2,
        ("Tab",),
        lambda a, b: len(a["tiles"][3]["reference_lines"]) == 1 and not b["tiles"][3]["reference_lines"],
    ),
    "reference-ends": (TRUNK, 2, ("Shift+Tab",), lambda a, b: len(b["tiles"][1]["reference_lines"]) == 2),
    "text": (
        TRUNK,
        1,
        (),
        lambda a, b: (
            tile(b)["text"] == {corner: lines * (corner == "top_left") for corner, lines in tile(a)["text"].items()}
        ),
    ),
    "turn": (TRUNK, 1, (), lambda a, b: (at("R", a), at("R", b), at("A", b)) == ("left", "top", "right")),
    "mirror": (TRUNK, 1, (), lambda a, b: (at("R", a), at("R", b), at("A", b)) == ("left", "right", "top")),
    "interpolation": (
        TRUNK,
        1,
        (),
        lambda a, b: (tile(a)["interpolation"], tile(b)["interpolation"]) == ("linear", "nearest"),
    ),
    "reset": (TRUNK, 1, ("R", "H", "I", "O", "3"), lambda a, b: (at("R", b), tile(b)["inverted"]) == ("left", False)),
    "next-tile": (TRUNK, 2, (), lambda a, b: (a["active"], b["active"]) == (1, 2)),
    "previous-tile": (TRUNK, 2, (), lambda a, b: (a["active"], b["active"]) == (1, 4)),
    "maximise": (TRUNK, 2, ("Tab",), lambda a, b: b["maximised"] and [t["tile"] for t in b["tiles"]] == [2]),
    "swap-with-next": (TWO_SERIES, 1, (), lambda a, b: (b["active"], b["tiles"][0]["images"]) == (2, 12)),
    "hang-as-planned": (TWO_SERIES, 1, ("Shift+M",), lambda a, b: b["tiles"][0]["images"] == 40),
    "more-columns": (TWO_SERIES, 1, (), lambda a, b: tiles_are(1, 2, a) and tiles_are(1, 3, b)),
    "fewer-columns": (TWO_SERIES, 1, (), lambda a, b: tiles_are(1, 1, b)),
    "more-rows": (TWO_SERIES, 1, (), lambda a, b: tiles_are(2, 2, b)),
    "fewer-rows": (TWO_SERIES, 1, ("Ctrl+Shift+Down",), lambda a, b: tiles_are(1, 2, b)),
    "layout-1x1": (TWO_SERIES, 1, (), lambda a, b: tiles_are(1, 1, b)),
    "layout-1x2": (TRUNK, 1, (), lambda a, b: tiles_are(1, 2, b)),
    "layout-2x2": (TRUNK, 1, (), lambda a, b: tiles_are(2, 2, b)),
    "layout-2x3": (TRUNK, 1, (), lambda a, b: tiles_are(2, 3, b)),
    "layout-3x3": (TRUNK, 1, (), lambda a, b: tiles_are(3, 3, b)),
    "layout-4x4": (TRUNK, 1, (), lambda a, b: tiles_are(4, 4, b)),
    "layout-5x5": (TRUNK, 1, (), lambda a, b: tiles_are(5, 5, b)),
    "link-all": (TWO_SERIES, 1, (), lambda a, b: linked(a) is None and linked(b)["tiles"] == [1, 2]),
    "link-tile": (TWO_SERIES, 1, ("K",), lambda a, b: linked(b) is None),
    "link-here": (TWO_SERIES, 1, ("K",), lambda a, b: lies_apart(b)),
    "link-scroll": (TWO_SERIES, 1, ("K",), lambda a, b: linked(b)["shares"] == ["pan", "window", "zoom"]),
    "link-window": (TWO_SERIES, 1, ("K",), lambda a, b: linked(b)["shares"] == ["pan", "scroll", "zoom"]),
    "link-zoom": (TWO_SERIES, 1, ("K",), lambda a, b: linked(b)["shares"] == ["pan", "scroll", "window"]),
    "link-pan": (TWO_SERIES, 1, ("K",), lambda a, b: linked(b)["shares"] == ["scroll", "window", "zoom"]),
    "next-of-this-place": (
        TWO_SERIES,
        1,
        ("Tab",),
        lambda a, b: (tile(a)["images"], tile(b)["images"], place(b, 2)) == (12, 40, place(a, 2)),
    ),
    "previous-of-this-place": (
        TWO_SERIES,
        1,
        ("Tab", "X"),
        lambda a, b: (tile(a)["images"], tile(b)["images"], place(b, 2)) == (40, 12, place(a, 2)),
    ),
    "next-quadrant": (TRUNK, 1, (), lambda a, b: b["message"].startswith("No mammogram of this stage")),
    "previous-quadrant": (TRUNK, 1, (), lambda a, b: b["message"].startswith("No mammogram of this stage")),
    "copy-shown-segments": (TRUNK, 1, (), lambda a, b: b["message"].startswith("No segment or structure of others")),
    "structures-and-dose": (TRUNK, 1, (), lambda a, b: b["message"].startswith("The study brings no structures")),
    "next-stage": (TRUNK, 1, (), lambda a, b: b["stage"] == 2 and b["tiles"][0]["plane"] == "axial"),
    "previous-stage": (TRUNK, 2, (), lambda a, b: (a["stage"], b["stage"]) == (2, 1)),
    "next-series": (TWO_SERIES, 1, (), lambda a, b: (tile(a)["images"], tile(b)["images"]) == (40, 12)),
    "previous-series": (TWO_SERIES, 1, ("Tab",), lambda a, b: (tile(a)["images"], tile(b)["images"]) == (12, 40)),
    "three-planes": (
        TRUNK,
        1,
        (),
        lambda a, b: [each["plane"] for each in b["tiles"]] == ["axial", "coronal", "sagittal"],
    ),
    "slab-here": (TRUNK, 1, (), lambda a, b: (cut(b)["slab_mm"], cut(b)["slab_mode"]) == (10, "mip")),
    "thicker": (TRUNK, 2, (), lambda a, b: (cut(a)["slab_mm"], cut(b)["slab_mm"]) == (0, 1)),
    "thinner": (TRUNK, 2, ("Alt+PgUp",), lambda a, b: (cut(a)["slab_mm"], cut(b)["slab_mm"]) == (1, 0)),
    "next-slab-mode": (TRUNK, 2, (), lambda a, b: (cut(b)["slab_mm"], cut(b)["slab_mode"]) == (10, "mip")),
    "turn-planes": (TRUNK, 2, (), lambda a, b: [turned_deg(n, a, b) for n in (1, 2, 3)] == [0, 5, 5]),
    "turn-planes-back": (TRUNK, 2, ("Alt+Shift+Right",), lambda a, b: is_square(b)),
    "tip-plane": (TRUNK, 2, (), lambda a, b: sorted(turned_deg(n, a, b) for n in (1, 2, 3)) == [0, 5, 5]),
    "tip-plane-back": (TRUNK, 2, ("Alt+Shift+Up",), lambda a, b: is_square(b)),
    "planes-of-the-patient": (TRUNK, 2, ("Alt+Shift+Up",), lambda a, b: is_square(b)),
    "planes-of-the-scanner": (TRUNK, 2, ("Alt+Shift+Up",), lambda a, b: is_square(b) and not cut(b)["turned"]),
    "cubic-interpolation": (TRUNK, 2, (), lambda a, b: cut(b)["interpolation"] == "cubic"),
}
