"""The palette: finds commands by words, guesses what was meant, runs what can run and says why the rest cannot."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from workstation.ui.palette import found, meant
from workstation.ui.window import MainWindow
from workstation.ui.window_commands import all_commands, presets_by_name

ALL = list(all_commands().values())


def test_words_find_commands_and_the_title_comes_first() -> None:
    assert found(ALL, "inv")[0].name == "invert"
    assert found(ALL, "black white")[0].name == "invert", "words of the help count too"
    assert found(ALL, "ínvert")[0].name == "invert", "accents do not matter"
    assert found(ALL, "qqqq") == []
    assert len(found(ALL, "")) == len(ALL)


def test_a_slip_of_the_finger_finds_what_was_meant() -> None:
    assert meant(ALL, "mirorr")[0].name == "mirror"
    assert meant(ALL, "qqqq") == []


def test_return_runs_what_is_chosen_and_escape_runs_nothing(empty_window: MainWindow) -> None:
    window = empty_window
    window.run("command-palette")
    QTest.keyClicks(window.palette_panel.line, "keys and mou")
    assert window.palette_panel.facts()["chosen"] == "keys-and-mouse"
    QTest.keyClick(window.palette_panel.line, Qt.Key.Key_Return)
    assert window.facts()["page"] == "help"
    window.run("command-palette")
    QTest.keyClick(window.palette_panel.line, Qt.Key.Key_Escape)
    assert window.palette_panel.facts() == {"open": False}
    assert window.facts()["page"] == "help"


def test_what_cannot_run_says_why_and_stays(empty_window: MainWindow) -> None:
    window = empty_window
    window.run("command-palette")
    QTest.keyClicks(window.palette_panel.line, "Invert")
    QTest.keyClick(window.palette_panel.line, Qt.Key.Key_Return)
    facts = window.palette_panel.facts()
    assert facts["open"]
    assert facts["said"] == "Not now: This works while a study is open."


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("fetch", "find-in-the-archives"), ("retrieve", "find-in-the-archives"), ("PACS", "find-in-the-archives"),
        ("anonymise", "audience-view"), ("privacy", "audience-view"), ("hide name", "audience-view"),
        ("patient name", "audience-view"), ("mpr", "next-stage"), ("coronal", "next-stage"), ("sagittal", "next-stage"),
        ("reformat", "next-stage"), ("planes", "next-stage"), ("compare", "layout-1x2"), ("side by side", "layout-1x2"),
        ("measure", "draw-length"), ("ruler", "draw-length"), ("distance", "draw-length"), ("caliper", "draw-length"),
        ("zoom", "closer"), ("magnify", "magnifier"), ("loupe", "magnifier"), ("invert", "invert"), ("flip", "flip"),
        ("flip", "mirror"), ("cine", "play"), ("play", "play"), ("prior", "open-with-priors"), ("report", "reports"),
    ],
)  # fmt: skip
def test_other_words_for_a_command_find_it_and_stand_nowhere(typed: str, name: str) -> None:
    assert name in [each.name for each in found(ALL, typed)][:8]


def test_a_slip_in_another_word_finds_what_was_meant() -> None:
    assert found(ALL, "calliperr") == []
    assert meant(ALL, "calliperr")[0].name == "draw-length"


def test_presets_are_found_by_their_names_in_the_modality_shown() -> None:
    assert "preset-2" not in [each.name for each in found(ALL, "lung")]
    ct = list({**all_commands(), **presets_by_name("CT")}.values())
    assert {each: found(ct, each)[0].name for each in ("lung", "bone", "brain")} == {
        "lung": "preset-2", "bone": "preset-3", "brain": "preset-6",
    }  # fmt: skip
    assert found(ct, "lung")[0].help == "Give the active tile the window “lung”."
    assert presets_by_name("XX") == presets_by_name("other")


def test_what_works_with_the_archives_says_how_to_get_there(empty_window: MainWindow) -> None:
    fetch = all_commands()["fetch-the-study"]
    assert empty_window.why_not(fetch) == "This works where archives are queried (Ctrl+R)."
    empty_window.in_force.choose("hounsfield", {"find-in-the-archives": ("Ctrl+Alt+F",)}, "hounsfield")
    assert empty_window.why_not(fetch) == "This works where archives are queried (Ctrl+Alt+F)."
