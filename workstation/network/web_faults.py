"""What can be wrong between us and a DICOMweb node, each with its own sentence, side and field (as `faults`)."""

import http.client
import socket
import ssl
from collections.abc import Iterator

import urllib3

from workstation.network import faults
from workstation.network.faults import Gone, NodeFault, Side
from workstation.network.nodes import Node

SILENT = "it fell silent in the middle; what came whole is kept"

_STATUS: dict[int, tuple[str, Side, str]] = {
    400: ("it does not understand what was asked", Side.THEIRS, ""),
    403: ("it knows who we are and does not allow this", Side.THEIRS, "user"),
    404: ("there is nothing of that name; check the path of the URL", Side.OURS, "url"),
    405: ("it does not offer this service at this path; check the URL", Side.BETWEEN, "url"),
    406: ("it cannot give this in a form we read", Side.THEIRS, ""),
    410: ("it no longer has this", Side.THEIRS, ""),
    411: ("it does not take this", Side.THEIRS, ""),
    413: ("this is more than it takes at once", Side.THEIRS, ""),
    414: ("the question is longer than it takes", Side.THEIRS, ""),
    415: ("it does not take objects of this kind", Side.THEIRS, ""),
    429: ("it is asked more often than it allows; trying again later may help", Side.THEIRS, ""),
    500: ("it failed over this", Side.THEIRS, ""),
    501: ("it does not offer this service", Side.THEIRS, ""),
    502: ("what stands in front of it does not reach it", Side.THEIRS, ""),
    503: ("it is busy, or being worked on; trying again later may help", Side.THEIRS, ""),
    504: ("what stands in front of it waited for it in vain", Side.THEIRS, ""),
    507: ("it has no room left", Side.THEIRS, ""),
}
_PASSING = frozenset((408, 429, 500, 502, 503, 504))


class HttpFault(NodeFault):
    """An answer that is none; `status` is that of HTTP (RFC 9110 15)."""

    def __init__(self, status: int, sentence: str, side: Side, field: str = "", passing: bool = False) -> None:
        super().__init__(sentence, side, field, passing)
        self.status = status


def failed(status: int, node: Node) -> HttpFault:
    """A status of HTTP in words."""
    if status == 401:
        return _unknown(node)
    if 300 <= status < 400:
        return HttpFault(status, "it sends us on in a way that is not followed; check the URL", Side.OURS, "url")
    known = _STATUS.get(status)
    if known is None:
        known = ("it says no" if status < 500 else "it failed", Side.THEIRS, "")
    sentence, side, field = known
    return HttpFault(status, f"{sentence} (HTTP {status})", side, field, status in _PASSING)


def _unknown(node: Node) -> HttpFault:
    if node.auth == "none":
        sentence = "it wants to know who asks; set a user and password, or a token (HTTP 401)"
    elif node.auth == "basic":
        sentence = f"it does not accept the password of '{node.user}' (HTTP 401)"
    else:
        sentence = "it does not accept our token; it may have run out (HTTP 401)"
    return HttpFault(401, sentence, Side.OURS, "auth")


def elsewhere() -> NodeFault:
    return NodeFault("it sends us on to another machine, which is not followed; check the URL", Side.OURS, "url")


def not_dicomweb(media_type: str) -> NodeFault:
    """An answer in another language."""
    if media_type in ("text/html", "application/xhtml+xml"):
        sentence = "it answers with a web page, not DICOMweb; check the path of the URL"
    else:
        sentence = "it answers with something that is not DICOMweb; check the path of the URL"
    return NodeFault(sentence, Side.BETWEEN, "url", detail=media_type[:80])


def too_much(what: str) -> NodeFault:
    return NodeFault(f"it sends more than is taken: {what}", Side.THEIRS)


def cut_short(came: int) -> Gone:
    """A stream of objects that ended before its end."""
    return Gone(f"it ended the answer in the middle of object {came + 1}; the {came} that came whole are kept")


def unanswered(error: Exception, node: Node) -> NodeFault:
    """Why there was no answer: the cause under what urllib3 raises."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
            return _of_url(faults.untrusted(cause))
        if isinstance(cause, ConnectionResetError | BrokenPipeError | ssl.SSLEOFError):
            return _hung_up(node, type(cause).__name__)
        if isinstance(cause, http.client.BadStatusLine | http.client.LineTooLong):
            sentence = f"something listens on port {node.port} and does not speak HTTP; check the port"
            return NodeFault(sentence, Side.BETWEEN, "url", detail=type(cause).__name__)
    return _no_connection(error, node)


def _hung_up(node: Node, detail: str) -> NodeFault:
    """With TLS 1.3 a server looks at our certificate after the handshake; its word about it may be lost."""
    if node.tls:
        wants = "may not accept our certificate" if node.cert else "may want a certificate of ours"
        return NodeFault(f"it ends the connection without an answer; it {wants}", Side.THEIRS, "cert", True, detail)
    sentence = "it ends the connection without an answer; check http or https, and the port"
    return NodeFault(sentence, Side.BETWEEN, "url", True, detail)


def _no_connection(error: Exception, node: Node) -> NodeFault:
    connecting = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror | ConnectionRefusedError):
            return _of_url(faults.unreachable(cause, node.host, node.port))
    if any(isinstance(cause, connecting) for cause in _causes(error)):
        return _of_url(faults.unreachable(TimeoutError(), node.host, node.port))
    if any(isinstance(cause, TimeoutError) and "handshake" in str(cause) for cause in _causes(error)):
        return NodeFault("it does not answer over TLS; check http or https, and the port", Side.BETWEEN, "url")
    if any(isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError) for cause in _causes(error)):
        return NodeFault("it takes the question and does not answer", Side.THEIRS, passing=True)
    return Gone("the connection broke", detail=type(error).__name__)


def broken(error: Exception) -> Gone:
    """Why an answer that had begun did not go on."""
    if any(isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError) for cause in _causes(error)):
        return Gone(SILENT, detail=type(error).__name__)
    return Gone("it ended the answer in the middle; what came whole is kept", detail=type(error).__name__)


def _of_url(fault: NodeFault) -> NodeFault:
    """Of a node with a URL, host, port and TLS are parts of that."""
    field = "url" if fault.field in ("host", "port", "tls") else fault.field
    return NodeFault(fault.sentence, fault.side, field, fault.passing, fault.detail)


def _causes(error: BaseException) -> Iterator[BaseException]:
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [arg for arg in each.args if isinstance(arg, BaseException)]
        waiting += [other for other in (each.__cause__, each.__context__) if other is not None]
