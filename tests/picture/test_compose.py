"""The asymmetric object in 24 orientations: its bright point and the letters agree wherever it is drawn."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.loading.opened import WAIT_S, hounsfield, imported, rgb_of, tile_rgb, white_spot
from tests.picture.screen import CONVENTION, Expected
from workstation import jobs
from workstation.case import view_tools
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.imaging.greyscale import Window
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.orientation import OrientationTruth, all_orientations, oblique_phantom, orientation_phantom
from workstation.phantom.series import PhantomSeries
from workstation.picture.page import page_picture

pytestmark = pytest.mark.usefixtures("qapp")

KINDS = [(name, stacking) for _, name in all_orientations() for stacking in (1, -1)]
ONLY_BRIGHT = Window(900.0, 200.0)
"""From 800 to 1000 HU: the bright voxel (1500) is white, the brightest bar (700) black."""

ROOMY = (1830, 1290)
"""Turned, the bright point lies near a corner, where on a smaller page words would cover it."""

Scanned = tuple[PhantomSeries, OrientationTruth]


def made(name: str, stacking: int) -> Scanned:
    orientation = {each: cosines for cosines, each in all_orientations()}[name]
    return orientation_phantom(orientation, 1 if stacking > 0 else -1, seed=KINDS.index((name, stacking)))


def oblique(seed: int) -> Scanned:
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    return oblique_phantom(matrix * np.sign(np.linalg.det(matrix)), seed=1000 + seed)


@pytest.fixture(scope="module")
def scanned() -> dict[tuple[str, int], Scanned]:
    return {kind: made(*kind) for kind in KINDS}


@pytest.fixture(scope="module")
def home(scanned: dict[tuple[str, int], Scanned], tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("orientations")
    for number, (series, _) in enumerate([*scanned.values(), *(oblique(seed) for seed in range(3))]):
        write_series(series, folder / "in" / str(number))
    return imported(folder, folder / "in")


def expected(plane: str | None, series: PhantomSeries, truth: OrientationTruth) -> Expected:
    right, down = CONVENTION[plane] if plane else np.reshape(series.grid.image_orientation_patient, (2, 3)).tolist()
    extent = tuple(np.subtract(truth.upper_corner_lps, truth.lower_corner_lps).tolist())
    return Expected(tuple(right), tuple(down), truth.center_lps, extent)


def bright_number(series: PhantomSeries, truth: OrientationTruth) -> int:
    """InstanceNumber of the image that the bright voxel is in."""
    return series.instance_number(round(series.grid.index_of(truth.bright_point_lps)[0]))


def assert_shows(rgb: NDArray[np.uint8], facts: dict[str, Any], want: Expected, truth: OrientationTruth) -> None:
    height, width = rgb.shape[:2]
    assert white_spot(rgb) == pytest.approx(want.place(truth.bright_point_lps, width, height), abs=1.6)
    assert facts["letters"] == want.letters


@pytest.mark.parametrize(("name", "stacking"), KINDS)
def test_stack_and_planes_of_a_snapshot_agree(
    name: str, stacking: int, home: Home, scanned: dict[tuple[str, int], Scanned], tmp_path: Path
) -> None:
    series, truth = scanned[name, stacking]
    at = ",".join(str(each) for each in truth.bright_point_lps)
    png = tmp_path / "page.png"
    answer = hounsfield(
        home, "snapshot", series.study.study_instance_uid, "--protocol", "images", "--stage", 2,
        f"--at={at}", "--window=900,200",
        "--size", "1230x870", "--out", png,
    )  # fmt: skip
    assert [tile["plane"] for tile in answer.document["tiles"]] == ["axial", "sagittal", "coronal", None]
    for tile in answer.document["tiles"]:
        assert_shows(tile_rgb(png, tile), tile, expected(tile["plane"], series, truth), truth)
    stack = answer.document["tiles"][3]
    assert stack["image"] == bright_number(series, truth)
    assert stack["sop_instance_uid"] == series.sop_instance_uid(round(series.grid.index_of(truth.bright_point_lps)[0]))


Page = Callable[[Case], list[tuple[NDArray[np.uint8], dict[str, Any]]]]


@pytest.fixture
def page(home: Home) -> Any:
    """Draw all tiles of a case, loaded whole."""
    loader = Loader(home)

    def draw(case: Case, size: tuple[int, int] = (1230, 870)) -> list[tuple[NDArray[np.uint8], dict[str, Any]]]:
        page_picture(case, loader, (64, 64))
        loader.wait(WAIT_S)
        image, facts = page_picture(case, loader, size)
        rgb = rgb_of(image)
        cut = [each["rect"] for each in facts]
        return [(rgb[y : y + h, x : x + w], each) for (x, y, w, h), each in zip(cut, facts, strict=True)]

    yield draw
    loader.close_all()
    jobs.shutdown()


def opened(home: Home, series: PhantomSeries, truth: OrientationTruth) -> Case:
    """Three planes and the stack, all at the bright point, with nothing else bright."""
    case = open_study(home, series.study.study_instance_uid, "images")
    case.hang_stage(1)
    for display_set in case.sets.values():
        case.place_crosshair(display_set, truth.bright_point_lps)
    for number in range(4):
        view_tools.set_window(case, number, ONLY_BRIGHT)
    return case


GESTURES = {"turn": (view_tools.turn, Expected.turned), "mirror": (view_tools.mirror, Expected.mirrored)}
SEQUENCES = [
    ("turn",),
    ("turn", "turn"),
    ("turn", "turn", "turn"),
    ("mirror",),
    ("mirror", "turn"),
    ("turn", "mirror"),
    ("turn", "mirror", "turn", "turn", "mirror"),
    ("turn", "turn", "mirror", "turn"),
]


@pytest.mark.parametrize("gestures", SEQUENCES, ids="-".join)
@pytest.mark.parametrize(("name", "stacking"), [("L\\P", 1), ("P\\F", -1), ("H\\R", 1)])
def test_turns_and_mirrors_carry_the_letters(
    name: str, stacking: int, gestures: tuple[str, ...], home: Home, scanned: Any, page: Page
) -> None:
    series, truth = scanned[name, stacking]
    case = opened(home, series, truth)
    for gesture in gestures:
        for number in range(4):
            GESTURES[gesture][0](case, number)
    for rgb, facts in page(case, ROOMY):
        want = expected(facts["plane"], series, truth)
        for gesture in gestures:
            want = GESTURES[gesture][1](want)
        assert_shows(rgb, facts, want, truth)


@pytest.mark.parametrize("seed", range(3))
def test_oblique_series_show_the_point_on_its_side(seed: int, home: Home, page: Page) -> None:
    series, truth = oblique(seed)
    frame = np.array(series.grid.image_orientation_patient).reshape(2, 3)
    case = opened(home, series, truth)
    for rgb, facts in page(case):
        right, down = frame if facts["plane"] is None else in_plane(series, facts["plane"])
        away = np.subtract(truth.bright_point_lps, middle(series))
        place = np.subtract(white_spot(rgb), np.divide(rgb.shape[1::-1], 2) - 0.5)
        scale = min(np.divide(rgb.shape[1::-1], [extent(series, right), extent(series, down)]))
        assert place == pytest.approx(scale * np.array([away @ right, away @ down]), abs=2.0)
        assert (
            facts["letters"]["right"][0] == Expected(tuple(right), tuple(down), (0, 0, 0), (1, 1, 1)).letters["right"]
        )
        assert facts["letters"]["top"][0] == Expected(tuple(right), tuple(down), (0, 0, 0), (1, 1, 1)).letters["top"]


def axes_of(series: PhantomSeries) -> NDArray[np.float64]:
    """Rows: directions of growing column, row and slice."""
    grid = series.grid
    return np.stack([grid.row_direction, grid.column_direction, grid.normal])


def in_plane(series: PhantomSeries, plane: str) -> list[NDArray[np.float64]]:
    """The series' own axes that lie nearest to the conventional ones: the assignment with the largest cosines."""
    from itertools import permutations

    axes = axes_of(series)
    best = max(permutations(range(3)), key=lambda order: sum(abs(axes[order[n], n]) for n in range(3)))
    found = []
    for wanted in CONVENTION[plane]:
        axis = axes[best[int(np.argmax(np.abs(wanted)))]]
        found.append(axis * np.sign(axis @ wanted))
    return found


def middle(series: PhantomSeries) -> NDArray[np.float64]:
    k, j, i = (n / 2 - 0.5 for n in series.grid.shape)
    return np.array(series.grid.point_lps(0, 0, 0)) + np.array([
        i * series.grid.pixel_spacing_mm[1], j * series.grid.pixel_spacing_mm[0], k * series.grid.slice_spacing_mm,
    ]) @ axes_of(series)  # fmt: skip


def extent(series: PhantomSeries, direction: Any) -> float:
    """Outer edge to outer edge along one of the series' own axes, mm."""
    grid = series.grid
    steps = (grid.pixel_spacing_mm[1], grid.pixel_spacing_mm[0], grid.slice_spacing_mm)
    axis = int(np.argmax(np.abs(axes_of(series) @ direction)))
    return steps[axis] * grid.shape[2 - axis]


def test_the_object_without_orientation_bears_no_letters(home: Home, scanned: Any, page: Page) -> None:
    series, truth = scanned["L\\P", 1]
    case = opened(home, series, truth)
    key, display_set = next(iter(case.sets.items()))
    blind = replace(
        display_set,
        grid=None,
        images=tuple(
            replace(
                ref, instance=replace(ref.instance, frames=(replace(ref.attributes, ImageOrientationPatient=None),))
            )
            for ref in display_set.images
        ),
    )
    case.sets = {key: blind}
    case.tiles = [replace(case.tiles[3], image=7)]
    (_, facts), *_ = page(case)
    assert facts["letters"] == {}
    assert "The object does not say how the image lies in the patient." in facts["notices"]
