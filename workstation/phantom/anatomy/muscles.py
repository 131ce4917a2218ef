"""The muscles of chest, back, shoulders and flanks: sheets and bellies, each in fat of its own.

Most are told in the coordinates of the rib cage: mm outward from its inner surface, and the angle from the spine (0)
to the sternum (pi). All distances are worked out at every other voxel where voxels are small.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workstation.phantom.anatomy.canvas import SMOOTH_MM, Canvas, Image, doubled
from workstation.phantom.anatomy.solids import FAR_MM, Distance, Ellipsoid, Profile
from workstation.phantom.anatomy.wall import BODY_HALF_DEPTH, MUSCLE_HU, Cage, rib_number

# The outer face of the ribs, mm outside the cage.
_RIBS_MM = 9.0
# Where the cage ends below: at each height the angle in front of which there is belly.
_ARCH = Profile(
    ((-112, 3.3), (-136, 2.6), (-155, 2.3), (-169, 2.0), (-198, 1.45), (-217, 0.9), (-245, 0.45), (-300, 0.3))
)
_SERRATUS_MM = Profile(((-110, 0), (-80, 4.5), (-20, 7), (30, 7), (60, 0)))
_LATISSIMUS_MM = Profile(((-265, 0), (-220, 3), (-150, 5), (-60, 6.5), (0, 9), (50, 11), (80, 0)))
_LATISSIMUS_EDGE = Profile(((-265, 0.75), (-150, 1.12), (-60, 1.3), (0, 1.25), (60, 1.15)))
_MAJOR_MM = Profile(((-62, 0), (-35, 3), (0, 7), (40, 12), (80, 14), (110, 14)))
_MINOR_MM = Profile(((-5, 0), (15, 4), (50, 8), (90, 6), (105, 0)))
_TRAPEZIUS_MM = Profile(((-130, 0), (-90, 2), (0, 4), (60, 8), (110, 11)))
_TRAPEZIUS_REACH = Profile(((-130, 6), (-60, 24), (10, 62), (60, 90), (110, 120)))
_SPINAL_WIDTH = Profile(((-430, 10), (-360, 28), (-300, 38), (-190, 36), (-60, 31), (110, 26)))
_SPINAL_DEPTH = Profile(((-430, 5), (-360, 12), (-300, 20), (-190, 19), (-60, 16), (110, 13)))
_OBLIQUE_MM = Profile(((-440, 0), (-385, 2.4), (-300, 3.6), (-190, 3.4), (-110, 2.4), (-60, 0)))
_RECTUS_MM = Profile(((-470, 5), (-400, 9), (-300, 9), (-150, 7), (-105, 4), (-85, 0)))
_LENGTH = Profile(((-40, 2), (-10, 22), (30, 46), (80, 60)))
_BLADE_MM = Profile(((-55, 0), (-20, 7), (40, 14), (110, 19)))
_ARM = Ellipsoid((140.0, 20.0, 118.0), (44.0, 44.0, 60.0))


@dataclass(frozen=True)
class _Half:
    """What the formulas need of a slice, at every other voxel where voxels are small."""

    x: Image
    y: Image
    z: float
    skin: Image
    out: Image
    angle: Image
    broad: Image
    other: Image

    def sheet(self, inner: Any, thick: Any) -> Distance:
        """A layer of the cage's wall; where it has no thickness it is far away."""
        half = thick / 2
        return np.asarray(np.abs(self.out - inner - half) - half + np.float32(3) * (thick < 0.8))

    def window(self, low: float, high: float, soft: float = 0.25) -> Image:
        """1 between two angles, falling to 0 within `soft` on both sides."""
        rise = np.minimum((self.angle - low) / soft, (high - self.angle) / soft)
        return np.asarray(np.sqrt(np.clip(rise + 0.5, 0, 1)))


def paint_muscles(canvas: Canvas, skin: Distance, ribs: Cage) -> None:
    """All muscles outside the cage and of the belly's wall; bones are painted over them."""
    step = 2 if canvas.pixel_mm < SMOOTH_MM else 1
    images = (canvas.x, canvas.y, skin, ribs.out_mm, ribs.angle, canvas.broad, canvas.other)
    x, y, skin, out, angle, broad, other = (image[::step, ::step] for image in images)
    half = _Half(x, y, canvas.z_mm, skin, out, angle, broad, other)
    sheets = [_intercostal(half), *_flanks(half), _back(half)]
    if -270 < half.z < 80:
        sheets += _lateral(half)
    if half.z > -65:
        sheets += [*_pectorals(half), *_shoulder(half)]
    whole = np.maximum(np.minimum.reduce(sheets), skin + 5 + 1.5 * broad)
    whole = whole if step == 1 else doubled(whole.astype(np.float32), canvas.x.shape)
    canvas.paint(whole + 0.45 * canvas.coarse, flesh(canvas))


def flesh(canvas: Canvas) -> Image:
    """Muscle, with the fat between its bundles drawn where smooth fields change sign."""
    bundles = np.exp(-(((canvas.coarse + 0.12 * canvas.fine) / 0.13) ** 2)) * np.clip(0.45 + 0.6 * canvas.other, 0, 1)
    hu: Image = MUSCLE_HU + 3 * canvas.coarse + 3 * canvas.fine - 58 * bundles - 20 * np.maximum(0, canvas.fine - 1)
    return hu


def _intercostal(half: _Half) -> Distance:
    """Between the ribs; thinner toward the spine, and fat in places."""
    thick = 3.4 + 0.9 * half.broad + 0.5 * half.other - np.float32(1.2) * (half.angle < 0.7)
    between = half.sheet(2.6 + 0.4 * half.other, np.maximum(thick, 1.2))
    return np.asarray(np.maximum(between, (half.angle - _ARCH(half.z)) * 60))


def _flanks(half: _Half) -> tuple[Distance, ...]:
    """The three flat muscles of the flank and the straight one in front, with the white line in the middle."""
    z, unit = half.z, _OBLIQUE_MM(half.z)
    if unit <= 0 and z > -85:
        return ()
    # Outside the ribs above, below them lying on the others.
    over = np.clip((half.angle - _ARCH(z)) * 4 + 0.5, 0, 1)
    # Below the crest of the hip bone only their front is left.
    lowest = 0.75 * float(np.clip((-305 - z) / 40, 0, 1))
    side = half.window(0.85 + lowest, 2.12, 0.4)
    outermost = half.sheet(_RIBS_MM - 0.6 + 1.5 * over + 0.6 * half.broad, unit * side * (1 + 0.2 * half.other))
    sheets = [outermost]
    for number, (share, back) in enumerate(((0.75, 0.6), (1.15, 0.72))):
        inner = (0.9, 0.9 + 0.75 * unit + 1.2)[number] + 0.5 * half.broad
        thick = unit * share * half.window(back + lowest, 2.1, 0.3) * (1 + 0.2 * half.other)
        sheets.append(np.maximum(half.sheet(inner, thick), (_ARCH(z) - 0.12 - half.angle) * 60))
    across = np.abs(half.x)
    wide = 58 - 0.06 * max(0.0, -300 - z)
    bulge = np.sqrt(np.clip((across - 3) * (wide - across) / (wide / 2) ** 2, 0, 1))
    straight = half.sheet(1.6 + 0.4 * half.other, _RECTUS_MM(z) * bulge * (1 + 0.15 * half.broad))
    sheets.append(np.maximum(straight, 1.9 - half.angle))
    if z < -110:
        sheets.append(np.maximum(half.sheet(4.5, 0.9 + 0 * half.out), 2.3 - half.angle))
    return tuple(np.asarray(each) for each in sheets)


def _lateral(half: _Half) -> tuple[Distance, ...]:
    """Serratus, cut into teeth between the ribs, and latissimus outside it."""
    z = half.z
    teeth = 0.62 + 0.38 * np.cos(2 * np.pi * rib_number(half.x, half.angle, z) + np.pi)
    serratus = _SERRATUS_MM(z) * half.window(0.75, 1.85, 0.5) * teeth * (1 + 0.25 * half.broad)
    away = 34 * float(np.clip((z - 5) / 60, 0, 1)) * np.clip((half.angle - 0.85) * 1.6, 0, 1)
    edge = _LATISSIMUS_EDGE(z) + 0.06 * half.broad
    broadest = _LATISSIMUS_MM(z) * half.window(0.48, edge, 0.35) * (1 + 0.3 * half.other)
    inner = _RIBS_MM + 0.4
    return half.sheet(inner, serratus), half.sheet(inner + serratus + 1.6 + away + 0.8 * half.broad, broadest)


def _pectorals(half: _Half) -> tuple[Distance, ...]:
    """Both leave the chest on their way to the arm; fat of the armpit lies behind them."""
    lift = 52 * float(np.clip((half.z - 5) / 55, 0, 1)) * np.clip(1.95 - half.angle, 0, 1)
    minor = _MINOR_MM(half.z) * half.window(1.62, 2.35, 0.3) * (1 + 0.2 * half.broad)
    major = _MAJOR_MM(half.z) * half.window(1.42, 2.93 - 0.002 * half.z, 0.6) * (1 + 0.25 * half.other)
    inner = _RIBS_MM + 0.8
    return (
        half.sheet(inner + 0.6 * lift, minor),
        half.sheet(inner + minor + 1.6 + lift + 0.8 * half.broad, np.minimum(major, np.maximum(0, -half.skin))),
    )


def _shoulder(half: _Half) -> tuple[Distance, ...]:
    """Before and behind the blade, at its outer border, and around the head of the arm."""
    thick = _BLADE_MM(half.z)
    if thick <= 0:
        return ()
    x, y = np.abs(half.x), half.y
    length = _LENGTH(half.z)
    along = ((x - 77) * 0.82 - (y - 82) * 0.57) / length
    side = (x - 77) * 0.57 + (y - 82) * 0.82 - 5 * np.sin(np.pi * np.clip(along, 0, 1))
    belly = np.sqrt(np.clip(np.sin(np.pi * np.clip(along * 0.92 + 0.04, 0, 1)), 0, 1))
    past = np.abs(along - 0.5) * length - 0.56 * length
    before = np.maximum(np.maximum(-side - thick * belly * (1 + 0.2 * half.broad), side + 2.0), past)
    behind = np.maximum(np.maximum(side - 0.85 * thick * belly * (1 + 0.2 * half.other), 2.0 - side), past)
    border = np.hypot(x - 84.4 - 0.82 * length, y - 86.9 + 0.57 * length) - 0.62 * thick * (1 + 0.2 * half.broad)
    sheets = [before, behind, border]
    if half.z > 55:
        # Three parts of one muscle, parted by fat.
        seams = 2.0 - 16 * np.abs(half.other + 0.3)
        sheets.append(np.maximum(_ARM(x, y, half.z), seams))
    return tuple(np.asarray(each) for each in sheets)


def _back(half: _Half) -> Distance:
    """The erector of the spine in two columns, the trapezius over it, and the rhomboid between spine and blade."""
    x, y, z = np.abs(half.x), half.y, half.z
    if z < -430:
        return np.full(x.shape, FAR_MM, np.float32)
    depth, width = _SPINAL_DEPTH(z), _SPINAL_WIDTH(z)
    back_y = BODY_HALF_DEPTH(z) - 12 - depth + 1.5 * half.broad
    inner = Ellipsoid((0.42 * width + 2, -2.0, 0.0), (0.5 * width, depth + 4, 1e3))(x, y - back_y, 0.0)
    outer = Ellipsoid((1.3 * width, -0.26 * depth, 0.0), (0.74 * width, 0.68 * depth, 1e3))(x, y - back_y, 0.0)
    back = np.maximum(np.minimum(inner, outer), 0.7 - np.abs(inner - outer) / 2)
    # Fat comes in between the bundles from the surface.
    across, deep = x - 0.75 * width, y - back_y + 0.4 * depth
    bundles = np.abs(np.sin(3 * np.arctan2(deep, across) + 1.6 * half.broad)) * np.hypot(across, deep) / 3
    back = np.maximum(back, np.minimum(0.8 - bundles, (back + 9 + 3 * half.other) / 3))
    thick = _TRAPEZIUS_MM(z)
    if thick > 0.8:
        # A sheet under the skin, thickest near the middle.
        belly = thick * (1 - 0.4 * np.clip(x / _TRAPEZIUS_REACH(z), 0, 1)) * (1 + 0.2 * half.other)
        sheet = np.abs(half.skin + 8.5 + belly / 2) - belly / 2
        trapezius = np.maximum(np.maximum(sheet, x - _TRAPEZIUS_REACH(z)), 20 - y)
        back = np.minimum(back, trapezius)
    if -15 < z < 85:
        ends = np.maximum(half.angle - 0.72, 0.2 - half.angle) * 70
        back = np.minimum(back, np.maximum(half.sheet(_RIBS_MM + 2.0, 4.5 + half.broad), ends))
    return np.asarray(back)
