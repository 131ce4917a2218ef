"""Orthanc as an archive over DICOMweb: what it holds is found, comes byte for byte, and what we send it keeps."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import RLELossless

from tests.cache.made import STUDY, ct, transcoded
from tests.network.archives import Archive
from tests.network.dicomweb import orthanc_web
from tests.network.read import contents, dataset, keep
from workstation.cli import main
from workstation.errors import Cancelled, HounsfieldError
from workstation.network import abreast, part10, wado
from workstation.network.dicomweb import DicomWebPacs
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node
from workstation.network.pacs import Level, Progress, Selection, Watch
from workstation.network.part10 import Received
from workstation.paths import Home
from workstation.traffic.fetch import fetch_study
from workstation.traffic.send import send_study
from workstation.traffic.writer import Writer

Tool = Callable[[str], Path]
Running = tuple[Archive, Node]
COUNT = 7
OBJECTS = {
    f"{STUDY}.1.{series}.{number}": ct(number, series=series)
    for series, count in ((1, COUNT), (2, 3))
    for number in range(1, count + 1)
}
PACKED = transcoded(ct(1, study=3, Modality="MR", PatientID="P3"), RLELossless)
FRAMES = 3
CINE = ct(1, study=4, NumberOfFrames=FRAMES, PixelData=bytes(number % 251 for number in range(48 * FRAMES)))


@pytest.fixture(scope="module")
def running(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with orthanc_web(tool, tmp_path_factory.mktemp("orthanc")) as (archive, node):
        for data in (*OBJECTS.values(), ct(1, study=2, PatientID="P2", PatientName="Ärztin^Ö"), PACKED, CINE):
            archive.store(data)
        yield archive, node


@pytest.fixture
def pacs(running: Running) -> Iterator[DicomWebPacs]:
    made = DicomWebPacs(running[1])
    yield made
    made.close()


@pytest.fixture
def own_home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def kept(into: list[Received]) -> Callable[[Received], bool]:
    def sink(received: Received) -> bool:
        into.append(received)
        return True

    return sink


def test_it_answers_and_is_queried_at_four_levels(pacs: DicomWebPacs) -> None:
    assert 0 < pacs.echo() < 10
    (patient,) = pacs.find(Level.PATIENT, {"PatientID": "P2", "PatientName": ""})
    assert patient["PatientName"] == "Ärztin^Ö"
    (study,) = pacs.find(Level.STUDY, {"PatientID": "P1", "StudyDescription": "", "NumberOfStudyRelatedInstances": ""})
    assert (study["StudyInstanceUID"], study["NumberOfStudyRelatedInstances"]) == (f"{STUDY}.1", "10")
    assert study["StudyDescription"] == "study 1"
    series = list(pacs.find(Level.SERIES, {"StudyInstanceUID": f"{STUDY}.1", "SeriesNumber": ""}))
    assert {each["SeriesNumber"] for each in series} == {"1", "2"}
    keys = {"StudyInstanceUID": f"{STUDY}.1", "SeriesInstanceUID": f"{STUDY}.1.1", "ImagePositionPatient": ""}
    images = {each["SOPInstanceUID"]: each["ImagePositionPatient"] for each in pacs.find(Level.IMAGE, keys)}
    assert sorted(images) == sorted(f"{STUDY}.1.1.{number}" for number in range(1, COUNT + 1))
    assert images[f"{STUDY}.1.1.2"] == "-10.5\\20.25\\3"


@pytest.mark.parametrize(
    ("keys", "studies"),
    [
        ({"StudyDate": "20240102-20240103"}, {2, 3}),
        ({"StudyDate": "-20240101"}, {1}),
        ({"ModalitiesInStudy": "MR"}, {3}),
        ({"PatientID": "P?", "StudyDescription": "*4"}, {4}),
        ({"StudyInstanceUID": f"{STUDY}.1\\{STUDY}.4"}, {1, 4}),
        ({"PatientName": "yam*"}, {1, 3, 4}),
        ({"PatientName": "Ärztin^*"}, {2}),
        ({"StudyDescription": "study 4"}, {4}),
        ({"StudyDescription": "study#4"}, set()),
        ({"PatientID": "nobody"}, set()),
    ],
)
def test_queries_narrow(pacs: DicomWebPacs, keys: dict[str, str], studies: set[int]) -> None:
    found = {row["StudyInstanceUID"] for row in pacs.find(Level.STUDY, keys)}
    assert found == {f"{STUDY}.{number}" for number in studies}


def test_pages_are_walked_and_a_query_that_is_closed_asks_no_more(
    pacs: DicomWebPacs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workstation.network import qido

    monkeypatch.setitem(qido.PAGE, Level.IMAGE, 3)  # type: ignore[attr-defined]
    rows = pacs.find(Level.IMAGE, {"StudyInstanceUID": f"{STUDY}.1"})
    assert {row["SOPInstanceUID"] for row in rows} == OBJECTS.keys()
    rows = pacs.find(Level.IMAGE, {})
    next(rows)
    rows.close()  # type: ignore[attr-defined]


def test_a_keyword_that_is_none_is_said_before_anything_is_asked(pacs: DicomWebPacs) -> None:
    with pytest.raises(HounsfieldError, match="PatientNmae"):
        list(pacs.find(Level.STUDY, {"PatientNmae": "x"}))


def test_a_study_comes_byte_for_byte_and_is_counted(pacs: DicomWebPacs) -> None:
    came: list[Received] = []
    steps: list[Progress] = []
    result = pacs.retrieve(Selection(f"{STUDY}.1"), kept(came), Watch(steps.append))
    assert {each.sop_instance_uid: each.data for each in came} == OBJECTS
    assert (result.came, result.completed, result.failed, result.refused) == (len(OBJECTS), len(OBJECTS), 0, 0)
    assert [(each.done, each.total) for each in steps] == [(n + 1, len(OBJECTS)) for n in range(len(OBJECTS))]
    assert steps[-1].bytes == sum(map(len, OBJECTS.values()))


def test_a_compressed_object_comes_as_it_is_stored(pacs: DicomWebPacs) -> None:
    came: list[Received] = []
    pacs.retrieve(Selection(f"{STUDY}.3"), kept(came))
    assert [(each.transfer_syntax_uid, each.data) for each in came] == [(RLELossless, PACKED)]


def test_what_is_looked_at_comes_first_then_what_lies_around_it(
    pacs: DicomWebPacs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abreast, "THREADS", 1)  # with more the order is about this one
    came: list[Received] = []
    first = (f"{STUDY}.1.2.2", f"{STUDY}.1.1.4")
    result = pacs.retrieve(Selection(f"{STUDY}.1"), kept(came), first=first)
    order = [each.sop_instance_uid for each in came]
    expected = ["1.4", "2.2", "1.3", "1.5", "2.1", "2.3", "1.2", "1.6", "1.1", "1.7"]
    assert order == [f"{STUDY}.1.{each}" for each in expected]
    assert {each.sop_instance_uid: each.data for each in came} == OBJECTS
    assert result.came == len(OBJECTS)


def test_what_is_named_comes_and_what_is_not_there_is_counted(pacs: DicomWebPacs) -> None:
    came: list[Received] = []
    asked = (f"{STUDY}.1.1.2", f"{STUDY}.1.1.999", f"{STUDY}.1.1.6")
    result = pacs.retrieve(Selection(f"{STUDY}.1", f"{STUDY}.1.1", asked), kept(came))
    assert {each.sop_instance_uid for each in came} == {asked[0], asked[2]}
    assert (result.came, result.failed) == (2, 1)


def test_a_study_that_is_not_there_and_a_name_that_is_no_uid_are_said(pacs: DicomWebPacs) -> None:
    with pytest.raises(NodeFault, match="no such object"):
        pacs.retrieve(Selection("2.25.404"), lambda received: True)
    for wrong in ("../../instances", "1.2/3", "", "1" * 65):
        with pytest.raises(HounsfieldError, match="no UID"):
            pacs.retrieve(Selection(wrong), lambda received: True)


def test_stopping_stops_at_once(pacs: DicomWebPacs) -> None:
    came: list[Received] = []

    def stop() -> None:
        if came:
            raise Cancelled

    for what, first in ((Selection(f"{STUDY}.1"), ()), (Selection(f"{STUDY}.1"), (f"{STUDY}.1.1.1",))):
        came.clear()
        with pytest.raises(Cancelled):
            pacs.retrieve(what, kept(came), Watch(check=stop, told=lambda progress: stop()), first=first)
        assert len(came) == 1


def test_frames_headers_and_values(pacs: DicomWebPacs) -> None:
    place = (f"{STUDY}.4", f"{STUDY}.4.1", f"{STUDY}.4.1.1")
    pixels = dataset(CINE).PixelData
    two = list(pacs.frames(*place, [3, 1]))
    assert sorted(each.data for each in two) == sorted((pixels[96:144], pixels[:48]))
    (one,) = pacs.frames(*place, [2])
    assert (one.data, one.transfer_syntax_uid) == (pixels[48:96], dataset(CINE).file_meta.TransferSyntaxUID)
    (header,) = pacs.headers(*place)
    assert header["00280008"]["Value"] == [FRAMES]
    assert pacs.bulk(header["7FE00010"]["BulkDataURI"]) == pixels
    with pytest.raises(NodeFault):
        list(pacs.frames(*place, [FRAMES + 1]))
    assert len(pacs.headers(f"{STUDY}.1", f"{STUDY}.1.1")) == COUNT


def test_a_frame_of_a_compressed_object_is_its_codestream(pacs: DicomWebPacs) -> None:
    from pydicom.encaps import generate_frames

    (frame,) = pacs.frames(f"{STUDY}.3", f"{STUDY}.3.1", f"{STUDY}.3.1.1", [1])
    (stored,) = generate_frames(dataset(PACKED).PixelData, number_of_frames=1)
    assert (frame.transfer_syntax_uid, frame.data.rstrip(b"\0")) == (RLELossless, stored.rstrip(b"\0"))


def test_values_are_asked_of_the_node_alone(pacs: DicomWebPacs) -> None:
    with pytest.raises(NodeFault, match="another machine"):
        pacs.bulk("http://127.0.0.2:80/studies/1/bulk/1")


def test_a_study_is_fetched_into_the_cache_and_only_what_lacks_is_asked_again(running: Running, own_home: Home) -> None:
    asked = []

    class Counting(DicomWebPacs):
        def retrieve(self, what, sink, watch, **more):  # type: ignore[no-untyped-def]
            asked.append(what.instances)
            return super().retrieve(what, sink, watch, **more)

    keep(own_home, list(OBJECTS.values())[2:])
    pacs = Counting(running[1])
    with Writer(own_home) as writer:
        report = fetch_study(pacs, f"{STUDY}.1", writer)
    assert report.complete
    assert (report.stored, report.already_stored) == (2, len(OBJECTS) - 2)
    assert [set(each) for each in asked] == [{f"{STUDY}.1.1.1", f"{STUDY}.1.1.2"}]
    there = contents(own_home, f"{STUDY}.1")
    for uid, data in OBJECTS.items():
        assert there[uid] == dataset(data)
    pacs.close()


def test_what_we_send_is_there_byte_for_byte_and_a_bad_object_costs_no_other(
    tool: Tool, own_home: Home, tmp_path: Path
) -> None:
    with orthanc_web(tool, tmp_path / "empty") as (target, node):
        pacs = DicomWebPacs(node)
        keep(own_home, list(OBJECTS.values()))
        report = send_study(pacs, own_home, f"{STUDY}.1")
        assert (report.sent, report.failed) == (len(OBJECTS), ())
        assert {uid: dataset(data) for uid, data in target.files().items()} == {
            uid: dataset(data) for uid, data in OBJECTS.items()
        }
        spoiled = ct(8)[:300] + b"\xff" * 40
        answers = list(pacs.store([spoiled, ct(9), PACKED]))
        assert [bool(each.problem) for each in answers] == [True, False, False]
        assert target.files()[f"{STUDY}.3.1.1"] == PACKED
        pacs.close()


def test_the_command_line_talks_to_it(
    running: Running, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: str) -> Any:
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    assert said("node", "add", "web", "--url", running[1].url)[0] == 0
    code, tested = said("node", "test", "web")
    assert (code, len(tested["steps"])) == (0, 2)
    code, found = said("find", "web", "PatientID=P1")
    assert [row["StudyInstanceUID"] for row in found["rows"]] == [f"{STUDY}.1"]
    code, report = said("retrieve", "web", f"{STUDY}.1")
    assert (code, report["complete"], report["stored"]) == (0, True, len(OBJECTS))
    (tmp_path / "new.dcm").write_bytes(ct(1, study=6))
    assert said("send", "web", str(tmp_path / "new.dcm")) == (0, {"sent": 1, "failed": []})
    assert said("find", "web", f"StudyInstanceUID={STUDY}.6")[1]["rows"]


IMAGES = 60


def test_a_series_comes_about_as_fast_as_its_bytes(running: Running, pacs: DicomWebPacs) -> None:
    archive, node = running
    pixels = bytes(place % 253 for place in range(512 * 512 * 2))
    for number in range(1, IMAGES + 1):
        archive.store(ct(number, study=7, Rows=512, Columns=512, PixelData=pixels))
    what = Selection(f"{STUDY}.7", f"{STUDY}.7.1")
    raws, ours, firsts = [], [], []
    for _ in range(3):
        raws.append(_raw(f"{node.url}/studies/{what.study}/series/{what.series}"))
        begun = time.perf_counter()
        arrivals: list[float] = []
        result = pacs.retrieve(what, lambda received, to=arrivals: not to.append(time.perf_counter()))  # type: ignore[misc]
        ours.append(time.perf_counter() - begun)
        firsts.append(arrivals[0] - begun)
        assert result.came == IMAGES
    assert min(firsts) < 1
    assert min(ours) < 4 * min(raws) + 0.2, (ours, raws)


def _raw(url: str) -> float:
    """Seconds to read the same answer and look at none of it."""
    request = urllib.request.Request(url, headers={"Accept": wado.ANY_OBJECT})
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=30) as response:
        while response.read(1 << 18):
            pass
    return time.perf_counter() - begun


def test_real_objects_in_every_transfer_syntax_come_back_byte_for_byte(
    running: Running, pacs: DicomWebPacs, data_dir: Path
) -> None:
    """Handed in by STOW, had again by WADO: the dataset that came is the dataset that was sent."""
    sent: dict[str, bytes] = {}
    for path in sorted((data_dir / "transfer_syntaxes").rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        told = wado.received(data)
        if told is not None:
            sent.setdefault(told.sop_instance_uid, data)
    answers = list(pacs.store(sent.values()))
    taken = {each.sop_instance_uid for each in answers if not each.problem}
    assert len(taken) >= 0.9 * len(sent), [each for each in answers if each.problem]
    syntaxes = set()
    for study in {str(dataset(sent[uid]).StudyInstanceUID) for uid in taken}:
        came: list[Received] = []
        pacs.retrieve(Selection(study), kept(came))
        for each in came:
            assert part10.unwrapped(each.data).dataset == part10.unwrapped(sent[each.sop_instance_uid]).dataset
            syntaxes.add(each.transfer_syntax_uid)
            taken.discard(each.sop_instance_uid)
    assert not taken
    assert len(syntaxes) >= 8
