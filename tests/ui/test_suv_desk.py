"""How PET is told on the reading page: round its measures, edited, marked, undone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.findings.made import finding
from tests.imaging.suv_cases import GE_SLICES_FACTOR
from tests.loading.opened import imported, studies
from tests.ui.conftest import settle
from workstation import jobs
from workstation.case.commands import COMMANDS
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.findings.finding import Kind as Drawn
from workstation.findings.finding import Source, Value
from workstation.imaging.suv_values import BQML, Edits, Kind, Measure
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.picture.uptake import uptake_notices
from workstation.security import acts, roles
from workstation.ui.findings_keeper import Keeper
from workstation.ui.suv_commands import SUV_COMMANDS
from workstation.ui.suv_desk import SuvDesk


class Findings:
    """Counts how often marks are measured anew."""

    again = 0

    def measure_again(self) -> None:
        self.again += 1


class Page(QObject):
    """What the desk needs of a reading page; `window.reading` is the page too."""

    changed = Signal()

    def __init__(self, case: Case, loader: Loader) -> None:
        super().__init__()
        self.case, self.reading, self.loader, self.findings = case, self, loader, Findings()
        self.said: list[str] = []
        self.suv = SuvDesk(self, loader)  # type: ignore[arg-type]
        self.suv.said.connect(self.said.append)
        self.suv.show_case(case)

    @property
    def series(self) -> str:
        assert self.suv.pet is not None
        return self.suv.pet.series_instance_uid

    @property
    def voxels(self) -> Voxels:
        pet = self.suv.pet
        assert pet is not None
        loading = self.loader.get(pet.key)
        assert loading is not None
        return loading.voxels

    def hide_panels(self) -> None:
        """None is beside this one."""

    def setFocus(self) -> None:
        """A page takes the keyboard back."""


@pytest.fixture(scope="module")
def page(data_dir: Path, tmp_path_factory: pytest.TempPathFactory, qapp: QApplication) -> Iterator[Page]:
    home = imported(tmp_path_factory.mktemp("suv"), data_dir / "pet_suv" / "ge_discovery_st_bqml")
    case, loader = open_study(home, studies(home)[0]), Loader(home)
    loader.open(next(each for each in case.sets.values() if each.first.pet), case.digests)
    loader.wait(60)
    yield Page(case, loader)
    loader.close_all()
    settle()


def test_one_command_goes_round_all_measures(page: Page) -> None:
    units = []
    for _ in range(5):
        SUV_COMMANDS["next-unit-of-pet"].run(page)
        units.append(page.voxels.unit)
    assert units == [str(Kind.LBM_JANMA), "SUVbsa", "SUVibw", BQML, "SUVbw"]
    assert page.findings.again == 5
    assert page.voxels.factors == pytest.approx((GE_SLICES_FACTOR,), rel=1e-6)


def test_edits_are_marked_recorded_and_undone(page: Page) -> None:
    entries: list[acts.Entry] = []
    before = acts.record_with(entries.append)
    try:
        page.suv.edit(Edits(weight_kg=170.0))
    finally:
        acts.record_with(before)
    assert [(each.kind, each.outcome) for each in entries] == [(acts.Kind.EDIT_SUV, "done")]
    assert page.voxels.factors == pytest.approx((2 * GE_SLICES_FACTOR,), rel=1e-6)
    assert page.voxels.caution == ("SUV with edited weight",)
    assert ("SUV with edited weight", "The weight of this SUV was edited here.") in uptake_notices(page.voxels)
    page.suv.undo()
    assert page.voxels.factors == pytest.approx((GE_SLICES_FACTOR,), rel=1e-6)
    assert uptake_notices(page.voxels) == []


def test_undo_takes_an_edit_back_among_the_marks_and_no_choice_of_a_unit(page: Page) -> None:
    case, first = page.case, finding(Drawn.LENGTH, [(0.0, 0.0, 0.0), (0.0, 9.0, 0.0)])
    case.marks.add(first)
    page.suv.edit(Edits(weight_kg=170.0))
    SUV_COMMANDS["next-unit-of-pet"].run(page)
    case.marks.add(replace(first, tracking_uid="2.25.77"))
    found = []
    for name in ("undo", "undo", "undo", "redo", "redo", "undo", "undo"):
        assert not COMMANDS[name].why_not(case)
        COMMANDS[name].run(case)
        found.append((len(case.marks), page.suv.measure.edits_of(page.series).weight_kg))
    heavy = 170.0
    assert found == [(1, heavy), (1, None), (0, None), (1, None), (1, heavy), (1, None), (0, None)]
    assert page.voxels.unit == str(Kind.LBM_JANMA)
    page.suv.tell_in(str(Kind.BW))


def test_ctrl_z_in_a_field_is_the_pages_once_what_was_typed_is_taken(page: Page) -> None:
    SUV_COMMANDS["how-suv-is-derived"].run(page)
    panel, pressed = page.suv.panel, []
    shortcut = QShortcut(QKeySequence("Ctrl+Z"), panel)
    shortcut.activated.connect(lambda: pressed.append("undo"))
    line = panel.lines["weight_kg"]
    panel.activateWindow()
    assert QTest.qWaitForWindowActive(panel)
    line.setFocus()
    QTest.keyClicks(line, "170")
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not pressed and line.text() != "170"
    line.clear()
    QTest.keyClicks(line, "170")
    QTest.keyClick(line, Qt.Key.Key_Return)
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert pressed == ["undo"]
    page.suv.undo()
    SUV_COMMANDS["how-suv-is-derived"].run(page)


def test_who_may_not_measure_may_not_edit(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = roles.PERMISSIONS["reader"]
    monkeypatch.setitem(roles.PERMISSIONS, "reader", reader - {"measure"})
    page.suv.edit(Edits(weight_kg=60.0))
    assert page.voxels.caution == ()
    assert "role" in page.said[-1]


def test_the_panel_shows_each_input_and_takes_what_is_typed(page: Page) -> None:
    SUV_COMMANDS["how-suv-is-derived"].run(page)
    panel = page.suv.panel
    assert "dates shifted" in panel.trace.text()
    assert panel.lines["weight_kg"].placeholderText() == "85"
    panel.lines["weight_kg"].setText("42,5")
    panel.lines["weight_kg"].returnPressed.emit()
    assert page.voxels.factors == pytest.approx((GE_SLICES_FACTOR / 2,), rel=1e-6)
    assert "edited by the reader" in panel.trace.text()
    assert panel.trace.text().index("edited by the reader") < panel.trace.text().index("CorrectedImage"), "seen at once"
    panel.lines["dose_bq"].setText("much")
    panel.lines["dose_bq"].returnPressed.emit()
    assert page.said[-1] == "Dose, MBq: 'much' is no number."
    panel.restore.click()
    assert page.voxels.factors == pytest.approx((GE_SLICES_FACTOR,), rel=1e-6)
    page.suv.edit(Edits(weight_kg=0.0))
    assert page.voxels.unit == BQML
    assert uptake_notices(page.voxels)[0][0] == "no SUV: PatientWeight"
    assert "No SUV: PatientWeight (0010,1030)" in panel.trace.text()
    page.suv.undo()
    SUV_COMMANDS["how-suv-is-derived"].run(page)
    assert panel.isHidden()


def test_drafts_are_measured_anew_in_the_next_unit_and_documents_stay(page: Page, tmp_path: Path) -> None:
    failures: list[Exception] = []
    keeper = Keeper(page.case, Home(tmp_path).create(), page.loader, lambda: None, failures.append)
    pet = page.suv.pet
    assert pet is not None
    grid = pet.image_grid(5)
    corners = [grid.point((i, j, 0)) for i, j in ((58, 60), (70, 60), (70, 70), (58, 70))]
    drawn = finding(
        Drawn.RECTANGLE,
        corners,
        study_instance_uid=pet.study_instance_uid,
        series_instance_uid=pet.series_instance_uid,
        frame_of_reference_uid=pet.first.FrameOfReferenceUID,
        sources=(Source(pet.images[5].instance.SOPInstanceUID),),
    )
    page.case.marks.add(drawn)

    def mean() -> Value:
        while True:
            known = page.case.marks.find(drawn.tracking_uid)
            assert known is not None
            if found := [each for each in known.values if each.name == "Mean"]:
                return found[0]
            assert not failures
            keeper.measure()
            jobs.drain(0.02)

    first = mean()
    page.loader.tell(Measure(BQML), page.case.digests)
    keeper.measure_again()
    stored = mean()
    page.loader.tell(Measure(), page.case.digests)
    settle()
    assert (first.unit, stored.unit) == ("SUVbw", "Bq/ml")
    assert first.value == pytest.approx(stored.value * GE_SLICES_FACTOR, rel=1e-6)
    assert not failures


def test_return_in_a_field_takes_what_is_typed_and_is_no_command_of_the_page(page: Page) -> None:
    """The page's Return shows a tile alone: a shortcut of the window, which a field that is typed in goes before."""
    SUV_COMMANDS["how-suv-is-derived"].run(page)
    panel, pressed = page.suv.panel, []
    shortcut = QShortcut(QKeySequence("Return"), panel)
    shortcut.activated.connect(lambda: pressed.append("tile alone"))
    line = panel.lines["weight_kg"]
    panel.activateWindow()
    line.setFocus()
    line.setText("170")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert page.voxels.factors == pytest.approx((2 * GE_SLICES_FACTOR,), rel=1e-6) and not pressed
    panel.restore.click()
    SUV_COMMANDS["how-suv-is-derived"].run(page)
