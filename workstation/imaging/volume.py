"""Loaded voxels: a block that fills while it is used, with what turns its numbers into values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale


@dataclass(frozen=True)
class Voxels:
    """The images of one display set: `stored[k, j, i]` is row j, column i of image k.

    `filled[k]` turns true, once and for good, after image k has been written; readers look at nothing else.
    `rescale` holds for the whole block: where slopes differ between images the block holds modality values in
    float32 and `rescale` is the identity. `padding` is an inclusive range of stored values that are no image.
    """

    display_set: DisplaySet
    stored: NDArray[Any]
    filled: NDArray[np.bool_]
    rescale: Rescale
    padding: tuple[float, float] | None
    unit: str

    @property
    def whole(self) -> bool:
        return bool(self.filled.all())

    @property
    def arrived(self) -> int:
        return int(np.count_nonzero(self.filled))

    def values(self, image: int) -> NDArray[np.float64]:
        """Modality values of one image; padding is NaN."""
        values = self.rescale.apply(self.stored[image])
        if self.padding is not None:
            values[is_padding(self.stored[image], self.padding)] = np.nan
        return values


def is_padding(stored: NDArray[Any], padding: tuple[float, float]) -> NDArray[np.bool_]:
    """Which stored values are padding (PS3.3 C.7.5.1.1.2): within the range, both ends included."""
    low, high = padding
    if low == high:
        return np.asarray(stored == low)
    return np.asarray((stored >= low) & (stored <= high))
