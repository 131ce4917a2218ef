"""The columns of the worklist: what each says, how it sorts, and how wide it comes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from workstation.cache.entries import ReadingStatus, StudyRow
from workstation.picture.text import NO_NAME, as_date, date, person_name, time
from workstation.worklist.items import Item
from workstation.worklist.search import folded
from workstation.worklist.waiting import in_words

_STATUS_ORDER: Final = (
    *(ReadingStatus.PARKED, ReadingStatus.OPENED, ReadingStatus.UNREAD, ReadingStatus.ORDERED, ReadingStatus.READ),
)


@dataclass(frozen=True)
class Column:
    """`text(item, now)` is what stands in the cell; `order(item)` sorts, None where nothing is known (always last).

    `width_px` is in logical pixels; a column with `shown` false waits in the header's menu. `middle`: where a text is
    cut, it keeps both ends.
    """

    key: str
    title: str
    tip: str
    width_px: int
    text: Callable[[Item, datetime], str]
    order: Callable[[Item], Any]
    right: bool = False
    shown: bool = True
    middle: bool = False


def name_of(row: StudyRow) -> str:
    """The patient as a person reads it."""
    return person_name(row.patient_name) or NO_NAME


def images_of(row: StudyRow) -> str:
    """How many objects with images are here; "n of m" when some came and are not shown."""
    return f"{row.images} of {row.images + row.quarantined}" if row.quarantined else str(row.images)


def objects_in_words(row: StudyRow) -> str:
    """The same in words. Objects, not images: how many frames one holds is known when the study is opened."""
    return f"{images_of(row)} object{'' if row.images + row.quarantined == 1 else 's'}"


def _years(row: StudyRow) -> int | None:
    """Whole years at the study, by the dates; without both, PatientAge in years (PS3.5 6.2, AS)."""
    born, day = as_date(row.patient_birth_date), as_date(row.study_date)
    if born is not None and day is not None:
        years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        return years if 0 <= years < 130 else None
    given = row.patient_age
    return int(given[:3]) if len(given) == 4 and given[:3].isdigit() and given[3] == "Y" else None


def _age_and_sex(item: Item, now: datetime) -> str:
    row, years = item.row, _years(item.row)
    given = row.patient_age
    small = len(given) == 4 and given[:3].isdigit() and given[3] in "DWM"
    age = (
        f"{int(given[:3])} {given[3].lower()}" if small and (years or 0) < 2 else "" if years is None else f"{years} y"
    )
    return "  ".join(part for part in (age, row.patient_sex) if part)


def _when(item: Item, now: datetime) -> str:
    return f"{date(item.row.study_date)}  {time(item.row.study_time)}".strip()


def _arrived(item: Item, now: datetime) -> str:
    try:
        return f"{datetime.fromisoformat(item.row.received).astimezone():%Y-%m-%d  %H:%M}"
    except ValueError:
        return ""


def _urgency(item: Item, now: datetime) -> str:
    return item.priority


def _waiting(item: Item, now: datetime) -> str:
    return in_words(item.waiting(now), item.since, item.to_the_day)


def _waiting_order(item: Item) -> Any:
    """The longest wait is the earliest beginning; what was read waits no more."""
    return None if item.since is None or item.status is ReadingStatus.READ else -item.since.timestamp()


def _body_part(item: Item, now: datetime) -> str:
    return ", ".join(dict.fromkeys(each.body_part.capitalize() for each in item.row.series if each.body_part))


def _text_column(
    key: str, title: str, tip: str, width_px: int, of: Callable[[Item], str], shown: bool = True, middle: bool = False
) -> Column:
    def order(item: Item) -> str | None:
        return folded(of(item)) or None

    return Column(key, title, tip, width_px, lambda item, now: of(item), order, shown=shown, middle=middle)


def _count_column(
    key: str, title: str, tip: str, width_px: int, of: Callable[[Item], int], shown: bool = True
) -> Column:
    return Column(key, title, tip, width_px, lambda item, now: str(of(item) or ""), of, True, shown)


COLUMNS: Final = (
    Column("status", "Status", "ordered, unread, opened, parked or read; only a person says read",
           92, lambda item, now: str(item.status), lambda item: _STATUS_ORDER.index(item.status)),
    Column("urgency", "Urgency", "RequestedProcedurePriority, or what was given here; what was read comes last",
           88, _urgency, lambda item: (item.status is ReadingStatus.READ, item.urgency)),
    _text_column("patient", "Patient", "PatientName", 160, lambda item: name_of(item.row)),
    Column("age", "Age, sex", "Age when the study was made, by birth and study date, and sex",
           74, _age_and_sex, lambda item: _years(item.row)),
    _text_column("id", "ID", "PatientID", 96, lambda item: item.row.patient_id, middle=True),
    _text_column("procedure", "Procedure", "StudyDescription", 170, lambda item: item.row.description),
    _text_column("modality", "Modality", "What the series were made with", 76,
                 lambda item: " ".join(item.row.modalities)),
    Column("part", "Body part", "BodyPartExamined", 100, _body_part, lambda item: folded(_body_part(item, datetime.min))
           or None, shown=False),
    Column("date", "Study date", "StudyDate and StudyTime", 140, _when,
           lambda item: (item.row.study_date, item.row.study_time) if item.row.study_date else None),
    Column("received", "Arrived", "When its first object came to this workstation",
           148, _arrived, lambda item: item.row.received or None, shown=False),
    Column("waiting", "Waiting", "Since the study was made, or since it came; after a week the date; until it is read",
           100, _waiting, _waiting_order, True),
    Column("images", "Objects", "Objects with images here; n of m when some that came are not shown (kept aside)",
           86, lambda item, now: images_of(item.row), lambda item: item.row.images, True),
    _count_column("series", "Series", "How many series", 58, lambda item: len(item.row.series), shown=False),
    _count_column("priors", "Priors", "Earlier studies here (same ID, issuer, birth date), +n more in the archives",
                  58, lambda item: len(item.priors)),
    _text_column("accession", "Accession", "AccessionNumber", 100, lambda item: item.row.accession_number),
    _text_column("referrer", "Referrer", "ReferringPhysicianName", 130,
                 lambda item: person_name(item.row.referring_physician), shown=False),
    _text_column("indication", "Indication", "Why it was asked for, as an order or its objects say it", 150,
                 lambda item: item.row.indication),
    _text_column("claimed", "Claimed by", "Who said that they will read it", 88, lambda item: item.reading.claimed_by),
)  # fmt: skip

BY_KEY: Final = {column.key: column for column in COLUMNS}
STRETCHED: Final = "procedure"
"""The column that takes what room is left."""
