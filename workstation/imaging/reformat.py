"""A series of planes to be cut out of a volume: where each of its pixels lies, and how thick each plane is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Grid, Vec3, cross, opposite, unit, vec
from workstation.imaging.oblique import PATIENT, THIN, Axes, Slab, axes_of, sample_mm
from workstation.imaging.view import Orientation, ScreenPlane, orthogonal_plane

MOST_IMAGES: Final = 5_000
MOST_PIXELS: Final = 1 << 30
"""Of all images together: two gigabytes of them."""

MOST_EDGE: Final = 4096
NAMES: Final = {
    Orientation.AXIAL: "Axial",
    Orientation.CORONAL: "Coronal",
    Orientation.SAGITTAL: "Sagittal",
}
OBLIQUE: Final = "Oblique"


_MADE: Final = frozenset(
    ("MPR", "CSA MPR", "MIP", "MINIP", "MEAN", "PROJECTION IMAGE", "REFORMATTED", "CURVED", "CPR", "VOLUME_RENDERED")
)
"""What ImageType says of images that were worked out of a volume (PS3.3 C.8.2.1.1.1, C.8.3.1.1.1), by makers too."""


def is_reformat(image_type: Sequence[str]) -> bool:
    """Whether images are planes or projections that somebody worked out of others, by their ImageType."""
    return len(image_type) > 2 and image_type[0] == "DERIVED" and not _MADE.isdisjoint(image_type[2:])


@dataclass(frozen=True)
class Reformat:
    """Parallel planes: `grid` holds the centre of each pixel (columns, rows, images), in the order of their numbers."""

    name: str
    grid: Grid
    slab: Slab = THIN

    @property
    def axes(self) -> Axes:
        return Axes(*self.grid.axes[:2])

    def screen(self, image: int) -> ScreenPlane:
        """Image `image` (from 0) as a screen of one device pixel for each of its pixels."""
        right, down, _ = (
            vec(np.asarray(axis) * step) for axis, step in zip(self.grid.axes, self.grid.spacing, strict=True)
        )
        columns, rows, _ = self.grid.size
        return ScreenPlane(self.grid.point((0, 0, image)), right, down, columns, rows)


def own_axes(grid: Grid, orientation: Orientation) -> Axes:
    """The axes of a volume's own plane that lies nearest to an anatomical one."""
    plane = orthogonal_plane(grid, orientation, grid.middle_lps)
    return Axes(plane.right, plane.down)


def axes_across(normal: Vec3) -> Axes:
    """The axes of the plane square to a direction, seen as the anatomical plane nearest to it is.

    Raises `Refused` with NO_EXTENT for a direction without length.
    """
    if not math.hypot(*normal) > 1e-9:
        raise Refused(Reason.NO_EXTENT, "the plane")
    along = unit(normal)
    nearest = max(Orientation, key=lambda each: abs(float(along @ PATIENT.of(each).normal)))
    right = np.asarray(PATIENT.of(nearest).right)
    axes = axes_of(vec(right - along * float(along @ right)), vec(np.asarray(PATIENT.of(nearest).down)))
    down = cross(vec(along), axes.right)
    return Axes(axes.right, down if float(np.dot(down, PATIENT.of(nearest).down)) > 0 else opposite(down))


def axes_through(one: Vec3, other: Vec3, third: Vec3) -> Axes:
    """The axes of the plane through three points. Raises `Refused` with NO_EXTENT where they lie on one line."""
    normal = np.cross(np.subtract(other, one), np.subtract(third, one))
    if not float(np.linalg.norm(normal)) > 1e-6:
        raise Refused(Reason.NO_EXTENT, "the plane")
    return axes_across(vec(normal))


def reformat(
    grid: Grid,
    axes: Axes,
    name: str,
    slab: Slab = THIN,
    spacing_mm: float | None = None,
    pixel_mm: float | None = None,
) -> Reformat:
    """Planes with these axes through the whole volume, numbered from its head, its front or its right.

    Without `spacing_mm` thick planes follow each other without a gap, others at the distance of the volume's samples;
    without `pixel_mm` pixels are square and as fine as its samples are in the plane. Along the volume's own axes they
    lie on its voxels. Raises `Refused` with TOO_LARGE or NO_EXTENT.
    """
    forward = axes.normal if _is_first(axes.normal) else opposite(axes.normal)
    pixel = pixel_mm or min(sample_mm(grid, axes.right), sample_mm(grid, axes.down))
    step = spacing_mm or (slab.thickness_mm if slab.is_thick else sample_mm(grid, forward))
    if not (0 < pixel < math.inf and 0 < step < math.inf):
        raise Refused(Reason.NO_EXTENT, "the series of planes")
    corners = np.array([grid.point(vec(np.array(each) * (np.array(grid.size) - 1.0))) for each in np.ndindex(2, 2, 2)])
    directions = (axes.right, axes.down, forward)
    starts, counts = [], []
    for direction, distance in zip(directions, (pixel, pixel, step), strict=True):
        along = corners @ np.asarray(direction)
        low, length = float(along.min()), float(np.ptp(along))
        count = math.floor(length / distance + 1e-6) + 1
        starts.append(low + (length - (count - 1) * distance) / 2)
        counts.append(count)
    columns, rows, images = counts
    if max(columns, rows) > MOST_EDGE or images > MOST_IMAGES or columns * rows * images > MOST_PIXELS:
        raise Refused(Reason.TOO_LARGE, "the series of planes")
    origin = np.asarray(directions).T @ np.asarray(starts)
    return Reformat(name, Grid(vec(origin), directions, (pixel, pixel, step), (columns, rows, images)), slab)


def _is_first(normal: Vec3) -> bool:
    """Whether a direction leads from where reading begins: to the feet, to the back or to the left."""
    axis = int(np.argmax(np.abs(normal)))
    return normal[axis] * (1.0, 1.0, -1.0)[axis] > 0
