"""Does the errands of the queue: a node by name, one writer while anything comes, a receiver where nodes call back."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from workstation.cache.entries import Arrival
from workstation.cache.ingest import Outcome
from workstation.dicom.entities import Instance
from workstation.network.call import address
from workstation.network.courier import Couriers, Going
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node, load, named
from workstation.network.pacs import Check, Pacs, Progress, Watch
from workstation.network.reception import Peer, Reception
from workstation.paths import Home
from workstation.security.tls import Identity
from workstation.traffic import origin
from workstation.traffic.abroad import bringing, comes_here, way_to
from workstation.traffic.errand import Act, Errand
from workstation.traffic.fetch import FetchReport, Transfer, fetch_study
from workstation.traffic.receive import Heard, receiving
from workstation.traffic.send import SendReport, send_study
from workstation.traffic.writer import Settled, Writer

PORT: Final = 11112
OUR_AET: Final = "HOUNSFIELD"
"""What we are called by default, where no node says otherwise."""

NICE: Final = 10
"""So many steps later than the window come the processes that fetch and receive: who looks at pictures goes first."""

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

        super().add(arrival, then, patient)


def pacs_of(node: Node, secret: str = "") -> Pacs:
    """The way to a node. Where it wants a password, `secret`, else what is known of one; nobody is asked."""
    return way_to(node, secret)()


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
        self._going: dict[str, Going] = {}
        self._guard = threading.Lock()
        self._held: dict[str, tuple[ExitStack, Any, int]] = {}
        self._rested = threading.Event()

    def __call__(self, errand: Errand, told: Callable[[Transfer], None], check: Check) -> FetchReport | SendReport:
        node = named(self._home, errand.node)
        if errand.act is Act.SEND:
            return self._send(node, errand, told, check)
        origin.note(self._home, errand.study, node.name)
        with self._writer() as writer, self._expecting(errand.study) as going:
            if not comes_here(node):
                with self.listening():
                    return fetch_study(pacs_of(node), errand.study, writer, told, check)
            with self._couriers(writer) as couriers:
                bring = bringing(couriers, way_to(node, singly=bool(errand.first)), going)
                return fetch_study(pacs_of(node), errand.study, writer, told, check, bring=bring)

    def look_at(self, study: str, instances: tuple[str, ...]) -> None:
        """These SOP instances of a study that comes are on the screen; for any thread."""
        with self._guard:
            going = self._going.get(study)
        if going is not None:
            going.look_at(instances)

    @contextmanager
    def _expecting(self, study: str) -> Iterator[Going]:
        """Not every archive says with an object that it was asked for (PS3.7 9.3.1.1): what is fetched is."""
        with self._guard:
            self._fetching[study] += 1
            going = self._going.setdefault(study, Going())
        try:
            yield going
        finally:
            with self._guard:
                self._fetching[study] -= 1
                if not self._fetching[study]:
                    del self._going[study]

    def _pushed(self, instance: Instance, aet: str) -> None:
        if not self._fetching[instance.StudyInstanceUID]:
            self._tell_pushed(instance, aet)

    def ready(self, within_s: float = 60.0) -> None:
        """Open what an errand needs and hold it for a while: the first image of the next one comes sooner."""
        with self._writer() as writer, self._couriers(writer):
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

    def _couriers(self, writer: Writer) -> Any:
        return self._shared("couriers", lambda: Couriers(writer.lander, NICE))

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
        return Reception(ours[0], here, self._port, peers, self._tls, also=ours[1:], nice=NICE)


def _is_known(node: Node) -> bool:
    try:
        return bool(address(node))
    except NodeFault:
        return False
