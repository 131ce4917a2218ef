"""The bytes of one frame -> stored values, or RGB where it is in colour (PS3.5 §8, PS3.3 C.7.6.3).

The same functions run on threads for native frames and in workers for compressed ones. Sign and bits: native and
RLE samples hold BitsStored bits below HighBit, whatever stands beside them; a codestream's own precision is
believed instead of BitsStored, and the header's PixelRepresentation instead of the codestream's sign.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.dicom import budget, scan
from workstation.dicom.entities import Instance, PixelFormat
from workstation.errors import Reason, Refused
from workstation.imaging.greyscale import Rescale
from workstation.imaging.volume import is_padding
from workstation.loading import codecs, codestream, colour, palette, profiles
from workstation.loading.codecs import Family

_INTEGERS: Final = {1: "1", 8: "1", 12: "2", 16: "2", 32: "4"}
"""BitsAllocated to bytes in memory; 12 is the packed form of ACR-NEMA times."""

PADDING_OF_FLOATS: Final = float(np.finfo(np.float32).min)
"""What padding becomes in a block of modality values, where stored values of different slopes would collide."""

_FLOATS: Final = {"FloatPixelData": "f4", "DoubleFloatPixelData": "f8"}


def stored_dtype(pixels: PixelFormat) -> np.dtype[Any]:
    """The numpy type of stored values, or uint8 for colour. Raises `Refused(PIXEL_FORMAT)`."""
    if colour.is_colour(pixels):
        _check_colour(pixels)
        return np.dtype(np.uint8)
    return _sample_dtype(pixels)


def image_shape(pixels: PixelFormat) -> tuple[int, ...]:
    """(rows, columns), or (rows, columns, 3) for colour."""
    return (pixels.Rows, pixels.Columns, 3) if colour.is_colour(pixels) else (pixels.Rows, pixels.Columns)


def _sample_dtype(pixels: PixelFormat) -> np.dtype[Any]:
    """The type of one sample as it is stored; single bits become bytes."""
    if pixels.keyword in _FLOATS and pixels.SamplesPerPixel == 1:
        return np.dtype(_FLOATS[pixels.keyword])
    size = _INTEGERS.get(pixels.BitsAllocated)
    if size is None or pixels.SamplesPerPixel not in (1, 3):
        what = f"{pixels.SamplesPerPixel} samples of {pixels.BitsAllocated} bits"
        raise Refused(Reason.PIXEL_FORMAT, what)
    signed = pixels.PixelRepresentation == 1 and pixels.BitsAllocated > 1
    return np.dtype(("i" if signed else "u") + size)


def _check_colour(pixels: PixelFormat) -> None:
    if pixels.BitsAllocated not in (8, 16) or pixels.keyword in _FLOATS:
        raise Refused(Reason.PIXEL_FORMAT, f"colour of {pixels.BitsAllocated} bits a sample")
    if pixels.SamplesPerPixel == 3:
        colour.to_rgb(np.empty((0, 0, 3), np.uint8), pixels.PhotometricInterpretation)


def check(instance: Instance) -> None:
    """Refuse by the header alone, before anything is read: no image, pixel format, size budget, transfer syntax."""
    pixels = instance.pixels
    if pixels is None:
        raise Refused(Reason.NOT_AN_IMAGE)
    codecs.family_of(instance.TransferSyntaxUID)
    stored_dtype(pixels)
    budget.check(pixels, instance.SOPClassUID)


def native_bytes(pixels: PixelFormat, available: int) -> float:
    """Bytes of one native frame; not whole where frames of single bits share bytes (PS3.5 8.1.1).

    `available`: bytes of all frames, which tell whether YBR_FULL_422 is really stored with halved chroma.
    """
    size = pixels.Rows * pixels.Columns * pixels.SamplesPerPixel * pixels.BitsAllocated / 8
    if is_halved(pixels) and available < size * pixels.NumberOfFrames:
        return size * 2 / 3
    return size


def is_halved(pixels: PixelFormat) -> bool:
    """Whether a native frame may be stored as Y1 Y2 Cb Cr for two pixels."""
    even = pixels.SamplesPerPixel == 3 and pixels.Columns % 2 == 0 and pixels.BitsAllocated == 8
    return even and pixels.PhotometricInterpretation in ("YBR_FULL_422", "YBR_PARTIAL_422")


def image(data: bytes | memoryview, head: bytes, instance: Instance, frame: int, threads: int = 1) -> NDArray[Any]:
    """Frame `frame` (from 0) whose own bytes are `data`, shape and type as `image_shape` and `stored_dtype` say.

    `head` is the object up to its pixels, for its palette and colour profile. Raises `Refused`.
    """
    check(instance)
    pixels = instance.pixels
    assert pixels is not None  # noqa: S101  check() has refused everything else
    family = codecs.family_of(instance.TransferSyntaxUID)
    if family is Family.NATIVE:
        bits, rgb = pixels.BitsStored, False
        samples = _native(data, pixels, frame, instance.TransferSyntaxUID == scan.BIG_ENDIAN)
    else:
        tiled = instance.SOPClassUID in budget.TILED
        coded, found = codecs.decode(bytes(data), family, pixels, threads, may_be_smaller=tiled)
        coded = _filled_up(coded, pixels)
        bits, rgb = found.bits or pixels.BitsStored, _is_rgb(family, found.lossless, bytes(data[found.start :]))
        samples = _as_declared(coded, pixels, found.bits)
    if pixels.SamplesPerPixel == 3:
        eight = colour.to_eight_bits(samples, bits)
        return profiles.as_srgb(colour.to_rgb(eight, pixels.PhotometricInterpretation, decoded=rgb), head)
    if colour.is_colour(pixels):
        return profiles.as_srgb(palette.palette_of(head, pixels).apply(samples), head)
    return samples


def _filled_up(coded: NDArray[Any], pixels: PixelFormat) -> NDArray[Any]:
    """A cut tile in the upper left of a whole one; the rest is zero."""
    rows, columns = coded.shape[:2]
    if (rows, columns) == (pixels.Rows, pixels.Columns):
        return coded
    whole = np.zeros((pixels.Rows, pixels.Columns, *coded.shape[2:]), coded.dtype)
    whole[:rows, :columns] = coded
    return whole


def _is_rgb(family: Family, lossless: bool, data: bytes) -> bool:
    """Whether the decoder has already made RGB of three samples."""
    if family is Family.JPEG:
        return not lossless
    if family in (Family.J2K, Family.HTJ2K):
        return codestream.has_component_transform(data)
    return False


def _native(data: bytes | memoryview, pixels: PixelFormat, frame: int, big_endian: bool) -> NDArray[Any]:
    if len(data) < native_bytes(pixels, len(data) * pixels.NumberOfFrames):
        raise Refused(Reason.PIXEL_LENGTH, f"{len(data)} bytes in frame {frame + 1}")
    if pixels.BitsAllocated == 1:
        return _single_bits(data, pixels, frame)
    if pixels.BitsAllocated == 12:
        return _twelve_bits(data, pixels)
    dtype = _sample_dtype(pixels)
    count = pixels.Rows * pixels.Columns * pixels.SamplesPerPixel
    if is_halved(pixels) and len(data) < count:
        return colour.spread_422(np.frombuffer(data, np.uint8, count * 2 // 3), pixels.Rows, pixels.Columns)
    raw = np.frombuffer(data, dtype.newbyteorder(">" if big_endian else "<"), count).astype(dtype, copy=False)
    if pixels.SamplesPerPixel == 1:
        return without_high_bits(raw, pixels).reshape(pixels.Rows, pixels.Columns)
    if pixels.PlanarConfiguration == 1:
        return np.moveaxis(raw.reshape(3, pixels.Rows, pixels.Columns), 0, -1)
    return raw.reshape(pixels.Rows, pixels.Columns, 3)


def _single_bits(data: bytes | memoryview, pixels: PixelFormat, frame: int) -> NDArray[Any]:
    """Single bits, the first pixel lowest; a frame may begin inside a byte (PS3.5 8.1.1)."""
    count = pixels.Rows * pixels.Columns * pixels.SamplesPerPixel
    skipped = frame * count % 8
    bits = np.unpackbits(np.frombuffer(data, np.uint8), count=skipped + count, bitorder="little")
    return bits[skipped:].reshape(pixels.Rows, pixels.Columns)


def _twelve_bits(data: bytes | memoryview, pixels: PixelFormat) -> NDArray[Any]:
    """Two pixels in three bytes, the first lowest."""
    count = pixels.Rows * pixels.Columns * pixels.SamplesPerPixel
    if count % 2 or pixels.SamplesPerPixel != 1 or pixels.PixelRepresentation:
        raise Refused(Reason.PIXEL_FORMAT, "an odd number of packed 12-bit pixels")
    low, middle, high = np.frombuffer(data, np.uint8, count * 3 // 2).reshape(-1, 3).T.astype(np.uint16)
    pairs = np.stack((low | (middle & 15) << 8, middle >> 4 | high << 4), axis=1)
    return pairs.reshape(pixels.Rows, pixels.Columns)


def _as_declared(coded: NDArray[Any], pixels: PixelFormat, precision: int | None) -> NDArray[Any]:
    """Decoded samples in the header's type: PixelRepresentation decides about the sign.

    A codestream without sign holds two's complement in as many bits as it or the header has, whichever is less.
    """
    dtype = _sample_dtype(pixels)
    if precision is None:  # RLE holds native samples
        native = coded.view(dtype) if coded.dtype.itemsize == dtype.itemsize else coded.astype(dtype)
        return without_high_bits(native, pixels) if pixels.SamplesPerPixel == 1 else native
    if (coded.dtype.kind == "i") == (dtype.kind == "i"):
        return coded.astype(dtype, copy=False)
    if dtype.kind == "u":
        return (coded & ((1 << precision) - 1)).astype(dtype)
    unused = pixels.BitsAllocated - min(precision, pixels.BitsStored, pixels.BitsAllocated)
    return np.asarray((coded.astype(dtype) << unused) >> unused, dtype=dtype)


def without_high_bits(raw: NDArray[Any], pixels: PixelFormat) -> NDArray[Any]:
    """The BitsStored bits below HighBit, sign-extended; what stands in the other bits is not image."""
    if pixels.keyword in _FLOATS or not 0 < pixels.BitsStored <= pixels.BitsAllocated:
        return raw
    senseless = not pixels.BitsStored - 1 <= pixels.HighBit < pixels.BitsAllocated
    high_bit = pixels.BitsStored - 1 if senseless else pixels.HighBit
    above = pixels.BitsAllocated - 1 - high_bit
    below = high_bit + 1 - pixels.BitsStored
    if not above and not below:
        return raw
    return np.asarray((raw << above) >> (above + below), dtype=raw.dtype)


def cropped(stored: NDArray[Any], crop: tuple[int, int, int, int] | None) -> NDArray[Any]:
    """The part of a frame that is one image: first row, first column, rows, columns."""
    if crop is None:
        return stored
    top, left, rows, columns = crop
    return stored[top : top + rows, left : left + columns]


def place(
    stored: NDArray[Any], target: NDArray[Any], rescale: Rescale | None, padding: tuple[float, float] | None
) -> None:
    """Write one image into its place in the block.

    `rescale` is given where the block holds modality values: padding, an inclusive range of stored values, becomes
    `PADDING_OF_FLOATS` there, since after different rescales no other number is left that means it (safety.md 7).
    """
    if rescale is None:
        target[...] = stored
        return
    target[...] = rescale.apply(stored)
    if padding is not None:
        target[is_padding(stored, padding)] = PADDING_OF_FLOATS
