"""DICOMweb behind `pacs.Pacs`: QIDO-RS, WADO-RS, STOW-RS (PS3.18 10), and the frames, headers and values of WADO-RS."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from workstation.network import dicomjson, qido, stow, wado
from workstation.network.abreast import Rota, abreast
from workstation.network.call import PATIENCE, Patience
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node
from workstation.network.pacs import UNWATCHED, Check, Level, Progress, Retrieved, Row, Selection, Sink, Stored, Watch
from workstation.network.part10 import Received
from workstation.network.wado import Frame
from workstation.network.web import Web
from workstation.network.web_faults import HttpFault
from workstation.security import acts
from workstation.security.acts import Kind

_Place = tuple[str, str]
"""SeriesInstanceUID, SOPInstanceUID."""


class DicomWebPacs:
    """A node with a URL. Methods may be called from several threads.

    `secret` is the password or token that `node.auth` speaks of. Where `singly` a study comes image by image: what is
    looked at first (`look_at`), then coarse to fine. Raises HounsfieldError when the node may not be asked this way:
    unencrypted over the network, no secret, no such certificate.
    """

    def __init__(self, node: Node, secret: str = "", patience: Patience = PATIENCE, *, singly: bool = False) -> None:
        self._node = node
        self._web = Web(node, secret, patience)
        self._is_singly = singly
        self._looked_at: tuple[str, ...] = ()
        self._rota: Rota[_Place] = Rota(())
        self._place_of: dict[str, _Place] = {}

    @property
    def node(self) -> Node:
        return self._node

    def close(self) -> None:
        """Let go of idle connections."""
        self._web.close()

    def echo(self) -> float:
        """Seconds until the answer to the smallest question, the connection included."""
        acts.permit(Kind.ECHO, self._node.name)
        begun = time.monotonic()
        query = [("limit", "1")]
        with self._web.asking("studies", query, qido.JSON, fine=(200, 204)) as answer:
            qido.read(answer)
        return time.monotonic() - begun

    def find(self, level: Level, keys: Mapping[str, str], check: Check = lambda: None) -> Iterator[Row]:
        """Matches as they come (PS3.18 10.6); patients are those of the studies that match."""
        acts.permit(Kind.QUERY, self._node.name, keys.get("StudyInstanceUID", ""))
        yield from qido.matches(self._web, level, keys, check)

    def retrieve(
        self, what: Selection, sink: Sink, watch: Watch = UNWATCHED, *, first: Sequence[str] = ()
    ) -> Retrieved:
        """Objects as they are stored. With `first`, those SOP instances come first and what lies around them.

        Raises Gone when the answer ended before its end: what came whole was handed over.
        """
        acts.permit(Kind.RETRIEVE, self._node.name, what.study)
        if what.instances or first or self._is_singly:
            self.look_at(first or self._looked_at)
            return self._singly(what, sink, watch)
        total = self._announced(what, watch.check)
        tally = _Tally(sink, watch, total)
        path = wado.place(what.study, what.series)
        for each in wado.objects(self._web, path, watch.check):
            tally.take(each)
        return tally.result()

    def store(self, objects: Iterable[bytes], watch: Watch = UNWATCHED, total: int = 0) -> Iterator[Stored]:
        """Send Part 10 files as they are (PS3.18 10.5)."""
        acts.permit(Kind.SEND, self._node.name)
        yield from stow.store(self._web, objects, watch, total)

    def frames(
        self, study: str, series: str, instance: str, numbers: Sequence[int], check: Check = lambda: None
    ) -> Iterator[Frame]:
        """Frames of an instance by number, from 1, as they are stored."""
        acts.permit(Kind.RETRIEVE, self._node.name, study)
        yield from wado.frames(self._web, wado.place(study, series, instance), tuple(numbers), check)

    def headers(
        self, study: str, series: str = "", instance: str = "", check: Check = lambda: None
    ) -> list[dicomjson.Object]:
        """Each instance's attributes without the large ones (PS3.18 F)."""
        acts.permit(Kind.QUERY, self._node.name, study)
        return wado.headers(self._web, wado.place(study, series, instance), check)

    def bulk(self, uri: str, check: Check = lambda: None) -> bytes:
        """The value behind a BulkDataURI of `headers`."""
        acts.permit(Kind.QUERY, self._node.name)
        return wado.bulk(self._web, uri, check)

    def _announced(self, what: Selection, check: Check) -> int:
        """How many objects the node says there are; 0 when it does not say."""
        level = Level.SERIES if what.series else Level.STUDY
        counted = f"NumberOf{level.value.capitalize()}RelatedInstances"
        keys = {"StudyInstanceUID": what.study, counted: ""}
        keys |= {"SeriesInstanceUID": what.series} if what.series else {}
        with suppress(NodeFault):
            for row in qido.matches(self._web, level, keys, check):
                if row[level.unique_key] == (what.series or what.study):
                    count = row.get(counted, "")
                    return int(count) if count.isdecimal() else 0
        return 0

    def look_at(self, instances: Sequence[str]) -> None:
        """These SOP instances are looked at by now: of what is retrieved singly they and what is around them go first.

        For any thread.
        """
        self._looked_at = tuple(instances)
        self._rota.look_at([self._place_of[uid] for uid in instances if uid in self._place_of])

    def _known(self, what: Selection, check: Check) -> list[_Place]:
        """What can be asked for before anybody says what there is: the first image comes sooner."""
        if what.instances or (self._looked_at and not what.series):
            return []
        if what.series:
            return [(what.series, uid) for uid in dict.fromkeys(self._looked_at)]
        keys = {"StudyInstanceUID": what.study, "SeriesInstanceUID": ""}
        return [_place(row, what) for row in qido.some(self._web, Level.IMAGE, keys, 1, check)]

    def _line_up(self, what: Selection, check: Check) -> int:
        """Make the rota of all there is; how many that are."""
        there = [(what.series, uid) for uid in what.instances] if what.series else []
        places = there or self._places(what, check)
        rows: dict[str, list[_Place]] = {}
        for each in places:
            rows.setdefault(each[0], []).append(each)
        self._place_of = {place[1]: place for place in places}
        self._rota = Rota(rows.values())
        self.look_at(self._looked_at)
        return len(places)

    def _places(self, what: Selection, check: Check) -> list[_Place]:
        """Of all the instances, by InstanceNumber."""
        keys = {"StudyInstanceUID": what.study, "InstanceNumber": ""}
        keys |= {"SeriesInstanceUID": what.series} if what.series else {}
        keys |= {"SOPInstanceUID": "\\".join(what.instances)} if what.instances else {}
        rows = list(qido.matches(self._web, Level.IMAGE, keys, check))
        rows.sort(key=_number)
        return [_place(row, what) for row in rows]

    def _singly(self, what: Selection, sink: Sink, watch: Watch) -> Retrieved:
        wado.place(what.study, what.series)

        def get(place: _Place, check: Check) -> Received | HttpFault | None:
            if not all(map(wado.is_uid, place)):
                return None
            try:
                path = wado.place(what.study, *place)
                came = [each for each in wado.objects(self._web, path, check) if _is(each, place)]
                return came[0] if came else None
            except HttpFault as fault:
                if fault.status in (404, 410):
                    return fault
                raise

        tally = _Tally(sink, watch, 0)

        def take(places: Iterable[_Place]) -> None:
            for _, got in abreast(places, get, watch.check):
                if isinstance(got, HttpFault):
                    tally.failed += 1
                else:
                    tally.take(got)

        ahead = self._known(what, watch.check)
        take(ahead)
        tally.total = self._line_up(what, watch.check)
        self._rota.leave_out(ahead)
        take(self._rota)
        return tally.result()


class _Tally:
    """What came so far."""

    def __init__(self, sink: Sink, watch: Watch, total: int) -> None:
        self._sink = sink
        self._watch = watch
        self.total = total
        self._came = self._refused = self._bytes = 0
        self.failed = 0

    def take(self, received: Received | None) -> None:
        taken = received is not None and self._sink(received)
        self._came += taken
        self._refused += not taken
        self._bytes += len(received.data) if received is not None else 0
        self._watch.told(Progress(self._came, self.total, self._bytes))

    def result(self) -> Retrieved:
        return Retrieved(self._came, self._came + self._refused, self.failed, self._refused)


def _is(received: Received | None, place: _Place) -> bool:
    """Whether it is the object that was asked for: another one is not shown in its place."""
    return received is not None and received.sop_instance_uid == place[1]


def _place(row: Row, what: Selection) -> _Place:
    return row.get("SeriesInstanceUID", what.series), row["SOPInstanceUID"]


def _number(row: Row) -> int:
    number = row.get("InstanceNumber", "")
    return int(number) if number.isdecimal() else 0
