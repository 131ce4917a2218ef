"""The other planes drawn in a plane: lines through the crosshair, their ends to turn by, their faces to pull apart.

All in device pixels of the tile. What is drawn here is what the hand takes hold of (`ui.planes_hand`).
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from workstation.case.state import TileView
from workstation.imaging.geometry import Vec3, cross
from workstation.imaging.oblique import THIN, Slab
from workstation.imaging.view import Orientation, Plane, ScreenPlane
from workstation.paint.lines import Knob, Line

CROSSHAIR_GAP_PX: Final = 14
"""Around the point itself nothing is drawn."""

END_SHARE: Final = 0.78
"""Where along the way from the crosshair to the edge the ends lie by which planes are turned."""

LEAST_END_PX: Final = 60
GRIP_SHARE: Final = 0.42
"""Where along that way the grips lie that make a slab thicker."""

LEAST_GRIP_PX: Final = 34
THIN_GRIP_PX: Final = 9
"""The grips of a plane without thickness stand so far off its line."""

Place = tuple[float, float]


@dataclass(frozen=True)
class PlaneLine:
    """Another plane as a line: through `middle` along `along` (a unit vector), with its thickness on the screen.

    `ends` turn the plane, `grips` pull its faces apart: each with the unit vector away from the line.
    """

    orientation: Orientation
    number: int | None
    """The tile that shows it; None while none does."""
    middle: Place
    along: Place
    half_slab_px: float
    is_thick: bool
    reach: tuple[float, float]
    """How far the line runs within the tile, backwards and forwards."""
    ends: tuple[Place, ...]
    grips: tuple[tuple[Place, Place], ...]

    def away(self, place: Place) -> float:
        """The distance of a place from the line, to the right of its direction positive."""
        x, y = place[0] - self.middle[0], place[1] - self.middle[1]
        return x * -self.along[1] + y * self.along[0]


def plane_lines(view: TileView, screen: ScreenPlane, ratio: float) -> tuple[PlaneLine, ...]:
    """The lines of the other two planes; none in a stack, or while the lines are hidden."""
    if view.tile.orientation is None or view.crosshair_lps is None or not view.crossed:
        return ()
    beside = {each.orientation: each for each in view.beside}
    found = []
    for other in Orientation:
        if other is view.tile.orientation:
            continue
        shown = beside.get(other)
        slab = shown.slab if shown else THIN
        line = _line(view.plane_of(other), other, view.crosshair_lps, screen, ratio, slab)
        if line is not None:
            # A plane that no tile shows is a line and nothing more: nobody would see it turn.
            bare = replace(line, ends=(), grips=())
            found.append(bare if shown is None else replace(line, number=shown.number))
    return tuple(found)


def _line(
    plane: Plane, orientation: Orientation, crosshair: Vec3, screen: ScreenPlane, ratio: float, slab: Slab
) -> PlaneLine | None:
    """None where the planes are parallel."""
    own = cross(screen.step_right, screen.step_down)
    direction = cross(own, plane.normal)
    size = math.sqrt(sum(each * each for each in direction)) / math.sqrt(sum(each * each for each in own))
    if size < 0.01:
        return None
    x, y, _ = screen.pixel(crosshair)
    end = screen.pixel((crosshair[0] + direction[0], crosshair[1] + direction[1], crosshair[2] + direction[2]))
    length = math.hypot(end[0] - x, end[1] - y)
    along = ((end[0] - x) / length, (end[1] - y) / length)
    # Pixel (0, 0) has its middle half a pixel inside the tile.
    middle = (x + 0.5, y + 0.5)
    reach = _reach(middle, along, screen.width, screen.height)
    # A slab that is cut at a slant is wider in the cut than it is thick.
    half = slab.thickness_mm / 2 / size * screen.px_per_mm
    ends = tuple(
        _on(middle, along, sign * max(each * END_SHARE, min(each - 8 * ratio, LEAST_END_PX * ratio)))
        for sign, each in zip((-1.0, 1.0), reach, strict=True)
        if each > (LEAST_END_PX / 2) * ratio
    )
    return PlaneLine(
        orientation, None, middle, along, half, slab.is_thick, reach, ends, _grips(middle, along, reach, half, ratio)
    )


def _grips(
    middle: Place, along: Place, reach: tuple[float, float], half: float, ratio: float
) -> tuple[tuple[Place, Place], ...]:
    found = []
    away = (-along[1], along[0])
    off = max(half, THIN_GRIP_PX * ratio)
    for sign, each in zip((-1.0, 1.0), reach, strict=True):
        at = max(each * GRIP_SHARE, LEAST_GRIP_PX * ratio)
        if at < each:
            x, y = _on(middle, along, sign * at)
            for side in (-1.0, 1.0):
                out = (away[0] * side, away[1] * side)
                found.append(((x + out[0] * off, y + out[1] * off), out))
    return tuple(found)


def _on(middle: Place, along: Place, by: float) -> Place:
    return middle[0] + along[0] * by, middle[1] + along[1] * by


def _reach(middle: Place, along: Place, width: int, height: int) -> tuple[float, float]:
    """How far one can go from a place within the tile, backwards and forwards; 0 both where it lies outside."""
    low, high = -math.inf, math.inf
    for at, step, size in zip(middle, along, (width, height), strict=True):
        if not 0 <= at <= size:
            return 0.0, 0.0
        if abs(step) > 1e-9:
            ends = sorted((-at / step, (size - at) / step))
            low, high = max(low, ends[0]), min(high, ends[1])
    return -low, high


def crosshair_lines(view: TileView, screen: ScreenPlane, ratio: float) -> tuple[Line, ...]:
    """What is drawn of them: the lines with a gap round the crosshair, and dashed the faces of slabs."""
    lines: list[Line] = []
    far = float(screen.width + screen.height) * 2
    for each in plane_lines(view, screen, ratio):
        for sign in (1.0, -1.0):
            gap = CROSSHAIR_GAP_PX * ratio
            start, end = _on(each.middle, each.along, sign * gap), _on(each.middle, each.along, sign * far)
            lines.append(Line(start, end, each.orientation.value))
        if each.is_thick:
            for side in (1.0, -1.0):
                off = (each.middle[0] - each.along[1] * side * each.half_slab_px,
                       each.middle[1] + each.along[0] * side * each.half_slab_px)  # fmt: skip
                lines.append(Line(_on(off, each.along, -far), _on(off, each.along, far), each.orientation.value, True))
    return tuple(lines)


def knobs(view: TileView, screen: ScreenPlane, ratio: float) -> tuple[Knob, ...]:
    """What the lines can be taken hold of by; not for an audience, which has no hand."""
    found: list[Knob] = []
    for each in plane_lines(view, screen, ratio) if not view.audience else ():
        found += [Knob(end, each.orientation.value) for end in each.ends]
        found += [Knob(grip, each.orientation.value, out) for grip, out in each.grips]
    return tuple(found)
