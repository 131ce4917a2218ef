"""The window's own queue: what it is asked for, what is said of it, and the studies it opens as they come."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from workstation import jobs
from workstation.cache.outbox import Item
from workstation.dicom.entities import Instance
from workstation.errors import HounsfieldError
from workstation.paths import Home
from workstation.picture.text import person_name
from workstation.traffic import errand as errands
from workstation.traffic.errand import Act, Errand, State
from workstation.traffic.onward import Onward
from workstation.ui.drawer import Drawer
from workstation.ui.transfer_growth import Growing
from workstation.ui.transfer_list import LEAST_PX, WIDTH_PX, ErrandList
from workstation.ui.transfer_outbox import Outgoing
from workstation.ui.transfer_words import coming, coming_of, failing, patient_words, summary, title_of
from workstation.ui.underway import Underway

if TYPE_CHECKING:
    from workstation.traffic.carrier import Carrier
    from workstation.traffic.queue import Queue
    from workstation.ui.window import MainWindow

CLOCK_MS: Final = 300
OUTBOX_MS: Final = 1500
"""Not before the list is there."""

LIST_MS: Final = 2000
"""How often the list is read while peers send."""

MOVING: Final = frozenset((State.WAITING, State.RUNNING, State.RESTING))
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

    def __init__(self, window: "MainWindow", home: Home, protocol: str | None) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        self._made: Queue | None = None
        self._carrier: Carrier | None = None
        self._one = threading.Lock()
        self._closed = False
        self._warming: threading.Thread | None = None
        self._titles: dict[str, str] = {}
        self._whose: dict[str, str] = {}
        self._said: Underway | None = None
        self.failing = ""
        """What failed and is not made good, for the status line."""
        self.growing = Growing(window, home, protocol)
        self.onward = Onward(home)
        self.outgoing = Outgoing(home, self._listening, self._objects_of)
        self.outgoing.changed.connect(self._outbox_changed)
        self.outgoing.left.connect(self._has_left)
        self.outgoing.said.connect(window.say)
        self.outgoing.postman.always = window.settings.flag("archives.receive")
        window.settings.changed.connect(self._obey)
        self._drawer: Drawer | None = None
        self._clock = QTimer(self, interval=CLOCK_MS)
        self._clock.timeout.connect(self.look)
        self._list_soon = QTimer(self, singleShot=True, interval=LIST_MS)
        self._list_soon.timeout.connect(window.refresh)
        QTimer.singleShot(0, self._look_for_left)
        QTimer.singleShot(OUTBOX_MS, self.outgoing.start)

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
    def carrier(self) -> "Carrier":
        """Made when it is first needed, on whatever thread."""
        with self._one:
            if self._carrier is None:
                from workstation.security.tls import Identity
                from workstation.traffic.carrier import Carrier

                said = self._window.settings
                ca, cert, key = (said.text(f"archives.{name}").strip() for name in ("ca", "cert", "key"))
                tls = Identity(ca, cert, key) if cert else None
                port, heard = said.whole("archives.port"), self.outgoing.heard
                self._carrier = Carrier(self._home, self.growing.arrived, port, heard, self._pushed, tls)
            return self._carrier

    def _listening(self) -> AbstractContextManager[None]:
        """On the postman's thread: the network is imported there."""
        return self.carrier.listening()

    @property
    def queue(self) -> "Queue":
        if self._made is None:
            from workstation.traffic.queue import Queue

            self._made = Queue(self._home, self.carrier, self.look, self._over)
        return self._made

    def _obey(self, name: str) -> None:
        if name == "archives.receive":
            self.outgoing.postman.always = self._window.settings.flag(name)
            self.outgoing.postman.nudge()

    def nodes_kept(self) -> None:
        """Others may call us now."""
        self.outgoing.postman.nudge(anew=True)

    def _pushed(self, instance: Instance, aet: str) -> None:
        """A peer sent this unasked; on the writer's thread."""
        self.onward.pushed(instance, aet)
        self.growing.arrived(instance, unasked=True)
        jobs.post(self._list_soon_again)

    def _list_soon_again(self) -> None:
        if not self._list_soon.isActive() and not self._closed:
            self._list_soon.start()

    def get_ready(self) -> None:
        """Somebody looks for studies: what the first errand needs is made now."""
        if self._warming is None or not self._warming.is_alive():
            self.queue  # noqa: B018  made now
            self._warming = threading.Thread(target=self._warm, name="hounsfield-ready")
            self._warming.start()

    def _warm(self) -> None:
        with suppress(HounsfieldError):  # whoever asks for an errand is told
            self.carrier.ready()

    @property
    def errands(self) -> tuple[Errand, ...]:
        """What is fetched and sent, and what lies in the outbox: what is over comes last."""
        queued = self._made.errands if self._made is not None else ()
        return tuple(sorted((*queued, *self.outgoing.errands), key=lambda each: each.is_over))

    # -------------------------------------------------------------- asking

    def retrieve(
        self, node: str, study: str, title: str, opens: bool = False, images: int = 0, whose: str = ""
    ) -> None:
        """Fetch a study of so many images, as far as known; one that `opens` is opened once its first image is here.

        `whose` tells its patient from others of the name.
        """
        self._whose[study] = whose
        self._titles[study] = title
        first = ("",) if opens else ()  # nobody knows yet which images are looked at: coarse to fine
        self.queue.add(Act.RETRIEVE, node, study, title=title, first=first, priority=int(opens), why="", total=images)
        if opens:
            self.growing.open_when_it_comes(study)
            self._window.say(f"{title} is coming from {node} …")
        self.look()

    def look_at(self, study: str, instances: tuple[str, ...]) -> None:
        """These SOP instances of a study that comes are on the screen: what lies around them is asked for first."""
        if self._carrier is not None:
            self._carrier.look_at(study, instances)

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

    def send_on(self, owed: Callable[[], tuple[Item, ...]]) -> None:
        """Have what came sent on as the rules of the home say; `owed` asks them, in a job."""

        def told(found: tuple[Item, ...]) -> None:
            for problem in self.onward.problems:
                self._window.say(problem)
            if found:
                self.outgoing.postman.nudge()

        jobs.run("Route what came", lambda job: owed(), told, self._window.tell, piece=True)

    def name_of(self, errand: Errand) -> str:
        """Whose study it is, for the screen alone; for an audience only that it is one."""
        if self._window.audience.on:
            return SOME_STUDY
        item = self._window.list.model.item(errand.study)
        known = person_name(item.row.patient_name) if item is not None else ""
        return errand.title or self._titles.get(errand.study, "") or known or SOME_STUDY

    def _objects_of(self, study: str) -> int:
        """How many objects of a study are here."""
        item = self._window.list.model.item(study)
        return sum(each.objects for each in item.row.series) if item is not None else 0

    def whose(self, errand: Errand) -> str:
        """Patient ID, birth date and sex, by which patients of one name are told apart; nothing for an audience."""
        item = self._window.list.model.item(errand.study)
        if self._window.audience.on:
            return ""
        if item is None:
            return self._whose.get(errand.study, "")
        row = item.row
        return patient_words(row.patient_id, row.patient_birth_date, row.patient_sex)

    # ------------------------------------------------------------- looking

    def look(self) -> None:
        """Say how it stands; the clock stops when nothing moves."""
        now = self.errands
        fetched = [each for each in now if each.act is Act.RETRIEVE]
        for each in fetched:
            if each.state is State.RUNNING:
                self.growing.coming[each.study] = coming(each)
        begun = (each for each in fetched if not each.is_over and each.study in self.growing.coming)
        self.growing.stands({each.study: coming_of(each) for each in begun})
        said = summary(now, self.name_of)
        failed = failing(now, datetime.now())
        if (said, failed) != (self._said, self.failing):
            self._said, self.failing = said, failed
            self._window.status.look()
            self.changed.emit()
        if self._drawer is not None and not self._drawer.isHidden():
            self._list.show_errands(now)
        if any(each.state in MOVING for each in now):
            self._clock.start()
        else:
            self._clock.stop()

    def _outbox_changed(self) -> None:
        if self._closed:
            return
        self._window.list.say_unsent(self.outgoing.refused)
        self.look()

    def _has_left(self, errand: Errand) -> None:
        if not self._closed:
            self._window.say(f"{self.name_of(errand)}: {errand.node} has it.")
            self.ended.emit(errand)

    def underway(self) -> tuple[Underway, ...]:
        """All errands as one thing under way; Stop ends the first that runs."""
        if self._said is None:
            return ()
        first = next((each for each in self.errands if each.state is State.RUNNING and not each.promised), None)
        if first is None:
            return (self._said,)
        stops = title_of(first, self.name_of(first))
        return (replace(self._said, stop=partial(self.queue.cancel, first.number), stops=stops),)

    def toggle(self) -> None:
        """Open the list of errands, or close it."""
        if self._drawer is None:
            self._list = ErrandList(self.name_of, self.whose)
            self._list.held.connect(self._hold)
            self._list.stopped.connect(self._stop)
            self._list.forgotten.connect(self._forget)
            self._drawer = Drawer(self._window, "Fetched and sent", self._list, WIDTH_PX)
            self._drawer.closed.connect(self._window.pages.focus)
            self._drawer.closed.connect(self.changed)
        if not self._drawer.isHidden():
            self._drawer.shut()
            return
        self._window.status.shut()
        self._list.show_errands(self.errands)
        self._drawer.open_above(self._window.statusBar(), max(LEAST_PX, self._list.wanted_px(WIDTH_PX)))
        self.changed.emit()

    @property
    def drawer_title(self) -> str | None:
        """The title of the list while it is open."""
        return self._drawer.title if self._drawer is not None and not self._drawer.isHidden() else None

    def shut(self) -> None:
        """Close the list of errands."""
        if self._drawer is not None:
            self._drawer.shut()

    def _stop(self, number: int) -> None:
        if number > 0:
            self.queue.cancel(number)
        else:
            self.outgoing.give_up(number)

    def _forget(self) -> None:
        if self._made is not None:
            self._made.forget_done()
        self.outgoing.forget_over()

    def _hold(self, number: int) -> None:
        errand = next((each for each in self.errands if each.number == number), None)
        if errand is not None and errand.promised:
            self.outgoing.try_again(number)
        elif errand is not None:
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
                self.send_on(partial(self.onward.fetched, errand.study, errand.node))
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
            "failing": self.failing,
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
        self._list_soon.stop()
        self.growing.end()
        if self._carrier is not None:
            self._carrier.end()
        self.outgoing.end()
        if self._made is not None:
            self._made.close()
        if self._warming is not None:
            self._warming.join()
