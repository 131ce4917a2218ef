"""Labels of the spine: names as people type them, the next one by where it lies, and the vertebra as coded site."""

import pytest

from tests.findings.made import finding
from workstation.findings.finding import Finding, Kind
from workstation.findings.spine import LEVELS, first_level, following, level_of, renamed
from workstation.findings.words import lines


def label(name: str, height: float, number: int = 1, image: str | None = None) -> Finding:
    """One at a height of the patient in mm, or in a row of an image."""
    place = (3.0, height) if image else (3.0, 5.0, height)
    return finding(Kind.SPINE_LABEL, [place], image=image, name=name, number=number, tracking_uid=f"2.25.{number}")


def test_levels_run_from_head_to_foot() -> None:
    assert LEVELS[:8] == ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "T1") and len(LEVELS) == 7 + 12 + 5 + 5


@pytest.mark.parametrize(
    ("typed", "level"),
    [("l5", "L5"), (" Th12 ", "T12"), ("D 3", "T3"), ("C2 vertebra", "C2"), ("L6", None), ("", None)],
)
def test_names_are_understood_as_they_are_typed(typed: str, level: str | None) -> None:
    assert level_of(typed) == level


def test_the_first_label_is_the_usual_one_of_the_region() -> None:
    assert first_level(("spine", "lumbar spine")) == "L5"
    assert first_level(("cervical spine", "spine")) == first_level(("head", "neck")) == "C2"


def test_clicks_go_on_upwards_and_downwards_from_the_nearest() -> None:
    made = [label("L5", 100.0, 1), label("L4", 136.0, 2)]
    assert following(label("", 170.0, 9), made) == "L3"
    assert following(label("", 65.0, 9), made) == "S1"
    assert following(label("", 65.0, 9), []) == ""
    assert following(label("", 500.0, 9), [label("C1", 400.0)]) == ""
    made = [label("L5", 900.0, 1, "1.2.3")]
    assert following(label("", 800.0, 9, "1.2.3"), made) == "L4", "rows grow towards the foot"
    assert following(label("", 800.0, 9, "1.2.4"), made) == "", "another image has a space of its own"


def test_a_renamed_label_is_another_vertebra_in_words_and_in_codes() -> None:
    named = renamed(label("", 0.0), "l5")
    assert (named.name, named.site, lines(named)) == ("L5", "L5 vertebra", ("L5",))
    assert renamed(named, "th4").site == "T4 vertebra"
    assert (renamed(named, "L6").name, renamed(named, "L6").site) == ("L6", "")
    kept = finding(Kind.LENGTH, [(0, 0), (1, 0)], site="Liver")
    assert (renamed(kept, "l5").name, renamed(kept, "l5").site) == ("l5", "Liver")
