"""Segments laid out on a tile: where its plane cuts their masks, as outlines in device pixels.

A plane along the voxels shows the outline of one slice of the mask, the one it lies in; an oblique one what lies under
it, mixed between neighbours. Only in the mask's own frame of reference, or where that is laid on the tile's
(safety.md 13).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.state import TileView
from workstation.findings.segment import Segment
from workstation.imaging.alignment import Standing
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.late import load_scipy
from workstation.imaging.mask_outline import outlines
from workstation.imaging.masks import Box, Mask, Plane
from workstation.imaging.swept import Part
from workstation.imaging.view import Plane as Looked
from workstation.imaging.view import ScreenPlane
from workstation.paint.regions import Region
from workstation.picture.across import seen_from

Floats = NDArray[np.float64]
Loops = tuple[Floats, ...]

MOST_KEPT: Final = 4096
"""Cuts whose outlines are kept: a hundred segments in nine tiles, and the way back."""

OF_OTHERS: Final = (Standing.SAME, Standing.ACCEPTED, Standing.ANYWAY)
"""How a frame must lie on a tile's for segments of another study to be drawn there."""

MOST_OPENED: Final = 1 << 28
"""Bytes of masks that stay opened for oblique cuts."""


def segment_regions(view: TileView, screen: ScreenPlane) -> tuple[Region, ...]:
    """The segments on a tile, ready to be painted. Those of another study are dashed lines without a fill, so that
    nobody takes them for this one's, and stand only where they are known to lie or the reader wants them anyway."""
    if view.display_set is None or not view.marks.segments:
        return ()
    frames = {each.frame_of_reference_uid for each in view.marks.segments}
    seen_by = {frame: seen_from(view, screen, frame) for frame in frames}
    found = []
    for segment in view.marks.segments:
        seen = seen_by[segment.frame_of_reference_uid]
        other = segment.study_instance_uid != view.display_set.study_instance_uid
        if seen is not None and not (other and seen.laid.standing not in OF_OTHERS):
            loops = mask_loops(segment.mask, seen.plane, seen.screen)
            if loops:
                chosen = segment.tracking_uid == view.marks.segment
                opacity = 0.0 if segment.outline_only or other else segment.opacity
                found.append(Region(segment.tracking_uid, loops, segment.colour, opacity, chosen, dashed=other))
    return tuple(found)


def facts_of(segments: Iterable[Segment], regions: Iterable[Region]) -> list[dict[str, Any]]:
    """What segments a tile shows, as plain JSON values; places in device pixels of the tile."""
    by_uid = {each.tracking_uid: each for each in segments}
    return [
        {
            "uid": region.uid,
            "number": by_uid[region.uid].number,
            "name": by_uid[region.uid].title,
            "colour": list(region.colour),
            "opacity": region.opacity,
            "drawn": [round(each, 1) for each in region.bounds],
        }
        for region in regions
    ]


def mask_loops(mask: Mask, plane: Looked, screen: ScreenPlane) -> Loops:
    """Where a plane cuts a mask: closed outlines in device pixels; none where it does not, or beside the tile."""
    along = _slice_in(mask.grid, plane)
    if along is None:
        loops, place = _oblique(mask, plane, screen)
        return _on_screen(loops, place, screen) if loops else ()
    axis, index = along
    loops = _cut(mask, axis, index)
    return _on_screen(loops, _placing(mask.grid, axis, index), screen) if loops else ()


def part_loops(grid: Grid, part: Part, plane: Looked, screen: ScreenPlane) -> Loops:
    """As `mask_loops`, of voxels that are no mask yet: a stroke under way, looked at while the hand moves."""
    along = _slice_in(grid, plane)
    if along is None:
        return mask_loops(Mask.part(grid, part.voxels, part.start), plane, screen)
    axis, index = along
    edge = part.box[2 - axis]
    if not edge.start <= index < edge.stop:
        return ()
    across, down = (part.box[2 - each].start for each in range(3) if each != axis)
    corner = np.array([across, down])
    found = outlines(np.moveaxis(part.voxels, 2 - axis, 0)[index - edge.start])
    loops = tuple(loop + corner for loop in found)
    return _on_screen(loops, _placing(grid, axis, index), screen) if loops else ()


@lru_cache(maxsize=256)
def _slice_in(grid: Grid, plane: Looked) -> tuple[int, int] | None:
    """The axis whose slices a plane is parallel to, and which slice it lies in, also beyond the grid; None of none."""
    axis = axis_along(grid, plane.normal)
    return None if axis is None else (axis, int(np.floor(grid.index(plane.center_lps)[axis] + 0.5)))


def axis_along(grid: Grid, normal: Vec3) -> int | None:
    """The index (0 of i, 1 of j, 2 of k) whose slices a plane is parallel to; None where it is to none."""
    moved = [abs(float(np.dot(axis, normal))) for axis in grid.axes]
    for axis in range(3):
        if all(moved[other] < 1e-4 for other in range(3) if other != axis):
            return axis
    return None


def _placing(grid: Grid, axis: int, index: int) -> Callable[[Floats], Floats]:
    """From (column, row) of a cut to points (LPS). Columns are the lower of the other two indices."""
    across, along = (each for each in range(3) if each != axis)
    matrix = grid.lps_from_index
    start = matrix[:3, 3] + matrix[:3, axis] * index
    steps = matrix[:3, [across, along]].T
    return lambda flat: np.asarray(flat @ steps + start)


def _on_screen(loops: Loops, place: Callable[[Floats], Floats], screen: ScreenPlane) -> Loops:
    points = np.concatenate(loops)
    pixels = screen.pixels(place(points))[:, :2] + 0.5
    if (pixels.max(axis=0) < 0).any() or pixels[:, 0].min() > screen.width or pixels[:, 1].min() > screen.height:
        return ()
    ends = np.cumsum([len(loop) for loop in loops])[:-1]
    return tuple(np.split(pixels, ends))


# -------------------------------------------------------------------- cuts along the voxels


@lru_cache(maxsize=MOST_KEPT)
def _outlines_of(plane: Plane) -> Loops:
    """Of a slice as it is stored; the same slice of another version of a mask is the same."""
    corner = np.array([plane.columns[0], plane.rows[0]])
    return tuple(loop + corner for loop in outlines(plane.image()))


class _Kept:
    """Answers by mask and key, the least used forgotten. Masks are told by identity: to compare them takes longer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[int, Any], tuple[Mask, Any, int]] = OrderedDict()
        self._weight = 0

    def get(self, mask: Mask, key: Any, work: Callable[[], Any], weigh: Callable[[Any], int]) -> Any:
        """What `work` gives; worked out twice where two threads ask at once."""
        name = (id(mask), key)
        with self._lock:
            if name in self._answers:
                self._answers.move_to_end(name)
                return self._answers[name][1]
        answer = work()
        with self._lock:
            if name not in self._answers:
                self._weight += weigh(answer)
                self._answers[name] = (mask, answer, weigh(answer))
            while self._weight > self._most and len(self._answers) > 1:
                self._weight -= self._answers.popitem(last=False)[1][2]
        return answer


_cuts = _Kept(MOST_KEPT)
_opened = _Kept(MOST_OPENED)


def _cut(mask: Mask, axis: int, index: int) -> Loops:
    """The outlines of a slice across an axis, (column, row) in voxels."""
    box = mask.box
    if axis == 2:
        plane = mask.planes[index] if 0 <= index < len(mask.planes) else None
        return _outlines_of(plane) if plane is not None else ()
    if box is None or not box[2 - axis].start <= index < box[2 - axis].stop:
        return ()
    found: Loops = _cuts.get(mask, (axis, index), lambda: _across(mask, box, axis, index), lambda _: 1)
    return found


def _across(mask: Mask, box: Box, axis: int, index: int) -> Loops:
    image = np.zeros((box[0].stop - box[0].start, box[1 if axis == 0 else 2].stop), dtype=np.bool_)
    for row, plane in enumerate(mask.planes[box[0]]):
        if plane is not None:
            plane.lay_line(image[row], axis, index)
    corner = np.array([0, box[0].start])
    return tuple(loop + corner for loop in outlines(image))


# -------------------------------------------------------------------------- oblique cuts


def _oblique(mask: Mask, plane: Looked, screen: ScreenPlane) -> tuple[Loops, Callable[[Floats], Floats]]:
    """Sampled on a lattice of the plane as fine as the finest spacing, over what the mask reaches of the tile."""
    load_scipy()
    from scipy import ndimage

    step = min(mask.grid.spacing)
    right, down = np.asarray(plane.right), np.asarray(plane.down)
    center = np.asarray(plane.center_lps)

    def place(flat: Floats) -> Floats:
        return np.asarray(center + (flat[:, :1] * right + flat[:, 1:] * down) * step)

    reach = _reach(mask, center, right, down, step)
    if reach is None:
        return (), place
    columns, rows = (np.arange(*each) for each in reach)
    matrix = mask.grid.index_from_lps
    box, voxels = _opened.get(mask, "", lambda: _padded(mask), lambda answer: int(answer[1].nbytes))
    corner = np.array([box[2].start, box[1].start, box[0].start]) - 1
    start = matrix[:3, :3] @ center + matrix[:3, 3] - corner
    across, along = matrix[:3, :3] @ right * step, matrix[:3, :3] @ down * step
    indices = start[:, None, None] + across[:, None, None] * columns + along[:, None, None] * rows[:, None]
    share = ndimage.map_coordinates(voxels, indices[::-1], order=1, output=np.float32, prefilter=False)
    first = np.array([columns[0], rows[0]])
    loops = tuple(loop + first for loop in outlines(share >= 0.5))
    return loops, place


def _padded(mask: Mask) -> tuple[Box, NDArray[np.float32]]:
    """The voxels of a mask's box with a rim of nothing, as numbers that can be mixed."""
    box, voxels = mask.boxed()
    return box, np.pad(voxels, 1).astype(np.float32)


def _reach(
    mask: Mask, center: Floats, right: Floats, down: Floats, step: float
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The columns and rows of the lattice over a mask's box; None where the plane passes it by."""
    box = mask.box
    if box is None:
        return None
    ends = [(float(each.start) - 1, float(each.stop)) for each in box[::-1]]
    corners = np.array([mask.grid.point((i, j, k)) for i in ends[0] for j in ends[1] for k in ends[2]]) - center
    away = corners @ np.cross(right, down)
    if away.min() > 0 or away.max() < 0:
        return None
    spread = [corners @ each / step for each in (right, down)]
    (left, width), (top, height) = ((int(np.floor(each.min())), int(np.ceil(each.max())) + 1) for each in spread)
    return (left, width), (top, height)
