"""Pictures laid over each other, as the Advanced Blending pipeline has it (PS3.4 N.2.6): each has gone through its own
VOI and palette before, and is opaque light here, 0xffRRGGBB, shape (height, width)."""

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.greyscale import BLACK, OPAQUE, as_rgb32
from workstation.imaging.palettes import palette

RGB32 = NDArray[np.uint32]
Mask = NDArray[np.bool_]

AT_ONCE: Final = 1 << 16
"""Bytes that are mixed together: what is worked out in between stays in the processor's cache."""

ROWS_AT_ONCE: Final = 64
"""Of a picture that are looked up together: NumPy takes eight bytes for each index."""


def mixed(first: RGB32, second: RGB32, opacity: float) -> RGB32:
    """`opacity` times the first and what is left of 1 times the second, each channel rounded (PS3.4 N.2.6.2)."""
    if opacity >= 1 or opacity <= 0:
        return (first if opacity >= 1 else second).copy()
    out = np.empty(first.size * 4, np.uint8)
    over, under = (np.ascontiguousarray(each).view(np.uint8).ravel() for each in (first, second))
    share, rest = np.float32(opacity), np.float32(1 - opacity)
    for start in range(0, out.size, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        sums = over[part].astype(np.float32)
        sums *= share
        below = under[part].astype(np.float32)
        below *= rest
        sums += below
        sums += np.float32(0.5)
        out[part] = sums
    return out.view(np.uint32).reshape(first.shape)


@lru_cache(maxsize=64)
def mixing_table(palette_name: str, opacity: float) -> RGB32:
    """What `mixed` gives for a level of a palette (grey without a name) over a grey, at level * 256 + grey."""
    first = coloured(np.arange(256, dtype=np.uint8), palette_name).repeat(256)
    return mixed(first, np.tile(as_rgb32(np.arange(256, dtype=np.uint8)), 256), opacity)


def coloured(levels: NDArray[np.uint8], palette_name: str) -> RGB32:
    """Grey levels in a palette's colours, or grey without a name."""
    return np.take(palette(palette_name), levels) if palette_name else as_rgb32(levels)


def mixed_over_grey(levels: NDArray[np.uint8], palette_name: str, grey: RGB32, opacity: float) -> RGB32:
    """`mixed` of a palette's levels over a grey picture, looked up."""
    table, greys = mixing_table(palette_name, opacity), grey.view(np.uint8).reshape(*grey.shape, 4)[..., 0]
    out = np.empty(levels.shape, np.uint32)
    for first in range(0, len(levels), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        index = levels[rows].astype(np.uint16)
        index <<= 8
        index |= greys[rows]
        np.take(table, index, mode="wrap", out=out[rows])
    return out


def laid_over(first: RGB32, second: RGB32, opacity: float, no_first: Mask | None, no_second: Mask | None) -> RGB32:
    """`mixed`, but where one of them has no value the other one's alone (PS3.4 N.2.6.2)."""
    out = mixed(first, second, opacity)
    if no_second is not None:
        np.copyto(out, first, where=no_second)
    if no_first is not None:
        np.copyto(out, second, where=no_first)
    return out


def differing(first: NDArray[np.uint8], second: NDArray[np.uint8], nowhere: Mask | None) -> RGB32:
    """How far two grey pictures differ, as grey: black where they agree, and where one of them has no value."""
    far = np.maximum(first, second) - np.minimum(first, second)
    out = np.asarray(far.astype(np.uint32) * np.uint32(0x010101) | OPAQUE, dtype=np.uint32)
    if nowhere is not None:
        out[nowhere] = BLACK
    return out


def either(*masks: Mask | None) -> Mask | None:
    """Where any of some masks is set; None stands for one that is nowhere."""
    found: Any = None
    for each in masks:
        found = each if found is None else found if each is None else found | each
    return found if found is None else np.asarray(found, dtype=np.bool_)


def both(one: Mask | None, other: Mask | None) -> Mask | None:
    """Where two masks are set, None where that is nowhere for sure."""
    return None if one is None or other is None else one & other


def in_circle(shape: tuple[int, int], center_px: tuple[float, float], radius_px: float) -> Mask:
    """Which pixels of (height, width) lie in a circle about (x, y)."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    far = (x - center_px[0]) ** 2 + (y - center_px[1]) ** 2
    return np.asarray(far <= radius_px**2, dtype=np.bool_)
