"""A turn written from the window: PNG files without a name; asked again meanwhile it stops and leaves nothing."""

from pathlib import Path

import pytest

from tests.ui.test_volume_desk import phantom, until, vertebra_home, window
from workstation.paths import Home
from workstation.picture.turntable import PLACE
from workstation.render.volume_process import volumes
from workstation.ui import turntable_desk
from workstation.ui.window import MainWindow

__all__ = ["vertebra_home", "window"]


def said_by(window: MainWindow) -> list[str]:
    said: list[str] = []
    window.turntables.said.connect(said.append)
    return said


def test_a_turn_is_written_as_pictures_or_stopped(
    window: MainWindow, vertebra_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.settings.set("export.folder", "turns")
    window.settings.set("export.turntable", "png")
    monkeypatch.setattr(turntable_desk, "FRAMES", 3)
    monkeypatch.setattr(turntable_desk, "SIDE_PX", 96)
    said = said_by(window)
    window.run("write-a-turntable")
    until(lambda: bool(said) and "Written to" in said[-1])
    (folder,) = Path(vertebra_home.root / "turns").iterdir()
    assert sorted(each.name for each in folder.iterdir()) == ["001.png", "002.png", "003.png"]
    pictures = [each.read_bytes() for each in sorted(folder.iterdir())]
    assert len(set(pictures)) == 3 and all(each.startswith(b"\x89PNG") for each in pictures)
    assert phantom()[0].study.patient_id not in folder.name
    case = window.reading.case
    assert case is not None
    place = (case.tiles[case.active].display_set or "", PLACE)
    assert not volumes().knows(place), "nobody asks for what was written"
    monkeypatch.setattr(turntable_desk, "FRAMES", 100_000)  # it cannot end by itself before it is stopped
    window.run("write-a-turntable")
    assert window.turntables.is_busy
    until(lambda: volumes().knows(place))
    window.run("write-a-turntable")
    until(lambda: said[-1] == "Stopped: no turntable was written.")
    assert [each.name for each in folder.parent.iterdir()] == [folder.name]
    assert not volumes().knows(place)
