"""The hand on the lines of other planes: drag a line to move its plane, its end to turn, its grips for a slab.

All places in device pixels of a tile. With Shift the end turns its own plane alone.
"""

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QTimer

from workstation.case import planes
from workstation.case.captured import looking
from workstation.case.state import Case, Tile, TileView
from workstation.imaging.geometry import Vec3
from workstation.picture.plane_lines import Place, PlaneLine, plane_lines
from workstation.ui.screen_tile import ScreenTile

KNOB_REACH_PX: Final = 9
LINE_REACH_PX: Final = 4
"""A press this near takes hold. Logical pixels, as all of these."""

MIDDLE_PX: Final = 14
"""Nothing is taken hold of so near to the crosshair: that moves as a whole."""

REST_MS: Final = 200
"""Planes that have not moved for this long are shown exactly."""

TURN, SLAB, LINE = "turn planes", "slab", "plane"


@dataclass(frozen=True)
class Grasp:
    """What lies under a place: the end of a line, a grip of its slab, or the line."""

    does: str
    line: PlaneLine


@dataclass
class _Held:
    grasp: Grasp
    tile: ScreenTile
    case: Case
    crosshair: Vec3
    start: Vec3
    alone: bool
    angle: float
    """Of the hand about the crosshair, degrees, when the planes were last turned."""


def grasp_at(tile: ScreenTile, place: Place) -> Grasp | None:
    """What a press would take hold of."""
    screen = tile.screen()
    if tile.case is None or screen is None:
        return None
    lines = plane_lines(tile.case.view(tile.number), screen, tile.ratio)
    reach = KNOB_REACH_PX * tile.ratio
    for line in lines:
        if any(math.dist(end, place) <= reach for end in line.ends):
            return Grasp(TURN, line)
    for line in lines:
        if any(math.dist(grip, place) <= reach for grip, _ in line.grips):
            return Grasp(SLAB, line)
    for line in lines:
        near = abs(line.away(place)) <= LINE_REACH_PX * tile.ratio
        if near and math.dist(line.middle, place) > MIDDLE_PX * tile.ratio:
            return Grasp(LINE, line)
    return None


class PlanesHand:
    """One press at a time."""

    def __init__(self) -> None:
        self._held: _Held | None = None

    def press(self, tile: ScreenTile, place: Place, alone: bool) -> str:
        """Take hold of what is there; what the press does, empty where there is nothing."""
        grasp, screen, case = grasp_at(tile, place), tile.screen(), tile.case
        view = case.view(tile.number) if case is not None else None
        if grasp is None or screen is None or case is None or view is None or view.crosshair_lps is None:
            return ""
        start = screen.point(place[0] - 0.5, place[1] - 0.5)
        self._held = _Held(grasp, tile, case, view.crosshair_lps, start, alone, _angle(grasp.line, place))
        return grasp.does

    def move(self, place: Place) -> None:
        """The hand went there with the button down."""
        held = self._held
        screen = held.tile.screen() if held else None
        if held is None or screen is None:
            return
        if held.grasp.does == TURN:
            self._turn(held, place)
        elif held.grasp.does == SLAB:
            _pull(held, place)
        else:
            here = screen.point(place[0] - 0.5, place[1] - 0.5)
            by = (here[0] - held.start[0], here[1] - held.start[1], here[2] - held.start[2])
            planes.carry(held.case, held.tile.number, held.grasp.line.orientation, held.crosshair, by)

    def _turn(self, held: _Held, place: Place) -> None:
        angle = _angle(held.grasp.line, place)
        by = (angle - held.angle + 180) % 360 - 180
        held.angle = angle
        planes.turn(held.case, held.tile.number, by, held.grasp.line.orientation if held.alone else None)

    def forget(self) -> None:
        self._held = None


def _angle(line: PlaneLine, place: Place) -> float:
    return math.degrees(math.atan2(place[1] - line.middle[1], place[0] - line.middle[0]))


def _pull(held: _Held, place: Place) -> None:
    """The face under the hand goes where the hand is, and the other one as far to the other side."""
    line, screen = held.grasp.line, held.tile.screen()
    if line.number is None or screen is None:
        return
    off = abs(line.away(place))
    slope = _slope(held.case.view(held.tile.number), line)
    thickness_mm = 2 * off / screen.px_per_mm * slope
    # Within a hand's breadth of the line the plane has no thickness, so that it can be had again.
    thin = off < 5 * held.tile.ratio
    planes.set_slab(held.case, line.number, 0.0 if thin else thickness_mm)


def _slope(view: TileView, line: PlaneLine) -> float:
    """How much thinner the other plane is than it looks in the cut."""
    one, other = view.plane.normal, view.plane_of(line.orientation).normal
    cosine = sum(a * b for a, b in zip(one, other, strict=True))
    return math.sqrt(max(1.0 - cosine * cosine, 0.0))


def _is_coarse_in_motion(tile: Tile) -> bool:
    return tile.slab.is_thick or tile.scene is not None


class Motion:
    """Sees planes move in the tiles of a grid: slabs are coarse while they do, and exact once they rest."""

    def __init__(self) -> None:
        self._case: Case | None = None
        self._looked: dict[int, object] = {}
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self.rest)

    def watch(self, case: Case | None) -> None:
        self.rest()
        self._case = case
        self._looked.clear()

    def see(self, numbers: tuple[int, ...]) -> None:
        """These tiles have changed."""
        case = self._case
        if case is None:
            return
        moved: list[int] = []
        for number in numbers:
            if number >= len(case.tiles) or not _is_coarse_in_motion(case.tiles[number]):
                self._looked.pop(number, None)
                continue
            view = looking(case, number)
            looks = (view.tile.display_set, view.plane, view.tile.slab, view.tile.framing, view.tile.scene)
            if self._looked.get(number, looks) != looks:
                moved.append(number)
            self._looked[number] = looks
        if moved:
            planes.move(case, moved)
            self._timer.start()

    def rest(self) -> None:
        """Nothing moves any more."""
        self._timer.stop()
        if self._case is not None:
            planes.rest(self._case)
