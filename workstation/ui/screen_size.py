"""How large a pixel of the screen is, so that one millimetre of a patient can be one on the glass."""

import math
from collections.abc import Iterable
from typing import Final

from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QWidget

INCH_MM: Final = 25.4
PLAUSIBLE_DPI: Final = (50.0, 1000.0)
SQUARE: Final = 0.02
"""How far the two sides of a pixel may differ before what the screen says of its size is not believed."""


def pixel_mm(windows: Iterable[QWidget | None], set_dpi: float = 0.0) -> float | None:
    """Size of a device pixel in mm where these windows stand; None where it is unknown, or not the same for all.

    `set_dpi` is what a person set (0: nothing). A screen that does not say who made it did not say its size either:
    Qt then makes one up from 96 dots an inch.
    """
    if set_dpi >= PLAUSIBLE_DPI[0]:
        return INCH_MM / set_dpi
    sizes = [reported_mm(window.screen()) for window in windows if window is not None]
    known = [size for size in sizes if size is not None]
    alike = len(known) == len(sizes) and all(math.isclose(size, known[0], rel_tol=SQUARE) for size in known)
    return known[0] if known and alike else None


def reported_mm(screen: QScreen) -> float | None:
    """What a screen says of its device pixels, mm; None where it says nothing, or nothing that can be."""
    if not (screen.manufacturer() or screen.model()):
        return None
    ratio = screen.devicePixelRatio()
    across, down = screen.physicalDotsPerInchX() * ratio, screen.physicalDotsPerInchY() * ratio
    least, most = PLAUSIBLE_DPI
    if not (least <= across <= most and least <= down <= most and math.isclose(across, down, rel_tol=SQUARE)):
        return None
    return INCH_MM / math.sqrt(across * down)
