"""Orthanc as an archive over DIMSE: what it holds is found, comes as it is kept, and what we send it keeps."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest
from pydicom.uid import RLELossless

from tests.cache.made import STUDY, ct
from tests.network.archives import Archive, orthanc
from tests.network.loopback import free_port
from tests.network.read import contents, dataset, keep
from tests.network.receiving import until
from workstation.cache import files
from workstation.cache.index import Index
from workstation.cache.outbox import Kind, Outbox
from workstation.errors import Refused
from workstation.network.dimse import DimsePacs
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node
from workstation.network.pacs import Level
from workstation.network.part10 import unwrapped
from workstation.network.reception import Reception
from workstation.network.storage import COMMON, PLAIN
from workstation.network.trial import tried
from workstation.paths import Home
from workstation.traffic.fetch import fetch_study
from workstation.traffic.outbox import Sender
from workstation.traffic.receive import receiving
from workstation.traffic.send import send_study
from workstation.traffic.writer import Writer

Tool = Callable[[str], Path]
COUNT = 7
OBJECTS = {
    f"{STUDY}.1.{series}.{number}": ct(number, series=series)
    for series, count in ((1, COUNT), (2, 3))
    for number in range(1, count + 1)
}
RECEIVER_PORT = free_port()


@pytest.fixture(scope="module")
def archive(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with orthanc(tool, tmp_path_factory.mktemp("orthanc"), RECEIVER_PORT, DicomCheckCalledAet=True) as running:
        for data in (*OBJECTS.values(), ct(1, study=2, PatientID="P2", PatientName="Ärztin^Ö")):
            running.store(data)
        yield running


@pytest.fixture
def own_home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def test_it_answers_and_is_queried_at_four_levels(archive: Archive) -> None:
    pacs = DimsePacs(archive.node)
    assert 0 < pacs.echo() < 10
    (patient,) = pacs.find(Level.PATIENT, {"PatientID": "P2", "PatientName": ""})
    assert patient["PatientName"] == "Ärztin^Ö"
    (study,) = pacs.find(Level.STUDY, {"PatientID": "P1", "NumberOfStudyRelatedInstances": ""})
    assert (study["StudyInstanceUID"], study["NumberOfStudyRelatedInstances"]) == (f"{STUDY}.1", "10")
    series = list(pacs.find(Level.SERIES, {"StudyInstanceUID": f"{STUDY}.1", "SeriesNumber": ""}))
    assert {each["SeriesNumber"] for each in series} == {"1", "2"}
    keys = {"StudyInstanceUID": f"{STUDY}.1", "SeriesInstanceUID": f"{STUDY}.1.1"}
    images = [each["SOPInstanceUID"] for each in pacs.find(Level.IMAGE, keys)]
    assert sorted(images) == sorted(f"{STUDY}.1.1.{number}" for number in range(1, COUNT + 1))


def test_a_wrong_title_is_told_and_the_right_one_tested(archive: Archive) -> None:
    with pytest.raises(NodeFault, match="not called 'WRONG'") as caught:
        DimsePacs(Node("x", "WRONG", "127.0.0.1", archive.node.port)).echo()
    assert caught.value.field == "aet"
    assert [step for step, _ in tried(DimsePacs(archive.node))] == ["connection, association and echo", "query"]


@pytest.mark.parametrize("way", ["get", "move"])
def test_a_study_comes_as_it_was_stored(archive: Archive, own_home: Home, way: str) -> None:
    node = Node("a", "ORTHANC", "127.0.0.1", archive.node.port, retrieve=way)
    reception = Reception(port=RECEIVER_PORT)
    with Writer(own_home) as writer, receiving(reception, writer):
        report = fetch_study(DimsePacs(node), f"{STUDY}.1", writer)
    assert report.complete and not report.refused
    assert report.expected == len(OBJECTS)
    kept = contents(own_home, f"{STUDY}.1")
    assert kept.keys() == OBJECTS.keys()
    for uid, data in OBJECTS.items():
        assert kept[uid] == dataset(data)


def test_what_lacks_is_asked_for_and_nothing_else(archive: Archive, own_home: Home) -> None:
    asked = []

    class Counting(DimsePacs):
        def retrieve(self, what, sink, watch):  # type: ignore[no-untyped-def]
            asked.append(what.instances)
            return super().retrieve(what, sink, watch)

    keep(own_home, list(OBJECTS.values())[2:])
    with Writer(own_home) as writer:
        report = fetch_study(Counting(archive.node), f"{STUDY}.1", writer)
    assert report.complete
    assert (report.stored, report.already_stored) == (2, len(OBJECTS) - 2)
    assert [set(each) for each in asked] == [{f"{STUDY}.1.1.1", f"{STUDY}.1.1.2"}]


def test_what_we_send_is_there_byte_for_byte(tool: Tool, own_home: Home, tmp_path: Path) -> None:
    with orthanc(tool, tmp_path / "empty") as target:
        keep(own_home, list(OBJECTS.values()))
        report = send_study(DimsePacs(target.node), own_home, f"{STUDY}.1")
        assert (report.sent, report.failed) == (len(OBJECTS), ())
        kept = target.files()
    for uid, data in OBJECTS.items():
        ours, theirs = (dataset(each) for each in (data, kept[uid]))
        assert ours == theirs
    with Index(own_home) as index:
        assert len(index.instances(f"{STUDY}.1")) == len(OBJECTS)


class Asking(DimsePacs):
    """Asks about an object that the node never had, as if it had taken and lost it."""

    def commit(self, transaction, objects, within_s=0.1, check=lambda: None):  # type: ignore[no-untyped-def]
        return super().commit(transaction, [(objects[0][0], "1.2.3")], within_s, check)


def test_it_commits_to_what_it_has_and_says_so_to_our_receiver(archive: Archive, own_home: Home) -> None:
    keep(own_home, [ct(1, study=5)])
    outbox = Outbox(own_home)
    sender = Sender(own_home, lambda name: DimsePacs(archive.node))
    with Writer(own_home) as writer, receiving(Reception(port=RECEIVER_PORT), writer, sender.heard):
        outbox.put(f"{STUDY}.5", (), "archive", Kind.COMMIT)
        sender.step()
        until(lambda: not outbox.items())
        outbox.put(f"{STUDY}.5", (), "archive", Kind.COMMIT)
        Sender(own_home, lambda name: Asking(archive.node)).step()
        until(lambda: any(each.reason for each in outbox.items()))
    (item,) = outbox.items()
    assert "does not keep 1 of 1" in item.reason


def test_compressed_objects_come_as_they_are_stored(tool: Tool, own_home: Home, tmp_path: Path, data_dir: Path) -> None:
    sent: dict[str, tuple[str, bytes]] = {}
    with orthanc(tool, tmp_path / "orthanc") as source:
        for path in sorted((data_dir / "transfer_syntaxes").rglob("*.dcm")):
            data = path.read_bytes()
            try:
                out = unwrapped(data)
                source.store(data)
            except (Refused, HTTPError):
                continue
            sent[out.sop_instance_uid] = (out.transfer_syntax_uid, data)
        pacs = DimsePacs(source.node)
        with Writer(own_home) as writer:
            for row in list(pacs.find(Level.STUDY, {})):
                assert fetch_study(pacs, row["StudyInstanceUID"], writer).complete
    with Index(own_home) as index:
        digests = {uid: index.digest_of(uid) for uid in sent}
    kept = {uid: files.read(own_home, digest) for uid, digest in digests.items() if digest}
    assert kept.keys() == sent.keys()
    exact = {*PLAIN, *COMMON} - {RLELossless}  # this Orthanc gives RLE uncompressed, whatever is asked for
    common = {uid: data for uid, (syntax, data) in sent.items() if syntax in exact}
    assert len({sent[uid][0] for uid in common}) >= 6
    syntaxes = {uid: (unwrapped(kept[uid]).transfer_syntax_uid, sent[uid][0]) for uid in common}
    assert [pair for pair in syntaxes.values() if pair[0] != pair[1]] == []
    for uid, data in common.items():
        assert dataset(kept[uid]).PixelData == dataset(data).PixelData
