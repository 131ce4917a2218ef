"""The smooth surfaces of the head: brain, the room around it, skull and skin, as distances in all voxels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy.solids import Distance, Ellipsoid, Tube, blend
from workstation.phantom.brain_cortex import cerebrum_distance
from workstation.phantom.brain_layers import Layers

Image = NDArray[np.float32]

STEM = Tube(
    (
        (0, 20, -6, 12),
        (0, 23, -18, 13),
        (0, 27, -34, 12),
        (0, 35, -50, 9.5),
        (0, 42, -64, 7.5),
        (0, 46, -90, 6.5),
        (0, 44, -175, 6.5),
    )
)
_CEREBELLUM = Ellipsoid((25.0, 58.0, -40.0), (29.0, 30.0, 23.0))
_VERMIS = Ellipsoid((0.0, 58.0, -33.0), (12.0, 24.0, 23.0))
_NECK = Ellipsoid((0.0, 38.0, 0.0), (56.0, 58.0, 1e3))
_FACE = Ellipsoid((0.0, -24.0, -72.0), (61.0, 66.0, 62.0))
_LID = Ellipsoid((33.0, -58.0, -36.0), (16.0, 14.5, 14.0))
_NOSE = Tube(((0, -78, -26, 6), (0, -94, -52, 9), (0, -90, -60, 12)))
_CHIN = Ellipsoid((0.0, -62.0, -122.0), (30.0, 28.0, 20.0))
_ROUND = Ellipsoid((0.0, 7.0, 0.0), (79.0, 94.0, 104.0))
_EAR = Ellipsoid((82.0, 32.0, -34.0), (7.0, 16.0, 28.0))
_SKIN_MM = 14.2


@dataclass(frozen=True, eq=False)
class Outlines:
    """Distances, negative inside: cerebrum, cerebellum, all brain, a skin drawn tight over it, skull, skin."""

    hull: Distance
    small: Distance
    inner: Distance
    vault: Distance
    skull: Distance
    skin: Distance


def outlines(head: Layers) -> Outlines:
    """Worked out on every other voxel, for they change slowly, and doubled."""
    x, y, z = (axis[::2, ::2, ::2] for axis in (head.x, head.y, head.z))
    hull = cerebrum_distance(x, y, z)
    small = np.minimum(_CEREBELLUM(np.abs(x), y, z), _VERMIS(x, y, z))
    inner = blend(blend(hull, small, 14.0), STEM(x, y, z) - 1.0, 10.0)
    vault = blend(hull, small, 60.0)
    skull = blend(hull - 8.6, small - 7.5, 44.0)
    skin = _skin_distance(x, y, z, vault)
    return Outlines(*(_doubled(each, head.x.shape) for each in (hull, small, inner, vault, skull, skin)))


def _skin_distance(x: Image, y: Image, z: Image, vault: Distance) -> Distance:
    neck = np.maximum(_NECK(x, y, 0 * z), z + 20)
    face = blend(_FACE(x, y, z), _LID(np.abs(x), y, z), 14.0)
    above = blend(vault - _SKIN_MM, _ROUND(x, y, z + 0.5 * np.maximum(z, 0)), 16.0)
    skin = blend(blend(above, neck, 20.0), face, 16.0)
    skin = blend(blend(skin, _NOSE(x, y, z), 12.0), _CHIN(x, y, z), 16.0)
    with_ears: Distance = np.minimum(skin, _EAR(np.abs(x) - 0.2 * (y - 32), y, z))
    return with_ears


def _doubled(half: Distance, shape: tuple[int, ...]) -> Distance:
    """Values between every two, along each axis; the last is held."""
    full = np.asarray(half, np.float32)
    for axis, size in enumerate(shape):
        full = np.moveaxis(full, axis, 0)
        wide = np.empty((size, *full.shape[1:]), np.float32)
        wide[::2] = full[: (size + 1) // 2]
        wide[1:-1:2] = (full[:-1] + full[1:])[: (size - 1) // 2] / 2
        if size % 2 == 0:
            wide[-1] = full[-1]
        full = np.moveaxis(wide, 0, axis)
    return full
