"""The layers of a tile: sampled in its own screen plane where they lie in the patient, coloured, and laid over it.

A layer goes through its own window and then its palette, and only then is it blended (PS3.4 N.2.6). What it samples is
its stored voxels, once, at the pixels of the screen; no other grid comes between.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.state import TileView
from workstation.case.tile import LayerView, Tile
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.greyscale import Chain, Window, as_window, stored_patterns
from workstation.imaging.layers import Blend, Layer, ends_of
from workstation.imaging.oblique import THIN
from workstation.imaging.view import ScreenPlane
from workstation.imaging.volume import Voxels
from workstation.picture.chain import chain_in_force
from workstation.render.blend import (
    RGB32,
    Mask,
    both,
    coloured,
    differing,
    either,
    in_circle,
    laid_over,
    mixed_over_grey,
)
from workstation.render.planar import Sampled, sample

GLASS: Final = 0.22
"""Radius of a spyglass beside the smaller side of its tile."""


@dataclass(frozen=True, eq=False)
class LoadedLayer:
    """What is in memory of a layer's set: `grid` is where these voxels lie in the space of the tile."""

    voxels: Voxels | None
    grid: Grid | None
    problem: str = ""
    stored: Voxels | None = None
    """The set's own voxels, where those that are drawn were bent."""


NOT_LOADED: Final = LoadedLayer(None, None)


@dataclass(frozen=True, eq=False)
class LayerPixels:
    """A layer in the screen plane of a tile; `sampled` and what follows from it are None where none of it is drawn.

    `placed` is all that `sampled` follows from, but how much had `arrived` while it lacks something.
    """

    view: LayerView
    loaded: LoadedLayer
    sampled: Sampled | None = None
    chain: Chain | None = None
    levels: NDArray[np.uint8] | None = None
    nothing: Mask | None = None
    placed: tuple[Any, ...] = ()
    arrived: int = 0
    image: int = 0
    """The image of the layer that is nearest to where the tile looks."""

    @property
    def drawn(self) -> bool:
        return self.levels is not None

    @property
    def lacks(self) -> bool:
        """Whether anything of it that belongs here has not arrived."""
        if self.sampled is None:
            return not self.view.why_not and not self.view.layer.hidden and not self.loaded.problem
        return self.sampled.missing is not None

    @property
    def window(self) -> Window | None:
        return as_window(self.chain.voi) if self.chain else None


def layer_pixels(
    view: TileView, loaded: Sequence[LoadedLayer], screen: ScreenPlane, before: Sequence[LayerPixels] = ()
) -> tuple[LayerPixels, ...]:
    """The layers of a tile, the lowest first; what was sampled for the picture `before` is used again."""
    known = {each.view.layer.display_set: each for each in before}
    given = (*loaded, *(NOT_LOADED for _ in view.layers))
    return tuple(
        _pixels(view, each, voxels, screen, known.get(each.layer.display_set))
        for each, voxels in zip(view.layers, given, strict=False)
    )


def _pixels(
    view: TileView, layer: LayerView, loaded: LoadedLayer, screen: ScreenPlane, before: LayerPixels | None
) -> LayerPixels:
    voxels, grid = loaded.voxels, loaded.grid
    if voxels is None or grid is None or layer.why_not or layer.layer.hidden or not voxels.arrived:
        return LayerPixels(layer, loaded)
    slab = view.tile.slab if view.tile.orientation else THIN
    display, arrived = layer.layer.display, voxels.arrived
    placed = (screen, grid, display.interpolation, slab, view.coarse)
    same = before if before is not None and before.loaded.voxels is voxels and before.placed == placed else None
    if same is not None and same.sampled is not None and same.sampled.missing is not None and same.arrived != arrived:
        same = None
    image = nearest_image(view, layer, layer.grid or grid)
    chain = layer_chain(view, layer, voxels, image)
    if same is not None and same.sampled is not None:
        sampled = same.sampled
        if same.chain == chain and same.view.layer.clear_below == layer.layer.clear_below:
            return replace(same, view=layer, loaded=loaded, image=image)
    else:
        padding, filled = voxels.padding, voxels.filled
        interpolation, blocks = display.interpolation, voxels.padded
        sampled = sample(voxels.stored, grid, screen, interpolation, padding, filled, slab, view.coarse, blocks)
    levels, nothing = _levels(sampled, chain, layer.layer)
    return LayerPixels(layer, loaded, sampled, chain, levels, nothing, placed, arrived, image)


def nearest_image(view: TileView, layer: LayerView, grid: Grid) -> int:
    """The image of a layer that lies nearest to the crosshair of a plane, or to the middle of an image."""
    looked_at = view.crosshair_lps if view.tile.orientation and view.crosshair_lps else view.plane.center_lps
    return min(max(round(grid.index(looked_at)[2]), 0), len(layer.display_set.images) - 1)


def alone(view: TileView, layer: LayerView, image: int) -> TileView:
    """A layer as a tile of its own would show it, at one of its images."""
    tile = Tile(layer.layer.display_set, None, image, display=layer.layer.display)
    return TileView(view.number, tile, layer.display_set, None, False, False)


def in_hand(view: TileView) -> TileView:
    """A tile as what changes light sees it: the layer in hand alone, or the tile itself."""
    for each in view.layers:
        if each.layer.display_set == view.tile.in_hand and each.grid is not None:
            return alone(view, each, nearest_image(view, each, each.grid))
    return view


def layer_chain(view: TileView, layer: LayerView, voxels: Voxels, image: int) -> Chain:
    """What turns a layer's values into its colours: as its own tile would, but never turned round by convention."""
    chain = chain_in_force(alone(view, layer, image), voxels)
    palette = "" if shows_difference(view) else layer.layer.display.palette
    return replace(chain, inverted=layer.layer.display.inverted, palette=palette)


def _levels(sampled: Sampled, chain: Chain, layer: Layer) -> tuple[NDArray[np.uint8], Mask | None]:
    """The levels of a layer in its palette, and where there are none to be laid over anything."""
    values = sampled.values
    small = values.dtype.itemsize <= 2 and values.dtype.kind in "iu"
    if small:
        table = _table(chain, values.dtype.str)
        levels = np.take(table, values.view(f"u{values.dtype.itemsize}"), mode="wrap")
    else:
        levels = chain.grey(values)
    below = None
    if layer.clear_below:
        below = _below(values, chain, ends_of(as_window(chain.voi))[0], small)
    return levels, either(sampled.nothing, sampled.missing, below)


@lru_cache(maxsize=64)
def _table(chain: Chain, dtype: str) -> NDArray[np.uint8]:
    return chain.grey(stored_patterns(np.dtype(dtype)))


def _below(values: NDArray[Any], chain: Chain, low: float, small: bool) -> Mask:
    """Where modality values are below the lower end of a window."""
    if small and chain.modality is None and chain.rescale.slope > 0:
        return np.asarray(values < (low - chain.rescale.intercept) / chain.rescale.slope)
    return np.asarray(chain.values(values) < low)


def fused(
    base: RGB32, nothing: Mask | None, missing: Mask | None, layers: Sequence[LayerPixels], is_grey: bool
) -> RGB32:
    """A picture, in greys or colours, with its layers over it; `nothing` is where the picture itself has no value.

    Where its image has not arrived (`missing`) it stays as it is, hatched, whatever could be laid over it.
    """
    drawn, empty = base, nothing
    for each in layers:
        if each.levels is not None and each.chain is not None:
            drawn, empty = _one_over(drawn, empty, each, each.levels, each.chain.palette, is_grey and drawn is base)
    if missing is not None and drawn is not base:
        np.copyto(drawn, base, where=missing)
    return drawn


def _one_over(
    below: RGB32,
    empty: Mask | None,
    pixels: LayerPixels,
    levels: NDArray[np.uint8],
    palette: str,
    is_grey: bool,
) -> tuple[RGB32, Mask | None]:
    """A layer over what is below it, and where nothing has a value still."""
    layer, nothing = pixels.view.layer, pixels.nothing
    if layer.blend is Blend.DIFFERENCE:
        grey = below.view(np.uint8).reshape(*below.shape, 4)[..., 1]
        return differing(levels, grey, either(empty, nothing)), None
    if layer.blend is Blend.MIX and is_grey and 0 < layer.opacity < 1:
        out = mixed_over_grey(levels, palette, below, layer.opacity)
        lone = empty if empty is None or nothing is None else empty & ~nothing
        if lone is not None and lone.any():  # mostly a rim where one reaches beyond the other: the whole takes longer
            out[lone] = coloured(levels[lone], palette)
        if nothing is not None:
            np.copyto(out, below, where=nothing)
        return out, both(empty, nothing)
    colours = coloured(levels, palette)
    if layer.blend is Blend.MIX:
        return laid_over(colours, below, layer.opacity, nothing, empty), both(empty, nothing)
    alone = laid_over(colours, below, 1.0, nothing, empty)
    where = shown_in(layer, below.shape)
    if where is None:
        return alone, both(empty, nothing)
    return np.where(where, alone, below), both(empty, either(~where, nothing))


def shown_in(layer: Layer, shape: tuple[int, ...]) -> Mask | None:
    """The part of a tile of (height, width) that a layer is shown in alone; None for all of it."""
    height, width = shape[:2]
    if layer.blend is Blend.SWIPE:
        return np.broadcast_to(np.arange(width)[None, :] >= layer.at[0] * width, (height, width))
    if layer.blend is Blend.SPYGLASS:
        return in_circle((height, width), (layer.at[0] * width, layer.at[1] * height), glass_px((width, height)))
    return None


def glass_px(size: tuple[int, int]) -> float:
    """Radius of a spyglass on a tile of (width, height), device pixels."""
    return GLASS * min(size)


def value_at(pixels: LayerPixels, point_lps: Vec3) -> float | None:
    """The stored value of a layer at a point of the tile's space; None where there is none."""
    loaded, view = pixels.loaded, pixels.view
    voxels, lattice = loaded.stored or loaded.voxels, view.display_set.lattice
    if voxels is None or lattice is None or view.laid is None or not pixels.drawn:
        return None
    i, j, k = (math.floor(each + 0.5) for each in lattice.index(view.laid.point_to_moving(point_lps)))
    columns, rows, images = lattice.size
    if not (0 <= i < columns and 0 <= j < rows and 0 <= k < images) or not voxels.filled[k]:
        return None
    value = float(voxels.values(k, (slice(j, j + 1), slice(i, i + 1)))[0, 0])
    return None if math.isnan(value) else value


def shows_difference(view: TileView) -> bool:
    """Whether greys are compared, so that nothing has a palette."""
    return any(each.layer.blend is Blend.DIFFERENCE and not each.layer.hidden for each in view.layers)
