"""Saving: documents in the cache, an errand in the outbox, and the same findings at the same places on reopening."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread

from workstation.cache import files
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.cache.outbox import Outbox, State
from workstation.case import save as saving
from workstation.case.drawing import Marks, tracking_uid
from workstation.case.drawing_drafts import keep, kept
from workstation.case.drawing_saved import CHANGED, NOT_SAVED, SAVED, Saved
from workstation.case.open import study_sets
from workstation.case.save import Done, save, to_save
from workstation.case.saved import documents_of, standing
from workstation.errors import Reason, Refused
from workstation.findings.finding import Finding, Kind, Source, Status
from workstation.findings.key_image import KeyImage, Purpose
from workstation.findings.measure import measured
from workstation.imaging.displaysets import DisplaySet
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.orientation import orientation_phantom


@pytest.fixture
def place(home: Path, tmp_path: Path) -> Home:
    """A home with one small study in it."""
    write_series(orientation_phantom()[0], tmp_path / "study")
    import_paths(Home(home).create(), [tmp_path / "study"])
    return Home(home)


@pytest.fixture
def sets(place: Home) -> tuple[DisplaySet, ...]:
    with Index(place) as index:
        (row,) = index.studies()
    return study_sets(place, row.study_instance_uid)[0]


def mark(sets: tuple[DisplaySet, ...], number: int, image: int = 2) -> Finding:
    """A length on an image, of points that single precision cannot hold."""
    shown = sets[0]
    grid, first = shown.image_grid(image), shown.images[image].instance
    points = grid.point((3.1, 4.7, 0.0)), grid.point((15.3 + number, 20.9, 0.0))
    frame = first.FrameOfReferenceUID or first.StudyInstanceUID
    source, study = (Source(first.SOPInstanceUID),), first.StudyInstanceUID
    made = Finding(tracking_uid(), number, Kind.LENGTH, points, frame, source, study, first.SeriesInstanceUID)
    return replace(made, values=measured(made, shown.images[image]))


def saved_once(place: Home, sets: tuple[DisplaySet, ...], marks: Marks, node: str = "PACS") -> Done:
    """What the window does: capture, save, take over what was saved."""
    (wanted,) = to_save(marks.findings, marks.keys, marks.saved, sets)
    done = save(place, wanted, node)
    marks.were_saved(done.findings, done.taken_over(marks.saved))
    return done


def test_what_was_saved_is_there_again(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks, study = Marks(), sets[0].study_instance_uid
    marks.add(mark(sets, 1))
    marks.add(mark(sets, 2))
    done = saved_once(place, sets, marks)
    assert done.findings_saved and not done.left and len(done.objects) == 1
    assert {each.status for each in marks} == {Status.CONFIRMED}
    assert [marks.saved.state(each) for each in marks] == [SAVED, SAVED]
    drafts, saved = standing(place, (study,), sets)
    assert drafts == marks.findings and saved.is_all(study, drafts)
    assert to_save(marks.findings, marks.keys, marks.saved, sets) == ()


def test_it_is_on_its_way_to_where_the_study_came_from(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks = Marks()
    marks.add(mark(sets, 1))
    done = saved_once(place, sets, marks, "PACS")
    (item,) = Outbox(place).due()
    assert (item.node, item.sop_instance_uids, item.state) == ("PACS", done.objects, State.WAITING)
    marks.add(mark(sets, 2))
    saved_once(place, sets, marks, "")
    assert len(Outbox(place).items()) == 1  # without a node it stays here


def test_a_document_is_superseded_and_never_changed(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks, study = Marks(), sets[0].study_instance_uid
    marks.add(mark(sets, 1))
    first = saved_once(place, sets, marks).objects[0]
    with Index(place) as index:
        before = index.digest_of(first)
    (found,) = marks.findings
    marks.change(replace(found, name="Node"))
    assert marks.saved.state(marks.findings[0]) == CHANGED
    second = saved_once(place, sets, marks).objects[0]
    with Index(place) as index:
        assert index.digest_of(first) == before
        later = dcmread(BytesIO(files.read(place, index.digest_of(second) or "")))
    (predecessor,) = later.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence
    assert predecessor.ReferencedSOPInstanceUID == first
    documents = documents_of(place, study, sets)
    assert [each.sop_instance_uid for each in documents.standing] == [second]
    assert [each.name for each in documents.saved.findings.values()] == ["Node"]


def test_undo_past_saving_is_a_change(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    """The document stays; a step back is no draft of what was saved, but of what differs from it."""
    marks, study = Marks(), sets[0].study_instance_uid
    marks.add(mark(sets, 1))
    marks.add(mark(sets, 2))
    saved_once(place, sets, marks)
    marks.undo()
    assert [marks.saved.state(each) for each in marks] == [SAVED]
    assert [each.number for each in marks.saved.removed(study, marks.drafts)] == [2]
    (wanted,) = to_save(marks.findings, marks.keys, marks.saved, sets)
    assert wanted.findings_changed
    marks.redo()
    assert to_save(marks.findings, marks.keys, marks.saved, sets) == ()


def test_drafts_lie_over_documents(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    """A finding that was changed, one that was removed and a new one are as they were left."""
    marks, study = Marks(), sets[0].study_instance_uid
    for number in (1, 2, 3):
        marks.add(mark(sets, number))
    saved_once(place, sets, marks)
    one, two, _ = marks.findings
    marks.change(replace(one, text="grew"))
    marks.remove(two.tracking_uid)
    marks.add(mark(sets, 4))
    keep(place, study, *marks.saved.of_drafts(study, marks.drafts))
    drafts, saved = standing(place, (study,), sets)
    assert drafts == marks.drafts
    assert [saved.state(each) for each in drafts if isinstance(each, Finding)] == [CHANGED, SAVED, NOT_SAVED]
    saved_once(place, sets, marks)
    keep(place, study, *marks.saved.of_drafts(study, marks.drafts))
    assert kept(place, study) == ()
    assert standing(place, (study,), sets)[0] == marks.drafts


def test_removing_the_last_finding_is_saved_too(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks, study = Marks(), sets[0].study_instance_uid
    marks.add(mark(sets, 1))
    saved_once(place, sets, marks)
    marks.remove(marks.findings[0].tracking_uid)
    saved_once(place, sets, marks)
    assert standing(place, (study,), sets)[0] == ()


def test_key_images(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks, study = Marks(), sets[0].study_instance_uid
    names = [each.instance.SOPInstanceUID for each in sets[0].images]
    for image in (4, 1):
        marks.flag(KeyImage(study, sets[0].series_instance_uid, names[image]))
    done = saved_once(place, sets, marks)
    assert done.keys_saved and not done.findings_saved and len(done.objects) == 1
    drafts, saved = standing(place, (study,), sets)
    assert set(drafts) == set(marks.keys) == saved.keys
    marks.flag(marks.keys[0])
    saved_once(place, sets, marks)
    (left,) = standing(place, (study,), sets)[0]
    assert isinstance(left, KeyImage) and left.sop_instance_uid == names[1]
    marks.flag(left)
    keep(place, study, *marks.saved.of_drafts(study, marks.drafts))
    assert standing(place, (study,), sets)[0] == ()  # taken back and not saved: it does not come again by itself


def test_key_images_are_saved_by_what_they_are_for(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    """One selection a purpose; those of one time stand for all of an earlier one, so that what moved is not twice."""
    marks, study = Marks(), sets[0].study_instance_uid
    names = [each.instance.SOPInstanceUID for each in sets[0].images]
    for image in (4, 1, 2):
        marks.flag(KeyImage(study, sets[0].series_instance_uid, names[image]))
    marks.retitle(marks.keys[1], Purpose.SURGERY)
    assert len(saved_once(place, sets, marks).objects) == 2
    drafts, saved = standing(place, (study,), sets)
    assert set(drafts) == set(marks.keys) == saved.keys
    assert {each.purpose for each in saved.keys} == {Purpose.OF_INTEREST, Purpose.SURGERY}
    marks.retitle(marks.keys[1], Purpose.OF_INTEREST)
    assert len(saved_once(place, sets, marks).objects) == 1
    assert standing(place, (study,), sets)[1].keys == frozenset(marks.keys)
    marks.undo()
    keep(place, study, *marks.saved.of_drafts(study, marks.drafts))
    assert set(standing(place, (study,), sets)[0]) == set(marks.keys)  # what for is kept as a draft too
    marks.flag(replace(marks.keys[1], purpose=Purpose.TEACHING))
    assert len(marks.keys) == 2  # the image is taken back whatever it was for


def test_nothing_is_saved_in_part(place: Home, sets: tuple[DisplaySet, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full keeps the drafts and promises nothing to anybody."""

    def full(*_: object, **__: object) -> None:
        raise Refused(Reason.DISK_FULL)

    marks, study = Marks(), sets[0].study_instance_uid
    marks.add(mark(sets, 1))
    keep(place, study, marks.drafts)
    monkeypatch.setattr(saving.ingest, "receive", full)
    with pytest.raises(Refused):
        saved_once(place, sets, marks)
    assert Outbox(place).items() == () and kept(place, study) == marks.drafts
    assert [marks.saved.state(each) for each in marks] == [NOT_SAVED]


def test_a_promise_of_nothing_is_forgotten(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    """Killed between outbox and cache: the drafts are there, and the next saving clears what was promised."""
    marks, study = Marks(), sets[0].study_instance_uid
    lost = Outbox(place).put(study, ["2.25.77"], "PACS")
    Outbox(place).change(lost.key, State.FAILED, "1 of its objects are not in the cache")
    marks.add(mark(sets, 1))
    done = saved_once(place, sets, marks)
    assert [each.sop_instance_uids for each in Outbox(place).items()] == [done.objects]


def test_what_has_no_place_stays_a_draft(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks = Marks()
    marks.add(mark(sets, 1))
    marks.add(replace(mark(sets, 2), sources=(Source("2.25.404"),)))
    done = saved_once(place, sets, marks)
    assert [each.number for each in done.left] == [2]
    assert [marks.saved.state(each) for each in marks] == [SAVED, NOT_SAVED]


def test_what_others_wrote_and_somebody_removed_does_not_come_back(place: Home, sets: tuple[DisplaySet, ...]) -> None:
    marks, study = Marks(), sets[0].study_instance_uid
    theirs = replace(mark(sets, 1), document_uid="2.25.99")
    marks.take_up([theirs], Saved({theirs.tracking_uid: theirs}))
    marks.remove(theirs.tracking_uid)
    marks.add(mark(sets, 2))
    saved_once(place, sets, marks)
    left, known, _ = marks.saved.of_drafts(study, marks.drafts)
    assert [each.number for each in left if isinstance(each, Finding)] == [2]
    assert theirs.tracking_uid in known
