"""What the worklist remembers comes back as it was; what is spoiled costs only the memory."""

import json
from pathlib import Path

import pytest

from workstation.cache.entries import ReadingStatus
from workstation.paths import Home
from workstation.worklist import kept
from workstation.worklist.filters import BUILT_IN, Filter, Sort, Tab
from workstation.worklist.kept import ColumnPlace, Kept

OWN = Tab("tab-1", "Chest", Filter("thorax", ("CT", "CR"), (ReadingStatus.UNREAD,), 7), Sort("waiting", True))


@pytest.fixture
def place(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def test_it_comes_back_as_it_was(place: Home) -> None:
    tabs = (OWN, *reversed(BUILT_IN))
    before = Kept(tabs, "tab-1", (ColumnPlace("patient", 321, True), ColumnPlace("id", 0, False)), False)
    kept.write(place, before)
    assert kept.read(place) == before
    assert kept.place(place).stat().st_mode & 0o077 == 0
    assert b"thorax" not in kept.place(place).read_bytes()


def test_without_a_file_it_is_as_it_comes(place: Home) -> None:
    assert kept.read(place) == Kept()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"tabs": 3, "tab": "", "columns": [], "preview": 1}', '{"tabs": [null]}', "\x00"]
)
def test_a_spoiled_file_is_as_good_as_none(place: Home, text: str) -> None:
    kept.place(place).write_text(text)
    assert kept.read(place) == Kept()


def test_built_in_tabs_are_those_of_the_program_and_are_never_lost(place: Home) -> None:
    values = kept.to_json(Kept((OWN, BUILT_IN[2])))
    values["tabs"][1] |= {"search": "hidden", "name": "Mine", "sort": "patient"}
    kept.place(place).write_text(json.dumps(values))
    tabs = kept.read(place).tabs
    assert [tab.key for tab in tabs] == ["tab-1", "unread", "all", "today", "parked"]
    assert (tabs[1].name, tabs[1].filter, tabs[1].sort.column) == ("Unread", BUILT_IN[2].filter, "patient")


def test_keys_of_new_tabs_are_new() -> None:
    assert kept.new_key([*BUILT_IN, OWN]) == "tab-2"
    assert kept.new_key([Tab("tab-2", "x")]) == "tab-1"


def test_an_urgency_that_was_given_here_stays_and_one_that_is_none_is_left_out(place: Home) -> None:
    kept.write(place, Kept(urgencies=(("1.2", "STAT"), ("1.3", "LOW"))))
    assert kept.read(place).urgencies == (("1.2", "STAT"), ("1.3", "LOW"))
    values = kept.to_json(Kept()) | {"urgencies": [["1.2", "STAT"], ["1.3", "SOON"]]}
    assert kept.from_json(values).urgencies == (("1.2", "STAT"),)
    old = {key: value for key, value in kept.to_json(Kept()).items() if key != "urgencies"}
    assert kept.from_json(old) == Kept()
