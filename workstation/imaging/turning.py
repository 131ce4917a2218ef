"""A volume seen as if it turned about the patient's long axis: the brightest voxel of each ray, from 72 sides.

Each ray takes its nearest voxels at steps so short that no voxel is passed by: what is shown are stored values, so
that the brightest point of a picture is the largest stored one, and a click on it finds the very voxel. From behind
the same voxels are the brightest, seen mirrored: half of the sides are worked out.

A side is named by its number, 0 to 71: 0 looks from the front, 18 from the patient's left, 36 from behind, 54 from
the right. Arrays are `[slice, column]`, the head's slice first, columns from left to right on the screen.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid, Vec3, vec
from workstation.imaging.sides import ANGLES, HALF, Sides
from workstation.imaging.uneven import Uneven
from workstation.imaging.view import nearest_axes
from workstation.imaging.volume import is_padding

STEP_DEG: Final = 360.0 / ANGLES

FINE_UP_TO: Final = 256
"""Rows and columns up to which rays lie half a voxel apart; in larger images as far as meets every voxel."""

FINE, COARSE = 0.5, 0.7
"""Steps in voxels. A square mesh whose points are 0.707 apart has one in every circle of diameter 1."""

FEWEST_SLICES: Final = 10
LARGEST_BYTES: Final = 1 << 30
"""Of a volume: it is copied while its sides are worked out."""

SQUARE: Final = 1e-3
"""Cosine between axes from which they are not at right angles."""


@dataclass(frozen=True)
class Turning:
    """From which side a volume is seen that turns."""

    angle: int = 0

    @property
    def degrees(self) -> float:
        """From the front towards the patient's left."""
        return self.angle * STEP_DEG

    def turned(self, steps: int) -> "Turning":
        return Turning((self.angle + steps) % ANGLES)


def why_not(display_set: DisplaySet) -> str:
    """Why a set cannot be shown turning; empty where it can."""
    grid = display_set.lattice
    if grid is None:
        return "This series is no volume."
    if isinstance(grid, Uneven):
        return "Images at uneven distances are not shown turning."
    if display_set.pixels.SamplesPerPixel > 1:
        return "Colour images are not shown turning."
    if grid.size[2] < FEWEST_SLICES:
        return f"Fewer than {FEWEST_SLICES} images are not shown turning."
    if math.prod(grid.size) * max(1, display_set.pixels.BitsAllocated // 8) > LARGEST_BYTES:
        return "A volume of more than 1 GB is not shown turning."
    cosines = np.abs(np.asarray(grid.axes) @ np.asarray(grid.axes).T - np.eye(3))
    return "A volume with a tilted gantry is not shown turning." if cosines.max() > SQUARE else ""


@dataclass(frozen=True)
class Turntable:
    """A volume on a turntable: its axes as the patient lies, and the rays through it. `grid` has right angles."""

    grid: Grid

    @cached_property
    def _near(self) -> tuple[tuple[int, int], ...]:
        return nearest_axes(self.grid)

    @cached_property
    def _directions(self) -> NDArray[np.float64]:
        """Towards the patient's left, back and feet, as the volume's own axes lie nearest to them, (3, 3)."""
        ways = (1.0, 1.0, -1.0)
        return np.array(
            [np.asarray(self.grid.axes[n]) * sign * way for (n, sign), way in zip(self._near, ways, strict=True)]
        )

    @property
    def _counts(self) -> tuple[int, ...]:
        """Voxels from right to left, front to back and head to feet."""
        return tuple(self.grid.size[axis] for axis, _ in self._near)

    @property
    def _spacings(self) -> tuple[float, ...]:
        return tuple(self.grid.spacing[axis] for axis, _ in self._near)

    @property
    def step_mm(self) -> float:
        """From one ray to the next, and from one place on a ray to the next."""
        return min(self._spacings[:2]) * (FINE if max(self._counts[:2]) <= FINE_UP_TO else COARSE)

    @cached_property
    def across(self) -> int:
        """Columns of a picture: the same from every side, as wide as the volume is from corner to corner."""
        (left, back, _), (left_mm, back_mm, _) = self._counts, self._spacings
        return math.ceil(math.hypot(left * left_mm, back * back_mm) / self.step_mm)

    @property
    def fitted_mm(self) -> tuple[float, float]:
        """What a tile is filled with: the wider of the two sides, and the length, mm."""
        widths = [count * spacing for count, spacing in zip(self._counts, self._spacings, strict=True)]
        return max(widths[:2]), widths[2]

    def _ways(self, angle: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """To the right on the screen and into it, each as (towards the patient's left, towards the back)."""
        turn = math.radians(angle * STEP_DEG)
        return np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])

    def picture_grid(self, angle: int) -> Grid:
        """Where the picture from a side lies: a single image through the middle of the volume that faces the eye."""
        (right, into), (to_left, to_back, down) = self._ways(angle), self._directions
        axes = [right[0] * to_left + right[1] * to_back, down, into[0] * to_left + into[1] * to_back]
        size, spacing = (self.across, self._counts[2], 1), (self.step_mm, self._spacings[2], self.step_mm)
        half = [(count - 1) / 2 * step for count, step in zip(size, spacing, strict=True)]
        origin = np.asarray(self.grid.center_lps) - half[0] * axes[0] - half[1] * axes[1]
        return Grid(vec(origin), (vec(axes[0]), vec(axes[1]), vec(axes[2])), spacing, size)

    def _places(self, angle: int, columns: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The nearest voxels along the rays of columns, front first: (rows, columns) counted to the left and to the
        back, shape (steps, columns); -1 outside the volume."""
        right, into = self._ways(angle % HALF)
        middle = (self.across - 1) / 2
        behind = -1 if angle % ANGLES >= HALF else 1
        # From behind the same rays are walked the other way: half-way places are rounded as they are from the front.
        sideways = (columns - middle) * behind * self.step_mm
        deep = ((np.arange(self.across) - middle) * behind * self.step_mm)[:, None]
        found = []
        for axis in (0, 1):
            place = (sideways * right[axis] + deep * into[axis]) / self._spacings[axis] + (self._counts[axis] - 1) / 2
            found.append(np.rint(place).astype(np.intp))
        outside = (found[0] < 0) | (found[0] >= self._counts[0]) | (found[1] < 0) | (found[1] >= self._counts[1])
        left, back = (np.where(outside, -1, each) for each in found)
        return left, back

    def columns_of(self, stored: NDArray[Any], padding: tuple[float, float] | None) -> NDArray[Any]:
        """A copy of the voxels `[k, j, i]` as `[back, left, foot]`, in which padding and NaN are the smallest value."""
        (left, left_sign), (back, back_sign), (foot, head_sign) = self._near
        laid = np.transpose(stored, (2 - back, 2 - left, 2 - foot))[::back_sign, ::left_sign, ::-head_sign]
        block = np.array(laid, order="C")
        hidden = np.isnan(block) if block.dtype.kind == "f" else None
        if padding is not None:
            hidden = is_padding(block, padding) if hidden is None else hidden | is_padding(block, padding)
        if hidden is not None and hidden.any():
            block[hidden] = block[~hidden].min() if not hidden.all() else 0
        return block

    def maxima(self, block: NDArray[Any], smallest: float, angle: int) -> NDArray[Any]:
        """The largest value on each ray of a side, `[slice, column]`; `smallest` where a ray meets no voxel.

        `block` is what `columns_of` gives.
        """
        lefts, backs = self._places(angle, np.arange(self.across, dtype=np.float64))
        rows = block.reshape(-1, block.shape[2])
        found = np.full((self.across, block.shape[2]), smallest, block.dtype)
        for left, back in zip(lefts, backs, strict=True):
            inside = np.flatnonzero(left >= 0)  # one stretch: the volume is convex
            if inside.size:
                part = slice(int(inside[0]), int(inside[-1]) + 1)
                np.maximum(found[part], rows[back[part] * block.shape[1] + left[part]], out=found[part])
        return np.ascontiguousarray(found.T)

    def brightest(
        self, stored: NDArray[Any], angle: int, point_lps: Vec3, padding: tuple[float, float] | None = None
    ) -> tuple[int, int, int] | None:
        """The voxel (i, j, k) with the largest value on the ray through a point; of equal ones the nearest to the eye.

        None where the ray meets no voxel with a value.
        """
        column, slice_, _ = self.picture_grid(angle).index(point_lps)
        foot = round(slice_)
        if not 0 <= foot < self._counts[2]:
            return None
        left, back = (each[:, 0] for each in self._places(angle, np.array([float(round(column))])))
        index = np.zeros((int(np.count_nonzero(left >= 0)), 3), np.intp)
        for (axis, sign), places, way in zip(self._near, (left, back, None), (1, 1, -1), strict=True):
            counted = np.full(len(index), foot) if places is None else places[left >= 0]
            index[:, axis] = counted if sign * way > 0 else self.grid.size[axis] - 1 - counted
        values = stored[index[:, 2], index[:, 1], index[:, 0]]
        known = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(len(values), np.bool_)
        if padding is not None:
            known &= ~is_padding(values, padding)
        if not known.any():
            return None
        i, j, k = index[known][int(np.argmax(values[known]))]
        return int(i), int(j), int(k)


@lru_cache(maxsize=32)
def turntable(grid: Grid) -> Turntable:
    """The turntable of a volume; made once, since every picture asks for it."""
    return Turntable(grid)


def in_order() -> tuple[int, ...]:
    """The sides to work out, from the front first, then each time between those that are there."""
    order, step = [0], HALF
    while len(order) < HALF:
        order += [side for side in range(0, HALF, max(1, step // 2)) if side not in order]
        step //= 2
    return tuple(order)


def fill(
    sides: Sides,
    stored: NDArray[Any],
    grid: Grid,
    padding: tuple[float, float] | None,
    angles: Sequence[int] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Work out what lacks of the sides named, or of all; `progress(done, total)` may raise to stop it.

    Takes a copy of the volume meanwhile.
    """
    wanted = dict.fromkeys(side % HALF for side in (in_order() if angles is None else angles))
    with sides.one_at_a_time:
        lacking = [side for side in wanted if not sides.has(side)]
        if not lacking:
            return
        table = turntable(grid)
        block = table.columns_of(stored, padding)
        smallest = block.min()
        for done, side in enumerate(lacking):
            progress(done, len(lacking))
            sides.keep(side, table.maxima(block, smallest, side))
        progress(len(lacking), len(lacking))
