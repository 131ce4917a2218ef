"""The air inside a body: lungs, airways, bowel. Everything else is in the way of who looks at these in 3D."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.late import load_scipy

EVERY: Final = 4
"""Looked for in each fourth voxel along each axis: lungs are large."""

GROWN: Final = 1
"""Coarse voxels that are kept about it: walls and vessels at its edge belong to it."""

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
