"""Lesions of PET as rows: those that are segments, and spots that are proposed, with a tick for those that stay."""

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from workstation.case.hot import KEPT
from workstation.findings.hot_table import COMPUTING, HotTable, Row
from workstation.findings.hot_values import told_as

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NAME, MAX, MEAN, PEAK, MTV, TLG, SCORE = range(7)
_ROOT: Final = QModelIndex()
_NAMES: Final = {MAX: "Max", MEAN: "Mean", PEAK: "Peak"}
TIPS: Final = {
    NAME: "A press goes there; the tick of a proposed spot takes it out or brings it back, as a click on it does",
    MAX: "The hottest stored voxel",
    MEAN: "The mean of its stored voxels",
    PEAK: "The highest mean of a sphere of 1 ml with its centre in it, voxels at its surface in part",
    MTV: "Metabolic volume, ml: all its voxels",
    TLG: "Total lesion glycolysis, g: mean times volume",
    SCORE: "Deauville's points by the references below: a help, the score is the reader's",
}


class HotModel(QAbstractTableModel):
    """Rows of one table. `ticked(row)` when a spot is to be taken out or brought back."""

    ticked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.table = HotTable("", "")
        self.colours: dict[str, QColor] = {}

    def show(self, table: HotTable, colours: dict[str, QColor]) -> None:
        """Take over what is so now; rows that are the same rows stay where they are."""
        same = [_who(each) for each in table.rows] == [_who(each) for each in self.table.rows]
        if not same:
            self.beginResetModel()
        self.table, self.colours = table, colours
        if not same:
            self.endResetModel()
        elif table.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(table.rows) - 1, SCORE))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, SCORE)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.table.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else SCORE + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Role.ToolTipRole:
            called = told_as(_NAMES[section], self.table.unit) if section in _NAMES else ""
            unit = f" ({self.table.unit})" if section in _NAMES else ""
            return f"{called}{unit}: {TIPS[section]}" if called else TIPS[section]
        if role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignVCenter | _side(section)
        return ("Lesion", "max", "mean", "peak", "ml", "TLG", "D")[section] if role == Role.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() == NAME and self.table.rows[index.row()].proposed:
            found |= Qt.ItemFlag.ItemIsUserCheckable
        return found

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        row, column = self.table.rows[index.row()], index.column()
        if role == Role.DisplayRole:
            return self._words(row, column)
        if role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignVCenter | _side(column)
        if role == Role.CheckStateRole and column == NAME and row.proposed:
            return Qt.CheckState.Unchecked if row.out else Qt.CheckState.Checked
        if role == Role.DecorationRole and column == NAME and not row.proposed:
            return self.colours.get(row.uid, QColor(*KEPT))
        if role == Role.ForegroundRole and row.out:
            return QApplication.palette().color(QPalette.ColorRole.PlaceholderText)
        if role == Role.ToolTipRole:
            rule = COMPUTING if row.computing else self.table.deauville(row.max).rule
            name = row.name or f"Segment {row.number}"
            told = (", ".join(filter(None, (name, row.site))), row.made, f"Deauville {rule}")
            return "\n".join(filter(None, told))
        return None

    def _words(self, row: Row, column: int) -> str:
        if column == NAME and (row.proposed or not row.name):
            return row.called  # beside its tick or its colour there is no room for more
        if column == NAME:
            return f"{row.name}{' (' + row.site + ')' if row.site else ''}"
        if row.computing:
            return "…"
        if column == SCORE:
            score = self.table.deauville(row.max).score if row.max is not None and not row.out else None
            return f"{score}" if score is not None else "–"
        value = {MAX: row.max, MEAN: row.mean, PEAK: row.peak, MTV: row.mtv_ml, TLG: row.tlg_g}[column]
        return short(value)

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        if role != Role.CheckStateRole:
            return False
        self.ticked.emit(index.row())
        return True


def short(value: float | None) -> str:
    """A number as narrow columns hold it; a dash for none."""
    if value is None:
        return "–"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _who(row: Row) -> tuple[object, ...]:
    return row.uid, row.number, row.proposed


def _side(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignLeft if column == NAME else Qt.AlignmentFlag.AlignRight
