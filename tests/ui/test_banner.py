"""The banner says whose study it is and wears the prior; name and ID stay whole at any width."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from tests.imaging.stacks import stack
from workstation.case.state import Case
from workstation.dicom.entities import Patient
from workstation.hanging.hang import Plan, PlannedStage, PlannedTile
from workstation.imaging.displaysets import display_sets
from workstation.ui.banner import BANNER_PX, BETWEEN, DESCRIPTION, LEAVING, PatientBanner, earlier, prior_text, words
from workstation.ui.elided import ElidedFields

ANNA = Patient("ID-7", "", "Muster^Anna", "19610412", "F")
BEN = Patient("ID-8", "", "Beta^Ben", "19700101", "M")


def case(*firsts: dict[str, object], prior: int | None = None) -> Case:
    """One tile for each study; the attributes are those of its objects."""
    instances = []
    for number, attributes in enumerate(firsts):
        made = stack([0.0, 2.0, 4.0], series=f"1.{number + 2}", **attributes)
        instances += [replace(each, StudyInstanceUID=f"1.{number}") for each in made]
    sets = display_sets(instances)
    dates = [each.first.StudyDate for each in sets]
    tiles = tuple(
        PlannedTile(each.key, prior=number == prior, study_date=dates[number] if number == prior else "")
        for number, each in enumerate(sets)
    )
    return Case(sets, Plan("test", (PlannedStage("one", 1, len(sets), tiles),)), {})


CURRENT = {
    "patient": ANNA,
    "StudyDate": "20240310",
    "StudyDescription": "CT Thorax",
    "AccessionNumber": "A-99",
}


def test_it_says_who_and_what(qapp: QApplication) -> None:
    said = words(case(CURRENT))
    assert (said.name, said.patient_id) == ("Muster, Anna", "ID-7")
    assert said.rest == "1961-04-12  ·  F  ·  62 y  ·  CT Thorax  ·  2024-03-10  ·  Acc A-99"
    assert (said.prior, said.guard) == ("", "")


def test_what_is_missing_is_said(qapp: QApplication) -> None:
    said = words(case({"patient": Patient()}))
    assert said.text == "(no name)  ·  no ID  ·  birth date unknown  ·  sex unknown  ·  study date unknown"


def test_a_prior_wears_its_date_and_age_while_its_tile_is_active(qapp: QApplication) -> None:
    both = case(CURRENT, {**CURRENT, "StudyDate": "20230709", "StudyDescription": "Old"}, prior=1)
    assert words(both).prior == ""
    both.activate(1)
    said = words(both)
    assert said.prior == "◆ PRIOR  2023-07-09, 8 months earlier"
    assert "CT Thorax" in said.rest and "Old" not in said.rest


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "the same day"),
        (1, "1 day earlier"),
        (20, "20 days earlier"),
        (21, "3 weeks earlier"),
        (245, "8 months earlier"),
        (729, "23 months earlier"),
        (731, "2 years earlier"),
        (1094, "2 years earlier"),
        (-3, "LATER than this study"),
    ],
)
def test_how_much_earlier(days: int, said: str) -> None:
    assert earlier(days) == said


def test_a_prior_without_a_date_says_so() -> None:
    assert prior_text("20240310", "") == "◆ PRIOR  date unknown"


def test_two_patients_are_said_with_their_names(qapp: QApplication) -> None:
    both = case(CURRENT, {**CURRENT, "patient": BEN})
    said = words(both)
    assert said.guard == "▲ WARNING  2 patients are in this layout"
    assert said.guard_names == "Muster, Anna, ID-7\nBeta, Ben, ID-8"
    both.activate(1)
    assert (words(both).name, words(both).patient_id) == ("Beta, Ben", "ID-8")
    both.maximise(1)
    assert words(both).guard == ""


@pytest.mark.parametrize("width", [1600, 1280, 900])
@pytest.mark.parametrize("name", ["Muster^Anna", "W" * 60 + "^" + "M" * 50], ids=["short", "longest"])
def test_name_and_id_are_never_cut(width: int, name: str, qapp: QApplication) -> None:
    patient = replace(ANNA, PatientName=name, PatientID="0123456789" * 6)
    banner = PatientBanner()
    banner.resize(width, BANNER_PX)
    banner.show()
    banner.show_case(case({**CURRENT, "patient": patient, "StudyDescription": "Thorax and abdomen " * 20}))
    QApplication.processEvents()
    assert banner.width() == width
    assert banner.who.sizeHint().width() <= banner.who.width() <= width
    assert banner.who.sizeHint().height() <= banner.height()
    assert banner.who.geometry().right() <= width
    assert "…" in banner.rest.drawn and banner.rest.toolTip().startswith("1961-04-12")
    assert banner.rest.text() in banner.text() and banner.accessibleName() == banner.text()
    room = QFontMetrics(banner.rest.font()).horizontalAdvance(banner.rest.drawn)
    assert room <= banner.rest.width() or banner.rest.drawn == "…"
    banner.close()


@pytest.mark.parametrize("points", [10, 16])
def test_it_is_as_high_as_its_letters_need(points: int, qapp: QApplication) -> None:
    banner = PatientBanner()
    banner.setStyleSheet(f"* {{ font-size: {points}pt; }}")
    banner.resize(700, BANNER_PX)
    banner.show()
    patient = replace(ANNA, PatientID="d14a7c0e-3b52-4bd1-a5ee-53c1f0ffbb02")
    banner.show_case(case({**CURRENT, "patient": patient}))
    QApplication.processEvents()
    assert "<br>" in banner.who.text() or points == 10
    assert banner.who.sizeHint().height() <= banner.height() <= max(BANNER_PX, 4 * points)
    assert banner.who.sizeHint().width() <= banner.who.width()
    banner.close()


ABOUT = ("1961-04-12", "F", "62 y", "CT Thorax and abdomen", "2024-03-10", "Acc A-99")


@pytest.mark.parametrize(
    ("fitting", "drawn"),
    [
        (BETWEEN.join(ABOUT), BETWEEN.join(ABOUT)),
        (BETWEEN.join([*ABOUT[:5], "…"]), BETWEEN.join([*ABOUT[:5], "…"])),
        ("1961-04-12  ·  F  ·  62 y  ·  2024-03-10  ·  …", "1961-04-12  ·  F  ·  62 y  ·  2024-03-10  ·  …"),
        ("1961-04-12  ·  2024-03-10  ·  …", "1961-04-12  ·  2024-03-10  ·  …"),
        ("1961-04-12  ·  …", "1961-04-12  ·  …"),
        ("1961", "…"),
    ],
)
def test_the_rest_leaves_in_whole_fields_the_least_important_first(
    fitting: str, drawn: str, qapp: QApplication
) -> None:
    fields = ElidedFields("banner", BETWEEN)
    fields.say_fields(ABOUT, LEAVING, DESCRIPTION)
    fields.resize(fields.fontMetrics().horizontalAdvance(fitting) + 1, 30)
    assert fields.drawn == drawn and fields.text() == BETWEEN.join(ABOUT)


def test_a_description_is_shortened_before_it_leaves(qapp: QApplication) -> None:
    fields = ElidedFields("banner", BETWEEN)
    fields.say_fields(ABOUT, LEAVING, DESCRIPTION)
    tight = BETWEEN.join(("1961-04-12", "F", "62 y", "CT Thorax an…", "2024-03-10", "…"))
    fields.resize(fields.fontMetrics().horizontalAdvance(tight) + 2, 30)
    assert fields.drawn == tight


def test_without_a_study_it_is_empty(qapp: QApplication) -> None:
    banner = PatientBanner()
    banner.show_case(case(CURRENT))
    banner.show_case(None)
    assert banner.text() == "" and "Muster" not in banner.who.text()
