"""Noise as a reconstruction kernel leaves it: correlated, and quieter where fewer photons are lost.

The radial noise power spectrum of a soft kernel falls with frequency, that of a sharp one rises to a peak (ICRU 87).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
# Slices of noise that are kept; each image takes one of them, rolled and mirrored its own way.
_KEPT, _KEPT_STREAKS = 12, 6
# Streaks run from side to side: their power lies within so many radians of the vertical frequencies.
_STREAK_RAD = 0.32
# The thickness at which a kernel's deviation holds.
REFERENCE_SLICE_MM = 2.5


@dataclass(frozen=True)
class Kernel:
    """A reconstruction kernel: its name, edge and noise.

    The noise power at a radial frequency f (cycles/mm) is f**`rise` * exp(-(f / `cutoff`)**`steepness`), and for a
    `clouds` share of the peak at low frequencies more. `deviation_hu` is that of the middle of a trunk at 2.5 mm.
    `blur_mm` is the Gaussian width of an edge; `halo` of its mask is subtracted again as sharp kernels do.
    """

    name: str
    deviation_hu: float
    cutoff: float
    steepness: float
    rise: float = 0.0
    clouds: float = 0.0
    blur_mm: float = 0.5
    halo: float = 0.0

    def power(self, frequency: NDArray[np.floating]) -> NDArray[np.float64]:
        """The noise power at radial frequencies in cycles/mm, in units of its own peak."""
        return np.asarray(self._high(frequency) / self._peak + self.clouds * np.exp(-((frequency / 0.106) ** 2)))

    def _high(self, frequency: Any) -> Any:
        return frequency**self.rise * np.exp(-((frequency / self.cutoff) ** self.steepness))

    @property
    def _peak(self) -> float:
        return float(self._high(self.cutoff * (self.rise / self.steepness) ** (1 / self.steepness)))


SOFT = Kernel("STANDARD", 17.0, 0.477, 2.33, clouds=0.85)
SHARP = Kernel("LUNG", 52.0, 0.72, 4.0, rise=0.9, clouds=0.05, blur_mm=0.28, halo=0.75)


class Grain:
    """The noise of one series: deviation 1, the same for the same seed."""

    def __init__(self, kernel: Kernel, shape: tuple[int, int], pixel_spacing_mm: tuple[float, float], seed: int):
        self._seed = seed
        self._slices = _grain(kernel, shape, pixel_spacing_mm, seed)
        self._streaks = _grain(kernel, shape, pixel_spacing_mm, seed, streaks=True)

    def slice(self, index: int, streaks: float = 0.0) -> Image:
        """The noise of image `index`, shape (rows, columns); `streaks` is the share of its power that is streaked."""
        rng = np.random.default_rng([self._seed, 7, index])
        image = _one_of(self._slices, rng)
        if streaks == 0:
            return image
        return np.float32(np.sqrt(1 - streaks)) * image + np.float32(np.sqrt(streaks)) * _one_of(self._streaks, rng)


def _one_of(slices: Image, rng: np.random.Generator) -> Image:
    which, down, across, mirror = (int(n) for n in rng.integers(0, (len(slices), 1 << 15, 1 << 15, 8)))
    kept = slices[which]
    kept = kept[:: -1 if mirror & 1 else 1, :: -1 if mirror & 2 else 1]
    rolled: Image = np.roll(kept, (down, across), (0, 1))
    return -rolled if mirror & 4 else rolled


@lru_cache(maxsize=8)
def _grain(
    kernel: Kernel, shape: tuple[int, int], pixel_spacing_mm: tuple[float, float], seed: int, streaks: bool = False
) -> Image:
    rows, columns = shape
    down = np.fft.fftfreq(rows, pixel_spacing_mm[0])[:, None]
    across = np.fft.rfftfreq(columns, pixel_spacing_mm[1])[None, :]
    gain = np.sqrt(kernel.power(np.hypot(down, across))).astype(np.float32)
    if streaks:
        gain *= np.exp(-((np.arctan2(across, np.abs(down)) / _STREAK_RAD) ** 2)).astype(np.float32)
    gain[0, 0] = 0
    count = _KEPT_STREAKS if streaks else _KEPT
    white = np.random.default_rng([seed, 16 if streaks else 6]).standard_normal(
        (count, rows, columns), dtype=np.float32
    )
    colored: Image = np.fft.irfft2(np.fft.rfft2(white) * gain, s=(rows, columns)).astype(np.float32)
    # On coarse pixels a part of the spectrum lies beyond what they can hold, and its power is lost with it.
    return colored * np.float32(_lost_power(kernel, pixel_spacing_mm) / colored.std())


def _lost_power(kernel: Kernel, pixel_spacing_mm: tuple[float, float]) -> float:
    f = np.arange(0.0, 2.0, 0.005)
    power = kernel.power(f) * f
    limit = 0.5 / float(np.mean(pixel_spacing_mm))
    return float(np.sqrt(power[f <= limit].sum() / power.sum()))


def attenuation(x_mm: Image, y_mm: Image) -> Image:
    """How noise falls from the middle of the trunk to its rim, shape (rows, columns): 1 in the middle."""
    depth = np.exp(-((x_mm / 150) ** 2)) * np.exp(-((y_mm / 105) ** 2))
    share: Image = (0.55 + 0.45 * depth).astype(np.float32)
    return share
