"""An Orthanc of the test's own: without DIMSE, answering only to this machine, gone with the test."""

import json
import os
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Orthanc:
    """Its REST interface."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}"

    def store(self, data: bytes) -> str:
        """Hand in an object; Orthanc's name for it. Raises AssertionError when it is not taken."""
        answer = json.loads(self._ask("/instances", data))
        assert answer["Status"] == "Success", answer
        return str(answer["ID"])

    def file(self, name: str) -> bytes:
        """The object as Orthanc kept it."""
        return self._ask(f"/instances/{name}/file")

    def count(self, level: str) -> int:
        """How many patients, studies, series or instances it holds."""
        return len(json.loads(self._ask(f"/{level}")))

    def _ask(self, path: str, data: bytes | None = None) -> bytes:
        request = urllib.request.Request(self._root + path, data, {"Accept-Encoding": "identity"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())


@contextmanager
def orthanc(program: Path, folder: Path) -> Iterator[Orthanc]:
    """A running Orthanc that keeps everything in `folder`."""
    port = _free_port()
    settings = {
        "Name": "judge",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "HttpPort": port,
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "TcpNoDelay": True,
        "Plugins": [],
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    running = subprocess.Popen(
        [program, folder / "orthanc.json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"TCP_NODELAY": "1"},
    )
    try:
        _wait_for(running)
        yield Orthanc(port)
    finally:
        running.terminate()
        running.communicate(timeout=30)


def _wait_for(running: "subprocess.Popen[bytes]") -> None:
    """Read what it says until it says that it is ready; it says little after that."""
    assert running.stderr is not None
    said = []
    for line in running.stderr:
        said.append(line.decode(errors="replace"))
        if "Orthanc has started" in said[-1]:
            return
    raise AssertionError("".join(said[-20:]))


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
