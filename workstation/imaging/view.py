"""What is looked at and how it is framed, and the screen plane that follows from both.

Five owners of view knowledge. Kept and saved: where (`Axes` through a point), how framed (`Framing`), how
displayed (window, inversion, interpolation: `Display`). Belongs to the data: unit and calibration. Computed
here at every paint and never kept: `ScreenPlane`, the place of every device pixel in the patient.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid, Vec3, cross, letters, opposite, unit, vec
from workstation.imaging.greyscale import Window
from workstation.imaging.placing import CENTERED, Placing, anchor
from workstation.imaging.softcopy import Presentation


class Orientation(StrEnum):
    """The orthogonal planes of a volume."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"


class Interpolation(StrEnum):
    NEAREST = "nearest"
    LINEAR = "linear"
    CUBIC = "cubic"


@dataclass(frozen=True)
class Framing:
    """How the plane is framed: scale, shift, turn and mirror.

    `px_per_mm` is device pixels per mm (per image pixel where no spacing is known); None fits the image into
    the tile. `one_to_one` shows one image pixel on one device pixel. `closer` multiplies any of these. `pan_mm`
    moves the image to the right and down on the screen. `area_mm` is the size of the part that is fitted instead of
    the whole image, along its rows and columns.
    """

    px_per_mm: float | None = None
    one_to_one: bool = False
    pan_mm: tuple[float, float] = (0.0, 0.0)
    quarter_turns: int = 0
    mirrored: bool = False
    area_mm: tuple[float, float] | None = None
    placing: Placing = CENTERED
    closer: float = 1.0

    def panned(self, right_mm: float, down_mm: float) -> "Framing":
        return replace(self, pan_mm=(self.pan_mm[0] + right_mm, self.pan_mm[1] + down_mm))

    def turned(self, quarters: int) -> "Framing":
        """Turned clockwise on the screen by quarter turns."""
        return replace(self, quarter_turns=(self.quarter_turns + quarters) % 4)


@dataclass(frozen=True)
class Spread:
    """A window from one percentile of the values of image `image` (from 0) to another."""

    low: float
    high: float
    image: int


@dataclass(frozen=True)
class Display:
    """How values become light.

    `window` is the reader's own, or one of those the image brings, by its number or its explanation, or a spread of
    the values there are; None is the image's first. `inverted` turns round how its modality is shown by convention.
    `presentation` stands instead of what the images it covers say themselves.
    """

    window: Window | Spread | int | str | None = None
    inverted: bool = False
    interpolation: Interpolation = Interpolation.LINEAR
    overlays: bool = True
    presentation: Presentation | None = None
    palette: str = ""
    subtracted: bool = False
    mask_shift_px: tuple[float, float] | None = None
    """Where the reader moved the mask to (rows, columns); None leaves it where the object says."""
    wider: float = 1.0
    """What the width of the window is multiplied by, whichever window that is."""
    brighter: float = 0.0
    """How far the centre of the window is lowered, in widths."""


@dataclass(frozen=True)
class Plane:
    """A framed rectangle in patient space: its middle, the unit vectors to its right and down, and its size.

    `pixel_mm` is the distance of the data's own samples to the right and down, for 1:1. `level_mm` is how far below
    the middle that lies which is put at one height in tiles side by side, such as the nipple.
    """

    center_lps: Vec3
    right: Vec3
    down: Vec3
    size_mm: tuple[float, float]
    pixel_mm: tuple[float, float]
    level_mm: float | None = None

    @property
    def normal(self) -> Vec3:
        return cross(self.right, self.down)


@lru_cache(maxsize=1024)
def image_plane(grid: Grid) -> Plane:
    """The plane of a single image, as its rows and columns lie (size 1 along k)."""
    return Plane(grid.center_lps, grid.axes[0], grid.axes[1], grid.extent_mm[:2], grid.spacing[:2])


PARALLEL_COSINE: Final = math.cos(math.radians(0.5))
"""Planes nearer to parallel than half a degree cut each other, if at all, far from where they are looked at."""


def are_parallel(one: Plane, other: Plane) -> bool:
    """Whether two planes are parallel, but for rounding."""
    return abs(_dot(one.normal, other.normal)) > PARALLEL_COSINE


def cut(one: Plane, other: Plane) -> tuple[Vec3, Vec3] | None:
    """The ends (LPS, mm) of the stretch where the rectangle `one` lies in the endless plane `other`.

    None where they are parallel or the rectangle does not reach the plane.
    """
    if are_parallel(one, other):
        return None
    normal = other.normal
    away = _dot(normal, other.center_lps) - _dot(normal, one.center_lps)
    right, down = _dot(normal, one.right), _dot(normal, one.down)
    # In the rectangle's own coordinates (u, v) from its middle the line is u * right + v * down = away.
    length = math.hypot(right, down)
    start = (right * away / length**2, down * away / length**2)
    along = (-down / length, right / length)
    low, high = -math.inf, math.inf
    for place, step, size in zip(start, along, one.size_mm, strict=True):
        if abs(step) < 1e-9:
            if abs(place) > size / 2:
                return None
            continue
        ends = sorted(((-size / 2 - place) / step, (size / 2 - place) / step))
        low, high = max(low, ends[0]), min(high, ends[1])
    if low >= high:
        return None
    first, last = ((start[0] + at * along[0], start[1] + at * along[1]) for at in (low, high))
    return _on(one, *first), _on(one, *last)


def _on(plane: Plane, u: float, v: float) -> Vec3:
    c, r, d = plane.center_lps, plane.right, plane.down
    return (c[0] + u * r[0] + v * d[0], c[1] + u * r[1] + v * d[1], c[2] + u * r[2] + v * d[2])


def _dot(a: Vec3, b: Vec3) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


_SCREEN_AXES = {
    Orientation.AXIAL: ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    Orientation.CORONAL: ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    Orientation.SAGITTAL: ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
}
"""Right and down on the screen: axial from the feet, coronal from the front, sagittal with the front at left."""


def nearest_axes(grid: Grid) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """For each LPS axis, the grid axis nearest to it and its sign: ((n, sign), ...), each grid axis used once."""
    cosines = np.asarray(grid.axes)
    taken: dict[int, tuple[int, int]] = {}
    for flat in np.argsort(-abs(cosines), axis=None):
        axis, patient = divmod(int(flat), 3)
        if patient in taken or axis in {each[0] for each in taken.values()}:
            continue
        taken[patient] = (axis, 1 if cosines[axis, patient] > 0 else -1)
    return taken[0], taken[1], taken[2]


@lru_cache(maxsize=64)
def orthogonal_plane(grid: Grid, orientation: Orientation, through_lps: Vec3) -> Plane:
    """The plane of a volume that lies nearest to an anatomical one, through a point.

    It follows the volume's own axes, so that no interpolation is needed in an unrotated volume; letters come
    from the axes as they are. The middle stays over the middle of the volume whatever the point, so that
    nothing moves on the screen when the crosshair does. A sheared volume (gantry tilt) is shown unsheared: the
    plane's axes are made perpendicular.
    """
    near = nearest_axes(grid)
    right, down = (_along(grid, near, direction) for direction in _SCREEN_AXES[orientation])
    right_axis, down_axis = (near[_main(direction)][0] for direction in _SCREEN_AXES[orientation])
    across = unit(np.asarray(right))
    downward = np.asarray(down) - across * float(np.dot(across, down))
    downward = unit(downward)
    normal = np.asarray(cross(vec(across), vec(downward)))
    center = np.asarray(grid.center_lps)
    center = center + normal * float(np.dot(normal, np.asarray(through_lps) - center))
    sizes, steps = grid.extent_mm, grid.spacing
    return Plane(
        vec(center),
        vec(across),
        vec(downward),
        (sizes[right_axis], sizes[down_axis]),
        (steps[right_axis], steps[down_axis]),
    )


def _main(direction: tuple[float, float, float]) -> int:
    return int(np.argmax(np.abs(direction)))


def _along(grid: Grid, near: tuple[tuple[int, int], ...], direction: tuple[float, float, float]) -> Vec3:
    patient = _main(direction)
    axis, sign = near[patient]
    wanted = sign if direction[patient] > 0 else -sign
    return grid.axes[axis] if wanted > 0 else opposite(grid.axes[axis])


def step_mm(grid: Grid, orientation: Orientation) -> float:
    """The distance between neighbouring planes of the volume's own voxels along their normal, mm."""
    right, down = _SCREEN_AXES[orientation]
    through = nearest_axes(grid)[3 - _main(right) - _main(down)][0]
    # A sheared axis (gantry tilt) is longer than the distance of its slices.
    normal = orthogonal_plane(grid, orientation, grid.middle_lps).normal
    return grid.spacing[through] * abs(_dot(grid.axes[through], normal))


@dataclass(frozen=True)
class ScreenPlane:
    """Where every device pixel of a tile lies: pixel (x, y), counted from 0 at the top left, has its centre at
    `origin_lps + x * step_right + y * step_down`. Computed at every paint, never kept."""

    origin_lps: Vec3
    step_right: Vec3
    step_down: Vec3
    width: int
    height: int
    anchor_px: tuple[float, float] | None = None
    """What stays put when the scale changes, from the tile's top left corner; None is its middle."""

    def point(self, x: float, y: float) -> Vec3:
        """The patient point (LPS, mm) under the centre of pixel (x, y)."""
        o, r, d = self.origin_lps, self.step_right, self.step_down
        return (o[0] + x * r[0] + y * d[0], o[1] + x * r[1] + y * d[1], o[2] + x * r[2] + y * d[2])

    @cached_property
    def _pixel_from_lps(self) -> NDArray[np.float64]:
        r, d = np.asarray(self.step_right), np.asarray(self.step_down)
        return np.linalg.inv(np.column_stack([r, d, unit(cross(self.step_right, self.step_down))]))

    def pixel(self, point_lps: Vec3) -> tuple[float, float, float]:
        """Where a patient point lies: (x, y) in device pixels and its distance from the plane in mm."""
        return vec(self._pixel_from_lps @ (np.asarray(point_lps) - np.asarray(self.origin_lps)))

    def pixels(self, points_lps: NDArray[np.float64]) -> NDArray[np.float64]:
        """`pixel` for many points at once, (n, 3)."""
        return np.asarray((points_lps - np.asarray(self.origin_lps)) @ self._pixel_from_lps.T, dtype=np.float64)

    @property
    def px_per_mm(self) -> float:
        return 1.0 / float(np.linalg.norm(self.step_right))

    @property
    def letters(self) -> dict[str, str]:
        """The patient's side at each edge of the screen, from the very vectors that are painted (safety.md 4)."""
        right, down = vec(unit(self.step_right)), vec(unit(self.step_down))
        return {
            "left": letters(opposite(right)),
            "right": letters(right),
            "top": letters(opposite(down)),
            "bottom": letters(down),
        }


def on_screen(plane: Plane, framing: Framing) -> tuple[Vec3, Vec3]:
    """The patient directions to the right and down on the screen, once a plane is mirrored and turned."""
    right = opposite(plane.right) if framing.mirrored else plane.right
    down = plane.down
    for _ in range(framing.quarter_turns % 4):
        right, down = opposite(down), right
    return right, down


def screen_plane(plane: Plane, framing: Framing, width: int, height: int) -> ScreenPlane:
    """Lay a framed plane onto a tile of `width` x `height` device pixels."""
    right, down = (np.asarray(each) for each in on_screen(plane, framing))
    size, pixel, fitted = plane.size_mm, plane.pixel_mm, framing.area_mm or plane.size_mm
    center = np.asarray(plane.center_lps)
    if framing.quarter_turns % 2:
        size, pixel, fitted = (size[1], size[0]), (pixel[1], pixel[0]), (fitted[1], fitted[0])
    scale = scale_of(framing, fitted, pixel, width, height)
    # The image's top left corner is put on a whole device pixel: at whole-number zooms pixels then map to pixels.
    level_px = None if plane.level_mm is None or framing.quarter_turns else (size[1] / 2 + plane.level_mm) * scale
    held, here = anchor(framing.placing, (size[0] * scale, size[1] * scale), level_px, (width, height))
    left_px = np.round(held[0] + framing.pan_mm[0] * scale - here[0])
    top_px = np.round(held[1] + framing.pan_mm[1] * scale - here[1])
    corner = center - right * size[0] / 2 - down * size[1] / 2
    origin = corner + right * (0.5 - left_px) / scale + down * (0.5 - top_px) / scale
    return ScreenPlane(vec(origin), vec(right / scale), vec(down / scale), width, height, held)


def scale_of(
    framing: Framing, size_mm: tuple[float, float], pixel_mm: tuple[float, float], width: int, height: int
) -> float:
    """Device pixels per mm for a framing; the finer of two unequal pixel spacings counts for 1:1."""
    if framing.one_to_one:
        return framing.closer / min(pixel_mm)
    if framing.px_per_mm is not None:
        return framing.px_per_mm * framing.closer
    return max(min(width / size_mm[0], height / size_mm[1]) * framing.closer, 1e-6)
