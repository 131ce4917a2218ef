"""A mark on other series: the same place in one frame of reference, the same place of the screen in another, and never
on another patient's images."""

from dataclasses import replace

import numpy as np
import pytest

from tests.case.stacks import BERT, SAGITTAL, beside, stack
from tests.findings.made import finding
from workstation.case.aligning import align
from workstation.case.commands import COMMANDS
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind, Status, Value
from workstation.imaging.alignment import Alignment, Registration
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3

LINE = [(-4.0, 3.0, 15.0), (5.0, 6.0, 15.0)]
COPY = COMMANDS["copy-to-other-tiles"]


def marked(*others: DisplaySet, points: list[Vec3] = LINE) -> Case:
    """A length on image 3 of the first series, which is on screen, selected."""
    own = stack("1")
    case = beside(own, *others)
    case.tiles[0] = replace(case.tiles[0], image=3)
    made = finding(
        Kind.LENGTH,
        points,
        frame_of_reference_uid="1.9",
        series_instance_uid=own.series_instance_uid,
        study_instance_uid="1.1",
        name="Node",
        site="Liver",
        status=Status.CONFIRMED,
        label=(0.0, 0.0, 15.0),
        values=(Value("Length", 1.0, "mm", "of another"),),
    )
    case.marks.take_up([made])
    case.marks.select(made.tracking_uid)
    return case


def copied(case: Case) -> list[Finding]:
    assert COPY.why_not(case) == ""
    COPY.run(case)
    return list(case.marks.findings[1:])


def test_in_one_frame_of_reference_it_lies_at_the_same_points_on_the_nearest_image() -> None:
    other = stack("2", count=30, step_mm=2.0, spacing=(0.5, 0.9))
    (copy,) = copied(marked(other))
    assert copy.points == tuple(LINE)
    assert copy.sources[0].sop_instance_uid in {other.images[n].instance.SOPInstanceUID for n in (7, 8)}
    assert (copy.name, copy.site, copy.number, copy.status) == ("Node", "Liver", 2, Status.DRAFT)
    assert copy.series_instance_uid == other.series_instance_uid and copy.label is None
    assert [each.value for each in copy.values] == [pytest.approx(np.hypot(9.0, 3.0))]


def test_in_another_frame_it_lies_at_the_same_place_of_the_image_on_screen() -> None:
    prior = stack("2", study="1.0", frame="1.8", center=(40.0, -20.0, 300.0), spacing=(0.5, 0.9))
    case = marked(prior)
    (copy,) = copied(case)
    shown = prior.image_grid(case.view(1).image).origin_lps[2]
    assert np.allclose(copy.points, [(36.0, -17.0, shown), (45.0, -14.0, shown)])
    assert (copy.study_instance_uid, copy.frame_of_reference_uid) == ("1.0", "1.8")


def test_right_on_the_screen_stays_right_where_planes_look_another_way() -> None:
    case = marked(stack("2", study="1.0", frame="1.8", orientation=SAGITTAL))
    (copy,) = copied(case)
    middle = np.asarray(case.view(1).plane.center_lps)
    assert np.allclose(np.asarray(copy.points) - middle, [(0.0, -4.0, -3.0), (0.0, 5.0, -6.0)])


def test_all_copies_are_one_step_to_undo() -> None:
    case = marked(stack("2"), stack("3", study="1.0", frame="1.8"))
    before = case.marks.findings
    assert len(copied(case)) == 2 and len({each.number for each in case.marks}) == 3
    case.marks.undo()
    assert case.marks.findings == before


@pytest.mark.parametrize(
    "other",
    [
        stack("2", patient=BERT, study="2.1", frame="2.9"),
        stack("2", calibrated=False, placed=False),
        stack("2", start_mm=500.0),
    ],
    ids=["another patient", "no lengths", "does not reach it"],
)
def test_what_does_not_fit_gets_none_and_it_is_said(other: DisplaySet) -> None:
    case = marked(other)
    assert COPY.why_not(case) == "No other tile shows another series of this patient that it fits."
    COPY.run(case)
    assert len(case.marks) == 1


def test_in_a_registered_frame_it_lies_at_the_same_place_of_the_patient_and_says_through_what() -> None:
    prior = stack("2", count=20, step_mm=5.0, study="1.0", frame="1.8", start_mm=300.0)
    case = marked(prior)
    quarter = np.array([[0.0, -1, 0, 2], [1, 0, 0, -3], [0, 0, 1, -325], [0, 0, 0, 1]])
    registration = Registration("2.25.7", "1.9", "1.8", quarter)
    align(case, Alignment((registration,)))
    (copy,) = copied(case)
    expected = [(y + 3, 2 - x, z + 325) for x, y, z in LINE]
    assert np.asarray(copy.points) == pytest.approx(np.array(expected))
    assert (copy.frame_of_reference_uid, copy.alignments) == ("1.8", ("2.25.7",))
    assert copy.sources[0].sop_instance_uid == prior.images[8].instance.SOPInstanceUID
    assert case.alignment.holds("2.25.7")
    align(case, Alignment((registration, registration.with_matrix(np.eye(4)))))
    assert not case.alignment.holds("2.25.7")
