"""Rule 1: a tile paints only pixels of the study it was asked for, however late and in whatever order answers come.

Three patients, one grey each: the picture on screen gives away whose it is, without a word of the program.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case.open import Opened, open_study
from workstation.case.state import Case
from workstation.hanging.choose import Answer
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries, PhantomStudy, Window
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.tile_grid import TileGrid

GREYS = {"Alpha^Anna": 50, "Beta^Ben": 130, "Gamma^Gail": 210}
SWITCHES = 2000
SIZE = (400, 300)


def _series(name: str, grey: int, number: int) -> PhantomSeries:
    study = PhantomStudy(patient_name=name, patient_id=f"ID-{name[0]}", accession_number=name[0], patient_sex="F")
    return PhantomSeries(
        voxels=np.full((4, 16, 16), grey, np.int16),
        grid=Grid((4, 16, 16), (0.0, 0.0, 0.0), (0.7, 0.8), 2.0),
        study=study,
        series_number=number,
        windows=(Window(128, 256, "WHOLE"),),
    )


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Loader, dict[str, Case]]]:
    """Each patient's study open and wholly loaded, two series each."""
    folder = tmp_path_factory.mktemp("rule")
    for name, grey in GREYS.items():
        first = _series(name, grey, 1)
        write_series(first, folder / name / "1")
        write_series(replace(first, series_number=2), folder / name / "2")
    home = Home(folder / "home").create()
    import_paths(home, [folder / name for name in GREYS])
    loader = Loader(home)
    found = {name: open_study(home, _series(name, 0, 1).study.study_instance_uid, "images") for name in GREYS}
    for case in found.values():
        for display_set in case.sets.values():
            loader.open(display_set, case.digests)
    loader.wait(60)
    yield loader, found
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


def wrong_pictures(loader: Loader, cases: dict[str, Case], switches: int) -> int:
    """How often a tile showed another patient's grey, name or study than the case that was open."""
    dice = random.Random(1)
    late = LateAnswers(dice)
    grid = TileGrid(loader, late.submit)
    grid.resize(*SIZE)
    grid.show()
    wrong = 0
    for turn in range(switches):
        name = dice.choice(list(GREYS))
        case = cases[name]
        grid.show_case(case)
        if dice.random() < 0.3:
            case.hang_stage(dice.randrange(2))
        late.some()
        wrong += not _is_all_of(grid, name, case, with_screen=turn % 10 == 0)
    late.all()
    assert [tile.picture is not None for tile in grid.tiles] == [True] * len(grid.tiles), "answers do come"
    wrong += not _is_all_of(grid, name, case, with_screen=True)
    grid.show_case(None)
    grid.close()
    return wrong


def _is_all_of(grid: TileGrid, name: str, case: Case, with_screen: bool) -> bool:
    """Black or this patient's grey in the middle of each tile, between the marks; and the words are this patient's."""
    page = grid.grab().toImage() if with_screen else None
    for tile in grid.tiles:
        x, y = tile.rect.width() // 2 + 20, tile.rect.height() // 2 + 20
        if tile.picture is not None and not _is_grey_of(tile.picture.image, x, y, name):
            return False
        if page is not None and not _is_grey_of(page, tile.rect.x() + x, tile.rect.y() + y, name):
            return False
        facts = tile.picture.facts if tile.picture else None
        if facts is not None and facts["study_instance_uid"] != next(iter(case.sets.values())).study_instance_uid:
            return False
        if facts is not None and facts["text"]["top_left"] != [
            name.replace("^", ", "), f"ID-{name[0]}", "1970-01-01  F  55 y"
        ]:  # fmt: skip
            return False
    return True


def _is_grey_of(image: QImage, x: int, y: int, name: str) -> bool:
    if not image.rect().contains(x, y):
        return False  # a picture made for another place
    grey = image.pixelColor(x, y).red()
    return grey == 0 or abs(grey - GREYS[name]) <= 2


def test_late_answers_never_show_another_patient(cases: tuple[Loader, dict[str, Case]], qapp: QApplication) -> None:
    assert wrong_pictures(*cases, SWITCHES) == 0


def test_without_the_rule_another_patient_would_be_shown(
    cases: tuple[Loader, dict[str, Case]], qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScreenTile, "answers", lambda self, request: self.case is not None)
    assert wrong_pictures(*cases, 200) > 20


def test_a_study_opened_later_wins_over_one_whose_index_answers_late(
    cases: tuple[Loader, dict[str, Case]], qapp: QApplication, tmp_path: Path
) -> None:
    from workstation.ui.window import MainWindow

    window = MainWindow(Home(tmp_path / "home").create())
    first, second = (cases[1][name] for name in ("Alpha^Anna", "Beta^Ben"))
    window._asked_for = _study(second)
    window._opened(_study(first), _as_read(first))
    assert window.reading.case is None
    window._opened(_study(second), _as_read(second))
    assert window.reading.case is not None
    assert "Beta, Ben" in window.reading.banner.text()
    assert all(word in window.reading.banner.text() for word in ("ID-B", "1970-01-01", "F"))
    while jobs.active():
        jobs.drain(0.05)
    window.close()
    jobs.shutdown()
    jobs.drain()


def _as_read(case: Case) -> Opened:
    return Opened(tuple(case.sets.values()), dict(case.digests), Answer(case.plan, (), frozenset()), ())


def _study(case: Case) -> str:
    return next(iter(case.sets.values())).study_instance_uid


@pytest.mark.parametrize("stage", [0, 1])
def test_each_tile_says_whose_it_is_even_while_empty(
    cases: tuple[Loader, dict[str, Case]], stage: int, qapp: QApplication
) -> None:
    from workstation.picture.compose import compose

    case = cases[1]["Gamma^Gail"]
    case.hang_stage(stage)
    for number in case.shown:
        facts = compose(case.view(number), None, "", (300, 200), 1.0).facts
        assert facts["text"]["top_left"] == ["Gamma, Gail", "ID-G", "1970-01-01  F  55 y"]
        assert facts["message"] == "Loading …"
