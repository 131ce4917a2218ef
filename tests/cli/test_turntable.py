"""`turntable`: a ball turned once round as a film and as pictures, without a name; what cannot be is said."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.loading.opened import hounsfield, imported
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.shapes import Sphere, shapes_phantom

GRID = Grid((24, 40, 50), (-24.0, -18.0, -16.0), (0.9, 1.1), 1.4)
SIZE = ("--size", "160x120", "--frames", "4")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A ball that lies at the left of its volume."""
    folder = tmp_path_factory.mktemp("turntable")
    ball = Sphere((GRID.origin_lps[0] + 38.0, GRID.origin_lps[1] + 20.0, GRID.origin_lps[2] + 16.0), 9.0, 700.0)
    write_series(shapes_phantom((ball,), GRID, supersample=2)[0], folder / "in")
    return imported(folder, folder / "in")


def middle(picture: Image.Image) -> float:
    """Where what is bright lies across the picture, its line of words and the cube left out."""
    bright = np.asarray(picture.convert("L"))[20:84, 20:140] > 90
    return float(np.nonzero(bright)[1].mean()) + 20


@pytest.mark.usefixtures("qapp")
def test_a_turn_comes_back_to_where_it_began(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "turn.gif"
    answer = hounsfield(home, "turntable", "1.1", "--out", out, *SIZE)
    assert answer.code == 0, answer.stderr
    assert (answer.document["kind"], answer.document["frames"]) == ("gif", 4)
    with Image.open(out) as film:
        assert film.info["loop"] == 0
        places = [middle(each) for each in ImageSequence.Iterator(film)]
    assert len(places) == 4
    assert places[0] > 92 > 68 > places[2], "half way round the ball is on the other side"
    assert 66 < places[3] < 94 and 66 < places[1] < 94, "on the way there it lies near the middle"
    for word in (b"Phantom", b"PHANTOM", b"Shapes"):
        assert word not in out.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["turn.gif"]


def test_what_cannot_be_written_is_said_before_anything_is_drawn(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = hounsfield(home, "turntable", "1.1", "--out", tmp_path / "turn.mp4", *SIZE)
    assert answer.code == 1 and "GPL" in answer.stderr
    assert hounsfield(home, "turntable", "1.1", "--out", tmp_path / "turn.avi", *SIZE).code == 2
    (tmp_path / "there").mkdir()
    assert "is there already" in hounsfield(home, "turntable", "1.1", "--out", tmp_path / "there", *SIZE).stderr
