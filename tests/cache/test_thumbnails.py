"""Small pictures are kept under what they are made of; a damaged one is not there."""

import os
from pathlib import Path

import pytest

from workstation.cache import thumbnails
from workstation.paths import Home

NAME = thumbnails.name_of("1.2/0", ["b" * 64, "a" * 64], 96)


def test_a_picture_comes_back_byte_for_byte(home: Home) -> None:
    assert thumbnails.read(home, NAME) is None
    thumbnails.keep(home, NAME, b"picture \x00\xff")
    assert thumbnails.read(home, NAME) == b"picture \x00\xff"


@pytest.mark.parametrize(
    ("key", "digests", "size"),
    [("1.2/1", ["a" * 64, "b" * 64], 96), ("1.2/0", ["a" * 64], 96), ("1.2/0", ["a" * 64, "b" * 64], 192)],
)
def test_another_set_or_size_has_another_picture(key: str, digests: list[str], size: int) -> None:
    assert thumbnails.name_of(key, digests, size) != NAME
    assert thumbnails.name_of("1.2/0", ["a" * 64, "b" * 64], 96) == NAME


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-1], lambda data: data[:-1] + b"?", lambda data: b"", lambda data: data[::-1]]
)
def test_a_damaged_picture_is_not_there(home: Home, spoil: object) -> None:
    thumbnails.keep(home, NAME, b"picture")
    (kept,) = home.thumbnails.glob("*/*")
    kept.write_bytes(spoil(kept.read_bytes()))  # type: ignore[operator]
    assert thumbnails.read(home, NAME) is None


def test_a_disk_that_takes_nothing_costs_only_the_picture(home: Home) -> None:
    home.thumbnails.write_bytes(b"a file where the folder should be")
    thumbnails.keep(home, NAME, b"picture")
    assert thumbnails.read(home, NAME) is None


def test_the_oldest_go_when_there_are_too_many(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "MOST", 2)
    names = [thumbnails.name_of(str(number), [], 96) for number in range(3)]
    kept: set[Path] = set()
    for number, name in enumerate(names):
        thumbnails.keep(home, name, b"x")
        (new,) = set(home.thumbnails.glob("*/*")) - kept
        os.utime(new, (number, number))
        kept.add(new)
    thumbnails.tidy(home)
    assert [thumbnails.read(home, name) for name in names] == [None, b"x", b"x"]
