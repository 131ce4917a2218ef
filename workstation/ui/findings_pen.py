"""The hand while it measures: presses and drags make, move and remove marks. All places in device pixels of a tile.

Each press places a point, and so does letting go after a drag: two clicks and one drag make the same line.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtGui import QPainter

from workstation.case.calibrating import recalibrated, taken_away
from workstation.case.drawing import ERASER, tracking_uid
from workstation.case.drawing_commands import STAYS
from workstation.case.drawing_tools import (
    Ground,
    Points,
    calibrations,
    complete,
    ground,
    handle_moved,
    shaped,
    shifted,
    valued,
)
from workstation.case.state import Case
from workstation.findings.finding import MOST_POINTS, WORKED_OUT, Finding, Kind
from workstation.findings.spine import following, renamed
from workstation.imaging.geometry import Vec3
from workstation.imaging.view import Plane
from workstation.paint.marks import paint_marks
from workstation.picture.marks import one_laid_out
from workstation.security.roles import may
from workstation.ui.findings_grasp import HANDLE_REACH_PX, grasped
from workstation.ui.findings_live import with_statistics
from workstation.ui.screen_tile import ScreenTile

CLICK_PX: Final = 4
TRACE_PX: Final = 2
"""An outline drawn by hand has a point wherever the hand has moved this far."""

Place = tuple[float, float]
TYPED: Final = frozenset((Kind.TEXT, Kind.CALIBRATION, Kind.ARROW, Kind.SPINE_LABEL))
"""Something is typed for these before they are put down."""


@dataclass
class _Drawing:
    """A mark under way: the points placed so far, in the tile's space, and where the last press was."""

    tile: ScreenTile
    case: Case
    kind: Kind
    under: Ground
    uid: str
    plane: Plane
    placed: list[Vec3]
    pressed: Place | None = None
    traced: Place = (0.0, 0.0)


@dataclass
class _Hold:
    """A mark taken hold of by a handle, by its label or as a whole."""

    tile: ScreenTile
    case: Case
    under: Ground
    before: Finding
    part: str
    index: int
    start: Vec3
    begun: Place
    label: Vec3
    """Where its label began; the pictures do not show it while it is in hand."""
    moved: bool = False


class Pen:
    """One mark at a time. `ask(tile, finding)` is called for a mark that needs words before it is put down."""

    def __init__(self) -> None:
        self.ask: Callable[[ScreenTile, Finding], None] = lambda tile, finding: None
        self._drawing: _Drawing | None = None
        self._hold: _Hold | None = None

    @property
    def busy(self) -> bool:
        """Whether a button is down on a mark or for one."""
        return self._hold is not None or (self._drawing is not None and self._drawing.pressed is not None)

    @property
    def draws(self) -> bool:
        """Whether a mark is under way, pressed or not."""
        return self._drawing is not None

    # ----------------------------------------------------------------- hand

    def press(self, tile: ScreenTile, place: Place) -> bool:
        """Take a press of the left button, or leave it to others."""
        case = tile.case
        if case is None or tile.screen() is None:
            return False
        if self._gone():
            self._give_up(self._drawing)
        tool = case.marks.tool
        if tool == ERASER:
            self._erase(tile, case, place)
            return True
        if tool:
            return self._place(tile, case, Kind(tool), place)
        return self._take_hold(tile, case, place)

    def move(self, place: Place) -> None:
        """The pointer moved with the button down."""
        if self._hold is not None:
            self._carry(self._hold, place)
        elif self._gone():
            self._give_up(self._drawing)
        elif self._drawing is not None:
            self._trace(self._drawing, place)
            self._show(self._drawing, place)

    def hover(self, tile: ScreenTile, place: Place) -> None:
        """The pointer moved without a button: the next point of a mark under way follows it."""
        drawing = self._drawing
        if drawing is None or drawing.tile is not tile:
            return
        if self._gone():
            self._give_up(drawing)
        else:
            self._show(drawing, place)

    def release(self, place: Place) -> None:
        """The button was let go."""
        if self._hold is not None:
            self._put_back(self._hold, place)
        elif self._gone():
            self._give_up(self._drawing)
        elif self._drawing is not None and self._drawing.pressed is not None:
            self._let_go(self._drawing, place)

    def double_click(self, tile: ScreenTile) -> bool:
        """End a polyline; whether there was one."""
        drawing = self._drawing
        if drawing is None or drawing.kind is not Kind.POLYLINE:
            return False
        drawing.pressed = None
        self._finish(drawing)
        return True

    def forget(self) -> None:
        """The tiles are others now: nothing is under way."""
        for each in (self._drawing, self._hold):
            if each is not None:
                each.case.marks.let_go()
        self._drawing = self._hold = None

    # ----------------------------------------------------------------- draw

    def _gone(self) -> bool:
        """Whether the mark under way was given up: by Esc, another tool, or by going to another image."""
        drawing = self._drawing
        if drawing is None:
            return False
        marks = drawing.case.marks
        held = marks.in_hand
        other = held is None or held.tracking_uid != drawing.uid or marks.tool != drawing.kind.value
        return other or not _same_plane(drawing.plane, drawing.case.view(drawing.tile.number).plane)

    def _place(self, tile: ScreenTile, case: Case, kind: Kind, place: Place) -> bool:
        drawing = self._drawing
        if drawing is None or drawing.tile is not tile:
            self.forget()
            under = ground(case.view(tile.number))
            if under is None or (kind is Kind.CALIBRATION and under.frame_of_reference_uid):
                return False
            drawing = self._drawing = _Drawing(
                tile, case, kind, under, tracking_uid(), case.view(tile.number).plane, []
            )
        drawing.pressed = drawing.traced = place
        at = _point(tile, place)
        drawing.placed.append(self._set(drawing, at))
        self._show(drawing, place)
        return True

    def _set(self, drawing: _Drawing, at: Vec3) -> Vec3:
        """The point that a press really places: the short axis ends square to the long one."""
        return self._shape(drawing, at)[-1] if drawing.kind is Kind.BIDIRECTIONAL else at

    def _shape(self, drawing: _Drawing, at: Vec3) -> Points:
        screen = drawing.tile.screen()
        assert screen is not None  # noqa: S101  a mark is under way on a tile that shows something
        return shaped(drawing.kind, drawing.placed, at, screen.step_right, screen.step_down)

    def _show(self, drawing: _Drawing, place: Place) -> None:
        done = complete(drawing.kind, len(drawing.placed))
        free = drawing.kind is Kind.FREEHAND
        points = tuple(drawing.placed) if free or (done and not _boxed(drawing)) else self._moving(drawing, place)
        if points and drawing.tile.screen() is not None:
            drawing.case.marks.hold(self._finding(drawing, points))

    def _moving(self, drawing: _Drawing, place: Place) -> Points:
        """With the pointer as the next point; while its press is held it is the last one placed."""
        at = _point(drawing.tile, place)
        if drawing.pressed is not None and len(drawing.placed) == 1 and not _boxed(drawing):
            return (drawing.placed[0], at)
        if _boxed(drawing):
            return self._shape(replace(drawing, placed=drawing.placed[:1]), at)
        return self._shape(drawing, at)

    def _trace(self, drawing: _Drawing, place: Place) -> None:
        if drawing.kind is not Kind.FREEHAND or len(drawing.placed) >= MOST_POINTS:
            return
        if math.dist(place, drawing.traced) >= TRACE_PX * drawing.tile.ratio:
            drawing.traced = place
            drawing.placed.append(_point(drawing.tile, place))

    def _let_go(self, drawing: _Drawing, place: Place) -> None:
        pressed, drawing.pressed = drawing.pressed, None
        if drawing.kind is Kind.FREEHAND:
            self._trace(drawing, place)
            if len(drawing.placed) < 3:
                self._give_up(drawing)
            else:
                self._finish(drawing)
            return
        dragged = pressed is not None and math.dist(pressed, place) >= CLICK_PX * drawing.tile.ratio
        if dragged and not complete(drawing.kind, len(drawing.placed)):
            drawing.placed.append(self._set(drawing, _point(drawing.tile, place)))
        elif dragged:
            drawing.placed[-1] = self._set(replace(drawing, placed=drawing.placed[:-1]), _point(drawing.tile, place))
        if complete(drawing.kind, len(drawing.placed)):
            self._finish(drawing)

    def _finish(self, drawing: _Drawing) -> None:
        self._drawing = None
        points, closed = tuple(drawing.placed), False
        if _boxed(drawing):
            points = self._shape(replace(drawing, placed=drawing.placed[:1]), drawing.placed[-1])
        if drawing.kind is Kind.POLYLINE:
            points, closed = _ended(points, drawing.tile)
            if len(points) < 2:
                self._give_up(drawing)
                return
        finding = self._finding(drawing, points, closed)
        drawing.case.marks.hold(finding)
        if drawing.kind in TYPED and not (drawing.kind is Kind.SPINE_LABEL and finding.name):
            self.ask(drawing.tile, finding)
            return
        drawing.case.marks.put_down()
        used(drawing.case, finding)

    def _give_up(self, drawing: _Drawing | None) -> None:
        self._drawing = None
        held = drawing.case.marks.in_hand if drawing else None
        if drawing is not None and held is not None and held.tracking_uid == drawing.uid:
            drawing.case.marks.let_go()

    def _finding(self, drawing: _Drawing, points: Points, closed: bool = False) -> Finding:
        marks, under = drawing.case.marks, drawing.under
        made = Finding(
            drawing.uid,
            marks.next_number(),
            drawing.kind,
            under.kept(points),
            under.frame_of_reference_uid,
            under.sources,
            under.study_instance_uid,
            under.series_instance_uid,
            closed=closed,
        )
        if drawing.kind is Kind.SPINE_LABEL:
            return renamed(made, following(made, marks))
        return _told(made, drawing.case, drawing.tile)

    # ----------------------------------------------------------------- hold

    def _take_hold(self, tile: ScreenTile, case: Case, place: Place) -> bool:
        mark, part, index = grasped(tile, place)
        finding = case.marks.find(mark.uid) if mark and may("measure") else None
        under = ground(case.view(tile.number))
        if mark is None or finding is None or under is None:
            case.marks.select("")
            return False
        label = _point(tile, mark.label[:2] if mark.label else place)
        part = "label" if finding.kind in WORKED_OUT else part
        self._hold = _Hold(tile, case, under, finding, part, index, _point(tile, place), place, label)
        return True

    def _carry(self, hold: _Hold, place: Place) -> None:
        hold.moved = hold.moved or math.dist(hold.begun, place) >= CLICK_PX * hold.tile.ratio
        if hold.moved and hold.tile.screen() is not None:
            hold.case.marks.hold(_told(self._carried(hold, place), hold.case, hold.tile))

    def _carried(self, hold: _Hold, place: Place) -> Finding:
        before, at = hold.before, _point(hold.tile, place)
        by = (at[0] - hold.start[0], at[1] - hold.start[1], at[2] - hold.start[2])
        if hold.part == "label":
            return replace(before, label=hold.under.kept(shifted((hold.label,), by))[0])
        spread = hold.under.spread(before.points)
        if hold.part == "handle":
            (to,) = shifted((spread[hold.index],), by)
            return replace(before, points=hold.under.kept(handle_moved(before.kind, spread, hold.index, to)))
        label = before.label and hold.under.kept(shifted(hold.under.spread((before.label,)), by))[0]
        return replace(before, points=hold.under.kept(shifted(spread, by)), label=label)

    def _put_back(self, hold: _Hold, place: Place) -> None:
        self._carry(hold, place)
        self._hold = None
        marks = hold.case.marks
        if hold.moved and marks.in_hand is not None:
            marks.put_down(*recalibrated(hold.case, marks.in_hand))
        marks.select(hold.before.tracking_uid)

    def _erase(self, tile: ScreenTile, case: Case, place: Place) -> None:
        mark, _, _ = grasped(tile, place)
        if mark is not None:
            taken_away(case, mark.uid)
            case.marks.used()

    # ---------------------------------------------------------------- paint

    def paint(self, painter: QPainter, tile: ScreenTile) -> None:
        """What lies over the picture of a tile, in its own device pixels."""
        case, screen = tile.case, tile.screen()
        if case is None or screen is None or tile.picture is None:
            return
        over = case.marks.over(tile.picture.revision)
        if over is not None:
            marks = one_laid_out(over, case.view(tile.number), screen, tile.ratio, tile.size, tile.picture.words)
            paint_marks(painter, marks, tile.ratio)


def used(case: Case, finding: Finding) -> None:
    """A mark was made: its tool is laid away, unless more of its kind belong to it."""
    if finding.kind not in STAYS:
        case.marks.used()


def _same_plane(one: Plane, other: Plane) -> bool:
    """Whether two planes lie in each other, however they are framed."""
    away = math.fsum(n * (a - b) for n, a, b in zip(one.normal, one.center_lps, other.center_lps, strict=True))
    return abs(away) < 1e-3 and math.dist(one.normal, other.normal) < 1e-6


def _boxed(drawing: _Drawing) -> bool:
    return drawing.kind in (Kind.ELLIPSE, Kind.RECTANGLE)


def _ended(points: Points, tile: ScreenTile) -> tuple[Points, bool]:
    """A polyline without the second click of the double one, and whether it came back to where it began."""
    screen = tile.screen()
    assert screen is not None  # noqa: S101  it was drawn there
    seen = [screen.pixel(point)[:2] for point in points]
    while len(seen) > 1 and math.dist(seen[-1], seen[-2]) < CLICK_PX * tile.ratio:
        seen.pop()
    closed = len(seen) > 3 and math.dist(seen[0], seen[-1]) <= HANDLE_REACH_PX * tile.ratio
    return (points[: len(seen) - 1], True) if closed else (points[: len(seen)], False)


def _point(tile: ScreenTile, place: Place) -> Vec3:
    """The point of the tile's space under a place."""
    screen = tile.screen()
    assert screen is not None  # noqa: S101  asked for before
    return screen.point(place[0] - 0.5, place[1] - 0.5)


def _told(finding: Finding, case: Case, tile: ScreenTile) -> Finding:
    """With what it measures now, as far as that is quick."""
    if finding.kind is Kind.FREEHAND and len(finding.points) < 3:
        return finding
    known = {} if finding.in_patient else calibrations(case.marks, case.sets)
    told = valued(finding, case.sets, known, case.marks.segments)
    pixels = tile.picture.pixels if tile.picture else None
    return with_statistics(told, pixels.voxels if pixels else None)
