"""Planes of any direction through a volume, how they are turned, and how thick they are.

An orientation keeps its name and colour however far its plane is turned; the letters say where it really looks.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

import numpy as np

from workstation.imaging.geometry import Grid, Vec3, cross, vec
from workstation.imaging.view import Orientation, Plane, orthogonal_plane

ALONG_THE_PATIENT: Final = math.cos(math.radians(0.5))
"""A plane within half a degree of the anatomical one is called by its name."""


class SlabMode(StrEnum):
    """What is shown of the values through the thickness of a slab."""

    MIP = "mip"
    MINIP = "minip"
    MEAN = "mean"
    SUM = "sum"


FIRST_MODE: Final = SlabMode.MIP
"""What a plane shows of its thickness before somebody says otherwise."""


@dataclass(frozen=True)
class Slab:
    """How thick a plane is, mm; nothing (0) is a plane without thickness."""

    thickness_mm: float = 0.0
    mode: SlabMode = FIRST_MODE

    @property
    def is_thick(self) -> bool:
        return self.thickness_mm > 0


THIN: Final = Slab()


@dataclass(frozen=True)
class Axes:
    """The directions to the right and down in a plane: unit vectors (LPS), perpendicular to each other."""

    right: Vec3
    down: Vec3

    @property
    def normal(self) -> Vec3:
        return cross(self.right, self.down)

    def turned(self, about: Vec3, degrees: float) -> "Axes":
        """Turned about a direction by the right-hand rule, and made perpendicular again against rounding."""
        return axes_of(_turned(self.right, about, degrees), _turned(self.down, about, degrees))


def axes_of(right: Vec3, down: Vec3) -> Axes:
    """Axes from two directions that are nearly perpendicular; `right` is kept. Raises ValueError where they are one."""
    one, other = np.asarray(right, dtype=np.float64), np.asarray(down, dtype=np.float64)
    one = one / np.linalg.norm(one)
    other = other - one * float(one @ other)
    length = float(np.linalg.norm(other))
    if not length > 1e-9:
        raise ValueError("two directions that are one span no plane")
    return Axes(vec(one), vec(other / length))


def _turned(direction: Vec3, about: Vec3, degrees: float) -> Vec3:
    """Rodrigues' formula."""
    v, k = np.asarray(direction), np.asarray(about) / np.linalg.norm(about)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return vec(v * c + np.asarray(cross(vec(k), vec(v))) * s + k * float(k @ v) * (1 - c))


@dataclass(frozen=True)
class Triad:
    """The axes of the three planes that share a crosshair, once they have been turned."""

    axial: Axes
    coronal: Axes
    sagittal: Axes

    def of(self, orientation: Orientation) -> Axes:
        axes: Axes = getattr(self, orientation.value)
        return axes

    def with_axes(self, orientation: Orientation, axes: Axes) -> "Triad":
        return replace(self, **{orientation.value: axes})

    def turned(self, about: Vec3, degrees: float, left: Orientation | None = None) -> "Triad":
        """All planes turned about a direction, but the one that is left as it is."""
        turned = {each.value: self.of(each).turned(about, degrees) for each in Orientation if each is not left}
        return replace(self, **turned)


PATIENT: Final = Triad(
    Axes((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    Axes((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    Axes((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
)
"""The anatomical planes, whatever way the scanner went: axial from the feet, coronal from the front, front at left."""


def own_triad(grid: Grid) -> Triad:
    """The planes along a volume's own axes, as the scanner laid them."""
    planes = (orthogonal_plane(grid, each, grid.middle_lps) for each in Orientation)
    return Triad(*(Axes(plane.right, plane.down) for plane in planes))


def area_of_planes_mm(grid: Grid) -> tuple[float, float]:
    """Width and height that hold each of a volume's own three planes: fitted by it they have one scale."""
    sizes = [orthogonal_plane(grid, each, grid.middle_lps).size_mm for each in Orientation]
    return max(size[0] for size in sizes), max(size[1] for size in sizes)


def sample_mm(grid: Grid, direction: Vec3) -> float:
    """The distance of samples along a unit direction: a voxel's edge along an axis, in between what lies between."""
    return 1.0 / float(np.linalg.norm(grid.index_from_lps[:3, :3] @ np.asarray(direction)))


@lru_cache(maxsize=256)
def oblique_plane(grid: Grid, axes: Axes, through_lps: Vec3) -> Plane:
    """The plane with these axes through a point, its middle over the middle of the volume.

    Its size is that of the ellipsoid within the volume, which does not jump while the plane is turned.
    """
    normal, center = np.asarray(axes.normal), np.asarray(grid.center_lps)
    center = center + normal * float(normal @ (np.asarray(through_lps) - center))
    size = (_extent_mm(grid, axes.right), _extent_mm(grid, axes.down))
    return Plane(vec(center), axes.right, axes.down, size, (sample_mm(grid, axes.right), sample_mm(grid, axes.down)))


def _extent_mm(grid: Grid, direction: Vec3) -> float:
    shares = np.asarray(grid.axes) @ np.asarray(direction)
    return float(np.linalg.norm(shares * np.asarray(grid.extent_mm)))


def plane_in(grid: Grid, orientation: Orientation, triad: Triad | None, through_lps: Vec3) -> Plane:
    """The plane of an orientation through a point: the volume's own until the planes were turned."""
    if triad is None:
        return orthogonal_plane(grid, orientation, through_lps)
    return oblique_plane(grid, triad.of(orientation), through_lps)


def off_patient_deg(normal: Vec3, orientation: Orientation | None = None) -> float:
    """How far a plane is turned out of the patient's plane of that name, or the nearest one, degrees; 0 within half a
    degree.
    """
    planes = [orientation] if orientation else list(Orientation)
    normals = [PATIENT.of(each).normal for each in planes]
    along = max(abs(sum(a * b for a, b in zip(normal, each, strict=True))) for each in normals)
    return 0.0 if along >= ALONG_THE_PATIENT else math.degrees(math.acos(along))
