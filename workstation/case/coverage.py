"""Which anatomy was on the screen: an account of what was painted, in any plane, image by image.

What counts, and why:

* The pixels of each image are divided into blocks of at least 4 x 4. A block was on the screen when a picture went
  through it: the image itself as a stack, or any plane cut through its volume. So an axial series read in sagittal
  planes alone comes out right: one plane marks one row of blocks in all images, all planes together mark everything.
  Four pixels are some 3 mm of a CT, as thick as planes are read that are cut through volumes.
* An image was seen when three quarters of its blocks were: readers zoom to the body, and the rim is mostly air.
* A picture counts once it stood for 25 ms: less than one and a half refreshes of a usual screen may never have been
  lit. Held keys and films at 30 images a second count; what the eye took in is nobody's to measure.
* What a drag or a fast wheel jumped over was never painted, so it does not count (safety.md 11). Nor does what has
  not been loaded yet, nor a picture with fewer than one screen pixel for four pixels of the image.

The blocks an oblique plane passes through take some milliseconds to find: who gives a `Coverage` a `Counter` has that
done elsewhere, and only the answer is noted here. A picture that a counter drops is an image less, never one more.

Positions are not compared between series: an axial and a coronal series of one head are two things to be read.
The account is private: it lives in memory as long as the study is open.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid
from workstation.imaging.uneven import Uneven
from workstation.imaging.view import ScreenPlane

LEAST_S: Final = 0.025
COUNTED: Final = math.inf
"""In place of since when a picture stands: it counts once."""

LEAST_ZOOM: Final = 0.25
"""Screen pixels for one pixel of the image."""

SEEN_SHARE: Final = 0.75
SMALLEST_BLOCK: Final = 4
MOST_BLOCKS: Final = 128
"""Along one side of an image; blocks of large images are larger."""

MOST_NAMED: Final = 5
"""Series in the sentence."""


Blocks = NDArray[np.int64]
"""Numbers of blocks of one set, each once: (image * block rows + block row) * block columns + block column."""

Counter = Callable[[Hashable, Callable[[], Blocks], Callable[[Blocks], None]], None]
"""`counter(place, find, note)`: have `note(find())` happen for what stood at a place. `find` may run on any thread,
`note` on the main thread alone; only the newest of a place need be found."""


@dataclass(frozen=True)
class Showing:
    """A picture on the screen: image `image` of a set as a stack, or with None the plane `screen` cut through it.

    `filled[k]` says whether image k was loaded when the picture was made.
    """

    key: str
    image: int | None
    screen: ScreenPlane
    filled: NDArray[np.bool_]

    def goes_on(self, before: "Showing") -> bool:
        """Whether the same anatomy stays on the screen, as while somebody drags its window."""
        same = (self.key, self.image, self.screen) == (before.key, before.image, before.screen)
        return same and np.array_equal(self.filled, before.filled)


class _Account:
    """The blocks of one set: `seen[k, a, b]`."""

    def __init__(self, display_set: DisplaySet) -> None:
        rows, columns = display_set.pixels.Rows, display_set.pixels.Columns
        self.set = display_set
        self.block = max(SMALLEST_BLOCK, math.ceil(max(rows, columns) / MOST_BLOCKS))
        self._middles = _middles(rows, self.block), _middles(columns, self.block)
        self.seen = np.zeros((len(display_set.images), *map(len, self._middles)), dtype=np.bool_)
        self.counts = np.zeros(len(display_set.images), dtype=np.int64)

    @property
    def images(self) -> NDArray[np.bool_]:
        """Which images were seen."""
        per_image = self.seen.shape[1] * self.seen.shape[2]
        return np.asarray(self.counts >= SEEN_SHARE * per_image)

    def with_seen(self, other: "_Account") -> "_Account":
        """This one, with what another account of some of its images has."""
        if self.seen.shape[1:] == other.seen.shape[1:]:
            seen = [(int(n), other.set.images[n]) for n in np.flatnonzero(other.counts)]
            places = {n: self.set.places.get((ref.instance.SOPInstanceUID, ref.frame), -1) for n, ref in seen}
            kept = [number for number, place in places.items() if place >= 0]
            to = [places[number] for number in kept]
            self.seen[to], self.counts[to] = other.seen[kept], other.counts[kept]
        return self

    def add(self, showing: Showing, count: Callable[[Callable[[], Blocks], Callable[[Blocks], None]], None]) -> None:
        grid = self._grid(showing)
        if grid is None or _zoom(grid, showing.screen) < LEAST_ZOOM:
            return
        if showing.image is not None:
            if showing.filled[showing.image]:
                first, last = self._corners(grid, showing.screen)
                self._mark_box((showing.image, *first[1:]), (showing.image + 1, *last[1:]))
        elif through := _layers_of(grid, showing.screen):
            self._mark_layer(grid, showing, through[0])
        else:
            count(partial(_passed_through, grid, showing, self.block, self.seen.shape), self._mark)

    def _grid(self, showing: Showing) -> Grid | None:
        return self.set.lattice if showing.image is None else self.set.image_grid(showing.image)

    def _corners(self, grid: Grid, screen: ScreenPlane) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """First and one past the last (image, block row, block column) that the corners of the screen lie in."""
        edges = [
            grid.index(screen.point(x, y)) for x in (-0.5, screen.width - 0.5) for y in (-0.5, screen.height - 0.5)
        ]
        low, high = np.min(edges, axis=0) - 1e-6, np.max(edges, axis=0) + 1e-6
        ranges = [
            (int(np.searchsorted(middles, low[axis])), int(np.searchsorted(middles, high[axis], "right")))
            for axis, middles in zip((2, 1, 0), (np.arange(grid.size[2]), *self._middles), strict=True)
        ]
        return tuple(each[0] for each in ranges), tuple(each[1] for each in ranges)

    def _mark_layer(self, grid: Grid, showing: Showing, through: int) -> None:
        """A plane along the volume's own axes marks a box one voxel thick along axis `through`."""
        screen = showing.screen
        index = round(grid.index(screen.point(screen.width / 2, screen.height / 2))[through])
        if not 0 <= index < grid.size[through]:
            return
        first, last = (list(each) for each in self._corners(grid, screen))
        place, thick = 2 - through, 1 if through == 2 else self.block
        first[place], last[place] = index // thick, index // thick + 1
        self._mark_box(first, last, showing.filled)

    def _mark_box(self, first: Sequence[int], last: Sequence[int], filled: NDArray[np.bool_] | None = None) -> None:
        images = slice(first[0], last[0])
        part = self.seen[images, first[1] : last[1], first[2] : last[2]]
        fresh = ~part
        if filled is not None:
            fresh &= filled[images, None, None]
        self.counts[images] += fresh.sum(axis=(1, 2))
        part |= fresh

    def _mark(self, blocks: Blocks) -> None:
        seen = self.seen.reshape(-1)
        fresh = blocks[~seen[blocks]]
        seen[fresh] = True
        per_image = self.seen.shape[1] * self.seen.shape[2]
        self.counts += np.bincount(fresh // per_image, minlength=len(self.counts))


def _layers_of(grid: Grid, screen: ScreenPlane) -> tuple[int, ...]:
    """The axis (i, j, k) of the volume that a plane is one layer of; empty for an oblique plane."""
    directions = np.abs(grid.index_from_lps[:3, :3] @ np.array([screen.step_right, screen.step_down]).T)
    moved = directions * (screen.width, screen.height)  # voxels along (i, j, k) across the screen
    through = tuple(axis for axis in range(3) if moved[axis].max() < 0.5)
    return through if len(through) == 1 else ()


def _passed_through(grid: Grid, showing: Showing, block: int, shape: tuple[int, ...]) -> Blocks:
    """The blocks of loaded images that an oblique plane passes through: two points for each, along and across.

    `shape` counts the blocks of the set (images, rows, columns). Reads what it is given alone: for any thread. In
    single precision, since pictures of a plane that is turned come thirty times a second.
    """
    screen = showing.screen
    step = max(1.0, _zoom(grid, screen) * SMALLEST_BLOCK / 2)
    across = np.arange(0, screen.width, step), np.arange(0, screen.height, step)
    slopes = grid.index_from_lps[:3, :3] @ np.array([screen.step_right, screen.step_down]).T
    base = grid.index_from_lps[:3] @ np.array([*screen.origin_lps, 1.0])
    i, j, k = (
        (along_x * across[0] + at).astype(np.float32) + (along_y * across[1]).astype(np.float32)[:, None]
        for (along_x, along_y), at in zip(slopes, base, strict=True)
    )
    if isinstance(grid, Uneven):
        k = grid.images(k.astype(np.float64)).astype(np.float32)
    inside = np.ones(k.shape, dtype=np.bool_)
    for index, size in zip((i, j, k), grid.size, strict=True):
        index += 0.5
        inside &= (index >= 0) & (index < size)
    image = k[inside].astype(np.int64)
    row, column = ((each[inside] / block).astype(np.int64) for each in (j, i))
    flat = (image * shape[1] + row) * shape[2] + column
    return _each_once(flat[showing.filled[image]])


def _each_once(numbers: Blocks) -> Blocks:
    """In order. Most that are alike lie side by side; the rest is sorted, in a third of the time `np.unique` takes."""
    apart = np.sort(numbers[np.flatnonzero(np.diff(numbers, prepend=-1))])
    return apart[np.flatnonzero(np.diff(apart, prepend=-1))]


def _on_the_spot(place: Hashable, find: Callable[[], Blocks], note: Callable[[Blocks], None]) -> None:
    note(find())


def _middles(size: int, block: int) -> NDArray[np.float64]:
    """The middle of each block along an image, in pixels; a last one that is cut off has its middle in the image."""
    return np.asarray(np.minimum((np.arange(math.ceil(size / block)) + 0.5) * block - 0.5, size - 1.0))


def _zoom(grid: Grid, screen: ScreenPlane) -> float:
    return screen.px_per_mm * min(grid.spacing[:2])


class Coverage:
    """The account of one open case. Times are seconds of any steady clock. For the main thread.

    What a `counter` finds after the case has grown is no longer noted: what still stands then is counted anew.
    """

    def __init__(self, sets: Mapping[str, DisplaySet], counter: Counter = _on_the_spot) -> None:
        self._sets, self._counter = sets, counter
        self._accounts: dict[str, _Account] = {}
        self._on_screen: dict[Hashable, tuple[Showing, float]] = {}

    def painted(self, place: Hashable, showing: Showing | None, now_s: float) -> None:
        """A picture came to a place of the screen, or None: what stood there is gone."""
        before = self._on_screen.pop(place, None)
        if before is not None and showing is not None and showing.goes_on(before[0]):
            self._on_screen[place] = before
            return
        if before is not None:
            self._settle(place, *before, now_s)
        if showing is not None and showing.key in self._sets:
            self._on_screen[place] = (showing, now_s)

    def cleared(self, now_s: float) -> None:
        """Nothing is on the screen any more."""
        for place in tuple(self._on_screen):
            self.painted(place, None, now_s)

    def settle(self, now_s: float) -> None:
        """Count what still stands on the screen and has stood there long enough."""
        for place, (showing, since_s) in tuple(self._on_screen.items()):
            if self._settle(place, showing, since_s, now_s):
                self._on_screen[place] = (showing, COUNTED)

    def _settle(self, place: Hashable, showing: Showing, since_s: float, now_s: float) -> bool:
        """Whether it stood long enough, and is counted now."""
        if now_s - since_s < LEAST_S:
            return False
        if showing.key not in self._accounts:
            self._accounts[showing.key] = _Account(self._sets[showing.key])
        self._accounts[showing.key].add(showing, partial(self._counter, (place, showing.key)))
        return True

    def renew(self, sets: Mapping[str, DisplaySet]) -> None:
        """The case has grown: what was seen of an image stays seen, whatever its number is by now."""
        self._on_screen.clear()
        accounts, self._accounts, self._sets = self._accounts, {}, sets
        for key, account in accounts.items():
            if key in sets:
                self._accounts[key] = account if account.set is sets[key] else _Account(sets[key]).with_seen(account)

    def images(self, key: str) -> NDArray[np.bool_]:
        """Which images of a set were seen."""
        if key in self._accounts:
            return self._accounts[key].images
        return np.zeros(len(self._sets[key].images), dtype=np.bool_)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._sets)


def fractions(coverage: Coverage) -> dict[str, tuple[int, int]]:
    """Of each set how many images were seen, and how many there are."""
    return {key: (int(np.count_nonzero(seen := coverage.images(key))), len(seen)) for key in coverage.keys}


def runs(seen: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """The seen images as runs: first and last of each, from 0."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], seen.astype(np.int8), [0]))))
    return tuple((int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True))


def unseen_sentence(coverage: Coverage, sets: Mapping[str, DisplaySet]) -> str:
    """What was not on the screen, to be read before a study is called read; empty when all was. It blocks nothing."""
    missing = [(key, total - seen, total) for key, (seen, total) in fractions(coverage).items() if seen < total]
    parts = [f"{_how_many(left, total)} of {_name(sets[key])}" for key, left, total in missing[:MOST_NAMED]]
    if len(missing) > MOST_NAMED:
        parts.append(f"and images of {len(missing) - MOST_NAMED} more series")
    return f"Not on the screen yet: {'; '.join(parts)}." if parts else ""


def _how_many(left: int, total: int) -> str:
    if left == total:
        return "the only image" if total == 1 else f"all {total} images"
    return f"{left} of {total} images"


def _name(display_set: DisplaySet) -> str:
    first = display_set.first
    number = "a series" if first.SeriesNumber is None else f"series {first.SeriesNumber}"
    return f"{number} ({first.SeriesDescription})" if first.SeriesDescription else number
