"""The hand while it makes segments: strokes, spheres, seeds, ranges and scissors. Places in device pixels of a tile.

What is under way lies over the pictures and costs them nothing; what it comes to is worked out on a thread.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from PySide6.QtGui import QColor, QPainter

from workstation.case.drawing import Preview
from workstation.case.drawing_tools import space_of
from workstation.case.painting import BRUSHES, BY_VALUES, CLICKS, FENCES, SCISSORS, SPHERES, STEP, TOOLS, Tool, sized
from workstation.case.segmenting import (
    Work,
    begun,
    fence_of,
    isocontour_taken,
    range_taken,
    region_grown,
    scissors,
    stroke,
)
from workstation.case.state import Case, TileView
from workstation.errors import Refused
from workstation.findings.segment import Segment
from workstation.imaging.fence import Fence
from workstation.imaging.geometry import Vec3
from workstation.imaging.growing import seed_range
from workstation.imaging.swept import Part, one_voxel, swept
from workstation.imaging.view import Plane, ScreenPlane
from workstation.imaging.volume import Voxels
from workstation.paint.regions import Region, paint_stroke
from workstation.picture.segments import part_loops
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.segment_ink import Place, dashed, point_under, range_at, ring, say, value_at

CLICK_PX: Final = 4
TRACE_PX: Final = 2
RANGE_DRAG_PX: Final = 300.0
"""A drag this long moves the end of a range by the width of the window. Logical pixels, as all of these."""

TOLERANCE_DRAG_PX: Final = 60.0
WIPED: Final = (240, 240, 240)
PARALLEL: Final = 0.999
TRACED: Final = SCISSORS | {Tool.FENCE_OUTLINE}
"""These follow the way of the pointer."""


@dataclass
class _Under:
    """A gesture under way: the segment it is for, where it began, and what it has come to."""

    tile: ScreenTile
    case: Case
    tool: Tool
    segment: Segment
    voxels: Voxels | None
    plane: Plane
    start: Vec3
    began: Place
    last: Vec3
    part: Part | None = None
    outline: list[Vec3] = field(default_factory=list)
    traced: Place = (0.0, 0.0)
    low: float = 0.0
    high: float = 0.0
    moved: bool = False


class SegmentPen:
    """One gesture at a time. `begin` gives the segment to work on, `voxels` its voxels, `ask` takes the work."""

    def __init__(self) -> None:
        self.voxels: Callable[[Segment], Voxels | None] = lambda segment: None
        self.begin: Callable[[Case, TileView], Segment | None] = begun
        self.ask: Callable[[Work], None] = lambda work: None
        self.say: Callable[[str], None] = lambda sentence: None
        self.clicked: Callable[[ScreenTile, Tool, Vec3], None] = lambda tile, tool, point: None
        """Takes the clicks of PET's tools."""
        self._under: _Under | None = None
        self._over: tuple[ScreenTile, Place] | None = None

    @property
    def busy(self) -> bool:
        """Whether a button is down for a segment."""
        return self._under is not None

    def press(self, tile: ScreenTile, place: Place) -> bool:
        """Take a press of the left button where a tool of segments is in hand."""
        case = tile.case
        if case is None or case.marks.tool not in TOOLS or tile.screen() is None:
            return False
        tool, view = Tool(case.marks.tool), case.view(tile.number)
        if tool in CLICKS:
            self.clicked(tile, tool, point_under(tile, place))
            return True
        segment = self.begin(case, view)
        if segment is None:
            self.say("These images make no volume to put a segment into.")
            return True
        voxels = self.voxels(segment)
        if tool in BY_VALUES and voxels is None:
            self.say("The values of this series are still on their way, or are none.")
            return True
        at = point_under(tile, place)
        painting = case.marks.painting
        self._under = _Under(
            tile, case, tool, segment, voxels, view.plane, at, place, at, low=painting.low, high=painting.high
        )
        self._begin(self._under)
        return True

    def take_point(self, tile: ScreenTile, point_lps: Vec3) -> bool:
        """Take a voxel that was clicked on a rotating MIP, where a tool of PET is in hand."""
        tool = tile.case.marks.tool if tile.case is not None else ""
        if tool not in CLICKS:
            return False
        self.clicked(tile, Tool(tool), point_lps)
        return True

    def _begin(self, under: _Under) -> None:
        if under.tool in BRUSHES:
            self._paint_to(under, under.start)
        elif under.tool in TRACED:
            under.outline, under.traced = [under.start], under.began
        elif under.tool is Tool.GROW:
            self._show_seed(under)

    def move(self, place: Place) -> None:
        """The pointer moved with the button down."""
        under = self._under
        if under is None or under.tile.screen() is None:
            return
        self._over = (under.tile, place)
        under.moved = under.moved or math.dist(place, under.began) >= CLICK_PX * under.tile.ratio
        at = point_under(under.tile, place)
        if under.tool in BRUSHES:
            self._paint_to(under, at)
        elif under.tool in TRACED:
            self._trace(under, place, at)
        elif under.tool is Tool.FENCE_BOX:
            under.outline = _corners(under, place)
        elif under.tool is Tool.RANGE and under.moved:
            self._drag_range(under, place)
        elif under.tool is Tool.GROW and under.moved:
            self._drag_tolerance(under, place)
        under.last = at
        under.case.marks.moved.emit()

    def release(self, place: Place) -> None:
        """The button was let go: what the gesture asks for is handed on."""
        under = self._under
        if under is None:
            return
        self.move(place)
        self._under = None
        if under.tool in FENCES:
            _put_fence(under)
            return
        work = self._work(under)
        if under.tool is not Tool.RANGE or not under.moved:
            under.case.marks.show_preview(None)
        if work is not None:
            self.ask(work)
        under.case.marks.moved.emit()

    def forget(self) -> None:
        """The tiles are others now: nothing is under way."""
        if self._under is not None:
            self._under.case.marks.show_preview(None)
        self._under = self._over = None

    def hover(self, tile: ScreenTile | None, place: Place) -> None:
        """The pointer is over a tile without a button: the brush shows there."""
        case = tile.case if tile is not None else None
        was, self._over = self._over, None
        if tile is not None and case is not None and case.marks.tool in TOOLS:
            self._over = (tile, place)
        if case is not None and (was or self._over):
            case.marks.moved.emit()

    def wheel(self, tile: ScreenTile, notches: int) -> bool:
        """Shift and the wheel: the brush grows, a tolerance widens. Whether that was meant."""
        case = tile.case
        if case is None or case.marks.tool not in TOOLS:
            return False
        marks, painting = case.marks, case.marks.painting
        if marks.tool == Tool.GROW:
            marks.set_painting(replace(painting, tolerance=painting.tolerance * STEP**notches))
        elif marks.tool in BRUSHES:
            marks.set_painting(replace(painting, radius_mm=sized(painting.radius_mm, notches)))
        else:
            return False
        return True

    # -------------------------------------------------------------- gestures

    def _paint_to(self, under: _Under, at: Vec3) -> None:
        painting = under.case.marks.painting
        normal = None if painting.solid else under.plane.normal
        grid = under.segment.mask.grid
        new = swept(grid, under.last, at, painting.radius_mm, normal) or one_voxel(grid, at)
        if new is not None:
            under.part = new if under.part is None else under.part.joined(new)

    def _trace(self, under: _Under, place: Place, at: Vec3) -> None:
        if math.dist(place, under.traced) >= TRACE_PX * under.tile.ratio:
            under.traced = place
            under.outline.append(at)

    def _drag_range(self, under: _Under, place: Place) -> None:
        """To the right the lower end rises, upwards the upper one."""
        window = under.tile.picture.window if under.tile.picture else None
        step = (window.width if window else 400.0) / (RANGE_DRAG_PX * under.tile.ratio)
        low = under.low + (place[0] - under.began[0]) * step
        high = under.high - (place[1] - under.began[1]) * step
        marks = under.case.marks
        marks.set_painting(replace(marks.painting, low=min(low, high), high=max(low, high)))
        show_range(under.case, under.segment)

    def _drag_tolerance(self, under: _Under, place: Place) -> None:
        """To the right it widens."""
        share = (place[0] - under.began[0]) / (TOLERANCE_DRAG_PX * under.tile.ratio)
        under.began = (place[0], under.began[1])
        marks = under.case.marks
        marks.set_painting(replace(marks.painting, tolerance=max(marks.painting.tolerance * 2.0**share, 1e-3)))
        self._show_seed(under)

    def _show_seed(self, under: _Under) -> None:
        """What is like the seed, before it is known what is connected with it."""
        painting = under.case.marks.painting
        if under.voxels is None:
            return
        try:
            found = seed_range(under.voxels, under.start, painting.tolerance)
        except Refused:
            return
        series, near = under.segment.series_instance_uid, (under.start, painting.limit_mm)
        fence = fence_of(under.segment, painting)
        under.case.marks.show_preview(Preview(series, found.low, found.high, under.segment.colour, near, fence))

    def _work(self, under: _Under) -> Work | None:
        painting, segment, voxels = under.case.marks.painting, under.segment, under.voxels
        if under.tool in BRUSHES:
            return stroke(segment, under.part, under.tool, painting, voxels) if under.part is not None else None
        if under.tool in SCISSORS:
            enough = len(under.outline) > 2
            return scissors(segment, under.outline, under.plane.normal, under.tool, painting) if enough else None
        if voxels is None:
            return None
        if under.tool is Tool.GROW:
            return region_grown(segment, voxels, painting, under.start)
        if under.tool is Tool.RANGE:
            return None if under.moved else range_taken(segment, voxels, painting, None)
        radius_mm = math.dist(under.start, under.last)
        if not under.moved:
            return None
        if under.tool is Tool.ISOCONTOUR:
            return isocontour_taken(segment, voxels, painting, under.start, radius_mm)
        return range_taken(segment, voxels, painting, (under.start, radius_mm))

    # ----------------------------------------------------------------- paint

    def paint(self, painter: QPainter, tile: ScreenTile) -> None:
        """What lies over the picture of a tile, in its own device pixels."""
        case, screen = tile.case, tile.screen()
        if case is None or screen is None or case.marks.tool not in TOOLS:
            return
        under = self._under
        self._paint_fence(painter, tile, case, screen)
        if under is not None and under.case is case:
            if under.part is not None:
                self._paint_stroke(painter, tile, under)
            if under.tile is tile:
                self._paint_gesture(painter, tile, under)
        if self._over is not None and self._over[0] is tile:
            self._paint_cursor(painter, tile, case, self._over[1])

    def _paint_fence(self, painter: QPainter, tile: ScreenTile, case: Case, screen: ScreenPlane) -> None:
        """The limit, in planes along the one it was drawn in; of one slice in that alone."""
        fence, view = case.marks.painting.fence, case.view(tile.number)
        display_set = view.display_set
        drawing = self._under is not None and self._under.tool in FENCES
        if fence is None or display_set is None or drawing or Tool(case.marks.tool) in SCISSORS:
            return
        same = space_of(display_set, view.image) == fence.frame_of_reference_uid
        if not same or abs(float(np.dot(view.plane.normal, fence.normal))) < PARALLEL:
            return
        depth_mm = display_set.grid.spacing[2] / 2 if display_set.grid is not None else 0.0
        if fence.through or abs(screen.pixel(fence.outline[0])[2]) <= depth_mm:
            dashed(painter, screen, fence.outline, tile.ratio)

    def _paint_stroke(self, painter: QPainter, tile: ScreenTile, under: _Under) -> None:
        screen, part = tile.screen(), under.part
        if screen is None or part is None:
            return
        loops = part_loops(under.segment.mask.grid, part, under.case.view(tile.number).plane, screen)
        if loops:
            wipes = under.tool is Tool.WIPER
            colour = WIPED if wipes else under.segment.colour
            region = Region("", loops, colour, 0.0 if wipes else under.segment.opacity, dashed=wipes)
            paint_stroke(painter, region, tile.ratio)

    def _paint_gesture(self, painter: QPainter, tile: ScreenTile, under: _Under) -> None:
        screen = tile.screen()
        if screen is None:
            return
        colour = QColor(*under.segment.colour)
        if under.tool in SPHERES:
            x, y, _ = screen.pixel(under.start)
            radius = math.dist(under.start, under.last)
            ring(painter, (x + 0.5, y + 0.5), radius * screen.px_per_mm, colour, tile.ratio)
            say(painter, (x + 8, y + 8), f"r {radius:.1f} mm", tile.ratio)
        if under.tool in SCISSORS | FENCES and len(under.outline) > 1:
            dashed(painter, screen, under.outline, tile.ratio)

    def _paint_cursor(self, painter: QPainter, tile: ScreenTile, case: Case, place: Place) -> None:
        """The circle of the brush, and the value under the pointer."""
        screen, tool = tile.screen(), Tool(case.marks.tool)
        if screen is None:
            return
        radius, words = 10.0 * tile.ratio, value_at(tile, place)
        if tool in BRUSHES:
            radius = case.marks.painting.radius_mm * screen.px_per_mm
            ink = QColor(*WIPED) if tool is Tool.WIPER else _colour(case)
            ring(painter, place, radius, ink, tile.ratio)
            size = f"{2 * case.marks.painting.radius_mm:.1f} mm{' 3D' if case.marks.painting.solid else ''}"
            words = f"{size}  {words}".rstrip()
        if tool is Tool.GROW:
            seed = self._under.began if self._under is not None else place
            taken = range_at(tile, seed, case.marks.painting.tolerance)
            words = f"{words}, takes {taken}" if taken else words
        if words and (self._under is None or tool not in SPHERES):
            reach = min(radius, 60 * tile.ratio) * 0.75 + 6 * tile.ratio
            say(painter, (place[0] + reach, place[1] + reach), words, tile.ratio)


def show_range(case: Case, segment: Segment) -> None:
    """Tint what the range would take."""
    painting, fence = case.marks.painting, fence_of(segment, case.marks.painting)
    preview = Preview(segment.series_instance_uid, painting.low, painting.high, segment.colour, fence=fence)
    case.marks.show_preview(preview)


def _corners(under: _Under, place: Place) -> list[Vec3]:
    """Of the box between the press and a place, as the screen lies."""
    (left, top), (right, bottom) = under.began, place
    return [point_under(under.tile, each) for each in ((left, top), (right, top), (right, bottom), (left, bottom))]


def _put_fence(under: _Under) -> None:
    """What was drawn is the limit from now on, for the tool before; a click takes it away."""
    marks = under.case.marks
    painting, drawn = marks.painting, under.moved and len(under.outline) > 2
    frame = under.segment.frame_of_reference_uid
    fence = Fence(tuple(under.outline), under.plane.normal, frame, painting.through) if drawn else None
    marks.set_painting(replace(painting, fence=fence))
    if drawn:
        marks.take(painting.back_to or Tool.RANGE.value)
    marks.moved.emit()


def _colour(case: Case) -> QColor:
    segment = case.marks.find_segment(case.marks.segment)
    return QColor(*segment.colour) if segment is not None else QColor(230, 159, 0)
