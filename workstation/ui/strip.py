"""The series strip: each display set of the study with a small picture and how much of it is there."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QByteArray, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPalette, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

from workstation import jobs
from workstation.case.commands import active_set
from workstation.case.state import Case
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.reformat import is_reformat
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.picture.text import date
from workstation.ui.theme import RAISED, signed
from workstation.ui.thumbnail_icons import small_picture, untinted

SERIES_FORMAT = "application/x-hounsfield-series"
"""What is dragged from the strip: the key of a display set."""

REFORMAT = "A reformat: its images were worked out of those of another series."
HOW = "A click shows it in the active tile (or N, P); drag it onto any other."
WIDTH_PX = 192
NARROWEST_PX = 96
LONGEST_COUNT = "000 of 000"
AROUND_PX = 24
BESIDE_PX = 150
"""From here on the words stand beside the picture, below it under the picture."""

THUMBNAIL_PX = 64
SHORTER = ("nothing for", "stalled")
"""What a narrow strip has room for."""

COMING_ROLE = Qt.ItemDataRole.UserRole + 1
"""How much of a series is here while it is still coming, in words."""


class SeriesStrip(QListWidget):
    """`chosen(key)` when a series is clicked. Thumbnails are made later than everything on screen."""

    chosen = Signal(str)

    def __init__(self, home: Home, loader: Loader) -> None:
        super().__init__()
        self._home = home
        self._loader = loader
        self._case: Case | None = None
        self._job: jobs.Job | None = None
        self.setObjectName("strip")
        self.setFixedWidth(WIDTH_PX)
        self.setIconSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # series of one study often begin alike
        self.setSpacing(2)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Series")
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.itemClicked.connect(lambda item: self.chosen.emit(item.data(Qt.ItemDataRole.UserRole)))

    def fit(self, width_px: int) -> None:
        """Take this much of the window's width, as far as the pictures allow."""
        counts = self.fontMetrics().horizontalAdvance(LONGEST_COUNT) + AROUND_PX  # a number is never cut
        width_px = min(max(width_px, NARROWEST_PX, counts), WIDTH_PX)
        if width_px == self.width():
            return
        self.setFixedWidth(width_px)
        beside = width_px >= max(BESIDE_PX, THUMBNAIL_PX + counts)
        self.setViewMode(QListWidget.ViewMode.ListMode if beside else QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.TopToBottom)
        self.setWrapping(False)
        self.setMovement(QListWidget.Movement.Static)
        self.setSpacing(2)
        self._fit_items(beside)
        self.setDragEnabled(True)  # a static list takes it away
        self.setWordWrap(width_px == WIDTH_PX)  # else a long word would push n of m out of sight
        self.refresh()

    def _fit_items(self, beside: bool) -> None:
        """Words under their pictures have as many lines as they need."""
        sets = self._case.sets.values() if self._case else ()
        lines = 3 + any(self._is_prior(each) for each in sets) + bool(self._case and self._case.arriving)
        under = QSize(self.width() - 14, THUMBNAIL_PX + lines * self.fontMetrics().lineSpacing() + 24)
        self.setGridSize(QSize() if beside else under)

    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        """What is dragged onto a tile: the key of the display set."""
        data = QMimeData()
        for item in items:
            data.setData(SERIES_FORMAT, QByteArray(str(item.data(Qt.ItemDataRole.UserRole)).encode()))
        return data

    def show_case(self, case: Case | None) -> None:
        """List the display sets of a case; None lists nothing and stops what is under way."""
        if self._job is not None:
            self._job.cancel()
        listed = [self.item(row) for row in range(self.count())] if case is not None and case is self._case else []
        icons = {item.data(Qt.ItemDataRole.UserRole): item.icon() for item in listed}  # of a case that has grown
        self._case, self._job = case, None
        self.clear()
        for display_set in case.sets.values() if case else ():
            item = _item(display_set)
            if display_set.key in icons:
                item.setIcon(icons[display_set.key])
            self.addItem(item)
        self._fit_items(self.viewMode() is QListWidget.ViewMode.ListMode)
        self.refresh()
        if case is not None and case.sets:
            shown = (THUMBNAIL_PX, self.devicePixelRatioF())
            self._job = jobs.run(
                "Thumbnails", partial(self._make, case, shown), failed=lambda error: None, lane=jobs.Lane.LATER
            )

    def grow(self, case: Case) -> None:
        """The case holds more than before; the list is made anew only where there are other sets."""
        keys = [self.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.count())]
        if case is self._case and keys == list(case.sets):
            self.refresh()
        else:
            self.show_case(case)

    def refresh(self) -> None:
        """Say again how much of each set is there, and mark the one in the active tile."""
        for row, display_set in enumerate(self._case.sets.values() if self._case else ()):
            self.item(row).setText(self._words(display_set))
            self._tell_coming(self.item(row), display_set)
            if self._is_prior(display_set):
                self.item(row).setForeground(self.palette().color(QPalette.ColorRole.LinkVisited))
        self.mark()

    def _tell_coming(self, item: QListWidgetItem, display_set: DisplaySet) -> None:
        """Of a series that is still coming how much is here, how it stands and from where, in the tooltip."""
        assert self._case is not None  # noqa: S101  only the sets of a case are listed
        coming = self._case.arriving.get(display_set.study_instance_uid)
        told = ", ".join(each for each in self._case.how_much(display_set) if each)
        if told and coming is not None and coming.source:
            told = f"{told}, from {coming.source}"
        if told != (item.data(COMING_ROLE) or ""):
            item.setData(COMING_ROLE, told)
            item.setToolTip(_tip(display_set, told))

    def say_coming(self) -> None:
        """Another word stands for how a series comes."""
        self._fit_items(self.viewMode() is QListWidget.ViewMode.ListMode)
        self.refresh()

    def mark(self) -> None:
        """Mark the set in the active tile."""
        current = active_set(self._case) if self._case else None
        if current is not None and self._case is not None:
            row = list(self._case.sets).index(current.key)
            if row != self.currentRow():
                self.setCurrentRow(row)

    def _words(self, display_set: DisplaySet) -> str:
        first, total = display_set.first, len(display_set.images)
        loading = self._loader.get(display_set.key)
        count = f"{total} image{'s' if total != 1 else ''}"
        if loading is not None:
            arrived = loading.voxels.arrived  # what was seen of them is the bar's to say
            here = " here" if self.width() == WIDTH_PX else ""
            count = f"all {total}{here}" if arrived == total else f"{arrived} of {total}"
        here, word = self._case.how_much(display_set) if self._case is not None else ("", "")
        if here:
            count = f"{here}, {word}" if self.width() == WIDTH_PX else f"{here}\n{word.replace(*SHORTER)}"
        prior = f"{prior_line(display_set, self.width() == WIDTH_PX)}\n" if self._is_prior(display_set) else ""
        if self.width() == WIDTH_PX:
            made = "reformat  " if is_reformat(first.ImageType) else ""
            return f"{prior}{title_of(display_set)}\n{first.Modality}  {made}{count}"
        number = "" if first.SeriesNumber is None else f" {first.SeriesNumber}"
        return f"{prior}{first.Modality}{number}\n{first.SeriesDescription or 'no description'}\n{count}"

    def _is_prior(self, display_set: DisplaySet) -> bool:
        return self._case is not None and is_prior(self._case, display_set)

    def _make(self, case: Case, shown: tuple[int, float], job: jobs.Job) -> None:
        """On a thread, one after another."""
        for row, display_set in enumerate(case.sets.values()):
            job.progress(row, len(case.sets))
            image = small_picture(display_set, case.digests, self._home, shown, job.check)
            if image is not None:
                jobs.post(partial(self._made, case, row, image))

    def _made(self, case: Case, row: int, image: QImage) -> None:
        if case is self._case:
            self.item(row).setIcon(untinted(image))


def _item(display_set: DisplaySet) -> QListWidgetItem:
    blank = QPixmap(THUMBNAIL_PX, THUMBNAIL_PX)
    blank.fill(QColor(RAISED))
    item = QListWidgetItem(untinted(blank), "")
    item.setData(Qt.ItemDataRole.UserRole, display_set.key)
    item.setToolTip(_tip(display_set, ""))
    return item


def _tip(display_set: DisplaySet, coming: str) -> str:
    notices = [notice.sentence for notice in display_set.notices]
    made = REFORMAT if is_reformat(display_set.first.ImageType) else ""
    return "\n".join(each for each in (title_of(display_set), made, coming, *notices, HOW) if each)


def is_prior(case: Case, display_set: DisplaySet) -> bool:
    """Whether a series is of another study than the one that is read."""
    return case.first is not None and display_set.study_instance_uid != case.first.StudyInstanceUID


def prior_line(display_set: DisplaySet, dated: bool) -> str:
    """Of a series of a prior: its sign, that it is one, and where there is room its date (safety.md 5)."""
    return signed("prior", (date(display_set.first.StudyDate) or "date unknown") if dated else "").strip()


def title_of(display_set: DisplaySet) -> str:
    """Number and description of a series, for lists."""
    first = display_set.first
    number = "" if first.SeriesNumber is None else f"{first.SeriesNumber}  "
    return f"{number}{first.SeriesDescription or 'no description'}"
