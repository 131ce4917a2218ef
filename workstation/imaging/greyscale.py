"""From stored values to grey: rescale, windows and the look-up table that holds both (PS3.3 C.11, PS3.4 N.2).

A look-up table has one entry for each of the 65,536 patterns a 16-bit stored value can have, so that showing an
image is one `take`. Values kept as float are windowed by the same functions directly.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.entities import Frame

OPAQUE: Final = np.uint32(0xFF000000)
BLACK: Final = OPAQUE


@dataclass(frozen=True)
class Rescale:
    """Stored values to modality values: value = slope * stored + intercept (PS3.3 C.11.1)."""

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, stored: NDArray[Any]) -> NDArray[np.float64]:
        return stored.astype(np.float64) * self.slope + self.intercept


@dataclass(frozen=True)
class Window:
    """A VOI window in modality values; `function` is LINEAR, LINEAR_EXACT or SIGMOID (PS3.3 C.11.2.1)."""

    center: float
    width: float
    function: str = "LINEAR"
    name: str = ""

    def apply(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Modality values to 0 … 255, not rounded. `width` below 1 counts as 1 for LINEAR (C.11.2.1.2.1)."""
        x = np.asarray(values, dtype=np.float64)
        if self.function == "SIGMOID":
            # Beyond +-700 the exponential leaves float64; both ends are flat long before.
            exponent = np.clip(-4 * (x - self.center) / max(self.width, 1e-9), -700, 700)
            return 255.0 / (1.0 + np.exp(exponent))
        if self.function == "LINEAR_EXACT":
            y = (x - self.center) / max(self.width, 1e-9) + 0.5
        elif self.width <= 1:
            y = (x > self.center - 0.5).astype(np.float64)
        else:
            y = (x - (self.center - 0.5)) / (self.width - 1) + 0.5
        return np.asarray(np.clip(y, 0.0, 1.0) * 255.0, dtype=np.float64)

    def grey(self, values: NDArray[np.floating], inverted: bool = False) -> NDArray[np.uint8]:
        """Modality values to grey levels, rounded down as PS3.3 C.11.2.1.2 has it for integer output."""
        level = np.floor(self.apply(values)).astype(np.uint8)
        return 255 - level if inverted else level


def rescale_of(frame: Frame) -> Rescale:
    """The frame's rescale; identity where the object has none. A slope of 0 would erase the image and is left out."""
    slope = 1.0 if frame.RescaleSlope in (None, 0.0) else float(frame.RescaleSlope or 1.0)
    return Rescale(slope, frame.RescaleIntercept or 0.0)


def windows_of(frame: Frame) -> tuple[Window, ...]:
    """The windows the object brings, in its order."""
    function = frame.VOILUTFunction if frame.VOILUTFunction in ("LINEAR_EXACT", "SIGMOID") else "LINEAR"
    return tuple(Window(each.center, each.width, function, each.explanation) for each in frame.windows)


def window_from_values(values: NDArray[Any], rescale: Rescale) -> Window:
    """A window for images that bring none: from the 1st to the 99th percentile of stored values."""
    if values.size == 0:
        return Window(0.0, 1.0, name="auto")
    low, high = (float(each) for each in np.percentile(values, (1, 99)))
    low, high = sorted((low * rescale.slope + rescale.intercept, high * rescale.slope + rescale.intercept))
    return Window((low + high) / 2, max(high - low, 1.0), name="auto")


def stored_patterns(dtype: np.dtype[Any]) -> NDArray[np.float64]:
    """The stored value behind each 16-bit pattern, for an 8- or 16-bit integer type; shape (65536,)."""
    patterns = np.arange(65536, dtype=np.uint16)
    if dtype == np.int16:
        return patterns.view(np.int16).astype(np.float64)
    if dtype == np.int8:
        return patterns.astype(np.uint8).view(np.int8).astype(np.float64)
    return patterns.astype(np.float64)


def look_up_table(dtype: np.dtype[Any], rescale: Rescale, window: Window, inverted: bool = False) -> NDArray[np.uint32]:
    """Stored pattern to 0xffRRGGBB grey, shape (65536,), for `np.take(lut, stored.view(uint16), mode="wrap")`."""
    return as_rgb32(window.grey(stored_patterns(dtype) * rescale.slope + rescale.intercept, inverted))


def as_rgb32(grey: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Grey levels as 0xffRRGGBB."""
    return np.asarray(grey.astype(np.uint32) * np.uint32(0x010101) | OPAQUE, dtype=np.uint32)
