"""What the chosen study holds, without opening it: small pictures of its series, and the patient's other studies."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from workstation import jobs
from workstation.cache.entries import ReadingStatus
from workstation.case.open import look_ahead, study_sets
from workstation.imaging.displaysets import DisplaySet
from workstation.paths import Home
from workstation.picture.text import date, person_name
from workstation.ui.elided import ElidedFields
from workstation.ui.strip import title_of
from workstation.ui.theme import label
from workstation.ui.thumbnail_icons import MADE_PX, small_picture, untinted
from workstation.ui.worklist_columns import name_of, objects_in_words
from workstation.worklist.items import Item

BETWEEN = "  ·  "
UNSENT = 2
LEAVING = (8, 7, 6, 4, 5, 3, UNSENT)
"""Places in the line of what leaves it for want of room, the least important first; who it is stays."""

AROUND_PX = 12
"""Around the picture and the two lines of words of a series."""

PRIORS_PX = 380
"""Wide enough for a date, modalities and most names of procedures."""

SIDE_PX = 44
MOST_SIDE_PX = 130
"""By which a series is at least, and at most, wider than its picture, for text of the usual size."""

MARGINS_PX = 36
USUAL_LINE_PX = 17
REST_MS = 150
"""A study is looked into when the choice has rested so long: running through the list reads nothing."""


class WorklistPreview(QWidget):
    """`opened(uid)` when one of the other studies is chosen; `changed` when something else is shown."""

    opened = Signal(str)
    changed = Signal()

    def __init__(self, home: Home) -> None:
        super().__init__()
        self._home = home
        self._uid = ""
        self._job: jobs.Job | None = None
        self._sets: tuple[DisplaySet, ...] = ()
        self._pictures = 0
        self.title = label("", "name")
        self.note = ElidedFields("quiet", BETWEEN)
        self.series = _list("Series of the chosen study")
        self.series.setViewMode(QListView.ViewMode.IconMode)
        self.series.setFlow(QListView.Flow.LeftToRight)
        self.series.setWrapping(False)
        self.series.setMovement(QListView.Movement.Static)
        self.series.setIconSize(QSize(MADE_PX, MADE_PX))
        self.series.setWordWrap(False)
        self.priors = _list("Other studies of this patient")
        self.priors.setFixedWidth(PRIORS_PX)
        self.priors.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.priors.itemActivated.connect(lambda item: self.opened.emit(item.data(Qt.ItemDataRole.UserRole)))
        self._lay_out()
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._look)
        self._fit()

    def _fit(self) -> None:
        """As high as a picture over two lines of letters, with the name of the study above."""
        line, bar = self.fontMetrics().lineSpacing(), self.series.horizontalScrollBar().sizeHint().height()
        scale = max(1.0, line / USUAL_LINE_PX)
        wanted = self._longest_px() + MARGINS_PX - MADE_PX
        words = round(min(max(wanted, SIDE_PX * scale), MOST_SIDE_PX * scale))
        self.series.setGridSize(QSize(MADE_PX + words, MADE_PX + 2 * line + AROUND_PX))
        self.setFixedHeight(MADE_PX + 2 * line + AROUND_PX + bar + 8 + round(1.6 * line) + 6)

    def _longest_px(self) -> int:
        """How wide the longest line under a picture is."""
        texts = (self.series.item(row).text().split("\n") for row in range(self.series.count()))
        return max((self.fontMetrics().horizontalAdvance(each) for lines in texts for each in lines), default=0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_rest"):
            self._fit()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.title)
        top.addWidget(self.note, 1)
        lists = QHBoxLayout()
        lists.addWidget(self.series, 1)
        lists.addWidget(self.priors)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 6, 0, 0)
        whole.addLayout(top)
        whole.addLayout(lists, 1)

    def show_item(self, item: Item | None, others: Sequence[Item], unsent: str = "") -> None:
        """The chosen study, or none, what of it was not sent, and its patient's other studies; pictures follow when the
        choice rests.
        """
        uid = item.uid if item else ""
        self._say(item, others, unsent)
        if uid and uid == self._uid:
            return
        self.stop()
        self._uid = uid
        self._sets, self._pictures = (), 0
        self.series.clear()
        if item is not None and item.status is not ReadingStatus.ORDERED:
            self._rest.start()

    def stop(self) -> None:
        """Look into nothing any more."""
        self._rest.stop()
        self._uid = ""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def facts(self) -> dict[str, Any]:
        """What is shown, in plain JSON values."""
        rows = range(self.series.count())
        return {
            "shown": not self.isHidden(),
            "study": self._uid,
            "series": [self.series.item(row).text() for row in rows],
            "pictures": self._pictures,
            "priors": [self.priors.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.priors.count())],
            "note": self.note.text(),
        }

    def _say(self, item: Item | None, others: Sequence[Item], unsent: str) -> None:
        self.title.setText(name_of(item.row) if item else "")
        if item is None:
            self.note.say_fields((), (), -1)
        else:
            self.note.say_fields(_note(item, len(others), unsent), LEAVING, UNSENT)
        self.priors.clear()
        self.priors.setVisible(bool(others))
        for other in others:
            row = QListWidgetItem(_other(other, item))
            row.setData(Qt.ItemDataRole.UserRole, other.uid)
            row.setToolTip("Enter or a double click opens this study.")
            self.priors.addItem(row)

    def _look(self) -> None:
        uid, shown = self._uid, (MADE_PX, self.devicePixelRatioF())
        if not uid or not self.isVisible():
            return
        self._job = jobs.run(
            "Preview",
            lambda job: self._make(job, uid, shown),
            failed=lambda error: self._failed(uid, error),
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._uid and not self._sets:
            self._rest.start()

    def _make(self, job: jobs.Job, uid: str, shown: tuple[int, float]) -> None:
        """On a thread: what there is, then one picture after another."""
        sets, digests = study_sets(self._home, uid)
        jobs.post(partial(self._listed, uid, sets))
        job.check()
        look_ahead(self._home, uid)
        for row, display_set in enumerate(sets):
            job.progress(row, len(sets))
            image = small_picture(display_set, digests, self._home, shown, job.check)
            if image is not None:
                jobs.post(partial(self._pictured, display_set, row, image))

    def _listed(self, uid: str, sets: tuple[DisplaySet, ...]) -> None:
        if uid != self._uid:
            return
        self._sets = sets
        self.series.clear()
        for display_set in sets:
            self.series.addItem(_series_item(display_set))
        self._fit()
        self.changed.emit()

    def _pictured(self, display_set: DisplaySet, row: int, image: QImage) -> None:
        """A picture is put beside the words of its own series, or nowhere: the list may be another by now."""
        item = self.series.item(row)
        if item is None or row >= len(self._sets) or self._sets[row] is not display_set:
            return
        item.setIcon(untinted(image))
        self._pictures += 1
        self.changed.emit()

    def _failed(self, uid: str, error: Exception) -> None:
        if uid == self._uid:
            said = f"The series cannot be listed: {getattr(error, 'sentence', type(error).__name__)}."
            self.note.say_fields((said,), (), -1)
            self.changed.emit()


def _series_item(display_set: DisplaySet) -> QListWidgetItem:
    total = len(display_set.images)
    count = f"{total} image{'s' if total != 1 else ''}"
    item = QListWidgetItem(f"{title_of(display_set)}\n{display_set.first.Modality}  {count}")
    item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    item.setToolTip("\n".join([title_of(display_set), *(notice.sentence for notice in display_set.notices)]))
    return item


def _note(item: Item, others: int, unsent: str) -> tuple[str, ...]:
    """Fields of the line, empty ones among them; `LEAVING` counts on their places."""
    row = item.row
    more = f"{others} other stud{'ies' if others != 1 else 'y'}" if others else ""
    told = (row.patient_id or "no ID", item.differs, unsent.replace("\n", " "), ", ".join(row.notices))
    return *told, date(row.study_date), row.description, row.indication, objects_in_words(row), more


def _other(other: Item, item: Item | None) -> str:
    """One line of the list; a name that differs under the same ID is said (safety.md 3)."""
    row = other.row
    differs = item is not None and name_of(item.row).casefold() != name_of(row).casefold()
    name = f"NAME DIFFERS: {person_name(row.patient_name)}" if differs else ""
    parts = (date(row.study_date), " ".join(row.modalities), row.description, name)
    return "  ".join(part for part in parts if part)


def _list(name: str) -> QListWidget:
    made = QListWidget()
    made.setAccessibleName(name)
    made.setTabKeyNavigation(False)
    made.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # series of one study often begin alike
    return made
