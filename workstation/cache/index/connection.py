"""A connection to the index of one HOME: opened, brought up to date, locked when it writes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from workstation.cache import files, vault
from workstation.cache.index import engine
from workstation.cache.index.engine import DAMAGED, UNREADABLE, IndexDamaged, sqlite3, sqlite_errors
from workstation.cache.lock import WriterLock
from workstation.cache.schema import STEPS, VERSION
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.paths import Home

NEWER: Final = "this home was written by a newer Hounsfield; use that one, or another home"
GONE: Final = "the index of the study cache is gone"
HALF: Final = "the index of the study cache was not rebuilt to its end"


class Connection:
    """One connection to the index of `home`. As a writer it holds the lock of that home until `close`.

    Raises HounsfieldError when another process is the writer or when the index is from a newer program, KeyFault
    when the home is locked, IndexDamaged when the index is none, or gone from a home that holds objects. A reader of
    an empty home sees an empty index. `anew` is for whoever rebuilds it.
    """

    def __init__(self, home: Home, writer: bool = False, anew: bool = False) -> None:
        self.home = home
        self._anew = anew
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
        there = self._has_index()
        if not self._anew:
            self._check_whole(there)
        if self._lock is not None:
            if there and engine.is_plain(self.home.index):
                engine.seal_plain(self.home.index, vault.part(self.home, "index"))
            return self._opened(str(self.home.index))
        if there and not engine.is_plain(self.home.index):
            db = self._opened(str(self.home.index))
            version = _version(db)
            if version == VERSION:
                return db
            db.close()
            there = version > 0
        if there:
            Connection(self.home, writer=True).close()  # brings it up to date, unless an older program writes
            return self._opened(str(self.home.index))
        self._empty = True
        return self._opened(":memory:")

    def _check_whole(self, there: bool) -> None:
        """Objects without an index, or with half of one, must not look like an empty home."""
        if self.home.half_rebuilt.exists():
            raise IndexDamaged(HALF)
        if not there and next(files.stored(self.home), None) is not None:
            raise IndexDamaged(GONE)
        if there and not vault.is_locked(self.home) and not engine.is_plain(self.home.index):
            raise IndexDamaged(DAMAGED)

    def _has_index(self) -> bool:
        try:
            there = self.home.index.exists()
            return there and (vault.is_locked(self.home) or self.home.index.stat().st_size > 0)
        except OSError as error:
            raise HounsfieldError(UNREADABLE, detail=type(error).__name__) from error

    def _opened(self, place: str) -> sqlite3.Connection:
        key = None if place == ":memory:" else vault.part(self.home, "index")
        with sqlite_errors():
            try:
                return self._ready(engine.opened(place, key))
            except sqlite3.OperationalError as error:
                if not engine.lacks_room(error, self.home.root):
                    raise
                if self._lock is not None or not engine.is_settled(self.home.index):
                    raise Refused(Reason.DISK_FULL, detail=str(error)) from error
                return self._ready(engine.opened_as_it_lies(self.home.index, key))

    def _ready(self, db: sqlite3.Connection) -> sqlite3.Connection:
        try:
            self._set_up(db)
        except BaseException:
            db.close()
            raise
        return db

    def _set_up(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA foreign_keys = ON")
        if self._lock is not None:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA wal_autocheckpoint = 2000")  # pages, of 4 KiB: a journal of 8 MB
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
            with sqlite_errors("the index of the study cache failed"):
                try:
                    self._db.execute("BEGIN IMMEDIATE" if self._lock is not None else "BEGIN")
                    yield self._db
                    self._db.execute("COMMIT")
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
