"""Slices of the upper abdomen as ultrasound meets them: what scatters, mirrors and absorbs where (x, z in mm)."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.echo import Tissue, tissue_axes

Image = NDArray[np.float32]
Distance = NDArray[np.floating[Any]]

PROBE_RADIUS_MM: Final = 50.0
WALL_MM: Final = 19.0
LUMEN: Final = 0.02


@dataclass(frozen=True)
class Oval:
    """An ellipse: centre, half axes and how far it is turned (from x towards z)."""

    x_mm: float
    z_mm: float
    half_length_mm: float
    half_width_mm: float
    turned_deg: float = 0.0

    def at(self, along_mm: float, across_mm: float) -> tuple[float, float]:
        """The place (x, z) so far along its length and across it from the centre."""
        turn = np.radians(self.turned_deg)
        x = self.x_mm + along_mm * np.cos(turn) - across_mm * np.sin(turn)
        return float(x), float(self.z_mm + along_mm * np.sin(turn) + across_mm * np.cos(turn))

    def distance(self, x: Image, z: Image) -> Image:
        """Signed distance to its rim in mm, negative inside; exact on the rim and near it."""
        turn = np.radians(self.turned_deg)
        along = (x - self.x_mm) * np.cos(turn) + (z - self.z_mm) * np.sin(turn)
        across = (z - self.z_mm) * np.cos(turn) - (x - self.x_mm) * np.sin(turn)
        out = np.hypot(along / self.half_length_mm, across / self.half_width_mm)
        slope = np.hypot(along / self.half_length_mm**2, across / self.half_width_mm**2)
        near_rim = out * (out - 1) / np.maximum(slope, 1e-3)
        distance: Image = np.where(out < 0.5, (out - 1) * self.half_width_mm, near_rim).astype(np.float32)
        return distance


class _Slice:
    """Three maps that structures are painted into, one over the other."""

    def __init__(self, scatter: float, seed: int, cell_mm: float) -> None:
        self._cell_mm = cell_mm
        self.x, self.z = np.broadcast_arrays(*tissue_axes(cell_mm))
        self._rng = np.random.default_rng([seed, 10])
        self._seed = seed
        self.scatter = np.full(self.x.shape, scatter, np.float32) * (1 + 0.16 * self.clouds(3.0))
        self.mirror = np.zeros(self.x.shape, np.float32)
        self.absorb = np.zeros(self.x.shape, np.float32)
        self.bent = (self.x + 1.3 * self.clouds(9.0), self.z + 1.3 * self.clouds(9.0))
        out = np.hypot(self.x, self.z + PROBE_RADIUS_MM)
        self._beam = (self.x / out, (self.z + PROBE_RADIUS_MM) / out)

    def clouds(self, size_mm: float) -> Image:
        """A smooth random field, mean 0 and deviation 1."""
        from scipy.ndimage import gaussian_filter, zoom

        step = max(1, int(size_mm / self._cell_mm / 3))  # made coarse and drawn out: ten times faster
        rows, columns = self.x.shape
        coarse = self._rng.standard_normal((rows // step + 3, columns // step + 3), np.float32)
        field = zoom(gaussian_filter(coarse, size_mm / self._cell_mm / step), step, order=1)[:rows, :columns]
        clouds: Image = field / field.std()
        return clouds

    def paint(self, distance: Distance, scatter: float | Image, absorb_db_mm: float = 0.0) -> None:
        """Fill where `distance` is negative."""
        share = np.clip(0.5 - distance / self._cell_mm, 0, 1)
        self.scatter += share * (scatter - self.scatter)
        self.mirror *= 1 - share
        self.absorb += share * (absorb_db_mm - self.absorb)

    def line(self, distance: Distance, strength: float, thickness_mm: float = 0.35, evenly: float = 0.15) -> None:
        """An interface at `distance` 0: it mirrors where the beam meets it squarely, `evenly` of it anywhere."""
        down, right = np.gradient(distance, self._cell_mm)
        norm = np.maximum(np.hypot(down, right), 1e-3)
        square = np.abs(right * self._beam[0] + down * self._beam[1]) / norm
        bright = strength * (evenly + (1 - evenly) * square**4) * np.exp(-((distance / thickness_mm) ** 2))
        self.mirror += bright.astype(np.float32)

    def vessel(self, points: list[tuple[float, float]], radius_mm: float, wall: float) -> None:
        """A tube along points (x, z), narrowing to a quarter; `wall` is how bright its wall is."""
        x, z = self.bent
        distance = np.full(self.x.shape, np.inf, np.float32)
        steps = list(pairwise(points))
        for number, ((x0, z0), (x1, z1)) in enumerate(steps):
            length = np.hypot(x1 - x0, z1 - z0)
            along = ((x - x0) * (x1 - x0) + (z - z0) * (z1 - z0)) / length**2
            along = np.clip(along, 0, 1)
            radius = radius_mm * (1 - 0.75 * (number + along) / len(steps))
            distance = np.minimum(distance, np.hypot(x - x0 - along * (x1 - x0), z - z0 - along * (z1 - z0)) - radius)
        if wall:
            self.paint(distance - 1.2, wall)
        self.paint(distance, LUMEN, -0.12)
        self.line(distance, 2.5 * (0.4 + wall / 3))

    def done(self) -> Tissue:
        return Tissue(self.scatter, self.mirror, self.absorb, self._cell_mm, self._seed)


GALLBLADDER: Final = Oval(20.0, 55.0, 29.0, 11.5, 14.0)
_STONE_AT: Final = GALLBLADDER.at(6.0, 8.0)
STONE: Final = Oval(*_STONE_AT, 5.5, 3.4, 14.0)
_KIDNEY: Final = Oval(54.0, 96.0, 40.0, 20.0, -16.0)


def liver_and_gallbladder(seed: int, cell_mm: float) -> Tissue:
    """Right upper quadrant, head to the left: liver, gallbladder with a stone, portal vein, kidney, diaphragm."""
    it = _Slice(1.0, seed, cell_mm)
    it.vessel([(-70, 40), (-44, 62), (-30, 92), (-26, 112)], 4.2, 0.0)
    it.vessel([(-12, 34), (-20, 58), (-27, 88)], 2.6, 0.0)
    it.vessel([(22, 84), (-2, 74), (-30, 58), (-54, 52)], 5.6, 2.6)
    it.vessel([(-8, 76), (-30, 80), (-52, 78)], 2.8, 2.2)
    dome = (np.hypot(it.x - 6, it.z - 24) - 88).astype(np.float32)
    it.paint(-dome, 0.55 * np.exp(-np.maximum(dome, 0) / 9), 0.5)
    it.line(dome, 9.0, 0.7, 0.3)
    _paint_kidney(it)
    _paint_gallbladder(it)
    return it.done()


def _paint_kidney(it: _Slice) -> None:
    fat = Oval(_KIDNEY.x_mm, _KIDNEY.z_mm, 44.0, 24.0, _KIDNEY.turned_deg).distance(*it.bent)
    it.paint(fat, 2.0)
    rim = _KIDNEY.distance(*it.bent)
    it.paint(rim, 0.55 * (1 + 0.2 * it.clouds(1.5)))
    it.line(rim, 5.0, 0.4)
    for along, across in ((-24, -7), (-12, -11.5), (2, -12.5), (15, -11), (26, -6), (-16, 10), (4, 12), (20, 9)):
        x, z = _KIDNEY.at(along, across)
        it.paint(Oval(x, z, 4.4, 3.6, 40).distance(it.x, it.z) + 0.4 * it.clouds(1.2), 0.26)
    sinus = Oval(_KIDNEY.x_mm, _KIDNEY.z_mm, 24.0, 6.8, _KIDNEY.turned_deg).distance(*it.bent)
    it.paint(sinus + 1.3 * it.clouds(2.0), 2.4 * (1 + 0.35 * it.clouds(1.0)))


def _paint_gallbladder(it: _Slice) -> None:
    rim = GALLBLADDER.distance(it.x, it.z)
    it.paint(rim - 2.0, 1.8)
    it.paint(rim, LUMEN, -0.30)
    it.line(rim, 6.0, 0.4)
    sludge = np.maximum(rim, _depth_in(GALLBLADDER, it) * -1 + 9.3)
    it.paint(sludge.astype(np.float32), 0.12, -0.1)
    stone = STONE.distance(it.x, it.z)
    it.paint(stone, 3.0, 7.0)
    it.line(np.where(it.z < STONE.z_mm + 1, stone, 9).astype(np.float32), 26.0, 0.6, 0.5)


def _depth_in(oval: Oval, it: _Slice) -> Image:
    """How far across an oval, from its middle down, in mm."""
    turn = np.radians(oval.turned_deg)
    depth: Image = (it.z - oval.z_mm) * np.cos(turn) - (it.x - oval.x_mm) * np.sin(turn)
    return depth


AORTA_RADIUS_MM: Final = 8.5
AORTA_AT: Final = (0.0, 62.0)
AORTA_TURNED_DEG: Final = -24.0


def aorta_lengthwise(seed: int, cell_mm: float) -> Tissue:
    """The abdominal aorta from the front, head to the left: left lobe of the liver before it, vertebrae behind."""
    it = _Slice(1.15, seed, cell_mm)
    lobe = Oval(-42.0, 28.0, 52.0, 24.0, 12.0).distance(it.x, it.z)
    it.paint(lobe, 0.9 * (1 + 0.12 * it.clouds(3.0)))
    it.line(lobe, 3.5)
    it.vessel([(-48, 20), (-30, 34), (-14, 38)], 2.6, 1.8)
    it.paint(Oval(24, 36, 26, 9, -20).distance(it.x, it.z) + it.clouds(2.0), 0.75 * (1 + 0.3 * it.clouds(1.0)))
    across = aorta_across(it.x, it.z)
    rim = np.abs(across) - AORTA_RADIUS_MM
    it.paint(rim - 1.6, 2.2)
    it.paint(rim, LUMEN, -0.1)
    it.line(rim, 7.0, 0.4, 0.4)
    behind = across - AORTA_RADIUS_MM - 5
    turn = np.radians(AORTA_TURNED_DEG)
    along = (it.x - AORTA_AT[0]) * np.cos(turn) + (it.z - AORTA_AT[1]) * np.sin(turn)
    bone = np.maximum(-behind, np.abs((along + 14) % 36 - 18) - 14.5).astype(np.float32)
    it.paint(bone, 0.8, 1.6)
    it.line(np.where(behind < 3, bone, 9).astype(np.float32), 8.0, 0.6, 0.3)
    return it.done()


def aorta_across(x: Image, z: Image) -> Image:
    """Distance from the middle of the aorta in mm, positive behind it."""
    turn = np.radians(AORTA_TURNED_DEG)
    across: Image = (z - AORTA_AT[1]) * np.cos(turn) - (x - AORTA_AT[0]) * np.sin(turn)
    return across


def abdominal_wall(seed: int, cell_mm: float) -> Tissue:
    """Skin, fat with septa and muscle with fibres, in layers along the probe's surface."""
    it = _Slice(1.0, seed, cell_mm)
    depth = (np.hypot(it.x, it.z + PROBE_RADIUS_MM) - PROBE_RADIUS_MM).astype(np.float32)
    waves = 0.8 * it.clouds(6.0)
    it.paint(depth - 30, 1.0)
    it.paint(depth + waves - 16.5, 0.62 * (1 + 0.5 * np.sin(depth * 2.4 + it.clouds(5.0))))
    it.paint(depth + waves - 9.0, 0.42)
    it.paint(depth - 2.2, 2.4)
    for at_mm, strength in ((2.2, 4.0), (5.5, 3.0), (9.0, 6.0), (12.6, 3.5), (16.5, 8.0)):
        it.line(depth + waves - at_mm, strength * (0.6 + 0.2 * float(at_mm > 8)), 0.35)
    return it.done()
