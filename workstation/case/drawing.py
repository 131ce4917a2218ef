"""The findings of the open case: what is marked, what is in hand, which tool is; each change can be undone.

Values go in and out; only the main thread changes them. `changed` follows all that pictures, panel and drafts must
follow, `moved` what only lies over the pictures while a hand moves it.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from psygnal import Signal

from workstation.case.undo import History
from workstation.findings.finding import Finding, Kind, Value

ERASER: Final = "eraser"
Findings = tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class ShownMarks:
    """The findings to be seen now, captured for painting; the one in hand lies over the pictures and is none of them.

    `revision` grows with every change: a picture says which one it shows.
    """

    findings: Findings = ()
    selected: str = ""
    revision: int = 0

    @cached_property
    def by_frame(self) -> dict[str, list[Finding]]:
        """Those in the patient by frame of reference."""
        found: dict[str, list[Finding]] = {}
        for each in self.findings:
            if each.frame_of_reference_uid is not None:
                found.setdefault(each.frame_of_reference_uid, []).append(each)
        return found

    @cached_property
    def by_image(self) -> dict[tuple[str, int], list[Finding]]:
        """Those in pixels by SOPInstanceUID and frame (from 0) of their image."""
        found: dict[tuple[str, int], list[Finding]] = {}
        for each in self.findings:
            if each.frame_of_reference_uid is None:
                for source in each.sources:
                    found.setdefault((source.sop_instance_uid, source.frame), []).append(each)
        return found


class Marks:
    """Findings with selection, tool and history. `tool` is a Kind's value, ERASER, or empty for windowing."""

    changed = Signal()
    moved = Signal()
    tool_changed = Signal()

    def __init__(self) -> None:
        self._history: History[Findings] = History(())
        self.tool = ""
        self.locked = False
        self.selected = ""
        """The finding that handles, arrows and Delete act on."""
        self.current = ""
        """The finding that was touched last."""
        self.hidden = False
        self.in_hand: Finding | None = None
        self.revision = 0
        self._put_down = ""

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._history.value)

    def __len__(self) -> int:
        return len(self._history.value)

    @property
    def findings(self) -> Findings:
        return self._history.value

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    def find(self, uid: str) -> Finding | None:
        """By tracking UID."""
        return next((each for each in self._history.value if uid and each.tracking_uid == uid), None)

    def next_number(self) -> int:
        """The number of a new finding; never one that another has."""
        return max((each.number for each in self._history.value), default=0) + 1

    @property
    def shown(self) -> ShownMarks:
        """What pictures show now."""
        if self._shown is None or self._shown.revision != self.revision:
            held = self.in_hand.tracking_uid if self.in_hand else ""
            seen = (each for each in self._history.value if not each.hidden and each.tracking_uid != held)
            self._shown = ShownMarks(() if self.hidden else tuple(seen), self.selected, self.revision)
        return self._shown

    _shown: ShownMarks | None = None

    def over(self, revision: int) -> Finding | None:
        """The finding to draw over a picture of that revision: the one in hand, or the one just put down."""
        if self.in_hand is not None:
            return self.in_hand
        return self.find(self._put_down) if revision < self.revision and not self.hidden else None

    # ---------------------------------------------------------------- change

    def take_up(self, findings: Iterable[Finding]) -> None:
        """Begin with these, such as drafts of an earlier time; nothing before them can be undone to."""
        self._history = History(tuple(findings))
        self._touched()

    def add(self, finding: Finding) -> None:
        self._put((*self._history.value, finding), finding.tracking_uid)

    def change(self, *findings: Finding) -> None:
        """Put findings in place of those of the same UID, as one step."""
        new = {each.tracking_uid: each for each in findings}
        old = self._history.value
        changed = tuple(new.get(each.tracking_uid, each) for each in old)
        if changed != old:
            self._put(changed, findings[0].tracking_uid)

    def remove(self, uid: str) -> None:
        if self.find(uid) is not None:
            self._put(tuple(each for each in self._history.value if each.tracking_uid != uid), "")

    def measured(self, measured: Finding, values: tuple[Value, ...], refused: str) -> None:
        """Statistics came for a finding; dropped when it is another one by now. Not a step to undo."""
        known = self.find(measured.tracking_uid)
        if known is None or known.points != measured.points or known.values != measured.values:
            return
        told = replace(known, values=values, refused=refused)
        self._history.amend(tuple(told if each is known else each for each in self._history.value))
        self._touched()

    def undo(self) -> bool:
        return self._stepped(self._history.undo())

    def redo(self) -> bool:
        return self._stepped(self._history.redo())

    def _stepped(self, done: bool) -> bool:
        self.in_hand, self._put_down = None, ""
        if done:
            self.selected = self.selected if self.find(self.selected) else ""
            self._touched()
        return done

    def _put(self, findings: Findings, uid: str) -> None:
        self._history.put(findings)
        self.current = self._put_down = uid
        if self.find(self.selected) is None:
            self.selected = ""
        self._touched()

    def _touched(self) -> None:
        self.revision += 1
        self.changed.emit()

    # ------------------------------------------------------------------ hand

    def hold(self, finding: Finding) -> None:
        """A finding is in hand, new or taken up: it lies over the pictures until it is put down."""
        lifted = self.in_hand is None and self.find(finding.tracking_uid) is not None
        self.in_hand = finding
        if lifted:
            self._touched()
        self.moved.emit()

    def put_down(self, *others: Finding) -> None:
        """What is in hand becomes a finding, or takes the place of what it was; `others` change in the same step."""
        held, self.in_hand = self.in_hand, None
        if held is None:
            return
        new = {each.tracking_uid: each for each in (held, *others)}
        old = self._history.value
        placed = tuple(new.get(each.tracking_uid, each) for each in old)
        if self.find(held.tracking_uid) is None:
            self._put((*placed, held), held.tracking_uid)
        elif placed != old:
            self._put(placed, held.tracking_uid)
        else:
            self._touched()

    def let_go(self) -> None:
        """What is in hand is forgotten; a finding that was taken up is where it was."""
        if self.in_hand is not None:
            self.in_hand, self._put_down = None, ""
            self._touched()
            self.moved.emit()

    def select(self, uid: str) -> None:
        """Select a finding, or none."""
        if self.selected != uid:
            self.selected, self.current = uid, uid or self.current
            self._touched()

    def hide(self, hidden: bool) -> None:
        """Hide all marks, or show them."""
        self.hidden = hidden
        self._touched()

    # ------------------------------------------------------------------ tool

    def take(self, tool: str) -> None:
        """Take a tool for one mark; taken again while it is in hand, it stays until it is laid away."""
        self.locked = bool(tool) and self.tool == tool
        self.tool = tool
        self.hidden = self.hidden and not tool
        self.let_go()
        self.select("")
        self.tool_changed.emit()
        self._touched()

    def used(self) -> None:
        """A tool has made its mark: back to windowing, unless it was locked."""
        if self.tool and not self.locked:
            self.tool = ""
            self.tool_changed.emit()

    def leave(self) -> bool:
        """One step back: the mark in hand, the tool, the selection. Whether there was one."""
        if self.in_hand is not None:
            self.let_go()
        elif self.tool:
            self.take("")
        elif self.selected:
            self.select("")
        else:
            return False
        return True


def tracking_uid() -> str:
    """A new UID of the kind that needs no registered root (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"


def is_kind(tool: str) -> bool:
    """Whether a tool makes marks of a kind."""
    return any(tool == kind for kind in Kind)
