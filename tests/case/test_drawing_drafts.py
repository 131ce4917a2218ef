"""Drafts in a home: sealed, whole, taken up again; what is damaged is laid aside."""

from pathlib import Path

import pytest

from tests.findings.made import finding
from workstation.case.drawing_drafts import keep, kept
from workstation.findings.finding import Finding, Kind
from workstation.paths import Home

ONE = finding(Kind.LENGTH, [(0, 0, 1), (3, 4, 1)], name="Node at the hilum")


@pytest.fixture
def place(home: Path) -> Home:
    return Home(home)


def drafts(home: Home) -> list[Path]:
    return sorted((home.root / "drafts").glob("*"))


def test_what_is_kept_is_taken_up_again(place: Home) -> None:
    assert kept(place, "1") == ()
    keep(place, "1", [ONE])
    keep(place, "2", [ONE, ONE])
    assert kept(place, "1") == (ONE,)
    assert kept(place, "2") == (ONE, ONE)
    keep(place, "1", [])
    assert kept(place, "1") == ()


def test_nothing_of_it_can_be_read_on_the_disk(place: Home) -> None:
    keep(place, "1.2.840.7", [ONE])
    (file,) = drafts(place)
    assert b"hilum" not in file.read_bytes()
    assert b"1.2.840.7" not in file.read_bytes()
    assert "1.2.840.7" not in file.name
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.expects_log("drafts of a study cannot be read")
def test_damaged_drafts_are_laid_aside_and_never_written_over(place: Home) -> None:
    keep(place, "1", [ONE])
    (file,) = drafts(place)
    spoiled = bytearray(file.read_bytes())
    spoiled[-5] ^= 1
    file.write_bytes(spoiled)
    assert kept(place, "1") == ()
    other: Finding = finding(Kind.PROBE, [(0, 0, 0)])
    keep(place, "1", [other])
    assert kept(place, "1") == (other,)
    assert bytes(spoiled) in [each.read_bytes() for each in drafts(place)]
