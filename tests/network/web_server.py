"""A web server of the tests' own on 127.0.0.1: it says byte for byte what a test wants said."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from workstation.network import nodes
from workstation.network.nodes import Node

Reply = Callable[["Request"], bytes | Iterable[bytes]]


@dataclass(frozen=True)
class Request:
    """What was asked; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A running server: where it is, and what it was asked."""

    port: int
    over: threading.Event
    """Set when the test is over; a reply that falls silent waits for it."""
    asked: list[Request] = field(default_factory=list)
    connections: int = 0

    def node(self, scheme: str = "http", **more: object) -> Node:
        return nodes.made("web", {"url": f"{scheme}://127.0.0.1:{self.port}/dicom-web"} | more)

    def silence(self) -> Iterator[bytes]:
        self.over.wait(30)
        yield b""


def answer(content: bytes, content_type: str = "application/dicom+json", status: str = "200 OK", *more: str) -> bytes:
    """An answer with its length."""
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(content)}", *more)
    return "\r\n".join(lines).encode() + b"\r\nConnection: close\r\n\r\n" + content


@contextmanager
def serving_web(reply: Reply, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Server]:
    """Each connection is asked one thing, answered by `reply` and closed."""
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    server = Server(listener.getsockname()[1], threading.Event())
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if server.over.is_set():
                connection.close()
                return
            server.connections += 1
            thread = threading.Thread(target=_serve, args=(connection, server, reply, tls))
            thread.start()
            threads.append(thread)

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        server.over.set()
        with contextlib.suppress(OSError), socket.create_connection((host, server.port), 1):
            pass
        accepting.join(5)
        listener.close()
        for thread in threads:
            thread.join(5)


def _serve(connection: socket.socket, server: Server, reply: Reply, tls: ssl.SSLContext | None) -> None:
    connection.settimeout(10)
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        stack.enter_context(connection)
        if tls is not None:
            connection = stack.enter_context(tls.wrap_socket(connection, server_side=True))
        request = _read(connection)
        server.asked.append(request)
        said = reply(request)
        for piece in (said,) if isinstance(said, bytes) else said:
            connection.sendall(piece)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _read(connection: socket.socket) -> Request:
    data = bytearray()
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError
        data += chunk
        if data[:1] == b"\x16":  # the beginning of TLS: most servers say so in plain text
            connection.sendall(answer(b"plain HTTP only", "text/plain", "400 Bad Request"))
            raise ConnectionError
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        more = connection.recv(1 << 20)
        if not more:
            raise ConnectionError
        body += more
    method, target, _ = first.split(" ")
    return Request(method, target, headers, body)
