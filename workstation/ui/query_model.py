"""What archives found as rows: each patient, the studies below, and how much of each is here already."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from workstation.picture.text import NO_NAME, date, person_name, time
from workstation.traffic.errand import Act, Errand, State
from workstation.ui.theme import DARK
from workstation.ui.transfer_words import patient_words
from workstation.worklist.found import FoundPatient, FoundStudy

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole

TITLES: Final = ("Patient and study", "Date", "Modality", "Accession", "Images", "Here", "On")
TIPS: Final = (
    "A patient, and below the studies, newest first",
    "StudyDate and StudyTime",
    "ModalitiesInStudy",
    "AccessionNumber",
    "How many images the archives say it has",
    "How much of it is in the cache of this workstation",
    "The nodes that have it",
)
WORDS: Final = {State.PAUSED: "paused", State.RESTING: "tried again soon", State.SENT: "word awaited"}
RIGHT: Final = frozenset((4,))


@dataclass(frozen=True)
class Line:
    """A row: a patient, or one of the patient's studies."""

    patient: FoundPatient
    study: FoundStudy | None = None


def lines_of(patients: Sequence[FoundPatient]) -> list[Line]:
    """Each patient, then the studies."""
    return [line for each in patients for line in (Line(each), *(Line(each, study) for study in each.studies))]


def counted(studies: Collection[FoundStudy]) -> str:
    """As "2 patients, 3 studies, 1 more of the same patients"."""
    groups, asked = len({each.patient for each in studies}), sum(each.asked_for for each in studies)
    words = [f"{groups} patient{'s' if groups != 1 else ''}", f"{asked} stud{'ies' if asked != 1 else 'y'}"]
    words += [f"{len(studies) - asked} more of the same patients"] if asked < len(studies) else []
    return ", ".join(words)


class FoundModel(QAbstractTableModel):
    """`lines` from top to bottom. `here` counts the cached objects of a study, `errands` those that come, by UID."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self.here: Mapping[str, int] = {}
        self.errands: Mapping[str, Errand] = {}

    def set_lines(self, lines: list[Line]) -> None:
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def renew(self, here: Mapping[str, int], errands: Mapping[str, Errand]) -> None:
        """What is here has changed."""
        if (here, errands) != (self.here, self.errands):
            self.here, self.errands = here, errands
            if self.lines:
                self.dataChanged.emit(self.index(0, 5), self.index(len(self.lines) - 1, 5))

    def place(self, uid: str) -> int | None:
        """The row of a study."""
        return next((row for row, line in enumerate(self.lines) if line.study and line.study.uid == uid), None)

    def here_of(self, study: FoundStudy) -> str:
        """As "312 of 600", "all 600", with what is under way."""
        errand, count = self.errands.get(study.uid), self.here.get(study.uid, 0)
        if errand is not None and errand.state is State.RUNNING:
            return f"⇅ {errand.done} of {errand.total or study.images or '?'}"
        word = ""
        if errand is not None and not errand.is_over:
            word = WORDS.get(errand.state, "waiting")
        elif errand is not None and errand.state is State.FAILED:
            word = "× not fetched" if errand.act is Act.RETRIEVE else "× not sent"
        if (
            word
            and errand is not None
            and errand.done
            and errand.state is not State.FAILED
            and errand.act is Act.RETRIEVE
        ):
            return f"{word}, {errand.done} of {errand.total or study.images or '?'}"
        counted = f"all {count}" if count and count >= study.images else f"{count} of {study.images}" if count else ""
        return "  ".join(each for each in (counted, word) if each)

    def text(self, row: int, column: int) -> str:
        """What stands in a cell."""
        line = self.lines[row]
        if line.study is None:
            return _patient_text(line.patient) if column == 0 else ""
        study = line.study
        if column == 0:
            prior = "" if study.asked_for else "◆ prior   "  # first: the end of a long name is cut
            return f"      {prior}{study.description or 'no description'}"
        cells = (
            f"{date(study.study_date)}  {time(study.study_time)}".strip(),
            " ".join(study.modalities),
            study.accession,
            str(study.images or ""),
            self.here_of(study),
            ", ".join(study.nodes),
        )
        return cells[column - 1]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == _Role.DisplayRole:
            return TITLES[section]
        if orientation is Qt.Orientation.Horizontal and role == _Role.ToolTipRole:
            return TIPS[section]
        if orientation is Qt.Orientation.Horizontal and role == _Role.TextAlignmentRole:
            return _side(section)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        line, column = self.lines[index.row()], index.column()
        if role == _Role.DisplayRole:
            return self.text(index.row(), column)
        if role == _Role.TextAlignmentRole:
            return _side(column)
        if role == _Role.FontRole and line.study is None:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        if role == _Role.ForegroundRole:
            return _colour(line)
        if role == _Role.ToolTipRole:
            return _tip(line)
        if role == _Role.AccessibleTextRole:
            return f"{TITLES[column]}: {self.text(index.row(), column).strip() or 'unknown'}"
        return None


def _side(column: int) -> int:
    side = Qt.AlignmentFlag.AlignRight if column in RIGHT else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _patient_text(patient: FoundPatient) -> str:
    """As "Doe, Jane  ·  1234  ·  born 1950-01-01  ·  F"."""
    newest = patient.newest
    born = date(newest.birth_date)
    parts = (person_name(newest.patient_name) or NO_NAME, newest.patient_id, f"born {born}" if born else "", newest.sex)
    text = "  ·  ".join(each for each in parts if each)
    return f"{text}  ·  ▲ names differ" if patient.names_differ else text


def _colour(line: Line) -> QColor | None:
    if line.study is not None and not line.study.asked_for:
        return QColor(DARK.prior)
    return None


def _tip(line: Line) -> str:
    if line.study is None:
        said = "One ID, issuer and birth date, and two names: check who this is." if line.patient.names_differ else ""
        count = len(line.patient.studies)
        return "\n".join(each for each in (said, f"{count} {'study' if count == 1 else 'studies'} found") if each)
    study = line.study
    who = person_name(study.patient_name) or NO_NAME
    prior = "" if study.asked_for else "\nAnother study of the same patient; the query did not ask for it."
    whose = patient_words(study.patient_id, study.birth_date, study.sex)
    return f"{who}  {whose}\n{study.description}\n{', '.join(study.nodes)}{prior}"
