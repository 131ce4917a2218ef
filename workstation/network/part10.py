"""Datasets as the network has them <-> files (PS3.10 7.1), without touching a byte of the dataset."""

import struct
from dataclasses import dataclass
from typing import Final

from workstation.dicom.implementation import IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION
from workstation.dicom.scan import has_preamble
from workstation.errors import Reason, Refused

_LONG: Final = frozenset((b"OB", b"OW", b"UN", b"SQ", b"UT", b"UC", b"UR", b"OD", b"OF", b"OL", b"OV"))
_SHORT: Final = struct.Struct("<HH2sH")


@dataclass(frozen=True, slots=True)
class Received:
    """An object as it came over the network: `data` is a whole Part 10 file around the dataset that was sent."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    data: bytes
    sender: str = ""
    """AE title of who sent it unasked; empty for what we asked for."""
    digest: str = ""
    """SHA-256 of `data`, where it was worked out while that came."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An object ready to be sent: the bytes of its dataset as they are stored."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    dataset: memoryview


def wrapped(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str, dataset: bytes | bytearray) -> bytes:
    """A Part 10 file. It names no sender: the same object received twice is the same bytes."""
    return b"".join((head(sop_class_uid, sop_instance_uid, transfer_syntax_uid), dataset))


def head(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """What stands before the dataset in `wrapped`."""
    elements = (
        _element(1, b"OB", b"\0\1"),
        _element(2, b"UI", _uid(sop_class_uid)),
        _element(3, b"UI", _uid(sop_instance_uid)),
        _element(0x10, b"UI", _uid(transfer_syntax_uid)),
        _element(0x12, b"UI", _uid(IMPLEMENTATION_CLASS)),
        _element(0x13, b"SH", IMPLEMENTATION_VERSION.encode("ascii")),
    )
    meta = b"".join(elements)
    return b"".join((bytes(128), b"DICM", _element(0, b"UL", struct.pack("<I", len(meta))), meta))


def unwrapped(data: bytes) -> Outgoing:
    """The dataset of a Part 10 file and what its meta information says. Raises Refused(NOT_DICOM or UNREADABLE)."""
    if not has_preamble(data):
        raise Refused(Reason.NOT_DICOM, detail="no preamble: its transfer syntax is not known")
    values: dict[int, str] = {}
    at = 132
    while data[at : at + 2] == b"\x02\x00":
        if at + 12 > len(data):
            raise Refused(Reason.UNREADABLE, detail="file meta information")
        _, tag, vr, length = _SHORT.unpack_from(data, at)
        at += 8
        if vr in _LONG:
            (length,) = struct.unpack_from("<I", data, at)
            at += 4
        if vr == b"UI":
            values[tag] = data[at : at + length].rstrip(b"\0 ").decode("latin-1")
        at += length
    uids = [values.get(tag, "") for tag in (2, 3, 0x10)]
    if not all(uids) or at > len(data):
        raise Refused(Reason.UNREADABLE, detail="file meta information")
    return Outgoing(uids[0], uids[1], uids[2], memoryview(data)[at:])


def _element(tag: int, vr: bytes, value: bytes) -> bytes:
    padded = value if len(value) % 2 == 0 else value + (b"\0" if vr in (b"UI", b"OB") else b" ")
    if vr in _LONG:
        return struct.pack("<HH2sxxI", 2, tag, vr, len(padded)) + padded
    return _SHORT.pack(2, tag, vr, len(padded)) + padded


def _uid(uid: str) -> bytes:
    return uid.encode("latin-1", "replace")
