"""The demo patient's studies: the catalogue, and making those that are not in the cache yet, several at a time."""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal

from workstation.cache.crew import Crew
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.cache.lock import WriterLock
from workstation.errors import Cancelled, HounsfieldError, Refused
from workstation.paths import Home
from workstation.phantom import projections
from workstation.phantom.brain import MR_STUDIES
from workstation.phantom.breast import CLUSTER, MASS, YEARLY_GROWTH
from workstation.phantom.dicom import write_series
from workstation.phantom.projections import ProjectionStudy
from workstation.phantom.reports import Followed, Report, mammography_report, trunk_report, write_report
from workstation.phantom.series import DemoStudy, PhantomStudy
from workstation.phantom.trunk import ADA
from workstation.phantom.trunk_studies import CT_STUDIES, PRIOR, lesions
from workstation.phantom.ultrasound import ultrasound_study, write_ultrasound

Size = Literal["tiny", "small", "full"]
Progress = Callable[[int, int], None]

MAKING: Final = "demo-making-"
"""How folders in the home begin that hold files on their way into the cache."""

LONGEST_S: Final = 600.0


@dataclass(frozen=True)
class Entry:
    """A study of the demo patient. `make(folder, size)` writes its files; a report, where there is one, goes along."""

    title: str
    study: PhantomStudy
    make: Callable[[Path, str], None]
    report: Report | None = None

    @property
    def study_instance_uid(self) -> str:
        return self.study.study_instance_uid

    def write(self, folder: Path, size: str) -> None:
        """Write every object of the study into `folder` or below it."""
        folder.mkdir(parents=True, exist_ok=True)
        self.make(folder, size)
        if self.report is not None:
            write_report(self.report, folder)


def _slices(demo: DemoStudy, folder: Path, size: str) -> None:
    for series in demo.series(size):
        write_series(series, folder)


def _cross_sections(demo: DemoStudy) -> Entry:
    report = trunk_report(PRIOR, _trunk_a_year_ago()) if demo.study == PRIOR else None
    return Entry(demo.title, demo.study, partial(_slices, demo), report)


def catalogue() -> tuple[Entry, ...]:
    """Every study of the demo patient: what is looked at first, then those that take longest to make."""
    sonography = ultrasound_study(replace(ADA, study_date="20250318"))
    return (
        *map(_cross_sections, (*CT_STUDIES, *MR_STUDIES)),
        *(_projections(each) for each in projections.STUDIES),
        Entry("Ultrasound of the abdomen", sonography, partial(write_ultrasound, sonography)),
    )


def _trunk_a_year_ago() -> tuple[Followed, ...]:
    places = ("nodule in the left lower lobe", "lesion in the right lobe of the liver", "left para-aortic lymph node")
    found = lesions(PRIOR)
    return tuple(Followed(place, 2 * lesion.radius_mm) for place, lesion in zip(places, found, strict=True))


def _projections(each: ProjectionStudy) -> Entry:
    prior = projections.MAMMOGRAPHY_PRIOR
    report = mammography_report(prior, _breast_a_year_ago()) if each.study == prior else None
    return Entry(each.title, each.study, each.write, report)


def _breast_a_year_ago() -> tuple[Followed, ...]:
    mass_mm = 2 * MASS.radius_mm * YEARLY_GROWTH
    return (
        Followed("focal asymmetry in the upper outer quadrant", mass_mm),
        Followed("group of calcifications in the lower inner quadrant", 2 * CLUSTER.radius_mm),
    )


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
    after each study. Both run on the thread of the caller. Raises HounsfieldError when another program writes to
    this home, or when a study cannot be made.
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
        self.entry.write(self.folder, self.size)


def _make_and_import(
    home: Home,
    folder: Path,
    missing: Sequence[Entry],
    progress: Progress,
    size: Size,
    arrived: Callable[[Entry], None],
) -> None:
    done = 0

    def tick() -> None:
        progress(done, len(missing))

    tasks = [_Task(entry, folder / str(number), size) for number, entry in enumerate(missing)]
    tick()
    with Crew[_Task, None](seconds=LONGEST_S, batch=1) as crew:
        for task, answer in crew.each(tasks, tick):
            if isinstance(answer, Refused):
                raise HounsfieldError(f"{task.entry.title} of the demo patient could not be made.", answer.detail)
            _import(home, task, tick)
            done += 1
            arrived(task.entry)
            tick()


def _import(home: Home, task: _Task, tick: Callable[[], None]) -> None:
    report = import_paths(home, [task.folder], lambda done, total: tick())
    if report.stopped:
        raise Cancelled
    if report.refused:
        name, reason = report.refused[0]
        raise HounsfieldError(f"{task.entry.title} was made, but {Path(name).name} was refused: {reason}.")
    shutil.rmtree(task.folder)
    _note(home, task.entry)


# What was imported whole is noted in a file of the home: a study in the index may be half of one.


def _notes(home: Home) -> Path:
    return home.root / "demo.json"


def _made(home: Home) -> list[str]:
    """The StudyInstanceUIDs of what was made whole; a file that cannot be read means nothing was."""
    try:
        noted = json.loads(_notes(home).read_text(encoding="utf-8"))
        return [str(each) for each in noted["made"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _note(home: Home, entry: Entry) -> None:
    made = dict.fromkeys([*_made(home), entry.study_instance_uid])
    fresh = _notes(home).with_suffix(".new")
    fresh.write_text(json.dumps({"made": list(made)}) + "\n", encoding="utf-8")
    fresh.replace(_notes(home))


def _sweep(home: Home) -> None:
    """Remove what a making that was killed left behind; the caller holds the lock of the home."""
    for left in home.root.glob(f"{MAKING}*"):
        shutil.rmtree(left, ignore_errors=True)
