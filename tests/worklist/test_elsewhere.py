"""Earlier studies are counted here and in the archives; what nobody was asked is never said to be none."""

from dataclasses import replace

import pytest

from tests.worklist.rows import row
from workstation.cache.entries import StudyRow
from workstation.worklist.elsewhere import ASK, Elsewhere
from workstation.worklist.found import FoundStudy
from workstation.worklist.items import identity_of, items

PATIENT = ("P1", "HOSPITAL", "19500102")


def study(uid: str, day: str, **differs: str) -> StudyRow:
    given = {"patient_id": "P1", "issuer": "HOSPITAL", "patient_birth_date": "19500102", "study_date": day}
    return replace(row(1), study_instance_uid=uid, **(given | differs))


def found(uid: str, day: str, issuer: str = "HOSPITAL", born: str = "19500102") -> FoundStudy:
    return FoundStudy(uid, "Doe^Jane", "P1", issuer, born, "F", day, "", "CT", "", ("CT",), 3, ("pacs",))


def counts(elsewhere: Elsewhere, *rows: StudyRow) -> list[str]:
    uids = {each.study_instance_uid for each in rows}
    return [elsewhere.count(item, uids) for item in items(rows, {})]


def test_while_nobody_was_asked_none_here_is_not_none() -> None:
    old, new, nobody = study("1", "20200101"), study("2", "20240101"), study("3", "20240101", patient_id="")
    assert identity_of(nobody) is None
    assert counts(Elsewhere(), old, new, nobody) == ["", "1", ""]
    assert counts(Elsewhere(archives=True), old, new, nobody) == [ASK, "1", ""]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((), ["0", "1"]),
        ((found("9", "20190101"),), ["0 +1", "1 +1"]),
        ((found("9", "20210101"),), ["0", "1 +1"]),  # made after the first, before the second
        ((found("9", "20190101", issuer=""), found("1", "20200101")), ["0 +1", "1 +1"]),  # one of them is here
        ((found("9", "20190101", issuer="ELSEWHERE"), found("8", "20190101", born="19500103")), ["0", "1"]),
    ],
)
def test_what_archives_said_is_counted_by_date_and_patient(said: tuple[FoundStudy, ...], expected: list[str]) -> None:
    known = Elsewhere(archives=True).told(PATIENT, said)
    assert counts(known, study("1", "20200101"), study("2", "20240101")) == expected
