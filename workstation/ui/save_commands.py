"""What a person can do to keep what was made of a study, described as all commands are."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QMenu

from workstation.case.command import Command, Where
from workstation.case.key_commands import OF_A_PLANE, key_of
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


def _export(window: "MainWindow") -> None:
    _on_case(window, window.saving.export)


def _reject(window: "MainWindow") -> None:
    """The reasons, over the tile: choosing one is the act, and Esc leaves it."""
    from workstation.documents.kos import REASONS, REJECTED_QUALITY, REJECTED_SAFETY, WRONG_ENTRY

    case = window.reading.case
    if case is None:
        return
    menu = QMenu(window)
    menu.setAccessibleName("Why the image is rejected")
    menu.addAction("Reject this image, to be seen by the archive; it cannot be taken back").setEnabled(False)
    menu.addSeparator()
    for reason in REASONS:
        menu.addAction(f"Quality: {reason.meaning}", partial(window.saving.reject, case, REJECTED_QUALITY, reason))
    menu.addAction("Patient safety", partial(window.saving.reject, case, REJECTED_SAFETY, None))
    menu.addAction("Wrong label: not this worklist entry", partial(window.saving.reject, case, WRONG_ENTRY, None))
    window.menus.show(menu)


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


def _no_image(window: "MainWindow") -> str:
    case = window.reading.case
    if reason := _no_picture(window):
        return reason
    return "" if case is None or key_of(case.view(case.active)) is not None else OF_A_PLANE


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
            "export-a-picture",
            "Export a picture of the tile",
            ("Ctrl+Shift+E",),
            _export,
            "Write what the active tile shows, with its marks and without a name, as a PNG outside the program.",
            GROUP,
            Where.READING,
            "send",
            _no_picture,
            found_by="png file image out teaching slide share folder",
        ),
        Command(
            "reject-the-image",
            "Reject the image",
            ("Alt+Shift+Del",),
            _reject,
            "Say that the image on screen is not to be used, and why; the archive acts on it. It cannot be taken back.",
            GROUP,
            Where.READING,
            "send",
            _no_image,
            found_by="iocm quality wrong label patient motion artifact kos delete",
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
