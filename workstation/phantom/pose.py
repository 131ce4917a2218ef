"""How a body lies on the table on one day, and how deeply it breathed in."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from workstation.phantom.grid import Vector

# The diaphragm moves as a whole above the first height, the pelvis not at all below the second.
_MOVES_MM, _RESTS_MM = -200.0, -450.0
_APEX_MM, _BASE_MM = 70.0, -110.0


@dataclass(frozen=True)
class Pose:
    """A rigid move of the body, and how far the diaphragm stands above (positive) its place at full inspiration.

    A point of the body lies in the scanner at `shift_mm` + the point turned by `roll_deg` about the long axis.
    """

    shift_mm: Vector = (0.0, 0.0, 0.0)
    roll_deg: float = 0.0
    diaphragm_mm: float = 0.0

    @cached_property
    def _turn(self) -> tuple[float, float]:
        return float(np.cos(np.radians(self.roll_deg))), float(np.sin(np.radians(self.roll_deg)))

    def body_xy(self, x_mm: Any, y_mm: Any) -> tuple[Any, Any]:
        """x and y in the body of places in the scanner."""
        cosine, sine = self._turn
        x, y = x_mm - self.shift_mm[0], y_mm - self.shift_mm[1]
        return cosine * x + sine * y, cosine * y - sine * x

    def scanner_xy(self, x: Any, y: Any) -> tuple[Any, Any]:
        """x and y in the scanner of places in the body."""
        cosine, sine = self._turn
        return cosine * x - sine * y + self.shift_mm[0], cosine * y + sine * x + self.shift_mm[1]

    def scanner_box(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """The smallest upright box in the scanner around a box (x low, x high, y low, y high) of the body."""
        corners = [self.scanner_xy(x, y) for x in box[:2] for y in box[2:]]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return min(xs), max(xs), min(ys), max(ys)

    def resting_z(self, z: float) -> float:
        """The height at full inspiration of what breathing has brought to a height of the body: z of the abdomen."""
        lifted = z - self.diaphragm_mm
        if lifted >= _MOVES_MM:
            return lifted
        # The lift fades linearly downward: solved for the height at rest.
        slope = self.diaphragm_mm / (_MOVES_MM - _RESTS_MM)
        return z if z <= _RESTS_MM else (z + slope * _RESTS_MM) / (1 + slope)

    def lifted_z(self, z: Any) -> Any:
        """Where breathing has brought what lies at a height at full inspiration: the inverse of `resting_z`."""
        return z + self.diaphragm_mm * np.clip((z - _RESTS_MM) / (_MOVES_MM - _RESTS_MM), 0, 1)

    def lung_z(self, z: Any) -> Any:
        """Where breathing has brought a part of the lung: its base goes with the diaphragm, its apex stays."""
        return z + self.diaphragm_mm * np.clip((_APEX_MM - z) / (_APEX_MM - _BASE_MM), 0, 1)

    def lung_lps(self, point_lps: Vector) -> Vector:
        """Where in the scanner a point of the lung lies."""
        x, y, z = point_lps
        return self.fixed_lps((x, y, float(self.lung_z(z))))

    def organ_lps(self, point_lps: Vector) -> Vector:
        """Where in the scanner a point of the abdomen lies, moved by breath and pose."""
        x, y, z = point_lps
        return self.fixed_lps((x, y, float(self.lifted_z(z))))

    def fixed_lps(self, point_lps: Vector) -> Vector:
        """Where in the scanner a point lies that breathing does not move."""
        x, y = self.scanner_xy(point_lps[0], point_lps[1])
        return (float(x), float(y), point_lps[2] + self.shift_mm[2])


UPRIGHT = Pose()
