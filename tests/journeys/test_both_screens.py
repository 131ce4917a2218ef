"""Every command by real key events on two screens, one of ratio 1 and one of ratio 2, its effect read back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.journeys.both_screens import LAST, OWN, WITH_ARCHIVE, in_both
from tests.journeys.expected import EXPECTED
from tests.journeys.expected_segments import SEGMENTED
from tests.journeys.expected_window import AROUND, WALKED
from tests.journeys.test_fusion import FUSED
from tests.journeys.test_marks import MARKED
from tests.journeys.test_pet_tools import PET_TOOLS
from tests.journeys.test_volume import VOLUMES
from tests.journeys.test_volume_measures import MEASURED
from tests.ui.test_pet_keys import SUV
from tests.ui.test_registration_keys import REGISTERED
from tests.ui.test_second_window import SCREENS
from workstation.ui.window_commands import all_commands

pytestmark = pytest.mark.timeout(600)

IN_ONE: Final = {*VOLUMES, *MEASURED, *FUSED, *PET_TOOLS, *SUV, *REGISTERED}
"""Commands that tests of their own press, in one window."""

START = "from tests.journeys.both_screens import main; main([])"
"""Not with -m: the processes of an import would begin with the whole of it."""


@pytest.fixture(scope="module")
def said(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    config = tmp_path_factory.mktemp("both") / "screens.json"
    config.write_text(json.dumps(SCREENS), encoding="utf-8")
    checkout = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"}
    environment["HOUNSFIELD_HOME"] = str(prepared)
    environment["PYTHONPATH"] = os.pathsep.join([checkout, os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", START]
    done = subprocess.run(command, env=environment, cwd=checkout, capture_output=True, text=True, timeout=560)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_command_has_a_row() -> None:
    assert {*EXPECTED, *AROUND, *WALKED, *MARKED, *SEGMENTED, *IN_ONE} == all_commands().keys()
    assert OWN.keys() | WITH_ARCHIVE == WALKED.keys() and LAST in OWN
    assert {WALKED[name] for name in WITH_ARCHIVE} <= {"test_a_study_is_found_and_opened_as_it_arrives"}
    assert sum(len(in_both(name)) == 2 for name in all_commands()) > 100, "most are pressed in both windows"


def test_each_command_does_what_it_says_in_both_windows(said: dict[str, Any]) -> None:
    assert said["ratios"] == [1.0, 2.0]
    assert said["wrong"] == {}
    assert set(said["pressed"]) == all_commands().keys() - WITH_ARCHIVE - IN_ONE
