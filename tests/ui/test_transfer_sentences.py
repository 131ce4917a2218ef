"""Pulling the plug: each way in which a node fails has a sentence of its own where a person looks for it in the window.

The same fault is met by the test of the node page and by an errand, as the row in the list of errands says it.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from tests.network import certificates
from tests.network.certificates import Papers
from tests.network.loopback import free_port
from tests.network.receiving import until
from tests.network.scripted import Script, scripted
from tests.network.test_tls import listening, over_tls
from workstation import jobs
from workstation.network import dimse, nodes
from workstation.network.call import Patience
from workstation.network.nodes import Node
from workstation.paths import Home
from workstation.security.tls import server_context
from workstation.traffic.carrier import Carrier
from workstation.traffic.errand import Act, Errand
from workstation.traffic.fetch import FIRST_WAIT_S, fetch_study
from workstation.traffic.queue import Queue
from workstation.ui import node_page
from workstation.ui.transfer_words import reason_of

OBJECTS = [ct(number) for number in range(1, 9)]
PATIENT = Patience(10.0, 10.0, 10.0)
HASTY = Patience(0.5, 0.5, 0.5)
LONG = (600.0,) * 5
"""An errand that rests does so for the rest of the test."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(dimse.DimsePacs.__init__, "__defaults__", ("", PATIENT))
    monkeypatch.setattr(fetch_study, "__defaults__", _quick_defaults())
    return Home(tmp_path / "home").create()


def _quick_defaults() -> tuple[object, ...]:
    """Those of `fetch_study`, with hardly a wait between two tries."""
    return tuple(0.01 if each == FIRST_WAIT_S else each for each in fetch_study.__defaults__ or ())


@pytest.fixture(scope="module")
def papers(tool: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return certificates.made(tool, tmp_path_factory.mktemp("papers"))


def by_the_test(node: Node) -> str:
    """The last step of the node page's test."""
    heard: list[tuple[tuple[tuple[str, str], ...], str]] = []
    node_page._try(node, "", lambda steps, field: heard.append((steps, field)))
    jobs.drain()
    return heard[-1][0][-1][1]


def fetched(home: Home, node: Node) -> str:
    """What the row of an errand says once the first try is over."""
    nodes.add(home, node)
    ended: list[Errand] = []
    queue = Queue(home, Carrier(home, port=free_port()), over=ended.append, rest_s=LONG)
    try:
        queue.add(Act.RETRIEVE, node.name, f"{STUDY}.1")
        until(lambda: bool(queue.errands[0].reason), 60)
        return reason_of(queue.errands[0])
    finally:
        queue.close()
        jobs.drain()


@contextmanager
def mute() -> Iterator[Node]:
    """One that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Node("mute", "MUTE", "127.0.0.1", server.getsockname()[1])


def old_tls(papers: Papers) -> ssl.SSLContext:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    server = papers.identity("server")
    old.load_cert_chain(server.cert, server.key)
    return old


def test_who_does_not_answer_or_does_not_know_us(home: Home) -> None:
    with ExitStack() as stack:
        there = stack.enter_context(scripted(OBJECTS, Script(), require_calling="SOMEBODY"))
        cases = {
            "called by a wrong name": (
                replace(there, aet="WRONG", our_aet="SOMEBODY"),
                "not called 'WRONG'",
                "AE title",
            ),
            "we are not known": (there, "does not know us as 'HOUNSFIELD'", "Our AE title"),
            "nobody there": (replace(there, port=free_port()), "nothing listens on port", "Port"),
        }
        sentences = {}
        for name, (node, words, field) in cases.items():
            sentences[name] = by_the_test(node)
            assert words in sentences[name] and f"“{field}”" in sentences[name], name
            said = fetched(Home(home.root / name).create(), replace(node, name=name))
            assert words in said and f"“{field}”" in said, name
    assert len(set(sentences.values())) == len(sentences)


def test_who_is_silent_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dimse.DimsePacs.__init__, "__defaults__", ("", HASTY))
    with mute() as node:
        said = by_the_test(node)
    assert "does not answer in DICOM" in said and "“Port”" in said


def test_who_breaks_off_keeps_things_back_or_cannot_send_them(home: Home) -> None:
    cases: dict[str, tuple[Script, str, str]] = {
        "killed": (Script(aborts_after=[3] + [0] * 50), "get", "closed the connection in the middle"),
        "short": (Script(hides=[5] + [100] * 50), "get", "3 of 8 of series 1 came"),
        "nowhere to send": (Script(), "move", "does not know where to send them"),
    }
    said = {}
    for place, (name, (script, way, words)) in enumerate(cases.items()):
        own = Home(home.root / f"{place}").create()
        with scripted(OBJECTS, script) as node:
            said[name] = fetched(own, replace(node, name=name, retrieve=way))
        assert words in said[name], (name, said[name])
    assert len(set(said.values())) == len(said)


def test_a_full_disk_is_ours(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workstation.cache.room.free_bytes.__code__", (lambda home: 0).__code__)
    with scripted(OBJECTS, Script()) as node:
        assert fetched(home, node) == "The disk of this workstation is full. Look at this workstation."


def test_each_way_in_which_tls_is_refused(papers: Papers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The node page alone: an errand meets the same fault by the same way, `pacs_of`."""
    monkeypatch.setattr(dimse.DimsePacs.__init__, "__defaults__", ("", PATIENT))
    strict, stranger = papers.identity("server"), papers.identity("client", trusts="stranger")
    cases = (
        (server_context(strict), stranger, "no authority we trust", "Authority file"),
        (server_context(strict), papers.identity(""), "wants a certificate of this workstation", "Our certificate"),
        (old_tls(papers), papers.identity(""), "TLS 1.2 or newer", "TLS"),
    )
    said = []
    for context, identity, words, field in cases:
        with listening(context) as port:
            said.append(by_the_test(over_tls(Node("x", "X", "127.0.0.1", port), identity)))
        assert words in said[-1] and f"“{field}”" in said[-1]
    assert len(set(said)) == len(said)
