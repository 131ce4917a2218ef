"""The hand on the tiles: presses, drags and the wheel become view tools. All places in device pixels of a tile.

The help page lists what stands here (`help_page.MOUSE`); a journey drives each of it from outside.
"""

import math
from dataclasses import dataclass

from PySide6.QtCore import Qt

from workstation.case import planes, view_tools
from workstation.case.standing import Standing
from workstation.case.state import Case
from workstation.imaging.greyscale import Window
from workstation.imaging.view import ScreenPlane
from workstation.ui import turning_hand, volume_hand
from workstation.ui.curve_hand import CURVE, CurveHand
from workstation.ui.findings_pen import Pen
from workstation.ui.keys import Mouse
from workstation.ui.layer_hand import LAYER, LayerHand
from workstation.ui.planes_hand import LINE, SLAB, TURN, PlanesHand
from workstation.ui.registration_hand import REGISTER, RegistrationHand
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.segment_pen import SegmentPen
from workstation.ui.space_pen import SpacePen
from workstation.ui.turning_hand import ROTATE, rotated, turns
from workstation.ui.volume_scissors import SCISSORS, Scissors

CLICK_PX = 4
"""A press that moves less than this is a click. Logical pixels, as all of these."""

SCROLL_DRAG_PX = 6
"""Dragging this far scrolls one image."""

ZOOM_DRAG_PX = 40
"""Dragging this far zooms by one step."""

CROSSHAIR_REACH_PX = 12
"""A press this near to the crosshair's middle takes hold of it."""

MARK = "mark"
"""What a press does that makes or moves a mark."""

FAST_S, FASTEST_STEPS = 0.06, 8
"""Notches that come quicker than this are a fast wheel, which may be allowed to jump so many images at most."""

Place = tuple[float, float]


@dataclass
class _Drag:
    """A press, what it began with, and what its movement does: a name of `keys.DRAGS` or of `planes_hand`,
    "crosshair", "swap" or MARK."""

    tile: ScreenTile
    case: Case
    button: Qt.MouseButton
    does: str
    start: Place
    last: Place
    window: Window | None
    scrolled: int = 0
    moved: bool = False


@dataclass(frozen=True)
class Release:
    """The end of a press."""

    tile: ScreenTile
    button: Qt.MouseButton
    does: str
    click: bool


class Hand:
    """One press at a time, on the tile it began on. `mouse` says what the buttons do."""

    def __init__(self) -> None:
        self.mouse = Mouse()
        self.pen = Pen()
        self.registration = RegistrationHand()
        self.curve = CurveHand()
        self.planes = PlanesHand()
        self.layers = LayerHand()
        self.segments = SegmentPen()
        self.space = SpacePen()
        self.volume = volume_hand.Picker()
        self.turning = turning_hand.Finder()
        self.turning.taken = self.segments.take_point
        self.scissors = Scissors(lambda snip: None)
        self._held: volume_hand.HandleDrag | None = None
        self.zoom_sign = 1
        """-1 where dragging down zooms in."""
        self._drag: _Drag | None = None
        self._before_click: Standing | None = None
        """Where the case stood before the last press, when that was a click: the first of two moves nothing."""
        self._wheel_rest = 0

    @property
    def pressed_on(self) -> ScreenTile | None:
        return self._drag.tile if self._drag else None

    @property
    def does(self) -> str:
        """What the movement under way does; empty while nothing is dragged."""
        return self._drag.does if self._drag and self._drag.moved else ""

    def press(self, tile: ScreenTile, place: Place, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
        case = tile.case
        self._before_click = None
        if case is None:
            return
        case.activate(tile.number)
        self._held = None
        if self._plain(button, modifiers) and self.scissors.press(tile, place):
            self._drag = _Drag(tile, case, button, SCISSORS, place, place, None)
            return
        if case.tiles[tile.number].scene is not None:
            handle = volume_hand.handle_at(tile, place) if self._plain(button, modifiers) else None
            self._held = volume_hand.HandleDrag(tile, handle, place) if handle is not None else None
            self._drag = _Drag(
                tile, case, button, volume_hand.meaning(self.mouse, button, modifiers), place, place, None
            )
            return
        if turns(tile):
            does = turning_hand.meaning(self.mouse, button, modifiers)
            self._drag = _Drag(tile, case, button, does, place, place, tile.window)
            return
        if self._plain(button, modifiers) and self.layers.press(tile, place):
            self._drag = _Drag(tile, case, button, LAYER, place, place, None)
            return
        if self.registration.press(tile, place, button, modifiers):
            self._drag = _Drag(tile, case, button, REGISTER, place, place, None)
            return
        if self._curve_takes(tile, place, button, modifiers):
            self._drag = _Drag(tile, case, button, CURVE, place, place, None)
            return
        if self._pen_takes(tile, place, button, modifiers):
            self._drag = _Drag(tile, case, button, MARK, place, place, None)
            return
        window = tile.window
        self._drag = _Drag(tile, case, button, self._meaning(tile, place, button, modifiers), place, place, window)

    @staticmethod
    def _plain(button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> bool:
        return button is Qt.MouseButton.LeftButton and modifiers == Qt.KeyboardModifier.NoModifier

    def _curve_takes(
        self, tile: ScreenTile, place: Place, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier
    ) -> bool:
        """A plain press makes or moves a point of the curve, with Shift it takes one away."""
        shift = button is Qt.MouseButton.LeftButton and modifiers == Qt.KeyboardModifier.ShiftModifier
        if not shift and not self._plain(button, modifiers):
            return False
        return self.curve.press(tile, place, takes_away=shift, on_line=not over_crosshair(tile, place))

    def _pen_takes(
        self, tile: ScreenTile, place: Place, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier
    ) -> bool:
        """A plain press of the left button makes a mark with a tool, or takes hold of one that is there."""
        plain = button is Qt.MouseButton.LeftButton and modifiers == Qt.KeyboardModifier.NoModifier
        pens = (self.segments, self.space, self.pen)
        return plain and any(each.press(tile, place) for each in pens)

    def _at_work(self) -> SegmentPen | SpacePen | Pen:
        """The pen that a press went to."""
        return next((each for each in (self.segments, self.space) if each.busy), self.pen)

    def _meaning(self, tile: ScreenTile, place: Place, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> str:
        if button is Qt.MouseButton.LeftButton:
            shift = modifiers == Qt.KeyboardModifier.ShiftModifier
            plain = shift or modifiers == Qt.KeyboardModifier.NoModifier
            if plain and not over_crosshair(tile, place) and (does := self.planes.press(tile, place, alone=shift)):
                return does
            if modifiers & Qt.KeyboardModifier.AltModifier:
                return "swap"
            if modifiers & Qt.KeyboardModifier.ControlModifier:
                return "pan"
            if modifiers & Qt.KeyboardModifier.ShiftModifier:
                return "scroll"
            return "crosshair" if over_crosshair(tile, place) else self.mouse.left
        return self.mouse.middle if button is Qt.MouseButton.MiddleButton else self.mouse.right

    def hover(self, tile: ScreenTile | None, place: Place) -> None:
        """The pointer moves over a tile, or beside all, and no button is down."""
        if tile is not None:
            self.pen.hover(tile, place)
            self.space.hover(tile, place)
        self.layers.hover(tile, place)
        self.segments.hover(tile, place)

    def let_go(self) -> None:
        """Forget the press: the tile it began on is no longer what it was."""
        self._drag = self._before_click = None
        self.curve.forget()
        self.pen.forget()
        self.registration.forget()
        self.segments.forget()
        self.space.forget()
        self.planes.forget()
        self.layers.forget()
        self.scissors.forget()

    def move(self, place: Place) -> None:
        drag = self._drag
        if drag is None or drag.tile.case is not drag.case:
            return
        if drag.does == MARK:
            drag.moved = True
            self._at_work().move(place)
            return
        if drag.does == SCISSORS:
            drag.moved = self.scissors.move(place) or drag.moved
            return
        ratio = drag.tile.ratio
        total = ((place[0] - drag.start[0]) / ratio, (place[1] - drag.start[1]) / ratio)
        if not drag.moved and max(abs(total[0]), abs(total[1])) < CLICK_PX:
            return
        drag.moved = True
        if drag.does == CURVE:
            self.curve.move(place)
            return
        if drag.does == REGISTER:
            self.registration.move(place)
            return
        if drag.does in (TURN, SLAB, LINE):
            self.planes.move(place)
            return
        if drag.does == LAYER:
            self.layers.move(place)
            return
        if self._held is not None:
            self._held.move(place)
            return
        if drag.does == ROTATE:
            drag.scrolled = rotated(drag.tile, place[0] - drag.start[0], drag.scrolled)
            return
        if _is_3d(drag):
            volume_hand.drag(drag.tile, drag.does, drag.start, drag.last, place, self.zoom_sign)
            drag.last = place
            return
        _dragged(drag, place, total, self.zoom_sign)
        drag.last = place

    def release(self, place: Place) -> Release | None:
        """What the press came to: what it did, on which tile, and whether it was a click. None when there was none."""
        drag, self._drag = self._drag, None
        self.curve.forget()
        self.planes.forget()
        self.layers.forget()
        if drag is None or drag.tile.case is not drag.case:
            return None
        if drag.does == MARK:
            self._at_work().release(place)
            return Release(drag.tile, drag.button, MARK, False)
        if drag.does == REGISTER:
            self.registration.release(place)
            return Release(drag.tile, drag.button, REGISTER, False)
        if drag.does == SCISSORS:
            self.scissors.release()
            return Release(drag.tile, drag.button, SCISSORS, False)
        if drag.does == LAYER:
            return Release(drag.tile, drag.button, LAYER, False)
        if not drag.moved and drag.button is Qt.MouseButton.LeftButton and turns(drag.tile):
            self._before_click = Standing.of(drag.case)
            self.turning.click(drag.tile, place)
            return Release(drag.tile, drag.button, drag.does, True)
        if not drag.moved and drag.button is Qt.MouseButton.LeftButton:
            if self._held is None and self.space.click(drag.tile, place):
                return Release(drag.tile, drag.button, MARK, False)
            self._before_click = Standing.of(drag.case)
            _place_crosshair(drag.tile, place)
            if self._held is None:
                self.volume.click(drag.tile, place)
        return Release(drag.tile, drag.button, drag.does, not drag.moved)

    def double_click(self, tile: ScreenTile, button: Qt.MouseButton) -> None:
        if self.pen.double_click(tile) or (tile.case is not None and tile.case.marks.tool) or self.scissors.takes(tile):
            return
        if tile.case is not None and button is Qt.MouseButton.LeftButton:
            self.volume.forget()
            self.turning.forget()
            if self._before_click is not None and self._before_click.case is tile.case:
                self._before_click.bring_back()
            tile.case.maximise(None if tile.case.maximised is not None else tile.number)

    def notches(self, angle: int) -> int:
        """Whole notches of the wheel, upwards positive; what a fine wheel turns less is kept for the next time."""
        self._wheel_rest += angle
        whole = int(self._wheel_rest / 120)
        self._wheel_rest -= whole * 120
        return whole


class Acceleration:
    """How many images a notch of a fast wheel jumps: one while notches come slower than FAST_S, more the faster."""

    def __init__(self) -> None:
        self._last_s = -math.inf

    def steps(self, now_s: float) -> int:
        """Images for a notch at `now_s` (seconds of any steady clock)."""
        pause_s, self._last_s = now_s - self._last_s, now_s
        return min(max(int(FAST_S / max(pause_s, 1e-3)), 1), FASTEST_STEPS)


def zoom_at(tile: ScreenTile, place: Place, factor: float) -> None:
    """Zoom so that what lies under `place` stays there."""
    screen = tile.screen()
    if tile.case is None or screen is None:
        return
    held = screen.anchor_px or (screen.width / 2, screen.height / 2)
    right, down = place[0] - held[0], place[1] - held[1]
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


def _dragged(drag: _Drag, place: Place, total: Place, zoom_sign: int) -> None:
    """Total movement in logical pixels: a drag feels the same on every screen."""
    case, number = drag.case, drag.tile.number
    if drag.does == "pan":
        _pan(drag.tile, place[0] - drag.last[0], place[1] - drag.last[1])
    elif drag.does == "zoom":
        down = zoom_sign * (place[1] - drag.last[1]) / drag.tile.ratio
        zoom_at(drag.tile, drag.start, view_tools.ZOOM_STEP ** (-down / ZOOM_DRAG_PX))
    elif drag.does == "scroll":
        wanted = round(total[1] / SCROLL_DRAG_PX)
        view_tools.scroll(case, number, wanted - drag.scrolled)
        drag.scrolled = wanted
    elif drag.does == "crosshair":
        _place_crosshair(drag.tile, place)
    elif drag.does == "window" and drag.window is not None:
        view_tools.drag_window(case, number, drag.window, *total)


def _is_3d(drag: _Drag) -> bool:
    return drag.case.tiles[drag.tile.number].scene is not None


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
        planes.go_within(case, tile.number, point_at(screen, place))


def point_at(screen: ScreenPlane, place: Place) -> tuple[float, float, float]:
    """The patient point under a place of a tile: pixel (0, 0) reaches from 0 to 1 and has its centre at 0.5."""
    return screen.point(place[0] - 0.5, place[1] - 0.5)
