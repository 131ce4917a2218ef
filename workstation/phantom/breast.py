"""Breasts under compression by formulas: outline, skin, fat, glandular tissue, ligaments, vessels, muscle, findings.

Everything is drawn on one canvas per view, in mm from the chest wall (u) and from the upper edge (v), and then exposed
on a detector: so the tissue of one woman is the same a year apart on detectors with other pixels. The breast is drawn
as a left one, with its chest wall at the left edge; a right one is mirrored when it is exposed.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.floating[Any]]
Side = Literal["R", "L"]
View = Literal["CC", "MLO"]

HEIGHT_MM, WIDTH_MM = 256.0, 208.0
FAT, GLAND, MUSCLE = 1120.0, 2840.0, 2330.0
"""Presentation values (12 bits) of tissue alone; 0 is air."""

ROUNDING_MM = 24.0
"""How far from the skin the compressed breast has its full thickness."""


@dataclass(frozen=True)
class Shape:
    """The outline of one breast in one view, mm: the nipple's place, and how the skin runs to both sides of it."""

    nipple_u: float
    nipple_v: float
    above_mm: float
    below_mm: float
    density: float
    seed: int
    calcified: int | None = None
    """Which of its vessels has lime in its walls."""


SHAPES: dict[tuple[Side, View], Shape] = {
    ("R", "CC"): Shape(111.0, 113.0, 94.0, 92.0, 0.46, 11, 0),
    ("L", "CC"): Shape(115.0, 121.0, 97.0, 93.0, 0.46, 12),
    ("R", "MLO"): Shape(116.0, 132.0, 215.0, 74.0, 0.44, 13, 2),
    ("L", "MLO"): Shape(121.0, 144.0, 235.0, 70.0, 0.44, 14),
}


@dataclass(frozen=True)
class Finding:
    """Something to be found: mm from the nipple towards the chest wall, to the side (lateral) and upwards."""

    name: str
    side: Side
    behind_mm: float
    lateral_mm: float
    above_mm: float
    radius_mm: float

    def place(self, view: View) -> tuple[float, float]:
        """(u, v) in mm on the canvas of a view: cranio-caudal images show the lateral half above the nipple."""
        shape = SHAPES[self.side, view]
        up = self.lateral_mm if view == "CC" else self.above_mm
        return shape.nipple_u - self.behind_mm, shape.nipple_v - up


MASS = Finding("spiculated mass", "L", 52.0, 27.0, 25.0, 7.0)
CLUSTER = Finding("calcifications", "L", 36.0, -17.0, -14.0, 5.5)
YEARLY_GROWTH = 0.62
"""The mass's radius a year earlier, as a part of today's."""


@dataclass(frozen=True)
class Tissue:
    """One view on the canvas: distance inside the skin (mm, negative in air), and presentation values of its tissue."""

    inside_mm: Image
    value: Image
    step_mm: float


class _Sheet:
    """What a view is drawn on: u (1, columns) and v (rows, 1) of its points in mm, and its random fields."""

    def __init__(self, seed: int, step_mm: float) -> None:
        self.rng = np.random.default_rng([seed, 7])
        self.step_mm = step_mm
        self.shape = (round(HEIGHT_MM / step_mm), round(WIDTH_MM / step_mm))
        v, u = ((np.arange(count, dtype=np.float32) + np.float32(0.5)) * np.float32(step_mm) for count in self.shape)
        self.u, self.v = u[None, :], v[:, None]

    def broad(self, power: float, largest_mm: float) -> Image:
        """A cloud without fine grains, made on every fourth point and drawn between them by straight lines."""
        small = (self.shape[0] // 4 + 2, self.shape[1] // 4 + 2)
        field = self.cloud(power, largest_mm / 4, small)
        for count in self.shape:
            places = np.arange(count, dtype=np.float32) / np.float32(4)
            first = places.astype(np.intp)
            share = (places - first)[:, None]
            field = np.ascontiguousarray((field[first] * (1 - share) + field[first + 1] * share).T)
        return field

    def cloud(self, power: float, largest_mm: float, shape: tuple[int, int] | None = None) -> Image:
        """A random field of mean 0 and deviation 1 whose spectrum falls with 1/f^power below the largest grain."""
        from scipy.fft import irfft2, rfft2

        shape = shape or self.shape
        white = rfft2(self.rng.standard_normal(shape, dtype=np.float32))
        squared = _squared_frequency(shape, self.step_mm)
        field: Image = irfft2(white * (squared + largest_mm**-2.0) ** (-power / 4), s=shape)
        return np.asarray((field - field.mean()) / field.std(), np.float32)


@lru_cache(maxsize=4)
def _squared_frequency(shape: tuple[int, int], step_mm: float) -> Image:
    """Of each coefficient of a real Fourier transform of a sheet, per mm squared."""
    down, right = np.fft.fftfreq(shape[0], step_mm)[:, None], np.fft.rfftfreq(shape[1], step_mm)[None, :]
    return (down**2 + right**2).astype(np.float32)


@lru_cache(maxsize=4)
def tissue(side: Side, view: View, step_mm: float = 0.25) -> Tissue:
    """The tissue of one view without its findings, on points `step_mm` apart; another step is another tissue."""
    shape = SHAPES[side, view]
    sheet = _Sheet(shape.seed, step_mm)
    inside = _inside(sheet, shape, view)
    gland = _gland(sheet, shape, view, inside)
    value = FAT + 85 * sheet.cloud(3.0, 30.0) + (GLAND - FAT) * gland
    value += _septa(sheet, shape, inside, gland)
    value += 300 * _vessels(sheet, shape, inside)
    if view == "MLO":
        value = _muscle(sheet, shape, value)
    value = np.maximum(value, 700.0)
    return Tissue(inside, (value * _edge(inside) + _skin(inside)).astype(np.float32), step_mm)


def _outline(sheet: _Sheet, shape: Shape, view: View) -> Image:
    """How far the skin lies from the chest wall at each height, shape (rows, 1), without the nipple."""
    v = sheet.v
    up = np.clip((shape.nipple_v - v) / shape.above_mm, 0, 1)
    down = np.clip((v - shape.nipple_v) / shape.below_mm, 0, 1)
    upper, lower = (2.0, 0.62) if view == "CC" else (1.75, 0.72)
    reach = np.where(v < shape.nipple_v, (1 - up**upper) ** lower, (1 - down**2.3) ** 0.58) * shape.nipple_u
    if view == "MLO":
        # Below the fold the skin of the belly leaves the image again.
        fold = shape.nipple_v + shape.below_mm * 0.93
        belly = 14 + 0.5 * np.maximum(v - fold, 0)
        reach = np.where(v > fold - 20, np.logaddexp(reach / 6, belly / 6) * 6, reach)
    outline: Image = (reach + 0.7 * np.sin(v / 19) + 0.5 * np.sin(v / 8.3)).astype(np.float32)
    return outline


def _inside(sheet: _Sheet, shape: Shape, view: View) -> Image:
    """Distance from the skin in mm, positive inside."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter, zoom

    u, v = sheet.u, sheet.v
    nipple = np.hypot((u - shape.nipple_u + 2.0) / 8.0, (v - shape.nipple_v) / 5.6) < 1
    outline = _outline(sheet, shape, view)
    coarse = (((u < outline) & (outline > 2)) | nipple)[::2, ::2]
    # What lies beyond the detector is breast too: no skin runs along the chest wall.
    coarse = np.pad(coarse, ((60, 60), (120, 0)), mode="edge")
    signed = distance_transform_edt(coarse) - distance_transform_edt(~coarse)
    signed = gaussian_filter(signed[60:-60, 120:].astype(np.float32), 1.2) * np.float32(2 * sheet.step_mm)
    rows, columns = sheet.shape
    inside: Image = zoom(signed, 2, order=1)[:rows, :columns]
    return inside


def _edge(inside: Image) -> Image:
    """What is left of the thickness towards the skin, after the processing that evens it out."""
    share = np.clip(inside / ROUNDING_MM, 0, 1)
    thickness: Image = np.sqrt(np.maximum(1 - (1 - share) ** 2, 0))
    return np.float32(0.42) + np.float32(0.58) * thickness


def _skin(inside: Image) -> Image:
    """The skin itself, seen tangentially."""
    line: Image = np.float32(240) * np.exp(-(((inside - 0.8) / 0.7) ** 2))
    return line


def _gland(sheet: _Sheet, shape: Shape, view: View, inside: Image) -> Image:
    """The share of glandular tissue, 0..1: a cone behind the nipple, torn by fat, with ducts running to it."""
    u, v = sheet.u, sheet.v
    bend_u, bend_v = (12 * sheet.broad(3.6, 60.0) for _ in range(2))
    behind = shape.nipple_u - u + bend_u
    lateral = 14.0 if view == "CC" else 20.0
    aside = v - (shape.nipple_v - lateral * np.clip(behind / 60, 0, 1)) + bend_v
    half = 4 + 47 * np.clip(behind / 66, 0, 1) ** 0.75
    cone = _soft((half - np.abs(aside)) / 8) * _soft((shape.nipple_u * 0.82 - behind) / 9) * _soft((behind + 1) / 4)
    cone *= _soft((inside - 12) / 4) + 0.5 * _soft((9 - np.hypot(behind, aside)) / 3)
    # Lobes at several depths, each seen through the others, drawn out towards the nipple as the ducts are.
    drawn_out = _ducts(sheet, shape, 45.0)
    level = 2.2 * (shape.density - 0.32)
    lobes = sum(_soft(1.4 * (sheet.broad(4.8, 60.0) + way * drawn_out + level)) for way in (0.7, -0.4, 0.3)) / 3
    fine, smooth = _ducts(sheet, shape, 120.0), _ducts(sheet, shape, 75.0, 5.5)
    strands = 0.6 * _soft(1.2 * fine) + 0.8 * np.exp(-((smooth / 0.10) ** 2))
    web = np.exp(-((sheet.broad(7.0, 34.0) / 0.06) ** 2))
    texture = sheet.cloud(3.0, 12.0)
    dense: Image = cone * (0.14 + 0.86 * lobes) * (0.40 + 0.46 * lobes + 0.16 * strands + 0.10 * web + 0.05 * texture)
    return np.clip(dense, 0, 1.15).astype(np.float32)


def _ducts(sheet: _Sheet, shape: Shape, across: float, power: float = 3.2) -> Image:
    """A random field drawn out towards the nipple; `across` is how many grains lie around it, `power` as in `cloud`."""
    from scipy.ndimage import map_coordinates

    u, v = sheet.u, sheet.v
    bend = 5 * sheet.broad(4.0, 40.0)
    behind, aside = shape.nipple_u + 14 - u, v - shape.nipple_v + bend
    angle = np.arctan2(aside, np.maximum(behind, 1))
    way = np.hypot(behind, aside)
    strands = sheet.cloud(power, 28.0, (768, 768))
    per_mm = 0.5 / sheet.step_mm  # twice as fine as the sheet: lines between its points leave no creases
    places = np.stack(np.broadcast_arrays(384 + angle * across * per_mm, way * 1.3 * per_mm))
    found: Image = map_coordinates(strands, places, order=1, mode="grid-wrap").astype(np.float32)
    return found


def _septa(sheet: _Sheet, shape: Shape, inside: Image, gland: Image) -> Image:
    """Cooper's ligaments and the septa of fat lobules: thin arcs, several layers seen through each other."""
    lines = np.zeros_like(inside)
    for cell_mm, width, strength in ((64.0, 0.022, 260), (44.0, 0.03, 240), (30.0, 0.045, 190)):
        here = _soft(1.5 * sheet.broad(2.8, 40.0))
        lines += strength * here * np.exp(-((sheet.broad(7.5, cell_mm) / width) ** 2))
    drawn_out = _ducts(sheet, shape, 45.0, 5.5)
    lines += 240 * _soft(1.5 * sheet.broad(2.8, 40.0)) * np.exp(-((drawn_out / 0.06) ** 2))
    fat: Image = lines * (1 - 0.6 * np.minimum(gland, 1)) * _soft((inside - 2) / 2)
    return fat


def _vessels(sheet: _Sheet, shape: Shape, inside: Image) -> Image:
    """Veins that wind through the fat, thinner towards the nipple, 0..1."""
    from scipy.ndimage import gaussian_filter

    drawn, step_mm = np.zeros_like(inside), sheet.step_mm
    ways: list[tuple[float, float, float, float, float]] = []
    for start_v in shape.nipple_v + np.array([-62.0, -38.0, 34.0, 58.0]) + sheet.rng.uniform(-8, 8, 4):
        ways.append(
            (0.0, float(start_v), float(sheet.rng.uniform(-0.1, 0.1)), float(sheet.rng.uniform(0.8, 1.15)), 95.0)
        )
    way = -1
    while ways:
        u, v, heading, radius, left = ways.pop()
        way += 1
        phase, swing = sheet.rng.uniform(0, 6.3), sheet.rng.uniform(0.15, 0.4)
        steps = int(left / 0.2)
        for step in range(steps):
            wind = heading + swing * np.sin(phase + step / 26) + 0.3 * np.sin(phase * 2 + step / 61)
            u, v = u + 0.2 * float(np.cos(wind)), v + 0.2 * float(np.sin(wind))
            row, column = int(v / step_mm), int(u / step_mm)
            if not (2 < row < drawn.shape[0] - 3 and 0 <= column < drawn.shape[1] - 3) or inside[row, column] < 6:
                break
            here = radius * (1 - 0.6 * step / steps)
            reach = int(here / step_mm) + 2
            top, first = max(row - reach, 0), max(column - reach, 0)
            part = drawn[top : row + reach + 1, first : column + reach + 1]
            rows = (np.arange(top, top + part.shape[0]) + 0.5)[:, None] * step_mm - v
            columns = (np.arange(first, first + part.shape[1]) + 0.5)[None, :] * step_mm - u
            chord = np.sqrt(np.maximum(here**2 - rows**2 - columns**2, 0))
            np.maximum(part, chord, out=part)
            if way == shape.calcified and 60 < step < 330 and np.sin(step / 17 + phase) > -0.3:
                _calcify(drawn, sheet, (u, v, wind), 0.8 * here)
        if radius > 0.7 and left > 60:
            ways.append((u - 45, v, heading + 0.5, radius * 0.65, 40.0))
    return np.asarray(gaussian_filter(drawn, 0.8), np.float32)


def _calcify(drawn: Image, sheet: _Sheet, at: tuple[float, float, float], radius_mm: float) -> None:
    """Lime in both walls of a vessel: crumbs of uneven size, as two rails along (u, v, heading)."""
    u, v, heading = at
    for side in (-1, 1):
        if sheet.rng.uniform() < 0.55:
            row = int((v + side * radius_mm * np.cos(heading)) / sheet.step_mm)
            column = int((u - side * radius_mm * np.sin(heading)) / sheet.step_mm)
            drawn[row, column] += sheet.rng.uniform(1.0, 4.5)


def _muscle(sheet: _Sheet, shape: Shape, value: Image) -> Image:
    """The pectoral muscle, a wedge from the upper edge to the chest wall, with its fibres, and a node before it."""
    u, v = sheet.u, sheet.v
    low = shape.nipple_v + 2
    front = 72 * np.clip(1 - v / low, 0, 1) ** 0.86 + 3.5 * np.sin(v / 31) * (v < low)
    depth = (front - u) * 0.86
    along = (v + 0.55 * u) / 9 + 0.8 * sheet.cloud(3.0, 50.0)
    fibres = (
        70 * np.sin(along) * _soft(2 * sheet.broad(3.0, 40.0))
        + 60 * np.sin(2.6 * along + 1.4 * np.sin(u / 23))
        + 95 * sheet.cloud(3.2, 30.0)
        + 4 * np.clip(depth - 20, -20, 60)
    )
    share = _soft((depth + 1.0 * sheet.broad(5.0, 60.0)) / 1.1) * _soft((low - 6 - v) / 6)
    # What lies before and behind the muscle in the ray is seen through it, but less.
    muscle = MUSCLE + fibres + 0.30 * (value - FAT)
    value = value + share * (muscle - value)
    for node_u, node_v, long_mm in ((58.0, 22.0, 6.5), (66.0, 41.0, 4.5)):
        across = np.hypot((u - node_u) / (long_mm * 0.62), (v - node_v) / long_mm)
        across = across + 0.12 * np.sin(3 * np.arctan2(v - node_v, u - node_u) + node_v)
        hilum = np.hypot((u - node_u - long_mm * 0.42) / (long_mm * 0.4), (v - node_v) / (long_mm * 0.5))
        value = value + 470 * _soft((1 - across) * 4) * (1 - 0.8 * _soft((1 - hilum) * 3))
    return value.astype(np.float32)


def _soft(x: Image) -> Image:
    """From 0 to 1 as x goes from well below to well above 0."""
    smooth: Image = 1 / (1 + np.exp(-np.clip(2 * x, -30, 30)))
    return smooth
