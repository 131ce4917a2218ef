"""Tiles go to a second window and come back; its keys work; places are remembered while their screen is there."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from workstation.paths import Home
from workstation.phantom.trunk import ADA
from workstation.ui import places
from workstation.ui.places import Place, Places

SCREENS = {
    "screens": [
        {"name": "left", "x": 0, "y": 0, "width": 1600, "height": 1200, "logicalDpi": 96, "logicalBaseDpi": 96},
        {"name": "right", "x": 1600, "y": 0, "width": 2400, "height": 3200, "logicalDpi": 192, "logicalBaseDpi": 96},
    ]
}
"""As the offscreen platform reads them: 1600 x 1200 at ratio 1 and 1200 x 1600 at ratio 2."""


@pytest.fixture(scope="module")
def said(cache: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    config = tmp_path_factory.mktemp("screens") / "screens.json"
    config.write_text(json.dumps(SCREENS), encoding="utf-8")
    checkout = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"}
    environment["HOUNSFIELD_HOME"] = str(cache.root)
    environment["PYTHONPATH"] = os.pathsep.join([checkout, os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "tests.ui.two_screens", ADA.study_instance_uid]
    done = subprocess.run(command, env=environment, cwd=checkout, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_active_tile_moves_to_the_other_screen_in_its_own_pixel_ratio(said: dict[str, Any]) -> None:
    moved = said["moved"]
    assert moved["screens"] == ["left", "right"]
    assert moved["ratios"] == [1.0, 2.0]
    assert moved["tiles"] == [[0, 2, 3], [1]]
    assert moved["picture"] == [2 * each for each in moved["logical"]]
    assert moved["logical"][0] >= 1196, "it fills the other screen but for its frame"
    assert said["differ"] == 0


def test_keys_work_there_and_its_picture_follows(said: dict[str, Any]) -> None:
    assert said["scrolled"] is True
    assert said["after_key"] == 0


def test_a_held_key_peeks_there_and_settings_are_obeyed_at_once(said: dict[str, Any]) -> None:
    assert said["peeked"] == [True, True]
    size_px, there, here = said["obeyed"]
    assert size_px == 333 and there == here


def test_moved_to_the_first_screen_it_is_made_anew_for_its_ratio(said: dict[str, Any]) -> None:
    on_left = said["on_left"]
    assert on_left["ratios"] == [1.0, 1.0]
    assert on_left["picture"] == on_left["logical"] and on_left["logical"][0] == 500
    assert on_left["differ"] == 0


def test_esc_there_brings_the_tile_back_and_leaves_no_study(said: dict[str, Any]) -> None:
    assert said["closed"] == {"page": "reading", "second": None, "tiles": [0, 1, 2, 3]}


def test_both_windows_places_are_kept(said: dict[str, Any]) -> None:
    assert said["places"]["main"] == {"screen": "left", "rect": [100, 50, 1000, 800], "maximised": False}
    assert said["places"]["second"] == {"screen": "right", "rect": [1700, 100, 500, 400], "maximised": False}


@pytest.fixture
def widget(qapp: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    yield made
    made.close()


def test_a_window_comes_back_where_it_was(widget: QWidget, tmp_path: Path) -> None:
    screen = widget.screen()
    widget.setGeometry(20, 30, 400, 300)
    kept = Places(tmp_path / "windows.json")
    kept.note("main", widget)
    kept.save()
    assert (tmp_path / "windows.json").stat().st_mode & 0o077 == 0
    place = Places(tmp_path / "windows.json").get("main")
    assert place == Place(screen.name(), (20, 30, 400, 300), False)
    widget.setGeometry(0, 0, 100, 100)
    places.show_at(widget, place, screen, maximised=True)
    assert widget.geometry().getRect() == (20, 30, 400, 300) and not widget.isMaximized()


@pytest.mark.parametrize(
    "place",
    [None, Place("a screen that is gone", (20, 30, 400, 300), False), Place("here", (99_000, 30, 400, 300), False)],
    ids=["none", "screen gone", "off the screen"],
)
def test_a_place_that_cannot_be_seen_is_not_used(place: Place | None, widget: QWidget) -> None:
    screen = widget.screen()
    if place is not None and place.screen == "here":
        place = Place(screen.name(), place.rect, False)
    places.show_at(widget, place, screen, maximised=True)
    assert widget.isMaximized() and widget.size() == screen.availableGeometry().size()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"main": 3}',
        '{"main": {"rect": [1, 2, 3]}}',
        '{"main": {"rect": [1, 2, 3, true]}}',
        '{"main": {"rect": [1e99, 2, 3, 4]}}',
        "[" * 90_000,
    ],
)
def test_a_damaged_file_knows_no_places(text: str, tmp_path: Path) -> None:
    file = tmp_path / "windows.json"
    file.write_text(text, encoding="utf-8")
    assert Places(file).get("main") is None
