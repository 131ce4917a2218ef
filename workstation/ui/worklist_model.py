"""The rows of the worklist as a table: sorted once, filtered at every keystroke."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from workstation.cache.entries import ReadingStatus
from workstation.ui.theme import DARK
from workstation.ui.worklist_columns import BY_KEY, COLUMNS, name_of
from workstation.ui.worklist_marks import status_mark, urgency_mark
from workstation.worklist.filters import Filter, Sort, Tab
from workstation.worklist.items import Item

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole


class WorklistModel(QAbstractTableModel):
    """`items` are all studies; `shown` those that the filter lets through, in the order of the sort."""

    def __init__(self) -> None:
        super().__init__()
        self.items: tuple[Item, ...] = ()
        self.shown: list[Item] = []
        self.filter = Filter()
        self.order = Sort()
        self.now = datetime.now()
        self._sorted: list[Item] = []
        self._places: dict[str, int] = {}
        self._bold = QFont()
        self._bold.setBold(True)

    def set_items(self, items: Iterable[Item]) -> None:
        """Other studies, or the same ones marked otherwise."""
        self.items = tuple(items)
        self.now = datetime.now()
        self._sorted = in_order(self.items, self.order)
        self._show()

    def set_view(self, wanted: Filter, order: Sort) -> None:
        """Show what is wanted in this order."""
        if order != self.order:
            self.order = order
            self._sorted = in_order(self.items, order)
        self.filter = wanted
        self._show()

    def _show(self) -> None:
        self.beginResetModel()
        self.shown = self.filter.of(self._sorted, self.now.date())
        self._places = {item.uid: row for row, item in enumerate(self.shown)}
        self.endResetModel()

    def place(self, uid: str | None) -> int | None:
        """The row in which a study is shown."""
        return None if uid is None else self._places.get(uid)

    def counts(self, tabs: Iterable[Tab]) -> dict[str, int]:
        """How many studies each tab has, by its key."""
        return {tab.key: len(tab.filter.of(self.items, self.now.date())) for tab in tabs}

    def modalities(self) -> Counter[str]:
        """How many studies have each modality."""
        return Counter(modality for item in self.items for modality in item.row.modalities)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == _Role.DisplayRole:
            return column.title
        if role == _Role.ToolTipRole:
            return f"{column.tip}. A click sorts, a drag moves, a right click hides and shows columns."
        if role == _Role.TextAlignmentRole:
            return _alignment(column.right)
        return None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        item, column = self.shown[index.row()], COLUMNS[index.column()]
        if role == _Role.DisplayRole:
            return column.text(item, self.now)
        if role == _Role.UserRole:
            return item.uid
        if role == _Role.TextAlignmentRole:
            return _alignment(column.right)
        if role == _Role.DecorationRole:
            return _mark(item, column.key)
        if role == _Role.FontRole and item.status is ReadingStatus.UNREAD and column.key == "patient":
            return self._bold
        if role == _Role.ForegroundRole and item.row.quarantined and column.key == "images":
            return QBrush(QColor(DARK.warning))
        if role == _Role.ToolTipRole:
            return _tip(item, column.key)
        if role == _Role.AccessibleTextRole:
            return f"{column.title}: {column.text(item, self.now) or 'unknown'}"
        return None


def in_order(items: Iterable[Item], order: Sort) -> list[Item]:
    """Sorted, stable in both directions; what has no value in that column comes last in both."""
    key = BY_KEY[order.column].order
    known, unknown = [], []
    for item in items:
        value = key(item)
        if value is None:
            unknown.append(item)
        else:
            known.append((value, item))
    known.sort(key=lambda pair: pair[0], reverse=order.descending)
    return [item for _, item in known] + unknown


def _alignment(right: bool) -> int:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _mark(item: Item, column: str) -> Any:
    if column == "status":
        return status_mark(item.status)
    if column == "urgency" and item.is_urgent:
        return urgency_mark(item.urgency == 0)
    return None


def _tip(item: Item, column: str) -> str:
    row = item.row
    if column == "images" and row.quarantined:
        return f"{row.quarantined} objects came and are kept aside; “What is not shown” says why."
    if column == "patient":
        return "\n".join([name_of(row), *row.notices])
    return "\n".join(f"{each.modality}  {each.description}  {each.images} images" for each in row.series[:30])
