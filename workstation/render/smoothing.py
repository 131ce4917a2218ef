"""Surfaces without the steps of their voxels, and of fewer triangles; of the volume they had.

What smoothing takes is put back along the normals. It draws a thin tube together to its middle line, and no way along
normals leads back from there: where the area of a surface falls to less than half, it is smoothed less, or not at all,
and that is said. No point ends farther than a voxel from where it was. All of this belongs on a thread.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Vec3
from workstation.imaging.mesh import Mesh
from workstation.render.surfaces import mesh_of, point_normals, polydata

Floats = NDArray[np.float64]

WITHIN: Final = 0.01
"""Of a volume that its surface may lose or gain."""

ROUNDS: Final = 30
PASS_BANDS: Final = (0.01, 0.1)
"""Of the windowed sinc (Taubin): what is rougher goes. At 0.1 the steps of slices of 2.5 mm are all still there, but
tubes of two voxels are too."""

LEAST_AREA: Final = 0.45
"""Of its area that smoothing may leave of a part of a surface; steps alone are never twice as large as what they are
steps of."""

FARTHEST: Final = 0.75
"""Of a voxel that smoothing may move a point; the rest is left for the volume."""

MOSTLY: Final = 0.5

PART: Final = 8
"""Rounds over which areas are looked at together: about a tube of three voxels."""

MOST_COMPARED: Final = 10_000
"""Points of either surface at which the distance to the other is looked at."""


@dataclass(frozen=True)
class Smoothed:
    """A surface, the share of its points (0 to 1) that is too thin to be smoothed in full, and the way in mm that the
    point went that went farthest."""

    mesh: Mesh
    thin: float
    moved_mm: float

    @property
    def said(self) -> str:
        """What has to be said of it, as the rest of a sentence about it; nothing where all of it is smooth."""
        if self.thin > MOSTLY:
            return "too thin to be smoothed in full: its surface keeps steps of its voxels"
        return "its thin parts keep steps of their voxels" if self.thin else ""


@dataclass(frozen=True)
class Coarser:
    """A surface of fewer triangles, and how far it lies from the one it was made of, both ways, in mm."""

    mesh: Mesh
    mean_mm: float
    largest_mm: float


def smoothed(mesh: Mesh, spacing_mm: Vec3, volume_ml: float | None = None) -> Smoothed:
    """Without the steps of its voxels, which are so large; of the same volume as before, or of the one given (that of
    its mask), within WITHIN. As it was where smoothing cannot do that.

    Raises `Refused` with SURFACE_OFF where it has not that volume as it was.
    """
    wanted = mesh.volume_ml if volume_ml is None else volume_ml
    around = _Around(mesh)
    for bands in (PASS_BANDS, PASS_BANDS[1:]):
        rounder, thin = _rounder(mesh, around, bands, FARTHEST * max(spacing_mm))
        found = _of_volume(rounder, wanted, (1 - FARTHEST) * min(spacing_mm))
        if found is not None:
            return Smoothed(found, thin, _farthest_mm(found, mesh))
    if abs(mesh.volume_ml - wanted) > WITHIN * wanted:
        raise Refused(Reason.SURFACE_OFF)
    return Smoothed(mesh, 1.0, 0.0)


def _rounder(mesh: Mesh, around: "_Around", bands: tuple[float, ...], farthest_mm: float) -> tuple[Mesh, float]:
    """Each part smoothed by the first of these bands that leaves it its area; and the share of points whose part is not
    smoothed in full by the strongest there is."""
    left, moved, thin = np.ones(len(mesh.points)), np.zeros(mesh.points.shape), float(bands != PASS_BANDS)
    for band in bands:
        away = _sinc(mesh, band).points.astype(np.float64) - mesh.points
        kept = around.kept(mesh.points + away)
        moved += (left * kept)[:, None] * _at_most(away, farthest_mm)
        left *= 1 - kept
        thin = float((left > 0).mean()) if band == PASS_BANDS[0] else thin
        if not left.any():
            break
    return Mesh((mesh.points + moved).astype(np.float32), mesh.triangles), thin


def coarser(mesh: Mesh, share: float) -> Coarser:
    """With about this share (0 to 1) of its triangles, of the same volume within WITHIN, closed where it was; as it is
    where fewer cannot do that.

    How far the two lie apart is looked at at MOST_COMPARED points of each, spread over all.
    """
    for quadric in (True, False):
        found = _of_volume(_fewer(mesh, share, quadric), mesh.volume_ml, _edge_mm(mesh))
        if found is not None and (found.watertight or not mesh.watertight):
            away = np.concatenate([_distances_mm(mesh, found), _distances_mm(found, mesh)])
            return Coarser(found, float(away.mean()), float(away.max()))
    return Coarser(mesh, 0.0, 0.0)


class _Around:
    """Each point of a surface with those around it."""

    def __init__(self, mesh: Mesh) -> None:
        self._triangles, self._count = mesh.triangles, len(mesh.points)
        self._named = np.maximum(np.bincount(mesh.triangles.ravel(), minlength=self._count), 1)
        self._area = self._areas(mesh.points)

    def kept(self, points: NDArray[Any]) -> Floats:
        """0 to 1 for each point: 0 in parts whose area falls too much with the points at these places, rising to 1
        about them."""
        area = self._areas(points)
        whole = (area >= LEAST_AREA * self._area).astype(np.float64)
        if whole.all():
            return whole
        for _ in range(PART):
            whole = self._mean(whole)
        return np.asarray(np.clip(2 * whole - 1, 0.0, 1.0))

    def _areas(self, points: NDArray[Any]) -> Floats:
        """The area around each point, of its part."""
        a, b, c = (points[self._triangles[:, corner]].astype(np.float64) for corner in range(3))
        found = self._summed(np.linalg.norm(np.cross(b - a, c - a), axis=1))
        for _ in range(PART):
            found = self._mean(found)
        return found

    def _mean(self, values: Floats) -> Floats:
        """Of the triangles at each point the mean of theirs."""
        return np.asarray(self._summed(values[self._triangles].mean(axis=1)) / self._named)

    def _summed(self, of_triangles: Floats) -> Floats:
        return np.asarray(
            sum(np.bincount(each, weights=of_triangles, minlength=self._count) for each in self._triangles.T)
        )


def _sinc(mesh: Mesh, band: float) -> Mesh:
    from vtkmodules.vtkFiltersCore import vtkWindowedSincPolyDataFilter

    step = vtkWindowedSincPolyDataFilter()
    step.SetInputData(polydata(mesh))
    step.SetNumberOfIterations(ROUNDS)
    step.SetPassBand(band)
    step.BoundarySmoothingOff()
    step.FeatureEdgeSmoothingOff()
    step.NonManifoldSmoothingOn()
    step.NormalizeCoordinatesOn()
    step.Update()
    return mesh_of(step.GetOutput())


def _at_most(away: Floats, limit_mm: float) -> Floats:
    """Ways no longer than this."""
    far = np.linalg.norm(away, axis=1, keepdims=True)
    return np.asarray(away * np.minimum(1.0, limit_mm / np.maximum(far, 1e-9)))


def _farthest_mm(mesh: Mesh, other: Mesh) -> float:
    """The longest way from a point of one to the same point of the other."""
    return float(np.linalg.norm(mesh.points.astype(np.float64) - other.points, axis=1).max())


def _of_volume(mesh: Mesh, volume_ml: float, most_mm: float) -> Mesh | None:
    """Moved along its normals until it encloses so much; twice is within a thousandth. None where it is not within
    WITHIN then, or points had to go farther than `most_mm`."""
    found = mesh
    for _ in range(3):
        away = (volume_ml - found.volume_ml) * 1000 / found.area_mm2 if found.area_mm2 else math.inf
        if abs(away) > most_mm:
            return None
        found = Mesh((found.points + np.float32(away) * point_normals(found)).astype(np.float32), found.triangles)
    near = abs(found.volume_ml - volume_ml) <= WITHIN * abs(volume_ml)
    return found if near and _farthest_mm(found, mesh) <= most_mm else None


def _edge_mm(mesh: Mesh) -> float:
    """About how long the sides of its triangles are."""
    return math.sqrt(2 * mesh.area_mm2 / max(len(mesh.triangles), 1))


def _fewer(mesh: Mesh, share: float, quadric: bool) -> Mesh:
    """By quadrics, which lie nearer; or by what never changes how a surface hangs together."""
    from vtkmodules.vtkFiltersCore import vtkDecimatePro, vtkQuadricDecimation

    if quadric:
        step: Any = vtkQuadricDecimation()
        step.VolumePreservationOn()
    else:
        step = vtkDecimatePro()
        step.PreserveTopologyOn()
        step.SplittingOff()
        step.BoundaryVertexDeletionOff()
    step.SetInputData(polydata(mesh))
    step.SetTargetReduction(min(max(1.0 - share, 0.0), 0.999))
    step.Update()
    return mesh_of(step.GetOutput())


def _distances_mm(mesh: Mesh, other: Mesh) -> NDArray[np.float64]:
    """From points of one surface to the nearest place of another."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkDoubleArray
    from vtkmodules.vtkFiltersCore import vtkImplicitPolyDataDistance

    step = vtkImplicitPolyDataDistance()
    step.SetInput(polydata(other))
    points = np.ascontiguousarray(mesh.points[:: -(-len(mesh.points) // MOST_COMPARED)], dtype=np.float64)
    found = vtkDoubleArray()
    step.EvaluateFunction(numpy_to_vtk(points), found)  # type: ignore[no-untyped-call]
    away = vtk_to_numpy(found)  # type: ignore[no-untyped-call]
    return np.asarray(np.abs(away))
