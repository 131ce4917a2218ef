"""PET's tools through X: each of their commands pressed by a hand, and its effect read back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.journeys.desk import Desk, State, middle
from tests.ui.test_pet_desk import write_studies
from workstation.bench.screen import Screen
from workstation.cache.importer import import_paths
from workstation.paths import Home
from workstation.phantom.whole_body import PET_CT

_LESIONS: Final = "test_lesions_and_references_are_keys_and_clicks"
_CURVES: Final = "test_curves_over_time_are_a_key"
PET_TOOLS: Final = {
    **dict.fromkeys(
        (
            *("pet-panel", "all-lesions", "keep-the-lesions", "leave-the-proposed-spots", "export-the-lesions"),
            *("pet-hot-spot", "pet-take-out-or-bring-back", "pet-liver-reference", "pet-blood-pool-reference"),
            *("pet-mediastinum-reference", "propose-references"),
        ),
        _LESIONS,
    ),
    "time-activity-curve": _CURVES,
    "export-the-curves": _CURVES,
}
"""The commands that these tests press."""


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


@pytest.fixture(scope="module")
def desk(exports: Path, tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], Path]) -> Iterator[Desk]:
    tool("Xvfb")
    folder = tmp_path_factory.mktemp("pet")
    write_studies(folder / "files")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "files"])
    (home.root / "settings.toml").write_text(f'[export]\nfolder = "{exports}"\n', encoding="utf-8")
    with Screen(1280, 900) as screen:
        desk = Desk(screen, tool("xdotool"), home.root, protocol="images")
        try:
            yield desk
        finally:
            said = desk.close() if desk.process.poll() is None else ""
    assert said == ""


def pet(state: State) -> dict[str, Any]:
    found: dict[str, Any] = state["pet"]
    return found


def names(state: State) -> list[str]:
    return [each["name"] for each in state["findings"]["segments"]["list"]]


def test_lesions_and_references_are_keys_and_clicks(desk: Desk, exports: Path) -> None:
    desk.open(PET_CT.study_instance_uid)
    desk.press("Ctrl+F7")
    desk.until(lambda s: pet(s)["panel"]["open"] and "SUVbw" in pet(s)["panel"]["title"], "the panel")
    desk.press("Alt+Shift+A")
    state = desk.until(lambda s: pet(s)["proposed"] == {"kept": 3, "found": 3}, "all lesions")
    desk.press("Alt+Shift+X")
    desk.until(lambda s: s["findings"]["tool"] == "take-out-or-bring-back", "the tool that takes out")
    desk.press("Alt+Shift+N")
    desk.until(lambda s: pet(s)["proposed"] is None, "nothing proposed")
    desk.press("Alt+Shift+A")
    desk.until(lambda s: pet(s)["proposed"], "all lesions again")
    desk.press("Alt+Shift+O")
    desk.until(lambda s: len(names(s)) == 3 and pet(s)["proposed"] is None, "segments of them")
    for count, (key, wanted) in enumerate(
        (
            ("Alt+Shift+V", "Liver reference"),
            ("Alt+Shift+B", "Blood pool reference"),
            ("Alt+Shift+I", "Mediastinum reference"),
            ("Alt+Shift+H", "Segment 7"),
        ),
        start=4,
    ):
        desk.press(key)
        desk.until(lambda s: s["findings"]["tool"].endswith(("reference", "hot-spot")), f"the tool of {key}")
        desk.click(middle(state))
        desk.until(lambda s, n=count, w=wanted: len(names(s)) == n and w in names(s), wanted)  # type: ignore[misc]
        desk.press("Esc")
        desk.until(lambda s: not s["findings"]["tool"], "no tool")
    desk.until(lambda s: len(pet(s)["panel"]["rows"]) == 4 and "computing" not in str(pet(s)["panel"]), "all values")
    desk.press("Alt+Shift+E")
    desk.until(lambda s: list(exports.glob("*-lesions.csv")), "the table as a file")
    desk.press("Alt+Shift+R")
    desk.until(lambda s: "liver" in s["message"], "what came of the proposal")


def test_curves_over_time_are_a_key(desk: Desk, exports: Path) -> None:
    state = desk.open(replace(PET_CT, study_id="77").study_instance_uid)
    desk.press("Alt+Shift+I")
    desk.until(lambda s: s["findings"]["tool"] == "mediastinum-reference", "the tool")
    desk.click(middle(state))
    desk.until(lambda s: len(names(s)) == 1, "a region")
    desk.press("Esc")
    desk.until(lambda s: not s["findings"]["tool"], "no tool")
    desk.press("Alt+Shift+T")
    desk.until(lambda s: len(pet(s)["activity"]["curves"]) == 1 and not pet(s)["activity"]["busy"], "its curve")
    desk.press("Ctrl+Alt+Shift+T")
    desk.until(lambda s: list(exports.glob("*-curves.csv")), "the curve as a file")
