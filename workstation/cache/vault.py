"""The key of a home as the cache uses it: made when something is first written, never made twice.

Names on disk are HMACs of what they stand for: the SHA-256 of a known file, laid beside a stolen home, would tell
whether that file is in it.
"""

import hashlib
import hmac
import threading
import time
from itertools import islice
from typing import Final

from workstation.cache.lock import WriterLock
from workstation.errors import HounsfieldError
from workstation.paths import Home
from workstation.security import keys
from workstation.security.keys import Key, KeyFault
from workstation.security.seal import FORMAT

GONE: Final = (
    f"the file {keys.DESCRIPTION} of this home is gone; bring it back from a copy: without it what is stored here"
    " cannot be opened"
)
PATIENCE_S: Final = 5.0
LOOKED_AT: Final = 200
_one_at_a_time = threading.Lock()
"""Threads of one program share the lock of a home."""


def is_locked(home: Home) -> bool:
    """Whether the home has a key; one of an earlier program has none until it is written to."""
    return keys.exists(home.root)


def key_for_writing(home: Home) -> Key:
    """The key of `home`, made when it has none. Raises KeyFault, and HounsfieldError when the home cannot be used."""
    deadline = time.monotonic() + PATIENCE_S
    while not keys.exists(home.root):
        try:
            lock = WriterLock(home.create().lock)
        except OSError as error:
            raise HounsfieldError(f"the folder {home.root} cannot be used", detail=type(error).__name__) from error
        except HounsfieldError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)  # another program holds the home: the first thing it does is to make the key
            continue
        try:
            with _one_at_a_time:
                if not keys.exists(home.root):
                    _refuse_to_make_a_second(home)
                    keys.make(home.root)
        finally:
            lock.release()
    return keys.key_of(home.root)


def name_on_disk(home: Home, name: str) -> str:
    """Under which name (64 hex digits) what is called `name` lies in the home. Raises KeyFault."""
    return hmac.digest(part(home, "names"), name.encode(), hashlib.sha256).hex()


def part(home: Home, purpose: str) -> bytes:
    """The key for one purpose. Raises KeyFault."""
    return keys.key_of(home.root).part(purpose)


def _refuse_to_make_a_second(home: Home) -> None:
    """A home that holds sealed files had a key once: a new one would make all of them look damaged."""
    for path in islice(home.files.glob("*/*"), LOOKED_AT):
        with path.open("rb") as file:
            if file.read(1) == bytes((FORMAT,)):
                raise KeyFault(GONE)
