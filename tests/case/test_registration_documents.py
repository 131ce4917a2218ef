"""Registrations of the cache: other people's applied and not verified, ours there again, what cannot be said so."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.case.stacks import hung, tile
from tests.documents.test_registration import changed
from workstation.cache import files, rejected
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.case import registering as by
from workstation.case.registration_documents import read_registrations, save_registration, take_up
from workstation.case.state import Case
from workstation.documents.made import header_of
from workstation.documents.registration import spatial_registration
from workstation.errors import NotFound
from workstation.imaging.alignment import Registration
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries

MATRIX = np.array([[1.0, 0, 0, 4], [0, 1, 0, -5], [0, 0, 1, 6], [0, 0, 0, 1]])
Change = Callable[[Dataset], None]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two CT series of one study, each in a frame of reference of its own."""
    for number, name in enumerate(("one", "two"), start=1):
        grid = Grid((4, 10, 12), (-5.0, -4.0, 7.0 * number), (0.8, 0.9), 3.0)
        voxels = np.zeros(grid.shape, np.int16)
        write_series(PhantomSeries(voxels, grid, series_number=number, frame_of_reference=name), tmp_path / name)
    made = Home(tmp_path / "home").create()
    import_paths(made, [tmp_path / "one", tmp_path / "two"])
    return made


def sets_of(home: Home) -> dict[str, DisplaySet]:
    with Index(home) as index:
        (study,) = (each.study_instance_uid for each in index.studies())
        instances = [each.instance for each in index.instances(study) if each.instance.pixels is not None]
    found = sorted(display_sets(instances), key=lambda each: each.first.SeriesNumber or 0)
    return {each.key: each for each in found}


def case_of(sets: Mapping[str, DisplaySet]) -> Case:
    return hung([tile(each) for each in sets.values()], sets=tuple(sets.values()))


def frames(sets: Mapping[str, DisplaySet]) -> tuple[str, str]:
    one, other = (each.first.FrameOfReferenceUID for each in sets.values())
    return one, other


def registration(sets: Mapping[str, DisplaySet], **more: object) -> Registration:
    return Registration("2.25.31", *frames(sets), MATRIX, **more)  # type: ignore[arg-type]


def put(home: Home, folder: Path, made: Registration, change: Change = lambda dataset: None, name: str = "r") -> None:
    """Import an object that says a registration, changed first."""
    sets = sets_of(home)
    with Index(home) as index:
        digest = index.digest_of(next(iter(sets.values())).first.SOPInstanceUID)
    assert digest is not None
    images = [[ref.instance for ref in each.images] for each in sets.values()]
    data = spatial_registration(made, images[0], images[1], header_of(files.read(home, digest)))
    (folder / f"{name}.dcm").write_bytes(changed(data, change))
    import_paths(home, [folder / f"{name}.dcm"])


def elsewhere(dataset: Dataset) -> None:
    dataset.Manufacturer, dataset.ManufacturerModelName, dataset.SoftwareVersions = "Other", "Fuse", "7"


def test_another_makers_is_applied_when_the_study_is_opened_and_written_as_not_verified(
    home: Home, tmp_path: Path
) -> None:
    sets = sets_of(home)
    put(home, tmp_path, registration(sets, accepted=True), elsewhere)
    case = case_of(sets)
    documents, problems, _ = read_registrations(home, sets)
    assert take_up(case, documents) and problems == ()
    laid = case.alignment.between(*frames(sets))
    assert laid is not None and laid.said == "registered, not verified"
    assert laid.point_to_fixed((1, 2, 3)) == pytest.approx((5, -3, 9))
    assert documents[0].made_by == "Other Fuse 7"
    assert by.why_no_undo(case)
    assert not take_up(case, documents)


def test_what_a_reader_accepted_and_saved_is_there_again_and_counts_before_others(home: Home, tmp_path: Path) -> None:
    sets = sets_of(home)
    save_registration(home, registration(sets, accepted=True), sets, "", "Doe^Jane")
    put(home, tmp_path, Registration("2.25.32", *frames(sets), np.eye(4)), elsewhere)
    case = case_of(sets)
    documents, *_ = read_registrations(home, sets)
    assert take_up(case, documents)
    found = by.in_force(case)
    assert found is not None and found.accepted and found.uid == "2.25.31"
    assert found.matrix == pytest.approx(MATRIX)
    assert case.registering.saved == {"2.25.31", "2.25.32"}
    assert by.why_no_reset(case) == "Nothing was moved by hand."


def test_what_was_done_here_stays_in_force_when_documents_come(home: Home, tmp_path: Path) -> None:
    sets = sets_of(home)
    put(home, tmp_path, registration(sets), elsewhere)
    case = case_of(sets)
    own = Registration("2.25.40", *frames(sets), np.eye(4), accepted=True)
    by.found(case, own)
    assert take_up(case, read_registrations(home, sets)[0])
    assert by.in_force(case) is own
    assert len(case.alignment.registrations) == 2


def test_one_without_frames_of_reference_is_refused_with_the_sentence(home: Home, tmp_path: Path) -> None:
    def nameless(dataset: Dataset) -> None:
        del dataset.FrameOfReferenceUID

    sets = sets_of(home)
    put(home, tmp_path, registration(sets), nameless)
    documents, problems, _ = read_registrations(home, sets)
    assert documents == ()
    (sentence,) = problems
    assert "names no two frames of reference" in sentence


def test_nothing_is_saved_whose_images_are_not_here(home: Home) -> None:
    sets = sets_of(home)
    with pytest.raises(NotFound):
        save_registration(home, Registration("2.25.41", frames(sets)[0], "1.2.3", MATRIX), sets, "")


def test_one_that_was_rejected_does_not_come_back_until_that_is_taken_back(home: Home) -> None:
    sets = sets_of(home)
    save_registration(home, registration(sets, accepted=True), sets, "", "Doe^Jane")
    case = case_of(sets)
    documents, _, gone = read_registrations(home, sets)
    assert take_up(case, documents, gone) and gone == frozenset()
    by.reject(case)
    assert case.registering.rejected == {"2.25.31"}
    rejected.keep(home, case.registering.rejected)
    assert b"2.25.31" not in b"".join(each.read_bytes() + each.name.encode() for each in home.rejected.iterdir())
    again = case_of(sets)
    documents, _, gone = read_registrations(home, sets)
    assert gone == {"2.25.31"} and not take_up(again, documents, gone)
    assert by.in_force(again) is None and again.registering.rejected == gone
    by.undo(case)
    assert case.registering.rejected == frozenset() and by.in_force(case) is not None
    rejected.keep(home, (), ["2.25.31"])
    documents, _, gone = read_registrations(home, sets)
    assert take_up(again, documents, gone) is False  # known here already
    fresh = case_of(sets)
    assert take_up(fresh, documents, gone) and by.in_force(fresh) is not None


def test_what_was_rejected_leaves_an_older_one_in_force_at_the_next_opening(home: Home, tmp_path: Path) -> None:
    sets = sets_of(home)
    save_registration(home, registration(sets, accepted=True), sets, "", "Doe^Jane")
    put(home, tmp_path, Registration("2.25.32", *frames(sets), np.eye(4)), elsewhere)
    rejected.keep(home, ["2.25.31"])
    case = case_of(sets)
    documents, _, gone = read_registrations(home, sets)
    assert take_up(case, documents, gone)
    found = by.in_force(case)
    assert found is not None and found.uid == "2.25.32"
