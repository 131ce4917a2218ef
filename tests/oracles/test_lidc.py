"""A real chest CT: its nodule, its sides and the black around its field of view lie where they are known to lie."""

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from tests.loading.opened import WAIT_S, hounsfield, imported, rgb_of, studies, tile_rgb
from tests.picture.screen import CONVENTION, Expected
from workstation import jobs
from workstation.case import view_tools
from workstation.case.open import open_study, study_sets
from workstation.imaging.greyscale import Window
from workstation.imaging.view import Framing
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.picture.page import page_picture

pytestmark = pytest.mark.usefixtures("qapp")

IMAGES = 133
NODULE_COLUMN, NODULE_ROW = (299 + 344) / 2, (346 + 394) / 2
NODULE_IMAGE, NODULE_Z = 43, -115.0
FIRST_Z, LAST_Z = -10.0, -340.0
PADDED = -1024
"""Stored outside the field of view: -2048 HU. PixelPaddingValue (63536, -2000 read as signed) occurs nowhere."""


@pytest.fixture(scope="module")
def headers(data_dir: Path) -> dict[int, pydicom.Dataset]:
    """Every object as pydicom reads it, by InstanceNumber."""
    found = {}
    with zipfile.ZipFile(data_dir / "ct_chest_lidc0001" / "LIDC-IDRI-0001.zip") as archive:
        for name in archive.namelist():
            if not name.endswith("/"):
                with archive.open(name) as file:
                    dataset = pydicom.dcmread(file)
                found[int(dataset.InstanceNumber)] = dataset
    return found


@pytest.fixture(scope="module")
def home(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return imported(tmp_path_factory.mktemp("lidc"), data_dir / "ct_chest_lidc0001" / "LIDC-IDRI-0001.zip")


@pytest.fixture(scope="module")
def study(home: Home) -> str:
    return studies(home)[0]


@pytest.fixture(scope="module")
def nodule(headers: dict[int, pydicom.Dataset]) -> tuple[float, float, float]:
    dataset = headers[NODULE_IMAGE]
    x, y, z = (float(each) for each in dataset.ImagePositionPatient)
    assert z == NODULE_Z
    row_mm, column_mm = (float(each) for each in dataset.PixelSpacing)
    return x + NODULE_COLUMN * column_mm, y + NODULE_ROW * row_mm, z


@pytest.fixture(scope="module")
def volume(headers: dict[int, pydicom.Dataset]) -> Expected:
    """The box of all voxels, from the headers alone; right and down are those of the axial plane."""
    dataset = headers[1]
    x, y, _ = (float(each) for each in dataset.ImagePositionPatient)
    mm = float(dataset.PixelSpacing[0])
    center = (x + 255.5 * mm, y + 255.5 * mm, (FIRST_Z + LAST_Z) / 2)
    return Expected(*CONVENTION["axial"], center, (512 * mm, 512 * mm, IMAGES * 2.5))


@pytest.fixture(scope="module")
def planes(home: Home, study: str, nodule: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Three planes and a stack through the nodule, in the soft tissue window: facts and pixels by plane."""
    png = tmp_path_factory.mktemp("planes") / "planes.png"
    at = ",".join(f"{each:.4f}" for each in nodule)
    answer = hounsfield(
        home, "snapshot", study, "--protocol", "images", "--stage", 2,
        f"--at={at}", "--window=40,400", "--size", "1500x1100", "--out", png
    )  # fmt: skip
    assert answer.code == 0
    return {tile["plane"]: (tile, tile_rgb(png, tile)) for tile in answer.document["tiles"]}


def ring(rgb: NDArray[np.uint8], x: float, y: float, inner: float, outer: float) -> NDArray[np.uint8]:
    """Grey levels between two distances (px) from a place; coloured pixels (lines, letters) are left out."""
    rows, columns = np.indices(rgb.shape[:2])
    distance = np.hypot(columns - x, rows - y)
    grey = (rgb.max(axis=2) == rgb.min(axis=2)) & (distance >= inner) & (distance <= outer)
    return rgb[grey][:, 0]


def test_one_volume_of_all_images(home: Home, study: str) -> None:
    document = hounsfield(home, "studies").document
    assert [[each["images"], each["display_sets"]] for each in document[0]["series"]] == [[IMAGES, 1]]
    (display_set,), _ = study_sets(home, study)
    assert [ref.instance.InstanceNumber for ref in display_set.images] == list(range(1, IMAGES + 1))
    assert display_set.grid is not None
    assert display_set.grid.point((0, 0, 0))[2] == FIRST_Z
    assert display_set.grid.point((0, 0, IMAGES - 1))[2] == pytest.approx(LAST_Z)
    assert display_set.notices == ()


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_the_nodule_lies_in_every_plane_where_it_is_known_to_lie(
    plane: str, planes: Any, volume: Expected, nodule: tuple[float, float, float]
) -> None:
    facts, rgb = planes[plane]
    height, width = rgb.shape[:2]
    expected = Expected(*CONVENTION[plane], volume.center_lps, volume.extent_lps)
    x, y = expected.place(nodule, width, height)
    mm = min(width / (volume.extent_lps[0]), height / volume.extent_lps[0 if plane == "axial" else 2])
    inside, around = ring(rgb, x, y, 0, 4 * mm), ring(rgb, x, y, 22 * mm, 27 * mm)
    # 50..120 HU in a window of 40/400 are levels 134..178; lung lies below the window.
    assert 134 <= inside.mean() <= 178
    assert np.median(around) < 10
    assert facts["letters"] == expected.letters


def test_the_nodule_is_at_the_right_half_of_the_screen_because_it_is_in_the_left_lung(planes: Any) -> None:
    for plane in ("axial", "coronal"):
        facts, _ = planes[plane]
        assert facts["letters"]["left"] == "R"
    facts, _ = planes["axial"]
    assert facts["crosshair_lps"][0] > facts["plane_position_lps"][0]


def test_the_stack_shows_the_instance_with_that_number(
    planes: Any, headers: dict[int, pydicom.Dataset], home: Home, study: str, tmp_path: Path
) -> None:
    facts, _ = planes[None]
    assert (facts["image"], facts["images"]) == (NODULE_IMAGE, IMAGES)
    for number in (1, NODULE_IMAGE, IMAGES):
        z = FIRST_Z - 2.5 * (number - 1)
        answer = hounsfield(
            home, "snapshot", study, "--protocol", "images", "--stage", 2,
        f"--at=0,0,{z}", "--size", "400x400", "--out", tmp_path / "n.png"
        )  # fmt: skip
        stack = answer.document["tiles"][3]
        assert stack["image"] == number
        assert stack["sop_instance_uid"] == headers[number].SOPInstanceUID
        assert f"Image {number} / {IMAGES}" in stack["text"]["bottom_left"]


def test_inside_the_nodule_is_soft_tissue(home: Home, study: str, nodule: tuple[float, float, float]) -> None:
    series = hounsfield(home, "studies").document[0]["series"][0]["series_instance_uid"]
    x, y, z = nodule
    document = hounsfield(home, "stats", series, f"--sphere={x},{y},{z},5").document
    assert 50 <= document["mean"] <= 120
    assert document["unit"] == "HU"
    assert document["volume_ml"] == pytest.approx(4 / 3 * np.pi * 5**3 / 1000, rel=0.1)


def test_the_liver_is_in_the_right_side(home: Home, study: str, headers: dict[int, pydicom.Dataset]) -> None:
    """Below the domes, liver fills most of the patient's right half and little of the left one."""
    number = round((FIRST_Z + 260) / 2.5) + 1
    assert number == 101
    rgb = stack_at_one_to_one(home, study, number - 1, Window(70, 400), inverted=False)
    smooth = uniform_filter(rgb[:, :, 0].astype(float), 9)
    # 60..100 HU, smoothed over the noise, in a window of 70/400; the spine lies a little left of the middle column.
    liver = (smooth > 121) & (smooth < 147)
    assert liver[:, :236].sum() > 2 * liver[:, 236:].sum()
    assert headers[number].ImagePositionPatient[2] == -260


def stack_at_one_to_one(home: Home, study: str, image: int, window: Window, inverted: bool) -> NDArray[np.uint8]:
    """Image `image` pixel for pixel in the middle of a black tile of 900 x 800, its marks outside the image."""
    case = open_study(home, study, "images")
    view_tools.to_image(case, 0, image)
    view_tools.one_to_one(case, 0)
    view_tools.set_window(case, 0, window)
    if inverted:
        view_tools.invert(case, 0)
    loader = Loader(home)
    try:
        page_picture(case, loader, (64, 64))
        loader.wait(WAIT_S)
        picture, _ = page_picture(case, loader, (900, 800))
    finally:
        loader.close_all()
        jobs.shutdown()
    return rgb_of(picture)[800 // 2 - 256 : 800 // 2 + 256, 900 // 2 - 256 : 900 // 2 + 256]


@pytest.mark.parametrize("inverted", [False, True])
def test_outside_the_field_of_view_is_black(
    inverted: bool, home: Home, study: str, headers: dict[int, pydicom.Dataset]
) -> None:
    rgb = stack_at_one_to_one(home, study, NODULE_IMAGE - 1, Window(-600, 1500), inverted)
    stored = headers[NODULE_IMAGE].pixel_array
    outside = stored == PADDED
    assert 0.1 < outside.mean() < 0.3
    assert not rgb[outside].any()
    air = (stored - 1024 > -1010) & (stored - 1024 < -990)
    assert np.all(rgb[air] > (150 if inverted else 40)), "air inside the field of view is not black in this window"


@pytest.mark.parametrize("inverted", [False, True])
def test_a_smooth_zoom_blends_nothing_into_the_field_of_view(inverted: bool, home: Home, study: str) -> None:
    """Zoomed in over the rim: no grey that belongs to neither side, on the side of the black or of the air."""
    case = open_study(home, study, "images")
    view_tools.set_window(case, 0, Window(-1024, 1500))
    case.put(0, replace(case.tiles[0], framing=Framing(px_per_mm=7.3, pan_mm=(0.0, 150.0))))
    if inverted:
        view_tools.invert(case, 0)
    loader = Loader(home)
    try:
        page_picture(case, loader, (64, 64))
        loader.wait(WAIT_S)
        picture, _ = page_picture(case, loader, (900, 800))
    finally:
        loader.close_all()
        jobs.shutdown()
    middle = rgb_of(picture)[150:650, 150:750]
    grey = middle[middle.max(axis=2) == middle.min(axis=2)][:, 0]
    assert 0.02 < (grey == 0).mean() < 0.98, "the rim must run through the picture"
    # Stored 0 (-1024 HU) is the darkest air, level 127; blended with what lies outside (-2048 HU) it would be darker.
    assert np.all((grey == 0) | (grey <= 131 if inverted else grey >= 124))
