"""A tile on the screen: shows what the composer made and turns hand movements into view tools.

Steps (wheel, keys) are each painted: their requests queue. Drags may jump: a newer request replaces a waiting one.
A picture comes back with the case and request it answers, and is dropped when another case is shown (safety.md 1).
"""

from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workstation import jobs
from workstation.case import view_tools
from workstation.case.state import Case, TileView
from workstation.imaging.greyscale import Window
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.picture.compose import Picture, compose
from workstation.picture.page import loaded_for

CLICK_PX = 4
"""A press that moves less than this is a click."""

SCROLL_DRAG_PX = 6
"""Dragging this far scrolls one image."""


@dataclass(frozen=True)
class _Request:
    case: Case
    view: TileView
    voxels: Voxels | None
    problem: str
    size: tuple[int, int]
    ratio: float


@dataclass
class _Drag:
    """A press and what it began with."""

    button: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    start: QPointF
    last: QPointF
    window: Window | None
    px_per_mm: float
    scrolled: int = 0
    moved: bool = False
    on_crosshair: bool = False


class TileWidget(QWidget):
    """Tile `number` of the open case."""

    def __init__(self, loader: Loader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self._case: Case | None = None
        self.number = 0
        self.picture: Picture | None = None
        self.painted = 0
        self._waiting: deque[_Request] = deque()
        self._at_work = False
        self._drag: _Drag | None = None
        self._wheel_rest = 0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAcceptDrops(True)
        self.setAccessibleName("Image tile")

    def show_tile(self, case: Case | None, number: int) -> None:
        """Show another tile or case; what is on its way for the old one is dropped, and nothing old stays visible."""
        if case is not self._case or number != self.number:
            self.picture = None
        self._case, self.number = case, number
        self._waiting.clear()
        self.update()
        self.ask(step=False)

    def ask(self, step: bool) -> None:
        """Have the tile composed as it stands now. A `step` is painted in any case, others may be overtaken."""
        case = self._case
        if case is None or self.number >= len(case.tiles) or self.width() < 8 or self.height() < 8:
            return
        ratio = self.devicePixelRatioF()
        size = (round(self.width() * ratio), round(self.height() * ratio))
        view = case.view(self.number)
        if not step and self._waiting:
            self._waiting.pop()
        self._waiting.append(_Request(case, view, *loaded_for(view, case, self._loader), size, ratio))
        self._work()

    def _work(self) -> None:
        if self._at_work or not self._waiting:
            return
        self._at_work = True
        request = self._waiting.popleft()
        jobs.submit(self._compose, request, lane=jobs.Lane.SCREEN)

    def _compose(self, request: _Request) -> None:
        """On a thread: make the picture and post it."""
        try:
            picture: Picture | None = compose(
                request.view, request.voxels, request.problem, request.size, request.ratio
            )
        except Exception as error:  # one picture that fails costs its tile a sentence, never the program
            failed = error
            jobs.post(lambda: self._failed(request, failed))
            return
        jobs.post(lambda: self._composed(request, picture))

    def _composed(self, request: _Request, picture: Picture | None) -> None:
        self._at_work = False
        if request.case is self._case and request.view.number == self.number:
            self.picture = picture
            self.painted += 1
            self.repaint()
        self._work()

    def _failed(self, request: _Request, error: Exception) -> None:
        import logging

        logging.getLogger(__name__).error("a picture failed: %s", type(error).__name__, exc_info=error)
        sentence = f"This picture could not be made ({type(error).__name__})."
        self._composed(request, compose(request.view, None, sentence, request.size, request.ratio))

    def sizeHint(self) -> QSize:
        return QSize(400, 400)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.picture is None:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            return
        image = self.picture.image
        ratio = self.devicePixelRatioF()
        if image.width() == round(self.width() * ratio) and image.height() == round(self.height() * ratio):
            painter.drawImage(QPointF(0, 0), image)
        else:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            painter.drawImage(QRectF(self.rect()), image)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.ask(step=False)

    # ---------------------------------------------------------------- hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        case = self._case
        if case is None:
            return
        case.activate(self.number)
        place = event.position()
        picture = self.picture
        window = picture.window if picture else None
        scale = picture.screen.px_per_mm if picture and picture.screen else 1.0
        self._drag = _Drag(event.button(), event.modifiers(), place, place, window, scale)
        self._drag.on_crosshair = event.button() is Qt.MouseButton.LeftButton and self._near_crosshair(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        drag, case = self._drag, self._case
        if drag is None or case is None:
            return
        place = event.position()
        total = place - drag.start
        if not drag.moved and abs(total.x()) < CLICK_PX and abs(total.y()) < CLICK_PX:
            return
        drag.moved = True
        self._dragged(case, drag, place, total)
        drag.last = place

    def _dragged(self, case: Case, drag: _Drag, place: QPointF, total: QPointF) -> None:
        ratio = self.devicePixelRatioF()
        step = (place - drag.last) * ratio
        shift = bool(drag.modifiers & Qt.KeyboardModifier.ShiftModifier)
        control = bool(drag.modifiers & Qt.KeyboardModifier.ControlModifier)
        if drag.on_crosshair:
            self._place_crosshair(place)
        elif drag.button is Qt.MouseButton.MiddleButton or (control and drag.button is Qt.MouseButton.LeftButton):
            view_tools.pan(case, self.number, step.x() / drag.px_per_mm, step.y() / drag.px_per_mm)
        elif drag.button is Qt.MouseButton.RightButton:
            view_tools.zoom(case, self.number, drag.px_per_mm * view_tools.ZOOM_STEP ** (-total.y() / 40.0))
        elif shift:
            wanted = round(total.y() / SCROLL_DRAG_PX)
            view_tools.scroll(case, self.number, wanted - drag.scrolled)
            drag.scrolled = wanted
        elif drag.window is not None:
            view_tools.drag_window(case, self.number, drag.window, total.x(), total.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is not None and not drag.moved and drag.button is Qt.MouseButton.LeftButton:
            self._place_crosshair(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._case is not None and event.button() is Qt.MouseButton.LeftButton:
            self._case.maximise(None if self._case.maximised is not None else self.number)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Each notch is one image and is painted; with Ctrl it zooms about the pointer."""
        case = self._case
        if case is None:
            return
        case.activate(self.number)
        self._wheel_rest += event.angleDelta().y()
        notches, self._wheel_rest = int(self._wheel_rest / 120), self._wheel_rest - int(self._wheel_rest / 120) * 120
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if notches:
                self._zoom_at(case, event.position(), view_tools.ZOOM_STEP**notches)
            return
        for _ in range(abs(notches)):
            view_tools.scroll(case, self.number, -1 if notches > 0 else 1)

    def _zoom_at(self, case: Case, place: QPointF, factor: float) -> None:
        """Zoom so that what lies under the pointer stays there."""
        screen = self.picture.screen if self.picture else None
        if screen is None:
            return
        ratio = self.devicePixelRatioF()
        right = place.x() * ratio - screen.width / 2
        down = place.y() * ratio - screen.height / 2
        before = screen.px_per_mm
        after = before * factor
        view_tools.zoom(case, self.number, after)
        view_tools.pan(case, self.number, right / after - right / before, down / after - down / before)

    def _near_crosshair(self, place: QPointF) -> bool:
        """Whether a press is on the crosshair's middle or one of its lines."""
        case, screen = self._case, self.picture.screen if self.picture else None
        if case is None or screen is None:
            return False
        view = case.view(self.number)
        if view.tile.orientation is None or view.crosshair_lps is None:
            return False
        ratio = self.devicePixelRatioF()
        x, y, _ = screen.pixel(view.crosshair_lps)
        away = (abs(x / ratio - place.x()), abs(y / ratio - place.y()))
        return min(away) <= CLICK_PX + 1

    def _place_crosshair(self, place: QPointF) -> None:
        """Put the crosshair where the hand is, in planes and in stacks that hang beside planes."""
        case, screen = self._case, self.picture.screen if self.picture else None
        if case is None or screen is None or not case.crosshair_is_shown():
            return
        view = case.view(self.number)
        if view.display_set is not None and view.display_set.grid is not None:
            ratio = self.devicePixelRatioF()
            point = screen.point(place.x() * ratio - 0.5, place.y() * ratio - 0.5)
            case.place_crosshair(view.display_set, point)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
