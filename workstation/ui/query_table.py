"""The table of what archives found; keys move between studies, patients are read on the way."""

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from workstation.ui.query_model import FoundModel, Line

WIDTHS: Final = (0, 150, 84, 120, 70, 120, 110)
"""Logical pixels for digits 8 pixels wide; 0 takes what is left."""

LEAST_PX: Final = 260
ACCESSION: Final = 3
HERE: Final = 5
ON: Final = 6
GROWING: Final = (HERE, ACCESSION, ON)
"""These take what their longest needs while the studies keep `LEAST_PX`: a number that is cut is no number."""

BESIDE_PX: Final = 14


class FoundTable(QTableView):
    """`menu_wanted(place)` on a right click or the menu key, `typed(text)` when letters are typed that mean nothing
    here, `chosen` when another row is current.
    """

    menu_wanted = Signal(QPoint)
    typed = Signal(str)
    chosen = Signal()

    def __init__(self, model: FoundModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Studies found in the archives")
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.selectionModel().currentRowChanged.connect(lambda now, before: self.chosen.emit())
        model.modelReset.connect(self._span)
        model.modelReset.connect(self._fit)
        model.dataChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 1.6))
        scale = max(1.0, self.fontMetrics().horizontalAdvance("0") / 8)
        for column, width in enumerate(WIDTHS):
            if width:
                self.setColumnWidth(column, round(width * scale))
        for column in GROWING:
            texts = {self._model.text(row, column) for row in range(len(self._model.lines))}
            wanted = max(map(self.fontMetrics().horizontalAdvance, texts), default=0) + 2 * BESIDE_PX
            usual, left = self.columnWidth(column), self.viewport().width() - LEAST_PX
            left -= sum(self.columnWidth(each) for each in range(1, len(WIDTHS)) if each != column)
            self.setColumnWidth(column, max(usual, min(wanted, left)))
        room = self.viewport().width() - sum(round(width * scale) for width in WIDTHS)
        self.setColumnHidden(ACCESSION, room < LEAST_PX)

    def _span(self) -> None:
        """A patient takes the whole row."""
        self.clearSpans()
        for row, line in enumerate(self._model.lines):
            if line.study is None:
                self.setSpan(row, 0, 1, self._model.columnCount())

    def line(self) -> Line | None:
        """The row that is chosen."""
        row = self.currentIndex().row()
        return self._model.lines[row] if 0 <= row < len(self._model.lines) else None

    def select(self, row: int) -> None:
        self.setCurrentIndex(self._model.index(row, 0))
        self.scrollTo(self._model.index(row, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Up and Down stop at patients too: screen readers read them there."""
        index = super().moveCursor(action, modifiers)
        return self._model.index(index.row(), 0) if index.isValid() else index

    def keyboardSearch(self, text: str) -> None:
        self.typed.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = event.pos()
        index = self.indexAt(at)
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            at = self.visualRect(self.currentIndex()).bottomLeft()
        elif index.isValid():
            self.select(index.row())
        self.menu_wanted.emit(self.viewport().mapToGlobal(at))
