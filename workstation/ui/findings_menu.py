"""What the menu of a tile says first while a mark is selected: what can be done with that mark."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtWidgets import QMenu

from workstation.case.command import Command
from workstation.case.state import Case
from workstation.findings.words import summary
from workstation.ui.window_commands import all_commands

ENTRIES: Final = (
    "name-the-mark",
    "site-of-the-mark",
    "confirm-the-mark",
    "hide-the-mark",
    "show-the-mark-in-all-tiles",
    "copy-to-other-tiles",
    "copy-the-values",
    "draw-calibration",
    "delete-mark",
)
MOST_LETTERS: Final = 48


def put_mark(
    menu: QMenu,
    case: Case,
    run: Callable[[str], None],
    why_not: Callable[[Command], str],
    keys: Mapping[str, tuple[str, ...]],
) -> None:
    """The selected mark by its name and value, and its commands; nothing while none is selected."""
    found = case.marks.find(case.marks.selected)
    if found is None:
        return
    head = f"{found.title}   {summary(found)}".strip()
    menu.addAction(head if len(head) <= MOST_LETTERS else f"{head[: MOST_LETTERS - 1]}…").setEnabled(False)
    known = all_commands()
    for name in (each for each in ENTRIES if each in known):
        key = f"\t{keys[name][0]}" if keys.get(name) else ""
        reason = why_not(known[name])
        action = menu.addAction(f"{known[name].title}{key}", partial(run, name))
        action.setEnabled(not reason)
        action.setToolTip(reason or known[name].help)
    menu.addSeparator()
