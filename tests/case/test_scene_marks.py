"""Which measures and segments a 3D scene shows, remembered and shown so again; what is missing is said."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from tests.imaging.given import axial
from workstation.case.drawing import Marks
from workstation.case.scene_marks import SceneMarks, marks_of, show_as_kept
from workstation.findings.finding import Finding, Kind
from workstation.findings.segment import Look, Segment
from workstation.imaging.masks import Mask

SPACE = "2.25.900"
GRID = axial((3, 4, 5), (0.7, 0.9, 2.0))


def finding(number: int, space: str | None = SPACE) -> Finding:
    points = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    return Finding(f"2.25.{number}", number, Kind.LENGTH, points, space, (), "2.25.70", "2.25.71")


def segment(number: int, opacity: float) -> Segment:
    mask = Mask.of(GRID, np.ones((3, 4, 5), np.bool_))
    return Segment(f"2.25.8{number}", number, mask, "2.25.70", "2.25.71", SPACE, opacity=opacity)


class Shown:
    """A case as far as this goes: marks, and a tile whose images lie in SPACE."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.marks.take_up((finding(1), finding(2), finding(3, "2.25.901"), segment(1, 0.8), segment(2, 0.4)))
        self.display_set, self.image = self, 0
        self.first = SimpleNamespace(Modality="CT", FrameOfReferenceUID=SPACE)

    def view(self, number: int) -> "Shown":
        return self

    def in_patient(self, image: int) -> bool:
        return True

    def hidden(self) -> list[str]:
        marks: tuple[Finding | Segment, ...] = (*self.marks.findings, *self.marks.segments)
        return [each.tracking_uid for each in marks if each.hidden]


def test_a_scene_shows_again_what_it_showed_and_undo_takes_that_back_at_once() -> None:
    case = Shown()
    case.marks.change(replace(finding(2), hidden=True))
    kept = marks_of(case, 0)  # type: ignore[arg-type]
    assert kept == SceneMarks(("2.25.1",), (("2.25.81", Look(opacity=0.8)), ("2.25.82", Look(opacity=0.4))))
    one, other = case.marks.segments
    case.marks.change(replace(finding(1), hidden=True), finding(2))
    case.marks.change_segments(replace(one, opacity=0.1), replace(other, hidden=True, locked=True))
    steps = case.marks.steps
    sentence = show_as_kept(case, 0, kept)  # type: ignore[arg-type]
    assert sentence == "Not in this scene and hidden: 1 measure; Ctrl+Z shows."
    assert case.hidden() == ["2.25.2"], "that of another space is left as it is"
    assert [(each.opacity, each.locked) for each in case.marks.segments] == [(0.8, False), (0.4, True)]
    assert case.marks.steps == steps + 1
    case.marks.undo()
    assert case.hidden() == ["2.25.1", "2.25.82"] and case.marks.segments[0].opacity == 0.1


def test_what_is_no_longer_there_is_said() -> None:
    case = Shown()
    kept = marks_of(case, 0)  # type: ignore[arg-type]
    case.marks.remove("2.25.1")
    case.marks.remove_segments("2.25.82")
    assert show_as_kept(case, 0, kept) == "No longer there: 1 measure and 1 segment."  # type: ignore[arg-type]
    assert case.hidden() == []


def test_marks_that_are_hidden_together_are_in_no_scene() -> None:
    case = Shown()
    case.marks.hide(True)
    kept = marks_of(case, 0)  # type: ignore[arg-type]
    assert kept.words == "" and kept.measures == ()
    show_as_kept(case, 0, kept)  # type: ignore[arg-type]
    assert case.hidden() == ["2.25.1", "2.25.2", "2.25.81", "2.25.82"] and not case.marks.hidden
