"""The line at the bottom: a place for messages, what is under way (`ui.underway`), memory, health.

Nothing in it blinks or moves by itself: each part has a place of fixed width, a job is shown once it has lasted half
a second, and the clock that looks for jobs stands still while there are none. What failed stands first, as long as it
is so, and no warning gives way. A message stands for its time, then it leaves: what it tells may be old news by then.
While it is read, what it needs the room of gives way, and of a job its bar stays.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QSizePolicy, QWidget

from workstation import jobs
from workstation.ui.drawer import Drawer
from workstation.ui.elided import ElidedLabel
from workstation.ui.health import HealthFields
from workstation.ui.theme import label
from workstation.ui.underway import BAR_PX, COUNT_PX, SHOWN_AFTER_S, TITLE_PX, JobList, JobRow, Underway, underway

CLOCK_MS: Final = 250
MESSAGES_KEPT: Final = 50
MEMORY_PX: Final = 112
LONGEST_MEMORY: Final = "Memory 00000 MB"
ROW_PX: Final = 34
READ_MS: Final = 5000
READ_LETTER_MS: Final = 80
LEAST_READ_MS: Final = 8000
"""A message stands for so long, and longer by its letters: who looks at images looks down late."""

BESIDE_PX: Final = 12
"""Between a message and what stands right of it."""


class Message(ElidedLabel):
    """A sentence that leaves: nothing is drawn of it then, and its tooltip still says it."""

    def __init__(self) -> None:
        super().__init__("quiet", Qt.TextElideMode.ElideRight)
        self.stands = False

    def say(self, text: str, tooltip: str = "") -> None:
        self.stands = bool(text)
        super().say(text, tooltip)
        self._tell()
        self.update()

    def leave(self) -> None:
        """Its time is over."""
        self.stands = False
        self._tell()
        self.update()

    @property
    def drawn(self) -> str:
        """What there is room for; nothing once it left."""
        return super().drawn if self.stands else ""


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
        self.what_failed: Callable[[], str] = str
        """What failed and is not made good; empty where nothing did."""
        self.failing = ElidedLabel("warning", Qt.TextElideMode.ElideRight)
        self.failing.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.failing.setCursor(Qt.CursorShape.PointingHandCursor)
        self.message = Message()
        self.message.setCursor(Qt.CursorShape.PointingHandCursor)
        self.message.clicked.connect(self.toggle_messages)
        self.row = JobRow()
        self.more = QPushButton("")
        self.more.setFixedWidth(76)
        self.more.setToolTip("All that is under way, each with its own Stop (Ctrl+J)")
        self.more.clicked.connect(self.toggle_jobs)
        self.health = HealthFields()
        self.health.warned.connect(self._make_room)
        self.memory = label("", "quiet")
        self._fit()
        self.memory.setToolTip("Memory that the images of the open study take")
        self._new = QTimer(self, singleShot=True)
        """Runs while the message is new."""
        self._new.timeout.connect(self._leave)
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
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_line"):
            self._fit()
            self.health.fit(self.width())
            self._make_room()

    def _lay_out(self) -> None:
        line = self._line = QHBoxLayout(self)
        line.setContentsMargins(4, 0, 0, 0)
        line.addWidget(self.failing)
        line.addWidget(self.message, 1)
        for each in (self.more, self.row, self.memory, self.health):
            line.addWidget(each)  # what stands right of the job stays; a message has its room while there is none

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.health.fit(self.width())
        self._make_room()

    def _make_room(self) -> None:
        """What failed and what warns stays. What is new is read whole: a job shrinks to its bar, then memory leaves,
        then what health says gets shorter, then what it says of nothing wrong leaves. Once it was read, memory and
        health are the first to give where there is no room for all. Where that is not enough the message is cut.
        """
        gap = self._line.spacing()
        whole, short, warns = self.health.widths_px
        givers = [(self.memory.setVisible, self.memory.width() + gap)]
        givers += [(self.health.show_whole, whole - short), (self.health.show_quiet, short - warns)]
        needed = self._wanted_px + BESIDE_PX + self.memory.width() + whole + 2 * gap + self._fit_failing()
        needed += 0 if self.more.isHidden() else self.more.width() + gap
        if not self.row.isHidden():
            needed += self.row.wide_px + gap
            place = 0 if self._new.isActive() else len(givers)
            givers.insert(place, (self.row.show_whole, self.row.wide_px - BAR_PX))
        lacking = needed - self.contentsRect().width()
        for show, width in givers:
            show(lacking <= 0)
            lacking -= width

    @property
    def _wanted_px(self) -> int:
        """The room that the message has a right to; what was read has none."""
        if not self._new.isActive():
            return 0
        return self.message.fontMetrics().horizontalAdvance(self.message.text())

    def _fit_failing(self) -> int:
        """As wide as what failed is long, and half the line at most; the room it takes."""
        told = self.what_failed()
        self.failing.say(told, "All that is fetched and sent: click.")
        self.failing.setVisible(bool(told))
        if not told:
            return 0
        long = self.failing.fontMetrics().horizontalAdvance(told) + BESIDE_PX
        self.failing.setFixedWidth(min(long, self.contentsRect().width() // 2))
        return self.failing.width() + self._line.spacing()

    def _leave(self) -> None:
        """The message was read."""
        self.message.leave()
        self._make_room()
        self.changed.emit()

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
        self._new.start(max(LEAST_READ_MS, READ_MS + READ_LETTER_MS * len(sentence)))
        self._make_room()

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
        self._make_room()
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
        self._new.stop()
        self._unwatch()
