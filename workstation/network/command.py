"""DIMSE command sets (PS3.7 6.3, E.1): implicit VR little endian, a handful of elements.

A command is a mapping of DICOM keywords to int or str. Elements we do not know are left out, not believed.
"""

import struct
from collections.abc import Mapping
from typing import Final

Command = dict[str, int | str]

_ELEMENTS: Final = {
    0x0002: ("AffectedSOPClassUID", "UI"),
    0x0003: ("RequestedSOPClassUID", "UI"),
    0x0100: ("CommandField", "US"),
    0x0110: ("MessageID", "US"),
    0x0120: ("MessageIDBeingRespondedTo", "US"),
    0x0600: ("MoveDestination", "AE"),
    0x0700: ("Priority", "US"),
    0x0800: ("CommandDataSetType", "US"),
    0x0900: ("Status", "US"),
    0x0902: ("ErrorComment", "LO"),
    0x1000: ("AffectedSOPInstanceUID", "UI"),
    0x1001: ("RequestedSOPInstanceUID", "UI"),
    0x1002: ("EventTypeID", "US"),
    0x1008: ("ActionTypeID", "US"),
    0x1020: ("NumberOfRemainingSuboperations", "US"),
    0x1021: ("NumberOfCompletedSuboperations", "US"),
    0x1022: ("NumberOfFailedSuboperations", "US"),
    0x1023: ("NumberOfWarningSuboperations", "US"),
    0x1030: ("MoveOriginatorApplicationEntityTitle", "AE"),
    0x1031: ("MoveOriginatorMessageID", "US"),
}
_TAGS: Final = {keyword: (tag, vr) for tag, (keyword, vr) in _ELEMENTS.items()}
_HEAD: Final = struct.Struct("<HHI")

C_STORE, C_GET, C_FIND, C_MOVE, C_ECHO, C_CANCEL, RESPONSE = 0x0001, 0x0010, 0x0020, 0x0021, 0x0030, 0x0FFF, 0x8000
N_EVENT_REPORT, N_ACTION = 0x0100, 0x0130
NO_DATA: Final = 0x0101
WITH_DATA: Final = 0x0001
SUCCESS: Final = 0x0000
PENDING: Final = frozenset((0xFF00, 0xFF01))
CANCELLED: Final = 0xFE00


def encode(command: Mapping[str, int | str]) -> bytes:
    """The command set with its group length."""
    parts = []
    for tag, vr, value in sorted((*_TAGS[keyword], value) for keyword, value in command.items()):
        raw = struct.pack("<H", value) if vr == "US" else _padded(str(value), vr)
        parts.append(_HEAD.pack(0, tag, len(raw)) + raw)
    body = b"".join(parts)
    return _HEAD.pack(0, 0, 4) + struct.pack("<I", len(body)) + body


def decode(data: bytes) -> Command:
    """The elements that are known and sound. Raises ValueError for what is no command set."""
    command: Command = {}
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise ValueError("a command ends in the middle of an element")
        group, tag, length = _HEAD.unpack_from(data, at)
        at += 8
        if group or at + length > len(data):
            raise ValueError("an element of a command leads outside")
        keyword, vr = _ELEMENTS.get(tag, ("", ""))
        if vr == "US" and length >= 2:
            command[keyword] = struct.unpack_from("<H", data, at)[0]
        elif vr and vr != "US":
            command[keyword] = bytes(data[at : at + length]).rstrip(b"\0 ").decode("latin-1").lstrip()
        at += length
    if "CommandField" not in command:
        raise ValueError("a command without its field")
    return command


def number(command: Mapping[str, int | str], keyword: str) -> int:
    """A number of a command; 0 where it is missing."""
    value = command.get(keyword, 0)
    return value if isinstance(value, int) else 0


def text(command: Mapping[str, int | str], keyword: str) -> str:
    """A text of a command; empty where it is missing."""
    value = command.get(keyword, "")
    return value if isinstance(value, str) else ""


def response(request: Mapping[str, int | str], status: int) -> Command:
    """The response without a dataset to `request`."""
    made: Command = {
        "CommandField": number(request, "CommandField") | RESPONSE,
        "MessageIDBeingRespondedTo": number(request, "MessageID"),
        "CommandDataSetType": NO_DATA,
        "Status": status,
    }
    for keyword in ("AffectedSOPClassUID", "AffectedSOPInstanceUID"):
        if value := text(request, keyword):
            made[keyword] = value
    return made


def _padded(value: str, vr: str) -> bytes:
    raw = value.encode("latin-1", "replace")
    return raw if len(raw) % 2 == 0 else raw + (b"\0" if vr == "UI" else b" ")
