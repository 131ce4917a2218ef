"""Commands for what other objects say over the images."""

from typing import Final

from workstation.case.command import command
from workstation.case.overlays import Overlay
from workstation.case.state import Case
from workstation.case.taking_over import NOWHERE, can_be_copied, copied
from workstation.errors import HounsfieldError

MOST_COPIED: Final = 20
"""At once; a hundred segments of a whole body are looked at, not edited."""


def _none(case: Case) -> str:
    return "" if case.overlays.there else "The study brings no structures, segments or dose."


@command(
    "Structures and dose",
    "Alt+R",
    group="Picture",
    why_not=_none,
    found_by="rtstruct rtdose seg contours isodose segments radiotherapy overlay",
)
def structures_and_dose(case: Case) -> None:
    """Draw the structures, segments and doses that the study brings, as they were last shown; or hide them all."""
    case.overlays.toggle_all()


def _shown(case: Case) -> list[Overlay]:
    return [each for each in case.overlays.there if each.shown and can_be_copied(each)]


def _nothing_to_copy(case: Case) -> str:
    shown = _shown(case)
    if not shown:
        return "No segment or structure of others is shown; Alt+R shows them."
    if len(shown) > MOST_COPIED:
        return f"{len(shown)} segments and structures are shown; leave at most {MOST_COPIED} to copy them."
    return "" if any(_fits(case, each) for each in shown) else NOWHERE


def _fits(case: Case, overlay: Overlay) -> bool:
    try:
        copied(case, overlay)
    except HounsfieldError:
        return False
    return True


@command(
    "Copy shown segments to edit them",
    "Ctrl+Alt+C",
    group="Segments",
    why_not=_nothing_to_copy,
    permission="measure",
    found_by="take over segmentation structure rtstruct AI adopt editable",
)
def copy_shown_segments(case: Case) -> None:
    """Copy the segments and structures of others that are shown into own segments; the originals stay as they are."""
    for overlay in _shown(case):
        if _fits(case, overlay):
            copy_overlay(case, overlay)


def copy_overlay(case: Case, overlay: Overlay) -> None:
    """Copy one of them, and hide the original under its copy. Raises HounsfieldError where it fits on no series."""
    case.marks.asked.emit(copied(case, overlay))
    case.overlays.show(overlay.uid, False)
