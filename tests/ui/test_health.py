"""What the status line says of archives and of the program's own check."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.test_window import at_rest
from workstation.network import nodes
from workstation.network.nodes import Node
from workstation.paths import Home
from workstation.picture.selfcheck import SelfCheck
from workstation.ui.health import Asked, HealthFields
from workstation.ui.window import MainWindow


@pytest.fixture
def fields(qapp: QApplication) -> Iterator[HealthFields]:
    made = HealthFields()
    made.show()
    yield made
    made.close()


def test_nothing_is_set_up_in_an_empty_home_and_the_check_is_made(empty_window: MainWindow) -> None:
    assert empty_window.facts()["health"] == {"archives": "Archives not checked", "self_check": "Self-check to come"}
    empty_window.run("check-again")
    at_rest(empty_window)
    assert empty_window.facts()["health"] == {"archives": "No archive set up", "self_check": "Self-check passed"}
    tooltip = empty_window.status.health.check.toolTip()
    assert "C.11.2.1.2.1" in tooltip and "All was exact." in tooltip


def test_an_archive_that_is_not_there_is_said_with_the_reason(empty_window: MainWindow, home: Home) -> None:
    nodes.add(Home(home), Node("nobody", "NOBODY", "127.0.0.1", 1))
    empty_window.run("check-again")
    at_rest(empty_window)
    fields = empty_window.status.health
    assert fields.facts()["archives"] == "0 of 1 archives answer"
    assert fields.archives.text().startswith("▲") and fields.archives.objectName() == "warning"
    assert "nobody: " in fields.archives.toolTip()


def test_words_and_shape_tell_a_failure_and_nothing_moves_beside(fields: HealthFields) -> None:
    fields.say_archives([Asked("one"), Asked("two", "it refuses our title")])
    assert (
        fields.facts()["archives"] == "1 of 2 archives answer" and "it refuses our title" in fields.archives.toolTip()
    )
    wide = fields.archives.width(), fields.check.width()
    fields.say_check(SelfCheck())
    fields.say_archives([])
    assert (fields.archives.width(), fields.check.width()) == wide
    fields.say_check(SelfCheck("3 of 3840 greys were WRONG."))
    assert fields.check.text() == "× Self-check FAILED" and fields.check.objectName() == "error"


def test_a_narrow_line_says_less(fields: HealthFields) -> None:
    fields.say_check(SelfCheck())
    fields.fit(1600)
    long, wide = fields.check.text(), fields.check.width()
    fields.fit(800)
    assert (long, fields.check.text()) == ("Self-check passed", "Checked") and fields.check.width() < wide
