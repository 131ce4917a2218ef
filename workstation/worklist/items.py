"""Rows of the worklist: a study with how far it was read, its other studies, and one text to search in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from workstation.cache.entries import Reading, ReadingStatus, StudyRow
from workstation.cache.index import MIXED
from workstation.worklist.orders import is_order
from workstation.worklist.search import folded

URGENCIES: Final = ("STAT", "HIGH", "ROUTINE", "MEDIUM", "LOW")
"""RequestedProcedurePriority, most urgent first (PS3.3 C.4.11)."""

Identity = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One row. `others` are the StudyInstanceUIDs of the same patient's other studies, newest first, and `priors`
    those of them that were made before this one.

    `since` is when waiting began, in local time: the study's date and time, its date alone, or its arrival; None
    when nothing of that is known. `to_the_day` says that only the date is. `text` holds every word that a search may
    ask for.
    """

    row: StudyRow
    reading: Reading
    others: tuple[str, ...]
    priors: tuple[str, ...]
    since: datetime | None
    to_the_day: bool
    text: str
    by_hand: str = ""
    """The urgency that somebody gave it here, in place of what its objects say."""

    differs: str = ""
    """The sentence where another row has the same PatientID and another birth date or sex (safety.md 3)."""

    @property
    def uid(self) -> str:
        return self.row.study_instance_uid

    @property
    def status(self) -> ReadingStatus:
        return self.reading.status

    @property
    def urgency(self) -> int:
        """Place in `URGENCIES`; one more for a word that is none of them, two more without any."""
        word = self.priority
        return URGENCIES.index(word) if word in URGENCIES else len(URGENCIES) + (not word)

    @property
    def priority(self) -> str:
        """The word for how urgent it is, in capitals; empty where nobody says."""
        return (self.by_hand or self.row.priority).upper()

    @property
    def is_urgent(self) -> bool:
        return self.urgency <= URGENCIES.index("HIGH")

    def waiting(self, now: datetime) -> timedelta | None:
        """How long it waits to be read; None when it was read, or when nobody knows."""
        if self.since is None or self.status is ReadingStatus.READ:
            return None
        return max(now - self.since, timedelta(0))


def items(
    rows: Iterable[StudyRow], readings: Mapping[str, Reading], by_hand: Mapping[str, str] = MappingProxyType({})
) -> tuple[Item, ...]:
    """The worklist of these studies, in their order; `by_hand` are urgencies that were given here, by study."""
    rows = tuple(rows)
    of_patient: dict[Identity, list[StudyRow]] = defaultdict(list)
    of_id: dict[str, list[StudyRow]] = defaultdict(list)
    for row in rows:
        if row.patient_id:
            of_id[row.patient_id].append(row)
        identity = identity_of(row)
        if identity is not None:
            of_patient[identity].append(row)
    return tuple(
        _item(row, _reading(row, readings), of_patient, by_hand.get(uid, ""), differs(row, of_id[row.patient_id]))
        for row in rows
        for uid in (row.study_instance_uid,)
    )


def differs(row: StudyRow, alike: Iterable[StudyRow]) -> str:
    """How a row differs from others of its PatientID in what a patient cannot change; empty where in nothing.

    Issuers that are both given and not the same give the same ID to two people, as they may.
    """
    for other in alike if row.patient_id else ():
        if row.issuer and other.issuer and row.issuer != other.issuer:
            continue
        told = [
            f"other {name} ({shown(mine)}, and {shown(theirs)}"
            for name, mine, theirs, shown in (
                ("birth date", row.patient_birth_date, other.patient_birth_date, _dashed),
                ("sex", row.patient_sex, other.patient_sex, str),
            )
            if mine and theirs and mine != theirs
        ]
        if told:
            of = " ".join(each for each in (other.description, _dashed(other.study_date)) if each) or "another study"
            return f"Same ID, {', '.join(f'{each} in {of})' for each in told)}: one patient or two?"
    return ""


def _reading(row: StudyRow, readings: Mapping[str, Reading]) -> Reading:
    """How far a study was read; what is only ordered cannot be read yet."""
    if is_order(row):
        return Reading(ReadingStatus.ORDERED)
    return readings.get(row.study_instance_uid, Reading())


def identity_of(row: StudyRow) -> Identity | None:
    """What makes two patients the same one (safety.md 3): ID, issuer and birth date; None when that is not known."""
    if not row.patient_id or not row.patient_birth_date or MIXED in row.notices:
        return None
    return row.patient_id, row.issuer, row.patient_birth_date


def _item(
    row: StudyRow, reading: Reading, of_patient: Mapping[Identity, list[StudyRow]], by_hand: str, differs: str
) -> Item:
    identity = identity_of(row)
    same = of_patient[identity] if identity is not None else []
    others = tuple(each for each in same if each.study_instance_uid != row.study_instance_uid)
    earlier = tuple(each for each in others if (each.study_date, each.study_time) < (row.study_date, row.study_time))
    since = _moment(row.study_date + row.study_time.replace(":", "")[:4], "%Y%m%d%H%M")
    day = _moment(row.study_date, "%Y%m%d")
    since_when = since or day or _arrival(row)
    return Item(
        row,
        reading,
        tuple(each.study_instance_uid for each in others),
        tuple(each.study_instance_uid for each in earlier),
        since_when,
        since is None and day is not None,
        _text(row, reading, by_hand),
        by_hand,
        differs,
    )


def _arrival(row: StudyRow) -> datetime | None:
    try:
        return datetime.fromisoformat(row.received).astimezone().replace(tzinfo=None)
    except ValueError:
        return None


def _moment(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)  # DICOM times have the zone of where they were written, as ours
    except ValueError:
        return None


def _text(row: StudyRow, reading: Reading, by_hand: str) -> str:
    """Names are searched by their parts, dates as they are coded and as they are written."""
    day = row.study_date
    born = row.patient_birth_date
    words = (
        row.patient_name.replace("^", " ").replace("=", " "),
        *(row.patient_id, born, _dashed(born), row.patient_sex, day, _dashed(day), row.description),
        *(row.accession_number, row.referring_physician.replace("^", " "), by_hand or row.priority),
        *row.modalities,
        *(f"{each.description} {each.body_part}" for each in row.series),
        *(reading.status, reading.claimed_by, row.indication),
    )
    return folded("\n".join(word for word in words if word))


def _dashed(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else ""
