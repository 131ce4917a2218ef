"""The table of the worklist: rows as high as their text, columns that can be hidden, moved and resized, and kept."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from workstation.ui.worklist_cells import MARGIN_PX, WorklistCells
from workstation.ui.worklist_columns import BY_KEY, COLUMNS, STRETCHED
from workstation.ui.worklist_marks import SIZE_PX
from workstation.ui.worklist_model import WorklistModel
from workstation.worklist.filters import Sort
from workstation.worklist.kept import ColumnPlace

LEAST_PX = 140
"""What the stretched column keeps, for text of the usual size; twice of it where columns come that may as well not."""

LONGEST_ID_PX = 560
"""Room for 64 digits, the longest there may be (PS3.5 6.2, LO), with text of the usual size."""

MOST_OF_INDICATION = 3
"""How many times its usual width the indication takes at most: room for 64 letters (PS3.5 6.2, LO)."""

_KEYS = [column.key for column in COLUMNS]
_WANTED = ("patient", "id", "age", "status", "date", "modality", "images", "waiting", "priors", "urgency", "claimed")
"""Columns that are shown by themselves: what they say never leaves for want of room, the table scrolls sideways; only
those that say nothing of any study give way."""

_ALWAYS = ("patient", "id")
_WELCOME = ("accession", "part", "series", "referrer")
"""Columns that come by themselves while there is room, the most wanted first."""


class WorklistTable(QTableView):
    """`sort_wanted(column key)` when a header is clicked, `columns_changed` when a person moved or hid one,
    `typed(text)` when letters are typed that mean nothing here, `menu_wanted(place)` on a right click or the menu key.
    """

    sort_wanted = Signal(str)
    columns_changed = Signal()
    typed = Signal(str)
    menu_wanted = Signal(QPoint)

    def __init__(self, model: WorklistModel) -> None:
        super().__init__()
        self._model = model
        self._by_hand = False
        self._arranging = False
        self._empty, self._longest = model.empty, (model.longest_id, model.longest_status)
        self.setModel(model)
        model.modelReset.connect(self.fit)
        self._cells = WorklistCells(model)
        self.setItemDelegate(self._cells)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Studies")
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._head()
        self._measure()
        self.arrange(())

    def _head(self) -> None:
        head = self.horizontalHeader()
        head.setSectionsMovable(True)
        head.setFirstSectionMovable(True)
        head.setSectionsClickable(True)
        head.setHighlightSections(False)
        head.setMinimumSectionSize(40)
        head.setSectionResizeMode(_KEYS.index(STRETCHED), QHeaderView.ResizeMode.Stretch)
        head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head.setAccessibleName("Columns")
        head.sectionClicked.connect(lambda section: self.sort_wanted.emit(_KEYS[section]))
        head.sectionMoved.connect(self._changed_by_hand)
        head.sectionResized.connect(self._resized)
        head.customContextMenuRequested.connect(lambda at: self.column_menu().exec(head.mapToGlobal(at)))

    # ------------------------------------------------------------- columns

    def arrange(self, places: Iterable[ColumnPlace]) -> None:
        """Put the columns as they were kept; without places as they come."""
        places = [each for each in places if each.key in BY_KEY]
        self._by_hand = bool(places)
        known = {each.key for each in places}
        places += [ColumnPlace(column.key, 0, column.shown) for column in COLUMNS if column.key not in known]
        head = self.horizontalHeader()
        self._arranging = True
        for visual, each in enumerate(places):
            logical = _KEYS.index(each.key)
            head.moveSection(head.visualIndex(logical), visual)
            self.setColumnWidth(logical, each.width_px or self._width(each.key))
            self.setColumnHidden(logical, not each.shown)
        self._arranging = False
        self._use_room()

    def places(self) -> tuple[ColumnPlace, ...]:
        """How the columns stand, for the next time; empty while nobody has touched them."""
        head = self.horizontalHeader()
        if not self._by_hand:
            return ()
        logicals = (head.logicalIndex(visual) for visual in range(len(COLUMNS)))
        return tuple(
            ColumnPlace(
                _KEYS[each],
                0 if _KEYS[each] == STRETCHED or self.isColumnHidden(each) else self.columnWidth(each),
                not self.isColumnHidden(each),
            )
            for each in logicals
        )

    def columns_shown(self) -> list[str]:
        """Keys of the columns from left to right."""
        head = self.horizontalHeader()
        logicals = (head.logicalIndex(visual) for visual in range(len(COLUMNS)))
        return [_KEYS[each] for each in logicals if not self.isColumnHidden(each)]

    def show_column(self, key: str, shown: bool) -> None:
        """Show or hide one; the last one stays."""
        if not shown and self.columns_shown() == [key]:
            return
        self.setColumnHidden(_KEYS.index(key), not shown)
        self._changed_by_hand()

    def column_menu(self, parent: QWidget | None = None) -> QMenu:
        """Which columns are shown, to be ticked."""
        menu = QMenu("Columns", parent or self)
        menu.setToolTipsVisible(True)
        for column in COLUMNS:
            action = menu.addAction(column.title)
            action.setToolTip(column.tip)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(_KEYS.index(column.key)))
            action.toggled.connect(lambda shown, key=column.key: self.show_column(key, shown))
        menu.addSeparator()
        menu.addAction("As they come").triggered.connect(self._as_they_come)
        return menu

    def _as_they_come(self) -> None:
        self.arrange(())
        self.columns_changed.emit()

    def show_order(self, order: Sort) -> None:
        """The arrow in the header."""
        descending = Qt.SortOrder.DescendingOrder if order.descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(_KEYS.index(order.column), descending)
        self.horizontalHeader().setSortIndicatorShown(True)

    def _resized(self, section: int, old: int, new: int) -> None:
        """By the hand, not by the window: then the stretched column is the one that changes."""
        pressed = self.horizontalHeader().cursor().shape() is Qt.CursorShape.SplitHCursor
        if pressed and _KEYS[section] != STRETCHED:
            self._changed_by_hand()

    def _changed_by_hand(self, *moved: int) -> None:
        if not self._arranging:
            self._by_hand = True
            self.columns_changed.emit()

    def _use_room(self) -> None:
        """While nobody has touched them, as many columns as the window has room for."""
        if self._by_hand or not self.isVisible():
            return
        self._empty, self._longest = self._model.empty, (self._model.longest_id, self._model.longest_status)
        for key in ("status", "id"):
            self.setColumnWidth(_KEYS.index(key), self._width(key))
        least = round(LEAST_PX * self._scale())
        said = [key for key in _WANTED if key in _ALWAYS or key not in self._empty]
        left = self.viewport().width() - sum(map(self._width, said))
        for key in said:
            self.setColumnHidden(_KEYS.index(key), False)
        self._stretch(left, least)
        left -= least
        left -= self._show_indication(left)
        for key in (*(key for key in _WANTED if key not in said), *_WELCOME):
            left -= self._width(key)
            kept = least if key in _WELCOME else 0
            self.setColumnHidden(_KEYS.index(key), left < kept)

    def _show_indication(self, left: int) -> int:
        """It comes where a study has one and there is room, and takes half of that; how wide it is then, in pixels."""
        place, usual = _KEYS.index("indication"), self._width("indication")
        lent = self._width("status") - round(BY_KEY["status"].width_px * self._scale())  # to what was not sent
        shown = "indication" not in self._empty and left >= usual - lent
        self.setColumnHidden(place, not shown)
        if not shown:
            return 0
        width = min(max(min(usual, left), left // 2), MOST_OF_INDICATION * usual)
        self.setColumnWidth(place, width)
        return width

    def _stretch(self, left: int, least: int) -> None:
        """The stretched column takes what is left, but never less than `least`; without a word in it, it gives way."""
        head, place = self.horizontalHeader(), _KEYS.index(STRETCHED)
        mode = QHeaderView.ResizeMode.Stretch if left >= least else QHeaderView.ResizeMode.Interactive
        if head.sectionResizeMode(place) is not mode:
            head.setSectionResizeMode(place, mode)
        if left < least:
            self.setColumnWidth(place, least)
        self.setColumnHidden(place, STRETCHED in self._empty and left < least)

    def fit(self) -> None:
        """Other studies may say something where none did, or something longer."""
        if (self._model.empty, (self._model.longest_id, self._model.longest_status)) != (self._empty, self._longest):
            self._use_room()

    # ---------------------------------------------------------------- sizes

    def _width(self, key: str) -> int:
        """As it comes, for text of this size: columns are drawn up for digits 8 pixels wide."""
        usual = round(BY_KEY[key].width_px * self._scale())
        if key == "status":
            beside = SIZE_PX + 3 * MARGIN_PX + 2  # its mark
            return max(usual, self.fontMetrics().horizontalAdvance(self._model.longest_status) + beside)
        if key != "id":
            return usual
        longest = self.fontMetrics().horizontalAdvance(self._model.longest_id) + 2 * MARGIN_PX + 2
        return max(usual, min(longest, round(LONGEST_ID_PX * self._scale())))  # patients are told apart by all of it

    def _scale(self) -> float:
        return max(1.0, self.fontMetrics().horizontalAdvance("0") / 8)

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 1.6))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_by_hand"):
            self._measure()
            if not self._by_hand:
                self.arrange(())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._use_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._use_room()

    # ----------------------------------------------------------------- hand

    def keyboardSearch(self, text: str) -> None:
        """Letters begin a search instead of jumping about in one column."""
        self.typed.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """For the row under the pointer; by the menu key for the chosen row, wherever the pointer is."""
        at = event.pos()
        index = self.indexAt(at)
        chosen = self.selectionModel().selectedRows()
        if event.reason() is QContextMenuEvent.Reason.Keyboard and chosen:
            at = self.visualRect(chosen[0].siblingAtColumn(_KEYS.index("patient"))).bottomLeft()
        elif index.isValid():
            self.selectRow(index.row())
        self.menu_wanted.emit(self.viewport().mapToGlobal(at))
