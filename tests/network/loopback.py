"""Other people's servers, kept on this machine: they bind to all addresses, and a shim makes that 127.0.0.1."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.guards import required

_SHIM = """
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


@cache
def shim() -> Path:
    """The shim, built once; the test is skipped, or fails where DCMTK is required, without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        required.missing("dcmtk", "no C compiler for the shim that keeps servers on this machine")
    folder = Path(tempfile.mkdtemp(prefix="shim-", dir=os.environ["HOME"]))
    (folder / "bind.c").write_text(_SHIM)
    built = folder / "bind.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", built, folder / "bind.c", "-ldl"], check=True)
    return built


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has just now, below those the system gives to whoever calls out."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as taken:
            if taken.connect_ex(("127.0.0.1", port)):
                return port


@contextmanager
def serving(
    command: Sequence[str | Path], port: int, cwd: Path, extra: Mapping[str, str] | None = None
) -> "Iterator[subprocess.Popen[bytes]]":
    """A server of somebody else's that listens on `port` of 127.0.0.1 when this yields; ended with the test."""
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


def wait_for_port(port: int, running: "subprocess.Popen[bytes] | None" = None, within_s: float = 30.0) -> None:
    """Until somebody listens there; AssertionError when nobody does."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        assert running is None or running.poll() is None, f"ended with {running.returncode}"
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"nobody listens on {port}")
