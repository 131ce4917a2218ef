"""Values of a volume at any points of the patient, by linear interpolation of what is stored.

Planes are sampled by `render.planar`; this is for what is no plane: lines, rays and unrolled surfaces. As there,
padding is not interpolated with, what lies beyond the outer edges of the voxels is nothing, and between slices at
uneven distances values come from their true places; where slices are missing there is none.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid
from workstation.imaging.uneven import Uneven
from workstation.imaging.volume import is_padding

AT_ONCE: Final = 1 << 18
"""Points sampled together: what is worked out in between stays in the processor's cache."""


@dataclass(frozen=True, eq=False)
class AtPoints:
    """Stored values (float32) at points; of the masks `nothing` is outside or padding, `missing` not yet arrived or
    in a hole between uneven slices."""

    values: NDArray[np.float32]
    nothing: NDArray[np.bool_]
    missing: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        return ~(self.nothing | self.missing)


def at_points(
    stored: NDArray[Any],
    grid: Grid,
    points_lps: NDArray[np.float64],
    padding: tuple[float, float] | None = None,
    filled: NDArray[np.bool_] | None = None,
) -> AtPoints:
    """Sample `stored[k, j, i]`, which lies on `grid`, at points of shape (..., 3); the answer has shape (...).

    `stored` and `filled` may fill meanwhile: what was not there at the beginning is missing.
    """
    shape = points_lps.shape[:-1]
    flat = points_lps.reshape(-1, 3)
    found = AtPoints(np.zeros(len(flat), np.float32), np.zeros(len(flat), np.bool_), np.zeros(len(flat), np.bool_))
    waiting = filled.copy() if filled is not None and not filled.all() else None
    for start in range(0, len(flat), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        index = flat[part] @ grid.index_from_lps[:3, :3].T + grid.index_from_lps[:3, 3]
        if isinstance(grid, Uneven):
            found.missing[part] = grid.holes(index[:, 2])
            index[:, 2] = grid.images(index[:, 2])
        found.values[part], found.nothing[part], below = _sampled(stored, grid.size, index, padding)
        if waiting is not None:
            above = np.minimum(below + 1, len(waiting) - 1)
            found.missing[part] |= ~(waiting[below] & waiting[above])
    return AtPoints(found.values.reshape(shape), found.nothing.reshape(shape), found.missing.reshape(shape))


def _sampled(
    stored: NDArray[Any], size: tuple[int, int, int], index: NDArray[np.float64], padding: tuple[float, float] | None
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.intp]]:
    """Values and where there are none at (i, j, k) of shape (n, 3), and the slice below each."""
    last = np.asarray(size, dtype=np.float64) - 1
    nothing = np.any((index < -0.5 - 1e-9) | (index > last + 0.5 + 1e-9), axis=1)
    np.clip(index, 0.0, last, out=index)
    low = np.minimum(index.astype(np.intp), np.maximum(last.astype(np.intp) - 1, 0))
    share = (index - low).astype(np.float32)
    steps = np.array([1, size[0], size[0] * size[1]])
    reach = np.minimum(last.astype(np.intp), 1) * steps
    first = low @ steps
    voxels = stored.reshape(-1)
    corners = [voxels[first + np.dot(reach, corner)] for corner in product((0, 1), repeat=3)]
    values = _blended([each.astype(np.float32) for each in corners], share)
    met = _padded(corners, padding)
    if met is not None and met.any():
        nearest = voxels[first[met] + np.rint(share[met]).astype(np.intp) @ reach]
        values[met] = nearest
        nothing[met] |= _is_nothing(nearest, padding)
    return values, nothing, low[:, 2]


def _blended(corners: list[NDArray[np.float32]], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """Eight corners, (0, 0, 0) to (1, 1, 1) of (i, j, k) with the last counting fastest, blended by `share`."""
    for axis in (0, 1, 2):
        half = len(corners) // 2
        corners = [a + (b - a) * share[:, axis] for a, b in zip(corners[:half], corners[half:], strict=True)]
    return corners[0]


def _padded(corners: list[NDArray[Any]], padding: tuple[float, float] | None) -> NDArray[np.bool_] | None:
    if padding is None and corners[0].dtype.kind != "f":
        return None
    return np.asarray(np.logical_or.reduce([_is_nothing(each, padding) for each in corners]))


def _is_nothing(values: NDArray[Any], padding: tuple[float, float] | None) -> NDArray[np.bool_]:
    nothing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, np.bool_)
    return nothing if padding is None else nothing | is_padding(values, padding)
