"""Keys of PET in the window: units and the panel of the SUV, tools laid away again, and why a key cannot act."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui import test_pet_desk
from tests.ui.conftest import settle
from tests.ui.test_pet_desk import measured, opened, until
from tests.ui.test_registration_desk import Prepared, case_of, two_scans
from tests.ui.test_registration_desk import opened as open_anew
from tests.ui.test_registration_keys import press
from workstation.cache.importer import import_paths
from workstation.case.hot_commands import HOT_TOOLS, NO_PET, SHARES
from workstation.case.hot_work import kept
from workstation.case.painting import Tool
from workstation.imaging.suv_values import Kind
from workstation.paths import Home
from workstation.phantom.whole_body import PET_CT
from workstation.ui.activity_desk import NOT_DYNAMIC
from workstation.ui.pet_commands import NOTHING
from workstation.ui.suv_commands import NO_PET as NOT_ACTIVE
from workstation.ui.suv_commands import SUV_COMMANDS
from workstation.ui.suv_desk import ROUND
from workstation.ui.window import MainWindow

made, window = test_pet_desk.made, test_pet_desk.window

_SUV: Final = "test_keys_go_round_the_units_and_show_how_suv_is_derived"
SUV: Final = {"next-unit-of-pet": _SUV, "how-suv-is-derived": _SUV}
"""The commands of the SUV; this test presses them."""


def in_front(window: MainWindow) -> None:
    window.activateWindow()
    window.reading.setFocus()


def test_keys_go_round_the_units_and_show_how_suv_is_derived(window: MainWindow) -> None:
    opened(window, PET_CT.study_instance_uid)
    in_front(window)
    desk, pet = window.reading.suv, window.reading.pet
    assert SUV.keys() == SUV_COMMANDS.keys()
    assert desk.measure.unit == Kind.BW and desk.panel.isHidden()
    press(window, "how-suv-is-derived")
    assert not desk.panel.isHidden() and "PatientWeight" in desk.panel.trace.text()
    pet.open()
    assert desk.panel.isHidden() and not pet.panel.isHidden(), "one panel at a time: tiles stay large"
    press(window, "how-suv-is-derived")
    assert not desk.panel.isHidden() and pet.panel.isHidden()
    units = []
    for _ in ROUND:
        press(window, "next-unit-of-pet")
        voxels = pet.voxels()
        assert voxels is not None
        units.append((str(desk.measure.unit), voxels.unit))
    assert [told for told, _ in units] == [str(each) for each in (*ROUND[1:], ROUND[0])]
    assert {"Bq/ml", "SUVbw"} <= {unit for _, unit in units}, "voxels follow"
    press(window, "how-suv-is-derived")
    assert desk.panel.isHidden()


def test_the_key_of_a_tool_again_lays_it_away_and_that_of_hot_spots_takes_the_next_share(window: MainWindow) -> None:
    case = opened(window, PET_CT.study_instance_uid)
    in_front(window)
    press(window, "keep-the-lesions")
    assert NOTHING in window.status.message.text() and not case.marks.segments
    press(window, "all-lesions")
    until(window, lambda: case.marks.proposed is not None and measured(case))
    for tool in (Tool.SIDE, Tool.LIVER, Tool.BLOOD_POOL, Tool.MEDIASTINUM):
        for in_hand in (tool.value, ""):
            press(window, f"pet-{tool.value}")
            assert case.marks.tool == in_hand
    shares = []
    for _ in range(len(SHARES) + 1):
        press(window, "pet-hot-spot")
        assert case.marks.tool == Tool.SPOT
        shares.append(case.marks.painting.share)
    assert shares == [*SHARES, SHARES[0]]


def taken_by(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> bool:
    """Whether a widget keeps a key for itself, so that it is no command of the page."""
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_the_list_of_lesions_keeps_space_for_its_ticks_alone_and_esc_leads_back_to_the_images(
    window: MainWindow,
) -> None:
    case = opened(window, PET_CT.study_instance_uid)
    desk, table = window.reading.pet, window.reading.pet.panel.table
    case.marks.put_segments(())  # drafts of another test
    in_front(window)
    press(window, "all-lesions")
    until(window, lambda: case.marks.proposed is not None and len(desk.table.rows) == 3)
    table.setFocus()
    table.setCurrentIndex(table.model().index(1, 3))
    assert taken_by(table, Qt.Key.Key_Space) and not taken_by(
        table, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier
    )
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert [each.out for each in desk.table.rows] == [False, True, False], "whichever column is in hand"
    assert case.marks.proposed is not None
    case.marks.keep_proposed(kept(case.marks, case.marks.proposed))
    until(window, lambda: len(desk.table.rows) == 2)
    table.setCurrentIndex(table.model().index(0, 0))
    assert not taken_by(table, Qt.Key.Key_Space), "a lesion that is kept has no tick: the next stage is meant"
    for widget in (table, desk.panel.value, window.reading.suv.panel.units):
        desk.open() if desk.panel.isAncestorOf(widget) else window.reading.suv.toggle()
        widget.setFocus()
        assert QApplication.focusWidget() is widget
        press(window, "back")
        assert QApplication.focusWidget() is window.reading and window.page == "reading"
    case.marks.put_segments(())
    press(window, "back")
    until(window, lambda: window.page != "reading")


def test_where_no_pet_is_each_key_says_so(tmp_path: Path, qapp: QApplication) -> None:
    study, home = two_scans(tmp_path), Home(tmp_path / "home").create()
    import_paths(home, [tmp_path / "one"])
    window = open_anew(Prepared(home, study))
    reasons: dict[str, str] = dict.fromkeys(SUV, NOT_ACTIVE)
    reasons |= dict.fromkeys(("keep-the-lesions", "leave-the-proposed-spots"), NOTHING)
    reasons |= dict.fromkeys(("all-lesions", "propose-references"), NO_PET)
    reasons |= {f"pet-{tool}": NO_PET for tool in HOT_TOOLS}
    reasons |= {"time-activity-curve": NOT_DYNAMIC, "export-the-curves": "No curve is drawn"}
    reasons |= {"export-the-lesions": "The PET panel lists nothing yet."}
    said: Callable[[], str] = window.status.message.text
    for name, why in reasons.items():
        in_front(window)
        window.status.message.setText("")
        press(window, name)
        assert why in said(), name
        assert not case_of(window).marks.tool
    window.close()
    settle()
