"""Text with a dark rim, readable on black, on bone and on an inverted picture; each label is made once and kept."""

import math
from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath

from workstation.paint.fonts import font

RIM_ALPHA: Final = 235
RIM_SHARE: Final = 0.28
"""Twice the width of the rim as a share of the font's size."""


@lru_cache(maxsize=1024)
def label(text: str, size_px: float, bold: bool, rgb: int) -> QImage:
    """A line of text in a picture of its own (device pixels), its baseline block as high as `height(size_px)`."""
    type_ = font(size_px, bold)
    metrics = QFontMetricsF(type_)
    rim = rim_px(size_px)
    width = int(metrics.horizontalAdvance(text)) + 1 + 2 * rim
    written = QImage(max(1, width), height(size_px), QImage.Format.Format_Alpha8)
    written.fill(Qt.GlobalColor.transparent)
    baseline = QPointF(rim, round((written.height() + metrics.capHeight()) / 2))
    path = QPainterPath()
    path.addText(baseline, type_, text)
    painter = QPainter(written)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(path, QColor.fromRgb(rgb))  # drawText differs by what the glyph cache met before
    painter.end()
    bits = np.frombuffer(written.constBits(), np.uint8).reshape(written.height(), written.bytesPerLine())
    argb = _on_rim(bits[:, : written.width()].astype(np.float32) / np.float32(255), rgb, size_px * RIM_SHARE / 2)
    return QImage(argb.data, argb.shape[1], argb.shape[0], QImage.Format.Format_ARGB32_Premultiplied).copy()


def _on_rim(ink: NDArray[np.float32], rgb: int, reach_px: float) -> NDArray[np.uint32]:
    """Coverage of a text, (height, width) from 0 to 1, as premultiplied ARGB on a black rim `reach_px` wide.

    Grown by shifting: stroking the outline with round joins takes ten times as long.
    """
    reach = math.ceil(reach_px + 0.5)
    rows, columns = ink.shape
    wide = np.pad(ink, reach)
    rim = np.zeros_like(ink)
    for down, right in product(range(-reach, reach + 1), repeat=2):
        weight = min(1.0, reach_px + 0.5 - math.hypot(down, right))
        if weight > 0:
            shifted = wide[reach + down : reach + down + rows, reach + right : reach + right + columns]
            np.maximum(rim, shifted * np.float32(weight), out=rim)
    alpha = ink + rim * (RIM_ALPHA / 255) * (1 - ink)
    argb: NDArray[np.uint32] = np.rint(alpha * 255).astype(np.uint32) << np.uint32(24)
    for shift in (16, 8, 0):
        argb |= np.rint(ink * (rgb >> shift & 255)).astype(np.uint32) << np.uint32(shift)
    return argb


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
