"""The index of the cache: SQLite in WAL mode, and the only module that speaks SQL.

What a method returns is committed. Each method is one transaction under one lock, so an Index may be shared by
threads. A writer holds the lock of its HOME and writes with synchronous=FULL: when a commit returns, it lasts.
"""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from types import TracebackType
from typing import Any

from workstation.cache.entries import Arrival, Known, Quarantined, SeriesRow, Stored, StudyRow
from workstation.cache.headers import restored, shortened
from workstation.cache.lock import WriterLock
from workstation.cache.names import parse_series_name, pick_one
from workstation.cache.schema import STEPS, VERSION
from workstation.dicom import header
from workstation.dicom.entities import Instance, Patient
from workstation.errors import HounsfieldError, NotFound, Reason, Refused
from workstation.paths import Home

NEWER = "this home was written by a newer Hounsfield; use that one, or another home"
UNREADABLE = "the index of the study cache cannot be read"
MIXED = "holds objects of more than one patient"
BUSY_S = 30.0


class Index:
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

    def __enter__(self) -> "Index":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    # ------------------------------------------------------------------ reading

    def studies(self) -> tuple[StudyRow, ...]:
        """All studies, newest study date first; row numbers count from 1."""
        with self._transaction() as db:
            studies = db.execute(
                "SELECT * FROM studies ORDER BY study_date DESC, study_time DESC, study_uid"
            ).fetchall()
            series = db.execute("SELECT * FROM series ORDER BY study, number IS NULL, number, series_uid").fetchall()
        by_study = {study: tuple(map(_series_row, rows)) for study, rows in groupby(series, lambda row: row["study"])}
        return tuple(_study_row(row, study, by_study[study["id"]]) for row, study in enumerate(studies, start=1))

    def study(self, study_uid: str) -> StudyRow:
        """One row of `studies`; raises NotFound."""
        for row in self.studies():
            if row.study_instance_uid == study_uid:
                return row
        raise NotFound("there is no such study in the cache")

    def instances(self, study_uid: str) -> tuple[Stored, ...]:
        """Every visible instance of a study, by series and instance number; raises NotFound for an unknown study."""
        with self._transaction() as db:
            templates = db.execute(
                "SELECT series.id, template FROM series JOIN studies ON studies.id = study WHERE study_uid = ?",
                (study_uid,),
            ).fetchall()
            rows = db.execute(
                "SELECT series.id, header, digest FROM instances JOIN series ON instances.series = series.id"
                " WHERE series.study = (SELECT id FROM studies WHERE study_uid = ?)"
                " ORDER BY series.number IS NULL, series.number, series.series_uid,"
                " instances.number IS NULL, instances.number, instances.sop_uid",
                (study_uid,),
            ).fetchall()
        if not rows:
            raise NotFound("there is no such study in the cache")
        values = {series: json.loads(text) for series, text in templates}
        return tuple(Stored(header.from_json(restored(text, values[series])), digest) for series, text, digest in rows)

    def digest_of(self, sop_instance_uid: str) -> str | None:
        """Under which digest the visible object of this UID is kept."""
        row = self._one("SELECT digest FROM instances WHERE sop_uid = ?", sop_instance_uid)
        return None if row is None else str(row["digest"])

    def known(self, source_digest: str) -> Known | None:
        """What bytes with this SHA-256 turned out to be when they came before."""
        row = self._one(
            "SELECT sop_uid, study_uid, quarantined, coalesce(digest, '') FROM sources"
            " LEFT JOIN instances USING (sop_uid) WHERE source_digest = ?",
            source_digest,
        )
        return None if row is None else Known(row[0], row[1], bool(row[2]), row[3])

    def quarantined(self) -> tuple[Quarantined, ...]:
        """What is kept and never shown, oldest first."""
        with self._transaction() as db:
            rows = db.execute("SELECT sop_uid, digest, reason, label, received FROM quarantine ORDER BY id").fetchall()
        return tuple(Quarantined(*row) for row in rows)

    def resolve_study(self, text: str) -> str:
        """The StudyInstanceUID meant by a UID, a unique beginning of one, or a row number of `studies`.

        Raises NotFound with a sentence.
        """
        studies = self.studies()
        if text.isdecimal() and len(text) < 9:
            if 1 <= int(text) <= len(studies):
                return studies[int(text) - 1].study_instance_uid
            raise NotFound(f"there is no row {text} in the study list, which has {len(studies)}")
        return pick_one("study", text, [row.study_instance_uid for row in studies])

    def resolve_series(self, text: str) -> tuple[str, str]:
        """(StudyInstanceUID, SeriesInstanceUID) meant by a UID, a unique beginning of one, or a row number.

        "2.3" is the third series of study row 2, if there is one; "2" is the only series of row 2, or its only
        one with images. Raises NotFound with a sentence.
        """
        studies = self.studies()
        named = parse_series_name(text, studies)
        if named is not None:
            return named
        pairs = {series.series_instance_uid: row.study_instance_uid for row in studies for series in row.series}
        uid = pick_one("series", text, list(pairs))
        return pairs[uid], uid

    # ------------------------------------------------------------------ writing

    def announce(self, digests: Sequence[str]) -> None:
        """Say which files are about to be renamed into place, so that a crash leaves none behind unseen."""
        with self._transaction() as db:
            db.executemany("INSERT OR IGNORE INTO pending VALUES (?)", [(digest,) for digest in digests])

    def unfinished(self, among: Collection[str] | None = None) -> tuple[str, ...]:
        """Announced digests that no visible object uses: left by a program or a group that was stopped."""
        with self._transaction() as db:
            rows = db.execute("SELECT digest FROM pending WHERE digest NOT IN (SELECT digest FROM instances)")
            return tuple(row["digest"] for row in rows if among is None or row["digest"] in among)

    def forget_announced(self, digests: Collection[str]) -> None:
        """These announced files were dealt with."""
        with self._transaction() as db:
            db.executemany("DELETE FROM pending WHERE digest = ?", [(digest,) for digest in digests])

    def commit(self, arrivals: Sequence[Arrival]) -> None:
        """Make placed objects visible, all or none. Their SOP Instance UIDs must be new."""
        now = _now()
        templates: dict[int, dict[str, Any]] = {}
        with self._transaction() as db:
            for arrival in arrivals:
                _insert(db, arrival, now, templates)
                db.execute("DELETE FROM pending WHERE digest = ?", (arrival.digest,))

    def same_as_stored(self, arrival: Arrival) -> None:
        """Remember that these bytes are another form of the object that is visible under the same UID."""
        with self._transaction() as db:
            _remember(db, arrival, quarantined=False)

    def quarantine(self, arrival: Arrival, reason: str) -> None:
        """Remember an object that lies in quarantine."""
        with self._transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO quarantine (sop_uid, digest, reason, label, received) VALUES (?, ?, ?, ?, ?)",
                (_clean(arrival.instance.SOPInstanceUID), arrival.digest, reason, _clean(arrival.label), _now()),
            )
            _remember(db, arrival, quarantined=True)

    def outdated_headers(self) -> tuple[str, ...]:
        """Digests of objects whose header was kept by a program that read less of it."""
        with self._transaction() as db:
            rows = db.execute("SELECT digest FROM instances WHERE header_version < ?", (header.VERSION,))
            return tuple(row["digest"] for row in rows)

    def renew_headers(self, headers: Mapping[str, str | None]) -> None:
        """Keep these headers (JSON by digest) as read by this program; None keeps the one there is."""
        with self._transaction() as db:
            for digest, text in headers.items():
                row = db.execute(
                    "SELECT template FROM series JOIN instances ON series.id = series WHERE digest = ?", (digest,)
                ).fetchone()
                short = None if text is None or row is None else shortened(text, json.loads(row["template"]))
                db.execute(
                    "UPDATE instances SET header = coalesce(?, header), header_version = ? WHERE digest = ?",
                    (short, header.VERSION, digest),
                )

    # ------------------------------------------------------------------ connection

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
                Index(self.home, writer=True).close()  # brings the tables up to date, unless an older program writes
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


def _insert(db: sqlite3.Connection, arrival: Arrival, now: str, templates: dict[int, dict[str, Any]]) -> None:
    instance = arrival.instance
    series = _series_id(db, arrival, _study_id(db, instance))
    if series not in templates:
        text = db.execute("SELECT template FROM series WHERE id = ?", (series,)).fetchone()[0]
        templates[series] = json.loads(text)
    image = int(instance.pixels is not None)
    db.execute("UPDATE series SET objects = objects + 1, images = images + ? WHERE id = ?", (image, series))
    db.execute(
        "INSERT INTO instances (series, sop_uid, number, digest, size_bytes, received, header, header_version)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            series,
            _clean(instance.SOPInstanceUID),
            _small(instance.InstanceNumber),
            arrival.digest,
            arrival.size_bytes,
            now,
            shortened(arrival.header, templates[series]),
            header.VERSION,
        ),
    )
    _remember(db, arrival, quarantined=False)


def _study_id(db: sqlite3.Connection, instance: Instance) -> int:
    uid = _clean(instance.StudyInstanceUID)
    identity = _identity(instance.patient)
    row = db.execute("SELECT id, patient_id, issuer, birth_date FROM studies WHERE study_uid = ?", (uid,)).fetchone()
    if row is not None:
        if tuple(row)[1:] != identity:
            db.execute("UPDATE studies SET patients_differ = 1 WHERE id = ?", (row["id"],))
        return int(row["id"])
    patient = instance.patient
    texts = (patient.PatientName, patient.PatientSex, instance.StudyDate, instance.StudyTime)
    cursor = db.execute(
        "INSERT INTO studies (study_uid, patient_id, issuer, birth_date, patient_name, sex, study_date, study_time,"
        " description, accession) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (uid, *identity, *map(_clean, (*texts, instance.StudyDescription, instance.AccessionNumber))),
    )
    return int(cursor.lastrowid or 0)


def _series_id(db: sqlite3.Connection, arrival: Arrival, study: int) -> int:
    instance = arrival.instance
    uid = _clean(instance.SeriesInstanceUID)
    row = db.execute("SELECT id FROM series WHERE study = ? AND series_uid = ?", (study, uid)).fetchone()
    if row is not None:
        return int(row["id"])
    texts = (instance.Modality, instance.SeriesDescription)
    cursor = db.execute(
        "INSERT INTO series (study, series_uid, modality, description, number, template) VALUES (?, ?, ?, ?, ?, ?)",
        (study, uid, *map(_clean, texts), _small(instance.SeriesNumber), arrival.header),
    )
    return int(cursor.lastrowid or 0)


def _remember(db: sqlite3.Connection, arrival: Arrival, quarantined: bool) -> None:
    uids = (_clean(arrival.instance.SOPInstanceUID), _clean(arrival.instance.StudyInstanceUID))
    for digest in {arrival.source_digest, arrival.digest}:
        db.execute("INSERT OR IGNORE INTO sources VALUES (?, ?, ?, ?)", (digest, *uids, int(quarantined)))


def _identity(patient: Patient) -> tuple[str, str, str]:
    """What makes two patients the same one (safety.md 3)."""
    return (_clean(patient.PatientID), _clean(patient.IssuerOfPatientID), _clean(patient.PatientBirthDate))


def _clean(text: str) -> str:
    """Text as SQLite takes it: a lone surrogate, left by a spoiled character set, becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _small(number: int | None) -> int | None:
    """An integer SQLite can hold; files with larger ones exist, and their order does not matter."""
    return number if number is not None and abs(number) < 1 << 63 else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _series_row(row: sqlite3.Row) -> SeriesRow:
    return SeriesRow(
        row["series_uid"], row["modality"], row["description"], row["number"], row["images"], row["objects"]
    )


def _study_row(number: int, study: sqlite3.Row, series: tuple[SeriesRow, ...]) -> StudyRow:
    return StudyRow(
        row=number,
        study_instance_uid=study["study_uid"],
        patient_id=study["patient_id"],
        patient_name=study["patient_name"],
        patient_birth_date=study["birth_date"],
        patient_sex=study["sex"],
        study_date=study["study_date"],
        study_time=study["study_time"],
        description=study["description"],
        accession_number=study["accession"],
        modalities=tuple(sorted({each.modality for each in series if each.modality})),
        images=sum(each.images for each in series),
        series=series,
        notices=(MIXED,) if study["patients_differ"] else (),
    )
