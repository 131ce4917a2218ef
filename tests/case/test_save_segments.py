"""Segments saved: one segmentation a series, in place of the one before, and editable when the study opens again."""

import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread

from tests.case.test_save import mark, place, sets
from workstation.cache import files
from workstation.cache.index import Index
from workstation.cache.outbox import Outbox
from workstation.case.drawing import Marks, tracking_uid
from workstation.case.drawing_drafts import keep, kept
from workstation.case.drawing_saved import CHANGED, NOT_SAVED, SAVED
from workstation.case.save import Done, save, to_save
from workstation.case.saved import documents_of, standing
from workstation.cli import main
from workstation.findings.finding import Status
from workstation.findings.segment import Segment, colour_of
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.masks import Mask
from workstation.paths import Home

__all__ = ["place", "sets"]


def block(sets: tuple[DisplaySet, ...], number: int, name: str = "", size: int = 3) -> Segment:
    """A cube of voxels, elsewhere for each number."""
    shown = sets[0]
    assert shown.grid is not None
    mask = Mask.part(shown.grid, np.ones((2, size, size), np.bool_), (1, 2 * number, 1))
    first = shown.first
    return Segment(
        tracking_uid(),
        number,
        mask,
        first.StudyInstanceUID,
        first.SeriesInstanceUID,
        first.FrameOfReferenceUID or "",
        colour_of(number),
        name,
    )


def saved_all(place: Home, sets: tuple[DisplaySet, ...], marks: Marks, node: str = "PACS") -> Done:
    """What the window does."""
    (wanted,) = to_save(marks.findings, marks.keys, marks.saved, sets, marks.segments)
    done = save(place, wanted, node)
    said = {each.tracking_uid: each for each in done.segments}
    marks.were_saved(done.findings, done.taken_over(marks.saved), said)
    keep(place, sets[0].study_instance_uid, *marks.saved.of_drafts(sets[0].study_instance_uid, marks.drafts))
    return done


def test_what_was_saved_is_there_again_to_be_edited(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks, study = Marks(), sets[0].study_instance_uid
    marks.put_segments([block(sets, 1, "Left kidney"), block(sets, 3)])
    marks.add(mark(sets, 1))
    done = saved_all(place, sets, marks)
    assert done.segments_saved and done.findings_saved and len(done.objects) == 2 and not done.segments_left
    assert [marks.saved.state(each) for each in marks.segments] == [SAVED, SAVED]
    assert {each.status for each in marks.segments} == {Status.CONFIRMED}
    assert kept(place, study) == ()
    (item,) = Outbox(place).due()
    assert item.sop_instance_uids == done.objects
    drafts, saved = standing(place, (study,), sets)
    assert [each for each in drafts if isinstance(each, Segment)] == list(marks.segments)
    assert saved.is_all(study, drafts)
    assert to_save(marks.findings, marks.keys, saved, sets, marks.segments) == ()


def test_a_later_one_takes_its_place_and_the_old_one_is_kept(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks, study = Marks(), sets[0].study_instance_uid
    marks.put_segments([block(sets, 1), block(sets, 2)])
    (first,) = saved_all(place, sets, marks).objects
    with Index(place) as index:
        before = index.digest_of(first)
    bigger = replace(marks.segments[0], mask=block(sets, 1, size=4).mask)
    marks.change_segments(bigger)
    assert [marks.saved.state(each) for each in marks.segments] == [CHANGED, SAVED]
    (second,) = saved_all(place, sets, marks).objects
    with Index(place) as index:
        assert index.digest_of(first) == before
        old, new = (dcmread(BytesIO(files.read(place, index.digest_of(each) or ""))) for each in (first, second))
    assert old.SeriesInstanceUID == new.SeriesInstanceUID
    assert (old.InstanceNumber, new.InstanceNumber) == (1, 2)
    (stands,) = documents_of(place, study, sets).segmented
    assert stands.sop_instance_uid == second and stands.segments[0].mask.count == 2 * 4 * 4


def test_drafts_lie_over_segmentations(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    """Killed after a change, a removal and a new one: all are as they were left."""
    marks, study = Marks(), sets[0].study_instance_uid
    marks.put_segments([block(sets, number) for number in (1, 2, 3)])
    saved_all(place, sets, marks)
    marks.remove_segments(marks.segments[1].tracking_uid)
    marks.put_segments([replace(marks.segments[0], name="Cyst"), marks.segments[1], block(sets, 4)])
    keep(place, study, *marks.saved.of_drafts(study, marks.drafts))
    drafts, saved = standing(place, (study,), sets)
    assert drafts == marks.drafts
    assert [saved.state(each) for each in drafts if isinstance(each, Segment)] == [CHANGED, SAVED, NOT_SAVED]


def test_that_the_last_was_removed_is_saved_too(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks, study = Marks(), sets[0].study_instance_uid
    marks.put_segments([block(sets, 1)])
    saved_all(place, sets, marks)
    marks.put_segments([])
    done = saved_all(place, sets, marks)
    assert done.segments_saved and not done.segments
    assert standing(place, (study,), sets)[0] == ()
    assert to_save(marks.findings, marks.keys, marks.saved, sets, marks.segments) == ()
    marks.put_segments([block(sets, 2)])
    saved_all(place, sets, marks)
    assert standing(place, (study,), sets)[0] == marks.drafts


def test_what_lies_on_no_stack_stays_a_draft(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks = Marks()
    grid = replace(block(sets, 1).mask.grid, origin_lps=(500.0, 0.0, 0.0))
    marks.put_segments([block(sets, 1), replace(block(sets, 2), mask=Mask(grid, block(sets, 2).mask.planes))])
    done = saved_all(place, sets, marks)
    assert [each.number for each in done.segments_left] == [2]
    assert [marks.saved.state(each) for each in marks.segments] == [SAVED, NOT_SAVED]


def test_the_command_line_lists_them(
    place: Home, sets: tuple[DisplaySet, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    marks = Marks()
    marks.put_segments([block(sets, 1, "Cyst")])
    saved_all(place, sets, marks)
    assert main(["findings", "1", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["segments"]
    assert (told["name"], told["saved"], told["voxels"]) == ("Cyst", "saved", 18)
    spacing = marks.segments[0].mask.grid.spacing
    assert told["volume_ml"] == pytest.approx(18 * spacing[0] * spacing[1] * spacing[2] / 1000)
