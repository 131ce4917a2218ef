"""Overlay planes of the groups 6000 to 601E (PS3.3 C.9.2), their own or kept in unused bits of the pixels."""

from dataclasses import dataclass
from typing import Final

from workstation.dicom.attributes import Attributes
from workstation.dicom.entities import PixelFormat
from workstation.dicom.luts import swapped
from workstation.dicom.scan import Dataset, Raw

LARGEST_PLANE: Final = 1 << 28
"""Bits of one plane; more than any detector has pixels."""

_GROUPS: Final = range(0x6000, 0x6020, 2)
_DATA: Final = 0x3000


@dataclass(frozen=True, slots=True)
class Overlay:
    """One bit for each pixel. `origin` is the row and column of the image, from 1, that its first bit lies on."""

    group: int
    rows: int
    columns: int
    packed: bytes
    """Bits in reading order, the lowest bit of each byte first."""
    origin: tuple[int, int] = (1, 1)
    kind: str = "G"
    """G for graphics, R for a region of interest."""
    label: str = ""
    layer: str = ""
    """OverlayActivationLayer, in presentation states."""


def read_overlays(
    read: Attributes, dataset: Dataset, pixels: PixelFormat | None, frame: int, raw: bytes | memoryview | None = None
) -> tuple[Overlay, ...]:
    """The planes that lie over frame `frame` (from 0); what cannot be read is named in `read.odd`.

    `raw` are the native bytes of that frame, for planes in their unused bits.
    """
    found = []
    for group in _GROUPS:
        base = group << 16
        # The keywords are those of group 6000; the others repeat it.
        own = {tag - base + 0x60000000: raw for tag, raw in read.elements.items() if tag >> 16 == group}
        if 0x60000010 not in own:
            continue
        overlay = _overlay(read.having(own), own, dataset, pixels, group, frame, raw)
        if isinstance(overlay, str):
            read.odd.append(f"overlay {group:04X} {overlay}")
        elif overlay is not None:
            found.append(overlay)
    return tuple(found)


def _overlay(
    read: Attributes,
    own: dict[int, Raw],
    dataset: Dataset,
    pixels: PixelFormat | None,
    group: int,
    frame: int,
    raw: bytes | memoryview | None,
) -> Overlay | str | None:
    rows, columns = read.integer("OverlayRows") or 0, read.integer("OverlayColumns") or 0
    data = own.get(0x60000000 | _DATA)
    origin = [round(each) for each in read.numbers("OverlayOrigin")] or [1, 1]
    if data is None:
        if (read.integer("OverlayBitsAllocated") or 1) == 1:
            return None  # a name without a plane
        packed = _from_pixels(raw, pixels, read.integer("OverlayBitPosition"), dataset.big_endian)
        rows, columns = (pixels.Rows, pixels.Columns) if pixels else (0, 0)
    else:
        index = _overlay_frame(read, frame)
        if index is None:
            return None
        value = read.bytes_of(data)
        big_words = dataset.big_endian and data.vr in (b"OW", b"")
        packed = _bits(swapped(value) if big_words else value, rows * columns, index)
    if not packed or len(origin) != 2 or rows * columns > LARGEST_PLANE:
        return "cannot be read"
    label = read.text("OverlayLabel") or read.text("OverlayDescription")
    kind = read.text("OverlayType") or "G"
    layer = read.text("OverlayActivationLayer")
    return Overlay(group, rows, columns, packed, (origin[0], origin[1]), kind, label, layer)


def _overlay_frame(read: Attributes, frame: int) -> int | None:
    """Which plane of a multi-frame overlay lies over a frame; one that counts no frames lies over all."""
    count = read.integer("NumberOfFramesInOverlay")
    if count is None:
        return 0
    index = frame - ((read.integer("ImageFrameOrigin") or 1) - 1)
    return index if 0 <= index < count else None


def _bits(value: bytes, count: int, index: int) -> bytes:
    """`count` bits from bit `index * count` on; planes follow each other without gaps. Empty when too short."""
    start = index * count
    if count <= 0 or len(value) * 8 < start + count:
        return b""
    if start % 8 == 0:
        return value[start // 8 : (start + count + 7) // 8]
    import numpy as np

    bits = np.unpackbits(np.frombuffer(value, np.uint8), bitorder="little")[start : start + count]
    return np.packbits(bits, bitorder="little").tobytes()


def _from_pixels(
    raw: bytes | memoryview | None, pixels: PixelFormat | None, position: int | None, big_endian: bool
) -> bytes:
    """The plane that stands in bit `position` of native 8- or 16-bit pixels (retired, PS3.3-2004 C.9.2)."""
    import numpy as np

    if raw is None or pixels is None or position is None or pixels.SamplesPerPixel != 1:
        return b""
    if pixels.BitsAllocated not in (8, 16) or not 0 <= position < pixels.BitsAllocated:
        return b""
    words = np.dtype("u1" if pixels.BitsAllocated == 8 else ">u2" if big_endian else "<u2")
    count = pixels.Rows * pixels.Columns
    if len(raw) < count * words.itemsize:
        return b""
    bits = (np.frombuffer(raw, words, count) >> position) & 1
    return np.packbits(bits.astype(np.uint8), bitorder="little").tobytes()
