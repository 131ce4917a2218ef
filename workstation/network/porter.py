"""Writes objects down beside the thread that reads them from a node: the next one is read meanwhile.

Hashing, sealing and writing leave the interpreter to others for most of their time.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from workstation.errors import Reason, Refused
from workstation.network.part10 import Received

MOST_AHEAD: Final = 3
"""Objects that wait to be written; whoever reads waits while there are so many."""

MOST_AHEAD_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Turned:
    """An object that came and was refused here."""

    sop_instance_uid: str
    reason: Reason


class Porter:
    """Belongs to the thread that reads. `land` gives a record of an object, or raises Refused."""

    def __init__(self, land: Callable[[Received], Any]) -> None:
        self._land = land
        self._asked: queue.SimpleQueue[Received | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._sizes: deque[int] = deque()
        self._thread = threading.Thread(target=self._work, name="hounsfield-porter", daemon=True)
        self._thread.start()

    def take(self, received: Received) -> list[Any]:
        """Have an object written down; the records there are by now, of this one or of earlier ones."""
        self._sizes.append(len(received.data))
        self._asked.put(received)
        del received
        records = self.done()
        while len(self._sizes) > MOST_AHEAD or sum(self._sizes) > MOST_AHEAD_BYTES:
            records.append(self._next())
        return records

    def done(self) -> list[Any]:
        """Records that have come since, in the order of their objects."""
        records = []
        while not self._done.empty():
            records.append(self._next())
        return records

    def rest(self) -> list[Any]:
        """All that is still to come; waits for it."""
        return [self._next() for _ in range(len(self._sizes))]

    def end(self) -> None:
        """No more is given to it."""
        self._asked.put(None)
        self._thread.join()

    def _next(self) -> Any:
        record = self._done.get()
        self._sizes.popleft()
        return record

    def _work(self) -> None:
        while (received := self._asked.get()) is not None:
            try:
                record = self._land(received)
            except Refused as refused:
                record = Turned(received.sop_instance_uid, refused.reason)
            except Exception:  # whatever a parser raises on a stranger's bytes is an answer about these bytes
                record = Turned(received.sop_instance_uid, Reason.UNREADABLE)
            del received
            self._done.put(record)
