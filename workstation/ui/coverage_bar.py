"""The bar that says which images of a series were on the screen, and the delegate that draws it in the strip.

Seen images are a full band, the others a thin line: told apart by shape, not by colour alone. Its words stand in the
tooltip.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from workstation.case.coverage import runs

BAR_PX: Final = 4
MARGIN_PX: Final = 6


def paint_bar(painter: QPainter, rect: QRect, seen: NDArray[np.bool_], band: QColor, line: QColor) -> None:
    """Draw the images of a set from left to right: the seen ones as a band over a thin line."""
    if not len(seen):
        return
    middle = rect.center().y()
    painter.fillRect(QRect(rect.left(), middle, rect.width(), 1), line)
    each = rect.width() / len(seen)
    for first, last in runs(seen):
        width = max(1.0, (last - first + 1) * each)  # one image of thousands can still be seen
        painter.fillRect(QRectF(rect.left() + first * each, rect.top(), width, rect.height()), band)


def in_words(seen: NDArray[np.bool_]) -> str:
    """The bar for the tooltip and for screen readers."""
    count = int(np.count_nonzero(seen))
    return f"Seen so far: {count} of {len(seen)} image{'s' if len(seen) != 1 else ''}."


class CoverageDelegate(QStyledItemDelegate):
    """Draws an item of the strip as usual and the bar along its lower edge; `seen(key)` is asked at every paint."""

    def __init__(self, view: QAbstractItemView, seen: Callable[[str], NDArray[np.bool_] | None]) -> None:
        super().__init__(view)
        self._seen = seen

    def _of(self, index: QModelIndex | QPersistentModelIndex) -> NDArray[np.bool_] | None:
        key = index.data(Qt.ItemDataRole.UserRole)
        return self._seen(key) if isinstance(key, str) else None

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        seen = self._of(index)
        if seen is not None:
            area: QRect = option.rect
            palette: QPalette = option.palette
            bar = area.adjusted(MARGIN_PX, 0, -MARGIN_PX, -3)
            bar.setTop(bar.bottom() - BAR_PX + 1)
            band, line = palette.color(QPalette.ColorRole.Link), palette.color(QPalette.ColorRole.PlaceholderText)
            line.setAlphaF(0.45)
            paint_bar(painter, bar, seen, band, line)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        seen = self._of(index)
        if seen is None or event.type() is not QEvent.Type.ToolTip:
            return super().helpEvent(event, view, option, index)
        told = index.data(Qt.ItemDataRole.ToolTipRole)
        QToolTip.showText(event.globalPos(), "\n".join(part for part in (told, in_words(seen)) if part), view)
        return True


def told_to_readers(model: QAbstractItemModel, seen: Callable[[str], NDArray[np.bool_] | None]) -> None:
    """Give the words of each bar to screen readers."""
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        found = seen(str(index.data(Qt.ItemDataRole.UserRole)))
        if found is not None:
            model.setData(index, in_words(found), Qt.ItemDataRole.AccessibleDescriptionRole)
