"""A straight way into the patient from an entry to a target: how deep, at which angles, and through what it goes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Vec3, letters, unit, vec
from workstation.imaging.masks import Mask
from workstation.imaging.oblique import Axes
from workstation.imaging.swept import across


@dataclass(frozen=True)
class Stretch:
    """A part of a way, in mm from its entry."""

    enters_mm: float
    leaves_mm: float

    @property
    def length_mm(self) -> float:
        return self.leaves_mm - self.enters_mm


@dataclass(frozen=True)
class Section:
    """A plane square to a way: how deep, where, and how it lies on the screen."""

    depth_mm: float
    point_lps: Vec3
    axes: Axes


@dataclass(frozen=True)
class Trajectory:
    """From `entry_lps` to `target_lps` (LPS, mm). Raises `Refused` with NO_EXTENT where the two are one."""

    entry_lps: Vec3
    target_lps: Vec3

    def __post_init__(self) -> None:
        if math.dist(self.entry_lps, self.target_lps) < 1e-6:
            raise Refused(Reason.NO_EXTENT)

    @property
    def depth_mm(self) -> float:
        return math.dist(self.entry_lps, self.target_lps)

    @property
    def direction(self) -> Vec3:
        """The unit vector from entry to target."""
        return vec(unit(np.subtract(self.target_lps, self.entry_lps)))

    @property
    def heads_for(self) -> str:
        """The patient's sides it goes to, the strongest first: "PL"."""
        return letters(self.direction)

    @property
    def to_sagittal_deg(self) -> float:
        """The angle between the way and sagittal planes, 0 to 90."""
        return _to_plane(self.direction[0])

    @property
    def to_coronal_deg(self) -> float:
        """The angle between the way and coronal planes, 0 to 90."""
        return _to_plane(self.direction[1])

    @property
    def to_axial_deg(self) -> float:
        """The angle between the way and axial planes, 0 to 90."""
        return _to_plane(self.direction[2])

    def at(self, depth_mm: float) -> Vec3:
        """The point so deep; less than 0 lies before the entry."""
        return vec(np.asarray(self.entry_lps) + np.asarray(self.direction) * depth_mm)

    def section(self, depth_mm: float) -> Section:
        """The plane square to the way so deep, looked at from the entry."""
        right, down = across(self.direction)
        return Section(depth_mm, self.at(depth_mm), Axes(vec(right), vec(down)))

    def sections(self, step_mm: float, beyond_mm: float = 0.0) -> tuple[Section, ...]:
        """Planes square to the way from the entry on, the last at the target or as far beyond it."""
        count = max(1, round((self.depth_mm + beyond_mm) / step_mm))
        return tuple(self.section((self.depth_mm + beyond_mm) * at / count) for at in range(count + 1))


def _to_plane(cosine: float) -> float:
    return math.degrees(math.asin(min(abs(cosine), 1.0)))


def stretches(way: Trajectory, mask: Mask, beyond_mm: float = 0.0) -> tuple[Stretch, ...]:
    """Where a way is inside a mask, in order: exact to the faces of its voxels (Siddon 1985)."""
    start = np.asarray(mask.grid.index(way.entry_lps))
    length = way.depth_mm + beyond_mm
    step = mask.grid.index_from_lps[:3, :3] @ np.asarray(way.direction)
    crossings = [np.array([0.0, length])]
    for first, slope, size in zip(start, step, mask.grid.size, strict=True):
        if abs(slope) > 1e-12:
            depths = (np.arange(size + 1) - 0.5 - first) / slope
            crossings.append(depths[(depths > 0) & (depths < length)])
    depths = np.unique(np.concatenate(crossings))
    middles = np.rint(start + (depths[:-1, None] + depths[1:, None]) / 2 * step).astype(int)
    inside = [mask.has((int(i), int(j), int(k))) for i, j, k in middles]
    return _joined(depths, inside)


def _joined(depths: np.ndarray, inside: Sequence[bool]) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    for enters, leaves, within in zip(depths[:-1].tolist(), depths[1:].tolist(), inside, strict=True):
        if not within:
            continue
        if found and abs(found[-1].leaves_mm - enters) < 1e-9:
            found[-1] = Stretch(found[-1].enters_mm, leaves)
        else:
            found.append(Stretch(enters, leaves))
    return tuple(found)
