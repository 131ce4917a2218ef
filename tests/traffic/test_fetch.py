"""A study comes complete or each series that is short is named, whatever happens to the node in the middle."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from tests.network.read import contents, keep
from tests.network.scripted import Script, scripted
from workstation.cache.entries import Arrival
from workstation.errors import Cancelled, NotFound, Reason, Refused
from workstation.network.call import Patience
from workstation.network.dimse import DimsePacs
from workstation.network.faults import NodeFault, Side
from workstation.network.nodes import Node
from workstation.network.part10 import Received
from workstation.paths import Home
from workstation.traffic.fetch import FetchReport, ShortSeries, Transfer, fetch_study
from workstation.traffic.writer import Writer

OBJECTS = [ct(number, series=series) for series, count in ((1, 8), (2, 3)) for number in range(1, count + 1)]
QUICK = Patience(2.0, 2.0, 0.6)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def fetch(home: Home, node: Node, told=lambda transfer: None, check=lambda: None) -> FetchReport:
    with Writer(home) as writer:
        return fetch_study(DimsePacs(node, patience=QUICK), f"{STUDY}.1", writer, told, check, first_wait_s=0.01)


@pytest.mark.parametrize("counts", [True, False])
def test_progress_counts_every_object_of_a_study_that_comes(home: Home, counts: bool) -> None:
    told: list[Transfer] = []
    with scripted(OBJECTS, Script(counts=counts)) as node:
        report = fetch(home, node, told.append)
    assert report.complete and report.stored == report.expected == len(OBJECTS)
    assert len(contents(home, f"{STUDY}.1")) == len(OBJECTS)
    assert [each.done for each in told] == list(range(1, len(OBJECTS) + 1))
    assert told[-1].total == len(OBJECTS) and told[-1].eta_s == 0 and told[-1].bytes > 10 * 48


def test_one_that_dies_in_the_middle_is_asked_for_the_rest_only(home: Home) -> None:
    script = Script(aborts_after=[4, 2])
    with scripted(OBJECTS, script) as node:
        report = fetch(home, node)
    assert report.complete and report.stored == len(OBJECTS)
    assert script.gets[0] == []
    asked = [uid for request in script.gets[1:] for uid in request]
    assert len(script.gets) > 2
    assert len(asked) < 2 * len(OBJECTS)


def test_one_that_falls_silent_in_the_middle_is_left_and_asked_for_the_rest(home: Home) -> None:
    script = Script(falls_silent_after=[3])
    with scripted(OBJECTS, script) as node:
        report = fetch(home, node)
    assert report.complete and report.stored == len(OBJECTS)
    assert sum(map(len, script.gets)) == len(OBJECTS) - 3


def test_one_that_claims_success_with_fewer_is_found_out_and_asked_again(home: Home) -> None:
    script = Script(hides=[5])
    with scripted(OBJECTS, script) as node:
        report = fetch(home, node)
    assert report.complete and report.stored == len(OBJECTS)
    assert sorted(uid for request in script.gets[1:] for uid in request) == [
        f"{STUDY}.1.1.{number}" for number in range(1, 6)
    ]


def test_a_series_that_stays_short_is_named(home: Home) -> None:
    script = Script(hides=[5] + [100] * 50)
    with scripted(OBJECTS, script) as node:
        report = fetch(home, node)
    assert not report.complete
    assert report.short == (ShortSeries(f"{STUDY}.1.1", "series 1", 3, 8),)
    assert report.stored == 6
    with scripted(OBJECTS, Script()) as node:
        again = fetch(home, node)
    assert again.complete and (again.stored, again.already_stored) == (5, 6)


def test_it_stops_when_asked_and_goes_on_from_there(home: Home) -> None:
    came: list[Transfer] = []

    def check() -> None:
        if len(came) >= 3:
            raise Cancelled

    script = Script(waits_after=5)
    with scripted(OBJECTS, script) as node:
        report = fetch(home, node, came.append, check)
        assert script.cancelled.is_set()
        assert report.stopped and not report.complete
        assert 3 <= report.stored <= 5
        assert len(contents(home, f"{STUDY}.1")) == report.stored
        script.waits_after = -1
        again = fetch(home, node)
    assert again.complete and again.already_stored == report.stored


def test_what_is_there_is_not_asked_for(home: Home) -> None:
    keep(home, OBJECTS)
    script = Script()
    with scripted(OBJECTS, script) as node:
        report = fetch(home, node)
    assert report.complete and (report.stored, report.already_stored) == (0, len(OBJECTS))
    assert script.gets == []


def test_a_study_that_is_not_there(home: Home) -> None:
    with scripted([ct(1, study=2)], Script()) as node, pytest.raises(NotFound, match="has no such study"):
        fetch(home, node)


def test_a_node_that_is_not_there_has_its_sentence_after_some_tries(home: Home) -> None:
    with scripted([], Script()) as gone:
        pass
    with pytest.raises(NodeFault, match="nothing listens on port") as caught:
        fetch(home, gone)
    assert caught.value.field == "port"


def test_an_unknown_move_destination_has_its_sentence(home: Home) -> None:
    with scripted(OBJECTS, Script()) as node:
        moved = Node(node.name, node.aet, node.host, node.port, retrieve="move")
        report = fetch(home, moved)
    assert "it does not know where to send them" in report.problem
    assert {each.have for each in report.short} == {0}


def test_one_that_falls_silent_is_left(home: Home) -> None:
    with scripted(OBJECTS, Script(silent=True)) as node, pytest.raises(NodeFault, match="not said anything") as caught:
        fetch(home, node)
    assert caught.value.side is Side.THEIRS


class AlmostFull(Writer):
    """A disk with room for three objects."""

    @property
    def lander(self) -> Callable[[Received], Arrival]:
        def land(received: Received) -> Arrival:
            if not next(self.room, False):
                raise Refused(Reason.DISK_FULL)
            return real(received)

        real = super().lander
        return land

    room = iter([True] * 3)


def test_a_full_disk_is_said_and_what_lacks_is_named(home: Home) -> None:
    script = Script()
    with scripted(OBJECTS, script) as node, AlmostFull(home) as writer:
        report = fetch_study(DimsePacs(node, patience=QUICK), f"{STUDY}.1", writer, first_wait_s=0.01)
    assert not report.complete and report.stored == 3
    assert {reason for _, reason in report.refused} == {Reason.DISK_FULL}
    assert sum(each.expected - each.have for each in report.short) == len(OBJECTS) - 3
    assert script.gets == [[]]
