"""Fragments of encapsulated pixel data: offset tables, none, wrong ones, delimiters inside, ends too early."""

import struct
from collections.abc import Sequence

import pytest

from tests.dicom.test_header import UIDS, part10
from tests.loading.objects import encapsulated
from workstation.dicom.scan import scan
from workstation.errors import Reason, Refused
from workstation.loading import fragments
from workstation.loading.fragments import read_fragments

JPEG = b"\xff\xd8\xff\xe0"
TREE = "1.2.840.10008.1.2.4.50"


def frames(data: bytes, count: int) -> list[bytes]:
    dataset = scan(data)
    found = read_fragments(dataset, count)
    return [found.of_frame(dataset.data, frame) for frame in range(count)]


def file(*pieces: bytes, table: bytes = b"", **attributes: object) -> bytes:
    return encapsulated(part10(**{**UIDS, **attributes}, syntax=TREE), *pieces, table=table)


def words(*offsets: int) -> bytes:
    return struct.pack(f"<{len(offsets)}I", *offsets)


PIECES = (JPEG + b"1234", b"5678", JPEG + b"abcd", b"efgh")
WHOLE = [JPEG + b"12345678", JPEG + b"abcdefgh"]


@pytest.mark.parametrize("table", [words(0, 28), b"", words(0, 4), words(28, 0), words(0)])
def test_two_frames_of_two_fragments_are_found_by_a_table_or_by_their_beginnings(table: bytes) -> None:
    assert frames(file(*PIECES, table=table), 2) == WHOLE


def test_the_table_decides_where_fragments_begin_alike() -> None:
    pieces = (JPEG + b"1234", JPEG + b"5678", JPEG + b"abcd")
    assert frames(file(*pieces, table=words(0, 32)), 2) == [pieces[0] + pieces[1], pieces[2]]


def test_an_extended_table_decides_too() -> None:
    pieces = (JPEG + b"1234", JPEG + b"5678", JPEG + b"abcd")
    data = file(*pieces, ExtendedOffsetTable=struct.pack("<2Q", 0, 32), ExtendedOffsetTableLengths=bytes(16))
    assert frames(data, 2) == [pieces[0] + pieces[1], pieces[2]]


def test_one_frame_takes_all_fragments() -> None:
    assert frames(file(*PIECES), 1) == [b"".join(PIECES)]


def test_delimiters_inside_a_fragment_end_nothing() -> None:
    piece = JPEG + b"\xfe\xff\xdd\xe0\0\0\0\0 and on"
    assert frames(file(piece), 1) == [piece]


@pytest.mark.parametrize(("pieces", "count"), [(PIECES, 3), ((b"12", b"34", b"56"), 2)])
def test_fragments_that_make_no_frames_are_refused(pieces: Sequence[bytes], count: int) -> None:
    with pytest.raises(Refused) as refused:
        frames(file(*pieces), count)
    assert refused.value.reason is Reason.PIXEL_DATA


def test_a_file_that_ends_early_loses_its_last_frame_alone() -> None:
    data = file(*WHOLE)[:-10]
    dataset = scan(data)
    found = read_fragments(dataset, 3)
    assert found.of_frame(data, 0) == WHOLE[0]
    for frame in (1, 2):
        with pytest.raises(Refused) as refused:
            found.of_frame(data, frame)
        assert refused.value.reason is Reason.PIXEL_LENGTH


def test_empty_items_without_end_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "MOST_FRAGMENTS", 100)
    with pytest.raises(Refused) as refused:
        frames(file(*[b""] * 200), 1)
    assert refused.value.reason is Reason.TOO_LARGE
