"""The tables of the index. A change adds a step to `STEPS`; the number of steps is the version of the schema.

studies, series   what lists ask, taken from the first instance, and counters; `used`: when it came or was opened last
instances         one row for each visible object, and what its header says otherwise than `series.template`
sources           digest of bytes that came -> the object they are, so that a second import is known at once
pending           digests that may already be renamed but not committed; emptied by the commit or at the next start
quarantine        objects that are kept and never shown
reading           how far a study was read, who claimed it, the page as it was parked (JSON), and whether it is pinned
"""

from typing import Final

STEPS: Final = (
    """
    CREATE TABLE studies (
        id INTEGER PRIMARY KEY,
        study_uid TEXT NOT NULL UNIQUE,
        patient_id TEXT NOT NULL, issuer TEXT NOT NULL, patient_name TEXT NOT NULL,
        birth_date TEXT NOT NULL, sex TEXT NOT NULL,
        study_date TEXT NOT NULL, study_time TEXT NOT NULL, description TEXT NOT NULL, accession TEXT NOT NULL,
        patients_differ INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE series (
        id INTEGER PRIMARY KEY,
        study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
        series_uid TEXT NOT NULL,
        modality TEXT NOT NULL, description TEXT NOT NULL, number INTEGER,
        images INTEGER NOT NULL DEFAULT 0, objects INTEGER NOT NULL DEFAULT 0,
        UNIQUE (study, series_uid)
    );
    CREATE INDEX series_by_uid ON series (series_uid);
    CREATE TABLE instances (
        id INTEGER PRIMARY KEY,
        series INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
        sop_uid TEXT NOT NULL UNIQUE,
        number INTEGER,
        digest TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        received TEXT NOT NULL,
        header TEXT NOT NULL
    );
    CREATE INDEX instances_by_series ON instances (series, number);
    CREATE INDEX instances_by_digest ON instances (digest);
    CREATE TABLE sources (
        source_digest TEXT PRIMARY KEY,
        sop_uid TEXT NOT NULL,
        study_uid TEXT NOT NULL,
        quarantined INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE pending (digest TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE quarantine (
        id INTEGER PRIMARY KEY,
        sop_uid TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, reason TEXT NOT NULL, label TEXT NOT NULL,
        received TEXT NOT NULL
    );
    """,
    """
    ALTER TABLE series ADD COLUMN template TEXT NOT NULL DEFAULT '{}';
    """,
    """
    ALTER TABLE instances ADD COLUMN header_version INTEGER NOT NULL DEFAULT 1;
    """,
    """
    ALTER TABLE studies ADD COLUMN age TEXT NOT NULL DEFAULT '';
    ALTER TABLE studies ADD COLUMN referring TEXT NOT NULL DEFAULT '';
    ALTER TABLE studies ADD COLUMN priority TEXT NOT NULL DEFAULT '';
    ALTER TABLE studies ADD COLUMN received TEXT NOT NULL DEFAULT '';
    ALTER TABLE series ADD COLUMN body_part TEXT NOT NULL DEFAULT '';
    UPDATE series SET body_part = coalesce(json_extract(template, '$.BodyPartExamined'), '');
    UPDATE studies SET
        age = coalesce((SELECT json_extract(template, '$.PatientAge') FROM series
            WHERE study = studies.id ORDER BY id LIMIT 1), ''),
        received = coalesce((SELECT min(instances.received) FROM instances
            JOIN series ON instances.series = series.id WHERE series.study = studies.id), '');
    CREATE TABLE reading (
        study_uid TEXT PRIMARY KEY,
        status TEXT NOT NULL DEFAULT 'unread',
        opened_at TEXT NOT NULL DEFAULT '',
        claimed_by TEXT NOT NULL DEFAULT '',
        parked TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE studies ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE studies ADD COLUMN used TEXT NOT NULL DEFAULT '';
    ALTER TABLE reading ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
    UPDATE studies SET
        bytes = coalesce((SELECT sum(size_bytes) FROM instances
            JOIN series ON instances.series = series.id WHERE series.study = studies.id), 0),
        used = max(received, coalesce((SELECT opened_at FROM reading WHERE reading.study_uid = studies.study_uid), ''));
    """,
    """
    ALTER TABLE studies ADD COLUMN indication TEXT NOT NULL DEFAULT '';
    """,
)
VERSION: Final = len(STEPS)
