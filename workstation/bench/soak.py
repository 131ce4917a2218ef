"""Long runs: study after study with answers that come late and out of order, and reading by script.

Three patients of one grey each: the picture on screen gives away whose it is, without a word of the program.
"""

import gc
import logging
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from workstation import jobs
from workstation.bench.data import Study
from workstation.bench.rows import Row
from workstation.cache.importer import import_paths
from workstation.case.commands import COMMANDS
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries, PhantomStudy, Window
from workstation.ui.tile_grid import TileGrid

GREYS: Final = {"Alpha^Anna": 50, "Beta^Ben": 130, "Gamma^Gail": 210}
SWITCHES: Final = 100_000
SIZE: Final = (400, 300)
READING_S: Final = 3600.0
WARM_SHARE: Final = 0.2
"""Of a run: what the program still fills its caches in; memory is compared from then on."""

Submit = Callable[..., None]


def series_of(name: str, grey: int, number: int) -> PhantomSeries:
    """Four images of one grey."""
    study = PhantomStudy(patient_name=name, patient_id=f"ID-{name[0]}", accession_number=name[0], patient_sex="F")
    return PhantomSeries(
        voxels=np.full((4, 16, 16), grey, np.int16),
        grid=Grid((4, 16, 16), (0.0, 0.0, 0.0), (0.7, 0.8), 2.0),
        study=study,
        series_number=number,
        windows=(Window(128, 256, "WHOLE"),),
    )


@contextmanager
def three_patients(folder: Path) -> Iterator[tuple[Loader, dict[str, Case]]]:
    """Each patient's study open and wholly loaded, two series each."""
    for name, grey in GREYS.items():
        first = series_of(name, grey, 1)
        write_series(first, folder / name / "1")
        write_series(replace(first, series_number=2), folder / name / "2")
    home = Home(folder / "home").create()
    import_paths(home, [folder / name for name in GREYS])
    loader = Loader(home)
    found = {name: open_study(home, series_of(name, 0, 1).study.study_instance_uid, "images") for name in GREYS}
    for case in found.values():
        for display_set in case.sets.values():
            loader.open(display_set, case.digests)
    loader.wait(60)
    try:
        yield loader, found
    finally:
        loader.close_all()
        jobs.shutdown()
        jobs.drain()


class LateAnswers:
    """Takes the composer's work and does it when, and in the order, that a random number says."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._works: list[Callable[[], None]] = []

    def submit(self, work: Callable[..., None], *asked: object, lane: jobs.Lane) -> None:
        self._works.append(partial(work, *asked))

    def some(self) -> None:
        for _ in range(self._dice.randrange(4)):
            if self._works:
                self._works.pop(self._dice.randrange(len(self._works)))()
        jobs.drain()

    def all(self) -> None:
        while self._works:
            self._works.pop()()
            jobs.drain()


@dataclass(frozen=True)
class Switched:
    """`wrong` counts moments with another patient on a tile; `grown_mib` what memory grew after the warm part."""

    wrong: int
    grown_mib: float
    answered: bool


def switch_studies(loader: Loader, cases: dict[str, Case], switches: int) -> Switched:
    """Open study after study at random; answers come late. Counts greys, names or studies of another than is open."""
    dice = random.Random(1)
    late = LateAnswers(dice)
    grid = TileGrid(loader, late.submit)
    grid.resize(*SIZE)
    grid.show()
    wrong, warm = 0, 0.0
    name, case = next(iter(cases.items()))
    for turn in range(switches):
        name = dice.choice(list(cases))
        case = cases[name]
        grid.show_case(case)
        if dice.random() < 0.3:
            case.hang_stage(dice.randrange(2))
        late.some()
        wrong += not _is_all_of(grid, name, case, with_screen=turn % 10 == 0)
        if turn == int(switches * WARM_SHARE):
            warm = memory_mib()
    late.all()
    answered = all(tile.picture is not None for tile in grid.tiles)
    wrong += not _is_all_of(grid, name, case, with_screen=True)
    grid.show_case(None)
    grid.close()
    return Switched(wrong, memory_mib() - warm, answered)


def _is_all_of(grid: TileGrid, name: str, case: Case, with_screen: bool) -> bool:
    """Black or this patient's grey in the middle of each tile, between the marks; and the words are this patient's."""
    page = grid.grab().toImage() if with_screen else None
    first = next(iter(case.sets.values()))
    who = [name.replace("^", ", "), f"ID-{name[0]}", "1970-01-01  F  55 y"]
    for tile in grid.tiles:
        x, y = tile.rect.width() // 2 + 20, tile.rect.height() // 2 + 20
        if tile.picture is not None and not _is_grey_of(tile.picture.image, x, y, name):
            return False
        if page is not None and not _is_grey_of(page, tile.rect.x() + x, tile.rect.y() + y, name):
            return False
        facts = tile.picture.facts if tile.picture else None
        if facts is not None and (facts["study_instance_uid"], facts["text"]["top_left"]) != (
            first.study_instance_uid,
            who,
        ):
            return False
    return True


def _is_grey_of(image: Any, x: int, y: int, name: str) -> bool:
    if not image.rect().contains(x, y):
        return False  # a picture made for another place
    grey = image.pixelColor(x, y).red()
    return bool(grey == 0 or abs(grey - GREYS[name]) <= 2)


def memory_mib() -> float:
    """Resident memory of this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class _Warnings(logging.Handler):
    """Counts what the program warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


@dataclass(frozen=True)
class Read:
    """What scripted reading came to: commands run, memory (MiB) at even times, warnings logged."""

    commands: int
    memory_mib: tuple[float, ...]
    warnings: int

    @property
    def grown_mib(self) -> float:
        """Between the end of the warm part and the end."""
        return self.memory_mib[-1] - self.memory_mib[int(len(self.memory_mib) * WARM_SHARE)]


def read_by_script(home: Home, seconds: float, samples: int = 20) -> Read:
    """Read the studies of a home at random for so long, in the window: open, run commands, go back to the list."""
    from workstation.app import application
    from workstation.ui.window import MainWindow

    process_events = application().processEvents

    dice, warned, commands = random.Random(2), _Warnings(), 0
    logging.getLogger().addHandler(warned)
    window = MainWindow(home)
    window.resize(1280, 800)
    window.show()
    begun, memory = time.monotonic(), [memory_mib()]
    while time.monotonic() - begun < seconds:
        studies = window.list.facts()["studies"]
        if studies and window.reading.case is None:
            window.open_study(dice.choice(studies))
        _let_run(process_events)
        for _ in range(dice.randrange(5, 60)):
            window.run(dice.choice(list(COMMANDS)))
            commands += 1
            _let_run(process_events)
        window.show_list()
        _let_run(process_events)
        if time.monotonic() - begun > len(memory) * seconds / samples:
            memory.append(memory_mib())
    window.close()
    logging.getLogger().removeHandler(warned)
    while jobs.active() or jobs.drain():
        jobs.drain(0.02)
    memory.append(memory_mib())
    jobs.shutdown()
    return Read(commands, tuple(memory), warned.count)


def _let_run(process_events: Callable[[], Any]) -> None:
    """What was asked for comes, as far as it does in a moment: a reader does not wait for everything either."""
    jobs.drain(0.01)
    process_events()


def switches(study: Study, runs: int) -> list[Row]:
    """SWITCHES random switches between three patients."""
    from workstation.app import application

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    with tempfile.TemporaryDirectory() as folder, three_patients(Path(folder)) as (loader, cases):
        found = switch_studies(loader, cases, SWITCHES)
    return [
        Row(f"{SWITCHES} switches, wrong patients", "", "", 0, (float(found.wrong),)),
        Row(f"{SWITCHES} switches, memory grown", "MiB", "", 20, (found.grown_mib,)),
    ]


def reading(study: Study, runs: int) -> list[Row]:
    """READING_S of scripted reading; HOUNSFIELD_READING_S gives another time."""
    from workstation.app import application

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    seconds = float(os.environ.get("HOUNSFIELD_READING_S", READING_S))
    found = read_by_script(study.home, seconds)
    return [
        Row(f"{seconds:.0f} s of reading, memory grown", "MiB", "", 30, (found.grown_mib,)),
        Row(f"{seconds:.0f} s of reading, warnings", "", "", 0, (float(found.warnings),)),
        Row(f"{seconds:.0f} s of reading, commands", "", "", None, (float(found.commands),)),
    ]
