"""Errands: whoever waits goes first, few at a time, and what fails is tried again, stopped, paused, kept."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.network.receiving import until
from workstation import jobs
from workstation.errors import Cancelled, HounsfieldError, Reason
from workstation.network.faults import NodeFault, Side
from workstation.network.pacs import Check
from workstation.paths import Home
from workstation.security import acts
from workstation.security.acts import Entry, Kind
from workstation.traffic import errand as errands
from workstation.traffic.errand import Act, Errand, State
from workstation.traffic.fetch import FetchReport, ShortSeries, Transfer
from workstation.traffic.queue import Queue

COMPLETE = FetchReport("1.2", 3, 0, 3, 30, 0.1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


class Gate:
    """A deed that waits at a gate for each errand, and notes the order in which they begin."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.open = threading.Event()
        self.answers: dict[str, list[FetchReport | Exception]] = {}

    def __call__(self, errand: Errand, told: Callable[[Transfer], None], check: Check) -> FetchReport:
        self.begun.append(errand.study)
        told(Transfer(1, 3, 10, 5.0, 2.0))
        while not self.open.wait(0.005):
            check()
        answer = (self.answers.get(errand.study) or [COMPLETE]).pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def queue_of(home: Home, gate: Gate, **more: object) -> Iterator[Queue]:
    made = Queue(home, gate, rest_s=(0.01, 0.02), **more)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        made.close()
        jobs.drain()


def states(queue: Queue) -> dict[str, State]:
    return {each.study: each.state for each in queue.errands}


def test_who_waits_goes_before_what_is_for_later_and_two_stand_at_a_node(home: Home) -> None:
    gate = Gate()
    with queue_of(home, gate) as queue:
        for number in range(3):
            queue.add(Act.RETRIEVE, "pacs", f"later{number}", later=True)
        until(lambda: gate.begun == ["later0"])  # one for later alone, whatever room there is
        queue.add(Act.RETRIEVE, "pacs", "wanted")
        until(lambda: gate.begun == ["later0", "wanted"])
        queue.add(Act.RETRIEVE, "pacs", "wanted too")
        queue.add(Act.RETRIEVE, "pacs", "most wanted", priority=5)
        assert len(gate.begun) == 2
        gate.open.set()
        until(lambda: all(each.is_over for each in queue.errands))
    assert gate.begun.index("most wanted") < gate.begun.index("wanted too") < gate.begun.index("later1")


def test_four_run_at_most_and_one_place_is_left_for_who_waits(home: Home) -> None:
    gate = Gate()
    with queue_of(home, gate) as queue:
        for number in range(6):
            queue.add(Act.RETRIEVE, f"node{number}", f"later{number}", later=True)
        until(lambda: len(gate.begun) == 3)
        queue.add(Act.RETRIEVE, "node9", "wanted")
        until(lambda: "wanted" in gate.begun)
        assert len(gate.begun) == 4
        gate.open.set()
        until(lambda: all(each.is_over for each in queue.errands))


def test_progress_is_said_and_a_paused_one_goes_on(home: Home) -> None:
    gate = Gate()
    with queue_of(home, gate) as queue:
        number = queue.add(Act.RETRIEVE, "pacs", "1.2", title="whose it is").number
        until(lambda: queue.errands[0].total == 3)
        assert (queue.errands[0].done, queue.errands[0].bytes_per_s, queue.errands[0].eta_s) == (1, 5.0, 2.0)
        queue.pause(number)
        until(lambda: states(queue) == {"1.2": State.PAUSED} and not queue._stops)
        gate.open.set()
        assert states(queue) == {"1.2": State.PAUSED}
        queue.resume(number)
        until(lambda: states(queue) == {"1.2": State.DONE})
        assert (queue.errands[0].done, queue.errands[0].title) == (3, "whose it is")


def test_what_may_pass_is_tried_again_and_given_up_with_its_reason(home: Home) -> None:
    gate = Gate()
    gate.open.set()
    busy = NodeFault("it is busy", Side.THEIRS, "", passing=True)
    gate.answers = {
        "passes": [busy, COMPLETE],
        "stays": [busy] * 9,
        "never": [NodeFault("no such host", Side.OURS, "host")],
    }
    with queue_of(home, gate) as queue:
        for study in gate.answers:
            queue.add(Act.RETRIEVE, study, study)
        until(lambda: all(each.is_over for each in queue.errands))
        assert states(queue) == {"passes": State.DONE, "stays": State.FAILED, "never": State.FAILED}
        told = {each.study: (each.reason, each.side, each.field) for each in queue.errands}
    assert told["stays"] == ("it is busy", "the node", "")
    assert told["never"] == ("no such host", "this workstation", "host")
    assert gate.begun.count("never") == 1 and gate.begun.count("stays") == 3


def test_a_short_series_is_named_and_a_full_disk_is_not_tried_again(home: Home) -> None:
    gate = Gate()
    gate.open.set()
    short = FetchReport("1.2", 1, 0, 54, 1, 0.1, short=(ShortSeries("1.2.3", "Lung", 27, 54),))
    full = FetchReport("1.2", 1, 0, 54, 1, 0.1, refused=(("1", Reason.DISK_FULL),), problem="x", full=True)
    gate.answers = {"short": [short] * 9, "full": [full] * 9}
    with queue_of(home, gate) as queue:
        for study in gate.answers:
            queue.add(Act.RETRIEVE, study, study)
        until(lambda: all(each.is_over for each in queue.errands))
        told = {each.study: each for each in queue.errands}
    assert told["short"].reason == "27 of 54 of Lung came" and told["short"].short[0].have == 27
    assert gate.begun.count("full") == 1 and "disk" in told["full"].reason


def test_one_that_is_stopped_is_over_and_a_second_wish_is_the_same_errand(home: Home) -> None:
    gate = Gate()
    with queue_of(home, gate) as queue:
        first = queue.add(Act.RETRIEVE, "pacs", "1.2", later=True, why="prior")
        again = queue.add(Act.RETRIEVE, "pacs", "1.2")
        assert (again.number, again.later) == (first.number, False)
        queue.add(Act.RETRIEVE, "pacs", "1.3", later=True, why="prior")
        queue.cancel_later("prior")
        until(lambda: states(queue)["1.3"] is State.STOPPED)
        queue.cancel(first.number)
        until(lambda: all(each.is_over for each in queue.errands) and not queue._stops)
        assert "1.3" not in gate.begun


def test_what_is_left_is_there_after_a_restart_and_names_nobody(home: Home) -> None:
    gate = Gate()
    with queue_of(home, gate) as queue:
        queue.add(Act.RETRIEVE, "pacs", "1.2", title="Doe^Jane", priority=7)
        queue.add(Act.SEND, "pacs", "1.3", later=True)
        paused = queue.add(Act.RETRIEVE, "other", "1.4")
        queue.pause(paused.number)
        until(lambda: "1.2" in gate.begun)
    assert "Doe" not in (home.root / errands.FILE).read_text()
    gate = Gate()
    gate.open.set()
    with queue_of(home, gate) as queue:
        until(lambda: len(queue.errands) == 3 and all(e.is_over or e.state is State.PAUSED for e in queue.errands))
        assert states(queue) == {"1.2": State.DONE, "1.3": State.DONE, "1.4": State.PAUSED}
        assert next(e.priority for e in queue.errands if e.study == "1.2") == 7


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"format": 1, "errands": [{"act": "x"}]}), "[" * 5000])
def test_a_spoiled_file_is_as_good_as_none(home: Home, text: str) -> None:
    (home.root / errands.FILE).write_text(text)
    assert errands.left(home) == ()


def test_each_errand_is_on_the_record_and_a_role_is_asked(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, record = Gate(), list[Entry]()
    gate.open.set()
    monkeypatch.setattr(acts, "_record", record.append)
    with queue_of(home, gate) as queue:
        queue.add(Act.SEND, "pacs", "1.2")
        until(lambda: all(each.is_over for each in queue.errands))
        assert [each.outcome for each in record] == ["asked", "began", "done"]
        assert {(each.kind, each.node, each.study_instance_uid) for each in record} == {(Kind.SEND, "pacs", "1.2")}
        monkeypatch.setattr("workstation.security.roles.require.__defaults__", ("surgeon",))
        with pytest.raises(HounsfieldError, match="role"):
            queue.add(Act.RETRIEVE, "pacs", "1.3")
    assert record[-1] == Entry(Kind.RETRIEVE, "refused", "pacs", "1.3")


@pytest.mark.expects_log("an errand failed")
def test_a_fault_of_ours_costs_one_errand(home: Home) -> None:
    gate = Gate()
    gate.open.set()
    gate.answers = {"broken": [ZeroDivisionError()], "stopped": [Cancelled()]}
    with queue_of(home, gate) as queue:
        queue.add(Act.RETRIEVE, "pacs", "broken")
        until(lambda: states(queue) == {"broken": State.FAILED})
        assert queue.errands[0].reason == "That failed: ZeroDivisionError."
