"""A head built of layers: which tissue fills which share of each voxel, later layers lying over earlier ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy.canvas import Field
from workstation.phantom.anatomy.solids import Distance, Ellipsoid, Tube

Image = NDArray[np.float32]
Box = tuple[slice, slice, slice]
Solid = Callable[[Image, Image, Image], Distance]
# Space of the random fields (z, y, x): the same whatever voxels look into it.
_FIELD_BOX_MM = ((-170.0, 110.0), (-120.0, 140.0), (-100.0, 100.0))
EVERYWHERE: Box = (slice(None), slice(None), slice(None))


@dataclass(frozen=True)
class Layer:
    """`cover` is 255 where the tissue fills the whole voxel."""

    tissue: str
    box: Box
    cover: NDArray[np.uint8]


@dataclass
class Layers:
    """Voxels of `step_mm`, axes z, y, x; `x`, `y` and `z` (slices, rows, columns) are LPS in mm and gently warped.

    `coarse` and `fine` are random fields of mean 0 and deviation 1 with grains of about 11 and 4 mm.
    """

    x: Image
    y: Image
    z: Image
    coarse: Image
    fine: Image
    axes_mm: tuple[Image, Image, Image]
    step_mm: float
    layers: list[Layer] = field(default_factory=list)

    def near(self, low: tuple[float, float, float], high: tuple[float, float, float]) -> Box:
        """Voxels between two LPS corners, and a margin."""
        z, y, x = (
            slice(*(int(i) for i in np.searchsorted(axis, (low[k] - 6, high[k] + 6))))
            for axis, k in zip(self.axes_mm, (2, 1, 0), strict=True)
        )
        return z, y, x

    def box_of(self, solid: Ellipsoid | Tube) -> Box:
        """Voxels that a solid may touch."""
        if isinstance(solid, Tube):
            knots = np.array(solid.knots)
            low, high = (knots[:, :3] - knots[:, 3:]).min(axis=0), (knots[:, :3] + knots[:, 3:]).max(axis=0)
        else:
            reach = max(solid.radii_mm) if solid.axes else np.array(solid.radii_mm)
            low, high = np.array(solid.center_lps) - reach, np.array(solid.center_lps) + reach
        return self.near(tuple(low), tuple(high))

    def stretched(self, rng: np.random.Generator, cell_mm: float, times: float, box: Box) -> Image:
        """A random field in the slices of a box, mean 0 and deviation 1, whose grains are longer along z."""
        z, y, x = self.axes_mm
        z = z[box[0]]
        lattice = Field(rng, cell_mm, x, y, (z / np.float32(times)).astype(np.float32), _FIELD_BOX_MM)
        return np.stack([lattice.slice(k) for k in range(len(z))]).astype(np.float32)

    def paint(
        self, tissue: str, solid: Solid, box: Box | None = None, within: Image | None = None, soft_mm: float = 0.0
    ) -> None:
        """Cover the inside of a solid; `within` (0..1, all voxels) restricts it, its edge fades over `soft_mm`."""
        if box is None:
            box = self.box_of(solid) if isinstance(solid, Ellipsoid | Tube) else EVERYWHERE
        distance = solid(self.x[box], self.y[box], self.z[box])
        self.paint_distance(tissue, distance, box, within, soft_mm)

    def paint_distance(
        self,
        tissue: str,
        distance: Distance,
        box: Box = EVERYWHERE,
        within: Image | None = None,
        soft_mm: float = 0.0,
    ) -> None:
        """Cover where the distance (of the voxels of the box) is negative; edges are a voxel wide at least."""
        cover = np.clip(0.5 - distance / max(self.step_mm, soft_mm), 0, 1)
        if within is not None:
            cover = cover * within[box]
        whole = np.rint(cover * 255).astype(np.uint8)
        inner = _bounds(whole)
        if inner is not None:
            moved = tuple(
                slice((outer.start or 0) + part.start, (outer.start or 0) + part.stop)
                for outer, part in zip(box, inner, strict=True)
            )
            self.layers.append(Layer(tissue, (moved[0], moved[1], moved[2]), whole[inner].copy()))

    def pair(self, tissue: str, solid: Ellipsoid | Tube, within: Image | None = None, soft_mm: float = 0.0) -> None:
        """The same on both sides."""
        self.paint(tissue, solid, within=within, soft_mm=soft_mm)
        self.paint(tissue, mirrored(solid), within=within, soft_mm=soft_mm)

    def composed(
        self, values: Mapping[str, float], texture: Mapping[str, float] | None = None, slab: Box = EVERYWHERE
    ) -> Image:
        """The volume where each tissue has its value, varied by its texture; 0 outside the slices of `slab`."""
        image = np.zeros(self.x.shape, np.float32)
        first, last, _ = slab[0].indices(len(image))
        for layer in self.layers:
            start, _, _ = layer.box[0].indices(len(image))
            low, high = max(first, start), min(last, start + len(layer.cover))
            if low >= high:
                continue
            box = (slice(low, high), *layer.box[1:])
            part = image[box]
            grain = (texture or {}).get(layer.tissue, 0.0)
            goal: Image | float = values[layer.tissue]
            if grain:
                goal = self._grain[box] * np.float32(values[layer.tissue] * grain) + np.float32(goal)
            part += (layer.cover[low - start : high - start] * np.float32(1 / 255)) * (goal - part)
        return image

    @cached_property
    def _grain(self) -> Image:
        return 0.6 * (self.coarse + self.fine)


def _bounds(cover: NDArray[np.uint8]) -> Box | None:
    """The smallest box around all that is not 0."""
    spans = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        found = np.flatnonzero(cover.any(axis=others))
        if not len(found):
            return None
        spans.append(slice(int(found[0]), int(found[-1]) + 1))
    return spans[0], spans[1], spans[2]


def mirrored(solid: Ellipsoid | Tube) -> Ellipsoid | Tube:
    """The solid of the other side of the head."""
    if isinstance(solid, Tube):
        return solid.mirrored()
    (x, y, z), axes = solid.center_lps, solid.axes
    turned = None if axes is None else tuple((-a, b, c) for a, b, c in axes)
    return Ellipsoid((-x, y, z), solid.radii_mm, turned)  # type: ignore[arg-type]


def empty_layers(rng: np.random.Generator, axes_mm: tuple[Image, Image, Image], warp_mm: float) -> Layers:
    """No tissue yet; `axes_mm` are the voxels' z, y and x."""
    z, y, x = axes_mm
    shape = (len(z), len(y), len(x))

    def random(cell_mm: float) -> Image:
        lattice = Field(rng, cell_mm, x, y, z, _FIELD_BOX_MM)
        field = np.empty(shape, np.float32)
        for k in range(len(z)):
            field[k] = lattice.slice(k)
        return field

    bends = [warp_mm * np.clip(random(34.0), -2, 2) for _ in range(3)]
    return Layers(
        x=np.broadcast_to(x, shape) + bends[0],
        y=np.broadcast_to(y[:, None], shape) + bends[1],
        z=np.broadcast_to(z[:, None, None], shape) + bends[2],
        coarse=random(11.0),
        fine=random(4.0),
        axes_mm=axes_mm,
        step_mm=float(x[1] - x[0]),
    )
