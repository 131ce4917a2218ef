"""What is said of errands."""

from workstation.traffic.errand import Act, Errand
from workstation.ui.transfer_words import study_title, title_of
from workstation.worklist.found import study_of


def test_errands_of_one_patient_are_told_apart() -> None:
    row = {"StudyInstanceUID": "1.2", "PatientName": "Doe^Jane", "StudyDate": "20240312"}
    now = study_of("archive", row | {"StudyDescription": "CT Thorax"})
    nameless = study_of("archive", {"StudyInstanceUID": "1.3"})
    assert now is not None and nameless is not None
    assert title_of(Errand(1, Act.RETRIEVE, "archive", "1.2"), study_title(now)) == (
        "Doe, Jane  2024-03-12  CT Thorax  from archive"
    )
    assert study_title(nameless) == "(no name)"
