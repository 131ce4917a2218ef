"""Zip archives, under limits."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from workstation.cache import archives, media
from workstation.cache.media import Candidate, Rejected
from workstation.errors import Reason


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def walked(path: Path, data: bytes) -> tuple[dict[str, bytes], dict[str, Reason]]:
    """Bytes of each candidate and reason of each rejection, named as they are shown without the archive's path."""
    path.write_bytes(data)
    everything = list(media.walk([path]))
    read = {each.label[len(str(path)) :]: each.read() for each in everything if isinstance(each, Candidate)}
    archives.forget()
    return read, {each.label[len(str(path)) :]: each.reason for each in everything if isinstance(each, Rejected)}


def test_members_are_read_whatever_the_archive_is_called(tmp_path: Path) -> None:
    data = zipped({"b/1": b"one", "a": b"two", "empty/": b""})
    assert walked(tmp_path / "no-suffix", data) == ({"/a": b"two", "/b/1": b"one"}, {})


def test_an_archive_inside_is_opened_once(tmp_path: Path) -> None:
    innermost = zipped({"x": b"x"})
    data = zipped({"in.zip": zipped({"1": b"one", "deeper.zip": innermost}), "2": b"two"})
    read, rejected = walked(tmp_path / "a.zip", data)
    assert read == {"/2": b"two", "/in.zip/1": b"one"}
    assert rejected == {"/in.zip/deeper.zip": Reason.NESTED_ARCHIVE}


@pytest.mark.parametrize("name", ["../up", "a/../../up", "/etc/passwd", "C:/x", "..\\up"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    read, rejected = walked(tmp_path / "a.zip", zipped({name: b"x", "good": b"y"}))
    assert read == {"/good": b"y"}
    assert list(rejected.values()) == [Reason.OUTSIDE_ROOT]


@pytest.mark.parametrize("cut", [3, 30, 60])
def test_a_damaged_archive_is_refused_as_a_whole(tmp_path: Path, cut: int) -> None:
    assert walked(tmp_path / "a.zip", zipped({"1": b"one" * 50})[:-cut]) == ({}, {"": Reason.ARCHIVE})


def test_a_member_whose_check_sum_is_wrong_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("1", b"one" * 50)
    (tmp_path / "a.zip").write_bytes(stream.getvalue().replace(b"oneone", b"oneonf", 1))
    (candidate,) = media.walk([tmp_path / "a.zip"])
    assert isinstance(candidate, Candidate)
    with pytest.raises(archives.Refused) as refused:
        candidate.read()
    archives.forget()
    assert refused.value.reason is Reason.ARCHIVE


def test_a_member_with_a_password_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"1": b"one"}))
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + place] |= 1
    assert walked(tmp_path / "a.zip", bytes(data)) == ({}, {"/1": Reason.ARCHIVE})


def test_more_than_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_TOTAL_BYTES", 1 << 20)
    bomb = zipped({str(number): bytes(1 << 20) for number in range(30)})
    assert walked(tmp_path / "a.zip", bomb) == ({}, {"": Reason.ARCHIVE_LIMIT})
    monkeypatch.setattr(archives, "LARGEST_NESTED_BYTES", 1000)
    assert walked(tmp_path / "b.zip", zipped({"in.zip": bomb}))[1] == {"/in.zip": Reason.ARCHIVE_LIMIT}


def test_members_that_overlap_are_refused(tmp_path: Path) -> None:
    """Many directory entries that point at one packed member (Fifield's bomb)."""
    plain = zipped({"aa": bytes(range(256)) * 16})
    at, end = plain.index(b"PK\1\2"), plain.index(b"PK\5\6")
    entry = plain[at:end]
    entries = b"".join(entry[:46] + f"{number:02}".encode() + entry[48:] for number in range(50))
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 50, 50, len(entries), at, 0)
    assert walked(tmp_path / "a.zip", plain[:at] + entries + tail) == ({}, {"": Reason.ARCHIVE_LIMIT})


def test_a_directory_too_long_to_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    assert walked(tmp_path / "a.zip", zipped({str(number): b"" for number in range(6)}))[1] == {
        "": Reason.ARCHIVE_LIMIT
    }
