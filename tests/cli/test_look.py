"""`snapshot` and `stats`: keys that scripts rely on, exit codes, and sentences for what is refused."""

from pathlib import Path

import pytest

from tests.loading.opened import Answer, hounsfield, imported
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.shapes import DEFAULT_INSERTS, shapes_phantom

pytestmark = pytest.mark.usefixtures("qapp")

TILE_KEYS = {"series_instance_uid", "window", "letters", "notices", "fidelity"}
STATS_KEYS = {"count", "volume_ml", "mean", "sd", "min", "median", "max", "unit"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("look")
    write_series(shapes_phantom()[0], folder / "in")
    return imported(folder, folder / "in")


def snapshot(home: Home, out: Path, *options: object) -> Answer:
    return hounsfield(home, "snapshot", "1", *options, "--out", out)


def test_a_snapshot_has_its_size_and_its_keys(home: Home, tmp_path: Path) -> None:
    from PySide6.QtGui import QImage

    out = tmp_path / "new" / "folder" / "a.png"
    answer = snapshot(home, out, "--size", "733x411", "--protocol", "planes")
    assert answer.code == 0
    image = QImage(str(out))
    assert (image.width(), image.height()) == (733, 411)
    tiles = answer.document["tiles"]
    assert [tile["plane"] for tile in tiles] == ["axial", "coronal", "sagittal"]
    for tile in tiles:
        assert tile.keys() >= TILE_KEYS
        assert tile["window"].keys() >= {"center", "width", "unit"}
        assert tile["letters"].keys() == {"left", "right", "top", "bottom"}
        assert tile["sop_instance_uid"] or tile["plane_position_lps"]
    assert sum(tile["rect"][2] for tile in tiles) == 733


def test_the_same_snapshot_is_the_same_picture(home: Home, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        assert snapshot(home, tmp_path / name, "--size", "500x300").code == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_corners_hold_what_the_window_of_this_home_would_write(home: Home, tmp_path: Path) -> None:
    who = 'top_left = ["{name}", "{PatientID}", "{birth_date}  {PatientSex}"]\ntop_right = ["{prior}"]\n'
    own, settings = home.root / "corners.toml", home.root / "settings.toml"
    own.write_text(f'[CT]\n{who}bottom_right = ["{{Manufacturer}}"]\n')
    try:
        texts = [tile["text"] for tile in snapshot(home, tmp_path / "a.png").document["tiles"]]
        assert {(len(text["bottom_left"]), len(text["bottom_right"])) for text in texts} == {(0, 1)}
        settings.write_text('[corners]\namount = "who"\n')
        texts = [tile["text"] for tile in snapshot(home, tmp_path / "a.png").document["tiles"]]
        assert {(len(text["top_left"]), len(text["bottom_right"])) for text in texts} == {(3, 0)}
    finally:
        own.unlink()
        settings.unlink(missing_ok=True)
        snapshot(home, tmp_path / "a.png")


def test_the_window_asked_for_is_in_force(home: Home, tmp_path: Path) -> None:
    answer = snapshot(home, tmp_path / "a.png", "--window=-17.5,333")
    assert {(tile["window"]["center"], tile["window"]["width"]) for tile in answer.document["tiles"]} == {(-17.5, 333)}


@pytest.mark.parametrize("form", ["1", "1.1"])
def test_stats_by_row_reads_an_insert(form: str, home: Home) -> None:
    insert = DEFAULT_INSERTS[0]
    x, y, z = insert.center_lps
    answer = hounsfield(home, "stats", form, f"--sphere={x},{y},{z},{insert.radius_mm - 1}")
    assert answer.code == 0
    assert answer.document.keys() >= STATS_KEYS
    assert (answer.document["mean"], answer.document["unit"]) == (insert.value_hu, "HU")


@pytest.mark.parametrize(
    "arguments",
    [
        ("stats", "1", "--sphere=1,2,3"),
        ("stats", "1", "--sphere=1,2,3,0"),
        ("stats", "1", "--sphere=1,2,nan,4"),
        ("stats", "1"),
        ("snapshot", "1", "--size", "10x10", "--out", "x.png"),
        ("snapshot", "1", "--window=40,0", "--out", "x.png"),
        ("snapshot", "1"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2_and_says_what_is_wrong(arguments: tuple[str, ...], home: Home) -> None:
    answer = hounsfield(home, *arguments)
    assert answer.code == 2
    assert answer.document["error"]
    assert "usage:" in answer.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("stats", "1", "--sphere=9000,0,0,5"),
        ("stats", "77", "--sphere=0,0,0,5"),
        ("snapshot", "1.2.3.4.5", "--out", "x.png"),
        ("snapshot", "1", "--protocol", "no-such", "--out", "x.png"),
        ("snapshot", "1", "--stage", "9", "--out", "x.png"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_1_with_its_reason(arguments: tuple[str, ...], home: Home) -> None:
    answer = hounsfield(home, *arguments)
    assert answer.code == 1
    assert answer.document["error"] and answer.document["error"] in answer.stderr


def test_a_sphere_over_the_edge_is_measured_in_part_and_says_so(home: Home) -> None:
    answer = hounsfield(home, "stats", "1", "--sphere=-50,0,0,6")
    assert answer.code in (0, 1)
    assert answer.document["count"] > 0
    assert "beyond" in " ".join(answer.document["notices"])


def test_a_snapshot_shows_the_plane_the_slab_and_the_interpolation_that_are_asked_for(
    home: Home, tmp_path: Path
) -> None:
    options = ("--plane", "oblique", "--normal=0,3,4", "--slab", "12", "--mode", "mean", "--interpolation", "cubic")
    answer = snapshot(home, tmp_path / "a.png", *options)
    assert answer.code == 0, answer.stderr
    (tile,) = answer.document["tiles"]
    cut = tile["reformat"]
    assert [abs(each) for each in cut["normal"]] == pytest.approx([0.0, 0.6, 0.8], abs=1e-6)
    assert (cut["slab_mm"], cut["slab_mode"], cut["interpolation"], cut["coarse"]) == (12.0, "mean", "cubic", False)
    assert tile["letters"] == {"left": "R", "right": "L", "top": "AH", "bottom": "PF"}
    written = [*tile["text"]["bottom_left"], *tile["text"]["bottom_right"]]
    for words in ("Oblique 37° axial", "mean 12 of ", "cubic  "):
        assert any(line.startswith(words) for line in written), words


def test_a_plane_that_cannot_be_had_is_said(home: Home, tmp_path: Path) -> None:
    assert "belong together" in snapshot(home, tmp_path / "a.png", "--plane", "oblique").stderr
    assert snapshot(home, tmp_path / "a.png", "--slab", "5", "--protocol", "images").code == 1
