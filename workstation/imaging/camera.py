"""Where a volume is looked at from: a value in patient space (LPS, mm), turned by hand or put where anatomy is viewed.

Pixels are counted as everywhere: pixel (x, y) of a tile from its top left corner, its centre at whole numbers.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid, Vec3, cross, letters, opposite, unit, vec
from workstation.imaging.view import ScreenPlane

LEAST_MM: Final = 2.0
MOST_MM: Final = 5000.0
"""What the smaller side of a tile may show, at the focus."""

PERSPECTIVE_DEG: Final = 30.0
"""The opening angle that perspective begins with, across the smaller side of the tile."""

ROOM: Final = 1.04
"""A whole volume is framed with this much room about it."""


class Side(StrEnum):
    """From which side of the patient one looks: the standard views."""

    ANTERIOR = "anterior"
    POSTERIOR = "posterior"
    LEFT = "left"
    RIGHT = "right"
    HEAD = "head"
    FEET = "feet"


_VIEWS: Final[dict[Side, tuple[Vec3, Vec3]]] = {
    Side.ANTERIOR: ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    Side.POSTERIOR: ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
    Side.LEFT: ((-1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    Side.RIGHT: ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    Side.HEAD: ((0.0, 0.0, -1.0), (0.0, -1.0, 0.0)),
    Side.FEET: ((0.0, 0.0, 1.0), (0.0, -1.0, 0.0)),
}
"""Which way one looks and what is up: from head and feet the patient's front is up, as in axial images."""


@dataclass(frozen=True)
class Camera:
    """`towards` is the unit vector from the eye to `focus_lps`, `up` the one that points to the top of the tile.

    The smaller side of a tile, whatever its shape, shows `across_mm` at the focus; `perspective_deg` is the opening
    angle across it, 0 where lines of sight are parallel.
    """

    focus_lps: Vec3
    towards: Vec3
    up: Vec3
    across_mm: float
    perspective_deg: float = 0.0

    @cached_property
    def right(self) -> Vec3:
        """What points to the right edge of the tile: never mirrored, since patient space is right-handed."""
        return cross(self.towards, self.up)

    @property
    def is_parallel(self) -> bool:
        return self.perspective_deg <= 0

    @property
    def distance_mm(self) -> float:
        """From the eye to the focus; parallel rays come from beyond any volume."""
        if self.is_parallel:
            return MOST_MM
        return self.across_mm / 2 / math.tan(math.radians(self.perspective_deg) / 2)

    @property
    def eye_lps(self) -> Vec3:
        return vec(np.asarray(self.focus_lps) - np.asarray(self.towards) * self.distance_mm)

    @property
    def letters(self) -> dict[str, str]:
        """The patient's side at each edge of the tile, from the very vectors that are painted (safety.md 4)."""
        return {
            "left": letters(opposite(self.right)),
            "right": letters(self.right),
            "top": letters(self.up),
            "bottom": letters(opposite(self.up)),
        }

    def turned(self, right_deg: float, down_deg: float) -> "Camera":
        """The volume turned under the hand: its front goes to the right and downwards by so much."""
        axes = _rotation(self.up, -right_deg) @ _rotation(self.right, -down_deg)
        return self._along(axes @ np.asarray(self.towards), axes @ np.asarray(self.up))

    def rolled(self, clockwise_deg: float) -> "Camera":
        """The volume turned in the plane of the screen."""
        return self._along(np.asarray(self.towards), _rotation(self.towards, -clockwise_deg) @ np.asarray(self.up))

    def _along(self, towards: NDArray[np.float64], up: NDArray[np.float64]) -> "Camera":
        """Another direction about the same focus; what rounding made of right angles is mended."""
        ahead = unit(towards)
        return replace(self, towards=vec(ahead), up=vec(unit(up - ahead * float(up @ ahead))))

    def seen_from(self, side: Side) -> "Camera":
        """The same focus and scale, from a side of the patient."""
        towards, up = _VIEWS[side]
        return replace(self, towards=towards, up=up)

    def panned(self, right_mm: float, down_mm: float) -> "Camera":
        """What is seen moved by so many mm at the focus."""
        moved = np.asarray(self.up) * down_mm - np.asarray(self.right) * right_mm
        return replace(self, focus_lps=vec(np.asarray(self.focus_lps) + moved))

    def zoomed(self, factor: float, right_mm: float = 0.0, down_mm: float = 0.0) -> "Camera":
        """Closer by a factor; what lies so far from the middle, in mm at the focus, stays where it is."""
        height = min(max(self.across_mm / factor, LEAST_MM), MOST_MM)
        stays = height / self.across_mm - 1.0
        return replace(self.panned(right_mm * stays, down_mm * stays), across_mm=height)

    def px_per_mm(self, width: int, height: int) -> float:
        """Device pixels to a millimetre at the focus."""
        return min(width, height) / self.across_mm

    def plane(self, width: int, height: int) -> ScreenPlane:
        """The plane through the focus that stands square to the line of sight, as a tile of so many pixels shows it."""
        step = 1 / self.px_per_mm(width, height)
        right, down = np.asarray(self.right) * step, np.asarray(self.up) * -step
        origin = np.asarray(self.focus_lps) - right * (width - 1) / 2 - down * (height - 1) / 2
        return ScreenPlane(vec(origin), vec(right), vec(down), width, height)

    def ray(self, x: float, y: float, width: int, height: int) -> tuple[Vec3, Vec3]:
        """The line of sight through a pixel: where it begins, before all that is seen, and its direction."""
        at = np.asarray(self.plane(width, height).point(x, y))
        if self.is_parallel:
            return vec(at - np.asarray(self.towards) * self.distance_mm), self.towards
        return self.eye_lps, vec(unit(at - np.asarray(self.eye_lps)))

    def pixel(self, point_lps: Vec3, width: int, height: int) -> tuple[float, float, float]:
        """Where a point is seen: (x, y) in device pixels and how far beyond the focus it lies in mm.

        With perspective a point beside or behind the eye has no place: (nan, nan, depth).
        """
        away = np.asarray(point_lps) - np.asarray(self.focus_lps)
        depth = float(away @ np.asarray(self.towards))
        scale = self.px_per_mm(width, height)
        if not self.is_parallel:
            before = self.distance_mm + depth
            if before <= self.distance_mm * 1e-3:
                return math.nan, math.nan, depth
            scale *= self.distance_mm / before
        x = (width - 1) / 2 + float(away @ np.asarray(self.right)) * scale
        return x, (height - 1) / 2 - float(away @ np.asarray(self.up)) * scale, depth


def turned_with_hand(camera: Camera, direction: Vec3, right_deg: float, down_deg: float) -> Vec3:
    """A direction in the patient, turned as the hand turns what is seen: to the right and downwards."""
    turn = _rotation(camera.up, right_deg) @ _rotation(camera.right, down_deg)
    return vec(turn @ np.asarray(direction))


def framed(grid: Grid, side: Side = Side.ANTERIOR) -> Camera:
    """The whole volume from a side, in tiles of any shape."""
    corners = _corners(grid)
    middle = corners.mean(axis=0)
    towards, up = _VIEWS[side]
    camera = Camera(vec(middle), towards, up, 1.0)
    wide = 2 * float(np.abs((corners - middle) @ np.asarray(camera.right)).max())
    high = 2 * float(np.abs((corners - middle) @ np.asarray(up)).max())
    return replace(camera, across_mm=max(high, wide) * ROOM)


def _corners(grid: Grid) -> NDArray[np.float64]:
    """The eight outer corners of the voxels, LPS mm."""
    ends = [(-0.5, size - 0.5) for size in grid.size]
    return np.asarray([grid.point((i, j, k)) for i in ends[0] for j in ends[1] for k in ends[2]])


def _rotation(about: Vec3, degrees: float) -> NDArray[np.float64]:
    """Right-handed turn about a unit vector (Rodrigues)."""
    x, y, z = about
    turn = math.radians(degrees)
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + math.sin(turn) * skew + (1 - math.cos(turn)) * skew @ skew, dtype=np.float64)
