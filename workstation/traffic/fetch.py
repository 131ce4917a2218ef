"""A study from a node into the cache, complete, or with each series named that stayed short.

What a node says it sent is not believed: afterwards its IMAGE level is compared with the cache, and what lacks is asked
for again. The same comparison makes a second fetch go on where the first was interrupted.
"""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from workstation.cache import files
from workstation.cache.index import Index
from workstation.cache.room import checked_limits
from workstation.errors import Cancelled, HounsfieldError, NotFound, Reason
from workstation.network.faults import NodeFault
from workstation.network.pacs import Check, Level, Pacs, Progress, Retrieved, Selection, Watch
from workstation.network.storage import is_known
from workstation.traffic.landing import Landing
from workstation.traffic.writer import Writer

AT_ONCE: Final = 100
"""Instances in one request; their UIDs have to fit into one identifier."""

FRUITLESS: Final = 3
"""Rounds that brought nothing new before what lacks is given up, and so tries after a fault that may pass."""

FIRST_WAIT_S: Final = 0.5
LAST_S: Final = 10.0
"""How long what was already sent may take to become safe, after a retrieval has ended early."""


@dataclass(frozen=True)
class Transfer:
    """How far a fetch is: `done` of `total` objects (0: not known yet), bytes, bytes a second, seconds left.

    `series` are SeriesInstanceUIDs with how many objects the node says each has.
    """

    done: int
    total: int
    bytes: int = 0
    bytes_per_s: float = 0.0
    eta_s: float | None = None
    series: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class ShortSeries:
    """A series of which the node holds more than came."""

    series_instance_uid: str
    description: str
    have: int
    expected: int


@dataclass(frozen=True)
class FetchReport:
    """What became of a fetch. It is complete when nothing is short and it was not stopped."""

    study_instance_uid: str
    stored: int
    already_stored: int
    expected: int
    bytes: int
    seconds: float
    refused: tuple[tuple[str, Reason], ...] = ()
    short: tuple[ShortSeries, ...] = ()
    stopped: bool = False
    problem: str = ""
    """Of the fault that ended it before it was complete the sentence; `side`, `field` and `passing` are of it too."""
    side: str = ""
    field: str = ""
    passing: bool = True
    full: bool = False
    """The disk of this workstation has no room for the rest."""

    @property
    def complete(self) -> bool:
        return not (self.short or self.stopped or self.problem)


@dataclass
class _Series:
    uid: str
    modality: str
    description: str
    expected: int = 0
    instances: dict[str, str] = field(default_factory=dict)
    """SOPInstanceUID -> SOPClassUID, as far as the node says it."""


Told = Callable[[Transfer], None]

Bring = Callable[[Selection, Landing, Watch], Retrieved]
"""Has objects sent and gives each to the landing."""


def fetch_study(
    pacs: Pacs,
    study: str,
    writer: Writer,
    told: Told = lambda transfer: None,
    check: Check = lambda: None,
    first_wait_s: float = FIRST_WAIT_S,
    bring: Bring | None = None,
) -> FetchReport:
    """Bring a study into the cache of `writer`.

    Raises NotFound when the node has no such study, NodeFault when nothing can be had of it. Objects come by `bring`,
    such as that of a process of its own (`abroad`), else on the connection that asks, on this thread, or to a receiver
    with the same writer where the node is set so (C-MOVE).
    """
    return _Fetch(pacs, study, writer, told, check, first_wait_s, bring).run()


class _Fetch:
    def __init__(
        self,
        pacs: Pacs,
        study: str,
        writer: Writer,
        told: Told,
        check: Check,
        first_wait_s: float,
        bring: Bring | None,
    ) -> None:
        self._pacs = pacs
        self._bring: Bring = bring or (lambda what, landing, watch: pacs.retrieve(what, landing.take, watch))
        self._study = study
        self._writer = writer
        self._told = told
        self._check = check
        self._wait_s = first_wait_s
        self._begun = time.monotonic()
        self._series: dict[str, _Series] = {}
        self._before = 0
        self._came = 0
        self._bytes = 0
        self._tried = 0
        self._full = False
        self._listing: threading.Thread | None = None
        self._listed = False

    def run(self) -> FetchReport:
        stopped = False
        problem: tuple[str, str, str, bool] = ("", "", "", True)
        with Landing(self._writer) as landing, Index(self._writer.home) as index:
            self._patiently(self._ask_series)
            have = _cached(index, self._study)
            self._before = len(have)
            try:
                if not have and self._can_come_unasked:
                    self._whole(landing)
                self._rest(landing, index)
            except Cancelled:
                stopped = True
            except NodeFault as fault:
                problem = fault.sentence, fault.side.value, fault.field, fault.passing
            self._is_listed()
            landing.settle()
            if self._calls_back:
                self._writer.await_expected(lambda: None, LAST_S)
            short = self._short(index)
            full = bool(short) and (landing.disk_full or self._full or (self._calls_back and self._is_full()))
            if full and self._calls_back:
                problem = "", "", "", True  # it says that it could not send them, and knows no more than that
            new = len(_cached(index, self._study)) - self._before
        return FetchReport(
            self._study,
            new,
            landing.already_stored + self._before,
            self._expected,
            landing.bytes,
            time.monotonic() - self._begun,
            tuple(landing.refused),
            short,
            stopped,
            *problem,
            full=full,
        )

    @property
    def _calls_back(self) -> bool:
        return not self._pacs.node.url and self._pacs.node.retrieve == "move"

    @property
    def _can_come_unasked(self) -> bool:
        """Over DIMSE the classes of what comes are agreed on before; a web node sends whatever there is."""
        return bool(self._pacs.node.url) or all(is_known(each.modality) for each in self._series.values())

    @property
    def _expected(self) -> int:
        return sum(max(each.expected, len(each.instances)) for each in self._series.values())

    def _ask_series(self) -> None:
        keys = {"StudyInstanceUID": self._study, "Modality": "", "SeriesDescription": ""}
        keys["NumberOfSeriesRelatedInstances"] = ""
        for row in self._pacs.find(Level.SERIES, keys, self._check):
            uid = row.get("SeriesInstanceUID", "")
            count = row.get("NumberOfSeriesRelatedInstances", "")
            expected = int(count) if count.isdecimal() else 0
            self._series[uid] = _Series(uid, row.get("Modality", ""), row.get("SeriesDescription", ""), expected)
        if not self._series:
            raise NotFound(f"{self._pacs.node.name} has no such study")

    def _whole(self, landing: Landing) -> None:
        """Everything at once, without asking first what there is: the first picture comes sooner."""
        modalities = tuple(dict.fromkeys(each.modality for each in self._series.values()))
        try:
            self._retrieve(Selection(self._study, modalities=modalities), landing)
        except NodeFault as fault:
            if not fault.passing:
                raise
            self._pause()

    def _list_ahead(self) -> None:
        """Ask a web node what there is while the second half of it comes: then the comparison need not wait for it."""
        if self._listing is None and self._pacs.node.url:
            self._listing = threading.Thread(target=self._list, name="hounsfield-listing")
            self._listing.start()

    def _list(self) -> None:
        with suppress(HounsfieldError):  # then it is asked again
            for series in self._series.values():
                self._ask_instances(series)
            self._listed = True

    def _is_listed(self) -> bool:
        """Whether that is there; one list serves one comparison."""
        if self._listing is not None:
            self._listing.join()
        listed, self._listed = self._listed, False
        return listed

    def _rest(self, landing: Landing, index: Index) -> None:
        """Compare, fetch what lacks, until nothing does or several rounds brought nothing."""
        fruitless = 0
        known = -1
        while True:
            landing.settle()
            self._writer.await_expected(self._check)
            if not self._is_listed():
                for series in self._series.values():
                    self._patiently(partial(self._ask_instances, series))
            quarantined = {each.sop_instance_uid for each in index.quarantined()}
            lacking = {uid: _lacking(each, index, quarantined) for uid, each in self._series.items()}
            left = sum(map(len, lacking.values()))
            if not left or landing.disk_full:
                return
            fruitless = 0 if known < 0 or left < known else fruitless + 1
            self._full = bool(fruitless) and self._is_full()
            if self._full or fruitless == FRUITLESS:
                return
            if fruitless:
                self._pause()
            known = left
            for uid in lacking:
                for selection in self._asked(self._series[uid], lacking[uid]):
                    self._one(selection, landing)

    def _is_full(self) -> bool:
        """What a node calls us back with (C-MOVE) is refused in the receiver; the node may say that or not."""
        home = self._writer.home
        return files.is_nearly_full(home, checked_limits(home).reserve_bytes)

    def _asked(self, series: _Series, instances: list[str]) -> list[Selection]:
        """The requests for what lacks of a series."""
        if not instances:
            return []
        self._patiently(partial(self._ask_instances, series, True))
        classes = tuple(dict.fromkeys(filter(None, map(series.instances.get, instances))))
        parts = [tuple(instances[start : start + AT_ONCE]) for start in range(0, len(instances), AT_ONCE)]
        return [Selection(self._study, series.uid, part, classes, (series.modality,)) for part in parts]

    def _one(self, selection: Selection, landing: Landing) -> None:
        """One request; after a fault that may pass, the next round asks for what it did not bring."""
        try:
            self._retrieve(selection, landing)
            self._tried = 0
        except NodeFault as fault:
            self._tried += 1
            if not fault.passing or self._tried >= FRUITLESS:
                raise
            self._pause()

    def _retrieve(self, selection: Selection, landing: Landing) -> None:
        came, received = self._came, self._bytes

        def told(progress: Progress) -> None:
            self._came, self._bytes = came + progress.done, received + progress.bytes
            if not selection.instances and 2 * self._came >= self._expected > 0:
                self._list_ahead()
            self._told(self._transfer(0 if selection.instances else progress.total))

        self._bring(selection, landing, Watch(told, self._check))

    def _transfer(self, said: int) -> Transfer:
        total = self._expected or said
        done = self._before + self._came
        spent = time.monotonic() - self._begun
        left = spent / self._came * (total - done) if self._came and total >= done else None
        series = tuple((uid, max(each.expected, len(each.instances))) for uid, each in self._series.items())
        return Transfer(done, total, self._bytes, self._bytes / spent if spent else 0.0, left, series)

    def _ask_instances(self, series: _Series, classes: bool = False) -> None:
        """Which instances there are; their classes too, which some archives have to look up in each file."""
        keys = {"StudyInstanceUID": self._study, "SeriesInstanceUID": series.uid}
        if classes:
            keys["SOPClassUID"] = ""
        rows = self._pacs.find(Level.IMAGE, keys, self._check)
        series.instances = {
            row["SOPInstanceUID"]: row.get("SOPClassUID", "") for row in rows if "SOPInstanceUID" in row
        }

    def _patiently(self, ask: Callable[[], None]) -> None:
        """Ask, and ask again after a fault that may pass."""
        for attempt in range(FRUITLESS + 1):
            try:
                return ask()
            except NodeFault as fault:
                if not fault.passing or attempt == FRUITLESS:
                    raise
                self._pause()

    def _pause(self) -> None:
        """Wait, twice as long each time; somebody may stop it."""
        until = time.monotonic() + self._wait_s
        self._wait_s = min(2 * self._wait_s, 30.0)
        while (left := until - time.monotonic()) > 0:
            self._check()
            time.sleep(min(0.1, left))

    def _short(self, index: Index) -> tuple[ShortSeries, ...]:
        quarantined = {each.sop_instance_uid for each in index.quarantined()}
        counts = _counts(index, self._study)
        short = []
        for each in self._series.values():
            expected = max(len(each.instances), each.expected, 1)
            have = counts.get(each.uid, 0)
            if each.instances:
                have = len(each.instances) - len(_lacking(each, index, quarantined))
            if have < expected:
                short.append(ShortSeries(each.uid, each.description or each.modality, have, expected))
        return tuple(short)


def _cached(index: Index, study: str) -> set[str]:
    try:
        return {each.instance.SOPInstanceUID for each in index.instances(study)}
    except NotFound:
        return set()


def _counts(index: Index, study: str) -> dict[str, int]:
    """Objects by series, as the cache has them."""
    try:
        return {each.series_instance_uid: each.objects for each in index.study(study).series}
    except NotFound:
        return {}


def _lacking(series: _Series, index: Index, there_too: Iterable[str]) -> list[str]:
    here = {*there_too, *index.digests_of(series.instances)}
    return [uid for uid in series.instances if uid not in here]
