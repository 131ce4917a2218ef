"""Registering in the window: the engine in a job, its preview, keys and mouse, landmarks, saved and there again."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.case.stacks import beside, stack
from tests.case.test_aligning import CT, PRIOR
from tests.ui.test_side_panel import at_rest, until
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.cache.rejected import among
from workstation.case import registering as by
from workstation.case.state import Case
from workstation.imaging.alignment import Laid, Registration
from workstation.paths import Home
from workstation.phantom.dicom import datasets, write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries
from workstation.ui.registration_desk import RegistrationDesk, prior_pair
from workstation.ui.registration_panel import RegistrationPanel
from workstation.ui.window import MainWindow

AWAY = (14.0, -9.0, 33.0)
"""How far the second scan's coordinates lie from the first's, mm."""


def body() -> NDArray[np.int16]:
    """A trunk of water with two unequal lungs, a spine and a liver, HU; 32 slices of 44 rows and 52 columns."""
    k, j, i = np.meshgrid(*(np.arange(size) - size / 2 + 0.5 for size in (32, 44, 52)), indexing="ij")
    x, y, z = i * 5.0, j * 4.5, k * 6.0

    def within(middle: tuple[float, float, float], half: tuple[float, float, float]) -> NDArray[np.bool_]:
        away = [((each - at) / size) ** 2 for each, at, size in zip((x, y, z), middle, half, strict=True)]
        return np.asarray(sum(away) < 1)

    values = np.where((x / 105) ** 2 + (y / 78) ** 2 < 1, 0, -1000)
    for hu, middle, half in (
        (-800, (-50, -5, 20), (36, 45, 60)), (-800, (48, 0, 28), (30, 40, 50)),
        (500, (0, 50, 0), (13, 15, 200)), (60, (-40, -10, -70), (50, 45, 35)),
    ):  # fmt: skip
        values[within(middle, half)] = hu
    return values.astype(np.int16)


def two_scans(folder: Path) -> str:
    """A CT, and the same voxels once more in a frame of reference of their own, elsewhere; their study."""
    for name, number, away in (("one", 1, (0.0, 0.0, 0.0)), ("two", 2, AWAY)):
        x, y, z = (float(a + b) for a, b in zip((-127.5, -96.75, 10.0), away, strict=True))
        grid = Grid((32, 44, 52), (x, y, z), (4.5, 5.0), 6.0)
        write_series(PhantomSeries(body(), grid, series_number=number, frame_of_reference=name), folder / name)
    return str(next(iter(datasets(PhantomSeries(body(), grid)))).StudyInstanceUID)


class Prepared(NamedTuple):
    home: Home
    study: str


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("registration")
    study = two_scans(folder)
    made = Home(folder / "home").create()
    import_paths(made, [folder / "one", folder / "two"])
    return Prepared(made, study)


def opened(prepared: Prepared) -> MainWindow:
    window = MainWindow(prepared.home)
    window.show()
    window.open_study(prepared.study)
    until(lambda: window.reading.case is not None)
    at_rest(window)
    return window


def closed(window: MainWindow) -> None:
    at_rest(window)
    window.close()


@pytest.fixture
def window(prepared: Prepared, qapp: QApplication) -> Iterator[MainWindow]:
    made = opened(prepared)
    yield made
    closed(made)
    jobs.shutdown()
    jobs.drain()


def case_of(window: MainWindow) -> Case:
    case = window.reading.case
    assert case is not None
    return case


def desk(window: MainWindow) -> RegistrationDesk:
    return window.reading.registration


def panel(window: MainWindow) -> RegistrationPanel:
    return desk(window).panel


def pair(window: MainWindow) -> by.Sides:
    """The two scans, the first one fixed."""
    case = case_of(window)
    fixed, moving = sorted(by.could_be(case), key=lambda each: each.first.SeriesNumber or 0)
    by.choose(case, fixed.key, moving.key)
    return by.Sides(fixed, moving)


def now(window: MainWindow) -> Registration:
    found = by.in_force(case_of(window))
    assert found is not None
    return found


def laid(window: MainWindow) -> Laid:
    found = by.laid_now(case_of(window), pair(window))
    assert found is not None
    return found


def test_the_engine_is_stopped_and_leaves_nothing(window: MainWindow) -> None:
    pair(window)
    window.run("registration")
    window.run("register-rigid")
    until(lambda: desk(window).job is not None)
    window.run("register-rigid")
    until(lambda: not desk(window).is_busy)
    assert case_of(window).alignment.registrations == ()
    assert "Stopped" in window.status.message.text()
    assert panel(window).start.text() == "Register"


def test_a_prior_is_laid_on_what_is_read_by_its_modality() -> None:
    mr = stack("4", count=30, frame="1.7", study="1.1", modality="MR")
    older = stack("8", count=50, frame="1.6", study="1.0", modality="MR")
    case = beside(CT, mr, older, PRIOR)
    for active, fixed, moving in ((0, CT, PRIOR), (1, mr, older), (3, CT, PRIOR), (2, mr, older)):
        case.active = active
        found = prior_pair(case)
        assert found is not None
        assert (found.fixed.key, found.moving.key) == (fixed.key, moving.key)
    assert prior_pair(beside(CT, mr)) is None


def test_arrows_in_the_panel_nudge_and_the_images_stay(window: MainWindow) -> None:
    there = pair(window)
    window.run("registration")
    case = case_of(window)
    case.activate(next(n for n, tile in enumerate(case.tiles) if tile.display_set == there.fixed.key))
    shown = [tile.image for tile in case.tiles]
    pad = panel(window).pad
    pad.setFocus()
    QTest.keyClick(pad, Qt.Key.Key_Right)
    first = laid(window).point_to_fixed((0, 0, 0))
    QTest.keyClick(pad, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert np.subtract(laid(window).point_to_fixed((0, 0, 0)), first) == pytest.approx((5, 0, 0))
    QTest.keyClick(pad, Qt.Key.Key_PageDown)
    assert [tile.image for tile in case.tiles] == shown
    assert len(case.registering.before) == 3
    assert "by hand" in panel(window).reasons.text()


def test_a_drag_pushes_with_shift_it_turns_and_each_is_one_step(window: MainWindow) -> None:
    there = pair(window)
    case = case_of(window)
    number = next(n for n, tile in enumerate(case.tiles) if tile.display_set == there.fixed.key)
    tile = window.reading.grid.tiles[case.shown.index(number)]
    hand, screen = window.reading.grid.hand, tile.screen()
    assert screen is not None
    left, none, shift = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
    start, end = (60.0, 80.0), (100.0, 110.0)
    window.run("registration-by-mouse")
    hand.press(tile, start, left, none)
    hand.move((70.0, 90.0))
    hand.move(end)
    hand.release(end)
    assert there.fixed.lattice is not None and there.moving.lattice is not None
    by_mm = np.subtract(screen.point(*end), screen.point(*start))
    expected = np.add(there.fixed.lattice.center_lps, by_mm)
    assert laid(window).point_to_fixed(there.moving.lattice.center_lps) == pytest.approx(tuple(expected))
    assert len(case.registering.before) == 1
    before = laid(window)
    middle = QPointF(screen.width / 2, screen.height / 2)
    about = screen.point(middle.x() - 0.5, middle.y() - 0.5)
    hand.press(tile, (middle.x() + 80, middle.y()), left, shift)
    hand.move((middle.x(), middle.y() + 80))  # a quarter turn, clockwise
    hand.release((middle.x(), middle.y() + 80))
    at = screen.point(middle.x() + 39.5, middle.y() - 0.5)
    below = screen.point(middle.x() - 0.5, middle.y() + 39.5)
    assert laid(window).point_to_fixed(before.point_to_moving(at)) == pytest.approx(below, abs=1e-6)
    assert laid(window).point_to_fixed(before.point_to_moving(about)) == pytest.approx(about, abs=1e-6)
    window.run("undo-registering")
    window.run("undo-registering")
    assert by.in_force(case) is None


def test_clicks_place_landmarks_which_are_listed(window: MainWindow) -> None:
    there = pair(window)
    window.run("registration")
    case = case_of(window)
    number = next(n for n, tile in enumerate(case.tiles) if tile.display_set == there.fixed.key)
    tile = window.reading.grid.tiles[case.shown.index(number)]
    screen = tile.screen()
    assert screen is not None
    window.run("place-landmarks")
    hand = window.reading.grid.hand
    hand.press(tile, (50.5, 40.5), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    hand.release((50.5, 40.5))
    (mark,) = case.registering.landmarks
    assert mark.fixed == pytest.approx(screen.point(50, 40)) and mark.moving is None
    panel(window).follow()
    assert panel(window).marks.item(0).text() == "1   click it in the moving images"


def test_the_engine_lays_them_and_a_saved_registration_is_there_again(window: MainWindow, prepared: Prepared) -> None:
    there, case = pair(window), case_of(window)
    window.run("registration")
    seen: list[str] = []
    case.changed.connect(lambda _: seen.append(found.said if (found := by.laid_now(case, there)) else ""))
    window.run("register-rigid")
    assert desk(window).is_busy and panel(window).start.text() == "Stop"
    until(lambda: not desk(window).is_busy)
    assert "still being registered" in seen
    assert np.abs(np.subtract(laid(window).point_to_moving((0, 0, 0)), AWAY)).max() < 1.0
    assert laid(window).said == "registered, not verified" and len(case_of(window).alignment.registrations) == 1
    assert "NOT VERIFIED" in panel(window).standing.text()
    assert "accepted" in desk(window).why_not_save()
    window.run("accept-registration")
    assert "accepted" in panel(window).standing.text()
    uid = now(window).uid
    window.run("save-registration")
    until(lambda: not desk(window).why_not_save().startswith("The last"))
    assert desk(window).why_not_save() == "This registration is saved."
    closed(window)
    again = opened(prepared)
    pair(again)
    until(lambda: by.in_force(case_of(again)) is not None)
    assert now(again).accepted and now(again).uid == uid
    assert np.abs(np.subtract(laid(again).point_to_moving((0, 0, 0)), AWAY)).max() < 1.0
    assert desk(again).why_not_save() == "This registration is saved."
    again.run("registration")
    again.run("reject-registration")
    assert "stays in the study" in panel(again).note.text()
    closed(again)
    jobs.shutdown()
    jobs.drain()
    assert among(prepared.home, [uid]) == {uid}
    once_more = opened(prepared)
    pair(once_more)
    until(lambda: case_of(once_more).registering.rejected == {uid})
    assert by.in_force(case_of(once_more)) is None
    once_more.run("registration")
    assert "stays in the study" in panel(once_more).note.text()
    closed(once_more)
