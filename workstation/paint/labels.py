"""Text with a rim, and where it needs one a veil, readable on any picture; each label is made once and kept.

Rim and veil are the opposite of the text: black under light text, white under dark.
"""

import math
from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPainterPath

from workstation.paint.fonts import font
from workstation.paint.ground import LIGHT_FROM, STEPS, luminance

RIM_ALPHA: Final = 235
RIM_SHARE: Final = 0.28
"""Twice the width of the rim as a share of the font's size."""


@lru_cache(maxsize=1024)
def label(text: str, size_px: float, bold: bool, rgb: int, veil: int = 0) -> QImage:
    """A line of text in a picture of its own (device pixels), its baseline block as high as `height(size_px)`.

    `veil`, 0 to `ground.STEPS`, is how much of what lies under the whole line is covered; its edges are soft.
    """
    type_ = font(size_px, bold)
    metrics = QFontMetricsF(type_)
    rim = rim_px(size_px)
    width = int(metrics.horizontalAdvance(text)) + 1 + 2 * rim
    # Of what has alpha alone Qt has threads of its own fill the parts, and Python's lock is held until they had a core.
    written = QImage(max(1, width), height(size_px), QImage.Format.Format_ARGB32_Premultiplied)
    written.fill(Qt.GlobalColor.transparent)
    baseline = QPointF(rim, round((written.height() + metrics.capHeight()) / 2))
    path = QPainterPath()
    path.addText(baseline, type_, text)
    painter = QPainter(written)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(path, Qt.GlobalColor.white)  # drawText differs by what the glyph cache met before
    painter.end()
    bits = np.frombuffer(written.constBits(), np.uint32).reshape(written.height(), written.width())
    ink = (bits >> np.uint32(24)).astype(np.float32) / np.float32(255)
    under = np.maximum(_rim(ink, size_px * RIM_SHARE / 2) * np.float32(RIM_ALPHA / 255), _veil(ink.shape, rim, veil))
    argb = _laid_on(ink, under, rgb)
    return QImage(argb.data, argb.shape[1], argb.shape[0], QImage.Format.Format_ARGB32_Premultiplied).copy()


def _rim(ink: NDArray[np.float32], reach_px: float) -> NDArray[np.float32]:
    """Coverage of a text, (height, width) from 0 to 1, grown by `reach_px` to each side.

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
    return rim


def _veil(shape: tuple[int, ...], soft_px: int, strength: int) -> NDArray[np.float32]:
    """Coverage of an even veil over (height, width) that fades out at its edges: over `soft_px`, half that below."""
    edges = zip(shape, (soft_px // 2, soft_px), strict=True)
    high, wide = (np.minimum(1, _to_edge(length) / (soft + 1)) for length, soft in edges)
    return np.outer(high, wide).astype(np.float32) * np.float32(strength / STEPS)


def _to_edge(length: int) -> NDArray[np.float32]:
    """For each of so many pixels in a row, the pixels to the nearer end, itself counted."""
    places = np.arange(1, length + 1, dtype=np.float32)
    return np.minimum(places, places[::-1])


def _laid_on(ink: NDArray[np.float32], under: NDArray[np.float32], rgb: int) -> NDArray[np.uint32]:
    """Text over its rim, coverages of (height, width), as premultiplied ARGB; the rim is white under dark text."""
    alpha = ink + under * (1 - ink)
    argb: NDArray[np.uint32] = np.rint(alpha * 255).astype(np.uint32) << np.uint32(24)
    white = np.float32(0 if is_light(rgb) else 255)
    for shift in (16, 8, 0):
        argb |= np.rint(ink * (rgb >> shift & 255) + under * (1 - ink) * white).astype(np.uint32) << np.uint32(shift)
    return argb


@lru_cache(maxsize=64)
def luminance_of(rgb: int) -> float:
    """Relative luminance of one colour 0xRRGGBB."""
    return float(luminance(np.array([rgb & 0xFFFFFF], np.uint32))[0])


def is_light(rgb: int) -> bool:
    """Whether a colour stands on dark."""
    return luminance_of(rgb) > LIGHT_FROM


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


def wrapped(text: str, metrics: QFontMetricsF, room: float) -> list[str]:
    """Words put into lines no wider than `room`; a single word may be."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and metrics.horizontalAdvance(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def rows_of(chips: list[tuple[str, float]], gap: float, room: float) -> list[list[tuple[str, float]]]:
    """Chips with their widths put into rows no wider than `room`."""
    rows: list[list[tuple[str, float]]] = [[]]
    for chip in chips:
        if rows[-1] and row_width([*rows[-1], chip], gap) > room:
            rows.append([])
        rows[-1].append(chip)
    return rows


def row_width(row: list[tuple[str, float]], gap: float) -> float:
    """How wide a row is with its gaps."""
    return sum(width for _, width in row) + gap * (len(row) - 1)
