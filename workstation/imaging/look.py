"""Tables and overlay planes as arrays: what `dicom.looks` read, ready to be applied (PS3.3 C.9.2, C.11.1, C.11.2)."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.looks import ImageLook, Shutter
from workstation.dicom.luts import Lut
from workstation.dicom.overlays import Overlay

__all__ = ["ImageLook", "Lut", "Overlay", "Shutter", "entries", "look_up", "overlay_mask"]


@lru_cache(maxsize=64)
def entries(lut: Lut) -> NDArray[np.int64]:
    """The output values of a table, shape (len(lut),)."""
    return np.frombuffer(lut.table, dtype="<u2").astype(np.int64)


def look_up(lut: Lut, values: NDArray[Any]) -> NDArray[np.int64]:
    """Values through a table: below its first mapped value the first entry counts, beyond its end the last.

    Values between two whole numbers take the entry of the lower one; NaN takes the first.
    """
    index = np.floor(np.nan_to_num(np.asarray(values, dtype=np.float64), nan=lut.first)) - lut.first
    return np.asarray(entries(lut)[np.clip(index, 0, len(lut) - 1).astype(np.intp)])


def overlay_mask(overlay: Overlay, rows: int, columns: int) -> NDArray[np.bool_]:
    """Where an overlay is set on an image of (rows, columns); what reaches beyond the image is cut off."""
    bits = np.unpackbits(np.frombuffer(overlay.packed, np.uint8), bitorder="little")
    plane = bits[: overlay.rows * overlay.columns].reshape(overlay.rows, overlay.columns).astype(np.bool_)
    mask = np.zeros((rows, columns), dtype=np.bool_)
    top, left = overlay.origin[0] - 1, overlay.origin[1] - 1
    bottom, right = min(rows, top + overlay.rows), min(columns, left + overlay.columns)
    first_row, first_column = max(top, 0), max(left, 0)
    if bottom > first_row and right > first_column:
        part = plane[first_row - top : bottom - top, first_column - left : right - left]
        mask[first_row:bottom, first_column:right] = part
    return mask
