"""The trunk's outline and everything between skin and pleura that is not bone."""

from dataclasses import dataclass

import numpy as np

from workstation.phantom.anatomy.canvas import SMOOTH_MM, Canvas, doubled
from workstation.phantom.anatomy.solids import Coordinate, Distance, Ellipsoid, Profile, blend

AIR_HU, SKIN_HU, FAT_HU, MUSCLE_HU, GLAND_HU = -1000.0, 20.0, -105.0, 58.0, 30.0

_BODY_HALF_WIDTH = Profile(
    (
        (-540, 166),
        (-470, 173),
        (-420, 175),
        (-350, 163),
        (-300, 150),
        (-255, 142),
        (-210, 146),
        (-110, 151),
        (0, 156),
        (60, 163),
        (100, 172),
    )
)
_BODY_HALF_DEPTH = Profile(
    (
        (-540, 92),
        (-470, 102),
        (-420, 106),
        (-360, 103),
        (-290, 98),
        (-190, 102),
        (-100, 106),
        (0, 104),
        (60, 99),
        (110, 92),
    )
)
_BODY_SQUARENESS = 2.5
_CAGE_HALF_WIDTH = Profile(
    (
        (-540, 22),
        (-505, 34),
        (-460, 56),
        (-420, 66),
        (-385, 92),
        (-350, 110),
        (-300, 117),
        (-250, 116),
        (-190, 122),
        (-120, 130),
        (-60, 132),
        (0, 126),
        (50, 110),
        (80, 90),
        (100, 70),
    )
)
_CAGE_HALF_DEPTH = Profile(
    (
        (-540, 30),
        (-490, 56),
        (-440, 74),
        (-380, 80),
        (-300, 79),
        (-250, 79),
        (-190, 84),
        (-120, 90),
        (-60, 91),
        (0, 86),
        (50, 73),
        (80, 63),
        (100, 54),
    )
)
_CAGE_CENTER_Y = Profile(((-520, 12), (-440, 2), (-300, -7), (-190, -2), (0, 2), (50, 9), (80, 14), (100, 17)))
# Low and high x, low and high y of all that is body.
BOX_MM = (-178.0, 178.0, -122.0, 112.0)
CAGE_BOX_MM = (-134.0, 134.0, -95.0, 95.0)
# Ribs and the muscle between them: a layer outside the cage's inner surface.
RIB_LAYER_MM = 10.0
_LAYER_MM = Profile(((-540, 0.5), (-460, 1.5), (-420, 5), (-385, 9), (-300, 12), (-200, 11), (-120, RIB_LAYER_MM)))

_BREAST = Ellipsoid((70.0, -82.0, -22.0), (50.0, 34.0, 46.0))
_GLAND = Ellipsoid((72.0, -94.0, -26.0), (32.0, 15.0, 30.0))
# The furrow of the back, deep between the buttocks; and what opens between the thighs.
_CLEFT_MM = Profile(((-540, 52), (-480, 36), (-440, 12), (-400, 0)))
_FURROW_WIDTH_MM = Profile(((-480, 9), (-385, 20)))
_CROTCH_MM = Profile(((-540, 60), (-500, 0)))
_PECTORAL_MM = Profile(((-60, 0), (-20, 5), (40, 15), (90, 16)))
_LATERAL_MM = Profile(((-190, 7), (-60, 8), (20, 15), (80, 24)))
_ARM_MUSCLE = Ellipsoid((140.0, 20.0, 118.0), (46.0, 46.0, 62.0))
_PARASPINAL_WIDTH = Profile(((-420, 14), (-360, 30), (-300, 38), (-190, 34), (-60, 26), (110, 22)))
_PARASPINAL_DEPTH = Profile(((-420, 6), (-360, 13), (-300, 21), (-190, 20), (-60, 16), (110, 13)))


def body_distance(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the skin."""
    furrow = (7 + _CLEFT_MM(z)) * np.exp(-((x / _FURROW_WIDTH_MM(z)) ** 2)) * (y > 0)
    y = y + furrow - _CROTCH_MM(z) * np.exp(-((x / 14) ** 2)) * (y < 0)
    power = _BODY_SQUARENESS
    ratio = ((np.abs(x) / _BODY_HALF_WIDTH(z)) ** power + (np.abs(y) / _BODY_HALF_DEPTH(z)) ** power) ** (1 / power)
    trunk = np.hypot(x, y) * (1 - 1 / np.maximum(ratio, 0.05))
    return blend(trunk, _BREAST(np.abs(x), y, z), 14.0)


@dataclass(frozen=True)
class Cage:
    """Where points stand to the rib cage: `out_mm` from its inner surface, `angle` from 0 (spine) to pi (sternum)."""

    out_mm: Distance
    angle: Distance


def cage(x: Coordinate, y: Coordinate, z: Coordinate) -> Cage:
    """The rib cage's own coordinates."""
    # Drawn in at the spine, so that the lungs reach back on both sides of it.
    y = y - _CAGE_CENTER_Y(z) + 30 * np.exp(-((x / 42) ** 2)) * np.clip(y / 40, 0, 1)
    u, v = x / _CAGE_HALF_WIDTH(z), y / _CAGE_HALF_DEPTH(z)
    ratio = (np.abs(u) ** 2.2 + np.abs(v) ** 2.2) ** (1 / 2.2)
    reach = np.hypot(x, y)
    return Cage(reach * (1 - 1 / np.maximum(ratio, 0.05)), np.arctan2(np.abs(u), v))


def cage_of(canvas: Canvas) -> Cage:
    """The rib cage's coordinates at every voxel of a slice."""
    if canvas.pixel_mm > SMOOTH_MM:
        return cage(canvas.x, canvas.y, canvas.z_mm)
    half = cage(canvas.x[::2, ::2], canvas.y[::2, ::2], canvas.z_mm)
    return Cage(doubled(half.out_mm, canvas.x.shape), doubled(half.angle, canvas.x.shape))


def paint_table(canvas: Canvas) -> None:
    """Mattress, and the two shells of the table with foam between them: it stays where it is when the body turns."""
    canvas = canvas.near((-200.0, 200.0, 84.0, 142.0))
    x, y = canvas.x_mm, canvas.y_mm
    top, bottom = 117 - (x / 62) ** 2, 139 - (x / 42) ** 2
    canvas.paint(np.maximum(98 - (x / 62) ** 2 - y, y - top), -955.0)
    canvas.paint(np.maximum(top - y, y - bottom), -965.0)
    for shell, value in ((top, -120.0), (bottom, 160.0)):
        canvas.paint(np.abs(y - shell) - 1.4, value)


def paint_wall(canvas: Canvas, skin: Distance, ribs: Cage) -> None:
    """Skin, fat with its septa, breasts, and the muscles of chest, flank and back."""
    threads = np.exp(-((canvas.coarse / 0.1) ** 2)) * np.clip(canvas.fine + 0.2, 0, 1)
    septa = 34 * threads + np.maximum(0, canvas.coarse - 1.2) * 6
    # The gown, a fold of cloth here and there.
    canvas.paint(np.abs(skin - 6 - 3.5 * canvas.broad) - 0.3, -890.0)
    canvas.paint(skin, SKIN_HU)
    canvas.paint(skin + 1.8, FAT_HU + septa)
    _paint_breasts(canvas)
    # Fat parts the bellies of a muscle: drawn where a smooth field changes sign.
    seams = 95 * np.exp(-((canvas.broad / 0.06) ** 2)) + 70 * np.exp(-(((canvas.broad - 0.9) / 0.06) ** 2))
    flesh = MUSCLE_HU + 2.5 * canvas.coarse + 2 * canvas.fine - 62 * threads
    sheets = [_outer_muscle(canvas, ribs)]
    if canvas.z_mm > -50:
        sheets += [_shoulder(canvas), _pectoral(canvas, skin)]
    for distance in sheets:
        canvas.paint(np.maximum(distance, skin + 7), flesh - seams)
    canvas.paint(np.maximum(_back(canvas), skin + 7), flesh)
    layer = _LAYER_MM(canvas.z_mm) * (1 + 0.12 * canvas.broad)
    canvas.paint(np.maximum(ribs.out_mm - layer, skin + 5), flesh - seams)
    if -400 < canvas.z_mm < -110:
        _paint_sheaths(canvas, ribs)


def _paint_sheaths(canvas: Canvas, ribs: Cage) -> None:
    """Fat between the three flat muscles of the flank, and between the two straight ones in front."""
    side = np.exp(-(((ribs.angle - 1.55) / 0.55) ** 2))
    for depth in (3.4, 6.8):
        line = (
            np.abs(ribs.out_mm - depth - 0.7 * canvas.broad - 0.3 * canvas.coarse) - 0.5 * side - 0.25 * canvas.coarse
        )
        canvas.paint(np.maximum(line, 0.25 - side), FAT_HU + 25)
    middle = np.maximum(np.abs(canvas.x) - 3.0, 2.6 - ribs.angle)
    edge = np.abs(np.abs(canvas.x) - 58) - 1.2 + 0 * canvas.y
    for gap in (middle, np.maximum(edge, 1.9 - ribs.angle)):
        canvas.paint(np.maximum(np.maximum(gap, 1.5 - ribs.out_mm), ribs.out_mm - RIB_LAYER_MM), FAT_HU + 35)


def _paint_breasts(canvas: Canvas) -> None:
    if abs(canvas.z_mm - _GLAND.center_lps[2]) > 36:
        return
    strands = np.clip(0.5 * canvas.coarse + 0.5 * canvas.fine + 0.2, 0, 1) * (GLAND_HU - FAT_HU)
    gland = _GLAND(np.abs(canvas.x), canvas.y, canvas.z_mm)
    canvas.paint(gland, FAT_HU + strands, edge_mm=9.0)


def _outer_muscle(canvas: Canvas, ribs: Cage) -> Distance:
    """Pectorals in front, serratus and latissimus at the side, with a line of fat between them and the ribs."""
    front = _PECTORAL_MM(canvas.z_mm) * np.exp(-(((ribs.angle - 2.35) / 0.42) ** 2))
    side = _LATERAL_MM(canvas.z_mm) * np.exp(-(((ribs.angle - 1.1) / 0.5) ** 2))
    thickness = (front + side) * (1 + 0.35 * canvas.broad)
    middle = RIB_LAYER_MM + 1.5 + thickness / 2
    layer: Distance = np.abs(ribs.out_mm - middle) - thickness / 2
    # A second line of fat parts the deep from the shallow muscle where they are thick.
    parted = np.where(thickness > 9, 0.9 - np.abs(ribs.out_mm - middle - 1), -9)
    return np.maximum(layer, parted)


def _shoulder(canvas: Canvas) -> Distance:
    """Subscapularis and infraspinatus around the blade."""
    x, y, z = np.abs(canvas.x), canvas.y, canvas.z_mm
    thickness = Profile(((-45, 0.0), (-20, 5.0), (40, 13.0), (110, 20.0)))(z)
    along = np.clip(((x - 76) * 0.82 - (y - 82) * 0.57) / 62, 0, 1)
    way = np.hypot(x - (76 + along * 51), y - (82 - along * 35))
    muscle: Distance = way - thickness * (0.75 + 0.35 * along + 0.1 * canvas.broad)
    if thickness <= 0:
        return np.full_like(muscle, 99.0)
    return np.minimum(np.maximum(muscle, 2.2 - way), _ARM_MUSCLE(x, y, z))


def _pectoral(canvas: Canvas, skin: Distance) -> Distance:
    """Pectoralis major on its way to the arm, a sheet under the skin of the upper chest."""
    thickness = Profile(((15, 0.0), (45, 9.0), (70, 16.0), (100, 20.0)))(canvas.z_mm) * (1 + 0.25 * canvas.broad)
    across = np.abs(canvas.x)
    thickness = thickness * np.sin(np.pi * np.clip((across - 18) / 125, 0.001, 0.999)) ** 0.5
    thickness = thickness * np.clip((5 - canvas.y) / 40, 0, 1)
    sheet: Distance = np.abs(skin + 11 + thickness / 2) - thickness / 2 + 0.5
    return sheet


def _back(canvas: Canvas) -> Distance:
    """Erector spinae and trapezius."""
    x, z = np.abs(canvas.x), canvas.z_mm
    depth = _PARASPINAL_DEPTH(z)
    center_y = _BODY_HALF_DEPTH(z) - 13 - depth
    spinal = Ellipsoid((26.0, center_y, z), (_PARASPINAL_WIDTH(z), depth, 1e3))(x, canvas.y, z)
    trapezius = np.abs(canvas.y - (_BODY_HALF_DEPTH(z) - 13 + x * 0.02 - (x / 60) ** 2 * 9)) - 3.2
    reach = Profile(((-110, 5.0), (0, 60.0), (110, 95.0)))(z)
    back: Distance = np.minimum(spinal, np.maximum(trapezius, x - reach))
    return back
