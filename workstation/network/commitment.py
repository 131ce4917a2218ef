"""Storage commitment, the Push Model (PS3.4 J): an archive's word that it keeps objects, not only that it took them.

It is asked by N-ACTION. The word comes by N-EVENT-REPORT: on the same association, or later on one that the archive
opens to our receiver; so it is called by a transaction UID that outlives both.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from workstation.dicom.scan import IMPLICIT
from workstation.network import command
from workstation.network.command import N_ACTION, N_EVENT_REPORT, WITH_DATA

PUSH_MODEL: Final = "1.2.840.10008.1.20.1"
PUSH_MODEL_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
LARGEST_REPORT_BYTES: Final = 8 << 20
"""Some 50,000 objects."""

_REQUEST: Final = 1
REASONS: Final = {
    0x0110: "it failed over this object",
    0x0112: "it does not have this object",
    0x0119: "it has an object of another class under this UID",
    0x0122: "it does not commit to objects of this class",
    0x0131: "it has used this transaction before",
    0x0213: "it has no room left",
}
"""FailureReason in words (PS3.3 C.14.1.1)."""


@dataclass(frozen=True, slots=True)
class CommitmentReport:
    """The archive's word about one transaction: SOP instances it keeps, and those it does not with the reason."""

    transaction: str
    kept: tuple[str, ...]
    failed: tuple[tuple[str, str], ...] = ()


def new_transaction() -> str:
    """A UID that no one else has (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"


def request(message_id: int) -> command.Command:
    """The command of N-ACTION (PS3.4 J.3.2)."""
    return {
        "RequestedSOPClassUID": PUSH_MODEL,
        "CommandField": N_ACTION,
        "MessageID": message_id,
        "CommandDataSetType": WITH_DATA,
        "RequestedSOPInstanceUID": PUSH_MODEL_INSTANCE,
        "ActionTypeID": _REQUEST,
    }


def encode(transaction: str, objects: Sequence[tuple[str, str]], transfer_syntax_uid: str) -> bytes:
    """The dataset of the request; `objects` are (SOP class, SOP instance) pairs."""
    from pydicom.dataset import Dataset
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    items = []
    for sop_class, instance in objects:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
        items.append(item)
    dataset = Dataset()
    dataset.TransactionUID, dataset.ReferencedSOPSequence = transaction, items
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = transfer_syntax_uid == IMPLICIT, True
    write_dataset(buffer, dataset)
    return buffer.getvalue()


def is_report(message: command.Command) -> bool:
    """Whether a command brings an archive's word (PS3.4 J.3.3)."""
    return command.number(message, "CommandField") == N_EVENT_REPORT


def decode(data: bytes | bytearray, transfer_syntax_uid: str) -> CommitmentReport:
    """What a report says (PS3.4 table J.3-3); what it names nowhere is neither kept nor failed. Raises ValueError."""
    from pydicom.filereader import read_dataset

    if len(data) > LARGEST_REPORT_BYTES:
        raise ValueError("a report longer than any")
    try:
        dataset = read_dataset(BytesIO(bytes(data)), transfer_syntax_uid == IMPLICIT, True)
        kept = tuple(_uid(item) for item in dataset.get("ReferencedSOPSequence") or ())
        failed = tuple((_uid(item), _reason(item)) for item in dataset.get("FailedSOPSequence") or ())
        return CommitmentReport(str(dataset.TransactionUID), kept, failed)
    except Exception as error:  # whatever a parser raises on a stranger's bytes is an answer about these bytes
        raise ValueError(f"a report that cannot be read: {type(error).__name__}") from error


def _uid(item: Any) -> str:
    return str(item.ReferencedSOPInstanceUID)


def _reason(item: Any) -> str:
    code = int(item.get("FailureReason") or 0x0110)
    return f"{REASONS.get(code, 'it does not keep this object')} (reason {code:04X})"
