"""What the index says: studies, series, instances, what is known and what lies in quarantine."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from workstation.cache.entries import Headers, Known, Quarantined, SeriesRow, Stored, StudyRow
from workstation.cache.headers import instances
from workstation.cache.index.connection import Connection
from workstation.cache.index.engine import sqlite3
from workstation.cache.names import parse_series_name, pick_one
from workstation.errors import NotFound

MIXED: Final = "holds objects of more than one patient"
_STUDIES: Final = (
    "SELECT studies.*, coalesce(apart.objects, 0) AS quarantined, coalesce(pinned, 0) AS pinned FROM studies"
    " LEFT JOIN reading USING (study_uid) LEFT JOIN"
    " (SELECT study_uid, count(*) AS objects FROM quarantine JOIN sources ON source_digest = digest"
    " GROUP BY study_uid) AS apart USING (study_uid) ORDER BY study_date DESC, study_time DESC, study_uid"
)

_SERIES: Final = (
    "SELECT study, series_uid, modality, description, number, images, objects, body_part FROM series"
    " ORDER BY study, number IS NULL, number, series_uid"
)
"""Without the headers, which are most of the table."""


class Lists(Connection):
    """The part of the index that only reads."""

    def studies(self) -> tuple[StudyRow, ...]:
        """All studies, newest study date first; row numbers count from 1."""
        with self._transaction() as db:
            studies = db.execute(_STUDIES).fetchall()
            series = db.execute(_SERIES).fetchall()
        by_study = {study: tuple(map(_series_row, rows)) for study, rows in groupby(series, lambda row: row["study"])}
        return tuple(_study_row(row, study, by_study[study["id"]]) for row, study in enumerate(studies, start=1))

    def study(self, study_uid: str) -> StudyRow:
        """One row of `studies`; raises NotFound."""
        for row in self.studies():
            if row.study_instance_uid == study_uid:
                return row
        raise NotFound("there is no such study in the cache")

    def headers(self, study_uid: str) -> Headers:
        """Of every visible instance of a study, as `instances` reads them; raises NotFound for an unknown study."""
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
        return Headers(tuple(tuple(each) for each in templates), tuple(tuple(each) for each in rows))

    def instances(self, study_uid: str) -> tuple[Stored, ...]:
        """Every visible instance of a study, by series and instance number; raises NotFound for an unknown study."""
        return read_headers(self.headers(study_uid))

    def digest_of(self, sop_instance_uid: str) -> str | None:
        """Under which digest the visible object of this UID is kept."""
        row = self._one("SELECT digest FROM instances WHERE sop_uid = ?", sop_instance_uid)
        return None if row is None else str(row["digest"])

    def digests_of(self, sop_instance_uids: Iterable[str]) -> dict[str, str]:
        """SOPInstanceUID -> digest of those that are visible."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT sop_uid, digest FROM instances WHERE sop_uid IN (SELECT value FROM json_each(?))",
                (json.dumps(list(sop_instance_uids)),),
            ).fetchall()
        return {row[0]: row[1] for row in rows}

    def known(self, source_digest: str) -> Known | None:
        """What bytes with this SHA-256 turned out to be when they came before."""
        row = self._one(
            "SELECT sop_uid, study_uid, quarantined, coalesce(digest, '') FROM sources"
            " LEFT JOIN instances USING (sop_uid) WHERE source_digest = ?",
            source_digest,
        )
        return None if row is None else Known(row[0], row[1], bool(row[2]), row[3])

    def digests(self) -> dict[str, str]:
        """SOPInstanceUID of everything that is kept, shown or in quarantine, by digest."""
        with self._transaction() as db:
            rows = db.execute("SELECT digest, sop_uid FROM instances UNION SELECT digest, sop_uid FROM quarantine")
            return {row[0]: row[1] for row in rows}

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


def read_headers(kept: Headers, before: tuple[Headers, Sequence[Stored]] | None = None) -> tuple[Stored, ...]:
    """The instances that headers are of; those that were read `before` are the very same, and cost nothing."""
    known: dict[tuple[int, str, str], Stored] = {}
    if before is not None:
        same = set(before[0].templates) & set(kept.templates)
        still = {series for series, _ in same}
        known = {row: each for row, each in zip(before[0].rows, before[1], strict=True) if row[0] in still}
    new = [row for row in kept.rows if row not in known]
    found = instances(dict(kept.templates), ((series, text) for series, text, _ in new))
    known |= {row: Stored(instance, row[2]) for row, instance in zip(new, found, strict=True)}
    return tuple(known[row] for row in kept.rows)


def _series_row(row: sqlite3.Row) -> SeriesRow:
    return SeriesRow(
        row["series_uid"],
        row["modality"],
        row["description"],
        row["number"],
        row["images"],
        row["objects"],
        row["body_part"],
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
        issuer=study["issuer"],
        patient_age=study["age"],
        referring_physician=study["referring"],
        priority=study["priority"],
        indication=study["indication"],
        received=study["received"],
        quarantined=study["quarantined"],
        size_bytes=study["bytes"],
        used=study["used"],
        pinned=bool(study["pinned"]),
    )
