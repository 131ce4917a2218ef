"""The one that brings arrivals into the cache: a thread that holds the writer's lock and commits what waits as a group.

Each commit waits for the disk several times, however many objects it holds; so whatever came while the last group was
on its way makes the next one.
"""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
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

QUICK_TURNS_S: Final = 0.0005
"""A thread that computes gives way after so long: the one that reads from the network waits half as long for its turn
as with Python's 5 ms."""

Settled = Callable[[Outcome], None]
"""Told what became of an arrival, on the writer's thread."""

_Waiting = tuple[Arrival, Settled]


def land(home: Home, key: Key, received: Received) -> Arrival:
    """Write an object to incoming/, synced. Runs where it is called: in the receiver, or on a thread that retrieves.

    The receiver is handed the key of the home, and asks nobody for it. Raises Refused as `ingest.receive`, and Refused(CONFLICT) when the object is not the one it was announced as.
    """
    keys.accept(home.root, key)
    arrival = ingest.receive(home, received.data, f"network:{received.sop_instance_uid}")
    if arrival.instance.SOPInstanceUID != received.sop_instance_uid:
        (home.incoming / arrival.temporary).unlink(missing_ok=True)
        raise Refused(Reason.NO_IDENTITY, detail="the object has another UID than its command")
    return arrival


class Writer:
    """Use as a context manager. Raises HounsfieldError when another process is writing to `home`."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(MOST_WAITING)
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
        self._waiting.put(None)
        self._thread.join()

    def add(self, arrival: Arrival, settled: Settled) -> None:
        """Hand in an arrival; waits while many wait already. Refused at once when the writer has ended."""
        while not self._ended.is_set():
            try:
                return self._waiting.put((arrival, settled), timeout=1.0)
            except queue.Full:
                continue
        settled(Outcome(arrival, False, Reason.IO_ERROR))

    @property
    def lander(self) -> Callable[[Received], Arrival]:
        """`land` for this home, for whichever process it is sent to."""
        return partial(land, self.home, vault.key_for_writing(self.home))

    def _run(self) -> None:
        try:
            with (
                Crew[Comparison, bool](workers=1, memory_bytes=WORKER_BYTES) as judge,
                Ingest(self.home, Sameness(self.home, judge)) as into,
            ):
                self._ready.put(None)
                while (group := self._group()) is not None:
                    _commit(into, group)
        except HounsfieldError as error:
            self._ready.put(error)
        finally:
            self._ended.set()
            for arrival, settled in iter(self._left, None):
                settled(Outcome(arrival, False, Reason.IO_ERROR))

    def _left(self) -> _Waiting | None:
        """One that was handed in too late."""
        with suppress(queue.Empty):
            return self._waiting.get_nowait()
        return None

    def _group(self) -> list[_Waiting] | None:
        """At least one, and all that wait; None at the end."""
        group: list[_Waiting] = []
        each = self._waiting.get()
        while each is not None:
            group.append(each)
            if len(group) == GROUP:
                return group
            try:
                each = self._waiting.get_nowait()
            except queue.Empty:
                return group
        if group:
            self._waiting.put(None)
            return group
        return None


def _commit(into: Ingest, group: list[_Waiting]) -> None:
    settled = {arrival.temporary: told for arrival, told in group}
    outcomes: list[Outcome] = []
    try:
        for arrival, _ in group:
            outcomes += into.add(arrival)
        outcomes += into.flush()
    except HounsfieldError:  # the index failed: what was not committed is not promised
        known = {outcome.arrival.temporary for outcome in outcomes}
        outcomes += [Outcome(each, False, Reason.IO_ERROR) for each, _ in group if each.temporary not in known]
    for outcome in outcomes:
        settled[outcome.arrival.temporary](outcome)
