"""Rows of the worklist: whose other studies count, since when something waits, what is urgent."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.worklist.rows import NOON, listed, row
from workstation.cache.entries import ReadingStatus
from workstation.cache.index import MIXED
from workstation.worklist.items import items
from workstation.worklist.waiting import in_words


def test_other_studies_are_those_of_the_same_id_issuer_and_birth_date() -> None:
    same = {"patient_id": "P", "issuer": "HERE"}
    found = items((row(1, **same), row(2, **same, patient_name="Another^Name"), row(3, **same)), {})
    assert [item.others for item in found] == [("1.2", "1.3"), ("1.1", "1.3"), ("1.1", "1.2")]


def test_priors_are_the_earlier_ones_of_them() -> None:
    dates = ("20240301", "20250301", "20260301")
    found = items([row(n, patient_id="P", study_date=date) for n, date in enumerate(dates, 1)], {})
    assert [item.priors for item in found] == [(), ("1.1",), ("1.1", "1.2")]


@pytest.mark.parametrize(
    "other",
    [
        {"patient_id": "Q"},
        {"issuer": "THERE"},
        {"patient_birth_date": "19600301"},
        {"notices": (MIXED,)},
    ],
)
def test_a_name_alone_makes_no_same_patient(other: dict[str, object]) -> None:
    mine: dict[str, object] = {"patient_id": "P", "issuer": "HERE", "patient_name": "Same^Name"}
    assert [item.others for item in items((row(1, **mine), row(2, **(mine | other))), {})] == [(), ()]


def test_the_same_id_with_another_birth_date_or_sex_is_said() -> None:
    """An order and a study of 4711, 68 and 62 years old, stood in the list without a word (safety.md 3)."""
    mine: dict[str, object] = {"patient_id": "4711", "patient_birth_date": "19580312", "patient_sex": "F"}
    theirs = mine | {"patient_birth_date": "19631210", "description": "CT chest", "study_date": "20261121"}
    order, study, same = items((row(1, **mine), row(2, **theirs), row(3, **mine)), {})
    assert order.differs == (
        "Same ID, other birth date (1958-03-12, and 1963-12-10 in CT chest 2026-11-21): one patient or two?"
    )
    assert "(1963-12-10, and 1958-03-12 in " in study.differs and same.differs == order.differs
    (_, sex) = items((row(1, **mine), row(2, **(mine | {"patient_sex": "M"}))), {})
    assert sex.differs.startswith("Same ID, other sex (M, and F in ")
    for alike in ({"patient_birth_date": ""}, {"patient_sex": ""}, {"patient_id": ""}):
        assert [each.differs for each in items((row(1, **mine), row(2, **(mine | alike))), {})] == ["", ""]
    here, there = mine | {"issuer": "HERE"}, theirs | {"issuer": "THERE"}
    assert [each.differs for each in items((row(1, **here), row(2, **there)), {})] == ["", ""]


@pytest.mark.parametrize("missing", ["patient_id", "patient_birth_date"])
def test_what_is_not_known_is_not_the_same(missing: str) -> None:
    alike: dict[str, object] = {"patient_id": "P", missing: ""}
    assert [item.others for item in items((row(1, **alike), row(2, **alike)), {})] == [(), ()]


def test_waiting_begins_with_the_study() -> None:
    (item,) = listed(row(study_time="09:30:15"))
    assert (item.waiting(NOON), item.to_the_day) == (timedelta(hours=2, minutes=30), False)


def test_without_a_time_only_the_day_is_said() -> None:
    (item,) = listed(row(study_time=""))
    assert in_words(item.waiting(NOON), item.since, item.to_the_day) == "today"
    assert in_words(item.waiting(NOON + timedelta(days=1)), item.since, item.to_the_day) == "1 d"


def test_without_a_date_waiting_begins_with_the_arrival() -> None:
    came = datetime(2024, 3, 15, 11, 20, tzinfo=UTC)
    (item,) = listed(row(study_date="", received=came.isoformat()))
    assert item.since == came.astimezone().replace(tzinfo=None)
    (lost,) = listed(row(study_date="2024-3-1", received=""))
    assert lost.waiting(NOON) is None


def test_what_was_read_waits_no_more_and_the_future_is_not_waited_for() -> None:
    (read,) = listed(row(), s1=ReadingStatus.READ)
    assert read.waiting(NOON) is None
    (tomorrow,) = listed(row(study_date="20240316"))
    assert tomorrow.waiting(NOON) == timedelta(0)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 min"),
        (59, "59 min"),
        (60, "1 h"),
        (47 * 60 + 59, "47 h"),
        (48 * 60, "2 d"),
        (7 * 24 * 60 - 1, "6 d"),
        (7 * 24 * 60, "2024-03-08"),
        (400 * 24 * 60, "2023-02-09"),
    ],
)
def test_waiting_in_words(minutes: int, words: str) -> None:
    """What lies a week back is no wait: its date is said."""
    waited = timedelta(minutes=minutes)
    assert in_words(waited, NOON - waited) == words


def test_urgency_goes_from_stat_to_what_nobody_said() -> None:
    words = ("", "LOW", "whatever", "STAT", "high", "ROUTINE")
    found = sorted(items((row(n, priority=word) for n, word in enumerate(words)), {}), key=lambda item: item.urgency)
    assert [item.row.priority for item in found] == ["STAT", "high", "ROUTINE", "LOW", "whatever", ""]
    assert [item.row.priority for item in found if item.is_urgent] == ["STAT", "high"]
