"""Work on segments: what each gesture comes to, what is dropped, and what one step of undo takes back."""

from dataclasses import replace

import numpy as np
import pytest

from tests.case.stacks import beside, stack
from tests.findings.test_statistics import voxels_of
from workstation.case.painting import CLICKS, Painting, Tool, sized, words
from workstation.case.segment_commands import TOOLS
from workstation.case.segmenting import (
    CHANGED,
    Work,
    begun,
    fresh,
    isocontour_taken,
    put,
    range_taken,
    region_grown,
    reworked,
    scissors,
    split_up,
    stroke,
)
from workstation.case.state import Case
from workstation.findings.segment import Algorithm
from workstation.imaging.fence import Fence
from workstation.imaging.mask_work import grown, islands
from workstation.imaging.masks import Mask
from workstation.imaging.swept import ball
from workstation.imaging.volume import Voxels
from workstation.jobs import Job
from workstation.phantom.grid import AXIAL, Grid
from workstation.phantom.series import PhantomSeries

SHAPE = (20, 40, 50)


@pytest.fixture(scope="module")
def voxels(tmp_path_factory: pytest.TempPathFactory) -> Voxels:
    """A ball of 100 in 0, on pixels of 0.9 x 0.7 mm and slices of 2 mm."""
    k, j, i = np.indices(SHAPE)
    inside = np.linalg.norm(np.stack([i * 0.7, j * 0.9, k * 2.0], axis=-1) - (17, 18, 20), axis=-1) <= 9
    series = PhantomSeries(
        np.where(inside, 100, 0).astype(np.int16), Grid(SHAPE, (0.0, 0.0, 0.0), (0.9, 0.7), 2.0, AXIAL)
    )
    return voxels_of(series, tmp_path_factory.mktemp("ball"))


@pytest.fixture
def case(voxels: Voxels) -> Case:
    return beside(voxels.display_set)


def done(case: Case, work: Work) -> str:
    """The work done and put into the case."""
    return put(case, work, work.run(Job(work.title), work.segment.mask))


def segment_of(case: Case):  # type: ignore[no-untyped-def]
    found = begun(case, case.view(0))
    assert found is not None
    return found


def values(voxels: Voxels) -> np.ndarray:
    return np.stack([voxels.values(k) for k in range(SHAPE[0])])


def test_a_stroke_adds_and_its_eraser_takes_away_as_one_step_each(case: Case, voxels: Voxels) -> None:
    segment, grid = segment_of(case), voxels.display_set.grid
    assert grid is not None and case.marks.segments == ()
    part = ball(grid, grid.point((24, 20, 10)), 6.0)
    inner = ball(grid, grid.point((24, 20, 10)), 3.0)
    assert part is not None and inner is not None
    assert done(case, stroke(segment, part, Tool.BRUSH, Painting(), None)) == ""
    (first,) = case.marks.segments
    assert first.mask.count == np.count_nonzero(part.voxels) and case.marks.segment == first.tracking_uid
    assert (first.algorithm, first.algorithm_name, first.number) == (Algorithm.MANUAL, "", 1)
    done(case, stroke(segment_of(case), inner, Tool.WIPER, Painting(), None))
    assert case.marks.segments[0].mask.count == first.mask.count - np.count_nonzero(inner.voxels)
    assert case.marks.undo() and case.marks.segments == (first,)
    assert case.marks.undo() and case.marks.segments == () and not case.marks.can_undo


def test_a_brush_held_to_the_range_paints_nothing_else(case: Case, voxels: Voxels) -> None:
    grid = voxels.display_set.grid
    assert grid is not None
    part = ball(grid, grid.point((24, 20, 10)), 14.0)
    assert part is not None
    done(case, stroke(segment_of(case), part, Tool.BRUSH, Painting(low=50, high=200, held=True), voxels))
    assert np.array_equal(case.marks.segments[0].mask.array(), values(voxels) == 100)


def test_ranges_seeds_and_isocontours_take_the_ball(case: Case, voxels: Voxels) -> None:
    grid, truth = voxels.display_set.grid, values(voxels) == 100
    assert grid is not None
    center, painting = grid.point((24, 20, 10)), Painting(low=50, high=200, tolerance=30)
    made = (
        range_taken(segment_of(case), voxels, painting, None),
        range_taken(segment_of(case), voxels, painting, (center, 15.0)),
        isocontour_taken(segment_of(case), voxels, painting, center, 15.0),
        isocontour_taken(segment_of(case), voxels, replace(painting, least=50.0), center, 15.0),
    )
    for work in made:
        answer = work.run(Job(work.title), work.segment.mask)
        assert np.array_equal(answer.mask.array(), truth) and answer.said == "" and work.made_by
    calm = region_grown(segment_of(case), voxels, painting, center)
    assert done(case, calm).startswith("Took what is from 70 to 130 HU in the mean of 3 × 3 × 3 voxels")
    found = case.marks.segments[0]
    assert 0.85 < (found.mask.array() & truth).sum() / truth.sum() <= 1 and not (found.mask.array() & ~truth).any()
    assert (
        found.algorithm is Algorithm.SEMIAUTOMATIC
        and found.algorithm_name == "region growing, 70 to 130 HU, means of 3 x 3 x 3"
    )


def test_a_leak_is_said_and_not_taken(case: Case, voxels: Voxels) -> None:
    grid = voxels.display_set.grid
    assert grid is not None
    work = region_grown(segment_of(case), voxels, Painting(tolerance=500, limit_mm=10), grid.point((24, 20, 10)))
    assert "it leaks" in done(case, work) and case.marks.segments == ()
    cut = isocontour_taken(segment_of(case), voxels, Painting(), grid.point((24, 20, 10)), 5.0)
    assert "edge of the sphere" in done(case, cut) and len(case.marks.segments) == 1


def test_scissors_cut_in_the_slice_or_through_all(case: Case, voxels: Voxels) -> None:
    grid, truth = voxels.display_set.grid, values(voxels) == 100
    assert grid is not None
    whole = replace(segment_of(case), mask=Mask.of(grid, truth))
    outline = [grid.point(each) for each in ((24.5, -1, 10), (60, -1, 10), (60, 60, 10), (24.5, 60, 10))]
    right = np.indices(SHAPE)[2] > 24
    only = np.indices(SHAPE)[0] == 10
    for tool, solid, gone in (
        (Tool.CUT_INSIDE, True, right),
        (Tool.CUT_OUTSIDE, True, ~right),
        (Tool.CUT_INSIDE, False, right & only),
        (Tool.CUT_OUTSIDE, False, ~right & only),
    ):
        work = scissors(whole, outline, grid.axes[2], tool, Painting(solid=solid))
        assert np.array_equal(work.run(Job(""), whole.mask).mask.array(), truth & ~gone)


def test_an_answer_for_a_mask_that_has_changed_is_dropped(case: Case, voxels: Voxels) -> None:
    grid = voxels.display_set.grid
    assert grid is not None
    done(case, range_taken(segment_of(case), voxels, Painting(low=50, high=200), None))
    late = reworked("Grow", case.marks.segments[0], lambda mask, job: grown(mask, 2.0))
    answer = late.run(Job(""), late.segment.mask)
    case.marks.change_segments(replace(case.marks.segments[0], mask=Mask.empty(grid)))
    assert put(case, late, answer) == CHANGED and not case.marks.segments[0].mask
    case.marks.put_segments(())
    assert put(case, late, answer) == CHANGED and case.marks.segments == ()


def test_islands_become_segments_of_their_own(case: Case, voxels: Voxels) -> None:
    grid = voxels.display_set.grid
    assert grid is not None
    array = np.zeros(SHAPE, dtype=bool)
    array[2:6, 5:9, 5:9] = array[12:14, 20:22, 30:32] = True
    case.marks.put_segments([replace(fresh(case.marks, voxels.display_set), mask=Mask.of(grid, array), name="Nodes")])
    assert done(case, split_up(case.marks.segments[0], islands)) == ""
    assert [(each.number, each.mask.count, each.name) for each in case.marks.segments] == [(1, 64, "Nodes"), (2, 8, "")]
    assert len({each.tracking_uid for each in case.marks.segments}) == len({e.colour for e in case.marks.segments}) == 2
    assert case.marks.undo() and len(case.marks.segments) == 1
    case.marks.put_segments([replace(case.marks.segments[0], mask=islands(case.marks.segments[0].mask)[0])])
    assert "one piece" in done(case, split_up(case.marks.segments[0], islands))


def test_a_tool_begins_a_new_segment_where_the_one_in_hand_lies_elsewhere_or_is_locked(case: Case) -> None:
    first = segment_of(case)
    case.marks.put_segments([first])
    assert segment_of(case) is first
    case.marks.change_segments(replace(first, locked=True))
    assert segment_of(case).number == 2
    other = beside(stack("4", frame="1.77"))
    other.marks.put_segments([first])
    assert segment_of(other).number == 2 and segment_of(other).frame_of_reference_uid == "1.77"
    assert begun(beside(stack("5", placed=False)), beside(stack("5", placed=False)).view(0)) is None


def test_each_tool_says_what_it_does() -> None:
    told = {words(tool, Painting(held=True, solid=True), "HU") for tool in Tool}
    assert len(told) == len(Tool) == len(TOOLS.keys() | CLICKS) and not TOOLS.keys() & CLICKS
    assert all("HU" in each or "%" in each or "through" in each or "click" in each for each in told)
    assert sized(99.0, 5) == 100.0 and sized(0.6, -5) == 0.5


def test_tools_that_go_by_values_take_those_of_the_series_they_are_used_on() -> None:
    """Two series in one space: what is in hand lies on the first, the tool is used on the second."""
    one = stack("1", frame="1.9")
    other = stack("2", frame="1.9", step_mm=4.0)
    both = beside(one, other)
    held = segment_of(both)
    both.marks.put_segments([held])
    moved = held
    again = begun(both, both.view(1))
    assert again is held
    for tool in (Tool.RANGE, Tool.GROW, Tool.ISOCONTOUR, Tool.RANGE_IN_SPHERE):
        both.marks.take(tool)
        found = begun(both, both.view(1))
        assert found is not None
        moved = found
        assert moved.tracking_uid == held.tracking_uid  # still empty: it is brought over
        assert (moved.series_instance_uid, moved.mask.grid) == (other.series_instance_uid, other.grid)
        assert begun(both, both.view(0)) is held
    assert other.grid is not None and one.grid is not None
    full = Mask.part(other.grid, np.ones((1, 2, 2), np.bool_), (3, 3, 3))
    done(both, reworked("Fill", moved, lambda mask, job: full))
    (segment,) = both.marks.segments
    assert (segment.number, segment.mask, segment.series_instance_uid) == (1, full, other.series_instance_uid)
    elsewhere = begun(both, both.view(0))
    assert elsewhere is not None and elsewhere.number == 2 and elsewhere.mask.grid == one.grid


def test_nothing_beside_the_limit_is_taken(case: Case, voxels: Voxels) -> None:
    """Threshold, growing, isocontour and brush, through all slices and in one."""
    grid, truth = voxels.display_set.grid, values(voxels) == 100
    assert grid is not None
    first = segment_of(case)
    corners = [grid.point(each) for each in ((20.5, 14.5, 10), (26.5, 14.5, 10), (26.5, 24.5, 10), (20.5, 24.5, 10))]
    _, j, i = np.indices(SHAPE)
    inside = (i > 20) & (i < 27) & (j > 14) & (j < 25)
    center = grid.point((24, 20, 10))
    part = ball(grid, center, 30.0)
    assert part is not None
    for through in (True, False):
        allowed = inside if through else inside & (np.indices(SHAPE)[0] == 10)
        fence = Fence(tuple(corners), grid.axes[2], first.frame_of_reference_uid, through)
        painting = Painting(low=50, high=200, tolerance=30, fence=fence)
        made = (
            range_taken(first, voxels, painting, None),
            range_taken(first, voxels, painting, (center, 15.0)),
            isocontour_taken(first, voxels, painting, center, 15.0),
            stroke(first, part, Tool.BRUSH, replace(painting, held=True), voxels),
        )
        for work in made:
            assert np.array_equal(work.run(Job(""), first.mask).mask.array(), truth & allowed), work.title
        grown_there = region_grown(first, voxels, painting, center).run(Job(""), first.mask).mask.array()
        assert grown_there.sum() > 0.8 * (truth & allowed).sum() and not (grown_there & ~allowed).any()
        elsewhere = replace(painting, fence=replace(fence, frame_of_reference_uid="1.77"))
        free = range_taken(first, voxels, elsewhere, None).run(Job(""), first.mask).mask
        assert np.array_equal(free.array(), truth)


def test_a_region_that_would_leak_stays_within_its_limit(case: Case, voxels: Voxels) -> None:
    grid = voxels.display_set.grid
    assert grid is not None
    corners = [grid.point(each) for each in ((20.5, 14.5, 10), (26.5, 14.5, 10), (26.5, 24.5, 10), (20.5, 24.5, 10))]
    first = segment_of(case)
    fence = Fence(tuple(corners), grid.axes[2], first.frame_of_reference_uid, through=False)
    painting = Painting(tolerance=500, limit_mm=30, fence=fence)
    answer = region_grown(first, voxels, painting, grid.point((24, 20, 10))).run(Job(""), first.mask)
    assert answer.mask.count == 6 * 10 and answer.made_by == "region growing, -400 to 600 HU, means of 3 x 3 x 3"
