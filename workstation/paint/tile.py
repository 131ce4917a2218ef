"""One tile painted: the image, and over it corners, letters, scale bar, chips, lines and the frame."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from workstation.paint.fonts import font

TEXT: Final = QColor(205, 209, 214)
LETTER: Final = QColor(232, 197, 106)
CHIP: Final = QColor(240, 178, 74)
QUIET: Final = QColor(140, 147, 156)
SHADOW: Final = QColor(0, 0, 0, 220)
FRAME: Final = QColor(38, 42, 48)
ACCENT: Final = QColor(79, 163, 209)
LINE_COLOURS: Final = {
    "axial": QColor(226, 162, 59),
    "coronal": QColor(96, 190, 124),
    "sagittal": QColor(98, 158, 230),
}
FONT_PX: Final = 13.0
SMALLEST_FONT_PX: Final = 9.0
COMFORTABLE_WIDTH: Final = 420.0


@dataclass(frozen=True)
class Line:
    """A stretch of a line in device pixels, in the colour of the plane it stands for."""

    start: tuple[float, float]
    end: tuple[float, float]
    colour: str


@dataclass(frozen=True)
class TileMarks:
    """What is painted over an image; all positions in device pixels of the tile."""

    corners: dict[str, tuple[str, ...]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    scale: tuple[float, str] | None = None
    chips: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    plane: str = ""
    active: bool = False
    linked: bool = False
    message: str = ""


def paint_tile(rgb32: NDArray[np.uint32] | None, marks: TileMarks, size: tuple[int, int], ratio: float) -> QImage:
    """A tile of `size` (width, height) device pixels; `rgb32` is (height, width) of 0xffRRGGBB, or None."""
    width, height = size
    image = QImage(width, height, QImage.Format.Format_RGB32)
    if rgb32 is None:
        image.fill(Qt.GlobalColor.black)
    else:
        source = QImage(rgb32.data, width, height, width * 4, QImage.Format.Format_RGB32)
        image = source.copy()
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    _Painter(painter, marks, QRectF(0, 0, width, height), ratio).paint()
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


class _Painter:
    def __init__(self, painter: QPainter, marks: TileMarks, area: QRectF, ratio: float) -> None:
        self.painter = painter
        self.marks = marks
        self.area = area
        self.ratio = ratio
        wide = area.width() / ratio / COMFORTABLE_WIDTH
        self.text_px = ratio * max(SMALLEST_FONT_PX, FONT_PX * min(1.0, wide**0.5))
        self.margin = 8.0 * ratio

    def paint(self) -> None:
        self._lines()
        self._corners()
        self._letters()
        self._scale_and_chips()
        if self.marks.message:
            self._message()
        self._frame()

    def _text(self, rect: QRectF, text: str, colour: QColor, type_: QFont, where: Qt.AlignmentFlag) -> None:
        """Text with a dark edge, readable on black and on white."""
        self.painter.setFont(type_)
        step = max(1.0, self.ratio)
        self.painter.setPen(SHADOW)
        for right, down in ((step, step), (-step, 0.0), (0.0, -step)):
            self.painter.drawText(rect.translated(right, down), int(where), text)
        self.painter.setPen(colour)
        self.painter.drawText(rect, int(where), text)

    def _corners(self) -> None:
        for name, lines in self.marks.corners.items():
            top, left = name.startswith("top"), name.endswith("left")
            line_px = self.text_px * 1.32
            room = self.area.width() / 2 - self.margin - self.text_px
            start = self.margin if top else self.area.height() - self.margin - line_px * len(lines)
            side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
            x = self.margin if left else self.area.width() - self.margin - room
            for number, line in enumerate(lines):
                bold = name == "top_left" and number == 0
                type_ = font(self.text_px, bold)
                shown = QFontMetricsF(type_).elidedText(line, Qt.TextElideMode.ElideRight, room)
                rect = QRectF(x, start + number * line_px, room, line_px)
                self._text(rect, shown, TEXT, type_, side | Qt.AlignmentFlag.AlignVCenter)

    def _letters(self) -> None:
        size = self.text_px * 1.25
        type_ = font(size, bold=True)
        width, height = self.area.width(), self.area.height()
        box = QRectF(0, 0, size * 3, size * 1.3)
        middle = {
            "left": (self.margin, height / 2 - box.height() / 2, Qt.AlignmentFlag.AlignLeft),
            "right": (width - self.margin - box.width(), height / 2 - box.height() / 2, Qt.AlignmentFlag.AlignRight),
            "top": (width / 2 - box.width() / 2, self.margin * 0.6, Qt.AlignmentFlag.AlignHCenter),
            "bottom": (
                width / 2 - box.width() / 2,
                height - self._bottom() - box.height(),
                Qt.AlignmentFlag.AlignHCenter,
            ),
        }
        for edge, (x, y, side) in middle.items():
            letter = self.marks.letters.get(edge, "")
            if letter:
                self._text(box.translated(x, y), letter, LETTER, type_, side | Qt.AlignmentFlag.AlignVCenter)

    def _bottom(self) -> float:
        """Height kept for the scale bar under the bottom letter."""
        return self.margin + (self.text_px * 1.9 if self.marks.scale else 0.0)

    def _scale_and_chips(self) -> None:
        height, middle = self.area.height(), self.area.width() / 2
        if self.marks.scale:
            length, label = self.marks.scale
            y = height - self.margin - 2 * self.ratio
            ends = (QPointF(middle - length / 2, y), QPointF(middle + length / 2, y))
            tick = QPointF(0, 5 * self.ratio)
            bars = [QLineF(*ends), *(QLineF(end - tick, end) for end in ends)]
            for colour, thick in ((SHADOW, 3.0), (TEXT, 1.2)):
                self.painter.setPen(QPen(colour, thick * self.ratio))
                self.painter.drawLines(bars)
            rect = QRectF(middle - 200 * self.ratio, y - self.text_px * 1.5, 400 * self.ratio, self.text_px * 1.3)
            self._text(rect, label, TEXT, font(self.text_px * 0.85), Qt.AlignmentFlag.AlignCenter)
        self._chips(height - self._bottom() - self.text_px * 3.4)

    def _chips(self, y: float) -> None:
        if not self.marks.chips:
            return
        type_ = font(self.text_px * 0.92)
        metrics = QFontMetricsF(type_)
        gap, pad = 6 * self.ratio, 7 * self.ratio
        widths = [metrics.horizontalAdvance(chip) + 2 * pad for chip in self.marks.chips]
        x = (self.area.width() - sum(widths) - gap * (len(widths) - 1)) / 2
        for chip, width in zip(self.marks.chips, widths, strict=True):
            rect = QRectF(x, y, width, self.text_px * 1.6)
            self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            self.painter.setPen(QPen(CHIP, self.ratio))
            self.painter.setBrush(QColor(0, 0, 0, 190))
            self.painter.drawRoundedRect(rect, 4 * self.ratio, 4 * self.ratio)
            self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            self.painter.setFont(type_)
            self.painter.setPen(CHIP)
            self.painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), chip)
            x += width + gap

    def _lines(self) -> None:
        for line in self.marks.lines:
            self.painter.setPen(QPen(LINE_COLOURS.get(line.colour, ACCENT), self.ratio))
            self.painter.drawLine(QPointF(*line.start), QPointF(*line.end))

    def _message(self) -> None:
        rect = self.area.adjusted(self.margin * 3, 0, -self.margin * 3, 0)
        where = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        self.painter.setFont(font(self.text_px * 1.1))
        self.painter.setPen(QUIET)
        self.painter.drawText(rect, int(where), self.marks.message)

    def _frame(self) -> None:
        """A hairline round the tile: in the accent where it is active; a plane bears its colour at the top."""
        colour = ACCENT if self.marks.active else FRAME
        self.painter.setPen(QPen(colour, self.ratio))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        half = self.ratio / 2
        self.painter.drawRect(self.area.adjusted(half, half, -half, -half))
        if self.marks.plane:
            tab = QRectF(self.area.width() / 2 - 14 * self.ratio, 0, 28 * self.ratio, 3 * self.ratio)
            self.painter.fillRect(tab, LINE_COLOURS.get(self.marks.plane, ACCENT))
