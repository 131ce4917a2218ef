"""What peers send us: the receiver's records into the cache, and its answers (the way of a study, 1 and 2)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from workstation.cache.entries import Arrival
from workstation.cache.ingest import Outcome
from workstation.errors import Reason
from workstation.network.attendant import status_of
from workstation.network.commitment import CommitmentReport
from workstation.network.receiver import Receiver, Reply
from workstation.network.reception import Reception
from workstation.security import acts
from workstation.traffic.writer import Writer

NO_SUCH_TRANSACTION: Final = 0x0112
"""Status of N-EVENT-REPORT for a transaction that is none of ours (PS3.7 C.5.9)."""


@dataclass
class Tally:
    """What came so far; read from any thread."""

    stored: int = 0
    already_stored: int = 0
    quarantined: int = 0
    refused: int = 0
    bytes: int = 0


Heard = Callable[[CommitmentReport], bool]
"""Takes an archive's word about what was sent; False when nobody asked."""


@contextmanager
def receiving(
    reception: Reception, writer: Writer, heard: Heard = lambda report: False
) -> Iterator[tuple[Receiver, Tally]]:
    """A receiver whose objects go into the cache of `writer`. Raises HounsfieldError when its port cannot be had."""
    acts.permit(acts.Kind.RECEIVE)
    tally, guard = Tally(), threading.Lock()

    def take(record: Any, reply: Reply, patient: bool) -> None:
        if isinstance(record, CommitmentReport):
            return reply(0 if heard(record) else NO_SUCH_TRANSACTION)
        arrival: Arrival = record

        def settled(outcome: Outcome) -> None:
            with guard:
                _count(tally, outcome)
            reply(status_of(outcome.reason))

        writer.add(arrival, settled, patient)

    with Receiver(reception, writer.lander, take, writer.expect, writer.announce) as receiver:
        yield receiver, tally


def _count(tally: Tally, outcome: Outcome) -> None:
    tally.bytes += outcome.arrival.size_bytes
    if outcome.reason is Reason.CONFLICT:
        tally.quarantined += 1
    elif outcome.reason is not None:
        tally.refused += 1
    elif outcome.stored:
        tally.stored += 1
    else:
        tally.already_stored += 1
