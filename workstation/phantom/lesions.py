"""Three lesions followed over the years: exact spheres, so that what is measured can be compared with what is there."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workstation.phantom.anatomy.canvas import Canvas
from workstation.phantom.anatomy.trees import Beads, stamp
from workstation.phantom.grid import Vector

RIM_PATCHES = 0.45


@dataclass(frozen=True)
class Lesion:
    """A sphere in the scanner (LPS, mm): `value_hu` fills it; `rim_hu`, where given, its outermost `rim_mm`.

    The rim is brighter here than there, by `RIM_PATCHES` of what it differs from the inside.

    A `spiculated` one has fine threads outside the sphere.
    """

    name: str
    center_lps: Vector
    radius_mm: float
    value_hu: float
    rim_hu: float | None = None
    rim_mm: float = 0.0
    spiculated: bool = False

    @property
    def volume_ml(self) -> float:
        """The volume of the sphere."""
        return float(4 / 3 * np.pi * self.radius_mm**3 / 1000)


def paint_lesion(canvas: Canvas, center_lps: Vector, radius_mm: float, value_hu: Any, patches_hu: Any = 0.0) -> None:
    """An exact sphere: true coordinates, and the share of the slice's thickness that it fills.

    `patches_hu` is how much the value deviates from place to place.
    `center_lps` is in the scanner; the height of the canvas is the scanner's as well.
    """
    x, y, z = center_lps
    if abs(canvas.z_mm - z) > radius_mm + canvas.slice_mm:
        return
    body_x, body_y = canvas.pose.body_xy(x, y)
    part = canvas.around((body_x, body_y, z), radius_mm + 2)
    share = np.zeros(part.x.shape, np.float32)
    for shift in (np.arange(5) + 0.5) / 5 - 0.5:
        squared = radius_mm**2 - (canvas.z_mm + shift * canvas.slice_mm - z) ** 2
        if squared > 0:
            disc = np.hypot(part.x_mm - x, part.y_mm - y) - np.sqrt(np.float32(squared))
            share += part.coverage(disc) / 5
    part.hu[...] += share * (value_hu + patches_hu * np.clip(part.coarse, -2, 2) - part.hu)


def paint_spicules(canvas: Canvas, lesion: Lesion) -> None:
    """Fine threads from the surface of a sphere outward: they leave the sphere as it is, and add next to nothing."""
    if abs(canvas.z_mm - lesion.center_lps[2]) > 2.4 * lesion.radius_mm + canvas.slice_mm:
        return
    part = canvas.near(_square(canvas, lesion))
    part.hu[...] += stamp(part, _spicules(lesion)) * (lesion.value_hu - part.hu)


def _square(canvas: Canvas, lesion: Lesion) -> tuple[float, float, float, float]:
    x, y = canvas.pose.body_xy(*lesion.center_lps[:2])
    reach = 2.7 * lesion.radius_mm
    return (x - reach, x + reach, y - reach, y + reach)


def _spicules(lesion: Lesion) -> Beads:
    rng = np.random.default_rng(24)
    ways = rng.standard_normal((14, 1, 3))
    ways /= np.linalg.norm(ways, axis=2, keepdims=True)
    along = np.linspace(0, 1, 12)[None, :, None]
    lengths = lesion.radius_mm * rng.uniform(0.4, 1.3, (14, 1, 1))
    bends = 0.25 * along**2 * rng.standard_normal((14, 1, 3))
    centers = np.array(lesion.center_lps) + lesion.radius_mm * ways + along * lengths * (ways + bends)
    radii = np.broadcast_to(0.095 * lesion.radius_mm * (1.15 - along), (14, 12, 1))
    order = np.argsort(centers.reshape(-1, 3)[:, 2], kind="stable")
    return Beads(centers.reshape(-1, 3)[order], radii.reshape(-1)[order])
