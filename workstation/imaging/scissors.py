"""What an outline drawn over a volume on the screen cuts out of it: all that is seen inside, however deep.

The outline is in pixels of the tile (as `camera` counts them); a voxel is seen where its centre is. What is cut is a
mask, so that it can be taken away (`minus`), kept alone (`intersect`) and taken back.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.camera import Camera
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Bools, Mask, Plane
from workstation.imaging.swept import encloses

Progress = Callable[[int, int], None]
Pixel = tuple[float, float]

FINER: Final = 2
"""The outline is filled in so many steps a pixel."""


def seen_inside(
    grid: Grid, camera: Camera, outline: Sequence[Pixel], width: int, height: int, progress: Progress
) -> Mask:
    """The voxels seen inside a closed outline of pixels (x, y) in a tile of `width` x `height`.

    Fewer than three points enclose nothing. What lies behind the eye is not seen. `progress` may raise to end it.
    """
    if len(outline) < 3:
        return Mask.empty(grid)
    origin, filled = _filled(np.asarray(outline, dtype=np.float64))
    across, down, depth = _projection(grid, camera, width, height)
    i, j = np.arange(grid.size[0]), np.arange(grid.size[1])[:, None]
    planes: list[Plane | None] = []
    for k in range(grid.size[2]):
        progress(k, grid.size[2])
        u, v, w = (row[0] * i + row[1] * j + (row[2] * k + row[3]) for row in (across, down, depth))
        planes.append(Plane.of(_looked_up(filled, origin, u, v, w)))
    return Mask(grid, tuple(planes))


def kept_whole(grid: Grid) -> Mask:
    """Everything: what cutting begins with."""
    image = np.ones(grid.size[1::-1], dtype=np.bool_)
    plane = Plane.of(image)
    return Mask(grid, (plane,) * grid.size[2])


def _filled(outline: NDArray[np.float64]) -> tuple[NDArray[np.float64], Bools]:
    """The first pixel of the outline's box, and which of its fine pixels [y, x] are inside."""
    origin = np.floor(outline.min(axis=0))
    columns, rows = (np.ceil(outline.max(axis=0) - origin).astype(int) + 1) * FINER
    x, y = np.meshgrid(origin[0] + np.arange(columns) / FINER, origin[1] + np.arange(rows) / FINER)
    return origin, encloses(outline, x.ravel(), y.ravel()).reshape(rows, columns)


def _projection(grid: Grid, camera: Camera, width: int, height: int) -> NDArray[np.float64]:
    """3 x 4: of an index (i, j, k, 1) the pixel (x, y) times w, and w, which is above nought before the eye."""
    focus, scale = np.asarray(camera.focus_lps), camera.px_per_mm(width, height)
    matrix = grid.lps_from_index[:3].copy()
    matrix[:, 3] -= focus
    right, up, ahead = (np.asarray(each) @ matrix for each in (camera.right, camera.up, camera.towards))
    weight = np.array([0.0, 0.0, 0.0, 1.0])
    if not camera.is_parallel:
        weight = weight + ahead / camera.distance_mm
    x = right * scale + weight * (width - 1) / 2
    y = -up * scale + weight * (height - 1) / 2
    return np.stack([x, y, weight])


def _looked_up(
    filled: Bools, origin: NDArray[np.float64], u: NDArray[np.float64], v: NDArray[np.float64], w: NDArray[np.float64]
) -> Bools:
    """Which voxels of a slice fall on filled pixels."""
    before = w > 1e-3
    safe = np.where(before, w, 1.0)
    x = np.rint((u / safe - origin[0]) * FINER)
    y = np.rint((v / safe - origin[1]) * FINER)
    there = before & (x >= 0) & (y >= 0) & (x < filled.shape[1]) & (y < filled.shape[0])
    found = np.zeros(there.shape, dtype=np.bool_)
    found[there] = filled[y[there].astype(np.intp), x[there].astype(np.intp)]
    return found
