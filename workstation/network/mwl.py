"""What is ordered: the modality worklist of a node (PS3.4 Annex K), each scheduled procedure step as a value."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from workstation.dicom.scan import IMPLICIT
from workstation.network import command, faults, storage
from workstation.network.call import PATIENCE, Patience, calling
from workstation.network.command import C_FIND, PENDING, RESPONSE, SUCCESS, WITH_DATA, number, text
from workstation.network.identifier import LARGEST_BYTES
from workstation.network.link import Malformed
from workstation.network.nodes import Node
from workstation.security import acts

MODALITY_WORKLIST_FIND: Final = "1.2.840.10008.5.1.4.31"
MOST: Final = 2000

_WANTED: Final = (
    *("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "AccessionNumber"),
    *("ReferringPhysicianName", "StudyInstanceUID", "RequestedProcedureID", "RequestedProcedureDescription"),
    *("RequestedProcedurePriority", "ReasonForTheRequestedProcedure", "PatientComments"),
)
"""Return keys of table K.6-1, at the top level."""

_STEP: Final = (
    *("Modality", "ScheduledStationAETitle", "ScheduledProcedureStepStartDate", "ScheduledProcedureStepStartTime"),
    *("ScheduledProcedureStepDescription", "ScheduledProcedureStepID", "ScheduledProcedureStepStatus"),
)


@dataclass(frozen=True)
class Ordered:
    """One scheduled procedure step. Times are as DICOM writes them; what a node does not say is empty.

    `priority` is RequestedProcedurePriority (STAT, HIGH, ROUTINE, MEDIUM, LOW), `reason` why it was asked for.
    """

    study_instance_uid: str
    patient_name: str
    patient_id: str
    issuer: str
    birth_date: str
    sex: str
    accession: str
    referring: str
    procedure: str
    priority: str
    reason: str
    modality: str
    station: str
    start_date: str
    start_time: str
    step_id: str
    status: str


def scheduled(
    node: Node,
    dates: str = "",
    modality: str = "",
    check: Callable[[], None] = lambda: None,
    patience: Patience = PATIENCE,
) -> Iterator[Ordered]:
    """What is scheduled, as it comes. `dates` is a day or a range of ScheduledProcedureStepStartDate.

    At most `MOST` are taken. Raises NodeFault, Cancelled.
    """
    acts.permit(acts.Kind.QUERY, node.name)
    with calling(node, [(MODALITY_WORKLIST_FIND, storage.PLAIN)], check, patience) as call:
        context, syntax = call.service(MODALITY_WORKLIST_FIND, "a modality worklist")
        request: command.Command = {
            "AffectedSOPClassUID": MODALITY_WORKLIST_FIND,
            "CommandField": C_FIND,
            "MessageID": 1,
            "CommandDataSetType": WITH_DATA,
            "Priority": 0,
        }
        call.link.send_message(context, request, _keys(dates, modality, syntax))
        for _ in range(MOST):
            message = call.link.read_message(patience.silence_s, LARGEST_BYTES)
            if message is None or number(message.command, "CommandField") != C_FIND | RESPONSE:
                raise Malformed("an answer to something else")
            status = number(message.command, "Status")
            if status not in PENDING:
                if status in (SUCCESS, command.CANCELLED):
                    return
                raise faults.failed_status(status, text(message.command, "ErrorComment"))
            yield ordered(bytes(message.data), syntax)


def _keys(dates: str, modality: str, syntax: str) -> bytes:
    """The identifier: what is wanted, and the one step it is matched by (K.6.1.2.2)."""
    from pydicom.dataset import Dataset
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    step, keys = Dataset(), Dataset()
    for keyword in _STEP:
        setattr(step, keyword, None)
    step.ScheduledProcedureStepStartDate = dates or None
    step.Modality = modality or None
    for keyword in _WANTED:
        setattr(keys, keyword, None)
    keys.ScheduledProcedureStepSequence = [step]
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = syntax == IMPLICIT, True
    write_dataset(buffer, keys)
    return buffer.getvalue()


def ordered(data: bytes, syntax: str) -> Ordered:
    """A match as a value. Raises Malformed for what is no dataset."""
    from pydicom.dataset import Dataset
    from pydicom.filereader import read_dataset

    try:
        dataset = read_dataset(BytesIO(data), syntax == IMPLICIT, True)
        dataset.decode()
        steps = dataset.get("ScheduledProcedureStepSequence") or [Dataset()]
        return _ordered(dataset, steps[0])
    except Exception as error:  # whatever a parser raises on a stranger's bytes is an answer about these bytes
        raise Malformed(f"an identifier that cannot be read: {type(error).__name__}") from error


def _ordered(dataset: Any, step: Any) -> Ordered:
    def said(source: Any, *keywords: str) -> str:
        """The first of some attributes that says something."""
        values = (str(source.get(keyword) or "").strip("\0 ") for keyword in keywords)
        return next(filter(None, values), "")

    return Ordered(
        study_instance_uid=said(dataset, "StudyInstanceUID"),
        patient_name=said(dataset, "PatientName"),
        patient_id=said(dataset, "PatientID"),
        issuer=said(dataset, "IssuerOfPatientID"),
        birth_date=said(dataset, "PatientBirthDate"),
        sex=said(dataset, "PatientSex"),
        accession=said(dataset, "AccessionNumber"),
        referring=said(dataset, "ReferringPhysicianName"),
        procedure=said(dataset, "RequestedProcedureDescription") or said(step, "ScheduledProcedureStepDescription"),
        priority=said(dataset, "RequestedProcedurePriority").upper(),
        reason=said(dataset, "ReasonForTheRequestedProcedure", "PatientComments"),
        modality=said(step, "Modality"),
        station=said(step, "ScheduledStationAETitle"),
        start_date=said(step, "ScheduledProcedureStepStartDate"),
        start_time=said(step, "ScheduledProcedureStepStartTime"),
        step_id=said(step, "ScheduledProcedureStepID"),
        status=said(step, "ScheduledProcedureStepStatus").upper(),
    )
