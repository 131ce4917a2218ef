"""Registering by hand: what is laid on what, nudges on the screen, landmarks, steps back, acceptance."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.case.stacks import BERT, CORONAL, beside, hung, stack, tile
from tests.case.test_aligning import CT, PRIOR, higher
from tests.imaging.test_alignment import wavy
from workstation.case import landmarks, nudging
from workstation.case import registering as by
from workstation.case.aligning import align
from workstation.case.commands import COMMANDS
from workstation.case.park import parked, take_up
from workstation.case.state import Case
from workstation.errors import HounsfieldError
from workstation.imaging.alignment import Alignment, Quality, Registration, inverse
from workstation.imaging.geometry import Vec3
from workstation.imaging.view import Framing, Orientation

MR = stack("4", count=20, step_mm=2.5, frame="1.7", study="1.1", modality="MR", start_mm=30.0)
SAME = stack("3", count=20, step_mm=2.5)


def keys(case: Case) -> tuple[str, str]:
    found = by.sides(case)
    assert found is not None
    return found.fixed.key, found.moving.key


def now(case: Case) -> Registration:
    found = by.in_force(case)
    assert found is not None
    return found


def carried(case: Case, point: Vec3) -> Vec3:
    """Where a point of the moving frame lies in the fixed one."""
    laid = case.alignment.between(now(case).fixed, now(case).moving)
    assert laid is not None
    return laid.point_to_fixed(point)


def placed(case: Case, *points: tuple[str, Vec3]) -> None:
    for frame, point in points:
        landmarks.place_landmark(case, frame, point)


def test_a_prior_is_laid_on_what_is_read_whichever_is_active() -> None:
    case = beside(CT, PRIOR)
    assert keys(case) == (CT.key, PRIOR.key)
    case.active = 1
    assert keys(case) == (CT.key, PRIOR.key)


def test_what_hangs_beside_the_active_tile_is_laid_on_it_and_the_reader_may_choose() -> None:
    case = beside(MR, SAME, CT)
    assert keys(case) == (MR.key, SAME.key)
    case.active = 2
    assert keys(case) == (CT.key, MR.key)
    by.choose(case, MR.key, CT.key)
    assert keys(case) == (MR.key, CT.key)
    by.choose(case, SAME.key, CT.key)  # of one frame: nothing is laid before one of them is parted
    assert by.sides(case) is None
    with pytest.raises(HounsfieldError):
        by.choose(case, CT.key, CT.key)


def test_nobody_is_registered_with_another_patient_nor_a_frame_with_itself() -> None:
    other = stack("9", count=20, frame="1.8", study="2.1", patient=BERT)
    for sets in ((CT, other), (CT, SAME), (CT,)):
        case = beside(*sets)
        assert by.sides(case) is None
        for name in ("show-anyway", "registration-up", "accept-registration", "place-landmarks"):
            assert COMMANDS[name].why_not(case)
    with pytest.raises(HounsfieldError):
        by.choose(beside(CT, other), CT.key, other.key)


@pytest.mark.parametrize(
    ("name", "by_mm"),
    [
        ("right", (1, 0, 0)), ("left", (-1, 0, 0)), ("up", (0, 0, 1)), ("down", (0, 0, -1)),
        ("away", (0, 1, 0)), ("nearer", (0, -1, 0)),
    ],
)  # fmt: skip
def test_a_nudge_goes_where_the_screen_says(name: str, by_mm: Vec3) -> None:
    case = hung([tile(CT, orientation=Orientation.CORONAL), tile(PRIOR)], sets=[CT, PRIOR])
    align(case, Alignment((higher(),)))
    before = carried(case, (3, 4, 750))
    COMMANDS[f"registration-{name}"].run(case)
    assert np.subtract(carried(case, (3, 4, 750)), before) == pytest.approx(by_mm)


def test_a_mirrored_and_turned_tile_is_nudged_as_it_is_seen() -> None:
    case = beside(CT, PRIOR)
    align(case, Alignment((higher(),)))
    case.tiles[0] = replace(case.tiles[0], framing=Framing(quarter_turns=1))
    before = carried(case, (3, 4, 750))
    COMMANDS["registration-right"].run(case)  # the back is at the left of the screen now
    assert np.subtract(carried(case, (3, 4, 750)), before) == pytest.approx((0, -1, 0))


def test_a_nudge_over_the_moving_images_is_told_in_their_directions() -> None:
    turned = stack("9", count=21, frame="1.8", study="1.1")
    quarter = np.array([[0.0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    case = beside(CT, turned)
    align(case, Alignment((higher(quarter),)))
    by.choose(case, CT.key, turned.key)
    case.active = 1
    COMMANDS["registration-right"].run(case)
    assert carried(case, (0, 0, 0)) == pytest.approx((0, 1, 0))


def test_a_turn_is_clockwise_on_the_screen_about_the_crosshair() -> None:
    case = hung([tile(CT, orientation=Orientation.AXIAL), tile(PRIOR)], sets=[CT, PRIOR])
    align(case, Alignment((higher(),)))
    case.place_crosshair(CT, (2.0, 3.0, 20.0))
    there = (12.0, 10.0, 740.0)
    assert carried(case, there) == pytest.approx((12.0, 3.0, 20.0))
    nudging.turn(case, 90.0)
    assert carried(case, there) == pytest.approx((2.0, 13.0, 20.0))  # from the right of the screen downwards
    assert carried(case, (2.0, 10.0, 740.0)) == pytest.approx((2.0, 3.0, 20.0))


def test_what_was_registered_the_other_way_round_is_nudged_the_same_way() -> None:
    back = inverse(higher().matrix)
    case = beside(CT, PRIOR)
    align(case, Alignment((Registration("2.25.3", "1.8", "1.9", back),)))
    laid = case.alignment.between("1.9", "1.8")
    assert laid is not None
    before = laid.point_to_fixed((3, 4, 750))
    COMMANDS["registration-right"].run(case)
    laid = case.alignment.between("1.9", "1.8")
    assert laid is not None
    assert np.subtract(laid.point_to_fixed((3, 4, 750)), before) == pytest.approx((1, 0, 0))


def test_a_nudge_is_another_registration_that_nobody_accepted_and_is_taken_back_as_it_was() -> None:
    case = beside(CT, PRIOR)
    was = higher(accepted=True, made_by="Engine 1", quality=Quality("good"))
    by.found(case, was)
    COMMANDS["registration-left"].run(case)
    moved = now(case)
    assert moved.uid != was.uid and not moved.accepted and moved.quality is None
    assert moved.made_by == "Engine 1, moved by hand"
    COMMANDS["registration-left"].run(case)
    assert now(case).made_by == "Engine 1, moved by hand"
    COMMANDS["undo-registering"].run(case)
    assert now(case) is moved
    COMMANDS["registration-up"].run(case)
    COMMANDS["reset-registration"].run(case)
    assert now(case) is was
    COMMANDS["undo-registering"].run(case)
    assert now(case) is not was
    for _ in range(2):
        COMMANDS["undo-registering"].run(case)
    assert now(case) is was
    COMMANDS["undo-registering"].run(case)
    assert by.in_force(case) is None
    assert COMMANDS["undo-registering"].why_not(case)


def test_where_nothing_is_registered_hands_begin_with_the_middles_on_each_other() -> None:
    case = beside(CT, PRIOR)
    COMMANDS["registration-right"].run(case)
    assert CT.lattice is not None and PRIOR.lattice is not None
    expected = np.add(CT.lattice.center_lps, (1, 0, 0))
    assert carried(case, PRIOR.lattice.center_lps) == pytest.approx(tuple(expected))
    assert now(case).made_by.startswith("by hand")
    COMMANDS["reset-registration"].run(case)
    assert by.in_force(case) is None


def test_accepting_keeps_the_registration_and_what_a_document_says_stays_apart() -> None:
    case = beside(CT, PRIOR)
    by.found(case, higher())
    COMMANDS["accept-registration"].run(case)
    assert now(case).accepted and now(case).uid == "2.25.1"
    assert "already" in COMMANDS["accept-registration"].why_not(case)
    read = beside(CT, PRIOR)
    read.registering.saved = frozenset({"2.25.1"})
    by.found(read, higher())
    COMMANDS["accept-registration"].run(read)
    assert now(read).accepted and now(read).uid != "2.25.1"
    assert read.alignment.registrations[0].uid == "2.25.1"


def test_rejecting_lays_the_two_on_each_other_no_more() -> None:
    case = beside(CT, PRIOR)
    by.found(case, higher())
    COMMANDS["reject-registration"].run(case)
    assert case.alignment.between("1.9", "1.8") is None
    COMMANDS["undo-registering"].run(case)
    assert now(case).uid == "2.25.1"


def test_landmarks_are_clicked_in_pairs_and_fitted() -> None:
    case = beside(CT, PRIOR)
    points: list[Vec3] = [(0, 0, 0), (20, 0, 5), (0, 30, 10), (5, 5, 40)]
    there = [(x, y + 7, z + 720) for x, y, z in points]
    placed(case, ("1.9", points[0]), ("1.9", (1, 1, 1)), ("1.9", points[0]), ("1.8", there[0]))
    placed(case, ("1.8", there[1]), ("1.9", points[1]))
    assert "2" in COMMANDS["fit-landmarks"].why_not(case)
    placed(case, ("1.9", points[2]), ("1.8", there[2]), ("1.9", points[3]), ("1.8", there[3]))
    assert len(landmarks.pairs(case)) == 4
    assert landmarks.residuals_mm(case) == (None, None, None, None)
    COMMANDS["fit-landmarks"].run(case)
    assert now(case).matrix == pytest.approx(higher().matrix, abs=1e-9)
    assert landmarks.residuals_mm(case) == pytest.approx((0, 0, 0, 0), abs=1e-9)
    quality = now(case).quality
    assert quality is not None and quality.word == "good"
    assert not now(case).accepted and now(case).made_by.startswith("landmarks")


@pytest.mark.parametrize(("off_mm", "word"), [(4.0, "check"), (40.0, "poor")])
def test_landmarks_that_do_not_fit_say_so(off_mm: float, word: str) -> None:
    case = beside(CT, PRIOR)
    points: list[Vec3] = [(0, 0, 0), (40, 0, 5), (0, 50, 10), (5, 5, 40)]
    for n, (x, y, z) in enumerate(points):
        placed(case, ("1.9", (x, y, z)), ("1.8", (x + (off_mm * 2 if n == 3 else 0), y + 7, z + 720)))
    fit = landmarks.solve(case)
    quality = now(case).quality
    assert quality is not None and quality.word == word
    assert max(value or 0 for value in landmarks.residuals_mm(case)) == pytest.approx(max(fit.residuals_mm))


def test_where_one_tile_shows_both_the_second_click_is_on_the_moving_images() -> None:
    case = beside(CT, PRIOR)
    by.found(case, higher())
    placed(case, ("1.9", (1, 2, 3)), ("1.9", (4, 5, 6)))
    (mark,) = case.registering.landmarks
    assert mark.fixed == pytest.approx((1, 2, 3))
    assert mark.moving == pytest.approx((4, 12, 726))


def test_a_landmark_is_taken_away_and_others_frames_are_not_clicked() -> None:
    case = beside(CT, PRIOR)
    placed(case, ("1.77", (1, 2, 3)))
    assert case.registering.landmarks == ()
    placed(case, ("1.8", (1, 2, 3)))
    COMMANDS["remove-last-landmark"].run(case)
    assert case.registering.landmarks == ()


def test_a_drag_or_a_click_means_one_thing_at_a_time() -> None:
    case = beside(CT, stack("8", orientation=CORONAL, frame="1.8"))

    def means() -> tuple[bool, bool]:
        return case.registering.by_mouse, case.registering.placing

    COMMANDS["registration-by-mouse"].run(case)
    COMMANDS["place-landmarks"].run(case)
    assert means() == (False, True)
    COMMANDS["registration-by-mouse"].run(case)
    assert means() == (True, False)


def test_what_is_not_saved_is_there_again_when_a_parked_case_is_taken_up() -> None:
    case = beside(CT, PRIOR)
    quality = Quality("check", {"overlap": 0.7})
    by.found(case, higher(quality=quality, made_by="Engine 1", sources=("1", "2")))
    COMMANDS["accept-registration"].run(case)
    again = beside(CT, PRIOR)
    assert take_up(again, parked(case))
    found = now(again)
    assert (found.uid, found.accepted, found.quality, found.made_by) == ("2.25.1", True, quality, "Engine 1")
    assert found.matrix == pytest.approx(higher().matrix)
    COMMANDS["show-anyway"].run(case)
    assert take_up(again, parked(case))
    assert again.alignment.shown_anyway == case.alignment.shown_anyway
    case.registering.saved = frozenset({"2.25.1"})
    fresh = beside(CT, PRIOR)
    assert take_up(fresh, parked(case))
    assert fresh.alignment.registrations == ()


@pytest.mark.parametrize("bad", ['"matrix": [[1]]', '"kind": "folded"', '"quality": {"word": "fine", "numbers": {}}'])
def test_a_parked_registration_that_is_none_leaves_the_study_as_it_hangs(bad: str) -> None:
    case = beside(CT, PRIOR)
    by.found(case, higher())
    name = bad.partition(":")[0]
    document = json.loads(parked(case))
    document["registrations"][0] |= json.loads("{" + bad + "}")
    assert name.strip('"') in document["registrations"][0]
    again = beside(CT, PRIOR)
    assert not take_up(again, json.dumps(document))
    assert again.alignment.registrations == ()


def test_what_nobody_saved_is_told_when_the_case_is_left() -> None:
    case = beside(CT, PRIOR)
    assert by.left_behind(case) == ""
    by.found(case, higher())
    assert "not saved for others" in by.left_behind(case)
    case.registering.saved = frozenset({"2.25.1"})
    assert by.left_behind(case) == ""
    by.found(case, higher(uid="2.25.2", kind="deformable", field=wavy()))
    assert by.left_behind(case) == "A deformable registration that was not saved is gone."


@pytest.mark.parametrize("moved_before", [False, True])
@pytest.mark.parametrize("accepted", [False, True])
def test_reset_after_the_study_was_left_and_opened_again_brings_back_what_was_there(
    accepted: bool, moved_before: bool
) -> None:
    case = beside(CT, PRIOR)
    by.found(case, higher(made_by="Engine 1"))
    if moved_before:
        COMMANDS["registration-left"].run(case)
    if accepted:
        COMMANDS["accept-registration"].run(case)
    wanted = now(case).matrix if accepted else higher().matrix
    for _ in range(2):  # left and opened again once more, moved
        again = beside(CT, PRIOR)
        assert take_up(again, parked(case))
        COMMANDS["registration-up"].run(again)
        case = again
    COMMANDS["reset-registration"].run(case)
    assert now(case).matrix == pytest.approx(wanted, abs=1e-9) and now(case).accepted is accepted
    assert COMMANDS["reset-registration"].why_not(case)


def test_reset_after_reopening_brings_back_nothing_where_it_was_only_moved() -> None:
    case, again = beside(CT, PRIOR), beside(CT, PRIOR)
    COMMANDS["registration-right"].run(case)
    assert take_up(again, parked(case))
    COMMANDS["reset-registration"].run(again)
    assert by.in_force(again) is None
