"""The bar that says how long a round length is on screen; none without calibration (safety.md 8)."""

import math
from typing import Final

from workstation.case.state import TileView
from workstation.findings.scale import scale_around
from workstation.imaging.calibration import is_at_detector
from workstation.imaging.images import ImageRef
from workstation.imaging.view import ScreenPlane

SCALE_BARS_MM: Final = (1, 2, 5, 10, 20, 50, 100, 200)

EVEN: Final = 0.01
"""A bar holds for every direction: the two of the image may differ by so much, as makers round them."""


def scale_bar(view: TileView, screen: ScreenPlane, ratio: float) -> tuple[float, str] | None:
    """The longest round length that stays under a quarter of the tile: device pixels, and what it is."""
    if view.display_set is None:
        return None
    ref = view.display_set.images[view.image]
    by_region = view.tile.orientation is None and bool(ref.instance.ultrasound)
    spaced = screen.px_per_mm if view.display_set.spacing_is_known else None
    px_per_mm = _px_per_mm_by_region(view, screen, ref) if by_region else spaced
    bar = round_bar(px_per_mm, screen.width, ratio) if px_per_mm else None
    if bar is None or by_region or not is_at_detector(ref):
        return bar
    return bar[0], f"{bar[1]} at detector"


def round_bar(px_per_mm: float, width: int, ratio: float) -> tuple[float, str] | None:
    """The longest round length that stays under a quarter of so many pixels, and what it is; None where none does."""
    longest = min(width * 0.25, 260 * ratio)
    fitting = [length for length in SCALE_BARS_MM if length * px_per_mm <= longest]
    if not fitting:
        return None
    length = fitting[-1]
    return length * px_per_mm, f"{length // 10} cm" if length >= 10 else f"{length} mm"


def _px_per_mm_by_region(view: TileView, screen: ScreenPlane, ref: ImageRef) -> float | None:
    """Device pixels to a millimetre of ultrasound, in the scale that lengths on it are told in."""
    middle = screen.point((screen.width - 1) / 2, (screen.height - 1) / 2)
    scale = scale_around(ref, view.grid.index(middle))
    if scale is None:
        return None
    across, down = (step / own for step, own in zip(scale.steps, view.plane.pixel_mm, strict=True))
    return screen.px_per_mm / across if math.isclose(across, down, rel_tol=EVEN) else None
