"""What is found under what was given."""

import os
from pathlib import Path

import pytest

from tests.cache.made import ct, folder_of
from workstation.cache import media
from workstation.cache.media import Candidate, Rejected
from workstation.errors import Reason, Refused


def found(*paths: Path) -> tuple[list[str], dict[str, Reason]]:
    """Names of candidates and reasons of what was rejected, relative to the first path's folder."""
    root = paths[0] if paths[0].is_dir() else paths[0].parent
    everything = list(media.walk(paths))
    names = [os.path.relpath(each.label, root) for each in everything if isinstance(each, Candidate)]
    rejected = {os.path.relpath(each.label, root): each.reason for each in everything if isinstance(each, Rejected)}
    return names, rejected


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    folder_of(tmp_path, {"b/2": b"2", "b/1": b"1", "a": b"a", ".hidden": b"h"})
    assert found(tmp_path) == ([".hidden", "a", "b/1", "b/2"], {})


def test_a_candidate_reads_its_bytes(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a": b"abc" * 1000})
    (candidate,) = media.walk([str(tmp_path / "a")])
    assert isinstance(candidate, Candidate)
    assert (candidate.read(), candidate.size_bytes) == (b"abc" * 1000, 3000)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert found(tmp_path / "nothing") == ([], {"nothing": Reason.MISSING})


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert found(tmp_path) == ([], {"pipe": Reason.NOT_DICOM})
    swapped = Candidate("x", tmp_path / "pipe", 10)
    with pytest.raises(Refused) as refused:
        swapped.read()
    assert refused.value.reason is Reason.NOT_DICOM


def test_links_out_are_refused_and_links_inside_are_met_once(tmp_path: Path) -> None:
    outside = folder_of(tmp_path / "outside", {"secret": b"s"})
    root = folder_of(tmp_path / "root", {"real/1": b"1"})
    (root / "file").symlink_to(outside / "secret")
    (root / "folder").symlink_to(outside)
    (root / "up").symlink_to("..")
    (root / "inside").symlink_to(root / "real" / "1")
    (root / "loop").symlink_to(root)
    (root / "broken").symlink_to(root / "gone")
    names, rejected = found(root)
    assert names == ["real/1"]
    assert rejected == {
        "file": Reason.OUTSIDE_ROOT,
        "folder": Reason.OUTSIDE_ROOT,
        "up": Reason.OUTSIDE_ROOT,
        "broken": Reason.MISSING,
    }


def test_a_link_that_was_given_is_followed(tmp_path: Path) -> None:
    root = folder_of(tmp_path / "root", {"1": ct()})
    (tmp_path / "link").symlink_to(root)
    (tmp_path / "file").symlink_to(root / "1")
    assert [each.label for each in media.walk([tmp_path / "link", tmp_path / "file"])] == [
        str(tmp_path / "link" / "1"),
        str(tmp_path / "file"),
    ]


def test_a_file_swapped_for_a_link_is_not_followed(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a": b"a", "b": b"b"})
    candidate = next(iter(media.walk([tmp_path])))
    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to(tmp_path / "b")
    assert isinstance(candidate, Candidate)
    with pytest.raises(Refused) as refused:
        candidate.read()
    assert refused.value.reason is Reason.IO_ERROR


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(media.LARGEST_FILE_BYTES + 1)
    (candidate,) = media.walk([tmp_path])
    assert isinstance(candidate, Candidate)
    with pytest.raises(Refused) as refused:
        candidate.read()
    assert refused.value.reason is Reason.TOO_LARGE


def test_a_file_that_is_gone_when_it_is_read_is_refused(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a": b"a"})
    (candidate,) = media.walk([tmp_path])
    (tmp_path / "a").unlink()
    assert isinstance(candidate, Candidate)
    with pytest.raises(Refused) as refused:
        candidate.read()
    assert refused.value.reason is Reason.IO_ERROR
