"""A PET parted from its CT: moved, taken back, accepted; what was drawn on it goes along, and nothing else does."""

from dataclasses import replace

import numpy as np
import pytest

from tests.case.stacks import BERT, beside, hung, stack, tile
from tests.findings.made import finding
from workstation.case import apart, landmarks, layering, nudging, parting
from workstation.case import registering as by
from workstation.case.commands import COMMANDS
from workstation.case.grow import grow, growth
from workstation.case.open import Opened
from workstation.case.overlays import Overlay
from workstation.case.park import parked, take_up
from workstation.case.state import Case
from workstation.errors import HounsfieldError
from workstation.findings.finding import Finding, Kind
from workstation.findings.structures import Structure
from workstation.hanging.choose import Answer
from workstation.imaging.alignment import IDENTITY, Laid, Registration, Standing, own_frame
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3
from workstation.imaging.view import Orientation
from workstation.picture.across import notices_across

CT = stack("1", count=21)
PET = stack("2", count=21, spacing=(3.5, 4.0), shape=(12, 10), modality="PT")
LUNG = stack("3", count=21)
OWN = own_frame("1.9", PET.series_instance_uid)


def case_of(*sets: DisplaySet) -> Case:
    """The first one as axial planes with the second one over it, and the second beside it."""
    case = hung([tile(sets[0], orientation=Orientation.AXIAL), tile(sets[1], orientation=Orientation.AXIAL)], sets=sets)
    layering.fuse(case, 0, sets[1].key)
    return case


def laid(case: Case, fixed: DisplaySet = CT, moving: DisplaySet = PET) -> Laid:
    frames = (case.sets[each.key].first.FrameOfReferenceUID for each in (fixed, moving))
    found = case.alignment.between(*frames)
    assert found is not None
    return found


def is_as_scanned(case: Case) -> bool:
    return not case.alignment.registrations and all(case.sets[each.key] == each for each in (CT, PET, LUNG))


def over(case: Case) -> tuple[Vec3, str]:
    """Where the layer of the first tile begins, and what is said of it."""
    (layer,) = case.view(0).layers
    assert layer.grid is not None and layer.laid is not None
    return layer.grid.origin_lps, layer.laid.said


def mark(series: DisplaySet) -> Finding:
    return finding(
        Kind.ELLIPSE,
        [(-8.0, 0.0, 50.0), (8.0, 0.0, 50.0), (0.0, -8.0, 50.0), (0.0, 8.0, 50.0)],
        frame_of_reference_uid="1.9",
        series_instance_uid=series.series_instance_uid,
        study_instance_uid="1.1",
        tracking_uid=f"of {series.key}",
    )


def test_nothing_is_parted_before_the_reader_says_so() -> None:
    case = case_of(CT, PET, LUNG)
    assert by.sides(case) is None and laid(case).standing is Standing.SAME
    assert COMMANDS["part-from-frame"].why_not(case) == ""
    for name in ("registration-right", "accept-registration", "place-landmarks", "show-anyway"):
        assert COMMANDS[name].why_not(case) == by.NO_PAIR
    assert over(case) == (PET.grid.origin_lps, "")  # type: ignore[union-attr]


def test_parted_it_lies_where_it_lay_and_says_so_until_it_is_back() -> None:
    case, before = case_of(CT, PET, LUNG), over(case_of(CT, PET, LUNG))[0]
    case.place_crosshair(CT, (3.0, -4.0, 45.0))
    COMMANDS["part-from-frame"].run(case)
    assert over(case) == (before, "parted, not moved")
    assert case.crosshair(case.sets[PET.key]) == pytest.approx((3.0, -4.0, 45.0))
    COMMANDS["registration-right"].run(case)
    COMMANDS["registration-down"].run(case)
    assert np.subtract(over(case)[0], before) == pytest.approx((1, 1, 0))
    assert over(case)[1] == "moved by hand, not accepted"
    point = case.crosshair(case.sets[PET.key])
    assert point is not None and np.subtract((3.0, -4.0, 45.0), point) == pytest.approx((1, 1, 0))
    COMMANDS["reset-registration"].run(case)
    assert is_as_scanned(case) and over(case) == (before, "")
    assert case.crosshairs.keys() == {"1.9"}


def test_each_step_is_taken_back_to_the_frame_and_rejecting_leads_there_too() -> None:
    case = case_of(CT, PET, LUNG)
    for name in ("part-from-frame", "registration-up", "accept-registration"):
        COMMANDS[name].run(case)
    assert laid(case).standing is Standing.ACCEPTED and over(case)[1] == ""
    COMMANDS["undo-registering"].run(case)
    assert laid(case).said == "moved by hand, not accepted"
    for _ in range(2):
        COMMANDS["undo-registering"].run(case)
    assert is_as_scanned(case) and COMMANDS["undo-registering"].why_not(case)
    COMMANDS["part-from-frame"].run(case)
    COMMANDS["reject-registration"].run(case)
    assert is_as_scanned(case)


def test_a_third_series_of_the_frame_stays_with_what_stays() -> None:
    case = case_of(CT, PET, LUNG)
    COMMANDS["part-from-frame"].run(case)
    COMMANDS["registration-right"].run(case)
    assert laid(case, CT, LUNG).standing is Standing.SAME
    assert laid(case, LUNG, PET).point_to_fixed((0, 0, 0)) == pytest.approx((1, 0, 0))
    assert laid(case, LUNG, PET).said


def test_the_function_moves_over_the_form_unless_the_reader_chose_otherwise() -> None:
    case = case_of(PET, CT, LUNG)
    found = parting.sharing(case)
    assert found is not None and (found.fixed, found.moving) == (CT, PET)
    by.choose(case, CT.key, LUNG.key)
    parting.part(case)
    assert case.sets[LUNG.key].first.FrameOfReferenceUID == own_frame("1.9", LUNG.series_instance_uid)
    by.choose(case, LUNG.key, CT.key)
    there = by.sides(case)
    assert there is not None and there.moving.key == LUNG.key  # what was parted is what moves


def test_only_two_volumes_of_one_patient_and_one_frame_are_parted() -> None:
    other = stack("2", frame="1.9", study="2.1", patient=BERT)
    for sets in ((CT, other), (CT, stack("4", frame="1.7")), (CT,)):
        assert COMMANDS["part-from-frame"].why_not(beside(*sets)) == parting.NO_TWO
    case = case_of(CT, PET, LUNG)
    parting.part(case)
    with pytest.raises(HounsfieldError):
        by.choose(beside(CT, other), CT.key, other.key)
    assert not by.fits(case.sets[PET.key], stack("4", frame="1.7"))


def test_landmarks_and_the_engine_go_on_from_there() -> None:
    case = case_of(CT, PET, LUNG)
    parting.part(case)
    there = by.sides(case)
    assert there is not None and there.frames == ("1.9", OWN)
    for x, y, z in ((0.0, 0.0, 40.0), (10.0, 0.0, 40.0), (0.0, 10.0, 60.0), (5.0, 5.0, 50.0)):
        landmarks.place_landmark(case, "1.9", (x, y, z))
        landmarks.place_landmark(case, OWN, (x + 6.0, y - 2.0, z))
    landmarks.solve(case)
    assert laid(case).point_to_fixed((6, -2, 40)) == pytest.approx((0, 0, 40), abs=1e-6)
    assert laid(case).said == "moved by landmarks, not accepted"
    by.preview(case, Registration("2.25.9", *there.frames, IDENTITY, under_way=True))
    assert laid(case).standing is Standing.UNDER_WAY
    by.preview_ended(case)
    assert laid(case).said == "moved by landmarks, not accepted"


def test_what_was_drawn_on_it_goes_along_and_comes_back_and_so_do_steps() -> None:
    case = case_of(CT, PET, LUNG)
    case.marks.take_up([mark(CT), mark(PET)])
    structures = [
        Overlay(name, "", name, (1, 2, 3), "1.9", Structure(1, name, (1, 2, 3), "1.9", ()), series_instance_uid=series)
        for name, series in (("GTV", PET.series_instance_uid), ("Liver", CT.series_instance_uid), ("Dose", ""))
    ]
    case.overlays.put(structures)
    case.marks.remove(f"of {PET.key}")
    parting.part(case)
    assert case.marks.undo() and len(case.marks) == 2
    steps = case.marks.steps
    apart.tell(case)
    assert [each.frame_of_reference_uid for each in case.marks] == ["1.9", OWN]
    assert [each.frame_of_reference_uid for each in case.overlays.there] == [OWN, "1.9", "1.9"]
    assert [each.what.frame_of_reference_uid for each in case.overlays.there] == [OWN, "1.9", "1.9"]
    assert case.marks.steps == steps
    by.reject(case)
    assert {each.frame_of_reference_uid for each in (*case.marks, *case.overlays.there)} == {"1.9"}


def test_a_case_put_aside_is_taken_up_with_what_was_parted() -> None:
    case = case_of(CT, PET, LUNG)
    parting.part(case)
    nudging.nudge(case, 3.0, 0.0)
    again = case_of(CT, PET, LUNG)
    assert take_up(again, parked(case))
    assert over(again) == over(case) and again.sets[PET.key].first.FrameOfReferenceUID == OWN


def test_it_stays_parted_while_more_of_the_study_comes() -> None:
    case, more = case_of(CT, PET, LUNG), stack("4", count=5)
    parting.part(case)
    nudging.nudge(case, 3.0, 0.0)
    before = over(case)
    opened = Opened((CT, PET, LUNG, more), {}, Answer(case.plan, (), ""), ())  # type: ignore[arg-type]
    assert grow(case, growth(case.sets, opened, {}))
    assert case.sets[PET.key].first.FrameOfReferenceUID == OWN and more.key in case.sets
    assert case.sets[CT.key] is CT and over(case) == before


def test_nobody_elses_images_are_laid_by_a_text_that_names_them() -> None:
    """A registration that would lay a parted series on another patient's frame is not taken."""
    other = stack("5", frame="1.6", study="2.1", patient=BERT)
    case = case_of(CT, PET, LUNG, other)
    by.found(case, replace(Registration("2.25.9", "1.6", OWN, IDENTITY), accepted=True))
    assert case.alignment.registrations == () and case.sets[PET.key] == PET


def test_each_tile_says_which_of_the_two_was_moved() -> None:
    case = beside(CT, PET)
    by.choose(case, CT.key, PET.key)
    parting.part(case)
    nudging.nudge(case, 3.0, 0.0)
    assert [chip for chip, _ in notices_across(case.view(0))] == ["others moved by hand, not accepted"]
    assert [chip for chip, _ in notices_across(case.view(1))] == ["moved by hand, not accepted"]
    by.accept(case)
    assert not notices_across(case.view(0)) and not notices_across(case.view(1))
