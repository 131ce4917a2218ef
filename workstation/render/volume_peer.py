"""VTK's fixed point ray caster with its own steps, as another program would use it: what `bench` compares with."""

import os
import time
from pathlib import Path

import numpy as np
import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401  makes windows and mappers that can draw
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPiecewiseFunction
from vtkmodules.vtkRenderingCore import (
    vtkColorTransferFunction,
    vtkRenderer,
    vtkRenderWindow,
    vtkVolume,
    vtkVolumeProperty,
)
from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper

from workstation.imaging.transfer import Mode, preset_called

SPACING_MM = 0.7
STEP_DEG = 5.0


def pictures_ms(
    path: str, shape: tuple[int, ...], preset: str, size: tuple[int, int], across_mm: float, turns: int
) -> list[float]:
    """Milliseconds of each picture while a volume of int16 at `path` is turned by steps, after the first.

    As large on the screen as ours: the smaller side shows `across_mm`.
    """
    os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"
    voxels = np.frombuffer(Path(path).read_bytes(), np.int16)
    image = vtkImageData()
    image.SetDimensions(shape[2], shape[1], shape[0])
    image.SetSpacing(SPACING_MM, SPACING_MM, SPACING_MM)
    image.GetPointData().SetScalars(numpy_to_vtk(voxels))  # type: ignore[no-untyped-call]
    transfer = preset_called(preset, "CT").transfer
    opacity, colours, look = vtkPiecewiseFunction(), vtkColorTransferFunction(), vtkVolumeProperty()
    for value, each in transfer.opacity:
        opacity.AddPoint(value, each)
    for value, red, green, blue in transfer.colours:
        colours.AddRGBPoint(value, red / 255, green / 255, blue / 255)
    look.SetScalarOpacity(opacity)
    look.SetColor(colours)
    look.SetInterpolationTypeToLinear()
    look.SetShade(transfer.shading is not None)
    mapper = vtkFixedPointVolumeRayCastMapper()
    mapper.SetInputData(image)
    mapper.SetAutoAdjustSampleDistances(0)
    if transfer.mode is Mode.MIP:
        mapper.SetBlendModeToMaximumIntensity()
    actor = vtkVolume()
    actor.SetMapper(mapper)
    actor.SetProperty(look)
    window, renderer = vtkRenderWindow(), vtkRenderer()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    window.SetSize(*size)
    window.AddRenderer(renderer)
    renderer.AddVolume(actor)
    eye = renderer.GetActiveCamera()
    eye.SetParallelProjection(1)
    eye.SetPosition(0.0, -1.0, 0.0)
    eye.SetFocalPoint(0.0, 0.0, 0.0)
    eye.SetViewUp(0.0, 0.0, 1.0)
    renderer.ResetCamera()
    eye.SetParallelScale(across_mm / 2 * size[1] / min(size))
    window.Render()
    taken = []
    for _ in range(turns):
        eye.Azimuth(STEP_DEG)
        began = time.perf_counter()
        window.Render()
        taken.append((time.perf_counter() - began) * 1000)
    return taken
