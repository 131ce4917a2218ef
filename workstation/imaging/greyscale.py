"""From stored values to grey: modality, VOI and presentation transformations (PS3.3 C.11, PS3.4 N.2).

For 8- and 16-bit values the whole chain is folded into one table with an entry for each of the 65,536 patterns a
stored value can have, so that showing an image is one `take`. Wider and floating values go through it directly.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.entities import Frame, PixelFormat
from workstation.imaging.look import Lut, entries, look_up
from workstation.imaging.palettes import palette

OPAQUE: Final = np.uint32(0xFF000000)
BLACK: Final = OPAQUE
LARGEST: Final = 1e30
"""What infinite values count as; far beyond any window, and windows can still be worked out of it."""


AT_ONCE: Final = 1 << 15
"""Values that are windowed together where there is no table of them."""


@dataclass(frozen=True)
class Rescale:
    """Stored values to modality values: value = slope * stored + intercept (PS3.3 C.11.1)."""

    slope: float = 1.0
    intercept: float = 0.0

    def times(self, factor: float) -> "Rescale":
        """To values in another unit."""
        return self if factor == 1.0 else Rescale(self.slope * factor, self.intercept * factor)

    def apply(self, stored: NDArray[Any]) -> NDArray[np.float64]:
        return stored.astype(np.float64) * self.slope + self.intercept


AS_STORED: Final = Rescale()


@dataclass(frozen=True)
class Window:
    """A VOI window in modality values; `function` is LINEAR, LINEAR_EXACT or SIGMOID (PS3.3 C.11.2.1)."""

    center: float
    width: float
    function: str = "LINEAR"
    name: str = ""

    @property
    def ramp(self) -> tuple[float, float] | None:
        """Where a linear window begins to rise and over how much (C.11.2.1.2.1, C.11.2.1.3.2); None for others."""
        if self.function == "LINEAR_EXACT":
            return self.center - self.width / 2, max(self.width, 1e-9)
        if self.function == "SIGMOID" or self.width <= 1:
            return None
        return self.center - 0.5 - (self.width - 1) / 2, self.width - 1

    def times(self, factor: float) -> "Window":
        """The same window on values in another unit; what is linear stays so exactly."""
        if factor == 1.0:
            return self
        function = "LINEAR_EXACT" if self.function == "LINEAR" else self.function
        return Window(self.center * factor, self.width * factor, function, self.name)

    def apply(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Modality values to 0 … 255, not rounded. `width` below 1 counts as 1 for LINEAR (C.11.2.1.2.1)."""
        x = np.asarray(values, dtype=np.float64)
        if self.function == "SIGMOID":
            # Beyond +-700 the exponential leaves float64; both ends are flat long before.
            exponent = np.clip(-4 * (x - self.center) / max(self.width, 1e-9), -700, 700)
            return 255.0 / (1.0 + np.exp(exponent))
        ends = self.ramp
        level = np.asarray((x > self.center - 0.5) * 255.0, dtype=np.float64) if ends is None else _ramp(x, *ends)
        return np.asarray(np.clip(level, 0.0, 255.0), dtype=np.float64)

    def grey(self, values: NDArray[np.floating], inverted: bool = False) -> NDArray[np.uint8]:
        """Modality values to grey levels, rounded down as PS3.3 C.11.2.1.2 has it for integer output."""
        level = np.floor(self.apply(values)).astype(np.uint8)
        return 255 - level if inverted else level


def _ramp(x: NDArray[np.float64], low: float, span: float) -> NDArray[np.float64]:
    """0 at `low`, 255 at `low + span`. One division, last: a value that falls on a whole level stays on it."""
    return (x - low) * 255.0 / span


def _ramped(
    stored: NDArray[Any], rescale: Rescale, ends: tuple[float, float], inverse: bool, inverted: bool
) -> NDArray[np.uint8]:
    """Grey levels of floats through a linear window; what is worked out in between stays in the processor's cache."""
    flat, (low, span) = np.ascontiguousarray(stored).reshape(-1), ends
    out = np.empty(flat.size, np.uint8)
    rescaled, holed = rescale != AS_STORED, flat.size > 0 and bool(np.isnan(flat.min()))
    for start in range(0, flat.size, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        x = flat[part].astype(np.float64)
        if rescaled:
            x *= rescale.slope
            x += rescale.intercept
        if holed:
            x[np.isnan(x)] = 0.0
        x -= low
        x *= 255.0
        x /= span
        np.clip(x, 0.0, 255.0, out=x)
        out[part] = 255.0 - x if inverse else x
    grey = out.reshape(stored.shape)
    return 255 - grey if inverted else grey


def rescale_of(frame: Frame) -> Rescale:
    """The frame's rescale; identity where the object has none. A slope of 0 would erase the image and is left out."""
    slope = 1.0 if frame.RescaleSlope in (None, 0.0) else float(frame.RescaleSlope or 1.0)
    return Rescale(slope, frame.RescaleIntercept or 0.0)


def windows_of(frame: Frame) -> tuple[Window, ...]:
    """The windows the object brings, in its order. A linear one narrower than 1, which the standard does not allow,
    is meant exactly: fractions are windowed, not cut in two."""
    stated = frame.VOILUTFunction if frame.VOILUTFunction in ("LINEAR_EXACT", "SIGMOID") else "LINEAR"
    functions = (("LINEAR_EXACT" if stated == "LINEAR" and each.width < 1 else stated) for each in frame.windows)
    return tuple(
        Window(each.center, each.width, function, each.explanation)
        for each, function in zip(frame.windows, functions, strict=True)
    )


Voi = Window | Lut
"""What maps modality values to light: a window, or a table with the same place in the chain."""


@dataclass(frozen=True)
class Chain:
    """The greyscale transformations of one image, in their order (PS3.4 N.2.1).

    `modality` stands instead of `rescale`. `inverse` is the image's own wish for dark high values, `inverted` the
    reader's, at the end.
    """

    rescale: Rescale
    voi: Voi
    modality: Lut | None = None
    presentation: Lut | None = None
    inverse: bool = False
    inverted: bool = False
    palette: str = ""
    """A palette of PS3.6 for the grey levels, chosen by the reader (`imaging.palettes`)."""

    def values(self, stored: NDArray[Any]) -> NDArray[np.float64]:
        """Stored values to modality values."""
        if self.modality is not None:
            return look_up(self.modality, stored).astype(np.float64)
        return self.rescale.apply(stored)

    def grey(self, stored: NDArray[Any]) -> NDArray[np.uint8]:
        """Stored values to grey levels, rounded down (PS3.3 C.11.2.1.2). NaN becomes the level of 0."""
        if self.modality is None and self.presentation is None and isinstance(self.voi, Window):
            ends = self.voi.ramp
            if ends is not None and stored.dtype.kind == "f":
                return _ramped(stored, self.rescale, ends, self.inverse, self.inverted)
        values = np.nan_to_num(self.values(stored), nan=0.0, posinf=LARGEST, neginf=-LARGEST)
        if self.presentation is None:
            level = _level(self.voi, values, 255, self.inverse)
        else:
            table = entries(self.presentation)
            # Input of a presentation LUT is the full output range of what comes before it (PS3.3 C.11.6.1.1).
            level = table[_level(self.voi, values, table.size - 1, False)] * 255 // _top(self.presentation)
            level = 255 - level if self.inverse else level
        grey = level.astype(np.uint8)
        return 255 - grey if self.inverted else grey

    def table(self, dtype: np.dtype[Any]) -> NDArray[np.uint32]:
        """The chain for an 8- or 16-bit integer type: stored pattern to 0xffRRGGBB, shape (65536,), for
        `np.take(table, stored.view(uint16), mode="wrap")`."""
        return self.colours(stored_patterns(dtype))

    def colours(self, stored: NDArray[Any]) -> NDArray[np.uint32]:
        """Stored values to 0xffRRGGBB: grey, or the palette's colour for that grey."""
        grey = self.grey(stored)
        return np.take(palette(self.palette), grey) if self.palette else as_rgb32(grey)


def _level(voi: Voi, values: NDArray[np.float64], highest: int, inverse: bool) -> NDArray[np.int64]:
    """Modality values to 0 … `highest`, rounded down, after they were turned round where `inverse`."""
    if isinstance(voi, Window):
        exact = voi.apply(values) * (highest / 255.0)
        return np.floor(highest - exact if inverse else exact).astype(np.int64)
    output = np.minimum(look_up(voi, values), _top(voi))
    return (_top(voi) - output if inverse else output) * highest // _top(voi)


def _top(lut: Lut) -> int:
    return (1 << lut.bits) - 1


def as_window(voi: Voi) -> Window:
    """The window that a table is nearest to: what it maps, in linear; dragging starts from there."""
    if isinstance(voi, Window):
        return voi
    return Window(voi.first + len(voi) / 2, float(len(voi)), name=voi.explanation or "LUT")


def window_between(low: float, high: float, name: str, whole_numbers: bool) -> Window:
    """The window from black at `low` to white at `high`.

    LINEAR has a step of one built in (C.11.2.1.2.1), right for whole numbers; what is small or has fractions, as PET
    in Bq/ml or SUV with a slope of 0.0001, needs LINEAR_EXACT.
    """
    low, high = sorted((low, high))
    if whole_numbers:
        return Window((low + high) / 2, max(high - low, 1.0), name=name)
    span = high - low
    return Window((low + high) / 2, span if span > 0 else max(abs(low) * 1e-6, 1e-12), "LINEAR_EXACT", name)


def is_whole(dtype: np.dtype[Any], rescale: Rescale) -> bool:
    """Whether modality values are whole numbers."""
    return dtype.kind in "iu" and float(rescale.slope).is_integer() and float(rescale.intercept).is_integer()


def full_range(pixels: PixelFormat, rescale: Rescale, modality: Lut | None) -> Window:
    """The window that maps all that can be stored, or all that the modality LUT can give, to black … white: what
    holds where there is no VOI transformation (PS3.4 N.2.1.2)."""
    if modality is not None:
        low, high = 0.0, float(_top(modality))
    else:
        span = 1 << pixels.BitsStored
        ends = (-span // 2, span // 2 - 1) if pixels.PixelRepresentation else (0, span - 1)
        low, high = sorted(end * rescale.slope + rescale.intercept for end in ends)
    return Window((low + high) / 2, high - low, "LINEAR_EXACT", "full range")


def stored_patterns(dtype: np.dtype[Any]) -> NDArray[np.float64]:
    """The stored value behind each 16-bit pattern, for an 8- or 16-bit integer type; shape (65536,)."""
    patterns = np.arange(65536, dtype=np.uint16)
    if dtype == np.int16:
        return patterns.view(np.int16).astype(np.float64)
    if dtype == np.int8:
        return patterns.astype(np.uint8).view(np.int8).astype(np.float64)
    return patterns.astype(np.float64)


def as_rgb32(grey: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Grey levels as 0xffRRGGBB."""
    return np.asarray(grey.astype(np.uint32) * np.uint32(0x010101) | OPAQUE, dtype=np.uint32)
