"""Ordered studies as rows of the worklist, before their first image is here: priority, indication, waiting time.

An order leaves the list once its study has come: same StudyInstanceUID, or same accession number of the same patient.
What it knew and the images do not (priority, indication) stays with the study.
"""

from collections.abc import Iterable
from dataclasses import replace

from workstation.cache.entries import StudyRow
from workstation.network.mwl import Ordered

ENDED = frozenset(("COMPLETED", "DISCONTINUED"))
ORDERED = "ordered, no images yet"


def as_row(order: Ordered) -> StudyRow:
    """An order as a row; without a StudyInstanceUID it is known by its accession number and step."""
    return StudyRow(
        row=0,
        study_instance_uid=order.study_instance_uid or f"order:{order.patient_id}:{order.accession}:{order.step_id}",
        patient_id=order.patient_id,
        patient_name=order.patient_name,
        patient_birth_date=order.birth_date,
        patient_sex=order.sex,
        study_date=order.start_date,
        study_time=order.start_time,
        description=order.procedure,
        accession_number=order.accession,
        modalities=(order.modality,) if order.modality else (),
        images=0,
        series=(),
        notices=(ORDERED,),
        issuer=order.issuer,
        referring_physician=order.referring,
        priority=order.priority,
        indication=order.reason,
    )


def is_order(row: StudyRow) -> bool:
    """Whether nothing of it is here."""
    return bool(row.notices) and row.notices[0] == ORDERED and not row.series


def with_orders(rows: Iterable[StudyRow], orders: Iterable[Ordered]) -> tuple[StudyRow, ...]:
    """The studies that are here, told what was ordered of them, and before them those that are still to come."""
    rows = list(rows)
    by_uid = {row.study_instance_uid: place for place, row in enumerate(rows)}
    by_accession = {(row.patient_id, row.accession_number): place for place, row in enumerate(rows)}
    still: dict[str, StudyRow] = {}
    for order in orders:
        place = by_uid.get(order.study_instance_uid)
        if place is None and order.accession and order.patient_id:
            place = by_accession.get((order.patient_id, order.accession))
        if place is not None:
            rows[place] = _told(rows[place], order)
        elif order.status not in ENDED:
            made = as_row(order)
            still.setdefault(made.study_instance_uid, made)
    return (*still.values(), *rows)


def _told(row: StudyRow, order: Ordered) -> StudyRow:
    """Why is what the order says, its latest word; how urgent is what the objects say, if they do."""
    return replace(row, priority=row.priority or order.priority, indication=order.reason or row.indication)
