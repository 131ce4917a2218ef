"""The air inside a body: lungs, airways, bowel. Everything else is in the way of who looks at these in 3D."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.late import load_scipy

EVERY: Final = 4
"""Looked for in each fourth voxel along each axis: lungs are large."""

GROWN: Final = 1
"""Coarse voxels that are kept about it: walls and vessels at its edge belong to it."""

HALF: Final = 2
"""The hull of lungs has one place for so many voxels along rows and columns."""

CLOSED: Final = 10
"""Places of the hull: what lies at the wall and is less than twice as wide, a vessel or a nodule, belongs to it."""

LEAST: Final = 64
"""Coarse voxels that hang together; less is noise, or a bubble."""


def inside_air(stored: NDArray[Any], air_below: float) -> NDArray[np.bool_]:
    """Where air is inside a body, with a rim, in each EVERY-th voxel (k, j, i) of `stored[k, j, i]`.

    Air is what is below a stored value; what hangs together with the sides of the images is outside. The first and last
    image are no sides: the windpipe leaves through them.
    """
    load_scipy()
    from scipy import ndimage

    air = stored[::EVERY, ::EVERY, ::EVERY] < air_below
    parts, count = ndimage.label(air)
    outside = np.zeros(count + 1, np.bool_)
    for side in (parts[:, 0], parts[:, -1], parts[:, :, 0], parts[:, :, -1]):
        outside[np.unique(side)] = True
    sizes = np.bincount(parts.reshape(-1), minlength=count + 1)
    kept = ~outside & (sizes >= LEAST)
    kept[0] = False
    around = ndimage.generate_binary_structure(3, 3)
    return np.asarray(ndimage.binary_dilation(kept[parts], around, iterations=GROWN), dtype=np.bool_)


def keep_inside(stored: NDArray[Any], kept: NDArray[np.bool_], filling: float) -> None:
    """Give every voxel that lies in none of the coarse ones that are kept another value, image by image."""
    rows, columns = stored.shape[1:]
    for k, image in enumerate(stored):
        coarse = kept[min(k // EVERY, len(kept) - 1)]
        fine = np.repeat(np.repeat(coarse, EVERY, axis=0), EVERY, axis=1)[:rows, :columns]
        image[~fine] = filling


def hull(stored: NDArray[Any], kept: NDArray[np.bool_], air_below: float) -> NDArray[np.bool_]:
    """The air of `kept` with the vessels in it and without its outermost layer, where it passes into the wall.

    One place for HALF voxels along rows and columns, and one for each image. Values at the wall are those of small
    vessels: with them the lungs would lie in a shell that hides what is in them.
    """
    load_scipy()
    from scipy import ndimage

    rows, columns = (-(-size // HALF) for size in stored.shape[1:])
    whole = np.zeros((len(stored), rows, columns), np.bool_)
    for k, image in enumerate(stored):
        coarse = kept[min(k // EVERY, len(kept) - 1)]
        if coarse.any():
            near = np.repeat(np.repeat(coarse, EVERY // HALF, axis=0), EVERY // HALF, axis=1)[:rows, :columns]
            air = (image[::HALF, ::HALF] < air_below) & near
            whole[k] = _closed(air)
    inner = np.zeros_like(whole)
    for k in range(1, len(whole) - 1):
        if whole[k].any():
            inner[k] = ndimage.binary_erosion(whole[k] & whole[k - 1] & whole[k + 1])
    return inner


def _closed(air: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """One image's air, each part by itself with what discs of CLOSED places bridge: never what lies between lungs."""
    from scipy import ndimage

    closed = np.zeros_like(air)
    parts, _ = ndimage.label(air)
    for number, place in enumerate(ndimage.find_objects(parts), start=1):
        part = np.pad(parts[place] == number, CLOSED + 1)
        wide = ndimage.distance_transform_edt(~part) <= CLOSED
        whole = ndimage.binary_fill_holes(ndimage.distance_transform_edt(wide) > CLOSED)
        closed[place] |= whole[CLOSED + 1 : -CLOSED - 1, CLOSED + 1 : -CLOSED - 1]
    return closed


def keep_hull(stored: NDArray[Any], kept: NDArray[np.bool_], filling: float) -> None:
    """Give every voxel outside of a hull another value, image by image."""
    rows, columns = stored.shape[1:]
    for image, inner in zip(stored, kept, strict=True):
        fine = np.repeat(np.repeat(inner, HALF, axis=0), HALF, axis=1)[:rows, :columns]
        image[~fine] = filling
