"""Letters of projections: PatientOrientation says where rows and columns point, and every turn is followed."""

from dataclasses import replace

import pytest

from tests.case.test_cine import cine_instance
from workstation.case.state import Tile, TileView
from workstation.dicom.entities import Frame
from workstation.imaging.calibration import is_at_detector
from workstation.imaging.displaysets import display_sets
from workstation.imaging.view import Framing, screen_plane
from workstation.picture.letters import letters_of
from workstation.picture.text import age, age_contradicts, date


def view(orientation: tuple[str, ...], framing: Framing) -> TileView:
    frame = Frame(ImagerPixelSpacing=(0.2, 0.15))
    instance = replace(cine_instance(1), Modality="DX", PatientOrientation=orientation, frames=(frame,))
    (display_set,) = display_sets([instance])
    return TileView(0, Tile(display_set.key, framing=framing), display_set, None, True, False)


@pytest.mark.parametrize(
    ("framing", "expected"),
    [
        # A frontal chest: rows run to the patient's left, columns to the feet (PS3.3 C.7.6.1.1.1).
        (Framing(), ("R", "L", "H", "F")),
        (Framing(mirrored=True), ("L", "R", "H", "F")),
        (Framing(quarter_turns=1), ("F", "H", "R", "L")),
        (Framing(quarter_turns=2), ("L", "R", "F", "H")),
        (Framing(mirrored=True, quarter_turns=1), ("F", "H", "L", "R")),
    ],
)
def test_letters_follow_turns_and_mirroring(framing: Framing, expected: tuple[str, ...]) -> None:
    seen = view(("L", "F"), framing)
    letters = letters_of(seen, screen_plane(seen.plane, framing, 300, 200))
    assert tuple(letters[edge] for edge in ("left", "right", "top", "bottom")) == expected


def test_oblique_views_bear_all_their_letters() -> None:
    seen = view(("PR", "FA"), Framing())
    letters = letters_of(seen, screen_plane(seen.plane, Framing(), 300, 200))
    assert letters == {"left": "AL", "right": "PR", "top": "HP", "bottom": "FA"}


@pytest.mark.parametrize("orientation", [(), ("L",), ("L", "X"), ("", "F")])
def test_what_is_no_orientation_gives_no_letters(orientation: tuple[str, ...]) -> None:
    seen = view(orientation, Framing())
    assert letters_of(seen, screen_plane(seen.plane, Framing(), 300, 200)) == {}


def test_age_is_by_the_dates_and_a_contradiction_is_noticed() -> None:
    instance = cine_instance(1)
    born = replace(instance.patient, PatientBirthDate="19780202")
    told = replace(instance, patient=born, StudyDate="20150202", PatientAge="031Y")
    assert age(told) == "37 y" and age_contradicts(told)
    assert not age_contradicts(replace(told, PatientAge="037Y"))
    assert age(replace(instance, PatientAge="045Y")) == "45 y"


def test_what_is_no_date_is_said_to_be_none() -> None:
    assert date("20240229") == "2024-02-29"
    assert date("20230229") == "20230229 (no valid date)"
    assert date("00000000") == "00000000 (no valid date)"
    assert date("") == ""


@pytest.mark.parametrize(
    ("modality", "spacing", "calibration", "expected"),
    [
        ("DX", None, "", True),
        ("DX", (0.2, 0.15), "", True),
        ("DX", (0.2, 0.15), "FIDUCIAL", False),
        ("MG", (0.07, 0.08), "GEOMETRY", False),
        ("CT", (0.7, 0.9), "", False),
    ],
)
def test_lengths_on_projections_are_at_the_detector_until_calibrated(
    modality: str, spacing: tuple[float, float] | None, calibration: str, expected: bool
) -> None:
    frame = Frame(ImagerPixelSpacing=(0.2, 0.15), PixelSpacing=spacing)
    made = replace(cine_instance(1), Modality=modality, PixelSpacingCalibrationType=calibration, frames=(frame,))
    (display_set,) = display_sets([made])
    assert is_at_detector(display_set.images[0]) is expected
