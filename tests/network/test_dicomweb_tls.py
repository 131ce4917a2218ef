"""DICOMweb over TLS, here and with stunnel before Orthanc: who is not who they should be is refused by name."""

import socket
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from tests.network import certificates
from tests.network.certificates import Papers
from tests.network.dicomweb import orthanc_web
from tests.network.loopback import free_port, serving
from tests.network.web_server import answer, serving_web
from workstation.network import nodes
from workstation.network.call import Patience
from workstation.network.courier import Couriers
from workstation.network.dicomweb import DicomWebPacs
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node
from workstation.network.pacs import Selection
from workstation.network.part10 import Received
from workstation.paths import Home
from workstation.security.tls import Identity, server_context
from workstation.traffic.abroad import bringing
from workstation.traffic.fetch import fetch_study
from workstation.traffic.writer import Writer

Tool = Callable[[str], Path]
PIXELS = bytes(number % 251 for number in range(48 * 3))
CINE = ct(1, study=4, NumberOfFrames=3, PixelData=PIXELS)
QUICK = Patience(3.0, 3.0, 1.0)


@pytest.fixture(scope="module")
def papers(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return certificates.made(tool, tmp_path_factory.mktemp("papers"))


def node(port: int, identity: Identity, host: str = "127.0.0.1") -> Node:
    url = f"https://{host}:{port}/dicom-web"
    return nodes.made("web", {"url": url, "ca": identity.ca, "cert": identity.cert, "key": identity.key})


def asked(context: ssl.SSLContext | None, identity: Identity, scheme: str = "https") -> str:
    """The sentence of the fault, empty when it answers."""
    with serving_web(lambda request: answer(b"[]"), context) as server:
        made = node(server.port, identity) if scheme == "https" else server.node()
        pacs = DicomWebPacs(made, patience=QUICK)
        try:
            return "" if pacs.echo() > 0 else "no time"
        except NodeFault as fault:
            assert fault.field in ("ca", "cert", "url"), fault
            return fault.sentence
        finally:
            pacs.close()


def test_both_sides_prove_who_they_are(papers: Papers) -> None:
    mutual = server_context(papers.identity("server"))
    assert asked(mutual, papers.identity("client")) == ""
    assert "certificate" in asked(mutual, papers.identity(""))
    assert asked(server_context(Identity("", *_own(papers, "server"))), papers.identity("")) == ""


@pytest.mark.parametrize(
    ("server", "trusts", "said"),
    [
        ("server", "stranger", "signed by no authority we trust"),
        ("impostor", "authority", "signed by no authority we trust"),
        ("server", "", "signed by no authority we trust"),
        ("elsewhere", "authority", "made out to another host"),
    ],
)
def test_who_is_not_who_they_should_be_is_not_asked(papers: Papers, server: str, trusts: str, said: str) -> None:
    context = server_context(Identity("", *_own(papers, server)))
    assert said in asked(context, papers.identity("", trusts))


def test_old_tls_is_not_spoken(papers: Papers) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*_own(papers, "server"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    assert "TLS 1.2" in asked(context, papers.identity(""))


def test_http_and_https_are_told_apart(papers: Papers) -> None:
    assert "does not speak TLS on this port" in asked(None, papers.identity(""))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        pacs = DicomWebPacs(node(silent.getsockname()[1], papers.identity("")), patience=Patience(0.3, 0.3, 0.3))
        with pytest.raises(NodeFault, match="does not answer over TLS"):
            pacs.echo()
        pacs.close()
    context = server_context(Identity("", *_own(papers, "server")))
    assert "http or https" in asked(context, papers.identity(""), "http")


def test_orthanc_behind_stunnel_answers_those_it_knows(papers: Papers, tool: Tool, tmp_path: Path) -> None:
    port = free_port()
    own = papers.identity("server")
    with orthanc_web(tool, tmp_path / "orthanc") as (archive, plain):
        archive.store(ct(1))
        (tmp_path / "stunnel.conf").write_text(
            f"foreground = yes\npid =\nsocket = l:TCP_NODELAY=1\nsocket = r:TCP_NODELAY=1\n[web]\n"
            f"accept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{plain.port}\ncert = {own.cert}\nkey = {own.key}\n"
            f"CAfile = {own.ca}\nverifyChain = yes\n"
        )
        with serving([tool("stunnel4"), tmp_path / "stunnel.conf"], port, tmp_path):
            pacs = DicomWebPacs(node(port, papers.identity("client")))
            came: list[Received] = []
            pacs.retrieve(Selection(f"{STUDY}.1"), lambda received: not came.append(received))
            assert [each.data for each in came] == [ct(1)]
            assert [each.problem for each in pacs.store([ct(2)])] == [""]
            assert [each.problem for each in pacs.store([CINE])] == [""]
            two = list(pacs.frames(f"{STUDY}.4", f"{STUDY}.4.1", f"{STUDY}.4.1.1", [3, 1]))
            assert sorted(each.data for each in two) == sorted((PIXELS[96:], PIXELS[:48]))
            pacs.close()
            assert brought(node(port, papers.identity("client")), Home(tmp_path / "home").create()) == 2
            unknown = DicomWebPacs(node(port, papers.identity("")))
            with pytest.raises(NodeFault, match="certificate"):
                unknown.echo()
            unknown.close()


def brought(way: Node, home: Home) -> int:
    """How many objects a process of its own fetches over TLS."""
    with Writer(home) as writer, Couriers(writer.lander) as couriers:
        pacs = DicomWebPacs(way)
        report = fetch_study(pacs, f"{STUDY}.1", writer, bring=bringing(couriers, partial(DicomWebPacs, way)))
        pacs.close()
    assert report.complete
    return report.stored


def _own(papers: Papers, name: str) -> tuple[str, str]:
    identity = papers.identity(name)
    return identity.cert, identity.key
