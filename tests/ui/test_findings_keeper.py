"""Drafts follow each change, the newest alone; leaving a case keeps what no job has kept yet."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation import jobs
from workstation.case.drawing_drafts import kept
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui.findings_keeper import Keeper

pytestmark = pytest.mark.usefixtures("qapp")


def mark(number: int) -> Finding:
    return finding(
        Kind.LENGTH, [(0, 0, 0), (number, 0, 0)], tracking_uid=f"2.25.{number}", number=number, study_instance_uid="1.1"
    )


@pytest.fixture
def place(home: Path) -> Home:
    return Home(home).create()


@pytest.fixture
def case() -> Case:
    return beside(stack("1", study="1.1"))


@pytest.fixture
def keeper(case: Case, place: Home) -> Iterator[Keeper]:
    failures: list[Exception] = []
    made = Keeper(case, place, Loader(place), lambda: None, failures.append)
    case.marks.changed.connect(made.follow)
    yield made
    case.marks.changed.disconnect(made.follow)
    while jobs.active() or jobs.drain():
        jobs.drain(0.02)
    jobs.shutdown()
    assert not failures


def rest(keeper: Keeper) -> None:
    while not keeper.saved:
        jobs.drain(timeout_s=10)


def test_each_change_is_kept(case: Case, keeper: Keeper, place: Home) -> None:
    case.marks.add(mark(1))
    assert not keeper.saved
    rest(keeper)
    assert kept(place, "1.1") == (mark(1),)
    for number in range(2, 30):
        case.marks.add(mark(number))
    rest(keeper)
    assert kept(place, "1.1") == tuple(mark(number) for number in range(1, 30))
    while case.marks.undo():
        pass
    rest(keeper)
    assert kept(place, "1.1") == ()


def test_leaving_keeps_what_no_job_has_kept_yet(case: Case, keeper: Keeper, place: Home) -> None:
    for number in range(1, 4):
        case.marks.add(mark(number))
    keeper.finish()
    assert kept(place, "1.1") == (mark(1), mark(2), mark(3))
    rest(keeper)
    assert kept(place, "1.1") == (mark(1), mark(2), mark(3))


def test_what_is_undone_before_its_job_is_heard_of_does_not_come_back(case: Case, keeper: Keeper, place: Home) -> None:
    case.marks.add(mark(1))
    while not kept(place, "1.1"):  # the job has written; nothing is drained, so nobody has heard of it
        time.sleep(0)
    case.marks.undo()
    keeper.finish()
    assert kept(place, "1.1") == ()
    rest(keeper)
    assert kept(place, "1.1") == ()
