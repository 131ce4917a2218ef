"""A series parted from its frame of reference lies in one of its own: the only one that a registration moves there."""

from dataclasses import replace

import numpy as np
import pytest

from tests.case.stacks import stack
from workstation.imaging.alignment import Alignment, Registration, Standing, is_own, own_frame, stored_frame
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.parted import frame_in, parted, placed, stored
from workstation.imaging.together import laid_on

CT, PET, THIRD = (stack(number, modality=kind) for number, kind in (("1", "CT"), ("2", "PT"), ("3", "CT")))
SHIFT = (4.0, -5.0, 6.0)


def moved_by(fixed: str = "1.9", moving: str = own_frame("1.9", "1.1.2"), **more: object) -> Registration:
    matrix = np.eye(4)
    matrix[:3, 3] = SHIFT
    return Registration("2.25.5", fixed, moving, matrix, **more)  # type: ignore[arg-type]


def frame(display_set: DisplaySet) -> str:
    return display_set.first.FrameOfReferenceUID


def test_a_parted_set_is_the_same_one_in_a_frame_no_header_can_name() -> None:
    apart = parted(PET)
    assert frame(apart) == own_frame("1.9", "1.1.2") and is_own(frame(apart)) and not is_own("1.9")
    assert "\\" in frame(apart)  # which parts the values of an attribute, and is never in one (PS3.5 6.2)
    assert stored_frame(frame(apart)) == "1.9" and parted(apart) is apart
    assert stored(apart) == PET and stored(PET) is PET
    assert apart.key == PET.key and apart.places == PET.places and apart.grid is PET.grid
    assert {each.instance.FrameOfReferenceUID for each in apart.images} == {frame(apart)}


def test_one_that_is_parted_lies_by_its_registration_and_all_others_as_they_did() -> None:
    alignment, apart = Alignment((moved_by(),)), parted(PET)
    for fixed in (CT, THIRD):
        laid, back = laid_on(fixed, apart, alignment), laid_on(apart, fixed, alignment)
        assert laid is not None and back is not None
        assert laid.standing is Standing.MOVED and laid.said == "moved, not accepted"
        assert laid.point_to_fixed((1, 2, 3)) == pytest.approx((5, -3, 9))
        assert back.point_to_fixed((5, -3, 9)) == pytest.approx((1, 2, 3))
    between = laid_on(CT, THIRD, alignment)
    assert between is not None and between.standing is Standing.SAME and between.uid == ""
    not_parted = laid_on(CT, PET, alignment)
    assert not_parted is not None and not_parted.standing is Standing.SAME


def test_without_a_registration_what_is_parted_lies_nowhere() -> None:
    assert laid_on(CT, parted(PET), Alignment()) is None
    assert laid_on(parted(THIRD), parted(PET), Alignment((moved_by(),))) is None
    assert laid_on(stack("4", frame="1.7"), parted(PET), Alignment((moved_by("1.7", "1.9"), moved_by()))) is None


@pytest.mark.parametrize(
    ("made_by", "said"),
    [
        ("by hand (Hounsfield 1)", "moved by hand, not accepted"),
        ("landmarks (Hounsfield 1)", "moved by landmarks, not accepted"),
        ("landmarks (Hounsfield 1), moved by hand", "moved by hand, not accepted"),
        ("Hounsfield registration 1", "moved, not accepted"),
    ],
)
def test_it_is_said_whose_work_it_is_until_it_is_accepted(made_by: str, said: str) -> None:
    apart, made = parted(PET), moved_by(made_by=made_by)
    laid = laid_on(CT, apart, Alignment((made,)))
    accepted = laid_on(CT, apart, Alignment((replace(made, accepted=True),)))
    running = laid_on(CT, apart, Alignment((replace(made, under_way=True),)))
    assert laid is not None and laid.said == laid.turned.said == said
    assert accepted is not None and accepted.said == "" and accepted.standing is Standing.ACCEPTED
    assert running is not None and running.standing is Standing.UNDER_WAY


def test_what_belongs_to_a_series_lies_where_that_lies() -> None:
    told, own = frame_in((CT, parted(PET))), own_frame("1.9", "1.1.2")
    assert told("1.9", "1.1.2") == told(own, "1.1.2") == own
    assert told("1.9", "1.1.1") == told("1.9", "") == told(own, "1.1.1") == "1.9"
    assert told("1.8", "1.1.2") == "1.8"
    assert frame_in((CT, PET))(own, "1.1.2") == "1.9"


def test_a_set_is_placed_only_where_it_is_not_yet() -> None:
    assert placed(PET, "1.9") is PET
