"""Planes taken from one frame of reference to another, by how the two lie on each other."""

from dataclasses import replace
from typing import Final

import numpy as np

from workstation.imaging.alignment import Laid, Standing
from workstation.imaging.geometry import vec
from workstation.imaging.oblique import axes_of
from workstation.imaging.view import Plane, ScreenPlane

AS_THEY_ARE: Final = (Standing.SAME, Standing.ANYWAY)

REACH_MM: Final = 5.0
"""So far to the right and down of its middle it is looked how a bent plane lies."""


def carried_plane(plane: Plane, laid: Laid) -> Plane:
    """A plane of the moving frame as it lies in the fixed one; of a bent one that which touches it in its middle."""
    if laid.standing in AS_THEY_ARE:
        return plane
    middle, right, down = (np.asarray(each) for each in (plane.center_lps, plane.right, plane.down))
    center, across, along = laid.to_fixed(np.array([middle, middle + right * REACH_MM, middle + down * REACH_MM]))
    wide, high = (each - center for each in (across, along))
    axes = axes_of(vec(wide), vec(high))
    longer = tuple(float(np.linalg.norm(each)) / REACH_MM for each in (wide, high))
    size, pixel = ((each[0] * longer[0], each[1] * longer[1]) for each in (plane.size_mm, plane.pixel_mm))
    return replace(plane, center_lps=vec(center), right=axes.right, down=axes.down, size_mm=size, pixel_mm=pixel)


def carried_screen(screen: ScreenPlane, laid: Laid) -> ScreenPlane:
    """The pixels of a tile in the moving frame as they lie in the fixed one: a point that lies under one of them there
    lies under it here. ValueError for a bent one, which no plane follows.
    """
    if laid.is_bent:
        raise ValueError("the pixels of a tile lie in a plane, and this frame is bent")
    if laid.standing in AS_THEY_ARE:
        return screen
    turn = laid.matrix[:3, :3]
    right, down = (vec(turn @ np.asarray(each)) for each in (screen.step_right, screen.step_down))
    return replace(screen, origin_lps=laid.point_to_fixed(screen.origin_lps), step_right=right, step_down=down)
