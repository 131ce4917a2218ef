"""Breasts exposed on a detector: pixels of a mammogram for presentation, and where in them what is to be found lies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.breast import CLUSTER, MASS, SHAPES, Finding, Image, Side, View, tissue

BRIGHTEST = 4095
_SPICULES = 38
_SPECKS = 17
_MASS_VALUE = 3250.0
_PATCH_MM = 0.125
_TISSUE_MM = 0.3
_BEYOND_NIPPLE_MM = 9.0


@dataclass(frozen=True)
class Detector:
    """A detector, and how the breast lay on it: sizes in pixels, `pixel_mm` between them, mm and scale of the place."""

    rows: int
    columns: int
    pixel_mm: float
    noise: float
    air_is_white: bool = False
    """MONOCHROME1: stored values grow from white to black."""
    shift_v_mm: float = 0.0
    stretch: float = 1.0

    def coarser(self, by: int) -> "Detector":
        """The same field with fewer, larger pixels."""
        return replace(self, rows=self.rows // by, columns=self.columns // by, pixel_mm=self.pixel_mm * by)


TODAY = Detector(3328, 2560, 0.07, 26.0)
YEAR_AGO = Detector(2294, 1914, 0.1, 34.0, air_is_white=True, shift_v_mm=-7.0, stretch=1.025)


@dataclass(frozen=True, eq=False)
class Mammogram:
    """Stored values, shape (rows, columns), 12 bits. `places` gives (row, column) of the nipple and of each finding."""

    pixels: NDArray[np.uint16]
    side: Side
    view: View
    detector: Detector
    places: Mapping[str, tuple[float, float]]
    radii_mm: Mapping[str, float]

    def from_chest_wall_mm(self, name: str) -> float:
        """How far a place lies from the edge of the image at the chest wall."""
        column = self.places[name][1]
        columns = self.detector.columns - 1 - column if self.side == "R" else column
        return (columns + 0.5) * self.detector.pixel_mm

    def below_nipple_mm(self, name: str) -> float:
        """How much further down the image a place lies than the nipple."""
        return (self.places[name][0] - self.places["nipple"][0]) * self.detector.pixel_mm


def mammogram(side: Side, view: View, detector: Detector, mass_radius_mm: float = MASS.radius_mm) -> Mammogram:
    """Expose one breast; without the mass where its radius is 0. Same arguments, same pixels."""
    shape = SHAPES[side, view]
    rng = np.random.default_rng([shape.seed, detector.rows])
    drawn = tissue(side, view, _TISSUE_MM if detector.pixel_mm < 0.2 else 2 * _TISSUE_MM)
    v_of_row, u_of_column = _canvas_places(detector)
    u_of_column = u_of_column[u_of_column < shape.nipple_u + _BEYOND_NIPPLE_MM]  # there is only air beyond
    light = _sampled(drawn.value, v_of_row, u_of_column, drawn.step_mm)
    inside = _sampled(drawn.inside_mm, v_of_row, u_of_column, drawn.step_mm)
    found = [replace(MASS, radius_mm=mass_radius_mm)] * (mass_radius_mm > 0) + [CLUSTER] if side == "L" else []
    for finding in found:
        draw = _mass if finding.name == MASS.name else _specks
        draw(light, finding, finding.place(view), detector)
    light += _noise(rng, light, detector)
    light *= np.clip(inside / detector.pixel_mm + 0.5, 0, 1)
    pixels = np.zeros((detector.rows, detector.columns), np.uint16)
    pixels[:, : len(u_of_column)] = np.rint(np.clip(light, 0, BRIGHTEST))
    places = {"nipple": (shape.nipple_u + 3.0, shape.nipple_v)} | {each.name: each.place(view) for each in found}
    return Mammogram(
        _as_stored(pixels, side, detector),
        side,
        view,
        detector,
        {name: _row_and_column(place, side, detector) for name, place in places.items()},
        {each.name: each.radius_mm for each in found},
    )


def _as_stored(pixels: NDArray[np.uint16], side: Side, detector: Detector) -> NDArray[np.uint16]:
    pixels = pixels[:, ::-1] if side == "R" else pixels
    return np.ascontiguousarray(BRIGHTEST - pixels if detector.air_is_white else pixels)


def _canvas_places(detector: Detector) -> tuple[Image, Image]:
    """v of each row and u of each column on the canvas, mm."""
    rows = (np.arange(detector.rows, dtype=np.float32) + np.float32(0.5)) * np.float32(detector.pixel_mm)
    columns = (np.arange(detector.columns, dtype=np.float32) + np.float32(0.5)) * np.float32(detector.pixel_mm)
    return rows * np.float32(detector.stretch) - np.float32(detector.shift_v_mm), columns * np.float32(detector.stretch)


def _row_and_column(place: tuple[float, float], side: Side, detector: Detector) -> tuple[float, float]:
    """Where (u, v) in mm on the canvas lies in the image as it is stored."""
    column = place[0] / detector.stretch / detector.pixel_mm - 0.5
    row = (place[1] + detector.shift_v_mm) / detector.stretch / detector.pixel_mm - 0.5
    return row, detector.columns - 1 - column if side == "R" else column


def _sampled(canvas: Image, v_mm: Image, u_mm: Image, step_mm: float) -> Image:
    """A canvas at other places, by Catmull-Rom splines: rows first, then columns."""
    for places in (v_mm, u_mm):
        index = places / np.float32(step_mm) - np.float32(0.5)
        first = np.floor(index).astype(np.intp)
        t = (index - first)[:, None]
        weights = (
            ((-t + 2) * t - 1) * t / 2,
            ((3 * t - 5) * t * t + 2) / 2,
            ((-3 * t + 4) * t + 1) * t / 2,
            (t - 1) * t * t / 2,
        )
        taps = (np.clip(first + tap, 0, len(canvas) - 1) for tap in (-1, 0, 1, 2))
        total = np.zeros((len(places), canvas.shape[1]), np.float32)
        for tap, weight in zip(taps, weights, strict=True):
            total += canvas[tap] * weight
        canvas = np.ascontiguousarray(total.T)
    return canvas


def _noise(rng: np.random.Generator, light: Image, detector: Detector) -> Image:
    """Quanta and electronics, a little blurred by the screen; denser parts let fewer quanta through."""
    from scipy.ndimage import uniform_filter

    grain = rng.standard_normal(light.shape, dtype=np.float32)
    grain = np.float32(0.55) * grain + np.float32(1.4) * uniform_filter(grain, 2)
    noise: Image = grain * (np.float32(detector.noise) * (np.float32(0.6) + light / np.float32(4200)))
    return noise


def _patch(light: Image, place: tuple[float, float], reach_mm: float, detector: Detector) -> tuple[Image, Image, Image]:
    """The part of an image around (u, v): its pixels, and their u and v from that place, mm."""
    v_of_row, u_of_column = _canvas_places(detector)
    rows = slice(*np.searchsorted(v_of_row, (place[1] - reach_mm, place[1] + reach_mm)))
    columns = slice(*np.searchsorted(u_of_column, (place[0] - reach_mm, place[0] + reach_mm)))
    return light[rows, columns], (u_of_column[columns] - place[0])[None, :], (v_of_row[rows] - place[1])[:, None]


def _mass(light: Image, finding: Finding, place: tuple[float, float], detector: Detector) -> None:
    """A dense, lobulated core with fine strands drawn in from all around."""
    reach = finding.radius_mm * 3.6
    part, u, v = _patch(light, place, reach, detector)
    axis = (np.arange(round(2 * reach / _PATCH_MM), dtype=np.float32) + np.float32(0.5)) * np.float32(_PATCH_MM) - reach
    at = (v.ravel() + np.float32(reach), u.ravel() + np.float32(reach), _PATCH_MM)
    core, strands = (_sampled(each, *at) for each in _spiculated(axis[None, :], axis[:, None], finding.radius_mm))
    # The mass takes the place of the tissue it grew in.
    part += core * (_MASS_VALUE - part) + strands * (1 - core)


def _spiculated(u: Image, v: Image, radius_mm: float) -> tuple[Image, Image]:
    """How much of the ray the core of a mass fills, 0..1, and the values its strands add."""
    rng = np.random.default_rng([3, 1])
    way, angle = np.hypot(u, v), np.arctan2(v, u)
    edge = radius_mm * (1 + 0.13 * np.sin(3 * angle + 0.6) + 0.09 * np.sin(5 * angle + 2) + 0.05 * np.sin(9 * angle))
    edge = edge * (1 + 0.04 * np.sin(14 * angle + 1) + 0.03 * np.sin(23 * angle + 4))
    core = 0.74 * np.maximum(1 - (way / edge / 1.08) ** 2, 0) ** 1.1
    strands = 220 * np.exp(-((way / (1.4 * radius_mm)) ** 2))
    for number in range(_SPICULES):
        turn = 2 * np.pi * (number + rng.uniform(-0.4, 0.4)) / _SPICULES
        length, bend = radius_mm * rng.uniform(1.2, 1.9) ** 1.7, rng.uniform(-0.04, 0.04)
        along = u * np.cos(turn) + v * np.sin(turn)
        wave, phase = rng.uniform(1.2, 3.0), rng.uniform(0, 6.3)
        across = v * np.cos(turn) - u * np.sin(turn) + bend * along**2 + 0.25 * np.sin(along / wave + phase)
        share = np.clip(along / length, 0, 1)
        width = rng.uniform(0.18, 0.55) * (1 - 0.5 * share)
        grown = rng.uniform(110, 380) * np.minimum(way / radius_mm, 1) ** 2
        strands = strands + grown * (along > 0) * (1 - share) ** 0.8 * np.exp(-((across / width) ** 2))
    return np.asarray(core, np.float32), np.asarray(strands, np.float32)


def _specks(light: Image, finding: Finding, place: tuple[float, float], detector: Detector) -> None:
    """A cluster of calcifications of many forms: grains, rods and commas under a millimetre."""
    rng = np.random.default_rng([3, 2])
    for _ in range(_SPECKS):
        way, around = finding.radius_mm * np.sqrt(rng.uniform()), rng.uniform(0, 2 * np.pi)
        long_mm, turn, strength = rng.uniform(0.16, 0.5), rng.uniform(0, np.pi), rng.uniform(500, 1250)
        thin_mm = long_mm * rng.uniform(0.35, 0.9)
        at = (place[0] + way * np.cos(around), place[1] + way * np.sin(around))
        part, u, v = _patch(light, at, 1.4, detector)
        along, across = u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)
        across = across + rng.uniform(-0.6, 0.6) * along**2
        part += np.float32(strength) * np.exp(-(((along / long_mm) ** 2 + (across / thin_mm) ** 2) ** 1.6))
