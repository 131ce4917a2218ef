"""Three lesions followed over the years: exact spheres, so that what is measured can be compared with what is there."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workstation.phantom.anatomy.canvas import Canvas
from workstation.phantom.grid import Vector


@dataclass(frozen=True)
class Lesion:
    """A sphere in the scanner (LPS, mm): `value_hu` fills it; `rim_hu`, where given, its outermost `rim_mm`."""

    name: str
    center_lps: Vector
    radius_mm: float
    value_hu: float
    rim_hu: float | None = None
    rim_mm: float = 0.0

    @property
    def volume_ml(self) -> float:
        """The volume of the sphere."""
        return float(4 / 3 * np.pi * self.radius_mm**3 / 1000)


def paint_lesion(canvas: Canvas, center_lps: Vector, radius_mm: float, value_hu: Any) -> None:
    """An exact sphere: true coordinates, and the share of the slice's thickness that it fills.

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
    part.hu[...] += share * (value_hu - part.hu)
