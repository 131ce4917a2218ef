"""Whether an archive has earlier studies of a patient of the list is unknown, is asked by a key, and then known."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.cache.made import STUDY, ct
from tests.network.archives import Archive, orthanc
from tests.network.read import keep
from tests.ui.conftest import settle
from tests.ui.test_transfer_outbox import shown
from workstation.network import nodes
from workstation.paths import Home
from workstation.ui.window import MainWindow

Tool = Callable[[str], Path]
HERE = f"{STUDY}.1"
ONE = {"PatientID": "P1", "PatientName": "Doe^Jane", "PatientBirthDate": "19600229"}


@pytest.fixture
def archive(tool: Tool, tmp_path: Path) -> Iterator[Archive]:
    with orthanc(tool, tmp_path / "archive") as made:
        for number, day in ((1, "20240301"), (2, "20190301"), (3, "20250301")):
            made.store(ct(1, study=number, StudyDate=day, **ONE))
        yield made


@pytest.fixture
def window(archive: Archive, tmp_path: Path, qapp: QApplication) -> Iterator[MainWindow]:
    home = Home(tmp_path / "home").create()
    keep(home, [ct(1, study=1, StudyDate="20240301", **ONE)])
    made = MainWindow(home)
    made.show()
    yield made
    made.close()
    settle()


def priors(window: MainWindow) -> str:
    return str(window.list.facts()["priors"].get(HERE))


def test_a_key_asks_the_archives_for_the_patients_other_studies(window: MainWindow, archive: Archive) -> None:
    shown(window, lambda: priors(window) == "")
    window.run("priors-in-the-archives")
    assert "No archive is set up" in window.status.message.text()
    nodes.add(window._home, archive.node)
    window._nodes_kept()
    shown(window, lambda: priors(window) == "ask")
    window.run("priors-in-the-archives")
    assert window.page == "query"
    shown(window, lambda: len(window.query.model.lines) == 4)  # the patient, and three studies
    shown(window, lambda: priors(window) == "0 +1")
    window.leave_page()
    place = window.list.model.place(HERE) or 0
    column = [each for each in range(window.list.model.columnCount()) if window.list.model.text(place, each) == "0 +1"]
    tip = window.list.model.data(window.list.model.index(place, column[0]), 3)
    assert tip.splitlines() == ["In the archives, and not here:", "2019-03-01  study 2  on archive"]


def test_who_types_the_next_query_is_not_taken_at_his_word_before_its_end(window: MainWindow, archive: Archive) -> None:
    """The patient's other studies are looked for while a date is half typed: what was asked last counts, not that."""
    nodes.add(window._home, archive.node)
    window.run("find-in-the-archives")
    fields = window.query.fields.fields
    shown(window, lambda: window.query.nodes.boxes)
    fields["name"].setText("doe")
    fields["dates"].setText("2025")
    window.query.search()
    shown(window, lambda: not window.query.is_asking and len(window.query.model.lines) == 2)
    fields["dates"].setText("202")
    shown(window, lambda: len(window.query.model.lines) == 4)  # the patient, the study asked for, and two priors
    assert window.page == "query"
