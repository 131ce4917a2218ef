"""What a codestream says of itself, read before any decoder sees it (safety.md 15): a few header bytes each.

JPEG and JPEG-LS: ITU-T T.81 B.2.2, T.87 C.2.2; J2K: T.800 A.5.1; RLE: PS3.5 G.5; JPEG XL: ISO/IEC 18181-1 annex D.
"""

import struct
from dataclasses import dataclass
from typing import Final

from workstation.dicom.entities import PixelFormat
from workstation.errors import Reason, Refused

MOST_TILES: Final = 65535
"""T.800 A.4.2: the index of a tile has 16 bits."""


@dataclass(frozen=True, slots=True)
class Codestream:
    """Size, samples and bits as the codestream declares them; None where its header does not say."""

    rows: int
    columns: int
    samples: int | None
    bits: int | None
    signed: bool = False
    lossless: bool = False
    rgb: bool | None = None
    """Whether colour is stored as RGB (True) or as luminance and chroma (False), where the codestream says so."""
    start: int = 0
    """Where the naked codestream begins, behind the boxes of a file format."""


def check(found: Codestream, pixels: PixelFormat) -> None:
    """Raise Refused(CODESTREAM), with the numbers, when the codestream is not what the header declares."""
    declared = (pixels.Rows, pixels.Columns, pixels.SamplesPerPixel)
    there = (found.rows, found.columns, found.samples or pixels.SamplesPerPixel)
    if declared != there:
        sizes = " x ".join(map(str, there)), " x ".join(map(str, declared))
        raise Refused(Reason.CODESTREAM, f"{sizes[0]} instead of {sizes[1]}")
    if found.bits is not None and found.bits > pixels.BitsAllocated:
        raise Refused(Reason.CODESTREAM, f"{found.bits} bits instead of {pixels.BitsAllocated}")


def jpeg(data: bytes) -> Codestream:
    """JPEG and JPEG-LS. Raises Refused(PIXEL_DATA) when there is no frame header."""
    at, adobe, jfif = 2, -1, False
    if data[:2] != b"\xff\xd8":
        raise Refused(Reason.PIXEL_DATA, detail="no SOI")
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes before a marker (T.81 B.1.1.2)
            at += 1
            continue
        length = struct.unpack_from(">H", data, at + 2)[0]
        body = data[at + 4 : at + 2 + length]
        if marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
            adobe = body[11]
        elif marker == 0xE0 and body[:4] == b"JFIF":
            jfif = True
        elif marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            return _jpeg_frame(marker, body, adobe, jfif)
        at += 2 + length
    raise Refused(Reason.PIXEL_DATA, detail="no frame header")


def _jpeg_frame(marker: int, body: bytes, adobe: int, jfif: bool) -> Codestream:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        raise Refused(Reason.PIXEL_DATA, detail="frame header cut")
    bits, rows, columns, samples = struct.unpack_from(">BHHB", body)
    identifiers = bytes(body[6 + 3 * index] for index in range(samples))
    rgb: bool | None = None
    if adobe >= 0:
        rgb = adobe == 0
    elif jfif:
        rgb = False
    elif identifiers == b"RGB":
        rgb = True
    return Codestream(rows, columns, samples, bits, lossless=marker in (0xC3, 0xCB, 0xF7), rgb=rgb)


def j2k(data: bytes) -> Codestream:
    """J2K and HTJ2K, naked or in a JP2 file. Raises Refused(PIXEL_DATA)."""
    start = _behind_boxes(data) if data[4:8] == b"jP  " else 0
    if data[start : start + 4] != b"\xff\x4f\xff\x51" or start + 42 > len(data):
        raise Refused(Reason.PIXEL_DATA, detail="no SOC and SIZ")
    x1, y1, x0, y0, tile_x, tile_y, tile_x0, tile_y0, samples = struct.unpack_from(">8IH", data, start + 8)
    components = data[start + 42 : start + 42 + 3 * samples]
    if not tile_x or not tile_y or not samples or len(components) < 3 * samples:
        raise Refused(Reason.PIXEL_DATA, detail="SIZ cut or empty")
    tiles = -(-(x1 - tile_x0) // tile_x) * -(-(y1 - tile_y0) // tile_y)
    if tiles > MOST_TILES:
        raise Refused(Reason.CODESTREAM, f"{tiles} tiles")
    if any(set(components[index + 1 : index + 3]) != {1} for index in range(0, 3 * samples, 3)):
        raise Refused(Reason.PIXEL_FORMAT, "subsampled components")
    depth = max(components[::3], key=lambda each: each & 0x7F)
    return Codestream(y1 - y0, x1 - x0, samples, (depth & 0x7F) + 1, signed=bool(depth & 0x80), start=start)


def has_component_transform(data: bytes) -> bool:
    """Whether a naked J2K codestream is told to turn luminance and chroma back into RGB (T.800 A.6.1)."""
    at = 2
    while at + 10 <= len(data) and data[at] == 0xFF and data[at + 1] != 0x90:
        if data[at + 1] == 0x52:
            return data[at + 8] == 1
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return False


def _behind_boxes(data: bytes) -> int:
    """Where the contents of the codestream box of a JP2 file begin (T.800 I.4)."""
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 16 if length == 1 else 8
        if kind == b"jp2c":
            return at + head
        if length == 1:
            length = struct.unpack_from(">Q", data, at + 8)[0]
        if length < head:
            break
        at += length
    raise Refused(Reason.PIXEL_DATA, detail="no jp2c box")


def check_rle(data: bytes, pixels: PixelFormat) -> None:
    """One segment for each byte of a pixel, each behind the one before. Raises Refused(CODESTREAM or PIXEL_DATA)."""
    if len(data) < 64:
        raise Refused(Reason.PIXEL_DATA, detail="RLE header cut")
    count, *offsets = struct.unpack_from("<16I", data)
    expected = pixels.SamplesPerPixel * (pixels.BitsAllocated // 8)
    if count != expected:
        raise Refused(Reason.CODESTREAM, f"{count} segments instead of {expected}")
    used = offsets[:count]
    if used[0] < 64 or used[-1] >= len(data) or sorted(used) != used:
        raise Refused(Reason.PIXEL_DATA, detail="RLE offsets")


_RATIOS: Final = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def jpeg_xl(data: bytes) -> Codestream:
    """Size alone; samples and bits stand behind headers of variable form. Raises Refused(PIXEL_DATA)."""
    if data[4:8] == b"JXL ":
        data = _jxl_box(data)
    if data[:2] != b"\xff\x0a":
        raise Refused(Reason.PIXEL_DATA, detail="no JPEG XL codestream")
    bits = _Bits(data[2:20])
    small = bits.take(1)
    rows = (bits.take(5) + 1) * 8 if small else bits.take((9, 13, 18, 30)[bits.take(2)]) + 1
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        columns = rows * across // down
    else:
        columns = (bits.take(5) + 1) * 8 if small else bits.take((9, 13, 18, 30)[bits.take(2)]) + 1
    return Codestream(rows, columns, None, None)


def _jxl_box(data: bytes) -> bytes:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind in (b"jxlc", b"jxlp"):
            start = at + (8 if kind == b"jxlc" else 12)
            return data[start : start + 32]
        if length < 8:
            break
        at += length
    raise Refused(Reason.PIXEL_DATA, detail="no jxlc box")


class _Bits:
    """Bits from the least significant on, as JPEG XL packs them."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        value = self._left & ((1 << count) - 1)
        self._left >>= count
        return value
