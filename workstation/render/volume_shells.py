"""Surfaces of segments within a volume, drawn by VTK in the render process: solid, then blended by their opacity.

A volume is drawn once with solid surfaces in it and once without them, and the two pictures are blended where surfaces
are by how opaque those are: exact for what lies before, in and behind them, which no order of drawing is by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkPlane
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from workstation.imaging.geometry import vec
from workstation.imaging.mesh import Mesh
from workstation.imaging.scene import Scene, Shell
from workstation.render.surfaces import polydata
from workstation.render.volume_memory import mapped

AMBIENT, DIFFUSE, SPECULAR = 0.25, 0.75, 0.2


class Shells:
    """The surfaces on a stage; each is built once for as long as it is shown."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._actors: dict[int, vtkActor] = {}
        self._shown: tuple[Shell, ...] = ()

    @property
    def blended(self) -> bool:
        """Whether some of them let through what is behind."""
        return any(each.opacity < 1.0 for each in self._shown)

    def show(self, scene: Scene, matrix: NDArray[np.float64]) -> None:
        """The surfaces of a scene and no others; box and plane cut them as they cut the volume of `matrix`."""
        self._shown = scene.shells
        for serial in self._actors.keys() - {each.serial for each in scene.shells}:
            self._renderer.RemoveActor(self._actors.pop(serial))
        planes = _planes(scene, matrix)
        for each in scene.shells:
            if each.serial not in self._actors:
                self._actors[each.serial] = _built(each)
                self._renderer.AddActor(self._actors[each.serial])
            mapper = self._actors[each.serial].GetMapper()
            mapper.RemoveAllClippingPlanes()
            for plane in planes:
                mapper.AddClippingPlane(plane)
        self._dress()

    def _dress(self) -> None:
        for each in self._shown:
            look = self._actors[each.serial].GetProperty()
            self._actors[each.serial].GetMapper().SetScalarVisibility(each.colours is not None)
            look.LightingOn()
            look.SetColor(*(part / 255 for part in each.colour))
            look.SetAmbient(AMBIENT)
            look.SetDiffuse(DIFFUSE)
            look.SetSpecular(SPECULAR)
            look.SetSpecularPower(20.0)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Without them for a moment."""
        for actor in self._actors.values():
            actor.VisibilityOff()
        yield
        for actor in self._actors.values():
            actor.VisibilityOn()

    @contextmanager
    def weights(self) -> Iterator[None]:
        """For a moment each is as bright as it is opaque, and no light falls on it."""
        for each in self._shown:
            look = self._actors[each.serial].GetProperty()
            self._actors[each.serial].GetMapper().ScalarVisibilityOff()
            look.LightingOff()
            look.SetColor(each.opacity, each.opacity, each.opacity)
            look.SetAmbient(1.0)
            look.SetDiffuse(0.0)  # counts even where no light falls
            look.SetSpecular(0.0)
        yield
        self._dress()


def blended(solid: NDArray[np.uint8], without: NDArray[np.uint8], weights: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`solid` over `without`, pictures of bytes (height, width, 4), as far as `weights` are bright."""
    share = weights[..., :1].astype(np.uint16)
    mixed = (solid.astype(np.uint16) * share + without.astype(np.uint16) * (255 - share) + 127) // 255
    return np.asarray(mixed, dtype=np.uint8)


def _built(shell: Shell) -> vtkActor:
    mapper, actor = vtkPolyDataMapper(), vtkActor()
    surface = polydata(Mesh(mapped(shell.points), mapped(shell.triangles)))
    if shell.colours is not None:
        surface.GetPointData().SetScalars(numpy_to_vtk(mapped(shell.colours), deep=True))  # type: ignore[no-untyped-call]
        mapper.SetColorModeToDirectScalars()
    mapper.SetInputData(surface)
    actor.SetMapper(mapper)
    actor.GetProperty().SetInterpolationToPhong()
    return actor


def _planes(scene: Scene, matrix: NDArray[np.float64]) -> list[vtkPlane]:
    """What is kept lies where their normals point to."""
    found: list[vtkPlane] = []
    if scene.crop is not None:
        inverse = np.linalg.inv(matrix[:3, :3])
        for axis in range(3):
            for at, sign in ((scene.crop.low, 1.0), (scene.crop.high, -1.0)):
                point = vec(matrix[:3, :3] @ np.asarray(at) + matrix[:3, 3])
                found.append(_plane(point, sign * inverse[axis]))
    if scene.plane is not None:
        found.append(_plane(scene.plane.point_lps, np.asarray(scene.plane.normal)))
    return found


def _plane(point: tuple[float, float, float], normal: NDArray[np.float64]) -> vtkPlane:
    plane = vtkPlane()
    plane.SetOrigin(*point)
    plane.SetNormal(*(normal / np.linalg.norm(normal)))
    return plane
