"""What archives were asked for and what they found, as values: patients with their studies, of several nodes as one.

A study that two nodes have is one row. Patients are one where ID, issuer and birth date are (safety.md 3); where one
of these is missing, each node's patient stands for itself.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from workstation.errors import HounsfieldError

ASKED: Final = (
    *("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"),
    *("StudyDescription", "AccessionNumber", "ModalitiesInStudy", "NumberOfStudyRelatedInstances"),
)
"""What is wanted of each study; a node may not know all of it."""

HOW_DATES: Final = "today, yesterday, 7d, 4w, 6m, 2y, 2024, 2024-03, 2024-03-05, or two of these with .. between"

Row = Mapping[str, str]


@dataclass(frozen=True)
class Wish:
    """What a person typed; what is empty is not asked for."""

    name: str = ""
    patient_id: str = ""
    accession: str = ""
    dates: str = ""
    modality: str = ""

    @property
    def is_empty(self) -> bool:
        return not any((self.name, self.patient_id, self.accession, self.dates, self.modality))


@dataclass(frozen=True)
class FoundStudy:
    """One study and on which nodes it is. `images` is the most that a node says it has, 0 where none says it.

    `asked_for` is False for one that is only there because it is the same patient's.
    """

    uid: str
    patient_name: str
    patient_id: str
    issuer: str
    birth_date: str
    sex: str
    study_date: str
    study_time: str
    description: str
    accession: str
    modalities: tuple[str, ...]
    images: int
    nodes: tuple[str, ...]
    asked_for: bool = True

    @property
    def patient(self) -> tuple[str, ...]:
        """What makes two patients one."""
        if self.patient_id and self.birth_date:
            return self.patient_id, self.issuer, self.birth_date
        return self.patient_id, self.issuer, self.birth_date, self.patient_name, *self.nodes[:1]


@dataclass(frozen=True)
class FoundPatient:
    """A patient and the studies found, newest first."""

    studies: tuple[FoundStudy, ...]

    @property
    def newest(self) -> FoundStudy:
        return self.studies[0]

    @property
    def names_differ(self) -> bool:
        """The same ID, issuer and birth date under two names: somebody has to look."""
        return len({re.sub(r"[\s^=]+", " ", each.patient_name).strip().lower() for each in self.studies}) > 1


def keys_of(wish: Wish, today: date) -> dict[str, str]:
    """The identifier of a query at study level (PS3.4 C.6.2.1). Raises HounsfieldError for dates that are none."""
    keys = dict.fromkeys(ASKED, "")
    keys["PatientName"] = name_pattern(wish.name)
    keys["PatientID"] = wish.patient_id.strip()
    keys["AccessionNumber"] = wish.accession.strip()
    keys["ModalitiesInStudy"] = wish.modality.strip().upper()
    keys["StudyDate"] = date_range(wish.dates, today)
    return keys


def name_pattern(typed: str) -> str:
    """As "doe, jane" -> "doe*^jane*", "doe jane" -> "doe*jane*"; what has wildcards is left as it is."""
    typed = " ".join(typed.split())
    if not typed or any(each in typed for each in "*?^"):
        return typed
    if "," in typed:
        return "^".join(f"{part.strip()}*" for part in typed.split(",")[:2])
    return f"{typed.replace(' ', '*')}*"


def date_range(typed: str, today: date) -> str:
    """A DICOM range (PS3.4 C.2.2.2.5) of what a person types (`HOW_DATES`). Raises HounsfieldError."""
    typed = typed.strip().lower()
    if not typed:
        return ""
    ends = [part.strip() for part in re.split(r"\.\.|\s+-\s+|\bto\b", typed)]
    if len(ends) > 2:
        raise _no_date(typed)
    first = _span(ends[0], today)[0] if ends[0] else None
    last = (_span(ends[-1], today)[1] if ends[-1] else None) if len(ends) == 2 else _span(ends[0], today)[1]
    if first and last and first > last:
        raise HounsfieldError(f"Date: {typed} ends before it begins.")
    one, other = (f"{each:%Y%m%d}" if each else "" for each in (first, last))
    return one if one == other else f"{one}-{other}"


def _span(text: str, today: date) -> tuple[date, date]:
    """First and last day of a word."""
    if text in ("today", "yesterday"):
        day = today - timedelta(days=text == "yesterday")
        return day, day
    if back := re.fullmatch(r"(\d{1,4}) ?([dwmy])[a-z]*", text):
        days = int(back[1]) * {"d": 1, "w": 7, "m": 30.44, "y": 365.25}[back[2]]
        return today - timedelta(days=round(days) - (back[2] == "d")), today
    parts = re.fullmatch(r"(\d{4})(?:[-./]?(\d{2})(?:[-./]?(\d{2}))?)?", text)
    try:
        if parts is None:
            raise ValueError
        year, month, day_ = (int(each) if each else 0 for each in parts.groups())
        first = date(year, month or 1, day_ or 1)
        if day_:
            return first, first
        after = date(year + (not month or month == 12), month % 12 + 1 if month else 1, 1)
        return first, after - timedelta(days=1)
    except ValueError:
        raise _no_date(text) from None


def _no_date(typed: str) -> HounsfieldError:
    return HounsfieldError(f"Date: {typed!r} is none. Write {HOW_DATES}.")


def study_of(node: str, row: Row, asked_for: bool = True) -> FoundStudy | None:
    """A match as a study; None for one without a UID."""
    uid = row.get("StudyInstanceUID", "")
    if not uid:
        return None
    count = row.get("NumberOfStudyRelatedInstances", "")
    modalities = row.get("ModalitiesInStudy", "").split("\\")
    return FoundStudy(
        uid=uid,
        patient_name=row.get("PatientName", ""),
        patient_id=row.get("PatientID", ""),
        issuer=row.get("IssuerOfPatientID", ""),
        birth_date=row.get("PatientBirthDate", ""),
        sex=row.get("PatientSex", ""),
        study_date=row.get("StudyDate", ""),
        study_time=row.get("StudyTime", ""),
        description=row.get("StudyDescription", ""),
        accession=row.get("AccessionNumber", ""),
        modalities=tuple(sorted(filter(None, modalities))),
        images=int(count) if count.isdecimal() else 0,
        nodes=(node,),
        asked_for=asked_for,
    )


def merged(known: Mapping[str, FoundStudy], more: Iterable[FoundStudy]) -> dict[str, FoundStudy]:
    """Studies by UID; what two nodes say of one is filled up, and neither's word is overwritten."""
    studies = dict(known)
    for each in more:
        before = studies.get(each.uid)
        if before is None:
            studies[each.uid] = each
            continue
        texts = ("issuer", "birth_date", "sex", "study_date", "study_time", "description", "accession", "patient_name")
        filled: dict[str, Any] = {name: getattr(before, name) or getattr(each, name) for name in texts}
        studies[each.uid] = replace(
            before,
            **filled,
            modalities=tuple(sorted({*before.modalities, *each.modalities})),
            images=max(before.images, each.images),
            nodes=tuple(sorted({*before.nodes, *each.nodes})),
            asked_for=before.asked_for or each.asked_for,
        )
    return studies


def patients(studies: Iterable[FoundStudy]) -> tuple[FoundPatient, ...]:
    """Studies by patient: whose asked-for study is newest first, and of each patient the newest first."""
    groups: dict[tuple[str, ...], list[FoundStudy]] = {}
    for each in studies:
        groups.setdefault(each.patient, []).append(each)

    def when(study: FoundStudy) -> tuple[str, str, str]:
        return study.study_date, study.study_time, study.uid

    made = [FoundPatient(tuple(sorted(group, key=when, reverse=True))) for group in groups.values()]
    newest = {id(each): max((when(s) for s in each.studies if s.asked_for), default=("", "", "")) for each in made}
    return tuple(sorted(made, key=lambda each: newest[id(each)], reverse=True))
