"""What the cache hands out and takes in, as values."""

from dataclasses import dataclass
from enum import StrEnum

from workstation.dicom.entities import Instance


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One series of a study; `images` counts instances that hold pixels, `objects` all of them."""

    series_instance_uid: str
    modality: str
    description: str
    number: int | None
    images: int
    objects: int = 0
    body_part: str = ""


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One row of the study list. `row` counts from 1, newest study date first.

    Patient and study attributes are those of the first instance received; `notices` says where others disagree. Who
    asked for it, how urgently and why (`indication`) is said by the first that says it.
    `received` is when that was (ISO 8601, UTC), `used` when an object of it came or it was opened last; `quarantined`
    counts objects that came and are not shown; `pinned` studies are kept whatever the quota says.
    """

    row: int
    study_instance_uid: str
    patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    study_date: str
    study_time: str
    description: str
    accession_number: str
    modalities: tuple[str, ...]
    images: int
    series: tuple[SeriesRow, ...]
    notices: tuple[str, ...] = ()
    issuer: str = ""
    patient_age: str = ""
    referring_physician: str = ""
    priority: str = ""
    indication: str = ""
    received: str = ""
    quarantined: int = 0
    size_bytes: int = 0
    used: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Headers:
    """What the index keeps of the visible objects of a study, by series and instance number; not read yet.

    `templates` are (series, header in full), `rows` (series, what differs from it, digest). Equal ones tell of the same
    objects with the same headers.
    """

    templates: tuple[tuple[int, str], ...]
    rows: tuple[tuple[int, str, str], ...]


class ReadingStatus(StrEnum):
    """How far a study was read. Only a person says READ, or takes it back."""

    ORDERED = "ordered"
    """Nothing of it is here yet: a worklist of another system has it."""
    UNREAD = "unread"
    OPENED = "opened"
    PARKED = "parked"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Reading:
    """What readers did with a study; `opened_at` is the last time (ISO 8601, UTC)."""

    status: ReadingStatus = ReadingStatus.UNREAD
    opened_at: str = ""
    claimed_by: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """An instance that is visible, and the SHA-256 (hex) under which `cache.files` reads its bytes."""

    instance: Instance
    digest: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """An object that lies whole in incoming/, `synced` or not, and waits to be committed.

    `digest` is that of the bytes we keep, `source_digest` that of the bytes that came: they differ where a
    preamble was zeroed. `header` is the instance as JSON text.
    """

    label: str
    temporary: str
    digest: str
    source_digest: str
    size_bytes: int
    instance: Instance
    header: str
    received: str = ""
    """When it came (ISO 8601, UTC); empty: now."""
    synced: bool = False
    sender: str = ""
    """AE title of the peer that sent it unasked; empty for what was imported or asked for."""


@dataclass(frozen=True, slots=True)
class Known:
    """Bytes that were received before: visible under `sop_instance_uid` and kept as `digest`, or in quarantine."""

    sop_instance_uid: str
    study_instance_uid: str
    quarantined: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An object that is kept but never shown, and why."""

    sop_instance_uid: str
    digest: str
    reason: str
    label: str
    received: str
