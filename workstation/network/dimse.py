"""DIMSE behind `pacs.Pacs`: echo, find, get, move, store (PS3.4 A, B, C) on associations of `call`."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Final

from workstation.dicom.scan import IMPLICIT
from workstation.errors import Cancelled
from workstation.network import command, commitment, faults, identifier, part10, storage
from workstation.network.call import PATIENCE, Call, Patience, Wanted, calling
from workstation.network.command import (
    C_CANCEL,
    C_ECHO,
    C_FIND,
    C_GET,
    C_MOVE,
    C_STORE,
    NO_DATA,
    PENDING,
    RESPONSE,
    SUCCESS,
    WITH_DATA,
    number,
    text,
)
from workstation.network.commitment import CommitmentReport
from workstation.network.faults import Gone, NodeFault, Side
from workstation.network.link import SILENT, Link, Malformed, Message
from workstation.network.nodes import Node
from workstation.network.pacs import UNWATCHED, Check, Level, Progress, Retrieved, Row, Selection, Sink, Stored, Watch
from workstation.network.part10 import Outgoing, Received
from workstation.security import acts
from workstation.security.acts import Kind

STUDY_ROOT: Final = "1.2.840.10008.5.1.4.1.2.2."
PATIENT_ROOT: Final = "1.2.840.10008.5.1.4.1.2.1."
FIND, MOVE, GET = "1", "2", "3"
_PARTLY: Final = 0xB000
_STOP_S: Final = 2.0
"""How long a node may take to stop when it was asked to."""

_NOT_TAKEN: Final = 0xA700
_WARNINGS: Final = frozenset((0xB000, 0xB006, 0xB007))
"""Stored, with a remark (PS3.4 table B.2-1)."""


class NoCommitment(NodeFault):
    """The node takes objects and says nothing about keeping them."""


class DimsePacs:
    """A node that speaks DIMSE. Methods may be called from several threads; two associations a node stand at most.

    `destination` is the AE title of our receiver, where C-MOVE sends what is asked for.
    """

    def __init__(self, node: Node, destination: str = "", patience: Patience = PATIENCE) -> None:
        self._node = node
        self._destination = destination or node.our_aet
        self._patience = patience

    @property
    def node(self) -> Node:
        return self._node

    def echo(self) -> float:
        """Seconds until the answer, the association included (PS3.4 A)."""
        acts.permit(Kind.ECHO, self._node.name)
        begun = time.monotonic()
        with self._call([(storage.VERIFICATION, storage.PLAIN)]) as call:
            context, _ = call.service(storage.VERIFICATION, "verification (C-ECHO)")
            call.link.send_message(context, _request(C_ECHO, storage.VERIFICATION))
            answer = self._answer(call.link, C_ECHO)
        if status := number(answer.command, "Status"):
            raise faults.failed_status(status)
        return time.monotonic() - begun

    def find(self, level: Level, keys: Mapping[str, str], check: Check = lambda: None) -> Iterator[Row]:
        """Matches as they come (PS3.4 C.4.1). Closing the iterator stops the query at the node."""
        acts.permit(Kind.QUERY, self._node.name, keys.get("StudyInstanceUID", ""))
        sop_class = (PATIENT_ROOT if level is Level.PATIENT else STUDY_ROOT) + FIND
        stop = _Stop(check)
        with self._call([(sop_class, storage.PLAIN)], stop) as call:
            context, syntax = call.service(sop_class, "queries (C-FIND)")
            stop.begin(call.link, context)
            wanted = {"QueryRetrieveLevel": level.value, level.unique_key: ""} | dict(keys)
            request = _request(C_FIND, sop_class, with_data=True)
            call.link.send_message(context, request, identifier.encode(wanted, syntax))
            try:
                yield from self._matches(call.link, syntax)
            except GeneratorExit:
                self._stopped(call.link, context)
                raise
        stop.raise_asked()

    def retrieve(self, what: Selection, sink: Sink, watch: Watch = UNWATCHED) -> Retrieved:
        """C-GET, or C-MOVE to our receiver where the node is set so; then `sink` is not called."""
        acts.permit(Kind.RETRIEVE, self._node.name, what.study)
        if self._node.retrieve == "move":
            return self._move(what, watch)
        return self._get(what, sink, watch)

    def store(self, objects: Iterable[bytes], watch: Watch = UNWATCHED, total: int = 0) -> Iterator[Stored]:
        """Send Part 10 files as they are stored (PS3.4 B.2)."""
        acts.permit(Kind.SEND, self._node.name)
        pairs: dict[tuple[str, str], None] = {}
        remaining = (part10.unwrapped(each) for each in objects)
        waiting = next(remaining, None)
        done = sent = 0
        while waiting is not None:
            pairs[waiting.sop_class_uid, waiting.transfer_syntax_uid] = None
            with self._call(_offers(pairs), watch.check) as call:
                while waiting is not None and (waiting.sop_class_uid, waiting.transfer_syntax_uid) in pairs:
                    size = len(waiting.dataset)
                    result = self._store_one(call, waiting)
                    done, sent = done + 1, sent + size
                    watch.told(Progress(done, total, sent))
                    yield result
                    waiting = next(remaining, None)

    def commit(
        self, transaction: str, objects: Sequence[tuple[str, str]], within_s: float = 1.0, check: Check = lambda: None
    ) -> CommitmentReport | None:
        """Ask whether the node keeps (SOP class, SOP instance) pairs (PS3.4 J); None when its word has not come yet.

        Then it comes to our receiver. Raises NodeFault; `NoCommitment` where the node does not offer this.
        """
        acts.permit(Kind.SEND, self._node.name)
        with self._call([(commitment.PUSH_MODEL, storage.PLAIN)], check) as call:
            found = call.context(commitment.PUSH_MODEL)
            if found is None:
                raise NoCommitment("it does not offer storage commitment", Side.THEIRS)
            context, syntax = found
            data = commitment.encode(transaction, objects, syntax)
            call.link.send_message(context, commitment.request(1), data, self._patience.silence_s)
            return self._word(call.link, syntax, transaction, within_s)

    def _word(self, link: Link, syntax: str, transaction: str, within_s: float) -> CommitmentReport | None:
        """The report on the association that asked; some archives send it before they answer the request."""
        report, answered = None, False
        while report is None or not answered:
            wait_s = within_s if answered else self._patience.silence_s
            try:
                message = link.read_message(wait_s, commitment.LARGEST_REPORT_BYTES)
            except Gone as gone:
                if answered and gone.detail == SILENT:
                    return None
                raise
            if message is None:
                raise Malformed("a release in the middle")
            if not commitment.is_report(message.command):
                if status := number(message.command, "Status"):
                    raise faults.failed_status(status, text(message.command, "ErrorComment"))
                answered = True
                continue
            try:
                report = commitment.decode(message.data, syntax)
            except ValueError as error:
                raise Malformed(str(error)) from error
            link.send_message(message.context_id, command.response(message.command, SUCCESS))
            report = report if report.transaction == transaction else None
        return report

    def _call(
        self, wanted: Wanted, check: Check = lambda: None, scp_of: frozenset[str] = frozenset()
    ) -> AbstractContextManager[Call]:
        return calling(self._node, wanted, check, self._patience, scp_of)

    def _answer(self, link: Link, to: int) -> Message:
        message = link.read_message(self._patience.silence_s, identifier.LARGEST_BYTES)
        if message is None or number(message.command, "CommandField") != to | RESPONSE:
            raise Malformed("an answer to something else")
        return message

    def _matches(self, link: Link, syntax: str) -> Iterator[Row]:
        while True:
            message = self._answer(link, C_FIND)
            status = number(message.command, "Status")
            if status in PENDING:
                try:
                    yield identifier.decode(message.data, syntax)
                except ValueError as error:
                    raise Malformed(str(error)) from error
            elif status in (SUCCESS, command.CANCELLED):
                return
            else:
                raise faults.failed_status(status, text(message.command, "ErrorComment"))

    def _stopped(self, link: Link, context: int) -> None:
        """Ask the node to stop, and give it a moment to say that it did."""
        link.send_message(context, _cancel())
        deadline = time.monotonic() + _STOP_S
        with suppress(NodeFault, Malformed):
            while time.monotonic() < deadline:
                message = link.read_message(_STOP_S, identifier.LARGEST_BYTES)
                if message is None or number(message.command, "Status") not in PENDING:
                    return

    def _get(self, what: Selection, sink: Sink, watch: Watch) -> Retrieved:
        sop_class = STUDY_ROOT + GET
        contexts = storage.wanted(what.sop_classes, what.modalities)
        stop = _Stop(watch.check)
        scp_of = frozenset(uid for uid, _ in contexts)
        with self._call([(sop_class, storage.PLAIN), *contexts], stop, scp_of) as call:
            context, syntax = call.service(sop_class, "retrieval on the same connection (C-GET)")
            stop.begin(call.link, context)
            request = _request(C_GET, sop_class, with_data=True)
            call.link.send_message(context, request, identifier.encode(_keys(what), syntax))
            result = _Gets(call, sink, watch, self._patience.silence_s).run()
        stop.raise_asked()
        return result

    def _move(self, what: Selection, watch: Watch) -> Retrieved:
        sop_class = STUDY_ROOT + MOVE
        stop = _Stop(watch.check)
        with self._call([(sop_class, storage.PLAIN)], stop) as call:
            context, syntax = call.service(sop_class, "retrieval by a call back (C-MOVE)")
            stop.begin(call.link, context)
            request = _request(C_MOVE, sop_class, with_data=True) | {"MoveDestination": self._destination}
            call.link.send_message(context, request, identifier.encode(_keys(what), syntax))
            while True:
                message = self._answer(call.link, C_MOVE)
                completed, failed, total = _counts(message)
                status = number(message.command, "Status")
                if status not in PENDING:
                    break
                watch.told(Progress(completed, total))
        stop.raise_asked()
        if not _is_done(status):
            raise faults.failed_move(status, self._destination, text(message.command, "ErrorComment"))
        return Retrieved(0, completed, failed)

    def _store_one(self, call: Call, outgoing: Outgoing) -> Stored:
        uid = outgoing.sop_instance_uid
        found = call.context(outgoing.sop_class_uid, outgoing.transfer_syntax_uid)
        dataset = outgoing.dataset
        if found is None and outgoing.transfer_syntax_uid in storage.PLAIN:
            found = call.context(outgoing.sop_class_uid, IMPLICIT)
            dataset = memoryview(_implicit(outgoing)) if found else dataset
        if found is None:
            return Stored(uid, f"it does not take {_name(outgoing)}", 0x0122)
        request = _request(C_STORE, outgoing.sop_class_uid, with_data=True) | {"AffectedSOPInstanceUID": uid}
        call.link.send_message(found[0], request, dataset, self._patience.silence_s)
        status = number(self._answer(call.link, C_STORE).command, "Status")
        if status == SUCCESS or status in _WARNINGS:
            return Stored(uid, "", status)
        return Stored(uid, faults.failed_status(status).sentence, status)


class _Gets:
    """One C-GET while it runs: objects come on the connection that asked (PS3.4 C.4.3)."""

    def __init__(self, call: Call, sink: Sink, watch: Watch, silence_s: float) -> None:
        self._call = call
        self._sink = sink
        self._watch = watch
        self._silence_s = silence_s
        self._came = self._bytes = self._refused = self._total = 0

    def run(self) -> Retrieved:
        while True:
            message = self._call.link.read_message(self._silence_s)
            if message is None:
                raise Malformed("a release in the middle")
            kind = number(message.command, "CommandField")
            if kind == C_STORE:
                self._take(message)
                self._watch.told(Progress(self._came, self._total, self._bytes))
            elif kind == C_GET | RESPONSE:
                completed, failed, total = _counts(message)
                self._total = max(self._total, total)
                status = number(message.command, "Status")
                if status not in PENDING:
                    if not _is_done(status):
                        raise faults.failed_status(status, text(message.command, "ErrorComment"))
                    return Retrieved(self._came, completed, failed, self._refused)
            else:
                raise Malformed(f"command {kind:04X} in a retrieval")

    def _take(self, message: Message) -> None:
        """Taken when our side has it; the node keeps its own, so it need not wait for the disk."""
        sop_class, syntax = self._call.contexts.get(message.context_id, ("", ""))
        if not sop_class:
            raise Malformed("an object in a context that was not agreed on")
        uid = text(message.command, "AffectedSOPInstanceUID")
        sop_class = text(message.command, "AffectedSOPClassUID") or sop_class
        data = part10.wrapped(sop_class, uid, syntax, message.data)
        taken = self._sink(Received(sop_class, uid, syntax, data))
        self._came += taken
        self._refused += not taken
        self._bytes += len(message.data)
        answer = command.response(message.command, SUCCESS if taken else _NOT_TAKEN)
        self._call.link.send_message(message.context_id, answer)


class _Stop:
    """Stands between whoever may ask to stop and a connection: the node is asked first, then left."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._asked_at: float | None = None
        self._link: Link | None = None
        self._context = 0

    def begin(self, link: Link, context: int) -> None:
        """From now on the node can be asked."""
        self._link, self._context = link, context

    def __call__(self) -> None:
        if self._asked_at is not None:
            if time.monotonic() - self._asked_at > _STOP_S:
                raise Cancelled
            return
        try:
            self._check()
        except Cancelled:
            if self._link is None:
                raise
            self._asked_at = time.monotonic()
            self._link.send_message(self._context, _cancel())

    def raise_asked(self) -> None:
        if self._asked_at is not None:
            raise Cancelled


def _request(field: int, sop_class: str, with_data: bool = False) -> command.Command:
    made: command.Command = {
        "AffectedSOPClassUID": sop_class,
        "CommandField": field,
        "MessageID": 1,
        "CommandDataSetType": WITH_DATA if with_data else NO_DATA,
    }
    return made | ({"Priority": 0} if with_data else {})


def _cancel() -> command.Command:
    return {"CommandField": C_CANCEL, "MessageIDBeingRespondedTo": 1, "CommandDataSetType": NO_DATA}


def _keys(what: Selection) -> dict[str, str]:
    level = Level.IMAGE if what.instances else Level.SERIES if what.series else Level.STUDY
    keys = {"QueryRetrieveLevel": level.value, "StudyInstanceUID": what.study}
    if what.series:
        keys["SeriesInstanceUID"] = what.series
    if what.instances:
        keys["SOPInstanceUID"] = "\\".join(what.instances)
    return keys


def _counts(message: Message) -> tuple[int, int, int]:
    """Completed, failed and all sub-operations, as far as the node says (PS3.4 C.4.2.1.6 - 9)."""
    completed, failed, warned, left = (
        number(message.command, f"NumberOf{which}Suboperations")
        for which in ("Completed", "Failed", "Warning", "Remaining")
    )
    return completed + warned, failed, completed + failed + warned + left


def _is_done(status: int) -> bool:
    """Partly done is no fault: what lacks is found by comparing."""
    return status in (SUCCESS, _PARTLY, command.CANCELLED)


def _offers(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    """A context for each pair, and the one syntax that every peer has to take beside those it can stand in for."""
    offers: dict[tuple[str, tuple[str, ...]], None] = {}
    for uid, syntax in pairs:
        offers[uid, (syntax,)] = None
        if syntax in storage.PLAIN:
            offers[uid, (IMPLICIT,)] = None
    return list(offers)


def _implicit(outgoing: Outgoing) -> bytes:
    """An explicit little endian dataset in implicit encoding; only how it is written changes (PS3.5 A.1)."""
    from io import BytesIO

    from pydicom.filebase import DicomBytesIO
    from pydicom.filereader import read_dataset
    from pydicom.filewriter import write_dataset

    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = True, True
    write_dataset(buffer, read_dataset(BytesIO(outgoing.dataset), False, True))
    return buffer.getvalue()


def _name(outgoing: Outgoing) -> str:
    from pydicom.uid import UID

    return f"{UID(outgoing.sop_class_uid).name} in {UID(outgoing.transfer_syntax_uid).name}"
