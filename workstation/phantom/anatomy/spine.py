"""The spine: bodies at right angles to its curve, discs, arches with their processes and joints, the cord."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workstation.phantom.anatomy.bones import bone
from workstation.phantom.anatomy.canvas import SMOOTH_MM, Canvas, Image, doubled
from workstation.phantom.anatomy.solids import Coordinate, Distance, Ellipsoid, Profile, Tube, blend

DISC_HU, CORD_HU, SAC_HU = 75.0, 40.0, 20.0
SPONGIOSA_HU = 190.0

# Middle of one vertebral body, and where bodies lie: the chest is bent forward at both ends, the loin backward.
VERTEBRA_Z_MM = -46.0
# Middles and heights (disc below included) of all bodies from the first of the loin up, and of the five of the loin.
_LEVELS = (
    *((VERTEBRA_Z_MM + 23.0 * n, 23.0, 4.5) for n in range(-5, 8)),
    *((-189.0 - 34.0 * n, 34.0, 9.5) for n in range(5)),
)
_LOWEST_BODY_MM = -346.0
_BODY_Y = Profile(
    (
        (-346, 27),
        (-318, 16),
        (-285, 11),
        (-250, 12),
        (-205, 20),
        (-150, 31),
        (-90, 39),
        (-30, 43),
        (30, 42),
        (70, 35),
        (100, 26),
    )
)
_BODY_HALF_WIDTH = Profile(((-320, 26), (-190, 22), (-60, 18), (20, 16.5), (110, 15)))
_BODY_HALF_DEPTH = Profile(((-300, 18), (-190, 17), (-60, 16.5), (20, 14), (110, 10)))
# No part of an arch reaches further than this beyond the line that it is drawn along.
_FAR_MM = 8.0
# How much of the spongiosa's value its end plates have more.
_PLATE_HU = 190.0

# Half an arch, the canal's middle at the origin, y backward and z upward; of the chest, then of the loin.
_CHEST_ARCH = (
    Tube(((9.5, -9, 7.5, 3.8), (13, 0, 6, 3.8), (12, 6, 3, 3.6))),
    Tube(((9.5, -9, 2, 3.4), (13, 0, 2, 3.6), (12, 6, -2, 3.4))),
    Tube(((12.5, 4, 3, 3.4), (7, 9, 1, 3.0), (1, 11.5, -1, 2.8))),
    Tube(((12, 6, -2, 3.2), (7, 9.5, -4, 2.8), (1, 12, -6, 2.6))),
    Tube(((10, 8, -8, 3.0), (1, 12.5, -11, 2.5))),
    Tube(((0, 12, -3, 2.6), (0, 21, -14, 2.4), (0, 28, -21, 3.0))),
    Tube(((0, 12, -9, 2.4), (0, 20, -19, 2.2), (0, 27, -24, 2.8))),
    Tube(((13.5, 3, 4, 4.4), (22, 10, 6, 4.2), (29, 15.5, 7.5, 5.4))),
    Tube(((13.5, 3, -1, 3.8), (22, 10, 1, 3.6), (28, 15.0, 3.0, 4.8))),
    Tube(((12.5, 5, 5, 3.4), (12.5, 5, 13, 2.8))),
    Tube(((9.5, 9.5, -8, 3.2), (9.5, 9, -16, 2.8))),
)
_LOIN_ARCH = (
    Tube(((13, -10, 8, 5.2), (15, 0, 7, 4.6), (14, 7, 4, 4.2))),
    Tube(((13, -10, 3, 4.6), (15, 0, 2, 4.4), (14, 7, -2, 4.2))),
    Tube(((14, 6, 0, 4.0), (8, 11, -4, 3.8), (1, 14, -6, 3.4))),
    Tube(((12, 9, -9, 3.6), (1, 15, -13, 3.2))),
    Tube(((0, 15, -5, 3.2), (0, 27, -8, 3.0), (0, 37, -9, 3.8))),
    Tube(((0, 17, -13, 3.0), (0, 28, -16, 3.0), (0, 36, -19, 3.8))),
    Tube(((15, 1, 6, 4.4), (25, 6, 5, 3.6), (35, 13, 6, 3.2))),
    Tube(((16, 7, 6, 4.8), (18, 8, 16, 4.4))),
    Tube(((13, 12, -9, 4.8), (14, 12.5, -22, 4.4))),
)


def vertebra_center_y(z: Coordinate) -> float:
    """y of the middle of the vertebral column at a height."""
    return float(_BODY_Y(z))


@dataclass(frozen=True)
class _Level:
    """One vertebra on a slice: how far points lie above its middle, along the curve, and behind the column's middle."""

    above: Image
    behind: Image
    end_mm: Any
    height_mm: float


def paint_spine(canvas: Canvas) -> None:
    """Vertebral bodies and discs, the arches with their processes, the canal with the cord."""
    if canvas.z_mm < _LOWEST_BODY_MM:
        return
    center = vertebra_center_y(canvas.z_mm)
    part = canvas.near((-54.0, 54.0, center - 27, center + 72))
    if min(part.x.shape) < 2:
        return
    half_depth = _BODY_HALF_DEPTH(canvas.z_mm)
    near = sorted(_LEVELS, key=lambda level: abs(level[0] - canvas.z_mm) / level[1])[:2]
    levels = [_level(part, *level) for level in near]
    canal_y = half_depth + 7.0
    _paint_column(part, center, levels, canal_y)
    wide = 9.0 + 0.1 * max(0.0, min(30.0, -160 - canvas.z_mm))
    canal = Ellipsoid((0.0, center + canal_y, 0.0), (wide, 8.0, 1e3))(part.x, part.y, 0.0)
    arches = [_arch(part, level, canal_y) for level in levels]
    # The joints between one arch and the next are slits.
    arch = np.maximum(np.minimum(*arches), 0.7 - np.abs(arches[0] - arches[1]) / 2)
    arch = arch + 0.5 * part.coarse
    part.paint(canal, -35.0 + 8 * part.fine)
    bone(part, np.maximum(arch, -canal), 1.1, 170.0, 520.0)
    sac = Ellipsoid((0.0, center + canal_y - 1.2, 0.0), (0.78 * wide, 6.0, 1e3))(part.x, part.y, 0.0)
    part.paint(sac, SAC_HU)
    if canvas.z_mm > -190:
        part.paint(Ellipsoid((0.0, center + canal_y - 1.4, 0.0), (4.8, 3.6, 1e3))(part.x, part.y, 0.0), CORD_HU)


def _level(part: Canvas, middle: float, height: float, disc: float) -> _Level:
    slope = (vertebra_center_y(middle + 12) - vertebra_center_y(middle - 12)) / 24
    norm = float(np.hypot(1.0, slope))
    y, z = part.y - vertebra_center_y(middle), part.z_mm - middle
    above = (z + slope * y) / norm
    end = (height - disc) / 2 - 1.4 * np.exp(-(part.x**2 + y**2) / 90) + 0.5 * part.broad + 0.3 * part.coarse
    return _Level(np.asarray(above), np.asarray((y - slope * z) / norm), end, height)


def _paint_column(part: Canvas, center: float, levels: list[_Level], canal_y: float) -> None:
    half_width, half_depth = _BODY_HALF_WIDTH(part.z_mm), _BODY_HALF_DEPTH(part.z_mm)
    x, y = part.x, part.y - center
    within = np.minimum.reduce([np.abs(level.above) - level.end_mm for level in levels])
    waist = 1.9 * np.clip(-within / 7, 0, 1)
    # Narrower in front; behind hollow toward the canal.
    taper = half_width * (1 + 0.17 * np.clip(y / half_depth, -1, 0.5))
    body = Ellipsoid((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))(x / (taper - waist), y / (half_depth - 0.6 * waist), 0.0)
    body = body * half_depth + 0.45 * part.coarse
    hollow = Ellipsoid((0.0, canal_y - 0.5, 0.0), (12.0, 9.5, 1e3))(x, y, 0.0)
    body = np.maximum(body, -hollow)
    part.paint(body - 0.9, DISC_HU + 6 * part.coarse + 10 * np.clip(body / 4 + 1, 0, 1))
    plates = _PLATE_HU * np.clip(1 + (within - 0.4) / 2.4, 0, 1)
    vein = np.float32(-70) * (np.abs(x) < 2.2) * (within < -6) * np.clip(y / half_depth + 0.2, 0, 1)
    bone(part, np.maximum(body, within), 0.8, SPONGIOSA_HU + plates + vein, 520.0)


def _arch(part: Canvas, level: _Level, canal_y: float) -> Distance:
    """Distance from one arch; those of the loin are stouter."""
    step = 2 if part.pixel_mm < SMOOTH_MM else 1
    x, above, behind = (image[::step, ::step] for image in (part.x + 0.8 * part.other, level.above, level.behind))
    side, low, high = np.abs(x), float(above.min()) - _FAR_MM, float(above.max()) + _FAR_MM
    arch: Distance = np.full(side.shape, 24.0, np.float32)
    for tube in _LOIN_ARCH if level.height_mm > 30 else _CHEST_ARCH:
        if min(k[2] for k in tube.knots) < high and max(k[2] for k in tube.knots) > low:
            arch = blend(arch, tube(side, behind - canal_y, above), 2.5)
    return arch if step == 1 else doubled(arch, part.x.shape)
