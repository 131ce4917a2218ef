"""Below the images: a volume unrolled along a curve, how wide it is along it, and the cut across it at one place.

Picture and plot share their way along: what lies below each other is the same place of the line. A press looks at a
place; dragging up and down turns about the line; Shift and a drag marks the stretch to compare. What is painted is made
in `picture.curve_pane`, for the window and for what is saved alike.
"""

import math
from typing import Any, Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workstation.case.curve import STEP_MM, Curve
from workstation.imaging.lumen import Narrowing
from workstation.paint.fonts import font
from workstation.picture.curve import CurvePicture, Followed
from workstation.picture.curve_pane import TEXT_PX, Pane, Places, paint_pane
from workstation.picture.curve_words import at_the_place, ends, head, up_and_down
from workstation.ui.theme import DARK

TURN_DEG_PX: Final = 0.5
"""Degrees turned by a logical pixel of a drag."""

TO_SCALE: Final = (
    "Lengths along the curve and straight across it are true. Nothing else here is to scale, so nothing is measured "
    "with tools here: the curve's own length and widths are."
)


class CurvePanel(QWidget):
    """Shows what it is given. `looked(arc length)`, `turned(degrees)`, `compared(from, to)` are what the hand wants;
    `resized` when pictures of another size are needed."""

    looked = Signal(float)
    turned = Signal(float)
    compared = Signal(float, float)
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("curve")
        self.setAccessibleName("Curved planes")
        self.setToolTip(TO_SCALE)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(320)
        self.curve = Curve()
        self.followed: Followed | None = None
        self.picture: CurvePicture | None = None
        self.narrowing: Narrowing | None = None
        self.title = "Curve"
        self.said = ""
        """In place of pictures, while there are none; beside them what a hand can do next."""
        self._pressed: tuple[float, float] | None = None
        self._from = 0.0
        self.hide()

    # --------------------------------------------------------------- places

    @property
    def places(self) -> Places:
        return Places(self.width(), self.height(), self.devicePixelRatioF())

    def x_of(self, arc_mm: float) -> float:
        """Logical x of a place of the line."""
        return self.places.x_of(self.picture, arc_mm) if self.picture is not None else 0.0

    def arc_at(self, x: float) -> float:
        """The place of the line under a logical x."""
        return self.places.arc_at(self.picture, x) if self.picture is not None else 0.0

    @property
    def pane(self) -> Pane | None:
        """What is painted; None while there is nothing but words."""
        if self.picture is None or self.followed is None:
            return None
        curve = self.curve
        return Pane(self.followed, self.picture, curve.arc_mm, curve.between, self.narrowing, self.title, self.said)

    # ----------------------------------------------------------------- hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or self.picture is None:
            return
        self._pressed = (event.position().x(), event.position().y())
        self._from = self.arc_at(event.position().x())
        if event.modifiers() != Qt.KeyboardModifier.ShiftModifier and not self._beside(event.position().x()):
            self.looked.emit(self._from)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or self.picture is None:
            return
        x, y = event.position().x(), event.position().y()
        if event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.compared.emit(self._from, self.arc_at(x))
            return
        if y < self.places.plot.top() and abs(y - self._pressed[1]) >= 1:
            self.turned.emit((y - self._pressed[1]) * TURN_DEG_PX)
        self._pressed = (x, y)
        if not self._beside(x):
            self.looked.emit(self.arc_at(x))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.picture is not None and event.angleDelta().y():
            self.looked.emit(self.curve.arc_mm - math.copysign(STEP_MM, event.angleDelta().y()))
            event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def _beside(self, x: float) -> bool:
        """Whether an x lies beside picture and plot, on the cut across."""
        return x >= self.places.words_left

    # ---------------------------------------------------------------- paint

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            pane = self.pane
            if pane is not None:
                paint_pane(painter, pane, self.places)
            else:
                painter.fillRect(self.rect(), Qt.GlobalColor.black)
                painter.setFont(font(TEXT_PX))
                painter.setPen(QColor(DARK.quiet))
                words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(QRectF(self.rect()).adjusted(24, 0, -24, 0), words, self.said)
            painter.setPen(QColor(DARK.line))
            painter.drawLine(0, 0, self.width(), 0)

    def facts(self) -> dict[str, Any] | None:
        """What is shown, in plain JSON values; None while it is closed."""
        if self.isHidden():
            return None
        curve = self.curve
        # What was worked out for other points says nothing of these.
        followed = self.followed if self.followed and self.followed.points == curve.points else None
        picture = self.picture if followed and self.picture and self.picture.points == curve.points else None
        return {
            "points": [list(each) for each in curve.points],
            "placing": curve.placing,
            "title": self.title,
            "finding": curve.finding,
            "length_mm": followed.line.length_mm if followed else None,
            "arc_mm": curve.arc_mm,
            "degrees": curve.degrees,
            "stretched": curve.stretched,
            "between": list(curve.between) if curve.between else None,
            "shown_arc_mm": picture.arc_mm if picture else None,
            "shown_degrees": picture.degrees if picture else None,
            "said": self.said,
            "head": head(picture, self.title) if picture else "",
            "ends": list(ends(followed)) if followed else [],
            "sides": list(up_and_down(picture)) if picture else [],
            "words": [each.text for each in at_the_place(followed, picture, self.narrowing)]
            if followed and picture
            else [],
            "rect": self._rect_on_screen(),
        }

    def _rect_on_screen(self) -> list[int]:
        """Where the unrolled picture has its room, device pixels from the corner of the window."""
        room, ratio = self.places.room, self.devicePixelRatioF()
        corner = self.mapTo(self.window(), room.topLeft().toPoint())
        return [round(each * ratio) for each in (corner.x(), corner.y(), room.width(), room.height())]
