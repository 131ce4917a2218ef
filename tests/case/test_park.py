"""A parked case comes back exactly as it was, or as it hangs when the text does not fit it."""

import random
from pathlib import Path

import pytest

from workstation.cache.importer import import_paths
from workstation.case.commands import COMMANDS
from workstation.case.open import open_study
from workstation.case.park import parked, take_up
from workstation.case.state import Case
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.trunk import ADA, trunk_ct


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("park")
    write_series(trunk_ct(size="tiny")[0], folder / "trunk")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "trunk"])
    return home


def opened(home: Home) -> Case:
    return open_study(home, ADA.study_instance_uid, "images")


def look(case: Case) -> tuple[object, ...]:
    """All of a case that a reader sees."""
    tiles = [(t.display_set, t.orientation, t.image, t.framing, t.display, t.slab, t.link) for t in case.tiles]
    where = case.crosshairs, case.triads
    return case.stage, case.active, case.maximised, case.own_layout, case.layout, tiles, where, case.instead


@pytest.mark.parametrize("seed", range(12))
def test_what_was_parked_comes_back_exactly(seed: int, cached: Home) -> None:
    dice, case = random.Random(seed), opened(cached)
    for _ in range(40):
        command = COMMANDS[dice.choice(list(COMMANDS))]
        if not command.why_not(case):
            command.run(case)
    again = opened(cached)
    assert take_up(again, parked(case))
    assert look(again) == look(case)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"format": 2}', '{"format": 1, "stage": 99}', '{"format": 1, "stage": 0, "tiles": 3}'],
)
def test_a_text_that_is_not_ours_leaves_the_study_as_it_hangs(text: str, cached: Home) -> None:
    case = opened(cached)
    assert not take_up(case, text)
    assert look(case) == look(opened(cached))


def test_no_name_of_a_patient_is_in_it(cached: Home, tmp_path: Path) -> None:
    text = parked(opened(cached))
    assert "Ada" not in text
    assert "DEMO-1" not in text
