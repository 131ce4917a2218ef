"""The picture of a rotating MIP: its letters at each side, its window, its words, dark on light; and why it lacks."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from tests.phantom.hot import HOT, hot_pet, place_lps
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case import turning
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.picture.compose import Picture, compose
from workstation.picture.page import loaded_for, picture_of
from workstation.picture.surround import LIGHT

SIZE, MIP = (700, 300), 1


@pytest.fixture(scope="module")
def home_of_pet(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("pet")
    write_series(hot_pet(), folder / "in")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "in"])
    return home


@pytest.fixture
def loader(home_of_pet: Home, qapp: QApplication) -> Iterator[Loader]:
    made = Loader(home_of_pet)
    yield made
    made.close_all()
    jobs.shutdown()
    jobs.drain()


@pytest.fixture
def case(home_of_pet: Home, loader: Loader) -> Case:
    """PET alone hangs axial and turning; its voxels are in memory."""
    made = open_study(home_of_pet, hot_pet().study.study_instance_uid, None)
    for display_set in made.sets.values():
        loader.open(display_set, made.digests)
    loader.wait(60)
    return made


def pixels(picture: Picture) -> np.ndarray:
    image = picture.image
    flat = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    return np.asarray(flat[:, : image.width()])


@pytest.mark.parametrize(
    ("angle", "left", "right", "words"),
    [(0, "R", "L", "the front"), (18, "A", "P", "the left"), (36, "L", "R", "behind"), (54, "P", "A", "the right")],
)
def test_the_letters_are_those_of_the_side_in_the_picture(
    case: Case, loader: Loader, angle: int, left: str, right: str, words: str
) -> None:
    turning.to_angle(case, MIP, angle)
    facts = picture_of(case, MIP, loader, SIZE, 1.0).facts
    assert facts["letters"] == {"left": left, "right": right, "top": "H", "bottom": "F"}
    assert facts["turning"] == {"angle": angle, "degrees": angle * 5.0, "prepared": True}
    assert f"Rotating MIP  from {words}" in facts["text"]["bottom_left"]
    assert (facts["plane"], facts["image"], facts["sop_instance_uid"]) == (None, None, None)


@pytest.mark.parametrize("angle", [0, 11, 40])
def test_hot_voxels_are_dark_where_they_lie_and_the_rest_is_light(case: Case, loader: Loader, angle: int) -> None:
    turning.to_angle(case, MIP, angle)
    case.crosshair_lines = False
    picture = picture_of(case, MIP, loader, SIZE, 1.0)
    shown = pixels(picture) & 255
    assert picture.screen is not None
    for index in HOT:
        x, y, _ = picture.screen.pixel(place_lps(index))
        assert shown[round(y), round(x)] < 60
    assert int(pixels(picture)[120, 60]) == int(LIGHT)
    assert np.median(shown) > 200 and np.mean(shown < 100) < 0.1


def test_what_is_not_prepared_says_so_and_nothing_of_it_is_drawn(case: Case, loader: Loader) -> None:
    view = case.view(MIP)
    voxels, problem = loaded_for(view, case, loader)
    assert voxels is not None and not voxels.sides.has(0)
    picture = compose(view, voxels, problem, SIZE, 1.0)
    assert picture.facts["message"].startswith("Preparing the rotating MIP")
    assert not picture.facts["turning"]["prepared"]
    refused = compose(view, voxels, "Cannot be shown: it is broken.", SIZE, 1.0)
    assert refused.facts["message"] == "Cannot be shown: it is broken."
