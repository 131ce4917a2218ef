"""Slices at uneven distances: where each voxel truly lies, and where there is nothing between two of them.

Index k counts images, as everywhere; between two images it grows with the distance from one to the other. What needs
an even grid (volumes in ml, 3D) asks `DisplaySet.grid`, which such a set does not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid, Vec3, vec

HOLE: Final = 1.5
"""Two images so many usual distances apart have others missing between them."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Uneven(Grid):
    """`places_mm` are the distances of the images from the first along the third axis, growing; `spacing[2]` is usual.

    The matrices of a grid are those of an even one with the usual distance: their third index is a place, no image.
    """

    places_mm: tuple[float, ...] = ()

    @cached_property
    def _places(self) -> Floats:
        return np.asarray(self.places_mm, dtype=np.float64)

    def images(self, places: Floats) -> Floats:
        """Third indices of the matrices as continuous numbers of images; beyond the ends by the usual distance."""
        usual, places_mm = self.spacing[2], np.asarray(places, dtype=np.float64) * self.spacing[2]
        last = len(self.places_mm) - 1
        found = np.interp(places_mm, self._places, np.arange(last + 1.0))
        found = np.where(places_mm < 0, places_mm / usual, found)
        end = self.places_mm[-1]
        return np.asarray(np.where(places_mm > end, last + (places_mm - end) / usual, found), dtype=np.float64)

    def place_mm(self, image: float) -> float:
        """Where a continuous number of an image lies along the third axis."""
        last = len(self.places_mm) - 1
        if image < 0:
            return image * self.spacing[2]
        if image > last:
            return self.places_mm[-1] + (image - last) * self.spacing[2]
        return float(np.interp(image, np.arange(last + 1.0), self._places))

    def point(self, index: Vec3 | tuple[int, int, int]) -> Vec3:
        return super().point((index[0], index[1], self.place_mm(index[2]) / self.spacing[2]))

    def index(self, point_lps: Vec3) -> Vec3:
        i, j, place = super().index(point_lps)
        return i, j, float(self.images(np.array(place)))

    @property
    def center_lps(self) -> Vec3:
        i, j, _ = self.size
        return super().point(((i - 1) / 2, (j - 1) / 2, self.places_mm[-1] / 2 / self.spacing[2]))

    @property
    def extent_mm(self) -> Vec3:
        i, j, _ = super().extent_mm
        return i, j, self.places_mm[-1] + self.spacing[2]

    def step_mm(self, image: float, steps: int) -> float:
        """From a place to the one so many images on, mm along the third axis."""
        return self.place_mm(image + steps) - self.place_mm(image)

    def holes(self, places: Floats) -> NDArray[np.bool_]:
        """Which third indices of the matrices lie where images are missing, further than half a usual distance off."""
        usual, places_mm = self.spacing[2], np.asarray(places, dtype=np.float64) * self.spacing[2]
        after = np.clip(np.searchsorted(self._places, places_mm), 1, len(self.places_mm) - 1)
        before_mm, after_mm = self._places[after - 1], self._places[after]
        off = np.minimum(np.abs(places_mm - before_mm), np.abs(after_mm - places_mm))
        return np.asarray((after_mm - before_mm > HOLE * usual) & (off > usual / 2))


def uneven_grid(
    positions_lps: Sequence[Vec3], row: Vec3, column: Vec3, spacing: tuple[float, float], size: tuple[int, int]
) -> Uneven | None:
    """Images on one line at uneven distances; None where they do not follow one line. `spacing` is of columns, rows."""
    positions = np.asarray(positions_lps, dtype=np.float64)
    way = positions[-1] - positions[0]
    length = float(np.linalg.norm(way))
    if length == 0:
        return None
    axis = way / length
    places = (positions - positions[0]) @ axis
    stray = np.linalg.norm(positions - positions[0] - places[:, None] * axis, axis=1)
    usual = float(np.median(np.diff(places)))
    if usual <= 0 or float(stray.max()) > 0.04 + 0.01 * usual or bool(np.any(np.diff(places) <= 0)):
        return None
    grid_size = (size[0], size[1], len(positions))
    places_mm = tuple(round(float(each), 6) for each in places)
    return Uneven(vec(positions[0]), (row, column, vec(axis)), (*spacing, usual), grid_size, places_mm)
