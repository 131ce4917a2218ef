"""What the grid paints where it has no picture: a tile whose picture comes, and one that another window shows."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QWidget

from workstation.paint.tile import paint_words
from workstation.picture.compose import is_warm
from workstation.ui.screen_tile import ScreenTile

ELSEWHERE: Final = "This tile is in the second window."


def is_covered(tiles: Iterable[ScreenTile], wanted: QRect, ratio: float) -> bool:
    """Whether the picture of one tile fills all of `wanted` (logical pixels): black under it takes as long as it."""
    pixels = QRectF(wanted.x() * ratio, wanted.y() * ratio, wanted.width() * ratio, wanted.height() * ratio)
    return any(tile.picture is not None and QRectF(tile.rect).contains(pixels) for tile in tiles)


def paint_standing(painter: QPainter, tile: ScreenTile) -> None:
    """Who a tile without a picture is, and that the picture is coming; the ground is black already.

    Words alone: a few labels that are kept, and no picture is made on the main thread.
    """
    marks = tile.standing() if is_warm() else None
    if marks is not None:
        paint_words(painter, marks, tile.size, tile.ratio)


def paint_holes(painter: QPainter, holes: list[QRect], widget: QWidget) -> None:
    """The places (device pixels) of tiles that are in the second window."""
    for rect in holes:
        painter.setClipRect(rect)
        font = widget.font()
        font.setPixelSize(round(widget.fontInfo().pixelSize() * widget.devicePixelRatioF()))
        painter.setFont(font)
        painter.setPen(widget.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, ELSEWHERE)
