"""Encapsulated pixel data -> the bytes of each frame (PS3.5 A.4), by one bounded walk over item headers.

Lengths alone say where an item ends: a codestream may hold the bytes of a delimiter. Offset tables are believed
only where they point at the beginnings of items; otherwise frames are found by how codestreams begin.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from workstation.dicom.scan import Dataset
from workstation.errors import Reason, Refused

MOST_FRAGMENTS: Final = 1 << 20
"""Whole slides have some ten thousand tiles; a file of empty items would have millions."""

_ITEM: Final = b"\xfe\xff\x00\xe0"
_EXTENDED_OFFSETS: Final = 0x7FE00001
_BEGINNINGS: Final = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\xff\x0a", b"\0\0\0\x0cJXL ", b"\0\0\0\x0cjP  ")
"""JPEG and JPEG-LS, J2K and HTJ2K, JPEG XL naked and boxed, JP2."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One fragment: from `start` to `end` (bytes of the dataset); `cut` when the file ends before it does."""

    start: int
    end: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Fragments:
    """The fragments of each frame, in order; frames may be missing at the end."""

    frames: tuple[tuple[Piece, ...], ...]

    def of_frame(self, data: bytes, frame: int) -> bytes:
        """The codestream of frame `frame` (from 0). Raises Refused(PIXEL_LENGTH) when it is not all there."""
        if frame >= len(self.frames):
            raise Refused(Reason.PIXEL_LENGTH, f"{len(self.frames)} frames are there")
        pieces = self.frames[frame]
        if any(piece.cut for piece in pieces):
            raise Refused(Reason.PIXEL_LENGTH, f"frame {frame + 1}")
        return b"".join(data[piece.start : piece.end] for piece in pieces)


def read_fragments(dataset: Dataset, frames: int) -> Fragments:
    """The fragments of `frames` declared frames. Raises Refused with TOO_LARGE, PIXEL_DATA or PIXEL_LENGTH."""
    assert dataset.pixel_start is not None  # noqa: S101  the caller has seen that there are pixels
    items = _items(dataset.data, dataset.pixel_start)
    if not items:
        raise Refused(Reason.PIXEL_LENGTH, "no fragment is there")
    table, pieces = items[0], items[1:]
    for offsets in (_extended_offsets(dataset, frames), _basic_offsets(dataset.data, table, frames)):
        if groups := _by_offsets(pieces, offsets, frames):
            return Fragments(groups)
    return Fragments(_by_content(dataset.data, pieces, frames))


def _items(data: bytes, at: int) -> list[Piece]:
    """Every item from `at` up to the delimiter, or to where the file or sense ends; the first is the offset table."""
    items: list[Piece] = []
    length_of = struct.Struct("<I").unpack_from
    size = len(data)
    while at + 8 <= size and data[at : at + 4] == _ITEM:
        end = at + 8 + length_of(data, at + 4)[0]
        items.append(Piece(at + 8, min(end, size), end > size))
        if len(items) > MOST_FRAGMENTS:
            raise Refused(Reason.TOO_LARGE, "fragments")
        at = end
    return items


def _extended_offsets(dataset: Dataset, frames: int) -> tuple[int, ...]:
    """ExtendedOffsetTable (PS3.3 C.7.6.3.1.8): 64-bit offsets."""
    raw = dataset.elements.get(_EXTENDED_OFFSETS)
    if raw is None or raw.end - raw.start != 8 * frames:
        return ()
    return struct.unpack_from(f"<{frames}Q", dataset.data, raw.start)


def _basic_offsets(data: bytes, table: Piece, frames: int) -> tuple[int, ...]:
    if table.cut or table.end - table.start != 4 * frames:
        return ()
    return struct.unpack_from(f"<{frames}I", data, table.start)


def _by_offsets(pieces: list[Piece], offsets: tuple[int, ...], frames: int) -> tuple[tuple[Piece, ...], ...]:
    """Fragments by the first of each frame; () when the offsets are none, or do not rise from item to item."""
    if not offsets or not pieces or offsets[0] != 0:
        return ()
    place = {piece.start - pieces[0].start: index for index, piece in enumerate(pieces)}
    first = [place.get(offset, -1) for offset in offsets]
    if any(later <= earlier for earlier, later in pairwise(first)):
        return ()
    ends = [*first[1:], len(pieces)]
    return tuple(tuple(pieces[start:end]) for start, end in zip(first, ends, strict=True))


def _by_content(data: bytes, pieces: list[Piece], frames: int) -> tuple[tuple[Piece, ...], ...]:
    if frames == 1:
        return (tuple(pieces),)
    if len(pieces) <= frames:
        return tuple((piece,) for piece in pieces)
    first = [index for index, piece in enumerate(pieces) if _begins_a_frame(data, piece)]
    if not first or first[0] != 0 or len(first) != frames:
        raise Refused(Reason.PIXEL_DATA, f"{len(pieces)} fragments for {frames} frames")
    return tuple(tuple(pieces[start:end]) for start, end in zip(first, [*first[1:], len(pieces)], strict=True))


def _begins_a_frame(data: bytes, piece: Piece) -> bool:
    head = data[piece.start : min(piece.start + 64, piece.end)]
    if head.startswith(_BEGINNINGS):
        return True
    # An RLE header (PS3.5 G.5) counts its segments, and the first begins right behind it.
    return len(head) == 64 and 1 <= head[0] <= 15 and head[1:4] == bytes(3) and head[4:8] == b"\x40\0\0\0"
