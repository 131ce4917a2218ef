"""Rows of a worklist, made by hand."""

from datetime import datetime

from workstation.cache.entries import Reading, ReadingStatus, SeriesRow, StudyRow
from workstation.worklist.items import Item, items

NOON = datetime(2024, 3, 15, 12, 0)


def row(number: int = 1, **values: object) -> StudyRow:
    """One study of 20 images; keyword arguments replace fields, `part` that of its series."""
    part = str(values.pop("part", "CHEST"))
    modality = values.get("modalities", ("CT",))
    assert isinstance(modality, tuple)
    series = (SeriesRow(f"{number}.1", modality[0], "axial 1.0", 1, 20, 20, part),)
    known: dict[str, object] = {
        "row": number,
        "study_instance_uid": f"1.{number}",
        "patient_id": f"P{number}",
        "patient_name": f"Family{number}^Given",
        "patient_birth_date": "19600229",
        "patient_sex": "F",
        "study_date": "20240315",
        "study_time": "090000",
        "description": "Thorax",
        "accession_number": f"A{number}",
        "modalities": ("CT",),
        "images": 20,
        "series": series,
    }
    return StudyRow(**(known | values))  # type: ignore[arg-type]


def listed(*rows: StudyRow, **status: ReadingStatus) -> tuple[Item, ...]:
    """Items of these rows; `s2=ReadingStatus.READ` says that study 1.2 was read."""
    return items(rows, {f"1.{name[1:]}": Reading(each) for name, each in status.items()})
