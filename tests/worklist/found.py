"""Studies as archives say them, made by hand."""

from typing import Any

from workstation.worklist.found import FoundStudy


def study(uid: str, **values: Any) -> FoundStudy:
    """A CT of one patient on one node; keyword arguments replace fields."""
    known: dict[str, Any] = {
        "patient_name": "Doe^Jane", "patient_id": "P1", "issuer": "", "birth_date": "19500101", "sex": "F",
        "study_date": "20240101", "study_time": "101500", "description": "CT chest", "accession": "A1",
        "modalities": ("CT",), "images": 20, "nodes": ("archive",),
    }  # fmt: skip
    return FoundStudy(uid=uid, **(known | values))
