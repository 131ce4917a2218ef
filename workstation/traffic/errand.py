"""What is to be fetched or sent, as values, and how what is left of it is kept between two runs of the program.

An errand names nobody: node, study and numbers go to the disk; whose study it is, the screen knows (`title`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from workstation.paths import Home
from workstation.settings import write_whole
from workstation.traffic.fetch import ShortSeries

FILE: Final = "errands.json"
LARGEST_BYTES: Final = 4 << 20
FORMAT: Final = 1


class Act(StrEnum):
    """What is done."""

    RETRIEVE = "retrieve"
    SEND = "send"


class State(StrEnum):
    """How an errand stands. RESTING waits for its next try after a failure, SENT for the archive's word."""

    WAITING = "waiting"
    RUNNING = "running"
    RESTING = "resting"
    SENT = "sent"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


OVER: Final = frozenset((State.DONE, State.FAILED, State.STOPPED))


@dataclass(frozen=True)
class Errand:
    """One study to or from one node. `later`: nobody waits for it. Of one lane a higher `priority` goes first.

    `title` is for the screen alone. `first` are the SOP instances that are looked at. `total` is 0 while nobody knows
    it; `due_s` is the monotonic second before which a RESTING one is not tried; `reason` says why it rests or failed,
    `side` and `field` where to look then.
    """

    number: int
    act: Act
    node: str
    study: str
    later: bool = False
    priority: int = 0
    why: str = ""
    title: str = ""
    first: tuple[str, ...] = ()
    state: State = State.WAITING
    done: int = 0
    total: int = 0
    bytes: int = 0
    bytes_per_s: float = 0.0
    eta_s: float | None = None
    moved_s: float = 0.0
    """The monotonic second in which it last got further; 0 before it did."""
    reason: str = ""
    side: str = ""
    field: str = ""
    attempts: int = 0
    due_s: float = 0.0
    short: tuple[ShortSeries, ...] = ()
    series: tuple[tuple[str, int], ...] = ()
    """SeriesInstanceUID and how many objects the node says it has, as far as it says so."""
    promised: bool = False
    """It lies in the outbox: nothing but the archive's word, or a person's, ends it."""

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def is_ready(self) -> bool:
        """Whether it may begin as soon as there is room, or once it has rested."""
        return self.state in (State.WAITING, State.RESTING)


def kept(home: Home, errands: Iterable[Errand]) -> None:
    """Write what is not done yet. Raises HounsfieldError when the disk does not take it."""
    rows = [_row(each) for each in errands if each.state not in (State.DONE, State.STOPPED)]
    write_whole(home.root / FILE, json.dumps({"format": FORMAT, "errands": rows}))


def left(home: Home) -> tuple[Errand, ...]:
    """What an earlier run left undone; nothing where the file is missing, or not ours."""
    try:
        with (home.root / FILE).open(encoding="utf-8") as stream:
            found = json.loads(stream.read(LARGEST_BYTES))
        rows = found["errands"] if found["format"] == FORMAT else []
        return tuple(_errand(number, row) for number, row in enumerate(rows, 1))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return ()


def _row(errand: Errand) -> dict[str, Any]:
    state = State.WAITING if errand.state is State.RUNNING else errand.state
    return {
        "act": errand.act,
        "node": errand.node,
        "study": errand.study,
        "later": errand.later,
        "priority": errand.priority,
        "why": errand.why,
        "state": State.WAITING if state is State.RESTING else state,
        "reason": errand.reason,
        "attempts": errand.attempts,
    }


def _errand(number: int, row: dict[str, Any]) -> Errand:
    made = Errand(
        number, Act(row["act"]), str(row["node"]), str(row["study"]), bool(row["later"]), int(row["priority"])
    )
    return replace(
        made,
        why=str(row["why"]),
        state=State(row["state"]),
        reason=str(row["reason"]),
        attempts=int(row["attempts"]),
    )
