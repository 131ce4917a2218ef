"""The process that fetches for us: what a node sends is read, judged and written down here, one object after the other.

It knows no cache: `land` (a picklable function from `traffic`) writes an object down, and what that returns goes up the
pipe, several at a time. The program's own threads, and its window, wait for none of that.
"""

import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

from workstation import jobs
from workstation.dicom.scan import IMPLICIT
from workstation.errors import Cancelled, HounsfieldError, Reason, Refused
from workstation.network import dicomweb, dimse, identifier  # noqa: F401  what the first order needs is there
from workstation.network.faults import NodeFault, Side
from workstation.network.pace import Pace, Slow
from workstation.network.pacs import Pacs, Progress, Retrieved, Selection, Watch
from workstation.network.part10 import Received
from workstation.network.porter import Porter, Turned

MEMORY_BYTES: Final = 6 << 30
"""Address space of the process."""

TOGETHER: Final = 16
TOGETHER_S: Final = 0.05
"""Records go up the pipe when they are so many, or the oldest is so old; the first of an order at once."""

LOOKS_S: Final = 0.02
"""How often the pipe is asked whether somebody wants something else."""

Land = Callable[[Received], Any]
Way = Callable[[], Pacs]
"""Makes the way to a node, in whichever process; picklable."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be fetched, and by which way."""

    way: Way
    what: Selection


@dataclass(frozen=True, slots=True)
class Load:
    """What has come since the last word: records of `land`, refusals, and how far it is."""

    records: tuple[Any, ...]
    progress: Progress


@dataclass(frozen=True, slots=True)
class LookedAt:
    """SOP instances that somebody looks at by now: what lies around them goes first."""

    instances: tuple[str, ...]


class Stop:
    """Somebody asks to stop."""


class Ready:
    """Somebody asks whether the process has come up; it is the answer too."""


Word = Load | Retrieved | HounsfieldError
"""What goes up the pipe; the last of an order is no Load."""


def serve(land: Land, pipe: "Connection[Any, Any]", nice: int) -> None:
    """The life of the process: order by order, until the other end of the pipe is gone."""
    jobs.limit_worker(MEMORY_BYTES)
    logging.disable(logging.CRITICAL)  # libraries quote what they read: a patient's name, for one (safety.md 23)
    warnings.simplefilter("ignore")
    sys.setswitchinterval(0.0005)
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    identifier.encode({}, IMPLICIT)  # imports what the first question needs
    with suppress(EOFError, OSError):
        while True:
            order = pipe.recv()
            if isinstance(order, Order):
                pipe.send(_Trip(land, pipe).run(order))
            elif isinstance(order, Ready):
                pipe.send(order)


class _Trip:
    """One order while it runs."""

    def __init__(self, land: Land, pipe: "Connection[Any, Any]") -> None:
        self._porter = Porter(land)
        self._pipe = pipe
        self._records: list[Any] = []
        self._progress = Progress(0, 0)
        self._sent_at = self._looked_at = 0.0
        self._full = self._stopped = False
        self._pacs: Pacs | None = None
        self.pace = Pace()

    def run(self, order: Order) -> Retrieved | HounsfieldError:
        """The last word of an order."""
        try:
            self._pacs = order.way()
            result: Retrieved | HounsfieldError = self._pacs.retrieve(
                order.what, self._take, Watch(self._told, self.check)
            )
        except HounsfieldError as error:
            result = error
        except MemoryError:
            result = Refused(Reason.MEMORY)
        except Exception as error:  # nobody above it; the class alone, for a message may quote what was read
            result = NodeFault("its answer cannot be used", Side.THEIRS, detail=type(error).__name__)
        self._keep(self._porter.rest())
        self._porter.end()
        self._flush()
        return result

    def _take(self, received: Received) -> bool:
        if self._full:
            return False
        self._keep(self._porter.take(received))
        self.pace.rest()
        return True

    def _keep(self, records: list[Any]) -> None:
        """Until they are sent up the pipe; no use in more once the disk is full."""
        self._records += records
        refused = (each.reason for each in records if isinstance(each, Turned))
        self._full = self._full or Reason.DISK_FULL in refused

    def _told(self, progress: Progress) -> None:
        self._progress = progress
        self._flush_in_time()

    def _flush_in_time(self) -> None:
        self._keep(self._porter.done())
        if self._records and (len(self._records) >= TOGETHER or time.monotonic() - self._sent_at > TOGETHER_S):
            self._flush()

    def _flush(self) -> None:
        if self._records:
            self._pipe.send(Load(tuple(self._records), self._progress))
            self._records.clear()
            self._sent_at = time.monotonic()

    def check(self) -> None:
        """Called while nothing comes, too."""
        now = time.monotonic()
        if now - self._looked_at > LOOKS_S:
            self._looked_at = now
            self._flush_in_time()
            while self._pipe.poll():
                self._hear(self._pipe.recv())
        if self._stopped:
            raise Cancelled

    def _hear(self, word: Any) -> None:
        self._stopped = self._stopped or isinstance(word, Stop)
        if isinstance(word, Slow):
            self.pace.slow()
        look_at = getattr(self._pacs, "look_at", None)
        if isinstance(word, LookedAt) and look_at is not None:
            look_at(word.instances)
