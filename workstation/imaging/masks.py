"""Which voxels of a grid belong to something: a value, kept in bits, slice by slice.

Each slice keeps the box of what is set in it and its bits. A mask made from another shares every slice it leaves as it
was, so that an undo history of thousands of strokes costs only the slices they touched.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid

Bools = NDArray[np.bool_]
Box = tuple[slice, slice, slice]
"""Where a part lies: slices of k, j and i."""

WORTH_SQUEEZING: Final = 256
"""Bytes from which a slice's bits are compressed: an organ then takes a tenth, and a slice opens in 0.1 ms."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The set voxels of one slice: `rows` and `columns` are half-open ranges, the smallest that hold them all.

    `bits` are the rows in turn, each filled up to whole bytes, the first column in the highest bit; squeezed by zlib
    where `squeezed` says so.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]
    bits: bytes
    squeezed: bool
    count: int

    @classmethod
    def of(cls, image: Bools, row: int = 0, column: int = 0) -> "Plane | None":
        """A slice from `image[j, i]`, whose first pixel is (row, column) of the slice; None when nothing is set."""
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        if not rows.size:
            return None
        top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        inner = image[top:bottom, left:right]
        bits = np.packbits(inner, axis=1).tobytes()
        squeezed = zlib.compress(bits, 1) if len(bits) >= WORTH_SQUEEZING else bits
        smaller = len(squeezed) < len(bits)
        return cls(
            rows=(row + top, row + bottom),
            columns=(column + left, column + right),
            bits=squeezed if smaller else bits,
            squeezed=smaller,
            count=int(np.count_nonzero(inner)),
        )

    def image(self) -> Bools:
        """The voxels of the box, shape (rows, columns)."""
        return np.unpackbits(self._packed, axis=1, count=self.columns[1] - self.columns[0]).view(np.bool_)

    def lay_line(self, line: Bools, axis: int, index: int) -> None:
        """Set in `line`, a row or column of the whole slice, what is set in row (`axis` 1) or column (0) `index`."""
        left, right = self.columns
        top, bottom = self.rows
        if axis == 1 and top <= index < bottom:
            line[left:right] = np.unpackbits(self._packed[index - top], count=right - left)
        elif axis == 0 and left <= index < right:
            byte, bit = divmod(index - left, 8)
            line[top:bottom] = self._packed[:, byte] >> (7 - bit) & 1

    @property
    def _packed(self) -> NDArray[np.uint8]:
        raw = zlib.decompress(self.bits) if self.squeezed else self.bits
        return np.frombuffer(raw, dtype=np.uint8).reshape(self.rows[1] - self.rows[0], -1)


@dataclass(frozen=True)
class Mask:
    """The voxels of one segment on a grid. `planes[k]` is slice k, None where nothing is set.

    Arrays are indexed [k, j, i], as everywhere (`imaging.geometry`).
    """

    grid: Grid
    planes: tuple[Plane | None, ...]

    def __post_init__(self) -> None:
        if len(self.planes) != self.grid.size[2]:
            raise ValueError(f"{len(self.planes)} slices for a grid of {self.grid.size[2]}")

    @classmethod
    def empty(cls, grid: Grid) -> "Mask":
        return cls(grid, (None,) * grid.size[2])

    @classmethod
    def of(cls, grid: Grid, array: NDArray[np.bool_]) -> "Mask":
        """From a whole array [k, j, i]; ValueError when its shape is not the grid's."""
        if array.shape != grid.size[::-1]:
            raise ValueError(f"an array of {array.shape} for a grid of {grid.size[::-1]}")
        return cls.part(grid, array, (0, 0, 0))

    @classmethod
    def part(cls, grid: Grid, array: NDArray[np.bool_], start: tuple[int, int, int]) -> "Mask":
        """From an array [k, j, i] whose first voxel is `start` (k, j, i) of the grid; all else is not set."""
        if any(first < 0 for first in start) or any(
            first + length > size for first, length, size in zip(start, array.shape, grid.size[::-1], strict=True)
        ):
            raise ValueError(f"an array of {array.shape} at {start} leaves a grid of {grid.size[::-1]}")
        planes: list[Plane | None] = [None] * grid.size[2]
        k, j, i = start
        for number in np.flatnonzero(array.any(axis=(1, 2))):
            planes[k + int(number)] = Plane.of(array[number].astype(bool, copy=False), j, i)
        return cls(grid, tuple(planes))

    def __bool__(self) -> bool:
        return any(plane is not None for plane in self.planes)

    @cached_property
    def count(self) -> int:
        """How many voxels are set."""
        return sum(plane.count for plane in self.planes if plane is not None)

    @property
    def volume_ml(self) -> float:
        """Voxels times the volume of one. A sheared grid's voxel is less than the product of its spacings."""
        return self.count * abs(float(np.linalg.det(self.grid.lps_from_index[:3, :3]))) / 1000

    @property
    def nbytes(self) -> int:
        """Bytes of what is kept; slices shared with other masks are counted here too."""
        return sum(len(plane.bits) + 150 for plane in self.planes if plane is not None) + 8 * len(self.planes)

    @cached_property
    def box(self) -> Box | None:
        """The smallest box that holds all that is set; None when nothing is."""
        there = [(k, plane) for k, plane in enumerate(self.planes) if plane is not None]
        if not there:
            return None
        return (
            slice(there[0][0], there[-1][0] + 1),
            slice(min(p.rows[0] for _, p in there), max(p.rows[1] for _, p in there)),
            slice(min(p.columns[0] for _, p in there), max(p.columns[1] for _, p in there)),
        )

    def boxed(self) -> tuple[Box, Bools]:
        """The smallest box that holds all, and its voxels [k, j, i]; of an empty mask an empty box."""
        box = self.box or (slice(0, 0), slice(0, 0), slice(0, 0))
        return box, self.within(box)

    def within(self, box: Box) -> Bools:
        """The voxels of a box within the grid, [k, j, i]."""
        ks, js, is_ = box
        found = np.zeros((ks.stop - ks.start, js.stop - js.start, is_.stop - is_.start), dtype=np.bool_)
        for number, plane in enumerate(self.planes[ks]):
            if plane is not None:
                _lay(plane, found[number], js.start, is_.start)
        return found

    def array(self) -> Bools:
        """All voxels of the grid, [k, j, i]."""
        i, j, k = self.grid.size
        return self.within((slice(0, k), slice(0, j), slice(0, i)))

    def plane(self, k: int) -> Bools:
        """Slice k whole, [j, i]."""
        image = np.zeros(self.grid.size[1::-1], dtype=np.bool_)
        kept = self.planes[k]
        if kept is not None:
            _lay(kept, image, 0, 0)
        return image

    def has(self, index: tuple[int, int, int]) -> bool:
        """Whether voxel (i, j, k) is set; outside the grid nothing is."""
        i, j, k = index
        plane = self.planes[k] if 0 <= k < len(self.planes) else None
        if plane is None or not (plane.rows[0] <= j < plane.rows[1] and plane.columns[0] <= i < plane.columns[1]):
            return False
        return bool(plane.image()[j - plane.rows[0], i - plane.columns[0]])

    def with_planes(self, images: Mapping[int, Bools]) -> "Mask":
        """This mask with whole slices [j, i] in the place of some; the others are shared."""
        planes = list(self.planes)
        for k, image in images.items():
            planes[k] = Plane.of(image)
        return Mask(self.grid, tuple(planes))

    def union(self, other: "Mask") -> "Mask":
        return self._both(other, _united)

    def minus(self, other: "Mask") -> "Mask":
        return self._both(other, _lessened)

    def intersect(self, other: "Mask") -> "Mask":
        return self._both(other, _shared)

    def _both(self, other: "Mask", work: Callable[[Plane | None, Plane | None], Plane | None]) -> "Mask":
        if other.grid != self.grid:
            raise ValueError("masks on different grids")
        return Mask(self.grid, tuple(map(work, self.planes, other.planes)))


def _lay(plane: Plane, image: Bools, row: int, column: int) -> None:
    """Writes a slice into an image that begins at (row, column) of it; what lies outside is left out."""
    height, width = image.shape
    top, bottom = max(plane.rows[0], row), min(plane.rows[1], row + height)
    left, right = max(plane.columns[0], column), min(plane.columns[1], column + width)
    if top < bottom and left < right:
        inner = plane.image()[
            top - plane.rows[0] : bottom - plane.rows[0], left - plane.columns[0] : right - plane.columns[0]
        ]
        image[top - row : bottom - row, left - column : right - column] = inner


def _opened(a: Plane, b: Plane) -> tuple[Bools, Bools, int, int]:
    """Both slices in the box of both, with its first row and column."""
    row, column = min(a.rows[0], b.rows[0]), min(a.columns[0], b.columns[0])
    shape = (max(a.rows[1], b.rows[1]) - row, max(a.columns[1], b.columns[1]) - column)
    images = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for plane, image in zip((a, b), images, strict=True):
        _lay(plane, image, row, column)
    return (*images, row, column)


def _united(a: Plane | None, b: Plane | None) -> Plane | None:
    if a is None or b is None or a == b:
        return a or b
    one, other, row, column = _opened(a, b)
    return Plane.of(one | other, row, column)


def _lessened(a: Plane | None, b: Plane | None) -> Plane | None:
    if a is None or b is None:
        return a
    if a == b:
        return None
    one, other, row, column = _opened(a, b)
    return Plane.of(one & ~other, row, column)


def _shared(a: Plane | None, b: Plane | None) -> Plane | None:
    if a is None or b is None:
        return None
    if a == b:
        return a
    one, other, row, column = _opened(a, b)
    return Plane.of(one & other, row, column)
