"""`import_paths`: everything that was given is stored, already stored, or refused with a reason."""

import io
import zipfile
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct, folder_of
from workstation.cache import files, importer
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.errors import Cancelled, Reason
from workstation.paths import Home

MANY = 40


def many(folder: Path, count: int = MANY) -> Path:
    return folder_of(folder, {f"{number:03}.dcm": ct(number) for number in range(1, count + 1)})


@pytest.mark.parametrize("count", [3, MANY])  # read here, read in worker processes
def test_a_folder_is_imported_once(home: Home, tmp_path: Path, count: int) -> None:
    source = many(tmp_path / "source", count)
    first = import_paths(home, [source])
    assert (first.stored, first.already_stored, first.refused, first.studies) == (count, 0, (), (f"{STUDY}.1",))
    second = import_paths(home, [str(source)])
    assert (second.stored, second.already_stored, second.refused) == (0, count, ())
    assert second.studies == first.studies
    with Index(home) as index:
        stored = index.instances(f"{STUDY}.1")
        assert [files.read(home, each.digest) for each in stored] == [ct(number) for number in range(1, count + 1)]


def test_everything_that_is_no_object_is_listed(home: Home, tmp_path: Path) -> None:
    source = many(tmp_path / "source", 20)
    folder_of(source, {"README": b"once upon a time", "cut.dcm": ct(30)[:350], "empty": b""})
    report = import_paths(home, [source, tmp_path / "nothing"])
    assert report.stored == 20
    assert report.refused == (
        (str(tmp_path / "nothing"), Reason.MISSING),
        (str(source / "README"), Reason.NOT_DICOM),
        (str(source / "cut.dcm"), Reason.TRUNCATED),
        (str(source / "empty"), Reason.NOT_DICOM),
    )


def test_archives_are_imported_like_folders(home: Home, tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"deep/{number}", ct(number))
        archive.writestr("notes.txt", b"notes")
    folder_of(tmp_path / "source", {"a.zip": stream.getvalue()})
    report = import_paths(home, [tmp_path / "source"])
    assert report.stored == 20
    assert report.refused == ((str(tmp_path / "source" / "a.zip" / "notes.txt"), Reason.NOT_DICOM),)


def test_the_same_object_twice_in_one_import_is_stored_once(home: Home, tmp_path: Path) -> None:
    source = folder_of(tmp_path / "source", {"a": ct(1), "b": ct(1), "c/d": ct(1)})
    report = import_paths(home, [source])
    assert (report.stored, report.already_stored, report.refused) == (1, 2, ())


def test_progress_counts_to_the_end(home: Home, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    import_paths(home, [many(tmp_path / "source")], lambda done, total: seen.append((done, total)))
    assert seen[-1] == (MANY, MANY)
    done = [number for number, total in seen if total]
    assert done == sorted(done)


@pytest.mark.parametrize("count", [6, MANY])
def test_it_stops_when_asked_and_goes_on_from_there(home: Home, tmp_path: Path, count: int) -> None:
    source = many(tmp_path / "source", count)

    def stop(done: int, total: int) -> None:
        if done >= 4:
            raise Cancelled

    first = import_paths(home, [source], stop)
    assert first.stopped and 3 <= first.stored < count
    second = import_paths(home, [source])
    assert (second.stored, second.already_stored) == (count - first.stored, first.stored)
    assert list(home.incoming.iterdir()) == []


def test_a_file_that_kills_its_reader_costs_only_itself(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deflated dataset that grows beyond what a worker may take; the others in its folder are stored."""
    from tests.dicom.test_header import UIDS, deflated, part10

    source = many(tmp_path / "source", 20)
    folder_of(source, {"010-bomb": deflated(part10(**UIDS), extra=bytes(300 << 20))})
    monkeypatch.setattr(importer, "WORKER_BYTES", 260 << 20)
    report = import_paths(home, [source])
    assert report.stored == 20
    assert [(Path(path).name, reason) for path, reason in report.refused] == [("010-bomb", Reason.MEMORY)]


@pytest.mark.parametrize("damage", [b"", b"\x01spoiled", None])
def test_importing_again_heals_a_damaged_file(home: Home, tmp_path: Path, damage: bytes | None) -> None:
    source = many(tmp_path / "source", 3)
    import_paths(home, [source])
    with Index(home) as index:
        digest = index.instances(f"{STUDY}.1")[1].digest
    path = files.place_of(home, digest)
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    report = import_paths(home, [source])
    assert (report.stored, report.already_stored, report.refused) == (1, 2, ())
    assert files.read(home, digest) == ct(2)
    assert import_paths(home, [source]).stored == 0
