"""Surfaces out of volumes: where values cross a threshold, or around the voxels of a mask.

Surfaces are closed also where the volume ends: what is cut there is capped half a voxel beyond the last centre, where
the voxel ends. They lie in patient space, whichever way the axes of the grid are turned, and face outwards. All of this
may take seconds and belongs on a thread.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Grid
from workstation.imaging.growing import grid_of
from workstation.imaging.masks import Bools, Box, Mask
from workstation.imaging.mesh import Mesh
from workstation.imaging.volume import Voxels

Progress = Callable[[int, int], None]
Floats32 = NDArray[np.float32]

MOST_FITTED: Final = 0.45
"""Of the way from one voxel to the next that points move so that a surface has its mask's volume; 0.41 for one voxel
alone."""


def _nothing(done: int, total: int) -> None:
    """Nobody watches."""


def surface_of_values(
    voxels: Voxels, threshold: float, progress: Progress = _nothing, gone: NDArray[np.uint8] | None = None
) -> Mesh:
    """Where the values of a volume cross a threshold (its unit), the higher ones inside; padding is outside, and so is
    what is `gone`, not 0 in the shape (slices, rows, columns).

    Raises `Refused` with NO_SURFACE where nothing is above it, and what `growing.grid_of` raises.
    """
    grid = grid_of(voxels)
    box = _box_above(voxels, threshold, progress, gone)
    values = np.full([each.stop - each.start + 2 for each in box], -np.inf, np.float32)
    for at, image in enumerate(range(box[0].start, box[0].stop), start=1):
        progress(len(voxels.stored) + at, 3 * len(voxels.stored))
        values[at, 1:-1, 1:-1] = _values(voxels, image, box[1:], threshold, gone)
    _capped(values, threshold)
    return _traced(values, threshold, grid, box)


def surface_of_mask(mask: Mask) -> Mesh:
    """Around the voxels of a mask, of their volume: about halfway to the centres of those beside it, for what is thin
    farther, never as far as these. Raises `Refused` with NO_SURFACE."""
    box, voxels = mask.boxed()
    if not voxels.size:
        raise Refused(Reason.NO_SURFACE)
    padded = np.pad(voxels, 1)
    return _fitted(_traced(padded.astype(np.float32), 0.5, mask.grid, box), padded, mask, box)


def polydata(mesh: Mesh) -> Any:
    """A surface as VTK has it; points and triangles are copied, so that it outlives them."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    points, cells, found = vtkPoints(), vtkCellArray(), vtkPolyData()
    points.SetData(numpy_to_vtk(mesh.points, deep=True))  # type: ignore[no-untyped-call]
    cells.SetData(3, numpy_to_vtk(mesh.triangles.ravel(), deep=True))  # type: ignore[no-untyped-call]
    found.SetPoints(points)
    found.SetPolys(cells)
    return found


def mesh_of(data: Any) -> Mesh:
    """The triangles of VTK's polydata as a surface."""
    points = _array(data.GetPoints().GetData()).astype(np.float32) if data.GetPoints() else np.empty((0, 3), np.float32)
    named = data.GetPolys().GetConnectivityArray()
    triangles = _array(named).reshape(-1, 3).astype(np.int32)
    return Mesh(points, triangles)


def _array(data: Any) -> NDArray[Any]:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    found = vtk_to_numpy(data)  # type: ignore[no-untyped-call]
    return np.array(found)  # a copy: VTK's own goes with its object


def _values(
    voxels: Voxels, image: int, part: tuple[slice, slice], threshold: float, gone: NDArray[np.uint8] | None
) -> NDArray[Any]:
    """Values of a part of an image; far below the threshold where there are none. The surface of a cut lies halfway to
    the voxels that are gone."""
    values = np.nan_to_num(voxels.values(image, part), nan=-np.inf)
    if gone is not None:
        away = gone[image][part] != 0
        values[away] = np.minimum(values[away], 2 * threshold - values[away])
    return np.asarray(values)


def _box_above(voxels: Voxels, threshold: float, progress: Progress, gone: NDArray[np.uint8] | None = None) -> Box:
    """The smallest box with everything above a threshold, one voxel wider where there is one."""
    images, size = len(voxels.stored), voxels.stored.shape[:3]
    slices: list[int] = []
    rows, columns = np.zeros(size[1], np.bool_), np.zeros(size[2], np.bool_)
    for image in range(images):
        progress(image, 3 * images)
        if not voxels.filled[image]:
            continue
        above = np.nan_to_num(voxels.values(image), nan=-np.inf) >= threshold
        if gone is not None:
            above &= gone[image] == 0
        if above.any():
            slices.append(image)
            rows |= above.any(axis=1)
            columns |= above.any(axis=0)
    if not slices:
        raise Refused(Reason.NO_SURFACE)
    ends = [(each[0], each[-1]) for each in (slices, np.flatnonzero(rows), np.flatnonzero(columns))]
    k, j, i = (
        slice(max(int(first) - 1, 0), min(int(last) + 2, most)) for (first, last), most in zip(ends, size, strict=True)
    )
    return k, j, i


def _capped(values: Floats32, threshold: float) -> None:
    """Fill the rim of an array so that what is above the threshold ends half a voxel beyond its last centre."""
    lowest = np.float32(threshold - 1000.0)
    np.maximum(values, lowest, out=values)  # no infinite differences; far below is far enough
    for axis in range(3):
        turned = np.moveaxis(values, axis, 0)
        for rim, last in ((0, 1), (-1, -2)):
            turned[rim] = np.minimum(2 * threshold - turned[last], threshold - 1.0)


def _traced(values: Floats32, threshold: float, grid: Grid, box: Box) -> Mesh:
    """The surface in an array [k, j, i] that has one voxel more than `box` on each side."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D

    image = vtkImageData()
    image.SetDimensions(*values.shape[::-1])
    image.GetPointData().SetScalars(numpy_to_vtk(values.ravel()))  # type: ignore[no-untyped-call]
    step = vtkFlyingEdges3D()
    step.SetInputData(image)
    step.SetValue(0, threshold)
    step.ComputeNormalsOff()
    step.ComputeGradientsOff()
    step.Update()
    flat = mesh_of(step.GetOutput())
    if not len(flat.triangles):
        raise Refused(Reason.NO_SURFACE)
    first = np.array([each.start - 1 for each in reversed(box)])
    index = flat.points.astype(np.float64) + first
    places = index @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]
    found = _without_slivers(Mesh(places.astype(np.float32), flat.triangles))
    return found if found.volume_ml >= 0 else found.turned()


def _fitted(halfway: Mesh, padded: Bools, mask: Mask, box: Box) -> Mesh:
    """With each point moved on along its line of the grid, all by one share, so that the volume is that of the mask.

    Halfway a line of voxels has half of its volume and one voxel alone a sixth. How a surface hangs together does not
    hang on the share; the volume is a polynomial of it, of the third degree.
    """
    inverse, axes = np.linalg.inv(mask.grid.lps_from_index), mask.grid.lps_from_index[:3, :3]
    index = halfway.points @ inverse[:3, :3].T + inverse[:3, 3] - [each.start - 1 for each in reversed(box)]
    along = np.eye(3)[np.abs(index - np.rint(index)).argmax(axis=1)]
    i, j, k = np.rint(index - along / 2).astype(np.intp).T
    outwards = np.where(padded[k, j, i], 1.0, -1.0)[:, None] * along @ axes.T

    def moved(share: float) -> Mesh:
        return Mesh((halfway.points + share * outwards).astype(np.float32), halfway.triangles)

    shares = np.linspace(-MOST_FITTED, MOST_FITTED, 4)
    roots = np.roots(np.polyfit(shares, [moved(each).volume_ml - mask.volume_ml for each in shares], 3))
    real = roots[np.abs(roots.imag) < 1e-6].real
    within = real[np.abs(real) <= MOST_FITTED]
    return moved(float(within[np.abs(within).argmin()])) if within.size else halfway


def _without_slivers(mesh: Mesh) -> Mesh:
    """Points that fell together are one, and triangles that became lines are gone."""
    points, named = np.unique(mesh.points, axis=0, return_inverse=True)
    triangles = named.reshape(-1).astype(np.int32)[mesh.triangles]
    a, b, c = triangles.T
    return Mesh(points, np.ascontiguousarray(triangles[(a != b) & (b != c) & (c != a)]))


def point_normals(mesh: Mesh) -> Floats32:
    """Unit normals at the points (n, 3): of the triangles around, by area."""
    a, b, c = (mesh.points[mesh.triangles[:, corner]] for corner in range(3))
    across = np.cross(b - a, c - a)
    found = np.zeros_like(mesh.points)
    for corner in range(3):
        for axis in range(3):
            found[:, axis] += np.bincount(
                mesh.triangles[:, corner], weights=across[:, axis], minlength=len(found)
            ).astype(np.float32)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0))
