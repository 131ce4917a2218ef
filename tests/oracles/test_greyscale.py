"""Windowed frames pixel for pixel against DCMTK's dcm2pnm, through the whole chain to the picture at 1:1."""

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from tests.loading.opened import WAIT_S, imported, rgb_of
from workstation import jobs
from workstation.cache.index import Index
from workstation.case import view_tools
from workstation.case.open import open_study
from workstation.imaging.greyscale import Window
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.picture.page import page_picture

pytestmark = pytest.mark.usefixtures("qapp")

TILE = (1500, 1400)
"""Larger than any image here by so much that its corner texts lie outside the image."""

CT_WINDOWS = [(40, 400), (-600, 1500), (-100, 250), (-700, 1), (40, 2), (500, 4001)]
MR_WINDOWS = [(600, 1200), (-50, 700), (300, 1), (300, 2), (127.5, 255)]


@pytest.fixture(scope="module")
def objects(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One image of each kind as a file of its own."""
    folder = tmp_path_factory.mktemp("objects")
    kinds = {"lidc": "ct_chest_lidc0001/LIDC-IDRI-0001.zip", "catphan": "ct_phantom_catphan504/Low_dose_thorax.zip"}
    found = {"mr": data_dir / "mr_brain_nist" / "IDS-DEPT002-a" / "MR_7_0280.dcm"}
    for name, archive in kinds.items():
        with zipfile.ZipFile(data_dir / archive) as opened:
            files = sorted(each for each in opened.namelist() if each.lower().endswith(".dcm"))
            images = [each for each in files if b"RTSTRUCT" not in opened.read(each)[:2000]]
            found[name] = folder / f"{name}.dcm"
            found[name].write_bytes(opened.read(images[len(images) // 2]))
    return found


@pytest.fixture(scope="module")
def home(objects: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Home:
    return imported(tmp_path_factory.mktemp("greyscale"), *objects.values())


def ours(home: Home, path: Path, window: Window | None, inverted: bool = False) -> NDArray[np.uint8]:
    """The image as the program shows it, one pixel on one pixel."""
    header = pydicom.dcmread(path, stop_before_pixels=True)
    with Index(home) as index:
        study = index.resolve_study(header.StudyInstanceUID)
    case = open_study(home, study, "images")
    view_tools.one_to_one(case, 0)
    view_tools.set_window(case, 0, window)
    if inverted:
        view_tools.invert(case, 0)
    loader = Loader(home)
    try:
        page_picture(case, loader, (64, 64))
        loader.wait(WAIT_S)
        rgb = rgb_of(page_picture(case, loader, TILE)[0])
    finally:
        loader.close_all()
        jobs.shutdown()
    left, top = (TILE[0] - header.Columns) // 2, (TILE[1] - header.Rows) // 2
    image = rgb[top : top + header.Rows, left : left + header.Columns]
    assert np.array_equal(image.min(axis=2), image.max(axis=2)), "marks lie over the image"
    return image[:, :, 0]


def theirs(tool: Callable[[str], Path], path: Path, folder: Path, *window: str) -> NDArray[np.uint8]:
    from PySide6.QtGui import QImage

    out = folder / "theirs.png"
    subprocess.run([tool("dcm2pnm"), "+on", *window, path, out], check=True, timeout=60, capture_output=True)
    return rgb_of(QImage(str(out)))[:, :, 0]


def values_of(path: Path) -> NDArray[np.int64]:
    """Modality values; whole numbers in all objects used here."""
    dataset = pydicom.dcmread(path)
    slope, intercept = float(dataset.get("RescaleSlope", 1)), float(dataset.get("RescaleIntercept", 0))
    assert slope.is_integer() and intercept.is_integer()
    return dataset.pixel_array.astype(np.int64) * int(slope) + int(intercept)


def measured(path: Path) -> NDArray[np.bool_]:
    """What lies in the field of view: dcm2pnm windows the values outside it, we leave them black."""
    return values_of(path) > -2000


def by_the_standard(values: NDArray[np.int64], center: float, width: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """PS3.3 C.11.2.1.2.1 in whole numbers, floor for integer output; and where the level is whole without rounding."""
    if width == 1:
        return np.where(values > center - 0.5, 255, 0), np.zeros(values.shape, np.bool_)
    numerator = (2 * values - int(2 * center) + width) * 255
    level, rest = np.divmod(numerator, 2 * (width - 1))
    return np.clip(level, 0, 255), rest == 0


def assert_agree(
    mine: NDArray[np.uint8], other: NDArray[np.uint8], values: NDArray[np.int64], window: tuple[float, int]
) -> None:
    """Ours is the standard's formula to the last pixel; DCMTK's is too, but for levels that are whole numbers, where
    its floating sum may end one below."""
    inside = values > -2000
    exact, whole = by_the_standard(values, *window)
    assert np.array_equal(mine[inside], exact[inside])
    assert np.array_equal(other[inside & ~whole], exact[inside & ~whole])
    assert np.abs(other.astype(int) - exact)[inside].max() <= 1
    assert not mine[~inside].any()
    assert np.unique(other).size > 1


CASES = [(kind, *each) for kind in ("lidc", "catphan") for each in CT_WINDOWS] + [("mr", *each) for each in MR_WINDOWS]


@pytest.mark.parametrize(("kind", "center", "width"), CASES)
def test_every_pixel_equals_dcm2pnm(
    kind: str, center: float, width: int, objects: dict[str, Path], home: Home, tool: Callable[[str], Path],
    tmp_path: Path,
) -> None:  # fmt: skip
    mine = ours(home, objects[kind], Window(center, width))
    other = theirs(tool, objects[kind], tmp_path, "+Ww", str(center), str(width))
    assert_agree(mine, other, values_of(objects[kind]), (center, width))


@pytest.mark.parametrize("kind", ["lidc", "catphan", "mr"])
def test_the_window_of_the_header_is_the_one_in_force(
    kind: str, objects: dict[str, Path], home: Home, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    mine = ours(home, objects[kind], None)
    other = theirs(tool, objects[kind], tmp_path, "+Wi", "1")
    header = pydicom.dcmread(objects[kind], stop_before_pixels=True)
    center, width = (np.atleast_1d(header[each].value)[0] for each in ("WindowCenter", "WindowWidth"))
    assert_agree(mine, other, values_of(objects[kind]), (float(center), int(width)))


@pytest.mark.parametrize("kind", ["lidc", "mr"])
def test_inversion_is_the_complement(kind: str, objects: dict[str, Path], home: Home) -> None:
    mine = ours(home, objects[kind], Window(100, 800), inverted=True)
    exact, _ = by_the_standard(values_of(objects[kind]), 100, 800)
    inside = measured(objects[kind])
    assert np.array_equal(mine[inside], 255 - exact[inside])
    assert not mine[~inside].any()
