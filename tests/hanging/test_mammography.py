"""Mammograms as they hang: back to back, level, in one scale, air black, and walked through pixel by pixel."""

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.filewriter import dcmwrite

from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.case import view_tools
from workstation.case.commands import COMMANDS
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.dicom.header import read_instance
from workstation.hanging.hang import PlannedStage
from workstation.hanging.recognise import set_facts
from workstation.imaging.displaysets import display_sets
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.breast import Side, View
from workstation.phantom.dicom_projection import Projection, dataset_of, write_projections
from workstation.phantom.mammograms import TODAY, YEAR_AGO, Detector, mammogram
from workstation.phantom.projections import MAMMOGRAPHY, MAMMOGRAPHY_PRIOR, mammograms_today, mammograms_year_ago
from workstation.picture.compose import Picture
from workstation.picture.page import page_picture, picture_of

pytestmark = pytest.mark.usefixtures("qapp")
PAGE = (1200, 900)
BLACK = 0
FOUR, ABOVE = "four views", "above the prior"


@pytest.fixture(scope="module")
def today() -> tuple[Projection, ...]:
    return tuple(mammograms_today("small"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, today: tuple[Projection, ...]) -> Home:
    folder = tmp_path_factory.mktemp("mammography")
    raw = replace(today[0], series="raw", series_number=8, more={"PresentationIntentType": "FOR PROCESSING"})
    spot = replace(today[1], series="L CC spot", series_number=2, series_description="L CC spot magnification")
    moved = replace(today[3], series="moved", series_number=9, view_modifiers=(("399209000", "Implant Displaced"),))
    write_projections([*today, raw, replace(spot, instance_number=9), moved], folder / "today")
    write_projections(mammograms_year_ago("small"), folder / "before")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "today", folder / "before"], lambda done, total: None)
    return home


@pytest.fixture
def opened(place: Home) -> Iterator[tuple[Case, Loader]]:
    yield open_study(place, MAMMOGRAPHY.study_instance_uid), Loader(place)
    jobs.shutdown()


def pictures(case: Case, loader: Loader, stage: str, page: tuple[int, int] = PAGE) -> dict[str, Picture]:
    """The tiles of a stage as they are painted, by side and view, those of priors with "prior" before."""
    case.hang_stage([each.name for each in case.plan.stages].index(stage))
    page_picture(case, loader, page)
    loader.wait(60)
    rows, columns = case.layout
    size = (page[0] // columns, page[1] // rows)
    found = {}
    for number in case.shown:
        tile, view = case.tiles[number], case.view(number)
        assert view.display_set is not None
        first = view.display_set.images[tile.image].instance
        name = f"{'prior ' if tile.prior else ''}{first.ImageLaterality} {first.ViewPosition}"
        found[name] = picture_of(case, number, loader, size, 1.0)
    return found


def test_pairs_hang_above_their_priors(opened: tuple[Case, Loader]) -> None:
    case, loader = opened
    for view in ("CC", "MLO"):
        names = [f"{prior}{side} {view}" for prior in ("", "prior ") for side in ("R", "L")]
        shown = pictures(case, loader, f"{view} above the prior")
        assert list(shown) == names
        assert len({picture.screen.px_per_mm for picture in shown.values() if picture.screen}) == 1


def grey(picture: Picture) -> NDArray[np.uint8]:
    assert picture.pixels is not None
    return (picture.pixels.rgb32 & 0xFF).astype(np.uint8)


def test_the_four_views_hang_right_beside_left(opened: tuple[Case, Loader]) -> None:
    case, loader = opened
    assert list(pictures(case, loader, FOUR)) == ["R CC", "L CC", "R MLO", "L MLO"]
    assert list(pictures(case, loader, ABOVE)) == [
        *("R CC", "L CC", "R MLO", "L MLO"),
        *("prior R CC", "prior L CC", "prior R MLO", "prior L MLO"),
    ]


@pytest.mark.parametrize("page", [PAGE, (1201, 901), (700, 1400)])
def test_chest_walls_touch(opened: tuple[Case, Loader], page: tuple[int, int]) -> None:
    for name, picture in pictures(*opened, ABOVE, page).items():
        seen = grey(picture)
        seam, far = (-1, 0) if "R" in name else (0, -1)
        assert picture.screen is not None
        middle, reach = round(nipple(picture, name)[1]), round(15 * picture.screen.px_per_mm)
        assert np.all(seen[middle - reach : middle + reach, seam] > 10), name
        assert np.all(seen[:, far] == BLACK), name


@cache
def drawn_nipple(side: Side, view: View, detector: Detector) -> tuple[float, float]:
    return mammogram(side, view, detector).places["nipple"]


def nipple(picture: Picture, name: str) -> tuple[float, float]:
    """Where the nipple that was drawn lies on its tile, device pixels."""
    side: Side = "R" if "R" in name else "L"
    view: View = "MLO" if "MLO" in name else "CC"
    detector = (YEAR_AGO if "prior" in name else TODAY).coarser(4)
    row, column = drawn_nipple(side, view, detector)
    assert picture.screen is not None
    x, y, _ = picture.screen.pixel((column * detector.pixel_mm, row * detector.pixel_mm, 0.0))
    return x, y


def test_nipples_are_level_within_5_mm(opened: tuple[Case, Loader]) -> None:
    shown = pictures(*opened, ABOVE)
    for view in ("CC", "MLO"):
        same = {name: picture for name, picture in shown.items() if name.endswith(f" {view}")}
        heights_mm = [nipple(picture, name)[1] / picture.screen.px_per_mm for name, picture in same.items()]  # type: ignore[union-attr]
        assert len(heights_mm) == 4
        assert max(heights_mm) - min(heights_mm) < 5
        # They would not be so by themselves: the breasts lay at different heights on their detectors.
        rows = [drawn_nipple(side, "MLO", TODAY.coarser(4))[0] * 0.28 for side in ("R", "L")]
        assert abs(rows[0] - rows[1]) > 8


def test_one_scale_in_mm_over_two_detectors(opened: tuple[Case, Loader]) -> None:
    shown = pictures(*opened, ABOVE)
    scales = {picture.screen.px_per_mm for picture in shown.values() if picture.screen}
    assert len(scales) == 1
    today_px, before_px = shown["L CC"].facts["zoom"], shown["prior L CC"].facts["zoom"]
    assert before_px / today_px == pytest.approx(0.4 / 0.28, rel=1e-3)


@pytest.mark.parametrize("inverted", [False, True])
def test_air_is_black_in_both_polarities_and_when_inverted(opened: tuple[Case, Loader], inverted: bool) -> None:
    case, loader = opened
    pictures(case, loader, ABOVE)
    for number in case.shown if inverted else ():
        view_tools.invert(case, number)
    for number in case.shown:
        picture, view = picture_of(case, number, loader, (1000, 1200), 1.0), case.view(number)
        assert picture.pixels is not None
        assert view.display_set is not None
        seen = grey(picture)
        stored = picture.pixels.sampled.values.astype(np.int32)
        light = 4095 - stored if case.tiles[number].prior else stored
        nothing = picture.pixels.sampled.nothing
        light[nothing if nothing is not None else ()] = 0
        assert picture.facts["inverted"] == inverted
        assert np.all(seen[light == 0] == BLACK)
        flesh = seen[light > 900]
        fat, gland = seen[(light > 1100) & (light < 1300)].mean(), seen[light > 2300].mean()
        assert (fat > gland) == inverted
        assert np.count_nonzero(flesh == BLACK) < 0.001 * flesh.size


def walk(case: Case) -> Iterator[int]:
    """Press the key until all hang again; the tile shown at each step."""
    COMMANDS["next-quadrant"].run(case)
    while case.maximised is not None:
        yield case.maximised
        COMMANDS["next-quadrant"].run(case)


@pytest.mark.parametrize("page", [(500, 310), (416, 320), (900, 1000)])
def test_the_walk_shows_every_pixel_exactly_once(opened: tuple[Case, Loader], page: tuple[int, int]) -> None:
    case, loader = opened
    case.hang_stage(0)
    page_picture(case, loader, page)
    loader.wait(60)
    before = list(case.tiles)
    times = {number: np.zeros((832, 640), np.int32) for number in range(4)}
    for number in walk(case):
        picture = picture_of(case, number, loader, page, 1.0)
        assert picture.facts["fidelity"] == "full"
        assert picture.screen is not None
        grid = case.view(number).grid
        left, top, _ = grid.index(picture.screen.point(0, 0))
        right, bottom, _ = grid.index(picture.screen.point(page[0] - 1, page[1] - 1))
        columns = np.rint(np.linspace(left, right, page[0])).astype(int)
        rows = np.rint(np.linspace(top, bottom, page[1])).astype(int)
        rows, columns = rows[(rows >= 0) & (rows < 832)], columns[(columns >= 0) & (columns < 640)]
        times[number][rows[:, None], columns[None, :]] += 1
    assert all(np.all(each == 1) for each in times.values())
    assert case.tiles == before


def test_the_walk_begins_at_the_chest_wall_goes_back_and_keeps_the_window(opened: tuple[Case, Loader]) -> None:
    case, loader = opened
    case.hang_stage(0)
    page_picture(case, loader, (500, 310))
    loader.wait(60)
    COMMANDS["next-quadrant"].run(case)
    picture = picture_of(case, 0, loader, (500, 310), 1.0)
    assert picture.screen is not None
    assert case.view(0).grid.index(picture.screen.point(499, 0))[0] == pytest.approx(639)
    view_tools.invert(case, 0)
    COMMANDS["next-quadrant"].run(case)
    COMMANDS["previous-quadrant"].run(case)
    assert (case.maximised, case.tiles[0].framing.placing.piece) == (0, (0, 0))
    COMMANDS["previous-quadrant"].run(case)
    assert case.maximised is None
    assert case.tiles[0].display.inverted
    assert case.tiles[0].framing == case.as_hung(0).framing


def test_without_a_mammogram_hung_by_its_chest_wall_there_is_nothing_to_walk(opened: tuple[Case, Loader]) -> None:
    case, loader = opened
    case.hang_stage(len(case.plan.stages) - 1)
    assert COMMANDS["next-quadrant"].why_not(case)
    page_picture(case, loader, PAGE)
    loader.wait(60)
    assert "chest wall" in COMMANDS["next-quadrant"].why_not(case)


def test_spot_views_come_last_and_raw_images_are_not_hung_for_reading(opened: tuple[Case, Loader]) -> None:
    case, _ = opened
    named = [each for each in case.plan.stages if each.name != "the rest"]
    assert named[-1].name == "tomosynthesis and special views"

    def shown(stages: list[PlannedStage]) -> set[str]:
        keys = [tile.display_set for stage in stages for tile in stage.tiles if tile.display_set]
        return {case.sets[key].first.SeriesDescription for key in keys}

    assert shown(named[-1:]) == {"L CC spot magnification", "L MLO"}
    special = {tile.display_set for tile in named[-1].tiles}
    moved = [key for key, each in case.sets.items() if "399209000" in each.first.ViewCodes]
    assert set(moved) < special
    assert not any(tile.display_set in moved for stage in named[:-1] for tile in stage.tiles)
    assert "L CC spot magnification" not in shown(named[:-1])
    raw = [key for key, each in case.sets.items() if each.first.PresentationIntentType == "FOR PROCESSING"]
    assert len(raw) == 1
    assert not any(tile.display_set == raw[0] for stage in named for tile in stage.tiles)
    assert any(tile.display_set == raw[0] for stage in case.plan.stages for tile in stage.tiles)


def test_marks_in_overlays_are_hidden_until_asked(tmp_path: Path, today: tuple[Projection, ...]) -> None:
    """Computer-aided detection draws its marks into overlay planes."""
    rows, columns = today[1].pixels.shape
    bits = np.zeros((rows, columns), np.uint8)
    bits[600:650, 520:620] = 1
    marked = dataset_of(today[1])
    for element, vr, value in (
        (0x0010, "US", rows),
        (0x0011, "US", columns),
        (0x0040, "CS", "G"),
        (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x3000, "OW", np.packbits(bits, bitorder="little").tobytes()),
    ):
        marked.add_new((0x6000, element), vr, value)
    (tmp_path / "marked").mkdir()
    dcmwrite(tmp_path / "marked" / "marked.dcm", marked, enforce_file_format=True)
    home = Home(tmp_path / "home").create()
    import_paths(home, [tmp_path / "marked"], lambda done, total: None)
    try:
        case, loader = open_study(home, MAMMOGRAPHY.study_instance_uid), Loader(home)
        case.hang_stage(0)
        number = next(n for n in case.shown if case.tiles[n].display_set)
        page_picture(case, loader, PAGE)
        loader.wait(60)
        hidden = picture_of(case, number, loader, (640, 832), 1.0)
        view_tools.toggle_overlays(case, number)
        asked = picture_of(case, number, loader, (640, 832), 1.0)
        changed = np.argwhere(grey(hidden) != grey(asked))
        assert len(changed) == 50 * 100
        assert any("hidden" in sentence for sentence in hidden.facts["notices"])
        assert not any("hidden" in sentence for sentence in asked.facts["notices"])
    finally:
        jobs.shutdown()


def test_four_patients_stay_four(tmp_path: Path, data_dir: Path) -> None:
    """Views of one woman that were filed under four PatientIDs are never hung together (safety.md 2, 3)."""
    home = Home(tmp_path / "home").create()
    import_paths(home, [data_dir / "mg_fourview_ddsm"], lambda done, total: None)
    with Index(home) as index:
        rows = index.studies()
    assert len({row.patient_id for row in rows}) == len(rows) == 4
    for row in rows:
        case = open_study(home, row.study_instance_uid)
        assert {each.study_instance_uid for each in case.sets.values()} == {row.study_instance_uid}
        assert not any(tile.prior and tile.display_set for stage in case.plan.stages for tile in stage.tiles)


def test_the_coded_view_counts_where_no_other_is_written(today: tuple[Projection, ...]) -> None:
    for each in today:
        plain = dataset_of(replace(each, series_description=""))
        del plain.ViewPosition
        content = io.BytesIO()
        dcmwrite(content, plain, enforce_file_format=True)
        (display_set,) = display_sets([read_instance(content.getvalue())])
        (fact,) = set_facts(display_set)
        assert (fact.view, fact.side, fact.kind) == (each.view_position, each.image_laterality, "diagnostic")


def test_the_prior_is_the_study_of_the_year_before(opened: tuple[Case, Loader]) -> None:
    case, _ = opened
    priors = {each.study_instance_uid for each in case.sets.values()} - {MAMMOGRAPHY.study_instance_uid}
    assert priors == {MAMMOGRAPHY_PRIOR.study_instance_uid}
