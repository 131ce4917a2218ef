"""What import writes: objects that became visible, other forms of them, quarantine, renewed headers."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from workstation.cache.entries import Arrival
from workstation.cache.headers import shortened
from workstation.cache.index.connection import Connection
from workstation.cache.index.engine import sqlite3
from workstation.dicom import header
from workstation.dicom.entities import Instance, Patient


class Arrivals(Connection):
    """The part of the index that takes objects in."""

    def announce(self, digests: Sequence[str]) -> None:
        """Say which files are about to be renamed into place, so that a crash leaves none behind unseen."""
        with self._transaction() as db:
            db.execute("INSERT OR IGNORE INTO pending SELECT value FROM json_each(?)", (json.dumps(list(digests)),))

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
            group = [_Row(db, arrival, now, templates) for arrival in arrivals]
            _count(db, group)
            db.execute(_INSERT, (json.dumps([each.values for each in group]),))
            _remember_all(db, [each.arrival for each in group])
            digests = json.dumps([each.arrival.digest for each in group])
            db.execute("DELETE FROM pending WHERE digest IN (SELECT value FROM json_each(?))", (digests,))

    def same_as_stored(self, arrival: Arrival) -> None:
        """Remember that these bytes are another form of the object that is visible under the same UID."""
        with self._transaction() as db:
            _remember(db, arrival, quarantined=False)

    def quarantine(self, arrival: Arrival, reason: str) -> None:
        """Remember an object that lies in quarantine."""
        with self._transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO quarantine (sop_uid, digest, reason, label, received) VALUES (?, ?, ?, ?, ?)",
                (
                    _clean(arrival.instance.SOPInstanceUID),
                    arrival.digest,
                    reason,
                    _clean(arrival.label),
                    arrival.received or _now(),
                ),
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
                    "SELECT template, study FROM series JOIN instances ON series.id = series WHERE digest = ?",
                    (digest,),
                ).fetchone()
                short = None if text is None or row is None else shortened(text, json.loads(row["template"]))
                db.execute(
                    "UPDATE instances SET header = coalesce(?, header), header_version = ? WHERE digest = ?",
                    (short, header.VERSION, digest),
                )
                if text is not None and row is not None:
                    values = json.loads(text)
                    _fill_in(db, row["study"], [values.get(name, "") for name in _ASKED])


_ASKED: Final = ("ReferringPhysicianName", "RequestedProcedurePriority", "ReasonForTheRequestedProcedure")
"""What of a study not every object says: the first that does is believed."""


def _fill_in(db: sqlite3.Connection, study: int, said: Sequence[str]) -> None:
    """What neither earlier objects nor an earlier program said of a study: values of `_ASKED`."""
    db.execute(
        "UPDATE studies SET referring = iif(referring = '', ?, referring), priority = iif(priority = '', ?, priority),"
        " indication = iif(indication = '', ?, indication) WHERE id = ?",
        (*map(_clean, said), study),
    )


_INSERT: Final = (
    "INSERT INTO instances (series, sop_uid, number, digest, size_bytes, received, header, header_version)"
    " SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),"
    " json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'),"
    " json_extract(value, '$[6]'), json_extract(value, '$[7]') FROM json_each(?)"
)
"""A whole group in one statement: each statement lets all other threads of the program go first."""


class _Row:
    """An arrival as a row of `instances`, in its study and series, which are made where they are new."""

    def __init__(
        self, db: sqlite3.Connection, arrival: Arrival, now: str, templates: dict[int, dict[str, Any]]
    ) -> None:
        instance = arrival.instance
        self.arrival = arrival
        self.received = arrival.received or now
        self.study = _study_id(db, instance, self.received)
        self.series = _series_id(db, arrival, self.study)
        if self.series not in templates:
            text = db.execute("SELECT template FROM series WHERE id = ?", (self.series,)).fetchone()[0]
            templates[self.series] = json.loads(text)
        self.values = (
            self.series,
            _clean(instance.SOPInstanceUID),
            _small(instance.InstanceNumber),
            arrival.digest,
            arrival.size_bytes,
            self.received,
            shortened(arrival.header, templates[self.series]),
            header.VERSION,
        )


def _count(db: sqlite3.Connection, group: Sequence[_Row]) -> None:
    """What series and studies say of how much they hold."""
    for series in dict.fromkeys(each.series for each in group):
        mine = [each for each in group if each.series == series]
        images = sum(each.arrival.instance.pixels is not None for each in mine)
        db.execute(
            "UPDATE series SET objects = objects + ?, images = images + ? WHERE id = ?", (len(mine), images, series)
        )
    for study in dict.fromkeys(each.study for each in group):
        mine = [each for each in group if each.study == study]
        size, times = sum(each.arrival.size_bytes for each in mine), [each.received for each in mine]
        db.execute(
            "UPDATE studies SET bytes = bytes + ?, used = max(used, ?), received = min(received, ?) WHERE id = ?",
            (size, max(times), min(times), study),
        )


_KNOWN_STUDY: Final = (
    "SELECT id, patient_id, issuer, birth_date, referring, priority, indication FROM studies WHERE study_uid = ?"
)


def _study_id(db: sqlite3.Connection, instance: Instance, now: str) -> int:
    uid = _clean(instance.StudyInstanceUID)
    identity = _identity(instance.patient)
    row = db.execute(_KNOWN_STUDY, (uid,)).fetchone()
    asked = [getattr(instance, name) for name in _ASKED]
    if row is not None:
        if any(said and not kept for said, kept in zip(asked, row[4:], strict=True)):
            _fill_in(db, row["id"], asked)
        if row[1:4] != identity:
            db.execute("UPDATE studies SET patients_differ = 1 WHERE id = ?", (row["id"],))
        return int(row["id"])
    patient = instance.patient
    texts = (
        *(patient.PatientName, patient.PatientSex, instance.StudyDate, instance.StudyTime, instance.StudyDescription),
        *(instance.AccessionNumber, instance.PatientAge),
        *asked,
    )
    cursor = db.execute(
        "INSERT INTO studies (study_uid, patient_id, issuer, birth_date, patient_name, sex, study_date, study_time,"
        " description, accession, age, referring, priority, indication, received)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (uid, *identity, *map(_clean, texts), now),
    )
    return int(cursor.lastrowid or 0)


def _series_id(db: sqlite3.Connection, arrival: Arrival, study: int) -> int:
    instance = arrival.instance
    uid = _clean(instance.SeriesInstanceUID)
    row = db.execute("SELECT id FROM series WHERE study = ? AND series_uid = ?", (study, uid)).fetchone()
    if row is not None:
        return int(row["id"])
    texts = (instance.Modality, instance.SeriesDescription, instance.BodyPartExamined)
    cursor = db.execute(
        "INSERT INTO series (study, series_uid, modality, description, body_part, number, template)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (study, uid, *map(_clean, texts), _small(instance.SeriesNumber), arrival.header),
    )
    return int(cursor.lastrowid or 0)


def _remember(db: sqlite3.Connection, arrival: Arrival, quarantined: bool) -> None:
    _remember_all(db, [arrival], quarantined)


def _remember_all(db: sqlite3.Connection, arrivals: Sequence[Arrival], quarantined: bool = False) -> None:
    rows = [
        (digest, _clean(each.instance.SOPInstanceUID), _clean(each.instance.StudyInstanceUID))
        for each in arrivals
        for digest in {each.source_digest, each.digest}
    ]
    db.execute(
        "INSERT OR IGNORE INTO sources SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
        " json_extract(value, '$[2]'), ? FROM json_each(?)",
        (int(quarantined), json.dumps(rows)),
    )


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
