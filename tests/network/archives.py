"""Archives of other people for tests: Orthanc with DIMSE, DCMTK's dcmqrscp and storescp."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.network.loopback import free_port, serving
from workstation.bench.peers import wait_for_port
from workstation.network.nodes import Node

Tool = Callable[[str], Path]


@dataclass
class Archive:
    """A running archive: as a node, and for Orthanc its REST root."""

    node: Node
    rest: str = ""
    running: Any = None

    def store(self, data: bytes) -> None:
        """Hand in an object, past DIMSE."""
        assert json.loads(self.ask("/instances", data))["Status"] in ("Success", "AlreadyStored")

    def ask(self, path: str, data: bytes | None = None) -> bytes:
        request = urllib.request.Request(self.rest + path, data, {"Accept-Encoding": "identity"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())

    def files(self) -> dict[str, bytes]:
        """SOPInstanceUID -> the file as it is kept."""
        found = {}
        for name in json.loads(self.ask("/instances")):
            tags = json.loads(self.ask(f"/instances/{name}/simplified-tags"))
            found[tags["SOPInstanceUID"]] = self.ask(f"/instances/{name}/file")
        return found


@contextmanager
def orthanc(tool: Tool, folder: Path, receiver_port: int = 0, **settings: Any) -> Iterator[Archive]:
    """An Orthanc that answers everybody; `receiver_port` is where it knows HOUNSFIELD for C-MOVE."""
    folder.mkdir(parents=True, exist_ok=True)
    http, dicom = free_port(), free_port()
    modalities = {"us": ["HOUNSFIELD", "127.0.0.1", receiver_port]} if receiver_port else {}
    configuration = {
        "Name": "archive",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "HttpPort": http,
        "DicomPort": dicom,
        "DicomAet": "ORTHANC",
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowMove": True,
        "DicomModalities": modalities,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "TcpNoDelay": True,
        "Plugins": [],
        "StableAge": 1,
    } | settings
    (folder / "orthanc.json").write_text(json.dumps(configuration))
    with serving([tool("Orthanc"), folder / "orthanc.json"], dicom, folder) as running:
        wait_for_port(int(configuration["HttpPort"]), running)  # the one may listen before the other
        yield Archive(Node("archive", "ORTHANC", "127.0.0.1", dicom), f"http://127.0.0.1:{http}", running)


@contextmanager
def dcmqrscp(tool: Tool, folder: Path, receiver_port: int = 104) -> Iterator[Archive]:
    """DCMTK's archive; it knows HOUNSFIELD at `receiver_port` and is called QRSCP."""
    (folder / "db").mkdir(parents=True)
    port = free_port()
    (folder / "dcmqrscp.cfg").write_text(
        f"NetworkTCPPort = {port}\nMaxPDUSize = 131072\nMaxAssociations = 16\n"
        f"HostTable BEGIN\nus = (HOUNSFIELD, 127.0.0.1, {receiver_port})\nHostTable END\n"
        f'VendorTable BEGIN\n"us" = us\nVendorTable END\n'
        f"AETable BEGIN\nQRSCP {folder / 'db'} RW (200, 1024mb) ANY\nAETable END\n"
    )
    with serving([tool("dcmqrscp"), "-c", folder / "dcmqrscp.cfg"], port, folder) as running:
        yield Archive(Node("qr", "QRSCP", "127.0.0.1", port), running=running)


@contextmanager
def storescp(tool: Tool, folder: Path, *options: str | Path) -> Iterator[Archive]:
    """DCMTK's storage SCP, keeping files in `folder`/got."""
    (folder / "got").mkdir(parents=True)
    port = free_port()
    command = [tool("storescp"), "-od", folder / "got", "+B", "-pdu", "131072", *options, str(port)]
    with serving(command, port, folder) as running:
        yield Archive(Node("scp", "STORESCP", "127.0.0.1", port), running=running)
