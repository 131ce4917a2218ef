"""What is ordered, asked of the worklist node now and then, and shown in the study list before its first image."""

import threading
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from workstation import jobs
from workstation.errors import Cancelled, HounsfieldError
from workstation.paths import Home
from workstation.worklist.found import date_range

if TYPE_CHECKING:
    from workstation.network.mwl import Ordered
    from workstation.ui.window import MainWindow

FIRST_MS: Final = 1500
"""Not before the list is there."""

NIGHT: Final = ("today", "yesterday..today", 6)
"""Until this hour the day before is part of today: who was ordered shortly before midnight still waits."""

Found = tuple[tuple["Ordered", ...], str]


class Orders(QObject):
    """Asks as the settings say; `problem` is the sentence of the last answer, empty when there was none wrong."""

    def __init__(self, window: "MainWindow", home: Home) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.problem = ""
        self._says = False
        self._clock = QTimer(self)
        self._clock.timeout.connect(self.ask)
        window.settings.changed.connect(self._obey)
        QTimer.singleShot(FIRST_MS, self._begin)

    def _begin(self) -> None:
        self._obey("archives.worklist")

    def _obey(self, name: str) -> None:
        if not name.startswith("archives.worklist") or self._stop.is_set():
            return
        self._clock.stop()
        if self._window.settings.text("archives.worklist").strip():
            self._clock.start(self._window.settings.whole("archives.worklist_minutes") * 60_000)
            self.ask()
        elif self._window.list.store.orders:
            self._take(((), ""))

    def ask_now(self) -> None:
        """A person wants to know: what came of it is said, whatever it is."""
        self._says = True
        self.ask()

    def ask(self) -> None:
        """Ask now, unless an answer is still awaited."""
        name = self._window.settings.text("archives.worklist").strip()
        if name and (self._thread is None or not self._thread.is_alive()):
            days = days_asked(self._window.settings.text("archives.worklist_days"), datetime.now())
            self._thread = threading.Thread(target=self._ask, args=(name, days), name="hounsfield-orders")
            self._thread.start()

    def _ask(self, name: str, days: str) -> None:
        from workstation.network.mwl import scheduled
        from workstation.network.nodes import named

        def check() -> None:
            if self._stop.is_set():
                raise Cancelled

        try:
            dates = date_range(days, date.today())
            found: Found = tuple(scheduled(named(self._home, name), dates, check=check)), ""
        except Cancelled:
            return
        except HounsfieldError as error:
            found = (), f"Modality worklist of {name}: {error.sentence}"
        jobs.post(partial(self._take, found))

    def _take(self, found: Found) -> None:
        if self._stop.is_set():
            return
        orders, problem = found
        if problem and (self._says or problem != self.problem):
            self._window.say(problem)
        elif self._says:
            when = days_asked(self._window.settings.text("archives.worklist_days"), datetime.now())
            self._window.say(f"{len(orders)} ordered, as the modality worklist says{f' for {when}' if when else ''}.")
        self.problem, self._says = problem, False
        if not problem:  # what was known stays while the node is silent
            self._window.list.store.orders = orders
            self._window.refresh()

    def close(self) -> None:
        """Ask no more."""
        self._stop.set()
        self._clock.stop()
        if self._thread is not None:
            self._thread.join()


def days_asked(typed: str, now: datetime) -> str:
    """The days that the setting means at this hour, in the words of `found.HOW_DATES`; empty for all."""
    day, at_night, until = NIGHT
    return at_night if typed.strip().lower() == day and now.hour < until else typed.strip()
