"""Pixel data of one frame -> stored values, as the header describes them (PS3.5 §8, PS3.3 C.7.6.3)."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.entities import Instance, PixelFormat
from workstation.errors import Reason, Refused

LARGEST_FRAME_BYTES = 1 << 30
"""The header budget of one frame: nothing larger is decoded (safety.md 15)."""

_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_DTYPES = {(8, 0): "u1", (8, 1): "i1", (16, 0): "u2", (16, 1): "i2", (32, 0): "u4", (32, 1): "i4"}


def stored_dtype(pixels: PixelFormat) -> np.dtype[Any]:
    """The numpy type of stored values. Raises `Refused(PIXEL_FORMAT)` for what cannot be shown yet."""
    name = _DTYPES.get((pixels.BitsAllocated, pixels.PixelRepresentation))
    if name is None or pixels.SamplesPerPixel != 1:
        what = f"{pixels.SamplesPerPixel} samples of {pixels.BitsAllocated} bits"
        raise Refused(Reason.PIXEL_FORMAT, what)
    return np.dtype(name)


def check(instance: Instance) -> None:
    """Refuse before anything is read: pixel format, size budget, transfer syntax, length."""
    pixels = instance.pixels
    if pixels is None:
        raise Refused(Reason.NOT_AN_IMAGE)
    stored_dtype(pixels)
    if pixels.frame_bytes > LARGEST_FRAME_BYTES:
        raise Refused(Reason.TOO_LARGE, f"{pixels.frame_bytes >> 20} MiB a frame")
    if pixels.offset is None or pixels.length is None:
        raise Refused(Reason.TRANSFER_SYNTAX, instance.TransferSyntaxUID)
    if pixels.length < pixels.frame_bytes * pixels.NumberOfFrames:
        raise Refused(Reason.PIXEL_LENGTH, f"{pixels.length} of {pixels.frame_bytes * pixels.NumberOfFrames} bytes")


def native_frame(data: bytes, instance: Instance, frame: int) -> NDArray[Any]:
    """Frame `frame` of native pixel data as stored values (rows, columns); `data` is the whole DICOM file."""
    check(instance)
    pixels = instance.pixels
    assert pixels is not None and pixels.offset is not None  # noqa: S101  check() has refused everything else
    order: Literal["<", ">"] = ">" if instance.TransferSyntaxUID == _BIG_ENDIAN else "<"
    dtype = stored_dtype(pixels)
    raw = np.frombuffer(
        data,
        dtype=dtype.newbyteorder(order),
        count=pixels.Rows * pixels.Columns,
        offset=pixels.offset + frame * pixels.frame_bytes,
    )
    return without_high_bits(raw.astype(dtype, copy=False), pixels).reshape(pixels.Rows, pixels.Columns)


def without_high_bits(raw: NDArray[Any], pixels: PixelFormat) -> NDArray[Any]:
    """The BitsStored bits below HighBit, sign-extended; what stands in the other bits is not image."""
    unused_above = pixels.BitsAllocated - 1 - pixels.HighBit
    unused_below = pixels.HighBit + 1 - pixels.BitsStored
    if unused_above <= 0 and unused_below <= 0:
        return raw
    return np.asarray((raw << unused_above) >> (unused_above + max(0, unused_below)), dtype=raw.dtype)
