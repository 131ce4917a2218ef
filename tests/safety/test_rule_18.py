"""Safety rule 18: names on disk are ours; archives and DICOMDIRs stay inside their root; no programs in preambles."""

import hashlib
import io
import re
import zipfile
from pathlib import Path

import pytest

from tests.cache.made import ct, folder_of
from tests.cache.test_dicomdir import directory
from workstation.cache import files
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.errors import Reason
from workstation.paths import Home

OURS = re.compile(
    r"index\.sqlite(-wal|-shm)?|key\.json|writer\.lock|files(/[0-9a-f]{2}(/[0-9a-f]{64})?)?|incoming|quarantine|blocks"
)


def everything_in(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}


def test_no_uid_name_or_path_of_a_peer_is_a_name_on_disk(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    wild = {
        "SOPInstanceUID": "../../../../evil",
        "StudyInstanceUID": "/etc/cron.d/evil",
        "PatientName": "..\\..\\evil^name",
    }
    from pydicom.config import disable_value_validation

    with disable_value_validation():
        data = ct(1, **wild)
    report = import_paths(home, [folder_of(tmp_path / "source", {"evil;name": data, "two": ct(2)})])
    assert report.stored == 2
    assert [name for name in everything_in(home.root) if not OURS.fullmatch(name)] == []
    assert {path.name for path in tmp_path.iterdir()} == {"home", "source"}


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "..\\evil"])
def test_an_archive_stays_inside(tmp_path: Path, name: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, ct(1))
        archive.writestr("good", ct(2))
    source = folder_of(tmp_path / "source", {"a.zip": stream.getvalue()})
    before = everything_in(tmp_path)
    report = import_paths(Home(tmp_path / "home"), [source])
    assert (report.stored, [reason for _, reason in report.refused]) == (1, [Reason.OUTSIDE_ROOT])
    assert {name for name in everything_in(tmp_path) if not name.startswith("home")} == before


def test_links_and_dicomdirs_do_not_lead_out(tmp_path: Path) -> None:
    folder_of(tmp_path / "outside", {"SECRET": ct(9)})
    disc = folder_of(tmp_path / "disc", {"IM1": ct(1), "DICOMDIR": directory(["IM1"], ["..", "outside", "SECRET"])})
    (disc / "LINK").symlink_to(tmp_path / "outside")
    report = import_paths(Home(tmp_path / "home"), [disc])
    assert (report.stored, [reason for _, reason in report.refused]) == (1, [Reason.OUTSIDE_ROOT] * 2)


def test_a_preamble_that_is_a_program_is_zeroed_and_the_file_known_again(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    program = b"MZ" + bytes(range(126)) + ct(1)[128:]
    source = folder_of(tmp_path / "source", {"setup.exe": program})
    assert import_paths(home, [source]).stored == 1
    assert files.read(home, hashlib.sha256(ct(1)).hexdigest())[:128] == bytes(128)
    again = import_paths(home, [source])
    assert (again.stored, again.already_stored, again.refused) == (0, 1, ())


def test_what_is_executed_is_never_what_was_loaded() -> None:
    """No pickle, marshal, eval, exec or DTD in any module of the program."""
    package = Path(__file__).parents[2] / "workstation"
    modules, calls = r"^\s*(import|from) (pickle|marshal|shelve|dill)\b", r"(?<![.\w])(eval|exec)\("
    forbidden = re.compile(rf"{modules}|{calls}|xml\.sax|xml\.dom", re.M)
    found = [path.name for path in package.rglob("*.py") if forbidden.search(path.read_text())]
    assert found == []


def test_quarantine_and_index_hold_what_is_said(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    import_paths(home, [folder_of(tmp_path / "source", {"1": ct(1), "2": ct(1, PatientID="OTHER")})])
    with Index(home) as index:
        (kept,) = index.quarantined()
    assert len(list(home.quarantine.iterdir())) == 1
    assert files.read_quarantined(home, kept.digest) == ct(1, PatientID="OTHER")
