"""A limit drawn by hand: an outline in a plane that tools stay within, through all slices or in one."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.masks import Bools, Box
from workstation.imaging.swept import Part, across, encloses, inside_outline
from workstation.imaging.view import ScreenPlane

Floats = NDArray[np.float64]

FINENESS: Final = 256
"""Squares across a limit as it is looked up for a preview; what is taken goes by its outline itself."""


@dataclass(frozen=True, eq=False)
class Fence:
    """`outline` are points (LPS, mm) of a closed line in the plane square to `normal`; `through` all slices along that,
    or in its own alone."""

    outline: tuple[Vec3, ...]
    normal: Vec3
    frame_of_reference_uid: str
    through: bool = True

    def allowed(self, grid: Grid, box: Box) -> Bools:
        """Which voxels of a box [k, j, i] lie inside: those whose centre does."""
        return inside_outline(grid, self.outline, self.normal, box, one_slice=not self.through).voxels

    def part(self, grid: Grid) -> Part | None:
        """All voxels inside; None where there are none."""
        box = self._reach(grid)
        found = self.allowed(grid, box)
        return Part(box, found) if found.any() else None

    def _reach(self, grid: Grid) -> Box:
        """The voxels that may lie inside: along its normal all of them."""
        indices = np.array([grid.index(each) for each in self.outline])
        moves = np.abs(grid.index_from_lps[:3, :3] @ np.asarray(self.normal)) > 1e-9
        found = []
        for axis in (2, 1, 0):
            low, high = int(np.floor(indices[:, axis].min())), int(np.ceil(indices[:, axis].max())) + 1
            size = grid.size[axis]
            free = bool(moves[axis]) and self.through
            low, high = (0, size) if free else (min(max(low, 0), size), min(max(high, 0), size))
            found.append(slice(low, high))
        return found[0], found[1], found[2]

    def on_screen(self, screen: ScreenPlane, depth_mm: float) -> Bools:
        """Which device pixels lie inside, as finely as a preview needs; one slice is `depth_mm` deep."""
        raster, low, step, axes = self._raster
        first = np.subtract(screen.origin_lps, self.outline[0])
        x, y = np.arange(screen.width), np.arange(screen.height)[:, None]
        right, down = np.asarray(screen.step_right), np.asarray(screen.step_down)
        u, v = (
            np.floor((first @ axis + x * (right @ axis) + y * (down @ axis) - edge) / size).astype(np.int32)
            for axis, edge, size in zip(axes.T, low, step, strict=True)
        )
        there = (u >= 0) & (v >= 0) & (u < FINENESS) & (v < FINENESS)
        inside = there & raster[np.clip(v, 0, FINENESS - 1), np.clip(u, 0, FINENESS - 1)]
        if not self.through:
            normal = np.asarray(self.normal)
            inside &= np.abs(first @ normal + x * (right @ normal) + y * (down @ normal)) <= depth_mm / 2
        return np.asarray(inside)

    @cached_property
    def _raster(self) -> tuple[Bools, Floats, Floats, Floats]:
        """Squares inside [v, u], the lower corner, the size of a square, and the axes (3, 2) of both."""
        axes = np.column_stack(across(self.normal))
        flat = (np.asarray(self.outline) - np.asarray(self.outline[0])) @ axes
        low = flat.min(axis=0)
        step = np.maximum(np.ptp(flat, axis=0), 1e-6) / FINENESS
        u, v = (low[axis] + (np.arange(FINENESS) + 0.5) * step[axis] for axis in (0, 1))
        across_all, along_all = np.meshgrid(u, v)
        inside = encloses(flat, across_all.ravel(), along_all.ravel()).reshape(FINENESS, FINENESS)
        return inside, low, step, axes
