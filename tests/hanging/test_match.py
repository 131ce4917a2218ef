"""Priors: whose they are, whether they come before, what and which side they show, and which serves best."""

from dataclasses import replace

import pytest

from tests.hanging.labelled import built, labelled_studies
from workstation.dicom.entities import Instance, Patient
from workstation.hanging.match import judge_prior, ranked_priors
from workstation.hanging.study import Study, recognised
from workstation.imaging.displaysets import display_sets

CHEST = next(each for each in labelled_studies() if each.name == "chest-one-prior")
KNEE = next(each for each in labelled_studies() if each.name == "knee-xray-prior")


def changed(study: Study, uid: str, **values: object) -> Study:
    """The study with attributes of every instance replaced; Patient fields by their keyword."""
    made: list[Instance] = []
    for each in study.sets.values():
        for ref in each.images:
            who = {key: value for key, value in values.items() if key in Patient.__dataclass_fields__}
            rest = {key: value for key, value in values.items() if key not in who}
            patient = replace(ref.instance.patient, **who)  # type: ignore[arg-type]
            made.append(replace(ref.instance, StudyInstanceUID=uid, patient=patient, **rest))  # type: ignore[arg-type]
    return recognised(display_sets(made))


@pytest.fixture
def current() -> Study:
    return recognised(built(CHEST).sets)


@pytest.fixture
def prior() -> Study:
    return recognised(built(CHEST).priors[0])


def test_the_prior_of_the_same_patient_is_accepted_with_reasons(current: Study, prior: Study) -> None:
    verdict = judge_prior(current, prior)
    assert verdict.accepted
    assert verdict.reasons == ("the same modality", "shows chest too", "contrast alike", "1.0 years earlier")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"PatientID": "4712"}, "PatientID differs"),
        ({"PatientBirthDate": "19610204"}, "PatientBirthDate differs"),
        ({"IssuerOfPatientID": "TOWN"}, "IssuerOfPatientID differs"),
        ({"StudyDate": "20240612"}, "is not earlier"),
        ({"StudyDate": "20240613"}, "is not earlier"),
        ({"StudyDate": ""}, "has no StudyDate"),
        ({"Modality": "MR"}, "is MR, which is not compared with CT"),
        ({"StudyDescription": "CT Knie", "SeriesDescription": ""}, "shows knee"),
        (
            {"StudyDescription": "", "SeriesDescription": "", "BodyPartExamined": "", "ConvolutionKernel": "B31f"},
            "its body region is not known",
        ),
    ],
)
def test_what_is_no_prior_says_why(current: Study, prior: Study, values: dict[str, str], said: str) -> None:
    verdict = judge_prior(current, changed(prior, "2.25.1", **values))
    assert not verdict.accepted
    assert verdict.reasons == (said,)


def test_without_identity_nothing_is_a_prior(current: Study, prior: Study) -> None:
    nobody = {"PatientID": "", "PatientBirthDate": ""}
    verdict = judge_prior(changed(current, "2.25.1", **nobody), changed(prior, "2.25.2", **nobody))
    assert not verdict.accepted


def test_sides_must_agree() -> None:
    knee = recognised(built(KNEE).sets)
    left, right = map(recognised, built(KNEE).priors)
    assert judge_prior(knee, left).reasons == ("shows the other side",)
    assert judge_prior(knee, right).accepted
    unknown = changed(right, "2.25.1", Laterality="", ImageLaterality="", StudyDescription="XR KNEE")
    assert judge_prior(knee, unknown).reasons == ("its side is not known",)


def test_the_newest_of_equal_ones_leads_in_any_order(current: Study, prior: Study) -> None:
    others = [changed(prior, f"2.25.{year}", StudyDate=f"{year}0101") for year in (2019, 2022, 2020, 2021)]
    for order in (others, others[::-1]):
        dates = [verdict.study_date for verdict, _ in ranked_priors(current, order)]
        assert dates == ["20220101", "20210101", "20200101", "20190101"]


def test_a_pet_ct_is_compared_with_an_earlier_one_rather_than_with_a_newer_ct() -> None:
    study = next(each for each in labelled_studies() if each.protocol == "pet-ct" and len(built(each).sets) > 1)
    pet_ct = recognised(built(study).sets)
    assert pet_ct.modalities == {"CT", "PT"}
    same = changed(pet_ct, "2.25.1", StudyDate="20210101")
    ct_alone = recognised([each for each in pet_ct.sets.values() if each.first.Modality == "CT"])
    newer = changed(ct_alone, "2.25.2", StudyDate="20220101")
    for order in ([same, newer], [newer, same]):
        judged = [verdict for verdict, _ in ranked_priors(pet_ct, order)]
        assert [each.study_date for each in judged] == ["20210101", "20220101"]
        assert all(each.accepted for each in judged)
