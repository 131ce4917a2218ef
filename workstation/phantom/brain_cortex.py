"""The folded cortex: sulci are the zero sets of band-limited noise, carried inward from the brain's surface."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from workstation.phantom.anatomy.solids import Distance, Ellipsoid, blend

Image = NDArray[np.float32]

CORTEX_MM = 2.4
CENTER_LPS = (0.0, 17.0, 14.0)
CALLOSUM = Ellipsoid((0.0, 7.0, 4.0), (1e3, 41.0, 24.5))
_TEMPORAL = Ellipsoid(
    (46.0, 18.0, -20.0), (21.0, 43.0, 21.0), ((0.985, -0.174, 0.0), (0.17, 0.96, 0.22), (-0.038, -0.217, 0.975))
)
_NOISE_STEP_MM = 2.0
_NOISE_SIZE = 112
# Deeper than this there are no sulci.
_DEEPEST_MM = 30.0


def cerebrum_distance(x: Image, y: Image, z: Image) -> Distance:
    """From the brain's smooth outline, both hemispheres together; negative inside."""
    narrow = x * (1 + 0.13 * np.clip((15 - y) / 80, 0, 1.1) + 0.10 * np.clip((y - 55) / 50, 0, 1))
    outer = _superellipsoid(narrow / np.float32(69), (y - CENTER_LPS[1]) / np.float32(88), z - CENTER_LPS[2])
    outer *= np.sqrt(x * x + (y - CENTER_LPS[1]) ** 2 + (z - CENTER_LPS[2]) ** 2)
    temporal = _TEMPORAL(np.abs(x), y, z)
    return blend(outer, temporal, 7.0)


def _superellipsoid(u: Distance, v: Distance, up: Distance) -> Distance:
    """1 - 1 / (share of the way to the surface): round above, flat below, where the skull's base is."""
    above = np.maximum(up, 0) / 66
    below = np.minimum(up, 0) / 34
    share = np.abs(u) ** 2.25 + np.abs(v) ** 2.25 + above**2.25 + below**4
    flat: Distance = 1 - np.maximum(share, 1e-3) ** (-1 / 2.25)
    return flat


def water_distance(
    rng: np.random.Generator, x: Image, y: Image, z: Image, hull: Distance, bends: tuple[Image, Image]
) -> Distance:
    """From the nearest fluid outside the cortex: outline, fissures and sulci; negative in fluid.

    `bends` are a coarse and a fine random field, mean 0 and deviation 1, that bend the sulci on their way inward.
    """
    midline = _midline(x, y, z)
    water = np.minimum(-hull, midline)
    water = np.minimum(water, _sylvian(x, y, z, bends[0]))
    depth = np.minimum(-hull, midline + 1.0)
    near = (depth < _DEEPEST_MM) & (hull < 1)
    places, deep, fluid = (x[near], y[near], z[near]), depth[near], water[near]
    inner_face = np.clip(0.5 + (-hull[near] - midline[near] - 1) / 12, 0, 1)
    warp = 3.4 * bends[0][near] + 0.8 * bends[1][near]
    # Furrows of the inner face and of the base are shallow.
    beside = np.clip((np.abs(places[0]) - 28) / 14, 0, 1)
    low = np.clip(0.2 + (places[2] + 16) / 30, 0.2, 1)
    share = (1 - 0.35 * inner_face) * (low + (np.clip(low + 0.3, 0, 1) - low) * beside)
    for wavelength_mm, deepest_mm, varied, width_mm in ((27.0, 21.0, 0.4, 1.0), (16.0, 4.0, 1.5, 0.3)):
        noise = _Noise(rng, wavelength_mm)
        lattice, stretch = _unfolded(places, deep, inner_face, warp)
        sheets = noise.sheets(lattice, stretch, deep, share * deepest_mm, varied, width_mm)
        fluid = np.minimum(fluid, sheets)
    water[near] = fluid
    return water


def midline_bend(y: Image, z: Image) -> Distance:
    """How far the partition between the hemispheres leaves the midline, mm."""
    bend: Distance = 1.7 * np.sin(y / 21) + 1.0 * np.sin(z / 13)
    return bend


def _midline(x: Image, y: Image, z: Image) -> Distance:
    """From the fissure between the hemispheres, which ends above the callosum."""
    away = CALLOSUM(0.0, y, z)
    wander = x + midline_bend(y, z)
    fissure: Distance = np.sqrt(wander**2 + np.maximum(0, 1.5 - away) ** 2) - 0.6
    # The groove around the callosum, and the next around the cingulate gyrus.
    for ring, deep in ((1.0, 5.0), (14.0, 9.0)):
        sheet = np.hypot(away - ring + 1.5 * np.sin(y / 9 + np.sign(x)), np.maximum(0, np.abs(x) - deep)) - 0.5
        fissure = np.minimum(fissure, np.where(z > -14, sheet, 99))
    return fissure


def _unfolded(
    places: tuple[Image, Image, Image], depth: Image, inner_face: Image, warp: Image
) -> tuple[list[Image], Image]:
    """Points that share their noise with those below them, so that sulci stand upright on the surface, in mm.

    On the outer face below is toward the middle of the head, on the inner face (`inner_face` 1) away from the
    midline. The second value is how much closer together the points lie there than they are.
    """
    away = [place - center for place, center in zip(places, CENTER_LPS, strict=True)]
    reach = np.sqrt(sum(a * a for a in away)) + 1e-3
    stretch = ((reach + 0.6 * depth) / reach).astype(np.float32)
    # The furrows of the inner face run outward from the callosum.
    outward = 0.6 + 34 / (np.hypot(away[1], away[2]) + 12)
    upright = [0.35 * away[0], away[1] * outward, away[2] * outward]
    shift = np.where(places[0] > 0, 0.0, 61.0)
    x, y, z = (a * stretch * (1 - inner_face) + b * inner_face for a, b in zip(away, upright, strict=True))
    return [x + shift, y + warp, z - 0.7 * warp], (stretch * (1 - inner_face) + inner_face).astype(np.float32)


def _sylvian(x: Image, y: Image, z: Image, bend: Image) -> Distance:
    """From the lateral fissure and the cleft over the insula."""
    side = np.abs(x)
    wander = 2.2 * np.sin(y / 7) + 2.0 * np.sin(side / 4.5 + np.sign(x)) + 1.2 * np.sin(y / 3.5 + 2 * np.sign(x))
    slope = (z - (-15 + 0.55 * (y + 22)) - wander) * 0.87
    along = np.maximum(np.maximum(-30 - y, y - 34), 0)
    deep = 40 + 0.3 * np.maximum(0, y - 10)
    lateral = np.sqrt(slope**2 + along**2 + np.maximum(0, deep - side) ** 2) - 0.9
    disc = Ellipsoid((0.0, -2.0, 2.0), (1e3, 27.0, 17.0))(0.0, y, z)
    insula = np.hypot(side - 41 + 1.2 * np.sin((y + z) / 4.5) + bend, np.maximum(0, disc)) - 0.55 - 0.3 * bend
    both: Distance = np.minimum(lateral, insula)
    return both


class _Noise:
    """Noise of one wavelength on a lattice that repeats, its slope, and slower noise for how deep sulci are."""

    def __init__(self, rng: np.random.Generator, wavelength_mm: float) -> None:
        shape = (_NOISE_SIZE,) * 3
        sigma = wavelength_mm / 5.0 / _NOISE_STEP_MM
        white = rng.standard_normal(shape, dtype=np.float32)
        self._band = gaussian_filter(white, sigma * 0.9, mode="wrap") - gaussian_filter(
            white, sigma * 1.14, mode="wrap"
        )
        self._band /= self._band.std()
        slopes = np.gradient(self._band, _NOISE_STEP_MM)
        self._slope = np.sqrt(sum(slope**2 for slope in slopes)).astype(np.float32)
        self._slope += 0.15 * self._slope.mean()
        slow = gaussian_filter(rng.standard_normal(shape, dtype=np.float32), 2.2 * sigma, mode="wrap")
        self._slow = (slow / slow.std()).astype(np.float32)

    def sheets(
        self, places_mm: list[Image], stretch: Image, depth: Image, deepest_mm: Image, varied: float, width_mm: float
    ) -> Distance:
        """Distance from sulci at points that lie `depth` below the surface; `varied`: how unlike their depths are."""
        lattice = [place / _NOISE_STEP_MM for place in places_mm]
        band, slope, slow = (
            map_coordinates(each, lattice, order=1, mode="grid-wrap") for each in (self._band, self._slope, self._slow)
        )
        across = np.abs(band) / slope / stretch
        bottom = deepest_mm * np.maximum(1 + varied * slow, 0.4)
        # Open at the surface; further down the banks touch.
        wide = width_mm * (2.1 * np.exp(-np.maximum(depth, 0) / 9) - 0.3)
        sheets: Distance = np.hypot(across, np.maximum(0, depth - bottom)) - wide
        return sheets
