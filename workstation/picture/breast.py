"""What a mammogram shows is used for its own picture: nipples are levelled, and air stays black when it is inverted."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.state import TileView
from workstation.imaging.breast import Breast, find_breast
from workstation.imaging.geometry import Grid, vec
from workstation.imaging.greyscale import BLACK, Chain
from workstation.imaging.view import Interpolation, Plane, ScreenPlane
from workstation.imaging.volume import Voxels
from workstation.render.planar import Sampled, sample

BRIGHT: Final = 128
"""Air of this grey or a lighter one is painted black."""


def breast_of(view: TileView, voxels: Voxels) -> Breast | None:
    """What is found in the mammogram on screen; None for other pictures, and while it is not there."""
    image = view.tile.image
    mammogram = view.display_set is not None and view.display_set.first.Modality == "MG"
    if not mammogram or view.tile.orientation is not None or voxels.is_colour or not voxels.filled[image]:
        return None
    if voxels.display_set.key != (view.display_set and view.display_set.key):
        return None
    if image not in voxels.breasts:
        voxels.breasts[image] = find_breast(voxels.stored[image])
    return voxels.breasts[image]


def plane_of(view: TileView, voxels: Voxels | None) -> Plane:
    """Where the tile looks, with the height of the nipple where it is framed by that."""
    if view.tile.framing.placing.level is None or voxels is None:
        return view.plane
    breast = breast_of(view, voxels)
    if breast is None or breast.nipple is None:
        return view.plane
    return replace(view.plane, level_mm=(breast.nipple - 0.5) * view.plane.size_mm[1])


def air_kept_black(
    rgb32: NDArray[np.uint32],
    view: TileView,
    voxels: Voxels,
    chain: Chain | None,
    sampled: Sampled,
    screen: ScreenPlane,
) -> NDArray[np.uint32]:
    """The picture with the air around the breast black, where it would be light (IHE mammography image profile)."""
    breast = breast_of(view, voxels) if chain is not None else None
    if chain is None or breast is None:
        return rgb32
    if int(chain.grey(np.array([breast.level], voxels.stored.dtype))[0]) < BRIGHT:
        return rgb32
    grid = _thinned(view.grid, breast)
    around = sample(breast.air.view(np.uint8)[None], grid, screen, Interpolation.NEAREST).values != 0
    air = around & (np.abs(sampled.values.astype(np.float32) - breast.level) <= breast.tolerance)
    return np.where(air, BLACK, rgb32)


def _thinned(grid: Grid, breast: Breast) -> Grid:
    """The grid of every `step`-th pixel of an image."""
    rows, columns = breast.air.shape
    spacing = vec([grid.spacing[0] * breast.step, grid.spacing[1] * breast.step, grid.spacing[2]])
    return Grid(grid.origin_lps, grid.axes, spacing, (columns, rows, 1))
