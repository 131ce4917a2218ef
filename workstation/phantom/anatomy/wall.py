"""The trunk's outline and everything between skin and pleura that is not bone."""

from dataclasses import dataclass

import numpy as np

from workstation.phantom.anatomy.canvas import Canvas
from workstation.phantom.anatomy.solids import Coordinate, Distance, Ellipsoid, Profile, blend

AIR_HU, SKIN_HU, FAT_HU, MUSCLE_HU, GLAND_HU = -1000.0, 20.0, -105.0, 58.0, 30.0

_BODY_HALF_WIDTH = Profile(((-210, 146), (-110, 151), (0, 156), (60, 163), (100, 172)))
_BODY_HALF_DEPTH = Profile(((-190, 102), (-100, 106), (0, 104), (60, 99), (110, 92)))
_BODY_SQUARENESS = 2.5
_CAGE_HALF_WIDTH = Profile(((-190, 122), (-120, 130), (-60, 132), (0, 126), (50, 110), (80, 90), (100, 70)))
_CAGE_HALF_DEPTH = Profile(((-190, 84), (-120, 90), (-60, 91), (0, 86), (50, 73), (80, 63), (100, 54)))
_CAGE_CENTER_Y = Profile(((-190, -2), (0, 2), (50, 9), (80, 14), (100, 17)))
# Low and high x, low and high y of all that is body.
BOX_MM = (-178.0, 178.0, -122.0, 112.0)
CAGE_BOX_MM = (-134.0, 134.0, -95.0, 95.0)
# Ribs and the muscle between them: a layer outside the cage's inner surface.
RIB_LAYER_MM = 10.0

_BREAST = Ellipsoid((70.0, -82.0, -22.0), (50.0, 34.0, 46.0))
_GLAND = Ellipsoid((72.0, -94.0, -26.0), (32.0, 15.0, 30.0))
_PECTORAL_MM = Profile(((-60, 0), (-20, 5), (40, 15), (90, 16)))
_LATERAL_MM = Profile(((-190, 7), (-60, 8), (20, 15), (80, 24)))
_ARM_MUSCLE = Ellipsoid((140.0, 20.0, 118.0), (46.0, 46.0, 62.0))
_PARASPINAL_WIDTH = Profile(((-190, 34), (-60, 26), (110, 22)))
_PARASPINAL_DEPTH = Profile(((-190, 20), (-60, 16), (110, 13)))


def body_distance(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the skin."""
    furrow = 7 * np.exp(-((x / 20) ** 2)) * (y > 0)
    y = y + furrow
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


def paint_wall(canvas: Canvas, skin: Distance, ribs: Cage) -> None:
    """Skin, fat with its septa, breasts, and the muscles of chest, flank and back."""
    septa = np.maximum(0, canvas.fine - 1.6) * 28 + np.maximum(0, canvas.coarse - 1.2) * 6
    # The gown, a fold of cloth here and there.
    canvas.paint(np.abs(skin - 6 - 3.5 * canvas.broad) - 0.3, -890.0)
    canvas.paint(skin, SKIN_HU)
    canvas.paint(skin + 1.8, FAT_HU + septa)
    _paint_breasts(canvas)
    # Fat parts the bellies of a muscle: drawn where a smooth field changes sign.
    seams = 95 * np.exp(-((canvas.broad / 0.06) ** 2)) + 70 * np.exp(-(((canvas.broad - 0.9) / 0.06) ** 2))
    flesh = MUSCLE_HU + 2.5 * canvas.coarse - np.maximum(0, canvas.fine - 1.0) * 40
    for distance in (_outer_muscle(canvas, ribs), _shoulder(canvas), _pectoral(canvas, skin)):
        canvas.paint(np.maximum(distance, skin + 7), flesh - seams)
    canvas.paint(np.maximum(_back(canvas), skin + 7), flesh)
    canvas.paint(ribs.out_mm - RIB_LAYER_MM, flesh - seams)


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
