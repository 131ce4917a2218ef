"""The three planes of a volume turned, thickened and hung: new values for the triad of a space and the slabs of tiles.

A space (frame of reference) has one crosshair and one triad. What is linked with a tile and lies in another space is
turned by as much, as its crosshair moves by as many mm. The crosshair keeps its place on the screen meanwhile.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations
from typing import Final

import numpy as np

from workstation.case.captured import looking
from workstation.case.state import Case, OwnLayout, Share, Tile, TileView
from workstation.case.view_tools import go_to_point
from workstation.imaging.geometry import Vec3, cross, vec
from workstation.imaging.oblique import FIRST_MODE, PATIENT, THIN, Axes, Slab, SlabMode, Triad, own_triad
from workstation.imaging.view import Framing, Orientation, on_screen

THICKEST_MM: Final = 500.0
FIRST_SLAB_MM: Final = 10.0
"""How thick a plane becomes that is given a mode before a thickness."""

KEY_DEG: Final = 5.0
NO_SLANT: Final = 1e-6
"""Voxels per mm below which a way in a plane does not lead to a face of the volume."""

MODES: Final = tuple(SlabMode)

Change = Callable[[Triad, TileView], Triad]


# ----------------------------------------------------------------------------- turning


def turn(case: Case, number: int, degrees: float, only: Orientation | None = None) -> None:
    """Turn the other two planes about the normal of this one, clockwise on the screen; or only one of them."""
    view = looking(case, number)
    if view.tile.orientation is None or view.display_set is None:
        return
    right, down = on_screen(view.plane, view.tile.framing)
    about = cross(right, down)
    kept = view.tile.orientation

    def turned(triad: Triad, _: TileView) -> Triad:
        if only is None:
            return triad.turned(about, degrees, left=kept)
        return triad.with_axes(only, triad.of(only).turned(about, degrees))

    _change(case, number, turned)


def tip(case: Case, number: int, degrees: float, to_the_right: bool) -> None:
    """Tip the plane of a tile itself, and with it the one it stands on: about its horizontal or its vertical."""
    view = case.view(number)
    if view.tile.orientation is None or view.display_set is None:
        return
    right, down = on_screen(view.plane, view.tile.framing)
    about = down if to_the_right else right
    _change(case, number, lambda triad, _: triad.turned(about, degrees))


def to_patient(case: Case, number: int) -> None:
    """The anatomical planes, whatever way the scanner lay."""
    _change(case, number, lambda triad, view: PATIENT)


def to_scanner(case: Case, number: int) -> None:
    """The planes along the volume's own axes, as the study was acquired."""
    if case.view(number).tile.orientation is not None:
        _change(case, number, lambda triad, view: own_triad(view.grid))
        for space in {case.space_of(case.tiles[each]) or "" for each in _together(case, number)}:
            case.triads.pop(space, None)
        case.emit_changed(case.shown)


def along_line(case: Case, number: int, start: Vec3, end: Vec3, square: bool = False) -> bool:
    """Turn the planes so that the next one contains a line, or is square to it. False where it has no length.

    The plane of the tile keeps looking at the line where it lies in it; the crosshair goes to the line's middle.
    """
    view = case.view(number)
    if view.display_set is None or view.tile.orientation is None or math.dist(start, end) < 1e-6:
        return False
    line = tuple(b - a for a, b in zip(start, end, strict=True))
    own = view.tile.orientation
    cutting = _cutting(own)

    def laid(triad: Triad, _: TileView) -> Triad:
        normal = np.asarray(triad.of(own).normal)
        direction = np.asarray(line) / np.linalg.norm(line)
        within = direction - normal * float(normal @ direction)
        if np.linalg.norm(within) < 1e-3:  # the line stands on the plane: any plane through it will do
            within = np.asarray(triad.of(own).right)
        first, second = cutting
        wanted = _square_to(triad.of(first), vec(direction)) if square else _containing(
            triad.of(first), vec(direction), vec(normal)
        )  # fmt: skip
        triad = triad.with_axes(first, wanted)
        rest = cross(vec(normal), wanted.normal)
        return triad.with_axes(second, _square_to(triad.of(second), rest))

    _change(case, number, laid)
    case.place_crosshair(view.display_set, vec([(a + b) / 2 for a, b in zip(start, end, strict=True)]))
    return True


def lay(case: Case, number: int, triad: Triad) -> None:
    """Give the planes of a tile's space, and those linked with it, these axes."""
    _change(case, number, lambda *_: triad)


def _cutting(own: Orientation) -> tuple[Orientation, Orientation]:
    """The plane that is laid along a line drawn in another one, and the one that stands on both."""
    order = {
        Orientation.AXIAL: (Orientation.CORONAL, Orientation.SAGITTAL),
        Orientation.CORONAL: (Orientation.SAGITTAL, Orientation.AXIAL),
        Orientation.SAGITTAL: (Orientation.CORONAL, Orientation.AXIAL),
    }
    return order[own]


def _containing(axes: Axes, direction: Vec3, normal: Vec3) -> Axes:
    """A plane with a direction in it, and with the normal of the plane it was drawn in."""
    return _square_to(axes, cross(direction, normal))


def _square_to(axes: Axes, normal: Vec3) -> Axes:
    """The axes turned the shortest way until their normal is this one, or its opposite."""
    was, wanted = np.asarray(axes.normal), np.asarray(normal) / np.linalg.norm(normal)
    if float(was @ wanted) < 0:
        wanted = -wanted
    about = np.cross(was, wanted)
    size = float(np.linalg.norm(about))
    if size < 1e-9:
        return axes
    return axes.turned(vec(about), math.degrees(math.atan2(size, float(was @ wanted))))


def through_points(case: Case, number: int, points: tuple[Vec3, Vec3, Vec3]) -> bool:
    """Lay the plane of a tile through three points; the others stand on it. False where they lie on one line."""
    view = case.view(number)
    if view.display_set is None or view.tile.orientation is None:
        return False
    one, two, three = (np.asarray(each) for each in points)
    normal = np.cross(two - one, three - one)
    longest = max(np.linalg.norm(two - one), np.linalg.norm(three - one), np.linalg.norm(three - two))
    if longest < 1e-6 or np.linalg.norm(normal) / longest < 0.1:
        return False
    own = view.tile.orientation

    def laid(triad: Triad, _: TileView) -> Triad:
        axes = _square_to(triad.of(own), vec(normal))
        was, now = np.asarray(triad.of(own).normal), np.asarray(axes.normal)
        about, size = np.cross(was, now), float(np.linalg.norm(np.cross(was, now)))
        if size < 1e-9:
            return triad
        return triad.turned(vec(about), math.degrees(math.atan2(size, float(was @ now))))

    _change(case, number, laid)
    case.place_crosshair(view.display_set, vec((one + two + three) / 3))
    return True


def _change(case: Case, number: int, change: Change) -> None:
    """Change the triad of a tile's space, and alike those of the spaces linked with it; the crosshairs stay put."""
    view = looking(case, number)
    if view.display_set is None or view.tile.orientation is None:
        return
    spaces: dict[str, int] = {}
    for each in _together(case, number):
        spaces.setdefault(case.space_of(case.tiles[each]) or "", each)
    before = {each: looking(case, each) for each in _planes_of(case, spaces)}
    for space, each in spaces.items():
        shown = before[each]
        case.triads[space] = change(shown.triad or own_triad(shown.grid), shown)
    for each, was in before.items():
        case.tiles[each] = replace(case.tiles[each], framing=_kept(was, looking(case, each)))
    case.emit_changed(before)


def _together(case: Case, number: int) -> tuple[int, ...]:
    """A tile, and the planes linked with it that follow it when it scrolls."""
    linked = case.group(number) if Share.SCROLL in case.shared(number) else ()
    return (number, *(each for each in linked if each != number and case.tiles[each].orientation is not None))


def _planes_of(case: Case, spaces: Iterable[str]) -> list[int]:
    wanted = set(spaces)
    return [n for n, tile in enumerate(case.tiles) if tile.orientation and case.space_of(tile) in wanted]


def _place(view: TileView) -> tuple[float, float]:
    """Where the crosshair lies to the right of and below the plane's middle on the screen, mm."""
    right, down = on_screen(view.plane, view.tile.framing)
    away = np.subtract(view.crosshair_lps or view.grid.middle_lps, view.plane.center_lps)
    return float(away @ np.asarray(right)), float(away @ np.asarray(down))


def _kept(was: TileView, view: TileView) -> Framing:
    """The framing with the crosshair where it was on the screen, at the same scale."""
    framing, plane = was.tile.framing, was.plane
    if framing.one_to_one:
        framing = replace(framing, one_to_one=False, px_per_mm=1.0 / min(plane.pixel_mm))
    elif framing.px_per_mm is None:
        framing = replace(framing, area_mm=framing.area_mm or plane.size_mm)
    before, now = _place(was), _place(view)
    return framing.panned(before[0] - now[0], before[1] - now[1])


def go_within(case: Case, number: int, point: Vec3) -> None:
    """Put the crosshair at a point of a tile's plane, or where the plane comes nearest to it inside the voxels.

    The nearest place of the volume as a whole may lie beside an oblique plane, which would move under the hand.
    """
    view = case.view(number)
    inside = view.tile.orientation is not None and view.display_set is not None
    go_to_point(case, number, _within(view, point) if inside else point)


def _within(view: TileView, point: Vec3) -> Vec3:
    """The nearest point of a plane between the first and last voxel centres of its volume: a convex polygon."""
    grid, size = view.grid, np.asarray(view.grid.size)
    to_index, axes = grid.index_from_lps, np.stack([view.plane.right, view.plane.down], axis=1)
    first, last, at = (
        to_index[:3, :3] @ np.asarray(each) + to_index[:3, 3]
        for each in (grid.point((0, 0, 0)), grid.point(vec(size - 1.0)), point)
    )
    steps = to_index[:3, :3] @ axes
    walls, room = np.concatenate([steps, -steps]), np.concatenate([last - at, at - first])
    slanted = [n for n, wall in enumerate(walls) if np.linalg.norm(wall) > NO_SLANT]
    ways = [np.zeros(2), *(walls[n] * room[n] / float(walls[n] @ walls[n]) for n in slanted)]
    for one, other in combinations(slanted, 2):
        pair = [one, other]
        if abs(float(np.linalg.det(walls[pair]))) > NO_SLANT**2:
            ways.append(np.linalg.solve(walls[pair], room[pair]))
    allowed = [way for way in ways if np.all(walls @ way <= room + 1e-6)]
    nearest = min(allowed, key=lambda way: float(way @ way), default=None)
    return view.crosshair_lps or grid.middle_lps if nearest is None else vec(np.asarray(point) + axes @ nearest)


def carry(case: Case, number: int, other: Orientation, crosshair: Vec3, by: Vec3) -> None:
    """Move another plane by a way (mm, LPS) in the plane of this tile, from where the crosshair was; the third stays.

    Along the line of the third plane, so that two planes that are not square to each other do not move together.
    """
    view = case.view(number)
    if view.tile.orientation is None:
        return
    third = next(each for each in Orientation if each not in (other, view.tile.orientation))
    normal, own = np.asarray(view.plane_of(other).normal), view.plane.normal
    along = np.asarray(cross(own, view.plane_of(third).normal))
    length = float(np.linalg.norm(along))
    if length > 1e-3 and abs(float(along @ normal)) < 0.1 * length:
        length = 0.0  # both lines are one
    along = along / length if length > 1e-3 else np.cross(own, np.cross(normal, own))
    way = along * (float(np.dot(by, normal)) / float(along @ normal))
    go_to_point(case, number, vec(np.asarray(crosshair) + way))


# ----------------------------------------------------------------------------- slabs


def set_slab(case: Case, number: int, thickness_mm: float | None = None, mode: SlabMode | None = None) -> None:
    """Give the plane of a tile, and what shows the same plane of its series with the same slab, another slab."""
    tile = case.tiles[number]
    if tile.orientation is None:
        return
    slab = tile.slab
    if thickness_mm is not None:
        slab = replace(slab, thickness_mm=min(max(round(thickness_mm, 1), 0.0), THICKEST_MM))
    if mode is not None:
        slab = replace(slab, mode=mode, thickness_mm=slab.thickness_mm or FIRST_SLAB_MM)
    alike = [n for n, each in enumerate(case.tiles) if _shares_slab(case, tile, each)]
    for each in alike:
        case.tiles[each] = replace(case.tiles[each], slab=slab)
    space = case.space_of(tile)
    case.emit_changed([n for n, each in enumerate(case.tiles) if n in alike or case.space_of(each) == space])


def _shares_slab(case: Case, one: Tile, other: Tile) -> bool:
    same_plane = (one.orientation, one.slab) == (other.orientation, other.slab)
    return same_plane and case.space_of(one) == case.space_of(other)


def thicken(case: Case, number: int, steps: int) -> None:
    """Thicker or thinner by steps that grow with the thickness: 1 mm below 10, then 2 below 30, then 5."""
    thickness = case.tiles[number].slab.thickness_mm
    for _ in range(abs(steps)):
        up = steps > 0
        step = 1.0 if thickness < (10 if up else 10.1) else 2.0 if thickness < (30 if up else 30.1) else 5.0
        thickness = max(thickness + (step if up else -step), 0.0)
    set_slab(case, number, thickness)


def next_mode(case: Case, number: int) -> None:
    """MIP, MinIP, mean and sum in turn; a plane without thickness gets one first."""
    slab = case.tiles[number].slab
    if not slab.is_thick:
        set_slab(case, number, FIRST_SLAB_MM, FIRST_MODE)
        return
    set_slab(case, number, mode=MODES[(MODES.index(slab.mode) + 1) % len(MODES)])


# ----------------------------------------------------------------------------- motion


def move(case: Case, numbers: Iterable[int]) -> None:
    """The planes of these tiles are being moved: their slabs are coarse from now on."""
    case.in_motion |= frozenset(numbers)


def rest(case: Case) -> None:
    """They rest: what was coarse is shown exactly."""
    moved, case.in_motion = case.in_motion, frozenset()
    if moved:
        case.emit_changed(number for number in moved if number < len(case.tiles))


# ----------------------------------------------------------------------------- hanging


def show_planes(case: Case, number: int) -> None:
    """Lay the three planes of a tile's volume side by side, its place kept; what hung there comes back by layout."""
    view = case.view(number)
    if view.display_set is None or view.display_set.lattice is None:
        return
    point = _point_shown(view)
    shown = [_plane_tile(case, view.tile, each) for each in Orientation]
    width, height = case.page_px or (1, 1)
    rows, columns = (1, 3) if width >= height else (3, 1)
    case.own_layout, case.maximised = OwnLayout(rows, columns, tuple(shown)), None
    for each in shown:
        if case.tiles[each].framing == Framing():
            case.tiles[each] = replace(case.tiles[each], framing=Framing(area_mm=case.area_mm(each)))
    case.active = shown[0]
    case.place_crosshair(view.display_set, point)
    case.stage_changed.emit()


def _plane_tile(case: Case, tile: Tile, orientation: Orientation) -> int:
    """The number of a tile that shows a plane of a tile's series beside what is planned; there before, or added."""
    for number, each in enumerate(case.tiles):
        if (each.display_set, each.orientation, each.planned) == (tile.display_set, orientation, None):
            return number
    plain = replace(tile, link=None, planned=None, stands_in=False, image=0, framing=Framing(), slab=THIN)
    plain = replace(plain, scene=None, flat=None, turning=None)
    case.tiles.append(replace(plain, orientation=orientation))
    return len(case.tiles) - 1


def slab_here(case: Case, number: int) -> None:
    """Make a stack's tile the plane of its volume that it shows, as a slab, and a thin plane thick; or take that back.

    A slab among the other planes of its volume becomes thin again, one that stands alone a stack.
    """
    view = case.view(number)
    if view.display_set is None or view.display_set.lattice is None:
        return
    if view.tile.orientation is not None and (view.beside or not view.tile.slab.is_thick):
        thick = view.tile.slab.is_thick
        set_slab(case, number, 0.0 if thick else FIRST_SLAB_MM, None if thick else FIRST_MODE)
        return
    if view.tile.orientation is not None:
        case.put(number, replace(view.tile, orientation=None, image=view.image, slab=THIN))
        return
    point = _point_shown(view)
    tile = replace(view.tile, orientation=acquired(view), slab=Slab(FIRST_SLAB_MM, FIRST_MODE), turning=None)
    case.tiles[number] = tile
    case.place_crosshair(view.display_set, point)
    case.put(number, case.tiles[number])


def acquired(view: TileView) -> Orientation:
    """The orientation of a volume's planes that lie along its images."""
    assert view.display_set is not None and view.display_set.lattice is not None  # noqa: S101  asked for before
    axis = int(np.argmax(np.abs(view.display_set.image_grid(view.image).axes[2])))
    return (Orientation.SAGITTAL, Orientation.CORONAL, Orientation.AXIAL)[axis]


def _point_shown(view: TileView) -> Vec3:
    """The place that planes of a tile begin at: the crosshair, or the middle of the image that a stack shows."""
    assert view.display_set is not None and view.display_set.lattice is not None  # noqa: S101  asked for before
    grid = view.display_set.lattice
    point = view.crosshair_lps or grid.middle_lps
    if view.tile.orientation is not None:
        return point
    i, j, _ = grid.index(point)
    return grid.point((i, j, view.tile.image))
