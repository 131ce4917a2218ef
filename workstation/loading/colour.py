"""Colour models to RGB of 8 bits a sample (PS3.3 C.7.6.3.1.2)."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.entities import PixelFormat
from workstation.errors import Reason, Refused

Rgb = NDArray[np.uint8]
"""(rows, columns, 3)"""

PALETTE: Final = "PALETTE COLOR"
_FULL: Final = frozenset(("YBR_FULL", "YBR_FULL_422"))
_PARTIAL: Final = frozenset(("YBR_PARTIAL_422", "YBR_PARTIAL_420"))
_DECODED_TO_RGB: Final = frozenset(("RGB", "YBR_RCT", "YBR_ICT"))
_BAND_ROWS: Final = 256
"""Conversion goes by bands: floats of a whole photograph would take twelve times its bytes."""


def is_colour(pixels: PixelFormat) -> bool:
    """Whether images become RGB: three samples, or one that points into a palette.

    A supplemental palette (PixelPresentation COLOR, MONOCHROME2) leaves its greys grey.
    """
    return pixels.SamplesPerPixel == 3 or (pixels.SamplesPerPixel == 1 and pixels.PhotometricInterpretation == PALETTE)


def to_eight_bits(samples: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """The upper 8 of `bits` used bits."""
    if samples.dtype.itemsize == 1:
        return samples.view(np.uint8)
    return np.asarray(np.clip(samples >> max(0, bits - 8), 0, 255), dtype=np.uint8)


def to_rgb(samples: NDArray[np.uint8], model: str, decoded: bool = False) -> Rgb:
    """Samples (rows, columns, 3) of a PhotometricInterpretation as RGB.

    `decoded`: the decoder has already turned luminance and chroma into RGB. Raises Refused(PIXEL_FORMAT).
    """
    if decoded or model in _DECODED_TO_RGB:
        return samples
    if model in _FULL:
        return _from_ybr(samples, 1.0, 0.0, 1.0)
    if model in _PARTIAL:
        return _from_ybr(samples, 255 / 219, 16.0, 255 / 224)
    raise Refused(Reason.PIXEL_FORMAT, f"three samples of {model or 'unnamed'} colour")


def _from_ybr(ybr: NDArray[np.uint8], y_scale: float, y_zero: float, c_scale: float) -> Rgb:
    """ITU-R BT.601, with full or partial range."""
    rgb = np.empty(ybr.shape, np.uint8)
    chroma_to_rgb = np.array(((0.0, -0.344136, 1.772), (1.402, -0.714136, 0.0)), np.float32) * np.float32(c_scale)
    for top in range(0, ybr.shape[0], _BAND_ROWS):
        band = ybr[top : top + _BAND_ROWS].astype(np.float32)
        luminance = (band[..., :1] - np.float32(y_zero)) * np.float32(y_scale)
        blue, red = band[..., 1:2] - np.float32(128), band[..., 2:] - np.float32(128)
        exact = luminance + blue * chroma_to_rgb[0] + red * chroma_to_rgb[1]
        rgb[top : top + _BAND_ROWS] = np.clip(np.rint(exact), 0, 255).astype(np.uint8)
    return rgb


def spread_422(raw: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    """Y1 Y2 Cb Cr for every two pixels (PS3.3 C.7.6.3.1.2) as (rows, columns, 3). `columns` is even."""
    pairs = raw.reshape(rows, columns // 2, 4)
    ybr = np.empty((rows, columns, 3), np.uint8)
    ybr[:, 0::2, 0], ybr[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    ybr[:, 0::2, 1:] = ybr[:, 1::2, 1:] = pairs[..., 2:]
    return ybr
