"""Text with a dark rim, readable on black, on bone and on an inverted picture; each label is made once and kept."""

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from workstation.paint.fonts import font

RIM: Final = QColor(0, 0, 0, 235)
RIM_SHARE: Final = 0.28
"""Width of the rim's pen as a share of the font's size; half of it shows."""


@lru_cache(maxsize=1024)
def label(text: str, size_px: float, bold: bool, rgb: int) -> QImage:
    """A line of text in a picture of its own (device pixels), its baseline block as high as `height(size_px)`."""
    type_ = font(size_px, bold)
    metrics = QFontMetricsF(type_)
    rim = rim_px(size_px)
    width = int(metrics.horizontalAdvance(text)) + 1 + 2 * rim
    image = QImage(max(1, width), height(size_px), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    baseline = QPointF(rim, round((image.height() + metrics.capHeight()) / 2))
    path = QPainterPath()
    path.addText(baseline, type_, text)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    joined = (Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, QPen(RIM, size_px * RIM_SHARE, *joined))
    painter.fillPath(path, QColor.fromRgb(rgb))  # drawText differs by what the glyph cache met before
    painter.end()
    return image


@lru_cache(maxsize=4096)
def elided(text: str, size_px: float, bold: bool, room: float) -> tuple[str, float]:
    """A line cut to `room` device pixels with an ellipsis, and its width. Font metrics are slow to come by."""
    metrics = QFontMetricsF(font(size_px, bold))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    return shown, float(metrics.horizontalAdvance(shown))


def rim_px(size_px: float) -> int:
    """How far the picture of a label reaches beyond its text on each side."""
    return int(size_px * RIM_SHARE / 2) + 2


def height(size_px: float) -> int:
    """The height of a line of text, rim included."""
    return round(size_px * 1.5)
