"""How far each study was read: status, claim, and the state in which it was parked."""

from collections.abc import Iterable
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Final

from workstation.cache import marks
from workstation.cache.entries import Reading, ReadingStatus
from workstation.cache.index.connection import Connection
from workstation.cache.index.engine import sqlite3
from workstation.cache.marks import Mark
from workstation.errors import HounsfieldError, NotFound
from workstation.security import acts

_MARKS: Final = "SELECT study_uid, status, opened_at, claimed_by, parked, pinned FROM reading"


class Readings(Connection):
    """The part of the index that keeps what readers did, and beside the index too (`cache.marks`).

    Writing raises NotFound for an unknown study.
    """

    def reading(self) -> dict[str, Reading]:
        """What is kept, by StudyInstanceUID; a study that is not in it is unread and free."""
        with self._transaction() as db:
            rows = db.execute("SELECT study_uid, status, opened_at, claimed_by FROM reading").fetchall()
        return {row[0]: Reading(ReadingStatus(row[1]), row[2], row[3]) for row in rows}

    def set_status(self, study_uid: str, status: ReadingStatus) -> None:
        """Say how far a study was read. OPENED is what a program says: READ and PARKED, a person's words, stay."""
        with self._transaction() as db:
            _row(db, study_uid)
            if status is ReadingStatus.OPENED:
                db.execute(
                    "UPDATE reading SET opened_at = ?, status = iif(status IN (?, ?), status, ?) WHERE study_uid = ?",
                    (_now(), ReadingStatus.READ, ReadingStatus.PARKED, status, study_uid),
                )
                db.execute("UPDATE studies SET used = ? WHERE study_uid = ?", (_now(), study_uid))
            else:
                db.execute("UPDATE reading SET status = ? WHERE study_uid = ?", (status, study_uid))
        self._keep_beside(study_uid)

    def claim(self, study_uid: str, who: str) -> None:
        """`who` wants to read a study; an empty name lets it go. Raises HounsfieldError when it is another's."""
        with self._transaction() as db:
            holder = _row(db, study_uid)["claimed_by"]
            if who and holder not in ("", who):
                raise HounsfieldError(f"this study is claimed by {holder}; it has to be let go first")
            db.execute("UPDATE reading SET claimed_by = ? WHERE study_uid = ?", (who, study_uid))
        self._keep_beside(study_uid)

    def park(self, study_uid: str, state_json: str) -> None:
        """Put a study aside with the state of its page, as JSON text."""
        with self._transaction() as db:
            _row(db, study_uid)
            db.execute(
                "UPDATE reading SET status = ?, parked = ? WHERE study_uid = ?",
                (ReadingStatus.PARKED, state_json, study_uid),
            )
        self._keep_beside(study_uid)

    def parked(self, study_uid: str) -> str | None:
        """The state in which a study was put aside; None when it is not parked."""
        row = self._one(
            "SELECT parked FROM reading WHERE study_uid = ? AND status = ?", study_uid, ReadingStatus.PARKED
        )
        return None if row is None else str(row["parked"])

    def pin(self, study_uid: str, pinned: bool) -> None:
        """Keep a study whatever the quota says, or let it go with the others."""
        acts.permit(acts.Kind.PIN, study=study_uid)
        with self._transaction() as db:
            _row(db, study_uid)
            db.execute("UPDATE reading SET pinned = ? WHERE study_uid = ?", (int(pinned), study_uid))
        self._keep_beside(study_uid)

    def marks(self) -> tuple[Mark, ...]:
        """Everything that is kept of what readers did."""
        with self._transaction() as db:
            rows = db.execute(_MARKS).fetchall()
        return tuple(Mark(*row) for row in rows)

    def _keep_beside(self, study_uid: str) -> None:
        """The first time everything: an earlier program kept nothing beside its index."""
        everything = not self.home.readings.exists()
        for mark in self.marks():
            if everything or mark.study_uid == study_uid:
                marks.keep(self.home, mark)

    def restore(self, taken: Iterable[Mark]) -> None:
        """Take over what another index kept."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?, ?)", map(astuple, taken))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _row(db: sqlite3.Connection, study_uid: str) -> sqlite3.Row:
    """The row of a study, made when there is none."""
    db.execute(
        "INSERT OR IGNORE INTO reading (study_uid) SELECT study_uid FROM studies WHERE study_uid = ?", (study_uid,)
    )
    row: sqlite3.Row | None = db.execute("SELECT * FROM reading WHERE study_uid = ?", (study_uid,)).fetchone()
    if row is None:
        raise NotFound("there is no such study in the cache")
    return row
