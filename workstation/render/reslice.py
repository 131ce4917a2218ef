"""Voxels sampled at the pixels of one plane after another: the kernel under all that is shown.

One filter serves all planes of a slab: the voxels are handed to VTK once, without a copy.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.oblique import SlabMode
from workstation.imaging.view import Interpolation

FOR_ONE_THREAD: Final = 1 << 20
"""Samples along the volume's axes that are taken no later by one thread: to begin another takes as long as it saves."""


class Reslicer:
    """Samples `stored[k, j, i]` (or `[k, j, i, channel]`) wherever a matrix says; what lies outside is 0."""

    def __init__(self, stored: NDArray[Any], shape: tuple[int, ...]) -> None:
        from vtkmodules.util.numpy_support import get_vtk_array_type, numpy_to_vtk
        from vtkmodules.vtkCommonCore import vtkSMPTools
        from vtkmodules.vtkCommonDataModel import vtkImageData
        from vtkmodules.vtkImagingCore import vtkImageReslice

        vtkSMPTools.SetBackend("STDThread")  # the wheel's default runs on one core
        slices, rows, columns = stored.shape[:3]
        self._channels = stored.shape[3:]
        self._shape = shape[:2]
        image = vtkImageData()
        image.SetDimensions(columns, rows, slices)
        kind = get_vtk_array_type(stored.dtype)  # type: ignore[no-untyped-call]
        flat = stored.reshape(-1, *self._channels)
        self._scalars = numpy_to_vtk(flat, deep=False, array_type=kind)  # type: ignore[no-untyped-call]
        image.GetPointData().SetScalars(self._scalars)
        self._filter = vtkImageReslice()
        self._filter.SetInputData(image)
        self._filter.SetOutputSpacing(1.0, 1.0, 1.0)
        self._filter.SetOutputOrigin(0.0, 0.0, 0.0)
        self._threads = self._filter.GetNumberOfThreads()

    def at(self, matrix: NDArray[np.float64], interpolation: Interpolation) -> NDArray[Any]:
        """Values where (x, y, 0, 1) of a pixel is by `matrix` (4 x 4) the index (i, j, k, 1), shape (height, width)."""
        plane: NDArray[Any] = self.through(matrix, 1, interpolation)[0]
        return plane

    def through(self, matrix: NDArray[np.float64], count: int, interpolation: Interpolation) -> NDArray[Any]:
        """So many planes at once, (x, y, n, 1) with n from 0, shape (count, height, width): threads are begun once."""
        self._filter.SetSlabNumberOfSlices(1)
        return self._sampled(matrix, count, interpolation).reshape(count, *self._shape, *self._channels)

    def gathered(
        self, matrix: NDArray[np.float64], count: int, mode: SlabMode, interpolation: Interpolation
    ) -> NDArray[Any]:
        """What is shown of so many planes about the one of `matrix`, whose third column leads from each to the next,
        shape (height, width). All samples must lie inside; a sum is the mean that it is a multiple of."""
        self._filter.SetSlabNumberOfSlices(count)
        self._filter.SlabTrapezoidIntegrationOn()
        if mode is SlabMode.MIP:
            self._filter.SetSlabModeToMax()
        elif mode is SlabMode.MINIP:
            self._filter.SetSlabModeToMin()
        else:
            self._filter.SetSlabModeToMean()
        return self._sampled(matrix, 1, interpolation).reshape(*self._shape, *self._channels)

    def _sampled(self, matrix: NDArray[np.float64], count: int, interpolation: Interpolation) -> NDArray[Any]:
        from vtkmodules.util.numpy_support import vtk_to_numpy
        from vtkmodules.vtkCommonMath import vtkMatrix4x4

        axes = vtkMatrix4x4()
        axes.DeepCopy(matrix.ravel().tolist())
        height, width = self._shape
        samples = height * width * count * self._filter.GetSlabNumberOfSlices()
        is_quick = samples <= FOR_ONE_THREAD and np.count_nonzero(matrix[:3, :2]) == 2  # along the axes
        self._filter.SetNumberOfThreads(1 if is_quick else self._threads)
        self._filter.SetResliceAxes(axes)
        self._filter.SetOutputExtent(0, width - 1, 0, height - 1, 0, count - 1)
        self._filter.SetOutputDimensionality(2 if count == 1 else 3)
        if interpolation is Interpolation.LINEAR:
            self._filter.SetInterpolationModeToLinear()
        elif interpolation is Interpolation.CUBIC:
            self._filter.SetInterpolationModeToCubic()
        else:
            self._filter.SetInterpolationModeToNearestNeighbor()
        self._filter.Update()
        scalars = self._filter.GetOutput().GetPointData().GetScalars()
        return np.asarray(vtk_to_numpy(scalars))  # type: ignore[no-untyped-call]


def resliced(
    stored: NDArray[Any], matrix: NDArray[np.float64], shape: tuple[int, ...], interpolation: Interpolation
) -> NDArray[Any]:
    """One plane alone."""
    return Reslicer(stored, shape).at(matrix, interpolation)
