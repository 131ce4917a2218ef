"""The findings of a case as rows: shown or hidden, number, name, value, site, status; names and sites are typed in
place, a site with what the coded list has for it."""

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workstation.case.drawing_saved import CHANGED, NOT_SAVED
from workstation.case.state import Case
from workstation.findings.finding import TITLES as TITLES_OF
from workstation.findings.finding import Finding, Status
from workstation.findings.sites import known_sites, site_of
from workstation.findings.spine import renamed
from workstation.findings.words import summary

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NUMBER, NAME, VALUE, SITE, STATUS = range(5)
TITLES: Final = ("No.", "Name", "Value", "Site", "Status")
TIPS: Final = (
    "The tick shows the mark on its images or hides it",
    "What it is called; F2 or a double click changes it",
    "What it measures; the tooltip says how",
    "Where it lies: a place of the list, which others read by its code, or free text; F2 or a double click changes it",
    "A draft, confirmed by a reader, or found by an algorithm; the right button on the mark confirms it",
)
SHORT: Final = {Status.DRAFT: "draft", Status.CONFIRMED: "✓", Status.FROM_AI: "AI"}
"""A status in the width of its column; the tooltip says it in full."""
LIST_PX: Final = 280
_ROOT: Final = QModelIndex()


class FindingsModel(QAbstractTableModel):
    """Rows in the order of their numbers, those that hold each word of `wanted`."""

    def __init__(self) -> None:
        super().__init__()
        self._case: Case | None = None
        self.rows: list[Finding] = []
        self.wanted = ""

    def show(self, case: Case | None) -> None:
        self._case = case
        self.follow()

    def follow(self) -> None:
        """Take over what the case says now; only what has changed is drawn anew."""
        words = self.wanted.casefold().split()
        found = sorted(self._case.marks, key=lambda each: each.number) if self._case else []
        rows = [each for each in found if all(word in _words(each) for word in words)]
        if [each.tracking_uid for each in rows] != [each.tracking_uid for each in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        changed = [n for n, (old, new) in enumerate(zip(self.rows, rows, strict=True)) if old is not new]
        self.rows = rows
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], STATUS))

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
        if index.column() in (NAME, SITE):
            found |= Qt.ItemFlag.ItemIsEditable
        return found

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        finding, column = self.rows[index.row()], index.column()
        if role == Role.CheckStateRole and column == NUMBER:
            return Qt.CheckState.Unchecked if finding.hidden else Qt.CheckState.Checked
        if role == Role.EditRole:
            return finding.name if column == NAME else finding.site
        if role == Role.ToolTipRole:
            return f"{_explained(finding)}, {self._state(finding)}"
        if role == Role.DisplayRole:
            name = finding.name or TITLES_OF[finding.kind]
            return (f"{finding.number}", name, summary(finding), finding.site, self._status(finding))[column]
        return None

    def _state(self, finding: Finding) -> str:
        """Whether documents say it, and as it is now."""
        return self._case.marks.saved.state(finding) if self._case is not None else NOT_SAVED

    def _status(self, finding: Finding) -> str:
        """What was changed since it was saved is a draft again; the tooltip says so."""
        return SHORT[Status.DRAFT if self._state(finding) == CHANGED else finding.status]

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        finding, case = self.rows[index.row()], self._case
        if case is None:
            return False
        if role == Role.CheckStateRole:
            changed = replace(finding, hidden=Qt.CheckState(value) is Qt.CheckState.Unchecked)
        elif index.column() == NAME:
            changed = renamed(finding, str(value).strip())
        else:
            changed = replace(finding, site=as_listed(str(value)))
        case.marks.change(changed)
        return True


class SiteDelegate(QStyledItemDelegate):
    """A site is typed with the coded list under the line: any part of a meaning finds it."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        line = QLineEdit(parent)
        line.setAccessibleName("Site of the finding")
        offer(line).setStringList(sites())
        return line


def sites() -> list[str]:
    """The meanings of the coded list of sites."""
    return [each.meaning for each in known_sites()]


def offer(line: QLineEdit) -> QStringListModel:
    """The words that are offered under a line, none yet: those with what is typed anywhere in them."""
    words, known = QStringListModel(line), QCompleter(line)
    known.setModel(words)
    known.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    known.setFilterMode(Qt.MatchFlag.MatchContains)
    if (popup := known.popup()) is not None:
        popup.setMinimumWidth(LIST_PX)
    line.setCompleter(known)
    return words


def as_listed(words: str) -> str:
    """A site as the coded list prints it, or what was typed where it is none of it."""
    site = site_of(words)
    return words.strip() if site is None else site.meaning


def _words(finding: Finding) -> str:
    return f"{finding.number} {finding.title} {finding.site} {finding.kind} {finding.text} {finding.status}".casefold()


def _explained(finding: Finding) -> str:
    """Each value with how it came about."""
    told = [f"{each.name}: {each.value:.6g} {each.unit} ({each.how})" for each in finding.values]
    refused = [f"No more values: {finding.refused}."] if finding.refused else []
    return "\n".join([*told, *refused, f"Status: {finding.status}"])
