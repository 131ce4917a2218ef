"""Segments of others copied to be edited: the same voxels, their origin said, and the original as it was."""

from dataclasses import replace

import numpy as np
import pytest

from tests.case.stacks import beside, stack
from tests.case.test_segmenting import done
from workstation.case.command import COMMANDS
from workstation.case.overlay_commands import copy_shown_segments
from workstation.case.overlays import Overlay
from workstation.case.painting import Painting, Tool
from workstation.case.segment_commands import merge_segments
from workstation.case.segmenting import Work, stroke
from workstation.case.state import Case
from workstation.findings.finding import Status
from workstation.findings.segment import Algorithm, Segment
from workstation.findings.structures import Contour, Structure
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask
from workstation.imaging.swept import ball

COMMAND = COMMANDS[copy_shown_segments.__name__.replace("_", "-")]


@pytest.fixture
def case() -> Case:
    return beside(stack("1"), stack("2", step_mm=4.0, frame="1.77"))


def grid_of(case: Case, number: int = 0) -> Grid:
    display_set = case.view(number).display_set
    assert display_set is not None and display_set.grid is not None
    return display_set.grid


def found(grid: Grid, frame: str = "1.9") -> Segment:
    """What an algorithm found: a block on some grid."""
    mask = Mask.part(grid, np.ones((3, 4, 5), np.bool_), (2, 6, 8))
    net = Algorithm.AUTOMATIC
    return Segment("2.25.5", 7, mask, "1.1", "1", frame, (9, 8, 7), "Liver", algorithm=net, algorithm_name="Net")


def shown(case: Case, what: Segment | Structure, made_by: str = "Net 2.1") -> Overlay:
    overlay = Overlay("1/7", "Organs", "Liver", (9, 8, 7), what.frame_of_reference_uid, what, made_by=made_by)
    case.overlays.put([overlay])
    case.overlays.show(overlay.uid, True)
    return overlay


def copies(case: Case) -> str:
    """What the command asks for, done; what is said then."""
    asked: list[Work] = []
    case.marks.asked.connect(asked.append)
    assert COMMAND.why_not(case) == ""
    COMMAND.run(case)
    case.marks.asked.disconnect(asked.append)
    return " ".join(done(case, work) for work in asked)


def test_a_copy_has_its_voxels_and_says_where_it_comes_from(case: Case) -> None:
    theirs = found(grid_of(case))
    shown(case, theirs)
    assert "original stays as it is" in copies(case)
    (mine,) = case.marks.segments
    assert mine.mask == theirs.mask and mine.tracking_uid != theirs.tracking_uid
    assert (mine.name, mine.colour, mine.number) == ("Liver", (9, 8, 7), 1)
    assert (mine.algorithm, mine.algorithm_name, mine.status) == (Algorithm.AUTOMATIC, "Net 2.1", Status.FROM_AI)
    assert mine.origin == "from Organs, algorithm Net 2.1"
    (original,) = case.overlays.there
    assert original.what is theirs and not original.shown
    assert case.marks.undo() and case.marks.segments == ()


def test_copies_made_together_have_numbers_of_their_own(case: Case) -> None:
    theirs = found(grid_of(case))
    there = [Overlay(f"1/{n}", "Organs", f"Organ {n}", (9, 8, n), "1.9", theirs, shown=True) for n in (1, 2, 3)]
    case.overlays.put(there)
    copies(case)
    assert [(each.number, each.name) for each in case.marks.segments] == [
        (1, "Organ 1"),
        (2, "Organ 2"),
        (3, "Organ 3"),
    ]


def test_what_is_edited_is_the_algorithms_alone_no_more(case: Case) -> None:
    """safety.md 14: it still names the algorithm that had a part in it, and what it was copied from."""
    shown(case, found(grid_of(case)))
    copies(case)
    grid = grid_of(case)
    part = ball(grid, grid.point((30, 20, 5)), 6.0)
    assert part is not None
    done(case, stroke(case.marks.segments[0], part, Tool.BRUSH, Painting(), None))
    (mine,) = case.marks.segments
    assert (mine.algorithm, mine.status) == (Algorithm.SEMIAUTOMATIC, Status.DRAFT)
    assert (mine.algorithm_name, mine.origin) == ("Net 2.1", "from Organs, algorithm Net 2.1")


def test_what_is_merged_names_all_that_had_a_part(case: Case) -> None:
    shown(case, found(grid_of(case)))
    copies(case)
    (copy,) = case.marks.segments
    by_hand = replace(copy, tracking_uid="2.25.9", number=2, algorithm=Algorithm.MANUAL, algorithm_name="", origin="")
    case.marks.put_segments([by_hand, copy], by_hand.tracking_uid)
    asked: list[Work] = []
    case.marks.asked.connect(asked.append)
    merge_segments(case)
    done(case, asked[0])
    (mine,) = case.marks.segments
    assert (mine.algorithm, mine.algorithm_name) == (Algorithm.SEMIAUTOMATIC, "Net 2.1") and mine.origin == copy.origin


def test_on_other_slices_the_rule_is_said(case: Case) -> None:
    """Voxels twice as deep: each of theirs holds the centres of two of ours."""
    ours = grid_of(case)
    deep = replace(ours, spacing=(*ours.spacing[:2], 2 * ours.spacing[2]), size=(*ours.size[:2], ours.size[2] // 2))
    deep = replace(deep, origin_lps=ours.point((0, 0, 0.5)))
    shown(case, found(deep))
    copies(case)
    (mine,) = case.marks.segments
    expected = np.zeros(ours.size[::-1], np.bool_)
    expected[4:10, 6:10, 8:13] = True
    assert np.array_equal(mine.mask.array(), expected)
    assert "centre lies in one of its voxels" in mine.origin


def test_a_structure_becomes_the_voxels_inside_its_contours(case: Case) -> None:
    grid = grid_of(case)
    corners = [grid.point(each) for each in ((9.4, 4.4, 3), (19.6, 4.4, 3), (19.6, 8.6, 3), (9.4, 8.6, 3))]
    drawn = Structure(3, "GTV", (1, 2, 3), "1.9", (Contour(np.array(corners)),))
    shown(case, drawn, made_by="")
    copies(case)
    (mine,) = case.marks.segments
    expected = np.zeros(grid.size[::-1], np.bool_)
    expected[3, 5:9, 10:20] = True
    assert np.array_equal(mine.mask.array(), expected)
    assert (mine.algorithm, mine.status) == (Algorithm.MANUAL, Status.DRAFT)
    assert "inside the contours or within 0.01 mm" in mine.origin


def test_without_images_of_its_space_or_unseen_it_is_not_copied(case: Case) -> None:
    assert "Alt+R shows them" in COMMAND.why_not(case)
    shown(case, found(grid_of(case), frame="1.3"))
    assert "frame of reference" in COMMAND.why_not(case)
