"""What a person can do to keep what was made of a study, described as all commands are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from workstation.case.command import Command, Where
from workstation.case.state import Case
from workstation.ui.save_desk import UNDER_WAY, why_no_state

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

GROUP: Final = "Saving"


def _save(window: "MainWindow") -> None:
    _on_case(window, window.saving.save)


def _capture(window: "MainWindow") -> None:
    _on_case(window, window.saving.capture)


def _present(window: "MainWindow") -> None:
    _on_case(window, window.saving.present)


def _on_case(window: "MainWindow", act: Callable[[Case], None]) -> None:
    if window.reading.case is not None:
        act(window.reading.case)


def _nothing_to_save(window: "MainWindow") -> str:
    return window.saving.why_not(window.reading.case)


def _no_picture(window: "MainWindow") -> str:
    case = window.reading.case
    if case is None or not case.tiles or case.tiles[case.active].display_set is None:
        return "This tile is empty."
    return UNDER_WAY if window.saving.busy else ""


def _no_state(window: "MainWindow") -> str:
    case = window.reading.case
    return _no_picture(window) or ("" if case is None else why_no_state(case))


SAVE_COMMANDS: Final[dict[str, Command]] = {
    each.name: each
    for each in (
        Command(
            "save-findings",
            "Save",
            ("Ctrl+S",),
            _save,
            "Save findings, segments and key images as documents others read; they go where the study came from.",
            GROUP,
            Where.READING,
            "measure",
            _nothing_to_save,
            found_by="sign store sr structured report measurements send key images confirm",
        ),
        Command(
            "save-a-picture",
            "Save a picture of the tile",
            ("Ctrl+Shift+S",),
            _capture,
            "Keep what the active tile shows, with all its marks, as a picture in the study.",
            GROUP,
            Where.READING,
            "measure",
            _no_picture,
            found_by="secondary capture screenshot screen shot snapshot",
        ),
        Command(
            "save-how-it-is-shown",
            "Save how it is shown",
            ("Ctrl+Shift+P",),
            _present,
            "Keep window, turns, frame and marks of the active tile as a presentation state of its series.",
            GROUP,
            Where.READING,
            "measure",
            _no_state,
            found_by="gsps presentation state",
        ),
    )
}
