"""The rows of the worklist as a table: sort keys are made off the main thread, filtering is done at a keystroke."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from workstation.cache.entries import Reading, StudyRow
from workstation.picture.text import date
from workstation.ui.worklist_columns import BY_KEY, COLUMNS, Column, name_of
from workstation.ui.worklist_marks import mark_of
from workstation.worklist.elsewhere import Elsewhere
from workstation.worklist.filters import Filter, Sort, Tab
from workstation.worklist.items import Item, items

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole

NOT_SENT = "not sent"
ASK_TIP = "The archives were not asked for more. Priors in the archives (Ctrl+P) asks them, and opening the study does."
WHERE_SENT = "Fetched and sent (Ctrl+Shift+J) says more."


@dataclass(frozen=True)
class Unsent:
    """What of a study could not be sent so far: `what` as "findings", empty for all of it, and `told` the whole."""

    what: str
    told: str

    @property
    def short(self) -> str:
        """As it stands beside the status."""
        return f"{self.what} {NOT_SENT}".strip()


@dataclass(frozen=True)
class Listed:
    """All studies with what each column sorts them by, in the order of `items`; None where nothing is known."""

    items: tuple[Item, ...] = ()
    keys: Mapping[str, tuple[Any, ...]] | None = None
    by_uid: Mapping[str, Item] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()
    """Keys of the columns that say nothing of any study."""
    longest_id: str = ""
    """The longest PatientID."""

    def in_order(self, order: Sort) -> list[Item]:
        """Sorted, stable in both directions; what has no value in that column comes last in both."""
        if self.keys is None:
            return []
        keys = self.keys[order.column]
        known = [place for place, key in enumerate(keys) if key is not None]
        known.sort(key=keys.__getitem__, reverse=order.descending)
        unknown = (item for item, key in zip(self.items, keys, strict=True) if key is None)
        return [*(self.items[place] for place in known), *unknown]


def listed(
    rows: Iterable[StudyRow], readings: Mapping[str, Reading], by_hand: Mapping[str, str] = MappingProxyType({})
) -> Listed:
    """What the table shows of these studies; for a thread, a tenth of a second for five thousand."""
    found = items(rows, readings, by_hand)
    keys = {column.key: tuple(map(column.order, found)) for column in COLUMNS}
    now = datetime.now()
    empty = (column.key for column in COLUMNS if not any(column.text(item, now) for item in found))
    longest = max((item.row.patient_id for item in found), key=len, default="")
    return Listed(found, keys, {item.uid: item for item in found}, frozenset(empty), longest)


class WorklistModel(QAbstractTableModel):
    """`shown` are the studies that the filter lets through, in the order of the sort."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Item] = []
        self.now = datetime.now()
        self._all = Listed()
        self._filter = Filter()
        self._order = Sort()
        self._sorted: list[Item] = []
        self._places: dict[str, int] | None = None
        self._texts: dict[tuple[str, int], str] = {}
        self.unsent: Mapping[str, Unsent] = {}
        """By StudyInstanceUID."""
        self.elsewhere = Elsewhere()

    @property
    def items(self) -> tuple[Item, ...]:
        """All studies, newest first."""
        return self._all.items

    @property
    def empty(self) -> frozenset[str]:
        """Keys of the columns that say nothing of any study, shown or not: no column comes and goes as one types."""
        return self._all.empty

    @property
    def longest_id(self) -> str:
        """The longest PatientID of all studies."""
        return self._all.longest_id

    @property
    def uids(self) -> Collection[str]:
        """StudyInstanceUIDs of all studies."""
        return self._all.by_uid.keys()

    def item(self, uid: str) -> Item | None:
        """A study, shown or not."""
        return self._all.by_uid.get(uid)

    def set_listed(self, listed: Listed) -> None:
        """Other studies, or the same ones marked otherwise; `set_view` shows them."""
        self._all = listed
        self._sorted = listed.in_order(self._order)
        self.set_now(datetime.now())

    def set_now(self, now: datetime) -> None:
        """The time by which waiting is told."""
        self.now = now
        self._texts.clear()

    def set_view(self, wanted: Filter, order: Sort) -> None:
        """Show what is wanted in this order."""
        if order != self._order:
            self._order = order
            self._sorted = self._all.in_order(order)
        self._filter = wanted
        self.beginResetModel()
        self.shown = wanted.of(self._sorted, self.now.date())
        self._places = None
        self.endResetModel()

    def place(self, uid: str | None) -> int | None:
        """The row in which a study is shown."""
        if uid is None:
            return None
        if self._places is None:
            self._places = {item.uid: row for row, item in enumerate(self.shown)}
        return self._places.get(uid)

    def text(self, row: int, column: int) -> str:
        """What stands in a cell."""
        item = self.shown[row]
        found = self._texts.get((item.uid, column))
        if found is None:
            found = self._texts[item.uid, column] = self._text(item, COLUMNS[column])
        return found

    def _text(self, item: Item, column: Column) -> str:
        """What the study says, and what else is known of it."""
        if column.key == "priors":
            return self.elsewhere.count(item, self.uids)
        unsent = self.unsent.get(item.uid) if column.key == "status" else None
        return column.text(item, self.now) + (f", {unsent.short}" if unsent else "")

    @property
    def longest_status(self) -> str:
        """The longest that the first column says while something was not sent; empty while all was."""
        known = ((self.item(uid), unsent.short) for uid, unsent in self.unsent.items())
        said = (f"{item.status}, {short}" for item, short in known if item is not None)
        return max(said, key=len, default="")

    def set_unsent(self, unsent: Mapping[str, Unsent]) -> None:
        """Have the rows of these studies say that something of them could not be sent."""
        self.unsent = dict(unsent)
        self._texts.clear()

    def set_elsewhere(self, elsewhere: Elsewhere) -> None:
        """Have the rows say what archives have beside what is here."""
        self.elsewhere = elsewhere
        self._texts.clear()

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
        if role == _Role.DisplayRole:
            return self.text(index.row(), index.column())
        item, column = self.shown[index.row()], COLUMNS[index.column()]
        if role == _Role.UserRole:
            return item.uid
        if role == _Role.TextAlignmentRole:
            return _alignment(column.right)
        if role == _Role.DecorationRole:
            return mark_of(item, column.key)
        if role == _Role.ToolTipRole:
            if column.key == "status" and item.uid in self.unsent:
                return f"{item.status}\n{self.unsent[item.uid].told}\n{WHERE_SENT}"
            if column.key == "priors":
                return _priors_tip(item, self.elsewhere, self.uids)
            return _tip(item, column.key)
        if role == _Role.AccessibleTextRole:
            return f"{column.title}: {self.text(index.row(), index.column()) or 'unknown'}"
        return None


def known_order(order: Sort) -> Sort:
    """The order, or that in which the list comes when its column is none of ours."""
    return order if order.column in BY_KEY else Sort()


def _alignment(right: bool) -> int:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _priors_tip(item: Item, elsewhere: Elsewhere, here: Collection[str]) -> str:
    more = elsewhere.earlier(item.row, here)
    if more is None:
        return ASK_TIP if elsewhere.archives else "No archive is set up that could have more."
    named = (f"{date(each.study_date)}  {each.description}  on {', '.join(each.nodes)}" for each in more)
    return "\n".join(["In the archives, and not here:", *named]) if more else "The archives have no more."


def _tip(item: Item, column: str) -> str:
    row = item.row
    if column == "images" and row.quarantined:
        return f"{row.quarantined} objects came and are kept aside; “What is not shown” (Ctrl+D) says why."
    if column == "urgency" and item.by_hand:
        return f"Given here by hand; the study says {row.priority.upper() or 'nothing'}."
    if column == "patient":
        return "\n".join(each for each in (name_of(row), item.differs, row.indication, *row.notices) if each)
    if column in ("id", "age") and item.differs:
        return item.differs
    return "\n".join(
        f"{each.modality}  {each.description}  {each.images} object{'' if each.images == 1 else 's'}"
        for each in row.series[:30]
    )
