"""What waits to be sent: kept before it is sent, and until the archive has said that it has it (safety.md 22).

    outbox/<random>    one sealed document for each item, written whole and synced at every change of its state

They lie beside the index, not in it: an index that is lost or damaged takes nothing that was promised with it, and
nothing but `forget` removes one. Every method returns when what it says lasts; each may be called from any thread, and
`items` from any process. Those that write do so for the one program that holds the home.
"""

import json
import secrets
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from workstation.cache import files, in_use
from workstation.errors import HounsfieldError, NotFound
from workstation.paths import Home

VERSION: Final = 1


class Kind(StrEnum):
    """What is asked of the node."""

    STORE = "store"
    COMMIT = "commit"


class State(StrEnum):
    """How far it is. FAILED waits for a person; WAITING for its time."""

    WAITING = "waiting"
    SENT = "sent"
    COMMITTED = "committed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Item:
    """One errand: these objects of a study to a node; no UIDs of objects: all that are visible when it is sent.

    `next_at` is when it is tried again, `made_at` when it was asked for (ISO 8601, UTC); `reason` is the sentence of
    the last try that failed; `transaction` what a storage commitment is called by (PS3.4 J.3).
    """

    key: str
    study_instance_uid: str
    sop_instance_uids: tuple[str, ...]
    node: str
    kind: Kind
    state: State = State.WAITING
    tries: int = 0
    next_at: str = ""
    reason: str = ""
    made_at: str = ""
    transaction: str = ""
    why: str = ""
    """The rule that asked for it; empty where a person or the program's own work did."""

    side: str = ""
    field: str = ""
    """At which end to look for what went wrong, and at which setting of the node; empty where nobody knows."""

    @property
    def is_done(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.state is State.COMMITTED or (self.state is State.SENT and self.kind is Kind.STORE)


class Outbox:
    """The outbox of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._guard = threading.Lock()

    def put(
        self,
        study_uid: str,
        sop_uids: Iterable[str],
        node: str,
        kind: Kind = Kind.STORE,
        why: str = "",
        after_s: float = 0.0,
    ) -> Item:
        """Ask for something to be sent, `after_s` seconds from now at the earliest.

        Raises Refused when the disk does not keep it: then it is not promised.
        """
        key, due = secrets.token_hex(16), _now(after_s)
        made = Item(key, study_uid, tuple(sop_uids), node, kind, made_at=_now(), next_at=due, why=why)
        with in_use.guard(self._home):  # or its study might just be evicted
            self._write(made)
        return made

    def items(self) -> tuple[Item, ...]:
        """Everything in it, oldest first. One that cannot be read is there too: FAILED, with the sentence."""
        found = [self._read(path.name) for path in sorted(self._home.outbox.glob("*")) if not path.suffix]
        return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.made_at, each.key)))

    def stamp(self) -> int:
        """Another number after each change, of whatever program; 0 while nothing was ever put into it."""
        try:
            return self._home.outbox.stat().st_mtime_ns
        except OSError:
            return 0

    def due(self, now: str = "") -> tuple[Item, ...]:
        """What waits and whose time has come."""
        now = now or _now()
        return tuple(each for each in self.items() if each.state is State.WAITING and each.next_at <= now)

    def change(
        self,
        key: str,
        state: State,
        reason: str = "",
        next_at: str = "",
        transaction: str | None = None,
        tried: bool = False,
        look_at: tuple[str, str] = ("", ""),
    ) -> Item:
        """Write how far an item is; `tried` counts one try more, `look_at` are its side and field.

        Raises NotFound, Refused.
        """
        with self._guard:
            item = self._read(key)
            if item is None:
                raise NotFound("the outbox has no such item")
            kept = item.transaction if transaction is None else transaction
            changed = replace(item, state=state, reason=reason, next_at=next_at, transaction=kept)
            changed = replace(changed, tries=item.tries + tried, side=look_at[0], field=look_at[1])
            self._write(changed)
            return changed

    def put_off(self, key: str, seconds: float) -> Item:
        """Have an item wait so long from now. Raises NotFound, Refused."""
        return self.change(key, State.WAITING, next_at=_now(seconds))

    def forget(self, key: str) -> None:
        """Remove an item: the archive has it, or a person gave it up. Raises Refused."""
        files.drop_document(self._home.outbox / _checked(key))

    def holds(self, key: str) -> bool:
        """Whether an item is still there: a person may give it up while it is on its way."""
        return (self._home.outbox / _checked(key)).exists()

    def unsent(self) -> set[str]:
        """StudyInstanceUIDs of what nobody else may have yet; an unreadable item holds nothing back by name."""
        return {each.study_instance_uid for each in self.items() if not each.is_done}

    def _read(self, key: str) -> Item | None:
        try:
            return _item(files.unseal_document(self._home, self._home.outbox / _checked(key)))
        except NotFound:
            return None
        except (HounsfieldError, ValueError, KeyError, TypeError) as error:
            sentence = error.sentence if isinstance(error, HounsfieldError) else "it was kept by another program"
            return Item(key, "", (), "", Kind.STORE, State.FAILED, reason=f"this item cannot be read: {sentence}")

    def _write(self, item: Item) -> None:
        text = json.dumps({"version": VERSION, **asdict(item)}, separators=(",", ":"))
        files.seal_document(self._home, self._home.outbox / _checked(item.key), text.encode())


def _item(data: bytes) -> Item:
    values = json.loads(data)
    if values.pop("version") > VERSION:
        raise ValueError
    uids, kind, state = tuple(values.pop("sop_instance_uids")), Kind(values.pop("kind")), State(values.pop("state"))
    return Item(sop_instance_uids=uids, kind=kind, state=state, **values)


def _checked(key: str) -> str:
    if len(key) != 32 or not key.isalnum():
        raise NotFound("the outbox has no such item")
    return key


def _now(after_s: float = 0.0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=after_s)).isoformat(timespec="seconds")
