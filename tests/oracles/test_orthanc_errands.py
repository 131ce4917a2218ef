"""Errands against Orthanc: each way a study comes, paused and gone on with, sent on, and what a wrong node costs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cache.made import STUDY, ct
from tests.network.archives import Archive
from tests.network.dicomweb import orthanc_web
from tests.network.loopback import free_port
from tests.network.read import contents, dataset, keep
from tests.network.receiving import until
from workstation import jobs
from workstation.network import nodes
from workstation.network.nodes import Node
from workstation.network.pacs import Level
from workstation.paths import Home
from workstation.traffic.ask import Answer, Asking
from workstation.traffic.carrier import Carrier
from workstation.traffic.errand import Act, State
from workstation.traffic.queue import Queue

Tool = Callable[[str], Path]
RECEIVER_PORT = free_port()
OBJECTS = {f"{STUDY}.1.1.{number}": ct(number) for number in range(1, 25)}


@pytest.fixture(scope="module")
def archive(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Archive, Node]]:
    known = {"us": ["HOUNSFIELD", "127.0.0.1", RECEIVER_PORT]}
    with orthanc_web(tool, tmp_path_factory.mktemp("orthanc"), DicomModalities=known) as (made, web):
        for data in OBJECTS.values():
            made.store(data)
        yield made, web


@pytest.fixture
def home(tmp_path: Path, archive: tuple[Archive, Node]) -> Home:
    made = Home(tmp_path / "home").create()
    orthanc, web = archive
    for node in (
        replace(orthanc.node, name="get"),
        replace(orthanc.node, name="move", retrieve="move"),
        replace(web, name="web"),
        Node("nobody", "NOBODY", "127.0.0.1", free_port()),
    ):
        nodes.add(made, node)
    return made


@contextmanager
def queue_of(home: Home, came: list[str], **more: Any) -> Iterator[Queue]:
    carrier = Carrier(home, lambda instance: came.append(instance.SOPInstanceUID), RECEIVER_PORT)
    made = Queue(home, carrier, **more)
    try:
        yield made
    finally:
        made.close()
        jobs.drain()


@pytest.mark.parametrize("first", [(), ("",), (f"{STUDY}.1.1.17",)])
@pytest.mark.parametrize("way", ["get", "move", "web"])
def test_a_study_comes_each_way_and_each_object_is_told_once(home: Home, way: str, first: tuple[str, ...]) -> None:
    came: list[str] = []
    with queue_of(home, came) as queue:
        queue.add(Act.RETRIEVE, way, f"{STUDY}.1", first=first)
        until(lambda: all(each.is_over for each in queue.errands))
        (errand,) = queue.errands
        assert (errand.state, errand.done, errand.total) == (State.DONE, 24, 24)
    assert sorted(came) == sorted(OBJECTS)
    if way == "web" and first and first[0]:
        assert first[0] in came[:4]  # a few come abreast
    kept = contents(home, f"{STUDY}.1")
    assert all(kept[uid] == dataset(data) for uid, data in OBJECTS.items())


def test_one_that_is_paused_goes_on_with_what_lacks(home: Home) -> None:
    came: list[str] = []
    keep(home, list(OBJECTS.values())[:20])
    with queue_of(home, came) as queue:
        number = queue.add(Act.RETRIEVE, "get", f"{STUDY}.1").number
        queue.pause(number)
        until(lambda: not queue._stops)
        queue.resume(number)
        until(lambda: all(each.is_over for each in queue.errands))
        assert queue.errands[0].state is State.DONE
    assert sorted(came) == sorted(list(OBJECTS)[20:])


def test_a_node_that_is_not_there_is_tried_again_and_given_up_with_its_field(home: Home) -> None:
    with queue_of(home, [], rest_s=()) as queue:
        queue.add(Act.RETRIEVE, "nobody", f"{STUDY}.1")
        queue.add(Act.RETRIEVE, "unknown", f"{STUDY}.1")
        until(lambda: all(each.is_over for each in queue.errands), 60)
        told = {each.node: each for each in queue.errands}
    assert "nothing listens" in told["nobody"].reason and told["nobody"].field == "port"
    assert "There is no node 'unknown'" in told["unknown"].reason and told["unknown"].attempts == 0


def test_nodes_are_asked_side_by_side_and_one_that_fails_says_why(home: Home) -> None:
    known, _ = nodes.load(home)
    heard: list[Answer] = []
    asking = Asking(known.values(), {"PatientID": "P1", "NumberOfStudyRelatedInstances": ""}, heard.append)
    until(lambda: asking.is_over)
    ends = {each.node: each for each in heard if each.over}
    assert ends.keys() == {"get", "move", "web", "nobody"}
    assert ends["nobody"].field == "port" and not ends["get"].problem
    rows = {each.node: row for each in heard for row in each.rows}
    assert rows.keys() == {"get", "move", "web"}
    assert {row["NumberOfStudyRelatedInstances"] for row in rows.values()} == {"24"}


def test_a_query_that_finds_too_much_is_cut_and_says_so(home: Home) -> None:
    known, _ = nodes.load(home)
    heard: list[Answer] = []
    keys = {"StudyInstanceUID": f"{STUDY}.1", "SeriesInstanceUID": f"{STUDY}.1.1"}
    asking = Asking([known["get"]], keys, heard.append, Level.IMAGE, most=5)
    until(lambda: asking.is_over)
    assert sum(len(each.rows) for each in heard) == 5 and heard[-1].cut
