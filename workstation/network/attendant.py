"""The process that faces the network: a storage SCP (PS3.4 B) with a limit on everything a stranger can ask for.

It knows no cache. What it is given, `land` writes down (a picklable function from `traffic`), and a record of that goes
up the pipe; a peer hears 0x0000 only when the other end of the pipe said that the object is safe.
"""

import ipaddress
import logging
import os
import queue
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final

from workstation import jobs
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.network import association, command, commitment, part10, storage
from workstation.network.association import Agreed, Answer, Proposal, Request
from workstation.network.command import C_ECHO, C_STORE, RESPONSE, SUCCESS, number, text
from workstation.network.faults import NodeFault
from workstation.network.link import ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, RELEASE_RP, Link, Malformed, Message
from workstation.network.part10 import Received
from workstation.security.tls import Identity, server_context

OUT_OF_ROOM: Final = 0xA700
MISMATCH: Final = 0xA900
NOT_UNDERSTOOD: Final = 0xC000
INVALID_INSTANCE: Final = 0x0117
NO_SUCH_CLASS: Final = 0x0122
UNRECOGNISED: Final = 0x0211
FAILED: Final = 0x0110

COMING: Final = 0
"""The ticket of what is no record but a count."""

SOON: Final = None
"""The ticket of what is no record but what `land` says first."""

AHEAD_THREADS: Final = 2

Land = Callable[..., Any]
"""`land(received, synced=...)` writes an object down, synced where that is wanted; what it returns goes up the pipe.
What `land` is to say before it writes, it is given `soon` for, where the other end wants to hear it. Raises Refused."""


@dataclass(frozen=True)
class Peer:
    """One who may send: an AE title, an address or network, or both; empty is anyone."""

    aet: str = ""
    address: str = ""

    @classmethod
    def checked(cls, aet: str, address: str) -> "Peer":
        """Raises HounsfieldError when the address is none."""
        try:
            if address:
                ipaddress.ip_network(address, strict=False)
        except ValueError as error:
            raise HounsfieldError(f"{address!r} is neither an address nor a network.") from error
        return cls(aet, address)

    def is_at(self, address: str) -> bool:
        if not self.address:
            return True
        return ipaddress.ip_address(address) in ipaddress.ip_network(self.address, strict=False)


@dataclass(frozen=True)
class Limits:
    """What strangers can have of us."""

    associations: int = 16
    of_one_peer: int = 8
    lobby: int = 32
    """Connections that have not said who they are; one more, and the oldest is dropped."""
    handshake_s: float = 5.0
    """ARTIM (PS3.8 9.1.4), and the same for TLS."""
    idle_s: float = 60.0
    object_bytes: int = 1 << 30
    all_bytes: int = 3 << 29
    """Of all objects on their way, before they are written."""
    memory_bytes: int = 6 << 30
    """Address space of the process."""
    answer_s: float = 60.0
    """How long the writer may take to say that an object is safe."""
    ahead_bytes: int = 64 << 20
    """Of objects that we asked an archive for, and that it was told of before they are safe."""


@dataclass(frozen=True)
class Reception:
    """How we are called, by whom, and over what. No `peers` means anybody who can reach us."""

    aet: str = "HOUNSFIELD"
    host: str = "127.0.0.1"
    port: int = 11112
    peers: tuple[Peer, ...] = ()
    tls: Identity | None = None
    limits: Limits = field(default=Limits())
    also: tuple[str, ...] = ()
    """Other names by which we are called."""
    nice: int = 0
    """How many steps later than others the process comes: beside a window, after what the eye waits for."""

    @property
    def names(self) -> tuple[str, ...]:
        """All that we are called."""
        return (self.aet, *self.also)


def serve(
    reception: Reception, listener: socket.socket, land: Land, pipe: "Connection[Any, Any]", tells: bool = False
) -> None:
    """The life of the process: until the other end of the pipe is gone, which is told what comes soon where `tells`."""
    jobs.limit_worker(reception.limits.memory_bytes)
    logging.disable(logging.CRITICAL)  # libraries quote what they read: a patient's name, for one (safety.md 23)
    warnings.simplefilter("ignore")
    threading.stack_size(1 << 20)
    if reception.nice and hasattr(os, "nice"):
        os.nice(reception.nice)
    sys.setswitchinterval(0.0005)  # a thread that reads does not wait long for one that hashes
    desk = _Desk(pipe, tells)
    threading.Thread(target=desk.hear, daemon=True).start()
    _House(reception, land, desk).open(listener)


class _Desk:
    """Sends records up the pipe and hears the answer to each."""

    def __init__(self, pipe: "Connection[Any, Any]", tells: bool) -> None:
        self._pipe = pipe
        self.tells = tells
        self._guard = threading.Lock()
        self._asked: dict[int, Callable[[int], None]] = {}
        self._next = 0

    def is_safe(self, record: Any, within_s: float) -> int:
        """The DIMSE status that the writer has for a record; failure when none comes."""
        told = threading.Event()
        answer: list[int] = []

        def hear(status: int) -> None:
            answer.append(status)
            told.set()

        ticket = self.ask(record, hear)
        if not told.wait(within_s):
            with self._guard:
                self._asked.pop(ticket, None)
        return answer[0] if answer else FAILED

    def ask(self, record: Any, hear: Callable[[int], None], patient: bool = False) -> int:
        """Have a record made safe; `hear` is told its status, soon, or with others where it is `patient`."""
        with self._guard:
            self._next += 1
            ticket = -self._next if patient else self._next
            self._asked[ticket] = hear
            self._pipe.send((ticket, record))
        return ticket

    def say_soon(self, what: str) -> None:
        """Something about an object that is still being written."""
        with self._guard:
            self._pipe.send((SOON, what))

    def say_coming(self, count: int) -> None:
        """So many more, or fewer, objects come that their sender was told of before they are safe."""
        with self._guard:
            self._pipe.send((COMING, count))

    def hear(self) -> None:
        """Answers until the writer is gone; then nothing could be made safe, and this process ends."""
        while True:
            try:
                ticket, status = self._pipe.recv()
            except (EOFError, OSError):
                os._exit(0)
            with self._guard:
                hear = self._asked.pop(ticket, None)
            if hear is not None:
                hear(status)


class _Ahead:
    """Objects that answer a C-MOVE of ours: the archive keeps its own and goes on while ours are written.

    What lacks afterwards is found by comparing, as with C-GET, and asked for again. Nobody else is answered so.
    """

    def __init__(self, land: Land, desk: _Desk, limits: Limits) -> None:
        self._land = land
        self._desk = desk
        self._limits = limits
        self._queue: queue.SimpleQueue[tuple[Received, Callable[[], None]]] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._bytes = 0
        self._failed = False
        for _ in range(AHEAD_THREADS):
            threading.Thread(target=self._work, daemon=True).start()

    def take(self, received: Received, give_back: Callable[[], None]) -> bool:
        """Whether it is taken; `give_back` is called when it no longer takes room. After a failure one waits again."""
        size = len(received.data)
        with self._guard:
            if self._failed or self._bytes + size > self._limits.ahead_bytes:
                self._failed = False
                return False
            self._bytes += size
        self._desk.say_coming(1)
        self._queue.put((received, give_back))
        return True

    def _work(self) -> None:
        while True:
            received, give_back = self._queue.get()
            size = len(received.data)
            try:
                record = self._land(received)
            except Exception:  # whatever a parser raises on a stranger's bytes; what lacks is asked for again
                self._over(size, give_back, FAILED)
            else:
                self._desk.ask(record, partial(self._over, size, give_back), patient=True)
            del received

    def _over(self, size: int, give_back: Callable[[], None], status: int) -> None:
        give_back()
        with self._guard:
            self._bytes -= size
            self._failed = self._failed or status != SUCCESS
        self._desk.say_coming(-1)


class _House:
    """Accepts, counts, and gives each connection a thread of its own."""

    def __init__(self, reception: Reception, land: Land, desk: _Desk) -> None:
        self._reception = reception
        self._limits = reception.limits
        self._land = land
        self._desk = desk
        self._ahead = _Ahead(land, desk, reception.limits)
        self._guard = threading.Lock()
        self._lobby: dict[int, socket.socket] = {}
        self._inside: dict[int, str] = {}
        self._bytes = 0
        self._tls = server_context(reception.tls) if reception.tls else None

    def open(self, listener: socket.socket) -> None:
        """Accept for as long as the process lives."""
        count = 0
        while True:
            try:
                connection, address = listener.accept()
            except OSError:
                time.sleep(0.05)
                continue
            count += 1
            with self._guard:
                if len(self._lobby) >= self._limits.lobby:
                    _drop(self._lobby.pop(next(iter(self._lobby))))
                self._lobby[count] = connection
            try:
                threading.Thread(target=self._receive, args=(count, connection, address[0]), daemon=True).start()
            except RuntimeError:  # no more threads: nobody is let in until one ends
                self._leave(count)
                _drop(connection)

    def _receive(self, number_: int, connection: socket.socket, address: str) -> None:
        link = None
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link = Link(self._secured(connection))
            caller, contexts = self._greeted(number_, link, address)
            if contexts:
                _Guest(
                    link,
                    caller,
                    contexts,
                    self._reception,
                    self._land,
                    self._desk,
                    self._ahead,
                    self._count,
                    self._is_crowded,
                ).attend()
        except Malformed:
            if link:
                link.abort(2, 0)
        except (NodeFault, OSError, MemoryError):
            if link:
                link.abort()
        finally:
            self._leave(number_)
            link.end() if link else _drop(connection)

    def _secured(self, connection: socket.socket) -> socket.socket:
        connection.settimeout(self._limits.handshake_s)
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def _greeted(self, number_: int, link: Link, address: str) -> tuple[str, dict[int, tuple[str, str]]]:
        """Who calls, and the contexts agreed on; empty when the peer was turned away."""
        kind, body = link.read(self._limits.handshake_s)
        if kind != ASSOCIATE_RQ:
            raise Malformed(f"PDU type {kind} before an association")
        try:
            request = association.decode_request(bytes(body))
        except ValueError as error:
            raise Malformed(str(error)) from error
        refusal = self._refusal(number_, request, address)
        if refusal is not None:
            link.send(ASSOCIATE_RJ, bytes((0, *refusal)), self._limits.handshake_s)
            link.farewell(self._limits.handshake_s)
            return "", {}
        agreed = [_agreed(each) for each in request.proposals]
        link.send(
            ASSOCIATE_AC,
            association.encode_answer(Answer(request.called, request.calling, tuple(agreed), roles=_roles(request))),
            self._limits.handshake_s,
        )
        link.agreed(request.most_pdu_bytes)
        asked = {each.context_id: each.abstract_syntax for each in request.proposals}
        taken = [each for each in agreed if each.result == 0]
        return request.calling, {each.context_id: (asked[each.context_id], each.transfer_syntax) for each in taken}

    def _refusal(self, number_: int, request: Request, address: str) -> tuple[int, int, int] | None:
        """Result, source, reason of a rejection (PS3.8 table 9-21), or None; then the peer has a place inside."""
        if not request.protocol_version & 1:
            return 1, 2, 2
        if request.application_context != association.APPLICATION_CONTEXT:
            return 1, 1, 2
        if request.called not in self._reception.names:
            return 1, 1, 7
        peers = self._reception.peers
        if peers and not any(each.aet in ("", request.calling) and each.is_at(address) for each in peers):
            return 1, 1, 3
        with self._guard:
            mine = sum(1 for each in self._inside.values() if each == address)
            if len(self._inside) >= self._limits.associations or mine >= self._limits.of_one_peer:
                return 2, 3, 2
            self._lobby.pop(number_, None)
            self._inside[number_] = address
        return None

    def _leave(self, number_: int) -> None:
        with self._guard:
            self._lobby.pop(number_, None)
            self._inside.pop(number_, None)

    def _is_crowded(self) -> bool:
        """Whether several peers send at once: then the disk works for one while the writer commits another."""
        return len(self._inside) > 1

    def _count(self, count: int) -> None:
        """Bytes on their way, up and down. Raises Malformed beyond the limit."""
        with self._guard:
            if count > 0 and self._bytes + count > self._limits.all_bytes:
                raise Malformed("more on its way than there is room for")
            self._bytes += count


class _Guest:
    """One association from its acceptance to its end."""

    def __init__(
        self,
        link: Link,
        caller: str,
        contexts: dict[int, tuple[str, str]],
        reception: Reception,
        land: Land,
        desk: _Desk,
        ahead: _Ahead,
        count: Callable[[int], None],
        is_crowded: Callable[[], bool],
    ) -> None:
        self._is_crowded = is_crowded
        self._link = link
        self._contexts = contexts
        self._names = reception.names
        self._caller = caller
        self._limits = reception.limits
        self._land = land
        self._desk = desk
        self._ahead = ahead
        self._count = count
        self._held = 0

    def attend(self) -> None:
        """Serve until the peer releases. Raises Gone and Malformed."""
        try:
            while message := self._link.read_message(self._limits.idle_s, self._limits.object_bytes, self._take):
                status = self._answer(message)
                del message.data[:]
                self._give_back()
                self._link.send_message(
                    message.context_id, command.response(message.command, status), within_s=self._limits.idle_s
                )
            self._link.send(RELEASE_RP, bytes(4), self._limits.handshake_s)
            self._link.farewell(self._limits.handshake_s)
        finally:
            self._give_back()

    def _take(self, count: int) -> None:
        self._count(count)
        self._held += count

    def _give_back(self) -> None:
        self._count(-self._held)
        self._held = 0

    def _answer(self, message: Message) -> int:
        kind = number(message.command, "CommandField")
        sop_class, syntax = self._contexts.get(message.context_id, ("", ""))
        if not sop_class or kind & RESPONSE:
            raise Malformed("a message in a context that was not agreed on")
        if kind == C_ECHO:
            return SUCCESS if sop_class == storage.VERIFICATION else NO_SUCH_CLASS
        if commitment.is_report(message.command):
            return self._heard(message, sop_class, syntax)
        if kind != C_STORE:
            return UNRECOGNISED
        if not storage.is_storage(sop_class):
            return NO_SUCH_CLASS
        uid = text(message.command, "AffectedSOPInstanceUID")
        if not storage.is_uid(uid):
            return INVALID_INSTANCE
        if text(message.command, "AffectedSOPClassUID") != sop_class:
            return MISMATCH
        asked_for = text(message.command, "MoveOriginatorApplicationEntityTitle") in self._names
        data = part10.wrapped(sop_class, uid, syntax, message.data)
        received = Received(sop_class, uid, syntax, data, "" if asked_for else self._caller)
        if asked_for:
            held = self._held
            if self._ahead.take(received, lambda: self._count(-held)):
                self._held = 0
                return SUCCESS
        try:
            crowded = self._is_crowded()
            early = {"soon": self._desk.say_soon} if self._desk.tells and not crowded else {}
            record = self._land(received, synced=crowded, **early)
        except Refused as refused:
            return status_of(refused.reason)
        except (HounsfieldError, OSError):
            return FAILED
        except MemoryError:
            return OUT_OF_ROOM
        except Exception:  # whatever a parser raises on a stranger's bytes is an answer about these bytes
            return NOT_UNDERSTOOD
        return self._desk.is_safe(record, self._limits.answer_s)

    def _heard(self, message: Message, sop_class: str, syntax: str) -> int:
        """An archive's word about what we sent it (PS3.4 J.3.3); whose transaction that is, the writer knows."""
        if sop_class != commitment.PUSH_MODEL:
            return NO_SUCH_CLASS
        try:
            report = commitment.decode(message.data, syntax)
        except ValueError:
            return FAILED
        return self._desk.is_safe(report, self._limits.answer_s)


def status_of(reason: Reason | None) -> int:
    """The DIMSE status for what became of an object (PS3.4 table B.2-1); None is success.

    A conflict is kept in quarantine: nothing is lost, so the peer need not send it again.
    """
    if reason is None or reason is Reason.CONFLICT:
        return SUCCESS
    if reason in (Reason.DISK_FULL, Reason.TOO_LARGE, Reason.MEMORY):
        return OUT_OF_ROOM
    return FAILED if reason is Reason.IO_ERROR else NOT_UNDERSTOOD


def _agreed(proposal: Proposal) -> Agreed:
    """The first of our syntaxes that is offered, in our order (PS3.8 9.3.3.2)."""
    offered = proposal.transfer_syntaxes
    fallback = offered[0] if offered else storage.PLAIN[1]
    if proposal.abstract_syntax in (storage.VERIFICATION, commitment.PUSH_MODEL):
        known: tuple[str, ...] = storage.PLAIN
    elif storage.is_storage(proposal.abstract_syntax):
        known = storage.SYNTAXES
    else:
        return Agreed(proposal.context_id, 3, fallback)
    for syntax in known:
        if syntax in offered:
            return Agreed(proposal.context_id, 0, syntax)
    return Agreed(proposal.context_id, 4, fallback)


def _roles(request: Request) -> dict[str, tuple[bool, bool]]:
    """Whoever reports a commitment is the SCP of it, and says so (PS3.7 D.3.3.4)."""
    return {uid: asked for uid, asked in request.roles.items() if uid == commitment.PUSH_MODEL}


def _drop(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        connection.close()
