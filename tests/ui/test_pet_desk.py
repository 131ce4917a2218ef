"""PET's tools in the window: all lesions under a moving threshold, clicks, references, the table, curves over time."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import settle
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case.hot import lesions, reference
from workstation.case.painting import Tool
from workstation.case.state import Case
from workstation.findings.hot_table import HotTable, Row
from workstation.imaging.geometry import Vec3
from workstation.imaging.hot_reference import Region
from workstation.imaging.suv import inputs_of
from workstation.imaging.suv_values import BQML, Edits, Measure
from workstation.paths import Home
from workstation.phantom.acquisition import PetAcquisition
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import AXIAL, Grid
from workstation.phantom.series import PhantomSeries
from workstation.phantom.whole_body import PET_CT, TRACER, bqml_per_suv
from workstation.ui.findings_panel import ONLY_SEGMENTS
from workstation.ui.window import MainWindow

SHAPE = (26, 44, 40)
GRID = Grid(SHAPE, (-90.0, -80.0, 30.0), (4.0, 4.5), 5.0, AXIAL)
LIVER, NODE, BONE, BLADDER = (-50.0, -5.0, 95.0), (30.0, 20.0, 120.0), (40.0, -30.0, 60.0), (0.0, 40.0, 50.0)
UPTAKE = ((LIVER, 24.0, 2.5), (NODE, 9.0, 6.0), (BONE, 10.0, 9.0), (BLADDER, 16.0, 20.0))
LENGTHS_S = (20.0, 40.0, 80.0)


def ball(middle: Vec3, radius_mm: float) -> np.ndarray:
    places = np.stack([GRID.points_lps(k) for k in range(SHAPE[0])]).reshape(*SHAPE, 3)
    return np.asarray(np.linalg.norm(places - np.asarray(middle), axis=-1) <= radius_mm)


def write_studies(folder: Path) -> None:
    """A static PET in SUV and a dynamic one of three frames, each its own study."""
    suv = np.full(SHAPE, 0.5, np.float32)
    for middle, radius, uptake in UPTAKE:
        suv[ball(middle, radius)] = uptake
    still = PetAcquisition((0.0,) * SHAPE[0], 120.0, TRACER)
    static = PhantomSeries(
        suv * np.float32(bqml_per_suv()),
        GRID,
        modality="PT",
        study=PET_CT,
        series_number=3,
        series_description="PET AC",
        series_time="091200",
        acquisition=still,
    )
    write_series(static, folder / "static")
    start = 0.0
    for number, length in enumerate(LENGTHS_S, start=1):
        values = np.full((4, 20, 22), 100.0 * number, np.float32)
        scan = PetAcquisition((start,) * 4, length)
        grid = Grid(values.shape, (0.0, 0.0, 0.0), (3.0, 2.5), 4.0, AXIAL)
        study = replace(PET_CT, study_id="77", study_description="Dynamic")
        write_series(
            PhantomSeries(values, grid, modality="PT", study=study, series_number=number, acquisition=scan),
            folder / f"dynamic{number}",
        )
        start += length
    uid = None
    for file in sorted(folder.glob("dynamic*/*")):
        data = dcmread(file)
        uid = uid or data.SeriesInstanceUID
        data.SeriesInstanceUID, data.SeriesNumber = uid, 1
        data.save_as(file)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("pet")
    write_studies(folder)
    home = Home(folder / "home").create()
    import_paths(home, [folder])
    return home


@pytest.fixture
def window(made: Home, qapp: QApplication) -> Iterator[MainWindow]:
    window = MainWindow(made)
    window.resize(1400, 900)
    window.show()
    yield window
    window.close()
    settle()


def until(window: MainWindow, happened: Callable[[], object]) -> None:
    """Let what is under way go on until something is so; the test's own time limit ends what never comes."""
    while not happened():
        jobs.drain(0.01)
        QApplication.processEvents()


def opened(window: MainWindow, study: str) -> Case:
    window.open_study(study)
    until(window, lambda: window.reading.case is not None and window.page == "reading")
    case = window.reading.case
    assert case is not None
    until(window, lambda: window.reading.pet.voxels() is not None)
    return case


def measured(case: Case) -> bool:
    return all(each.values for each in case.marks.segments)


def test_all_lesions_follow_the_threshold_and_what_is_taken_out_stays_out(window: MainWindow, tmp_path: Path) -> None:
    case, desk = opened(window, PET_CT.study_instance_uid), window.reading.pet
    window.run("all-lesions")
    until(window, lambda: case.marks.proposed is not None)
    assert not desk.panel.isHidden() and desk.table.unit == "SUVbw"
    (study_date,) = {each.first.StudyDate for each in case.sets.values()}
    told = f"PT {study_date[:4]}-{study_date[4:6]}-{study_date[6:]}: PET AC, SUVbw"
    assert desk.panel.title.text() == told and desk.table.rows[0].made == ">= 4 SUVbw, at least 0.5 ml"
    assert [round(each.max or 0) for each in desk.table.rows] == [20, 9, 6]
    desk.panel.ticked.emit(0)
    assert [each.out for each in desk.table.rows] == [True, False, False]
    lesion_ml = sum(ball(*each[:2]).sum() for each in UPTAKE[1:3]) * 0.09
    assert desk.table.mtv_ml == pytest.approx(lesion_ml) and len(case.marks.shown.segments) == 3
    desk.panel.value.setValue(2.0)
    until(window, lambda: case.marks.proposed is not None and case.marks.proposed.found.least == 2.0)
    assert [round(each.max or 0, 1) for each in desk.table.counted] == [9.0, 6.0, 2.5], (
        "the liver came, the bladder not"
    )
    desk.panel.value.setValue(7.0)
    until(window, lambda: case.marks.proposed is not None and case.marks.proposed.found.least == 7.0)
    assert [round(each.max or 0) for each in desk.table.counted] == [9]
    window.run("undo")
    assert [each.out for each in desk.table.rows] == [False] * 3 and desk.panel.value.value() == 4.0
    window.run("redo")
    said: list[str] = []
    (before,) = desk.table.counted
    desk.said.connect(said.append)
    window.run("keep-the-lesions")
    assert case.marks.proposed is None and len(case.marks.segments) == 1 and said == ["Kept as segments: P2 is 1."]
    for when in ("at once, before it is measured", "once it is measured"):
        (row,) = desk.table.rows
        assert not desk.table.computing and not row.proposed and row.max == pytest.approx(9.0, rel=1e-3), when
        values = [(each.mean, each.peak, each.mtv_ml, each.tlg_g) for each in (row, before)]
        assert values[0] == pytest.approx(values[1], rel=1e-6), when
        until(window, lambda: measured(case) and not window.reading.findings.is_waiting(case.marks.segments[0]))
    desk.export(str(tmp_path))
    until(window, lambda: list(tmp_path.glob("*-lesions.csv")))
    text = list(csv.reader(next(tmp_path.glob("*.csv")).read_text(encoding="utf-8").splitlines()))
    assert ["unit", "SUVbw"] in text and not any("Demo" in cell for line in text for cell in line)
    hand, tile = window.reading.grid.hand, window.reading.grid.tiles[0]
    assert not hand.turning.taken(tile, BONE), "a click on a rotating MIP moves the crosshair while no tool is in hand"
    window.run("undo")
    window.run("pet-take-out-or-bring-back")
    assert hand.turning.taken(tile, BONE) and [round(each.max or 0) for each in desk.table.counted] == []
    window.run("undo")
    assert [(round(each.max or 0), each.proposed) for each in desk.table.rows] == [(20, True), (9, True)]


def test_clicks_make_lesions_and_references_which_score_them(window: MainWindow) -> None:
    case, desk = opened(window, PET_CT.study_instance_uid), window.reading.pet
    window.run("pet-panel")
    display_set = desk.display_set
    assert display_set is not None
    case.place_crosshair(display_set, BONE)
    tile = window.reading.grid.tiles[0]
    until(window, lambda: tile.screen() is not None and not jobs.active())
    window.run("pet-hot-spot")
    assert window.reading.findings.panel.isHidden(), "the panel of PET stays"
    screen = tile.screen()
    assert screen is not None
    x, y, _ = screen.pixel(BONE)
    hand = window.reading.grid.hand
    hand.press(tile, (x + 0.5, y + 0.5), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    hand.release((x + 0.5, y + 0.5))
    until(window, lambda: case.marks.segments)
    found = lesions(case.marks.segments, display_set)
    assert len(found) == 1 and found[0].mask.count == ball(BONE, 10.0).sum()
    assert found[0].algorithm_name == "isocontour, 41 % of max"
    for tool, point in ((Tool.LIVER, LIVER), (Tool.MEDIASTINUM, (-50.0, 60.0, 100.0)), (Tool.LIVER, LIVER)):
        desk.clicked(tile, tool, point)
    until(window, lambda: len(case.marks.segments) == 3 and measured(case) and len(desk.table.references) == 2)
    liver = reference(case.marks.segments, display_set, Region.LIVER)
    assert liver is not None and (liver.name, liver.site) == ("Liver reference", "Liver")
    assert not {"Peak", "MTV", "TLG"} & {each.name for each in liver.values}, "it is no lesion"
    assert {"Peak", "MTV", "TLG"} <= {each.name for each in case.marks.segments[0].values}
    assert window.reading.findings.panel.empty.text() == ONLY_SEGMENTS
    told = desk.table.reference(Region.LIVER)
    assert told is not None and told.mean == pytest.approx(2.5, rel=1e-3)
    assert [row.uid for row in desk.table.rows] == [found[0].tracking_uid], "references are no lesions"
    assert "Deauville 5: SUVmax 9.00" in desk.panel.rules.text() and "PERCIST asks for SUL" in desk.panel.rules.text()
    desk.clicked(tile, Tool.SPOT, BONE)
    twice = f"the totals count {found[0].mask.volume_ml:.3g} ml twice"
    until(window, lambda: len(case.marks.segments) == 4 and twice in desk.panel.rules.text())
    desk.panel.went.emit(0)
    until(window, lambda: not jobs.active())
    assert ball(BONE, 10.1)[tuple(_index(case.crosshair(display_set)))]


def _index(point: Vec3 | None) -> list[int]:
    assert point is not None
    places = np.stack([GRID.points_lps(k) for k in range(SHAPE[0])]).reshape(-1, 3)
    flat = int(np.linalg.norm(places - np.asarray(point), axis=1).argmin())
    return [int(each) for each in np.unravel_index(flat, SHAPE)]


def test_a_segment_on_a_dynamic_series_has_a_curve(window: MainWindow, tmp_path: Path) -> None:
    study = replace(PET_CT, study_id="77").study_instance_uid
    case, desk = opened(window, study), window.reading.pet
    display_set = desk.display_set
    assert display_set is not None and display_set.grid is not None and display_set.group is not None
    desk.clicked(window.reading.grid.tiles[0], Tool.MEDIASTINUM, display_set.grid.middle_lps)
    until(window, lambda: case.marks.segments)
    window.run("time-activity-curve")
    until(window, lambda: desk.activity.curves)
    (curve,) = desk.activity.chart.facts()
    assert curve["places"] == pytest.approx([10.0, 40.0, 100.0]) and curve["along"] == "s"
    assert np.diff(curve["means"]) == pytest.approx([curve["means"][0]] * 2, rel=1e-3)
    desk.activity.export(str(tmp_path))
    until(window, lambda: list(tmp_path.glob("*-curves.csv")))
    window.run("time-activity-curve")
    assert desk.activity.chart.isHidden()


def test_nothing_of_a_former_measure_stands_in_the_table(window: MainWindow) -> None:
    """Twice the weight is twice the SUV; of a value of 4 the node of 3 SUV becomes a lesion, and goes again."""
    case, desk, suv = opened(window, PET_CT.study_instance_uid), window.reading.pet, window.reading.suv
    case.marks.put_segments(())  # drafts of another test
    window.run("pet-panel")
    desk.clicked(window.reading.grid.tiles[0], Tool.LIVER, LIVER)
    until(window, lambda: len(desk.table.references) == 1)
    pet = suv.pet
    assert pet is not None
    weight = inputs_of(pet).PatientWeight or 0.0
    window.run("all-lesions")
    until(window, lambda: case.marks.proposed is not None and len(desk.table.rows) == 3)
    assert [row[0] for row in desk.panel.facts()["rows"]] == ["P1", "P2", "P3"]
    rules = desk.panel.rules.text()
    assert "physiological uptake not taken out yet: Deauville 5: SUVmax 20.00" in rules.replace("Proposed, ", "")
    suv.edit(Edits(weight_kg=2 * weight))
    assert desk.table.computing and not desk.table.rows and not desk.table.references
    assert "Deauville and PERCIST: computing" in desk.panel.rules.text() and "computing" in desk.panel.totals.text()
    assert desk.table.deauville(9.0).rule == "computing …"
    until(window, lambda: not desk.table.computing)
    assert [round(each.max or 0) for each in desk.table.rows] == [40, 18, 12, 5]
    assert desk.table.references[0].mean == pytest.approx(5.0, rel=1e-3)
    window.run("keep-the-lesions")
    until(window, lambda: len(desk.table.rows) == 4 and not desk.table.computing)
    assert desk.table.otherwise == ()
    suv.undo()
    assert {row[1] for row in desk.panel.facts()["rows"]} == {"…"}
    until(window, lambda: not desk.table.computing)
    assert [round(each.max or 0, 1) for each in desk.table.rows] == [20.0, 9.0, 6.0, 2.5]
    assert len(desk.table.otherwise) == 4 and "outlined from a value of another measure" in desk.panel.rules.text()
    window.run("undo")
    until(window, lambda: not desk.table.computing and case.marks.proposed is not None)
    assert [round(each.max or 0) for each in desk.table.rows] == [20, 9, 6], "a step back is told in the measure of now"
    suv.tell(Measure(BQML))
    until(window, lambda: not desk.table.computing)
    assert case.marks.proposed is None and not desk.table.rows and desk.table.unit == "Bq/ml"


def test_a_press_on_a_tick_takes_out_and_goes_nowhere(window: MainWindow) -> None:
    case, desk = opened(window, PET_CT.study_instance_uid), window.reading.pet
    case.marks.put_segments(())  # drafts of another test
    window.run("all-lesions")
    until(window, lambda: len(desk.table.rows) == 3)
    table = desk.panel.table
    went: list[int] = []
    desk.panel.went.connect(went.append)
    cell = table.visualRect(table.model().index(2, 0))
    tick, name = QPoint(cell.left() + 12, cell.center().y()), QPoint(cell.right() - 4, cell.center().y())
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=tick)
    assert [each.out for each in desk.table.rows] == [False, False, True] and not went
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=name)
    assert [each.out for each in desk.table.rows] == [False, False, True] and went == [2]


def test_a_threshold_stands_whole_with_its_unit(window: MainWindow) -> None:
    opened(window, PET_CT.study_instance_uid)
    window.run("pet-panel")
    panel = window.reading.pet.panel
    panel.show_threshold(4.0, 0.5, "SUVlbm(James128)", 0.41)
    QApplication.processEvents()
    assert panel.value.text() == "4.00 SUVlbm(James128)"
    line = panel.value.lineEdit()
    assert line.width() >= line.fontMetrics().horizontalAdvance(panel.value.text()) + 2
    assert panel.value.geometry().right() <= panel.width() and panel.slider.width() >= 100


def test_numbers_are_never_cut(window: MainWindow) -> None:
    """The name gives way: columns hold what the font makes of 1434 ml and a TLG of 110234."""
    opened(window, PET_CT.study_instance_uid)
    window.run("pet-panel")
    panel = window.reading.pet.panel
    row = Row("2.25.1", 1, "A lesion of a name that is long", "Liver", 124.44, 110.11, 118.2, 1434.0, 110234.0)
    panel.show_table("PET", HotTable("PET AC", "SUVbw", (row,)), {}, "")
    QApplication.processEvents()
    for column in range(1, 7):
        needed = panel.table.sizeHintForColumn(column)
        assert panel.table.columnWidth(column) >= needed, column
    assert (
        panel.table.columnWidth(0) >= 20 and panel.table.horizontalHeader().length() <= panel.table.viewport().width()
    )
