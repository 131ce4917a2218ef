"""Which earlier studies are fetched ahead: by kind, region, age and number, of the same patient alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.worklist.found import study
from workstation.hanging.study import regions_of_text
from workstation.paths import Home
from workstation.worklist.found import FoundStudy
from workstation.worklist.prefetch import Rule, rules, wanted

SHIPPED, _ = rules(Home(Path("/nowhere")))
OPEN = study("1", description="CT chest", modalities=("CT",), study_date="20240601")


def chosen(*others: FoundStudy, open_study: FoundStudy = OPEN, known: tuple[Rule, ...] = SHIPPED) -> list[str]:
    return [each.study.uid for each in wanted(known, open_study, others, regions_of_text)]


def test_the_newest_of_the_same_region_and_kind_come_first_and_not_more_than_the_rule_wants() -> None:
    earlier = [study(f"{year}", description="CT chest", study_date=f"{year}0101") for year in (2020, 2022, 2023)]
    assert chosen(*earlier) == ["2023", "2022"]


def test_another_region_another_kind_and_what_is_too_old_or_later_is_left() -> None:
    others = (
        study("2", description="CT foot", study_date="20240101"),
        study("3", description="Chest", modalities=("US",), study_date="20240101"),
        study("4", description="CT chest", study_date="20180101"),
        study("5", description="CT chest", study_date="20240701"),
        study("6", description="CT chest", study_date="unknown"),
    )
    assert chosen(*others) == []
    assert chosen(study("7", description="", study_date="20240101")) == ["7"]  # it may be of any region


@pytest.mark.parametrize(
    "change", [{"patient_id": "Q"}, {"birth_date": "19501231"}, {"birth_date": ""}, {"issuer": "X"}]
)
def test_nobody_else_s_study_is_fetched(change: dict[str, str]) -> None:
    other = study("2", description="CT chest", study_date="20240101", issuer="Y")
    assert chosen(other, open_study=replace(OPEN, issuer="Y")) == ["2"]
    assert chosen(replace(other, **change), open_study=replace(OPEN, issuer="Y")) == []  # type: ignore[arg-type]


def test_mammograms_bring_three_and_ultrasound_whatever_the_region_is_called() -> None:
    film = study("1", modalities=("MG",), description="Screening", study_date="20240601")
    others = [study(f"{n}", modalities=("MG",), description="MLO", study_date=f"20{10 + n}0601") for n in range(9, 14)]
    assert chosen(*others, open_study=film) == ["13", "12", "11"]


def test_rules_of_the_home_stand_in_the_place_of_ours_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (tmp_path / "prefetch.toml").write_text(
        '[[rule]]\nname = "all"\nsame_region = false\ncount = 9\n[[rule]]\nname = "x"\nmodalities = ["CT"]\n'
    )
    own, problems = rules(home)
    assert [each.name for each in own] == ["all"]
    (problem,) = problems
    assert problem.startswith("Rule 2 of prefetch.toml: it knows no modalities; known are count, fetch, modality")
    assert chosen(study("2", description="CT foot", study_date="20240101"), known=own) == ["2"]
