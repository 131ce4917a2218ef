"""Wiring: builds the program's objects, hands them to each other and runs the window."""

import importlib
import logging
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from workstation import jobs, paths
from workstation.cache import handover, vault
from workstation.cache.importer import ImportReport, import_paths
from workstation.case.open import protocols
from workstation.errors import HounsfieldError
from workstation.loading.memory import map_large, take_at_most
from workstation.loading.workers import decoders
from workstation.picture.compose import make_room, warm_up
from workstation.security import keys
from workstation.settings import Settings, load
from workstation.ui import lateness, log_file, theme
from workstation.ui.places import Places, places_file, show_at
from workstation.ui.sweeper import Sweeper
from workstation.ui.window import MainWindow

log = logging.getLogger(__name__)

WEAK_KEY: Final = "The key to the studies lies in a file."
TURN_S: Final = 0.004
"""Calls that come to the main thread together are taken so long at a time: a picture, or several small ones."""

LONGEST_TURN_S: Final = 0.001
"""A thread that computes gives way to the main thread after so long; with Python's 5 ms and two such threads the
timer of the main thread was late by 20 ms (p99) while scrolling."""


class Poster(QObject):
    """Brings calls from any thread to the main thread as queued Qt calls."""

    posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[Callable[[], None]] = deque()
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self.go_on)
        self.posted.connect(self.take, Qt.ConnectionType.QueuedConnection)

    def take(self, call: Callable[[], None]) -> None:
        """On the main thread: soon, behind what waits already."""
        self._waiting.append(call)
        self._next.start()

    def go_on(self) -> None:
        """Some of what waits, in order; then hand and timers have their turn."""
        until = time.monotonic() + TURN_S
        try:
            while self._waiting:
                self._waiting.popleft()()
                if time.monotonic() > until:
                    break
        finally:
            if self._waiting:
                self._next.start()


def application(argv: Sequence[str] = ()) -> QApplication:
    """The QApplication of this process, dressed."""
    existing = QApplication.instance()
    made = existing if isinstance(existing, QApplication) else QApplication(["hounsfield", *argv])
    made.setApplicationName("Hounsfield")
    theme.apply(made)
    return made


def unlocked(home: paths.Home) -> bool:
    """Whether the home can be opened; where a passphrase locks it, whoever sits here is asked for it first."""
    if not keys.wants_passphrase(home.root):
        return True
    from workstation.ui.passphrase import Passphrase

    application()
    poster = Poster()
    jobs.set_poster(poster.posted.emit)
    try:
        return Passphrase(home.root).exec() == Passphrase.DialogCode.Accepted
    finally:
        jobs.set_poster(None)


def main(
    study_uid: str | None = None,
    state: Path | None = None,
    protocol: str | None = None,
    beside: Callable[[Callable[[], None]], None] = lambda refresh: None,
) -> int:
    """Open the window, on a study or on the list, and stay until it is closed; 1 where it stays locked.

    `state` is for scripts that watch; `protocol` hangs every study instead of the one that fits it best; `beside` is
    called once the window is there, with what has the study list read again, for jobs that fill the cache meanwhile.
    """
    sys.setswitchinterval(LONGEST_TURN_S)
    jobs.keep_memory()
    program = application()
    if not unlocked(paths.home()):
        return 1
    jobs.submit(warm_up, lane=jobs.Lane.SCREEN)
    poster = Poster()
    jobs.set_poster(poster.posted.emit)
    home = paths.home().create()
    settings = load(paths.resources() / "settings.toml", home.root)
    theme.follow(program, settings)
    settings.changed.connect(lambda name: _allow_memory(settings))
    _allow_memory(settings)
    stop_log = log_file.start(home)
    places = Places(places_file(home) if settings.flag("tiles.remember_places") else None)
    windows = Windows(partial(MainWindow, home, state, protocol, settings, places))
    sys.excepthook = windows.unexpected
    threading.excepthook = _unexpected_in_thread
    window = windows.open()
    desk = handover.Desk(home, partial(_answer, home, windows))
    jobs.submit(_attend, home, desk, windows, lane=jobs.Lane.LATER)
    sweeper = Sweeper()
    ticks = lateness.wanted()
    beside(windows.refresh)
    if study_uid:
        window.open_study(study_uid)
    else:
        jobs.submit(_get_ready, lane=jobs.Lane.LATER)
    wait_ms = settings.whole("memory.decoders_after") * 1000
    QTimer.singleShot(wait_ms, lambda: jobs.submit(_warm_decoders, lane=jobs.Lane.LATER))
    try:
        return int(program.exec())
    finally:
        _save(places)
        jobs.shutdown()
        desk.close()
        jobs.set_poster(None)
        stop_log()
        sweeper.stop()
        del ticks


def _allow_memory(settings: Settings) -> None:
    take_at_most(settings.number("memory.volumes"))
    map_large(settings.flag("memory.on_disk"))


def _save(places: Places) -> None:
    """No window waits any more."""
    try:
        places.save()
    except HounsfieldError as error:
        log.warning("where windows were is not kept: %s", type(error.__cause__).__name__)


def _attend(home: paths.Home, desk: handover.Desk, windows: "Windows") -> None:
    """Be there for other starts of the program, and say once what is weak about how the key is kept."""
    try:
        vault.key_for_writing(home)
        desk.listen()
        told = home.root / "key.told"
        weakness = "" if keys.is_chosen() else keys.weakness(home.root)
        if weakness and not told.exists():
            told.touch(mode=0o600)
            jobs.post(lambda: windows.say(WEAK_KEY, weakness))
    except (HounsfieldError, OSError) as error:
        log.warning("another start of the program will not find this one: %s", type(error).__name__)


def _answer(home: paths.Home, windows: "Windows", request: Mapping[str, Any], told: handover.Told) -> Mapping[str, Any]:
    """What another start of the program asks of this one; runs on a thread of its own."""
    if request.get("act") == "import":
        report = import_paths(home, [str(each) for each in request["paths"]], told)
        jobs.post(partial(windows.imported, report))
        return report.to_json()
    study = str(request.get("study", ""))
    jobs.post(lambda: windows.show(study))
    return {}


def _get_ready() -> None:
    """What the first study would wait for otherwise: protocols, and NumPy's late import for `unique`."""
    protocols(paths.home())
    importlib.import_module("numpy.ma")
    for _ in range(jobs.cores()):
        jobs.submit(make_room, lane=jobs.Lane.SCREEN)


def _warm_decoders() -> None:
    """Their processes take a second of both cores to start: not while the first study opens."""
    decoders().warm()


class Windows:
    """The window there is now; `restart` puts a new one in its place."""

    def __init__(self, make: Callable[[], MainWindow]) -> None:
        self._make = make
        self.window: MainWindow | None = None

    def refresh(self) -> None:
        """Have the window there is now read the study list again."""
        if self.window is not None:
            self.window.refresh()

    def imported(self, report: ImportReport) -> None:
        """Another start of the program had something imported."""
        if self.window is not None:
            self.window.imported(report)
            self.window.refresh()

    def say(self, sentence: str, more: str = "") -> None:
        """Say something in the window there is now; `more` where there is room for it."""
        if self.window is not None:
            self.window.say(sentence, more)

    def show(self, study_uid: str) -> None:
        """Bring the window there is now to the front, with a study where one is named."""
        if self.window is None:
            return
        if study_uid:
            self.window.open_study(study_uid)
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.raise_()
        self.window.activateWindow()

    def open(self) -> MainWindow:
        window = self.window = self._make()
        window.restart_wanted.connect(self.restart)
        show_at(window, window.places.get("main"), window.screen(), maximised=True)
        window.activateWindow()  # without a window manager nobody else gives it the keyboard
        return window

    def restart(self, study_uid: str) -> None:
        """A new window on the same study; whatever state the old one was in goes with it, but who looks on stays."""
        before, window = self.window, self.open()
        if before is not None and before.audience.on:
            window.audience.go_on(study_uid)
        if study_uid:
            window.open_study(study_uid)
        if before is not None:
            before.close()
            before.deleteLater()

    def unexpected(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """The one place that catches the unexpected: logged, said, and the program lives.

        Qt may be in the midst of an event of the page that the said one takes the place of: it comes after that event.
        """
        log.critical("unexpected: %s", kind.__name__, exc_info=(kind, error, trace))
        QTimer.singleShot(0, partial(self._own_up, error))
        # Python would keep the frames, and with them events and painters that Qt has ended by then.
        sys.last_value = sys.last_traceback = None
        traceback.clear_frames(trace)

    def _own_up(self, error: BaseException) -> None:
        if self.window is not None:
            self.window.unexpected(error)


def _unexpected_in_thread(caught: threading.ExceptHookArgs) -> None:
    log.critical("unexpected in a thread: %s", caught.exc_type.__name__, exc_info=caught.exc_value)
