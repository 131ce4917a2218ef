"""What a scene leaves of the voxels of a volume: without what was cut away, or only the air inside of a body.

Arrays are of stored values in a process of their own: what is written into them is seen by nobody else.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.inside import hull, inside_air, keep_hull, keep_inside
from workstation.imaging.scene import Cut, Scene
from workstation.imaging.transfer import Mode
from workstation.render.volume_memory import mapped

AIR_HU: Final = -400.0


@dataclass(frozen=True)
class Left:
    """What of the voxels a scene leaves: a volume is made anew for another."""

    cuts: tuple[Cut, ...]
    inside: bool
    nothing: float | None
    smooth: bool

    @classmethod
    def of(cls, scene: Scene, quick: bool) -> "Left":
        transfer = scene.in_force
        smooth = not quick and transfer.mode is Mode.COMPOSITE and transfer.shading is not None
        return cls(
            scene.cuts, transfer.inside, transfer.nothing if transfer.inside or scene.cuts else None, smooth
        )  # fmt: skip


def leave(stored: NDArray[Any], left: Left, rescale: tuple[float, float], scale: int) -> None:
    """Take away what is not left; only pages that are touched take memory."""
    slope, intercept = rescale
    if left.nothing is None:
        nothing = float(stored.min()) if left.cuts or left.inside else 0.0
    else:
        nothing = round((left.nothing - intercept) / slope)
    if left.inside:
        air = (AIR_HU - intercept) / slope
        kept = inside_air(stored, air)
        if left.nothing is None:
            keep_hull(stored, hull(stored, kept, air), nothing)
        else:
            keep_inside(stored, kept, nothing)
    for each in left.cuts:
        take_away(stored, mapped(each.mask)[::scale, ::scale, ::scale], nothing)


def take_away(stored: NDArray[Any], mask: NDArray[Any], nothing: float) -> None:
    """Give voxels under a mask a value that is not seen."""
    for image, gone in zip(stored, mask, strict=False):
        image[gone[: image.shape[0], : image.shape[1]] != 0] = nothing


def halved(stored: NDArray[Any]) -> NDArray[Any]:
    """Every two voxels along each axis as their mean; a last one that has no neighbour is left out."""
    slices, rows, columns = (max(each // 2, 1) for each in stored.shape)
    half = np.empty((slices, rows, columns), stored.dtype)
    wide = np.float32 if stored.dtype.kind == "f" else np.int32
    for k in range(slices):
        pair = stored[2 * k : 2 * k + 2, : 2 * rows, : 2 * columns].astype(wide).sum(axis=0)
        along = pair[0::2] + pair[1::2]
        total = along[:, 0::2] + along[:, 1::2]
        half[k] = total / 8 if wide is np.float32 else total // 8
    return half
