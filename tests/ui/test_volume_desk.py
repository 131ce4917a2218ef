"""One press takes bones or the bed out of a 3D tile; undo brings them back, another press stops the search."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import settle
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case.drawing import tracking_uid
from workstation.case.drawing_tools import ground
from workstation.case.segmenting import fresh
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind
from workstation.findings.segment import Segment
from workstation.imaging.masks import Mask
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.vertebra import vertebra_phantom
from workstation.picture.volume import cut_away
from workstation.ui import volume_desk
from workstation.ui.volume_scissors import Side
from workstation.ui.window import MainWindow

phantom = cache(vertebra_phantom)
"""It takes a second to make."""


@pytest.fixture
def vertebra_home(tmp_path: Path) -> Home:
    """One for each test: scenes and drafts are kept in it."""
    write_series(phantom()[0], tmp_path / "in")
    home = Home(tmp_path / "home").create()
    import_paths(home, [tmp_path / "in"])
    return home


@pytest.fixture
def window(vertebra_home: Home, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(vertebra_home)
    made.resize(1000, 800)
    made.show()
    open_in_3d(made)
    yield made
    made.close()
    settle()


def open_in_3d(window: MainWindow) -> None:
    before = window.reading.case
    window.open_study(phantom()[0].study.study_instance_uid)
    until(lambda: window.reading.case is not before and window.reading.volumes.voxels() is not None)
    case = window.reading.case
    assert case is not None
    if case.tiles[case.active].scene is None:  # a study that is opened again comes back as it was left
        window.run("three-d")


def until(wanted: Callable[[], bool]) -> None:
    while not wanted():
        jobs.drain()
        QTest.qWait(5)


def cuts(window: MainWindow) -> tuple[str, ...]:
    case = window.reading.case
    assert case is not None
    scene = case.tiles[case.active].scene
    return tuple(each.name for each in scene.cuts) if scene is not None else ("flat",)


def test_bones_go_at_a_press_and_come_back_by_undo(window: MainWindow) -> None:
    window.run("remove-bones")
    until(lambda: cuts(window) == ("bones",))
    case = window.reading.case
    assert case is not None
    scene = case.tiles[case.active].scene
    assert scene is not None
    gone = cut_away(scene)
    truth = phantom()[1]
    assert gone is not None and gone[truth.bone].mean() >= 0.98 and gone[truth.vessel].mean() <= 0.02
    window.run("undo")
    assert cuts(window) == ()
    window.run("redo")
    assert cuts(window) == ("bones",)
    again = case.tiles[case.active].scene
    assert again is not None and cut_away(again) is not None
    window.run("bring-back-cuts")
    assert cuts(window) == ()


def test_pressed_again_the_search_is_stopped_and_nothing_goes(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    window.reading.volumes.said.connect(told.append)

    def endless(voxels: object, progress: Callable[[int, int], None]) -> None:
        while True:
            progress(1, 2)

    monkeypatch.setattr(volume_desk.removal, "without_bones", endless)
    window.run("remove-bones")
    assert window.reading.volumes.is_busy
    window.run("remove-bones")
    until(lambda: not window.reading.volumes.is_busy)
    assert told == ["Removing bones was stopped; nothing was removed."] and cuts(window) == ()


def test_the_largest_part_stays(window: MainWindow) -> None:
    window.run("keep-the-largest-part")
    told: list[str] = []
    window.reading.volumes.said.connect(told.append)
    until(lambda: bool(told))
    assert cuts(window) in ((), ("all but the largest part",))


OUTLINE = ((0.4, 0.35), (0.6, 0.35), (0.6, 0.7), (0.4, 0.7))
"""A box on the tile, in parts of its size."""
STEP = 4


def drawn(window: MainWindow, release: bool = True) -> None:
    """A hand draws round OUTLINE."""
    grid = window.reading.grid
    rect = grid.tiles[0].rect
    places = [rect.topLeft() + QPoint(round(x * rect.width()), round(y * rect.height())) for x, y in OUTLINE]
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=places[0])
    for start, end in pairwise(places):
        for step in range(1, 11):
            QTest.mouseMove(grid, start + (end - start) * step / 10)
    if release:
        QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=places[-1])


def expected(window: MainWindow) -> tuple[np.ndarray, np.ndarray]:
    """Which of every STEP voxels are seen well inside OUTLINE, and which well outside, by the camera alone."""
    case = window.reading.case
    assert case is not None
    view, tile = case.view(0), window.reading.grid.tiles[0]
    lattice = view.display_set.lattice if view.display_set is not None else None
    assert view.tile.scene is not None and lattice is not None
    places = np.empty((*(-(-size // STEP) for size in lattice.size[::-1]), 2))
    for k, j, i in np.ndindex(*places.shape[:3]):
        point = lattice.point((float(i * STEP), float(j * STEP), float(k * STEP)))
        places[k, j, i] = view.tile.scene.camera.pixel(point, *tile.size)[:2]
    part = places / tile.size
    low, high = np.array(OUTLINE[0]), np.array(OUTLINE[2])
    inside = np.asarray(((part > low + 0.02) & (part < high - 0.02)).all(axis=-1))
    outside = np.asarray(((part < low - 0.02) | (part > high + 0.02)).any(axis=-1))
    return inside, outside


@pytest.mark.parametrize("side", list(Side))
def test_an_outline_cuts_through_the_whole_depth(window: MainWindow, side: Side) -> None:
    window.run(f"scissors-{side}")
    drawn(window)
    until(lambda: cuts(window) == (f"what lay {side} the outline",))
    case = window.reading.case
    assert case is not None
    scene = case.tiles[0].scene
    assert scene is not None
    gone = cut_away(scene)
    inside, outside = expected(window)
    assert gone is not None
    gone = gone[::STEP, ::STEP, ::STEP]
    assert inside.any() and outside.any()
    goes, stays = (inside, outside) if side is Side.INSIDE else (outside, inside)
    assert gone[goes].all() and not gone[stays].any()
    window.run("undo")
    assert cuts(window) == ()


def test_esc_gives_the_outline_up_and_then_the_scissors(window: MainWindow) -> None:
    grid, scissors = window.reading.grid, window.reading.volumes.scissors
    plain = grid.grab().toImage()
    window.run("scissors-inside")
    drawn(window, release=False)
    assert grid.grab().toImage() != plain, "the outline is seen while it is drawn"
    window.reading.leave()
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert not window.reading.volumes.is_busy and cuts(window) == () and scissors.side is Side.INSIDE
    window.reading.leave()
    assert window.facts()["scissors"] is None and window.page == "reading"


def marked(case: Case) -> tuple[Finding, Segment]:
    """A measure and a segment in the space of the first tile."""
    shown = case.view(0).display_set
    under = ground(case.view(0))
    assert shown is not None and shown.grid is not None and under is not None
    points = ((-20.0, 0.0, 0.0), (20.0, 0.0, 0.0))
    series = (under.study_instance_uid, under.series_instance_uid)
    one = Finding(tracking_uid(), 1, Kind.LENGTH, points, under.frame_of_reference_uid, under.sources, *series)
    array = np.zeros(shown.grid.size[::-1], np.bool_)
    array[10:40, 20:60, 30:80] = True
    cyst = replace(fresh(case.marks, shown), mask=Mask.of(shown.grid, array), name="Cyst", opacity=0.6)
    case.marks.add(one)
    case.marks.put_segments((cyst,))
    return one, cyst


def test_a_scene_is_kept_and_reopened_in_large_type(window: MainWindow) -> None:
    window.run("scissors-inside")
    drawn(window)
    until(lambda: len(cuts(window)) == 1)
    window.run("3d-from-left")
    window.run("next-3d-preset")
    case = window.reading.case
    assert case is not None
    wanted = case.tiles[0].scene
    assert wanted is not None
    before = cut_away(wanted)
    one, cyst = marked(case)
    window.run("keep-the-scene")
    until(lambda: bool(window.reading.scenes.scenes))
    case.marks.change(replace(one, hidden=True))
    case.marks.change_segments(replace(cyst, hidden=True))
    case.marks.take_up(case.marks.drafts)  # nothing of this to undo
    window.run("bring-back-cuts")
    window.run("3d-from-feet")
    window.run("preset-1")
    case = window.reading.case
    assert case is not None
    if case.tiles[case.active].scene is None:  # a study that is opened again comes back as it was left
        window.run("three-d")
    window.run("scene-in-large-type")
    until(lambda: cuts(window) not in ((), ("flat",)))
    again = case.tiles[0].scene
    assert again is not None and window.audience.on
    assert (again.camera, again.preset) == (wanted.camera, wanted.preset)
    assert not case.marks.findings[-1].hidden and case.marks.segments[-1].look == cyst.look
    assert window.reading.scenes.scenes[0].title.endswith("with 1 measure and 1 segment")
    gone = cut_away(again)
    assert gone is not None and before is not None and (gone == before).all()
    window.run("undo")
    assert case.marks.findings[-1].hidden and len(cuts(window)) == 1
    window.run("undo")
    assert cuts(window) == ()
    window.audience.toggle()


def test_scenes_are_there_when_the_study_is_opened_again(window: MainWindow) -> None:
    window.run("scissors-inside")
    drawn(window)
    until(lambda: len(cuts(window)) == 1)
    shelf = window.reading.scenes
    window.run("keep-the-scene")
    until(lambda: bool(shelf.scenes))
    window.show_list()
    until(lambda: not shelf.scenes)
    open_in_3d(window)
    until(lambda: bool(shelf.scenes))
    window.run("bring-back-cuts")
    window.run("volume-panel")
    listed = window.reading.volume.scenes
    assert listed.titles() == [f"1  {shelf.scenes[0].title}"]
    until(lambda: cuts(window) == ())
    listed.setCurrentRow(0)
    QTest.keyClick(listed, Qt.Key.Key_Return)
    until(lambda: cuts(window) not in ((), ("flat",)))
    QTest.keyClick(listed, Qt.Key.Key_Delete)
    until(lambda: not shelf.scenes)
    assert listed.isHidden()


def test_a_scene_that_is_removed_while_it_is_read_is_not_shown(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.run("scissors-inside")
    drawn(window)
    until(lambda: len(cuts(window)) == 1)
    shelf = window.reading.scenes
    window.run("keep-the-scene")
    until(lambda: bool(shelf.scenes))
    window.run("bring-back-cuts")
    ended, unpacked = [], shelf._unpacked

    def read(*given: Any) -> None:
        unpacked(*given)
        ended.append(given)

    monkeypatch.setattr(shelf, "_unpacked", read)
    shelf.reopen(0)
    shelf.scenes = ()
    until(lambda: bool(ended))
    assert cuts(window) == ()


def test_segments_are_seen_in_3d_as_they_look_and_hidden_ones_are_not(window: MainWindow) -> None:
    case = window.reading.case
    assert case is not None
    shown = case.view(0).display_set
    assert shown is not None and shown.grid is not None

    def drawn_segments() -> object:
        picture = window.reading.grid.tiles[0].picture
        scene = picture.facts.get("scene", {}) if picture is not None else {}
        return scene.get("segments") if scene.get("settled") else None

    until(lambda: drawn_segments() == [])
    array = np.zeros(shown.grid.size[::-1], np.bool_)
    array[10:40, 20:60, 30:80] = True
    mask = Mask.of(shown.grid, array)
    case.marks.put_segments((replace(fresh(case.marks, shown), mask=mask, name="Cyst", opacity=1.0),))
    until(lambda: drawn_segments() == ["Cyst"])
    case.marks.change_segments(replace(case.marks.segments[0], hidden=True))
    until(lambda: drawn_segments() == [])
