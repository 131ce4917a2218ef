"""What a block for all images of a display set holds, and in what its numbers are told."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale, rescale_of
from workstation.imaging.suv_values import Measure
from workstation.imaging.volume import Voxels
from workstation.loading import decode, memory
from workstation.loading.colour import is_colour
from workstation.loading.values import Told, padding_of, told


@dataclass(frozen=True)
class Plan:
    """What a block for all images of a set holds: stored values, modality values, or RGB."""

    display_set: DisplaySet
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    rescale: Rescale
    padding: tuple[float, float] | None
    told: Told
    rescales: bool
    """Whether they differ: the block then holds modality values, in the proportions of their factors (safety.md 7)."""

    def fits(self, voxels: Voxels) -> bool:
        """Whether numbers in `voxels` mean the same here."""
        same = (voxels.stored.dtype, voxels.stored.shape[1:]) == (self.dtype, self.shape[1:])
        same = same and len(voxels.factors) == len(self.told.factors) == 1
        return same and (voxels.rescale, voxels.padding, voxels.unit) == (self.rescale, self.padding, self.told.unit)

    def rescale_of(self, image: int) -> tuple[Rescale | None, tuple[float, float] | None]:
        """What is done to an image as it goes into the block, and what of it is padding; neither where it stays."""
        if not self.rescales:
            return None, None
        ref, factors = self.display_set.images[image], self.told.factors
        own = rescale_of(ref.attributes)
        padding = padding_of(ref.instance, own)
        if len(factors) == 1:
            return own, padding
        return own.times(factors[image] / factors[0]), padding

    def voxels(self, block: memory.Block) -> Voxels:
        """None of them filled yet."""
        return Voxels(
            display_set=self.display_set,
            stored=block.array,
            filled=np.zeros(self.shape[0], dtype=np.bool_),
            rescale=self.rescale,
            padding=self.padding,
            unit=self.told.unit,
            looks=[None] * self.shape[0],
            shared=block.handle,
            on_disk=block.on_disk,
            factors=self.told.factors,
            suv=self.told.suv,
        )


def plan(display_set: DisplaySet, measure: Measure) -> Plan:
    pixels, told_in = display_set.pixels, told(display_set, measure)
    colour = is_colour(pixels)
    rescales = len({rescale_of(ref.attributes) for ref in display_set.images}) > 1 or len(told_in.factors) > 1
    rescales &= not colour
    shape = (len(display_set.images), *decode.image_shape(pixels))
    native = Rescale() if rescales or colour else rescale_of(display_set.images[0].attributes)
    padding: tuple[float, float] | None = (decode.PADDING_OF_FLOATS, decode.PADDING_OF_FLOATS)
    if not rescales:
        padding = None if colour else padding_of(display_set.first, native)
    dtype = np.dtype(np.float32) if rescales else np.dtype(decode.stored_dtype(pixels))
    return Plan(display_set, shape, dtype, native.times(told_in.factors[0]), padding, told_in, rescales)
