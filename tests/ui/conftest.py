"""The widgets with a loader, offscreen; posted calls run when a test lets them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui.window import MainWindow


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two studies: the tiny trunk, and two series of numbered images."""

    from workstation.phantom.coded import coded_ct
    from workstation.phantom.dicom import write_series
    from workstation.phantom.trunk import trunk_ct

    folder = tmp_path_factory.mktemp("ui")
    write_series(trunk_ct(size="tiny")[0], folder / "trunk")
    write_series(coded_ct(12, 128), folder / "coded")
    write_series(replace(coded_ct(6, 128), series_number=2), folder / "few")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "trunk", folder / "coded", folder / "few"])
    return home


@pytest.fixture
def loader(cache: Home) -> Iterator[Loader]:
    made = Loader(cache)
    yield made
    made.close_all()
    jobs.shutdown()
    jobs.drain()


def settle() -> None:
    """Let what was begun end, with what follows from it."""
    while jobs.active() or jobs.drain():
        jobs.drain(0.02)
    jobs.shutdown()


@pytest.fixture
def empty_window(home: Path, qapp: QApplication) -> Iterator[MainWindow]:
    """The window on an empty home, shown."""
    made = MainWindow(Home(home).create())
    made.show()
    yield made
    made.close()
    settle()


@pytest.fixture
def opened(cache: Home, loader: Loader, qapp: QApplication) -> Callable[[str, str, int], Case]:
    """`opened(study_uid, protocol, stage)`: a case whose voxels are all in memory."""

    def opened(study: str, protocol: str, stage: int) -> Case:
        case = open_study(cache, study, protocol)
        case.hang_stage(stage - 1)
        for display_set in case.sets.values():
            loader.open(display_set, case.digests)
        loader.wait(60)
        return case

    return opened
