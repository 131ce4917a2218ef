"""One tile painted: the image, and over it corners, letters, scale bar, chips, lines and the frame."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QGradient, QImage, QPainter, QPen, QRegion

from workstation.paint.colour_bar import ColourBar, paint_bars
from workstation.paint.fonts import font
from workstation.paint.ground import Ground
from workstation.paint.isodoses import Isodose, Legend, paint_isodoses, paint_legend
from workstation.paint.labels import elided, height, label, luminance_of, rim_px, row_width, rows_of, wrapped
from workstation.paint.lines import ACCENT, SHADOW, Knob, Line, clipped, line_colour, paint_knobs, paint_lines
from workstation.paint.marks import Box, Mark, paint_marks
from workstation.paint.regions import Region, paint_regions

TEXT: Final = QColor(205, 209, 214)
LETTER: Final = QColor(232, 197, 106)
CHIP: Final = QColor(240, 178, 74)
QUIET: Final = QColor(140, 147, 156)
PRIOR: Final = QColor(207, 155, 224)
"""As the banner's; the word PRIOR stands wherever this colour does."""
ON_LIGHT: Final = {
    TEXT.rgb(): QColor(14, 16, 19),
    LETTER.rgb(): QColor(74, 46, 0),
    QUIET.rgb(): QColor(58, 63, 70),
    PRIOR.rgb(): QColor(88, 26, 110),
    SHADOW.rgb(): QColor(255, 255, 255, 220),
}
"""What these colours are on a tile whose ground is light, as an inverted PET's is."""

FRAME: Final = QColor(38, 42, 48)
FONT_PX: Final = 13.0
SMALLEST_FONT_PX: Final = 9.0
COMFORTABLE_WIDTH: Final = 420.0
CHAIN_PX: Final = 9.0
CHIPS_BELOW, CHIPS_BELOW_LEGEND = 0.63, 0.77
"""Shares of a tile's height below which chips stand: below the letter at the left edge, or the legend there."""

CHIP_ROOMS: Final = (0.0, 0.45, 0.7, 1.0)
"""Shares of a tile's width that rows of chips may take: a column, and more where that would stand too high."""

ENUMS_MADE: Final = (
    *(QGradient.Preset.WarmFlame, QGradient.Type.LinearGradient, QGradient.Spread.PadSpread),
    *(QImage.Format.Format_RGB32, QPainter.RenderHint.Antialiasing, QPainter.CompositionMode.CompositionMode_Source),
    *(Qt.BrushStyle.NoBrush, Qt.GlobalColor.black, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap),
    *(Qt.PenJoinStyle.BevelJoin, Qt.TextElideMode.ElideRight, Qt.FillRule.WindingFill, Qt.ClipOperation.NoClip),
    *(Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.FastTransformation, Qt.ImageConversionFlag.AutoColor),
    *(Qt.AlignmentFlag.AlignLeft, Qt.TextFlag.TextSingleLine, Qt.SizeMode.AbsoluteSize),
)
"""PySide makes an enum when it is first asked for, and two threads that ask at once end the program: all that painting
meets, also inside its calls, are made when this module is."""


@dataclass(frozen=True)
class Graphic:
    """A line through points (device pixels), filled or not; or a text, at its one point or in the box of its two."""

    points: tuple[tuple[float, float], ...]
    filled: bool = False
    text: str = ""
    align: str = "LEFT"
    grey: int = 222


@dataclass(frozen=True)
class TileMarks:
    """What is painted over an image; all positions in device pixels of the tile."""

    corners: dict[str, tuple[str, ...]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    scale: tuple[float, str] | None = None
    chips: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    knobs: tuple[Knob, ...] = ()
    graphics: tuple[Graphic, ...] = ()
    findings: tuple[Mark, ...] = ()
    regions: tuple[Region, ...] = ()
    isodoses: tuple[Isodose, ...] = ()
    legend: Legend = field(default_factory=Legend)
    plane: str = ""
    active: bool = False
    linked: bool = False
    prior: str = ""
    """How a line begins that says this is a prior; it has a colour of its own."""

    guarded: bool = False
    """Whether tiles of another patient are on screen: then this one is framed so that it cannot be overlooked."""

    bars: tuple[ColourBar, ...] = ()
    message: str = ""
    larger: float = 1.0
    """Size of all type beside the usual: for an audience further away."""


def paint_tile(
    rgb32: NDArray[np.uint32] | None, marks: TileMarks | None, size: tuple[int, int], ratio: float
) -> QImage:
    """A tile of `size` (width, height) device pixels; `rgb32` is (height, width) of 0xffRRGGBB, or None.

    `ratio` is device pixels per logical pixel and scales text and marks alone; without `marks` the image is bare.
    """
    width, height = size
    image = QImage(width, height, QImage.Format.Format_RGB32)
    if rgb32 is None:
        image.fill(Qt.GlobalColor.black)
    else:
        # NumPy copies, for it lets other threads go on meanwhile.
        np.copyto(np.frombuffer(image.bits(), np.uint32).reshape(height, width), rgb32)
    if marks is not None:
        with QPainter(image) as painter:  # a mistake must not leave it open on an image that goes before it
            _Painter(painter, marks, QRectF(0, 0, width, height), ratio, Ground(rgb32)).paint()
    return image


def paint_words(painter: QPainter, marks: TileMarks, size: tuple[int, int], ratio: float) -> None:
    """The marks of a tile without an image, from the painter's origin, on ground that is black already."""
    _Painter(painter, marks, QRectF(0, 0, *size), ratio, Ground(None)).paint()


def corner_boxes(marks: TileMarks, size: tuple[int, int], ratio: float) -> tuple[Box, ...]:
    """Where the lines of the corners stand on a tile of `size` (width, height) device pixels."""
    return _Layout(marks, QRectF(0, 0, *size), ratio).words()


class _Layout:
    """Where the words of a tile stand: what stands at the bottom is laid out from the edge upwards."""

    def __init__(self, marks: TileMarks, area: QRectF, ratio: float) -> None:
        self.marks = marks
        self.area = area
        self.ratio = ratio
        wide = area.width() / ratio / COMFORTABLE_WIDTH
        self.text_px = marks.larger * ratio * max(SMALLEST_FONT_PX, FONT_PX * min(1.0, math.sqrt(wide)))
        self.line_px = self.text_px * 1.32
        self.margin = 8.0 * ratio

    def corner(self, name: str, lines: tuple[str, ...]) -> Iterator[tuple[QRectF, str, float, bool]]:
        """Of each line of a corner its room, the line, how wide what fits of it is and whether it is bold; where the
        tile is low, of the outer lines alone."""
        top, left = name.startswith("top"), name.endswith("left")
        fitting = max(3 if top else 1, int((self.area.height() / 2 - self.margin - self.text_px) / self.line_px))
        lines = lines[:fitting] if top else lines[-fitting:]
        raised = not top and self._is_raised(lines)
        start = self.margin if top else self.area.height() - self.margin - self.line_px * (len(lines) + raised)
        for number, line in enumerate(lines):
            bold = name == "top_left" and number == 0
            at_edge = number == (0 if top else len(lines) - 1) and not raised
            room = max(self.text_px, self.area.width() / 2 - self.margin - self._half_middle(top, at_edge))
            x = self.margin if left else self.area.width() - self.margin - room
            rect = QRectF(x, start + number * self.line_px, room, self.line_px)
            yield rect, line, elided(line, self.text_px, bold, room)[1], bold

    def words(self) -> tuple[Box, ...]:
        """Where the lines of all corners stand."""
        return tuple(
            (rect.x() if name.endswith("left") else rect.right() - wide, rect.y(), wide, rect.height())
            for name, lines in self.marks.corners.items()
            for rect, _, wide, _ in self.corner(name, lines)
        )

    def _is_raised(self, lines: tuple[str, ...]) -> bool:
        """Whether a lower corner stands above the scale bar's line: its last line does not fit beside the bar."""
        if not lines or not self.marks.scale:
            return False
        room = self.area.width() / 2 - self.margin - self._half_middle(top=False, at_edge=True)
        return elided(lines[-1], self.text_px, False, 1e6)[1] > room

    def _half_middle(self, top: bool, at_edge: bool) -> float:
        """Half of what corner text leaves free in the middle: for the letter, the chain, or the scale bar's line."""
        letter = self.marks.letters.get("top" if top else "bottom", "")
        half = elided(letter, self.text_px * 1.25, True, 1e6)[1] / 2 + self.text_px * 0.8
        if top:
            return half + (CHAIN_PX * 2.2 * self.ratio if self.marks.linked else 0.0)
        if at_edge and self.marks.scale:
            return max(half, self.marks.scale[0] / 2 + self._scale_label_px() + self.text_px)
        return half

    def _scale_label_px(self) -> float:
        words = self.marks.scale[1] if self.marks.scale else ""
        return elided(words, self.text_px * 0.85, False, 1e6)[1] + 6 * self.ratio


class _Painter(_Layout):
    """Paints marks so that none covers another."""

    def __init__(self, painter: QPainter, marks: TileMarks, area: QRectF, ratio: float, ground: Ground) -> None:
        super().__init__(marks, area, ratio)
        self.painter = painter
        self.ground = ground

    def paint(self) -> None:
        paint_regions(self.painter, self.marks.regions, self.ratio)
        paint_isodoses(self.painter, self.marks.isodoses, self.ratio)
        self._lines()
        paint_knobs(self.painter, self.marks.knobs, self.ratio)
        for graphic in self.marks.graphics:
            self._graphic(graphic)
        paint_marks(self.painter, self.marks.findings, self.ratio)
        for name, lines in self.marks.corners.items():
            self._corner(name, lines)
        self._letters()
        self._scale()
        paint_legend(self.painter, self.marks.legend, self.area, self.ratio)
        if self.marks.bars:
            paint_bars(self.painter, self.marks.bars, self.area, self.ratio, self.words())
        self._chips()
        if self.marks.message:
            self._message()
        self._frame()

    def _ink(self, colour: QColor) -> QColor:
        """A colour as it is on this tile's ground."""
        return ON_LIGHT.get(colour.rgb(), colour) if self.ground.is_light else colour

    def _text(
        self, rect: QRectF, text: str, colour: QColor, size_px: float, bold: bool, align: float, boxed: bool = False
    ) -> None:
        """One line in the middle of the height of `rect`; `align` 0 is left, 0.5 centred, 1 right.

        `boxed` text stands on a ground of its own; under all other lies the image.
        """
        rgb, rim = (colour if boxed else self._ink(colour)).rgb(), rim_px(size_px)
        wide, high = elided(text, size_px, bold, 1e6)[1], height(size_px)
        x = rect.x() + align * (rect.width() - wide)
        y = rect.y() + (rect.height() - high) / 2
        veil = 0 if boxed else self.ground.veil(x - rim, y, wide + 2 * rim, high, luminance_of(rgb))
        picture = label(text, size_px, bold, rgb, veil)
        x = rect.x() - rim + align * (rect.width() + 2 * rim - picture.width())
        y = rect.y() + (rect.height() - picture.height()) / 2
        self.painter.drawImage(QPoint(round(x), round(y)), picture)

    def _graphic(self, graphic: Graphic) -> None:
        colour = QColor(graphic.grey, graphic.grey, graphic.grey)
        points = [QPointF(x, y) for x, y in graphic.points]
        if graphic.text:
            self._graphic_text(graphic, colour)
            return
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.painter.setPen(QPen(colour, 1.3 * self.ratio))
        if graphic.filled:
            self.painter.setBrush(colour)
            self.painter.drawPolygon(points)
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            self.painter.drawPolyline(points)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _graphic_text(self, graphic: Graphic, colour: QColor) -> None:
        """Lines from the top of the box; text that does not fit its box runs over, it is never cut."""
        box = QRectF(QPointF(*graphic.points[0]), QPointF(*graphic.points[-1]))
        align = {"RIGHT": 1.0, "CENTER": 0.5}.get(graphic.align, 0.0)
        for number, line in enumerate(graphic.text.splitlines()):
            rect = QRectF(box.x(), box.y() + number * self.line_px, box.width(), self.line_px)
            self._text(rect, line, colour, self.text_px, False, align)

    def _corner(self, name: str, lines: tuple[str, ...]) -> None:
        for rect, line, _, bold in self.corner(name, lines):
            colour = PRIOR if self.marks.prior and line.startswith(self.marks.prior) else TEXT
            shown = elided(line, self.text_px, bold, rect.width())[0]
            self._text(rect, shown, colour, self.text_px, bold, 0.0 if name.endswith("left") else 1.0)

    def _letters(self) -> None:
        size = self.text_px * 1.25
        width, height = self.area.width(), self.area.height()
        box = QRectF(0, 0, size * 3, size * 1.3)
        beside, under = height / 2 - box.height() / 2, width / 2 - box.width() / 2
        places = {
            "left": (self.margin, beside, 0.0),
            "right": (width - self.margin - box.width(), beside, 1.0),
            "top": (under, self.margin * 0.6, 0.5),
            "bottom": (under, self._letter_bottom() - box.height(), 0.5),
        }
        for edge, (x, y, side) in places.items():
            letter = self.marks.letters.get(edge, "")
            if letter:
                self._text(box.translated(x, y), letter, LETTER, size, True, side)

    def _letter_bottom(self) -> float:
        """Where the bottom letter ends: above the scale bar and its ticks."""
        return self.area.height() - self.margin - (10 * self.ratio if self.marks.scale else 0.0)

    def _scale(self) -> None:
        """The bar in the middle of the bottom edge, its label at its right end, where no letter stands."""
        if not self.marks.scale:
            return
        length, words = self.marks.scale
        middle, y = self.area.width() / 2, self.area.height() - self.margin - 2 * self.ratio
        ends = (QPointF(middle - length / 2, y), QPointF(middle + length / 2, y))
        tick = QPointF(0, 5 * self.ratio)
        bars = [QLineF(*ends), *(QLineF(end - tick, end) for end in ends)]
        for colour, thick in ((SHADOW, 3.0), (TEXT, 1.2)):
            self.painter.setPen(QPen(self._ink(colour), thick * self.ratio))
            self.painter.drawLines(bars)
        rect = QRectF(ends[1].x() + 6 * self.ratio, y - self.text_px, self._scale_label_px(), self.text_px * 1.3)
        self._text(rect, words, TEXT, self.text_px * 0.85, False, 0.0)

    def _chips(self) -> None:
        """What the reader must know of the image, left-aligned above the lower left corner's lines, one below another:
        at that edge least of the patient is covered. More than find room so share rows."""
        if not self.marks.chips:
            return
        size, pad, gap = self.text_px * 0.92, 7 * self.ratio, 6 * self.ratio
        beside_letter = self.text_px * 1.8
        room = self.area.width() - 2 * self.margin
        sized = [(chip, min(elided(chip, size, False, 1e6)[1] + 2 * pad, room)) for chip in self.marks.chips]
        step = self.text_px * 1.6 + gap / 2
        highest = self.area.height() * (CHIPS_BELOW_LEGEND if self.marks.legend.rows else CHIPS_BELOW)
        under_letter = self.area.height() / 2 + beside_letter
        tried = [(share * room, 0.0, highest if share < 1 else under_letter) for share in CHIP_ROOMS]
        for wide, inset, least in (*tried, (room - 2 * beside_letter, beside_letter, 0.0)):
            rows = rows_of(sized, gap, wide)
            bottom = self._below_chips(inset + max(row_width(row, gap) for row in rows)) - gap
            if bottom - step * len(rows) >= least:
                break
        upper = (y + high for _, y, _, high in self.words() if y < self.area.height() / 2)
        bottom = max(bottom, max(upper, default=0.0) + step * len(rows))  # whose image it is, is never covered
        for number, row in enumerate(rows):
            x, y = self.margin + inset, bottom - step * (len(rows) - number)
            for chip, width in row:
                shown = elided(chip, size, False, width - 2 * pad + 1)[0]
                self._chip(QRectF(x, y, width, self.text_px * 1.6), shown)
                x += width + gap

    def _below_chips(self, wide: float) -> float:
        """Where chips that reach so far in from the left edge must end: above the words and the letter they reach."""
        reach, lower = self.margin + wide, self.area.height() - self.margin
        boxes = [box for box in self.words() if box[1] > self.area.height() / 2]
        tops = [y for x, y, _, _ in boxes if x < reach + self.text_px]
        if reach > self.area.width() / 2 - 2 * self.text_px:
            tops.append(self._letter_bottom() - self.text_px * 1.8)
        return min([lower, *tops])

    def _chip(self, rect: QRectF, text: str) -> None:
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.painter.setPen(QPen(CHIP, self.ratio))
        self.painter.setBrush(QColor(0, 0, 0, 200))
        self.painter.drawRoundedRect(rect, 4 * self.ratio, 4 * self.ratio)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._text(rect, text, CHIP, self.text_px * 0.92, False, 0.5, boxed=True)

    def _lines(self) -> None:
        """Lines give way to the words of the corners, which say whose image it is; their labels stand over both."""
        free = QRegion(self.area.toRect())
        for name, lines in self.marks.corners.items():
            for rect, _, wide, _ in self.corner(name, lines):
                left = rect.x() if name.endswith("left") else rect.right() - wide
                free -= QRegion(QRectF(left, rect.y(), wide, rect.height()).toAlignedRect())
        paint_lines(self.painter, self.marks.lines, free, self.ratio)
        for line in self.marks.lines:
            if line.label:
                self._line_label(line, line_colour(line.colour))

    def _line_label(self, line: Line, colour: QColor) -> None:
        """The label just inside the tile beside that end of a line which lies further to the right."""
        size, inset = self.text_px * 0.85, 3 * self.margin
        ends = clipped(line, self.area.adjusted(inset, inset, -inset, -inset))
        if ends is None:
            return
        end = max(ends, key=lambda point: (point[0], point[1]))
        wide = elided(line.label, size, False, 1e6)[1]
        rect = QRectF(end[0] - wide - 4 * self.ratio, end[1] - size * 1.4, wide, size * 1.3)
        self._text(rect, line.label, colour, size, False, 1.0)

    def _message(self) -> None:
        """A sentence in the middle, in as many lines as it needs."""
        size = self.text_px * 1.1
        room = self.area.width() - 6 * self.margin
        lines = wrapped(self.marks.message, QFontMetricsF(font(size)), room)
        top = (self.area.height() - len(lines) * size * 1.4) / 2
        for number, line in enumerate(lines):
            rect = QRectF(3 * self.margin, top + number * size * 1.4, room, size * 1.4)
            self._text(rect, line, TEXT, size, False, 0.5)

    def _frame(self) -> None:
        """A hairline round the tile: in the accent where it is active; a plane bears its colour at the top."""
        thick = max(1.0, round(self.ratio))
        colour = ACCENT if self.marks.active else FRAME
        if self.marks.guarded:
            self._guard()
        width, height = self.area.width(), self.area.height()
        for x, y, w, h in (
            (0.0, 0.0, width, thick),
            (0.0, height - thick, width, thick),
            (0.0, 0.0, thick, height),
            (width - thick, 0.0, thick, height),
        ):
            self.painter.fillRect(QRectF(x, y, w, h), colour)
        if self.marks.plane:
            tab = QRectF(width / 2 - 14 * self.ratio, 0, 28 * self.ratio, 3 * self.ratio)
            self.painter.fillRect(tab, line_colour(self.marks.plane))
        if self.marks.linked:
            self._chain(width / 2 + self.text_px * 1.4, self.margin + 1 * self.ratio)

    def _guard(self) -> None:
        """A broken frame in the colour of warnings, inside the hairline."""
        thick = 4 * self.ratio
        pen = QPen(CHIP, thick)
        pen.setDashPattern((5.0, 2.5))
        self.painter.setPen(pen)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = thick / 2 + self.ratio
        self.painter.drawRect(self.area.adjusted(inset, inset, -inset, -inset))

    def _chain(self, x: float, y: float) -> None:
        """Two links: this tile's window and zoom are shared with others."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        size = CHAIN_PX * self.ratio
        for colour, thick in ((SHADOW, 3.0), (QUIET, 1.3)):
            self.painter.setPen(QPen(self._ink(colour), thick * self.ratio))
            for shift in (0.0, size * 0.62):
                self.painter.drawRoundedRect(QRectF(x + shift, y, size, size * 0.6), size * 0.3, size * 0.3)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
