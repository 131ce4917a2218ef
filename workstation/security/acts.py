"""The one gate of every act, and its one record: may whoever sits here do this, and what was done (safety.md 24).

`permit` stands at the head of whatever queries, fetches, sends, receives, imports or removes; `doing` around one that
is made of others: what happens inside it on its thread is permitted as well, and is part of it on the record. Where
the record goes is one function; until there is a better one it is the log, which names kinds and nodes, never a
patient (safety.md 23). Process-wide state lives here: that function.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workstation.errors import Cancelled, Refused
from workstation.security import roles

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What is done; its permission stands in `PERMISSION`."""

    QUERY = "query"
    ECHO = "echo"
    RETRIEVE = "retrieve"
    RECEIVE = "receive"
    IMPORT = "import"
    SEND = "send"
    OWE = "owe"
    """Promise to send: into the outbox."""
    GIVE_UP = "give up"
    """Take what was promised out of the outbox."""
    EVICT = "evict"
    PIN = "pin"
    REBUILD = "rebuild"
    SET_NODE = "set node"
    EXPORT = "export"
    """Write pictures outside the cache, where no key guards them."""
    REJECT = "reject"
    """Tell an archive that images are not to be used."""
    EDIT_SUV = "edit SUV inputs"
    """Put another weight, dose or time in the place of the image's."""


PERMISSION: Final = {
    Kind.QUERY: "query",
    Kind.ECHO: "query",
    Kind.RETRIEVE: "import",
    Kind.RECEIVE: "import",
    Kind.IMPORT: "import",
    Kind.SEND: "send",
    Kind.OWE: "send",
    Kind.GIVE_UP: "send",
    Kind.EVICT: "import",
    Kind.PIN: "read",
    Kind.REBUILD: "read",
    Kind.SET_NODE: "settings",
    Kind.EXPORT: "send",
    Kind.REJECT: "send",
    Kind.EDIT_SUV: "measure",
}


@dataclass(frozen=True)
class Entry:
    """One line of the record: what, how it stands ("began", "done", "failed", "refused"), with whom, which study."""

    kind: Kind
    outcome: str
    node: str = ""
    study_instance_uid: str = ""


def logged(entry: Entry) -> None:
    """The record until there is a better one: never whose study."""
    log.info("%s %s%s", entry.kind, entry.outcome, f": {entry.node}" if entry.node else "")


_record: Callable[[Entry], None] = logged
_inside: ContextVar[bool] = ContextVar("hounsfield_act", default=False)


def record_with(record: Callable[[Entry], None]) -> Callable[[Entry], None]:
    """Where entries go from now on; what took them before."""
    global _record
    before, _record = _record, record
    return before


def audit(kind: Kind, outcome: str, node: str = "", study: str = "") -> None:
    """One entry of the record."""
    _record(Entry(kind, outcome, node, study))


def permit(kind: Kind, node: str = "", study: str = "", outcome: str = "began") -> None:
    """Raise Refused where the role does not allow this; on the record either way, unless it is part of another act."""
    try:
        roles.require(PERMISSION[kind])
    except Refused:
        audit(kind, "refused", node, study)
        raise
    if not _inside.get():
        audit(kind, outcome, node, study)


@dataclass
class Doing:
    """How an act that is being done will have ended, unless it fails: whoever does it may know better."""

    outcome: str = "done"


@contextmanager
def doing(kind: Kind, node: str = "", study: str = "") -> Iterator[Doing]:
    """An act made of others: it is on the record as it begins and as it ends, and they are part of it."""
    permit(kind, node, study)
    part = _inside.get()
    token = _inside.set(True)
    outcome, made = "failed", Doing()
    try:
        yield made
        outcome = made.outcome
    except Cancelled:
        outcome = "stopped"
        raise
    finally:
        _inside.reset(token)
        if not part:
            audit(kind, outcome, node, study)
