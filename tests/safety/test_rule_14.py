"""Rule 14: a result of an algorithm names algorithm and version and is never mixed with the reader's own."""

from dataclasses import replace

import pytest

from tests.case.stacks import beside
from tests.case.test_save import place, sets
from tests.case.test_save_segments import block, from_elsewhere, of_others, saved_all
from workstation.case.overlay_reading import read_overlays
from workstation.case.painting import Painting, Tool
from workstation.case.save import save_object
from workstation.case.saved import standing
from workstation.case.segmenting import put, stroke
from workstation.case.taking_over import copied
from workstation.findings.finding import Status
from workstation.findings.segment import Algorithm, Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.swept import one_voxel
from workstation.jobs import Job
from workstation.paths import Home

__all__ = ["place", "sets"]


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
