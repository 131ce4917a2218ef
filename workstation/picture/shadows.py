"""Segments on a rotating MIP: the shadow that each throws on the side that is shown, as outlines in device pixels.

A MIP has no depth: what is outlined lies somewhere behind its outline, and may lie behind other things.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workstation.case.drawing_tools import space_of
from workstation.case.state import TileView
from workstation.imaging.geometry import Grid
from workstation.imaging.late import load_scipy
from workstation.imaging.mask_outline import outlines
from workstation.imaging.masks import Mask
from workstation.imaging.view import ScreenPlane
from workstation.paint.regions import Region

Floats = NDArray[np.float64]


def shadow_regions(view: TileView, screen: ScreenPlane) -> tuple[Region, ...]:
    """The segments in the space of a tile that turns, outlined and hardly filled: the picture stays to be read."""
    if view.display_set is None or view.tile.turning is None:
        return ()
    space, found = space_of(view.display_set, 0), []
    for segment in view.marks.segments:
        if space is None or segment.frame_of_reference_uid != space:
            continue
        loops = tuple(screen.pixels(each)[:, :2] + 0.5 for each in _shadow(segment.mask, view.grid))
        if loops:
            chosen = segment.tracking_uid == view.marks.segment
            other = segment.study_instance_uid != view.display_set.study_instance_uid
            found.append(Region(segment.tracking_uid, loops, segment.colour, 0.0, chosen, dashed=other))
    return tuple(found)


@lru_cache(maxsize=2048)
def _shadow(mask: Mask, side: Grid) -> tuple[Floats, ...]:
    """Outlines of a mask seen from the side that the picture `side` lies in, as points (LPS), each (n, 3)."""
    load_scipy()
    from scipy import ndimage

    box, inside = mask.boxed()
    if not inside.size:
        return ()
    index = np.argwhere(inside)[:, ::-1] + np.array([each.start for each in reversed(box)])
    matrix = side.index_from_lps @ mask.grid.lps_from_index
    flat = np.rint(index @ matrix[:2, :3].T + matrix[:2, 3]).astype(int)
    corner = flat.min(axis=0) - 2
    picture = np.zeros((flat - corner).max(axis=0)[::-1] + 3, np.bool_)
    picture[tuple((flat - corner)[:, ::-1].T)] = True
    # Rays are closer to each other than voxels are: between two of these there may be columns that none fell on.
    wide = max(1, int(np.ceil(max(mask.grid.spacing[:2]) * 1.42 / side.spacing[0])))
    picture = ndimage.binary_closing(picture, np.ones((1, 2 * (wide // 2) + 1), np.bool_))
    loops = (loop + corner for loop in outlines(np.asarray(picture)))
    lifted = (np.column_stack([loop, np.zeros(len(loop))]) for loop in loops)
    return tuple(points @ side.lps_from_index[:3, :3].T + side.lps_from_index[:3, 3] for points in lifted)
