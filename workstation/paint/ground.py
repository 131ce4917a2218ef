"""What lies under the marks of a tile: whether text on it is better dark, and how much of a veil a word needs.

Contrast is that of WCAG 2.1: (L1 + 0.05) / (L2 + 0.05) of relative luminances.
"""

import math
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

WANTED: Final = 5.3
"""Contrast of text and ground: 4.5 is needed where strokes are thinner than a pixel and the veil fades."""

LIGHT_FROM: Final = 0.18
"""Relative luminance on which black and white stand out alike."""

STEPS: Final = 8
"""A veil has so many strengths: labels are kept by what they look like."""

EDGE_SHARE: Final = 0.3
"""How far from each edge the ground counts in whether text is dark: where text stands."""

_ODD: Final = 5
"""Percent of the pixels under a word that may be what they like: noise is no ground."""

_LOOKED_AT: Final = 200
"""About so many pixels are looked at under a word: it is done for each word at each paint."""


_GREYS: Final[NDArray[np.float64]] = np.arange(256) / 255.0
_LINEAR: Final[NDArray[np.float64]] = np.where(_GREYS <= 0.04045, _GREYS / 12.92, ((_GREYS + 0.055) / 1.055) ** 2.4)
_SHARES: Final = tuple((np.uint32(shift), share * _LINEAR) for shift, share in ((16, 0.2126), (8, 0.7152), (0, 0.0722)))


def luminance(rgb32: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Relative luminance, 0 to 1, of pixels 0xffRRGGBB."""
    red, green, blue = (share[rgb32 >> shift & np.uint32(255)] for shift, share in _SHARES)
    return np.asarray(red + green + blue)


def contrast(one: float, other: float) -> float:
    """Of two relative luminances."""
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


def _grey(linear: float) -> float:
    """The grey, 0 to 1, of a relative luminance."""
    return float(np.interp(linear, _LINEAR, _GREYS))


@lru_cache(maxsize=64)
def _bound(ink: float) -> float:
    """The grey that text of luminance `ink` can just stand on: the lightest for light text, the darkest for dark."""
    if ink > LIGHT_FROM:
        return _grey(max(0.0, (ink + 0.05) / WANTED - 0.05))
    return _grey(min(1.0, (ink + 0.05) * WANTED - 0.05))


class Ground:
    """The pixels of a tile, (height, width) of 0xffRRGGBB; None is black."""

    def __init__(self, rgb32: NDArray[np.uint32] | None) -> None:
        self._rgb32 = rgb32

    @cached_property
    def _corners(self) -> NDArray[np.uint32]:
        """Some hundred pixels of the four corners."""
        assert self._rgb32 is not None  # noqa: S101  asked for where there are pixels
        rows, columns = self._rgb32.shape
        high, wide = max(1, round(rows * EDGE_SHARE)), max(1, round(columns * EDGE_SHARE))
        step_down, step_right = 1 + high // 12, 1 + wide // 20
        corners = [
            self._rgb32[down : down + high : step_down, right : right + wide : step_right].ravel()
            for down in (0, rows - high)
            for right in (0, columns - wide)
        ]
        return np.concatenate(corners)

    @cached_property
    def is_light(self) -> bool:
        """Whether most of what text stands on is light: the four corners together."""
        return self._rgb32 is not None and bool(np.mean(luminance(self._corners) > LIGHT_FROM) > 0.5)

    @cached_property
    def _is_grey(self) -> bool:
        return np.array_equal(self._corners >> np.uint32(16) & np.uint32(255), self._corners & np.uint32(255))

    def _greys(self, down: slice, right: slice) -> NDArray[np.uint8]:
        """Part of the tile in greys, in one row: green alone where nothing else says more, which costs least."""
        assert self._rgb32 is not None  # noqa: S101  asked for where there are pixels
        part = self._rgb32[down, right].ravel()
        if self._is_grey:
            return part.view(np.uint8)[1::4].copy()
        return np.rint(np.interp(luminance(part), _LINEAR, _GREYS) * 255).astype(np.uint8)

    def veil(self, left: float, top: float, width: float, height: float, ink: float) -> int:
        """How strong a veil text of luminance `ink` needs in a rectangle: 0 for none, up to `STEPS` for opaque."""
        if self._rgb32 is None:
            return 0
        x, y = max(0, round(left)), max(0, round(top))
        across = 1 + round(width * height / 3) // _LOOKED_AT
        rows, columns = slice(y, max(y, round(top + height)), 3), slice(x, max(x, round(left + width)), across)
        under = self._greys(rows, columns)
        if not under.size:
            return 0
        under.sort()
        odd, bound = under.size * _ODD // 100, _bound(ink)
        if ink > LIGHT_FROM:
            worst = float(under[-1 - odd]) / 255
            share = 1 - bound / worst if worst > bound else 0.0
        else:
            worst = float(under[odd]) / 255
            share = (bound - worst) / (1 - worst) if worst < bound else 0.0
        return math.ceil(share * STEPS)
