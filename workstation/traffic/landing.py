"""Objects that come on a thread of ours -> disk -> writer, while the next ones come."""

import queue
import threading
from types import TracebackType
from typing import Final

from workstation.cache.ingest import Outcome
from workstation.errors import Reason, Refused
from workstation.network.part10 import Received
from workstation.traffic.writer import Writer

THREADS: Final = 4
"""Each waits for the disk most of the time."""

MOST_WAITING: Final = 16
TICK_S: Final = 0.05


class Landing:
    """Use as a context manager; at its end everything that was taken is settled. Counts are right then."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._queue: queue.Queue[Received | None] = queue.Queue(MOST_WAITING)
        self._threads = [threading.Thread(target=self._work, name="hounsfield-landing") for _ in range(THREADS)]
        self._changed = threading.Condition()
        self._open = 0
        self.stored = self.already_stored = self.bytes = 0
        self.refused: list[tuple[str, Reason]] = []

    def __enter__(self) -> "Landing":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        self.settle()

    def take(self, received: Received) -> bool:
        """A sink of `Pacs.retrieve`; waits while many wait. False once the disk is full: no use in more."""
        if self.disk_full:
            return False
        with self._changed:
            self._open += 1
        self._queue.put(received)
        return True

    @property
    def disk_full(self) -> bool:
        return any(reason is Reason.DISK_FULL for _, reason in self.refused)

    def settle(self) -> None:
        """Wait until everything that was taken is in the cache, or refused."""
        with self._changed:
            while self._open:
                self._writer.hurry()
                self._changed.wait(TICK_S)

    def _work(self) -> None:
        while (received := self._queue.get()) is not None:
            try:
                self._writer.add(self._writer.lander(received), self._settled, patient=True)
            except Refused as refused:
                self._done(received.sop_instance_uid, refused.reason)

    def _settled(self, outcome: Outcome) -> None:
        if outcome.reason is None:
            with self._changed:
                self.stored += outcome.stored
                self.already_stored += not outcome.stored
                self.bytes += outcome.arrival.size_bytes
        self._done(outcome.arrival.instance.SOPInstanceUID, outcome.reason)

    def _done(self, uid: str, reason: Reason | None) -> None:
        with self._changed:
            if reason is not None:
                self.refused.append((uid, reason))
            self._open -= 1
            self._changed.notify_all()
