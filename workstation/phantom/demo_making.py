"""Making those studies of the demo patient that are not in the cache yet: several at a time, in worker processes."""

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from workstation import jobs
from workstation.cache import files
from workstation.cache.crew import TICK_S, Crew
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.cache.lock import WriterLock
from workstation.errors import Cancelled, HounsfieldError, Refused
from workstation.paths import Home
from workstation.phantom.demo_entry import Entry

Size = Literal["tiny", "small", "full"]
Progress = Callable[[int, int], None]

MAKING: Final = "demo-making-"
"""How folders in the home begin that hold files on their way into the cache."""

LONGEST_S: Final = 600.0
NICE: Final = 5


def absent(home: Home, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Those of `entries` that are not whole in the cache: never made, interrupted, or thrown away since."""
    with Index(home) as index:
        known = {row.study_instance_uid for row in index.studies()}
    whole = known & set(_made(home))
    return tuple(each for each in entries if each.study_instance_uid not in whole)


def make_demo(
    home: Home,
    wanted: Sequence[Entry],
    progress: Progress = lambda done, total: None,
    size: Size = "full",
    arrived: Callable[[Entry], None] = lambda entry: None,
) -> tuple[Entry, ...]:
    """Make and import those of `wanted` that are absent; what was made.

    `progress(done, total)` counts studies and is called several times a second; it may raise `Cancelled`, which ends
    the making at once. What was imported by then stays, and the next call goes on from there. `arrived` is called
    after each study. Both run on the thread of the caller, which is none of the lane LATER: taking in runs there.
    Raises HounsfieldError when another program writes to this home, or, once all others are there, when a study
    could not be made.
    """
    lock = WriterLock(home.lock)
    try:
        _sweep(home)
        missing = absent(home, wanted)
        if missing:
            with tempfile.TemporaryDirectory(prefix=MAKING, dir=home.root) as folder:
                _make_and_import(home, Path(folder), missing, progress, size, arrived)
        return missing
    finally:
        lock.release()


@dataclass(frozen=True)
class _Task:
    """What a worker process does."""

    entry: Entry
    folder: Path
    size: Size

    def __call__(self) -> None:
        if hasattr(os, "nice"):  # the window comes first
            os.nice(NICE)
        self.entry.write(self.folder, self.size)


class _Importer:
    """Takes in what is made while more is being made: on a thread, all that waits at a time."""

    def __init__(self, home: Home) -> None:
        self.done = 0
        self._home = home
        self._waiting: list[_Task] = []
        self._batch: list[_Task] = []
        self._running: Future[None] | None = None
        self._stopped = threading.Event()

    @property
    def busy(self) -> bool:
        return self._running is not None or bool(self._waiting)

    def add(self, task: _Task) -> None:
        self._waiting.append(task)

    def start(self) -> None:
        """Begin with what waits, unless something is on its way."""
        if self._running is None and self._waiting:
            self._batch, self._waiting = self._waiting, []
            self._running = jobs.submit(self._take_in, self._batch, lane=jobs.Lane.LATER)

    def arrived(self) -> list[_Task]:
        """What has come in since the last call; raises what stopped it."""
        if self._running is None or not self._running.done():
            return []
        running, self._running = self._running, None
        running.result()
        self.done += len(self._batch)
        return self._batch

    def wait(self, longest_s: float) -> None:
        if self._running is not None:
            wait([self._running], longest_s)

    def stop(self) -> None:
        """Have the thread end, whatever it is at, and wait for that."""
        self._stopped.set()
        if self._running is not None:
            wait([self._running])

    def _take_in(self, batch: Sequence[_Task]) -> None:
        report = import_paths(self._home, [task.folder for task in batch], self._check)
        if report.stopped:
            raise Cancelled
        if report.refused:
            name, reason = report.refused[0]
            raise HounsfieldError(f"The demo patient was made, but {Path(name).name} was refused: {reason}.")
        for task in batch:
            shutil.rmtree(task.folder)
            _note(self._home, task.entry)

    def _check(self, done: int, total: int) -> None:
        if self._stopped.is_set():
            raise Cancelled


def _make_and_import(
    home: Home,
    folder: Path,
    missing: Sequence[Entry],
    progress: Progress,
    size: Size,
    arrived: Callable[[Entry], None],
) -> None:
    importer = _Importer(home)
    failures: dict[str, str] = {}

    def tick() -> None:
        for task in importer.arrived():
            arrived(task.entry)
        progress(importer.done, len(missing))
        importer.start()

    tasks = [_Task(entry, folder / str(number), size) for number, entry in enumerate(missing)]
    tick()
    try:
        with Crew[_Task, None](seconds=LONGEST_S, batch=1) as crew:
            for task, answer in crew.each(tasks, tick):
                if isinstance(answer, Refused):
                    failures[task.entry.title] = answer.detail
                else:
                    importer.add(task)
                tick()
        while importer.busy:
            importer.wait(TICK_S)
            tick()
    finally:
        importer.stop()
    if failures:
        what = ", ".join(failures)
        raise HounsfieldError(f"Of the demo patient could not be made: {what}.", "; ".join(failures.values()))


# What was imported whole is noted in a file of the home: a study in the index may be half of one.


def _notes(home: Home) -> Path:
    return home.root / "demo.json"


def _made(home: Home) -> list[str]:
    """The StudyInstanceUIDs of what was made whole; a file that cannot be read means nothing was."""
    try:
        noted = json.loads(files.unseal_document(home, _notes(home)))
        return [str(each) for each in noted["made"]]
    except (HounsfieldError, ValueError, KeyError, TypeError):
        return []


def _note(home: Home, entry: Entry) -> None:
    made = dict.fromkeys([*_made(home), entry.study_instance_uid])
    files.seal_document(home, _notes(home), json.dumps({"made": list(made)}).encode())


def _sweep(home: Home) -> None:
    """Remove what a making that was killed left behind; the caller holds the lock of the home."""
    for left in home.root.glob(f"{MAKING}*"):
        shutil.rmtree(left, ignore_errors=True)
