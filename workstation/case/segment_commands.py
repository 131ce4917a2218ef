"""Commands that make and change segments: the tools, how they are set, and what is done to a mask as a whole."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from workstation.case import reasons as no
from workstation.case.command import command
from workstation.case.painting import CLICKS, FENCES, SHARES, Tool, sized
from workstation.case.segmenting import fresh, reworked, split_up
from workstation.case.state import Case
from workstation.findings.segment import Segment
from workstation.imaging.mask_work import filled, grown, interpolated, islands, largest, without_small
from workstation.imaging.masks import Mask
from workstation.jobs import Job

GROUP: Final = "Segments"
DRAWN_TOOLS: Final = frozenset(Tool) - FENCES - CLICKS
"""Those that a limit may be drawn for; it leads back to them."""
MARGIN_MM: Final = 1.0
SMALL_ML: Final = 0.1

TOOLS: Final = {
    Tool.BRUSH: ("Brush", "Ctrl+B", "Paint a segment: drag over it.", "segment segmentation paint draw ROI 3D contour"),
    Tool.WIPER: ("Brush eraser", "Ctrl+E", "Take voxels off a segment: drag over them.", "segment rubber erase wipe"),
    Tool.RANGE: (
        "Threshold",
        "Ctrl+W",
        "Take all voxels of a range: drag sets it, a click takes it.",
        "segment segmentation range HU level",
    ),
    Tool.RANGE_IN_SPHERE: (
        "Threshold in a sphere",
        "Ctrl+Shift+W",
        "Take the voxels of the range in a sphere: drag from its middle.",
        "segment segmentation range ROI 3D VOI ball",
    ),
    Tool.GROW: (
        "Region growing",
        "Ctrl+G",
        "Take what is connected with the clicked voxel and like it; dragging sets how like.",
        "segment segmentation grow flood fill magic wand seed contour ROI 3D",
    ),
    Tool.ISOCONTOUR: (
        "Isocontour",
        "Ctrl+H",
        "Take what reaches a share of the largest value in a sphere: drag from its middle.",
        "segment PET SUV percent 41 MTV hot spot contour VOI ROI 3D",
    ),
    Tool.CUT_INSIDE: (
        "Scissors: cut inside off",
        "Ctrl+X",
        "Cut off a segment what is drawn round.",
        "segment lasso cut trim",
    ),
    Tool.CUT_OUTSIDE: (
        "Scissors: keep inside",
        "Ctrl+Shift+X",
        "Keep of a segment only what is drawn round.",
        "segment lasso crop trim",
    ),
    Tool.FENCE_BOX: (
        "Limit to a box",
        "Ctrl+Alt+B",
        "Let the tools of segments take nothing beside a box: drag over it; a click takes the limit away.",
        "segment confine rectangle ROI VOI fence threshold growing",
    ),
    Tool.FENCE_OUTLINE: (
        "Limit to an outline",
        "Ctrl+Alt+O",
        "Let the tools of segments take nothing beside an outline: draw it; a click takes the limit away.",
        "segment confine lasso ROI VOI fence threshold growing",
    ),
}
"""Title, key, help and other words of each tool."""


def _no_volume(case: Case) -> str:
    display_set = no.active_set(case)
    if display_set is None:
        return no.EMPTY
    return "" if display_set.grid is not None else "These images make no volume to put a segment into."


def _held(case: Case) -> Segment | None:
    return case.marks.find_segment(case.marks.segment)


def _none_in_hand(case: Case) -> str:
    return "" if _held(case) else "There is no segment; Ctrl+B paints one."


def _nothing_to_change(case: Case) -> str:
    segment = _held(case)
    if segment is None:
        return _none_in_hand(case)
    if segment.locked:
        return "This segment is locked."
    return "" if segment.mask else "This segment is empty."


def _tool(tool: Tool, title: str, key: str, text: str, found_by: str) -> None:
    def take(case: Case) -> None:
        if tool is Tool.ISOCONTOUR and case.marks.tool == tool:
            _next_share(case)
            return
        if tool in FENCES and case.marks.tool != tool:
            back_to = case.marks.tool if case.marks.tool in DRAWN_TOOLS else Tool.RANGE
            case.marks.set_painting(replace(case.marks.painting, back_to=back_to))
        case.marks.take("" if case.marks.tool == tool else tool.value)

    again = "goes to the next percentage" if tool is Tool.ISOCONTOUR else "lays it away"
    take.__name__ = f"segment_{tool.value.replace('-', '_')}"
    take.__doc__ = f"{text} The tool stays until Esc; the key again {again}."
    why_not = _nothing_to_change if "scissors" in tool else _no_volume
    command(title, key, group=GROUP, why_not=why_not, permission="measure", found_by=found_by)(take)


for _each, _words in TOOLS.items():
    _tool(_each, *_words)


@command(
    "No limit",
    "Ctrl+Alt+N",
    group=GROUP,
    why_not=lambda case: "" if case.marks.painting.fence else "There is no limit; Ctrl+Alt+B draws one.",
    permission="measure",
    found_by="segment box outline fence remove",
)
def no_limit(case: Case) -> None:
    """Let the tools of segments take what lies anywhere again."""
    case.marks.set_painting(replace(case.marks.painting, fence=None))


def _next_share(case: Case) -> None:
    painting = case.marks.painting
    at = SHARES.index(painting.share) + 1 if painting.share in SHARES else 0
    case.marks.set_painting(replace(painting, share=SHARES[at % len(SHARES)], least=None))


@command("New segment", "Ctrl+N", group=GROUP, why_not=_no_volume, permission="measure", found_by="segmentation label")
def new_segment(case: Case) -> None:
    """Begin another segment on the series of the active tile; tools work on it from now on."""
    display_set = no.active_set(case)
    if display_set is not None and display_set.grid is not None:
        segment = fresh(case.marks, display_set)
        case.marks.put_segments((*case.marks.segments, segment), segment.tracking_uid)


@command("Next segment", "Ctrl+Shift+N", group=GROUP, why_not=_none_in_hand)
def next_segment(case: Case) -> None:
    """Let the tools work on the next segment."""
    uids = [each.tracking_uid for each in case.marks.segments]
    if case.marks.segment in uids:
        case.marks.use_segment(uids[(uids.index(case.marks.segment) + 1) % len(uids)])


@command("Larger brush", "Ctrl+]", group=GROUP, permission="measure", found_by="brush size bigger")
def larger_brush(case: Case) -> None:
    """Make the brush larger; Shift and the wheel do so too while it is in hand."""
    case.marks.set_painting(replace(case.marks.painting, radius_mm=sized(case.marks.painting.radius_mm, 1)))


@command("Smaller brush", "Ctrl+[", group=GROUP, permission="measure", found_by="brush size")
def smaller_brush(case: Case) -> None:
    """Make the brush smaller; Shift and the wheel do so too while it is in hand."""
    case.marks.set_painting(replace(case.marks.painting, radius_mm=sized(case.marks.painting.radius_mm, -1)))


@command("Brush in 3D or 2D", "Ctrl+Shift+B", group=GROUP, permission="measure", found_by="ball sphere depth scissors")
def brush_in_depth(case: Case) -> None:
    """Paint balls and cut through all slices, or stay in the slice; with a limit in hand, draw that so."""
    if case.marks.tool in FENCES:
        case.marks.set_painting(replace(case.marks.painting, through=not case.marks.painting.through))
        return
    case.marks.set_painting(replace(case.marks.painting, solid=not case.marks.painting.solid))


@command("Hold the brush to the range", "Ctrl+Shift+G", group=GROUP, permission="measure", found_by="threshold paint")
def hold_to_range(case: Case) -> None:
    """Paint only voxels of the threshold's range, or all."""
    case.marks.set_painting(replace(case.marks.painting, held=not case.marks.painting.held))


@command("Grow by faces or corners", group=GROUP, permission="measure", found_by="connectivity neighbours 6 26")
def grow_by_corners(case: Case) -> None:
    """Let region growing pass between voxels that share a corner, or only a face."""
    case.marks.set_painting(replace(case.marks.painting, corners=not case.marks.painting.corners))


# ------------------------------------------------------------------- of the whole mask


def _rework(name: str, title: str, text: str, found_by: str, change: Callable[[Mask, Job], Mask], *keys: str) -> None:
    def run(case: Case) -> None:
        segment = _held(case)
        if segment is not None:
            case.marks.asked.emit(reworked(title, segment, change))

    run.__name__, run.__doc__ = name, text
    command(title, *keys, group=GROUP, why_not=_nothing_to_change, permission="measure", found_by=found_by)(run)


def _margin_mm(mask: Mask) -> float:
    """A margin finer than the voxels would change nothing."""
    return max(MARGIN_MM, min(mask.grid.spacing))


_rework(
    "keep_the_largest_island",
    "Keep the largest island",
    "Of a segment in pieces keep the largest one.",
    "segment component connected",
    lambda mask, job: largest(mask),
    "Ctrl+Alt+K",
)
_rework(
    "remove_small_islands",
    "Remove small islands",
    f"Take off a segment all pieces of less than {SMALL_ML:g} ml.",
    "segment component noise specks",
    lambda mask, job: without_small(mask, SMALL_ML),
)
_rework("fill_holes", "Fill holes", "Fill what a segment encloses.", "segment cavity", lambda mask, job: filled(mask))
_rework(
    "fill_holes_in_slices",
    "Fill holes in each slice",
    "Fill what the outline of a segment encloses, slice by slice.",
    "segment cavity",
    lambda mask, job: filled(mask, in_slices=True),
)
_rework(
    "grow_segment",
    "Grow by 1 mm",
    "Make a segment larger by a margin of 1 mm, or of one voxel where those are larger.",
    "segment margin dilate expand",
    lambda mask, job: grown(mask, _margin_mm(mask), job.check),
    "Ctrl+Shift+PgUp",
)
_rework(
    "shrink_segment",
    "Shrink by 1 mm",
    "Make a segment smaller by a margin of 1 mm, or of one voxel where those are larger.",
    "segment margin erode",
    lambda mask, job: grown(mask, -_margin_mm(mask), job.check),
    "Ctrl+Shift+PgDown",
)


@command(
    "Fill between slices",
    "Ctrl+Shift+F",
    group=GROUP,
    why_not=_nothing_to_change,
    permission="measure",
    found_by="segment interpolate interpolation missing shape",
)
def fill_between_slices(case: Case) -> None:
    """Fill the slices between those that were painted, by shape; in a plane of the volume along that plane's slices."""
    segment = _held(case)
    if segment is None:
        return
    axis = _axis(case, segment)
    case.marks.asked.emit(
        reworked("Fill between slices", segment, lambda mask, job: interpolated(mask, axis, job.check))
    )


def _axis(case: Case, segment: Segment) -> int:
    """The axis of arrays that goes from slice to slice of the active tile, as near as it comes."""
    view = case.view(case.active)
    normal = view.plane.normal if view.display_set is not None else segment.mask.grid.axes[2]
    along = [abs(sum(a * b for a, b in zip(axis, normal, strict=True))) for axis in segment.mask.grid.axes]
    return 2 - along.index(max(along))


@command(
    "Split into islands",
    group=GROUP,
    why_not=_nothing_to_change,
    permission="measure",
    found_by="segment component connected separate",
)
def split_into_islands(case: Case) -> None:
    """Make each piece of a segment a segment of its own, the largest first."""
    segment = _held(case)
    if segment is not None:
        case.marks.asked.emit(split_up(segment, islands))


# -------------------------------------------------------------------------- of a segment


@command("Hide the segment", "Ctrl+Alt+H", group=GROUP, why_not=_none_in_hand, found_by="show visible")
def hide_segment(case: Case) -> None:
    """Hide the segment that tools work on, or show it again."""
    segment = _held(case)
    if segment is not None:
        case.marks.change_segments(replace(segment, hidden=not segment.hidden))


@command(
    "Segments as lines", "Ctrl+Shift+O", group=GROUP, why_not=_none_in_hand, found_by="outline fill opacity contour"
)
def segments_as_lines(case: Case) -> None:
    """Show all segments as outlines alone, or filled again."""
    lines = not all(each.outline_only for each in case.marks.segments)
    case.marks.change_segments(*(replace(each, outline_only=lines) for each in case.marks.segments))


@command(
    "Lock the segment", "Ctrl+Shift+U", group=GROUP, why_not=_none_in_hand, permission="measure", found_by="protect"
)
def lock_segment(case: Case) -> None:
    """Let no tool change the segment, or let them again."""
    segment = _held(case)
    if segment is not None:
        case.marks.change_segments(replace(segment, locked=not segment.locked))


def _may_not_go(case: Case) -> str:
    segment = _held(case)
    return _none_in_hand(case) if segment is None else "This segment is locked." if segment.locked else ""


@command("Delete the segment", "Ctrl+Del", group=GROUP, why_not=_may_not_go, permission="measure", found_by="remove")
def delete_segment(case: Case) -> None:
    """Remove the segment that tools work on; undo brings it back."""
    case.marks.remove_segments(case.marks.segment)


def _no_second(case: Case) -> str:
    segment = _held(case)
    return _may_not_go(case) or (
        "" if segment and _partner(case, segment) else "There is no other segment to merge with."
    )


def _partner(case: Case, segment: Segment) -> Segment | None:
    """The segment after it on the same grid, round the end."""
    same = [each for each in case.marks.segments if each.mask.grid == segment.mask.grid and not each.locked]
    at = next((n for n, each in enumerate(same) if each.tracking_uid == segment.tracking_uid), None)
    return None if at is None or len(same) < 2 else same[(at + 1) % len(same)]


@command("Merge with the next", group=GROUP, why_not=_no_second, permission="measure", found_by="segment join union")
def merge_segments(case: Case) -> None:
    """Put the voxels of the next segment to this one's, as one segment."""
    segment = _held(case)
    other = _partner(case, segment) if segment is not None else None
    if segment is None or other is None:
        return
    added = other.mask
    names = dict.fromkeys(filter(None, (segment.algorithm_name, other.algorithm_name)))
    origins = dict.fromkeys(filter(None, (segment.origin, other.origin)))
    work = reworked("Merge", segment, lambda mask, job: mask.union(added))
    case.marks.asked.emit(
        replace(work, removes=other.tracking_uid, made_by=" + ".join(names), origin="; ".join(origins))
    )
