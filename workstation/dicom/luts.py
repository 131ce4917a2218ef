"""Look-up tables of a dataset as values (PS3.3 C.11.1 and C.11.2), whatever width and sign their writer chose.

Entries come as 16-bit words, or packed as bytes when there are at most 8 bits of them; the first mapped value as US
or SS; a count of 65536 as 0. Writers get each of these wrong, so what is there counts more than what is declared.
"""

import struct
import sys
from dataclasses import dataclass
from typing import Final

from workstation.dicom.attributes import Attributes

MODALITY_LUTS: Final = 0x00283000
VOI_LUTS: Final = 0x00283010
PRESENTATION_LUTS: Final = 0x20500010
_DESCRIPTOR: Final = 0x00283002
_DATA: Final = 0x00283006


@dataclass(frozen=True, slots=True)
class Lut:
    """A table: value `first` maps to entry 0, what lies below to entry 0 too, what lies above to the last.

    `table` holds the entries as unsigned 16-bit words, little-endian, so that the value can be compared, hashed and
    sent to another process; `bits` is the width of the output, whose full range is black to white.
    """

    first: int
    table: bytes
    bits: int
    explanation: str = ""
    unit: str = ""
    """ModalityLUTType (PS3.3 C.11.1.1.2) of a modality LUT."""

    def __len__(self) -> int:
        return len(self.table) // 2


def read_luts(read: Attributes, tag: int, big_endian: bool, signed: bool = False) -> tuple[Lut, ...]:
    """The tables in the sequence `tag`; those that cannot be used are named in `read.odd`.

    `signed`: whether the values that go in may be negative; a first mapped value written as US then counts as SS.
    """
    luts = [_lut(read.having(item), big_endian, signed) for item in read.items(tag)]
    read.odd += [
        f"look-up table {number} of ({tag >> 16:04X},{tag & 0xFFFF:04X}) cannot be read"
        for number, lut in enumerate(luts, start=1)
        if lut is None
    ]
    return tuple(lut for lut in luts if lut is not None)


def _lut(item: Attributes, big_endian: bool, signed: bool) -> Lut | None:
    descriptor, data = item.elements.get(_DESCRIPTOR), item.elements.get(_DATA)
    if descriptor is None or data is None or descriptor.end - descriptor.start < 6:
        return None
    count, first, declared = struct.unpack(">HHH" if big_endian else "<HHH", item.bytes_of(descriptor)[:6])
    if first >= 32768 and (signed or descriptor.vr == b"SS"):
        first -= 65536
    table = _entries(item.bytes_of(data), count or 65536, big_endian)
    if not table:
        return None
    needed = max(_words(table)).bit_length()
    bits = max(declared if declared <= 16 else 0, needed, 1)
    return Lut(first, table, bits, item.text("LUTExplanation"), item.text("ModalityLUTType"))


def _entries(value: bytes, count: int, big_endian: bool) -> bytes:
    """`count` entries as little-endian words, fewer where the data ends; bytes are spread to words."""
    if len(value) in (count, count + 1) and len(value) < 2 * count:
        spread = bytearray(2 * count)
        spread[0::2] = (swapped(value) if big_endian else value)[:count]  # OW: the first entry is the word's low byte
        return bytes(spread)
    whole = value[: min(2 * count, len(value) & ~1)]
    return swapped(whole) if big_endian else whole


def swapped(value: bytes) -> bytes:
    """16-bit words with their bytes swapped; an odd last byte stays as it is."""
    turned = bytearray(value)
    even = len(value) & ~1
    turned[0:even:2], turned[1:even:2] = value[1:even:2], value[0:even:2]
    return bytes(turned)


def _words(table: bytes) -> memoryview:
    return memoryview(swapped(table) if sys.byteorder == "big" else table).cast("H")
