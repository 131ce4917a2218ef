"""What a retrieval brings -> writer: counted, waited for, and refused where it has to be."""

import threading
from types import TracebackType
from typing import Final

from workstation.cache.entries import Arrival
from workstation.cache.ingest import Outcome
from workstation.errors import Reason, Refused
from workstation.network.part10 import Received
from workstation.network.porter import Turned
from workstation.traffic.writer import Writer

TICK_S: Final = 0.05


class Landing:
    """Use as a context manager; at its end everything that was taken is settled. Counts are right then."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._land = writer.lander
        self._changed = threading.Condition()
        self._open = 0
        self.stored = self.already_stored = self.bytes = 0
        self.refused: list[tuple[str, Reason]] = []

    def __enter__(self) -> "Landing":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.settle()

    def take(self, received: Received) -> bool:
        """A sink of `Pacs.retrieve`, for what comes on this thread. False once the disk is full: no use in more."""
        if self.disk_full:
            return False
        try:
            self.landed(self._land(received))
        except Refused as refused:
            self.landed(Turned(received.sop_instance_uid, refused.reason))
        return True

    def landed(self, record: Arrival | Turned) -> None:
        """What was written down already, in whichever process, or refused there."""
        with self._changed:
            self._open += 1
        if isinstance(record, Turned):
            self._done(record.sop_instance_uid, record.reason)
        else:
            self._writer.add(record, self._settled, patient=True)

    @property
    def disk_full(self) -> bool:
        return any(reason is Reason.DISK_FULL for _, reason in self.refused)

    def settle(self) -> None:
        """Wait until everything that was taken is in the cache, or refused."""
        with self._changed:
            while self._open:
                self._writer.hurry()
                self._changed.wait(TICK_S)

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
