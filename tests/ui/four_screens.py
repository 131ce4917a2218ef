"""A program of its own, because screens are chosen when Qt starts: a window on one, two and the last of four screens.

Prints what it saw as JSON; `test_four_screens` judges it.
"""

import json
import sys
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from tests.ui.two_screens import at_rest, until
from workstation import jobs, paths
from workstation.ui.places import Places, places_file, show_at
from workstation.ui.screens import screens_of
from workstation.ui.sweeper import Sweeper
from workstation.ui.window import MainWindow


def main(study: str, places_in: Path) -> None:
    application = QApplication(["four"])
    sweeper = Sweeper()
    said: dict[str, Any] = {}
    window = MainWindow(paths.home(), places=Places(places_in))
    for name, rect in (
        ("one", (2048, 0, 2048, 2560)),
        ("pair", (0, 0, 4096, 2560)),
        ("all", (0, 0, 8192, 2560)),
        ("small", (2300, 100, 900, 700)),
    ):
        window.setGeometry(*rect)
        window.show()
        said[name] = screens_of(window)
    window.setGeometry(2048, 0, 2048, 2560)
    window.open_study(study)
    until(lambda: window.reading.case is not None)
    at_rest(window)
    said["layout"] = window.reading.case.layout if window.reading.case else None
    said["shapes"] = [[tile.rect.width(), tile.rect.height()] for tile in window.reading.grid.tiles]
    said["share"] = sum(w * h for w, h in said["shapes"]) / (2048 * 2560)
    window.setGeometry(0, 0, 4096, 2560)
    window.open_study(study)
    at_rest(window)
    said["across"] = [[tile.rect.x(), tile.rect.width()] for tile in window.reading.grid.tiles]
    said["page_px"] = window.reading.grid.width()
    window.run("tile-to-the-second-window")
    at_rest(window)
    second = window.elsewhere.window
    assert second is not None
    said["second"] = [second.screen().name(), second.geometry().width() > 2000]
    second.showNormal()
    second.setGeometry(6300, 200, 1500, 2000)
    at_rest(window)
    window.elsewhere.bring_back()
    window.setGeometry(6200, 100, 1800, 2300)
    at_rest(window)
    window.close()
    places = window.places
    places.save()
    again = MainWindow(paths.home(), places=Places(places_in))
    show_at(again, again.places.get("main"), again.screen(), maximised=True)
    said["main_again"] = [again.screen().name(), list(again.geometry().getRect())]  # type: ignore[call-overload]
    said["second_again"] = again.places.get("second").screen if again.places.get("second") else None  # type: ignore[union-attr]
    again.close()
    until(lambda: not jobs.active())
    jobs.shutdown()
    print(json.dumps(said))
    sweeper.stop()
    del application


if __name__ == "__main__":
    main(sys.argv[1], places_file(paths.home()))
