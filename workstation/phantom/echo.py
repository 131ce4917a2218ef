"""How a curved ultrasound probe sees a slice of tissue: scatterers, beams, shadows, log compression, scan conversion.

Places in the slice are (x, z) in mm: x across the image from the probe's middle, z down from its surface. Tissue is a
map of random scatterers, so that speckle moves with it; what comes back along a beam is those blurred by the pulse
(a complex sum, hence Rayleigh speckle), and whatever absorbs casts its shadow along the beam.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

GRAIN_MM: Final = 0.2
HALF_WIDTH_MM: Final = 125.0
TOP_MM: Final = -15.0
BOTTOM_MM: Final = 150.0
PULSE_MM: Final = 0.28
BEAM_DEG: Final = 0.36
SAMPLE_MM: Final = 0.22
BEAMS: Final = 360
COMPOUNDING: Final = (0.6, 0.9)
"""Samples over which looks from several sides are averaged: they soften the dark gaps of speckle."""

CONTACT_DB: Final = 2.2
"""How unevenly the probe touches the skin, and the gains of the depths are set."""

ABERRATION_MM: Final = 0.4
"""How unlike the ways through the wall are: echoes of one depth come a little earlier or later from beam to beam."""

REVERBERATION: Final = 0.045
"""What comes once more, having gone to and fro in the wall."""

BROKEN: Final = 0.6
"""How much interfaces vary in what they mirror; those that mirror most, `WHOLE_FROM`, hardly do."""

WHOLE_FROM: Final = 10.0

SIDE_LOBES: Final = 0.05
RECEIVER: Final = 0.02
DYNAMIC_RANGE_DB: Final = 60.0
TISSUE_AT: Final = 0.42
"""Grey, of 1, of tissue of amplitude 1."""


@dataclass(frozen=True)
class Sector:
    """Geometry of the probe and where its picture lies: pixel (row, column) shows x = (column - x0) * delta_x_mm,
    z = (row - y0) * delta_y_mm."""

    rows: int
    columns: int
    x0: float
    y0: float
    delta_x_mm: float
    delta_y_mm: float
    radius_mm: float = 50.0
    half_angle_deg: float = 32.0
    depth_mm: float = 125.0

    def pixel(self, x_mm: float, z_mm: float) -> tuple[float, float]:
        """Row and column of a place in the slice."""
        return self.y0 + z_mm / self.delta_y_mm, self.x0 + x_mm / self.delta_x_mm

    @cached_property
    def beams(self) -> tuple[Image, Image, Image]:
        """x, z and depth along the beam of every sample, each (samples, BEAMS)."""
        depth = np.arange(0, self.depth_mm, SAMPLE_MM, dtype=np.float32)[:, None]
        angle = np.radians(np.linspace(-self.half_angle_deg, self.half_angle_deg, BEAMS, dtype=np.float32))[None, :]
        out = self.radius_mm + depth
        return out * np.sin(angle), out * np.cos(angle) - self.radius_mm, np.broadcast_to(depth, (len(depth), BEAMS))

    @cached_property
    def pixels(self) -> tuple[Image, Image]:
        """x and z of every pixel, (rows, columns) each."""
        x = (np.arange(self.columns, dtype=np.float32) - self.x0) * self.delta_x_mm
        z = (np.arange(self.rows, dtype=np.float32) - self.y0) * self.delta_y_mm
        return np.broadcast_to(x, (self.rows, self.columns)), np.broadcast_to(z[:, None], (self.rows, self.columns))

    @cached_property
    def _samples(self) -> NDArray[np.float32]:
        """Where among the samples of the beams each pixel lies, (2, rows, columns); outside the sector far away."""
        x, z = self.pixels
        depth = np.hypot(x, z + self.radius_mm) - self.radius_mm
        angle = np.degrees(np.arctan2(x, z + self.radius_mm))
        inside = (depth >= 0) & (depth < self.depth_mm) & (np.abs(angle) <= self.half_angle_deg)
        beam = (angle / self.half_angle_deg + 1) / 2 * (BEAMS - 1)
        return np.where(inside, np.stack([depth / SAMPLE_MM, beam]), -10).astype(np.float32)

    def scanned(self, along_beams: Image) -> Image:
        """Samples of beams as a picture, (rows, columns); 0 outside the sector."""
        from scipy.ndimage import map_coordinates

        picture: Image = map_coordinates(along_beams, self._samples, order=1, mode="constant", cval=0.0)
        return picture


@dataclass(frozen=True, eq=False)
class Tissue:
    """What a slice is made of, on a map of cells of `cell_mm`: how much it scatters, mirrors and absorbs (dB/mm)."""

    scatter: Image
    mirror: Image
    absorb_db_mm: Image
    cell_mm: float
    seed: int

    @cached_property
    def reflectivity(self) -> tuple[Image, Image]:
        """Real and imaginary part of what comes back from each cell."""
        from scipy.ndimage import gaussian_filter

        rng = np.random.default_rng([self.seed, 11])
        grains = [
            gaussian_filter(rng.standard_normal(self.scatter.shape, np.float32), GRAIN_MM / self.cell_mm)
            for _ in range(2)
        ]
        scale = 1 / grains[0].std()
        broken = BROKEN * np.exp(-((self.mirror / WHOLE_FROM) ** 2)) * self._unevenness(rng)
        mirror = self.mirror * np.maximum(1 + broken, 0.15)
        return self.scatter * grains[0] * scale + mirror, self.scatter * grains[1] * scale

    def _unevenness(self, rng: np.random.Generator) -> Image:
        from scipy.ndimage import gaussian_filter, zoom

        cells = max(1, round(3.0 / self.cell_mm))
        rows, columns = self.scatter.shape
        coarse = gaussian_filter(rng.standard_normal((rows // cells + 2, columns // cells + 2), np.float32), 1.2)
        uneven: Image = zoom(coarse / coarse.std(), cells, order=1)[:rows, :columns]
        return uneven


def tissue_axes(cell_mm: float) -> tuple[Image, Image]:
    """x (1, columns) and z (rows, 1) of the cells of a tissue map."""
    x = np.arange(-HALF_WIDTH_MM, HALF_WIDTH_MM, cell_mm, dtype=np.float32)[None, :]
    return x, np.arange(TOP_MM, BOTTOM_MM, cell_mm, dtype=np.float32)[:, None]


class Scanner:
    """Looks at tissue that moves under a wall that does not."""

    def __init__(self, sector: Sector, tissue: Tissue, wall: Tissue, wall_mm: float) -> None:
        self._sector = sector
        self._tissue = tissue
        _, _, depth = sector.beams
        self._in_wall = depth < wall_mm
        self._wall_samples = round(wall_mm / SAMPLE_MM)
        self._gain = _uneven_gain(np.random.default_rng([tissue.seed, 13]), depth.shape)
        rng = np.random.default_rng([tissue.seed, 14])
        self._late_mm = (ABERRATION_MM * _smooth(rng, depth.shape[1], 9))[None, :].astype(np.float32)
        self._wall = self._looked_up(wall, 0.0, 0.0)
        self._reference = 1.0
        self._reference = float(np.median(self._envelope(0.0, 0.0, None)))

    def frame(self, x_mm: float, z_mm: float, number: int) -> NDArray[np.uint8]:
        """Grey picture (rows, columns) with the tissue moved by (x_mm, z_mm); `number` seeds the receiver's noise."""
        envelope = self._envelope(x_mm, z_mm, np.random.default_rng([self._tissue.seed, 12, number]))
        level_db = 20 * np.log10(np.maximum(envelope, 1e-6))
        grey = np.clip(level_db / DYNAMIC_RANGE_DB + TISSUE_AT, 0, 1).astype(np.float32)
        shown: NDArray[np.uint8] = np.rint(self._sector.scanned(grey) * 255).astype(np.uint8)
        return shown

    def _envelope(self, x_mm: float, z_mm: float, rng: np.random.Generator | None) -> Image:
        from scipy.ndimage import gaussian_filter, uniform_filter

        moved = self._looked_up(self._tissue, x_mm, z_mm)
        real, imaginary, absorb = (
            np.where(self._in_wall, own, other) for own, other in zip(self._wall, moved, strict=True)
        )
        gain = 10 ** (-np.cumsum(absorb, axis=0) * SAMPLE_MM / 20)
        degrees = 2 * self._sector.half_angle_deg / (BEAMS - 1)
        blur = (PULSE_MM / SAMPLE_MM, BEAM_DEG / degrees)
        envelope = np.hypot(gaussian_filter(real * gain, blur), gaussian_filter(imaginary * gain, blur))
        envelope = envelope / self._reference
        envelope = gaussian_filter(envelope, COMPOUNDING) * self._gain
        haze = uniform_filter(np.minimum(envelope, 1.2), (9, 15))
        envelope[self._wall_samples :] += REVERBERATION * haze[: -self._wall_samples]
        if rng is not None:
            depth = np.linspace(0, 1, len(envelope), dtype=np.float32)[:, None]
            noise = np.abs(gaussian_filter(rng.standard_normal(envelope.shape, np.float32), (1.0, 1.2))) * 2.5
            haze = SIDE_LOBES * uniform_filter(envelope, (17, 101)) + RECEIVER * (1 + 2.5 * depth**2)
            envelope = np.hypot(envelope, noise * haze)
        result: Image = envelope.astype(np.float32)
        return result

    def _looked_up(self, tissue: Tissue, x_mm: float, z_mm: float) -> tuple[Image, Image, Image]:
        from scipy.ndimage import map_coordinates

        x, z, depth = self._sector.beams
        late = self._late_mm * np.minimum(depth / 40, 1)
        at = np.stack([z + late - z_mm - TOP_MM, x - x_mm + HALF_WIDTH_MM]) / tissue.cell_mm
        real, imaginary = tissue.reflectivity
        found = [map_coordinates(each, at, order=1, mode="nearest") for each in (real, imaginary, tissue.absorb_db_mm)]
        return found[0], found[1], found[2]


def _uneven_gain(rng: np.random.Generator, shape: tuple[int, int]) -> Image:
    """What contact and the operator's gains make of each sample, (samples, beams): the middle is 1, the edges fade."""
    down, across = (_smooth(rng, count, count / 22) for count in shape)
    edge = np.minimum(np.arange(shape[1]), np.arange(shape[1])[::-1]) / shape[1]
    decibels = 0.6 * CONTACT_DB * down[:, None] + CONTACT_DB * across[None, :]
    gain: Image = (10 ** (decibels / 20) * np.clip(0.35 + edge * 12, 0, 1)).astype(np.float32)
    return gain


def _smooth(rng: np.random.Generator, count: int, grain: float) -> Image:
    """So many random numbers of deviation 1 that change over `grain` of them."""
    from scipy.ndimage import gaussian_filter1d

    rough = gaussian_filter1d(rng.standard_normal(count), grain, mode="nearest")
    smooth: Image = (rough / rough.std()).astype(np.float32)
    return smooth
