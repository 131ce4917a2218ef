"""Four portrait screens of five megapixels: what a window on them hangs for, how tiles lie, and places that stay."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workstation.paths import Home
from workstation.phantom.coded import STUDY as CODED

SCREENS = {
    "screens": [
        {"name": name, "x": 2048 * number, "y": 0, "width": 2048, "height": 2560, "logicalDpi": 96,
         "logicalBaseDpi": 96} for number, name in enumerate(("first", "second", "third", "fourth"))
    ]
}  # fmt: skip


@pytest.fixture(scope="module")
def said(cache: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    config = tmp_path_factory.mktemp("screens") / "screens.json"
    config.write_text(json.dumps(SCREENS), encoding="utf-8")
    checkout = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"}
    environment["HOUNSFIELD_HOME"] = str(cache.root)
    environment["PYTHONPATH"] = os.pathsep.join([checkout, os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "tests.ui.four_screens", CODED.study_instance_uid]
    done = subprocess.run(command, env=environment, cwd=checkout, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_window_hangs_for_the_screens_it_lies_on(said: dict[str, Any]) -> None:
    assert (said["one"], said["pair"], said["all"]) == ("one portrait", "two portrait", "two portrait")
    assert said["small"] == "one portrait", "less than half of any: the one it is on"


def test_on_one_upright_screen_tiles_lie_below_each_other(said: dict[str, Any]) -> None:
    rows, columns = said["layout"]
    assert rows >= columns
    assert len({width for width, _ in said["shapes"]}) == 1
    assert said["share"] > 0.85


def test_over_a_pair_no_tile_lies_across_the_gap(said: dict[str, Any]) -> None:
    middle = said["page_px"] / 2
    assert said["across"]
    for left, width in said["across"]:
        assert left + width <= middle + 1 or left >= middle - 1


def test_the_second_window_fills_another_screen_and_places_are_kept(said: dict[str, Any]) -> None:
    assert said["second"][0] != "second" and said["second"][1]
    assert said["main_again"] == ["fourth", [6200, 100, 1800, 2300]]
    assert said["second_again"] == "fourth"
