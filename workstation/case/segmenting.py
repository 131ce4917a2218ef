"""Work on segments: what a gesture or a command asks for, done on a thread, and put into the case by the main thread.

A `Work` holds the mask it began with; when the segment has another one by the time it is done, its answer is dropped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workstation.case.drawing import Marks, tracking_uid
from workstation.case.drawing_tools import space_of
from workstation.case.painting import BRUSHES, BY_VALUES, Painting, Tool, range_words
from workstation.case.state import Case
from workstation.case.tile import TileView
from workstation.errors import Reason, Refused
from workstation.findings.finding import Status
from workstation.findings.segment import Algorithm, Segment, colour_of
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.fence import Fence
from workstation.imaging.geometry import Vec3
from workstation.imaging.growing import (
    Allowed,
    Grown,
    Range,
    block,
    fixed_isocontour,
    grown_from,
    isocontour,
    seed_range,
    thresholded,
)
from workstation.imaging.mask_work import CORNERS, FACES
from workstation.imaging.masks import Mask
from workstation.imaging.swept import Part, ball, cut_by, inside_outline
from workstation.imaging.volume import Voxels
from workstation.jobs import Job

CHANGED: Final = "The segment has changed meanwhile; what was under way was dropped."
LEAKED: Final = (
    "The region leaves the limit of {:.0f} mm round its seed: it leaks. Narrow the tolerance or paint a wall."
)
TOOK: Final = "Took what is from {} in the mean of 3 × 3 × 3 voxels: {:.3g} ml."
CUT_OFF: Final = "The contour reaches the edge of the sphere: it may go on beyond it."
NOTHING: Final = "Nothing lies in this range here."


@dataclass(frozen=True, eq=False)
class Answer:
    """What work came to: the new mask, further segments, and a sentence where something must be said. `made_by` names
    the tool where only the work could know how it was set."""

    mask: Mask
    others: tuple[Mask, ...] = ()
    said: str = ""
    made_by: str = ""


@dataclass(frozen=True, eq=False)
class Work:
    """Something to be done to a segment on a thread. `made_by` names the tool where it is not a hand alone.

    `run` is given the mask it begins with, that of `segment`. `removes` is the UID of another segment that goes.
    `copies`: what it comes to is as its algorithm made it, and no hand was there. `origin` is kept with what is made.
    """

    title: str
    segment: Segment
    run: Callable[[Job, Mask], Answer]
    made_by: str = ""
    removes: str = ""
    copies: bool = False
    origin: str = ""


def begun(case: Case, view: TileView) -> Segment | None:
    """The segment that a tool works on in a tile: the one in hand where it lies in the same space, else a new one.

    A tool that goes by values takes those of the series in the tile: one in hand that lies on another is
    left alone, or brought over while it is empty. None where the tile shows no volume. A new one is not in the case
    before something was put into it.
    """
    display_set = view.display_set
    if display_set is None or display_set.grid is None:
        return None
    space = space_of(display_set, view.image)
    held = case.marks.find_segment(case.marks.segment)
    if held is not None and held.frame_of_reference_uid == space and not held.locked:
        under = held.series_instance_uid == display_set.series_instance_uid and held.mask.grid == display_set.grid
        by_values = case.marks.tool in BY_VALUES or (case.marks.painting.held and case.marks.tool in BRUSHES)
        if under or not by_values:
            return held
        if not held.mask:
            series = display_set.series_instance_uid
            return replace(held, mask=Mask.empty(display_set.grid), series_instance_uid=series)
    return fresh(case.marks, display_set) if space is not None else None


def fresh(marks: Marks, display_set: DisplaySet) -> Segment:
    """A new, empty segment on the grid of a set that has one."""
    assert display_set.grid is not None  # noqa: S101  asked for before
    number = max((each.number for each in marks.segments), default=0) + 1
    return Segment(
        tracking_uid(),
        number,
        Mask.empty(display_set.grid),
        display_set.study_instance_uid,
        display_set.series_instance_uid,
        space_of(display_set, 0) or "",
        colour_of(number),
    )


def put(case: Case, work: Work, answer: Answer) -> str:
    """Take an answer into the case, as one step to be undone; the sentence to be said, empty when there is none."""
    marks, before = case.marks, work.segment
    known = marks.find_segment(before.tracking_uid)
    still_empty = known is not None and not known.mask and not before.mask
    if (known is None and before.mask) or (known is not None and known.mask is not before.mask and not still_empty):
        return CHANGED
    if answer.mask == before.mask and not answer.others and not work.removes:
        return answer.said
    base = before if known is None or still_empty else known
    changed = replace(base, mask=answer.mask, values=(), origin=work.origin or before.origin)
    taken = {each.number for each in marks.segments}
    if known is None and changed.number in taken:  # others that were asked for beside it came first
        changed = replace(changed, number=max(taken) + 1)
    changed = changed if work.copies else _by_hand(changed, answer.made_by or work.made_by)
    more, number = [], max((each.number for each in (*marks.segments, changed)), default=0)
    for mask in answer.others:
        number += 1
        more.append(
            replace(changed, tracking_uid=tracking_uid(), number=number, mask=mask, colour=colour_of(number), name="")
        )
    kept = [changed if each is known else each for each in marks.segments if each.tracking_uid != work.removes]
    marks.put_segments((*kept, *([] if known else [changed]), *more), changed.tracking_uid)
    return answer.said


def _by_hand(segment: Segment, made_by: str) -> Segment:
    """A segment that the reader has changed: it is no algorithm's alone any more, and still says which had a part."""
    name = made_by or segment.algorithm_name
    how = Algorithm.SEMIAUTOMATIC if name else Algorithm.MANUAL
    status = Status.DRAFT if segment.status is Status.FROM_AI else segment.status
    return replace(segment, algorithm=how, algorithm_name=name, status=status)


# ------------------------------------------------------------------------------ gestures


def fence_of(segment: Segment, painting: Painting) -> Fence | None:
    """The limit that tools stay within; None of another space than the segment's."""
    fence = painting.fence
    return fence if fence is not None and fence.frame_of_reference_uid == segment.frame_of_reference_uid else None


def _plain(words: str) -> str:
    """As objects of any character set can hold it."""
    return words.replace("−", "-")


def _allowed(segment: Segment, painting: Painting) -> Allowed | None:
    fence, grid = fence_of(segment, painting), segment.mask.grid
    return None if fence is None else lambda box: fence.allowed(grid, box)


def stroke(segment: Segment, part: Part, tool: Tool, painting: Painting, voxels: Voxels | None) -> Work:
    """A stroke of the brush, or of its eraser; held to the range where that is asked for and values are there."""

    def run(job: Job, mask: Mask) -> Answer:
        chosen = part
        if painting.held and voxels is not None:
            chosen = part.only(Range(painting.low, painting.high).holds(block(voxels, part.box)))
        fence = fence_of(segment, painting)
        chosen = chosen if fence is None else chosen.only(fence.allowed(mask.grid, chosen.box))
        added = Mask.part(mask.grid, chosen.voxels, chosen.start)
        return Answer(mask.union(added) if tool is Tool.BRUSH else mask.minus(added))

    return Work("Paint", segment, run)


def range_taken(segment: Segment, voxels: Voxels, painting: Painting, sphere: tuple[Vec3, float] | None) -> Work:
    """All that lies in the range, or what of it lies in a sphere (centre, radius in mm), added to a segment."""

    def run(job: Job, mask: Mask) -> Answer:
        within, fence = ball(mask.grid, *sphere) if sphere is not None else None, fence_of(segment, painting)
        if fence is not None:
            within = within.only(fence.allowed(mask.grid, within.box)) if within else fence.part(mask.grid)
        if (sphere or fence) and within is None:
            raise Refused(Reason.PAST_EDGE)
        found = thresholded(voxels, Range(painting.low, painting.high), within, job.progress)
        return Answer(mask.union(found), said="" if found else NOTHING)

    name = f"threshold {painting.low:g} to {painting.high:g} {voxels.unit}"
    return Work("Threshold", segment, run, name)


def region_grown(segment: Segment, voxels: Voxels, painting: Painting, seed: Vec3) -> Work:
    """The region round a seed, added to a segment; one that leaks is not taken, and that is said."""

    def run(job: Job, mask: Mask) -> Answer:
        wanted = seed_range(voxels, seed, painting.tolerance)
        connectivity = CORNERS if painting.corners else FACES
        limit, allowed = painting.limit_mm, _allowed(segment, painting)
        found = grown_from(voxels, seed, wanted, connectivity, limit, job.progress, calmed=True, allowed=allowed)
        if found.leaked:
            return Answer(mask, said=LEAKED.format(painting.limit_mm))
        taken = range_words(wanted.low, wanted.high, voxels.unit)
        said = TOOK.format(taken, found.mask.volume_ml) if found.mask else NOTHING
        return Answer(mask.union(found.mask), said=said, made_by=_plain(f"region growing, {taken}, means of 3 x 3 x 3"))

    return Work("Region growing", segment, run, "region growing")


def isocontour_taken(segment: Segment, voxels: Voxels, painting: Painting, center: Vec3, radius_mm: float) -> Work:
    """The isocontour in a sphere, added to a segment."""

    def run(job: Job, mask: Mask) -> Answer:
        found = _isocontour(voxels, painting, center, radius_mm, _allowed(segment, painting))
        said = CUT_OFF if found.leaked else "" if found.mask else NOTHING
        return Answer(mask.union(found.mask), said=said)

    share = (
        f"{100 * painting.share:.0f} % of max" if painting.least is None else f"from {painting.least:g} {voxels.unit}"
    )
    return Work("Isocontour", segment, run, f"isocontour, {share}")


def _isocontour(voxels: Voxels, painting: Painting, center: Vec3, radius_mm: float, allowed: Allowed | None) -> Grown:
    if painting.least is not None:
        return fixed_isocontour(voxels, center, radius_mm, painting.least, allowed)
    return isocontour(voxels, center, radius_mm, painting.share, allowed)


def scissors(segment: Segment, outline: Sequence[Vec3], normal: Vec3, tool: Tool, painting: Painting) -> Work:
    """What an outline encloses, or all outside it, cut off a segment: in the slice, or through all of them."""

    def run(job: Job, mask: Mask) -> Answer:
        box, voxels = mask.boxed()
        if mask.box is None:
            return Answer(mask)
        whole = inside_outline(mask.grid, outline, normal, box, one_slice=False).voxels
        gone = whole if tool is Tool.CUT_INSIDE else ~whole
        if not painting.solid:
            gone = gone & cut_by(mask.grid, outline[0], normal, box)
        start = (box[0].start, box[1].start, box[2].start)
        return Answer(Mask.part(mask.grid, voxels & ~gone, start))

    return Work("Scissors", segment, run)


# ------------------------------------------------------------------------------ commands


def reworked(title: str, segment: Segment, change: Callable[[Mask, Job], Mask]) -> Work:
    """A mask made of a segment's own."""
    return Work(title, segment, lambda job, mask: Answer(change(mask, job)))


def split_up(segment: Segment, parts: Callable[[Mask], tuple[Mask, ...]]) -> Work:
    """Each island a segment of its own; the largest stays what it was."""

    def run(job: Job, mask: Mask) -> Answer:
        found = parts(mask)
        if len(found) < 2:
            return Answer(mask, said="It is one piece.")
        return Answer(found[0], found[1:])

    return Work("Split into islands", segment, run)
