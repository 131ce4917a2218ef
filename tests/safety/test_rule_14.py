"""Rule 14: a result of an algorithm names algorithm and version and is never mixed with the reader's own."""

from dataclasses import replace

import numpy as np
import pytest

from tests.case.stacks import beside, stack
from tests.case.test_save import place, sets
from tests.case.test_save_segments import block, from_elsewhere, of_others, saved_all
from tests.documents.test_registration import source
from workstation.case import registering
from workstation.case.commands import COMMANDS
from workstation.case.overlay_reading import read_overlays
from workstation.case.painting import Painting, Tool
from workstation.case.save import save_object
from workstation.case.saved import standing
from workstation.case.segmenting import put, stroke
from workstation.case.taking_over import copied
from workstation.documents.registration import spatial_registration
from workstation.documents.registration_read import read_registration
from workstation.findings.finding import Status
from workstation.findings.segment import Algorithm, Segment
from workstation.imaging.alignment import Quality, Registration
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.swept import one_voxel
from workstation.jobs import Job
from workstation.paths import Home

__all__ = ["place", "sets"]


def test_a_registration_names_what_made_it_and_says_when_a_hand_moved_it() -> None:
    scans = stack("1", frame="1.9"), stack("9", frame="1.8", study="1.0")
    case = beside(*scans)
    by_algorithm = Registration("2.25.1", "1.9", "1.8", np.eye(4), made_by="Net 3.1", quality=Quality("good"))
    registering.found(case, by_algorithm)
    images = [[ref.instance for ref in each.images] for each in scans]
    (read,) = read_registration(spatial_registration(by_algorithm, images[0], images[1], source())).registrations
    assert read.made_by == "Net 3.1" and not read.accepted
    COMMANDS["registration-right"].run(case)
    moved = registering.in_force(case)
    assert moved is not None and moved.made_by == "Net 3.1, moved by hand" and moved.quality is None
    (read,) = read_registration(spatial_registration(moved, images[0], images[1], source())).registrations
    assert read.made_by == "Net 3.1, moved by hand"


@pytest.fixture
def found(place: Home, sets: tuple[DisplaySet, ...]) -> Segment:
    """What an algorithm found, in the cache."""
    segment = replace(block(sets, 3, "Liver"), algorithm=Algorithm.AUTOMATIC, algorithm_name="OrganNet")
    save_object(place, segment.study_instance_uid, of_others(from_elsewhere(place, sets, segment)), "")
    return segment


def test_what_an_algorithm_found_is_beside_the_readers_own_and_names_it(
    place: Home, sets: tuple[DisplaySet, ...], found: Segment
) -> None:
    assert standing(place, (found.study_instance_uid,), sets)[0] == ()
    ((overlay,), problems) = read_overlays(place, {each.key: each for each in sets})
    assert problems == () and overlay.made_by.split()[0] == "OrganNet" and len(overlay.made_by.split()) == 2
    assert overlay.title == f"Liver  (by {overlay.made_by})" and not overlay.shown


def test_a_copy_says_so_through_editing_and_saving_and_the_original_stays(
    place: Home, sets: tuple[DisplaySet, ...], found: Segment
) -> None:
    ((overlay,), _) = read_overlays(place, {each.key: each for each in sets})
    case = beside(sets[0])
    case.overlays.put([overlay])
    work = copied(case, overlay)
    put(case, work, work.run(Job(""), work.segment.mask))
    (copy,) = case.marks.segments
    assert (copy.algorithm, copy.status) == (Algorithm.AUTOMATIC, Status.FROM_AI)
    added = one_voxel(copy.mask.grid, copy.mask.grid.point((12, 12, 4)))
    assert added is not None
    edit = stroke(copy, added, Tool.BRUSH, Painting(), None)
    put(case, edit, edit.run(Job(""), copy.mask))
    saved_all(place, sets, case.marks)
    (mine,) = (each for each in standing(place, (found.study_instance_uid,), sets)[0] if isinstance(each, Segment))
    assert mine.mask.count == found.mask.count + 1 and mine.algorithm is Algorithm.SEMIAUTOMATIC
    assert mine.algorithm_name == overlay.made_by and overlay.made_by in mine.origin
    assert mine.tracking_uid != found.tracking_uid
    ((again,), _) = read_overlays(place, {each.key: each for each in sets})
    assert again.uid == overlay.uid and isinstance(again.what, Segment) and again.what.mask == found.mask
