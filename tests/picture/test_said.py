"""What is said of an image's millimetres: none and why, by the reader's own line, or nothing at all (safety.md 8)."""

from dataclasses import replace

import pytest

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from tests.picture.test_marks import of
from workstation.case.state import Case
from workstation.dicom.entities import UltrasoundRegion
from workstation.findings.finding import Finding, Kind
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.picture.said import notices

INSIDE = UltrasoundRegion((4, 4, 50, 30), (3, 3), (0.05, 0.04), 1)
BEYOND = replace(INSIDE, box=(4, 4, 90, 30))
UNKNOWN = replace(INSIDE, units=(0, 0))


def film(*regions: UltrasoundRegion, modality: str = "DX") -> DisplaySet:
    """One image of 40 rows and 60 columns without spacing."""
    (ref,) = stack("1", count=1, placed=False, calibrated=False, modality=modality).images
    (found,) = display_sets([replace(ref.instance, ultrasound=regions)])
    return found


def said(display_set: DisplaySet, *marks: Finding) -> dict[str, str]:
    """Sentences by chip, of those about millimetres."""
    case: Case = beside(display_set)
    case.marks.take_up(marks)
    found = zip(*notices(case.view(0), of(display_set), "", (True, True)), strict=True)
    return {chip: sentence for chip, sentence in found if "calibrated" in chip}


def line(display_set: DisplaySet, **other: object) -> Finding:
    image = display_set.images[0].instance.SOPInstanceUID
    return finding(Kind.CALIBRATION, [(5, 5), (5, 30)], **{"image": image, "true_length_mm": 100.0, **other})


@pytest.mark.parametrize(
    ("regions", "why"),
    [((), "No pixel spacing"), ((BEYOND,), "reach beyond the image"), ((UNKNOWN,), "units that are not known")],
)
def test_an_image_without_millimetres_says_why(regions: tuple[UltrasoundRegion, ...], why: str) -> None:
    found = said(film(*regions, modality="US"))
    assert list(found) == ["not calibrated"]
    assert why in found["not calibrated"] and found["not calibrated"].endswith("lengths are in pixels.")


def test_an_image_with_millimetres_says_nothing() -> None:
    assert said(film(INSIDE, modality="US")) == {}
    assert said(stack("2", placed=False, modality="CR")) == {}
    assert said(stack("3")) == {}


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("regions", [(), (BEYOND,)])
def test_a_line_of_the_readers_own_is_said_instead(regions: tuple[UltrasoundRegion, ...], hidden: bool) -> None:
    image = film(*regions)
    assert list(said(image, line(image, hidden=hidden))) == ["calibrated by hand"]


def test_a_line_that_is_not_in_force_calibrates_nothing() -> None:
    bare, sure = film(), film(INSIDE, modality="US")
    assert list(said(bare, line(bare, true_length_mm=None))) == ["not calibrated"]
    assert list(said(bare, line(bare, image="1.2.99"))) == ["not calibrated"]
    assert said(sure, line(sure)) == {}
