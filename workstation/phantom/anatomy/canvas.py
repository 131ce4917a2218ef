"""One slice being painted, and the smooth random fields that keep it from looking drawn."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy.solids import Distance, Tube
from workstation.phantom.grid import Vector

Image = NDArray[np.float32]
# No warped coordinate is further than this from the true one.
WARP_MM = 2.2
_WARP_REACH_MM = 2 * WARP_MM + 3


@dataclass(frozen=True)
class Canvas:
    """A slice at `z_mm`: HU so far, and for each voxel its patient coordinates.

    `x` and `y` are warped by a few mm so that formulas draw no perfect ellipses; `x_mm` (1, columns) and `y_mm`
    (rows, 1) are true. `coarse` and `fine` are fields of mean 0 and deviation 1, with grains of about 12 and 3 mm.
    Painting writes into `hu`, also through the smaller canvases of `near`.
    """

    hu: Image
    x: Image
    y: Image
    x_mm: Image
    y_mm: Image
    coarse: Image
    fine: Image
    z_mm: float
    pixel_mm: float
    slice_mm: float

    @property
    def broad(self) -> Image:
        """A field like `coarse` with grains of several cm: the warp itself."""
        field: Image = (self.x - self.x_mm) / np.float32(WARP_MM)
        return field

    def near(self, box: tuple[float, float, float, float]) -> "Canvas":
        """The part within x low, x high, y low, y high (and a margin), sharing the same voxels."""
        margin = _WARP_REACH_MM + 2 * self.pixel_mm
        columns = _between(self.x_mm.ravel(), box[0] - margin, box[1] + margin)
        rows = _between(self.y_mm.ravel(), box[2] - margin, box[3] + margin)
        images = (self.hu, self.x, self.y, self.coarse, self.fine)
        hu, x, y, coarse, fine = (image[rows, columns] for image in images)
        x_mm, y_mm = self.x_mm[:, columns], self.y_mm[rows]
        return Canvas(hu, x, y, x_mm, y_mm, coarse, fine, self.z_mm, self.pixel_mm, self.slice_mm)

    def around(self, center_lps: Vector, reach_mm: float) -> "Canvas":
        """The part within a square around a point."""
        x, y, _ = center_lps
        return self.near((x - reach_mm, x + reach_mm, y - reach_mm, y + reach_mm))

    def coverage(self, distance: Distance, edge_mm: float = 0.0) -> Image:
        """The share of each voxel inside a solid, from its distance; the edge is a voxel wide at least."""
        share: Image = np.clip(0.5 - distance / max(edge_mm, self.pixel_mm), 0, 1)
        return share

    def paint(self, distance: Distance, value_hu: Any, edge_mm: float = 0.0) -> None:
        """Fill the inside of a solid; `value_hu` is a number or an image."""
        self.hu[...] += self.coverage(distance, edge_mm) * (value_hu - self.hu)

    def tube(self, tube: Tube, value_hu: float, grown_mm: float = 0.0) -> None:
        """Fill a tube where it passes this slice."""
        if tube.meets(self.z_mm, grown_mm + self.slice_mm):
            part = self.near(tube.box())
            part.paint(tube(part.x, part.y, part.z_mm) - grown_mm, value_hu)


def _between(values: Image, low: float, high: float) -> slice:
    first, last = np.searchsorted(values, (low, high))
    return slice(int(first), int(last))


class Field:
    """Smooth random numbers in space: a cubic B-spline with random coefficients (mean 0, deviation about 1).

    Summed tap by tap, not as matrix products: those differ in the last digits from one processor to the next.
    """

    def __init__(self, rng: np.random.Generator, cell_mm: float, x_mm: Image, y_mm: Image, z_mm: Image) -> None:
        self._taps = [_spline_taps(axis.ravel(), cell_mm) for axis in (z_mm, y_mm, x_mm)]
        shape = [int(first.max()) + 4 for first, _ in self._taps]
        # 0.479 is the sum of squares of the spline's weights, averaged over a cell; one factor per axis.
        self._coefficients = rng.standard_normal(shape, dtype=np.float32) / np.float32(0.479**1.5)

    def slice(self, index: int) -> Image:
        """The field on slice `index`, shape (rows, columns)."""
        (first_z, weights_z), (first_y, weights_y), (first_x, weights_x) = self._taps
        taps = range(4)
        plane = sum(weights_z[tap, index] * self._coefficients[first_z[index] + tap] for tap in taps)
        rows = sum(weights_y[tap, :, None] * plane[first_y + tap] for tap in taps)
        image: Image = sum(weights_x[tap] * rows[:, first_x + tap] for tap in taps)
        return image


def _spline_taps(positions_mm: Image, cell_mm: float) -> tuple[NDArray[np.int_], Image]:
    """For each position the first of its four coefficients, and the weights (4, positions) of the cubic B-spline."""
    cells = (positions_mm - positions_mm.min()) / cell_mm
    whole = np.floor(cells).astype(int)
    t = cells - whole
    basis = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    return whole, (np.stack(basis) / 6).astype(np.float32)
