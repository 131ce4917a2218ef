"""What is told beside a mark and in the list: as precise as a hand, units always there, refusals as sentences."""

from dataclasses import replace

import pytest

from tests.findings.made import finding
from workstation.findings.finding import Kind, Value
from workstation.findings.regions import OUTSIDE
from workstation.findings.scale import SHAPE_GUESSED
from workstation.findings.words import MOST_LETTERS, MOST_LINES, lines, listed, summary, told


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (42.345, "mm", "42.3 mm"),
        (5.0, "mm", "5.0 mm"),
        (42.345, "mm at detector", "42.3 mm at detector"),
        (37.4, "px", "37.4 px"),
        (88.84, "mm²", "88.8 mm²"),
        (1078.15, "mm²", "10.78 cm²"),
        (1078.15, "mm² at detector", "10.78 cm² at detector"),
        (47.25, "°", "47.2°"),
        (-868.0, "HU", "-868 HU"),
        (198.34, "HU", "198.3 HU"),
        (0.4712, "", "0.47"),
        (121.0, "", "121"),
        (0.2034, "s", "0.203 s"),
        (5123.5, "BQML", "5123.5 BQML"),
        (51234.5678, "BQML", "51235 BQML"),
        (2.34567, "g/ml", "2.35 g/ml"),
        (2.34567, "HU", "2.3 HU"),
    ],
)
def test_numbers_have_their_unit(value: float, unit: str, words: str) -> None:
    assert told(Value("Any", value, unit)) == words


def test_two_axes_are_told_as_one() -> None:
    both = (Value("Long axis", 41.44, "mm"), Value("Short axis", 17.21, "mm"))
    made = finding(Kind.BIDIRECTIONAL, [(0, 0), (1, 0), (0, 1), (0, 2)], number=4, values=both)
    assert summary(made) == "41.4 × 17.2 mm"
    assert lines(made) == ("4  41.4 × 17.2 mm",)
    assert lines(replace(made, name="Node")) == ("4  Node", "41.4 × 17.2 mm")


def test_a_region_tells_what_lies_inside() -> None:
    values = (
        Value("Area", 504.0, "mm²"), Value("Perimeter", 80.0, "mm"), Value("Mean", 198.34, "HU"),
        Value("SD", 112.9, "HU"), Value("Min", -107.0, "HU"), Value("Max", 273.0, "HU"),
    )  # fmt: skip
    made = finding(Kind.ELLIPSE, [(0, 0), (1, 0), (0, 1), (0, 2)], values=values)
    assert lines(made) == ("1  5.04 cm²", "mean 198.3 HU  SD 112.9", "min -107  max 273")
    refused = replace(made, values=values[:2], refused="colours are no measured values")
    assert lines(refused) == ("1  5.04 cm²", "no mean: colours are no measured values")


def test_a_ratio_says_which_it_is() -> None:
    values = Value("Heart to chest", 0.363, ""), Value("Heart", 145.7, "px"), Value("Chest", 401.4, "px")
    made = finding(Kind.CARDIOTHORACIC, [(0, 0), (1, 0), (0, 1), (3, 1)], values=values)
    assert (summary(made), lines(made)) == ("CTR 0.36", ("1  CTR 0.36",))


def test_what_makes_a_value_doubtful_stands_beside_its_mark() -> None:
    how = f"between the two lines; without calibration; {SHAPE_GUESSED}; {OUTSIDE}"
    made = finding(Kind.COBB, [(0, 0), (1, 0), (0, 1), (3, 2)], values=(Value("Cobb angle", 41.6, "°", how),))
    head, *others = lines(made)
    assert head == "1  41.6°"
    assert " ".join(others) == f"{OUTSIDE} {SHAPE_GUESSED}"


def test_what_has_no_value_says_why_in_whole_words() -> None:
    made = finding(Kind.LENGTH, [(0, 0), (1, 0)], refused="it crosses ultrasound regions that have different scales")
    assert summary(made) == "no value: it crosses ultrasound regions that have different scales"
    assert " ".join(lines(made)).endswith(summary(made)) and "…" not in " ".join(lines(made))


def test_words_of_a_person_are_shown_whole_on_lines_that_fit_beside_a_lesion() -> None:
    made = finding(Kind.TEXT, [(0, 0)], text="a word " * 20)
    assert all(len(line) <= MOST_LETTERS for line in lines(made))
    assert " ".join(lines(made)).split()[1:] == made.text.split()
    assert lines(replace(made, text="node")) == ("1  node",)
    endless = lines(replace(made, text="a word " * 500))
    assert len(endless) == MOST_LINES and endless[-1] == "…"


def test_a_list_tells_what_lies_inside_a_region_too() -> None:
    values = (
        Value("Area", 504.0, "mm²"), Value("Mean", 198.34, "HU"), Value("SD", 112.9, "HU"), Value("Min", -107.0, "HU"),
        Value("Max", 273.0, "HU"),
    )  # fmt: skip
    made = finding(Kind.ELLIPSE, [(0, 0), (1, 0), (0, 1), (0, 2)], values=values)
    assert listed(made) == "5.04 cm²  mean 198.3 HU  SD 112.9"
    assert listed(finding(Kind.LENGTH, [(0, 0), (1, 0)], values=(Value("Length", 1.0, "mm"),))) == "1.0 mm"


def test_a_way_tells_its_depth_its_angles_and_what_it_meets() -> None:
    values = (
        Value("Depth", 61.25, "mm", "entry to target, towards PL"),
        Value("To axial", 30.0, "°", "between the way and axial planes"),
        Value("To coronal", 12.5, "°", "between the way and coronal planes"),
        Value("In Liver", 12.5, "mm", "from 20.0 to 32.5 mm below the entry"),
    )
    told_ = lines(finding(Kind.TRAJECTORY, [(0, 0, 0), (50, 35, 5)], number=3, values=values))
    assert told_[0] == "3  61.2 mm"
    assert told_[1] == "to axial 30.0°, coronal 12.5°"
    assert " ".join(told_[2:]) == "Liver 12.5 mm, from 20.0 to 32.5 mm below the entry"


def test_a_list_tells_of_a_way_its_angles_and_how_much_lies_in_each_structure() -> None:
    values = (
        Value("Depth", 61.25, "mm"),
        Value("To axial", 30.0, "°"),
        Value("To coronal", 12.5, "°"),
        Value("To sagittal", 40.1, "°"),
        Value("In Liver", 12.5, "mm", "from 20.0 to 32.5 mm below the entry"),
        Value("In Vein", 2.0, "mm", "from 25.0 to 27.0 mm below the entry"),
        Value("In Liver", 3.5, "mm", "from 40.0 to 43.5 mm below the entry"),
    )
    made = finding(Kind.TRAJECTORY, [(0, 0), (1, 0)], values=values)
    assert listed(made) == "61.2 mm  ax 30.0° cor 12.5° sag 40.1°  Liver 16.0 mm  Vein 2.0 mm"
    assert listed(finding(Kind.TRAJECTORY, [(0, 0)], values=values[:1])) == "61.2 mm"


def test_a_distance_on_a_surface_tells_which_is_which() -> None:
    values = (Value("Distance", 40.5, "mm"), Value("Along surface", 52.3, "mm"))
    assert listed(finding(Kind.SURFACE, [(0, 0), (1, 0)], values=values)) == "52.3 mm along, 40.5 mm straight"
