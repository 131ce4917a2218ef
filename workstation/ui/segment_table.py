"""The segments of a case as rows: shown or hidden, number in its colour, name, volume; names are typed in place."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from workstation.case.state import Case
from workstation.findings.finding import Value
from workstation.findings.hot_values import told_as
from workstation.findings.segment import Algorithm, Segment

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NUMBER, NAME, VOLUME = range(3)
TITLES: Final = ("No.", "Segment", "Volume")
TIPS: Final = (
    "The tick shows the segment on its images or hides it; the colour is that of its outline",
    "What it is called; F2 or a double click changes it",
    "Its volume; the tooltip says what else it measures",
)
_ROOT: Final = QModelIndex()


class SegmentsModel(QAbstractTableModel):
    """Rows in the order of their numbers."""

    def __init__(self) -> None:
        super().__init__()
        self._case: Case | None = None
        self.rows: list[Segment] = []

    def show(self, case: Case | None) -> None:
        self._case = case
        self.follow()

    def follow(self) -> None:
        """Take over what the case says now; only what has changed is drawn anew."""
        rows = sorted(self._case.marks.segments, key=lambda each: each.number) if self._case else []
        if [each.tracking_uid for each in rows] != [each.tracking_uid for each in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        changed = [n for n, (old, new) in enumerate(zip(self.rows, rows, strict=True)) if old is not new]
        self.rows = rows
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], VOLUME))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        return {Role.DisplayRole: TITLES[section], Role.ToolTipRole: TIPS[section]}.get(Role(role))

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() == NUMBER:
            found |= Qt.ItemFlag.ItemIsUserCheckable
        if index.column() == NAME:
            found |= Qt.ItemFlag.ItemIsEditable
        return found

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        segment, column = self.rows[index.row()], index.column()
        if role == Role.CheckStateRole and column == NUMBER:
            return Qt.CheckState.Unchecked if segment.hidden else Qt.CheckState.Checked
        if role == Role.DecorationRole and column == NAME:
            return QColor(*segment.colour)
        if role == Role.EditRole:
            return segment.name
        if role == Role.ToolTipRole:
            return _explained(segment)
        if role == Role.DisplayRole:
            return (f"{segment.number}", _named(segment), volume_words(segment))[column]
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        segment, case = self.rows[index.row()], self._case
        if case is None:
            return False
        if role == Role.CheckStateRole:
            changed = replace(segment, hidden=Qt.CheckState(value) is Qt.CheckState.Unchecked)
        else:
            changed = replace(segment, name=str(value).strip())
        case.marks.change_segments(changed)
        return True


def _named(segment: Segment) -> str:
    """Its name, and what of it must not be overlooked: that it is an algorithm's alone, that it is locked."""
    by = f"  (by {segment.algorithm_name or 'an algorithm'})" if segment.algorithm is Algorithm.AUTOMATIC else ""
    return f"{segment.title}{by}{'  (locked)' if segment.locked else ''}"


def volume_words(segment: Segment) -> str:
    """Its volume as the list tells it."""
    if not segment.mask:
        return "empty"
    volume = segment.mask.volume_ml
    return f"{volume:.0f} ml" if volume >= 1000 else f"{volume:.3g} ml" if volume < 10 else f"{volume:.1f} ml"


def _listed(values: Iterable[Value]) -> str:
    return "  ·  ".join(
        f"{told_as(each.name, each.unit)} {each.value:.5g} {each.unit}".rstrip() for each in values
    ).replace("-", "−")


def _explained(segment: Segment) -> str:
    """The values with how they came about; those that came about alike in one line."""
    told = [f"{_listed(values)}\n    {how}" for how, values in groupby(segment.values, key=lambda each: each.how)]
    how = f"{segment.algorithm}{f': {segment.algorithm_name}' if segment.algorithm_name else ''}"
    copied = [f"Copied {segment.origin}"] if segment.origin else []
    return "\n".join([*told, f"Made: {how}", *copied, f"Status: {segment.status}"])
