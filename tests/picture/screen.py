"""Where a patient point must be seen, worked out from the standard's axes alone, without our view code."""

from dataclasses import dataclass, replace

import numpy as np

Vector = tuple[float, float, float]

CONVENTION = {
    "axial": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "coronal": ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    "sagittal": ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
}
"""Patient directions (LPS) to the right and down: seen from the feet, from the front, from the patient's left."""

_NAMES = (("R", "L"), ("A", "P"), ("F", "H"))


def side(direction: Vector) -> str:
    """The patient's side that a direction along an axis points to (PS3.3 C.7.6.1.1.1)."""
    axis = int(np.argmax(np.abs(direction)))
    return _NAMES[axis][int(direction[axis] > 0)]


@dataclass(frozen=True)
class Expected:
    """A picture that fits its tile: the middle of the object over the middle of the tile."""

    right: Vector
    down: Vector
    center_lps: Vector
    extent_lps: Vector
    """Outer edge to outer edge along patient x, y, z, mm (objects along the axes only)."""

    def place(self, point_lps: Vector, width: int, height: int) -> tuple[float, float]:
        """Device pixel (x, y) of a patient point; the fit may shift it by half a pixel."""
        wide, high = (float(np.abs(np.dot(axis, self.extent_lps))) for axis in (self.right, self.down))
        scale = min(width / wide, height / high)
        away = np.subtract(point_lps, self.center_lps)
        return (
            width / 2 - 0.5 + scale * float(np.dot(away, self.right)),
            height / 2 - 0.5 + scale * float(np.dot(away, self.down)),
        )

    @property
    def letters(self) -> dict[str, str]:
        """The patient's side at each edge."""
        left, top = np.negative(self.right), np.negative(self.down)
        return {"left": side(left), "right": side(self.right), "top": side(top), "bottom": side(self.down)}

    def mirrored(self) -> "Expected":
        """What was at the right edge is at the left one."""
        return replace(self, right=tuple(np.negative(self.right)))

    def turned(self) -> "Expected":
        """A quarter clockwise: what was at the top edge is at the right one, what was right is at the bottom."""
        return replace(self, right=tuple(np.negative(self.down)), down=self.right)
