"""The list of findings opens with the first mark, and the image under the hand stays where it is."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tests.findings.made import finding
from tests.ui.conftest import settle
from tests.ui.test_window import at_rest
from workstation.case import view_tools
from workstation.case.drawing_tools import ground
from workstation.findings.finding import Kind
from workstation.imaging.geometry import Vec3
from workstation.imaging.view import ScreenPlane
from workstation.paths import Home
from workstation.phantom.trunk import ADA
from workstation.ui.window import MainWindow

PLACES = ((0.0, 0.0), (200.0, 150.0))


@pytest.fixture
def window(cache: Home, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(cache, protocol="images")
    made.resize(1280, 800)
    made.show()
    made.open_study(ADA.study_instance_uid)
    yield at_rest(made)
    made.close()
    settle()


def screen(window: MainWindow) -> ScreenPlane:
    found = at_rest(window).reading.grid.tiles[0].screen()
    assert found is not None
    return found


def under_the_hand(window: MainWindow) -> list[Vec3]:
    """What of the patient lies at some places of the screen."""
    corner = window.reading.grid.tiles[0].rect.topLeft()
    return [screen(window).point(x - corner.x(), y - corner.y()) for x, y in PLACES]


def mark(window: MainWindow) -> None:
    case = window.reading.case
    assert case is not None
    case.marks.add(finding(Kind.LENGTH, [(0.0, 0.0, -55.5), (30.0, 0.0, -55.5)]))
    at_rest(window)


def test_the_image_in_hand_stays_where_it_is_and_fits_again_once_the_list_is_closed(window: MainWindow) -> None:
    wide, before = screen(window), under_the_hand(window)
    mark(window)
    assert window.facts()["findings"]["panel"]["open"] and screen(window).width < wide.width
    for old, new in zip(before, under_the_hand(window), strict=True):
        assert new == pytest.approx(old, abs=1.0 / wide.px_per_mm)
    window.run("findings")
    assert not window.facts()["findings"]["panel"]["open"]
    assert screen(window) == wide


def test_what_was_moved_since_stays_as_it_is(window: MainWindow) -> None:
    mark(window)
    window.run("closer")
    closer = screen(window).px_per_mm
    window.run("findings")
    assert screen(window).px_per_mm == pytest.approx(closer)


def test_a_setting_keeps_it_closed(window: MainWindow) -> None:
    window.settings.set("tiles.findings", False)
    wide = screen(window)
    mark(window)
    assert not window.facts()["findings"]["panel"]["open"] and screen(window) == wide


def test_a_mark_beside_the_tile_is_brought_into_it_and_one_in_sight_is_left_where_it_is(window: MainWindow) -> None:
    case = window.reading.case
    assert case is not None
    under = ground(case.view(0))
    assert under is not None
    frame, middle = under.frame_of_reference_uid, case.view(0).plane.center_lps
    points = [middle, (middle[0] + 30.0, *middle[1:])]
    case.marks.add(drawn := finding(Kind.LENGTH, points, frame_of_reference_uid=frame, sources=under.sources))
    at_rest(window)
    window.reading.findings.panel.chosen.emit(drawn)
    still = screen(window)
    assert window.focusWidget() is window.reading  # arrows are the mark's now
    for _ in range(5):
        window.run("closer")
    view_tools.pan(case, 0, 400.0, 300.0)
    closer = screen(window)
    assert closer.px_per_mm > 1.2 * still.px_per_mm
    away = closer.pixel(drawn.points[0])
    assert not (0 <= away[0] < closer.width and 0 <= away[1] < closer.height)
    window.run("next-mark")
    found = screen(window)
    assert found.px_per_mm == pytest.approx(closer.px_per_mm)
    seen = [sum(ends) / 2 for ends in zip(*(found.pixel(each)[:2] for each in drawn.points), strict=True)]
    assert seen == pytest.approx([found.width / 2, found.height / 2], abs=1.5)
    window.run("next-mark")
    assert screen(window) == found
