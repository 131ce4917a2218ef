"""The worklist from outside, on a small screen: search by typing, menu key, tabs by mouse, and what stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.journeys.desk import Desk, State
from workstation.bench.screen import Screen
from workstation.cache.importer import import_paths
from workstation.paths import Home
from workstation.phantom.coded import STUDY, coded_ct
from workstation.phantom.dicom import write_series

OLD = replace(STUDY, study_id="OLD", study_date="20200102", study_description="Hand", patient_name="Zürn^Ada")
NEW = replace(STUDY, study_id="NEW", study_date=f"{date.today():%Y%m%d}", study_description="Thorax")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worklist")
    for study in (OLD, NEW):
        write_series(replace(coded_ct(3, 128), study=study), folder / study.study_id)
    import_paths(Home(folder / "home").create(), [folder / "OLD", folder / "NEW"])
    return folder / "home"


def listed(check: Callable[[State], object]) -> Callable[[State], object]:
    return lambda state: state["page"] == "list" and check(state["list"])


def menu(desk: Desk, entry: int) -> None:
    """Press the menu key and choose an entry, counted from 1."""
    desk.hand("key", "--delay", "40", "Menu", *["Down"] * entry, "Return")


def test_a_morning_at_the_worklist(home: Path, tool: Callable[[str], Path]) -> None:
    tool("Xvfb")
    old, new = OLD.study_instance_uid, NEW.study_instance_uid
    with Screen(1280, 800) as screen:
        desk = Desk(screen, tool("xdotool"), home)
        try:
            desk.until(listed(lambda it: it["studies"] == [new, old]), "the newest first")
            desk.until(listed(lambda it: it["preview"]["pictures"] == 1), "the picture of its series")
            desk.drawn(lambda it: np.ptp(it[600:760, 20:200]) > 200, "black and white blocks of the numbered image")
            desk.until(listed(lambda it: not it["searching"]), "the keyboard in the list")
            desk.press("z", "u")
            desk.until(listed(lambda it: (it["studies"], it["selected"]) == ([old], old)), "found while typing")
            desk.press("Down")
            desk.until(listed(lambda it: not it["searching"]), "the keyboard back in the list")
            menu(desk, 3)  # open, open with priors, mark read
            desk.until(listed(lambda it: it["status"][old] == "read"), "marked read by the menu key")
            desk.press("Esc")
            desk.until(listed(lambda it: it["studies"] == [new, old] and it["search"] == ""), "all again")
            desk.click((205, 62))
            desk.until(listed(lambda it: (it["tab"], it["studies"]) == ("unread", [new])), "only what is unread")
            assert desk.leave("Ctrl+Q") == ""
        except BaseException:
            desk.close()
            raise
        desk = Desk(screen, tool("xdotool"), home)
        try:
            desk.until(listed(lambda it: (it["tab"], it["studies"]) == ("unread", [new])), "the tab of last time")
        finally:
            said = desk.close()
    assert said == ""
