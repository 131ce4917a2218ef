"""What is typed becomes a query of the standard, and what nodes answer becomes patients with their studies."""

from datetime import date

import pytest

from tests.worklist.found import study
from workstation.errors import HounsfieldError
from workstation.worklist.found import Wish, date_range, keys_of, merged, name_pattern, patients, study_of

TODAY = date(2024, 3, 15)


@pytest.mark.parametrize(
    ("typed", "range_"),
    [
        ("", ""),
        ("today", "20240315"),
        ("yesterday", "20240314"),
        ("7d", "20240309-20240315"),
        ("1d", "20240315"),
        ("2w", "20240301-20240315"),
        ("2024", "20240101-20241231"),
        ("2024-02", "20240201-20240229"),
        ("2024-12", "20241201-20241231"),
        ("2024-02-29", "20240229"),
        ("20240229", "20240229"),
        ("2023..2024-02", "20230101-20240229"),
        ("2023-05 - today", "20230501-20240315"),
        ("..2020", "-20201231"),
        ("2020..", "20200101-"),
    ],
)
def test_dates_as_people_type_them_are_ranges_of_the_standard(typed: str, range_: str) -> None:
    assert date_range(typed, TODAY) == range_


@pytest.mark.parametrize("typed", ["soon", "2024-13", "2023-02-29", "2024..2023", "1..2..3", "-"])
def test_what_is_no_date_is_said_with_what_is(typed: str) -> None:
    with pytest.raises(HounsfieldError, match="Date:"):
        date_range(typed, TODAY)


@pytest.mark.parametrize(
    ("typed", "pattern"),
    [
        ("doe", "doe*"),
        ("doe, jane", "doe*^jane*"),
        ("  doe   jane ", "doe*jane*"),
        ("d?e*", "d?e*"),
        ("doe^j", "doe^j"),
        ("", ""),
    ],
)
def test_names_are_beginnings_of_their_parts(typed: str, pattern: str) -> None:
    assert name_pattern(typed) == pattern


def test_a_query_asks_for_what_was_typed_and_for_what_is_shown() -> None:
    keys = keys_of(Wish("doe", "P1", "A7", "2024", "ct"), TODAY)
    assert (keys["PatientName"], keys["PatientID"], keys["AccessionNumber"]) == ("doe*", "P1", "A7")
    assert (keys["StudyDate"], keys["ModalitiesInStudy"]) == ("20240101-20241231", "CT")
    assert keys["NumberOfStudyRelatedInstances"] == "" and keys["PatientBirthDate"] == ""


def test_a_study_on_two_nodes_is_one_row_and_what_one_does_not_say_the_other_fills_in() -> None:
    one = study("1", nodes=("a",), description="", images=0, modalities=())
    other = study("1", nodes=("b",), images=27)
    (both,) = merged({}, [one, other]).values()
    assert (both.nodes, both.images, both.description, both.modalities) == (("a", "b"), 27, "CT chest", ("CT",))


def test_priors_stand_under_their_patient_and_whom_was_asked_for_last_stands_first() -> None:
    found = merged(
        {},
        [
            study("1", study_date="20230101"),
            study("2", study_date="20240101", asked_for=False),
            study("3", study_date="20230601", patient_id="P2", patient_name="Roe^Rob"),
        ],
    )
    groups = patients(found.values())
    assert [[each.uid for each in group.studies] for group in groups] == [["3"], ["2", "1"]]


def test_two_are_one_by_id_issuer_and_birth_date_and_two_names_are_said() -> None:
    found = [study("1"), study("2", patient_name="Doe^J"), study("3", birth_date="19510101"), study("4", birth_date="")]
    found.append(study("5", birth_date="", nodes=("b",)))
    groups = {frozenset(each.uid for each in group.studies): group.names_differ for group in patients(found)}
    assert groups == {
        frozenset("12"): True,
        frozenset("3"): False,
        frozenset("4"): False,
        frozenset("5"): False,
    }


def test_a_match_without_a_uid_is_none_and_a_count_that_is_no_number_counts_nothing() -> None:
    assert study_of("a", {"PatientID": "P"}) is None
    made = study_of(
        "a", {"StudyInstanceUID": "1", "NumberOfStudyRelatedInstances": "many", "ModalitiesInStudy": "SR\\CT"}
    )
    assert made is not None and (made.images, made.modalities, made.nodes) == (0, ("CT", "SR"), ("a",))
