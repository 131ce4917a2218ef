"""One object's bytes, ready to give the bytes of each of its frames; nothing is decoded here."""

from dataclasses import dataclass
from math import ceil, floor

from workstation.dicom import scan
from workstation.dicom.entities import Instance, PixelFormat
from workstation.errors import Reason, Refused
from workstation.loading import codecs, decode
from workstation.loading.codecs import Family
from workstation.loading.fragments import Fragments, read_fragments


@dataclass(frozen=True)
class Source:
    """`head` is the object up to its pixels, `data` all of it, inflated where it came deflated.

    `fragments` are set for encapsulated pixels; native ones begin at `start` and have `available` bytes.
    """

    data: bytes
    head: bytes
    start: int
    available: int
    fragments: Fragments | None = None

    def frame(self, pixels: PixelFormat, frame: int) -> bytes | memoryview:
        """The bytes of frame `frame` (from 0). Raises Refused(PIXEL_LENGTH) when they are not all there."""
        if self.fragments is not None:
            return self.fragments.of_frame(self.data, frame)
        size = decode.native_bytes(pixels, self.available)
        first, end = floor(frame * size), ceil((frame + 1) * size)
        if end > self.available:
            raise Refused(Reason.PIXEL_LENGTH, f"{self.available} of {ceil(size * pixels.NumberOfFrames)} bytes")
        return memoryview(self.data)[self.start + first : self.start + end]


def open_source(data: bytes, instance: Instance) -> Source:
    """What the whole DICOM file `data` holds. Raises `Refused` as `scan` does, or with PIXEL_LENGTH or PIXEL_DATA."""
    pixels = instance.pixels
    if pixels is None:
        raise Refused(Reason.NOT_AN_IMAGE)
    if pixels.offset is not None and pixels.length is not None and instance.TransferSyntaxUID != scan.BIG_ENDIAN:
        return Source(data, data[: pixels.offset], pixels.offset, min(pixels.length, len(data) - pixels.offset))
    dataset = scan.scan(data)
    if dataset.pixel_start is None:
        raise Refused(Reason.NOT_AN_IMAGE)
    data, start = dataset.data, dataset.pixel_start
    head = data[:start]
    native = codecs.family_of(instance.TransferSyntaxUID) is Family.NATIVE
    if dataset.pixel_declared is None:
        return Source(data, head, start, 0, read_fragments(dataset, pixels.NumberOfFrames))
    if not native:
        raise Refused(Reason.PIXEL_DATA, "compressed pixels without fragments")
    available = max(0, min(dataset.pixel_declared, len(data) - start))
    if dataset.big_endian and pixels.BitsAllocated == 8 and dataset.pixel_vr == b"OW":
        data, start = _swapped(data[start : start + available]), 0
    return Source(data, head, start, available)


def _swapped(value: bytes) -> bytes:
    """Bytes of big-endian words in the order of pixels (PS3.5 A.3)."""
    from array import array

    words = array("H", value[: len(value) // 2 * 2])
    words.byteswap()
    return words.tobytes()
