"""Every service with every archive, plain and over TLS: what comes back is what was stored, byte for byte.

dcmqrscp speaks no TLS: stunnel stands before it, and before our receiver where it calls back.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from tests.network import certificates
from tests.network.archives import dcmqrscp, orthanc
from tests.network.certificates import Papers
from tests.network.loopback import free_port, serving
from tests.network.read import contents, dataset
from workstation.network.call import Patience
from workstation.network.dimse import DimsePacs
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node
from workstation.network.pacs import Level
from workstation.network.reception import Reception
from workstation.paths import Home
from workstation.security.tls import Identity
from workstation.traffic.fetch import Transfer, fetch_study
from workstation.traffic.receive import receiving
from workstation.traffic.writer import Writer

Tool = Callable[[str], Path]
QUICK = Patience(3.0, 5.0, 10.0)
PIXELS = bytes(number * 7 % 251 for number in range(48))
OBJECTS = {f"{STUDY}.1.1.{number}": ct(number, PixelData=bytes([number]) + PIXELS[1:]) for number in range(1, 5)}


@dataclass(frozen=True)
class Peer:
    """An archive as a node, where it calls back, and whether it speaks TLS."""

    node: Node
    back: int
    tls: Identity | None

    @property
    def reception(self) -> Reception:
        return Reception(port=self.back, tls=self.tls)


@pytest.fixture(scope="module")
def papers(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return certificates.made(tool, tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def peers(tool: Tool, papers: Papers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Peer]]:
    folder = tmp_path_factory.mktemp("peers")
    with ExitStack() as stack:
        made = {}
        for way, trusted in (("plain", None), ("tls", papers)):
            for name, start in (("orthanc", an_orthanc), ("dcmqrscp", a_dcmqrscp)):
                made[f"{name} {way}"] = stack.enter_context(start(tool, folder / f"{name}-{way}", trusted))
        yield made


@contextmanager
def an_orthanc(tool: Tool, folder: Path, papers: Papers | None) -> Iterator[Peer]:
    back = free_port()
    if papers is None:
        with orthanc(tool, folder, back) as archive:
            yield Peer(archive.node, back, None)
        return
    own = papers.identity("server")
    settings = {
        "DicomTlsEnabled": True,
        "DicomTlsPrivateKey": own.key,
        "DicomTlsCertificate": own.cert,
        "DicomTlsTrustedCertificates": own.ca,
        "DicomTlsRemoteCertificateRequired": True,
        "DicomModalities": {"us": {"AET": "HOUNSFIELD", "Host": "127.0.0.1", "Port": back, "UseDicomTls": True}},
    }
    with orthanc(tool, folder, **settings) as archive:
        yield Peer(over_tls(archive.node, papers.identity("client")), back, own)


@contextmanager
def a_dcmqrscp(tool: Tool, folder: Path, papers: Papers | None) -> Iterator[Peer]:
    back = free_port()
    if papers is None:
        with dcmqrscp(tool, folder, back) as archive:
            yield Peer(archive.node, back, None)
        return
    callers, ours = free_port(), free_port()
    own = papers.identity("server")
    with (
        dcmqrscp(tool, folder, callers) as archive,
        tunnel(tool, folder / "in", ours, archive.node.port, own),
        tunnel(tool, folder / "out", callers, back, papers.identity("client"), client=True),
    ):
        yield Peer(over_tls(replace(archive.node, port=ours), papers.identity("client")), back, own)


@contextmanager
def tunnel(
    tool: Tool, folder: Path, accept: int, connect: int, own: Identity, client: bool = False, more: str = ""
) -> Iterator[None]:
    """stunnel that wants to know who calls; as a client it speaks TLS to whom it connects."""
    folder.mkdir(parents=True)
    (folder / "stunnel.conf").write_text(
        f"foreground = yes\npid =\nsocket = l:TCP_NODELAY=1\nsocket = r:TCP_NODELAY=1\n[dicom]\n"
        f"client = {'yes' if client else 'no'}\naccept = 127.0.0.1:{accept}\nconnect = 127.0.0.1:{connect}\n"
        f"cert = {own.cert}\nkey = {own.key}\nCAfile = {own.ca}\nverifyChain = yes\n{more}"
    )
    with serving([tool("stunnel4"), folder / "stunnel.conf"], accept, folder):
        yield


def over_tls(node: Node, identity: Identity) -> Node:
    return replace(node, tls=True, ca=identity.ca, cert=identity.cert, key=identity.key)


@pytest.mark.parametrize("way", ["plain", "tls"])
@pytest.mark.parametrize("name", ["orthanc", "dcmqrscp"])
def test_echo_find_store_get_and_move(peers: dict[str, Peer], tmp_path: Path, name: str, way: str) -> None:
    peer = peers[f"{name} {way}"]
    pacs = DimsePacs(peer.node, patience=QUICK)
    assert pacs.echo() > 0
    assert [each.problem for each in pacs.store(OBJECTS.values())] == [""] * len(OBJECTS)
    (study,) = pacs.find(Level.STUDY, {"StudyInstanceUID": f"{STUDY}.1", "StudyDescription": ""})
    assert study["StudyDescription"] == "study 1"
    for retrieve in ("get", "move"):
        home = Home(tmp_path / retrieve).create()
        caller = DimsePacs(replace(peer.node, retrieve=retrieve), patience=QUICK)
        with Writer(home) as writer, receiving(peer.reception, writer):
            report = fetch_study(caller, f"{STUDY}.1", writer)
        assert report.complete and report.stored == len(OBJECTS), retrieve
        kept = contents(home, f"{STUDY}.1")
        assert kept == {uid: dataset(data) for uid, data in OBJECTS.items()}
        assert {uid: each.PixelData for uid, each in kept.items()} == {
            uid: dataset(data).PixelData for uid, data in OBJECTS.items()
        }


@pytest.mark.parametrize("name", ["orthanc", "dcmqrscp"])
def test_a_destination_it_does_not_know_has_its_sentence(peers: dict[str, Peer], tmp_path: Path, name: str) -> None:
    home = Home(tmp_path / "home").create()
    node = replace(peers[f"{name} plain"].node, our_aet="NOBODY", retrieve="move")
    assert [each.problem for each in DimsePacs(node).store([ct(1, study=2)])] == [""]
    with Writer(home) as writer:
        report = fetch_study(DimsePacs(node, patience=QUICK), f"{STUDY}.2", writer, first_wait_s=0.01)
    assert not report.complete and report.stored == 0
    assert "have it add" in report.problem, report.problem


@pytest.mark.parametrize("name", ["orthanc", "dcmqrscp"])
def test_who_is_not_who_they_should_be_is_refused(peers: dict[str, Peer], papers: Papers, name: str) -> None:
    node = peers[f"{name} tls"].node
    for identity, field, words in (
        (papers.identity("client", trusts="stranger"), "ca", "no authority we trust"),
        (papers.identity(""), "cert", "certificate"),
        (papers.identity("impostor"), "cert", "certificate"),
    ):
        fault = refused(over_tls(node, identity))
        assert (fault.field, words in fault.sentence) == (field, True), fault.sentence
    assert refused(replace(node, tls=False)).field in ("tls", "port")


@pytest.mark.parametrize("name", ["orthanc", "dcmqrscp"])
def test_old_tls_is_refused(peers: dict[str, Peer], papers: Papers, tool: Tool, tmp_path: Path, name: str) -> None:
    port = free_port()
    old = "sslVersionMin = TLSv1\nsslVersionMax = TLSv1.1\nciphers = ALL:@SECLEVEL=0\nsecurityLevel = 0\n"
    with tunnel(tool, tmp_path / "old", port, peers[f"{name} plain"].node.port, papers.identity("server"), more=old):
        fault = refused(over_tls(replace(peers[f"{name} plain"].node, port=port), papers.identity("client")))
    assert (fault.field, "TLS 1.2 or newer" in fault.sentence) == ("tls", True), fault.sentence


def test_one_that_is_killed_in_the_middle_and_started_again_gives_the_rest(tool: Tool, tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    with ExitStack() as first, ExitStack() as second:
        archive = first.enter_context(orthanc(tool, tmp_path / "orthanc"))
        objects = [ct(number, Rows=256, Columns=256, PixelData=bytes(2 * 256 * 256)) for number in range(1, 31)]
        assert not any(each.problem for each in DimsePacs(archive.node).store(objects))

        def told(transfer: Transfer) -> None:
            if transfer.done == 3 and archive.running.poll() is None:
                archive.running.kill()
                archive.running.wait()
                command = [tool("Orthanc"), tmp_path / "orthanc" / "orthanc.json"]
                second.enter_context(serving(command, archive.node.port, tmp_path))

        with Writer(home) as writer:
            report = fetch_study(DimsePacs(archive.node, patience=QUICK), f"{STUDY}.1", writer, told)
        assert report.complete and report.stored == len(objects)
        assert len(contents(home, f"{STUDY}.1")) == len(objects)
        assert archive.running.poll() is not None


def refused(node: Node) -> NodeFault:
    with pytest.raises(NodeFault) as caught:
        DimsePacs(node, patience=QUICK).echo()
    return caught.value
