"""Loaded voxels: a block that fills while it is used, with what turns its numbers into values."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.breast import Breast
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale, Window
from workstation.imaging.look import ImageLook, look_up
from workstation.imaging.padded import PaddedBlocks
from workstation.imaging.shared import BlockHandle
from workstation.imaging.sides import Sides
from workstation.imaging.suv_values import SUV_UNITS, Derivation, Refusal


@dataclass(frozen=True)
class Voxels:
    """The images of one display set: `stored[k, j, i]` is row j, column i of image k.

    `filled[k]` turns true, once and for good, after image k has been written; readers look at nothing else.
    Colour images are RGB: `stored[k, j, i, channel]`.
    `rescale` holds for the whole block: where slopes differ between images the block holds modality values in
    float32 and `rescale` is the identity. `padding` is an inclusive range of stored values that are no image.
    PET is told as SUV where that can be derived: `rescale` then holds its factor too, and `unit` says which SUV.
    """

    display_set: DisplaySet
    stored: NDArray[Any]
    filled: NDArray[np.bool_]
    rescale: Rescale
    padding: tuple[float, float] | None
    unit: str
    looks: list[ImageLook | None] = field(default_factory=list)
    """One for each image, set before `filled` is; None for an image that has no look of its own. Empty: none has."""
    percentile_windows: dict[tuple[tuple[int, ...], str, bool], Window] = field(default_factory=dict)
    """Windows worked out of values, by images, preset and whether a presentation state was in force: kept,
    for a large radiograph is painted faster than it is sorted."""
    breasts: dict[int, Breast | None] = field(default_factory=dict)
    """What was found in mammograms, by image."""
    padded: PaddedBlocks = field(default_factory=PaddedBlocks)
    """Where padding lies in a volume, image by image as they arrive."""
    shared: BlockHandle | None = None
    """How another process reads `stored`; None where it lies in this one alone."""
    sides: Sides = field(default_factory=Sides)
    """What the volume looks like turned about the patient's long axis, as far as somebody wanted to see it."""
    on_disk: bool = False
    """Whether `stored` lies in a file on the disk, for want of memory."""
    factors: tuple[float, ...] = (1.0,)
    """From modality values to what is told: one, or one for each image; all but the first are in the block already."""
    suv: Derivation | Refusal | None = None
    """Of PET: how its SUV is derived, or why it is not."""

    @property
    def modality_rescale(self) -> Rescale:
        """Stored values to modality values, as the objects say it."""
        if self.factors == (1.0,):
            return self.rescale
        return Rescale(self.rescale.slope / self.factors[0], self.rescale.intercept / self.factors[0])

    def factor(self, image: int) -> float:
        """From modality values of one image to what is told."""
        return self.factors[image if len(self.factors) > 1 else 0]

    @property
    def caution(self) -> tuple[str, ...]:
        """What must stand beside numbers counted of these voxels."""
        edited = self.suv.edited_words if isinstance(self.suv, Derivation) and self.is_suv else ""
        return (f"SUV with edited {edited}",) if edited else ()

    @property
    def is_suv(self) -> bool:
        return self.unit in SUV_UNITS

    @property
    def whole(self) -> bool:
        return bool(self.filled.all())

    @property
    def arrived(self) -> int:
        return int(np.count_nonzero(self.filled))

    @property
    def is_colour(self) -> bool:
        """Whether `stored` holds RGB, shape (images, rows, columns, 3): light, not values."""
        return self.stored.ndim == 4

    def look(self, image: int) -> ImageLook | None:
        return self.looks[image] if self.looks else None

    def values(self, image: int, part: tuple[slice, slice] = (slice(None), slice(None))) -> NDArray[np.float64]:
        """Modality values of one image, or of these rows and columns of it; padding is NaN."""
        look, stored = self.look(image), self.stored[image][part]
        if look is not None and look.modality is not None:
            values = look_up(look.modality, stored).astype(np.float64)
        else:
            values = self.rescale.apply(stored)
        if self.padding is not None:
            values[is_padding(stored, self.padding)] = np.nan
        return values


def is_padding(stored: NDArray[Any], padding: tuple[float, float]) -> NDArray[np.bool_]:
    """Which stored values are padding (PS3.3 C.7.5.1.1.2): within the range, both ends included."""
    low, high = padding
    if low == high:
        return np.asarray(stored == low)
    return np.asarray((stored >= low) & (stored <= high))
