"""A study that a process of its own fetches: as complete, as stopped and as refused as one that is fetched here."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.network.read import contents
from tests.network.scripted import Script, scripted
from tests.traffic.test_fetch import OBJECTS, QUICK, STUDY
from workstation.cache.entries import Arrival
from workstation.errors import Cancelled, Reason, Refused
from workstation.network.call import Patience
from workstation.network.courier import Couriers, Going
from workstation.network.dimse import DimsePacs
from workstation.network.faults import NodeFault, Side
from workstation.network.nodes import Node
from workstation.network.pacs import Selection, Watch
from workstation.network.part10 import Received
from workstation.paths import Home
from workstation.traffic.abroad import bringing
from workstation.traffic.fetch import FetchReport, Transfer, fetch_study
from workstation.traffic.landing import Landing
from workstation.traffic.writer import Writer


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


@contextmanager
def sent_out(home: Home) -> Iterator[tuple[Writer, Couriers]]:
    with Writer(home) as writer, Couriers(writer.lander) as couriers:
        yield writer, couriers


def fetch(
    home: Home, node: Node, told=lambda transfer: None, check=lambda: None, patience: Patience = QUICK
) -> FetchReport:
    with sent_out(home) as (writer, couriers):
        way = partial(DimsePacs, node, patience=patience)
        bring = bringing(couriers, way)
        return fetch_study(way(), f"{STUDY}.1", writer, told, check, first_wait_s=0.01, bring=bring)


def test_it_comes_complete_though_the_node_breaks_off(home: Home) -> None:
    told: list[Transfer] = []
    script = Script(aborts_after=[4])
    with scripted(OBJECTS, script) as node:
        report = fetch(home, node, told.append)
    assert report.complete and report.stored == len(OBJECTS)
    assert len(contents(home, f"{STUDY}.1")) == len(OBJECTS)
    assert [each.done for each in told] == sorted(each.done for each in told) and told[-1].done == len(OBJECTS)
    assert len([uid for request in script.gets[1:] for uid in request]) < len(OBJECTS)


def test_it_stops_when_asked_and_what_came_is_kept(home: Home) -> None:
    came: list[Transfer] = []

    def check() -> None:
        if came and came[-1].done >= 3:
            raise Cancelled

    script = Script(waits_after=5)
    with scripted(OBJECTS, script) as node:
        report = fetch(home, node, came.append, check, Patience(30.0, 30.0, 30.0))  # it is stopped, not left
    assert report.stopped and not report.complete and not report.problem
    assert report.stored == len(contents(home, f"{STUDY}.1")) and 3 <= report.stored <= 5


def test_a_fault_there_is_the_same_fault_here(home: Home) -> None:
    with scripted([], Script()) as gone:
        pass
    with sent_out(home) as (_, couriers), pytest.raises(NodeFault, match="nothing listens on port") as caught:
        couriers.fetch(partial(DimsePacs, gone), Selection(f"{STUDY}.1"), lambda record: None, Watch(), Going())
    assert (caught.value.field, caught.value.side) == ("port", Side.BETWEEN)


class AlmostFull(Writer):
    """A disk with room for three objects, in whichever process."""

    @property
    def lander(self) -> partial[Arrival]:
        return partial(land_three, super().lander, [])


def land_three(land: partial[Arrival], landed: list[str], received: Received) -> Arrival:
    if len(landed) == 3:
        raise Refused(Reason.DISK_FULL)
    landed.append(received.sop_instance_uid)
    return land(received)


def test_a_full_disk_is_said_and_no_more_is_asked_for(home: Home) -> None:
    script = Script()
    with scripted(OBJECTS, script) as node, AlmostFull(home) as writer, Couriers(writer.lander) as couriers:
        way = partial(DimsePacs, node, patience=QUICK)
        report = fetch_study(way(), f"{STUDY}.1", writer, first_wait_s=0.01, bring=bringing(couriers, way))
    assert not report.complete and report.stored == 3
    assert [reason for _, reason in report.refused] == [Reason.DISK_FULL]
    assert script.gets == [[]]


def die_at_the_third(land: partial[Arrival], landed: list[str], received: Received) -> Arrival:
    """An object that ends the process that reads it, once in its life."""
    landed.append(received.sop_instance_uid)
    if len(landed) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return land(received)


def test_a_process_that_dies_costs_a_try(home: Home) -> None:
    with (
        scripted(OBJECTS, Script()) as node,
        Writer(home) as writer,
        Couriers(partial(die_at_the_third, writer.lander, [])) as couriers,
    ):
        way = partial(DimsePacs, node, patience=QUICK)
        with pytest.raises(NodeFault, match="ended the process") as caught, Landing(writer) as landing:
            bringing(couriers, way)(Selection(f"{STUDY}.1"), landing, Watch())
    assert caught.value.passing and caught.value.side is Side.OURS


def test_what_is_looked_at_is_said_once_until_it_is_another() -> None:
    going = Going()
    assert going.taken() is None
    threads = [threading.Thread(target=going.look_at, args=(("1.2",),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    word = going.taken()
    assert word is not None and word.instances == ("1.2",)
    assert going.taken() is None
    going.look_at(("1.2",))
    assert going.taken() is None
    going.look_at(("1.3",))
    word = going.taken()
    assert word is not None and word.instances == ("1.3",)
