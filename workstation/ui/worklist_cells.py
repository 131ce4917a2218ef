"""How a cell of the worklist is painted: mark, then text, elided. The general delegate asks seven things of each cell
and lays its text out anew each time, which is felt at every keystroke of a search.
"""

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPalette, QStaticText
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from workstation.cache.entries import ReadingStatus
from workstation.ui.theme import DARK
from workstation.ui.worklist_columns import COLUMNS, Column
from workstation.ui.worklist_marks import SIZE_PX, mark_of
from workstation.worklist.items import Item

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
        self._laid_out: dict[tuple[str, int, bool, bool], tuple[QStaticText, float]] = {}
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
        mark = mark_of(item, column.key)
        if mark is not None:
            side = rect.left() + MARGIN_PX
            mark.paint(painter, QRect(side, rect.center().y() - SIZE_PX // 2 + 1, SIZE_PX, SIZE_PX))
        text = self._model.text(row, place)
        if not text:
            return
        left, width = _room(rect, mark is not None)
        bold = _is_bold(item, column)
        laid_out, text_width = self._lay_out(text, width, bold, column.middle, drawn.font)
        warns = (column.key == "images" and item.row.quarantined) or (
            column.key == "status" and item.uid in self._model.unsent
        )
        painter.setFont(self._bold if bold else self._font)
        painter.setPen(self._warning if warns else drawn.palette.color(QPalette.ColorRole.Text))
        x = left + width - text_width if column.right else left
        painter.drawStaticText(QPointF(x, rect.top() + (rect.height() - laid_out.size().height()) / 2), laid_out)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """What is cut is whole in the tooltip, above what else there is to say."""
        if event.type() is not QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        rect = view.visualRect(index)
        QToolTip.showText(event.globalPos(), self.tip(index, rect, view.font()), view, rect)
        return True

    def tip(self, index: QModelIndex | QPersistentModelIndex, rect: QRect, font: QFont) -> str:
        """The tooltip of a cell that is painted in `rect`."""
        item, column = self._model.shown[index.row()], COLUMNS[index.column()]
        text, told = self._model.text(index.row(), index.column()), str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
        _, width = _room(rect, mark_of(item, column.key) is not None)
        used = QFont(font)
        used.setWeight(QFont.Weight.DemiBold if _is_bold(item, column) else font.weight())
        if QFontMetrics(used).horizontalAdvance(text) <= width or told.startswith(text):
            return told
        return f"{text}\n{told}".strip()

    def _lay_out(self, text: str, width: int, bold: bool, middle: bool, font: QFont) -> tuple[QStaticText, float]:
        """A text elided to `width` pixels and laid out, with how wide it is then."""
        if font != self._font or len(self._laid_out) > MOST_LAID_OUT:
            self._laid_out.clear()
            self._font, self._bold = QFont(font), QFont(font)
            self._bold.setWeight(QFont.Weight.DemiBold)
        found = self._laid_out.get((text, width, bold, middle))
        if found is None:
            used = self._bold if bold else self._font
            where = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
            made = QStaticText(QFontMetrics(used).elidedText(text, where, width))
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.prepare(font=used)
            found = self._laid_out[text, width, bold, middle] = made, made.size().width()
        return found


def _room(rect: QRect, marked: bool) -> tuple[int, int]:
    """Where the text of a cell begins and how much of it there is room for, beside its mark."""
    taken = MARGIN_PX + (SIZE_PX + MARGIN_PX if marked else 0)
    return rect.left() + taken, rect.width() - taken - MARGIN_PX


def _is_bold(item: Item, column: Column) -> bool:
    return column.key == "patient" and item.reading.status is ReadingStatus.UNREAD
