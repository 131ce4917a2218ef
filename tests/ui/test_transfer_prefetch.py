"""An open study has its patient's likely priors fetched, later than all else; once it is closed nobody wants them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.cache.made import STUDY, ct
from tests.network.archives import Archive, orthanc
from tests.network.read import contents, keep
from tests.ui.conftest import settle
from tests.ui.test_transfer_outbox import shown
from workstation.network import nodes
from workstation.paths import Home
from workstation.traffic.ask import Asking
from workstation.traffic.errand import State
from workstation.ui import transfer_prefetch
from workstation.ui.window import MainWindow

Tool = Callable[[str], Path]
NOW, PRIOR, LATER = (f"{STUDY}.{number}" for number in (1, 2, 3))
ONE = {"PatientID": "P1", "StudyDescription": "CT thorax"}


@pytest.fixture
def archive(tool: Tool, tmp_path: Path) -> Iterator[Archive]:
    with orthanc(tool, tmp_path / "archive") as made:
        for study, day in ((2, "20230301"), (3, "20250301")):
            made.store(ct(1, study=study, StudyDate=day, **ONE))
        yield made


@pytest.fixture
def window(
    archive: Archive, tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr(transfer_prefetch, "AFTER_MS", 0)
    monkeypatch.setattr(Asking, "is_over", False)  # the thread of a node that has answered ends when it likes
    home = Home(tmp_path / "home").create()
    nodes.add(home, archive.node)
    keep(home, [ct(1, StudyDate="20240301", **ONE)])
    made = MainWindow(home)
    made.show()
    shown(made, lambda: made.list.model.item(NOW))
    yield made
    made.close()
    settle()


def test_priors_of_an_open_study_come_in_the_later_lane_until_it_is_closed(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, ended = window.transfers.queue, list[str]()
    cancel = queue.cancel_later
    monkeypatch.setattr(queue, "cancel_later", lambda why: (ended.append(why), cancel(why)))
    window.open_study(NOW)
    shown(window, lambda: [each.state for each in window.transfers.errands] == [State.DONE])
    (errand,) = window.transfers.errands
    assert (errand.study, errand.later, errand.why) == (PRIOR, True, f"earlier study of …{NOW[-8:]}")
    assert list(contents(window._home, PRIOR)) == [f"{PRIOR}.1.1"]
    assert ended == []
    window.show_list()
    assert ended == [errand.why]
