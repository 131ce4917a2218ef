"""The screen, a snapshot of the command line, and the stored pixels are the same at every pixel ratio."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.journeys.desk import START, Desk, State, part
from workstation.bench.screen import Screen
from workstation.cache.importer import import_paths
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.shapes import checkerboard
from workstation.phantom.trunk import ADA, trunk_ct

# The one fixture whose pixels must be squares: where they are not, 1:1 shows the true shape and only the finer
# spacing can lie pixel on pixel.
BOARD = checkerboard(rows=162, columns=238, pixel_spacing_mm=(0.7, 0.7))
RATIOS = (1.0, 1.25, 1.5, 2.0)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshot")
    write_series(trunk_ct(size="tiny")[0], folder / "trunk")
    write_series(BOARD, folder / "board")
    import_paths(Home(folder / "home").create(), [folder / "trunk", folder / "board"])
    return folder / "home"


@pytest.fixture(scope="module", params=RATIOS)
def shown(request: pytest.FixtureRequest, home: Path, tool: Callable[[str], Path]) -> Iterator[tuple[Desk, float]]:
    tool("Xvfb")
    with Screen(1510, 906) as screen:
        desk = Desk(screen, tool("xdotool"), home, scale=request.param)
        try:
            yield desk, request.param
        finally:
            said = desk.close()
    assert said == ""


def green(path: Path) -> NDArray[np.uint8]:
    """The green channel of a PNG, (height, width), through a program that is not ours to break."""
    from PySide6.QtGui import QImage

    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return data[:, 1 : 4 * image.width() : 4].copy()


def snapshot(state: State, ratio: float, home: Path, out: Path) -> NDArray[np.uint8]:
    """What the command line draws of what is on the screen."""
    _, _, width, height = state["grid"]
    arguments = ["snapshot", state["study_instance_uid"], "--stage", str(state["stage"]), "--ratio", str(ratio)]
    arguments += ["--protocol", "images", "--size", f"{width}x{height}", "--out", str(out)]
    subprocess.run([sys.executable, "-c", START, *arguments], env=_environment(home), check=True, timeout=120)
    return green(out)


def _environment(home: Path) -> dict[str, str]:
    import os

    return {**os.environ, "HOUNSFIELD_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}


@pytest.mark.parametrize("stage", [1, 2])
def test_the_screen_is_the_snapshot_pixel_for_pixel(
    shown: tuple[Desk, float], stage: int, home: Path, tmp_path: Path
) -> None:
    desk, ratio = shown
    desk.open(ADA.study_instance_uid, stage)
    state, screen = desk.seen()
    drawn, seen = snapshot(state, ratio, home, tmp_path / "snapshot.png"), part(screen, state["grid"])
    assert drawn.shape == seen.shape
    assert seen.std() > 20
    assert np.argwhere(drawn != seen).tolist() == []


def test_a_checkerboard_lies_pixel_on_pixel(shown: tuple[Desk, float]) -> None:
    desk, _ = shown
    state = desk.open(BOARD.study.study_instance_uid)
    desk.press("O")
    state, screen = desk.seen(lambda s: s["tiles"][0]["fidelity"] == "full", "1:1")
    seen = part(screen, state["grid"])
    _, rows, columns = BOARD.grid.shape
    top, left = round(seen.shape[0] / 2 - rows / 2), round(seen.shape[1] / 2 - columns / 2)
    area = seen[top : top + rows, left : left + columns]
    stored = BOARD.voxels[state["tiles"][0]["image"] - 1]
    assert np.array_equal(area, np.where(stored > 0, 255, 0))
    around = seen[top - 1 : top + rows + 1, left - 1 : left + columns + 1].astype(int)
    assert around.sum() == area.astype(int).sum(), "nothing bright beside the image"
