"""Commands on the selected mark: how far it is, whether it is seen, and where else."""

from dataclasses import replace
from typing import Final

from workstation.case.command import command
from workstation.case.drawing_commands import GROUP
from workstation.case.drawing_show import show_everywhere, showing
from workstation.case.finding_copies import copies
from workstation.case.state import Case
from workstation.findings.finding import Finding, Status

NONE_SELECTED: Final = "No mark is selected; click one."


def _selected(case: Case) -> Finding | None:
    return case.marks.find(case.marks.selected)


def _not_open(case: Case) -> str:
    found = _selected(case)
    if found is None:
        return NONE_SELECTED
    return "This mark is confirmed." if found.status is Status.CONFIRMED else ""


@command(
    *("Confirm the mark", "Alt+Y"),
    group=GROUP,
    why_not=_not_open,
    permission="measure",
    found_by="accept agree status ai draft approve",
)
def confirm_the_mark(case: Case) -> None:
    """Say that the selected mark holds, be it a draft or found by an algorithm; undo takes that back."""
    found = _selected(case)
    if found is not None:
        case.marks.change(replace(found, status=Status.CONFIRMED))


def _none_selected(case: Case) -> str:
    return "" if _selected(case) else NONE_SELECTED


@command("Hide the mark", "Shift+I", group=GROUP, why_not=_none_selected)
def hide_the_mark(case: Case) -> None:
    """Hide the selected mark, or show it again; its row stays in the list of findings."""
    found = _selected(case)
    if found is not None:
        case.marks.change(replace(found, hidden=not found.hidden))


def _nowhere(case: Case) -> str:
    found = _selected(case)
    if found is None:
        return NONE_SELECTED
    return "" if showing(case, found) else "No tile on screen shows the place of this mark."


@command(
    *("Show the mark in all tiles", "Alt+G"),
    group=GROUP,
    why_not=_nowhere,
    found_by="jump go locate place everywhere crosshair",
)
def show_the_mark_in_all_tiles(case: Case) -> None:
    """Bring each tile on screen that can show the place of the selected mark to it."""
    found = _selected(case)
    if found is not None:
        show_everywhere(case, found)


def _no_copies(case: Case) -> str:
    found = _selected(case)
    if found is None:
        return NONE_SELECTED
    return "" if copies(case, found) else "No other tile shows another series of this patient that it fits."


@command(
    *("Copy to other tiles", "Alt+X"),
    group=GROUP,
    why_not=_no_copies,
    permission="measure",
    found_by="duplicate repeat prior compare same place roi",
)
def copy_to_other_tiles(case: Case) -> None:
    """Draw the selected mark once more on each other series on screen, at the same place, with values of its own."""
    found = _selected(case)
    if found is not None and (made := copies(case, found)):
        case.marks.add(*made)
