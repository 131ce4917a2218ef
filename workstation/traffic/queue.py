"""The queue of errands: two lanes, a few at a time, paused, stopped, tried again, and there after a restart.

Whoever waits goes before what is for later, and of that one errand a node runs at most, so that a study somebody
wants always finds an association free. A retrieve that is resumed asks for what lacks and nothing else (`fetch`).
"""

import itertools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from workstation import jobs
from workstation.errors import Cancelled, HounsfieldError
from workstation.network.call import AT_MOST
from workstation.network.faults import NodeFault
from workstation.network.pacs import Check
from workstation.paths import Home
from workstation.security import acts
from workstation.security.acts import Kind
from workstation.traffic import errand as errands
from workstation.traffic.errand import Act, Errand, State
from workstation.traffic.fetch import FetchReport, Transfer
from workstation.traffic.send import SendReport

log = logging.getLogger(__name__)

IN_ALL: Final = 4
LATER_AT_NODE: Final = 1
REST_S: Final = (2.0, 8.0, 30.0, 120.0, 300.0)
"""How long an errand rests after each failure that may pass; after the last it has failed."""

DONE_KEPT: Final = 30
"""Errands that are over and still listed."""

KIND: Final = {Act.RETRIEVE: Kind.RETRIEVE, Act.SEND: Kind.SEND}

Deed = Callable[[Errand, Callable[[Transfer], None], Check], FetchReport | SendReport]
"""Does an errand, on a thread of its own; says how far it is, and stops when `check` raises."""


class Queue:
    """Errands of one home. `changed` follows, on the main thread, whatever began or ended; progress is looked up.

    Every method but `close` is quick and for any thread; nothing here waits for disk or network.
    """

    def __init__(
        self,
        home: Home,
        deed: Deed,
        changed: Callable[[], None] = lambda: None,
        over: Callable[[Errand], None] = lambda errand: None,
        rest_s: tuple[float, ...] = REST_S,
    ) -> None:
        """`over` follows each errand that ended, on its thread."""
        self._home, self._deed, self._changed, self._over = home, deed, changed, over
        self._rest_s = rest_s
        self._errands: dict[int, Errand] = {}
        self._stops: dict[int, threading.Event] = {}
        self._threads: dict[int, threading.Thread] = {}
        self._numbers = itertools.count(1)
        self._wake = threading.Condition(threading.RLock())
        self._closing = self._dirty = self._told = False
        self._clerk = threading.Thread(target=self._run, name="hounsfield-queue")
        self._clerk.start()

    # ------------------------------------------------------------ asking

    @property
    def errands(self) -> tuple[Errand, ...]:
        """All there are: those somebody waits for first, in the order in which they go."""
        with self._wake:
            return tuple(sorted(self._errands.values(), key=_order))

    def add(
        self,
        act: Act,
        node: str,
        study: str,
        *,
        later: bool = False,
        priority: int = 0,
        why: str = "",
        title: str = "",
        first: tuple[str, ...] = (),
        total: int = 0,
    ) -> Errand:
        """Ask for an errand, of so many objects where that is known; one that is there already becomes the more urgent
        of the two. Raises Refused by role.
        """
        acts.permit(KIND[act], node, study, "asked")
        with self._wake:
            same = next((e for e in self._errands.values() if _is(e, act, node, study) and not e.is_over), None)
            if same is not None:
                state = State.WAITING if same.state in (State.PAUSED, State.RESTING) else same.state
                made = replace(
                    same,
                    later=same.later and later,
                    priority=max(same.priority, priority),
                    title=title or same.title,
                    first=first or same.first,
                    state=state,
                    due_s=0.0,
                )
            else:
                made = Errand(next(self._numbers), act, node, study, later, priority, why, title, first, total=total)
            self._put(made)
        return made

    def pause(self, number: int) -> None:
        """Let it rest until `resume`; what came stays."""
        self._turn(number, State.PAUSED, lambda errand: not errand.is_over)

    def resume(self, number: int) -> None:
        """Go on with what was paused, rests or failed, at once, with what lacks."""
        self._turn(number, State.WAITING, lambda errand: errand.state not in (State.RUNNING, State.DONE))

    def cancel(self, number: int) -> None:
        """Stop it for good; what came stays."""
        self._turn(number, State.STOPPED, lambda errand: not errand.is_over)

    def cancel_later(self, why: str) -> None:
        """Stop what is for later for this reason: the study it was for is closed."""
        for errand in self.errands:
            if errand.later and errand.why == why:
                self.cancel(errand.number)

    def forget_done(self) -> None:
        """List no more what is over."""
        with self._wake:
            for errand in [each for each in self._errands.values() if each.is_over]:
                del self._errands[errand.number]
            self._note()

    def close(self) -> None:
        """Stop what runs, keep what is left for the next run of the program."""
        with self._wake:
            self._closing = True
            for stop in self._stops.values():
                stop.set()
            self._wake.notify_all()
        self._clerk.join()
        for thread in tuple(self._threads.values()):
            thread.join()

    # ------------------------------------------------------- under the lock

    def _put(self, errand: Errand) -> None:
        self._errands[errand.number] = errand
        over = sorted(each.number for each in self._errands.values() if each.is_over)
        for number in over[:-DONE_KEPT]:
            del self._errands[number]
        self._note()

    def _note(self) -> None:
        """Something began or ended: the clerk writes it down and whoever listens is told, once for many."""
        self._dirty = True
        self._wake.notify_all()
        if not self._told and not self._closing:
            self._told = True
            jobs.post(self._tell)

    def _tell(self) -> None:
        with self._wake:
            self._told = False
            closing = self._closing
        if not closing:
            self._changed()

    def _turn(self, number: int, state: State, when: Callable[[Errand], bool]) -> None:
        with self._wake:
            errand = self._errands.get(number)
            if errand is None or not when(errand):
                return
            fresh = {"reason": "", "side": "", "field": "", "attempts": 0} if state is State.WAITING else {}
            self._put(replace(errand, state=state, due_s=0.0, eta_s=None, **fresh))  # type: ignore[arg-type]
            if (stop := self._stops.get(number)) is not None:
                stop.set()
        acts.audit(KIND[errand.act], state.value, errand.node, errand.study)

    # ------------------------------------------------------------ the clerk

    def _run(self) -> None:
        with self._wake:
            for errand in errands.left(self._home):
                self._put(replace(errand, number=next(self._numbers)))
        while True:
            with self._wake:
                if self._closing:
                    break
                self._begin_some()
                if not self._dirty:
                    self._wake.wait(self._until_due_s())
                dirty, self._dirty = self._dirty, False
            if dirty:
                self._keep()
        self._keep()

    def _keep(self) -> None:
        try:
            errands.kept(self._home, self.errands)
        except HounsfieldError as error:
            log.warning("the queue is not kept: %s", error.detail or type(error).__name__)

    def _until_due_s(self) -> float | None:
        due = [each.due_s for each in self._errands.values() if each.state is State.RESTING]
        return max(0.01, min(due) - time.monotonic()) if due else None

    def _begin_some(self) -> None:
        now = time.monotonic()
        running = [self._errands[number] for number in self._stops if number in self._errands]
        for errand in sorted((e for e in self._errands.values() if e.is_ready and e.due_s <= now), key=_order):
            if errand.number not in self._stops and has_room(errand, running):
                running.append(errand)
                self._begin(errand)

    def _begin(self, errand: Errand) -> None:
        begun = replace(errand, state=State.RUNNING, reason="", side="", field="")
        self._errands[errand.number] = begun
        self._stops[errand.number] = stop = threading.Event()
        thread = threading.Thread(target=self._work, args=(begun, stop), name=f"hounsfield-errand-{errand.number}")
        self._threads[errand.number] = thread
        thread.start()
        self._note()

    # ----------------------------------------------------------- an errand

    def _work(self, errand: Errand, stop: threading.Event) -> None:
        def check() -> None:
            if stop.is_set():
                raise Cancelled

        def told(transfer: Transfer) -> None:
            with self._wake:
                now = self._errands.get(errand.number)
                if now is not None and now.state is State.RUNNING:
                    self._errands[errand.number] = _at(now, transfer)

        try:
            with acts.doing(KIND[errand.act], errand.node, errand.study) as act:
                ended = _after(errand, self._deed(errand, told, check))
                act.outcome = ended.state.value
        except Cancelled:
            ended = errand
        except HounsfieldError as error:
            ended = _failed(errand, error)
        except Exception as error:  # a thread has nobody above it
            log.error("an errand failed: %s", type(error).__name__, exc_info=error)
            ended = replace(errand, state=State.FAILED, reason=f"That failed: {type(error).__name__}.")
        self._end(errand, ended)

    def _end(self, errand: Errand, ended: Errand) -> None:
        with self._wake:
            del self._stops[errand.number]
            del self._threads[errand.number]
            now = self._errands.get(errand.number, errand)
            if now.state is State.RUNNING:  # else somebody has paused or stopped it, which stands
                ended = replace(ended, done=ended.done or now.done, total=ended.total or now.total)
                now = self._rested(replace(ended, title=now.title, bytes=now.bytes), now.done > errand.done)
                self._put(now)
            else:
                self._note()
        if now.is_over:
            self._over(now)

    def _rested(self, ended: Errand, came: bool) -> Errand:
        """After a failure that may pass: a rest that grows, and grows from the beginning once something came."""
        if ended.state is State.RUNNING:  # the program ends
            return replace(ended, state=State.WAITING)
        if ended.state is not State.RESTING:
            return ended
        attempts = 1 if came else ended.attempts + 1
        if attempts > len(self._rest_s):
            return replace(ended, state=State.FAILED)
        return replace(ended, attempts=attempts, due_s=time.monotonic() + self._rest_s[attempts - 1])


def has_room(errand: Errand, running: Iterable[Errand]) -> bool:
    """Whether an errand may begin beside those that run (PS3.4 knows no limit; archives do)."""
    running = tuple(running)
    at_node = Counter(each.node for each in running)
    later = sum(each.later and each.node == errand.node for each in running)
    if errand.later and (later >= LATER_AT_NODE or len(running) >= IN_ALL - 1):
        return False
    return at_node[errand.node] < AT_MOST and len(running) < IN_ALL


def _order(errand: Errand) -> tuple[bool, bool, int, int]:
    return errand.is_over, errand.later, -errand.priority, errand.number


def _is(errand: Errand, act: Act, node: str, study: str) -> bool:
    return (errand.act, errand.node, errand.study) == (act, node, study)


def _at(errand: Errand, transfer: Transfer) -> Errand:
    return replace(
        errand,
        done=transfer.done,
        total=transfer.total,
        bytes=transfer.bytes,
        bytes_per_s=transfer.bytes_per_s,
        eta_s=transfer.eta_s,
        series=transfer.series,
        moved_s=errand.moved_s if errand.done == transfer.done else time.monotonic(),
    )


def _after(errand: Errand, report: FetchReport | SendReport) -> Errand:
    """What a report says of an errand that ran."""
    if isinstance(report, SendReport):
        total = report.sent + len(report.failed)
        ended = replace(errand, state=State.DONE, done=report.sent, total=total)
        if report.failed:
            reason = f"{len(report.failed)} of {total} were not taken: {report.failed[0][1]}"
            ended = replace(ended, state=State.FAILED, reason=reason, side="the node")
        return ended
    done = report.stored + report.already_stored
    ended = replace(errand, state=State.DONE, done=done, total=max(report.expected, done), short=report.short)
    if report.complete or report.stopped:
        return replace(ended, state=State.RUNNING) if report.stopped else ended
    if report.full:
        return replace(
            ended, state=State.FAILED, reason="The disk of this workstation is full.", side="this workstation"
        )
    short = "; ".join(
        f"{each.have} of {each.expected} of {each.description or 'a series'} came" for each in report.short[:2]
    )
    state = State.RESTING if report.passing else State.FAILED
    return replace(ended, state=state, reason=report.problem or short, side=report.side, field=report.field)


def _failed(errand: Errand, error: HounsfieldError) -> Errand:
    if not isinstance(error, NodeFault):
        return replace(errand, state=State.FAILED, reason=error.sentence)
    state = State.RESTING if error.passing else State.FAILED
    return replace(errand, state=state, reason=error.sentence, side=error.side.value, field=error.field)
