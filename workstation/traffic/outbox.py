"""Empties the outbox: what it holds is sent until the archive says that it has it (safety.md 22).

Each step is written before the next one is taken, so that a program that is killed goes on where it was: an item is
sent again rather than lost, and the same object twice is one object. The archive's word is

* storage commitment, where an item asks for it and the node offers it: N-EVENT-REPORT, now or days later;
* else its answer to each object, of C-STORE or STOW-RS. DICOMweb has no commitment; a DIMSE node that offers none is
  believed as well, since nothing else could ever clear the item.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, Protocol, runtime_checkable

from workstation.cache import files
from workstation.cache.index import Index
from workstation.cache.lock import locked
from workstation.cache.outbox import Item, Kind, Outbox, State
from workstation.dicom.entities import Instance
from workstation.errors import Cancelled, HounsfieldError, NotFound, Refused
from workstation.network.commitment import CommitmentReport, new_transaction
from workstation.network.dimse import NoCommitment
from workstation.network.faults import NodeFault
from workstation.network.pacs import Check, Pacs, Progress, Watch
from workstation.paths import Home
from workstation.security import acts

REST_S: Final = (2.0, 8.0, 30.0, 120.0, 300.0, 900.0)
"""How long an item rests after each try that failed; the last one again and again: nothing is given up by itself."""

WORD_S: Final = 3600.0
"""How long the word on a commitment may take before it is asked for again."""

LOCK: Final = "sender.lock"
"""Beside the items: of all programs of a home one sends at a time."""

PacsOf = Callable[[str], Pacs]
"""The way to a node by its name. Raises HounsfieldError when there is none."""

Shown = Callable[[Item, Progress], None]
"""Told how far an item is that is on its way, on the thread that sends."""


@runtime_checkable
class Committing(Protocol):
    """A node that can be asked whether it keeps objects."""

    def commit(
        self, transaction: str, objects: "list[tuple[str, str]]", within_s: float = ..., check: Check = ...
    ) -> CommitmentReport | None: ...


class Sender:
    """Sends what is due. `step` and `heard` may be called from any thread; one `step` runs at a time."""

    def __init__(
        self,
        home: Home,
        pacs_of: PacsOf,
        rest_s: tuple[float, ...] = REST_S,
        word_s: float = WORD_S,
        shown: Shown = lambda item, progress: None,
    ) -> None:
        self._home, self._pacs_of, self._shown = home, pacs_of, shown
        self._outbox = Outbox(home)
        self._rest_s, self._word_s = rest_s, word_s
        self._one = threading.Lock()

    def step(self, check: Check = lambda: None) -> int:
        """Everything that is due, once; how many items left the outbox: none while another program sends.

        A node that cannot be reached is tried once, however much waits for it. Raises Cancelled.
        """
        gone = 0
        away: set[str] = set()
        with self._one, _alone(self._home) as alone:
            for item in self._due() if alone else ():
                check()
                if item.is_done:
                    gone += self._cleared(item)
                elif item.node not in away:
                    with acts.doing(acts.Kind.SEND, item.node, item.study_instance_uid) as act:
                        went = self._tried(item, check, away)
                        act.outcome = "done" if went else "waits"
                    gone += went
        return gone

    def heard(self, report: CommitmentReport) -> bool:
        """The archive's word about a transaction, whenever it comes; False when it is none of ours."""
        for item in self._outbox.items():
            if item.transaction and item.transaction == report.transaction:
                with suppress(NotFound):  # it was cleared meanwhile
                    self._concluded(item, report)
                return True
        return False

    def _due(self) -> Iterator[Item]:
        now = _at(0.0)
        for item in self._outbox.items():
            late = item.state is State.SENT and item.kind is Kind.COMMIT
            if item.is_done or ((item.state is State.WAITING or late) and item.next_at <= now):
                yield item

    def _tried(self, item: Item, check: Check, away: set[str]) -> bool:
        try:
            return self._went(item, check)
        except Cancelled:
            if self._outbox.holds(item.key):
                raise
            return False  # a person gave it up on its way
        except HounsfieldError as error:
            passing = not isinstance(error, NodeFault) or error.passing
            if isinstance(error, NotFound | Refused):
                passing = False
            if passing and isinstance(error, NodeFault):
                away.add(item.node)
            look_at = (str(error.side), error.field) if isinstance(error, NodeFault) else ("", "")
            self._rests(item, error.sentence, passing, look_at)
            return False

    def _went(self, item: Item, check: Check) -> bool:
        pacs = self._pacs_of(item.node)
        objects = self._objects(item)
        if item.state is State.WAITING:
            problem = self._sent(pacs, item, objects, check)
            if problem:
                self._rests(item, problem, True)
                return False
        if item.kind is Kind.STORE or not isinstance(pacs, Committing):
            return self._cleared(self._outbox.change(item.key, State.COMMITTED, tried=True))
        asked = self._outbox.change(
            item.key, State.SENT, next_at=_at(self._word_s), transaction=new_transaction(), tried=True
        )
        try:
            report = pacs.commit(
                asked.transaction, [(each.SOPClassUID, each.SOPInstanceUID) for each, _ in objects], check=check
            )
        except NoCommitment:
            return self._cleared(self._outbox.change(item.key, State.COMMITTED))
        return report is not None and self._concluded(asked, report)

    def _objects(self, item: Item) -> list[tuple[Instance, str]]:
        """What an item names, with the digests. Raises NotFound when something of it is not in the cache."""
        with Index(self._home) as index:
            stored = {each.instance.SOPInstanceUID: each for each in index.instances(item.study_instance_uid)}
        wanted = item.sop_instance_uids or tuple(stored)
        if lacking := [uid for uid in wanted if uid not in stored]:
            raise NotFound(f"{len(lacking)} of its objects are not in the cache")
        return [(stored[uid].instance, stored[uid].digest) for uid in wanted]

    def _sent(self, pacs: Pacs, item: Item, objects: list[tuple[Instance, str]], check: Check) -> str:
        """Empty when the node has taken each of them, else the first reason. Raises Cancelled once it is given up."""

        def wanted() -> None:
            check()
            if not self._outbox.holds(item.key):
                raise Cancelled

        data = (files.read(self._home, digest) for _, digest in objects)
        taken, problem = set(), ""
        for each in pacs.store(data, Watch(partial(self._shown, item), wanted), len(objects)):
            problem = problem or each.problem
            if not each.problem:
                taken.add(each.sop_instance_uid)
        lacking = sum(instance.SOPInstanceUID not in taken for instance, _ in objects)
        return problem or (f"it answered for all but {lacking} objects" if lacking else "")

    def _concluded(self, item: Item, report: CommitmentReport) -> bool:
        """Cleared when the archive keeps each object; else it is sent again: what is named nowhere is not kept."""
        wanted = {each.SOPInstanceUID for each, _ in self._objects(item)}
        missing = wanted - set(report.kept)
        if not missing:
            return self._cleared(self._outbox.change(item.key, State.COMMITTED))
        reasons = [reason for uid, reason in report.failed if uid in missing]
        why = reasons[0] if reasons else "it does not name them"
        self._rests(item, f"the archive does not keep {len(missing)} of {len(wanted)} objects: {why}", True)
        return False

    def _cleared(self, item: Item) -> bool:
        self._outbox.forget(item.key)
        return True

    def _rests(self, item: Item, reason: str, passing: bool, look_at: tuple[str, str] = ("", "")) -> None:
        """Tried again after a rest that grows; what trying cannot help waits for a person."""
        rest_s = self._rest_s[min(item.tries, len(self._rest_s) - 1)]
        state, next_at = (State.WAITING, _at(rest_s)) if passing else (State.FAILED, "")
        with suppress(NotFound):  # the archive's word, or a person's, came meanwhile
            self._outbox.change(item.key, state, reason, next_at, transaction="", tried=True, look_at=look_at)


@contextmanager
def _alone(home: Home) -> Iterator[bool]:
    """Whether no other program sends now, and none begins meanwhile."""
    handle = -1
    with suppress(OSError):
        handle = locked(home.outbox / LOCK)
    try:
        yield handle >= 0
    finally:
        if handle >= 0:
            os.close(handle)


def owe(home: Home, study: str, node: str, kind: Kind = Kind.STORE) -> Item:
    """A person wants a study sent, however long it takes. Raises Refused."""
    acts.permit(acts.Kind.OWE, node, study)
    return Outbox(home).put(study, (), node, kind)


def give_up(home: Home, key: str) -> None:
    """A person wants an item sent no more: nobody is told. Raises NotFound, Refused."""
    outbox = Outbox(home)
    item = next((each for each in outbox.items() if each.key == key), None)
    if item is None:
        raise NotFound("the outbox has no such item")
    acts.permit(acts.Kind.GIVE_UP, item.node, item.study_instance_uid)
    outbox.forget(key)


def retry(home: Home, key: str) -> Item:
    """A person wants a FAILED item tried again. Raises NotFound, Refused."""
    acts.permit(acts.Kind.OWE)
    return Outbox(home).change(key, State.WAITING, next_at=_at(0.0))


def _at(seconds: float) -> str:
    """Now and so many seconds, as the outbox writes times."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")
