"""The layers of a tile as volumes over its own in 3D: a PET as its brightest values, other series as surfaces."""

import weakref
from collections.abc import Sequence
from typing import Final

import numpy as np

from workstation.case.tile import LayerView, TileView
from workstation.imaging.geometry import Grid
from workstation.imaging.greyscale import as_window
from workstation.imaging.layers import ends_of
from workstation.imaging.palettes import palette
from workstation.imaging.scene import Over
from workstation.imaging.shared import BlockHandle
from workstation.imaging.transfer import Mode, Shading, TransferFunction
from workstation.imaging.uneven import Uneven
from workstation.imaging.volume import Voxels
from workstation.picture.chain import voi_in_force
from workstation.picture.fused import LoadedLayer, alone
from workstation.render.volume_process import let_go

BRIGHTEST: Final = ("PT", "NM")
"""Modalities whose values have no surface."""

TINT: Final = (90, 170, 255)
"""What a layer is drawn in that has no palette of its own: a blue that bone and vessels have not."""

STEPS: Final = 8
NO_DEPTH: Final = "What is laid over in 3D is drawn by itself: what lies before it does not hide it."

_followed: set[int] = set()


def overs_of(view: TileView, layered: Sequence[LoadedLayer]) -> tuple[tuple[Over, ...], tuple[str, ...]]:
    """The layers that can be drawn now, and sentences about them and about those that cannot."""
    found, sentences = [], []
    for layer, loaded in zip(view.layers, layered, strict=False):
        if layer.layer.hidden:
            continue
        over = _over(view, layer, loaded)
        if over is not None:
            found.append(over)
        else:
            sentences.append(
                layer.why_not or loaded.problem or f"{layer.display_set.first.Modality} is not laid over yet."
            )
    return tuple(found), (*((NO_DEPTH,) if found else ()), *sentences)


def _over(view: TileView, layer: LayerView, loaded: LoadedLayer) -> Over | None:
    voxels, grid = loaded.voxels, loaded.grid
    if voxels is None or grid is None or voxels.shared is None or layer.why_not or not voxels.arrived:
        return None
    if voxels.is_colour or isinstance(grid, Uneven):
        return None
    follow(voxels, voxels.shared)
    image = len(layer.display_set.images) // 2
    factor = voxels.factor(image)
    low, high = (each / factor for each in ends_of(as_window(voi_in_force(alone(view, layer, image), voxels))))
    name = layer.layer.display.palette
    lut = palette(name) if name else _tinted()
    total = len(voxels.filled)
    return Over(
        layer.display_set.first.Modality,
        voxels.shared,
        _rows(grid),
        (voxels.rescale.slope, voxels.rescale.intercept),
        total if voxels.whole else voxels.arrived * STEPS // total,
        _transfer(layer, low, max(high, low + 1e-6)),
        tuple(int(each) & 0xFFFFFF for each in lut),
        layer.layer.opacity,
    )


def _transfer(layer: LayerView, low: float, high: float) -> TransferFunction:
    """In greys: from nothing at one end of the window to all at the other."""
    if layer.display_set.first.Modality in BRIGHTEST:
        white = ((low, 255, 255, 255), (high, 255, 255, 255))
        return TransferFunction(((low, 0.0), (high, 1.0)), white, Mode.MIP, step=1.0)
    middle = (low + high) / 2
    white = ((low, 200, 200, 200), (high, 255, 255, 255))
    return TransferFunction(((middle, 0.0), (high, 0.8)), white, Mode.COMPOSITE, Shading(), unit_mm=0.7, step=1.0)


def _tinted() -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    part = np.arange(256) / 255
    red, green, blue = (np.rint(part * each).astype(np.uint32) for each in TINT)
    return red << np.uint32(16) | green << np.uint32(8) | blue


def _rows(grid: Grid) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(each) for each in row) for row in grid.lps_from_index)


def follow(voxels: Voxels, handle: BlockHandle) -> None:
    """When the voxels are gone here, the render process lets go of them too."""
    if handle.inode not in _followed:
        _followed.add(handle.inode)
        weakref.finalize(voxels, _gone, handle.inode)


def _gone(inode: int) -> None:
    _followed.discard(inode)
    let_go(inode)
