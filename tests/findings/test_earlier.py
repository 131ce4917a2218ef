"""A lesion over time: by its name, in studies of earlier dates, with the change of its main value."""

from dataclasses import replace

import pytest

from tests.findings.made import finding
from workstation.findings.earlier import change_percent, earlier, since
from workstation.findings.finding import Finding, Kind, Value

DATES = {"1": "20240301", "2": "20230301", "3": "20220301", "4": ""}


def node(study: str, length_mm: float, name: str = "Node", kind: Kind = Kind.LENGTH) -> Finding:
    values = (Value("Length", length_mm, "mm"),)
    return finding(
        kind, [(0, 0), (1, 0)], tracking_uid=f"2.25.{study}", study_instance_uid=study, name=name, values=values
    )


def test_the_newest_of_the_earlier_ones_of_its_name_is_the_same_lesion() -> None:
    now, last, first = node("1", 30.0), node("2", 25.0, " node"), node("3", 20.0)
    assert earlier(now, [now, first, last], DATES) is last
    assert earlier(last, [now, first, last], DATES) is first
    assert earlier(first, [now, first, last], DATES) is None


@pytest.mark.parametrize(
    "other", [node("2", 25.0, "Other"), node("2", 25.0, kind=Kind.ARROW), node("1", 25.0), node("4", 25.0)]
)
def test_another_name_kind_or_no_earlier_date_is_another_thing(other: Finding) -> None:
    assert earlier(node("1", 30.0), [other], DATES) is None


def test_without_a_name_nothing_is_linked() -> None:
    assert earlier(node("1", 30.0, ""), [node("2", 25.0, "")], DATES) is None


def test_the_change_is_of_the_main_value_in_one_unit() -> None:
    now, last = node("1", 30.0), node("2", 25.0)
    assert change_percent(now, last) == pytest.approx(20.0)
    assert since(now, last, "2023-03-01") == "2023-03-01: 25.0 mm, +20 % since"
    pixels = replace(last, values=(Value("Length", 25.0, "px"),))
    assert change_percent(now, pixels) is None and since(now, pixels, "2023-03-01") == "2023-03-01: 25 px"
    assert change_percent(now, replace(last, values=())) is None
    assert change_percent(now, replace(last, values=(Value("Length", 0.0, "mm"),))) is None
