"""How a cell of the worklist is painted: mark, then text, elided. The general delegate asks seven things of each cell
and lays its text out anew each time, which is felt at every keystroke of a search.
"""

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QStaticText
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from workstation.cache.entries import ReadingStatus
from workstation.ui.theme import DARK
from workstation.ui.worklist_columns import COLUMNS
from workstation.ui.worklist_marks import SIZE_PX, mark_of

if TYPE_CHECKING:
    from workstation.ui.worklist_model import WorklistModel

MARGIN_PX: Final = 7
MOST_LAID_OUT: Final = 8000
"""Texts that are kept laid out: some screens full."""


class WorklistCells(QStyledItemDelegate):
    """Paints the cells of a `WorklistModel`."""

    def __init__(self, model: "WorklistModel") -> None:
        super().__init__()
        self._model = model
        self._laid_out: dict[tuple[str, int, bool], tuple[QStaticText, float]] = {}
        self._font = QFont()
        self._bold = QFont()
        self._warning = QColor(DARK.warning)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row, place = index.row(), index.column()
        item, column = self._model.shown[row], COLUMNS[place]
        drawn: Any = option  # the stubs do not know its members
        rect: QRect = drawn.rect
        if drawn.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, drawn.palette.color(QPalette.ColorRole.Highlight))
        left, width = rect.left() + MARGIN_PX, rect.width() - 2 * MARGIN_PX
        mark = mark_of(item, column.key)
        if mark is not None:
            mark.paint(painter, QRect(left, rect.center().y() - SIZE_PX // 2 + 1, SIZE_PX, SIZE_PX))
            left, width = left + SIZE_PX + MARGIN_PX, width - SIZE_PX - MARGIN_PX
        text = self._model.text(row, place)
        if not text:
            return
        bold = column.key == "patient" and item.reading.status is ReadingStatus.UNREAD
        laid_out, text_width = self._lay_out(text, width, bold, drawn.font)
        warns = column.key == "images" and item.row.quarantined
        painter.setFont(self._bold if bold else self._font)
        painter.setPen(self._warning if warns else drawn.palette.color(QPalette.ColorRole.Text))
        x = left + width - text_width if column.right else left
        painter.drawStaticText(QPointF(x, rect.top() + (rect.height() - laid_out.size().height()) / 2), laid_out)

    def _lay_out(self, text: str, width: int, bold: bool, font: QFont) -> tuple[QStaticText, float]:
        """A text elided to `width` pixels and laid out, with how wide it is then."""
        if font != self._font or len(self._laid_out) > MOST_LAID_OUT:
            self._laid_out.clear()
            self._font, self._bold = QFont(font), QFont(font)
            self._bold.setWeight(QFont.Weight.DemiBold)
        found = self._laid_out.get((text, width, bold))
        if found is None:
            used = self._bold if bold else self._font
            made = QStaticText(QFontMetrics(used).elidedText(text, Qt.TextElideMode.ElideRight, width))
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.prepare(font=used)
            found = self._laid_out[text, width, bold] = made, made.size().width()
        return found
