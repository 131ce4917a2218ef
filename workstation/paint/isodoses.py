"""Lines of equal dose painted, and the legend that says which colour is how much, and which structure."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workstation.paint.labels import elided, height, label, rim_px

HALO: Final = QColor(0, 0, 0, 150)
PLATE: Final = QColor(0, 0, 0, 190)
TEXT: Final = QColor(225, 228, 232)
TEXT_PX: Final = 11.0
SMALLEST_PX: Final = 300
"""A tile smaller than this, in logical pixels, has lines without a legend."""

ENUMS_MADE: Final = (Qt.PenCapStyle.RoundCap,)
"""As `paint.tile` has it: what painting meets is made before two threads meet it at once."""


@dataclass(frozen=True, eq=False)
class Isodose:
    """Stretches of one line of equal dose in device pixels, shape (n, 2, 2), and what the legend says of it."""

    stretches: NDArray[np.float64]
    colour: tuple[int, int, int]
    text: str


@dataclass(frozen=True)
class Legend:
    """What is drawn over a tile, by its colours; a row without one is a heading."""

    rows: tuple[tuple[str, tuple[int, int, int] | None], ...] = ()


def paint_isodoses(painter: QPainter, isodoses: tuple[Isodose, ...], ratio: float) -> None:
    """The highest dose last, over the others."""
    if not isodoses:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for each in reversed(isodoses):
        lines = [QLineF(x0, y0, x1, y1) for (x0, y0), (x1, y1) in each.stretches.tolist()]
        for colour, width in ((HALO, 2.2), (QColor(*each.colour), 1.1)):
            pen = QPen(colour, width * ratio)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLines(lines)
    painter.restore()


def paint_legend(painter: QPainter, legend: Legend, area: QRectF, ratio: float) -> None:
    """Beside the letter at the left edge, between the texts of the corners."""
    if not legend.rows or min(area.width(), area.height()) < SMALLEST_PX * ratio:
        return
    size = TEXT_PX * ratio
    step, swatch, pad = size * 1.35, 16 * ratio, 6 * ratio
    low, high = max(area.height() * 0.16, 84 * ratio), area.height() * 0.76
    fitting = max(2, int((high - low - 2 * pad) / step))
    rows = legend.rows if len(legend.rows) <= fitting else legend.rows[: fitting - 1]
    lines = [(text, QColor(*colour) if colour else None) for text, colour in rows]
    if len(rows) < len(legend.rows):
        lines.append((f"and {len(legend.rows) - len(rows)} more", None))
    most = min(area.width() * 0.4, 280 * ratio)
    insets = [swatch + pad if colour is not None else 0.0 for _, colour in lines]
    wide = max(elided(text, size, False, most)[1] + inset for (text, _), inset in zip(lines, insets, strict=True))
    box = QRectF(26 * ratio, low, wide + 2 * pad, step * len(lines) + 2 * pad)
    painter.save()
    painter.fillRect(box, PLATE)
    for number, ((text, colour), inset) in enumerate(zip(lines, insets, strict=True)):
        top, x = box.y() + pad + number * step, box.x() + pad
        if colour is not None:
            painter.setPen(QPen(colour, 2.2 * ratio))
            painter.drawLine(QPointF(x, top + step / 2), QPointF(x + swatch, top + step / 2))
        picture = label(elided(text, size, False, most)[0], size, False, TEXT.rgb())
        painter.drawImage(QPoint(round(x + inset - rim_px(size)), round(top + (step - height(size)) / 2)), picture)
    painter.restore()
