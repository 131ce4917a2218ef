"""Curved planes in the window: points placed by clicks and moved by their handles, what is shown below, and both ways
between it and the planes; a vessel of known course and width."""

import math
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tests.imaging import tubes
from workstation import jobs
from workstation.cache import files
from workstation.cache.importer import import_paths
from workstation.case import planes, view_tools
from workstation.case.curve import Curve
from workstation.case.open import study_sets
from workstation.findings.finding import Kind
from workstation.imaging.geometry import Vec3, vec
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries, PhantomStudy
from workstation.picture.reformat import written
from workstation.ui import reformat_writer
from workstation.ui.curve_capture import PICTURE_PX
from workstation.ui.curve_hand import CURVE, CurveHand
from workstation.ui.curve_panel import CurvePanel
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.tile_grid import TileGrid
from workstation.ui.window import MainWindow

STUDY = PhantomStudy(study_id="VESSEL", accession_number="VESSEL-1")
FIRST, LAST = tubes.on_bend(5.0), tubes.on_bend(tubes.QUARTER_MM - 5.0)


@pytest.fixture(scope="module")
def vessel_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("vessel")
    block = tubes.bend(5.0, 5.0)
    (i, j, k), (x_mm, y_mm, z_mm) = block.grid.size, block.grid.spacing
    grid = Grid((k, j, i), block.grid.origin_lps, (y_mm, x_mm), z_mm)
    write_series(PhantomSeries(block.stored, grid, study=STUDY), folder / "in")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "in"])
    return home


@pytest.fixture
def window(vessel_home: Home, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(vessel_home, protocol="planes")
    made.resize(1200, 900)
    made.show()
    made.open_study(STUDY.study_instance_uid)
    until(lambda: bool(made.reading.grid.tiles) and all(each.picture for each in made.reading.grid.tiles))
    until(lambda: made.reading.case is not None and all_there(made))
    yield made
    made.close()
    until(lambda: not jobs.active())
    jobs.shutdown()
    jobs.drain()


def until(wanted: Callable[[], bool]) -> None:
    """Let what is under way go on until something is so; the test's own time limit ends what never comes."""
    while not wanted():
        jobs.drain(0.01)
        QApplication.processEvents()


def writing() -> list[jobs.Job]:
    return [each for each in jobs.active() if each.title.startswith("Write")]


def all_there(window: MainWindow) -> bool:
    case = window.reading.case
    loading = window.loader.get(next(iter(case.sets))) if case is not None else None
    return loading is not None and loading.voxels.whole


def place_of(window: MainWindow, number: int, point: Vec3) -> QPoint:
    """Where a point lies on the grid of tiles, logical pixels, once the tile's plane goes through it."""
    case = window.reading.case
    assert case is not None
    view_tools.go_to_point(case, number, point)
    tile = window.reading.grid.tiles[number]

    def is_in_plane() -> bool:
        screen = tile.screen()
        return screen is not None and abs(screen.pixel(point)[2]) < 0.6 and not tile.busy

    until(is_in_plane)
    screen = tile.screen()
    assert screen is not None
    x, y, _ = screen.pixel(point)
    return QPoint(round(tile.rect.x() + x + 0.5), round(tile.rect.y() + y + 0.5))


def click(window: MainWindow, number: int, point: Vec3) -> None:
    QTest.mouseClick(window.reading.grid, Qt.MouseButton.LeftButton, pos=place_of(window, number, point))


def followed(window: MainWindow) -> MainWindow:
    """The vessel from two clicks, followed, with its picture."""
    opened(window)
    click(window, 0, FIRST)
    click(window, 0, LAST)
    window.run("follow-the-vessel")
    desk = window.reading.curved
    until(lambda: len(desk.curve.points) > 2 and shown(window)["length_mm"] is not None)
    until(lambda: shown(window)["shown_arc_mm"] == shown(window)["arc_mm"] and not jobs.active())
    return window


def opened(window: MainWindow) -> None:
    """The curve open, and the tiles in the room it leaves them."""
    window.run("curve")
    grid, panel = window.reading.grid, window.reading.curved.panel
    until(lambda: panel.isVisible() and panel.y() == grid.y() + grid.height() and panel.width() == grid.width())


def shown(window: MainWindow) -> dict:
    facts = window.facts()["curve"]
    assert facts is not None
    return facts


def test_two_clicks_find_the_vessel_its_length_and_its_width(window: MainWindow) -> None:
    facts = shown(followed(window))
    assert not facts["placing"]
    assert facts["arc_mm"] == pytest.approx(facts["length_mm"], abs=1.0), "where the crosshair was put last"
    assert facts["length_mm"] == pytest.approx(tubes.QUARTER_MM - 10.0, abs=1.0)
    found = window.reading.curved.panel.followed
    assert found is not None and found.lumen is not None
    assert np.nanmedian(found.lumen.effective_mm) == pytest.approx(10.0, abs=0.35)
    window.run("keep-the-curve")
    case = window.reading.case
    assert case is not None
    (finding,) = case.marks.findings
    assert finding.kind is Kind.POLYLINE and finding.in_patient
    assert finding.values[0].value == pytest.approx(facts["length_mm"])
    straight = math.fsum(math.dist(a, b) for a, b in zip(finding.points, finding.points[1:], strict=False))
    assert straight == pytest.approx(finding.values[0].value, rel=2e-3)


def test_the_planes_and_the_place_on_the_curve_follow_each_other(window: MainWindow) -> None:
    desk, case = followed(window).reading.curved, window.reading.case
    assert case is not None
    display_set = next(iter(case.sets.values()))
    desk.look(20.0)
    line = desk.panel.followed
    assert line is not None
    assert case.crosshair(display_set) == pytest.approx(line.line.place(20.0).point_lps, abs=1e-6)
    view_tools.go_to_point(case, 0, tubes.on_bend(35.0))
    assert desk.curve.arc_mm == pytest.approx(line.line.nearest(tubes.on_bend(35.0))[0])
    view_tools.go_to_point(case, 0, (11.0, 40.0, 45.0))
    assert desk.curve.arc_mm == pytest.approx(line.line.nearest(tubes.on_bend(35.0))[0]), "too far from the curve"


def test_a_handle_is_dragged_and_the_line_follows(window: MainWindow) -> None:
    opened(window)
    for point in (FIRST, tubes.on_bend(30.0), LAST):
        click(window, 0, point)
    window.run("curve")
    desk, grid = window.reading.curved, window.reading.grid
    until(lambda: shown(window)["length_mm"] is not None and not jobs.active())
    before, place = desk.curve.points, place_of(window, 0, tubes.on_bend(30.0))
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(grid, place + QPoint(14, 0))
    assert desk.curve.points != before
    window.run("back")
    assert desk.curve.points == before and shown(window), "the point in hand goes back; nothing closes"
    QTest.mouseMove(grid, place + QPoint(30, 0))
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=place + QPoint(30, 0))
    assert desk.curve.points == before
    place = place_of(window, 0, tubes.on_bend(30.0))
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=place)
    for step in (6, 12):
        QTest.mouseMove(grid, place + QPoint(step, 0))
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=place + QPoint(12, 0))
    screen = grid.tiles[0].screen()
    assert screen is not None
    moved = np.subtract(desk.curve.points[1], before[1])
    assert moved == pytest.approx(np.array(screen.step_right) * 12, abs=1e-6)
    assert (desk.curve.points[0], desk.curve.points[2]) == (before[0], before[2])
    until(lambda: desk.panel.followed is not None and desk.panel.followed.points == desk.curve.points)


def test_the_panel_turns_by_dragging_and_marks_with_shift(window: MainWindow) -> None:
    panel = followed(window).reading.curved.panel
    curve = window.reading.curved.curve
    x = round(panel.x_of(20.0))
    QTest.mousePress(panel, Qt.MouseButton.LeftButton, pos=QPoint(x, 60))
    assert curve.arc_mm == pytest.approx(20.0, abs=0.3)
    QTest.mouseMove(panel, QPoint(x, 100))
    QTest.mouseRelease(panel, Qt.MouseButton.LeftButton, pos=QPoint(x, 100))
    assert curve.degrees == pytest.approx(20.0)
    until(lambda: not jobs.active())
    at, shift = panel.height() - 40, Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(panel, Qt.MouseButton.LeftButton, shift, QPoint(round(panel.x_of(10.0)), at))
    send_move(panel, QPoint(round(panel.x_of(40.0)), at))
    QTest.mouseRelease(panel, Qt.MouseButton.LeftButton, shift, QPoint(round(panel.x_of(40.0)), at))
    assert curve.between == pytest.approx((10.0, 40.0), abs=0.5)
    assert panel.narrowing is not None and panel.narrowing.of_diameter == pytest.approx(0.0, abs=0.05)


def send_move(panel: CurvePanel, place: QPoint) -> None:
    """A move with Shift held, which QTest cannot say."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    kind, button, shift = QEvent.Type.MouseMove, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
    event = QMouseEvent(kind, QPointF(place), QPointF(panel.mapToGlobal(place)), button, button, shift)
    QApplication.sendEvent(panel, event)


def seen_in(hand: CurveHand, tiles: Sequence[ScreenTile]) -> set[str]:
    """Whether the curve is drawn on an empty ground of the size of a tile, or can be taken hold of there."""
    seen: set[str] = set()
    for tile in tiles:
        ground = QImage(tile.rect.size(), QImage.Format.Format_ARGB32_Premultiplied)
        ground.fill(0)
        bare = ground.copy()
        painter = QPainter(ground)
        hand.paint(painter, tile)
        painter.end()
        if ground != bare:
            seen.add(CURVE)
        screen, curve = tile.screen(), hand.curve
        assert screen is not None and curve is not None
        places = [screen.pixel(point) for point in curve.points]
        if any(hand.handle_at(tile, (x + 0.5, y + 0.5)) is not None for x, y, _ in places):
            seen.add(CURVE)
    return seen


def test_escape_leaves_step_by_step_and_loses_nothing(window: MainWindow) -> None:
    followed(window).run("curve")
    assert window.facts()["curve"] is None, "a curve that is not placed any more is closed"
    window.run("curve")
    assert shown(window)["placing"] and len(shown(window)["points"]) > 2
    window.run("back")
    assert not shown(window)["placing"]
    hand, tiles = window.reading.grid.hand.curve, window.reading.grid.tiles
    assert seen_in(hand, tiles) == {CURVE}
    window.run("back")
    assert window.facts()["curve"] is None and window.page == "reading"
    assert seen_in(hand, tiles) == set(), "the curve goes with what was shown along it"
    window.run("curve")
    assert seen_in(hand, tiles) == {CURVE}, "its points come back"
    window.run("curve")
    window.run("curve")
    assert seen_in(hand, tiles) == set()
    points = window.reading.curved.curve.points
    window.reading.show_case(window.reading.case)
    assert window.facts()["curve"] is None and window.reading.curved.curve.points == points, "nothing is lost"


@pytest.mark.parametrize("typed", ["abc", "-5"])
def test_what_is_no_thickness_is_answered_and_typed_anew(window: MainWindow, typed: str) -> None:
    case = window.reading.case
    assert case is not None
    window.run("thickness-in-mm")
    entry = window.reading.thickness
    assert [each.text() for each in entry.findChildren(QLabel)] == ["Thickness, mm"]
    entry.setText(typed)
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert "from 0 to 500 mm" in window.facts()["message"] and entry.isVisible()
    assert not case.tiles[case.active].slab.is_thick
    entry.setText("7,5 mm")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert case.tiles[case.active].slab.thickness_mm == 7.5
    assert window.facts()["message"] == "" and not entry.isVisible()


def test_straight_planes_say_what_stayed(window: MainWindow) -> None:
    window.run("tip-plane")
    window.run("planes-of-the-scanner")
    assert "thickness and crosshair stay" in window.facts()["message"]
    window.run("thicker")
    assert window.facts()["message"] == ""


def test_planes_are_written_into_the_study(window: MainWindow, vessel_home: Home) -> None:
    case = window.reading.case
    assert case is not None
    case.activate(1)
    planes.set_slab(case, 1, 10.0)
    window.run("write-planes-as-a-series")
    entry = window.reading.reformats.entry
    asked = re.fullmatch(r"Coronal planes, 10 mm .*: (\d+) images 10 mm apart, .*", window.facts()["message"])
    assert asked is not None and not writing() and entry.text() == "10"
    assert window.facts()["message"].endswith("Enter writes them, Esc does not.")
    entry.give_up()
    assert window.facts()["message"] == "Nothing was written." and not writing()
    planes.set_slab(case, 1, 0.0)
    window.run("write-planes-as-a-series")
    assert "without thickness" in window.facts()["message"] and not writing()
    entry.give_up()
    planes.set_slab(case, 1, 10.0)
    window.run("write-planes-as-a-series")
    for refused in ("0", "-3", "a few"):
        entry.setText(refused)
        QTest.keyClick(entry, Qt.Key.Key_Return)
        assert entry.isVisible() and "a number above 0 mm" in window.facts()["message"]
    entry.setText("5 mm")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert entry.isHidden()
    until(lambda: window.facts()["message"].endswith("a new series of the study."))
    sets, _ = study_sets(vessel_home, STUDY.study_instance_uid)
    made = max(sets, key=lambda each: each.first.SeriesNumber or 0)
    assert made.first.ImageType == ("DERIVED", "SECONDARY", "AXIAL", "MIP")
    assert made.grid is not None and made.first.SeriesDescription.startswith("Coronal")
    assert made.grid.spacing[2] == pytest.approx(5.0)
    assert len(made.images) == pytest.approx(2 * int(asked[1]), abs=1)
    until(lambda: not jobs.active())


def test_writing_planes_that_is_stopped_says_so(
    window: MainWindow, vessel_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()

    def held_up(*given: Any) -> Any:
        stopped.wait()
        return written(*given)

    monkeypatch.setattr(reformat_writer, "written", held_up)
    before = len(study_sets(vessel_home, STUDY.study_instance_uid)[0])
    window.run("write-planes-as-a-series")
    QTest.keyClick(window.reading.reformats.entry, Qt.Key.Key_Return)
    (job,) = writing()
    job.cancel()
    stopped.set()
    until(lambda: window.facts()["message"] == "Stopped: nothing was written.")
    assert len(study_sets(vessel_home, STUDY.study_instance_uid)[0]) == before


def test_the_line_is_pulled_to_a_new_point_and_shift_takes_one_away(window: MainWindow) -> None:
    opened(window)
    for point in (FIRST, LAST):
        click(window, 0, point)
    window.run("curve")
    desk, grid = window.reading.curved, window.reading.grid
    until(lambda: shown(window)["length_mm"] is not None and not jobs.active())
    assert desk.panel.followed is not None
    middle = desk.panel.followed.line.place(20.0).point_lps
    place, curve = place_of(window, 2, middle), desk.curve
    view_tools.go_to_point(desk._case, 2, tubes.on_bend(60.0))  # the crosshair's own middle is not the line
    until(lambda: not jobs.active())
    before = curve.points
    drag(grid, place, QPoint(0, 0), QPoint(0, -18))
    assert len(curve.points) == 3 and (curve.points[0], curve.points[2]) == before
    screen = grid.tiles[2].screen()
    assert screen is not None
    up = np.subtract(curve.points[1], middle) @ np.array(screen.step_down)
    assert up / float(np.dot(screen.step_down, screen.step_down)) == pytest.approx(-18, abs=1.0)
    window.run("undo")
    assert curve.points == before, "making and pulling it is one step"
    window.run("redo")
    until(lambda: desk.panel.followed is not None and desk.panel.followed.points == curve.points)
    at = place_of(window, 2, curve.points[1])
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, at)
    assert curve.points == before


def drag(grid: TileGrid, place: QPoint, *by: QPoint) -> None:
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=place)
    for each in by:
        QTest.mouseMove(grid, place + each)
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=place + by[-1])


def test_undo_takes_back_marks_and_points_in_the_order_they_were_made(window: MainWindow) -> None:
    followed(window)
    case, desk = window.reading.case, window.reading.curved
    assert case is not None
    case.marks.take_up(())
    whole = desk.curve.points
    window.run("keep-the-curve")
    window.run("take-back-the-last-point")
    assert len(desk.curve.points) == len(whole) - 1 and "changed" in shown(window)["title"]
    window.run("undo")
    assert desk.curve.points == whole and len(case.marks) == 1
    window.run("undo")
    assert len(case.marks) == 0 and desk.curve.points == whole
    window.run("undo")
    assert len(desk.curve.points) == 2, "before the vessel was followed there were two clicks"
    for _ in range(3):
        window.run("redo")
    assert len(case.marks) == 1 and len(desk.curve.points) == len(whole) - 1


def test_a_curve_that_was_kept_is_taken_up_again_and_changed(window: MainWindow) -> None:
    length = shown(followed(window))["length_mm"]
    case, desk = window.reading.case, window.reading.curved
    assert case is not None
    case.marks.take_up(())
    window.run("keep-the-curve")
    (kept,) = case.marks.findings
    assert shown(window)["title"] == kept.title
    window.run("curve")
    window.run("curve")
    window.run("curve-anew")
    assert desk.curve.points == () and len(case.marks) == 1
    window.run("back")
    window.run("back")
    case.marks.take_up([replace(kept, points=tuple(vec(np.float32(each)) for each in kept.points))])
    case.marks.select(kept.tracking_uid)
    window.run("curve")
    until(lambda: shown(window)["length_mm"] is not None and not jobs.active())
    assert not shown(window)["placing"] and 3 <= len(desk.curve.points) <= 30
    assert shown(window)["length_mm"] == pytest.approx(length, rel=2e-3), "few points make the line that was kept"
    window.run("take-back-the-last-point")
    until(lambda: shown(window)["length_mm"] is not None and not jobs.active())
    shorter = shown(window)["length_mm"]
    assert shorter < length - 1
    window.run("keep-the-curve")
    (changed,) = case.marks.findings
    assert (changed.tracking_uid, changed.number) == (kept.tracking_uid, kept.number)
    assert changed.values[0].value == pytest.approx(shorter)


def test_the_pane_says_what_it_shows(window: MainWindow) -> None:
    facts = shown(followed(window))
    assert facts["head"].startswith("Curve  ·  straightened  ·  turned 0°  ·  C 40  W 400 HU")
    assert facts["ends"] == ["F", "A"], "it rises from the feet and ends towards the front"
    assert set(facts["sides"]) == {"L", "R"}
    assert "Click" not in facts["said"]
    desk = window.reading.curved
    window.run("turn-about-the-curve")
    window.run("straightened-or-stretched")
    until(lambda: "stretched  ·  turned 10°" in shown(window)["head"])
    desk.look(20.0)
    until(lambda: shown(window)["shown_arc_mm"] == 20.0)
    assert shown(window)["words"][0].startswith("At 20.0 of")
    assert shown(window)["words"][1].startswith("⌀ 10.") or shown(window)["words"][1].startswith("⌀ 9.")
    assert "± 0.6 mm" in shown(window)["words"][1], "half of the largest spacing"
    desk.curve.put((FIRST, tubes.on_bend(tubes.QUARTER_MM + 20.0)))
    until(lambda: shown(window)["length_mm"] is not None and not jobs.active())
    desk.look(desk.panel.followed.line.length_mm)
    until(lambda: shown(window)["shown_arc_mm"] == desk.curve.arc_mm)
    assert "The curve lies outside the images here." in shown(window)["words"]


def test_the_picture_of_a_curve_is_written_without_a_place_in_the_patient(
    window: MainWindow, vessel_home: Home, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    followed(window).run("turn-about-the-curve")
    until(lambda: shown(window)["shown_degrees"] == 10.0)
    window.run("save-the-picture-of-the-curve")
    until(lambda: window.facts()["message"].startswith("Saved a picture of the curve"))
    sets, digests = study_sets(vessel_home, STUDY.study_instance_uid)
    made = next(each for each in sets if each.first.Modality == "OT")
    file = tmp_path / "curve.dcm"
    file.write_bytes(files.read(vessel_home, digests[made.first.SOPInstanceUID]))
    written = pydicom.dcmread(file)
    codes = [(each.CodeValue, each.CodingSchemeDesignator) for each in written.DerivationCodeSequence]
    assert codes == [("113073", "DCM")]
    assert "turned 10°" in written.DerivationDescription
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID", "PixelSpacing"):
        assert keyword not in written, "nothing in it lies where a plane would"
    known = {each.instance.SOPInstanceUID for each in next(each for each in sets if each.grid is not None).images}
    assert {each.ReferencedSOPInstanceUID for each in written.SourceImageSequence} <= known
    said = subprocess.run([tool("dciodvfy"), "-new", file], capture_output=True, text=True).stderr
    assert not [line for line in said.splitlines() if line.startswith("Error")], said
    image = SimpleITK.ReadImage(str(file))
    assert image.GetSize()[:2] == PICTURE_PX and image.GetNumberOfComponentsPerPixel() == 3
    until(lambda: not jobs.active())


def test_each_space_keeps_its_curve() -> None:
    curve = Curve()
    curve.begin("one", "space")
    curve.add((0.0, 0.0, 0.0))
    curve.add((1.0, 0.0, 0.0))
    assert curve.is_line
    curve.begin("another phase", "space")
    assert len(curve.points) == 2, "through another volume of the same space"
    curve.begin("other", "elsewhere")
    assert curve.points == () and curve.placing
    curve.begin("one", "space")
    assert len(curve.points) == 2
