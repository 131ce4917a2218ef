"""SUV: known headers, every mixture of units, corrections, times and makers, and what happens when one is spoiled."""

import json
import math
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.imaging.stacks import FRAME, multiframe
from tests.imaging.suv_cases import DRO_SUV, DRO_TOLERANCE, DROS, F18_S, GE_SLICES, GE_SLICES_FACTOR, HEADERS
from workstation.dicom.entities import Pet, RealWorldValue
from workstation.dicom.header import from_json, read_instance, to_json
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.nuclides import HALF_LIVES_S, nuclide_of
from workstation.imaging.suv import Derivation, Edits, Inputs, Kind, Refusal, derive, inputs_of, suv_of
from workstation.imaging.suv_values import Slice

PET_CORRECTED = ("NORM", "DTIM", "ATTN", "SCAT", "DECY", "RAN")


def found(answer: Derivation | Refusal | None) -> Derivation:
    assert isinstance(answer, Derivation), answer
    return answer


def refused(answer: Derivation | Refusal | None) -> Refusal:
    assert isinstance(answer, Refusal), answer
    return answer


def said(answer: Derivation) -> str:
    return "\n".join(f"{each.input}|{each.value}|{each.tag}|{each.source}" for each in answer.trace)


# ------------------------------------------------------------------ known headers


def dro(data_dir: Path, name: str) -> list[bytes]:
    with zipfile.ZipFile(data_dir / "pet_suv_dro" / f"{name}.zip") as packed:
        return [packed.read(each) for each in packed.namelist() if "/PT/" in each and not each.endswith("/")]


def modality_values(file: bytes) -> NDArray[np.float64]:
    """Stored values after their own slope, flat."""
    instance = read_instance(file)
    assert instance.pixels is not None and instance.pixels.offset is not None
    count = instance.pixels.Rows * instance.pixels.Columns
    stored = np.frombuffer(file, np.dtype("<u2"), count, instance.pixels.offset)
    return np.asarray(stored * float(instance.frames[0].RescaleSlope or 1.0), dtype=np.float64)


@pytest.mark.parametrize("name", DROS)
def test_reference_objects_have_the_factor_that_the_rules_give(data_dir: Path, name: str) -> None:
    files = dro(data_dir, name)
    (only,) = display_sets(from_json(to_json(read_instance(each))) for each in files)
    answer = found(suv_of(only))
    assert answer.factors == pytest.approx((DROS[name].factor,), rel=1e-9)
    assert (answer.kind, answer.unit) == (Kind.BW, "g/ml")
    values = np.concatenate([modality_values(each) for each in files]) * answer.factors[0]
    inside = values[values > 0]
    low, middle, high = DRO_SUV
    assert [inside.min(), np.median(inside), inside.max()] == pytest.approx([low, middle, high], abs=DRO_TOLERANCE)


def ge_slices(data_dir: Path) -> DisplaySet:
    files = sorted((data_dir / "pet_suv" / "ge_discovery_st_bqml").glob("PT_*.dcm"))
    (only,) = display_sets(read_instance(each.read_bytes()) for each in files)
    return only


def test_slices_with_shifted_dates_count_by_their_times_of_day(data_dir: Path) -> None:
    answer = found(suv_of(ge_slices(data_dir)))
    assert answer.factors == pytest.approx((GE_SLICES.factor,), rel=1e-9)
    assert answer.factors[0] == pytest.approx(GE_SLICES_FACTOR, rel=1e-6)
    assert "dates shifted: 1998-04-27 and 2015-03-04" in said(answer)


def headers(data_dir: Path, name: str) -> Inputs:
    read: list[dict[str, Any]] = json.loads(
        (data_dir / "pet_suv" / "header_cases" / f"{name}-instances.json").read_text(encoding="utf-8")
    )
    first = read[0]
    philips = first["PhilipsPETPrivateGroup"]
    return Inputs(
        Units=first["Units"],
        CorrectedImage=tuple(first["CorrectedImage"]),
        DecayCorrection=first["DecayCorrection"],
        PatientWeight=first["PatientWeight"],
        PatientSize=first.get("PatientSize"),
        PatientSex=first["PatientSex"],
        RadionuclideTotalDose=first["RadionuclideTotalDose"],
        RadionuclideHalfLife=first["RadionuclideHalfLife"],
        SeriesDate=first["SeriesDate"],
        SeriesTime=first["SeriesTime"],
        RadiopharmaceuticalStartTime=first["RadiopharmaceuticalStartTime"],
        RadiopharmaceuticalStartDateTime=first.get("RadiopharmaceuticalStartDateTime", ""),
        by_ge=name.startswith("GE"),
        philips_suv=float(philips["SUVScaleFactor"]) if "SUVScaleFactor" in philips else None,
        images=tuple(
            Slice(
                each["AcquisitionDate"],
                each["AcquisitionTime"],
                each["FrameReferenceTime"],
                each["ActualFrameDuration"],
            )
            for each in read
        ),
    )


@pytest.mark.parametrize("name", HEADERS)
def test_headers_of_every_maker_have_their_factor(data_dir: Path, name: str) -> None:
    answer = found(derive(headers(data_dir, name)))
    assert answer.factors == pytest.approx((HEADERS[name].factor,), rel=1e-9)


# ------------------------------------------------------------------ mixtures against a formula of their own

NUCLIDES = {"F-18": (F18_S, 3600.0), "Ga-68": (4062.6, 3300.0), "C-11": (1223.4, 1500.0), "Zr-89": (282276.0, 4e5)}
SCANS = (datetime(2024, 2, 29, 11, 5, 7), datetime(2025, 1, 1, 0, 20, 0))
DURATION_S = 180.0


def average(half_life_s: float) -> float:
    decay = math.log(2) / half_life_s
    return math.log(decay * DURATION_S / (1 - math.exp(-decay * DURATION_S))) / decay


def scan(units: str, decay: str, nuclide: str, scanned: datetime, maker: str) -> Inputs:
    """Three bed positions a few minutes apart; what each maker writes as it writes it."""
    half_life_s, waited_s = NUCLIDES[nuclide]
    injected = scanned - timedelta(seconds=waited_s)
    beds = [scanned + timedelta(seconds=200 * bed) for bed in range(3)]
    offset = 0.0 if maker == "ge" else average(half_life_s)
    return Inputs(
        Units=units,
        CorrectedImage=PET_CORRECTED if decay != "NONE" else ("NORM", "ATTN"),
        DecayCorrection=decay,
        PatientWeight=81.5,
        PatientSize=1.74,
        PatientSex="F",
        RadionuclideTotalDose=251.0 if maker == "mbq" else 251e6,
        RadionuclideHalfLife=half_life_s,
        nuclide=nuclide,
        SeriesDate=f"{scanned:%Y%m%d}",
        SeriesTime=f"{scanned:%H%M%S}",
        RadiopharmaceuticalStartTime=f"{injected:%H%M%S.00}",
        RadiopharmaceuticalStartDateTime=f"{injected:%Y%m%d%H%M%S.00}",
        ge_scan=f"{scanned:%Y%m%d%H%M%S.00}" if maker == "ge" else "",
        ge_injected=f"{injected:%Y%m%d%H%M%S.00}" if maker == "ge" else "",
        by_ge=maker == "ge",
        philips_activity=2.5 if units == "CNTS" else None,
        images=tuple(
            Slice(f"{bed:%Y%m%d}", f"{bed:%H%M%S}", 1000 * ((bed - scanned).total_seconds() + offset), 180_000.0)
            for bed in beds
        ),
    )


def truth(units: str, decay: str, nuclide: str) -> list[float]:
    """Weight over what is left of 251 MBq, for each bed."""
    half_life_s, waited_s = NUCLIDES[nuclide]
    late = {
        "START": [waited_s],
        "ADMIN": [0.0],
        "NONE": [waited_s + 200 * bed + average(half_life_s) for bed in range(3)],
    }
    per_count = 2.5 if units == "CNTS" else 1.0
    return [per_count * 81500.0 / 251e6 * math.exp(math.log(2) * each / half_life_s) for each in late[decay]]


@pytest.mark.parametrize(("units", "decay"), tuple(product(("BQML", "CNTS"), ("START", "ADMIN", "NONE"))))
def test_all_mixtures_agree_with_a_formula_of_their_own(units: str, decay: str) -> None:
    for nuclide, scanned, maker in product(NUCLIDES, SCANS, ("siemens", "ge", "mbq")):
        answer = found(derive(scan(units, decay, nuclide, scanned, maker)))
        assert list(answer.factors) == pytest.approx(truth(units, decay, nuclide), rel=1e-9), (nuclide, scanned, maker)


def odd_forms(good: Inputs) -> Iterator[Inputs]:
    """The same header in other words."""
    day, time = good.SeriesDate, good.SeriesTime
    yield replace(good, SeriesDate=f"{day[:4]}.{day[4:6]}.{day[6:]}", SeriesTime=f"{time[:2]}:{time[2:4]}:{time[4:]}")
    yield replace(good, SeriesTime=f"{time}.000000", RadiopharmaceuticalStartDateTime="")
    yield replace(good, RadiopharmaceuticalStartTime="")
    yield replace(good, Units=f" {good.Units.lower()} ", PatientSex=" f ")
    yield replace(good, RadionuclideHalfLife=good.RadionuclideHalfLife and good.RadionuclideHalfLife * 1.0)
    stated = datetime.strptime(good.RadiopharmaceuticalStartDateTime[:14], "%Y%m%d%H%M%S")
    utc = f"{stated - timedelta(hours=2):%Y%m%d%H%M%S}+0000"
    yield replace(good, TimezoneOffsetFromUTC="+0200", RadiopharmaceuticalStartDateTime=utc)
    yield replace(good, RadiopharmaceuticalStartDateTime=f"{stated:%Y%m%d%H%M%S}-0500")


def test_odd_forms_of_dates_and_times_mean_the_same() -> None:
    for nuclide, scanned in product(("F-18", "Ga-68"), SCANS):
        for other in odd_forms(scan("BQML", "START", nuclide, scanned, "siemens")):
            assert found(derive(other)).factors == pytest.approx(truth("BQML", "START", nuclide), rel=1e-9), other


# ------------------------------------------------------------------ kinds


BODIES = {
    (Kind.BW, "M"): 82.0,
    (Kind.LBM_JAMES128, "M"): 1.10 * 82 - 128 * (82 / 176) ** 2,
    (Kind.LBM_JAMES120, "M"): 1.10 * 82 - 120 * (82 / 176) ** 2,
    (Kind.LBM_JANMA, "M"): 9270 * 82 / (6680 + 216 * 82 / 1.76**2),
    (Kind.IBW, "M"): 48 + 1.06 * (176 - 152),
    (Kind.LBM_JAMES128, "F"): 1.07 * 82 - 148 * (82 / 176) ** 2,
    (Kind.LBM_JANMA, "F"): 9270 * 82 / (8780 + 244 * 82 / 1.76**2),
    (Kind.IBW, "F"): 45.5 + 0.91 * (176 - 152),
    (Kind.BSA, "F"): 0.007184 * 82**0.425 * 176**0.725 * 10,
}
"""kg; of the surface thousands of cm²."""


@pytest.mark.parametrize(("kind", "sex"), BODIES)
def test_every_kind_divides_by_its_own_body(kind: Kind, sex: str) -> None:
    good = scan("BQML", "ADMIN", "F-18", SCANS[0], "siemens")
    inputs = replace(good, PatientWeight=82.0, PatientSize=1.76, PatientSex=sex)
    answer = found(derive(inputs, kind))
    assert answer.factors == pytest.approx((1000 * BODIES[kind, sex] / 251e6,), rel=1e-9)
    stored = replace(inputs, Units="GML", SUVType="BW")
    assert found(derive(stored, kind)).factors == pytest.approx((BODIES[kind, sex] / 82.0,), rel=1e-9)


def test_values_that_are_suv_already_are_not_scaled_again() -> None:
    good = scan("GML", "ADMIN", "F-18", SCANS[0], "siemens")
    assert found(derive(replace(good, SUVType="BW"))).factors == (1.0,)
    assert found(derive(replace(good, PatientWeight=None, RadionuclideTotalDose=None))).factors == (1.0,)
    assert found(derive(replace(good, SUVType="LBMJANMA"), Kind.LBM_JANMA)).factors == (1.0,)
    surface = replace(good, Units="CM2ML", SUVType="BSA")
    assert found(derive(surface, Kind.BSA)).factors == (1.0,)
    bw = BODIES[Kind.BSA, "F"]
    body = replace(surface, PatientWeight=82.0, PatientSize=1.76)
    assert found(derive(body)).factors == pytest.approx((82.0 / bw,), rel=1e-9)
    assert refused(derive(replace(good, SUVType="BSA"))).keyword == "SUVType"


@pytest.mark.parametrize(
    ("keyword", "value"), (("PatientSex", "O"), ("PatientSex", ""), ("PatientSize", None), ("PatientSize", 174.0))
)
def test_lean_body_needs_sex_and_height(keyword: str, value: Any) -> None:
    good = replace(scan("BQML", "ADMIN", "F-18", SCANS[0], "siemens"), **{keyword: value})
    assert refused(derive(good, Kind.LBM_JANMA)).keyword == keyword
    assert found(derive(good)).factors


def test_philips_factors() -> None:
    counts = scan("CNTS", "START", "F-18", SCANS[0], "siemens")
    assert found(derive(replace(counts, philips_suv=0.000728))).factors == (0.000728,)
    lost = replace(counts, philips_suv=None, philips_activity=None)
    assert refused(derive(lost)).tag == "PhilipsSUVScaleFactor (7053,1000)"


# ------------------------------------------------------------------ real-world values, edits, nuclides


@pytest.mark.parametrize("unit", ("{SUVbw}g/ml", "g/ml{SUVbw}"))
def test_a_real_world_value_mapping_gives_the_factor(unit: str) -> None:
    good = scan("PROPCPS", "START", "F-18", SCANS[0], "siemens")
    mapped = replace(
        good,
        images=tuple(replace(each, slope=4.0, real_world=(RealWorldValue(0.002, 0.0, unit),)) for each in good.images),
    )
    answer = found(derive(mapped))
    assert answer.factors == pytest.approx((0.0005,), rel=1e-12)
    assert "RealWorldValueMappingSequence (0040,9096)" in said(answer)
    shifted = replace(
        mapped, images=tuple(replace(each, real_world=(RealWorldValue(0.002, 1.0, unit),)) for each in mapped.images)
    )
    assert refused(derive(shifted)).keyword == "RealWorldValueMappingSequence"
    header = replace(mapped, Units="BQML")
    assert "contradict" in refused(derive(header)).reason


def test_an_enhanced_object_says_it_in_its_own_words() -> None:
    told = Pet(
        PatientWeight=70.0,
        RadionuclideTotalDose=350e6,
        RadionuclideHalfLife=F18_S,
        RadiopharmaceuticalStartDateTime="20240105090000",
        DecayCorrectionDateTime="20240105100000",
        AttenuationCorrected="YES",
        DecayCorrected="YES",
    )
    means = (RealWorldValue(2.0, 0.0, "Bq/ml"),)
    frames = [replace(FRAME, ImagePositionPatient=(0.0, 0.0, 3.0 * n), real_world=means) for n in range(4)]
    series = {"SeriesDate": "20240105", "SeriesTime": "120000", "AcquisitionTime": "100000"}
    made = multiframe(frames, Modality="PT", pet=told, **series)
    (display_set,) = display_sets([made])
    answer = found(suv_of(display_set))
    assert answer.factors == pytest.approx((2.0 * 70e3 / (350e6 * 0.5 ** (3600 / F18_S)),), rel=1e-9)
    (bare,) = display_sets([replace(made, pet=replace(told, AttenuationCorrected="NO"))])
    assert refused(suv_of(bare)).keyword == "CorrectedImage"


def test_edited_inputs_stand_in_the_trace_and_the_answer() -> None:
    good = scan("BQML", "START", "F-18", SCANS[0], "siemens")
    heavier = found(derive(replace(good, edits=Edits(weight_kg=163.0))))
    assert heavier.factors[0] == pytest.approx(2 * found(derive(good)).factors[0], rel=1e-12)
    assert heavier.edited == ("weight_kg",)
    assert "weight|163 kg|PatientWeight (0010,1030)|edited by the reader" in said(heavier)
    later = found(derive(replace(good, edits=Edits(injected="103507", scanned="110507"))))
    assert later.factors[0] == pytest.approx(81500 / 251e6 * 2 ** (1800 / F18_S), rel=1e-9)
    stored = replace(good, Units="GML", edits=Edits(weight_kg=163.0))
    assert found(derive(stored)).edited == ()  # the scanner has used its own
    assert refused(derive(replace(good, edits=Edits(injected="soon")))).keyword == "RadiopharmaceuticalStartTime"


@pytest.mark.parametrize(
    ("code", "words", "nuclide"),
    (("C-111A1", "", "F-18"), ("77004003", "", "F-18"), ("", "^68^Gallium", "Ga-68"), ("", "18F", "F-18"),
     ("", "F-18", "F-18"), ("", "FDG -- fluorodeoxyglucose", "F-18"), ("", "Zr89", "Zr-89"),
     ("", "[11C]choline", "C-11"), ("", "^94m^Technetium", ""), ("", "PSMA", ""), ("Y-X1743", "Rubidium 82", "Rb-82")),
)  # fmt: skip
def test_nuclides_by_code_and_by_name(code: str, words: str, nuclide: str) -> None:
    assert nuclide_of(code, words) == nuclide


def test_half_lives_lie_near_those_of_another_table() -> None:
    """Nudat 3 of the National Nuclear Data Center, in its own units."""
    other = {"C-11": 20.364 * 60, "N-13": 9.965 * 60, "O-15": 122.24, "F-18": 109.77 * 60, "Ga-68": 67.71 * 60,
             "Cu-64": 12.701 * 3600, "Zr-89": 78.41 * 3600, "I-124": 4.1760 * 86400, "Rb-82": 1.2575 * 60,
             "Y-90": 64.053 * 3600, "Y-86": 14.74 * 3600, "Sc-44": 4.0420 * 3600}  # fmt: skip
    for name, half_life_s in other.items():
        assert HALF_LIVES_S[name] == pytest.approx(half_life_s, rel=0.02), name


def test_sets_of_other_modalities_have_no_suv(data_dir: Path) -> None:
    name = next((data_dir / "petctmr_sts_006" / "dicom" / "STS_006" / "CT" / "image").glob("*.dcm"))
    (only,) = display_sets([read_instance(name.read_bytes())])
    assert suv_of(only) is None and inputs_of(only) is None
