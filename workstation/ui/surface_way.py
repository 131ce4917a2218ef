"""The shortest way along a surface between two clicked places: of the segment under both, else of what 3D shows."""

import math
from typing import Final

import numpy as np

from workstation import jobs
from workstation.case.drawing_tools import space_of
from workstation.case.state import Case
from workstation.errors import Reason, Refused
from workstation.findings.segment import Segment
from workstation.imaging.geodesic import SurfaceWay, along_surface
from workstation.imaging.geometry import Vec3
from workstation.imaging.mesh import Mesh
from workstation.imaging.scene import Scene
from workstation.imaging.volume import Voxels
from workstation.ui.surface_desk import surface_around, surface_seen

Ends = tuple[Vec3, Vec3]

NEAR_VOXELS: Final = 1
"""So many voxels round a clicked place some belong to a segment and some do not: it lies on its surface."""

OFF_VOXELS: Final = 4.0
"""Diagonals of a voxel that a clicked place may lie off the surface: what is seen lies a little inside."""

MOST_DRAWN: Final = 64
"""Points that a way is drawn with; its length is of all of them."""


def segment_under(case: Case, number: int, ends: Ends) -> Segment | None:
    """The shown segment on whose surface both places lie; None where there is none."""
    view = case.view(number)
    space = space_of(view.display_set, view.image) if view.display_set is not None else None
    shown = (each for each in case.marks.shown.segments if each.mask and each.frame_of_reference_uid == space)
    return next((each for each in shown if all(_is_at(each, end) for end in ends)), None)


def _is_at(segment: Segment, point_lps: Vec3) -> bool:
    grid = segment.mask.grid
    at = np.rint(np.asarray(grid.index(point_lps))).astype(int)
    away = np.indices((2 * NEAR_VOXELS + 1,) * 3).reshape(3, -1).T - NEAR_VOXELS
    near = [(int(i), int(j), int(k)) for i, j, k in at + away]
    stored = (all(0 <= one < size for one, size in zip(each, grid.size, strict=True)) for each in near)
    inside = [there and segment.mask.has(each) for each, there in zip(near, stored, strict=True)]
    return any(inside) and not all(inside)


def way_between(voxels: Voxels, scene: Scene, segment: Segment | None, ends: Ends, job: jobs.Job) -> SurfaceWay:
    """In a job: seconds for a large surface. Raises `Refused` with NOT_CLOSED, TWO_SURFACES or NO_SURFACE."""
    made = surface_around(segment.mask) if segment is not None else surface_seen(scene, voxels, job)
    job.check()
    lattice = voxels.display_set.lattice
    return way_on(made.mesh, ends, OFF_VOXELS * math.hypot(*lattice.spacing) if lattice is not None else math.inf)


def way_on(mesh: Mesh, ends: Ends, farthest_mm: float) -> SurfaceWay:
    """Between the points of a surface nearest to two places, no farther off than `farthest_mm`. Raises as above."""
    if not mesh.watertight:
        raise Refused(Reason.NOT_CLOSED)
    points = mesh.points.astype(np.float64)
    if any(float(np.linalg.norm(points - np.asarray(end), axis=1).min()) > farthest_mm for end in ends):
        raise Refused(Reason.NO_SURFACE)
    try:
        return along_surface(mesh, *ends)
    except Refused as refused:
        raise Refused(Reason.TWO_SURFACES) from refused


def drawn(way: SurfaceWay) -> tuple[Vec3, ...]:
    """Its points as a finding keeps them: both ends, and evenly some between."""
    points = way.points_lps
    return tuple(points[each] for each in np.linspace(0, len(points) - 1, min(len(points), MOST_DRAWN)).astype(int))
