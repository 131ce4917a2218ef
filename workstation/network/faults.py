"""What can be wrong between us and a node, each with its own sentence, side and field.

A person who sets up a node is told which end to look at and what to change there.
"""

import errno
import socket
import ssl
from enum import StrEnum

from workstation.errors import HounsfieldError


class Side(StrEnum):
    """Where to look."""

    OURS = "this workstation"
    THEIRS = "the node"
    BETWEEN = "the way between"


class NodeFault(HounsfieldError):
    """Something that a node, or the way to it, did not do. `passing` says that trying again may help."""

    def __init__(self, sentence: str, side: Side, field: str = "", passing: bool = False, detail: str = "") -> None:
        super().__init__(sentence, detail)
        self.side = side
        self.field = field
        self.passing = passing

    def __reduce__(self) -> "tuple[type[NodeFault], tuple[str, Side, str, bool, str]]":
        """Between processes the words stay, the kind of fault does not."""
        return (NodeFault, (self.sentence, self.side, self.field, self.passing, self.detail))


class Gone(NodeFault):
    """The connection ended in the middle: closed, aborted or silent."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence, Side.THEIRS, "", passing=True, detail=detail)


_REJECTED = {
    (1, 3): ("it does not know us as '{calling}'; have it add this AE title", Side.THEIRS, "our_aet"),
    (1, 7): ("it is not called '{called}'; check the AE title", Side.OURS, "aet"),
    (1, 2): ("it does not speak this application context", Side.THEIRS, ""),
    (2, 2): ("it does not speak this version of the protocol", Side.THEIRS, ""),
}


def rejected(result: int, source: int, reason: int, called: str, calling: str) -> NodeFault:
    """A-ASSOCIATE-RJ in words (PS3.8 9.3.4)."""
    detail = f"result {result}, source {source}, reason {reason}"
    if source == 3:
        words = "it has as many connections as it takes" if reason == 2 else "it is busy"
        return NodeFault(f"{words}; trying again later may help", Side.THEIRS, "", passing=True, detail=detail)
    known = _REJECTED.get((source, reason))
    if known is None:
        sentence = f"it rejects '{calling}' calling '{called}' and gives no reason; check both AE titles"
        return NodeFault(sentence, Side.BETWEEN, "aet", passing=result == 2, detail=detail)
    sentence, side, field = known
    return NodeFault(sentence.format(called=called, calling=calling), side, field, result == 2, detail)


def unreachable(error: OSError, host: str, port: int) -> NodeFault:
    """Why no connection was made."""
    detail = f"{type(error).__name__} {errno.errorcode.get(error.errno or 0, '')}".strip()
    if isinstance(error, ssl.SSLError):
        return untrusted(error)
    if isinstance(error, socket.gaierror | UnicodeError):
        return NodeFault(f"no machine is called '{host}'; check the host", Side.OURS, "host", detail=detail)
    if isinstance(error, ConnectionRefusedError):
        sentence = f"'{host}' is there and nothing listens on port {port}; check the port, or whether it runs"
        return NodeFault(sentence, Side.BETWEEN, "port", passing=True, detail=detail)
    if isinstance(error, ConnectionError):
        return NodeFault("it ended the connection at once; it may want TLS", Side.THEIRS, "tls", True, detail)
    sentence = f"'{host}' cannot be reached; check the host, the network and firewalls"
    return NodeFault(sentence, Side.BETWEEN, "host", passing=True, detail=detail)


_TLS = (
    ("CERTIFICATE_REQUIRED", "it wants a certificate of this workstation, and none that it takes is set", "cert"),
    ("HANDSHAKE_FAILURE", "it refuses TLS with this workstation; it may want a certificate of ours", "cert"),
    ("UNKNOWN_CA", "it does not trust the authority that signed our certificate", "cert"),
    ("BAD_CERTIFICATE", "it does not accept our certificate", "cert"),
    ("CERTIFICATE_EXPIRED", "it says that our certificate has expired", "cert"),
    ("PROTOCOL_VERSION", "it does not speak TLS 1.2 or newer; older TLS is not used", "tls"),
    ("UNSUPPORTED_PROTOCOL", "it does not speak TLS 1.2 or newer; older TLS is not used", "tls"),
    ("WRONG_VERSION_NUMBER", "it does not speak TLS on this port; check the port, or set the node to plain", "tls"),
)


def untrusted(error: ssl.SSLError) -> NodeFault:
    """Why TLS did not come about."""
    detail = f"{error.reason or error.args}"
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code == 10:
            return NodeFault("its certificate has expired", Side.THEIRS, "ca", detail=detail)
        if error.verify_code in (62, 64):
            sentence = "its certificate is made out to another host; check the host"
            return NodeFault(sentence, Side.BETWEEN, "host", detail=error.verify_message)
        sentence = "its certificate is signed by no authority we trust; check the authority file"
        return NodeFault(sentence, Side.OURS, "ca", detail=error.verify_message)
    for mark, sentence, field in _TLS:
        if mark in (error.reason or ""):
            side = Side.OURS if field == "cert" else Side.THEIRS
            return NodeFault(sentence, side, field, detail=detail)
    return NodeFault("TLS could not be agreed on", Side.BETWEEN, "tls", detail=detail)


_STATUS = {
    0xA700: "it has no room left",
    0xA701: "it could not count the matches",
    0xA702: "it could not send them",
    0xA801: "it does not know where to send them: have it add our AE title, host and port",
    0xA900: "it says that the query, or the object, does not fit its class",
    0x0110: "it failed",
    0x0117: "it does not accept the UID of the object",
    0x0122: "it does not offer this service",
    0x0124: "it does not allow us this",
    0x0211: "it does not know this operation",
    0xFE00: "it stopped",
}


def failed_move(status: int, destination: str, comment: str = "") -> NodeFault:
    """As `failed_status`, for C-MOVE: some archives have no other word for a destination they do not know."""
    if status >> 12 != 0xC:
        return failed_status(status, comment)
    sentence = f"it could not send them, and may not know where: have it add '{destination}', our host and port"
    return NodeFault(f"{sentence} (status {status:04X})", Side.THEIRS, "our_aet", detail=comment)


def failed_status(status: int, comment: str = "") -> NodeFault:
    """A failure status of a DIMSE response in words (PS3.7 C, PS3.4 B.2.3, C.4); its comment goes to the log."""
    field = "our_aet" if status == 0xA801 else ""
    words = _STATUS.get(status) or _STATUS.get(status & 0xFF00)
    if words is None:
        words = "it cannot make sense of this" if status >> 12 == 0xC else "it says no"
    passing = status >> 8 == 0xA7 and status != 0xA700
    return NodeFault(f"{words} (status {status:04X})", Side.THEIRS, field, passing, comment)
