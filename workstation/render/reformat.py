"""The pictures of a series of planes, one after the other: stored values, and where there is no image."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.reformat import Reformat
from workstation.imaging.view import Interpolation
from workstation.imaging.volume import Voxels
from workstation.render.planar import sample


def pictures(voxels: Voxels, order: Reformat) -> Iterator[tuple[NDArray[Any], NDArray[np.bool_] | None]]:
    """Each image of `order`: values (rows, columns) as the block stores them, and a mask of what is no image: outside,
    padding, or where slices at uneven distances have others missing between them.

    What is given holds until the next one is asked for. ValueError for a set that is no volume.
    """
    grid = voxels.display_set.lattice
    if grid is None:
        raise ValueError("planes are cut out of volumes")
    for image in range(order.grid.size[2]):
        found = sample(
            voxels.stored,
            grid,
            order.screen(image),
            Interpolation.LINEAR,
            voxels.padding,
            slab=order.slab,
            blocks=voxels.padded,
        )
        holes = found.missing
        if found.nothing is not None and holes is not None:
            holes = holes | found.nothing
        yield found.values, found.nothing if holes is None else holes
