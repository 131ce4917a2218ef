"""The demo patient's chest films as they hang: frontal over lateral, each beside that of the year before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.projections import CHEST, CHEST_PRIOR, STUDIES
from workstation.picture.page import page_picture

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder: Path = tmp_path_factory.mktemp("films")
    for each in STUDIES:
        if each.study in (CHEST, CHEST_PRIOR):
            each.write(folder / each.study.study_date, "tiny")
    home = Home(folder / "home").create()
    import_paths(home, [folder], lambda done, total: None)
    return home


@pytest.fixture
def opened(place: Home) -> Iterator[tuple[Case, Loader]]:
    yield open_study(place, CHEST.study_instance_uid), Loader(place)
    jobs.shutdown()


def test_each_view_hangs_beside_its_prior(opened: tuple[Case, Loader]) -> None:
    case, _ = opened
    hung = [(case.sets[tile.display_set or ""].first.ViewPosition, tile.study_date) for tile in case.tiles]
    assert case.plan.protocol == "dx-chest"
    assert hung == [("PA", ""), ("PA", CHEST_PRIOR.study_date), ("LL", ""), ("LL", CHEST_PRIOR.study_date)]


def test_letters_and_corners_say_what_is_seen(opened: tuple[Case, Loader]) -> None:
    case, loader = opened
    page_picture(case, loader, (800, 600))
    loader.wait(60)
    _, facts = page_picture(case, loader, (800, 600))
    frontal, _, lateral, _ = (each["letters"] for each in facts)
    assert frontal == {"left": "R", "right": "L", "top": "H", "bottom": "F"}
    assert lateral == {"left": "A", "right": "P", "top": "H", "bottom": "F"}
    written = [line for each in facts for lines in each["text"].values() for line in lines]
    assert "PA" in written
    assert "LL" in written
    assert not any(line.startswith("U ") for line in written)
