"""Unrolled pictures of voxels as RGB, sampled on stored values before the window as planes are."""

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.curved import Unrolled
from workstation.imaging.greyscale import Chain
from workstation.imaging.sampling import at_points
from workstation.imaging.volume import Voxels
from workstation.render.planar import Sampled, to_rgb32


def unrolled_rgb(voxels: Voxels, chain: Chain, picture: Unrolled) -> NDArray[np.uint32]:
    """0xffRRGGBB of each pixel, shape (rows, columns). ValueError for a set that is no volume or has colours."""
    grid = voxels.display_set.lattice
    if grid is None or voxels.is_colour:
        raise ValueError("lines are followed through volumes of one value each")
    found = at_points(voxels.stored, grid, picture.points(), voxels.padding, voxels.filled)
    return to_rgb32(Sampled(found.values, found.nothing, found.missing), chain)
