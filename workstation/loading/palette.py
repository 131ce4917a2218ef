"""Palettes of PALETTE COLOR images, plain and segmented (PS3.3 C.7.6.3.1.5, C.7.9.2)."""

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.dicom import scan
from workstation.dicom.entities import PixelFormat
from workstation.dicom.scan import Dataset
from workstation.errors import Reason, Refused

_DESCRIPTORS: Final = (0x00281101, 0x00281102, 0x00281103)
_PLAIN: Final = (0x00281201, 0x00281202, 0x00281203)
_SEGMENTED: Final = (0x00281221, 0x00281222, 0x00281223)
_MOST_ENTRIES: Final = 1 << 16


@dataclass(frozen=True)
class Palette:
    """Colours (entries, 3) of 8 bits; the first belongs to stored value `first`, and to all below it."""

    colours: NDArray[np.uint8]
    first: int

    def apply(self, stored: NDArray[Any]) -> NDArray[np.uint8]:
        """Stored values (rows, columns) as RGB (rows, columns, 3)."""
        index = np.clip(stored.astype(np.int32) - self.first, 0, len(self.colours) - 1)
        return np.asarray(np.take(self.colours, index, axis=0))


@lru_cache(maxsize=2)
def palette_of(head: bytes, pixels: PixelFormat) -> Palette:
    """The palette of an object whose bytes up to the pixels are `head`. Raises Refused(PIXEL_FORMAT)."""
    dataset = scan.scan(head)
    channels, first = [], 0
    for descriptor, plain, segmented in zip(_DESCRIPTORS, _PLAIN, _SEGMENTED, strict=True):
        entries, first, bits = _descriptor(dataset, descriptor, pixels)
        channels.append(_eight_bits(_values(dataset, plain, segmented, entries, bits), entries, bits))
    return Palette(np.stack(channels, axis=1), first)


def _descriptor(dataset: Dataset, tag: int, pixels: PixelFormat) -> tuple[int, int, int]:
    """Entries, first stored value mapped, and bits of an entry; 0 entries stand for 65,536."""
    raw = dataset.elements.get(tag)
    if raw is None or raw.end - raw.start < 6:
        raise Refused(Reason.PIXEL_FORMAT, "a palette without descriptor")
    order = ">" if dataset.big_endian else "<"
    entries, first, bits = struct.unpack_from(f"{order}3H", dataset.data, raw.start)
    if pixels.PixelRepresentation and first >= 1 << 15:
        first -= 1 << 16
    return entries or _MOST_ENTRIES, first, bits


def _values(dataset: Dataset, plain: int, segmented: int, entries: int, bits: int) -> NDArray[Any]:
    raw = dataset.elements.get(plain)
    expand = raw is None
    raw = raw or dataset.elements.get(segmented)
    if raw is None:
        raise Refused(Reason.PIXEL_FORMAT, "a palette without colours")
    value = dataset.data[raw.start : raw.end]
    order = ">" if dataset.big_endian else "<"
    # Entries of 8 bits come one or two to a word; both are found.
    packed = bits == 8 and (expand or len(value) < 2 * entries)
    width = 1 if packed else 2
    words = np.frombuffer(value, "u1" if packed else f"{order}u2", count=len(value) // width)
    if packed and dataset.big_endian and raw.vr == b"OW":
        words = words[: len(words) // 2 * 2].reshape(-1, 2)[:, ::-1].ravel()
    return _expanded(words.tolist(), width, entries) if expand else words


def _eight_bits(values: NDArray[Any], entries: int, bits: int) -> NDArray[np.uint8]:
    if len(values) < entries:
        raise Refused(Reason.PIXEL_FORMAT, f"a palette of {len(values)} instead of {entries} colours")
    used = values[:entries]
    if bits > 8 and used.max(initial=0) > 255:  # some writers declare 16 bits and use 8
        used = used >> 8
    return np.asarray(used & 0xFF, dtype=np.uint8)


def _expanded(words: list[int], width: int, entries: int) -> NDArray[Any]:
    """Discrete, linear and indirect segments (PS3.3 C.7.9.2.1 to 3), to `entries` values at most."""
    values: list[int] = []
    starts: list[int] = []
    at = 0
    while at + 2 <= len(words) and len(values) < entries:
        starts.append(at)
        kind, count = words[at], words[at + 1]
        at += 2
        if kind < 2:
            at = _segment(words, at, kind, count, values)
        elif kind == 2 and at + 2 <= len(words):
            offset = (words[at] | words[at + 1] << 8 * width) // width
            if offset not in starts:
                raise Refused(Reason.PIXEL_FORMAT, "a palette that points nowhere")
            _repeat(words, offset, count, values, entries)
            at += 2
        else:
            raise Refused(Reason.PIXEL_FORMAT, "a palette of unknown segments")
    return np.array(values[:entries], dtype=np.uint16)


def _segment(words: list[int], at: int, kind: int, count: int, values: list[int]) -> int:
    """Append one discrete (0) or linear (1) segment whose contents begin at `at`; where the next begins."""
    if kind == 0:
        values.extend(words[at : at + count])
        return at + count
    if at >= len(words) or not values:
        raise Refused(Reason.PIXEL_FORMAT, "a palette with a line from nowhere")
    start, end = values[-1], words[at]
    values.extend(round(start + (end - start) * step / count) for step in range(1, count + 1))
    return at + 1


def _repeat(words: list[int], at: int, count: int, values: list[int], entries: int) -> None:
    """Append `count` earlier segments again, the first of which begins at `at`; none of them is indirect."""
    for _ in range(count):
        if at + 2 > len(words) or words[at] > 1 or len(values) >= entries:
            return
        at = _segment(words, at + 2, words[at], words[at + 1], values)
