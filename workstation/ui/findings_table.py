"""The findings of a case as rows: shown or hidden, number, name, value, site, status; and the words of sites, typed
with what the coded list has for them."""

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit

from workstation.case.drawing_saved import CHANGED, NOT_SAVED
from workstation.case.state import Case
from workstation.findings.earlier import earlier, since
from workstation.findings.finding import TITLES as TITLES_OF
from workstation.findings.finding import Finding
from workstation.findings.regions import source_image
from workstation.findings.sites import known_sites, site_of
from workstation.findings.spine import renamed
from workstation.findings.words import pixel_words, summary, told
from workstation.imaging.displaysets import DisplaySet
from workstation.picture.text import date

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NUMBER, NAME, VALUE, SITE, STATUS = range(5)
TITLES: Final = ("No.", "Name", "Value", "Site", "Status")
CHANGED_SINCE: Final = "changed"
"""The word for what documents say otherwise: neither the draft it was nor what was confirmed."""
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
        return TITLES[section] if role == Role.DisplayRole else None

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
            return f"{self._explained(finding)}, {self._state(finding)}"
        if role == Role.AccessibleTextRole:
            told_of = (finding.title, summary(finding), finding.site, self._status(finding))
            return f"{finding.number}: {', '.join(each for each in told_of if each)}"
        if role == Role.DisplayRole:
            name = finding.name or TITLES_OF[finding.kind]
            return (f"{finding.number}", name, summary(finding), finding.site, self._status(finding))[column]
        return None

    def before(self, finding: Finding) -> str:
        """What the same lesion measured in an earlier study on the page, and the change since; empty where nothing."""
        if self._case is None or not finding.name:
            return ""
        dates = {each.study_instance_uid: each.first.StudyDate for each in self._case.sets.values()}
        found = earlier(finding, self._case.marks, dates)
        return "" if found is None else since(finding, found, date(dates[found.study_instance_uid]))

    def _state(self, finding: Finding) -> str:
        """Whether documents say it, and as it is now."""
        return self._case.marks.saved.state(finding) if self._case is not None else NOT_SAVED

    def _status(self, finding: Finding) -> str:
        return CHANGED_SINCE if self._state(finding) == CHANGED else finding.status.value

    def _explained(self, finding: Finding) -> str:
        """Each value with how it came about, no more precise than it was measured."""
        said = [f"{each.name}: {told(each)} ({each.how})" for each in finding.values]
        refused = [f"No more values: {finding.refused}."] if finding.refused else []
        image = image_of(self._case, finding) if self._case is not None and said else None
        attributes = image[0].images[image[1]].attributes if image is not None else None
        pixel = pixel_words(attributes.PixelSpacing or attributes.ImagerPixelSpacing) if attributes is not None else ""
        then = [f"Before, {before}"] if (before := self.before(finding)) else []
        return "\n".join([*said, *then, *([pixel] if pixel else []), *refused, f"Status: {finding.status}"])

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


def image_of(case: Case, finding: Finding) -> tuple[DisplaySet, int] | None:
    """The series that a finding was drawn on, and which of its images."""
    for each in case.sets.values():
        image = source_image(each, finding)
        if image is not None:
            return each, image
    return None


def _words(finding: Finding) -> str:
    return f"{finding.number} {finding.title} {finding.site} {finding.kind} {finding.text} {finding.status}".casefold()
