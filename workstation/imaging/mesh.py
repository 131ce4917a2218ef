"""A surface of triangles in patient space (LPS, mm), and what can be said of it without drawing it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Vec3

Points = NDArray[np.float32]
Triangles = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Mesh:
    """`points` (n, 3) LPS in mm; `triangles` (m, 3) name points, counter-clockwise as seen from outside."""

    points: Points
    triangles: Triangles

    @cached_property
    def volume_ml(self) -> float:
        """The volume it encloses, by the divergence theorem; negative when it is turned inside out."""
        if not len(self.triangles):
            return 0.0
        about = self.points.astype(np.float64) - self.points.mean(axis=0, dtype=np.float64)
        a, b, c = (about[self.triangles[:, corner]] for corner in range(3))
        return float(np.einsum("ij,ij->", a, np.cross(b, c))) / 6000

    @cached_property
    def area_mm2(self) -> float:
        """The area of all triangles."""
        a, b, c = (self.points[self.triangles[:, corner]].astype(np.float64) for corner in range(3))
        return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()) / 2

    @cached_property
    def bounds_mm(self) -> tuple[Vec3, Vec3]:
        """The least and the largest x, y and z; nought twice when it is empty."""
        if not len(self.points):
            return (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        return (float(low[0]), float(low[1]), float(low[2])), (float(high[0]), float(high[1]), float(high[2]))

    @cached_property
    def watertight(self) -> bool:
        """Whether it is closed and all its triangles face the same way: every edge is gone along once to and fro.

        Edges where two closed parts touch are gone along twice each way, and count as closed; so do triangles that
        smoothing drew together to a line.
        """
        if not len(self.triangles):
            return False
        edges = np.concatenate([self.triangles[:, pair] for pair in ((0, 1), (1, 2), (2, 0))]).astype(np.int64)
        count = np.int64(len(self.points))
        there = np.sort(edges[:, 0] * count + edges[:, 1])
        back = np.sort(edges[:, 1] * count + edges[:, 0])
        return bool(np.array_equal(there, back))

    def turned(self) -> "Mesh":
        """Inside out."""
        return Mesh(self.points, np.ascontiguousarray(self.triangles[:, ::-1]))
