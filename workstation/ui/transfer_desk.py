"""The window's own queue: what it is asked for, what is said of it, and the studies it opens as they come."""

import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from workstation import jobs
from workstation.cache.index import Index
from workstation.errors import HounsfieldError
from workstation.network import nodes
from workstation.paths import Home
from workstation.picture.text import person_name
from workstation.traffic import errand as errands
from workstation.traffic import route
from workstation.traffic.errand import Act, Errand, State
from workstation.ui.drawer import Drawer
from workstation.ui.status_line import Underway
from workstation.ui.transfer_growth import Growing
from workstation.ui.transfer_list import ROW_PX, WIDTH_PX, ErrandList
from workstation.ui.transfer_words import coming, summary

if TYPE_CHECKING:
    from workstation.traffic.queue import Queue
    from workstation.ui.window import MainWindow

CLOCK_MS: Final = 300
SOME_STUDY: Final = "A study"
EARLIER: Final = "earlier study"
"""How the reason begins for what is fetched ahead."""


class Transfers(QObject):
    """`changed` when what is said of errands is another; `underway` is all of them for the status line.

    The queue is made when it is first needed, or when an earlier run has left something.
    """

    changed = Signal()
    ended = Signal(object)
    """An errand is over: done, failed or stopped."""

    def __init__(self, window: "MainWindow", home: Home, protocol: str | None, port: int) -> None:
        super().__init__(window)
        self._window, self._home, self._port = window, home, port
        self._made: Queue | None = None
        self._closed = False
        self._warming: threading.Thread | None = None
        self._titles: dict[str, str] = {}
        self._said: Underway | None = None
        self.growing = Growing(window, home, protocol)
        self._drawer: Drawer | None = None
        self._clock = QTimer(self, interval=CLOCK_MS)
        self._clock.timeout.connect(self.look)
        QTimer.singleShot(0, self._look_for_left)

    def _look_for_left(self) -> None:
        def left(job: jobs.Job) -> bool:
            return bool(errands.left(self._home))

        if not self._closed:
            jobs.run("Look for transfers", left, self._go_on, lambda error: None, piece=True)

    def _go_on(self, some: bool) -> None:
        if some and not self._closed:
            self.queue.errands  # noqa: B018  made now, it goes on by itself
            self.look()

    @property
    def queue(self) -> "Queue":
        if self._made is None:
            from workstation.traffic.carrier import Carrier
            from workstation.traffic.queue import Queue

            self._carrier = Carrier(self._home, self.growing.arrived, self._port)
            self._made = Queue(self._home, self._carrier, self.look, self._over)
        return self._made

    def get_ready(self) -> None:
        """Somebody looks for studies: what the first errand needs is made now."""
        if self._warming is None or not self._warming.is_alive():
            self.queue  # noqa: B018  made now
            self._warming = threading.Thread(target=self._warm, name="hounsfield-ready")
            self._warming.start()

    def _warm(self) -> None:
        with suppress(HounsfieldError):  # whoever asks for an errand is told
            self._carrier.ready()

    @property
    def errands(self) -> tuple[Errand, ...]:
        return self._made.errands if self._made is not None else ()

    # -------------------------------------------------------------- asking

    def retrieve(self, node: str, study: str, title: str, opens: bool = False) -> None:
        """Fetch a study; one that `opens` is opened as soon as its first image is here."""
        self._titles[study] = title
        first = ("",) if opens else ()  # nobody knows yet which images are looked at: coarse to fine
        self.queue.add(Act.RETRIEVE, node, study, title=title, first=first, priority=int(opens), why="")
        if opens:
            self.growing.open_when_it_comes(study)
            self._window.say(f"{title} is coming from {node} …")
        self.look()

    def fetch_later(self, node: str, study: str, title: str, why: str) -> None:
        """Fetch a study that nobody waits for."""
        self._titles[study] = title
        self.queue.add(Act.RETRIEVE, node, study, title=title, later=True, why=why)

    def send(self, node: str, study: str, title: str, later: bool = False, why: str = "") -> None:
        """Send a study of the cache."""
        self._titles.setdefault(study, title)
        self.queue.add(Act.SEND, node, study, title=title, later=later, why=why)
        self.look()

    def cancel_later(self, why: str) -> None:
        """Stop what was to come later for this reason."""
        if self._made is not None:
            self._made.cancel_later(why)

    def _route(self, errand: Errand) -> None:
        """Send on what came, as the rules of the home say."""

        def chosen(job: jobs.Job) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
            rules, problems = route.rules(self._home)
            return (route.targets(rules, came_of(self._home, errand)) if rules else ()), problems

        def send(found: tuple[tuple[tuple[str, str], ...], tuple[str, ...]]) -> None:
            targets, problems = found
            for problem in problems:
                self._window.say(problem)
            for node, rule in targets:
                self.send(node, errand.study, self.name_of(errand), later=True, why=f"rule “{rule}”")

        jobs.run("Route what came", chosen, send, lambda error: None, piece=True)

    def name_of(self, errand: Errand) -> str:
        """Whose study it is, for the screen alone; for an audience only that it is one."""
        if self._window.audience.on:
            return SOME_STUDY
        item = self._window.list.model.item(errand.study)
        known = person_name(item.row.patient_name) if item is not None else ""
        return errand.title or self._titles.get(errand.study, "") or known or SOME_STUDY

    # ------------------------------------------------------------- looking

    def look(self) -> None:
        """Say how it stands; the clock stops when nothing moves."""
        now = self.errands
        running = [each for each in now if each.state is State.RUNNING]
        for each in running:
            if each.act is Act.RETRIEVE:
                self.growing.coming[each.study] = coming(each)
        said = summary(now, self.name_of)
        if said != self._said:
            self._said = said
            self._window.status.look()
            self.changed.emit()
        if self._drawer is not None and not self._drawer.isHidden():
            self._list.show_errands(now)
        if any(not each.is_over for each in now):
            self._clock.start()
        else:
            self._clock.stop()

    def underway(self) -> tuple[Underway, ...]:
        """All errands as one thing under way; Stop ends the first that runs."""
        if self._said is None:
            return ()
        running = [each.number for each in self.errands if each.state is State.RUNNING]
        return (replace(self._said, stop=partial(self.queue.cancel, running[0]) if running else None),)

    def toggle(self) -> None:
        """Open the list of errands, or close it."""
        if self._drawer is None:
            self._list = ErrandList(self.name_of)
            self._list.held.connect(self._hold)
            self._list.stopped.connect(self.queue.cancel)
            self._list.forgotten.connect(self.queue.forget_done)
            self._drawer = Drawer(self._window, "Fetched and sent", self._list, WIDTH_PX)
            self._drawer.closed.connect(self._window.pages.focus)
            self._drawer.closed.connect(self.changed)
        if not self._drawer.isHidden():
            self._drawer.shut()
            return
        self._window.status.shut()
        self._list.show_errands(self.errands)
        self._drawer.open_above(self._window.statusBar(), max(2, len(self.errands)) * ROW_PX + 40)
        self.changed.emit()

    @property
    def drawer_title(self) -> str | None:
        """The title of the list while it is open."""
        return self._drawer.title if self._drawer is not None and not self._drawer.isHidden() else None

    def shut(self) -> None:
        """Close the list of errands."""
        if self._drawer is not None:
            self._drawer.shut()

    def _hold(self, number: int) -> None:
        errand = next((each for each in self.errands if each.number == number), None)
        if errand is not None:
            (self.queue.pause if errand.state in (State.RUNNING, State.WAITING) else self.queue.resume)(number)

    def _over(self, errand: Errand) -> None:
        """On the errand's thread."""
        jobs.post(partial(self._ended, errand))

    def _ended(self, errand: Errand) -> None:
        if self._closed:
            return
        name = self.name_of(errand)
        if errand.act is Act.RETRIEVE:
            if errand.state is not State.DONE:
                self.growing.forget(errand.study)
            self.growing.complete(errand.study)
            if errand.why.startswith(EARLIER):
                self.growing.complete(self._window.opening.asked_for)  # it may hang beside what is open
            self._window.refresh()
            if errand.state is State.DONE and not self._closed:
                self._route(errand)
        if errand.state is State.FAILED:
            self._window.say(f"{name}: {errand.node}: {errand.reason}")
        elif errand.state is State.DONE and not errand.later:
            what = "are here" if errand.act is Act.RETRIEVE else f"were sent to {errand.node}"
            self._window.say(f"{name}: all {errand.done} objects {what}.")
        self.ended.emit(errand)
        self.look()

    def facts(self) -> dict[str, Any]:
        """What is said of errands, in plain JSON values."""
        return {
            "line": f"{self._said.title} {self._said.count}".strip() if self._said else "",
            "open": self.drawer_title is not None,
            "errands": [
                {"act": each.act, "node": each.node, "study": each.study, "state": each.state, "later": each.later,
                 "done": each.done, "total": each.total, "reason": each.reason}
                for each in self.errands
            ],
        }  # fmt: skip

    def close(self) -> None:
        """Stop what runs; the next run of the program goes on with it."""
        self._closed = True
        self._clock.stop()
        self.growing.end()
        if self._made is not None:
            self._carrier.end()
            self._made.close()
        if self._warming is not None:
            self._warming.join()


def came_of(home: Home, errand: Errand) -> route.Came:
    """A study that an errand has brought, as rules see it. Raises NotFound."""
    node = nodes.named(home, errand.node)
    with Index(home) as index:
        row = index.study(errand.study)
    return route.Came(errand.study, (node.name, node.aet), row.modalities, row.description)
