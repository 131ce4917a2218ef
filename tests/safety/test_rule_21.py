"""Safety rule 21: one UID is one object. A transcoded copy is the one stored; anything else is quarantined and told."""

from pathlib import Path

import pytest
from pydicom.uid import ImplicitVRLittleEndian, RLELossless

from tests.cache.made import STUDY, ct, folder_of, transcoded
from workstation.cache import files
from workstation.cache.importer import ImportReport, import_paths
from workstation.cache.index import Index
from workstation.errors import Reason
from workstation.paths import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def imported(home: Home, data: bytes, name: str = "x") -> ImportReport:
    return import_paths(home, [folder_of(home.root.parent / name, {"file": data})])


def shown(home: Home) -> list[bytes]:
    with Index(home) as index:
        return [files.read(home, each.digest) for each in index.instances(f"{STUDY}.1")]


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, RLELossless])
def test_a_transcoded_copy_is_already_stored(home: Home, syntax: str) -> None:
    imported(home, ct(1))
    for _ in range(2):
        report = imported(home, transcoded(ct(1), syntax), "copy")
        assert (report.stored, report.already_stored, report.refused) == (0, 1, ())
    assert shown(home) == [ct(1)]
    assert list(home.quarantine.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [{"PatientID": "SOMEONE ELSE"}, {"PixelData": bytes(48)}, {"ImagePositionPatient": [0, 0, 0]}, {"StudyID": "x"}],
)
def test_anything_else_is_quarantined_and_the_first_stays(home: Home, change: dict[str, object]) -> None:
    imported(home, ct(1))
    other = ct(1, **change)
    for _ in range(2):
        report = imported(home, other, "other")
        assert (report.stored, report.already_stored) == (0, 0)
        assert [reason for _, reason in report.refused] == [Reason.CONFLICT]
    assert shown(home) == [ct(1)]
    with Index(home) as index:
        (kept,) = index.quarantined()
    assert kept.sop_instance_uid == f"{STUDY}.1.1.1" and kept.reason == Reason.CONFLICT
    assert files.read_quarantined(home, kept.digest) == other


def test_a_change_hidden_in_a_transcoded_copy_is_found(home: Home) -> None:
    imported(home, ct(1))
    report = imported(home, transcoded(ct(1, PatientName="Other^Name"), RLELossless), "other")
    assert [reason for _, reason in report.refused] == [Reason.CONFLICT]


def test_pixels_that_cannot_be_compared_are_a_conflict(home: Home) -> None:
    imported(home, ct(1))
    broken = bytearray(transcoded(ct(1), RLELossless))
    at = broken.index(b"\xe0\x7f\x10\x00")
    broken[at + 28 : at + 60] = b"\xff" * 32
    report = imported(home, bytes(broken), "broken")
    assert [reason for _, reason in report.refused] == [Reason.CONFLICT]
    assert shown(home) == [ct(1)]


def test_both_in_one_import_keep_one(home: Home, tmp_path: Path) -> None:
    source = folder_of(
        tmp_path / "source", {f"{n:02}": ct(1 + n % 20, StudyID="b" if n >= 20 else "a") for n in range(40)}
    )
    report = import_paths(home, [source])
    assert report.stored == 20
    assert [reason for _, reason in report.refused] == [Reason.CONFLICT] * 20
