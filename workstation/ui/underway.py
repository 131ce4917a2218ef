"""What is under way: as a value, as one row with bar, time left and Stop, and as the list of all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from workstation import jobs
from workstation.ui.elided import ElidedLabel
from workstation.ui.theme import label

SHOWN_AFTER_S: Final = 0.5
TITLE_PX: Final = 115
BAR_PX: Final = 80
COUNT_PX: Final = 150
LONGEST_COUNT: Final = "0000 of 0000, 00 min left"
STOP_PX: Final = 64
HOW_TO_STOP: Final = "Stop this (Ctrl+.); what is done stays. All that runs: Ctrl+J."


@dataclass(frozen=True)
class Underway:
    """Something that takes long: `done` of `total` (0 while unknown); it can be stopped where there is a `stop`."""

    title: str
    done: int
    total: int
    eta_s: float | None
    stop: Callable[[], None] | None = None
    stops: str = ""
    """What Stop ends where that is not all of it."""

    @property
    def count(self) -> str:
        """As "27 of 54, 12 s left"; empty while nothing is known."""
        counted = f"{self.done} of {self.total}" if self.total else ""
        return counted + (f", {time_left(self.eta_s)} left" if self.eta_s is not None and counted else "")


def time_left(seconds: float) -> str:
    """Seconds as people say them, rounded so that it does not flicker."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"


def underway(active: Iterable[jobs.Job], now_s: float) -> tuple[Underway, ...]:
    """The jobs that have lasted long enough to be shown, oldest first."""
    return tuple(
        Underway(job.title, job.done, job.total, job.eta_s, job.cancel)
        for job in active
        if not job.piece and not job.cancelled and now_s - job.started >= SHOWN_AFTER_S
    )


class JobRow(QWidget):
    """One thing under way: title, bar, count, Stop."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ElidedLabel("quiet")
        self.title.setFixedWidth(TITLE_PX)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedWidth(BAR_PX)
        self.count = label("", "quiet")
        self.stop = QPushButton("Stop")
        self.stop.setToolTip(HOW_TO_STOP)
        self.stop.setFixedWidth(STOP_PX)
        stays = self.stop.sizePolicy()
        stays.setRetainSizeWhenHidden(True)  # nothing beside it moves
        self.stop.setSizePolicy(stays)
        self.stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.stop.clicked.connect(self._stop)
        self._shown: Underway | None = None
        self._whole = True
        line = self._line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        for each in (self.title, self.bar, self.count, self.stop):
            line.addWidget(each)
        self._fit()

    def _fit(self) -> None:
        """The longest count fits, whatever the size of the text."""
        self.count.setFixedWidth(max(COUNT_PX, self.fontMetrics().horizontalAdvance(LONGEST_COUNT)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_shown"):
            self._fit()

    def show_whole(self, whole: bool) -> None:
        """Show all of it, or the bar alone: its tooltip says the rest."""
        if whole != self._whole:
            self._whole = whole
            stays = self.stop.sizePolicy()
            stays.setRetainSizeWhenHidden(whole)
            self.stop.setSizePolicy(stays)
            self.title.setVisible(whole)
            self.count.setVisible(whole)
            self._show_stop()

    @property
    def wide_px(self) -> int:
        """How wide it is when all of it is shown."""
        return TITLE_PX + BAR_PX + self.count.width() + STOP_PX + 3 * self._line.spacing()

    def show_job(self, shown: Underway) -> None:
        self._shown = shown
        self.title.say(shown.title)
        self.bar.setRange(0, max(1, shown.total))
        self.bar.setValue(min(shown.done, shown.total))
        told = f"{shown.title}: {shown.count}" if shown.count else shown.title
        self.bar.setAccessibleName(told)
        self.bar.setToolTip(told)
        self.count.setText(shown.count)
        self.stop.setEnabled(shown.stop is not None)
        self._show_stop()
        self.stop.setAccessibleName(f"Stop: {shown.stops or shown.title}")
        self.stop.setToolTip(HOW_TO_STOP.replace("this", shown.stops, 1) if shown.stops else HOW_TO_STOP)

    def _show_stop(self) -> None:
        self.stop.setVisible(self._shown is not None and self._shown.stop is not None and self._whole)

    def _stop(self) -> None:
        if self._shown is not None and self._shown.stop is not None:
            self._shown.stop()
            self.stop.setEnabled(False)
            self.stop.setToolTip("It is being stopped.")


class JobList(QScrollArea):
    """A row for each thing under way; a row keeps its place as long as its job lasts."""

    def __init__(self) -> None:
        super().__init__()
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._nothing = label("Nothing is under way.", "quiet")
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        self.rows: list[JobRow] = []
        self.setWidget(inside)
        self.setWidgetResizable(True)

    def show_jobs(self, shown: Sequence[Underway]) -> None:
        while len(self.rows) < len(shown):
            self._column.insertWidget(len(self.rows), row := JobRow())
            self.rows.append(row)
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(shown))
            if place < len(shown):
                row.show_job(shown[place])
        self._nothing.setVisible(not shown)
