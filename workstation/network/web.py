"""HTTP to one node: TLS, who we are, one host and no other, and an end to each wait and to each answer.

While nothing comes, `check` is called: whoever waits can stop at any time.
"""

import base64
import http.client
import ipaddress
import logging
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast
from urllib.parse import quote, urlencode, urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from workstation.errors import HounsfieldError
from workstation.network import web_faults
from workstation.network.call import PATIENCE, Patience
from workstation.network.faults import NodeFault, Side
from workstation.network.multipart import media_type
from workstation.network.nodes import Node
from workstation.network.pacs import Check
from workstation.security.tls import client_context

AT_MOST: Final = 4
"""Connections with one node at a time."""

CHUNK_BYTES: Final = 1 << 18
TICK_S: Final = 0.1
MOST_REDIRECTS: Final = 3
MOST_LEFT_BYTES: Final = 1 << 16
MOST_TOTAL_INFLATED: Final = 1 << 26
MOST_RATIO: Final = 100
"""Beyond so many bytes, content that was packed tighter than this is no honest answer (a gzip bomb)."""

# It writes whole URLs into the log: a query holds the name of a patient.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

_FOLLOWED: Final = frozenset((301, 302, 303, 307, 308))


class _Waiting(threading.local):
    """What a thread does while it waits for bytes."""

    check: Check = staticmethod(lambda: None)
    silence_s: float = PATIENCE.silence_s


_waiting = _Waiting()


class _Patient(socket.socket):
    """Waits in ticks, so that waiting can be stopped."""

    def recv_into(self, *arguments: Any) -> int:
        deadline = time.monotonic() + _waiting.silence_s
        limit = self.gettimeout()
        self.settimeout(TICK_S)
        try:
            while True:
                _waiting.check()
                try:
                    return super().recv_into(*arguments)
                except TimeoutError:
                    if time.monotonic() > deadline:
                        raise
        finally:
            self.settimeout(limit)


class _PatientTLS(_Patient, ssl.SSLSocket):
    """The same over TLS."""


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _patient(super()._new_conn())


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _patient(super()._new_conn())


def _patient(made: socket.socket) -> socket.socket:
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    limit = made.gettimeout()
    patient = _Patient(made.family, made.type, made.proto, made.detach())
    patient.settimeout(limit)
    return patient


class Answer:
    """An answer that has begun."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.content_type = response.headers.get("content-type", "")

    @property
    def media_type(self) -> str:
        return media_type(self.content_type)

    def chunks(self) -> Iterator[bytes]:
        """The content as it comes, unpacked where it was packed. Raises Gone, NodeFault."""
        packing = self._response.headers.get("content-encoding", "identity").strip().lower()
        if packing in ("", "identity"):
            return self._raw()
        if packing in ("gzip", "x-gzip", "deflate"):
            return _unpacked(self._raw())
        raise NodeFault("it packs its answers in a way that was not asked for", Side.THEIRS, detail=packing[:40])

    def whole(self, most_bytes: int) -> bytes:
        """All of the content. Raises NodeFault when it is more than that."""
        content = bytearray()
        for chunk in self.chunks():
            content += chunk
            if len(content) > most_bytes:
                raise web_faults.too_much(f"an answer longer than {most_bytes >> 20} MB")
        return bytes(content)

    def _raw(self) -> Iterator[bytes]:
        while True:
            try:
                chunk = cast("urllib3.HTTPResponse", self._response).read1(CHUNK_BYTES, decode_content=False)
            except (urllib3.exceptions.HTTPError, OSError, http.client.HTTPException) as error:
                raise web_faults.broken(error) from error
            if not chunk:
                return
            yield chunk


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """gzip and zlib by small steps, so that a bomb costs no memory."""
    inflater = zlib.decompressobj(wbits=47)
    taken = given = 0
    for chunk in chunks:
        taken += len(chunk)
        while chunk:
            try:
                step = inflater.decompress(chunk, CHUNK_BYTES)
            except zlib.error as error:
                raise NodeFault("its answer is packed and damaged", Side.THEIRS, detail=str(error)) from error
            given += len(step)
            if given > MOST_TOTAL_INFLATED and given > MOST_RATIO * taken:
                raise web_faults.too_much("an answer that swells without end")
            yield step
            chunk = inflater.unconsumed_tail
    if not inflater.eof:
        raise web_faults.broken(EOFError())


class Web:
    """Asks one node; from several threads at a time. Raises HounsfieldError when the node may not be asked so.

    `secret` is the password or the token; it goes to the node's own scheme, host and port alone.
    """

    def __init__(self, node: Node, secret: str = "", patience: Patience = PATIENCE) -> None:
        self._node = node
        self._patience = patience
        self._root = urlsplit(node.url)
        self._headers = _headers(node, secret)
        near = is_loopback(node.host)
        if not node.tls and not near and not node.plain:
            raise HounsfieldError(f"{node.name}: http:// is unencrypted; use https://, or allow it for this node.")
        if not node.tls and not near and node.auth != "none":
            raise HounsfieldError(f"{node.name}: no password or token is sent unencrypted over the network.")
        self._pool = self._made_pool()

    @contextmanager
    def asking(
        self,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        accept: str = "",
        check: Check = lambda: None,
        post: "tuple[str, Sequence[bytes]] | None" = None,
        fine: Sequence[int] = (200,),
    ) -> Iterator[Answer]:
        """An answer with a `fine` status, to a GET, or a POST of (Content-Type, pieces).

        `path` is below the root and quoted, or a whole URL on the same host. Raises NodeFault, Cancelled.
        """
        before = _waiting.check, _waiting.silence_s
        _waiting.check, _waiting.silence_s = check, self._patience.silence_s
        response = None
        try:
            response = self._answered(self._target(path, query), accept, post)
            if response.status not in fine:
                raise web_faults.failed(response.status, self._node)
            yield Answer(response)
        finally:
            _waiting.check, _waiting.silence_s = before
            if response is not None:
                self._let_go(response)

    def close(self) -> None:
        self._pool.close()

    def _made_pool(self) -> urllib3.HTTPConnectionPool:
        timeout = urllib3.Timeout(connect=self._patience.connect_s, read=self._patience.silence_s)
        host = f"[{self._node.host}]" if ":" in self._node.host else self._node.host
        if not self._node.tls:
            pool = urllib3.HTTPConnectionPool(host, self._node.port, timeout, AT_MOST, block=True)
            pool.ConnectionCls = _Plain
            return pool
        context = client_context(self._node.identity)
        context.sslsocket_class = _PatientTLS
        secure = urllib3.HTTPSConnectionPool(
            host, self._node.port, timeout=timeout, maxsize=AT_MOST, block=True, ssl_context=context
        )
        secure.ConnectionCls = _Secure
        return secure

    def _target(self, path: str, query: Sequence[tuple[str, str]]) -> str:
        """Path and query as they are sent. Raises NodeFault for another host."""
        if "://" in path:
            split = urlsplit(path)
            if not self._is_ours(path):
                raise web_faults.elsewhere()
            path = split.path + (f"?{split.query}" if split.query else "")
        elif not path.startswith("/"):
            path = f"{self._root.path.rstrip('/')}/{path}"
        # * ? , stay as they are: wildcards that are escaped match nothing in some archives
        return f"{path}?{urlencode(query, safe='*?,:/', quote_via=quote)}" if query else path

    def _is_ours(self, url: str) -> bool:
        try:
            split = urlsplit(url)
            port = split.port or {"http": 80, "https": 443}.get(split.scheme)
        except ValueError:
            return False
        return (split.scheme, split.hostname, port) == (self._root.scheme, self._root.hostname, self._node.port)

    def _answered(self, target: str, accept: str, post: "tuple[str, Sequence[bytes]] | None") -> Any:
        headers = self._headers | ({"Accept": accept} if accept else {})
        if post is not None:
            headers |= {"Content-Type": post[0], "Content-Length": str(sum(map(len, post[1])))}
        for _ in range(MOST_REDIRECTS + 1):
            response = self._sent("GET" if post is None else "POST", target, headers, None if post is None else post[1])
            location = response.headers.get("location", "")
            if post is not None or response.status not in _FOLLOWED or not location:
                return response
            self._let_go(response)
            target = self._target(urljoin(f"{self._root.scheme}://{self._root.netloc}{target}", location), ())
        raise NodeFault("it sends us round in circles; check the URL", Side.THEIRS, "url")

    def _sent(self, method: str, target: str, headers: Mapping[str, str], body: Sequence[bytes] | None) -> Any:
        """Once more where the node let an old connection go just then: it cannot have answered."""
        again = True
        while True:
            try:
                return self._pool.urlopen(
                    method, target, body=None if body is None else _checked(body), headers=headers, retries=False,
                    redirect=False, preload_content=False, decode_content=False,
                    pool_timeout=TICK_S,  # type: ignore[arg-type]  # seconds, a fraction of one too
                )  # fmt: skip
            except urllib3.exceptions.EmptyPoolError:  # every connection is at work: one of them will be done
                _waiting.check()
            except (urllib3.exceptions.HTTPError, OSError, http.client.HTTPException) as error:
                if not (again and isinstance(error, urllib3.exceptions.ProtocolError) and _is_gone(error)):
                    raise web_faults.unanswered(error, self._node) from error
                again = False

    @staticmethod
    def _let_go(response: Any) -> None:
        """Back to the pool once all was read; an answer with much left, or without a known end, is not waited for."""
        left = response.length_remaining
        try:
            if left is not None and left <= MOST_LEFT_BYTES:
                response.read(decode_content=False)
            elif left is not None or not response.closed:
                response.close()
        except (urllib3.exceptions.HTTPError, OSError, http.client.HTTPException):
            response.close()
        response.release_conn()


def _checked(pieces: Sequence[bytes]) -> Iterator[bytes]:
    """What is sent can be stopped too."""
    for piece in pieces:
        _waiting.check()
        yield piece


def _is_gone(error: Exception) -> bool:
    return any(isinstance(each, http.client.RemoteDisconnected | ConnectionResetError) for each in error.args)


def _headers(node: Node, secret: str) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity", "User-Agent": "Hounsfield"}
    if node.auth == "none":
        return headers
    if not secret or not secret.isprintable():
        what = "password" if node.auth == "basic" else "token"
        raise HounsfieldError(f"{node.name}: its {what} is not known here, or cannot be one.")
    if node.auth == "basic":
        pair = base64.b64encode(f"{node.user}:{secret}".encode()).decode("ascii")
        return headers | {"Authorization": f"Basic {pair}"}
    if not secret.isascii():
        raise HounsfieldError(f"{node.name}: a token is made of plain letters.")
    return headers | {"Authorization": f"Bearer {secret}"}


def is_loopback(host: str) -> bool:
    """Whether what is sent there stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
