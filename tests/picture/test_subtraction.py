"""Palettes and mask subtraction as the tile shows them: real coronary frames, and frames whose change is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.case import view_tools
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.imaging.palettes import palette
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.picture.chain import difference, mask_images
from workstation.picture.page import picture_of

pytestmark = pytest.mark.usefixtures("qapp")
SIZE = (512, 512)


def opened(home: Path, data: Path) -> tuple[Case, Loader]:
    place = Home(home).create()
    import_paths(place, [data], lambda done, total: None)
    with Index(place) as index:
        study = index.studies()[0].study_instance_uid
    case, loader = open_study(place, study, "images"), Loader(place)
    picture_of(case, 0, loader, SIZE, 1.0)
    loader.wait(60)
    return case, loader


@pytest.fixture
def coronary(tmp_path: Path, data_dir: Path):  # type: ignore[no-untyped-def]
    yield opened(tmp_path / "home", data_dir / "xray_xa_nm" / "xa_coronary")
    jobs.shutdown()


def test_the_mask_frame_itself_shows_no_change(coronary: tuple[Case, Loader]) -> None:
    case, loader = coronary
    view_tools.subtract(case, 0)
    view_tools.to_image(case, 0, 0)
    view = case.view(0)
    voxels = loader.open(view.display_set, case.digests).voxels
    assert mask_images(view.display_set) == (0,)
    assert np.all(difference(view, voxels) == 0)
    picture = picture_of(case, 0, loader, SIZE, 1.0)
    assert any("change to the mask" in sentence for sentence in picture.facts["notices"])
    assert picture.facts["window"]["name"] == "subtraction"


def test_a_later_frame_shows_change_round_the_middle_of_the_grey_scale(coronary: tuple[Case, Loader]) -> None:
    case, loader = coronary
    view_tools.subtract(case, 0)
    view_tools.to_image(case, 0, 8)
    view = case.view(0)
    voxels = loader.open(view.display_set, case.digests).voxels
    change = difference(view, voxels)
    live, mask = voxels.stored[8].astype(float), voxels.stored[0].astype(float)
    expected = (np.log(np.maximum(live, 1)) - np.log(np.maximum(mask, 1))) * max(mask.mean(), 1.0)
    assert np.allclose(change, expected, atol=1e-2) and np.abs(change).max() > 10


def test_moving_the_mask_changes_the_difference_and_reset_brings_it_back(coronary: tuple[Case, Loader]) -> None:
    case, loader = coronary
    view_tools.subtract(case, 0)
    view_tools.to_image(case, 0, 8)
    voxels = loader.open(case.view(0).display_set, case.digests).voxels
    before = difference(case.view(0), voxels)
    view_tools.shift_mask(case, 0, 0.25, -0.5)
    assert case.tiles[0].display.mask_shift_px == (0.25, -0.5)
    assert not np.allclose(difference(case.view(0), voxels), before)
    view_tools.reset(case, 0)
    assert not case.tiles[0].display.subtracted


def test_a_palette_colours_exactly_the_grey_levels(coronary: tuple[Case, Loader]) -> None:
    case, loader = coronary
    grey = _colours(case, loader)
    case.put(0, replace(case.tiles[0], display=replace(case.tiles[0].display, palette="HOT_IRON")))
    coloured = _colours(case, loader)
    middle = np.s_[150:350, 150:350]
    assert np.array_equal(coloured[middle], palette("HOT_IRON")[grey[middle] & 255])


def _colours(case: Case, loader: Loader) -> np.ndarray:
    image = picture_of(case, 0, loader, SIZE, 1.0).image
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()
