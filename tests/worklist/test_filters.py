"""Filters as data: what a tab lets through, alone and together with the filter line."""

from datetime import date

import pytest

from tests.worklist.rows import listed, row
from workstation.cache.entries import ReadingStatus
from workstation.worklist.filters import BUILT_IN, Filter

TODAY = date(2024, 3, 15)
ITEMS = listed(
    row(1),
    row(2, study_date="20240314", modalities=("MR",)),
    row(3, study_date="20240309"),
    row(4, study_date="20240308"),
    row(5, study_date="20240316", modalities=("CT", "PT")),
    row(6, study_date=""),
    s2=ReadingStatus.READ,
    s3=ReadingStatus.PARKED,
)


def numbers(wanted: Filter) -> str:
    return "".join(item.uid[2:] for item in wanted.of(ITEMS, TODAY))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), "123456"),
        (Filter(days=1), "1"),
        (Filter(days=2), "12"),
        (Filter(days=7), "123"),
        (Filter(modalities=("PT", "MR")), "25"),
        (Filter(statuses=(ReadingStatus.UNREAD,)), "1456"),
        (Filter("family2 given"), "2"),
        (Filter("modality:ct", days=7), "13"),
    ],
)
def test_a_filter_lets_through(wanted: Filter, found: str) -> None:
    assert numbers(wanted) == found


def test_the_built_in_tabs() -> None:
    assert {tab.key: numbers(tab.filter) for tab in BUILT_IN} == {
        "all": "123456",
        "today": "1",
        "unread": "1456",
        "parked": "3",
    }


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (Filter("family"), Filter("modality:mr"), "2"),
        (Filter(modalities=("CT", "MR")), Filter(modalities=("PT", "CT")), "13456"),
        (Filter(modalities=("CT",)), Filter(modalities=("MR",)), ""),
        (Filter(days=7), Filter(days=1), "1"),
        (Filter(days=7), Filter(), "123"),
        (Filter(statuses=(ReadingStatus.READ,)), Filter(days=2), "2"),
    ],
)
def test_a_tab_and_the_filter_line_both_hold(one: Filter, other: Filter, found: str) -> None:
    assert numbers(one.both(other)) == numbers(other.both(one)) == found
