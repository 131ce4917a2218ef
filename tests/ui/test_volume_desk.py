"""One press takes bones or the bed out of a 3D tile; undo brings them back, another press stops the search."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.vertebra import vertebra_phantom
from workstation.picture.volume import cut_away
from workstation.ui import volume_desk
from workstation.ui.window import MainWindow


@pytest.fixture(scope="module")
def vertebra_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("vertebra")
    write_series(vertebra_phantom()[0], folder / "in")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "in"])
    return home


@pytest.fixture
def window(vertebra_home: Home, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(vertebra_home)
    made.resize(1000, 800)
    made.show()
    made.open_study(vertebra_phantom()[0].study.study_instance_uid)
    until(lambda: made.reading.volumes.voxels() is not None)
    made.run("three-d")
    yield made
    made.close()
    until(lambda: not jobs.active())
    jobs.shutdown()
    jobs.drain()


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
    truth = vertebra_phantom()[1]
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
