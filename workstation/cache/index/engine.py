"""SQLite with SQLCipher inside: what is written of the index, its journal too, only the key of the home reads."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workstation.cache.files import disk_errors, sync_folder
from workstation.errors import HounsfieldError, Reason, Refused

if TYPE_CHECKING:
    import sqlite3
else:
    from sqlcipher3 import dbapi2 as sqlite3  # the same interface

__all__ = ["DAMAGED", "UNREADABLE", "IndexDamaged", "is_plain", "opened", "seal_plain", "sqlite3", "sqlite_errors"]

DAMAGED: Final = "the index of the study cache is damaged"
BUSY_S: Final = 30.0
UNREADABLE: Final = "the index of the study cache cannot be read"
_PLAIN: Final = b"SQLite format 3\0"
_DAMAGED: Final = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))
_ROOM: Final = frozenset((sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN))
_LEAST_BYTES: Final = 1 << 20
"""A writer needs as much beside the index before it writes anything."""

_FORMAT: Final = (("cipher_page_size", "4096"), ("cipher_hmac_algorithm", "HMAC_SHA256"))
_EARLIER: Final = (("cipher_page_size", "16384"), ("cipher_hmac_algorithm", "HMAC_SHA256"))
"""SQLCipher's own SHA-512 takes four times as long to read a list. With pages of 16 KiB a commit of one object writes
and seals 130 KiB, with 4 KiB a quarter of that, while a list takes a twelfth longer; an index that has them keeps them.
"""


class IndexDamaged(HounsfieldError):
    """The index is gone or spoiled; nothing is lost with it that `rebuild` cannot read from the files again."""


def opened(place: str, key: bytes | None) -> sqlite3.Connection:
    """A connection with rows by name; without a key a plain one. What is no index of ours, the first query says."""
    db = _opened(place, key, _FORMAT)
    if key is None or _is_ours(db):
        return db
    earlier = _opened(place, key, _EARLIER)
    if _is_ours(earlier):
        db.close()
        return earlier
    earlier.close()
    return db


def _opened(place: str, key: bytes | None, form: tuple[tuple[str, str], ...]) -> sqlite3.Connection:
    uri = place.startswith("file:")
    db = sqlite3.connect(place, timeout=BUSY_S, isolation_level=None, check_same_thread=False, uri=uri)
    try:
        db.row_factory = sqlite3.Row
        if key is not None:
            db.execute("PRAGMA cipher_log_level = NONE")  # it would speak to stderr
            db.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            for name, value in form:
                db.execute(f"PRAGMA {name} = {value}")
    except BaseException:
        db.close()
        raise
    return db


def _is_ours(db: sqlite3.Connection) -> bool:
    """Whether the pages of an index open; what else may be wrong with it, the next query says."""
    try:
        db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_NOTADB
    return True


def opened_as_it_lies(index: Path, key: bytes | None) -> sqlite3.Connection:
    """As `opened`, without the shared memory beside it for which a full disk has no room: to read; nobody writes."""
    return opened(f"{index.absolute().as_uri()}?immutable=1", key)


def is_settled(index: Path) -> bool:
    """Whether all that was committed lies in the index itself, and nothing in its journal. Raises OSError."""
    journal = index.with_name(f"{index.name}-wal")
    return not journal.exists() or journal.stat().st_size == 0


def lacks_room(error: sqlite3.Error, folder: Path) -> bool:
    """Whether opening failed because the disk is full; SQLite has several words for that. Raises OSError."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in _ROOM and shutil.disk_usage(folder).free < _LEAST_BYTES


def is_plain(index: Path) -> bool:
    """Whether an index was written by a program that did not seal it. Raises OSError."""
    with index.open("rb") as file:
        return file.read(len(_PLAIN)) == _PLAIN


def seal_plain(index: Path, key: bytes) -> None:
    """Put the sealed form of a plain index into its place. The caller holds the home's lock. Raises HounsfieldError."""
    beside = index.with_name(f"{index.name}.new")
    with disk_errors(), sqlite_errors():
        beside.unlink(missing_ok=True)
        with closing(opened(str(index), None)) as db:
            db.execute("PRAGMA journal_mode = DELETE")  # or its journal would be taken for that of the sealed one
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            db.execute(f"ATTACH DATABASE ? AS sealed KEY \"x'{key.hex()}'\"", (str(beside),))
            for name, value in _FORMAT:
                db.execute(f"PRAGMA sealed.{name} = {value}")
            db.execute("SELECT sqlcipher_export('sealed')")
            db.execute(f"PRAGMA sealed.user_version = {version}")
            db.execute("DETACH DATABASE sealed")
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(index)
        sync_folder(index.parent)


@contextmanager
def sqlite_errors(sentence: str = UNREADABLE) -> Iterator[None]:
    """What SQLite raises as one of ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _as_ours(error, sentence) from error


def _as_ours(error: sqlite3.Error, sentence: str) -> HounsfieldError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return Refused(Reason.DISK_FULL, detail=str(error))
    if code in _DAMAGED:
        return IndexDamaged(DAMAGED, detail=str(error))
    return HounsfieldError(sentence, detail=str(error))
