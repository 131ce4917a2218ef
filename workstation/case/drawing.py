"""The findings and segments of the open case: what is in hand, which tool is; each change of either can be undone.

Values go in and out; only the main thread changes them. `changed` follows all that pictures, panel and drafts must
follow, `moved` what only lies over the pictures while a hand moves it.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from psygnal import Signal

from workstation.case.drawing_saved import Saved, as_written
from workstation.case.hot import Proposed
from workstation.case.marked import Findings, Marked, Preview, Segments
from workstation.case.painting import Painting
from workstation.case.shown_marks import ShownMarks, lines_in_force
from workstation.case.undo import History
from workstation.findings.finding import Finding, Value
from workstation.findings.key_image import KeyImage, Purpose
from workstation.findings.saved import Draft, keys_among
from workstation.findings.segment import Segment
from workstation.imaging.masks import Mask
from workstation.imaging.parted import FrameIn

ERASER: Final = "eraser"
__all__ = ["ERASER", "Marked", "Marks", "Preview", "tracking_uid"]


class Marks:
    """Findings and segments with selection, tool and history.

    `tool` is a Kind's value, ERASER, a tool of `case.segmenting`, or empty for windowing.
    """

    changed = Signal()
    moved = Signal()
    tool_changed = Signal()
    asked = Signal(object)
    """Work on a segment (`case.segmenting.Work`) that somebody wants done; whoever has threads does it."""
    sought = Signal(int, object)
    """A tile shows the place of a finding that somebody wants to see; whoever knows its size brings it into sight."""

    def __init__(self) -> None:
        self._history: History[Marked] = History(Marked())
        self.tool = ""
        self.locked = False
        self.selected = ""
        """The finding that handles, arrows and Delete act on."""
        self.current = ""
        """The finding that was touched last."""
        self.hidden = False
        self.in_hand: Finding | None = None
        self.segment = ""
        """The segment that tools work on."""
        self.preview: Preview | None = None
        self.painting = Painting()
        """How the tools of segments are set."""
        self.revision = 0
        self.saved = Saved()
        """What documents say of the studies on screen."""
        self._put_down = ""

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def findings(self) -> Findings:
        return self._history.value.findings

    @property
    def segments(self) -> Segments:
        return self._history.value.segments

    @property
    def keys(self) -> tuple[KeyImage, ...]:
        """Key images, in the order they were chosen."""
        return self._history.value.keys

    @property
    def proposed(self) -> Proposed | None:
        """Hot spots that are looked at, to be kept or taken out."""
        return self._history.value.proposed

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """All that is kept on the disk; the same object while nothing changes."""
        return self._history.value.drafts

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    @property
    def steps(self) -> int:
        """How many changes can be undone."""
        return self._history.steps

    @property
    def history(self) -> History[Marked]:
        return self._history

    def find(self, uid: str) -> Finding | None:
        """By tracking UID."""
        return next((each for each in self.findings if uid and each.tracking_uid == uid), None)

    def next_number(self) -> int:
        """The number of a new finding; never one that another has."""
        return max((each.number for each in self.findings), default=0) + 1

    @property
    def shown(self) -> ShownMarks:
        """What pictures show now."""
        if self._shown is None or self._shown.revision != self.revision:
            held = self.in_hand.tracking_uid if self.in_hand else ""
            seen = (each for each in self.findings if not each.hidden and each.tracking_uid != held)
            proposed = self.proposed.segments if self.proposed is not None else ()
            segments = (each for each in (*self.segments, *proposed) if not each.hidden)
            self._shown = ShownMarks(
                () if self.hidden else tuple(seen),
                self.selected,
                self.revision,
                () if self.hidden else tuple(segments),
                self.segment,
                self.preview,
                frozenset(self.keys),
                lines_in_force(self.findings),
            )
        return self._shown

    _shown: ShownMarks | None = None

    def over(self, revision: int) -> Finding | None:
        """The finding to draw over a picture of that revision: the one in hand, or the one just put down."""
        if self.in_hand is not None:
            return self.in_hand
        return self.find(self._put_down) if revision < self.revision and not self.hidden else None

    # ---------------------------------------------------------------- change

    def take_up(self, drafts: Iterable[Draft], saved: Saved | None = None) -> None:
        """Begin with these, such as drafts of an earlier time; nothing before them can be undone to."""
        found = tuple(drafts)
        findings = tuple(each for each in found if isinstance(each, Finding))
        segments = tuple(each for each in found if isinstance(each, Segment))
        self.saved = saved or self.saved
        self._history = History(Marked(findings, segments, keys_among(found)))
        self._keep_a_segment_in_hand()
        self._touched()

    def were_saved(
        self, written: Mapping[Finding, Finding], saved: Saved, segments: Mapping[str, Segment] | None = None
    ) -> None:
        """Documents say these now: what they were -> as they are read again. No step to undo, not even to before it.

        `segments` are those that were written, by tracking UID.
        """
        said = segments or {}
        self._history.rewrite(
            lambda old: replace(
                old,
                findings=tuple(written.get(each, each) for each in old.findings),
                segments=tuple(as_written(each, said.get(each.tracking_uid)) for each in old.segments),
            )
        )
        self.saved = saved
        self._touched()

    def place(self, frame_in: FrameIn) -> None:
        """What was drawn on a series lies where that lies now; no step."""
        before = self._history.value, self.saved
        self._history.rewrite(lambda old: old.placed(frame_in))
        self.saved = self.saved.placed(frame_in)
        if self._history.value is not before[0] or self.saved is not before[1]:
            self.in_hand = None
            self._touched()

    def flag(self, key: KeyImage) -> None:
        """Make an image a key image, or take that back."""
        kept = tuple(each for each in self.keys if not each.is_of(key))
        self._put_keys(kept if len(kept) < len(self.keys) else (*self.keys, key))

    def retitle(self, key: KeyImage, purpose: Purpose) -> None:
        """Say what a key image is for."""
        self._put_keys(tuple(replace(each, purpose=purpose) if each.is_of(key) else each for each in self.keys))

    def _put_keys(self, keys: tuple[KeyImage, ...]) -> None:
        if keys != self.keys:
            self._history.put(replace(self._history.value, keys=keys))
            self._touched()

    def add(self, *findings: Finding) -> None:
        """Add findings, as one step."""
        self._put((*self.findings, *findings), findings[-1].tracking_uid)

    def change(self, *findings: Finding) -> None:
        """Put findings in place of those of the same UID, as one step."""
        new = {each.tracking_uid: each for each in findings}
        changed = tuple(new.get(each.tracking_uid, each) for each in self.findings)
        if changed != self.findings:
            self._put(changed, findings[0].tracking_uid)

    def remove(self, uid: str, *others: Finding) -> None:
        """Take one away; `others` change in the same step."""
        if self.find(uid) is not None:
            new = {each.tracking_uid: each for each in others}
            self._put(tuple(new.get(each.tracking_uid, each) for each in self.findings if each.tracking_uid != uid), "")

    def measured(
        self, measured: Finding, values: tuple[Value, ...], refused: str, alignments: tuple[str, ...] = ()
    ) -> None:
        """Statistics came, through registrations of these UIDs; dropped when it is another one by now. No step."""
        known = self.find(measured.tracking_uid)
        if known is None or known.points != measured.points or known.values != measured.values:
            return
        told = replace(known, values=values, refused=refused, alignments=alignments)
        findings = tuple(told if each is known else each for each in self.findings)
        self._history.amend(replace(self._history.value, findings=findings))
        self._touched()

    def undo(self) -> bool:
        return self._stepped(self._history.undo())

    def redo(self) -> bool:
        return self._stepped(self._history.redo())

    def _stepped(self, done: bool) -> bool:
        self.in_hand, self._put_down = None, ""
        if done:
            self.selected = self.selected if self.find(self.selected) else ""
            self._keep_a_segment_in_hand()
            self._touched()
        return done

    def dress(self, findings: Findings, segments: Segments) -> None:
        """The same marks shown or hidden otherwise, as one step."""
        if findings != self.findings or any(a is not b for a, b in zip(segments, self.segments, strict=True)):
            self._history.put(replace(self._history.value, findings=findings, segments=segments))
        self.hidden = False
        self._touched()

    def _put(self, findings: Findings, uid: str) -> None:
        self._history.put(replace(self._history.value, findings=findings))
        self.current = self._put_down = uid
        self.selected = self.selected if self.find(self.selected) else ""
        self._touched()

    def _touched(self) -> None:
        self.revision += 1
        self.changed.emit()

    # -------------------------------------------------------------- segments

    def find_segment(self, uid: str) -> Segment | None:
        """By tracking UID."""
        return next((each for each in self.segments if uid and each.tracking_uid == uid), None)

    def put_segments(self, segments: Iterable[Segment], segment: str | None = None) -> None:
        """All segments from now on, as one step; `segment` is the one tools work on, None the same as before."""
        found = tuple(segments)
        self._history.put(replace(self._history.value, segments=found))
        self.segment = self.segment if segment is None else segment
        self._keep_a_segment_in_hand()
        self._touched()

    def _keep_a_segment_in_hand(self) -> None:
        """Where the one in hand is gone, the last one is taken."""
        if self.find_segment(self.segment) is None:
            self.segment = self.segments[-1].tracking_uid if self.segments else ""

    def change_segments(self, *changed: Segment) -> None:
        """Put segments in place of those of the same UID, as one step; new ones after them."""
        new = {each.tracking_uid: each for each in changed}
        placed = [new.pop(each.tracking_uid, each) for each in self.segments]
        placed += new.values()
        if any(each is not old for each, old in zip(placed, self.segments, strict=False)) or new:
            self.put_segments(placed)

    def propose(self, proposed: Proposed | None, step: bool = True) -> None:
        """Look at other hot spots, or at none; with no `step` as part of the one before: a threshold under the hand."""
        value = replace(self._history.value, proposed=proposed)
        value.__dict__["drafts"] = self.drafts  # nothing of what is kept is another
        (self._history.put if step else self._history.amend)(value)
        self._touched()

    def keep_proposed(self, segments: Iterable[Segment]) -> None:
        """Segments in the place of what was proposed, as one step."""
        found = tuple(segments)
        self._history.put(replace(self._history.value, segments=(*self.segments, *found), proposed=None))
        self.segment = found[-1].tracking_uid if found else self.segment
        self._touched()

    def remove_segments(self, *uids: str) -> None:
        self.put_segments(each for each in self.segments if each.tracking_uid not in uids)

    def use_segment(self, uid: str) -> None:
        """Let tools work on a segment from now on."""
        if self.segment != uid and self.find_segment(uid) is not None:
            self.segment = uid
            self._touched()

    def measured_segment(self, uid: str, mask: Mask, values: tuple[Value, ...]) -> None:
        """What a mask measures; dropped where the segment has another one by now. Not a step to undo."""
        known = self.find_segment(uid)
        if known is None or known.mask is not mask or known.values == values:
            return
        told = replace(known, values=values)
        segments = tuple(told if each is known else each for each in self.segments)
        self._history.amend(replace(self._history.value, segments=segments))
        self._touched()

    def set_painting(self, painting: Painting) -> None:
        """Set the tools of segments."""
        if painting != self.painting:
            self.painting = painting
            self.tool_changed.emit()
            self.moved.emit()

    def show_preview(self, preview: Preview | None) -> None:
        """Show what a range would take, or nothing of the kind."""
        if preview != self.preview:
            self.preview = preview
            self._touched()

    # ------------------------------------------------------------------ hand

    def hold(self, finding: Finding) -> None:
        """A finding is in hand, new or taken up: it lies over the pictures until it is put down."""
        lifted = self.in_hand is None and self.find(finding.tracking_uid) is not None
        self.in_hand = finding
        if lifted:
            self._touched()
        self.moved.emit()

    def put_down(self, *others: Finding) -> None:
        """What is in hand becomes a finding, or takes the place of what it was, and stays selected; `others` change in
        the same step.
        """
        held, self.in_hand = self.in_hand, None
        if held is None:
            return
        if self.find(held.tracking_uid) is not None:
            self.selected = held.tracking_uid
        new = {each.tracking_uid: each for each in (held, *others)}
        placed = tuple(new.get(each.tracking_uid, each) for each in self.findings)
        if self.find(held.tracking_uid) is None:
            self._put((*placed, held), held.tracking_uid)
        elif placed != self.findings:
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
        self.preview = None
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
