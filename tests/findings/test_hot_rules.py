"""The rules of Deauville and PERCIST, at their edges; expected values are those of the papers."""

import pytest

from workstation.findings.hot_rules import deauville, percist_response, percist_threshold


@pytest.mark.parametrize(
    ("lesion", "score"),
    [(None, 1), (1.0, 2), (1.6, 2), (1.61, 3), (2.6, 3), (2.61, 4), (5.2, 4), (5.21, 5), (20.0, 5)],
)
def test_a_lesion_is_scored_by_mediastinum_and_liver(lesion: float | None, score: int) -> None:
    found = deauville(lesion, mediastinum=1.6, liver=2.6)
    assert found.score == score and found.rule.startswith(f"{score}: ")


def test_the_rule_tells_the_numbers_it_went_by() -> None:
    assert deauville(3.0, 1.6, 2.6).rule == "4: SUVmax 3.00 is above the liver's 2.60, not 2 × it"
    assert deauville(0.9, 1.6, 2.6, background=1.0).score == 1


def test_without_a_reference_there_is_no_score_but_what_is_certain() -> None:
    assert deauville(2.0, None, 2.6).score is None and deauville(2.0, None, 2.6).rule == "needs the mediastinum"
    assert deauville(2.0, None, None).rule == "needs the mediastinum and the liver"
    assert deauville(6.0, None, 2.6).score == 5 and deauville(1.0, 1.6, None).score == 2


def test_what_percist_can_follow() -> None:
    assert percist_threshold(2.0, 0.25).value == pytest.approx(3.5)
    assert percist_threshold(1.4, 0.2, liver_is_ill=True).value == pytest.approx(3.2)
    assert "blood pool" in percist_threshold(1.4, 0.2, liver_is_ill=True).rule


@pytest.mark.parametrize(
    ("before", "now", "word"),
    [
        (10.0, 7.0, "PMR"),  # exactly 30 %
        (10.0, 7.01, "SMD"),
        (2.0, 1.21, "SMD"),  # 39 %, but 0.79 SUL
        (2.0, 1.2, "PMR"),  # exactly 0.8 SUL
        (2.0, 2.8, "PMD"),
        (2.0, 2.79, "SMD"),
        (10.0, 13.0, "PMD"),
        (10.0, 12.9, "SMD"),
        (10.0, None, "CMR"),
    ],
)
def test_a_change_needs_both_30_percent_and_0_8_sul(before: float, now: float | None, word: str) -> None:
    found = percist_response(before, now)
    assert found.word == word and found.rule.startswith(f"{word}: ")


def test_a_change_is_told_in_the_unit_of_its_values() -> None:
    assert "10.00 to 7.00: −30%, −3.00 SUL" in percist_response(10.0, 7.0).rule
    assert "−3.00 SUVbw" in percist_response(10.0, 7.0, unit="SUVbw").rule


def test_new_lesions_are_progress_and_less_than_the_liver_is_gone() -> None:
    assert percist_response(10.0, 1.0, new_lesions=True).word == "PMD"
    assert percist_response(10.0, 1.9, background=2.0).word == "CMR"
    assert percist_response(10.0, 2.1, background=2.0).word == "PMR"
