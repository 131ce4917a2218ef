"""What two peers agree on before they speak: A-ASSOCIATE requests and answers (PS3.8 9.3.2, 9.3.3, PS3.7 D.3).

Read from bytes nobody trusts: each length is held against what is there, and nothing is taken that was not sent.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from workstation.dicom.implementation import IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION

APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"
MOST_PDU_BYTES: Final = 131072
"""What we announce: with 16 KiB a CT slice takes thirty PDUs, and each costs a turn."""

MOST_CONTEXTS: Final = 128
_FIXED: Final = struct.Struct(">HH16s16s32x")
_ITEM: Final = struct.Struct(">BBH")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One presentation context that is asked for: a SOP class and the transfer syntaxes for it."""

    context_id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """One presentation context as answered; `result` 0 is accepted (PS3.8 table 9-18)."""

    context_id: int
    result: int
    transfer_syntax: str


@dataclass(frozen=True)
class Request:
    """A-ASSOCIATE-RQ; `roles` are SOP classes -> (we may be SCU, we may be SCP) as the requestor asks."""

    called: str
    calling: str
    proposals: tuple[Proposal, ...]
    most_pdu_bytes: int = MOST_PDU_BYTES
    roles: Mapping[str, tuple[bool, bool]] = field(default_factory=dict)
    application_context: str = APPLICATION_CONTEXT
    protocol_version: int = 1


@dataclass(frozen=True)
class Answer:
    """A-ASSOCIATE-AC."""

    called: str
    calling: str
    contexts: tuple[Agreed, ...]
    most_pdu_bytes: int = MOST_PDU_BYTES
    roles: Mapping[str, tuple[bool, bool]] = field(default_factory=dict)


def encode_request(request: Request) -> bytes:
    """The body of the PDU, without its first six bytes."""
    contexts = [
        _item(
            0x20,
            struct.pack(">B3x", each.context_id)
            + _uid_item(0x30, each.abstract_syntax)
            + b"".join(_uid_item(0x40, syntax) for syntax in each.transfer_syntaxes),
        )
        for each in request.proposals
    ]
    return _body(request.called, request.calling, contexts, request.most_pdu_bytes, request.roles)


def encode_answer(answer: Answer) -> bytes:
    """The body of the PDU, without its first six bytes."""
    contexts = [
        _item(0x21, struct.pack(">BxBx", each.context_id, each.result) + _uid_item(0x40, each.transfer_syntax))
        for each in answer.contexts
    ]
    return _body(answer.called, answer.calling, contexts, answer.most_pdu_bytes, answer.roles)


def decode_request(body: bytes) -> Request:
    """Raises ValueError for what is no request."""
    version, called, calling = _titles(body)
    proposals: list[Proposal] = []
    most, roles, application = 0, dict[str, tuple[bool, bool]](), ""
    for kind, value in _items(body, _FIXED.size):
        if kind == 0x10:
            application = _uid(value)
        elif kind == 0x20:
            proposals.append(_proposal(value))
        elif kind == 0x50:
            most, roles = _user(value)
    if len(proposals) > MOST_CONTEXTS:
        raise ValueError("more presentation contexts than there are numbers for")
    return Request(called, calling, tuple(proposals), most, roles, application, version)


def decode_answer(body: bytes) -> Answer:
    """Raises ValueError for what is no answer."""
    _, called, calling = _titles(body)
    contexts: list[Agreed] = []
    most, roles = 0, dict[str, tuple[bool, bool]]()
    for kind, value in _items(body, _FIXED.size):
        if kind == 0x21:
            if len(value) < 4:
                raise ValueError("a presentation context is too short")
            syntaxes = [_uid(each) for sub, each in _items(value, 4) if sub == 0x40]
            contexts.append(Agreed(value[0], value[2], syntaxes[0] if syntaxes else ""))
        elif kind == 0x50:
            most, roles = _user(value)
    return Answer(called, calling, tuple(contexts), most, roles)


def numbered(wanted: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[Proposal, ...]:
    """Proposals with odd numbers (PS3.8 9.3.2.2); what does not fit into 128 is left out."""
    return tuple(Proposal(2 * place + 1, *each) for place, each in enumerate(wanted[:MOST_CONTEXTS]))


def _body(called: str, calling: str, contexts: list[bytes], most: int, roles: Mapping[str, tuple[bool, bool]]) -> bytes:
    user = [
        _item(0x51, struct.pack(">I", most)),
        _uid_item(0x52, IMPLEMENTATION_CLASS),
        *(
            _item(0x54, struct.pack(">H", len(uid)) + uid.encode("ascii") + bytes((int(scu), int(scp))))
            for uid, (scu, scp) in roles.items()
        ),
        _uid_item(0x55, IMPLEMENTATION_VERSION),
    ]
    head = _FIXED.pack(1, 0, _title(called), _title(calling))
    return head + _uid_item(0x10, APPLICATION_CONTEXT) + b"".join(contexts) + _item(0x50, b"".join(user))


def _item(kind: int, value: bytes) -> bytes:
    return _ITEM.pack(kind, 0, len(value)) + value


def _uid_item(kind: int, uid: str) -> bytes:
    return _item(kind, uid.encode("ascii"))


def _title(title: str) -> bytes:
    return title.encode("ascii", "replace")[:16].ljust(16)


def _titles(body: bytes) -> tuple[int, str, str]:
    if len(body) < _FIXED.size:
        raise ValueError("an association request is too short")
    version, _, called, calling = _FIXED.unpack_from(body)
    return version, called.decode("latin-1").strip(" \0"), calling.decode("latin-1").strip(" \0")


def _items(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at < len(data):
        if at + 4 > len(data):
            raise ValueError("an item ends in the middle of its head")
        kind, _, length = _ITEM.unpack_from(data, at)
        at += 4
        if at + length > len(data):
            raise ValueError("an item leads outside")
        yield kind, bytes(data[at : at + length])
        at += length


def _proposal(value: bytes) -> Proposal:
    if len(value) < 4:
        raise ValueError("a presentation context is too short")
    found = [(kind, _uid(each)) for kind, each in _items(value, 4)]
    abstract = [uid for kind, uid in found if kind == 0x30]
    if not abstract:
        raise ValueError("a presentation context names no SOP class")
    return Proposal(value[0], abstract[0], tuple(uid for kind, uid in found if kind == 0x40))


def _user(value: bytes) -> tuple[int, dict[str, tuple[bool, bool]]]:
    """The longest PDU the peer takes (0: any), and the roles it asks for or grants."""
    most, roles = 0, dict[str, tuple[bool, bool]]()
    for kind, each in _items(value, 0):
        if kind == 0x51 and len(each) >= 4:
            most = struct.unpack_from(">I", each)[0]
        elif kind == 0x54 and len(each) >= 4:
            (length,) = struct.unpack_from(">H", each)
            if len(each) >= 4 + length:
                roles[_uid(each[2 : 2 + length])] = (bool(each[2 + length]), bool(each[3 + length]))
    return most, roles


def _uid(value: bytes) -> str:
    return value.decode("latin-1").strip(" \0")
