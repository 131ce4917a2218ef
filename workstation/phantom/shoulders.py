"""Above the trunk: shoulders, raised arms, neck and the head of the brain study, for images of the whole body."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from workstation.phantom.anatomy.canvas import Field
from workstation.phantom.anatomy.solids import Distance, Profile, Tube
from workstation.phantom.brain_anatomy import paint_head
from workstation.phantom.brain_layers import Layers
from workstation.phantom.uptake import HEAD_HU, HEAD_SUV, SOFT_SUV

Image = NDArray[np.float32]

# From the first of these heights upward the trunk gives way to what is painted here, wholly from the second.
FADE_MM = (86.0, 104.0)
# Where the brain study's origin lies in the body, and how much smaller the head is than its formulas.
_HEAD_LPS = (0.0, 3.0, 258.0)
_SCALE = 0.94
_LOW_MM = (-152.0, -102.0, -88.0)
_HIGH_MM = (92.0, 114.0, 88.0)
_MUSCLE_HU = 58.0
_FIELD_MM = (-230.0, 230.0)
_HALF_WIDTH = Profile(((86, 172), (104, 170), (124, 160), (138, 144), (150, 116), (164, 78), (180, 58)))
_HALF_DEPTH = Profile(((86, 96), (104, 92), (130, 80), (150, 68), (180, 56)))
_ARM = Tube(
    (
        (132, 10, 95, 36),
        (137, 8, 118, 40),
        (143, 4, 150, 44),
        (140, -4, 210, 43),
        (134, -16, 280, 40),
        (130, -22, 380, 36),
    )
)
_HUMERUS = Tube(
    ((146, 14, 112, 22), (148, 12, 130, 21), (149, 8, 150, 13), (143, -6, 220, 10.5), (134, -20, 380, 10.5))
)


class Upper:
    """The upper end of the body as HU and SUV, slice by slice."""

    def __init__(self, seed: int, voxel_mm: float) -> None:
        z, y, x = (
            (np.arange(low + voxel_mm / 2, high, voxel_mm) / _SCALE).astype(np.float32)
            for low, high in zip(_LOW_MM, _HIGH_MM, strict=True)
        )
        self._voxel_mm, self._seed = voxel_mm, seed
        head = paint_head(np.random.default_rng([seed, 31]), (z, y, x))
        self._hu, self._suv = _filled(head, HEAD_HU, -1000.0), _filled(head, HEAD_SUV, 0.0)
        # Within the shoulders the neck has no skin and fat of its own.
        self._deep_hu = _filled(head, {**HEAD_HU, "skin": _MUSCLE_HU, "fat": _MUSCLE_HU}, -1000.0)
        self._skin = _filled(head, dict.fromkeys(HEAD_HU, 1.0), 0.0)

    def slice(self, x_mm: Image, y_mm: Image, z_mm: float) -> tuple[Image, Image]:
        """HU and SUV at a height; x is (1, columns), y (rows, 1)."""
        hu, suv = self._shoulders(x_mm, y_mm, z_mm)
        buried = np.clip(hu / 1000 + 1, 0, 1)
        cover = self._plane(self._skin, x_mm, y_mm, z_mm, 0.0)
        head_hu, head_suv = (
            self._plane(self._hu, x_mm, y_mm, z_mm, -1000.0),
            self._plane(self._suv, x_mm, y_mm, z_mm, 0),
        )
        deep_hu = self._plane(self._deep_hu, x_mm, y_mm, z_mm, -1000.0)
        head_hu = head_hu + buried * (deep_hu - head_hu)
        # Partly covered voxels of the head hold air beside it; where a shoulder touches, that share is the shoulder's.
        return np.asarray(head_hu + (1 - cover) * (hu + 1000)), np.asarray(head_suv + (1 - cover) * suv)

    def _shoulders(self, x_mm: Image, y_mm: Image, z_mm: float) -> tuple[Image, Image]:
        shape = (y_mm.shape[0], x_mm.shape[1])
        hu, suv = np.full(shape, -1000.0, np.float32), np.zeros(shape, np.float32)
        pixel = float(x_mm[0, 1] - x_mm[0, 0])
        grain = self._grain(x_mm, y_mm, z_mm)
        skin = _skin_distance(x_mm, y_mm, z_mm) + 1.5 * grain
        bone = _HUMERUS(np.abs(x_mm), y_mm, z_mm) + 0.5 * grain
        # Bellies of muscle lie in fat, which parts them where a smooth field changes sign.
        bellies = np.maximum(skin + 9 + 2.5 * grain, 2.2 - 14 * np.abs(grain - 0.4))
        for distance, value, uptake in (
            (skin, 20.0, 0.6),
            (skin + 2, -105.0, 0.3),
            (np.maximum(bellies, 3 - bone), _MUSCLE_HU, SOFT_SUV),
            (bone, 850.0, 0.5),
            (bone + 4, 90.0, 0.9),
        ):
            cover = np.clip(0.5 - distance / pixel, 0, 1)
            hu += cover * (value - hu)
            suv += cover * (uptake - suv)
        return hu, suv

    def _grain(self, x_mm: Image, y_mm: Image, z_mm: float) -> Image:
        """A smooth field of deviation 1, the same whatever grid looks into it."""
        box = ((_LOW_MM[0] + _HEAD_LPS[2] - 60, _HIGH_MM[0] + _HEAD_LPS[2] + 20), _FIELD_MM, _FIELD_MM)
        rng = np.random.default_rng([self._seed, 44])
        # Stretched along the arms, as muscles are.
        height = np.array([box[0][0] + (z_mm - box[0][0]) / 4], np.float32)
        return Field(rng, 16.0, x_mm, y_mm, height, box).slice(0)

    def _plane(self, volume: Image, x_mm: Image, y_mm: Image, z_mm: float, outside: float) -> Image:
        step = self._voxel_mm
        at = (z_mm - _HEAD_LPS[2] - _LOW_MM[0]) / step - 0.5
        low = int(np.floor(at))
        if not 0 <= low < len(volume) - 1:
            return np.full(np.broadcast_shapes(x_mm.shape, y_mm.shape), outside, np.float32)
        plane = volume[low] + np.float32(at - low) * (volume[low + 1] - volume[low])
        first = [
            (float(axis.flat[0]) - _HEAD_LPS[k] - _LOW_MM[n]) / step - 0.5
            for axis, k, n in ((y_mm, 1, 1), (x_mm, 0, 2))
        ]
        zoom = [float(axis.flat[1] - axis.flat[0]) / step for axis in (y_mm, x_mm)]
        shape = (y_mm.shape[0], x_mm.shape[1])
        seen: Image = affine_transform(plane, zoom, first, shape, order=1, cval=outside, output=np.float32)
        return seen


def _filled(head: Layers, values: Mapping[str, float], outside: float) -> Image:
    return head.composed({name: value - outside for name, value in values.items()}) + np.float32(outside)


def _skin_distance(x_mm: Image, y_mm: Image, z_mm: float) -> Distance:
    """From the skin of shoulders and arms."""
    side = np.abs(x_mm)
    arm = _ARM(side, y_mm, z_mm)
    if z_mm > _HALF_WIDTH.knots[-1][0]:
        return arm
    ratio = ((side / _HALF_WIDTH(z_mm)) ** 2.4 + (np.abs(y_mm) / _HALF_DEPTH(z_mm)) ** 2.4) ** (1 / 2.4)
    mound = np.hypot(x_mm, y_mm) * (1 - 1 / np.maximum(ratio, 0.05))
    both: Distance = np.minimum(mound, arm)
    return both
