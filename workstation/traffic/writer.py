"""The one that brings arrivals into the cache: a thread that holds the writer's lock and commits what waits as a group.

Each commit waits for the disk several times, however many objects it holds; so whatever came while the last group was
on its way makes the next one.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from functools import partial
from types import TracebackType
from typing import Final

from workstation.cache import ingest, vault
from workstation.cache.crew import Crew
from workstation.cache.entries import Arrival
from workstation.cache.importer import WORKER_BYTES
from workstation.cache.ingest import GROUP, Ingest, Outcome
from workstation.cache.same import Comparison, Sameness
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.network.part10 import Received
from workstation.paths import Home
from workstation.security import keys
from workstation.security.keys import Key

MOST_WAITING: Final = 2 * GROUP

LINGER_S: Final = 0.2
"""How long a group waits for more to come, where nobody waits for its objects one by one; the first never waits."""

_REST_S: Final = 1.0

QUICK_TURNS_S: Final = 0.0005
"""A thread that computes gives way after so long: the one that reads from the network waits half as long for its turn
as with Python's 5 ms."""

Settled = Callable[[Outcome], None]
"""Told what became of an arrival, on the writer's thread."""

_Waiting = tuple[Arrival, Settled, bool]


def land(
    home: Home, key: Key, received: Received, synced: bool = False, soon: Callable[[str], None] = lambda digest: None
) -> Arrival:
    """Write an object to incoming/, where it is called: in the receiver, or on a thread that retrieves.

    The receiver is handed the key of the home, and asks nobody for it. Raises Refused as `ingest.receive`, and
    Refused(NO_IDENTITY) when the object is not the one it was announced as. `soon` is told its digest first.
    """
    keys.accept(home.root, key)
    label = f"network:{received.sop_instance_uid}"
    arrival = ingest.receive(home, received.data, label, received.digest, synced, soon)
    if arrival.instance.SOPInstanceUID != received.sop_instance_uid:
        (home.incoming / arrival.temporary).unlink(missing_ok=True)
        raise Refused(Reason.NO_IDENTITY, detail="the object has another UID than its command")
    return replace(arrival, sender=received.sender)


class _Sign(Enum):
    """What is no arrival: no more come, or somebody waits."""

    END = 0
    HURRY = 1


class Writer:
    """Use as a context manager. Raises HounsfieldError when another process is writing to `home`."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._waiting: queue.Queue[_Waiting | _Sign | str] = queue.Queue(MOST_WAITING)
        self._committed_at = 0.0
        self._coming = 0
        self._arrived = threading.Condition()
        self._ended = threading.Event()
        self._ready: queue.Queue[HounsfieldError | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="hounsfield-writer")

    def __enter__(self) -> "Writer":
        self._thread.start()
        problem = self._ready.get()
        if problem is not None:
            self._thread.join()
            raise problem
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Everything that was handed in is settled first."""
        self._waiting.put(_Sign.END)
        self._thread.join()

    def add(self, arrival: Arrival, settled: Settled, patient: bool = False) -> None:
        """Hand in an arrival; waits while many wait already. Refused at once when the writer has ended.

        A `patient` one may lie for `LINGER_S` until others make a group with it, or `hurry` is called.
        """
        if not self._put((arrival, settled, patient)):
            settled(Outcome(arrival, False, Reason.IO_ERROR))

    def announce(self, digest: str) -> None:
        """An object with this digest comes soon: what has to be on the disk before it is, gets there meanwhile."""
        self._put(digest)

    def hurry(self) -> None:
        """Somebody waits for all that was handed in."""
        self._put(_Sign.HURRY)

    def expect(self, count: int) -> None:
        """So many more, or fewer, objects are on their way that their sender was already told of (C-MOVE)."""
        with self._arrived:
            self._coming = max(0, self._coming + count)
            self._arrived.notify_all()

    def await_expected(self, check: Callable[[], None], within_s: float = 60.0) -> None:
        """Until everything that is expected came, or the time is up; `check` may raise to stop."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            check()
            self.hurry()
            with self._arrived:
                if self._arrived.wait_for(lambda: not self._coming, 0.1):
                    return

    def _put(self, each: "_Waiting | _Sign | str") -> bool:
        while not self._ended.is_set():
            try:
                self._waiting.put(each, timeout=1.0)
                return True
            except queue.Full:
                continue
        return False

    @property
    def lander(self) -> Callable[..., Arrival]:
        """`land` for this home, for whichever process it is sent to."""
        return partial(land, self.home, vault.key_for_writing(self.home))

    def _run(self) -> None:
        try:
            with (
                Crew[Comparison, bool](workers=1, memory_bytes=WORKER_BYTES) as judge,
                Ingest(self.home, Sameness(self.home, judge)) as into,
            ):
                self._ready.put(None)
                while (group := self._group(into)) is not None:
                    _commit(into, group)
                    self._committed_at = time.monotonic()
        except HounsfieldError as error:
            self._ready.put(error)
        finally:
            self._ready.put(
                HounsfieldError("the cache cannot be written")
            )  # heard only by who still waits for its start
            self._ended.set()
            for arrival, settled, _ in self._left():
                settled(Outcome(arrival, False, Reason.IO_ERROR))

    def _left(self) -> Iterator[_Waiting]:
        """Those that were handed in too late."""
        with suppress(queue.Empty):
            while True:
                each = self._waiting.get_nowait()
                if isinstance(each, tuple):
                    yield each

    def _group(self, into: Ingest) -> list[_Waiting] | None:
        """At least one, and all that wait or come while nobody does; None at the end."""
        group: list[_Waiting] = []
        until = time.monotonic() + LINGER_S if time.monotonic() - self._committed_at < _REST_S else 0.0
        while len(group) < GROUP:
            try:
                each = self._waiting.get(timeout=_left_of(until, group)) if group else self._waiting.get()
            except queue.Empty:
                break
            if each is _Sign.END:
                if not group:
                    return None
                self._waiting.put(_Sign.END)
                break
            if isinstance(each, str):
                if not group:  # else somebody waits for what is there already
                    _announce(into, each)
            elif isinstance(each, _Sign):
                until = 0.0
            else:
                group.append(each)
        return group


def _left_of(until: float, group: list[_Waiting]) -> float:
    """How long a group may still wait for more, in seconds."""
    patient = all(each[2] for each in group)
    return max(0.0, until - time.monotonic()) if patient else 0.0


def _announce(into: Ingest, digest: str) -> None:
    with suppress(HounsfieldError):  # it is announced again, or refused, when it has come
        into.announce(digest)


def _commit(into: Ingest, group: list[_Waiting]) -> None:
    settled = {arrival.temporary: told for arrival, told, _ in group}
    outcomes: list[Outcome] = []
    try:
        for arrival, _, _ in group:
            outcomes += into.add(arrival)
        outcomes += into.flush()
    except HounsfieldError:  # the index failed: what was not committed is not promised
        known = {outcome.arrival.temporary for outcome in outcomes}
        outcomes += [Outcome(each, False, Reason.IO_ERROR) for each, _, _ in group if each.temporary not in known]
    for outcome in outcomes:
        settled[outcome.arrival.temporary](outcome)
