"""Does the errands of the queue: a node by name, one writer while anything comes, a receiver where nodes call back."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, Final

from workstation import jobs
from workstation.cache.entries import Arrival
from workstation.cache.ingest import Outcome
from workstation.dicom.entities import Instance
from workstation.network.attendant import Peer, Reception
from workstation.network.call import address
from workstation.network.dicomweb import DicomWebPacs
from workstation.network.dimse import DimsePacs
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node, load, named
from workstation.network.pacs import Check, Pacs, Progress, Retrieved, Selection, Sink, Watch
from workstation.paths import Home
from workstation.security.secret import variable_of
from workstation.security.tls import Identity
from workstation.traffic.errand import Act, Errand
from workstation.traffic.fetch import FetchReport, Transfer, fetch_study
from workstation.traffic.receive import Heard, receiving
from workstation.traffic.send import SendReport, send_study
from workstation.traffic.writer import Settled, Writer

PORT: Final = 11112
OUR_AET: Final = "HOUNSFIELD"
"""What we are called by default, where no node says otherwise."""

GIVES_WAY_S: Final = 0.05
"""So long each object waits for pictures on their way to the screen: who scrolls while a study comes goes first."""

Arrived = Callable[[Instance], None]
"""Told of each object that became visible, on the writer's thread."""


Pushed = Callable[[Instance, str], None]
"""Told of each object that a peer sent unasked and that is safe now, with the peer's AE title; the same thread."""


class Telling(Writer):
    """A writer that tells of each object it stored, and of those that nobody here had asked for."""

    def __init__(self, home: Home, arrived: Arrived, pushed: Pushed = lambda instance, aet: None) -> None:
        super().__init__(home)
        self._tell, self._pushed = arrived, pushed

    def add(self, arrival: Arrival, settled: Settled, patient: bool = False) -> None:
        def then(outcome: Outcome) -> None:
            settled(outcome)
            if outcome.stored:
                self._tell(outcome.arrival.instance)
            if outcome.stored and outcome.arrival.sender:
                self._pushed(outcome.arrival.instance, outcome.arrival.sender)

        jobs.give_way(GIVES_WAY_S)
        super().add(arrival, then, patient)


class VisibleFirst(DicomWebPacs):
    """A web node of which a whole study comes image by image: those that are looked at, then coarse to fine."""

    def __init__(self, node: Node, secret: str, first: tuple[str, ...]) -> None:
        super().__init__(node, secret)
        self._first = first

    def retrieve(self, what: Selection, sink: Sink, watch: Watch = Watch(), **more: Any) -> Retrieved:  # noqa: B008
        first = () if what.instances else self._first
        return super().retrieve(what, sink, watch, first=first)


def pacs_of(node: Node, first: tuple[str, ...] = ()) -> Pacs:
    """The way to a node. Where it wants a password, that of the environment; nobody is asked."""
    if not node.url:
        return DimsePacs(node)
    secret = os.environ.get(variable_of(node.name), "") if node.auth != "none" else ""
    return VisibleFirst(node, secret, first)


class Carrier:
    """`queue.Deed` of one home; `arrived` is told of what comes. May be called on several threads at once.

    `heard` takes the archives' word on what was sent; `tls` is who we are to those who call us over TLS.
    """

    def __init__(
        self,
        home: Home,
        arrived: Arrived = lambda instance: None,
        port: int = PORT,
        heard: Heard = lambda report: False,
        pushed: Pushed = lambda instance, aet: None,
        tls: Identity | None = None,
    ) -> None:
        self._home, self._arrived, self._port = home, arrived, port
        self._heard, self._tell_pushed, self._tls = heard, pushed, tls
        self._fetching: Counter[str] = Counter()
        self._guard = threading.Lock()
        self._held: dict[str, tuple[ExitStack, Any, int]] = {}
        self._rested = threading.Event()

    def __call__(self, errand: Errand, told: Callable[[Transfer], None], check: Check) -> FetchReport | SendReport:
        node = named(self._home, errand.node)
        if errand.act is Act.SEND:
            return self._send(node, errand, told, check)
        with self._writer() as writer, self._called_back_by(node), self._expecting(errand.study):
            return fetch_study(pacs_of(node, errand.first), errand.study, writer, told, check)

    @contextmanager
    def _expecting(self, study: str) -> Iterator[None]:
        """Not every archive says with an object that it was asked for (PS3.7 9.3.1.1): what is fetched is."""
        with self._guard:
            self._fetching[study] += 1
        try:
            yield
        finally:
            with self._guard:
                self._fetching[study] -= 1

    def _pushed(self, instance: Instance, aet: str) -> None:
        if not self._fetching[instance.StudyInstanceUID]:
            self._tell_pushed(instance, aet)

    def ready(self, within_s: float = 60.0) -> None:
        """Open what an errand needs and hold it for a while: the first image of the next one comes sooner."""
        with self._writer():
            self._rested.wait(within_s)

    def end(self) -> None:
        """Hold nothing any more."""
        self._rested.set()

    def _send(self, node: Node, errand: Errand, told: Callable[[Transfer], None], check: Check) -> SendReport:
        def shown(progress: Progress) -> None:
            told(Transfer(progress.done, progress.total, progress.bytes))

        return send_study(pacs_of(node), self._home, errand.study, Watch(shown, check))

    @contextmanager
    def _shared(self, name: str, make: Callable[[], Any]) -> Any:
        """Something that is made when it is first needed, and ended when nobody needs it."""
        with self._guard:
            stack, made, count = self._held.get(name) or (ExitStack(), None, 0)
            if not count:
                made = stack.enter_context(make())
            self._held[name] = stack, made, count + 1
        try:
            yield made
        finally:
            with self._guard:
                stack, made, count = self._held.pop(name)
                if count > 1:
                    self._held[name] = stack, made, count - 1
                else:
                    stack.close()  # under the guard: the next one wants the same port

    def _writer(self) -> Any:
        return self._shared("writer", lambda: Telling(self._home, self._arrived, self._pushed))

    def _called_back_by(self, node: Node) -> AbstractContextManager[None]:
        """Listens for as long as studies come by C-MOVE."""
        return self.listening() if not node.url and node.retrieve == "move" else nullcontext()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """A receiver of ours, the one there is or a new one: nodes that are set up now may call it, nobody else.

        Raises HounsfieldError when its port or the cache cannot be had.
        """
        with (
            self._writer() as writer,
            self._shared("receiver", lambda: receiving(self._reception(), writer, self._heard)),
        ):
            yield

    def _reception(self) -> Reception:
        known = [each for each in load(self._home)[0].values() if not each.url and _is_known(each)]
        callers = [address(each) for each in known]
        here = "127.0.0.1" if all(each.startswith("127.") for each in callers) else "0.0.0.0"  # noqa: S104
        ours = tuple(dict.fromkeys(each.our_aet for each in known)) or (OUR_AET,)
        peers = tuple(Peer("", each) for each in callers) or (Peer("", "127.0.0.1"),)
        return Reception(ours[0], here, self._port, peers, self._tls, also=ours[1:])


def _is_known(node: Node) -> bool:
    try:
        return bool(address(node))
    except NodeFault:
        return False
