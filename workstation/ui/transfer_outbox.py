"""The outbox as errands: what lies in it goes out while the program runs, and is shown until the archive has it."""

import itertools
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.cache.index import Index
from workstation.cache.outbox import Item
from workstation.cache.outbox import State as Stage
from workstation.errors import HounsfieldError
from workstation.paths import Home
from workstation.traffic.errand import Act, Errand, State
from workstation.traffic.postman import Postman
from workstation.ui.node_words import where
from workstation.ui.worklist_model import Unsent

if TYPE_CHECKING:
    from workstation.network.commitment import CommitmentReport
    from workstation.network.pacs import Pacs
    from workstation.traffic.outbox import Sender, Shown

OVER_KEPT: Final = 30
"""Items that left the outbox and are still listed."""

MADE_HERE: Final = {"SR": "findings", "SEG": "segments", "KO": "key images", "PR": "view", "RTSTRUCT": "structures"}
"""What a reader calls the objects of a Modality that are made here."""


class Outgoing(QObject):
    """`changed` when `errands` are others, `left(errand)` when the archive has what one holds, `said(sentence)`."""

    changed = Signal()
    left = Signal(object)
    said = Signal(str)

    def __init__(
        self,
        home: Home,
        listening: Callable[[], AbstractContextManager[Any]],
        objects_of: Callable[[str], int] = lambda study: 0,
    ) -> None:
        """`objects_of(study)` is how many objects of it are here, 0 while nobody knows."""
        super().__init__()
        self._home, self._objects_of = home, objects_of
        self._numbers: dict[str, int] = {}
        self._fresh = itertools.count(-1, -1)
        self._seen: dict[str, Errand] = {}
        self._over: list[Errand] = []
        self._given_up: set[str] = set()
        self._made: dict[str, str] = {}
        """What the objects are that an item names, by its key; empty until they were looked up."""
        self._posted = self._ended = False
        self._problem = ""
        self.postman = Postman(home, self._sender, listening, self._told)

    def start(self) -> None:
        """Begin to look."""
        if not self._ended:
            self.postman.__enter__()

    def _sender(self, shown: "Shown") -> "Sender":
        """On the postman's thread: the network is imported there."""
        from workstation.network.nodes import named
        from workstation.traffic.carrier import pacs_of
        from workstation.traffic.outbox import Sender

        def way(name: str) -> "Pacs":
            return pacs_of(named(self._home, name))

        return Sender(self._home, way, shown=shown)

    def heard(self, report: "CommitmentReport") -> bool:
        """An archive's word came to our receiver; on its thread."""
        return self.postman.heard(report)

    # ------------------------------------------------------------- looking

    @property
    def errands(self) -> tuple[Errand, ...]:
        """What is in the outbox, and what has left it since the program began."""
        return (*map(self._standing, self._seen.values()), *self._over)

    @property
    def refused(self) -> dict[str, Unsent]:
        """StudyInstanceUID -> what of it could not be sent so far, to whom, why, and when it is tried again."""
        told: dict[str, list[tuple[str, str]]] = {}
        for item in self.postman.items:
            if item.reason and item.key in self._seen:
                what = self._made.get(item.key, "")
                said = what, refusal(item, self._objects_of, what)
                told.setdefault(item.study_instance_uid, []).append(said)
        return {study: _as_one(each) for study, each in told.items()}

    def _standing(self, errand: Errand) -> Errand:
        """With how far it is now, or how much it will be."""
        key = self._key(errand.number)
        now = self.postman.underway.get(key)
        if now is None:
            return errand if errand.total else replace(errand, total=self._objects_of(errand.study))
        running = replace(errand, state=State.RUNNING, done=now.done, total=now.total, bytes=now.bytes)
        return replace(running, bytes_per_s=now.bytes_per_s, eta_s=now.eta_s, reason="")

    def _told(self) -> None:
        """On any thread."""
        if not self._posted:
            self._posted = True
            jobs.post(self._look)

    def _look(self) -> None:
        self._posted = False
        if self._ended:
            return
        before, self._seen = self._seen, {each.key: self._errand(each) for each in self.postman.items}
        gone = [self._ended_as(key, errand) for key, errand in before.items() if key not in self._seen]
        self._over = [*self._over, *gone][-OVER_KEPT:]
        for each in gone:
            if each.state is State.DONE:
                self.left.emit(each)
        if self.postman.problem and self.postman.problem != self._problem:
            self.said.emit(f"Nobody can call this workstation: {self.postman.problem}")
        self._problem = self.postman.problem
        if fresh := [each for each in self.postman.items if each.sop_instance_uids and each.key not in self._made]:
            self._made |= {each.key: "" for each in fresh}
            looked = partial(_made_of, self._home, fresh)
            jobs.run("What is to be sent", lambda job: looked(), self._know_made, lambda error: None, piece=True)
        self.changed.emit()

    def _know_made(self, found: dict[str, str]) -> None:
        if not self._ended:
            self._made |= found
            self.changed.emit()

    def _ended_as(self, key: str, errand: Errand) -> Errand:
        if key in self._given_up:
            return replace(errand, state=State.STOPPED)
        total = self.postman.totals.pop(key, 0) or errand.total or self._objects_of(errand.study)
        return replace(errand, state=State.DONE, reason="", done=total, total=total)

    def _errand(self, item: Item) -> Errand:
        number = self._numbers.setdefault(item.key, next(self._fresh))
        made = Errand(number, Act.SEND, item.node, item.study_instance_uid, why=item.why, promised=True)
        left_s = _seconds_until(item.next_at)
        state = State.WAITING if left_s <= 0 or not item.reason else State.RESTING
        if item.state is not Stage.WAITING:
            state = {Stage.FAILED: State.FAILED, Stage.SENT: State.SENT}.get(item.state, State.WAITING)
        return replace(
            made,
            state=state,
            total=len(item.sop_instance_uids),
            reason=item.reason,
            side=item.side,
            field=item.field,
            attempts=item.tries,
            due_s=time.monotonic() + max(0.0, left_s),
        )

    # --------------------------------------------------------------- doing

    def try_again(self, number: int) -> None:
        """A person wants it sent now."""

        def again(job: jobs.Job) -> None:
            from workstation.traffic.outbox import retry

            retry(self._home, self._key(number))

        self._run("Send again", again)

    def give_up(self, number: int) -> None:
        """A person's word: it is not sent any more, and nobody is told."""
        key = self._key(number)

        def forget(job: jobs.Job) -> None:
            from workstation.traffic.outbox import give_up

            give_up(self._home, key)

        self._given_up.add(key)
        self._run("Give up sending", forget)

    def forget_over(self) -> None:
        """List no more what has left the outbox."""
        self._over = []
        self.changed.emit()

    def _key(self, number: int) -> str:
        return next(key for key, each in self._numbers.items() if each == number)

    def _run(self, title: str, work: Callable[[jobs.Job], None]) -> None:
        def failed(error: Exception) -> None:
            self.said.emit(error.sentence if isinstance(error, HounsfieldError) else type(error).__name__)

        jobs.run(title, work, lambda done: self.postman.nudge(), failed, piece=True)

    def end(self) -> None:
        """Stop; what lies in the outbox stays there."""
        began = self.postman.is_running
        self._ended = True
        if began:
            self.postman.__exit__()


def refusal(item: Item, objects_of: Callable[[str], int], what: str = "") -> str:
    """As "All 120 objects not sent to theatre: nothing listens …; attempt 2 failed, next at 14:05:10."."""
    named = len(item.sop_instance_uids)
    count = named or objects_of(item.study_instance_uid)
    objects = f"{count} object{'' if count == 1 else 's'}"
    sent = f"{objects} made here" if named else f"All {objects}" if count else "All of it"
    sent += f" ({what})" if what else ""
    then = "it waits for you" if item.state is Stage.FAILED else "next now"
    if item.state is not Stage.FAILED and (left_s := _seconds_until(item.next_at)) > 0:
        then = f"next at {datetime.now() + timedelta(seconds=left_s):%H:%M:%S}"
    told = f"{sent} not sent to {item.node}: {item.reason.rstrip('.')}; attempt {item.tries} failed, {then}."
    return f"{told} {where(item.side, item.field, item.node)}".strip()


def _as_one(said: list[tuple[str, str]]) -> Unsent:
    """Of several items of one study: all of it is more than any part."""
    parts = {what for what, _ in said}
    return Unsent("" if "" in parts else " + ".join(sorted(parts)), "\n".join(told for _, told in said))


def _made_of(home: Home, items: list[Item]) -> dict[str, str]:
    """On a thread: what the objects are that these items name, as "findings, key images", by key. Raises NotFound."""
    found = {}
    with Index(home) as index:
        for item in items:
            wanted = set(item.sop_instance_uids)
            there = (each.instance for each in index.instances(item.study_instance_uid))
            kinds = {MADE_HERE.get(each.Modality, "images") for each in there if each.SOPInstanceUID in wanted}
            found[item.key] = ", ".join(sorted(kinds))
    return found


def _seconds_until(when: str) -> float:
    try:
        return (datetime.fromisoformat(when) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
