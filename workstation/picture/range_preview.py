"""What a range of values would take, as a tint on the pictures of its series, before anything is taken.

It is worked out on what the screen shows: between voxels of values that were mixed. What is taken are stored voxels.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.drawing import Preview
from workstation.case.state import TileView
from workstation.imaging.fence import Fence
from workstation.imaging.geometry import Vec3
from workstation.imaging.view import ScreenPlane
from workstation.imaging.volume import Voxels
from workstation.render.planar import Sampled

STRENGTH: Final = 0.55


def tinted(
    rgb32: NDArray[np.uint32], sampled: Sampled, view: TileView, voxels: Voxels, screen: ScreenPlane
) -> NDArray[np.uint32]:
    """`rgb32` (height, width), a copy where anything is in the range."""
    preview = view.marks.preview
    if preview is None or view.display_set is None or voxels.is_colour or not _is_meant(preview, view):
        return rgb32
    slope, intercept = voxels.rescale.slope, voxels.rescale.intercept
    if slope == 0:
        return rgb32
    low, high = sorted(((preview.low - intercept) / slope, (preview.high - intercept) / slope))
    with np.errstate(invalid="ignore"):
        chosen = (sampled.values >= low) & (sampled.values <= high)
    for left_out in (sampled.nothing, sampled.missing):
        if left_out is not None:
            chosen &= ~left_out
    if preview.within is not None:
        chosen &= _near(screen, *preview.within)
    if preview.fence is not None:
        chosen &= preview.fence.on_screen(screen, _depth_mm(preview.fence, view))
    return _mixed(rgb32, chosen, preview.colour)


def _is_meant(preview: Preview, view: TileView) -> bool:
    return view.display_set is not None and view.display_set.series_instance_uid == preview.series_instance_uid


def _depth_mm(fence: Fence, view: TileView) -> float:
    """How deep a slice of the volume is along the direction that a limit was drawn in."""
    grid = view.display_set.grid if view.display_set is not None else None
    if grid is None:
        return 0.0
    return float(np.abs(np.asarray(grid.axes) @ np.asarray(fence.normal)) @ np.asarray(grid.spacing))


def _near(screen: ScreenPlane, center: Vec3, radius_mm: float) -> NDArray[np.bool_]:
    """Which pixels lie in a sphere."""
    x, y, away = screen.pixel(center)
    left = radius_mm**2 - away**2
    across = ((np.arange(screen.width) - x) / screen.px_per_mm) ** 2
    along = ((np.arange(screen.height) - y) / screen.px_per_mm) ** 2
    return np.asarray(across[None, :] + along[:, None] <= left)


def _mixed(rgb32: NDArray[np.uint32], chosen: NDArray[np.bool_], colour: tuple[int, int, int]) -> NDArray[np.uint32]:
    found = rgb32.copy()
    under = rgb32[chosen]
    mixed = np.full(under.shape, 0xFF000000, dtype=np.uint32)
    for shift, ink in zip((16, 8, 0), colour, strict=True):
        channel = (under >> np.uint32(shift) & np.uint32(0xFF)).astype(np.float32)
        mixed |= (channel + (ink - channel) * np.float32(STRENGTH)).astype(np.uint32) << np.uint32(shift)
    found[chosen] = mixed
    return found
