"""The line at the bottom: a place for messages, what is under way with bar, time left and Stop, memory, health.

Nothing in it blinks or moves by itself: each part has a place of fixed width, a job is shown once it has lasted half
a second, and the clock that looks for jobs stands still while there are none.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workstation import jobs
from workstation.ui.drawer import Drawer
from workstation.ui.elided import ElidedLabel
from workstation.ui.health import HealthFields
from workstation.ui.theme import label

SHOWN_AFTER_S: Final = 0.5
CLOCK_MS: Final = 250
MESSAGES_KEPT: Final = 50
TITLE_PX: Final = 115
BAR_PX: Final = 80
COUNT_PX: Final = 150
MEMORY_PX: Final = 112
LONGEST_MEMORY: Final = "Memory 00000 MB"
STOP_PX: Final = 64
ROW_PX: Final = 34
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
        self.count.setFixedWidth(COUNT_PX)
        self.stop = QPushButton("Stop")
        self.stop.setToolTip(HOW_TO_STOP)
        self.stop.setFixedWidth(STOP_PX)
        stays = self.stop.sizePolicy()
        stays.setRetainSizeWhenHidden(True)  # nothing beside it moves
        self.stop.setSizePolicy(stays)
        self.stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.stop.clicked.connect(self._stop)
        self._shown: Underway | None = None
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        for each in (self.title, self.bar, self.count, self.stop):
            line.addWidget(each)

    def show_job(self, shown: Underway) -> None:
        self._shown = shown
        self.title.say(shown.title)
        self.bar.setRange(0, max(1, shown.total))
        self.bar.setValue(min(shown.done, shown.total))
        self.bar.setAccessibleName(f"{shown.title}: {shown.count}")
        self.count.setText(shown.count)
        self.stop.setEnabled(shown.stop is not None)
        self.stop.setVisible(shown.stop is not None)
        self.stop.setAccessibleName(f"Stop: {shown.stops or shown.title}")
        self.stop.setToolTip(HOW_TO_STOP.replace("this", shown.stops, 1) if shown.stops else HOW_TO_STOP)

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


class StatusLine(QWidget):
    """`loading` and `memory` are told to it; jobs it looks up itself. `changed` when the state file would differ."""

    changed = Signal()
    loading_stopped = Signal()
    """Somebody wants no more images loaded."""

    left = Signal()
    """A list was closed: the keyboard goes back to the page."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self._kept: deque[str] = deque(maxlen=MESSAGES_KEPT)
        self._loading: tuple[int, int, float] | None = None
        self._seen: tuple[tuple[str, str], ...] = ()
        self.why_no_messages: Callable[[], str] = str
        """Why the last messages are not shown now; empty when they may be."""
        self.beside: Callable[[], tuple[Underway, ...]] = tuple
        """What is under way that is no job: what is fetched and sent."""
        self.message = ElidedLabel("quiet", Qt.TextElideMode.ElideRight)
        self.message.setCursor(Qt.CursorShape.PointingHandCursor)
        self.message.clicked.connect(self.toggle_messages)
        self.row = JobRow()
        self.more = QPushButton("")
        self.more.setFixedWidth(76)
        self.more.setToolTip("All that is under way, each with its own Stop (Ctrl+J)")
        self.more.clicked.connect(self.toggle_jobs)
        self.health = HealthFields()
        self.memory = label("", "quiet")
        self._fit()
        self.memory.setToolTip("Memory that the images of the open study take")
        self._clock = QTimer(self)
        self._clock.setInterval(CLOCK_MS)
        self._clock.timeout.connect(self.look)
        self._unwatch = jobs.watch(self._begun)
        self._messages: Drawer | None = None
        self._jobs: Drawer | None = None
        self._lay_out()
        self.look()

    def _fit(self) -> None:
        """The longest word of memory fits, whatever the size of the text."""
        self.memory.setFixedWidth(max(MEMORY_PX, self.fontMetrics().horizontalAdvance(LONGEST_MEMORY)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "memory"):
            self._fit()
            self.health.fit(self.width())

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(4, 0, 0, 0)
        line.addWidget(self.message, 1)
        for each in (self.more, self.row, self.memory, self.health):
            line.addWidget(each)  # what stands right of the job stays; a message has its room while there is none

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.health.fit(self.width())

    # ------------------------------------------------------------- messages

    def say(self, sentence: str, more: str = "") -> None:
        """The one sentence; the last ones are kept in a list, with what `more` there is to say.

        What ended just now leaves its room to the sentence that tells of it.
        """
        if self._seen:
            self.look()
        whole = f"{sentence} {more}" if more else sentence
        if sentence and (not self._kept or self._kept[-1] != whole):
            self._kept.append(whole)
        self.message.say(sentence, "\n".join([*([more] if more else []), "The last messages: click, or Ctrl+Shift+M"]))

    @property
    def messages(self) -> tuple[str, ...]:
        """The last ones, oldest first."""
        return tuple(self._kept)

    def toggle_messages(self) -> None:
        """Open the list of the last messages, newest first, or close it."""
        if why_not := self.why_no_messages():
            self.say(why_not)
            self.changed.emit()
            return
        if self._messages is None:
            self._listed = QListWidget()
            self._listed.setWordWrap(True)
            self._messages = Drawer(self.window(), "The last messages, newest first", self._listed, 720)
            self._messages.closed.connect(self._closed)
        if not self._messages.isHidden():
            self._messages.shut()
            return
        self.shut()
        self._listed.clear()
        self._listed.addItems(tuple(reversed(self._kept)) or ("No messages yet.",))
        self._messages.open_above(self, max(3, self._listed.count()) * ROW_PX)
        self.changed.emit()

    # ----------------------------------------------------------------- jobs

    def say_loading(self, done: int, total: int) -> None:
        """How many of the images that are wanted are in memory; equal numbers mean nothing is under way."""
        if done >= total:
            self._loading = None
        elif self._loading is None or self._loading[1] != total:
            self._loading = (done, total, time.monotonic())
        else:
            self._loading = (done, total, self._loading[2])
        self.look()

    @property
    def loading_text(self) -> str:
        return f"Loading: {self._loading[0]} of {self._loading[1]}" if self._loading else ""

    def say_memory(self, size_bytes: int) -> None:
        self.memory.setText(f"Memory {size_bytes / 1e6:.0f} MB" if size_bytes else "")

    @property
    def shown(self) -> tuple[Underway, ...]:
        """What is under way now: the loading of images first, what is fetched and sent, then the jobs."""
        return (*self._loading_underway(), *self.beside(), *underway(jobs.active(), time.monotonic()))

    def _loading_underway(self) -> tuple[Underway, ...]:
        if self._loading is None:
            return ()
        done, total, since = self._loading
        spent = time.monotonic() - since
        eta = spent / done * (total - done) if done and spent > SHOWN_AFTER_S else None
        return (Underway("Loading", done, total, eta, self.loading_stopped.emit),)

    def _begun(self) -> None:
        if not self._clock.isActive():
            self._clock.start()

    def look(self) -> None:
        """Show what is under way; the clock stops with the last job. `changed` only with what can be seen."""
        shown = self.shown
        seen = tuple((each.title, each.count) for each in shown)
        self.row.setVisible(bool(shown))
        if shown:
            self.row.show_job(shown[0])
        self.more.setVisible(len(shown) > 1)
        self.more.setText(f"{len(shown)} jobs")
        if self._jobs is not None and not self._jobs.isHidden():
            self._job_list.show_jobs(shown)
        if not shown and not any(not job.piece for job in jobs.active()):
            self._clock.stop()
        if seen != self._seen:
            self._seen = seen
            self.changed.emit()

    @property
    def can_stop(self) -> bool:
        return any(each.stop is not None for each in self.shown)

    def stop_first(self) -> None:
        """Stop the first that can be stopped."""
        for stop in [each.stop for each in self.shown if each.stop is not None][:1]:
            stop()
        self.look()

    def toggle_jobs(self) -> None:
        """Open the list of all that is under way, or close it."""
        if self._jobs is None:
            self._job_list = JobList()
            width_px = TITLE_PX + BAR_PX + COUNT_PX + 200
            self._jobs = Drawer(self.window(), "Under way", self._job_list, width_px)
            self._jobs.closed.connect(self._closed)
        if not self._jobs.isHidden():
            self._jobs.shut()
            return
        self.shut()
        self._job_list.show_jobs(self.shown)
        self._jobs.open_above(self, max(1, len(self.shown)) * ROW_PX + 30)
        self.changed.emit()

    @property
    def drawer(self) -> Drawer | None:
        """The list that is open."""
        return next((each for each in (self._messages, self._jobs) if each and not each.isHidden()), None)

    def _closed(self) -> None:
        self.left.emit()
        self.changed.emit()

    def shut(self) -> None:
        """Close the list that is open."""
        if self.drawer is not None:
            self.drawer.shut()

    def end(self) -> None:
        """Look no more; called as the window closes."""
        self._clock.stop()
        self._unwatch()
