"""Opening a study: what is said of it only once it was seen, and loading that is stopped and goes on."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import settle
from tests.ui.test_window import at_rest
from workstation import jobs
from workstation.cache.entries import ReadingStatus
from workstation.cache.index import Index
from workstation.case.state import Case
from workstation.loading.load import Loader, Loading
from workstation.paths import Home
from workstation.phantom.trunk import ADA
from workstation.ui import opening
from workstation.ui.window import MainWindow

TRUNK = ADA.study_instance_uid


@pytest.fixture
def window(cache: Home, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setattr(opening, "OPENED_AFTER_MS", 1)
    made = MainWindow(cache, protocol="images")
    made.resize(900, 700)
    made.show()
    yield at_rest(made)
    made.close()
    settle()


def until(wanted: Callable[[], object]) -> None:
    while not wanted():
        jobs.drain(0.02)
        QApplication.processEvents()


def status(window: MainWindow) -> str:
    return str(window.facts()["list"]["status"][TRUNK])


def test_a_parked_study_stays_parked_until_an_image_of_it_was_shown(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.open_study(TRUNK)
    at_rest(window)
    window.run("park")
    until(lambda: status(window) == "parked")
    monkeypatch.setattr(window.reading.grid, "_submit", lambda *given, **named: None)  # no picture is ever made
    for tile in window.reading.grid.tiles or window.reading.grid._places:
        monkeypatch.setattr(tile, "_submit", lambda *given, **named: None)
    window.open_study(TRUNK)
    until(lambda: window.reading.case is not None)
    asked = 0

    def looked(study: str) -> bool:
        nonlocal asked
        asked += 1
        return False

    monkeypatch.setattr(window.opening, "_is_shown", looked)
    until(lambda: asked >= 2)
    assert status(window) == ReadingStatus.PARKED
    monkeypatch.undo()


def image(window: MainWindow) -> int | None:
    """The image of the first tile once it is painted."""
    at_rest(window)
    tiles = window.facts()["tiles"]
    return tiles[0].get("image") if tiles else None


def test_a_study_that_is_left_returns_to_its_place_in_this_session(window: MainWindow) -> None:
    window.open_study(TRUNK)
    until(lambda: window.reading.case is not None and image(window))
    start = image(window)
    window.run("next-image")
    window.run("invert")
    until(lambda: image(window) != start)
    left = image(window)
    window.reading.leave()
    at_rest(window)
    window.open_study(TRUNK)
    until(lambda: window.reading.case is not None and image(window) == left)
    assert window.facts()["tiles"][0]["inverted"] and window.facts()["message"] == "As you left it."
    window.reading.leave()
    window.settings.set("tiles.return_to_place", False)
    window.open_study(TRUNK)
    until(lambda: window.reading.case is not None and image(window) == start)
    assert not window.facts()["tiles"][0]["inverted"]


def test_a_parked_place_is_not_spent_by_opening_it(window: MainWindow, cache: Home) -> None:
    window.open_study(TRUNK)
    until(lambda: window.reading.case is not None and image(window))
    window.run("next-image")
    until(lambda: not window.reading.grid.tiles[0].busy)
    place = image(window)
    window.run("park")
    at_rest(window)
    assert status(window) == "parked"
    for _ in range(2):
        window.opening._places.clear()  # as if the program had ended in between
        window.open_study(TRUNK)
        until(lambda: window.reading.case is not None and image(window) == place)
        assert "It stays parked" in window.facts()["message"]
        window.opening._note_opened(TRUNK)
        at_rest(window)
        window.run("next-image")
        window.reading.leave()
        at_rest(window)
        assert status(window) == "parked"
    window.list.store.set_status(TRUNK, ReadingStatus.READ)
    until(lambda: status(window) == "read")
    with Index(cache) as index:
        assert index.parked(TRUNK) is None


def test_a_study_that_was_seen_is_opened(window: MainWindow) -> None:
    window.list.store.set_status(TRUNK, ReadingStatus.UNREAD)
    until(lambda: status(window) == "unread")
    window.open_study(TRUNK)
    until(lambda: status(window) == "opened")
    assert window.opening._is_shown(TRUNK)


def test_paused_loading_goes_on_where_an_image_is_missing(opened: Callable[[str, str, int], Case], cache: Home) -> None:
    case = opened(TRUNK, "images", 1)
    display_set = next(iter(case.sets.values()))
    loading = Loading(display_set, case.digests, cache, lambda key: None)
    loading.pause()
    loading.start()
    until(lambda: not jobs.active())
    assert loading.voxels.arrived == 0 and loading.is_paused
    loading.want(5)
    assert loading.wait(30) and not loading.is_paused
    until(lambda: not jobs.active())


def test_stop_in_the_status_line_stops_the_loading(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[bool] = []
    monkeypatch.setattr(Loader, "pause", lambda self: paused.append(True))
    window.open_study(TRUNK)
    until(lambda: window.reading.case is not None)
    window.status.say_loading(3, 54)
    window.run("stop-what-is-under-way")
    assert paused == [True] and window.facts()["message"].startswith("Loading was stopped")
    at_rest(window)


def test_how_many_images_are_there_is_said_a_few_times_a_second(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.open_study(TRUNK)
    until(lambda: window.reading.case is not None)
    at_rest(window)
    until(lambda: not window.opening._counts.isActive())
    said: list[int] = []
    monkeypatch.setattr(window.status, "say_loading", lambda there, total: said.append(there))
    for _ in range(20):
        window.opening.arrived(next(iter(window.reading.case.sets)))  # type: ignore[union-attr]
    assert not said
    until(lambda: bool(said))
    assert len(said) == 1 and said[0] > 0
