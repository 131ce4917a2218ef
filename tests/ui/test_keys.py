"""Keys: presets and the reader's own over the commands' keys, no key on two commands of one page, all remembered."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import settle
from workstation.paths import Home
from workstation.ui.keys import bindings, canonical, conflicts, default_keys, keymaps
from workstation.ui.window import MainWindow
from workstation.ui.window_commands import all_commands


def test_each_key_that_a_command_names_is_one_that_qt_knows() -> None:
    keys = [
        key
        for bound in (default_keys(), *(each.keys for each in keymaps().values()))
        for ks in bound.values()
        for key in ks
    ]
    assert [key for key in keys if not canonical(key)] == []


@pytest.mark.parametrize("preset", keymaps())
def test_no_preset_puts_one_key_on_two_commands_of_a_page(preset: str) -> None:
    assert conflicts(bindings(preset)) == {}


@pytest.mark.parametrize("preset", keymaps())
def test_a_preset_names_only_commands_that_there_are(preset: str) -> None:
    assert keymaps()[preset].keys.keys() <= all_commands().keys()


def test_a_key_given_to_one_command_is_taken_from_the_other() -> None:
    bound = bindings("hounsfield", {"invert": ("R",)})
    assert (bound["invert"], bound["turn"]) == (("R",), ())
    assert bindings("hounsfield", {"import-files": ("R",)})["turn"] == ("R",), "another page keeps its key"


def test_two_commands_with_one_key_are_named() -> None:
    bound = {**default_keys(), "invert": ("R",), "import-files": ("R",)}
    assert conflicts(bound) == {"R": ("turn", "invert")} or conflicts(bound) == {"R": ("invert", "turn")}


def keys_of(window: MainWindow) -> set[str]:
    return {each.key().toString(QKeySequence.SequenceFormat.PortableText) for each in window.findChildren(QShortcut)}


def test_what_is_remapped_works_at_once_and_after_the_next_start(home: Path, qapp: QApplication) -> None:
    window = MainWindow(Home(home).create())
    assert "Ctrl+Alt+Y" not in keys_of(window)
    page = window.keys_page
    page.search.setText("Swap black and white")
    page.new_key.setKeySequence(QKeySequence("Ctrl+Alt+Y"))
    page.add.click()
    assert page.facts()["own"] == {"invert": ["Ctrl+Alt+Y"]}
    assert re.search("“Invert” is on Ctrl\\+Alt\\+Y now", page.facts()["said"])
    assert window.keys.bound["invert"] == ("Ctrl+Alt+Y",)
    window.close()
    settle()
    again = MainWindow(Home(home).create())
    assert again.keys.bound["invert"] == ("Ctrl+Alt+Y",)
    assert "Ctrl+Alt+Y" in keys_of(again)
    again.close()
    settle()


def test_the_page_says_whose_key_would_be_taken(empty_window: MainWindow) -> None:
    window = empty_window
    window.keys_page.search.setText("Swap black and white")
    window.keys_page.new_key.setKeySequence(QKeySequence("R"))
    assert window.keys_page.facts()["said"] == "R belongs to “Turn” now; it would be taken from there."


def test_the_empty_findings_say_the_keys_in_force(home: Path, qapp: QApplication) -> None:
    window = MainWindow(Home(home).create())
    said = window.reading.findings.panel.empty.text
    assert said() == "Nothing is measured yet. U measures a length; F1 lists all tools; F4 closes this."
    window.in_force.choose("hounsfield", {"draw-length": ("D",), "findings": ()}, "hounsfield")
    assert said() == "Nothing is measured yet. D measures a length; F1 lists all tools."
    window.close()
    settle()
