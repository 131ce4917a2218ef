"""A connection to the index of one HOME: opened, brought up to date, locked when it writes."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from workstation.cache import vault
from workstation.cache.lock import WriterLock
from workstation.cache.schema import STEPS, VERSION
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.paths import Home

NEWER: Final = "this home was written by a newer Hounsfield; use that one, or another home"
UNREADABLE: Final = "the index of the study cache cannot be read"
BUSY_S: Final = 30.0


class Connection:
    """One connection to the index of `home`. As a writer it holds the lock of that home until `close`.

    Raises HounsfieldError when another process is the writer, when the index is from a newer program, or when it
    is not an index at all. A reader of a home without an index sees an empty one.
    """

    def __init__(self, home: Home, writer: bool = False) -> None:
        self.home = home
        self._guard = threading.RLock()
        self._lock = WriterLock(_made(home).lock) if writer else None
        self._empty = False
        try:
            if writer:
                vault.key_for_writing(home)
            self._db = self._connect()
        except BaseException:
            self._release()
            raise

    @property
    def first_writer(self) -> bool:
        """Whether this process had no other writer open, so that an earlier one may have left something behind."""
        return self._lock is not None and self._lock.first

    def close(self) -> None:
        with self._guard:
            self._db.close()
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def _connect(self) -> sqlite3.Connection:
        """A writer makes what is missing; a reader of nothing, or of what is not yet committed, sees an empty index."""
        self._empty = False
        if self._lock is not None:
            return self._opened(str(self.home.index))
        if self._has_index():
            db = self._opened(str(self.home.index))
            version = _version(db)
            if version == VERSION:
                return db
            db.close()
            if version:
                Connection(
                    self.home, writer=True
                ).close()  # brings the tables up to date, unless an older program writes
                return self._opened(str(self.home.index))
        self._empty = True
        return self._opened(":memory:")

    def _has_index(self) -> bool:
        try:
            return self.home.index.exists()
        except OSError as error:
            raise HounsfieldError(UNREADABLE, detail=type(error).__name__) from error

    def _opened(self, place: str) -> sqlite3.Connection:
        try:
            db = sqlite3.connect(place, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            try:
                db.row_factory = sqlite3.Row
                self._set_up(db)
            except BaseException:
                db.close()
                raise
        except sqlite3.Error as error:
            raise HounsfieldError(UNREADABLE, detail=str(error)) from error
        return db

    def _set_up(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA foreign_keys = ON")
        if self._lock is not None:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
        version = _version(db)
        if version > VERSION:
            raise HounsfieldError(NEWER, detail=f"schema {version}, ours {VERSION}")
        if self._lock is not None or self._empty:
            for number, step in enumerate(STEPS[version:], start=version + 1):
                db.executescript(f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;")
        if self._lock is None:
            db.execute("PRAGMA query_only = ON")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            if self._empty and self._has_index():
                self._db.close()
                self._db = self._connect()
            try:
                self._db.execute("BEGIN IMMEDIATE" if self._lock is not None else "BEGIN")
                yield self._db
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise _as_ours(error) from error
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def _one(self, query: str, *values: str) -> sqlite3.Row | None:
        with self._transaction() as db:
            row: sqlite3.Row | None = db.execute(query, values).fetchone()
            return row


def _made(home: Home) -> Home:
    try:
        return home.create()
    except OSError as error:
        raise HounsfieldError(f"the folder {home.root} cannot be used", detail=type(error).__name__) from error


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _as_ours(error: sqlite3.Error) -> HounsfieldError:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return Refused(Reason.DISK_FULL, detail=str(error))
    return HounsfieldError("the index of the study cache failed", detail=str(error))
