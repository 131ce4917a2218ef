"""The elements of a DICOM dataset, without their values: one pass, no recursion, everything bounded.

Why not pydicom: it costs 1 ms a header where this costs a tenth, descends into sequences by recursion, and reads
elements nobody asks for. What is rare here (character sets beyond Latin-1) still goes to pydicom, in `attributes`.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from workstation.errors import Reason, Refused

LARGEST_INFLATED: Final = 1 << 30
"""A deflated dataset may not grow beyond this many bytes (a 1 MB one was seen to take 2.1 GB)."""

DEEPEST: Final = 32
"""Sequences inside sequences; real objects (PS3.3 C.17 content trees) stay below 15."""

MOST_ELEMENTS: Final = 200_000
"""Elements of the dataset itself, before its pixels; real objects have some hundreds."""

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
NATIVE: Final = frozenset((IMPLICIT, EXPLICIT, BIG_ENDIAN))

PIXELS: Final = (0x7FE00008, 0x7FE00009, 0x7FE00010)
"""FloatPixelData, DoubleFloatPixelData, PixelData: nothing behind them is read."""

_UNDEFINED: Final = 0xFFFFFFFF
_LONG: Final = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
_BULK: Final = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW"))
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD


class Raw(NamedTuple):
    """Where a value lies in `Dataset.data`; `vr` is empty where the encoding does not say it."""

    vr: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Elements by tag, and where the pixels are: their tag, and for native ones offset and length in `data`."""

    data: bytes
    transfer_syntax_uid: str
    explicit: bool
    big_endian: bool
    elements: dict[int, Raw]
    media_sop_class_uid: str = ""
    media_sop_instance_uid: str = ""
    pixel_tag: int | None = None
    pixel_offset: int | None = None
    pixel_bytes: int | None = None
    """What is there; `pixel_missing_bytes` more were declared."""
    pixel_missing_bytes: int = 0
    pixel_start: int | None = None
    """Where the value of the pixel element begins in `data`, however it is encoded."""
    pixel_declared: int | None = None
    """Its length as declared; None where a delimiter ends it, as for encapsulated fragments (PS3.5 A.4)."""
    pixel_vr: bytes = b""


class _Encoding(NamedTuple):
    explicit: bool
    head: struct.Struct
    """group, element, length of an implicit element or an item"""
    explicit_head: struct.Struct
    long: struct.Struct


def _encoding(explicit: bool, order: str) -> _Encoding:
    parts = (struct.Struct(order + form) for form in ("HHI", "HH2sH", "I"))
    return _Encoding(explicit, *parts)


_ENCODINGS: Final = {(explicit, order): _encoding(explicit, order) for explicit in (True, False) for order in "<>"}


def scan(data: bytes) -> Dataset:
    """The elements of a Part 10 file (PS3.10 7) or a bare dataset, up to its pixels.

    Raises Refused with NOT_DICOM, TRUNCATED, UNREADABLE, TOO_LARGE or TOO_DEEP.
    """
    start, meta = _meta(data)
    media_class, media_instance = (_uid(data, meta.get(tag)) for tag in (0x00020002, 0x00020003))
    uid = _uid(data, meta.get(0x00020010))
    if uid == DEFLATED:
        data = inflate(data, start)
        start = 0
    encoding, uid = _agreed(data, start, uid)
    elements, at = _elements(data, start, len(data), encoding, before=PIXELS[0])
    big_endian = encoding.long.format[0] == ">"
    dataset = Dataset(data, uid, encoding.explicit, big_endian, elements, media_class, media_instance)
    return _with_pixels(dataset, at, encoding)


def items(dataset: Dataset, sequence: Raw) -> Iterator[dict[int, Raw]]:
    """The elements of each item of a sequence of `dataset` (PS3.5 7.5); errors as `scan`."""
    encoding = _ENCODINGS[dataset.explicit, ">" if dataset.big_endian else "<"]
    at = sequence.start
    while at + 8 <= sequence.end:
        group, element, length = encoding.head.unpack_from(dataset.data, at)
        if group << 16 | element != _ITEM:
            return
        end = sequence.end if length == _UNDEFINED else min(at + 8 + length, sequence.end)
        elements, at = _elements(dataset.data, at + 8, end, encoding, before=_ITEM_END)
        at = at + 8 if length == _UNDEFINED else end
        yield elements


def inflate(data: bytes, start: int) -> bytes:
    """Inflate a deflated dataset (PS3.5 A.5) from byte `start`, to `LARGEST_INFLATED` at most."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = stream.decompress(memoryview(data)[start:], LARGEST_INFLATED)
    except zlib.error as error:
        raise Refused(Reason.UNREADABLE, detail=str(error)) from error
    if stream.unconsumed_tail:
        raise Refused(Reason.TOO_LARGE)
    if not stream.eof:
        raise Refused(Reason.TRUNCATED)
    return inflated


def has_preamble(data: bytes) -> bool:
    """Whether a preamble and the DICM prefix come first (PS3.10 7.1); a bare dataset may hold these letters too."""
    return data[128:132] == b"DICM" and (data[132:134] == b"\x02\x00" or not looks_like_dataset(data))


def looks_like_dataset(data: bytes) -> bool:
    """Whether bytes without the DICM prefix may still be a bare dataset: an early group comes first."""
    return data[:2] in (b"\x02\x00", b"\x08\x00", b"\x00\x08", b"\x00\x02") and len(data) > 132


def _meta(data: bytes) -> tuple[int, dict[int, Raw]]:
    """Where the dataset begins, and the elements of group 2; their own group length is not believed."""
    start = 132 if has_preamble(data) else 0
    if not start and not looks_like_dataset(data):
        raise Refused(Reason.NOT_DICOM)
    if data[start : start + 2] != b"\x02\x00":
        return start, {}
    explicit = _is_vr(data[start + 4 : start + 6])
    elements, end = _elements(data, start, len(data), _ENCODINGS[explicit, "<"], before=0x00030000)
    return end, elements


def _uid(data: bytes, raw: Raw | None) -> str:
    return "" if raw is None else data[raw.start : raw.end].rstrip(b" \0").decode("latin-1").strip()


def _agreed(data: bytes, start: int, uid: str) -> tuple[_Encoding, str]:
    """How the dataset is written: what its first element shows, where that contradicts what is declared."""
    shown = _is_vr(data[start + 4 : start + 6])
    if not uid:
        big = data[start : start + 1] == b"\0" and data[start + 1 : start + 2] != b"\0"
        uid = BIG_ENDIAN if big else EXPLICIT if shown else IMPLICIT
    order = ">" if uid == BIG_ENDIAN else "<"
    return _ENCODINGS[shown, order], uid


def _is_vr(two: bytes) -> bool:
    return len(two) == 2 and two.isalpha() and two.isupper()


def _elements(data: bytes, at: int, size: int, encoding: _Encoding, before: int) -> tuple[dict[int, Raw], int]:
    """Elements from `at` to `size`, or up to the first with tag `before` or a higher one, and where that one begins."""
    found: dict[int, Raw] = {}
    while at + 8 <= size:
        tag, vr, value, length = _element(data, at, encoding)
        if tag >= before:
            break
        if _is_nested(data, value, length, vr, encoding):
            end = _after_nested(data, value, length, vr, encoding)
        else:
            end = value + length
        if end > size:
            raise Refused(Reason.TRUNCATED, detail=f"at ({tag >> 16:04x},{tag & 0xFFFF:04x})")
        found.setdefault(tag, Raw(vr, value, end))
        if len(found) > MOST_ELEMENTS:
            raise Refused(Reason.TOO_LARGE)
        at = end
    return found, at


def _element(data: bytes, at: int, encoding: _Encoding) -> tuple[int, bytes, int, int]:
    """Tag, VR, offset of the value and its length, for the element at `at` (PS3.5 7.1); 8 bytes are there."""
    if not encoding.explicit:
        group, element, length = encoding.head.unpack_from(data, at)
        return group << 16 | element, b"", at + 8, length
    group, element, vr, short = encoding.explicit_head.unpack_from(data, at)
    if vr in _LONG:
        if at + 12 > len(data):
            raise Refused(Reason.TRUNCATED)
        return group << 16 | element, vr, at + 12, encoding.long.unpack_from(data, at + 8)[0]
    if group == 0xFFFE or not _is_vr(vr):  # delimiters have no VR; some writers leave it out elsewhere too
        return group << 16 | element, b"", at + 8, encoding.long.unpack_from(data, at + 4)[0]
    return group << 16 | element, vr, at + 8, short


class _Region(NamedTuple):
    end: int
    """-1 where only a delimiter ends it"""
    kind: str
    """"sequence" holds items, "item" holds elements, "fragments" holds bytes in items"""
    encoding: _Encoding


def _after_nested(data: bytes, at: int, length: int, vr: bytes, encoding: _Encoding) -> int:
    """Where a sequence, or fragments, that begin at `at` end; depth is capped without recursion."""
    regions = [_opened(at, length, vr, encoding)]
    while regions:
        region = regions[-1]
        if 0 <= region.end <= at:
            at = regions.pop().end
        elif at + 8 > len(data):
            raise Refused(Reason.TRUNCATED)
        elif region.kind == "item":
            at = _step_in_item(data, at, regions)
        else:
            at = _step_in_sequence(data, at, regions)
        if len(regions) > 2 * DEEPEST:
            raise Refused(Reason.TOO_DEEP)
    return at


def _opened(at: int, length: int, vr: bytes, encoding: _Encoding) -> _Region:
    if vr == b"UN":  # of undefined length: implicit, whatever is around it (PS3.5 6.2.2)
        encoding = _ENCODINGS[False, "<"]
    end = -1 if length == _UNDEFINED else at + length
    return _Region(end, "fragments" if vr in _BULK else "sequence", encoding)


def _step_in_sequence(data: bytes, at: int, regions: list[_Region]) -> int:
    region = regions[-1]
    group, element, length = region.encoding.head.unpack_from(data, at)
    tag = group << 16 | element
    if tag == _SEQUENCE_END:
        regions.pop()
        return at + 8
    if tag != _ITEM:
        return _out_of_nonsense(regions)
    if region.kind == "fragments":
        return int(at + 8 + length)
    regions.append(_Region(-1 if length == _UNDEFINED else at + 8 + length, "item", region.encoding))
    return at + 8


def _step_in_item(data: bytes, at: int, regions: list[_Region]) -> int:
    encoding = regions[-1].encoding
    tag, vr, value, length = _element(data, at, encoding)
    if tag == _ITEM_END:
        regions.pop()
        return at + 8
    if tag == _SEQUENCE_END:
        return _out_of_nonsense(regions)
    if _is_nested(data, value, length, vr, encoding):
        regions.append(_opened(value, length, vr, encoding))
        return value
    return value + length


def _is_nested(data: bytes, at: int, length: int, vr: bytes, encoding: _Encoding) -> bool:
    """Implicit VR does not say what is a sequence; what looks like one counts, for the depth."""
    if length == _UNDEFINED or vr == b"SQ":
        return True
    if vr or length < 8 or at + 8 > len(data):
        return False
    group, element, _ = encoding.head.unpack_from(data, at)
    return bool(group << 16 | element == _ITEM)


def _out_of_nonsense(regions: list[_Region]) -> int:
    """What is no sequence after all ends where the innermost region with a length ends."""
    while regions:
        region = regions.pop()
        if region.end >= 0:
            return region.end
    raise Refused(Reason.UNREADABLE, detail="a sequence holds something that is no item")


def _with_pixels(dataset: Dataset, at: int, encoding: _Encoding) -> Dataset:
    """`dataset` with its pixel element, if that is what begins at `at`."""
    if at + 8 > len(dataset.data):
        return dataset
    tag, vr, value, length = _element(dataset.data, at, encoding)
    if tag not in PIXELS:
        return dataset
    declared = None if length == _UNDEFINED else length
    dataset = replace(dataset, pixel_start=value, pixel_declared=declared, pixel_vr=vr)
    if dataset.transfer_syntax_uid not in NATIVE or length == _UNDEFINED:
        return replace(dataset, pixel_tag=tag)
    there = max(0, min(length, len(dataset.data) - value))
    return replace(dataset, pixel_tag=tag, pixel_offset=value, pixel_bytes=there, pixel_missing_bytes=length - there)
