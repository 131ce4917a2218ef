"""Colours as segmentations recommend them: CIELab in 16 bits (PS3.3 C.10.7.1.1), from and to sRGB.

The standard means the D50 of ICC profiles; dcmtk, dcmqi and highdicom all write and read sRGB under its own D65. So
does this: who picked a colour sees it again in every program.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.findings.segment import Colour

WHITE: Final = np.array([0.95047, 1.0, 1.08883])
"""D65."""

XYZ_FROM_RGB: Final = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
"""Linear sRGB to XYZ (IEC 61966-2-1)."""

_CUT, _SLOPE, _LIFT = (6 / 29) ** 3, (29 / 6) ** 2 / 3, 4 / 29


def rgb_of(encoded: tuple[float, ...]) -> Colour | None:
    """RecommendedDisplayCIELabValue as RGB 0 to 255; None when it is none. What no screen shows is brought nearer."""
    if len(encoded) != 3 or not all(0 <= each <= 65535 for each in encoded):
        return None
    light = encoded[0] * 100 / 65535
    a, b = (each * 255 / 65535 - 128 for each in encoded[1:])
    y = (light + 16) / 116
    xyz = WHITE * _unroot(np.array([y + a / 500, y, y - b / 200]))
    linear = np.clip(np.linalg.solve(XYZ_FROM_RGB, xyz), 0.0, 1.0)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (round(float(each) * 255) for each in curved)
    return red, green, blue


def encoded(colour: Colour) -> tuple[int, int, int]:
    """RGB 0 to 255 as a RecommendedDisplayCIELabValue."""
    curved = np.array(colour) / 255
    linear = np.where(curved <= 0.04045, curved / 12.92, ((curved + 0.055) / 1.055) ** 2.4)
    x, y, z = _root(XYZ_FROM_RGB @ linear / WHITE)
    light, a, b = 116 * y - 16, 500 * (x - y), 200 * (y - z)
    numbers = (light * 65535 / 100, (a + 128) * 65535 / 255, (b + 128) * 65535 / 255)
    first, second, third = (min(max(round(float(each)), 0), 65535) for each in numbers)
    return first, second, third


def _root(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.where(shares > _CUT, np.cbrt(shares), shares * _SLOPE + _LIFT))


def _unroot(roots: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.where(roots > 6 / 29, roots**3, (roots - _LIFT) / _SLOPE))
