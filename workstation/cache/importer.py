"""`import_paths`: what a person gave -> the cache, in worker processes, with a list of what was refused and why."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from workstation.cache import archives, media
from workstation.cache.crew import Crew
from workstation.cache.entries import Arrival, Known
from workstation.cache.ingest import Ingest, Outcome
from workstation.cache.intake import Intake, take_in
from workstation.cache.media import Candidate, Rejected
from workstation.cache.same import Comparison, Sameness
from workstation.dicom import header
from workstation.dicom.entities import Instance
from workstation.errors import Cancelled, Reason, Refused
from workstation.paths import Home
from workstation.security import acts

WORKER_BYTES: Final = 6 << 30
"""Address space of a worker: the largest file, its copy in the parser, and the libraries."""

FEW: Final = 8
SMALL_BYTES: Final = 16 << 20
"""Up to this many files of this size together are read here: starting processes takes longer."""

Progress = Callable[[int, int], None]
Arrived = Callable[[Instance], None]
Answer = Arrival | Known | Refused


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of everything that was given.

    `stored` and `already_stored` count objects; `refused` has (path, reason) of each thing that was not taken;
    `studies` are the StudyInstanceUIDs of what is visible now. `stopped` says that it was asked to stop before
    all was done: what is counted is safe, and a second import goes on from there.
    """

    stored: int
    already_stored: int
    refused: tuple[tuple[str, Reason], ...]
    studies: tuple[str, ...]
    seconds: float
    stopped: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, as one program tells it another."""
        refused = [[path, reason.name] for path, reason in self.refused]
        return asdict(self) | {"refused": refused, "studies": list(self.studies)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "ImportReport":
        """The inverse of `to_json`."""
        refused = tuple((str(path), Reason[reason]) for path, reason in values["refused"])
        return cls(**{**values, "refused": refused, "studies": tuple(values["studies"])})


def import_paths(
    home: Home,
    paths: Sequence[str | Path],
    progress: Progress = lambda done, total: None,
    arrived: Arrived = lambda instance: None,
) -> ImportReport:
    """Import files, folders, zip archives and DICOMDIR media.

    `progress(done, total)` counts files and is called often; it may raise `Cancelled`. `arrived` is told of each object
    that became visible. Raises HounsfieldError when another program is writing to `home`.
    """
    tally = _Tally(arrived)
    with (
        acts.doing(acts.Kind.IMPORT) as act,
        Crew[Comparison, bool](workers=1, memory_bytes=WORKER_BYTES) as judge,
        Ingest(home, Sameness(home, judge)) as ingest,
    ):
        try:
            found = _found(paths, tally, progress)
            progress(0, len(found))
            for candidate, answer in _answers(home, ingest, found, lambda: progress(tally.done, len(found))):
                tally.done += 1
                tally.answer(candidate, answer, ingest)
                progress(tally.done, len(found))
        except Cancelled:
            tally.stopped, act.outcome = True, "stopped"
        tally.settle(ingest.flush())
    return tally.report()


class _Tally:
    def __init__(self, arrived: Arrived) -> None:
        self._arrived = arrived
        self.started = time.monotonic()
        self.done = 0
        self.stopped = False
        self._stored = 0
        self._already = 0
        self._refused: list[tuple[str, Reason]] = []
        self._studies: dict[str, None] = {}

    def reject(self, label: str, reason: Reason) -> None:
        self._refused.append((label, reason))

    def answer(self, candidate: Candidate, answer: Answer, ingest: Ingest) -> None:
        if isinstance(answer, Arrival):
            self.settle(ingest.add(answer))
        elif isinstance(answer, Refused):
            self.reject(candidate.label, answer.reason)
        elif answer.quarantined:
            self.reject(candidate.label, Reason.CONFLICT)
        else:
            self._already += 1
            self._studies[answer.study_instance_uid] = None

    def settle(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.reason is not None:
                self.reject(outcome.arrival.label, outcome.reason)
                continue
            self._stored += outcome.stored
            if outcome.stored:
                self._arrived(outcome.arrival.instance)
            self._already += not outcome.stored
            self._studies[outcome.arrival.instance.StudyInstanceUID] = None

    def report(self) -> ImportReport:
        seconds = time.monotonic() - self.started
        refused = tuple(sorted(self._refused))
        return ImportReport(self._stored, self._already, refused, tuple(self._studies), seconds, self.stopped)


def _found(paths: Sequence[str | Path], tally: _Tally, progress: Progress) -> list[Candidate]:
    candidates = []
    for count, found in enumerate(media.walk(paths)):
        if isinstance(found, Rejected):
            tally.reject(found.label, found.reason)
        else:
            candidates.append(found)
        if count % 256 == 0:
            progress(0, 0)
    return candidates


def _answers(
    home: Home, ingest: Ingest, found: list[Candidate], tick: Callable[[], None]
) -> Iterator[tuple[Candidate, Answer]]:
    if _is_small(found):
        try:
            for candidate in found:
                yield candidate, _taken_in_here(home, ingest, candidate)
        finally:
            archives.forget()
        return
    with Crew[Intake, Arrival | Known](memory_bytes=WORKER_BYTES) as crew:
        tasks = [Intake(home, candidate) for candidate in found]
        for task, answer in crew.each(tasks, tick):
            yield task.candidate, answer


def _taken_in_here(home: Home, ingest: Ingest, candidate: Candidate) -> Answer:
    try:
        return take_in(home, candidate, ingest.index.known)
    except Refused as refused:
        return refused


def _is_small(found: list[Candidate]) -> bool:
    """Few, small, and without deflated ones, which may grow a thousandfold."""
    if len(found) > FEW or sum(candidate.size_bytes for candidate in found) > SMALL_BYTES:
        return False
    return not any(_may_grow(candidate) for candidate in found)


def _may_grow(candidate: Candidate) -> bool:
    if candidate.members:
        return True
    try:
        with candidate.path.open("rb") as file:
            return header.is_deflated(file.read(1024))
    except OSError:
        return False
