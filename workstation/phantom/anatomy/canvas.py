"""One slice being painted, and the smooth random fields that keep it from looking drawn."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy.solids import Distance, Tube
from workstation.phantom.grid import Vector
from workstation.phantom.pose import UPRIGHT, Pose

Image = NDArray[np.float32]
Box = tuple[float, float, float, float]
# No warped coordinate is further than this from the true one.
WARP_MM = 2.2
_WARP_REACH_MM = 2 * WARP_MM + 3
# Distances to large organs are smooth: they are worked out on points this far apart, and doubled.
SMOOTH_MM = 1.6


@dataclass(frozen=True)
class Canvas:
    """A slice at `z_mm`: HU so far, and for each voxel its coordinates in the body.

    `x` and `y` are the body's own coordinates, warped by a few mm so that formulas draw no perfect ellipses; `x_mm`
    (1, columns) and `y_mm` (rows, 1) are the scanner's, and `pose` leads from one to the other. `z_mm` is the body's.
    `broad`, `coarse` and `fine` are fields of mean 0 and deviation 1, with grains of about 40, 12 and 3 mm; `other` is
    a second one as broad. `hu` is (rows, columns), or (phases, rows, columns) when several contrast phases are painted
    at once.
    Painting writes into `hu`, also through the smaller canvases of `near`.
    """

    hu: Image
    x: Image
    y: Image
    x_mm: Image
    y_mm: Image
    coarse: Image
    fine: Image
    broad: Image
    other: Image
    z_mm: float
    pixel_mm: float
    slice_mm: float
    pose: Pose = UPRIGHT

    def at(self, z_mm: float) -> "Canvas":
        """The same voxels taken for those of another height: organs that breathing has moved."""
        return replace(self, z_mm=z_mm)

    def near(self, box: Box) -> "Canvas":
        """The part within x low, x high, y low, y high of the body (and a margin), sharing the same voxels."""
        rows, columns = spans(self.pose, box, self.x_mm, self.y_mm, self.pixel_mm)
        images = (self.x, self.y, self.coarse, self.fine, self.broad, self.other)
        x, y, coarse, fine, broad, other = (image[rows, columns] for image in images)
        return replace(
            self,
            hu=self.hu[..., rows, columns],
            x=x,
            y=y,
            x_mm=self.x_mm[:, columns],
            y_mm=self.y_mm[rows],
            coarse=coarse,
            fine=fine,
            broad=broad,
            other=other,
        )

    def around(self, center_lps: Vector, reach_mm: float) -> "Canvas":
        """The part within a square around a point of the body."""
        x, y, _ = center_lps
        return self.near((x - reach_mm, x + reach_mm, y - reach_mm, y + reach_mm))

    def smooth(self, distance: Callable[[Image, Image, float], Any]) -> Distance:
        """A distance that changes slowly, worked out at every other voxel where voxels are small."""
        if self.pixel_mm > SMOOTH_MM or min(self.x.shape) < 4:
            whole: Distance = distance(self.x, self.y, self.z_mm)
            return whole
        return doubled(distance(self.x[::2, ::2], self.y[::2, ::2], self.z_mm), self.x.shape)

    def coverage(self, distance: Distance, edge_mm: float = 0.0) -> Image:
        """The share of each voxel inside a solid, from its distance; the edge is a voxel wide at least."""
        share: Image = np.multiply(distance, np.float32(-1 / max(edge_mm, self.pixel_mm)), dtype=np.float32)
        share += np.float32(0.5)
        return np.clip(share, 0, 1, out=share)

    def paint(self, distance: Distance, value_hu: Any, edge_mm: float = 0.0) -> None:
        """Fill the inside of a solid; `value_hu` is a number, one per phase (phases, 1, 1), or an image."""
        self.hu[...] += self.coverage(distance, edge_mm) * (value_hu - self.hu)

    def tube(self, tube: Tube, value_hu: Any, grown_mm: float = 0.0) -> None:
        """Fill a tube where it passes this slice."""
        if tube.meets(self.z_mm, grown_mm + self.slice_mm):
            part = self.near(tube.box_at(self.z_mm, grown_mm + self.slice_mm))
            # No vessel is quite round.
            part.paint(tube(part.x, part.y, part.z_mm) + np.float32(0.45) * part.coarse - grown_mm, value_hu)


def spans(pose: Pose, box: Box, x_mm: Image, y_mm: Image, pixel_mm: float) -> tuple[slice, slice]:
    """Rows and columns that hold a box of the body and a margin."""
    margin = _WARP_REACH_MM + 2 * pixel_mm
    low_x, high_x, low_y, high_y = pose.scanner_box(box)
    columns = _between(x_mm.ravel(), low_x - margin, high_x + margin)
    return _between(y_mm.ravel(), low_y - margin, high_y + margin), columns


def doubled(half: Distance, shape: tuple[int, ...]) -> Distance:
    """Linear steps between the values of every other voxel."""
    rows, columns = shape
    wide = np.empty((half.shape[0], columns), np.float32)
    wide[:, ::2] = half
    wide[:, 1::2] = half[:, : columns // 2]
    wide[:, 1:-1:2] += half[:, 1 : (columns + 1) // 2]
    wide[:, 1:-1:2] *= np.float32(0.5)
    full = np.empty(shape, np.float32)
    full[::2] = wide
    full[1::2] = wide[: rows // 2]
    full[1:-1:2] += wide[1 : (rows + 1) // 2]
    full[1:-1:2] *= np.float32(0.5)
    return full


def _between(values: Image, low: float, high: float) -> slice:
    first, last = np.searchsorted(values, (low, high))
    return slice(int(first), int(last))


class Field:
    """Smooth random numbers in space: a cubic B-spline with random coefficients (mean 0, deviation about 1).

    `box_mm` is the space ((low, high) of z, y, x) that the coefficients are drawn for; the same box and random
    numbers give the same field on any grid. Without it the grid's own extent is taken.
    Summed tap by tap, not as matrix products: those differ in the last digits from one processor to the next.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        cell_mm: float,
        x_mm: Image,
        y_mm: Image,
        z_mm: Image,
        box_mm: tuple[tuple[float, float], ...] | None = None,
    ) -> None:
        axes = [axis.ravel() for axis in (z_mm, y_mm, x_mm)]
        box = box_mm or tuple((float(axis.min()), float(axis.max())) for axis in axes)
        self._taps = [_spline_taps(axis, low, cell_mm) for axis, (low, _) in zip(axes, box, strict=True)]
        shape = [int((high - low) / cell_mm) + 5 for low, high in box]
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


def _spline_taps(positions_mm: Image, low_mm: float, cell_mm: float) -> tuple[NDArray[np.int_], Image]:
    """For each position the first of its four coefficients, and the weights (4, positions) of the cubic B-spline."""
    cells = (positions_mm - low_mm) / cell_mm
    whole = np.floor(cells).astype(int)
    t = cells - whole
    basis = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    return whole, (np.stack(basis) / 6).astype(np.float32)
