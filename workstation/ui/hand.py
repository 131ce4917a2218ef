"""The hand on the tiles: presses, drags and the wheel become view tools. All places in device pixels of a tile.

The help page lists what stands here (`help_page.MOUSE`); a journey drives each of it from outside.
"""

import math
from dataclasses import dataclass

from PySide6.QtCore import Qt

from workstation.case import view_tools
from workstation.case.state import Case
from workstation.imaging.greyscale import Window
from workstation.imaging.view import ScreenPlane
from workstation.ui.screen_tile import ScreenTile

CLICK_PX = 4
"""A press that moves less than this is a click. Logical pixels, as all of these."""

SCROLL_DRAG_PX = 6
"""Dragging this far scrolls one image."""

ZOOM_DRAG_PX = 40
"""Dragging this far zooms by one step."""

CROSSHAIR_REACH_PX = 12
"""A press this near to the crosshair's middle takes hold of it."""

Place = tuple[float, float]


@dataclass
class _Drag:
    """A press and what it began with."""

    tile: ScreenTile
    case: Case
    button: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    start: Place
    last: Place
    window: Window | None
    on_crosshair: bool
    scrolled: int = 0
    moved: bool = False


class Hand:
    """One press at a time, on the tile it began on."""

    def __init__(self) -> None:
        self._drag: _Drag | None = None
        self._wheel_rest = 0

    @property
    def pressed_on(self) -> ScreenTile | None:
        return self._drag.tile if self._drag else None

    def press(self, tile: ScreenTile, place: Place, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
        case = tile.case
        if case is None:
            return
        case.activate(tile.number)
        window = tile.picture.window if tile.picture else None
        held = button is Qt.MouseButton.LeftButton and over_crosshair(tile, place)
        self._drag = _Drag(tile, case, button, modifiers, place, place, window, held)

    def let_go(self) -> None:
        """Forget the press: the tile it began on is no longer what it was."""
        self._drag = None

    def move(self, place: Place) -> None:
        drag = self._drag
        if drag is None or drag.tile.case is not drag.case:
            return
        ratio = drag.tile.ratio
        total = ((place[0] - drag.start[0]) / ratio, (place[1] - drag.start[1]) / ratio)
        if not drag.moved and max(abs(total[0]), abs(total[1])) < CLICK_PX:
            return
        drag.moved = True
        _dragged(drag, place, total)
        drag.last = place

    def release(self, place: Place) -> None:
        drag, self._drag = self._drag, None
        if drag and not drag.moved and drag.button is Qt.MouseButton.LeftButton and drag.tile.case is drag.case:
            _place_crosshair(drag.tile, place)

    def double_click(self, tile: ScreenTile, button: Qt.MouseButton) -> None:
        if tile.case is not None and button is Qt.MouseButton.LeftButton:
            tile.case.maximise(None if tile.case.maximised is not None else tile.number)

    def notches(self, angle: int) -> int:
        """Whole notches of the wheel, upwards positive; what a fine wheel turns less is kept for the next time."""
        self._wheel_rest += angle
        whole = int(self._wheel_rest / 120)
        self._wheel_rest -= whole * 120
        return whole


def zoom_at(tile: ScreenTile, place: Place, factor: float) -> None:
    """Zoom so that what lies under `place` stays there."""
    screen = tile.screen()
    if tile.case is None or screen is None:
        return
    right, down = place[0] - screen.width / 2, place[1] - screen.height / 2
    view_tools.zoom_about(tile.case, tile.number, screen.px_per_mm, factor, right, down)


def over_crosshair(tile: ScreenTile, place: Place) -> bool:
    """Whether a place is on the middle of the crosshair of a plane."""
    screen = tile.screen()
    if tile.case is None or screen is None:
        return False
    view = tile.case.view(tile.number)
    if view.tile.orientation is None or view.crosshair_lps is None:
        return False
    x, y, _ = screen.pixel(view.crosshair_lps)
    return math.hypot(x - place[0], y - place[1]) <= CROSSHAIR_REACH_PX * tile.ratio


def _dragged(drag: _Drag, place: Place, total: Place) -> None:
    """Total movement in logical pixels: a drag feels the same on every screen."""
    case, number, left = drag.case, drag.tile.number, drag.button is Qt.MouseButton.LeftButton
    shift = bool(drag.modifiers & Qt.KeyboardModifier.ShiftModifier)
    control = bool(drag.modifiers & Qt.KeyboardModifier.ControlModifier)
    if drag.button is Qt.MouseButton.MiddleButton or (control and left):
        _pan(drag.tile, place[0] - drag.last[0], place[1] - drag.last[1])
    elif drag.button is Qt.MouseButton.RightButton:
        down = (place[1] - drag.last[1]) / drag.tile.ratio
        zoom_at(drag.tile, drag.start, view_tools.ZOOM_STEP ** (-down / ZOOM_DRAG_PX))
    elif shift and left:
        wanted = round(total[1] / SCROLL_DRAG_PX)
        view_tools.scroll(case, number, wanted - drag.scrolled)
        drag.scrolled = wanted
    elif drag.on_crosshair:
        _place_crosshair(drag.tile, place)
    elif left and drag.window is not None:
        view_tools.drag_window(case, number, drag.window, *total)


def _pan(tile: ScreenTile, right_px: float, down_px: float) -> None:
    screen = tile.screen()
    if tile.case is not None and screen is not None:
        view_tools.pan(tile.case, tile.number, right_px / screen.px_per_mm, down_px / screen.px_per_mm)


def _place_crosshair(tile: ScreenTile, place: Place) -> None:
    """Put the crosshair where the hand is, in planes and in stacks that hang beside planes."""
    case, screen = tile.case, tile.screen()
    if case is None or screen is None or not case.crosshair_is_shown():
        return
    view = case.view(tile.number)
    if view.display_set is not None and view.display_set.grid is not None:
        case.place_crosshair(view.display_set, point_at(screen, place))


def point_at(screen: ScreenPlane, place: Place) -> tuple[float, float, float]:
    """The patient point under a place of a tile: pixel (0, 0) reaches from 0 to 1 and has its centre at 0.5."""
    return screen.point(place[0] - 0.5, place[1] - 0.5)
