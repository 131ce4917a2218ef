"""What is asked and done when room has to be made."""

from collections.abc import Sequence
from dataclasses import dataclass

from workstation.cache.index.connection import Connection
from workstation.errors import NotFound


@dataclass(frozen=True, slots=True)
class Candidate:
    """A study as eviction looks at it; `used` is when it came or was opened last (ISO 8601, UTC)."""

    study_instance_uid: str
    size_bytes: int
    used: str
    pinned: bool


class Evictions(Connection):
    """The part of the index that lets studies go."""

    def stored_bytes(self) -> int:
        """DICOM bytes of everything visible; on disk each object takes some tens of bytes more."""
        row = self._one("SELECT coalesce(sum(bytes), 0) AS total FROM studies")
        return int(row["total"]) if row is not None else 0

    def by_last_use(self) -> tuple[Candidate, ...]:
        """Every study, the one that was used longest ago first."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT study_uid, bytes, used, coalesce(pinned, 0) FROM studies LEFT JOIN reading USING (study_uid)"
                " ORDER BY used, study_uid"
            ).fetchall()
        return tuple(Candidate(row[0], row[1], row[2], bool(row[3])) for row in rows)

    def let_go(self, study_uid: str) -> Sequence[str]:
        """Make a study invisible; returns the digests whose files have to be removed, announced as unfinished, so that
        the next start removes what this one does not. What readers did with it is kept. Raises NotFound."""
        with self._transaction() as db:
            row = db.execute("SELECT id FROM studies WHERE study_uid = ?", (study_uid,)).fetchone()
            if row is None:
                raise NotFound("there is no such study in the cache")
            rows = db.execute(
                "SELECT digest FROM instances JOIN series ON instances.series = series.id WHERE study = ?", (row["id"],)
            ).fetchall()
            digests = tuple(each["digest"] for each in rows)
            db.executemany("INSERT OR IGNORE INTO pending VALUES (?)", [(digest,) for digest in digests])
            db.execute("DELETE FROM sources WHERE study_uid = ? AND NOT quarantined", (study_uid,))
            db.execute("DELETE FROM studies WHERE id = ?", (row["id"],))
        return digests
