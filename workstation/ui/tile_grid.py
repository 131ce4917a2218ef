"""The tiles of the open case, painted by one widget at whole device pixels.

One widget and not one for each tile: child widgets lie at whole logical pixels, which at a pixel ratio of 1.25 or
1.5 fall between device pixels, so that Qt would resample their pictures. Here the grid is divided in device pixels,
each picture is made for exactly the pixels it gets, and the painter's scaling is taken back before it is drawn.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QHelpEvent,
    QHideEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workstation import jobs
from workstation.case import cine, planes, view_tools
from workstation.case.commands import COMMANDS
from workstation.case.state import Case
from workstation.loading.load import Loader
from workstation.picture.compose import is_warm
from workstation.picture.page import tile_rects
from workstation.render.volume_process import volumes
from workstation.ui import volume_hand
from workstation.ui.chip_tips import tip_under
from workstation.ui.cursors import CURSORS, LAYER_CURSOR, MARK_CURSORS, PLANE_CURSORS
from workstation.ui.findings_grasp import grasped
from workstation.ui.hand import Acceleration, Hand, Place, over_crosshair, zoom_at
from workstation.ui.layer_hand import over_handle
from workstation.ui.magnifier import Magnifier
from workstation.ui.planes_hand import Motion, grasp_at
from workstation.ui.screen_tile import SAID_AFTER_S, ScreenTile, Submit, Turns
from workstation.ui.standing_in import is_covered, paint_holes, paint_standing
from workstation.ui.strip import SERIES_FORMAT

CLOCK_MS = 5
"""How often a film is looked at: well under the 33 ms that a frame of most films stays."""


class TileGrid(QWidget):
    """Shows `case.shown` as the stage lays it out. `painted` follows every picture that came to the screen.

    `handled` when a button of the mouse went down or up on it.
    `menu_wanted(tile number, place on the screen)` when the right button was pressed and let go without movement;
    `dropped(tile number, key)` when a series was dropped on a tile, `swapped(number, number)` when a tile was.
    """

    painted = Signal()
    handled = Signal()
    menu_wanted = Signal(int, QPoint)
    dropped = Signal(int, str)
    swapped = Signal(int, int)

    def __init__(self, loader: Loader, submit: Submit = jobs.submit) -> None:
        super().__init__()
        self._loader = loader
        self._submit = submit
        self._case: Case | None = None
        self._places: list[ScreenTile] = []
        self.hand = Hand()
        self.magnifier = Magnifier(loader, self._magnified, submit)
        self.wheel_sign = 1
        self.accelerated = False
        self._acceleration = Acceleration()
        self._turns = Turns(lambda: self.hand.pressed_on)
        self.motion = Motion()
        self._stepping: int | None = None
        self._only: tuple[int, ...] | None = None
        self._away: frozenset[int] = frozenset()
        self._holes: list[QRect] = []
        self.tiles: list[ScreenTile] = []
        self._clock = QTimer(self)
        self._clock.setInterval(CLOCK_MS)
        self._clock.timeout.connect(self._tick)
        self._bare = QTimer(self, singleShot=True, interval=round(1000 * SAID_AFTER_S) + 1)
        self._bare.timeout.connect(self._say_waiting)
        volumes().came.connect(self._drawn)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setAccessibleName("Images")

    # ------------------------------------------------------------- the case

    def show_case(self, case: Case | None) -> None:
        """Show a case, or nothing; nothing of an earlier one stays visible."""
        if self._case is not None:
            self._case.changed.disconnect(self._changed)
            self._case.stage_changed.disconnect(self._hang)
            self._case.marks.moved.disconnect(self._mark_moved)
        self._case = case
        self.motion.watch(case)
        if case is not None:
            case.marks.moved.connect(self._mark_moved)
            case.changed.connect(self._changed)
            case.stage_changed.connect(self._hang)
        self._hang()

    def show_only(self, numbers: tuple[int, ...]) -> None:
        """Show these tiles side by side whatever the stage's layout is: a window beside the first one."""
        self._only = numbers
        self._hang()

    def leave_out(self, numbers: frozenset[int]) -> None:
        """Leave the places of these tiles empty: another window shows them."""
        self._away = numbers
        self._hang()

    def _placed(self, case: Case) -> list[tuple[int, QRect]]:
        """The tiles to show and where, device pixels."""
        ratio = self.devicePixelRatioF()
        size = round(self.width() * ratio), round(self.height() * ratio)
        if self._only is not None:
            numbers = tuple(each for each in self._only if each < len(case.tiles))
            return list(zip(numbers, tile_rects(*size, 1, max(1, len(numbers))), strict=True)) if numbers else []
        case.page_px = size
        return list(zip(case.shown, tile_rects(*size, *case.layout), strict=False))

    def _hang(self) -> None:
        """Lay out what there is to show; nothing old stays on the screen."""
        self._lay_out()
        self.repaint()

    def _lay_out(self) -> None:
        case = self._case
        placed = self._placed(case) if case else []
        self._holes = [rect for number, rect in placed if number in self._away]
        shown = [each for each in placed if each[0] not in self._away]
        self.hand.let_go()
        while len(self._places) < len(shown):
            self._places.append(ScreenTile(self._loader, self._turns, self._arrived, self._submit))
        self.tiles = self._turns.tiles = self._places[: len(shown)]
        for tile in self._places[len(shown) :]:
            tile.clear()
        if case is not None:
            for tile, (number, rect) in zip(self.tiles, shown, strict=True):
                tile.show(case, number, rect, self.devicePixelRatioF())
        if any(tile.picture is None for tile in self.tiles):
            self._bare.start()

    def _say_waiting(self) -> None:
        """Pictures that have not come by now are said to be coming."""
        if any(tile.picture is None for tile in self.tiles):
            self.update()
            if not is_warm():
                self._bare.start()

    def _mark_moved(self) -> None:
        """A mark in hand lies over the pictures: it is painted anew without them."""
        self.update()

    def _tick(self) -> None:
        """Films go on; the clock stands still while none plays."""
        if self._case is not None and self._case.playing:
            cine.tick(self._case, time.monotonic())
        else:
            self._clock.stop()

    def _changed(self, numbers: tuple[int, ...]) -> None:
        if self._case is not None and self._case.playing and not self._clock.isActive():
            self._clock.start()
        self.motion.see(numbers)
        for tile in self.tiles:
            if tile.number in numbers:
                tile.ask(step=tile.number == self._stepping)

    def arrived(self, key: str) -> None:
        """More of a display set is in memory."""
        loading = self._loader.get(key)
        come = loading.voxels.arrived + len(loading.problems) if loading else 0
        for tile in self.tiles:
            if tile.case is not None and tile.case.tiles[tile.number].shows(key):
                tile.more_arrived(all_is_there=loading is None or come == len(loading.display_set.images))

    def _drawn(self, key: str, number: int) -> None:
        """A picture in 3D has come for a tile."""
        for tile in self.tiles:
            if tile.number == number and tile.case is not None and tile.case.tiles[number].display_set == key:
                tile.ask(step=False)

    @contextmanager
    def stepping(self, number: int) -> Iterator[None]:
        """What changes in tile `number` meanwhile is a step of wheel or key, and is painted for sure."""
        self._stepping = number
        try:
            yield
        finally:
            self._stepping = None

    # ------------------------------------------------------------- painting

    def _arrived(self, tile: ScreenTile, step: bool) -> None:
        """A step comes to the screen by itself; all else may come together with what else has just changed."""
        (self.repaint if step else self.update)(self._logical(tile.rect))
        self.painted.emit()

    def _magnified(self, rect: QRect) -> None:
        """The magnifier has changed within a rectangle of device pixels."""
        self.update(self._logical(rect.adjusted(-3, -3, 3, 3)))
        self.painted.emit()

    def _logical(self, rect: QRect) -> QRect:
        """The logical pixels that cover a rectangle of device pixels."""
        ratio = self.devicePixelRatioF()
        left, top, width, height = rect.x() / ratio, rect.y() / ratio, rect.width() / ratio, rect.height() / ratio
        return QRectF(left, top, width, height).toAlignedRect()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:  # one that a mistake leaves open ends the program with the next resize
            if not is_covered(self.tiles, event.rect(), self.devicePixelRatioF()):
                painter.fillRect(event.rect(), Qt.GlobalColor.black)
            ratio = self.devicePixelRatioF()
            painter.scale(1 / ratio, 1 / ratio)
            self._paint_tiles(painter, event.rect())
            paint_holes(painter, self._holes, self)
            painter.setClipping(False)
            self.magnifier.paint(painter, self._case)

    def _paint_tiles(self, painter: QPainter, wanted: QRect) -> None:
        for tile in self.tiles:
            if not wanted.intersects(self._logical(tile.rect)):
                continue
            painter.setClipRect(tile.rect)
            painter.translate(tile.rect.topLeft())
            if tile.picture is None:
                paint_standing(painter, tile)
            else:
                painter.drawImage(0, 0, tile.picture.image)
                self.hand.pen.paint(painter, tile)
                self.hand.space.paint(painter, tile)
                self.hand.curve.paint(painter, tile)
                self.hand.segments.paint(painter, tile)
                self.hand.scissors.paint(painter, tile)
                self.hand.layers.paint(painter, tile)
            painter.translate(-tile.rect.topLeft())

    def hideEvent(self, event: QHideEvent) -> None:
        """A button that is down when another page comes is let go of there: the press ends here."""
        if self.hand.pressed_on is not None:
            self.hand.let_go()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        self.update()  # with the rest of the window, which at once would be painted for each step of a resize

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self._hang()
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tell(event)
            return True
        return super().event(event)

    def _tell(self, event: QHelpEvent) -> None:
        """The sentences behind the chips of the tile under the pointer."""
        tip = tip_under(*self._under(QPointF(event.pos())))
        QToolTip.showText(event.globalPos(), tip, self)

    # ----------------------------------------------------------------- hand

    def _under(self, position: QPointF) -> tuple[ScreenTile | None, Place]:
        """The tile under a logical position of the grid, and the place in it, device pixels."""
        ratio = self.devicePixelRatioF()
        x, y = position.x() * ratio, position.y() * ratio
        for tile in self.tiles:
            if tile.rect.contains(QPoint(int(x), int(y))):
                return tile, (x - tile.rect.x(), y - tile.rect.y())
        return None, (x, y)

    def _place_on(self, tile: ScreenTile, position: QPointF) -> Place:
        ratio = self.devicePixelRatioF()
        return position.x() * ratio - tile.rect.x(), position.y() * ratio - tile.rect.y()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        tile, place = self._under(event.position())
        if tile is not None and self.hand.pressed_on is None:
            self.hand.press(tile, place, event.button(), event.modifiers())
            self.handled.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        held = self.hand.pressed_on
        under, there = self._under(event.position())
        if held is not None:
            self.hand.move(self._place_on(held, event.position()))
            if self.hand.scissors.busy:
                self.update(self._logical(held.rect))
                self.handled.emit()
            self.magnifier.move(under, there)  # after the hand: the mark in hand is shown where it is now
            self.setCursor(CURSORS.get(self.hand.does, Qt.CursorShape.ArrowCursor))
            return
        self.hand.hover(under, there)
        if under is not None and self.hand.layers.speaks(under):
            self.update(self._logical(under.rect))
        self.magnifier.move(under, there)
        self.setCursor(self._cursor(under, there))

    def _cursor(self, under: ScreenTile | None, there: Place) -> Qt.CursorShape:
        """What a press would do here."""
        if under is None or self._case is None:
            return Qt.CursorShape.ArrowCursor
        if self._case.marks.tool or self.hand.curve.places(under) or self.hand.scissors.takes(under):
            return Qt.CursorShape.CrossCursor
        if self.hand.curve.takes(under, there, on_line=not over_crosshair(under, there)):
            return MARK_CURSORS["handle"]
        if over_handle(under, there):
            return LAYER_CURSOR
        if part := grasped(under, there)[1]:
            return MARK_CURSORS[part]
        if over_crosshair(under, there):
            return CURSORS["crosshair"]
        grasp = grasp_at(under, there)
        return MARK_CURSORS[""] if grasp is None else PLANE_CURSORS[grasp.does]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held = self.hand.pressed_on
        if held is None:
            return
        release = self.hand.release(self._place_on(held, event.position()))
        self.motion.rest()
        self.update(self._logical(held.rect))
        self.handled.emit()
        self.setCursor(Qt.CursorShape.ArrowCursor)
        if release is None:
            return
        under, _ = self._under(event.position())
        if release.click and release.button is Qt.MouseButton.RightButton:
            self._select_under(release.tile, self._place_on(release.tile, event.position()))
            self.menu_wanted.emit(release.tile.number, event.globalPosition().toPoint())
        elif release.does == "swap" and under is not None and under is not release.tile:
            self.swapped.emit(release.tile.number, under.number)

    def _select_under(self, tile: ScreenTile, there: Place) -> None:
        """The menu of a tile is one of the mark under the pointer first."""
        mark, _, _ = grasped(tile, there)
        if mark is not None and tile.case is not None:
            tile.case.marks.select(mark.uid)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(SERIES_FORMAT):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        tile, _ = self._under(event.position())
        if tile is not None and event.mimeData().hasFormat(SERIES_FORMAT):
            event.acceptProposedAction()
            self.dropped.emit(tile.number, bytes(event.mimeData().data(SERIES_FORMAT).data()).decode())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        tile, _ = self._under(event.position())
        if tile is not None:
            self.hand.double_click(tile, event.button())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Each notch is one image of the tile under the pointer; Ctrl zooms, Shift goes along the second axis, and Alt
        makes a plane thicker."""
        tile, place = self._under(event.position())
        if tile is None or tile.case is None:
            return
        angle = event.angleDelta()
        notches = self.hand.notches(angle.y() or angle.x())  # Alt turns the wheel sideways for some systems
        if self.hand.layers.wheel(tile, place, notches):
            return
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if tile.case.tiles[tile.number].scene is not None:
            tile.case.activate(tile.number)
            volume_hand.wheel(tile, place, notches, event.modifiers())
        elif control is (self.hand.mouse.wheel == "scroll"):
            if notches:
                zoom_at(tile, place, view_tools.ZOOM_STEP**notches)
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
            tile.case.activate(tile.number)
            if notches and tile.case.tiles[tile.number].orientation is not None:
                planes.thicken(tile.case, tile.number, notches)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.hand.segments.wheel(tile, notches):
            return
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            tile.case.activate(tile.number)
            for _ in range(abs(notches)):
                COMMANDS["previous-phase" if notches > 0 else "next-phase"].run(tile.case)
        else:
            self._scroll(tile, tile.case, -notches * self.wheel_sign)
        self.magnifier.move(tile, place)

    def _scroll(self, tile: ScreenTile, case: Case, notches: int) -> None:
        """One image for each notch, painted; a fast wheel may jump where the reader has allowed it."""
        for _ in range(abs(notches)):
            steps = self._acceleration.steps(time.monotonic()) if self.accelerated else 1
            step = steps if notches > 0 else -steps
            with self.stepping(tile.number if steps == 1 else -1):
                view_tools.scroll(case, tile.number, step)
