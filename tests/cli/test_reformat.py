"""`reformat`: what scripts rely on, and sentences for what is refused."""

from pathlib import Path

import pytest

from tests.loading.opened import hounsfield, imported
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.shapes import shapes_phantom


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("reformat")
    write_series(shapes_phantom()[0], folder / "in")
    return imported(folder, folder / "in")


def test_a_series_is_written_and_opens_beside_its_source(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "new" / "cut"
    answer = hounsfield(home, "reformat", "1.1", "--plane", "coronal", "--slab", "10", "--mode", "mip", "--out", out)
    assert answer.code == 0, answer.stderr
    said = answer.document
    assert said["images"] == len(list(out.iterdir())) and said["spacing_mm"] == said["slab_mm"] == 10
    again = imported(tmp_path, out)
    (study,) = hounsfield(again, "studies").document
    (series,) = study["series"]
    assert series["series_instance_uid"] == said["series_instance_uid"]
    assert hounsfield(home, "reformat", "1.1", "--out", out).code == 1, "a folder that is not empty"


def test_oblique_planes_are_said_by_a_normal_or_three_points(home: Home, tmp_path: Path) -> None:
    by_normal = ("--plane", "oblique", "--normal=0,0.2,1", "--spacing", "8", "--pixel", "3")
    answer = hounsfield(home, "reformat", "1.1", *by_normal, "--out", tmp_path / "a")
    assert answer.code == 0 and answer.document["pixel_mm"] == 3
    points = ("--through", "0,0,0", "10,0,0", "0,-10,2")
    answer = hounsfield(home, "reformat", "1.1", "--plane", "oblique", *points, *by_normal[3:], "--out", tmp_path / "b")
    assert answer.code == 0 and answer.document["spacing_mm"] == 8


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--plane", "oblique"), 1),
        (("--plane", "coronal", "--normal=0,0,1"), 1),
        (("--plane", "oblique", "--normal=0,0,0"), 1),
        (("--plane", "crooked"), 2),
        (("--slab", "-3"), 2),
        (("--pixel", "0.0001"), 1),
    ],
)
def test_what_cannot_be_is_said(home: Home, tmp_path: Path, options: tuple[str, ...], code: int) -> None:
    answer = hounsfield(home, "reformat", "1.1", *options, "--out", tmp_path / "none")
    assert answer.code == code and answer.document["error"]
    assert not (tmp_path / "none").exists()
