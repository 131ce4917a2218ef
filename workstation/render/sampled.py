"""What sampling a plane gives."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.view import ScreenPlane


@dataclass(frozen=True)
class Sampled:
    """Stored values on a tile, shape (height, width), or (height, width, 3) for RGB; masks, shape (height, width),
    are None where they would be all false.

    `nothing`: outside the voxels or padding. `missing`: the image that belongs here has not arrived.
    """

    values: NDArray[Any]
    nothing: NDArray[np.bool_] | None
    missing: NDArray[np.bool_] | None


COARSE = 2
"""Pixels of the screen along the edge of one that is sampled while a slab moves."""


def coarsened(screen: ScreenPlane) -> ScreenPlane:
    """The same tile in pixels twice as large, whose middles are the middles of what they stand for."""
    o, r, d = screen.origin_lps, screen.step_right, screen.step_down
    half = (COARSE - 1) / 2
    return ScreenPlane(
        (o[0] + (r[0] + d[0]) * half, o[1] + (r[1] + d[1]) * half, o[2] + (r[2] + d[2]) * half),
        (r[0] * COARSE, r[1] * COARSE, r[2] * COARSE),
        (d[0] * COARSE, d[1] * COARSE, d[2] * COARSE),
        -(-screen.width // COARSE),
        -(-screen.height // COARSE),
    )


def enlarged(sampled: Sampled, width: int, height: int) -> Sampled:
    """Coarse pixels as squares of the tile's own."""

    def spread(array: NDArray[Any]) -> NDArray[Any]:
        large = np.repeat(np.repeat(array, COARSE, axis=0), COARSE, axis=1)
        return np.ascontiguousarray(large[:height, :width])

    nothing, missing = (None if each is None else spread(each) for each in (sampled.nothing, sampled.missing))
    return Sampled(spread(sampled.values), nothing, missing)
