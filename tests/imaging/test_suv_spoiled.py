"""SUV of spoiled headers: the same factor from a second source that the trace names, or a refusal; no other number."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.imaging.suv_cases import DROS
from tests.imaging.test_suv import SCANS, dro, found, refused, said, scan
from workstation.dicom.header import read_instance
from workstation.imaging.displaysets import display_sets
from workstation.imaging.suv import Derivation, Edits, Refusal, derive, suv_of

SPOILED: dict[str, tuple[Any, ...]] = {
    "Units": ("", "PROPCNTS", "????"),
    "CorrectedImage": ((), ("NORM", "SCAT"), ("NORM", "DECY"), ("ATTN",)),
    "DecayCorrection": ("", "LATER"),
    "PatientWeight": (None, 0.0, -70.0, 81500.0),
    "RadionuclideTotalDose": (None, 0.0, -251e6, 251e12, 2.0e-3),
    "RadionuclideHalfLife": (None, 0.0, 109.77, 9e9),
    "SeriesTime": ("", "noon", "999999", "235959", "030000"),
    "SeriesDate": ("", "yesterday"),
    "RadiopharmaceuticalStartTime": ("", "nine", "000000", "235959", "120507"),
    "RadiopharmaceuticalStartDateTime": ("", "nine", "19000101", "20240229", "20240229030000"),
    "ge_scan": ("", "20240229"),
    "ge_injected": ("", "19980427"),
}
SAME = 2e-4
"""By so much factors of two sources may differ: 6586.2 s beside 6588 s, and where in a frame its reference is."""


@pytest.mark.parametrize("keyword", SPOILED)
def test_a_spoiled_tag_gives_the_same_factor_or_a_refusal_that_names_it(keyword: str) -> None:
    pet = {"ge_scan": "GE", "ge_injected": "GE"}
    for units, decay, maker, value in product(
        ("BQML", "CNTS"), ("START", "ADMIN"), ("siemens", "ge"), SPOILED[keyword]
    ):
        good = scan(units, decay, "F-18", SCANS[0], maker)
        answer = derive(replace(good, **{keyword: value}))
        if isinstance(answer, Derivation):
            assert answer.factors == pytest.approx(found(derive(good)).factors, rel=SAME), (units, decay, maker, value)
        else:
            named = pet.get(keyword, keyword)
            assert named in answer.tag + answer.reason, (units, decay, maker, value, answer)


def test_a_pair_of_tags_spoiled_together_never_gives_another_number() -> None:
    good = scan("BQML", "START", "F-18", SCANS[0], "ge")
    right = found(derive(good)).factors
    for one, other in product(SPOILED, SPOILED):
        for value, second in product(SPOILED[one][:3], SPOILED[other][:3]):
            answer = derive(replace(good, **{one: value, other: second}))
            if isinstance(answer, Derivation):
                assert answer.factors == pytest.approx(right, rel=SAME), (one, value, other, second)


IN_TRACER = (
    *("RadionuclideTotalDose", "RadionuclideHalfLife", "RadionuclideCodeSequence"),
    *("RadiopharmaceuticalStartTime", "RadiopharmaceuticalStartDateTime"),
)
AT_TOP = (
    *("Units", "CorrectedImage", "DecayCorrection", "PatientWeight", "PatientSize", "PatientSex", "SeriesDate"),
    *("SeriesTime", "AcquisitionDate", "AcquisitionTime", "FrameReferenceTime", "ActualFrameDuration", "DecayFactor"),
    *("RadiopharmaceuticalInformationSequence", "Manufacturer"),
)
PRIVATE: dict[Any, str] = {
    0x0009100D: "GEScanDateTime",
    0x0009103B: "GEAdministered",
    0x70531000: "PhilipsSUVScaleFactor",
}


def lacking(dataset: Dataset) -> Iterator[tuple[str, Dataset]]:
    """The object without each of what may be needed, by its name."""
    for keyword in (*AT_TOP, *IN_TRACER, *PRIVATE):
        made = copy.deepcopy(dataset)
        place = made.RadiopharmaceuticalInformationSequence[0] if keyword in IN_TRACER else made
        if keyword in place:
            del place[keyword]
            yield PRIVATE.get(keyword, str(keyword)), made


@pytest.mark.parametrize("name", (*DROS, "ge_discovery_st_bqml"))
def test_real_objects_without_a_tag_give_the_same_or_a_refusal_that_names_it(data_dir: Path, name: str) -> None:
    """SUVType alone may be left out: g/ml without it is by body weight, as the standard has it."""
    slices = sorted((data_dir / "pet_suv" / name).glob("PT_*.dcm"))
    dataset = pydicom.dcmread(BytesIO(slices[0].read_bytes() if slices else dro(data_dir, name)[0]))

    def answer(of: Dataset) -> Derivation | Refusal | None:
        stream = BytesIO()
        of.save_as(stream)
        return suv_of(display_sets([read_instance(stream.getvalue())])[0])

    right = found(answer(dataset)).factors
    for keyword, other in lacking(dataset):
        got = answer(other)
        if isinstance(got, Derivation):
            assert got.factors == pytest.approx(right, rel=SAME), keyword
        else:
            named = "RadionuclideTotalDose" if keyword.startswith("RadiopharmaceuticalInfo") else keyword
            assert named in refused(got).tag + refused(got).reason, (keyword, got)


@pytest.mark.parametrize("spoil", ("time", "date", "frame_reference_ms", "duration_ms"))
@pytest.mark.parametrize("decay", ("START", "NONE"))
def test_spoiled_images_give_the_same_or_none(spoil: str, decay: str) -> None:
    for maker, value in product(("siemens", "ge"), ("", "late") if spoil in ("time", "date") else (None, -1.0)):
        good = scan("BQML", decay, "F-18", SCANS[0], maker)
        changed: dict[str, Any] = {spoil: value}
        spoiled = replace(good, images=tuple(replace(each, **changed) for each in good.images))
        answer = derive(spoiled)
        if isinstance(answer, Derivation):
            assert answer.factors == pytest.approx(found(derive(good)).factors, rel=SAME), (maker, value)
        else:
            assert answer.keyword in ("AcquisitionTime", "ActualFrameDuration"), answer


def test_second_sources_are_named() -> None:
    ge = scan("BQML", "START", "F-18", SCANS[0], "ge")
    without = said(found(derive(replace(ge, SeriesTime=""))))
    assert "GEScanDateTime (0009,100D)|GE's own; SeriesTime is missing" in without
    given = replace(ge, RadiopharmaceuticalStartTime="", RadiopharmaceuticalStartDateTime="")
    assert "GEAdministeredDateTime (0009,103B)|GE's own element" in said(found(derive(given)))
    other = scan("BQML", "START", "F-18", SCANS[0], "siemens")
    late = said(found(derive(replace(other, SeriesTime="200000"))))
    assert "AcquisitionTime less FrameReferenceTime; SeriesTime is after the acquisition" in late
    table = said(found(derive(replace(other, RadionuclideHalfLife=None))))
    assert "6586.2 s|RadionuclideCodeSequence (0054,0300)|of F-18 by ICRP Publication 107" in table


def test_times_that_contradict_each_other_are_refused() -> None:
    good = scan("BQML", "START", "F-18", SCANS[0], "siemens")
    early = refused(derive(replace(good, SeriesTime="103000")))
    assert early.keyword == "SeriesTime" and "contradict" in early.reason
    after = refused(derive(replace(good, RadiopharmaceuticalStartTime="113000", RadiopharmaceuticalStartDateTime="")))
    assert after.keyword == "RadiopharmaceuticalStartTime" and "11:30:00" in after.reason
    assert refused(derive(replace(good, RadiopharmaceuticalStartTime="100600"))).reason.count("contradict") == 1


def test_of_two_tracers_no_dose_is_taken() -> None:
    two = replace(scan("BQML", "START", "F-18", SCANS[0], "siemens"), tracers=2)
    assert refused(derive(two)).tag == "RadiopharmaceuticalInformationSequence (0054,0016)"
    assert found(derive(replace(two, edits=Edits(dose_bq=251e6)))).factors


def test_a_slow_tracer_without_a_date_is_refused() -> None:
    good = scan("BQML", "START", "Zr-89", SCANS[0], "siemens")
    assert refused(derive(replace(good, RadiopharmaceuticalStartDateTime=""))).keyword.endswith("StartDateTime")
    shifted = replace(good, RadiopharmaceuticalStartDateTime="19000101" + good.RadiopharmaceuticalStartTime)
    assert "date cannot be right" in refused(derive(shifted)).reason


def test_what_was_not_attenuation_corrected_is_never_suv() -> None:
    for units in ("BQML", "GML", "CNTS", "CM2ML"):
        good = scan(units, "START", "F-18", SCANS[0], "siemens")
        answer = refused(derive(replace(good, CorrectedImage=("NORM", "DECY"))))
        assert answer.tag == "CorrectedImage (0028,0051)"


def test_not_corrected_for_decay_and_a_decay_factor_contradict() -> None:
    good = scan("BQML", "START", "F-18", SCANS[0], "siemens")
    images = tuple(replace(each, decay_factor=1.02) for each in good.images)
    assert refused(derive(replace(good, DecayCorrection="NONE", images=images))).keyword == "DecayCorrection"
