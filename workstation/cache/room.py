"""Room for what comes: a quota with the study used longest ago going first, and a reserve the disk keeps.

Never goes what is open in any program, pinned, not yet sent, or still coming. The quota is a wish: where nothing may
go, it is exceeded and said, and nothing that a peer sends is refused for it. The reserve is not: below it nothing is
taken, as on a full disk, so that the index can still be written and the screen stays usable.
"""

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from workstation.cache import files, in_use, vault
from workstation.cache.index import Index
from workstation.cache.index.evictions import Candidate
from workstation.cache.outbox import Outbox
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.paths import Home, resources
from workstation.security import acts
from workstation.settings import load

COMING: Final = timedelta(minutes=10)
"""A study of which an object came, or that was opened, within this time may still be coming, or be looked for again."""

SLACK: Final = 0.95
"""To which share of the quota is evicted, so that the next object does not ask again."""


class Held(StrEnum):
    """Why a study does not go."""

    OPEN = "it is open"
    PINNED = "it is pinned"
    UNSENT = "it waits to be sent"
    COMING = "it is still coming, or was used within ten minutes"


BESIDE_S: Final = 30.0
"""How long what quarantine and pictures take is believed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes; a quota of 0 is none."""

    quota_bytes: int = 0
    reserve_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Evicted:
    """Studies that went, their bytes, and those that were asked for and stay, with the reason."""

    studies: tuple[str, ...] = ()
    freed_bytes: int = 0
    kept: tuple[tuple[str, Held], ...] = ()


def limits(home: Home) -> Limits:
    """The limits that are set."""
    settings = load(resources() / "settings.toml", home.root)
    return Limits(round(settings.number("cache.quota") * 1e9), round(settings.number("cache.reserve") * 1e9))


def free_bytes(home: Home) -> int:
    """What the disk of the home has left for us. Raises Refused(IO_ERROR)."""
    with files.disk_errors():
        return shutil.disk_usage(home.root).free


class Room:
    """Makes room in the home of `index`, which is a writer's."""

    def __init__(self, index: Index, limits: Limits, free: Callable[[Home], int] = free_bytes) -> None:
        self._index, self._home = index, index.home
        self.limits = limits
        self._free = free
        self._outbox = Outbox(index.home)
        self._beside, self._beside_until_s = 0, 0.0

    def check(self, coming_bytes: int) -> None:
        """Before objects of so many bytes, already in incoming/, become visible: evict what has to go.

        Raises Refused(DISK_FULL) when the disk would have less than its reserve all the same.
        """
        quota = self.limits.quota_bytes
        over = self._index.stored_bytes() + self._beside_bytes() + coming_bytes - quota if quota else 0
        lacking = self.limits.reserve_bytes - self._free(self._home)
        if over > 0 or lacking > 0:
            wanted = max(over + round((1 - SLACK) * quota) if over > 0 else 0, lacking)
            lacking -= self.evict(wanted).freed_bytes
        if lacking > 0:
            raise Refused(Reason.DISK_FULL, detail="the reserve")

    def surplus(self) -> int:
        """Bytes that have to go until quota and reserve are kept; 0 when they are."""
        quota = self.limits.quota_bytes
        over = self._index.stored_bytes() + self._beside_bytes() - quota if quota else 0
        return max(0, over, self.limits.reserve_bytes - self._free(self._home))

    def _beside_bytes(self) -> int:
        """Quarantine and pictures count too; looked up now and then, since it takes longer than an object does."""
        if time.monotonic() > self._beside_until_s:
            self._beside, self._beside_until_s = files.beside_bytes(self._home), time.monotonic() + BESIDE_S
        return self._beside

    def evict(self, wanted_bytes: int) -> Evicted:
        """Let studies go, the one used longest ago first, until `wanted_bytes` are free or nothing more may go."""
        gone: list[str] = []
        freed = 0
        for each in self._index.by_last_use():
            if freed >= wanted_bytes:
                break
            if self._let_go(each, hurried=False) is None:
                gone.append(each.study_instance_uid)
                freed += each.size_bytes
        return Evicted(tuple(gone), freed)

    def evict_these(self, studies: Iterable[str]) -> Evicted:
        """Let these studies go, as a person asked; what is open, pinned or unsent stays, with the reason."""
        asked = set(studies)
        gone, kept, freed = [], [], 0
        for each in self._index.by_last_use():
            if each.study_instance_uid not in asked:
                continue
            reason = self._let_go(each, hurried=True)
            if reason is not None:
                kept.append((each.study_instance_uid, reason))
                continue
            gone.append(each.study_instance_uid)
            freed += each.size_bytes
        return Evicted(tuple(gone), freed, tuple(kept))

    def _let_go(self, study: Candidate, hurried: bool) -> Held | None:
        """Why it stays; None when it is gone. Nobody can begin to use it between the question and the deed."""
        uid = study.study_instance_uid
        with in_use.guard(self._home):
            reason = self._reason(study, hurried)
            if reason is not None:
                return reason
            acts.permit(acts.Kind.EVICT, study=uid)
            digests = self._index.let_go(uid)
        for digest in digests:
            files.discard(self._home, digest)
        self._index.forget_announced(digests)
        return None

    def _reason(self, study: Candidate, hurried: bool) -> Held | None:
        if study.pinned:
            return Held.PINNED
        if not hurried and study.used > (datetime.now(UTC) - COMING).isoformat(timespec="seconds"):
            return Held.COMING
        if study.study_instance_uid in self._outbox.unsent():
            return Held.UNSENT
        if vault.name_on_disk(self._home, study.study_instance_uid) in in_use.in_use(self._home):
            return Held.OPEN
        return None


def checked_limits(home: Home) -> Limits:
    """`limits`, or none where the settings cannot be read: they must not keep an object from being stored."""
    try:
        return limits(home)
    except HounsfieldError:
        return Limits()
