"""Layers: other display sets drawn over a tile's own, each in its own colours and with its own window.

The arithmetic is in `render.blend` (PS3.4 N.2.6), where a layer's voxels lie in `imaging.alignment`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from workstation.imaging.greyscale import Window
from workstation.imaging.view import Display

MOST_LAYERS: Final = 2
"""Over the tile's own set: three together are as many as can be told apart."""

MIDDLE: Final = (0.5, 0.5)


class Blend(StrEnum):
    """How a layer and what lies below it become one picture."""

    MIX = "mix"
    """Opacity times the layer, and what is left of the picture below."""
    FLICKER = "flicker"
    """The layer alone or what is below alone, one after the other by a key."""
    SWIPE = "swipe"
    """The layer to the right of an edge that is dragged."""
    SPYGLASS = "spyglass"
    """The layer in a round glass that follows the pointer."""
    DIFFERENCE = "difference"
    """How far the two greys differ, each in its own window: black where they agree."""


@dataclass(frozen=True)
class Layer:
    """A display set over another one.

    `opacity` is the share of the layer in a mix, 0 to 1. `clear_below`: what is below the lower end of the window
    is not drawn. `hidden` leaves what is below alone, one key away (safety.md 13). `at` is where the edge of a swipe
    or the middle of a spyglass is, in shares of the tile's width and height.
    """

    display_set: str
    display: Display
    opacity: float = 0.5
    blend: Blend = Blend.MIX
    clear_below: bool = False
    hidden: bool = False
    at: tuple[float, float] = MIDDLE

    def windowed(self, low: float, high: float) -> "Layer":
        """With a window from one end to another, in the values of the set; each end may be moved alone."""
        low, high = sorted((low, high))
        width = max(high - low, 1e-9)
        window = ends_window(low, low + width)
        return replace(self, display=replace(self.display, window=window, wider=1.0, brighter=0.0))


def ends_window(low: float, high: float) -> Window:
    """The window whose lowest colour is at `low` and whose highest is at `high`, exactly (PS3.3 C.11.2.1.3.2)."""
    return Window((low + high) / 2, high - low, "LINEAR_EXACT", "manual")


def ends_of(window: Window) -> tuple[float, float]:
    """The values of the lowest and the highest colour of a window; a sigmoid has its middle half."""
    if window.function == "LINEAR" and window.width > 1:
        return window.center - 0.5 - (window.width - 1) / 2, window.center - 0.5 + (window.width - 1) / 2
    return window.center - window.width / 2, window.center + window.width / 2
