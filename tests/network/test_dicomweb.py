"""DICOMweb against servers that do wrong: each failure has its own sentence, side and field, and costs what it must."""

import base64
import gzip
import json
import logging
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cache.made import STUDY, ct
from tests.network.loopback import free_port
from tests.network.read import contents, dataset
from tests.network.web_server import Reply, Request, Server, answer, serving_web
from workstation.errors import Cancelled
from workstation.network import nodes, web
from workstation.network.abreast import NEAR, Rota, abreast, interleaved
from workstation.network.call import Patience
from workstation.network.dicomweb import DicomWebPacs
from workstation.network.faults import Gone, NodeFault, Side
from workstation.network.nodes import Node
from workstation.network.pacs import Level, Selection, Watch
from workstation.network.part10 import Received
from workstation.paths import Home
from workstation.traffic.fetch import fetch_study
from workstation.traffic.writer import Writer

QUICK = Patience(connect_s=2.0, silence_s=0.4)
MULTIPART = 'multipart/related; type="application/dicom"; boundary=b'
SERIES = (f"{STUDY}.1", f"{STUDY}.1.1")


@contextmanager
def asked(reply: Reply, secret: str = "", **more: object) -> Iterator[tuple[DicomWebPacs, Server]]:
    with serving_web(reply) as server, opened(server.node(**more), secret) as pacs:
        yield pacs, server


@contextmanager
def opened(node: Node, secret: str = "", patience: Patience = QUICK) -> Iterator[DicomWebPacs]:
    pacs = DicomWebPacs(node, secret, patience)
    try:
        yield pacs
    finally:
        pacs.close()


def echoed(reply: Reply, secret: str = "", **more: object) -> NodeFault:
    """The fault of an echo."""
    with asked(reply, secret, **more) as (pacs, _), pytest.raises(NodeFault) as caught:
        pacs.echo()
    return caught.value


def part(data: bytes) -> bytes:
    return b"\r\n--b\r\nContent-Type: application/dicom\r\n\r\n" + data


def head(content_type: str = MULTIPART, *more: str) -> bytes:
    """The beginning of an answer that ends with the connection."""
    lines = ("HTTP/1.1 200 OK", f"Content-Type: {content_type}", *more)
    return "\r\n".join(lines).encode() + b"\r\nConnection: close\r\n\r\n"


def retrieved(pacs: DicomWebPacs, came: list[bytes], what: Selection | None = None) -> object:
    def sink(received: Received) -> bool:
        came.append(received.data)
        return True

    return pacs.retrieve(what or Selection(*SERIES), sink)


def objects(stream: Callable[[], Iterable[bytes]]) -> Reply:
    """Counts are not known; objects come as `stream` says."""
    return lambda request: answer(b"[]") if "limit=" in request.target else stream()


def test_no_such_host_and_no_such_port() -> None:
    with opened(nodes.made("x", {"url": "https://nowhere.invalid/"})) as pacs, pytest.raises(NodeFault) as caught:
        pacs.echo()
    assert "no machine is called" in caught.value.sentence
    assert (caught.value.side, caught.value.field) == (Side.OURS, "url")
    node = nodes.made("x", {"url": f"http://127.0.0.1:{free_port()}/"})
    with opened(node) as pacs, pytest.raises(NodeFault, match="nothing listens") as caught:
        pacs.echo()
    assert (caught.value.field, caught.value.passing) == ("url", True)


@pytest.mark.parametrize(
    ("status", "said", "field", "passing"),
    [
        ("401 Unauthorized", "wants to know who asks", "auth", False),
        ("403 Forbidden", "does not allow", "user", False),
        ("404 Not Found", "check the path of the URL", "url", False),
        ("406 Not Acceptable", "form we read", "", False),
        ("418 I'm a teapot", "says no", "", False),
        ("500 Internal Server Error", "failed over this", "", True),
        ("503 Service Unavailable", "busy", "", True),
        ("507 Insufficient Storage", "no room", "", False),
        ("302 Found", "sends us on", "url", False),
    ],
)
def test_each_status_has_its_sentence(status: str, said: str, field: str, passing: bool) -> None:
    fault = echoed(lambda request: answer(b"{}", status=status))
    assert said in fault.sentence
    assert (fault.field, fault.passing) == (field, passing)


def test_who_we_are_is_said_and_a_refusal_names_it() -> None:
    def reply(request: Request) -> bytes:
        basic = "Basic " + base64.b64encode("dr:gehéim".encode()).decode()
        fine = request.headers.get("authorization") in (basic, "Bearer tok.en")
        return answer(b"[]") if fine else answer(b"", status="401 Unauthorized")

    for auth, secret in (("basic", "gehéim"), ("bearer", "tok.en")):
        with asked(reply, secret, auth=auth, user="dr") as (pacs, _):
            assert pacs.echo() > 0
    assert "password of 'dr'" in echoed(reply, "wrong", auth="basic", user="dr").sentence
    assert "token" in echoed(reply, "wrong", auth="bearer").sentence


@pytest.mark.parametrize(
    ("content", "content_type", "said"),
    [
        (b"<html>Welcome", "text/html; charset=utf-8", "web page"),
        (b"hello", "text/plain", "not DICOMweb"),
        (b"{nonsense", "application/dicom+json", "not DICOMweb"),
        (b'"text"', "application/json", "not DICOMweb"),
        (b'[{"0020000D": 3}]', "application/json", "not DICOMweb"),
        (b'[{"0020000D": {"vr": "UI", "Value": "1.2"}}]', "application/json", "not DICOMweb"),
        (b'[{"zzzzzzzz": {"vr": "UI"}}]', "application/json", "not DICOMweb"),
        (b"[" * 100_000, "application/json", "not DICOMweb"),
    ],
)
def test_what_is_not_dicomweb_is_said(content: bytes, content_type: str, said: str) -> None:
    fault = echoed(lambda request: answer(content, content_type))
    assert said in fault.sentence
    assert fault.field == "url"


def test_what_is_no_http_is_said() -> None:
    assert "does not speak HTTP" in echoed(lambda request: b"220 files.example ready\r\n").sentence
    assert "without an answer" in echoed(lambda request: b"").sentence


def test_a_node_that_never_answers_and_one_that_is_not_waited_for() -> None:
    holder: list[Server] = []
    with asked(lambda request: holder[0].silence()) as (pacs, server):
        holder.append(server)
        begun = time.monotonic()
        with pytest.raises(NodeFault, match="does not answer") as caught:
            pacs.echo()
        assert caught.value.passing
        assert time.monotonic() - begun < 20
    holder.clear()
    with serving_web(lambda request: holder[0].silence()) as server, opened(server.node(), patience=Patience()) as pacs:
        holder.append(server)
        begun = time.monotonic()

        def stop() -> None:
            if time.monotonic() - begun > 0.2:
                raise Cancelled

        for work in (
            lambda: list(pacs.find(Level.STUDY, {}, stop)),
            lambda: pacs.retrieve(Selection(*SERIES), lambda received: True, Watch(check=stop)),
            lambda: pacs.retrieve(Selection(*SERIES), lambda received: True, Watch(check=stop), first=["1.2"]),
        ):
            begun = time.monotonic()
            with pytest.raises(Cancelled):
                work()
            assert time.monotonic() - begun < 20  # the server is silent for longer


def test_what_came_whole_before_the_stream_ended_or_fell_silent_is_kept() -> None:
    whole = [ct(1), ct(2)]
    beginning = head() + b"".join(part(each) for each in whole) + part(ct(3))[:-20]
    came: list[bytes] = []
    with asked(objects(lambda: beginning)) as (pacs, _), pytest.raises(Gone, match="in the middle of object 3; the 2"):
        retrieved(pacs, came)
    assert came == whole
    came.clear()
    holder: list[Server] = []

    def stalling() -> Iterator[bytes]:
        yield beginning
        yield from holder[0].silence()

    with asked(objects(stalling)) as (pacs, server):
        holder.append(server)
        with pytest.raises(Gone, match="silent"):
            retrieved(pacs, came)
    assert came == whole


def test_an_answer_shorter_than_it_says_is_no_answer() -> None:
    fault = echoed(lambda request: answer(b"[]" + b" " * 100)[:-50])
    assert "middle" in fault.sentence and fault.passing


def test_a_part_that_is_no_dicom_costs_no_other() -> None:
    stream = head() + part(ct(1)) + part(b"no DICOM") + part(ct(2)) + b"\r\n--b--\r\n"
    came: list[bytes] = []
    with asked(objects(lambda: stream)) as (pacs, _):
        result = retrieved(pacs, came)
    assert came == [ct(1), ct(2)]
    assert (result.came, result.completed, result.refused) == (2, 3, 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("content_type", "said"),
    [("text/html", "web page"), ("multipart/related", "spoiled"), ("application/zip", "not DICOMweb")],
)
def test_objects_that_do_not_come_as_parts_are_said(content_type: str, said: str) -> None:
    with asked(objects(lambda: head(content_type) + b"x")) as (pacs, _), pytest.raises(NodeFault, match=said):
        retrieved(pacs, [])


def test_another_object_is_not_taken_for_the_one_that_was_asked() -> None:
    came: list[bytes] = []
    with asked(lambda request: answer(part(ct(7)) + b"\r\n--b--", MULTIPART)) as (pacs, _):
        result = retrieved(pacs, came, Selection(*SERIES, (f"{STUDY}.1.1.1",)))
    assert came == []
    assert result.refused == 1  # type: ignore[attr-defined]


def test_names_of_a_node_lead_to_no_other_path() -> None:
    hostile = ["../../x", "..", "1.2/../3", "1" * 300, "1.2é", "1.2?x", f"{STUDY}.1.1.1"]
    row = {"0020000D": SERIES[0], "0020000E": SERIES[1]}
    rows = [{tag: {"vr": "UI", "Value": [uid]} for tag, uid in (row | {"00080018": each}).items()} for each in hostile]

    def reply(request: Request) -> bytes:
        if "limit=" in request.target:
            return answer(json.dumps(rows).encode())
        return answer(part(ct(1)) + b"\r\n--b--", MULTIPART)

    came: list[Received] = []
    with asked(reply) as (pacs, server):
        result = pacs.retrieve(Selection(SERIES[0]), lambda received: not came.append(received), first=["1.9"])
    assert [each.data for each in came] == [ct(1)]
    assert result.refused == len(hostile) - 1
    paths = {request.target for request in server.asked if "limit=" not in request.target}
    assert paths == {f"/dicom-web/studies/{SERIES[0]}/series/{SERIES[1]}/instances/{STUDY}.1.1.1"}


def test_it_is_followed_on_its_own_host_and_nowhere_else() -> None:
    with serving_web(lambda request: answer(b"[]")) as other:

        def reply(request: Request) -> bytes:
            path, port = urlsplit(request.target).path, request.headers["host"].split(":")[1]
            if path == "/moved/studies":
                return answer(b"[]")
            to = {
                "/dicom-web/studies": f"http://127.0.0.1:{port}/moved/studies",
                "/away/studies": f"http://127.0.0.1:{other.port}/moved/studies",
                "/name/studies": f"http://localhost:{port}/moved/studies",
                "/round/studies": "/round/studies",
            }[path]
            return answer(b"", "text/plain", "307 Temporary Redirect", f"Location: {to}")

        with serving_web(reply) as server:
            for path, said in (
                ("dicom-web", ""),
                ("away", "another machine"),
                ("name", "another machine"),
                ("round", "in circles"),
            ):
                node = nodes.made("x", {"url": f"http://127.0.0.1:{server.port}/{path}", "auth": "bearer"})
                with opened(node, "token") as pacs:
                    if not said:
                        assert pacs.echo() > 0
                        continue
                    with pytest.raises(NodeFault, match=said):
                        pacs.echo()
        assert other.asked == []


def test_packed_answers_are_read_and_bombs_are_not() -> None:
    rows = json.dumps([{"0020000D": {"vr": "UI", "Value": ["1.2"]}}]).encode()

    def reply(request: Request) -> bytes:
        offset = parse_qs(urlsplit(request.target).query)["offset"][0]
        return answer(
            gzip.compress(rows if offset == "0" else b"[]"), "application/json", "200 OK", "Content-Encoding: gzip"
        )

    with asked(reply) as (pacs, _):
        assert [row["StudyInstanceUID"] for row in pacs.find(Level.STUDY, {})] == ["1.2"]
    cut = gzip.compress(rows)[:-4]
    short = answer(cut, "application/json", "200 OK", "Content-Encoding: gzip")
    with asked(lambda request: short) as (pacs, _), pytest.raises(Gone, match="middle"):
        list(pacs.find(Level.STUDY, {}))
    bomb = gzip.compress(b"\r\n--b\r\n\r\n" + bytes(100 << 20) + b"\r\n--b--", 1)
    for content_type in ("application/json", MULTIPART):
        with asked(lambda request: answer(bomb, content_type, "200 OK", "Content-Encoding: gzip")) as (pacs, _):  # noqa: B023
            tracemalloc.start()
            with pytest.raises(NodeFault, match="more than is taken"):
                pacs.echo() if content_type != MULTIPART else list(pacs.frames(*SERIES, "1.2", [1]))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert most < 100 << 20
    fault = echoed(lambda request: answer(b"[]", "application/json", "200 OK", "Content-Encoding: br"))
    assert "packs" in fault.sentence


def test_pages_end_though_a_node_gives_fewer_or_knows_none() -> None:
    uids = [f"1.2.{number}" for number in range(25)]

    def rows(some: list[str]) -> bytes:
        return answer(json.dumps([{"0020000D": {"vr": "UI", "Value": [uid]}} for uid in some]).encode())

    def tens(request: Request) -> bytes:
        offset = int(parse_qs(urlsplit(request.target).query)["offset"][0])
        return rows(uids[offset : offset + 10])

    for reply in (tens, lambda request: rows(uids)):
        with asked(reply) as (pacs, _):
            assert [row["StudyInstanceUID"] for row in pacs.find(Level.STUDY, {})] == uids
    with asked(lambda request: answer(b"", status="204 No Content")) as (pacs, _):
        assert list(pacs.find(Level.STUDY, {"PatientID": "x"})) == []


def test_a_query_is_asked_as_the_standard_has_it() -> None:
    with asked(lambda request: answer(b"[]")) as (pacs, server):
        keys = {
            "StudyInstanceUID": "1.2",
            "SeriesInstanceUID": "1.3",
            "SOPInstanceUID": "1.4\\1.5",
            "InstanceNumber": "",
        }
        list(pacs.find(Level.IMAGE, keys))
        list(pacs.find(Level.STUDY, {"StudyInstanceUID": "../../x", "PatientName": "A&B=*"}))
    split = urlsplit(server.asked[0].target)
    assert split.path == "/dicom-web/studies/1.2/series/1.3/instances"
    query = parse_qs(split.query)
    assert (query["SOPInstanceUID"], query["includefield"]) == (["1.4,1.5"], ["InstanceNumber"])
    assert (query["fuzzymatching"], query["offset"]) == (["false"], ["0"])
    split = urlsplit(server.asked[1].target)
    assert split.path == "/dicom-web/studies"
    assert parse_qs(split.query)["PatientName"] == ["A&B=*"]


def test_the_archive_has_the_word_about_each_object_sent() -> None:
    def item(uid: str, tag: str = "", code: int = 0) -> dict[str, object]:
        named = {"00081155": {"vr": "UI", "Value": [uid]}}
        return named | ({tag: {"vr": "US", "Value": [code]}} if tag else {})

    uids = [f"{STUDY}.1.1.{number}" for number in range(1, 7)]
    said = {
        "00081199": {"vr": "SQ", "Value": [item(uids[0]), item(uids[1], "00081196", 0xB000)]},
        "00081198": {
            "vr": "SQ",
            "Value": [item(uids[2], "00081197", 0xA700), item(uids[3], "00081197", 0xC122), item(uids[4])],
        },
    }
    status = "202 Accepted"
    with asked(lambda request: answer(json.dumps(said).encode(), status=status)) as (pacs, server):
        words = list(pacs.store([ct(number) for number in range(1, 7)]))
    assert [each.sop_instance_uid for each in words] == uids
    assert [bool(each.problem) for each in words] == [False, False, True, True, True, True]
    assert "changed some values" in words[1].remark
    assert "no room" in words[2].problem and "transfer syntax" in words[3].problem
    assert "does not say" in words[5].problem
    assert server.asked[0].headers["content-type"].startswith('multipart/related; type="application/dicom"; boundary=')
    assert all(ct(number) in server.asked[0].body for number in range(1, 7))


def test_sending_can_be_stopped_in_the_middle_of_a_request() -> None:
    checks = 0

    def stop() -> None:
        nonlocal checks
        checks += 1
        if checks == 4:
            raise Cancelled

    with asked(lambda request: answer(b"{}")) as (pacs, server), pytest.raises(Cancelled):
        list(pacs.store([ct(1), ct(2)], Watch(check=stop)))
    assert server.asked == []


def test_a_page_that_says_fine_is_no_word_about_an_object() -> None:
    with (
        asked(lambda request: answer(b"<html>ok", "text/html")) as (pacs, _),
        pytest.raises(NodeFault, match="web page"),
    ):
        list(pacs.store([ct(1)]))


def test_coarse_to_fine() -> None:
    assert interleaved([]) == []
    assert interleaved([5]) == [5]
    assert interleaved(range(8)) == [0, 4, 2, 6, 1, 3, 5, 7]
    for length in range(40):
        assert sorted(interleaved(range(length))) == list(range(length))


def test_what_is_looked_at_goes_first_and_what_lies_around_it() -> None:
    rows = [[f"a{place}" for place in range(200)], [f"b{place}" for place in range(100)]]
    rota = Rota(rows)
    assert [next(rota) for _ in range(3)] == interleaved(rows[0])[:3]
    rota.look_at(["b40", "nobody"])
    assert next(rota) == "b40"
    around = [next(rota) for _ in range(2 * NEAR)]
    assert set(around) == {f"b{place}" for place in range(40 - NEAR, 41 + NEAR)} - {"b40"}
    assert set(around[:4]) == {"b38", "b39", "b41", "b42"}
    assert next(rota) == "b0"
    rota.look_at(["a3"])
    rota.leave_out(["a3", "a4"])
    assert next(rota) == "a2"
    left = list(rota)
    assert len(left) == 300 - 3 - 1 - 2 * NEAR - 1 - 2 - 1 and len(set(left)) == len(left)


def test_what_came_abreast_before_an_error_is_handed_out() -> None:
    def get(number: int, check: Callable[[], None]) -> int:
        if number == 5:
            raise Gone("gone")
        return -number

    got = []
    with pytest.raises(Gone):
        for what, result in abreast(range(100), get, lambda: None):
            got.append(what)
            assert result == -what
    assert set(range(5)) <= set(got)
    assert len(got) < 20


def test_no_log_holds_what_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), asked(lambda request: answer(b"<html>", "text/html")) as (pacs, _):
        with pytest.raises(NodeFault) as caught:
            list(pacs.find(Level.STUDY, {"PatientName": "Nobody^Knows"}))
        with pytest.raises(NodeFault):
            pacs.retrieve(Selection("1.2.3.4567"), lambda received: True)
    assert "Nobody" not in caplog.text and "4567" not in caplog.text
    assert "Nobody" not in str(caught.value)


def test_an_address_of_version_6_is_one_too() -> None:
    with serving_web(lambda request: answer(b"[]"), host="::1") as server:
        node = nodes.made("x", {"url": f"http://[::1]:{server.port}/dicom-web"})
        with opened(node) as pacs:
            assert pacs.echo() > 0
    assert server.asked[0].headers["host"] == f"[::1]:{server.port}"


def test_a_study_that_broke_off_is_complete_after_what_lacks_was_asked(tmp_path: Path) -> None:
    """The first stream ends in the middle of the third object, and one object is not to be had the first time."""
    held = {f"{STUDY}.1.1.{number}": ct(number) for number in range(1, 6)}
    refused: list[str] = []

    def reply(request: Request) -> bytes:
        path = urlsplit(request.target).path.removeprefix("/dicom-web/")
        if "offset=" in request.target and "offset=0" not in request.target:
            return answer(b"[]")
        if path.endswith("/series"):
            return answer(json.dumps([{"0020000E": {"vr": "UI", "Value": [SERIES[1]]}}]).encode())
        if path.endswith("/instances"):
            return answer(json.dumps([{"00080018": {"vr": "UI", "Value": [uid]}} for uid in held]).encode())
        if path == "studies":
            return answer(b"[]")
        if path == f"studies/{SERIES[0]}":
            whole = list(held.values())
            return head() + part(whole[0]) + part(whole[1]) + part(whole[2])[:-30]
        uid = path.rpartition("/")[2]
        if uid.endswith(".5") and not refused:
            refused.append(uid)
            return answer(b"", status="503 Service Unavailable")
        return answer(part(held[uid]) + b"\r\n--b--", MULTIPART)

    home = Home(tmp_path / "home").create()
    with asked(reply) as (pacs, server), Writer(home) as writer:
        report = fetch_study(pacs, SERIES[0], writer, first_wait_s=0.01)
    assert report.complete and report.stored == len(held)
    assert {uid: each.PixelData for uid, each in contents(home, SERIES[0]).items()} == {
        uid: dataset(data).PixelData for uid, data in held.items()
    }
    single = [request.target.rpartition("/")[2] for request in server.asked if "/instances/" in request.target]
    assert {f"{STUDY}.1.1.1", f"{STUDY}.1.1.2"}.isdisjoint(single)


@pytest.mark.parametrize("fails", [False, True])
def test_what_there_is_is_asked_while_it_comes_and_again_where_that_failed(tmp_path: Path, fails: bool) -> None:
    """The node hides the last object of the stream: the comparison finds it out, whenever its list was made."""
    held = {f"{STUDY}.1.1.{number}": ct(number) for number in range(1, 6)}
    listed: list[str] = []

    def reply(request: Request) -> bytes:
        path = urlsplit(request.target).path.removeprefix("/dicom-web/")
        if "offset=" in request.target and "offset=0" not in request.target:
            return answer(b"[]")
        if path.endswith("/series"):
            count = {"vr": "IS", "Value": [len(held)]}
            return answer(json.dumps([{"0020000E": {"vr": "UI", "Value": [SERIES[1]]}, "00201209": count}]).encode())
        if path.endswith("/instances"):
            if "SOPClassUID" not in request.target:  # that of one that lacks is asked for by itself
                listed.append(path)
            if fails and len(listed) == 1:
                return answer(b"", status="500 Internal Server Error")
            return answer(json.dumps([{"00080018": {"vr": "UI", "Value": [uid]}} for uid in held]).encode())
        if path == "studies":
            return answer(b"[]")
        if path == f"studies/{SERIES[0]}":
            some = list(held.values())[:-1]
            return answer(b"".join(map(part, some)) + b"\r\n--b--", MULTIPART)
        return answer(part(held[path.rpartition("/")[2]]) + b"\r\n--b--", MULTIPART)

    home = Home(tmp_path / "home").create()
    with asked(reply) as (pacs, _), Writer(home) as writer:
        report = fetch_study(pacs, SERIES[0], writer, first_wait_s=0.01)
    assert report.complete and report.stored == len(held)
    assert len(listed) == 2 + fails  # ahead, again where that failed, and after the missing one has come


def test_waiting_for_a_free_connection_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "AT_MOST", 1)
    holder: list[Server] = []

    def reply(request: Request) -> Iterator[bytes]:
        yield head() + part(ct(1)) + b"\r\n--b\r\n"
        yield from holder[0].silence()

    checks = 0

    def stop() -> None:
        nonlocal checks
        checks += 1
        if checks == 3:
            raise Cancelled

    with asked(reply) as (pacs, server):
        holder.append(server)
        busy = pacs.frames(*SERIES, "1.2", [1, 2])
        next(busy)
        with pytest.raises(Cancelled):
            list(pacs.find(Level.STUDY, {}, stop))
        assert server.connections == 1
        busy.close()  # type: ignore[attr-defined]
