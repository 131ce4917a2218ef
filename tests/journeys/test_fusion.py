"""Fused tiles through X: window and snapshot alike, each command pressed, the hand on edge, glass and bar, a probe."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from tests.journeys.desk import START, Desk, State, part
from tests.journeys.test_window_snapshot import green
from workstation.bench.screen import Screen
from workstation.cache.importer import import_paths
from workstation.paths import Home

_PRESSED: Final = "test_each_way_of_laying_a_pet_over_a_ct_is_a_key"
FUSED: Final = dict.fromkeys(
    (
        *("fuse", "fuse-with-the-next", "add-a-layer", "take-layers-off", "flicker-layer", "more-of-the-layer"),
        *("less-of-the-layer", "next-layer-palette", "window-on-the-layer", "low-values-clear", "mix-layer"),
        *("swipe-layer", "spyglass-layer", "layer-alone", "difference-layer", "swap-layers"),
    ),
    _PRESSED,
)
"""The commands that these tests press."""

TILE: Final = 3
"""The fused one of the stage, from 1."""


@pytest.fixture(scope="module")
def home(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real thigh: CT, PET and MR of one frame of reference."""
    folder = data_dir / "petctmr_sts_006" / "dicom" / "STS_006"
    made = Home(tmp_path_factory.mktemp("fused") / "home").create()
    import_paths(made, [folder / each / "image" for each in ("CT", "PET", "MR_T1")])
    (made.root / "settings.toml").write_text("[tiles]\nreturn_to_place = false\n", encoding="utf-8")
    return made.root


@pytest.fixture(scope="module")
def desk(home: Path, tool: Callable[[str], Path]) -> Iterator[Desk]:
    tool("Xvfb")
    with Screen(1280, 900) as screen:
        desk = Desk(screen, tool("xdotool"), home, protocol="pet-ct")
        try:
            yield desk
        finally:
            said = desk.close() if desk.process.poll() is None else ""
    assert said == ""


def layers(state: State) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = state["tiles"][TILE - 1]["layers"]
    return found


def opened(desk: Desk) -> State:
    """The study with the fused tile in hand, its layer drawn."""
    study = desk.until(lambda s: s["list"]["studies"], "the list", moving=True)["list"]["studies"][0]
    desk.open(study)
    desk.until(lambda s: layers(s)[0]["drawn"] and s["tiles"][TILE - 1]["series_instance_uid"], "the fused tile")
    state = desk.state()
    for _ in range(TILE - 1):
        if state["tiles"][TILE - 1]["active"]:
            break
        before = state
        desk.press("Tab")
        state = desk.until(lambda s, b=before: _active(s) != _active(b), "the next tile")  # type: ignore[misc]
    return desk.until(lambda s: s["tiles"][TILE - 1]["active"], "the fused tile in hand")


def _active(state: State) -> list[bool]:
    return [each["active"] for each in state["tiles"]]


def test_a_fused_window_is_the_snapshot_pixel_for_pixel(desk: Desk, home: Path, tmp_path: Path) -> None:
    study = desk.until(lambda s: s["list"]["studies"], "the list", moving=True)["list"]["studies"][0]
    desk.open(study)
    state, screen = desk.seen(lambda s: layers(s)[0]["drawn"], "the fused tile")
    _, _, width, height = state["grid"]
    out = tmp_path / "snapshot.png"
    arguments = ["snapshot", study, "--protocol", "pet-ct", "--size", f"{width}x{height}", "--out", str(out)]
    environment = {**os.environ, "HOUNSFIELD_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", START, *arguments], env=environment, check=True, timeout=120)
    fused = state["tiles"][TILE - 1]["rect"]
    left, top, _, _ = state["grid"]
    drawn, seen = part(green(out), [fused[0] - left, fused[1] - top, *fused[2:]]), part(screen, fused)
    assert seen.std() > 20
    assert np.argwhere(drawn != seen).tolist() == []


def test_each_way_of_laying_a_pet_over_a_ct_is_a_key(desk: Desk) -> None:
    opened(desk)

    def press(key: str, wanted: Callable[[dict[str, Any]], bool]) -> None:
        desk.press(key)
        desk.until(lambda s: wanted(layers(s)[0]), f"what {key} does")

    press("F11", lambda layer: layer["hidden"])
    press("F11", lambda layer: not layer["hidden"])
    press("Alt+9", lambda layer: layer["opacity"] == 0.6)
    press("Alt+8", lambda layer: layer["opacity"] == 0.5)
    press("Alt+0", lambda layer: layer["palette"] == "PET")
    press("Alt+F11", lambda layer: layer["below_is_clear"])
    press("Shift+F11", lambda layer: layer["blend"] == "swipe")
    x, y, width, height = desk.state()["tiles"][TILE - 1]["rect"]
    desk.drag((x + width / 2, y + height / 4), (-width // 4, 0))
    desk.until(lambda s: abs(layers(s)[0]["at"][0] - 0.25) < 0.01, "the edge dragged")
    press("Shift+F12", lambda layer: layer["blend"] == "spyglass")
    desk.hand("mousemove", x + width // 3, y + height // 3)
    desk.until(lambda s: abs(layers(s)[0]["at"][1] - 1 / 3) < 0.01, "the glass under the pointer")
    press("Ctrl+F12", lambda layer: layer["blend"] == "flicker")
    press("Alt+F12", lambda layer: layer["blend"] == "difference")
    press("Ctrl+F11", lambda layer: layer["blend"] == "mix")
    desk.press("F12", "L")
    desk.until(lambda s: layers(s)[0]["palette"] == "HOT_METAL_BLUE", "the palette of the layer in hand")
    desk.press("Alt+F5")
    desk.until(lambda s: len(layers(s)) == 2, "a second layer")
    desk.press("Ctrl+F5")
    desk.until(lambda s: not layers(s), "no layer")
    desk.press("F5")
    pet = desk.until(lambda s: layers(s)[0]["palette"] == "HOT_IRON", "the PET again")
    series = layers(pet)[0]["series_instance_uid"]
    press("Shift+F5", lambda layer: layer["series_instance_uid"] != series and layer["drawn"])
    press("Shift+F5", lambda layer: layer["series_instance_uid"] == series and layer["drawn"])
    desk.press("Alt+Shift+F5")
    desk.until(lambda s: s["tiles"][TILE - 1]["series_instance_uid"] == series, "the PET below")


def test_a_probe_on_a_fused_tile_tells_both_series(desk: Desk) -> None:
    state = opened(desk)
    x, y, width, height = state["tiles"][TILE - 1]["rect"]
    desk.press("Shift+V")
    desk.until(lambda s: s["findings"]["tool"] == "probe", "the tool")
    desk.click((x + width / 2 + 40, y + height / 2 + 30))

    def units(state: State) -> dict[str, str]:
        found = state["tiles"][TILE - 1]["findings"][0]
        return {each["name"]: each["unit"] for each in found["values"]}

    desk.until(lambda s: units(s) == {"Value": "HU", "PT Value": "SUVbw"}, "both values")
    desk.press("Ctrl+Z")
    desk.until(lambda s: s["findings"]["count"] == 0 and s["findings"]["saved"], "it taken back")
