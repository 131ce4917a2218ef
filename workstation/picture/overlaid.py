"""What lies over an image and belongs to it: shutters, overlay planes, and the drawings of a presentation state."""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.state import TileView
from workstation.imaging.geometry import Vec3
from workstation.imaging.look import Overlay, Shutter, overlay_mask
from workstation.imaging.shutters import hidden
from workstation.imaging.softcopy import DisplayedArea, Drawing, Layer, Points, Text, outline
from workstation.imaging.view import ScreenPlane
from workstation.imaging.volume import Voxels
from workstation.paint.tile import Graphic
from workstation.picture.chain import presentation_in_force
from workstation.render.covers import cover_evenly, cover_where

OVERLAY_GREY: Final = 222
REGION_STRENGTH: Final = 0.35
"""How much of a region of interest (OverlayType R) covers what lies under it."""

DRAWING_GREY: Final = 222
POINT_PX: Final = 4.0


def cover(rgb32: NDArray[np.uint32], view: TileView, voxels: Voxels, screen: ScreenPlane) -> NDArray[np.uint32]:
    """The picture of the image on screen with its overlays and its shutter over it; of a stack alone, as planes of a
    volume cut across them."""
    if view.tile.orientation is not None or not voxels.filled[view.image]:
        return rgb32
    rows, columns = voxels.stored.shape[1:3]
    overlays, shutter = _in_force(view, voxels)
    for kind, strength in (("R", REGION_STRENGTH), ("G", 1.0)) if view.tile.display.overlays else ():
        planes = tuple(each for each in overlays if (each.kind == "R") == (kind == "R"))
        if planes:
            mask = _planes(planes, rows, columns)
            rgb32 = cover_evenly(rgb32, mask, view.grid, screen, OVERLAY_GREY, strength)
    if shutter is not None:
        rgb32 = cover_where(rgb32, _hidden(shutter, rows, columns), view.grid, screen, shutter.grey)
    return rgb32


def _in_force(view: TileView, voxels: Voxels) -> tuple[tuple[Overlay, ...], Shutter | None]:
    """A presentation state shows only the planes it activates, and its own shutter alone (PS3.3 C.11.7, C.7.6.11)."""
    look, state = voxels.look(view.image), presentation_in_force(view)
    own = look.overlays if look else ()
    if state is None:
        return own, look.shutter if look else None
    active = {group for group, _ in state.activated}
    return (*(each for each in own if each.group in active), *state.overlays), state.shutter


@lru_cache(maxsize=16)
def _planes(overlays: tuple[Overlay, ...], rows: int, columns: int) -> NDArray[np.bool_]:
    return np.asarray(np.logical_or.reduce([overlay_mask(each, rows, columns) for each in overlays]))


@lru_cache(maxsize=16)
def _hidden(shutter: Shutter, rows: int, columns: int) -> NDArray[np.bool_]:
    return hidden(shutter, rows, columns)


def graphics(view: TileView, screen: ScreenPlane, ratio: float) -> tuple[Graphic, ...]:
    """The drawings of the presentation state over the image on screen, in device pixels."""
    state = presentation_in_force(view)
    if state is None or view.tile.orientation is not None or view.display_set is None:
        return ()
    ref = view.display_set.images[view.image]
    name = (ref.instance.SOPInstanceUID, ref.frame)
    place = _Placing(view, screen, state.area_of(*name))
    drawn: list[Graphic] = []
    for layer, what in state.drawn_on(*name):
        drawn += _drawing(what, layer, place, ratio) if isinstance(what, Drawing) else _text(what, layer, place)
    return tuple(drawn)


class _Placing:
    """Units of a presentation state to device pixels."""

    def __init__(self, view: TileView, screen: ScreenPlane, area: DisplayedArea | None) -> None:
        self._view = view
        self._screen = screen
        columns, rows = view.grid.size[:2]
        first, last = (area.first, area.last) if area else ((1, 1), (columns, rows))
        corners = [self._pixel((first[0] - 1, first[1] - 1)), self._pixel((last[0], last[1]))]
        self._low = [min(each[axis] for each in corners) for axis in (0, 1)]
        self._size = [abs(corners[1][axis] - corners[0][axis]) for axis in (0, 1)]

    def points(self, points: Points, units: str) -> Points:
        if units == "DISPLAY":
            return tuple((self._low[0] + x * self._size[0], self._low[1] + y * self._size[1]) for x, y in points)
        return tuple(self._pixel(point) for point in points)

    def _pixel(self, point: tuple[float, float]) -> tuple[float, float]:
        """(column, row), 0 at the image's outer corner, to device pixels, 0 at the tile's outer corner."""
        index: Vec3 = (point[0] - 0.5, point[1] - 0.5, 0.0)
        x, y, _ = self._screen.pixel(self._view.grid.point(index))
        return x + 0.5, y + 0.5


def _drawing(drawing: Drawing, layer: Layer, place: _Placing, ratio: float) -> list[Graphic]:
    grey = DRAWING_GREY if layer.grey is None else layer.grey
    points = place.points(outline(drawing), drawing.units)
    if drawing.kind == "POINT" or len(points) == 1:
        reach = POINT_PX * ratio
        return [
            Graphic(((x - reach * right, y - reach * down), (x + reach * right, y + reach * down)), grey=grey)
            for x, y in points
            for right, down in ((1.0, 0.0), (0.0, 1.0))
        ]
    return [Graphic(points, filled=drawing.filled, grey=grey)]


def _text(text: Text, layer: Layer, place: _Placing) -> list[Graphic]:
    grey = DRAWING_GREY if layer.grey is None else layer.grey
    anchor = place.points((text.anchor,), text.anchor_units)[0] if text.anchor else None
    if len(text.box) != 2:
        return [Graphic((anchor,), text=text.text, grey=grey)] if anchor else []
    ends = place.points(text.box, text.box_units)
    (left, right), (top, bottom) = (sorted(each[axis] for each in ends) for axis in (0, 1))
    box = Graphic(((left, top), (right, bottom)), text=text.text, align=text.align, grey=grey)
    if anchor is None or not text.joined:
        return [box]
    nearest = (min(max(anchor[0], left), right), min(max(anchor[1], top), bottom))
    return [box, Graphic((anchor, nearest), grey=grey)]
