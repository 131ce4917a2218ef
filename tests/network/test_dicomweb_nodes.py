"""A node with a URL: what is taken, what is refused and why."""

from pathlib import Path

import pytest

from workstation.errors import HounsfieldError
from workstation.network import nodes
from workstation.network.dicomweb import DicomWebPacs
from workstation.paths import Home


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("https://pacs.example/dicom-web/", "pacs.example", 443, True),
        ("http://127.0.0.1:8042/dicom-web", "127.0.0.1", 8042, False),
        ("https://[::1]:8443", "::1", 8443, True),
    ],
)
def test_a_url_says_host_port_and_tls(tmp_path: Path, url: str, host: str, port: int, tls: bool) -> None:
    home = Home(tmp_path / "home").create()
    node = nodes.made("web", {"url": url})
    assert (node.host, node.port, node.tls, node.url) == (host, port, tls, url.rstrip("/"))
    nodes.add(home, node)
    assert nodes.named(home, "web") == node


@pytest.mark.parametrize(
    "url",
    [
        "ftp://pacs/", "pacs.example/dicom-web", "https://", "https://u:p@pacs/", "https://pacs/?x=1", "https://pacs/#x",
        "https://pacs:99999/", "https://pa cs/", "https://pacs/\r\nX: 1", "http://bücher.example/",
    ],
)  # fmt: skip
def test_what_is_no_root_is_refused(url: str) -> None:
    with pytest.raises(HounsfieldError, match="DICOMweb URL"):
        nodes.made("web", {"url": url})


def test_nothing_goes_unencrypted_over_the_network_unless_the_node_says_so() -> None:
    with pytest.raises(HounsfieldError, match="unencrypted"):
        DicomWebPacs(nodes.made("far", {"url": "http://pacs.example/"}))
    DicomWebPacs(nodes.made("far", {"url": "http://pacs.example/", "plain": True}))
    with pytest.raises(HounsfieldError, match="no password or token is sent unencrypted"):
        DicomWebPacs(nodes.made("far", {"url": "http://pacs.example/", "plain": True, "auth": "bearer"}), "token")


@pytest.mark.parametrize("secret", ["", "with\r\nX-Header: more"])
def test_a_secret_that_is_none_is_said(secret: str) -> None:
    with pytest.raises(HounsfieldError, match="its token is not known here"):
        DicomWebPacs(nodes.made("web", {"url": "https://pacs.example/", "auth": "bearer"}), secret)
