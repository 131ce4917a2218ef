"""Chest X-rays of the demo patient: rays from a point through her chest, scatter, noise, and the processing of films.

Postero-anterior films are seen as if the patient faced the reader, her left at the right; left lateral ones with her
front at the left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workstation.phantom import chest_volume as inside
from workstation.phantom.chest_volume import Balls, Floats, Soft
from workstation.phantom.grid import Vector

View = Literal["PA", "LL"]

BRIGHTEST = 4095
ATTENUATION_PER_MM = 0.0165
"""Of water at 125 kV."""

MIDDLE_Z_MM = -28.0
NODULE_LPS: Vector = (84.0, 44.0, -55.0)
"""Where the CT has it: in the left lower lobe."""

_BLACK = 230.0
_CONTRASTS: Mapping[View, float] = {"PA": 1220.0, "LL": 920.0}
_BROAD, _NEAR, _FINE = 0.66, 1.2, 1.6
"""Stored value of no tissue, values per unit of optical density, and how much of each coarseness is kept."""

_FILM_X_MM, _BACK_MM = 190.0, 4.0
"""Where the film of a lateral view stands, and how far its middle is before the patient's."""

_DRAWN_MM, _FINE_FILM_MM = 0.25, 0.5
_SOFT_MM = 1.4
"""Soft tissue is projected this finely and then drawn on the film by splines."""


@dataclass(frozen=True)
class Film:
    """A detector and how the patient stood before it; lengths in mm, `shift` to the right and down on the film."""

    rows: int
    columns: int
    pixel_mm: float
    noise: float
    distance_mm: float = 1800.0
    shift_mm: tuple[float, float] = (0.0, 0.0)
    nodule_radius_mm: float = 7.0

    def coarser(self, by: int) -> "Film":
        """The same field with fewer, larger pixels."""
        return replace(self, rows=self.rows // by, columns=self.columns // by, pixel_mm=self.pixel_mm * by)


TODAY = Film(2144, 2048, 0.168, 0.012)
YEAR_AGO = Film(1856, 1760, 0.194, 0.017, 1720.0, (4.0, -6.0), 4.3)


@dataclass(frozen=True, eq=False)
class Radiograph:
    """Stored values, shape (rows, columns), 12 bits, white is dense. `places` gives (row, column) of what is known."""

    pixels: NDArray[np.uint16]
    view: View
    film: Film
    places: Mapping[str, tuple[float, float]]


def radiograph(view: View, film: Film) -> Radiograph:
    """Expose one film. Same arguments, same pixels."""
    # The focus is no point: half the pixels of a fine film are enough for all but its noise.
    drawn_on = film.coarser(2) if film.pixel_mm < _DRAWN_MM else film
    way = _soft_way(view, drawn_on)
    for balls in (*_parts(view), inside.nodule(NODULE_LPS, film.nodule_radius_mm)):
        _stamp(way, view, drawn_on, balls)
    even = _processed(_exposed(way, drawn_on), drawn_on)
    if drawn_on is not film:
        even = _enlarged(even, drawn_on.pixel_mm, film)
    even += _noise(np.random.default_rng([film.rows, 5 if view == "PA" else 6]), even, film)
    pixels = np.clip(np.float32(_BLACK) + np.float32(_CONTRASTS[view]) * even, 0, BRIGHTEST)
    _marker(pixels, film)
    row, column = _on_film(view, film, np.array([NODULE_LPS]))[0]
    return Radiograph(np.rint(pixels).astype(np.uint16), view, film, {"nodule": (float(row), float(column))})


def _seen(view: View, points: NDArray[np.float64], film: Film) -> tuple[NDArray[np.float64], ...]:
    """Across and down on the film from its middle, mm, and how much larger things appear, for points in LPS."""
    if view == "PA":
        across, from_film = points[:, 0], points[:, 1] - inside.Y_MM[0]
    else:
        across, from_film = points[:, 1] + _BACK_MM, _FILM_X_MM - points[:, 0]
    larger = film.distance_mm / (film.distance_mm - from_film)
    down = MIDDLE_Z_MM - points[:, 2]
    return across * larger + film.shift_mm[0], down * larger + film.shift_mm[1], larger


def _on_film(view: View, film: Film, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(row, column) of each point."""
    across, down, _ = _seen(view, points, film)
    row = down / film.pixel_mm + (film.rows - 1) / 2
    return np.stack([row, across / film.pixel_mm + (film.columns - 1) / 2], axis=1)


@lru_cache(maxsize=1)
def _volume(coarse: float) -> Soft:
    return inside.soft_tissue(coarse)


def _soft_way(view: View, film: Film) -> Floats:
    """mm of water in the way of each ray through the soft tissue, at every pixel of the film."""
    high, wide = (int(count * film.pixel_mm / _SOFT_MM) + 6 for count in (film.rows, film.columns))
    down = (np.arange(high) - (high - 1) / 2) * _SOFT_MM - film.shift_mm[1]
    across = (np.arange(wide) - (wide - 1) / 2) * _SOFT_MM - film.shift_mm[0]
    soft = _volume(1.0 if film.pixel_mm < _FINE_FILM_MM else 2.0)
    step_x, step_y, step_z = soft.step_mm
    total = np.zeros((wide, high), np.float32)
    for layer in range(soft.attenuation.shape[1 if view == "PA" else 2]):
        if view == "PA":
            away, through, image = (layer + 0.5) * step_y, step_y, soft.attenuation[:, layer, :]
            first, spacing = inside.X_MM[0], step_x
        else:
            x = inside.X_MM[0] + (layer + 0.5) * step_x
            away, through, image = _FILM_X_MM - x, step_x, _with_arms_raised(soft, layer, x)
            first, spacing = inside.Y_MM[0] + _BACK_MM, step_y
        larger = film.distance_mm / (film.distance_mm - away)
        tall = _between(image, (MIDDLE_Z_MM - down / larger - inside.Z_MM[0]) / step_z - 0.5)
        total += np.float32(through) * _between(tall.T, (across / larger - first) / spacing - 0.5)
    total = np.ascontiguousarray(total.T)
    return _enlarged(total, _SOFT_MM, film)


def _with_arms_raised(soft: Soft, layer: int, x: float) -> Floats:
    """A sagittal layer as it is on a lateral film: much of the shoulders has moved up and away."""
    z = inside.Z_MM[0] + (np.arange(len(soft.attenuation), dtype=np.float32) + 0.5) * soft.step_mm[2]
    gone = 0.62 * np.clip((abs(x) - 70) / 40, 0, 1) * np.clip((z - 45) / 60, 0, 1)
    return np.asarray(soft.attenuation[:, :, layer] * (1 - gone)[:, None], np.float32)


def _between(image: Floats, places: NDArray[np.floating[Any]]) -> Floats:
    """Rows of an image at fractional places, by straight lines between them; nothing lies beyond its ends."""
    first = np.floor(places).astype(np.intp)
    share = (places - first).astype(np.float32)
    total = np.zeros((len(places), image.shape[1]), np.float32)
    for row, weight in ((first, 1 - share), (first + 1, share)):
        there = (row >= 0) & (row < len(image))
        total += image[np.clip(row, 0, len(image) - 1)] * np.where(there, weight, 0)[:, None]
    return total


def _enlarged(image: Floats, pixel_mm: float, film: Film) -> Floats:
    """An image of larger pixels about the same middle, by cubic B-splines on the film, one axis after the other."""
    rows, columns = (
        (np.arange(count) - (count - 1) / 2) * film.pixel_mm / pixel_mm + (had - 1) / 2
        for count, had in zip((film.rows, film.columns), image.shape, strict=True)
    )
    return np.ascontiguousarray(_splined(np.ascontiguousarray(_splined(image, rows).T), columns).T)


def _splined(image: Floats, places: NDArray[np.float64]) -> Floats:
    """Rows of an image at fractional places, by the cubic B-spline that smooths a little."""
    first = np.floor(places).astype(np.intp)
    t = (places - first).astype(np.float32)[:, None]
    basis = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    total = np.zeros((len(places), image.shape[1]), np.float32)
    for tap, weight in zip((-1, 0, 1, 2), basis, strict=True):
        total += image[np.clip(first + tap, 0, len(image) - 1)] * (weight / 6)
    return total


@lru_cache(maxsize=2)
def _parts(view: View) -> tuple[Balls, ...]:
    """What is drawn over the soft tissue; for lateral films the arms are raised."""
    arms = (*inside.shoulder_balls(), inside.arms()) if view == "PA" else ()
    return (*inside.rib_balls(), inside.spine_balls(), *arms, inside.airways(), inside.lung_vessels(0))


def _stamp(image: Floats, view: View, film: Film, balls: Balls) -> None:
    """Add the chord of each ball to the pixels whose rays meet it."""
    across, down, larger = _seen(view, balls.centers_lps, film)
    middles = np.stack(
        [down / film.pixel_mm + (film.rows - 1) / 2, across / film.pixel_mm + (film.columns - 1) / 2], axis=1
    )
    # A ball smaller than a pixel is drawn as large as that, and thinner.
    drawn = np.maximum(balls.radii_mm * larger / film.pixel_mm, 0.9)
    weights = balls.weights * 2 * balls.radii_mm * (balls.radii_mm * larger / film.pixel_mm / drawn) ** 2
    reaches = np.ceil(drawn + 0.5).astype(int)
    for reach in np.unique(reaches):
        same = reaches == reach
        for part in np.array_split(np.flatnonzero(same), max(1, int(np.count_nonzero(same) * reach**2 / 300_000))):
            _stamp_alike(image, middles[part], drawn[part], weights[part], int(reach))


def _stamp_alike(
    image: Floats, middles: NDArray[np.float64], radii: NDArray[np.float64], weights: NDArray[np.float64], reach: int
) -> None:
    offsets = np.arange(-reach, reach + 1)
    near = np.rint(middles).astype(int)
    rows, columns = near[:, :1] + offsets, near[:, 1:] + offsets
    aside = (columns - middles[:, 1:])[:, None, :] ** 2 + (rows - middles[:, :1])[:, :, None] ** 2
    chord = np.sqrt(np.maximum(1 - aside / (radii**2)[:, None, None], 0)) * weights[:, None, None]
    fits = ((rows >= 0) & (rows < image.shape[0]))[:, :, None] & ((columns >= 0) & (columns < image.shape[1]))[
        :, None, :
    ]
    flat = (rows[:, :, None] * image.shape[1] + columns[:, None, :])[fits]
    np.add.at(image.ravel(), flat, chord[fits].astype(np.float32))


def _exposed(way: Floats, film: Film) -> Floats:
    """Optical density: of the rays that went straight, and a veil of scattered ones that passed the grid."""
    light = np.exp(-np.float32(ATTENUATION_PER_MM) * way)
    return np.asarray(-np.log(light + np.float32(0.16) * _blurred(light, 26.0, film)), np.float32)


def _processed(density: Floats, film: Film) -> Floats:
    """Density as it is shown: large differences are evened out, small ones are kept or raised."""
    broad, near = _blurred(density, 40.0, film), _blurred(density, 2.5, film)
    even: Floats = (
        np.float32(_BROAD) * broad + np.float32(_NEAR) * (near - broad) + np.float32(_FINE) * (density - near)
    )
    return np.asarray(even - np.float32(_BROAD * -np.log(1.16)), np.float32)


def _noise(rng: np.random.Generator, density: Floats, film: Film) -> Floats:
    """Of quanta, a little blurred by the screen: more where little light comes."""
    from scipy.ndimage import uniform_filter

    grain = rng.standard_normal(density.shape, dtype=np.float32)
    grain = np.float32(0.5) * grain + np.float32(1.5) * uniform_filter(grain, 2)
    noise: Floats = grain * (np.float32(film.noise) * np.exp(np.float32(0.45) * np.minimum(density, 5)))
    return noise


def _blurred(image: Floats, sigma_mm: float, film: Film) -> Floats:
    """A Gaussian blur, worked out on fewer pixels."""
    from scipy.ndimage import gaussian_filter

    by = max(1, int(sigma_mm / film.pixel_mm / 4))
    rows, columns = (count // by for count in image.shape)
    thin = image[: rows * by, : columns * by].reshape(rows, by, columns, by).mean(axis=(1, 3))
    blurred = gaussian_filter(thin, sigma_mm / film.pixel_mm / by, mode="nearest")
    return blurred if by == 1 else _enlarged(blurred, film.pixel_mm * by, film)


def _marker(pixels: Floats, film: Film) -> None:
    """A lead letter on the film's upper edge, at the patient's left; on a lateral film behind her."""
    top, left = (round(each / film.pixel_mm) for each in (16.0, film.columns * film.pixel_mm - 34.0))
    for down_mm, right_mm, high_mm, wide_mm in ((0.0, 0.0, 15.0, 3.2), (11.8, 0.0, 3.2, 10.0)):
        row, column = top + round(down_mm / film.pixel_mm), left + round(right_mm / film.pixel_mm)
        pixels[row : row + round(high_mm / film.pixel_mm), column : column + round(wide_mm / film.pixel_mm)] = BRIGHTEST
