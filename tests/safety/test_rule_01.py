"""Rule 1: a tile paints only pixels of the study it was asked for, however late and in whatever order answers come.

Three patients, one grey each: the picture on screen gives away whose it is, without a word of the program.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from workstation import jobs
from workstation.bench.soak import switch_studies, three_patients
from workstation.case.open import Opened
from workstation.case.state import Case
from workstation.hanging.choose import Answer
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui.screen_tile import ScreenTile

SWITCHES = 2000


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Loader, dict[str, Case]]]:
    with three_patients(tmp_path_factory.mktemp("rule")) as found:
        yield found


def test_late_answers_never_show_another_patient(cases: tuple[Loader, dict[str, Case]], qapp: QApplication) -> None:
    switched = switch_studies(*cases, SWITCHES)
    assert switched.answered, "answers do come"
    assert switched.wrong == 0


def test_without_the_rule_another_patient_would_be_shown(
    cases: tuple[Loader, dict[str, Case]], qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScreenTile, "answers", lambda self, request: self.case is not None)
    assert switch_studies(*cases, 200).wrong > 20


def test_a_study_opened_later_wins_over_one_whose_index_answers_late(
    cases: tuple[Loader, dict[str, Case]], qapp: QApplication, tmp_path: Path
) -> None:
    from workstation.ui.window import MainWindow

    window = MainWindow(Home(tmp_path / "home").create())
    first, second = (cases[1][name] for name in ("Alpha^Anna", "Beta^Ben"))
    window.opening.asked_for = _study(second)
    window.opening.opened(_study(first), _as_read(first))
    assert window.reading.case is None
    window.opening.opened(_study(second), _as_read(second))
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
