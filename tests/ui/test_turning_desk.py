"""The rotating MIP in the window: prepared aside, turned by hand, clicked to find a voxel, stopped with its study."""

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.phantom.hot import HOT, hot_pet, place_lps
from tests.ui.conftest import settle
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case import turning
from workstation.case.state import Case
from workstation.imaging.sides import HALF
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.ui import turning_desk
from workstation.ui.window import MainWindow

MIP = 1
"""The tile of the rotating MIP: PET alone hangs in an axial plane and turning."""


@pytest.fixture(scope="module")
def pet_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("pet")
    write_series(hot_pet(), folder / "in")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "in"])
    return home


@pytest.fixture
def window(pet_home: Home, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(pet_home)
    made.resize(1200, 700)
    made.show()
    made.open_study(hot_pet().study.study_instance_uid)
    until(lambda: made.reading.case is not None and len(made.reading.grid.tiles) == 2)
    yield made
    made.close()
    settle()


def until(wanted: Callable[[], bool]) -> None:
    while not wanted():
        jobs.drain()
        QTest.qWait(5)


def case_of(window: MainWindow) -> Case:
    assert window.reading.case is not None
    return window.reading.case


def shown(window: MainWindow) -> dict[str, object]:
    """What the picture on screen says of the side it shows."""
    picture = window.reading.grid.tiles[MIP].picture
    return dict(picture.facts.get("turning", {})) if picture else {}


def at(window: MainWindow, point_lps: tuple[float, float, float]) -> QPoint:
    """The logical place in the grid where a point lies behind the MIP."""
    tile = window.reading.grid.tiles[MIP]
    screen = tile.screen()
    assert screen is not None
    x, y, _ = screen.pixel(point_lps)
    return QPoint(int(tile.rect.x() + x + 0.5), int(tile.rect.y() + y + 0.5))


def test_a_click_on_a_hot_spot_moves_all_planes_to_its_very_voxel(window: MainWindow) -> None:
    case, grid = case_of(window), window.reading.grid
    for angle, (index, _) in zip((0, 13, 50), HOT.items(), strict=True):
        turning.to_angle(case, MIP, angle)
        until(lambda angle=angle: shown(window) == {"angle": angle, "degrees": angle * 5.0, "prepared": True})
        QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=at(window, place_lps(index)))
        wanted = pytest.approx(place_lps(index), abs=1e-3)
        until(lambda wanted=wanted: case.view(0).crosshair_lps == wanted)
        assert case.view(0).image == index[2]
        assert case.view(MIP).crossed


def test_drag_and_wheel_turn_it_and_the_voxels_keep_what_was_prepared(window: MainWindow) -> None:
    case, grid = case_of(window), window.reading.grid
    until(lambda: bool(shown(window).get("prepared")))
    voxels = grid.tiles[MIP].voxels()
    assert voxels is not None
    until(lambda: voxels.sides.whole)
    place = at(window, place_lps((18, 15, 12)))
    quarter = grid.tiles[MIP].rect.width() // 2
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(grid, place + QPoint(-quarter // 2, 3))
    QTest.mouseMove(grid, place + QPoint(-quarter, 5))
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=place + QPoint(-quarter, 5))
    assert case.tiles[MIP].turning == turning.Turning(HALF // 2)
    crosshair = case.crosshairs.copy()
    position = QPointF(place)
    none = Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(position, grid.mapToGlobal(position), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, none,
                        Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(grid, event)
    assert case.tiles[MIP].turning == turning.Turning(HALF // 2 + 1)
    assert case.crosshairs == crosshair
    until(lambda: shown(window).get("angle") == HALF // 2 + 1)


def test_what_nobody_looks_at_any_longer_is_not_prepared(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(window)
    until(lambda: bool(shown(window).get("prepared")))
    voxels = window.reading.grid.tiles[MIP].voxels()
    assert voxels is not None
    until(lambda: voxels.sides.whole and not jobs.active())
    begun, go_on = threading.Event(), threading.Event()
    known, fill = dict(voxels.sides._known), turning_desk.fill

    def slow(*given: object) -> None:
        begun.set()
        go_on.wait(30)
        fill(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(turning_desk, "fill", slow)
    voxels.sides._known.clear()
    turning.turn(case, MIP, 1)
    until(begun.is_set)
    assert "Preparing the rotating MIP" in [job.title for job in jobs.active()]
    case.activate(MIP)
    window.run("rotating-mip")
    go_on.set()
    until(lambda: not jobs.active())
    assert not voxels.sides._known
    voxels.sides._known.update(known)
