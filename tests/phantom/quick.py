"""Studies that are made at once, in a module of their own: worker processes import it, and nothing heavy with it."""

from pathlib import Path

from workstation.phantom.demo_entry import Entry
from workstation.phantom.reports import Followed, trunk_report
from workstation.phantom.series import PhantomStudy


def nothing(folder: Path, size: str) -> None:
    """A study that is its report alone."""


def impossible(folder: Path, size: str) -> None:
    raise ValueError("a formula without an answer")


def reported(number: int) -> Entry:
    """A study of two objects."""
    study = PhantomStudy(patient_id="QUICK", study_id=str(number), accession_number=f"Q{number}")
    return Entry(f"Quick {number}", study, nothing, trunk_report(study, [Followed("a", 5.0), Followed("b", 7.0)]))


QUICK = tuple(map(reported, range(3)))
