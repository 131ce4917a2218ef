"""A CT with a PET over it, both made: other voxels, another size, one frame of reference or two."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from tests.case.stacks import beside, stack
from tests.loading.opened import rgb_of
from workstation.case.state import Case, TileView
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale, Window
from workstation.imaging.layers import Layer, ends_window
from workstation.imaging.view import Display, Interpolation, Orientation
from workstation.imaging.volume import Voxels
from workstation.picture.compose import Picture, compose
from workstation.picture.fused import LoadedLayer

SIZE = (180, 150)


def case_of(frame: str = "1.9", modality: str = "PT", **pet: Any) -> tuple[Case, DisplaySet, DisplaySet]:
    """A case with a CT on screen and a coarser set of another series beside it."""
    ct = stack("5", count=24, step_mm=2.5, spacing=(0.9, 1.1), shape=(50, 60))
    given = {"count": 14, "step_mm": 4.0, "spacing": (3.1, 3.7), "shape": (20, 24), "start_mm": 1.0}
    other = stack("7", frame=frame, modality=modality, **{**given, **pet})
    return beside(ct, other), ct, other


def voxels_of(display_set: DisplaySet, values: Any, padding: float | None = None, dtype: Any = np.int16) -> Voxels:
    """A block of a set that holds these values, broadcast."""
    size = (len(display_set.images), *display_set.images[0].shape)
    stored = np.ascontiguousarray(np.broadcast_to(np.asarray(values, dtype), size))
    ends = None if padding is None else (padding, padding)
    return Voxels(display_set, stored, np.ones(size[0], np.bool_), Rescale(), ends, "g/ml")


def layer_of(display_set: DisplaySet, low: float = 0.0, high: float = 255.0, palette: str = "", **more: Any) -> Layer:
    display = Display(ends_window(low, high), palette=palette, interpolation=Interpolation.NEAREST)
    return Layer(display_set.key, display, **more)


def fused_view(case: Case, *layers: Layer, orientation: Orientation | None = Orientation.AXIAL) -> TileView:
    """The first tile in a window from 0 to 255 with layers over it."""
    display = Display(Window(127.5, 255.0, "LINEAR_EXACT"), interpolation=Interpolation.NEAREST)
    case.tiles[0] = replace(case.tiles[0], orientation=orientation, layers=tuple(layers), display=display)
    return case.view(0)


def picture(view: TileView, base: Voxels, over: Sequence[Voxels] = (), bare: bool = True, **more: Any) -> Picture:
    """The picture of a view with these voxels in its layers."""
    layered = [LoadedLayer(each, layer.grid) for each, layer in zip(over, view.layers, strict=True)]
    return compose(view, base, "", SIZE, 1.0, bare=bare, layered=layered, **more)


def middle(image: QImage) -> tuple[int, ...]:
    """Red, green and blue in the middle of a picture."""
    return tuple(int(each) for each in rgb_of(image)[image.height() // 2, image.width() // 2])
