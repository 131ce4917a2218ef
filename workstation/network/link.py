"""The DICOM upper layer on one socket (PS3.8 9.3): PDUs and DIMSE messages, under limits of length and time.

Why not pynetdicom here: it reads a PDU of whatever length a stranger declares into memory, before any association,
waits on sockets without a time limit, and turns a loop every millisecond. Here no length is believed, each wait has an
end, and a thread waits for nothing but the socket.
"""

import socket
import ssl
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from workstation.network import command
from workstation.network.association import MOST_PDU_BYTES
from workstation.network.faults import Gone, untrusted

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)

MOST_HANDSHAKE_BYTES: Final = 1 << 18
"""128 contexts with 50 transfer syntaxes each take less."""

MOST_DATA_PDU_BYTES: Final = 1 << 20
"""We announce less; some peers send a little more than they are told."""

MOST_COMMAND_BYTES: Final = 1 << 14
LARGEST_MESSAGE_BYTES: Final = 2 << 30
TICK_S: Final = 0.2
SILENT: Final = "timeout in recv"
"""The detail of `Gone` where the peer only said nothing."""
_HEAD: Final = struct.Struct(">BBI")
_VALUE: Final = struct.Struct(">IBB")
SEND_BYTES: Final = 1 << 17


Seen = Callable[[memoryview], None]
"""Is given a dataset piece by piece, while more of it comes."""

Begun = Callable[[int, command.Command], Seen | None]
"""Context and command of a message whose dataset is to come."""


class Malformed(Exception):
    """What came is no DICOM, or more than was agreed on."""


@dataclass(frozen=True, slots=True)
class Message:
    """One DIMSE message; `data` is the dataset as it came, empty when there is none."""

    context_id: int
    command: command.Command
    data: bytearray


class Link:
    """One connection. Reading and writing belong to one thread; `end` may be called from any.

    `check` is called while nothing happens and may raise to stop.
    """

    def __init__(self, connection: socket.socket, check: Callable[[], None] = lambda: None) -> None:
        self._socket = connection
        self._check = check
        self._buffer = bytearray(MOST_PDU_BYTES)
        self.most_sent_bytes = 16384
        self.most_read_bytes = MOST_HANDSHAKE_BYTES

    def agreed(self, peer_most_bytes: int) -> None:
        """The association stands: datasets may come, and go in PDUs as long as the peer takes."""
        self.most_sent_bytes = min(peer_most_bytes or SEND_BYTES, SEND_BYTES)
        if self.most_sent_bytes < 64:
            raise Malformed("PDUs too short to carry anything")
        self.most_read_bytes = MOST_DATA_PDU_BYTES

    def send(self, kind: int, body: bytes, within_s: float) -> None:
        """One PDU. Raises Gone."""
        self._send(_HEAD.pack(kind, 0, len(body)) + body, within_s)

    def read(self, within_s: float) -> tuple[int, memoryview]:
        """Kind and body of the next PDU, all of it within the time; the body is valid until the next call.

        Raises Gone when the peer is gone or silent, Malformed.
        """
        deadline = time.monotonic() + within_s
        head = self._exactly(6, deadline)
        kind, _, length = _HEAD.unpack(head)
        if not ASSOCIATE_RQ <= kind <= ABORT:
            raise Malformed(f"PDU type {kind}")
        if length > self.most_read_bytes:
            raise Malformed(f"a PDU of {length} bytes")
        return kind, self._exactly(length, deadline)

    def send_message(
        self, context_id: int, values: Mapping[str, int | str], data: bytes | memoryview = b"", within_s: float = 60.0
    ) -> None:
        """A DIMSE message; `data` goes in as many PDUs as it takes. Raises Gone."""
        self._send_values(context_id, memoryview(command.encode(values)), 1, within_s)
        if len(data):
            self._send_values(context_id, memoryview(data), 0, within_s)

    def read_message(
        self,
        within_s: float,
        most_bytes: int = LARGEST_MESSAGE_BYTES,
        take: Callable[[int], None] = lambda count: None,
        begun: Begun = lambda context, read: None,
    ) -> Message | None:
        """The next message, each PDU of it within the time; None when the peer wants to release.

        `take(bytes)` is told of each piece before it is kept and may raise. Raises Gone and Malformed. `begun` is told
        the command before its dataset comes, and what it returns is given each piece of that.
        """
        parts = (bytearray(), bytearray())  # dataset, command
        see: Seen | None = None
        context, read = 0, command.Command()
        while True:
            kind, body = self.read(within_s)
            if kind == RELEASE_RQ and not read and not parts[1]:
                return None
            if kind == ABORT:
                raise Gone("it broke the connection off (abort)", f"source {body[2] if len(body) > 2 else '?'}")
            if kind != P_DATA:
                raise Malformed(f"PDU type {kind} inside an association")
            for context, control, value in _values(body):
                part = parts[control & 1]
                if len(part) + len(value) > (MOST_COMMAND_BYTES if control & 1 else most_bytes):
                    raise Malformed("a message longer than the limit")
                if not control & 1:
                    take(len(value))
                part += value
                if control == 3:
                    read = _command(bytes(part))
                    see = None if parts[0] else begun(context, read)
                elif see is not None and not control & 1:
                    see(value)
                if read and (control == 2 or command.number(read, "CommandDataSetType") == command.NO_DATA):
                    return Message(context, read, parts[0])

    def release(self, within_s: float = 2.0) -> None:
        """Ask to release, wait for the answer, close; a peer that does not answer changes nothing."""
        with suppress(Gone, Malformed):
            self.send(RELEASE_RQ, bytes(4), within_s)
            while self.read(within_s)[0] == P_DATA:
                continue
        self.end()

    def farewell(self, within_s: float) -> None:
        """Our last word was said and the peer closes; wait for that, so that it reads it."""
        with suppress(Gone, Malformed):
            while True:
                self.read(within_s)

    def abort(self, source: int = 0, reason: int = 0) -> None:
        """Break off (PS3.8 9.3.8); source 0 is the user, 2 the provider."""
        with suppress(Gone, OSError):
            self.send(ABORT, bytes((0, 0, source, reason)), 1.0)
        self.end()

    def end(self) -> None:
        """Close; whoever waits for it in another thread wakes up."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self._socket.close()

    def _send_values(self, context_id: int, data: memoryview, control: int, within_s: float) -> None:
        room = self.most_sent_bytes - 6
        for start in range(0, len(data), room):
            part = data[start : start + room]
            last = 2 if start + room >= len(data) else 0
            head = _HEAD.pack(P_DATA, 0, len(part) + 6) + _VALUE.pack(len(part) + 2, context_id, control | last)
            self._send(head + part, within_s)

    def _send(self, data: bytes, within_s: float) -> None:
        try:
            self._socket.settimeout(within_s)
            self._socket.sendall(data)
        except TimeoutError as error:
            raise Gone("it takes nothing any more", "timeout in send") from error
        except OSError as error:
            raise Gone("it closed the connection in the middle", type(error).__name__) from error

    def _exactly(self, count: int, deadline: float) -> memoryview:
        if count > len(self._buffer):
            self._buffer = bytearray(count)
        view = memoryview(self._buffer)[:count]
        at = 0
        while at < count:
            got = self._some(view[at:], deadline)
            if not got:
                raise Gone("it closed the connection in the middle", "end of stream")
            at += got
        return view

    def _some(self, view: memoryview, deadline: float) -> int:
        while True:
            self._check()
            left = deadline - time.monotonic()
            if left <= 0:
                raise Gone("it has not said anything for too long", SILENT)
            try:
                self._socket.settimeout(min(left, TICK_S))
                return self._socket.recv_into(view)
            except (TimeoutError, ssl.SSLWantReadError):
                continue
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
                raise Gone("it closed the connection in the middle", type(error).__name__) from error
            except ssl.SSLError as error:
                raise untrusted(error) from error
            except (OSError, ValueError) as error:
                raise Gone("it closed the connection in the middle", type(error).__name__) from error


def _values(body: memoryview) -> "list[tuple[int, int, memoryview]]":
    """(context, control, bytes) of each presentation data value (PS3.8 9.3.5.1, E.2)."""
    found, at = [], 0
    while at < len(body):
        if at + 6 > len(body):
            raise Malformed("a data value without its head")
        length, context, control = _VALUE.unpack_from(body, at)
        if length < 2 or at + 4 + length > len(body):
            raise Malformed("a data value leads outside")
        found.append((context, control, body[at + 6 : at + 4 + length]))
        at += 4 + length
    return found


def _command(data: bytes) -> command.Command:
    try:
        return command.decode(data)
    except ValueError as error:
        raise Malformed(str(error)) from error
