"""Every command there is, pressed by a hand through X on a large and on a small screen, and its effect read back."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys import (
    test_fusion,
    test_marks,
    test_pet_tools,
    test_query,
    test_save,
    test_volume,
    test_volume_measures,
)
from tests.journeys.desk import Desk, State, told
from tests.journeys.expected import EXPECTED, PHASES, TRUNK, TWO_SERIES
from tests.journeys.expected_segments import SEGMENTED
from tests.journeys.expected_window import AROUND, WALKED, status
from tests.journeys.test_fusion import FUSED
from tests.journeys.test_marks import MARKED
from tests.journeys.test_pet_tools import PET_TOOLS
from tests.journeys.test_volume import VOLUMES
from tests.journeys.test_volume_measures import MEASURED
from tests.ui import test_pet_keys
from tests.ui.test_pet_keys import SUV
from tests.ui.test_registration_keys import REGISTERED
from workstation.bench.screen import Screen
from workstation.case.commands import COMMANDS
from workstation.ui.window_commands import all_commands

LINKS = 12_000
"""Files of an import long enough to be stopped; all are one."""


@pytest.fixture(scope="module", params=[(1600, 1200), (1280, 800)], ids=["large", "small"])
def desk(request: pytest.FixtureRequest, prepared: Path, tool: Callable[[str], Path]) -> Iterator[Desk]:
    tool("Xvfb")
    with Screen(*request.param) as screen:
        desk = Desk(screen, tool("xdotool"), prepared)
        try:
            state = desk.until(bool, "the list")
            assert state["list"]["studies"]
            yield desk
        finally:
            said = desk.close() if desk.process.poll() is None else ""
    assert said == ""


def test_every_command_has_a_line_or_a_test_that_presses_it() -> None:
    in_groups = (*AROUND, *MARKED, *SEGMENTED, *VOLUMES, *MEASURED, *FUSED, *PET_TOOLS, *SUV, *REGISTERED)
    assert sorted([*EXPECTED, *WALKED, *in_groups]) == sorted(all_commands())
    pressed_elsewhere = set(in_groups)
    assert EXPECTED.keys() == COMMANDS.keys() - pressed_elsewhere
    assert set(VOLUMES.values()) <= vars(test_volume).keys()
    assert set(MEASURED.values()) <= vars(test_volume_measures).keys()
    assert set(FUSED.values()) <= vars(test_fusion).keys()
    assert set(PET_TOOLS.values()) <= vars(test_pet_tools).keys()
    assert set(SUV.values()) <= vars(test_pet_keys).keys()
    assert {test for tests in MARKED.values() for test in tests} <= vars(test_marks).keys()
    assert set(WALKED.values()) <= globals().keys() | vars(test_query).keys() | vars(test_save).keys()


def pressed(desk: Desk, keys: tuple[str, ...], before: State) -> State:
    """What is there once each of these keys did something."""
    for key in keys:
        old = before
        desk.press(key)
        before = desk.until(lambda state, old=old: told(state) != told(old), f"what {key} does")  # type: ignore[misc]
    return before


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in EXPECTED for key in COMMANDS[name].keys])
def test_a_key_does_what_its_command_says(name: str, key: str, desk: Desk) -> None:
    study, stage, beforehand, changed = EXPECTED[name]
    before = pressed(desk, beforehand, desk.open(study, stage))
    desk.press(key)
    after = desk.until(lambda after: changed(before, after), f"what {key} says: {COMMANDS[name].help}")
    assert after["dialog"] is None


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in AROUND for key in all_commands()[name].keys])
def test_a_key_does_what_its_command_of_the_window_says(name: str, key: str, desk: Desk) -> None:
    line = AROUND[name]
    start = desk.choose(line.study) if line.listed else desk.open(line.study)
    if line.beforehand:
        desk.press(*line.beforehand)
    before = desk.until(line.ready, f"what {line.beforehand} do") if line.beforehand else start
    desk.press(key)
    after = desk.until(lambda after: line.check(before, after), f"what {key} says: {all_commands()[name].help}")
    assert after["dialog"] is None
    for back in line.afterwards:
        desk.press(back)
        desk.until(lambda s: told(s) != told(after) or not line.check(before, s), f"what {back} does")


def test_the_list_is_walked_from_the_open_study(desk: Desk) -> None:
    rows = desk.choose(PHASES)["list"]["studies"]
    if status(desk.state(), PHASES) != "read":
        desk.press("Ctrl+M")
        desk.until(lambda s: status(s, PHASES) == "read", "it read")
    desk.press("Ctrl+M")
    desk.until(lambda s: status(s, PHASES) == "unread", "one unread")
    desk.open(rows[0])
    desk.press("Ctrl+Next")
    desk.until(lambda s: s["study_instance_uid"] == rows[1], "the study below")
    desk.press("Ctrl+Prior")
    desk.until(lambda s: s["study_instance_uid"] == rows[0], "the study above")
    desk.open(TRUNK)
    desk.press("Ctrl+U")
    desk.until(lambda s: s["study_instance_uid"] == PHASES, "the one that is unread")
    desk.press("Ctrl+Return")
    desk.until(lambda s: status(s, PHASES) == "read", "the last one read")


def test_what_has_no_key_is_run_by_name(desk: Desk) -> None:
    desk.choose(TWO_SERIES)
    state = desk.command("Remove from the cache")
    assert state["palette"]["chosen"] == "remove-the-study"
    assert state["palette"]["said"] == "Not now: The role of whoever sits here does not allow this."
    still = desk.until(lambda s: s["palette"]["open"], "the palette, which stays")
    assert TWO_SERIES in still["list"]["studies"]
    for word in ("high", "routine", "low"):
        desk.choose(TWO_SERIES)
        desk.command(f"Urgency: {word}")
        desk.until(lambda s, word=word: s["list"]["urgency"][TWO_SERIES] == word.upper(), f"urgency {word}")  # type: ignore[misc]
    desk.choose(TWO_SERIES)
    desk.command("Urgency: as its objects say")
    desk.until(lambda s: TWO_SERIES not in s["list"]["urgency"], "no urgency given here")
    desk.choose(TWO_SERIES)
    desk.command("Open")
    desk.until(lambda s: s["study_instance_uid"] == TWO_SERIES, "the study")


def answered(desk: Desk, title: str, path: Path) -> State:
    """The chooser of the system, answered with a path."""
    desk.until(lambda s: s["dialog"] == title, title)
    desk.hand("type", "--delay", "1", str(path))
    desk.press("Return")
    return desk.until(lambda s: s["dialog"] is None, "the chooser gone")


def test_a_folder_is_chosen_imported_and_stopped(desk: Desk, walked: Path, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    one = next((walked.parent / "earlier").rglob("*.dcm"))
    for number in range(LINKS):
        os.link(one, tmp_path / "many" / f"{number}.dcm")
    desk.choose(TRUNK)
    desk.press("Ctrl+I")
    answered(desk, "Import a folder", tmp_path / "many")
    desk.until(lambda s: "Import" in s["underway"], "an import under way")
    desk.press("Ctrl+period")
    desk.until(lambda s: s["message"].startswith("Import stopped"), "it stopped")
    desk.until(lambda s: not s["underway"], "nothing under way")


def test_files_are_chosen_and_imported(desk: Desk, walked: Path) -> None:
    desk.choose(TRUNK)
    desk.press("Ctrl+Shift+I")
    answered(desk, "Import files", next((walked.parent / "earlier").rglob("*.dcm")))
    desk.until(lambda s: "0 stored, 1 already there, 0 refused" in s["message"], "one file imported")


def test_the_last_key_leaves_the_program(desk: Desk) -> None:
    desk.open(TRUNK)
    assert desk.leave("Ctrl+Q") == ""
    assert desk.process.returncode == 0
