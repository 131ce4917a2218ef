"""Which studies are on a screen now, or on their way to a node, in whatever program: those are never evicted.

    in-use/<random>   one file for each program that shows some, locked while it runs; its lines name studies

The lock ends with the program, however it ends; files nobody locks are removed. Who says that a study is in use and who
evicts one hold `in-use/guard` meanwhile: afterwards a study is either gone, or stays.
"""

import os
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from workstation.cache import files, vault
from workstation.cache.lock import lock_is_free, locked
from workstation.errors import HounsfieldError
from workstation.paths import Home

GUARD: Final = "guard"
PATIENCE_S: Final = 10.0
LAST_OPENED: Final = 8
"""What is on the screen is among the studies that were opened last, each with its priors: wishes overtake each other,
and a program need not say when it lets go."""

_OWN: dict[Home, "_Own"] = {}
_one_at_a_time = threading.RLock()
"""Process-wide state: what this program shows, by home."""


class _Own:
    def __init__(self, home: Home) -> None:
        self.path = home.in_use / secrets.token_hex(16)
        self.handle = locked(self.path)
        self.held: Counter[str] = Counter()
        self.opened: deque[frozenset[str]] = deque(maxlen=LAST_OPENED)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.held).union(*self.opened)

    def write(self) -> None:
        text = "".join(f"{name}\n" for name in self.names).encode()
        os.lseek(self.handle, 0, os.SEEK_SET)
        os.write(self.handle, text)
        os.ftruncate(self.handle, len(text))

    def end(self) -> None:
        os.close(self.handle)
        self.path.unlink(missing_ok=True)


def hold(home: Home, study_uid: str) -> None:
    """Say that a study is in use, until as many `release`. Harmless in a home that has no key and so no studies."""
    if not vault.is_locked(home):
        return
    with guard(home):
        own = _OWN.get(home) or _OWN.setdefault(home, _Own(home))
        own.held[vault.name_on_disk(home, study_uid)] += 1
        own.write()


def release(home: Home, study_uid: str) -> None:
    """Say that a study is not in use any more; harmless for one that is not."""
    own = _OWN.get(home)
    if own is None:
        return
    with guard(home):
        name = vault.name_on_disk(home, study_uid)
        own.held[name] -= 1
        own.held = +own.held
        own.write()
        if not own.names:
            _OWN.pop(home).end()


def opened(home: Home, study_uids: Iterable[str]) -> None:
    """Say that these studies come to the screen together; before they are read, so that they cannot go meanwhile.

    A disk that does not take the word keeps nobody from looking.
    """
    if not vault.is_locked(home):
        return
    with suppress(HounsfieldError, OSError), guard(home):
        for other in [each for each in _OWN if each != home and not _OWN[each].held]:
            _OWN.pop(other).end()  # a program shows the studies of one home
        own = _OWN.get(home) or _OWN.setdefault(home, _Own(home))
        own.opened.append(frozenset(vault.name_on_disk(home, uid) for uid in study_uids))
        own.write()


@contextmanager
def held(home: Home, study_uid: str) -> Iterator[None]:
    """The study is in use meanwhile."""
    hold(home, study_uid)
    try:
        yield
    finally:
        release(home, study_uid)


def in_use(home: Home) -> frozenset[str]:
    """Names on disk (`vault.name_on_disk`) of the studies that are in use. The caller holds `guard`."""
    names: set[str] = set()
    own = _OWN.get(home)
    for path in home.in_use.glob("*"):
        if path.name == GUARD or (own is not None and path == own.path):
            continue
        with suppress(OSError):
            if lock_is_free(path):
                path.unlink(missing_ok=True)
            else:
                names.update(path.read_text(encoding="ascii").split())
    return frozenset(names) | (own.names if own is not None else frozenset())


@contextmanager
def guard(home: Home) -> Iterator[None]:
    """One at a time, over all programs of this home. Raises Refused where the disk does not take the file."""
    with _one_at_a_time:
        with files.disk_errors():
            home.in_use.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = _waited_for(home.in_use / GUARD)
        try:
            yield
        finally:
            os.close(handle)


def _waited_for(path: Path) -> int:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return locked(path)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.002)
