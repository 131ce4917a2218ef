"""DCMTK's programs as peers: storescu sends to our receiver, dcmqrscp is queried, gives and takes."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from tests.network.archives import dcmqrscp
from tests.network.loopback import free_port
from tests.network.read import contents, dataset
from tests.network.receiving import Running, running, until
from workstation.cache import files
from workstation.cache.index import Index
from workstation.errors import Refused
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node
from workstation.network.pacs import Level
from workstation.network.part10 import unwrapped
from workstation.network.reception import Reception
from workstation.paths import Home
from workstation.traffic.fetch import fetch_study
from workstation.traffic.receive import receiving
from workstation.traffic.writer import Writer

Tool = Callable[[str], Path]
OBJECTS = {f"{STUDY}.1.1.{number}": ct(number) for number in range(1, 6)}


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(Home(tmp_path_factory.mktemp("home")).create(), Reception(port=0)) as made:
        yield made


def storescu(tool: Tool, receiver: Running, *options: str | Path) -> str:
    command = [tool("storescu"), "-v", "-aec", "HOUNSFIELD", "127.0.0.1", str(receiver.node.port), *options]
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def test_echoscu_is_answered(tool: Tool, receiver: Running) -> None:
    command = [tool("echoscu"), "-v", "-aec", "HOUNSFIELD", "127.0.0.1", str(receiver.node.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert "Received Echo Response (Success)" in done.stdout + done.stderr


def test_storescu_sends_and_what_is_acknowledged_is_kept(tool: Tool, receiver: Running, tmp_path: Path) -> None:
    for uid, data in OBJECTS.items():
        (tmp_path / uid).write_bytes(data)
    said = storescu(tool, receiver, *(tmp_path / uid for uid in OBJECTS))
    assert said.count("Received Store Response (Success)") == len(OBJECTS)
    kept = contents(receiver.home, f"{STUDY}.1")
    assert {uid: dataset(data) for uid, data in OBJECTS.items()} == kept


def test_every_transfer_syntax_comes_byte_for_byte(tool: Tool, receiver: Running, data_dir: Path) -> None:
    sent: dict[str, tuple[str, bytes]] = {}
    for path in sorted((data_dir / "transfer_syntaxes").rglob("*.dcm")):
        try:
            out = unwrapped(path.read_bytes())
        except Refused:
            continue
        if out.sop_instance_uid in sent:
            continue
        (stored,) = DimsePacs(receiver.node).store([path.read_bytes()])
        if not stored.problem:
            sent[out.sop_instance_uid] = (out.transfer_syntax_uid, bytes(out.dataset))
    assert len({syntax for syntax, _ in sent.values()}) >= 8
    with Index(receiver.home) as index:
        quarantined = {each.sop_instance_uid for each in index.quarantined()}
        for uid, (syntax, data) in sent.items():
            digest = index.digest_of(uid)
            assert digest is not None or uid in quarantined
            if digest is not None:
                kept = unwrapped(files.read(receiver.home, digest))
                assert (kept.transfer_syntax_uid, bytes(kept.dataset)) == (syntax, data)


@pytest.mark.parametrize("way", ["get", "move"])
def test_dcmqrscp_takes_is_queried_and_gives(tool: Tool, tmp_path: Path, way: str) -> None:
    home = Home(tmp_path / "home").create()
    port = free_port()
    with dcmqrscp(tool, tmp_path / "qr", port) as archive:
        node = Node("qr", "QRSCP", "127.0.0.1", archive.node.port, retrieve=way)
        pacs = DimsePacs(node)
        assert [each.problem for each in pacs.store(OBJECTS.values())] == [""] * len(OBJECTS)
        (study,) = pacs.find(Level.STUDY, {"PatientName": "", "StudyDescription": ""})
        assert study["StudyDescription"] == "study 1"
        with Writer(home) as writer, receiving(Reception(port=port), writer):
            report = fetch_study(pacs, f"{STUDY}.1", writer)
    assert report.complete and report.stored == len(OBJECTS)
    assert contents(home, f"{STUDY}.1") == {uid: dataset(data) for uid, data in OBJECTS.items()}


def test_the_same_objects_again_are_known(receiver: Running) -> None:
    data = [ct(number, study=3) for number in range(1, 4)]
    before = receiver.tally.already_stored
    for _ in range(2):
        assert [each.problem for each in DimsePacs(receiver.node).store(data)] == [""] * 3
    until(lambda: receiver.tally.already_stored - before == 3)
    assert len(contents(receiver.home, f"{STUDY}.3")) == 3
