"""Other people's servers, for bench and tests: they bind to all addresses, and a shim keeps them on this machine."""

import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from workstation.errors import HounsfieldError

_SHIM: Final = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>
int bind(int fd, const struct sockaddr *given, socklen_t length) {
    int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
    struct sockaddr_storage copy;
    if (given->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in *here = (struct sockaddr_in *)&copy;
        *here = *(const struct sockaddr_in *)given;
        here->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return next(fd, (struct sockaddr *)here, sizeof *here);
    }
    if (given->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 *here = (struct sockaddr_in6 *)&copy;
        *here = *(const struct sockaddr_in6 *)given;
        here->sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
        return next(fd, (struct sockaddr *)here, sizeof *here);
    }
    return next(fd, given, length);
}
"""
_WEB_PLUGIN: Final = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
_GIVEN: Final[set[int]] = set()
"""Ports that were given to somebody of this process."""


@cache
def shim() -> Path:
    """The shim, built once. Raises HounsfieldError without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise HounsfieldError("no C compiler for the shim that keeps servers on this machine")
    folder = Path(tempfile.mkdtemp(prefix="shim-", dir=os.environ.get("HOME")))
    (folder / "bind.c").write_text(_SHIM)
    built = folder / "bind.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", built, folder / "bind.c", "-ldl"], check=True)
    return built


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has just now, below those the system gives to whoever calls out.

    None is given twice: whoever has one may begin to listen on it much later.
    """
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as taken, suppress(OSError):
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", port))
            if port not in _GIVEN:
                _GIVEN.add(port)
                return port


@contextmanager
def serving(
    command: Sequence[str | Path], port: int, cwd: Path, extra: Mapping[str, str] | None = None
) -> "Iterator[subprocess.Popen[bytes]]":
    """A server of somebody else's that listens on `port` of 127.0.0.1 when this yields; ended at the end."""
    environment = os.environ | {"TCP_NODELAY": "1", "LD_PRELOAD": str(shim())} | dict(extra or {})
    log = (cwd / f"{Path(command[0]).name}-{port}.log").open("wb")
    running = subprocess.Popen([str(each) for each in command], cwd=cwd, env=environment, stdout=log, stderr=log)
    try:
        wait_for_port(port, running)
        yield running
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        log.close()


def wait_for_port(port: int, running: "subprocess.Popen[bytes] | None" = None, within_s: float = 60.0) -> None:
    """Until somebody listens there. Raises HounsfieldError when nobody does."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if running is not None and running.poll() is not None:
            raise HounsfieldError(f"the server for port {port} ended with {running.returncode}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise HounsfieldError(f"nobody listens on {port}")


@contextmanager
def storescp(folder: Path) -> Iterator[int]:
    """DCMTK's storage SCP, called STORESCP, which keeps what it gets unsynced in `folder`/got; its port."""
    (folder / "got").mkdir(parents=True)
    port = free_port()
    with serving([_program("storescp"), "-od", folder / "got", "+B", "-pdu", "131072", str(port)], port, folder):
        yield port


@contextmanager
def orthanc(
    folder: Path, files: Sequence[Path], callers: Mapping[str, int], nice: int = 0
) -> Iterator[tuple[int, str]]:
    """An Orthanc with `files` in it, that knows `callers` (AE title -> port) for C-MOVE; DICOM port, DICOMweb root.

    A `nice` one comes so many steps later than others: as if it stood on a machine of its own.
    """
    folder.mkdir(parents=True)
    if not _WEB_PLUGIN.exists():
        raise HounsfieldError("Orthanc's DICOMweb plugin is not installed")
    http, dicom = free_port(), free_port()
    configuration = {
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "HttpPort": http,
        "DicomPort": dicom,
        "DicomAet": "ORTHANC",
        "TcpNoDelay": True,
        **{f"DicomAlwaysAllow{each}": True for each in ("Echo", "Store", "Find", "Get", "Move")},
        "DicomModalities": {title: [title, "127.0.0.1", port] for title, port in callers.items()},
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "Plugins": [str(_WEB_PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(configuration))
    command: list[str | Path] = ["nice", "-n", str(nice), _program("Orthanc"), folder / "orthanc.json"]
    with serving(command, dicom, folder):
        wait_for_port(http)
        rest = HTTPConnection("127.0.0.1", http, timeout=30)
        for path in files:
            rest.request("POST", "/instances", path.read_bytes())
            rest.getresponse().read()
        rest.close()
        yield dicom, f"http://127.0.0.1:{http}/dicom-web"


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise HounsfieldError(f"{name} is not installed")
    return found
