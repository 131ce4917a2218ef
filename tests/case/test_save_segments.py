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
from workstation.case.save import Done, save, save_object, to_save
from workstation.case.save_segments import changed_groups, written
from workstation.case.saved import documents_of, standing
from workstation.cli import main
from workstation.documents.made import header_of
from workstation.documents.sr.volumes import Referred
from workstation.documents.sr.write import Document
from workstation.documents.sr.write import written as written_report
from workstation.findings.finding import Source, Status, Value
from workstation.findings.segment import COLOURS, Algorithm, Look, Segment, colour_of
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
    first, _ = saved_all(place, sets, marks).objects
    with Index(place) as index:
        before = index.digest_of(first)
    bigger = replace(marks.segments[0], mask=block(sets, 1, size=4).mask)
    marks.change_segments(bigger)
    assert [marks.saved.state(each) for each in marks.segments] == [CHANGED, SAVED]
    second, _ = saved_all(place, sets, marks).objects
    with Index(place) as index:
        assert index.digest_of(first) == before
        old, new = (dcmread(BytesIO(files.read(place, index.digest_of(each) or ""))) for each in (first, second))
    assert old.SeriesInstanceUID == new.SeriesInstanceUID
    assert (old.InstanceNumber, new.InstanceNumber) == (1, 2)
    (stands,) = documents_of(place, study, sets).segmented
    assert stands.sop_instance_uid == second and stands.segments[0].mask.count == 2 * 4 * 4


def test_two_programs_that_save_leave_one_series_with_all(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    """Neither had seen what the other made; nothing of either is lost, and the next save brings both together."""
    study = sets[0].study_instance_uid
    one, other = Marks(), Marks()
    one.put_segments([block(sets, 1, "Mine")])
    other.put_segments([block(sets, 2, "Theirs")])
    one.add(mark(sets, 1))
    other.add(mark(sets, 2))
    saved_all(place, sets, one)
    saved_all(place, sets, other)
    (stands,) = documents_of(place, study, sets).segmented
    assert {each.name for each in stands.segments} == {"Mine", "Theirs"} and stands.instance_number == 2
    (report,) = documents_of(place, study, sets).standing
    both = {one.findings[0].tracking_uid, other.findings[0].tracking_uid}
    assert {each.tracking_uid for each in report.findings} == both and len(report.segments) == 2
    one.change_segments(replace(one.segments[0], name="Mine again"))
    saved_all(place, sets, one)
    (stands,) = documents_of(place, study, sets).segmented
    assert {each.name for each in stands.segments} == {"Mine again", "Theirs"}
    told = [each for each in standing(place, (study,), sets)[0] if isinstance(each, Segment)]
    assert len(told) == 2 and sorted(each.number for each in told) == [1, 2]


def from_elsewhere(place: Home, sets: tuple[DisplaySet, ...], segment: Segment) -> bytes:
    """A segmentation that another workstation wrote without having seen any here."""
    (group,) = changed_groups(segment.study_instance_uid, [segment], Marks().saved)
    with Index(place) as index:
        digests = {e.instance.SOPInstanceUID: e.digest for e in index.instances(segment.study_instance_uid)}
    return written(place, group, (), sets, digests, lambda: None).data


def test_two_series_for_one_become_one(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    """Two workstations began beside each other: what is saved next takes the place of both."""
    study, marks = sets[0].study_instance_uid, Marks()
    for number, name in ((1, "Here"), (2, "There")):
        save_object(place, study, from_elsewhere(place, sets, block(sets, number, name)), "")
    assert len({each.series_instance_uid for each in documents_of(place, study, sets).segmented}) == 2
    drafts, saved = standing(place, (study,), sets)
    marks.take_up(drafts, saved)
    there = next(each for each in marks.segments if each.name == "There")
    marks.change_segments(replace(there, name="Everywhere"))
    saved_all(place, sets, marks)
    (stands,) = documents_of(place, study, sets).segmented
    assert {each.name for each in stands.segments} == {"Here", "Everywhere"}
    assert len(stands.supersedes) == 2


def test_the_report_says_the_numbers_of_segments(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    """Those that were not worked out yet are worked out as it is saved; reopened they are there without any voxel."""
    marks, study = Marks(), sets[0].study_instance_uid
    marks.put_segments([block(sets, 4, "Cyst"), block(sets, 2)])
    done = saved_all(place, sets, marks)
    assert not done.findings_saved
    seg, sr = done.objects
    read = next(each for each in documents_of(place, study, sets).standing if each.sop_instance_uid == sr)
    assert [(each.sop_instance_uid, each.segment_number, each.number) for each in read.segments] == [
        (seg, 1, 4),
        (seg, 2, 2),
    ]
    x, y, z = marks.segments[0].mask.grid.spacing
    (volume,) = [each for each in read.segments[0].values if each.name == "Volume"]
    assert volume.value == pytest.approx(18 * x * y * z / 1000, rel=1e-12) and volume.unit == "ml"
    drafts, _ = standing(place, (study,), sets)
    assert [(each.number, each.values) for each in drafts if isinstance(each, Segment)] == [
        (each.number, each.values) for each in marks.segments
    ]
    marks.remove_segments(marks.segments[0].tracking_uid)
    saved_all(place, sets, marks)
    (now,) = documents_of(place, study, sets).standing
    assert [each.number for each in now.segments] == [2] and now.supersedes == (sr,)


def test_a_finding_alone_says_the_segments_that_stand_too(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks, study = Marks(), sets[0].study_instance_uid
    marks.put_segments([block(sets, 1, "Cyst")])
    seg, _ = saved_all(place, sets, marks).objects
    marks.add(mark(sets, 1))
    (sr,) = saved_all(place, sets, marks).objects
    (now,) = documents_of(place, study, sets).standing
    assert now.sop_instance_uid == sr and len(now.findings) == 1
    assert [(each.sop_instance_uid, each.name) for each in now.segments] == [(seg, "Cyst")]


def of_others(data: bytes) -> bytes:
    """The same object as another maker's."""
    dataset, stream = dcmread(BytesIO(data)), BytesIO()
    dataset.Manufacturer = "Another"
    dataset.save_as(stream)
    return stream.getvalue()


def test_what_others_measured_in_a_segment_is_a_finding_at_its_place(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    study, segment = sets[0].study_instance_uid, block(sets, 3, "Liver")
    data = from_elsewhere(place, sets, segment)
    header = dcmread(BytesIO(data), stop_before_pixels=True)
    values = (Value("Volume", 1.5, "ml"), Value("Mean", 55.0, "HU"))
    refers = Referred(
        replace(segment, values=values, algorithm=Algorithm.AUTOMATIC, algorithm_name="Net"),
        header.SOPClassUID,
        header.SOPInstanceUID,
        header.SeriesInstanceUID,
        1,
    )
    with Index(place) as index:
        stored = next(each for each in index.instances(study) if each.instance.pixels)
        source = header_of(files.read(place, stored.digest))
    images = {stored.instance.SOPInstanceUID: stored.instance}
    report = written_report([], Document(source, images, lambda source: None, segments=[refers]))
    save_object(place, study, of_others(report), "")
    (left,) = documents_of(place, study, sets).measured
    assert left.left == ("Liver",) and not left.findings
    save_object(place, study, of_others(data), "")
    (finding,) = documents_of(place, study, sets).saved.findings.values()
    assert (finding.name, finding.status, finding.author) == ("Liver", Status.FROM_AI, "Net")
    assert [(each.name, each.value, each.unit) for each in finding.values] == [
        ("Volume", 1.5, "ml"),
        ("Mean", 55.0, "HU"),
    ]
    i, j, k = (round(each) for each in segment.mask.grid.index(finding.points[0]))
    assert segment.mask.array()[k, j, i]
    assert finding.sources == (Source(sets[0].images[k].instance.SOPInstanceUID, sets[0].images[k].frame),)
    assert not [each for each in standing(place, (study,), sets)[0] if isinstance(each, Segment)]


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


def test_how_segments_are_shown_is_kept_here_and_is_nothing_to_save(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    """Number and colour stand in documents; hidden, locked, lines and opacity in this home."""
    marks, study = Marks(), sets[0].study_instance_uid
    marks.put_segments([replace(block(sets, 5), colour=COLOURS[2]), block(sets, 2, "Cyst")])
    saved_all(place, sets, marks)
    shown = Look(hidden=True, locked=True, outline_only=True, opacity=0.75)
    marks.change_segments(marks.segments[0].looking(shown))
    assert to_save(marks.findings, marks.keys, marks.saved, sets, marks.segments) == ()
    keep(place, study, *marks.saved.of_drafts(study, marks.drafts))
    assert kept(place, study) == ()
    drafts, _ = standing(place, (study,), sets)
    assert drafts == marks.drafts
    assert (marks.segments[0].number, marks.segments[0].colour, marks.segments[0].look) == (5, COLOURS[2], shown)


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
