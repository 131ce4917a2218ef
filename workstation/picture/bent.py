"""Layers that a deformable registration bends: their voxels are sampled once on a grid in the space of the tile.

What is rigid or affine needs none of this (`imaging.alignment.moved`). The values that are told and counted stay those
of the stored voxels, looked up through the field.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from workstation import jobs
from workstation.errors import Cancelled
from workstation.imaging.alignment import Laid
from workstation.imaging.geometry import Grid
from workstation.imaging.greyscale import Rescale
from workstation.imaging.padded import PaddedBlocks
from workstation.imaging.sampling import at_points
from workstation.imaging.sides import Sides
from workstation.imaging.uneven import Uneven
from workstation.imaging.volume import Voxels
from workstation.picture.fused import LoadedLayer

MOST_KEPT: Final = 3
"""Bent layers that are held, the last used ones."""

MOST_VOXELS: Final = 1 << 26
"""A grid with more is made coarser: 256 MiB of values."""

FAILED: Final = "It could not be bent as its registration says."

Key = tuple[str, bool, str]
_kept: OrderedDict[Key, tuple[Voxels, LoadedLayer | None]] = OrderedDict()
"""By registration, direction and set: the voxels it was made from, and what came of it; None while it is made. Of the
main thread alone."""


def bent(laid: Laid, grid: Grid, voxels: Voxels, came: Callable[[], None]) -> LoadedLayer:
    """A layer bent as `laid` says; without voxels while they are not there, and then `came` is called once they are.

    `grid` is where the layer lies without being bent. On the main thread.
    """
    key = (laid.uid, laid.backwards, voxels.display_set.key)
    source, made = _kept.get(key, (None, None))
    if source is not voxels:
        if not voxels.whole:
            return LoadedLayer(None, grid)
        _kept[key] = (voxels, None)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
        jobs.run(
            "Bend a layer",
            lambda job: warped(voxels, laid, grid, job.progress),
            partial(_made, key, voxels, came),
            partial(_failed, key, voxels, came),
        )
        return LoadedLayer(None, grid)
    _kept.move_to_end(key)
    return made if made is not None else LoadedLayer(None, grid)


def is_bending() -> bool:
    """Whether any layer is still being bent; for the command line, which waits."""
    return any(made is None for _, made in _kept.values())


def forget() -> None:
    """Let go of all, with the case."""
    _kept.clear()


def _made(key: Key, source: Voxels, came: Callable[[], None], made: tuple[Voxels, Grid]) -> None:
    if _kept.get(key, (None, None))[0] is source:
        _kept[key] = (source, LoadedLayer(*made, stored=source))
        came()


def _failed(key: Key, source: Voxels, came: Callable[[], None], error: Exception) -> None:
    if _kept.get(key, (None, None))[0] is source:
        if isinstance(error, Cancelled):
            del _kept[key]
            return
        _kept[key] = (source, LoadedLayer(None, None, FAILED))
        came()


def warped(voxels: Voxels, laid: Laid, grid: Grid, progress: Callable[[int, int], None]) -> tuple[Voxels, Grid]:
    """Modality values (float32, NaN where there is none) on a grid of the fixed frame that holds all of the layer."""
    target = _roomy(grid, laid)
    lattice = voxels.display_set.lattice
    assert lattice is not None  # noqa: S101  only volumes are layers
    columns, rows, images = target.size
    values = np.empty((images, rows, columns), np.float32)
    index = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    flat = np.column_stack([index, np.zeros(len(index)), np.ones(len(index))]).astype(np.float64)
    for image in range(images):
        progress(image, images)
        flat[:, 2] = image
        points = laid.to_moving((flat @ target.lps_from_index.T)[:, :3])
        found = at_points(voxels.stored, lattice, points, voxels.padding)
        plane = voxels.rescale.apply(found.values)
        plane[~found.known] = np.nan
        values[image] = plane.reshape(rows, columns)
    return replace(
        voxels,
        stored=values,
        filled=np.ones(images, np.bool_),
        rescale=Rescale(),
        padding=None,
        looks=[],
        percentile_windows={},
        breasts={},
        padded=PaddedBlocks(),
        shared=None,
        sides=Sides(),
    ), target


def _roomy(grid: Grid, laid: Laid) -> Grid:
    """A regular grid as fine as the layer's own, as much larger as the field shifts at most, within `MOST_VOXELS`."""
    shift = float(np.abs(laid.field.shifts_mm).max()) if laid.field is not None else 0.0
    size = [*grid.size]
    if isinstance(grid, Uneven):
        size[2] = round(grid.places_mm[-1] / grid.spacing[2]) + 1
    margin = [int(np.ceil(shift / each)) for each in grid.spacing]
    size = [count + 2 * more for count, more in zip(size, margin, strict=True)]
    plain = Grid(grid.origin_lps, grid.axes, grid.spacing, grid.size)
    origin = plain.point((-float(margin[0]), -float(margin[1]), -float(margin[2])))
    coarser = max(1.0, (float(np.prod(size, dtype=np.float64)) / MOST_VOXELS) ** (1 / 3))
    spacing = (grid.spacing[0] * coarser, grid.spacing[1] * coarser, grid.spacing[2] * coarser)
    fewer = [max(1, int(np.ceil((count - 1) / coarser)) + 1) for count in size]
    return Grid(origin, grid.axes, spacing, (fewer[0], fewer[1], fewer[2]))
