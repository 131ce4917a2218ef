"""The hand while it measures through space: clicks on what 3D tiles show, and on planes, become points of one finding.

A click in 3D takes the first voxel that is seen under it; a drag still turns the volume. What was begun in one tile may
end in any other of the same frame of reference. All places in device pixels of a tile.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from PySide6.QtGui import QPainter

from workstation.case.drawing import tracking_uid
from workstation.case.drawing_tools import Ground, ground, source_near, valued
from workstation.case.state import Case
from workstation.case.volume import is_3d
from workstation.findings.finding import POINTS, Finding, Kind, Source
from workstation.imaging.geometry import Vec3
from workstation.paint.marks import paint_marks
from workstation.picture.volume_marks import laid_out_in_3d
from workstation.ui.findings_grasp import grasped
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.volume_hand import first_seen

SPATIAL: Final = frozenset((Kind.LENGTH, Kind.ANGLE, Kind.TRAJECTORY, Kind.SURFACE))
"""What is measured through space."""

CLICK_PX: Final = 4
NOTHING_THERE: Final = "Nothing is shown there; click on what is seen."
ON_SURFACES: Final = "Click on a surface in 3D; a plane shows none."
OTHER_SPACE: Final = "This series lies in another space: the measure ends where it began."

Place = tuple[float, float]
Ends = tuple[Vec3, Vec3]


def _nobody(case: Case, number: int, ends: Ends) -> None:
    """No desk works ways along surfaces out."""


@dataclass
class _Drawing:
    """A measure under way: what it lies in, and the points placed so far."""

    case: Case
    kind: Kind
    under: Ground
    uid: str = field(default_factory=tracking_uid)
    placed: list[Vec3] = field(default_factory=list)


class SpacePen:
    """One measure at a time. `say` is called with sentences, `along` with both ends of a way along a surface."""

    def __init__(self) -> None:
        self.say: Callable[[str], None] = lambda sentence: None
        self.along: Callable[[Case, int, Ends], None] = _nobody
        self._drawing: _Drawing | None = None
        self._press: tuple[ScreenTile, Place] | None = None

    @property
    def busy(self) -> bool:
        """Whether a button is down on a plane for a measure."""
        return self._press is not None

    def takes(self, tile: ScreenTile) -> bool:
        """Whether a click on a tile places a point."""
        case = tile.case
        kind = _kind_in_hand(case) if case is not None else None
        if case is None or kind is None or ground(case.view(tile.number)) is None:
            return False
        if is_3d(case, tile.number) or kind is Kind.TRAJECTORY:
            return True
        return kind is not Kind.SURFACE and self._under_way(case, kind) is not None

    def forget(self) -> None:
        """The tiles are others now: no button is down. What is under way goes on in any tile of its space."""
        self._press = None

    # ----------------------------------------------------------------- planes

    def press(self, tile: ScreenTile, place: Place) -> bool:
        """Take a press of the left button on a plane, or leave it to others."""
        if tile.screen() is not None and tile.case is not None and _kind_in_hand(tile.case) is Kind.SURFACE:
            self.say(ON_SURFACES)
            return True
        if tile.screen() is None or not self.takes(tile):
            return False
        self._press = (tile, place)
        self._put(tile, self._on_plane(tile, place))
        return True

    def move(self, place: Place) -> None:
        """The pointer moved with the button down."""
        if self._press is not None:
            self.hover(self._press[0], place)

    def hover(self, tile: ScreenTile, place: Place) -> None:
        """The pointer moved over a tile: on a plane the next point follows it."""
        drawing = self._drawing
        if drawing is None or drawing.case is not tile.case or tile.screen() is None or not self._is_held(drawing):
            return
        if _same_space(drawing.under, ground(drawing.case.view(tile.number))):
            drawing.case.marks.hold(_finding(drawing, self._on_plane(tile, place)))

    def release(self, place: Place) -> None:
        """The button was let go: after a drag the point there is the next one."""
        press, self._press = self._press, None
        if press is not None and math.dist(press[1], place) >= CLICK_PX * press[0].ratio and self._drawing is not None:
            self._put(press[0], self._on_plane(press[0], place))

    @staticmethod
    def _on_plane(tile: ScreenTile, place: Place) -> Vec3:
        screen = tile.screen()
        assert screen is not None  # noqa: S101  asked for before
        return screen.point(place[0] - 0.5, place[1] - 0.5)

    # --------------------------------------------------------------------- 3D

    def click(self, tile: ScreenTile, place: Place) -> bool:
        """Take a click on a 3D tile: it places a point, or selects the finding under it; or leave it to others."""
        case = tile.case
        if case is None or not is_3d(case, tile.number):
            return False
        if self.takes(tile):
            kind = Kind(case.marks.tool)
            return first_seen(tile, place, partial(self._found, tile, case, kind))
        mark = None if case.marks.tool else grasped(tile, place)[0]
        case.marks.select(mark.uid if mark is not None else "")
        return mark is not None

    def _found(self, tile: ScreenTile, case: Case, kind: Kind, point_lps: Vec3 | None) -> None:
        """What was clicked is known by now; a tool that was laid away meanwhile no longer wants it."""
        if tile.case is not case or _kind_in_hand(case) is not kind:
            return
        if point_lps is None:
            self.say(NOTHING_THERE)
        else:
            self._put(tile, point_lps)

    # ------------------------------------------------------------------- draw

    def _put(self, tile: ScreenTile, point_lps: Vec3) -> None:
        case = tile.case
        kind = _kind_in_hand(case) if case is not None else None
        under = ground(case.view(tile.number)) if case is not None else None
        if case is None or kind is None or under is None:
            return
        drawing = self._under_way(case, kind)
        if drawing is not None and not _same_space(drawing.under, under):
            self.say(OTHER_SPACE)
            return
        if drawing is None:
            drawing = self._drawing = _Drawing(case, kind, _at(tile, case, under, point_lps))
        drawing.placed.append(point_lps)
        case.marks.hold(_finding(drawing))
        if len(drawing.placed) >= _clicks(kind):
            self._drawing = None
            if kind is Kind.SURFACE:
                case.marks.let_go()
                self.along(case, tile.number, (drawing.placed[0], drawing.placed[1]))
            else:
                case.marks.put_down()
            case.marks.used()

    def _under_way(self, case: Case, kind: Kind) -> _Drawing | None:
        """The measure under way, unless Esc or another tool has ended it."""
        drawing = self._drawing
        same = drawing is not None and drawing.case is case and drawing.kind is kind
        return drawing if drawing is not None and same and self._is_held(drawing) else None

    @staticmethod
    def _is_held(drawing: _Drawing) -> bool:
        held = drawing.case.marks.in_hand
        return held is not None and held.tracking_uid == drawing.uid

    # ------------------------------------------------------------------ paint

    def paint(self, painter: QPainter, tile: ScreenTile) -> None:
        """What is in hand, over the picture of a 3D tile, in its own device pixels."""
        case, picture, voxels = tile.case, tile.picture, tile.voxels()
        if case is None or picture is None or picture.scene is None or voxels is None:
            return
        over = case.marks.over(picture.revision)
        if over is not None:
            view = case.view(tile.number)
            marks = laid_out_in_3d([over], view, picture.scene, voxels, tile.ratio, tile.size, picture.words)
            paint_marks(painter, marks, tile.ratio)


def _kind_in_hand(case: Case) -> Kind | None:
    """What is measured through space by the tool in hand."""
    return next((each for each in SPATIAL if each.value == case.marks.tool), None)


def _clicks(kind: Kind) -> int:
    """How many places are clicked for one measure."""
    return 2 if kind is Kind.SURFACE else POINTS[kind]


def _same_space(one: Ground, other: Ground | None) -> bool:
    frame = one.frame_of_reference_uid
    return other is not None and frame is not None and frame == other.frame_of_reference_uid


def _at(tile: ScreenTile, case: Case, under: Ground, point_lps: Vec3) -> Ground:
    """What lies under the first point; in 3D its source is the image nearest to it."""
    display_set = case.view(tile.number).display_set
    sources: tuple[Source, ...] = under.sources
    if display_set is not None and display_set.lattice is not None and under.frame_of_reference_uid is not None:
        sources = (source_near(display_set, point_lps),)
    return Ground(
        under.frame_of_reference_uid, under.grid, sources, under.study_instance_uid, under.series_instance_uid
    )


def _finding(drawing: _Drawing, *following: Vec3) -> Finding:
    """The finding of the points placed so far, and of where the pointer is."""
    marks, under = drawing.case.marks, drawing.under
    made = Finding(
        drawing.uid,
        marks.next_number(),
        drawing.kind,
        under.kept((*drawing.placed, *following)[: _clicks(drawing.kind)]),
        under.frame_of_reference_uid,
        under.sources,
        under.study_instance_uid,
        under.series_instance_uid,
    )
    return valued(made, drawing.case.sets, {}, marks.segments)
