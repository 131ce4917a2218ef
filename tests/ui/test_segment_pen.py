"""Segments made by a hand on the tiles: painted, wiped, taken back, kept on the disk, and seen in the other planes."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import settle
from workstation import jobs
from workstation.case.drawing_drafts import kept
from workstation.case.open import open_study
from workstation.case.painting import Tool
from workstation.case.segmenting import Answer, Work, fresh
from workstation.case.state import Case
from workstation.findings.segment import Segment
from workstation.imaging.mask_work import islands
from workstation.imaging.masks import Mask
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.trunk import ADA
from workstation.ui.reading_page import ReadingPage
from workstation.ui.tile_grid import TileGrid

TRUNK = ADA.study_instance_uid


@pytest.fixture
def page(cache: Home, loader: Loader, qapp: QApplication) -> Iterator[ReadingPage]:
    made = ReadingPage(cache, loader)
    made.resize(900, 700)
    made.show()
    case = open_study(cache, TRUNK, "images")
    made.show_case(case)
    loader.wait(60)
    rest(made)
    yield made
    case.marks.put_segments(())
    rest(made)
    made.show_case(None)
    made.close()
    settle()


def case_of(page: ReadingPage) -> Case:
    assert page.case is not None
    return page.case


def rest(page: ReadingPage) -> None:
    """Until nothing is under way and every tile shows the marks there are, at three looks one after another.

    What ends may have posted what begins next.
    """
    calm = 0
    while calm < 3:
        jobs.drain(0.01)
        QApplication.processEvents()
        busy = jobs.active() or page.findings.segments.facts()["busy"] or any(tile.busy for tile in page.grid.tiles)
        seen = page.case is None or all(
            tile.picture is not None and tile.picture.revision == page.case.marks.revision for tile in page.grid.tiles
        )
        kept = page.case is None or page.findings.facts()["saved"]
        calm = calm + 1 if not busy and seen and kept else 0


def drag(grid: TileGrid, *by: tuple[int, int]) -> None:
    """From the middle of the first tile, by steps."""
    middle = grid.tiles[0].rect.center()
    places = [middle + QPoint(*each) for each in by]
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(grid, place)
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=places[-1])


def only(page: ReadingPage) -> Segment:
    (segment,) = case_of(page).marks.segments
    return segment


def test_a_stroke_is_seen_kept_and_taken_back(page: ReadingPage, cache: Home) -> None:
    case, grid = case_of(page), page.grid
    case.marks.take(Tool.BRUSH)
    rest(page)
    tile = grid.tiles[0]
    middle = tile.rect.center() - tile.rect.topLeft()
    assert not page.findings.panel.isHidden()
    drag(grid, (0, 0), (40, 0), (40, 30))
    rest(page)
    painted = only(page)
    assert painted.mask.count > 10 and {k for k, each in enumerate(painted.mask.planes) if each} == {
        case.tiles[0].image
    }
    (shown,) = grid.tiles[0].picture.facts["segments"]  # type: ignore[union-attr]
    left, top, right, bottom = shown["drawn"]
    assert left < middle.x() < middle.x() + 40 < right and top < middle.y() < middle.y() + 30 < bottom
    assert {each.name for each in painted.values} >= {"Volume", "Long axis", "Mean"}
    assert kept(cache, TRUNK)[-1] == painted
    assert not page.findings.panel.isHidden() and not page.findings.segments.panel.isHidden()
    case.marks.take(Tool.WIPER)
    rest(page)
    drag(grid, (40, 0), (40, 30))
    rest(page)
    assert 0 < only(page).mask.count < painted.mask.count
    assert case.marks.undo() and only(page).mask == painted.mask
    assert case.marks.undo() and case.marks.segments == ()
    rest(page)
    assert kept(cache, TRUNK) == ()
    assert case.marks.redo() and case.marks.redo() and only(page).mask.count < painted.mask.count


def test_quick_strokes_become_one_segment(page: ReadingPage) -> None:
    """The second begins before the first is done."""
    case_of(page).marks.take(Tool.BRUSH)
    drag(page.grid, (0, 0), (10, 0))
    drag(page.grid, (60, 60), (70, 60))
    drag(page.grid, (-60, 60), (-70, 60))
    rest(page)
    assert len(islands(only(page).mask)) == 3
    steps = 0
    while case_of(page).marks.undo():
        steps += 1
    assert steps == 3


def test_a_drag_sets_the_range_and_a_click_takes_it(page: ReadingPage) -> None:
    case, grid = case_of(page), page.grid
    before = case.marks.painting
    case.marks.take(Tool.RANGE)
    drag(grid, (0, 0), (30, -40))
    after = case.marks.painting
    assert after.low > before.low and after.high > before.high and case.marks.preview is not None
    assert (case.marks.preview.low, case.marks.preview.high) == (after.low, after.high)
    drag(grid, (0, 0))
    rest(page)
    assert case.marks.preview is None and only(page).mask.count > 1000
    assert only(page).algorithm_name.startswith("threshold")


def test_shift_and_the_wheel_size_the_brush_and_esc_lays_it_away(page: ReadingPage) -> None:
    case, tile = case_of(page), page.grid.tiles[0]
    assert not page.grid.hand.segments.wheel(tile, 1)
    case.marks.take(Tool.BRUSH)
    size = case.marks.painting.radius_mm
    assert page.grid.hand.segments.wheel(tile, 2) and case.marks.painting.radius_mm == pytest.approx(size * 1.15**2)
    page.leave()
    assert case.marks.tool == "" and not page.grid.hand.segments.wheel(tile, 1)


def test_work_that_is_stopped_leaves_the_segment_as_it_was(page: ReadingPage) -> None:
    said: list[str] = []
    page.findings.segments.said.connect(said.append)
    case, begun, stopped = case_of(page), threading.Event(), threading.Event()
    display_set = case.view(0).display_set
    assert display_set is not None

    def run(job: jobs.Job, mask: Mask) -> Answer:
        begun.set()
        stopped.wait(30)
        job.check()
        return Answer(mask)

    case.marks.asked.emit(Work("Long", fresh(case.marks, display_set), run))
    assert begun.wait(30)
    next(job for job in jobs.active() if job.title == "Long").cancel()
    stopped.set()
    rest(page)
    assert case.marks.segments == () and said == ["Stopped; the segment is as it was."]
