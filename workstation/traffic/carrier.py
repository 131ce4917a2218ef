"""Does the errands of the queue: a node by name, one writer while anything comes, a receiver where nodes call back."""

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
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
from workstation.traffic.errand import Act, Errand
from workstation.traffic.fetch import FetchReport, Transfer, fetch_study
from workstation.traffic.receive import receiving
from workstation.traffic.send import SendReport, send_study
from workstation.traffic.writer import Settled, Writer

PORT: Final = 11112

GIVES_WAY_S: Final = 0.05
"""So long each object waits for pictures on their way to the screen: who scrolls while a study comes goes first."""

Arrived = Callable[[Instance], None]
"""Told of each object that became visible, on the writer's thread."""


class Telling(Writer):
    """A writer that tells of each object it stored."""

    def __init__(self, home: Home, arrived: Arrived) -> None:
        super().__init__(home)
        self._tell = arrived

    def add(self, arrival: Arrival, settled: Settled, patient: bool = False) -> None:
        def then(outcome: Outcome) -> None:
            settled(outcome)
            if outcome.stored:
                self._tell(outcome.arrival.instance)

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
    """`queue.Deed` of one home; `arrived` is told of what comes. May be called on several threads at once."""

    def __init__(self, home: Home, arrived: Arrived = lambda instance: None, port: int = PORT) -> None:
        self._home, self._arrived, self._port = home, arrived, port
        self._guard = threading.Lock()
        self._held: dict[str, tuple[ExitStack, Any, int]] = {}
        self._rested = threading.Event()

    def __call__(self, errand: Errand, told: Callable[[Transfer], None], check: Check) -> FetchReport | SendReport:
        node = named(self._home, errand.node)
        if errand.act is Act.SEND:
            return self._send(node, errand, told, check)
        with self._writer() as writer, self._receiver(node, writer):
            return fetch_study(pacs_of(node, errand.first), errand.study, writer, told, check)

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
        return self._shared("writer", lambda: Telling(self._home, self._arrived))

    @contextmanager
    def _receiver(self, node: Node, writer: Writer) -> Any:
        """Listens for as long as studies come by C-MOVE; those nodes alone may send."""
        if node.url or node.retrieve != "move":
            yield
            return
        known, _ = load(self._home)
        callers = [
            address(each) for each in known.values() if not each.url and each.retrieve == "move" and _is_known(each)
        ]
        here = "127.0.0.1" if all(each.startswith("127.") for each in callers) else "0.0.0.0"  # noqa: S104
        reception = Reception(node.our_aet, here, self._port, tuple(Peer("", each) for each in callers))
        with self._shared("receiver", lambda: receiving(reception, writer)):
            yield


def _is_known(node: Node) -> bool:
    try:
        return bool(address(node))
    except NodeFault:
        return False
