"""What each command of the window and of the list changes, as the state file tells it: one line a command."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.journeys.desk import State
from tests.journeys.expected import EARLIER, PHASES, TRUNK, Check, image, tile
from workstation.imaging.presets import presets


@dataclass(frozen=True)
class Line:
    """`study` is opened, or with `listed` only chosen; keys `beforehand` until `ready`, the command until `check`,
    then keys `afterwards`, each of which changes something.
    """

    check: Check
    beforehand: tuple[str, ...] = ()
    ready: Callable[[State], bool] = lambda state: True
    afterwards: tuple[str, ...] = ()
    study: str = TRUNK
    listed: bool = False


def status(state: State, study: str = TRUNK) -> str:
    return str(state["list"]["status"].get(study, ""))


def tab(state: State, step: int = 0) -> str:
    """The key of the tab in front, or of one beside it, round the end."""
    keys = [each["key"] for each in state["list"]["tabs"]]
    return str(keys[(keys.index(state["list"]["tab"]) + step) % len(keys)])


def second(state: State) -> list[int]:
    """The tiles in the second window."""
    return [each["tile"] for each in state["second_window"]["tiles"]] if state["second_window"] else []


STAYS = "it stays on this computer: this study came from no archive."

AROUND: dict[str, Line] = {
    "keys-and-mouse": Line(lambda a, b: (a["page"], b["page"]) == ("reading", "help")),
    "change-keys-and-mouse": Line(lambda a, b: b["page"] == "keys"),
    "settings": Line(lambda a, b: b["page"] == "settings" and "look.theme" in b["settings"]["rows"]),
    "command-palette": Line(lambda a, b: not a["palette"]["open"] and b["palette"]["open"]),
    "find-in-the-archives": Line(lambda a, b: b["page"] == "query" and "No archive is set up" in b["query"]["empty"]),
    "nodes": Line(lambda a, b: b["page"] == "nodes" and b["nodes"]["nodes"] == []),
    "fetched-and-sent": Line(lambda a, b: b["drawer"] == "Fetched and sent"),
    "what-is-under-way": Line(lambda a, b: b["drawer"] == "Under way"),
    "last-messages": Line(lambda a, b: (b["drawer"] or "").startswith("The last messages")),
    "check-again": Line(
        lambda a, b: b["health"] == {"archives": "No archive set up", "self_check": "Self-check passed"}
    ),
    "key-image": Line(lambda a, b: (a["saving"]["keys"], b["saving"]["keys"]) == (0, 1), afterwards=("Shift+J",)),
    "what-the-key-image-is-for": Line(
        lambda a, b: [each["for"] for each in b["findings"]["keys"]] == ["for referring provider"],
        ("Shift+J",),
        lambda s: s["saving"]["keys"] == 1,
        afterwards=("Shift+J",),
    ),
    "next-key-image": Line(
        lambda a, b: image(b) == image(a) - 1,
        ("Shift+J", "Down", "Shift+J"),
        lambda s: s["saving"]["keys"] == 2,
        afterwards=("Shift+J", "Down", "Shift+J"),
    ),
    "save-a-picture": Line(lambda a, b: b["message"] == f"Saved a picture; {STAYS}", study=EARLIER.study_instance_uid),
    "export-a-picture": Line(lambda a, b: b["message"].startswith("Exported to "), study=EARLIER.study_instance_uid),
    "reject-the-image": Line(
        lambda a, b: a["menu"] is None and "Quality: Motion blur" in (b["menu"] or ()), study=EARLIER.study_instance_uid
    ),
    "save-how-it-is-shown": Line(
        lambda a, b: b["message"] == f"Saved how this series is shown; {STAYS}", study=EARLIER.study_instance_uid
    ),
    "back": Line(lambda a, b: (b["page"], b["tiles"]) == ("list", [])),
    "magnifier": Line(lambda a, b: not a["magnifier"] and b["magnifier"]),
    "menu-of-the-tile": Line(lambda a, b: a["menu"] is None and len(b["menu"] or ()) > 5),
    "park": Line(lambda a, b: b["page"] == "list" and status(b) == "parked"),
    "series-strip": Line(lambda a, b: a["strip"] and not b["strip"] and b["grid"][0] == 0, afterwards=("F2",)),
    "explain": Line(
        lambda a, b: a["panel"] is None and "How this study hangs" in (b["panel"] or ""), afterwards=("F3",)
    ),
    "reports": Line(lambda a, b: a["report"] is None and "No study on the screen" in b["report"], afterwards=("F6",)),
    "structures-panel": Line(
        lambda a, b: not a["overlays"]["open"] and "bring no structures" in b["overlays"]["notes"], afterwards=("F7",)
    ),
    "read-the-explanation": Line(
        lambda a, b: a["panel"] is None and "How this study hangs" in (b["panel"] or ""), afterwards=("F3",)
    ),
    "thickness-in-mm": Line(
        lambda a, b: not a["thickness"] and b["thickness"],
        beforehand=("Alt+B",),
        ready=lambda state: tile(state)["reformat"]["slab_mm"] == 10,
        afterwards=("Esc",),
    ),
    "tile-to-the-second-window": Line(lambda a, b: (second(a), second(b), b["tiles"]) == ([], [1], [])),
    "audience-view": Line(
        lambda a, b: (a["audience"], b["audience"], tile(b)["text"]["top_left"]) == (False, True, []),
        afterwards=("Ctrl+Shift+A",),
    ),
    "bring-all-tiles-back": Line(
        lambda a, b: not second(b), beforehand=("Ctrl+T",), ready=lambda state: second(state) == [1]
    ),
    "ask-for-orders": Line(lambda a, b: "“Node with the modality worklist”" in b["message"], listed=True),
    "search-studies": Line(lambda a, b: not a["list"]["searching"] and b["list"]["searching"], listed=True),
    "leave-the-search": Line(
        lambda a, b: b["list"]["search"] == "" and not b["list"]["searching"],
        beforehand=("b", "e"),
        ready=lambda state: bool(state["list"]["search"] == "be"),
        listed=True,
    ),
    "open-with-priors": Line(lambda a, b: b["study_instance_uid"] == PHASES, study=PHASES, listed=True),
    "priors-in-the-archives": Line(lambda a, b: "No archive is set up" in b["message"], listed=True),
    "mark-read": Line(lambda a, b: status(a) != "read" and status(b) == "read", afterwards=("Ctrl+M",), listed=True),
    "claim-the-study": Line(
        lambda a, b: TRUNK not in a["list"]["claimed"] and b["list"]["claimed"][TRUNK] != "",
        afterwards=("Ctrl+L",),
        listed=True,
    ),
    "unclaim-the-study": Line(
        lambda a, b: TRUNK not in b["list"]["claimed"],
        beforehand=("Ctrl+L",),
        ready=lambda state: TRUNK in state["list"]["claimed"],
        listed=True,
    ),
    "urgency-stat": Line(
        lambda a, b: TRUNK not in a["list"]["urgency"] and b["list"]["urgency"][TRUNK] == "STAT",
        afterwards=("Ctrl+Shift+U",),
        listed=True,
    ),
    "copy-patient-id": Line(
        lambda a, b: b["message"] == "The patient ID was copied." and b["list"]["search"] == "", listed=True
    ),
    "copy-study-uid": Line(lambda a, b: b["message"] == "The StudyInstanceUID was copied.", listed=True),
    "what-is-not-shown": Line(
        lambda a, b: a["list"]["report"] == "" and "Presentation State" in b["list"]["report"], listed=True
    ),
    "toggle-preview": Line(
        lambda a, b: a["list"]["preview"]["shown"] and not b["list"]["preview"]["shown"],
        afterwards=("F2",),
        listed=True,
    ),
    "keep-filter": Line(
        lambda a, b: len(b["list"]["tabs"]) == len(a["list"]["tabs"]) + 1 and b["list"]["tabs"][-1]["name"] == "be",
        beforehand=("b", "e"),
        ready=lambda state: bool(state["list"]["search"] == "be"),
        afterwards=("Ctrl+1",),
        listed=True,
    ),
    "next-tab": Line(lambda a, b: tab(b) == tab(a, 1), afterwards=("Ctrl+1",), listed=True),
    "previous-tab": Line(lambda a, b: tab(b) == tab(a, -1), afterwards=("Ctrl+1",), listed=True),
}


def _tab(number: int) -> Line:
    """From tab 2 to 1, from tab 1 to any other: there are ten."""

    def check(before: State, after: State) -> bool:
        found = after["list"]["tab"] == after["list"]["tabs"][number - 1]["key"]
        return bool(found and before["list"]["tab"] != after["list"]["tab"])

    if number > 1:
        return Line(check, afterwards=("Ctrl+1",), listed=True)
    return Line(check, beforehand=("Ctrl+2",), ready=lambda state: bool(tab(state) != "all"), listed=True)


def _preset(number: int) -> Line:
    """Preset 1 is the window the trunk comes with: another goes before it."""
    wanted = next(each for each in presets("CT") if each.key == str(number))
    window = {"center": wanted.center, "width": wanted.width, "unit": "HU", "name": wanted.name}
    return Line(
        lambda a, b: tile(a)["window"] != window and tile(b)["window"] == window,
        beforehand=("2",) if number == 1 else (),
        ready=lambda state: bool(tile(state)["window"] != window),
    )


AROUND |= {f"tab-{number}": _tab(number) for number in range(1, 10)}
AROUND |= {f"preset-{number}": _preset(number) for number in range(1, 10)}


def _curve(check: Check, *more: str, line: bool = True, anew: bool = True) -> Line:
    """With the curve open and, but for the first commands, a line from the first image to the last; the study keeps
    it, so that afterwards it is taken away, but where the command itself does."""
    keys = ("Alt+Shift+C", "Alt+K", "End", "Alt+K") if line else ("Alt+Shift+C",)

    def ready(state: State) -> bool:
        curve = state["curve"]
        return bool(curve and (not line or curve["shown_arc_mm"] is not None))

    afterwards = ("Alt+Shift+Backspace",) if anew else ()
    return Line(check, beforehand=(*keys, *more), ready=ready, afterwards=afterwards)


AROUND |= {
    "curve": Line(lambda a, b: a["curve"] is None and b["curve"]["placing"], afterwards=("Alt+Shift+C",)),
    "point-of-the-curve-here": _curve(lambda a, b: len(b["curve"]["points"]) == 1, line=False),
    "follow-the-vessel": _curve(lambda a, b: a["message"] != b["message"] and "vessel" in b["message"]),
    "take-back-the-last-point": _curve(lambda a, b: len(b["curve"]["points"]) == len(a["curve"]["points"]) - 1),
    "remove-the-point-of-the-curve": _curve(lambda a, b: len(b["curve"]["points"]) == len(a["curve"]["points"]) - 1),
    "save-the-picture-of-the-curve": _curve(lambda a, b: b["message"] == f"Saved a picture of the curve; {STAYS}"),
    "curve-anew": _curve(lambda a, b: a["curve"]["points"] and not b["curve"]["points"], anew=False),
    "straightened-or-stretched": _curve(lambda a, b: b["curve"]["stretched"]),
    "turn-about-the-curve": _curve(lambda a, b: (a["curve"]["degrees"], b["curve"]["degrees"]) == (0, 10)),
    "turn-back-about-the-curve": _curve(lambda a, b: (a["curve"]["degrees"], b["curve"]["degrees"]) == (0, 350)),
    "along-the-curve": _curve(lambda a, b: b["curve"]["arc_mm"] > a["curve"]["arc_mm"]),
    "back-along-the-curve": _curve(lambda a, b: b["curve"]["arc_mm"] < a["curve"]["arc_mm"], "Alt+End"),
    "mark-on-the-curve": _curve(lambda a, b: b["curve"]["between"] is not None),
    "keep-the-curve": _curve(lambda a, b: b["findings"]["count"] == a["findings"]["count"] + 1),
    "write-planes-as-a-series": Line(
        lambda a, b: b["message"].endswith("Enter writes them, Esc does not."),
        beforehand=("Alt+M",),
        ready=lambda state: bool(tile(state).get("reformat")) and not state["loading"],
        afterwards=("Esc",),
        study=EARLIER.study_instance_uid,
    ),
}

WALKED = {
    "save-findings": "test_what_was_drawn_is_saved_and_there_again",
    "open-as-it-arrives": "test_a_study_is_found_and_opened_as_it_arrives",
    "fetch-the-study": "test_a_study_is_found_and_opened_as_it_arrives",
    "send-the-found-study": "test_a_study_is_found_and_opened_as_it_arrives",
    "type-another-query": "test_a_study_is_found_and_opened_as_it_arrives",
    "leave-the-query": "test_a_study_is_found_and_opened_as_it_arrives",
    "next-study": "test_the_list_is_walked_from_the_open_study",
    "previous-study": "test_the_list_is_walked_from_the_open_study",
    "next-unread-study": "test_the_list_is_walked_from_the_open_study",
    "read-and-next": "test_the_list_is_walked_from_the_open_study",
    "open-the-study": "test_what_has_no_key_is_run_by_name",
    "urgency-high": "test_what_has_no_key_is_run_by_name",
    "urgency-routine": "test_what_has_no_key_is_run_by_name",
    "urgency-low": "test_what_has_no_key_is_run_by_name",
    "urgency-as-it-came": "test_what_has_no_key_is_run_by_name",
    "remove-the-study": "test_what_has_no_key_is_run_by_name",
    "import-a-folder": "test_a_folder_is_chosen_imported_and_stopped",
    "import-files": "test_files_are_chosen_and_imported",
    "stop-what-is-under-way": "test_a_folder_is_chosen_imported_and_stopped",
    "leave-the-program": "test_the_last_key_leaves_the_program",
}
"""Commands that need more than a line, and the test that presses them."""
