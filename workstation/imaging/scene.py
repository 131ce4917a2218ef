"""What a 3D tile shows, as a value: camera, transfer function, light, and what is cut away."""

import math
from dataclasses import dataclass, replace
from typing import Final

from workstation.imaging.camera import PERSPECTIVE_DEG, Camera
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.shared import BlockHandle
from workstation.imaging.transfer import TransferFunction

SMALLEST_BOX: Final = 2.0
"""Voxels that a crop box keeps at least along each axis."""

BED, BONES, NOT_LARGEST = "bed", "bones", "all but the largest part"
"""Names of cuts that were searched for; any other was drawn."""


@dataclass(frozen=True)
class CropBox:
    """What is kept: from `low` to `high` in voxels of the volume (i, j, k), outer edges at -0.5 and size - 0.5."""

    low: Vec3
    high: Vec3

    def holds(self, grid: Grid | None) -> bool:
        """Whether it keeps all voxels of a grid."""
        sizes = grid.size if grid is not None else (math.inf,) * 3
        low = all(each <= -0.5 for each in self.low)
        return low and all(high >= size - 0.5 for high, size in zip(self.high, sizes, strict=True))


@dataclass(frozen=True)
class ClipPlane:
    """Only what lies on the side that `normal` points to is shown."""

    point_lps: Vec3
    normal: Vec3


@dataclass(frozen=True)
class Cut:
    """Voxels taken away: a mask kept in memory, shape (slices, rows, columns) of bytes, 1 where nothing is shown.

    `name` says what was cut, `serial` tells two cuts apart.
    """

    name: str
    serial: int
    mask: BlockHandle


@dataclass(frozen=True)
class Shell:
    """The surface of a segment, in shared memory: `points` float32 (n, 3) LPS mm, `triangles` int32 (m, 3).

    `serial` tells two surfaces apart, whatever they look like; `opacity` is 0 to 1. `colours`, uint8 (n, 3), are of
    its points where they have their own.
    """

    name: str
    serial: int
    points: BlockHandle
    triangles: BlockHandle
    colour: tuple[int, int, int]
    opacity: float
    colours: BlockHandle | None = None


@dataclass(frozen=True)
class Over:
    """Another volume of the same space, drawn alone and laid over the picture: a PET over a CT, one phase over another.

    `matrix` and `rescale` are as those of the first volume, `transfer` shows it in greys, `colours` are what 256 greys
    become, 0xRRGGBB. As bright as it is, times `opacity`, so much it hides.
    """

    name: str
    block: BlockHandle
    matrix: tuple[tuple[float, ...], ...]
    rescale: tuple[float, float]
    arrived: int
    transfer: TransferFunction
    colours: tuple[int, ...]
    opacity: float


@dataclass(frozen=True)
class Scene:
    """`transfer` is None while it is as `preset` has it, which may hang on the values of the series.

    `crosshair`: whether it is drawn.
    """

    camera: Camera
    preset: str
    transfer: TransferFunction | None = None
    shaded: bool = True
    light_deg: tuple[float, float] = (25.0, 30.0)
    """Where the light comes from: to the left of the eye and above it."""
    crop: CropBox | None = None
    plane: ClipPlane | None = None
    cuts: tuple[Cut, ...] = ()
    crosshair: bool = True
    box: bool = False
    """Whether the crop box and its handles are drawn."""
    shells: tuple[Shell, ...] = ()
    """Put in by who draws, of the segments that are shown; a scene of a tile has none."""
    overs: tuple[Over, ...] = ()
    """Put in by who draws, of the tile's layers, the lowest first."""

    @property
    def in_force(self) -> TransferFunction:
        """The transfer function with its light, or without where that is switched off; of a scene that has one."""
        assert self.transfer is not None  # noqa: S101  who draws has worked it out
        return self.transfer if self.shaded else replace(self.transfer, shading=None)

    def with_perspective(self, wanted: bool) -> "Scene":
        return replace(self, camera=replace(self.camera, perspective_deg=PERSPECTIVE_DEG if wanted else 0.0))
