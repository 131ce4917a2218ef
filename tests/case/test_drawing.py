"""Findings of a case: tools, the hand, selection, and undo of a whole session."""

from dataclasses import replace

import numpy as np
import pytest

from tests.findings.made import finding
from workstation.case.drawing import Marks
from workstation.findings.finding import Finding, Kind, Value
from workstation.findings.segment import Segment
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask


def mark(uid: str, number: int = 1, x: float = 0.0) -> Finding:
    return finding(Kind.LENGTH, [(x, 0, 0), (x + 5, 0, 0)], tracking_uid=uid, number=number)


def test_a_tool_is_for_one_mark_and_twice_for_many() -> None:
    marks = Marks()
    marks.take("length")
    marks.used()
    assert (marks.tool, marks.locked) == ("", False)
    marks.take("length")
    marks.take("length")
    marks.used()
    assert (marks.tool, marks.locked) == ("length", True)
    marks.take("angle")
    assert (marks.tool, marks.locked) == ("angle", False)
    assert marks.leave()
    assert not marks.leave()


def test_a_session_is_undone_to_the_first_state_exactly() -> None:
    """A thousand random changes: added, moved, named, removed."""
    marks, random = Marks(), np.random.default_rng(6)
    marks.take_up([mark("kept", 1)])
    first, states = marks.findings, [marks.findings]
    for step in range(1000):
        some = list(marks)
        what = random.integers(4)
        if what == 0 or not some:
            marks.add(mark(f"m{step}", marks.next_number(), float(step)))
        elif what == 1:
            marks.remove(some[random.integers(len(some))].tracking_uid)
        else:
            marks.change(replace(some[random.integers(len(some))], name=f"name {step}"))
        states.append(marks.findings)
    for state in reversed(states[:-1]):
        assert marks.undo()
        assert marks.findings == state
    assert marks.findings is first
    assert not marks.undo()
    for state in states[1:]:
        marks.redo()
        assert marks.findings == state


def test_what_is_in_hand_is_no_finding_until_it_is_put_down() -> None:
    marks = Marks()
    marks.hold(mark("a"))
    assert (len(marks), marks.can_undo) == (0, False)
    marks.let_go()
    assert marks.in_hand is None
    marks.hold(mark("a"))
    marks.put_down()
    assert [each.tracking_uid for each in marks] == ["a"]
    marks.undo()
    assert len(marks) == 0


def test_a_mark_taken_up_leaves_the_pictures_and_one_step_brings_it_back() -> None:
    marks = Marks()
    marks.take_up([mark("a"), mark("b", 2)])
    before = marks.shown
    marks.hold(replace(mark("a"), points=((9.0, 0.0, 0.0), (5.0, 0.0, 0.0))))
    assert [each.tracking_uid for each in marks.shown.findings] == ["b"]
    assert marks.over(before.revision) == marks.in_hand
    marks.put_down()
    assert marks.over(before.revision) == marks.find("a")
    assert marks.over(marks.revision) is None
    marks.undo()
    assert marks.find("a") == mark("a")


def test_statistics_that_come_late_are_for_what_they_were_asked_of() -> None:
    marks, mean = Marks(), (Value("Mean", 4.0, "HU"),)
    marks.add(mark("a"))
    asked = marks.findings[0]
    marks.measured(asked, mean, "")
    assert marks.findings[0].values == mean
    moved = replace(mark("a"), points=((1.0, 0.0, 0.0), (2.0, 0.0, 0.0)))
    marks.change(moved)
    marks.measured(asked, mean, "")
    assert marks.findings[0] == moved
    marks.undo()
    assert marks.findings[0].values == mean


@pytest.mark.parametrize("hidden", [False, True])
def test_hidden_marks_are_in_no_picture(hidden: bool) -> None:
    marks = Marks()
    marks.take_up([mark("a"), replace(mark("b", 2), hidden=True)])
    marks.hide(hidden)
    assert [each.tracking_uid for each in marks.shown.findings] == ([] if hidden else ["a"])


def test_a_number_is_never_given_twice() -> None:
    marks = Marks()
    marks.take_up([mark("a", 3)])
    assert marks.next_number() == 4
    marks.add(mark("b", 4))
    marks.remove("a")
    assert marks.next_number() == 5


def test_segments_and_findings_share_one_history() -> None:
    """All of it is undone in the order it was done, and the first state comes back as it was."""
    grid = Grid((0, 0, 0), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), (1, 1, 2), (8, 6, 4))
    array = np.zeros((4, 6, 8), dtype=bool)
    array[1, 2:4, 3:5] = True
    marks, states = Marks(), []
    first = Segment("2.25.1", 1, Mask.of(grid, array), "1", "1.2", "1.9")
    steps = (
        lambda: marks.add(mark("a")),
        lambda: marks.put_segments([first], "2.25.1"),
        lambda: marks.change_segments(replace(first, mask=Mask.empty(grid))),
        lambda: marks.add(mark("b", 2)),
        lambda: marks.remove_segments("2.25.1"),
    )
    for step in steps:
        states.append(marks.drafts)
        step()
    assert marks.segments == () and marks.segment == ""
    assert marks.undo() and marks.segment == "2.25.1" and marks.redo()
    again = Marks()
    again.take_up([mark("a"), first])
    assert again.segment == "2.25.1" and again.find_segment("2.25.1") is first
    for state in reversed(states):
        assert marks.undo() and marks.drafts == state
    assert not marks.undo()
    assert all(marks.redo() for _ in steps) and marks.segments == () and len(marks.findings) == 2


def test_a_measured_segment_is_no_step_and_late_values_are_dropped() -> None:
    grid = Grid((0, 0, 0), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), (1, 1, 2), (8, 6, 4))
    one, other = (Mask.of(grid, np.full((4, 6, 8), value)) for value in (True, False))
    marks = Marks()
    marks.put_segments([Segment("2.25.1", 1, one, "1", "1.2", "1.9")])
    told = (Value("Volume", 1.0, "ml"),)
    marks.measured_segment("2.25.1", other, told)
    assert marks.segments[0].values == ()
    marks.measured_segment("2.25.1", one, told)
    assert marks.segments[0].values == told
    assert marks.undo() and marks.segments == () and not marks.can_undo
