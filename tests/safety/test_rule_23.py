"""Safety rule 23: no patient name or ID in logs and crash reports."""

import logging
from pathlib import Path

import pytest

from workstation.paths import Home
from workstation.ui import log_file
from workstation.ui.crash_page import Fault
from workstation.ui.log_file import traced

NAME, PATIENT_ID = "Muster^Anna", "ID-4711"


def _logged(folder: Path) -> str:
    """What the log holds after an exception that quotes a patient and a library that does."""
    stop = log_file.start(Home(folder))
    try:
        {}[NAME]
    except KeyError as error:
        error.add_note(PATIENT_ID)
        logging.getLogger("workstation.loading").error("an image was not loaded", exc_info=error)
    logging.getLogger("elsewhere.values").warning("Invalid value for PN: %s", NAME, stack_info=True)
    stop()
    return log_file.log_path(Home(folder)).read_text(encoding="utf-8")


@pytest.mark.expects_log("an image was not loaded|Invalid value for PN")
def test_the_log_names_no_patient_and_still_says_where(tmp_path: Path) -> None:
    said = _logged(tmp_path)
    assert NAME not in said and PATIENT_ID not in said
    assert "an image was not loaded" in said and "builtins.KeyError at" in said and "in _logged" in said
    assert "elsewhere.values: spoke at test_rule_23:" in said


@pytest.mark.expects_log("an image was not loaded|Invalid value for PN")
def test_without_the_rule_the_log_would_name_the_patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "Nameless", logging.Formatter)
    assert NAME in _logged(tmp_path)


def test_a_fault_keeps_no_message() -> None:
    try:
        raise ValueError(NAME) from LookupError(PATIENT_ID)
    except ValueError as error:
        fault = Fault(type(error).__name__, traced(error))
    assert "LookupError" in str(fault) and NAME not in str(fault) and PATIENT_ID not in str(fault)
