"""TLS both ways: who is not who they should be is refused, each with its own sentence."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cache.made import ct
from tests.network import certificates
from tests.network.archives import orthanc, storescp
from tests.network.certificates import Papers
from tests.network.receiving import SHORT, Running, running
from workstation.errors import HounsfieldError
from workstation.network.call import Patience
from workstation.network.dimse import DimsePacs
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node
from workstation.network.reception import Reception
from workstation.paths import Home
from workstation.security.tls import Identity, client_context, server_context

Tool = Callable[[str], Path]
QUICK = Patience(3.0, 3.0, 3.0)


@pytest.fixture(scope="module")
def papers(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return certificates.made(tool, tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def receiver(papers: Papers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A receiver that wants to know who calls."""
    reception = Reception(port=0, tls=papers.identity("server"), limits=SHORT)
    with running(Home(tmp_path_factory.mktemp("home")).create(), reception) as made:
        yield made


def over_tls(node: Node, identity: Identity) -> Node:
    return replace(node, tls=True, ca=identity.ca, cert=identity.cert, key=identity.key)


def fault(node: Node) -> NodeFault:
    with pytest.raises(NodeFault) as caught:
        DimsePacs(node, patience=QUICK).echo()
    return caught.value


def test_both_sides_prove_who_they_are(receiver: Running, papers: Papers) -> None:
    pacs = DimsePacs(over_tls(receiver.node, papers.identity("client")))
    assert pacs.echo() > 0
    (stored,) = pacs.store([ct(1)])
    assert stored.problem == ""


def test_each_way_it_is_refused_has_its_sentence(receiver: Running, papers: Papers) -> None:
    node = receiver.node
    wrong = fault(over_tls(node, papers.identity("client", trusts="stranger")))
    assert (wrong.field, "no authority we trust" in wrong.sentence) == ("ca", True)
    nobody = fault(over_tls(node, papers.identity("")))
    assert (nobody.field, "wants a certificate of this workstation" in nobody.sentence) == ("cert", True)
    impostor = fault(over_tls(node, papers.identity("impostor")))
    assert (impostor.field, "does not trust the authority" in impostor.sentence) == ("cert", True)
    plain = fault(node)
    assert (plain.field, "may want TLS" in plain.sentence) == ("tls", True)


def test_a_certificate_of_another_host_is_refused(papers: Papers) -> None:
    with listening(server_context(replace(papers.identity("elsewhere"), ca=""))) as port:
        wrong = fault(over_tls(Node("x", "X", "127.0.0.1", port), papers.identity("")))
    assert (wrong.field, "made out to another host" in wrong.sentence) == ("host", True)


def test_old_tls_is_not_used(papers: Papers) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1_1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    server = papers.identity("server")
    old.load_cert_chain(server.cert, server.key)
    with listening(old) as port:
        wrong = fault(over_tls(Node("x", "X", "127.0.0.1", port), papers.identity("")))
    assert (wrong.field, "TLS 1.2 or newer" in wrong.sentence) == ("tls", True)


def test_a_plain_peer_is_told_from_one_that_is_untrusted(papers: Papers, tool: Tool, tmp_path: Path) -> None:
    with storescp(tool, tmp_path) as plain:
        wrong = fault(over_tls(plain.node, papers.identity("")))
    assert wrong.field == "tls"
    assert "plain" in wrong.sentence


def test_orthanc_and_dcmtk_over_tls(papers: Papers, tool: Tool, tmp_path: Path) -> None:
    server = papers.identity("server")
    settings = {
        "DicomTlsEnabled": True,
        "DicomTlsPrivateKey": server.key,
        "DicomTlsCertificate": server.cert,
        "DicomTlsTrustedCertificates": server.ca,
        "DicomTlsRemoteCertificateRequired": True,
    }
    with orthanc(tool, tmp_path / "orthanc", **settings) as archive:
        pacs = DimsePacs(over_tls(archive.node, papers.identity("client")))
        assert [each.problem for each in pacs.store([ct(1), ct(2)])] == ["", ""]
        assert fault(over_tls(archive.node, papers.identity(""))).field == "cert"
    options = ("+tls", server.key, server.cert, "+cf", server.ca)
    with storescp(tool, tmp_path / "scp", *options) as peer:
        pacs = DimsePacs(over_tls(peer.node, papers.identity("client")))
        assert [each.problem for each in pacs.store([ct(1)])] == [""]


def test_a_key_that_others_may_read_and_files_that_are_wrong(papers: Papers, tmp_path: Path) -> None:
    client = papers.identity("client")
    open_key = tmp_path / "open.key"
    open_key.write_bytes(Path(client.key).read_bytes())
    open_key.chmod(0o644)
    for identity, sentence in (
        (replace(client, key=str(open_key)), "can be read by others"),
        (replace(client, key=papers.identity("server").key), "does not belong to the certificate"),
        (replace(client, ca=client.key), "holds no certificate"),
        (replace(client, cert=str(tmp_path / "none.pem")), "is not there"),
    ):
        with pytest.raises(HounsfieldError, match=sentence):
            client_context(identity)


@contextmanager
def listening(context: ssl.SSLContext) -> Iterator[int]:
    """One that shakes hands over TLS, and says no more."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
                with connection, context.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(1)
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
