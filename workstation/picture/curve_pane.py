"""The whole picture of a curve: the unrolled volume, the plot below it, the cut across it and what is measured there.

For the window, for `snapshot` and for what is written as an object alike. All places in logical pixels; the pictures
are drawn at device pixels, unscaled.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from workstation.imaging.lumen import Narrowing
from workstation.paint.fonts import font
from workstation.paint.lines import ACCENT
from workstation.paint.tile import CHIP, LETTER, QUIET, TEXT
from workstation.picture.curve import CurvePicture, Followed
from workstation.picture.curve_plot import LINE_PX, paint_plot
from workstation.picture.curve_words import at_the_place, ends, head, up_and_down
from workstation.picture.scale_bar import SCALE_BARS_MM

HEAD_PX: Final = 24
PLOT_PX: Final = 96
LEFT_PX: Final = 44
RIGHT_PX: Final = 44
GAP_PX: Final = 8
WORDS_PX: Final = 7 * LINE_PX
LEAST_SECTION_PX: Final = 48
LEAST_WORDS_PX: Final = 236
"""The words below the cut across need so much width."""

TEXT_PX: Final = 12.0
BAR_SHARE: Final = 0.25
ABOVE_BAR_PX: Final = 20
"""Letters at the lower edge stand above the scale bar."""

CORNER: Final = np.array((0.5, 0.5, 0.0))
"""From the centre of a device pixel to the outer corner."""

_SIDES: Final = {
    "left": Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    "right": Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
    "top": Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
    "bottom": Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom,
}


@dataclass(frozen=True)
class Places:
    """Where everything lies in a pane of a size, logical pixels, on a screen of so many device pixels to each."""

    width: float
    height: float
    ratio: float = 1.0

    @property
    def section(self) -> QRectF:
        """The cut across: a square at the right."""
        edge = self.section_px / self.ratio
        return QRectF(self.words_left, HEAD_PX, edge, edge)

    @property
    def words_left(self) -> float:
        return self.width - max(self.section_px / self.ratio, LEAST_WORDS_PX) - GAP_PX

    @property
    def section_px(self) -> int:
        """Edge of the cut across, device pixels."""
        return max(LEAST_SECTION_PX, round((self.height - HEAD_PX - WORDS_PX - GAP_PX) * self.ratio))

    @property
    def room(self) -> QRectF:
        """For the unrolled picture."""
        width = self.words_left - LEFT_PX - RIGHT_PX
        return QRectF(LEFT_PX, HEAD_PX, max(16.0, width), max(16.0, self.height - HEAD_PX - PLOT_PX - GAP_PX))

    @property
    def picture_px(self) -> tuple[int, int]:
        """Room for the unrolled picture, device pixels."""
        return round(self.room.width() * self.ratio), round(self.room.height() * self.ratio)

    @property
    def plot(self) -> QRectF:
        room = self.room
        return QRectF(room.left(), self.height - PLOT_PX, room.width(), PLOT_PX - LINE_PX - 4)

    def x_of(self, picture: CurvePicture, arc_mm: float) -> float:
        """Where a place of the line lies."""
        return LEFT_PX + (picture.unrolled.column(arc_mm) + 0.5) / self.ratio

    def arc_at(self, picture: CurvePicture, x: float) -> float:
        """The place of the line above or below an x."""
        arcs = picture.unrolled.arcs_mm
        return float(np.interp((x - LEFT_PX) * self.ratio - 0.5, np.arange(len(arcs)), arcs))


@dataclass(frozen=True, eq=False)
class Pane:
    """What is shown: a line with its pictures; the place that is wished for may be ahead of that of the pictures.

    `title` is what the line is called, `hint` what a hand can do next.
    """

    followed: Followed
    picture: CurvePicture
    arc_mm: float
    between: tuple[float, float] | None = None
    narrowing: Narrowing | None = None
    title: str = "Curve"
    hint: str = ""


def paint_pane(painter: QPainter, pane: Pane, places: Places) -> None:
    """All of it, on black."""
    painter.fillRect(QRectF(0, 0, places.width, places.height), Qt.GlobalColor.black)
    painter.setFont(font(TEXT_PX))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_head(painter, pane, places)
    _paint_unrolled(painter, pane, places)
    plot = places.plot
    plot.setWidth(min(plot.width(), pane.picture.image.width() / places.ratio))
    x_of = lambda arc_mm: places.x_of(pane.picture, arc_mm)  # noqa: E731  handed on once
    paint_plot(painter, plot, x_of, pane.followed, pane.between, pane.narrowing)
    _paint_place(painter, pane, places)
    _paint_section(painter, pane, places)
    _paint_words(painter, pane, places)


def painted(pane: Pane, places: Places) -> QImage:
    """All of it as a picture of its own, device pixels."""
    image = QImage(round(places.width * places.ratio), round(places.height * places.ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(places.ratio)
    with QPainter(image) as painter:
        paint_pane(painter, pane, places)
    return image


def _paint_head(painter: QPainter, pane: Pane, places: Places) -> None:
    """What it is at the left; what can be done at the right of it, as far as there is room."""
    room = QRectF(LEFT_PX, 0, places.room.width(), HEAD_PX)
    middle = Qt.AlignmentFlag.AlignVCenter
    text = head(pane.picture, pane.title)
    painter.setPen(TEXT)
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | middle, text)
    left = painter.boundingRect(room, Qt.AlignmentFlag.AlignLeft | middle, text).right() + 24
    rest = QRectF(left, 0, places.words_left - GAP_PX - left, HEAD_PX)
    painter.setPen(QUIET)
    if painter.boundingRect(rest, middle, pane.hint).width() <= rest.width():
        painter.drawText(rest, Qt.AlignmentFlag.AlignRight | middle, pane.hint)


def _picture_rect(pane: Pane, places: Places) -> QRectF:
    """Where the unrolled picture lies; one made for a larger pane is cut, not drawn over what lies beside it."""
    image, room = pane.picture.image, places.room
    height = image.height() / places.ratio
    top = room.top() + max(0.0, (room.height() - height) / 2)
    return QRectF(room.left(), top, image.width() / places.ratio, height)


def _paint_unrolled(painter: QPainter, pane: Pane, places: Places) -> None:
    rect, room = _picture_rect(pane, places), places.room
    painter.save()
    painter.setClipRect(room)
    painter.drawImage(rect, pane.picture.image)
    rect = rect.intersected(room)
    inner = rect.adjusted(6, 3, -6, -3)
    for side, text in zip(("left", "right"), ends(pane.followed), strict=True):
        _veiled(painter, inner, _SIDES[side], text, LETTER)
    px_per_mm = 1 / (pane.picture.unrolled.pixel_mm * places.ratio)
    _paint_bar(painter, inner, px_per_mm)
    painter.restore()


def _paint_place(painter: QPainter, pane: Pane, places: Places) -> None:
    """The line at the place that is looked at, through picture and plot, with the patient's sides at its ends."""
    x = places.x_of(pane.picture, pane.arc_mm)
    rect = _picture_rect(pane, places).intersected(places.room)
    painter.setPen(QPen(CHIP, 1.0))
    painter.drawLine(QPointF(x, rect.top()), QPointF(x, places.plot.bottom()))
    room = QRectF(x - 40, rect.top() + 3, 80, rect.height() - 6 - ABOVE_BAR_PX)
    room.moveLeft(min(max(room.left(), rect.left() - 30), rect.right() - 50))
    for side, text in zip(("top", "bottom"), up_and_down(pane.picture), strict=True):
        _veiled(painter, room, _SIDES[side], text, LETTER)


def _paint_section(painter: QPainter, pane: Pane, places: Places) -> None:
    rect, screen, found = places.section, pane.picture.screen, pane.followed.lumen
    painter.save()
    painter.setClipRect(rect)
    image = pane.picture.section
    painter.drawImage(QRectF(rect.topLeft(), image.size().toSizeF() / places.ratio), image)
    inner = rect.adjusted(4, 3, -4, -3)
    if found is not None and not pane.picture.lacks and found.measured[number := found.at(pane.picture.arc_mm)]:
        seen = (screen.pixels(found.outlines_lps[number]) + CORNER) / places.ratio
        painter.setPen(QPen(CHIP if found.doubtful[number] else ACCENT, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(QPolygonF([QPointF(rect.left() + x, rect.top() + y) for x, y, _ in seen]))
    for side, text in screen.letters.items():
        room = inner.adjusted(0, 0, 0, -ABOVE_BAR_PX) if side == "bottom" else inner
        _veiled(painter, room, _SIDES[side], text, LETTER)
    _paint_bar(painter, inner, screen.px_per_mm / places.ratio)
    painter.restore()
    painter.setPen(QPen(CHIP, 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)


def _paint_words(painter: QPainter, pane: Pane, places: Places) -> None:
    left, top = places.words_left, places.section.bottom() + 4
    painter.setPen(QUIET)
    room = QRectF(left, 0, places.width - left - GAP_PX, HEAD_PX)
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "Across the curve")
    for n, said in enumerate(at_the_place(pane.followed, pane.picture, pane.narrowing)):
        painter.setPen(CHIP if said.doubt else TEXT)
        painter.drawText(QPointF(left, top + (n + 1) * LINE_PX - 5), said.text)


def _paint_bar(painter: QPainter, inner: QRectF, px_per_mm: float) -> None:
    """How long a round length is, at the lower left: across and along the line alike."""
    fitting = [each for each in SCALE_BARS_MM if each * px_per_mm <= min(BAR_SHARE * inner.width() + 12, 160)]
    if not fitting:
        return
    length = fitting[-1]
    text = f"{length // 10} cm" if length >= 10 else f"{length} mm"
    left, bottom, width = inner.left() + 4, inner.bottom() - 4, length * px_per_mm
    ways = [QPointF(left, bottom - 4), QPointF(left, bottom), QPointF(left + width, bottom)]
    ways.append(QPointF(left + width, bottom - 4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, thick in ((QColor(0, 0, 0, 200), 3.5), (TEXT, 1.2)):
        painter.setPen(QPen(colour, thick))
        painter.drawPolyline(QPolygonF(ways))
    _veiled(painter, QRectF(left + width + 6, bottom - 15, 60, 18), _SIDES["left"], text, TEXT)


def _veiled(painter: QPainter, room: QRectF, where: Qt.AlignmentFlag, text: str, colour: QColor) -> None:
    """Text over a picture, which may be bright there."""
    ground = painter.boundingRect(room, where, text).adjusted(-3, 0, 3, 0)
    painter.fillRect(ground, QColor(0, 0, 0, 170))
    painter.setPen(colour)
    painter.drawText(room, where, text)
