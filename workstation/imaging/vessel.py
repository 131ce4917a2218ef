"""The way of a vessel between two points inside it: the cheapest one, held to the middle, as points to edit.

What lies under the two points says what the inside looks like; a step through it is the cheaper the farther from the
wall it lies. All of it happens in a box around both points, on as coarse a grid as keeps it small: bounded in memory
and time wherever somebody clicks. Only cells of the inside are searched: fast marching through the whole box takes
five times as long.
"""

import math
from collections.abc import Callable
from itertools import pairwise, product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Cancelled, Reason, Refused
from workstation.imaging.centerline import Centerline, centerline
from workstation.imaging.geometry import Grid, Vec3, vec
from workstation.imaging.late import load_scipy
from workstation.imaging.lumen import Block, lumen
from workstation.imaging.sampling import at_points

Floats = NDArray[np.float64]

MOST_CELLS: Final = 800_000
MARGIN_MM: Final = 35.0
"""How far a vessel may leave the box that its two points span."""
_MARGIN_SHARE: Final = 0.2
"""And by how much of the way between them more."""

_WAY_OUT_MM: Final = 4.0
"""A way may leave what looks like the inside for so long, as through a stent or a plaque."""

_ROUND: Final = 1.7
"""A vessel cut square is at most so much wider one way than the other; else the outline is not the vessel's alone."""

_SLOWEST: Final = 1e-3
_NOISE: Final = 2.5
"""From the median distance of values from their neighbours' mean to the spread of noise."""
_MANY_CELLS: Final = 400_000
"""Of more cells than this only steps along the grid are looked at, a fourth of all."""
_LEAD_IN_MM: Final = 6.0
_STRAYS_MM: Final = 0.4
"""How far the smooth line may lie beside the way that was found, before a point more is set."""
_EVERY_MM: Final = 40.0


def never() -> bool:
    return False


def vessel(block: Block, first_lps: Vec3, last_lps: Vec3, stopped: Callable[[], bool] = never) -> Centerline:
    """The line through the middle of what both points lie in. `stopped` is asked between its steps.

    Raises `Refused` with PAST_EDGE for a point outside, NO_PATH where no way stays inside, or NO_EXTENT for points
    that lie together; `Cancelled` when stopped.
    """
    load_scipy()
    for point in (first_lps, last_lps):
        if not block.grid.contains(point):
            raise Refused(Reason.PAST_EDGE, "the line")
    if math.dist(first_lps, last_lps) < 2 * max(block.grid.spacing):
        raise Refused(Reason.NO_EXTENT, "the line")
    box = _box(block.grid, first_lps, last_lps)
    inside = _inside(block, box, first_lps, last_lps)
    _go_on(stopped)
    way = _points(box, _cheapest(inside, box, _cell(box, first_lps), _cell(box, last_lps)))
    line = centerline(handles(_smooth(_inner(_inner(way, first_lps)[::-1], last_lps)[::-1], 3.0)))
    _go_on(stopped)
    return centered(block, line)


def centered(block: Block, line: Centerline) -> Centerline:
    """A line moved to the middle of what it runs in; as it is where that has no wall. Its ends stay in their planes."""
    load_scipy()
    from scipy.ndimage import median_filter

    for _ in range(2):
        try:
            found = lumen(block, line, every_mm=max(1.0, line.length_mm / 400))
        except Refused:
            return line
        trusted = found.measured & (found.most_mm < _ROUND * np.maximum(found.least_mm, 1.0))
        if trusted.mean() < 0.3:
            return line
        at, places = found.arcs_mm, np.array([line.place(arc).point_lps for arc in found.arcs_mm])
        shifts = np.array([np.interp(at, at[trusted], (found.centers_lps - places)[trusted, n]) for n in range(3)])
        # What opens to one side over a short way, a branch or a neighbour that touches, moves the line nowhere.
        width = min(len(at), 2 * round(float(np.median(found.effective_mm[trusted])) / (at[1] - at[0]) / 2) + 1)
        shifts = median_filter(shifts, size=(1, width), mode="nearest")
        smooth_mm = 1.5 + 0.1 * float(np.median(found.effective_mm[trusted]))
        line = centerline(handles(_smooth(places + shifts.T, smooth_mm)))
    return line


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Cancelled


def _box(grid: Grid, first_lps: Vec3, last_lps: Vec3) -> Grid:
    """A grid of even cells, along LPS, around both points: no finer than the voxels, no more than MOST_CELLS."""
    margin = MARGIN_MM + _MARGIN_SHARE * math.dist(first_lps, last_lps)
    corners = np.array([grid.point((i, j, k)) for i in (0, grid.size[0] - 1) for j in (0, grid.size[1] - 1)
                        for k in (0, grid.size[2] - 1)])  # fmt: skip
    low = np.maximum(np.minimum(first_lps, last_lps) - margin, corners.min(axis=0))
    high = np.minimum(np.maximum(first_lps, last_lps) + margin, corners.max(axis=0))
    extent = np.maximum(high - low, max(grid.spacing))
    step = max(min(grid.spacing), float(np.cbrt(extent.prod() / MOST_CELLS)))
    size = [max(3, int(each) + 1) for each in extent / step]
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    return Grid(vec(low), axes, (step, step, step), (size[0], size[1], size[2]))


def _cells_lps(box: Grid) -> Floats:
    """The middle of every cell, shape (k, j, i, 3)."""
    x, y, z = (start + np.arange(n) * box.spacing[0] for start, n in zip(box.origin_lps, box.size, strict=True))
    return np.stack(np.broadcast_arrays(x[None, None, :], y[None, :, None], z[:, None, None]), axis=-1)


def _inside(block: Block, box: Grid, first_lps: Vec3, last_lps: Vec3) -> NDArray[np.bool_]:
    """Which cells look like the inside. Raises `Refused` with NO_PATH where the two points look unlike each other."""
    load_scipy()
    from scipy.ndimage import gaussian_filter

    found = at_points(block.stored, block.grid, _cells_lps(box), block.padding)
    values = gaussian_filter(found.values, 0.6)
    seeds = [_cell(box, each) for each in (first_lps, last_lps)]
    noise = float(np.median(abs(values - gaussian_filter(values, 1.0)))) * _NOISE
    levels, ranges = zip(*(_range(values, seed, noise, box) for seed in seeds), strict=True)
    if any(not low < level < high for level, (low, high) in zip(levels, reversed(ranges), strict=True)):
        raise Refused(Reason.NO_PATH, "the vessel")
    low, high = min(each[0] for each in ranges), max(each[1] for each in ranges)
    return np.asarray((values > low) & (values < high) & found.known)


def _range(
    values: NDArray[np.float32], seed: tuple[int, int, int], noise: float, box: Grid
) -> tuple[float, tuple[float, float]]:
    """The value at a seed, and from where to where values are nearer to it than half way to what is around it."""
    around = values[_around(seed, max(3, round(25.0 / box.spacing[0])), values.shape)].ravel()
    level, room = float(np.median(values[_around(seed, 1, values.shape)])), 3 * max(noise, 1.0)
    darker, brighter = around[around < level - room], around[around > level + room]
    if not darker.size and not brighter.size:
        return level, (level - room, level + room)
    # Of what surrounds it on the larger side, the part that is most like it.
    beside = float(np.percentile(darker, 75) if darker.size > brighter.size else np.percentile(brighter, 25))
    reach = max(room, abs(level - beside) / 2)
    return level, (level - reach, level + reach)


def _cheapest(
    inside: NDArray[np.bool_], box: Grid, first: tuple[int, int, int], last: tuple[int, int, int]
) -> list[tuple[int, int, int]]:
    """Cells of the cheapest way. Raises `Refused` with NO_PATH where there is none."""
    load_scipy()
    from scipy.ndimage import binary_dilation, distance_transform_edt, label
    from scipy.sparse.csgraph import dijkstra

    inside[first] = inside[last] = True
    wide = binary_dilation(inside, iterations=max(1, round(_WAY_OUT_MM / 2 / box.spacing[0])))
    connected = label(wide)[0]
    if connected[first] != connected[last]:
        raise Refused(Reason.NO_PATH, "the vessel")
    wide = connected == connected[first]
    deep = distance_transform_edt(inside).astype(np.float32) * np.float32(box.spacing[0])
    # Twelve millimetres from the wall are the middle of a large vessel; a chamber of the heart is not preferred to it.
    cost = 1 / np.where(inside, 0.02 + (np.minimum(deep, 12.0) / 12.0) ** 2, _SLOWEST)
    numbers = np.full(wide.shape, -1, np.int32)
    numbers[wide] = np.arange(np.count_nonzero(wide), dtype=np.int32)
    before = dijkstra(_steps(numbers, cost), directed=False, indices=int(numbers[first]), return_predecessors=True)[1]
    way = [int(numbers[last])]
    while way[-1] != numbers[first]:
        way.append(int(before[way[-1]]))
    cells = np.argwhere(wide)[way[::-1]]
    return [(int(k), int(j), int(i)) for k, j, i in cells]


def _steps(numbers: NDArray[np.int32], cost: NDArray[np.float64]) -> Any:
    """What each step between neighbouring cells costs, as a sparse matrix over the cells that have a number."""
    load_scipy()
    from scipy.sparse import coo_matrix

    count = int(numbers.max()) + 1
    ways = [each for each in product((-1, 0, 1), repeat=3) if each > (0, 0, 0)]
    if count > _MANY_CELLS:
        ways = [each for each in ways if sum(map(abs, each)) == 1]
    rows, columns, costs = [], [], []
    for way in ways:
        here, there = zip(*(_shifted(step) for step in way), strict=True)
        both = (numbers[here] >= 0) & (numbers[there] >= 0)
        rows.append(numbers[here][both])
        columns.append(numbers[there][both])
        costs.append((cost[here][both] + cost[there][both]) * (math.sqrt(sum(map(abs, way))) / 2))
    flat = [np.concatenate(each) for each in (costs, rows, columns)]
    return coo_matrix((flat[0], (flat[1], flat[2])), shape=(count, count)).tocsr()


def _shifted(step: int) -> tuple[slice, slice]:
    """Along one axis: the cells a step begins at, and those it leads to."""
    if step > 0:
        return slice(None, -1), slice(1, None)
    return (slice(1, None), slice(None, -1)) if step < 0 else (slice(None), slice(None))


def _around(cell: tuple[int, int, int], reach: int, shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(max(0, at - reach), min(size, at + reach + 1)) for at, size in zip(cell, shape, strict=True))


def _cell(box: Grid, point_lps: Vec3) -> tuple[int, int, int]:
    """The cell (k, j, i) that a point lies in, or the nearest one."""
    index = [round(min(max(at, 0.0), size - 1.0)) for at, size in zip(box.index(point_lps), box.size, strict=True)]
    return index[2], index[1], index[0]


def _points(box: Grid, cells: list[tuple[int, int, int]]) -> Floats:
    return np.array([box.point((i, j, k)) for k, j, i in cells])


def _inner(way: Floats, click_lps: Vec3) -> Floats:
    """The way without its beginning, which leads from a click beside the middle into it: straight on instead."""
    arcs = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1))))
    begin = int(np.searchsorted(arcs, min(_LEAD_IN_MM, arcs[-1] / 4)))
    on = int(np.searchsorted(arcs, min(2 * _LEAD_IN_MM, arcs[-1] / 2)))
    direction = way[begin] - way[on]
    direction /= np.linalg.norm(direction)
    lead = max(0.0, float((np.asarray(click_lps) - way[begin]) @ direction))
    return np.concatenate(((way[begin] + lead * direction)[None], way[begin:]))


def _smooth(way: Floats, sigma_mm: float) -> Floats:
    """The way without the steps of its cells, at even distances of a millimetre."""
    load_scipy()
    from scipy.ndimage import gaussian_filter1d

    arcs = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1))))
    keep = np.concatenate(([True], np.diff(arcs) > 1e-9))
    even = np.linspace(0.0, arcs[-1], max(4, round(arcs[-1]) + 1))
    points = np.stack([np.interp(even, arcs[keep], way[keep, axis]) for axis in range(3)], axis=1)
    # Mirrored through the ends, so that they neither shrink nor bend.
    pad = min(len(points) - 1, 12)
    wide = np.concatenate((2 * points[0] - points[pad:0:-1], points, 2 * points[-1] - points[-2 : -pad - 2 : -1]))
    return np.asarray(gaussian_filter1d(wide, sigma_mm, axis=0))[pad : pad + len(points)]


def handles(way: Floats, strays_mm: float = _STRAYS_MM) -> list[Vec3]:
    """As few points of a way, (n, 3), as keep the smooth line through them near it: what a hand can edit."""
    load_scipy()
    from scipy.spatial import cKDTree

    chosen = sorted({0, *range(0, len(way) - 1, max(1, round(_EVERY_MM))), len(way) - 1})
    if len(chosen) > 2 and chosen[-1] - chosen[-2] < _EVERY_MM / 2:
        del chosen[-2]
    for _ in range(8):
        line = centerline([vec(way[n]) for n in chosen])
        away = cKDTree(line.points_lps).query(way)[0]
        away[chosen] = 0.0
        worst = [a + int(np.argmax(away[a : b + 1])) for a, b in pairwise(chosen)]
        beside = [n for n in worst if away[n] > strays_mm]
        if not beside:
            break
        chosen = sorted({*chosen, *beside})
    return [vec(way[n]) for n in chosen]
