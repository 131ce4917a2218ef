"""Colour palettes for grey levels: the well-known ones of PS3.6 Annex B, by their content label."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

PALETTES: Final = ("HOT_IRON", "PET", "HOT_METAL_BLUE", "PET_20_STEP", "SPRING", "SUMMER", "FALL", "WINTER")
"""Content labels in the order of PS3.6 Table A-1; the n-th has the UID 1.2.840.10008.1.5.n."""


@cache
def palette(name: str) -> NDArray[np.uint32]:
    """The 256 colours of a palette as 0xffRRGGBB, shape (256,). Raises KeyError for an unknown name."""
    if name not in PALETTES:
        raise KeyError(name)
    uid = f"1.2.840.10008.1.5.{PALETTES.index(name) + 1}"
    from pydicom.pixels.processing import apply_color_lut

    colours = apply_color_lut(np.arange(256, dtype=np.uint8), palette=uid)
    if colours.dtype != np.uint8:
        colours = (colours >> 8).astype(np.uint8)
    red, green, blue = (colours[:, channel].astype(np.uint32) for channel in range(3))
    packed: NDArray[np.uint32] = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
    packed.setflags(write=False)
    return packed
