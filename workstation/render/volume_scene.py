"""Scenes drawn by VTK, in the render process alone: volumes on stage, one window without a screen.

The mapper is chosen by what OpenGL calls itself: a software OpenGL draws with the fixed point ray caster, which needs
none of it but the last copy; a real one with its own.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401  makes windows and mappers that can draw
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkCommand, vtkUnsignedCharArray
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPiecewiseFunction, vtkPlane
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import (
    vtkColorTransferFunction,
    vtkLight,
    vtkRenderer,
    vtkRenderWindow,
    vtkVolume,
    vtkVolumeProperty,
)
from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper, vtkGPUVolumeRayCastMapper

from workstation.imaging.camera import Camera
from workstation.imaging.scene import Over, Scene
from workstation.imaging.transfer import Mode, Points, TransferFunction
from workstation.render.volume_fine import refined, steps_between
from workstation.render.volume_left import Left, halved, leave
from workstation.render.volume_memory import mapped
from workstation.render.volume_request import MEMORY, Drawn, Request, Source
from workstation.render.volume_seen import Extremes, box_of, fill_unseen, is_lit_by_neighbours, stored_points
from workstation.render.volume_shells import Shells, blended

SOFTWARE: Final = ("llvmpipe", "softpipe", "swrast", "software", "svga3d")
"""What is no real graphics card, by parts of its name."""

QUICK_VOXELS: Final = 24 << 20
"""The quick process draws volumes of more voxels than this at half their resolution."""

KEPT: Final = 3
"""So many volumes a process keeps ready, the last used ones."""

QUICK_MS: Final = 36.0
"""How long a picture may take while something moves: 20 a second, with what is painted over it."""

COARSE_STEP = 1.5
"""While something moves: from one sample of a ray to the next, in the smallest spacing of what is drawn."""

WIDE, WIDER = 0.1, 0.5
"""A volume is made for what is seen were all points of the transfer function so much of their reach apart from where
they are: bone's then holds what vessels show. Where that is not enough, whoever moves points will go on."""

BEYOND: Final = 1e9
"""Colours have points so far below and above their own: at the very first point VTK's table of them is black."""

SPARSEST, DENSEST = 4.0, 1.0
"""Pixels of the screen between two rays: while something moves, and at rest."""


class Stage:
    """The window, the camera and the light, and the volumes that were drawn last."""

    def __init__(self, quick: bool) -> None:
        self._quick = quick
        self._window = vtkRenderWindow()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.SetSize(64, 64)
        self._renderer = vtkRenderer()
        self._renderer.SetBackground(0.0, 0.0, 0.0)
        self._renderer.AutomaticLightCreationOff()
        self._light = vtkLight()
        self._light.SetLightTypeToSceneLight()
        self._light.SetAmbientColor(1.0, 1.0, 1.0)  # black as it comes: what lies in shadow would be black too
        self._renderer.AddLight(self._light)
        self._window.AddRenderer(self._renderer)
        self._window.Render()
        capabilities = self._window.ReportCapabilities() or ""
        names = [line.split(":", 1)[1].strip() for line in capabilities.splitlines() if "renderer string" in line]
        self.renderer = names[0] if names else "unknown"
        self._software = any(each in self.renderer.lower() for each in SOFTWARE)
        self._volumes: OrderedDict[int, _Volume] = OrderedDict()
        self._shells = Shells(self._renderer)
        self._unwanted: Callable[[], bool] = bool
        self._stopped = False
        self._window.AddObserver(vtkCommand.AbortCheckEvent, self._look)

    def forget(self, inode: int) -> None:
        """Let go of a volume, and of its memory."""
        volume = self._volumes.pop(inode, None)
        if volume is not None:
            self._renderer.RemoveVolume(volume.actor)
            volume.actor.ReleaseGraphicsResources(self._window)

    def draw(self, request: Request, unwanted: Callable[[], bool]) -> tuple[Drawn, bytes]:
        """The picture of a request as bytes of 0xffRRGGBB from the top row down, or word that it was stopped."""
        began = time.perf_counter()
        volume = self._on_stage(request.source, request.scene)
        if unwanted():  # VTK looks whether it is only once all directions are worked out, which takes longest
            return Drawn(request.number, request.size, 0.0, volume.half, stopped=True), b""
        self._look_with(request.scene.camera, request.size)
        self._shine(request.scene)
        volume.show(request.scene, coarse=request.coarse)
        self._shells.show(request.scene, np.asarray(request.source.matrix))
        self._unwanted, self._stopped = unwanted, False
        pixels = self._blended(volume, request.size) if self._shells.blended else self._rendered(request.size)
        half = volume.half
        for each in request.scene.overs:
            if not self._stopped:
                pixels = laid_over(pixels, self._over(each, request), each)
        self._unwanted = bool
        ms = (time.perf_counter() - began) * 1000
        volume.took(ms, request.coarse)
        if self._stopped:
            self._window.SetAbortRender(0)
            return Drawn(request.number, request.size, ms, half, stopped=True), b""
        return Drawn(request.number, request.size, ms, half, volume.why_half, steps=volume.steps), pixels.tobytes()

    def _rendered(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        self._window.Render()
        return self._pixels(size)

    def _blended(self, volume: "_Volume", size: tuple[int, int]) -> NDArray[np.uint8]:
        solid = self._rendered(size)
        with self._shells.away():
            without = solid if self._stopped else self._rendered(size)
        volume.actor.SetVisibility(False)
        with self._shells.weights():
            weights = self._rendered(size)
        volume.actor.SetVisibility(True)
        return blended(solid, without, weights)

    def _over(self, over: Over, request: Request) -> NDArray[np.uint8]:
        """The greys of a volume that is laid over the first: alone, cut by the same plane."""
        scene = replace(request.scene, transfer=over.transfer, crop=None, cuts=(), shells=(), overs=())
        source = Source(over.block, over.matrix, over.rescale, over.arrived)
        other = self._on_stage(source, scene)
        other.show(scene, coarse=request.coarse)
        with self._shells.away():
            return self._rendered(request.size)

    def _look(self, *_: Any) -> None:
        if not self._stopped and self._unwanted():
            self._stopped = True
            self._window.SetAbortRender(1)

    def _on_stage(self, source: Source, scene: Scene) -> "_Volume":
        """The volume of a source, alone on stage; of those drawn before the last few are kept."""
        inode = source.block.inode
        volume = self._volumes.get(inode)
        left = Left.of(scene, self._quick)
        points = stored_points(scene.in_force, source.rescale)
        same = volume is not None and (volume.source, volume.left) == (source, left)
        if volume is None or not same or not volume.has_all_of(points):
            self.forget(inode)
            while len(self._volumes) >= KEPT:
                self.forget(next(iter(self._volumes)))
            wider = WIDER if same else WIDE
            volume = self._volumes[inode] = _Volume(source, left, points, wider, self._quick, self._software)
            self._renderer.AddVolume(volume.actor)
        self._volumes.move_to_end(inode)
        for each in self._volumes.values():
            each.actor.SetVisibility(each is volume)
        return volume

    def _look_with(self, camera: Camera, size: tuple[int, int]) -> None:
        if self._window.GetSize() != size:
            self._window.SetSize(*size)
        eye = self._renderer.GetActiveCamera()
        eye.SetFocalPoint(*camera.focus_lps)
        eye.SetPosition(*camera.eye_lps)
        eye.SetViewUp(*camera.up)
        eye.SetParallelProjection(camera.is_parallel)
        high_mm = size[1] / camera.px_per_mm(*size)  # VTK counts from top to bottom
        eye.SetParallelScale(high_mm / 2)
        if not camera.is_parallel:
            eye.SetViewAngle(float(np.degrees(2 * np.arctan(high_mm / 2 / camera.distance_mm))))
        self._renderer.ResetCameraClippingRange()

    def _shine(self, scene: Scene) -> None:
        """One light that goes with the eye, from its left and above."""
        camera, (left, above) = scene.camera, np.radians(scene.light_deg)
        direction = (
            np.asarray(camera.towards) * np.cos(left) * np.cos(above)
            + np.asarray(camera.right) * np.sin(left)
            - np.asarray(camera.up) * np.sin(above)
        )
        focus = np.asarray(camera.focus_lps)
        self._light.SetFocalPoint(*focus)
        self._light.SetPosition(*(focus - direction / np.linalg.norm(direction) * camera.distance_mm))

    def _pixels(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        found = vtkUnsignedCharArray()
        self._window.GetRGBACharPixelData(0, 0, size[0] - 1, size[1] - 1, 0, found, 0)
        rows = vtk_to_numpy(found).reshape(size[1], size[0], 4)[::-1]  # type: ignore[no-untyped-call]
        pixels = np.full(rows.shape, 255, np.uint8)  # what is read has no alpha where nothing is seen
        pixels[..., :3] = rows[..., 2::-1]
        return pixels


class _Volume:
    """One volume as VTK has it: its voxels in place or halved, mapper, and what it was shown with last."""

    def __init__(self, source: Source, left: Left, points: Points, wider: float, quick: bool, software: bool) -> None:
        """`points`: the opacities it is made for, as `Extremes.seen` takes them."""
        self.source, self.left = source, left
        stored = mapped(source.block)
        self.why_half = MEMORY if source.halve or (not quick and _is_tight(stored)) else ""
        self.half = bool(self.why_half) or (quick and software and stored.size > QUICK_VOXELS)
        self._software = software
        self._stored = halved(stored) if self.half else stored
        self._scale = 2 if self.half else 1
        leave(self._stored, left, source.rescale, self._scale)
        matrix = np.asarray(source.matrix)
        self._spacing = np.linalg.norm(matrix[:3, :3], axis=0)
        self.steps, self._first = 1, (0, 0, 0)
        self._filled: float | None = None
        self._extremes = Extremes.of(self._stored) if left.smooth and is_lit_by_neighbours(self._stored) else None
        if self._extremes is not None:
            self._made_for, self._seen = points, self._extremes.seen(points, wider)
            self._leave_out(self._extremes.unseen_value(points))
        elif left.smooth:
            self._refine()
        self._image = self._as_image()
        self.mapper = vtkFixedPointVolumeRayCastMapper() if software else vtkGPUVolumeRayCastMapper()
        self.mapper.SetInputData(self._image)
        self.mapper.SetAutoAdjustSampleDistances(0)
        self.actor = vtkVolume()
        self.actor.SetMapper(self.mapper)
        self.actor.SetUserMatrix(self._placed(matrix))
        self._property = vtkVolumeProperty()
        self._property.SetInterpolationTypeToLinear()
        self.actor.SetProperty(self._property)
        self._transfer: TransferFunction | None = None
        self._sparse = 2.0

    def _leave_out(self, unseen: float | None) -> None:
        """Refine only what is seen."""
        box = box_of(self._seen, self._stored.shape)
        self._stored = self._stored[box]
        self._first = (box[2].start, box[1].start, box[0].start)
        self._refine()
        if unseen is not None:
            fill_unseen(self._stored, self._seen, box, self.steps, unseen)
            self._filled = unseen

    def _refine(self) -> None:
        steps = steps_between(self._stored.shape, self._spacing) if not self.half else 1
        self.steps = 1 if steps > 1 and _is_tight(self._stored, steps) else steps
        self._stored = refined(self._stored, self.steps) if self.steps > 1 else np.ascontiguousarray(self._stored)

    def has_all_of(self, points: Points) -> bool:
        """Whether everything is there that such opacities let see, and nothing else."""
        if self._extremes is None or points == self._made_for:
            return True
        if self._filled not in (None, self._extremes.unseen_value(points)):
            return False
        if np.any(self._extremes.seen(points) & ~self._seen):
            return False
        self._made_for = points
        return True

    def _as_image(self) -> vtkImageData:
        slices, rows, columns = self._stored.shape
        image = vtkImageData()
        image.SetDimensions(columns, rows, slices)
        along, down, between = (float(each) * self._scale for each in self._spacing)
        image.SetSpacing(along, down, between / self.steps)
        places = (first * self._scale + (self._scale - 1) / 2 for first in self._first)
        image.SetOrigin(*(at * float(each) for at, each in zip(places, self._spacing, strict=True)))
        image.GetPointData().SetScalars(numpy_to_vtk(self._stored.reshape(-1)))  # type: ignore[no-untyped-call]
        return image

    def _placed(self, matrix: NDArray[np.float64]) -> vtkMatrix4x4:
        """From millimetres along the volume's own axes to the patient; axes may be left-handed or sheared."""
        placed = vtkMatrix4x4()
        directions = matrix[:3, :3] / self._spacing
        for row in range(3):
            for column in range(3):
                placed.SetElement(row, column, float(directions[row, column]))
            placed.SetElement(row, 3, float(matrix[row, 3]))
        return placed

    def show(self, scene: Scene, coarse: bool) -> None:
        self._dress(scene.in_force)
        self._cut(scene)
        step = scene.in_force.step
        finest = float(self._spacing.min()) * self._scale
        if self._software:
            self.mapper.SetImageSampleDistance(self._sparse if coarse else DENSEST)
        self.mapper.SetSampleDistance(finest * (max(COARSE_STEP, step) if coarse else step))

    def took(self, ms: float, coarse: bool) -> None:
        """How long a picture took: where that was too long for what moves, the next one has fewer rays."""
        if coarse and self._software:
            self._sparse = min(max(self._sparse * (ms / QUICK_MS) ** 0.5, DENSEST), SPARSEST)

    def _dress(self, transfer: TransferFunction) -> None:
        if transfer == self._transfer:
            return
        self._transfer = transfer
        slope, intercept = self.source.rescale
        opacity, colours = vtkPiecewiseFunction(), vtkColorTransferFunction()
        for value, each in transfer.opacity:
            opacity.AddPoint((value - intercept) / slope, each)
        (least, *darkest), (most, *brightest) = transfer.colours[0], transfer.colours[-1]
        for value, red, green, blue in (
            (least - BEYOND, *darkest),
            *transfer.colours,
            (most + BEYOND, *brightest),
        ):
            colours.AddRGBPoint((value - intercept) / slope, red / 255, green / 255, blue / 255)
        self._property.SetScalarOpacity(opacity)
        self._property.SetColor(colours)
        self._property.SetScalarOpacityUnitDistance(transfer.unit_mm)
        if transfer.mode is Mode.MIP:
            self.mapper.SetBlendModeToMaximumIntensity()
        elif transfer.mode is Mode.MINIP:
            self.mapper.SetBlendModeToMinimumIntensity()
        else:
            self.mapper.SetBlendModeToComposite()
        shading = transfer.shading
        self._property.SetShade(shading is not None)
        if shading is not None:
            self._property.SetAmbient(shading.ambient)
            self._property.SetDiffuse(shading.diffuse)
            self._property.SetSpecular(shading.specular)
            self._property.SetSpecularPower(shading.shininess)

    def _cut(self, scene: Scene) -> None:
        crop = scene.crop
        self.mapper.SetCropping(crop is not None)
        if crop is not None:
            ends = zip(crop.low, crop.high, self._spacing, strict=True)
            planes = [float(each * spacing) for low, high, spacing in ends for each in (low, high)]
            self.mapper.SetCroppingRegionPlanes(*planes)
            self.mapper.SetCroppingRegionFlagsToSubVolume()
        self.mapper.RemoveAllClippingPlanes()
        if scene.plane is not None:
            plane = vtkPlane()
            plane.SetOrigin(*scene.plane.point_lps)
            plane.SetNormal(*scene.plane.normal)
            self.mapper.AddClippingPlane(plane)


def laid_over(below: NDArray[np.uint8], greys: NDArray[np.uint8], over: Over) -> NDArray[np.uint8]:
    """A picture of bytes (height, width, 4) with another's greys over it in the colours of `over`."""
    grey = greys[..., 0]
    packed = np.asarray(over.colours, dtype=np.uint32)[grey]
    share = (grey.astype(np.float32) * np.float32(over.opacity / 255))[..., None]
    colours = np.stack([packed & 255, packed >> 8 & 255, packed >> 16 & 255], axis=-1).astype(np.float32)
    mixed = below.copy()
    mixed[..., :3] = np.rint(below[..., :3] * (1 - share) + colours * share)
    return mixed


def _is_tight(stored: NDArray[Any], times: int = 1) -> bool:
    """Whether what shading takes beside the voxels, or so many `times` as much, does not fit well into free memory."""
    from pathlib import Path

    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return False
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
    return free is not None and stored.size * 3 * times > free * 0.6
