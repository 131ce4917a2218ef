"""What stands in the corners of a PET: weight, dose, uptake time and glucose, as the SUV on screen was derived."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.imaging.stacks import image
from tests.phantom.hot import hot_pet
from workstation.dicom.header import from_json, read_instance, to_json
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.suv import suv_of
from workstation.imaging.suv_values import Edits
from workstation.phantom.dicom import write_series
from workstation.picture.uptake import unit_words, uptake_fields

Change = Callable[[Dataset], object]


@pytest.fixture
def pet(tmp_path: Path) -> Callable[..., DisplaySet]:
    """A PET whose headers were changed: 70 kg, 300 MBq given at 08:00, an F-18 scan at 09:20."""

    def made(change: Change = lambda dataset: None) -> DisplaySet:
        series = hot_pet()
        study = replace(series.study, patient_weight_kg=70.0)
        instances = []
        for path in write_series(replace(series, study=study, series_time="092000"), tmp_path)[:12]:
            dataset = pydicom.dcmread(path)
            isotope = dataset.RadiopharmaceuticalInformationSequence[0]
            isotope.RadionuclideTotalDose = 300e6
            isotope.RadiopharmaceuticalStartTime = "080000"
            isotope.RadiopharmaceuticalStartDateTime = f"{dataset.StudyDate}080000"
            change(dataset)
            dataset.save_as(path)
            instances.append(read_instance(path.read_bytes()))
        return display_sets(instances)[0]

    return made


def glucose(dataset: Dataset) -> None:
    item, concept, unit = Dataset(), Dataset(), Dataset()
    concept.CodeValue, concept.CodingSchemeDesignator = "15074-8", "LN"
    concept.CodeMeaning = "Glucose [Moles/volume] in Blood"
    unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "mmol/L", "UCUM", "mmol/L"
    item.ValueType, item.NumericValue = "NUMERIC", "5.6"
    item.ConceptNameCodeSequence, item.MeasurementUnitsCodeSequence = [concept], [unit]
    dataset.AcquisitionContextSequence = [item]


def test_weight_dose_and_minutes_are_those_of_the_derivation(pet: Callable[..., DisplaySet]) -> None:
    found = pet(glucose)
    assert from_json(to_json(found.first)) == found.first
    said = {"tracer": "FDG", "dose": "300 MBq", "uptake": "80 min", "weight": "70 kg", "glucose": "glucose 5.6 mmol/L"}
    assert uptake_fields(found, suv_of(found)) == said
    edited = suv_of(found, edits=Edits(weight_kg=82.5, dose_bq=250e6, injected="083000"))
    assert uptake_fields(found, edited) == said | {"dose": "250 MBq", "uptake": "50 min", "weight": "82.5 kg"}


def test_without_a_derivation_the_headers_speak(pet: Callable[..., DisplaySet]) -> None:
    def uncorrected(dataset: Dataset) -> None:
        dataset.CorrectedImage = ["DECY", "RAN"]

    found = pet(uncorrected)
    said = uptake_fields(found, suv_of(found))
    assert said == {"tracer": "FDG", "dose": "300 MBq", "uptake": "80 min", "weight": "70 kg", "glucose": ""}


def test_what_is_missing_or_contradicts_itself_is_left_out(pet: Callable[..., DisplaySet]) -> None:
    def spoiled(dataset: Dataset) -> None:
        del dataset.PatientWeight
        isotope = dataset.RadiopharmaceuticalInformationSequence[0]
        isotope.RadionuclideTotalDose = 300.0
        isotope.RadiopharmaceuticalStartDateTime = f"{dataset.StudyDate}070000"

    found = pet(spoiled)
    said = uptake_fields(found, suv_of(found))
    assert (said["dose"], said["uptake"], said["weight"]) == ("", "", "")


@pytest.mark.parametrize(
    ("units", "unit", "words"),
    [("PROPCPS", "", "proportional to counts/s"), ("NONE", "", "no unit"), ("BQML", "Bq/ml", "Bq/ml")],
)
def test_numbers_of_a_pet_have_a_unit_or_say_that_they_have_none(units: str, unit: str, words: str) -> None:
    assert unit_words(image(1, None, Modality="PT", Units=units), unit) == words
    assert unit_words(image(1, None, Modality="MR"), "") == ""
