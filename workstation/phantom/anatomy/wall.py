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
BODY_HALF_DEPTH = Profile(
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
# Ribs lie this far apart, and each falls so much on its way forward.
RIB_MM, RIB_Z_MM, RIB_DROP_MM = 24.0, 4.0, 82.0
# Low and high x, low and high y of all that is body.
BOX_MM = (-178.0, 178.0, -122.0, 112.0)
CAGE_BOX_MM = (-134.0, 134.0, -95.0, 95.0)
_BREAST = Ellipsoid((70.0, -82.0, -22.0), (50.0, 34.0, 46.0))
_GLAND = Ellipsoid((72.0, -94.0, -26.0), (32.0, 15.0, 30.0))
# The furrow of the back, deep between the buttocks; and what opens between the thighs.
_CLEFT_MM = Profile(((-540, 52), (-480, 36), (-440, 12), (-400, 0)))
_FURROW_WIDTH_MM = Profile(((-480, 9), (-385, 20)))
_CROTCH_MM = Profile(((-540, 60), (-500, 0)))


def body_distance(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the skin."""
    furrow = (7 + _CLEFT_MM(z)) * np.exp(-((x / _FURROW_WIDTH_MM(z)) ** 2)) * (y > 0)
    y = y + furrow - _CROTCH_MM(z) * np.exp(-((x / 14) ** 2)) * (y < 0)
    power = _BODY_SQUARENESS
    ratio = ((np.abs(x) / _BODY_HALF_WIDTH(z)) ** power + (np.abs(y) / BODY_HALF_DEPTH(z)) ** power) ** (1 / power)
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
    y = y - _CAGE_CENTER_Y(z) + 33 * np.exp(-((x / 34) ** 2)) * np.clip(y / 40, 0, 1)
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


def rib_number(x: Coordinate, angle: Distance, z: Coordinate) -> Distance:
    """Which rib passes a place of the cage, as a number whose whole values are their middles: each falls forward."""
    forward = np.clip(angle / 2.6, 0, 1)
    drop = RIB_DROP_MM * (0.5 - 0.5 * np.cos(np.pi * forward)) ** 0.9
    number: Distance = (z + 0.03 * x - RIB_Z_MM + drop) / RIB_MM
    return number


def paint_wall(canvas: Canvas, skin: Distance) -> None:
    """Skin, the fat below it with its septa, and breasts."""
    threads = np.exp(-(((canvas.coarse + 0.3 * canvas.fine) / 0.12) ** 2)) * np.clip(canvas.other + 0.1, 0, 1)
    septa = 26 * threads + 5 * canvas.coarse + np.maximum(0, canvas.fine - 1.7) * 45
    # The gown, a fold of cloth here and there.
    canvas.paint(np.abs(skin - 6 - 3.5 * canvas.broad) - 0.3, -890.0)
    canvas.paint(skin, SKIN_HU)
    canvas.paint(skin + 2.0 + 0.4 * canvas.broad, FAT_HU + septa)
    _paint_breasts(canvas)


def _paint_breasts(canvas: Canvas) -> None:
    if abs(canvas.z_mm - _GLAND.center_lps[2]) > 36:
        return
    # Glands as strands and islands in fat, denser toward the nipple.
    gland = _GLAND(np.abs(canvas.x), canvas.y, canvas.z_mm)
    strands = np.exp(-(((canvas.coarse + 0.4 * canvas.fine) / 0.35) ** 2)) * np.clip(0.7 + 0.5 * canvas.other, 0, 1)
    islands = np.clip(0.6 * canvas.coarse + 0.3 * canvas.fine - 0.2, 0, 1)
    canvas.paint(gland, FAT_HU + np.maximum(strands, islands) * (GLAND_HU - FAT_HU), edge_mm=12.0)
