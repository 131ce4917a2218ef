"""What was moved within its frame of reference is saved, and there again in the next case; statistics heed it."""

from pathlib import Path

import numpy as np
import pytest

from tests.case.test_registration_documents import case_of, sets_of
from tests.case.test_save import mark, saved_once
from workstation.cache import files, rejected
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.case import nudging, parting
from workstation.case import registering as by
from workstation.case.drawing_saved import SAVED
from workstation.case.regions import Regions
from workstation.case.registration_documents import as_registered, read_registrations, save_registration, take_up
from workstation.case.saved import standing
from workstation.case.state import Case
from workstation.errors import Reason, Refused
from workstation.findings.finding import Finding
from workstation.findings.roi import check
from workstation.findings.structures import Contour, Structure
from workstation.imaging.alignment import Standing, own_frame
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.parted import frame_in
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three CT series of one study and one frame of reference."""
    for number in (1, 2, 3):
        grid = Grid((4, 10, 12), (-5.0, -4.0, 7.0), (0.8, 0.9), 3.0)
        series = PhantomSeries(np.zeros(grid.shape, np.int16), grid, series_number=number)
        write_series(series, tmp_path / str(number))
    made = Home(tmp_path / "home").create()
    import_paths(made, [tmp_path / str(number) for number in (1, 2, 3)])
    return made


def first_two(case: Case) -> tuple[DisplaySet, DisplaySet]:
    fixed, moving, _ = case.sets.values()
    return fixed, moving


def saved(home: Home) -> str:
    """The second series moved on the first, accepted and kept; its UID."""
    case = case_of(sets_of(home))
    fixed, moving = first_two(case)
    by.choose(case, fixed.key, moving.key)
    parting.part(case)
    nudging.nudge(case, 4.0, -5.0, 6.0)
    by.accept(case)
    made = by.in_force(case)
    assert made is not None
    save_registration(home, made, case.sets, "", "Doe^Jane")
    return made.uid


def opened(home: Home) -> Case:
    sets = sets_of(home)
    case = case_of(sets)
    documents, problems, gone = read_registrations(home, sets)
    assert problems == ()
    take_up(case, documents, gone)
    return case


def test_it_is_there_again_accepted_and_moves_no_other(home: Home) -> None:
    uid = saved(home)
    case = opened(home)
    fixed, moving, third = case.sets.values()
    frames = [each.first.FrameOfReferenceUID for each in (fixed, moving, third)]
    assert frames == [frames[0], own_frame(frames[0], moving.series_instance_uid), frames[0]]
    laid = case.alignment.between(frames[0], frames[1])
    assert laid is not None and laid.standing is Standing.ACCEPTED and laid.uid == uid
    assert laid.point_to_fixed((1, 2, 3)) == pytest.approx((5, -3, 9))
    again = read_registrations(home, case.sets)  # from the sets as they lie by now
    assert not take_up(case, *again[::2]) and again[1] == ()
    by.reject(case)
    assert {each.first.FrameOfReferenceUID for each in case.sets.values()} == {frames[0]}


def test_a_region_is_not_counted_in_what_lies_elsewhere_by_then(home: Home) -> None:
    uid = saved(home)
    sets = tuple(sets_of(home).values())
    square = np.array([[-4.0, -3.0, 10.0], [0.0, -3.0, 10.0], [0.0, 0.0, 10.0], [-4.0, 0.0, 10.0]])
    frame = sets[0].first.FrameOfReferenceUID
    structure = Structure(1, "Node", (1, 2, 3), frame, (Contour(square),))
    for own, fits in ((0, (True, False, True)), (1, (False, True, False))):
        drawn_on = sets[own].series_instance_uid
        there = as_registered(home, sets)
        read = Regions("1.2", "", "structures", (structure,), drawn_on=drawn_on).placed(frame_in(there))
        for each, wanted in zip(there, fits, strict=True):
            if wanted:
                check(each, read.regions[0])
            else:
                with pytest.raises(Refused) as caught:
                    check(each, read.regions[0])
                assert caught.value.reason is Reason.OTHER_FRAME
    rejected.keep(home, frozenset({uid}), frozenset())
    assert as_registered(home, sets) == sets


def test_what_was_drawn_on_it_is_written_in_the_frame_its_images_name(home: Home) -> None:
    saved(home)
    case = opened(home)
    _, moving, _ = case.sets.values()
    case.marks.add(mark(tuple(case.sets.values())[1:], 1))
    (drawn,) = case.marks.findings
    assert drawn.frame_of_reference_uid == moving.first.FrameOfReferenceUID == own_frame(
        drawn.frame_of_reference_uid or "", moving.series_instance_uid
    )  # fmt: skip
    done = saved_once(home, tuple(case.sets.values()), case.marks, "")
    with Index(home) as index:
        written = files.read(home, index.digest_of(done.objects[0]) or "")
    assert b"\\" + moving.series_instance_uid.encode() not in written
    assert case.marks.saved.state(case.marks.findings[0]) == SAVED
    for sets in (sets_of(home), case.sets):
        there = tuple(sets.values())
        ((found,), _) = standing(home, (moving.study_instance_uid,), there)
        assert isinstance(found, Finding)
        assert found.frame_of_reference_uid == there[1].first.FrameOfReferenceUID
