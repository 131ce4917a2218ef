"""What a registration's word rests on: the number that decided comes first, with its limit and its unit."""

import pytest

from workstation.imaging.alignment import Quality
from workstation.imaging.registration_reasons import (
    LINES,
    NONE_TO_SPARE,
    NOT_KEPT,
    because_of,
    limit_of,
    ordered,
    reasons_of,
    word_of,
)

GOOD = {
    "overlap": 0.97, "alike": 0.666, "gain": 0.345, "mean_gain": 0.42, "better": -0.0261, "agreement_mm": 0.21,
    "agreement_worst_mm": 0.34, "rival": 0.0, "halves_mm": 0.4, "half_off_mm": 0.3, "edges": 0.26, "chance": 0.4,
}  # fmt: skip


def told(**changed: float) -> tuple[str, str, list[str]]:
    """The word, the line that decided, and all lines."""
    numbers = GOOD | changed
    quality = Quality(word_of(numbers), numbers)
    lines = reasons_of(quality)
    return quality.word, next((each.text for each in lines if each.decided), ""), [each.text for each in lines]


def test_of_a_good_one_plain_lines_say_what_speaks_for_it() -> None:
    word, decided, lines = told()
    assert (word, decided) == ("good", "")
    assert lines == [
        "97 % of the body lies within the other images.",
        "Begun from other positions, it ends within 0.3 mm of here.",
        "Registered by half of the body alone, it ends within 0.3 mm of here.",
        "Turned wrongly by 90° or 180°, the images match 40 % as well as here.",
        "Shifted or turned by 15 mm, the images match up to 66 % as well as here.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "word", "line"),
    [
        ("half_off_mm", 3.12, "check", "Registered by half of the body alone, it ends within 3.1 mm of here (good to"),
        ("half_off_mm", 2.52, "check", "Registered by half of the body alone, it ends within 2.52 mm of here (good to"),
        ("half_off_mm", 4.6, "poor", "Registered by half of the body alone, it ends within 4.6 mm of here (good to"),
        ("chance", 0.6, "check", "Turned wrongly by 90° or 180°, the images match 60 % as well as here (good to 58 %"),
        ("gain", 0.125, "check", "Shifted or turned by 15 mm, the images match up to 87.5 % as well as here (good"),
        ("rival", 0.95, "poor", "Another position matches 95 % as well as this one (good to 50 %, poor over 65 %)"),
        ("better", 0.07, "poor", "Begun from another position, the images match 7 % better (poor over 5 %)"),
        ("overlap", 0.2, "poor", "20 % of the body lies within the other images (poor below 25 %)"),
        ("stretch_low", 0.8, "check", "Its smallest scale is 0.80 (good from 0.85, poor below 0.7)"),
        ("jacobian_high", 5.5, "check", "Where it grows most, a volume becomes 5.50 times as large (good to 4)"),
        ("more_alike", -0.02, "check", "Bending makes the images match -2 % better (good from 0 %)"),
    ],
)  # fmt: skip
def test_what_decided_stands_first_with_its_limit(name: str, value: float, word: str, line: str) -> None:
    found, decided, lines = told(**{name: value})
    assert found == word and decided.startswith(line)
    assert lines[0] == decided and len(lines) == LINES


def test_several_that_decided_all_come_before_the_others() -> None:
    quality = Quality("poor", GOOD | {"chance": 0.7, "half_off_mm": 9.0})
    assert [each.decided for each in reasons_of(quality)] == [True, True, False, False, False]
    assert because_of(quality).startswith("Registered by half")
    assert ordered(quality)[:2] == ("half_off_mm", "chance") and set(ordered(quality)) == set(GOOD)


def test_what_a_document_did_not_keep_is_not_made_up() -> None:
    assert because_of(Quality("check", {"overlap": 0.97})) == NOT_KEPT
    assert because_of(Quality("good")) == ""


@pytest.mark.parametrize(
    ("word", "rms_mm", "first"),
    [
        ("good", 1.2, "Landmarks fit within 1.2 mm on the average."),
        ("check", 3.0, "Landmarks fit within 3.0 mm on the average (good to 2 mm, poor over 5 mm)."),
        ("check", 0.0, NONE_TO_SPARE),
    ],
)
def test_landmarks_say_how_far_they_fit(word: str, rms_mm: float, first: str) -> None:
    quality = Quality(word, {"landmarks": 4.0, "rms mm": rms_mm, "most mm": 2 * rms_mm})  # type: ignore[arg-type]
    assert because_of(quality) == first


def test_a_number_without_a_limit_has_none() -> None:
    assert limit_of("edges") == "" and limit_of("agreement_worst_mm") == ""
