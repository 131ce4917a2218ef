"""The header's claim against a limit, before anything is decoded (safety.md 15).

An 818-byte file may declare 8 GB; a decoder that believes it takes them. What is declared is compared with fixed
limits, so a refusal says the same everywhere: at import, when loading, when receiving.
"""

from typing import Final

from workstation.dicom.entities import PixelFormat
from workstation.errors import Reason, Refused

LARGEST_FRAME_BYTES: Final = 1 << 30
"""One decoded frame: 32,768 x 16,384 pixels of 16 bits, larger than any detector."""

LARGEST_IMAGE_BYTES: Final = 8 << 30
"""All decoded frames of one object that is shown as a whole."""

TILED: Final = frozenset(("1.2.840.10008.5.1.4.1.1.77.1.6",))
"""Whole slide images (PS3.3 A.32.8) are read tile by tile; only their tiles are limited."""


def check(pixels: PixelFormat, sop_class_uid: str) -> None:
    """Raise Refused(TOO_LARGE) when the header declares a frame or an image beyond the limits."""
    if pixels.frame_bytes > LARGEST_FRAME_BYTES:
        raise Refused(Reason.TOO_LARGE, detail=f"a frame of {pixels.frame_bytes} bytes")
    total_bytes = pixels.frame_bytes * pixels.NumberOfFrames
    if sop_class_uid not in TILED and total_bytes > LARGEST_IMAGE_BYTES:
        raise Refused(Reason.TOO_LARGE, detail=f"an image of {total_bytes} bytes")
