"""The process that faces the network: a storage SCP (PS3.4 B) with a limit on everything a stranger can ask for.

It knows no cache. What it is given, `land` writes down (a picklable function from `traffic`), and a record of that goes
up the pipe; a peer hears 0x0000 only when the other end of the pipe said that the object is safe.
"""

import hashlib
import logging
import os
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Final

from workstation import jobs
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.network import association, command, commitment, part10, storage
from workstation.network.association import Agreed, Answer, Proposal, Request
from workstation.network.command import C_ECHO, C_STORE, RESPONSE, SUCCESS, number, text
from workstation.network.desk import FAILED, Ahead, Desk, Land
from workstation.network.faults import NodeFault
from workstation.network.link import (
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    ASSOCIATE_RQ,
    RELEASE_RP,
    Link,
    Malformed,
    Message,
    Seen,
)
from workstation.network.part10 import Received
from workstation.network.reception import Reception
from workstation.security.tls import server_context

OUT_OF_ROOM: Final = 0xA700
MISMATCH: Final = 0xA900
NOT_UNDERSTOOD: Final = 0xC000
INVALID_INSTANCE: Final = 0x0117
NO_SUCH_CLASS: Final = 0x0122
UNRECOGNISED: Final = 0x0211


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
    desk = Desk(pipe, tells)
    threading.Thread(target=desk.hear, daemon=True).start()
    _House(reception, land, desk).open(listener)


class _House:
    """Accepts, counts, and gives each connection a thread of its own."""

    def __init__(self, reception: Reception, land: Land, desk: Desk) -> None:
        self._reception = reception
        self._limits = reception.limits
        self._land = land
        self._desk = desk
        self._ahead = Ahead(land, desk, reception.limits)
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
        desk: Desk,
        ahead: Ahead,
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
        self._hash: Any = None

    def attend(self) -> None:
        """Serve until the peer releases. Raises Gone and Malformed."""
        try:
            while message := self._link.read_message(
                self._limits.idle_s, self._limits.object_bytes, self._take, self._begun
            ):
                status = self._answer(message)
                del message.data[:]
                self._desk.pace.rest()
                self._give_back()
                self._link.send_message(
                    message.context_id, command.response(message.command, status), within_s=self._limits.idle_s
                )
            self._link.send(RELEASE_RP, bytes(4), self._limits.handshake_s)
            self._link.farewell(self._limits.handshake_s)
        finally:
            self._give_back()

    def _begun(self, context_id: int, read: command.Command) -> Seen | None:
        """What is stored is hashed while it comes: the sender needs as long for the next piece."""
        self._hash = None
        sop_class, syntax = self._contexts.get(context_id, ("", ""))
        if number(read, "CommandField") != C_STORE or not sop_class:
            return None
        self._hash = hashlib.sha256(part10.head(sop_class, text(read, "AffectedSOPInstanceUID"), syntax))
        update: Seen = self._hash.update
        return update

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
        digest = self._hash.hexdigest() if self._hash is not None else ""
        received = Received(sop_class, uid, syntax, data, "" if asked_for else self._caller, digest)
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
