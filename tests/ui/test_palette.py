"""The palette: finds commands by words, guesses what was meant, runs what can run and says why the rest cannot."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from workstation.ui.palette import found, meant
from workstation.ui.window import MainWindow
from workstation.ui.window_commands import all_commands

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
