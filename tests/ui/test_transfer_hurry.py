"""A hundred hasty clicks while studies come: paused, stopped, tried again, cleared, opened, left. Nothing is lost."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.cache.made import STUDY, ct
from tests.network.archives import Archive, orthanc
from tests.network.read import contents
from tests.ui.conftest import settle
from tests.ui.test_transfer_outbox import shown
from workstation.network import nodes
from workstation.paths import Home
from workstation.traffic.errand import Act, State
from workstation.ui.window import MainWindow

Tool = Callable[[str], Path]
STUDIES = {1: 40, 2: 25, 3: 25}
CLICKS = 100


@pytest.fixture
def archive(tool: Tool, tmp_path: Path) -> Iterator[Archive]:
    with orthanc(tool, tmp_path / "archive") as made:
        for study, count in STUDIES.items():
            for number in range(1, count + 1):
                made.store(ct(number, study=study, Rows=64, Columns=64, PixelData=bytes(2 * 64 * 64)))
        yield made


@pytest.fixture
def window(archive: Archive, tmp_path: Path, qapp: QApplication) -> Iterator[MainWindow]:
    home = Home(tmp_path / "home").create()
    (home.root / "settings.toml").write_text("[archives]\nprefetch = false\n", encoding="utf-8")
    nodes.add(home, archive.node)
    made = MainWindow(home)
    made.resize(1280, 800)
    made.show()
    shown(made, lambda: made.list.model.elsewhere.archives)
    yield made
    made.close()
    settle()


def click(window: MainWindow, chance: random.Random) -> None:
    """One thing that somebody in a hurry does."""
    study = chance.choice(list(STUDIES))
    uid, transfers = f"{STUDY}.{study}", window.transfers
    rows = [row for row in transfers._list.rows if row.isVisible()]
    what = chance.choice(("fetch", "open", "hold", "hold", "stop", "stop", "clear", "leave", "listed", "list"))
    if what in ("fetch", "open"):
        transfers.retrieve("archive", uid, f"Study {study}", opens=what == "open", images=STUDIES[study])
    elif what in ("hold", "stop") and rows:
        button = getattr(chance.choice(rows), what)
        if button.isVisible() and button.isEnabled():
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    elif what == "clear" and transfers._list.clear_done.isVisible():
        QTest.mouseClick(transfers._list.clear_done, Qt.MouseButton.LeftButton)
    elif what == "leave":
        window.show_list()
    elif what == "listed" and window.list.model.item(uid) is not None:
        window.open_study(uid)
    elif what == "list":
        transfers.toggle()


@pytest.mark.parametrize("seed", [1])
def test_whatever_is_clicked_while_studies_come_each_is_whole_in_the_end(window: MainWindow, seed: int) -> None:
    chance, transfers = random.Random(seed), window.transfers
    transfers.toggle()
    for _ in range(CLICKS):
        click(window, chance)
        shown(window, lambda: True)
        assert window.page in ("list", "reading")
    for study, count in STUDIES.items():
        transfers.retrieve("archive", f"{STUDY}.{study}", f"Study {study}", images=count)
    for errand in transfers.errands:
        if errand.state is State.PAUSED:
            transfers.queue.resume(errand.number)
    shown(window, lambda: all(each.is_over for each in transfers.errands))
    assert {each.act for each in transfers.errands} <= {Act.RETRIEVE}
    assert not [each for each in transfers.errands if each.state is State.FAILED]
    for study, count in STUDIES.items():
        assert len(contents(window._home, f"{STUDY}.{study}")) == count
    window.show_list()
    listed = window.list.model
    shown(window, lambda: {each.uid for each in listed.items} == {f"{STUDY}.{study}" for study in STUDIES})
    shown(window, lambda: sum(each.row.images for each in listed.items) == sum(STUDIES.values()))
    window.open_study(f"{STUDY}.1")
    shown(window, lambda: window.facts()["tiles"] and window.facts()["tiles"][0].get("images") == STUDIES[1])
