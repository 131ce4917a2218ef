"""Colours by value: points are dragged, added, taken away and coloured, by hand and by keys; cuts have buttons."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.ui.test_volume_desk import cuts, until, vertebra_home, window
from workstation.imaging.transfer import TransferFunction
from workstation.ui.volume_colours import SWATCHES, ColourEditor
from workstation.ui.window import MainWindow

__all__ = ["vertebra_home", "window"]

RAMP = TransferFunction(
    ((100.0, 0.0), (700.0, 1.0)), ((0.0, 90, 60, 30), (400.0, 200, 100, 50), (1000.0, 255, 255, 255))
)


@pytest.fixture
def editor(qapp: QGuiApplication) -> ColourEditor:
    made = ColourEditor()
    made.resize(320, 60)
    made.bar.resize(320, made.bar.height())
    made.bar.show_transfer(RAMP)
    return made


def test_colours_go_with_the_hand_and_keys_and_stay_in_order(editor: ColourEditor) -> None:
    bar, found = editor.bar, list[TransferFunction]()
    bar.changed.connect(found.append)
    start = bar.place(400.0).toPoint()
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(bar, bar.place(600.0).toPoint())
    assert found[-1].colours[1][0] == pytest.approx(600, abs=5) and found[-1].opacity == RAMP.opacity
    QTest.mouseMove(bar, QPoint(319, start.y()))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(319, start.y()))
    assert 600 < found[-1].colours[1][0] < 1000, "a point stays between its neighbours"
    QTest.keyClick(bar, Qt.Key.Key_Left)
    assert found[-1].colours[1][0] < found[-2].colours[1][0]
    editor.swatches["vein"].click()
    assert found[-1].colours[1][1:] == dict(SWATCHES)["vein"]


def test_colours_are_added_as_they_are_there_and_taken_away_down_to_two(editor: ColourEditor) -> None:
    bar, found = editor.bar, list[TransferFunction]()
    bar.changed.connect(found.append)
    QTest.mouseDClick(bar, Qt.MouseButton.LeftButton, pos=bar.place(200.0).toPoint())
    value, *rgb = found[-1].colours[1]
    assert value == pytest.approx(200, abs=5) and rgb == pytest.approx([145, 80, 40], abs=2)
    for _ in range(4):
        QTest.keyClick(bar, Qt.Key.Key_Delete)
    assert len(found[-1].colours) == 2
    QTest.keyClick(bar, Qt.Key.Key_Insert)
    assert len(found[-1].colours) == 3


def test_the_panel_cuts_turns_the_light_and_says_its_keys(window: MainWindow) -> None:
    page, panel = window.reading, window.reading.volume
    page.toggle_volume()
    until(panel.cuts.buttons["remove-bones"].isEnabled)
    button = panel.cuts.buttons["scissors-inside"]
    assert panel.cuts.facts()["scissors-inside"] == window.keys.bound["scissors-inside"][0]
    button.click()
    assert panel.in_hand() == "scissors-inside" and button.isDown()
    button.click()
    assert not panel.in_hand()
    assert not panel.cuts.buttons["undo"].isEnabled() and panel.cuts.buttons["undo"].toolTip()
    panel.cuts.buttons["remove-bones"].click()
    until(lambda: cuts(window) == ("bones",))
    until(panel.cuts.buttons["undo"].isEnabled)
    panel.cuts.buttons["undo"].click()
    until(lambda: cuts(window) == ())
    panel.aims["left"].setValue(-40)
    case = page.case
    assert case is not None
    scene = case.tiles[case.active].scene
    assert scene is not None and scene.light_deg == (-40.0, 30.0)
