"""Display shutters as masks (PS3.3 C.7.6.11, C.7.6.15), by formula: only displayed, never part of a measurement."""

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.look import Shutter, overlay_mask


def hidden(shutter: Shutter, rows: int, columns: int) -> NDArray[np.bool_]:
    """Which pixels of an image a shutter hides, shape (rows, columns); edges and the circle's line stay visible."""
    row, column = np.ogrid[1 : rows + 1, 1 : columns + 1]
    visible = np.ones((rows, columns), dtype=np.bool_)
    if shutter.rectangle is not None:
        left, right, upper, lower = shutter.rectangle
        visible &= (column >= left) & (column <= right) & (row >= upper) & (row <= lower)
    if shutter.circle is not None:
        center_row, center_column, radius = shutter.circle
        visible &= (row - center_row) ** 2 + (column - center_column) ** 2 <= radius**2
    if shutter.polygon:
        visible &= _within(shutter.polygon, rows, columns)
    if shutter.bitmap is not None:
        visible &= ~overlay_mask(shutter.bitmap, rows, columns)
    return ~visible


def _within(polygon: tuple[tuple[int, int], ...], rows: int, columns: int) -> NDArray[np.bool_]:
    """Pixels whose centre lies in a closed polygon, by the even-odd rule, or on one of its edges.

    Each edge turns the pixels to the right of it inside out, row by row.
    """
    inside = np.zeros((rows, columns), dtype=np.bool_)
    on_edge = np.zeros((rows, columns), dtype=np.bool_)
    row = np.arange(1, rows + 1, dtype=np.float64)
    column = np.arange(1, columns + 1, dtype=np.float64)
    for (row_a, column_a), (row_b, column_b) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if row_a == row_b:
            if 1 <= row_a <= rows:
                low, high = sorted((column_a, column_b))
                on_edge[row_a - 1, max(low, 1) - 1 : max(high, 0)] = True
            continue
        crossing = column_a + (row - row_a) * (column_b - column_a) / (row_b - row_a)
        low, high = sorted((row_a, row_b))
        reached = (row >= low) & (row < high)  # half open: a vertex between two edges counts once
        inside ^= reached[:, None] & (column[None, :] > crossing[:, None])
        touched = (row >= low) & (row <= high)
        on_edge |= touched[:, None] & (np.abs(column[None, :] - crossing[:, None]) < 1e-9)
    return inside | on_edge
