"""Which PET examinations may be compared: PERCIST's limits, met and passed."""

from dataclasses import replace

import pytest

from workstation.imaging.suv_compared import Examination, differences, liver_differs

NOW = Examination(62.0, 285.0, "F-18", "BQML", "OSEM3D 3i21s  XYZ Gauss 5.00", "SIEMENS")


def chips(now: Examination, before: Examination) -> list[str]:
    return [chip for chip, _ in differences(now, before)]


def test_alike_examinations_say_nothing() -> None:
    assert differences(NOW, NOW) == ()
    assert differences(NOW, replace(NOW, minutes=76.9, dose_mbq=240.0)) == ()
    assert differences(NOW, replace(NOW, dose_mbq=None, tracer="")) == ()


@pytest.mark.parametrize(
    ("change", "chip"),
    (
        ({"minutes": 77.1}, "uptake 62 / 77 min"),
        ({"minutes": 46.0}, "uptake 62 / 46 min"),
        ({"minutes": None}, "uptake 62 / ? min"),
        ({"dose_mbq": 370.0}, "other dose"),
        ({"tracer": "Ga-68"}, "other nuclide"),
        ({"units": "GML"}, "other units"),
        ({"method": "PSF+TOF 4i5s"}, "other reconstruction"),
        ({"maker": "GE MEDICAL SYSTEMS"}, "other reconstruction"),
        ({"corrected": False}, "one not corrected"),
    ),
)
def test_what_differs_is_said(change: dict[str, object], chip: str) -> None:
    before = replace(NOW, **change)  # type: ignore[arg-type]
    assert chips(NOW, before) == [chip]


def test_the_sentence_tells_both_times() -> None:
    ((_, sentence),) = differences(NOW, replace(NOW, minutes=90.0))
    assert "differ by 28 min (62 now, 90 before)" in sentence


@pytest.mark.parametrize(
    ("now", "before", "within"),
    (
        (1.50, 1.60, True),
        (1.60, 1.35, True),
        (1.60, 1.29, False),
        (0.95, 1.25, False),
        (2.29, 2.0, True),
        (2.31, 2.0, False),
    ),
)
def test_the_liver_keeps_percists_limits(now: float, before: float, within: bool) -> None:
    assert (liver_differs(now, before) is None) is within
