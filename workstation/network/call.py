"""Calling a node: TCP, TLS, association. Each way it can fail has its own sentence (`faults`)."""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from workstation.network import association, faults
from workstation.network.association import Request, numbered
from workstation.network.faults import Gone, NodeFault, Side
from workstation.network.link import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, SILENT, Link, Malformed
from workstation.network.nodes import Node
from workstation.security.tls import client_context

AT_MOST: Final = 2
"""Associations with one node at a time, from this process: many archives take no more of one caller."""

_OBJECTION_S: Final = 0.3

_slots: dict[tuple[str, int], threading.Semaphore] = {}
_guard = threading.Lock()


@dataclass(frozen=True)
class Patience:
    """How long we wait, in seconds: for the connection, for the association, for each word after that."""

    connect_s: float = 10.0
    associate_s: float = 15.0
    silence_s: float = 60.0


PATIENCE: Final = Patience()


@dataclass(frozen=True)
class Call:
    """An open association. `contexts` are those accepted: number -> (SOP class, transfer syntax)."""

    link: Link
    contexts: dict[int, tuple[str, str]]

    def context(self, sop_class: str, transfer_syntax: str = "") -> tuple[int, str] | None:
        """Number and transfer syntax of an accepted context for a class; None when there is none."""
        for number, (accepted, syntax) in self.contexts.items():
            if accepted == sop_class and transfer_syntax in ("", syntax):
                return number, syntax
        return None

    def service(self, sop_class: str, what: str) -> tuple[int, str]:
        """As `context`. Raises NodeFault when the node does not offer it."""
        found = self.context(sop_class)
        if found is None:
            raise NodeFault(f"it does not offer {what}", Side.THEIRS)
        return found


Wanted = Sequence[tuple[str, tuple[str, ...]]]


@contextmanager
def calling(
    node: Node,
    wanted: Wanted,
    check: Callable[[], None] = lambda: None,
    patience: Patience = PATIENCE,
    scp_of: frozenset[str] = frozenset(),
) -> Iterator[Call]:
    """An association with `node` for these contexts, released at the end, broken off when something goes wrong.

    `scp_of` are the classes that the node shall send to us on it (PS3.7 D.3.3.4). Raises NodeFault, Cancelled.
    """
    with _slot(node, check):
        link = Link(_connected(node, patience), check)
        try:
            yield Call(link, _associated(link, node, wanted, patience, scp_of))
        except Malformed as error:
            link.abort(2, 0)
            raise NodeFault("it answers with something that is not DICOM", Side.THEIRS, detail=str(error)) from error
        except (_Refusal, Gone):
            link.end()
            raise
        except (NodeFault, GeneratorExit):  # an answer like any other: the association stands
            link.release()
            raise
        except BaseException:
            link.abort()
            raise
        link.release()


def address(node: Node) -> str:
    """The address of a node. Raises NodeFault for a host nobody knows."""
    try:
        return str(socket.getaddrinfo(node.host, node.port, type=socket.SOCK_STREAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        raise faults.unreachable(socket.gaierror(str(error)), node.host, node.port) from error


class _Refusal(NodeFault):
    """There is no association that could be released."""

    @classmethod
    def of(cls, fault: NodeFault) -> "_Refusal":
        return cls(fault.sentence, fault.side, fault.field, fault.passing, fault.detail)


@contextmanager
def _slot(node: Node, check: Callable[[], None]) -> Iterator[None]:
    with _guard:
        slot = _slots.setdefault((node.host, node.port), threading.Semaphore(AT_MOST))
    while not slot.acquire(timeout=0.1):
        check()
    try:
        yield
    finally:
        slot.release()


def _connected(node: Node, patience: Patience) -> socket.socket:
    try:
        connection = socket.create_connection((node.host, node.port), patience.connect_s)
    except (OSError, UnicodeError) as error:
        refused = error if isinstance(error, OSError) else socket.gaierror(str(error))
        raise faults.unreachable(refused, node.host, node.port) from error
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not node.tls:
        return connection
    try:
        connection = client_context(node.identity).wrap_socket(connection, server_hostname=node.host)
        _hear_objection(connection)
        return connection
    except TimeoutError as error:
        connection.close()
        raise NodeFault("it does not answer over TLS; check the port", Side.THEIRS, "tls") from error
    except OSError as error:
        connection.close()
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            raise faults.untrusted(error) from error
        sentence = "it ends the connection when TLS begins; it may be plain, or want a certificate of ours"
        raise NodeFault(sentence, Side.THEIRS, "tls", detail=type(error).__name__) from error
    except BaseException:
        connection.close()
        raise


def _hear_objection(secured: socket.socket) -> None:
    """In TLS 1.3 the handshake ends here before the node has looked at our certificate (RFC 8446 4.4.2.4).

    A node that is content sends session tickets, one that is not an alert; sending before it came would lose it to a
    reset. Raises OSError.
    """
    if not isinstance(secured, ssl.SSLSocket) or secured.version() != "TLSv1.3":
        return
    select.select([secured], [], [], _OBJECTION_S)
    secured.setblocking(False)
    with suppress(ssl.SSLWantReadError):
        if not secured.recv(1):
            raise ConnectionResetError


def _associated(
    link: Link, node: Node, wanted: Wanted, patience: Patience, scp_of: frozenset[str]
) -> dict[int, tuple[str, str]]:
    proposals = numbered(wanted)
    roles = {each.abstract_syntax: (False, True) for each in proposals if each.abstract_syntax in scp_of}
    request = Request(node.aet, node.our_aet, proposals, roles=roles)
    try:
        link.send(ASSOCIATE_RQ, association.encode_request(request), patience.associate_s)
        kind, body = link.read(patience.associate_s)
    except Gone as gone:
        raise _Refusal.of(_no_answer(gone, node)) from gone
    if kind == ASSOCIATE_RJ and len(body) >= 4:
        raise _Refusal.of(faults.rejected(body[1], body[2], body[3], node.aet, node.our_aet))
    if kind == ABORT:
        raise _Refusal(
            f"it breaks off when '{node.our_aet}' calls '{node.aet}'; check both AE titles", Side.THEIRS, "aet"
        )
    if kind != ASSOCIATE_AC:
        raise Malformed(f"PDU type {kind} as the answer to a request")
    try:
        answer = association.decode_answer(bytes(body))
    except ValueError as error:
        raise Malformed(str(error)) from error
    link.agreed(answer.most_pdu_bytes)
    asked = {each.context_id: each.abstract_syntax for each in proposals}
    return {
        each.context_id: (asked[each.context_id], each.transfer_syntax)
        for each in answer.contexts
        if each.result == 0 and each.context_id in asked
    }


def _no_answer(gone: Gone, node: Node) -> NodeFault:
    if gone.detail == SILENT:
        sentence = f"something listens on port {node.port} and does not answer in DICOM; check the port, and TLS"
        return NodeFault(sentence, Side.BETWEEN, "port", detail=gone.detail)
    sentence = f"it ends the connection when '{node.our_aet}' calls; it may want TLS, or not let this machine in"
    return NodeFault(sentence, Side.THEIRS, "tls", passing=True, detail=gone.detail)
