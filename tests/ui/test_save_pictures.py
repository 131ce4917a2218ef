"""Pictures that leave the program, and images that are rejected: on the record, without names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.findings.made import finding
from tests.ui.conftest import settle
from tests.ui.test_window import at_rest
from workstation import jobs
from workstation.cache import files
from workstation.cache.index import Index
from workstation.documents import kos
from workstation.findings.finding import Kind
from workstation.paths import Home
from workstation.phantom.trunk import ADA
from workstation.security import acts
from workstation.security.acts import Entry
from workstation.ui.window import MainWindow


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    kept: list[Entry] = []
    monkeypatch.setattr(acts, "_record", kept.append)
    return kept


@pytest.fixture
def window(cache: Home, qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    made = MainWindow(cache, protocol="images")
    made.settings.set("export.folder", str(tmp_path / "out"))
    made.resize(1280, 800)
    made.show()
    made.open_study(ADA.study_instance_uid)
    yield at_rest(made)
    made.close()
    settle()


def done(window: MainWindow) -> str:
    """What was said once the job of saving has ended."""
    while window.saving.busy:
        jobs.drain(1.0)
    jobs.drain(0.0)
    return window.status.message.text()


def test_an_exported_picture_has_the_marks_and_names_nobody(
    window: MainWindow, record: list[Entry], tmp_path: Path
) -> None:
    window.run("export-a-picture")
    assert done(window).startswith(f"Exported to {tmp_path / 'out'}")
    (file,) = (tmp_path / "out").glob("*.png")
    name, ids = ADA.patient_name.split("^")[0].lower(), ADA.patient_id
    assert name not in file.name.lower() and ids not in file.name
    plain = QImage(str(file))
    assert plain.text("Description").endswith("not for diagnosis")
    assert name not in plain.text("Description").lower()
    case = window.reading.case
    assert case is not None
    tile = case.view(0)
    middle, frame = tile.plane.center_lps, tile.display_set.first.FrameOfReferenceUID if tile.display_set else None
    points = [middle, (middle[0] + 60.0, *middle[1:])]
    case.marks.add(finding(Kind.LENGTH, points, frame_of_reference_uid=frame))
    at_rest(window)
    window.run("export-a-picture")
    done(window)
    other = next(each for each in (tmp_path / "out").glob("*.png") if each != file)
    assert QImage(str(other)) != plain
    kinds = [(each.kind, each.outcome, each.study_instance_uid) for each in record]
    assert kinds[:2] == [(acts.Kind.EXPORT, outcome, ADA.study_instance_uid) for outcome in ("began", "done")]


def test_a_folder_that_cannot_be_written_is_said(window: MainWindow, record: list[Entry], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("no folder")
    window.run("export-a-picture")
    assert "Nothing can be written to" in done(window)
    assert [each.outcome for each in record if each.kind is acts.Kind.EXPORT] == ["began", "failed"]


def test_a_rejected_image_is_a_document_with_its_reason(window: MainWindow, record: list[Entry], cache: Home) -> None:
    case = window.reading.case
    assert case is not None
    window.saving.reject(case, kos.REJECTED_QUALITY, kos.REASONS[1])
    assert "Saved that this image is rejected (Motion blur)" in done(window)
    with Index(cache) as index:
        stored = index.instances(ADA.study_instance_uid)
    (digest,) = [each.digest for each in stored if each.instance.SOPClassUID == kos.KEY_OBJECTS]
    read = kos.read_selection(files.read(cache, digest))
    shown = case.view(0)
    assert shown.display_set is not None
    assert read.keys[0].sop_instance_uid == shown.display_set.images[shown.image].instance.SOPInstanceUID
    assert read.title == "Rejected for Quality Reasons" and not case.marks.keys
    assert (acts.Kind.REJECT, "done") in [(each.kind, each.outcome) for each in record]


def test_who_leaves_a_study_is_told_what_others_do_not_see_yet(window: MainWindow) -> None:
    case = window.reading.case
    assert case is not None
    case.marks.add(
        finding(Kind.LENGTH, [(0.0, 0.0, -55.5), (30.0, 0.0, -55.5)], study_instance_uid=ADA.study_instance_uid)
    )
    window.show_list()
    told = window.status.message.text()
    assert told.startswith("Kept here as drafts, not saved for others: 1 finding.") and "Ctrl+S" in told
    window.open_study(ADA.study_instance_uid)
    at_rest(window)
    again = window.reading.case
    assert again is not None and len(again.marks) == 1
    again.marks.remove(again.marks.findings[0].tracking_uid)
    window.show_list()
    assert window.status.message.text() == ""
