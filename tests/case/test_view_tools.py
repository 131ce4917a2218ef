"""Gestures on a case: the crosshair links planes and stack, ends are ends, zoom and window are shared by planes."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.loading.opened import imported, studies
from workstation.case import view_tools
from workstation.case.commands import COMMANDS
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.imaging.greyscale import Window
from workstation.imaging.view import Orientation
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.orientation import orientation_phantom

SLICE_MM, SLICES = 2.5, 16
"""The axial orientation phantom: 16 slices, the first at the feet."""

AXIAL, STACK = 0, 3


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("case")
    series, _ = orientation_phantom()
    write_series(series, folder / "in")
    return imported(folder, folder / "in")


@pytest.fixture
def case(home: Home) -> Case:
    """Axial, sagittal, coronal and the stack of one volume."""
    case = open_study(home, *studies(home), protocol="images")
    case.hang_stage(1)
    assert [tile.orientation for tile in case.tiles] == [
        Orientation.AXIAL, Orientation.SAGITTAL, Orientation.CORONAL, None
    ]  # fmt: skip
    return case


def crosshair(case: Case) -> tuple[float, float, float]:
    (display_set,) = case.sets.values()
    point = case.crosshair(display_set)
    assert point is not None
    return point


def test_scrolling_an_axial_plane_moves_the_crosshair_by_a_slice_and_takes_the_stack_along(case: Case) -> None:
    (display_set,) = case.sets.values()
    case.place_crosshair(display_set, (12.0, -6.0, 12.5 + 8 * SLICE_MM))
    assert case.tiles[STACK].image == 8
    before = crosshair(case)
    assert view_tools.scroll(case, AXIAL, 1)
    after = crosshair(case)
    assert after == pytest.approx((before[0], before[1], before[2] - SLICE_MM))
    assert case.tiles[STACK].image == 7


def test_scrolling_the_stack_takes_the_planes_along(case: Case) -> None:
    x, y, _ = crosshair(case)
    assert view_tools.to_image(case, STACK, 2)
    assert crosshair(case) == pytest.approx((x, y, 12.5 + 2 * SLICE_MM))
    assert case.view(AXIAL).plane.center_lps[2] == pytest.approx(12.5 + 2 * SLICE_MM)


@pytest.mark.parametrize(("command", "image"), [("first-image", 0), ("last-image", SLICES - 1)])
def test_the_ends_of_a_stack(command: str, image: int, case: Case) -> None:
    case.activate(STACK)
    COMMANDS[command].run(case)
    assert case.tiles[STACK].image == image
    assert not view_tools.scroll(case, STACK, 1 if image else -1)
    assert case.tiles[STACK].image == image


def test_a_plane_stops_at_the_ends_of_its_volume(case: Case) -> None:
    steps = 0
    while view_tools.scroll(case, AXIAL, 1):
        steps += 1
        assert steps <= SLICES
    assert crosshair(case)[2] == pytest.approx(12.5)
    assert case.tiles[STACK].image == 0


def test_planes_share_zoom_and_window_and_the_stack_keeps_its_own(case: Case) -> None:
    view_tools.zoom_about(case, AXIAL, 2.0, 1.5, 0.0, 0.0)
    view_tools.set_window(case, AXIAL, Window(10, 20))
    assert [tile.framing.px_per_mm for tile in case.tiles] == [3.0, 3.0, 3.0, None]
    assert [tile.display.window for tile in case.tiles][:3] == [Window(10, 20)] * 3
    assert case.tiles[STACK].display.window is None


@pytest.mark.parametrize(("asked", "hung"), [(-3, 0), (0, 0), (1, 1), (99, 1)])
def test_stages_are_clamped(asked: int, hung: int, case: Case) -> None:
    case.hang_stage(asked)
    assert case.stage == hung


def test_what_changed_is_told(case: Case) -> None:
    told: list[tuple[int, ...]] = []
    case.changed.connect(told.append)
    (display_set,) = case.sets.values()
    case.place_crosshair(display_set, (10.0, -10.0, 20.0))
    assert told == [(0, 1, 2, 3)]
    case.put(STACK, replace(case.tiles[STACK], image=1))
    assert told[-1] == (STACK,)


def test_only_the_main_thread_changes_a_case(case: Case) -> None:
    raised: list[BaseException] = []

    def change() -> None:
        try:
            case.put(STACK, case.tiles[STACK])
        except RuntimeError as error:
            raised.append(error)

    thread = threading.Thread(target=change)
    thread.start()
    thread.join()
    assert len(raised) == 1


def test_the_crosshair_stays_within_the_voxels(case: Case, tmp_path: Path) -> None:
    (display_set,) = case.sets.values()
    case.place_crosshair(display_set, (1000.0, -1000.0, 1000.0))
    assert crosshair(case) == pytest.approx((3.95 + 23 * 0.7, -15.4, 12.5 + 15 * 2.5))


def test_planes_hung_in_different_windows_keep_their_own(case: Case) -> None:
    case.hang_stage(1)
    view_tools.set_window(case, 0, Window(40.0, 400.0))
    case.put(1, replace(case.tiles[1], display=replace(case.tiles[1].display, window=Window(-600.0, 1500.0))))
    view_tools.set_window(case, 0, Window(500.0, 2000.0))
    assert [case.tiles[n].display.window for n in range(3)] == [
        Window(500.0, 2000.0),
        Window(-600.0, 1500.0),
        Window(500.0, 2000.0),
    ]
