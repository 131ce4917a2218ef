"""The millimetres of marks come and go with the calibration line of their image."""

from dataclasses import replace

import pytest

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation.case.calibrating import recalibrated, taken_away
from workstation.case.drawing_commands import nudge
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind

FILM = stack("1", count=1, placed=False, calibrated=False, modality="DX")
UID = FILM.images[0].instance.SOPInstanceUID


def length() -> Finding:
    return finding(Kind.LENGTH, [(10, 10), (30, 10)], image=UID, tracking_uid="2.25.7")


def line(uid: str, mm: float) -> Finding:
    """Twenty columns long."""
    return finding(Kind.CALIBRATION, [(10, 20), (30, 20)], image=UID, tracking_uid=uid, true_length_mm=mm)


def told(case: Case) -> tuple[float, str]:
    found = case.marks.find("2.25.7")
    assert found is not None
    return round(found.values[0].value, 6), found.values[0].unit


@pytest.fixture
def case() -> Case:
    found = beside(FILM)
    found.marks.take_up([length()])
    return found


def drawn(case: Case, given: Finding) -> None:
    case.marks.hold(given)
    case.marks.put_down(*recalibrated(case, given))


def test_the_last_line_counts_and_what_is_taken_away_no_longer_does(case: Case) -> None:
    drawn(case, line("2.25.1", 100.0))
    assert told(case) == (100.0, "mm")
    drawn(case, line("2.25.2", 50.0))
    assert told(case) == (50.0, "mm") and case.marks.shown.calibrated == {UID: "2.25.2"}
    taken_away(case, "2.25.2")
    assert told(case) == (100.0, "mm") and case.marks.shown.calibrated == {UID: "2.25.1"}
    taken_away(case, "2.25.1")
    assert told(case) == (20.0, "px") and case.marks.shown.calibrated == {}
    case.marks.undo()
    assert told(case) == (100.0, "mm")


def test_an_older_line_that_changes_does_not_take_over(case: Case) -> None:
    drawn(case, line("2.25.1", 100.0))
    drawn(case, line("2.25.2", 50.0))
    drawn(case, replace(line("2.25.1", 100.0), true_length_mm=200.0))
    assert told(case) == (50.0, "mm")


def test_a_line_that_is_nudged_keeps_the_marks_in_step(case: Case) -> None:
    drawn(case, line("2.25.1", 100.0))
    steps = case.marks.steps
    case.marks.select("2.25.1")
    nudge(case, 1, 0)
    assert told(case) == (100.0, "mm")
    assert case.marks.steps == steps + 1
