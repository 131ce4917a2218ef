"""A program of its own, because screens are chosen when Qt starts: two screens of ratios 1 and 2, and one window each.

Prints what it saw as JSON; `test_second_window` judges it.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.test_tile_grid import pixels
from workstation import jobs, paths
from workstation.loading.load import Loader
from workstation.phantom.coded import STUDY as CODED
from workstation.picture.page import picture_of
from workstation.ui.places import Places, places_file
from workstation.ui.second_window import SecondWindow
from workstation.ui.sweeper import Sweeper
from workstation.ui.window import MainWindow


def until(seen: Callable[[], object]) -> None:
    while not seen():
        jobs.drain(0.02)
        QApplication.processEvents()


def at_rest(window: MainWindow) -> None:
    def rests() -> bool:
        second = window.elsewhere.window
        tiles = window.reading.grid.tiles + (second.grid.tiles if second else [])
        return not jobs.active() and not jobs.drain() and not any(tile.busy for tile in tiles)

    QApplication.processEvents()
    until(rests)


def main(study: str, places_in: Path) -> None:
    application = QApplication(["two"])
    sweeper = Sweeper()
    places = Places(places_in)
    window = MainWindow(paths.home(), protocol="images", places=places)
    window.setGeometry(100, 50, 1000, 800)
    window.show()
    window.open_study(study)
    until(lambda: window.reading.case is not None)
    case = window.reading.case
    assert case is not None
    case.hang_stage(1)
    case.activate(1)
    at_rest(window)
    window.run("tile-to-the-second-window")
    at_rest(window)
    second = window.elsewhere.window
    assert second is not None
    said = {"moved": _seen(window, second), "differ": _differ(window, second)}
    before = case.crosshair(case.sets[case.tiles[1].display_set or ""])
    QTest.keyClick(second, Qt.Key.Key_Down)
    at_rest(window)
    said["scrolled"] = case.crosshair(case.sets[case.tiles[1].display_set or ""]) != before
    said["after_key"] = _differ(window, second)
    window.settings.set("magnifier.size", 333)
    window.settings.set("mouse.wheel", "up-is-next")
    said["obeyed"] = [second.grid.magnifier.size_px, second.grid.wheel_sign, window.reading.grid.wheel_sign]
    second.showNormal()
    second.setGeometry(300, 100, 500, 400)
    at_rest(window)
    said["on_left"] = _seen(window, second) | {"differ": _differ(window, second)}
    second.setGeometry(1700, 100, 500, 400)
    at_rest(window)
    QTest.keyClick(second, Qt.Key.Key_Escape)
    at_rest(window)
    said["closed"] = {
        "page": window.facts()["page"],
        "second": window.facts()["second_window"],
        "tiles": [tile.number for tile in window.reading.grid.tiles],
    }
    said["peeked"] = _peeked(window)
    second = window.elsewhere.window
    assert second is not None
    second.showNormal()
    second.setGeometry(1700, 100, 500, 400)
    at_rest(window)
    window.close()
    places.save()
    said["places"] = json.loads(places_in.read_text(encoding="utf-8"))
    jobs.shutdown()
    print(json.dumps(said))
    sweeper.stop()
    del application


def _peeked(window: MainWindow) -> list[bool]:
    """Whether a held key shows another series in the second window, and the first one again when it is let go."""
    window.open_study(CODED.study_instance_uid)
    until(lambda: window.facts()["study_instance_uid"] == CODED.study_instance_uid)
    at_rest(window)
    window.run("tile-to-the-second-window")
    at_rest(window)
    case, second = window.reading.case, window.elsewhere.window
    assert case is not None and second is not None
    first = case.tiles[case.active].display_set
    QTest.keyPress(second, Qt.Key.Key_X)
    at_rest(window)
    other = case.tiles[case.active].display_set
    window.reading._peeked_s -= 1.0  # it was held for a second
    QTest.keyRelease(second, Qt.Key.Key_X)
    at_rest(window)
    return [other != first, case.tiles[case.active].display_set == first]


def _seen(window: MainWindow, second: SecondWindow) -> dict[str, Any]:
    tile = second.grid.tiles[0]
    assert tile.picture is not None
    return {
        "screens": [window.screen().name(), second.screen().name()],
        "ratios": [window.devicePixelRatioF(), second.devicePixelRatioF()],
        "tiles": [[each.number for each in grid.tiles] for grid in (window.reading.grid, second.grid)],
        "logical": [second.grid.width(), second.grid.height()],
        "picture": [tile.picture.image.width(), tile.picture.image.height()],
    }


def _differ(window: MainWindow, second: SecondWindow) -> int:
    """Pixels of the second window that are not those the composer makes for its device pixels."""
    case, loader = window.reading.case, window.loader
    assert case is not None and isinstance(loader, Loader)
    shown = pixels(second.grid.grab().toImage())
    made = picture_of(case, 1, loader, (shown.shape[1], shown.shape[0]), second.devicePixelRatioF()).image
    return int(np.count_nonzero(shown != pixels(made)))


if __name__ == "__main__":
    main(sys.argv[1], places_file(paths.home()))
