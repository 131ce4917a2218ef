"""What lies round an image that is shown dark on light: light too, so that the words on it are dark all over (look.md).

It is a grey that no background of the image has: where the voxels end stays visible.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.state import TileView
from workstation.imaging.presets import is_shown_inverted
from workstation.picture.chain import is_inverted

LIGHT: Final = np.uint32(0xFFD9DBDE)


def surrounded(rgb32: NDArray[np.uint32], view: TileView, nothing: NDArray[np.bool_] | None) -> NDArray[np.uint32]:
    """The picture with what is `nothing` light where its modality is read dark on light, and shown so in grey."""
    if nothing is None or view.display_set is None or not is_shown_inverted(view.display_set):
        return rgb32
    if view.tile.display.palette or not is_inverted(view):
        return rgb32
    return np.where(nothing, LIGHT, rgb32)
