"""`surface`: what scripts rely on; the file is as large as what it was made of and names nobody."""

import math
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import generate_uid

from tests.loading.opened import hounsfield, imported
from workstation.imaging.mesh_files import read_stl
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.shapes import Sphere, shapes_phantom

BALL = Sphere((3.0, -2.0, 5.0), 14.0, 400.0)
GRID = Grid((30, 60, 70), (-24.0, -26.0, -16.0), (0.9, 0.75), 1.4)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("surface")
    write_series(shapes_phantom((BALL,), GRID, supersample=3)[0], folder / "in")
    return imported(folder, folder / "in")


def test_a_ball_becomes_a_file_of_its_size(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "ball.stl"
    answer = hounsfield(home, "surface", "1.1", "--threshold", "200", "--out", out)
    assert answer.code == 0, answer.stderr
    said = answer.document
    assert said["watertight"] and said["scale_ok"] and said["unit"] == "mm"
    assert said["unsmoothed_share"] == 0 and said["smoothing"] == ""
    assert said["volume_ml"] == pytest.approx(BALL.volume_ml, rel=0.01)
    for low, high, middle in zip(*said["bounds_mm"], BALL.center_lps, strict=True):
        assert (low, high) == pytest.approx((middle - 14, middle + 14), abs=0.5)
    mesh = read_stl(out.read_bytes())
    assert len(mesh.triangles) == said["triangles"] and math.isclose(mesh.volume_ml, said["volume_ml"], rel_tol=1e-4)
    for word in (b"Phantom", b"PHANTOM", b"Shapes"):
        assert word not in out.read_bytes(), "whose it is stands in no file (safety.md 23)"
    assert [each.name for each in tmp_path.iterdir()] == ["ball.stl"]


def test_fewer_triangles_say_how_far_they_lie(home: Home, tmp_path: Path) -> None:
    answer = hounsfield(home, "surface", "1.1", "--threshold", "200", "--share", "0.1", "--out", tmp_path / "b.ply")
    assert answer.code == 0 and 0 < answer.document["mean_error_mm"] <= answer.document["largest_error_mm"] < 1.5
    assert answer.document["volume_ml"] == pytest.approx(BALL.volume_ml, rel=0.01)


def test_it_is_also_an_object_of_its_study(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "ball.dcm"
    answer = hounsfield(home, "surface", "1.1", "--threshold", "200", "--out", out)
    assert answer.code == 0 and answer.document["scale_ok"], answer.stderr
    read = pydicom.dcmread(out)
    assert read.SOPClassUID == "1.2.840.10008.5.1.4.1.1.104.3" and read.DocumentTitle == "Surface at 200 HU"
    assert read.StudyInstanceUID == hounsfield(home, "studies").document[0]["study_instance_uid"]
    assert len(read.SourceInstanceSequence) == GRID.shape[0]
    assert answer.document["volume_ml"] == pytest.approx(BALL.volume_ml, rel=0.01)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--threshold", "3000", "--out", "b.stl"), 1),
        (("--threshold", "200", "--out", "b.xyz"), 2),
        (("--out", "b.stl"), 2),
        (("--segment", "Liver", "--out", "b.stl"), 2),
        (("--segment", "Liver", "--from", generate_uid(), "--out", "b.stl"), 1),
        (("--threshold", "200", "--out", "none/b.stl"), 1),
    ],
)
def test_what_cannot_be_is_said(home: Home, tmp_path: Path, options: tuple[str, ...], code: int) -> None:
    *first, name = options
    answer = hounsfield(home, "surface", "1.1", *first, tmp_path / name)
    assert answer.code == code and answer.document["error"]
    assert not list(tmp_path.iterdir())
