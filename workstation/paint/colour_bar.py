"""The colours of a layer as a bar: which value has which, with the unit, the ends, and how much of it is mixed in."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from workstation.paint.labels import elided, height, label, rim_px
from workstation.paint.lines import ACCENT
from workstation.paint.marks import Box

EDGE: Final = QColor(150, 156, 164)
PLATE: Final = QColor(0, 0, 0, 170)
TEXT: Final = QColor(225, 228, 232)
TEXT_PX: Final = 11.0
WIDE_PX: Final = 10.0
STEP: Final = 1.3
"""From one line of words to the next, in heights of the text."""
HEAD_LINES: Final = 3
"""Title, unit, and the upper end above the bar."""
BELOW_CORNER_PX: Final = 74.0
ABOVE_MIDDLE_PX: Final = 16.0
HIGHEST_PX: Final = 220.0
LEAST_PX: Final = 32.0
SMALLEST_PX: Final = 220
"""A tile smaller than this, in logical pixels, has no bar; its corners say the window."""


@dataclass(frozen=True)
class ColourBar:
    """`colours` from the lowest value to the highest, 0xffRRGGBB; `low` and `high` are the ends as they are written,
    `title` and `unit` stand above the bar."""

    colours: tuple[int, ...]
    low: str
    high: str
    title: str
    unit: str = ""
    chosen: bool = False
    """Whether what changes light acts on this layer."""


def bar_places(
    bars: tuple[ColourBar, ...], size: tuple[int, int], ratio: float, words: tuple[Box, ...]
) -> tuple[QRectF, ...]:
    """Where each bar stands on a tile of `size` (width, height) device pixels, its ends between top and bottom; none
    on a small tile. At the right edge between the text of the corner and the middle, where lines of planes and their
    rings are; the topmost layer's is the outermost. `words` is where the lines of the corners stand."""
    text, pad = TEXT_PX * ratio, 5 * ratio
    above = (y + high for x, y, _, high in words if x > size[0] / 2 and y < size[1] / 2)
    top = max(size[1] * 0.13, BELOW_CORNER_PX * ratio, *above) + HEAD_LINES * STEP * text
    high = min(size[1] / 2 - ABOVE_MIDDLE_PX * ratio - STEP * text - top, HIGHEST_PX * ratio)
    if not bars or min(size) < SMALLEST_PX * ratio or high < LEAST_PX * ratio:
        return ()
    right = size[0] - 12 * ratio
    places = []
    for bar in reversed(bars):
        most = max(size[0] * 0.25, 60 * ratio)
        told = [each for each in (bar.title, bar.unit, bar.high, bar.low) if each]
        wide = max(elided(each, text, False, most)[1] for each in told) + 2 * pad
        right -= wide
        places.append(QRectF(right, top, wide, high))
        right -= 4 * ratio
    return tuple(reversed(places))


def paint_bars(
    painter: QPainter, bars: tuple[ColourBar, ...], area: QRectF, ratio: float, words: tuple[Box, ...]
) -> None:
    """The bars of a tile, where `bar_places` has them."""
    places = bar_places(bars, (round(area.width()), round(area.height())), ratio, words)
    painter.save()
    for bar, place in zip(bars, places, strict=False):
        _paint(painter, bar, place, ratio)
    painter.restore()


def _paint(painter: QPainter, bar: ColourBar, place: QRectF, ratio: float) -> None:
    size, step, pad = TEXT_PX * ratio, TEXT_PX * ratio * STEP, 5 * ratio
    head = [each for each in (bar.title, bar.unit) if each]
    plate = place.adjusted(0, -step * len(head) - step, 0, step + pad)
    painter.fillRect(plate, PLATE)
    for number, words in enumerate((*head, bar.high)):
        ink = ACCENT if bar.chosen and number == 0 else TEXT
        _word(painter, words, plate.x(), plate.y() + number * step, plate.width(), size, ink)
    x = round(place.center().x() - WIDE_PX * ratio / 2)
    colours = np.asarray(bar.colours, dtype=np.uint32)[::-1].reshape(-1, 1).copy()
    strip = QImage(colours.data, 1, len(bar.colours), 4, QImage.Format.Format_RGB32)
    bounds = QRect(x, round(place.y() + pad), round(WIDE_PX * ratio), round(place.height() - pad))
    painter.drawImage(bounds, strip)
    painter.setPen(ACCENT if bar.chosen else EDGE)
    painter.drawRect(bounds.adjusted(-1, -1, 0, 0))
    _word(painter, bar.low, plate.x(), place.bottom() + pad / 2, plate.width(), size)


def _word(painter: QPainter, words: str, x: float, y: float, room: float, size: float, ink: QColor = TEXT) -> None:
    """A word in the middle of its room."""
    shown, wide = elided(words, size, False, room)
    picture = label(shown, size, False, ink.rgb())
    painter.drawImage(
        QPoint(round(x + (room - wide) / 2 - rim_px(size)), round(y + (size * STEP - height(size)) / 2)), picture
    )
