"""The audience view: the same images, larger and fewer words, and nowhere who the patient is."""

import time
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget, QWidget

from tests.ui.conftest import settle
from tests.ui.test_window import at_rest, wait_for
from workstation.paths import Home
from workstation.phantom.trunk import ADA
from workstation.traffic.errand import Act, Errand
from workstation.ui.window import MainWindow
from workstation.ui.worklist_walk import neighbour

SAYS_WHO = ("Demo", "Ada", ADA.patient_id, "1963", "12-10", "19631210")


@pytest.fixture
def window(cache: Home, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(cache, protocol="images")
    made.resize(1200, 800)
    made.show()
    made.open_study(ADA.study_instance_uid)
    yield at_rest(made)
    made.close()
    settle()


def said(widget: QWidget) -> str:
    """All that a widget and those in it say, tooltips and names for screen readers too."""
    words = []
    for each in (widget, *widget.findChildren(QWidget)):
        words += [each.windowTitle(), each.toolTip(), each.accessibleName(), each.accessibleDescription()]
        words.append(each.text() if hasattr(each, "text") else "")
        if isinstance(each, QListWidget):
            words += [each.item(row).text() + each.item(row).toolTip() for row in range(each.count())]
    return "\n".join(map(str, words))


def on_tiles(window: MainWindow) -> str:
    return str([tile["text"] for tile in window.facts()["tiles"]])


def is_list_open(window: MainWindow) -> bool:
    return window.status.drawer is not None


def test_nothing_says_who_it_is(window: MainWindow) -> None:
    window.reading.toggle_panel()
    at_rest(window)
    before = said(window.reading) + on_tiles(window)
    assert all(word in before for word in SAYS_WHO[:4])
    window.run("audience-view")
    at_rest(window)
    assert window.facts()["audience"] is True
    shown = said(window.reading) + on_tiles(window) + window.windowTitle() + said(window.status)
    assert [word for word in SAYS_WHO if word in shown] == []
    assert "Audience view" in window.reading.banner.text()
    assert window.reading.panel.toPlainText() and not any(w in window.reading.panel.toPlainText() for w in SAYS_WHO)
    assert window.facts()["tiles"][0]["text"]["bottom_right"], "the window is still named"
    window.run("audience-view")
    at_rest(window)
    assert window.facts()["audience"] is False and ADA.patient_id in on_tiles(window)


def test_the_image_is_the_same_and_the_type_larger(window: MainWindow) -> None:
    tile = window.reading.grid.tiles[0]
    before = tile.picture
    window.run("audience-view")
    at_rest(window)
    after = tile.picture
    assert before is not None and after is not None and before.pixels is not None and after.pixels is not None
    assert np.array_equal(before.pixels.rgb32, after.pixels.rgb32)
    assert after.facts["window"] == before.facts["window"] and after.facts["letters"] == before.facts["letters"]
    assert sum(map(len, after.facts["text"].values())) < sum(map(len, before.facts["text"].values()))


def test_it_stays_for_the_next_study_and_the_list_is_not_shown_meanwhile(window: MainWindow) -> None:
    window.run("audience-view")
    window.reading.leave()
    assert window.page == "reading" and "end the audience view" in window.facts()["message"]
    window.run("park")
    assert window.page == "reading" and "end the audience view" in window.facts()["message"]
    window.run("next-study" if neighbour(window.list, ADA.study_instance_uid, 1) else "previous-study")
    at_rest(window)
    assert window.facts()["study_instance_uid"] != ADA.study_instance_uid
    assert "BENCH" not in on_tiles(window) + said(window.reading)
    window.run("audience-view")
    window.reading.leave()
    assert window.page == "list"


def test_no_page_or_list_that_can_name_a_patient_opens_meanwhile(window: MainWindow) -> None:
    errand = Errand(number=1, act=Act.RETRIEVE, node="PACS", study=ADA.study_instance_uid, title="DEMO, Ada")
    window.say("DEMO, Ada: all 12 objects are here.")
    window.run("last-messages")
    assert is_list_open(window) and window.transfers.name_of(errand) == "DEMO, Ada"
    window.run("audience-view")
    assert not is_list_open(window), "a list that stood open is closed"
    assert window.transfers.name_of(errand) == "A study"
    for name in ("find-in-the-archives", "fetched-and-sent", "last-messages", "reports", "park"):
        window.run(name)
        sentence = "Patients are named there; end the audience view first (Ctrl+Shift+A)."
        assert window.facts()["message"] == sentence, name
        assert window.page == "reading" and not is_list_open(window) and window.transfers.drawer_title is None
    QTest.mouseClick(window.status.message, Qt.MouseButton.LeftButton)
    assert not is_list_open(window), "nor by a click on the message"
    window.run("audience-view")
    window.run("last-messages")
    assert is_list_open(window)


def test_the_line_over_the_images_says_how_it_ends(window: MainWindow) -> None:
    assert window.reading.stage.text().endswith("Esc: list")
    window.run("audience-view")
    assert window.reading.stage.text().endswith("Ctrl+Shift+A: end the audience view")
    assert "Esc" not in window.reading.stage.text()
    window.in_force.choose("hounsfield", {"audience-view": ("Ctrl+Alt+A",)}, "hounsfield")
    assert window.reading.stage.text().endswith("Ctrl+Alt+A: end the audience view")
    window.run("audience-view")
    assert window.reading.stage.text().endswith("Esc: list")


def test_nothing_it_says_is_cut_on_a_small_screen_in_the_largest_type(window: MainWindow) -> None:
    window.resize(1280, 800)
    window.setStyleSheet("* { font-size: 16pt; }")
    window.run("audience-view")
    window.status.say_memory(12_345_000_000)
    message, sentence = window.status.message, window.status.message.text()
    assert sentence

    def is_whole() -> bool:  # what is under way takes the room of a message
        window.status.say(sentence)  # it may have stood for its time
        return window.status.row.isHidden() and message.drawn == sentence

    until = time.monotonic() + 20
    wait_for(window, lambda: is_whole() or time.monotonic() > until)
    assert is_whole(), message.drawn
    assert window.reading.banner.text().startswith("Audience view")
    assert window.facts()["tiles"][0]["text"]["bottom_right"] == ["MEDIASTINUM"], "its numbers are not an audience's"
