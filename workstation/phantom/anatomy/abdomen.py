"""Below the diaphragm: liver, spleen, stomach with its bubble, kidneys, bowel."""

import numpy as np

from workstation.phantom.anatomy.canvas import Canvas
from workstation.phantom.anatomy.solids import FAR_MM, Coordinate, Distance, Ellipsoid, Tube, blend
from workstation.phantom.anatomy.trees import Beads, stamp
from workstation.phantom.anatomy.wall import AIR_HU, CAGE_BOX_MM, FAT_HU, MUSCLE_HU, cage

LIVER_HU, LIVER_VESSEL_HU, SPLEEN_HU, STOMACH_FLUID_HU, KIDNEY_HU = 112.0, 165.0, 128.0, 18.0, 185.0

# Above this height there is no abdomen.
TOP_MM = -55.0

_RIGHT_DOME = Ellipsoid((-60.0, -2.0, -172.0), (78.0, 92.0, 104.0))
_LEFT_DOME = Ellipsoid((64.0, -2.0, -176.0), (75.0, 92.0, 94.0))
_MIDDLE = Ellipsoid((0.0, -30.0, -190.0), (80.0, 66.0, 92.0))
_BACK = Ellipsoid((0.0, 30.0, -215.0), (140.0, 80.0, 75.0))

_FRONT = Ellipsoid((0.0, -60.0, -205.0), (150.0, 66.0, 98.0))

_LIVER_LEFT = Ellipsoid(
    (-6.0, -46.0, -138.0), (60.0, 25.0, 38.0), ((0.97, -0.22, 0.0), (0.22, 0.97, 0.0), (0.0, 0.0, 1.0))
)
_PORTA = Tube(((-18, -8, -165, 7), (-34, -14, -152, 6)))
_GALLBLADDER = Ellipsoid((-46.0, -50.0, -184.0), (15.0, 22.0, 20.0))
_SPLEEN = Ellipsoid((98.0, 38.0, -130.0), (33.0, 52.0, 46.0), ((0.88, -0.47, 0.0), (0.47, 0.88, 0.0), (0.0, 0.0, 1.0)))
_STOMACH = Ellipsoid((54.0, -12.0, -124.0), (42.0, 52.0, 42.0), ((0.9, 0.44, 0.0), (-0.44, 0.9, 0.0), (0.0, 0.0, 1.0)))
# Supine, the air floats to the front; the surface of the fluid is level.
STOMACH_LEVEL_Y = -24.0
_KIDNEYS = (
    Ellipsoid((58.0, 44.0, -188.0), (25.0, 23.0, 42.0)),
    Ellipsoid((-58.0, 46.0, -202.0), (25.0, 23.0, 42.0)),
)
_COLON = Tube(((98, -44, -136, 15), (88, -62, -158, 17), (60, -72, -178, 18), (20, -76, -192, 18)))
# Loops of small bowel: x, y, z, radius.
_LOOPS = (
    (36, -44, -196, 15),
    (64, -34, -188, 14),
    (88, -16, -198, 15),
    (52, -8, -208, 16),
    (70, -60, -204, 14),
    (14, -52, -208, 13),
    (28, -22, -212, 13),
    (98, 12, -206, 13),
)
_PANCREAS = Tube(((6, -14, -186, 11), (34, -2, -176, 10), (62, 16, -164, 8), (80, 26, -156, 6)))
_CRURA = (
    Tube(((12, 32, -95, 2.5), (12, 28, -140, 5), (10, 22, -195, 7))),
    Tube(((-4, 28, -100, 2.5), (-10, 28, -140, 5.5), (-12, 22, -195, 8))),
)
_ADRENAL = Tube(((34, 24, -164, 2.5), (40, 34, -166, 2), (48, 38, -166, 1.5)))


def abdomen_distance(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the upper side of the diaphragm; far from it on slices above its domes."""
    if np.ndim(z) == 0 and z > TOP_MM:
        return np.full(np.broadcast_shapes(np.shape(x), np.shape(y)), FAR_MM, np.float32)
    domes = blend(_RIGHT_DOME(x, y, z), _LEFT_DOME(x, y, z), 20.0)
    low = blend(_FRONT(x, y, z), _BACK(x, y, z), 16.0)
    return blend(blend(domes, _MIDDLE(x, y, z), 20.0), low, 16.0)


def liver_distance(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the liver's capsule."""
    right = np.maximum(_RIGHT_DOME(x, y, z) + 1.4, x + 4 - 0.25 * y)
    liver = blend(right, _LIVER_LEFT(x, y, z), 16.0)
    spine = Ellipsoid((4.0, 40.0, 0.0), (44.0, 38.0, 1e3))(x, y, 0.0)
    hollow = np.minimum(spine, _KIDNEYS[1].grown(8.0)(x, y, z))
    return -blend(-liver, hollow, 10.0)


def spleen_distance(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the spleen's capsule, which the stomach dents."""
    outer = np.maximum(_SPLEEN(x, y, z), _LEFT_DOME(x, y, z) + 2.2)
    dent = np.minimum(_STOMACH.grown(4.0)(x, y, z), Ellipsoid((62.0, 24.0, -150.0), (22.0, 32.0, 40.0))(x, y, z))
    return -blend(-outer, dent, 8.0)


def paint_abdomen(canvas: Canvas, liver_vessels: Beads) -> None:
    """The diaphragm and all below it."""
    if canvas.z_mm > TOP_MM:
        return
    canvas = canvas.near(CAGE_BOX_MM)
    x, y, z = canvas.x, canvas.y, canvas.z_mm
    diaphragm = np.maximum(abdomen_distance(x, y, z), cage(x, y, z).out_mm)
    canvas.paint(diaphragm, MUSCLE_HU)
    canvas.paint(diaphragm + 1.8, FAT_HU + np.maximum(0, canvas.fine - 1.3) * 40)
    clip = diaphragm + 1.3
    _paint_bowel(canvas, clip)
    for kidney in _KIDNEYS:
        _paint_kidney(canvas, kidney)
    _paint_stomach(canvas, clip)
    spleen = np.maximum(spleen_distance(x, y, z), clip)
    canvas.paint(spleen, SPLEEN_HU + 3 * canvas.coarse)
    liver = np.maximum(liver_distance(x, y, z), clip)
    canvas.paint(liver, LIVER_HU + 2.5 * canvas.coarse)
    canvas.hu[...] += stamp(canvas, liver_vessels) * canvas.coverage(liver) * (LIVER_VESSEL_HU - canvas.hu)
    canvas.tube(_PORTA, LIVER_VESSEL_HU)
    for crus in _CRURA:
        canvas.tube(crus, MUSCLE_HU)


def _paint_kidney(canvas: Canvas, kidney: Ellipsoid) -> None:
    if canvas.z_mm > kidney.center_lps[2] + kidney.radii_mm[2] + 4:
        return
    canvas = canvas.around(kidney.center_lps, max(kidney.radii_mm[:2]))
    x, y, z = canvas.x, canvas.y, canvas.z_mm
    outline = kidney(x, y, z) + 0.8 * canvas.coarse
    pyramids = np.clip((-outline - 5) / 5, 0, 1) * np.clip(0.5 + canvas.coarse, 0, 1)
    canvas.paint(outline, KIDNEY_HU - 60 * pyramids)
    toward_middle = np.copysign(9.0, kidney.center_lps[0])
    sinus = kidney.grown(-16.0)(x + toward_middle, y + 3, z) + 1.5 * canvas.coarse
    canvas.paint(sinus, FAT_HU + 70 + 25 * canvas.fine)


def _paint_stomach(canvas: Canvas, clip: Distance) -> None:
    x, y, z = canvas.x, canvas.y, canvas.z_mm
    outer = np.maximum(_STOMACH(x, y, z), clip + 1.0)
    folds = 2.0 * np.maximum(0, canvas.coarse)
    canvas.paint(outer, 72.0)
    lumen = outer + 3.5 + folds
    canvas.paint(lumen, STOMACH_FLUID_HU + 4 * canvas.coarse)
    level = canvas.y_mm - STOMACH_LEVEL_Y + 0 * x
    canvas.paint(np.maximum(lumen, level), AIR_HU + 10)


def _paint_loops(canvas: Canvas) -> None:
    for *center, radius in _LOOPS:
        if abs(canvas.z_mm - center[2]) < radius * 1.6:
            loop = Ellipsoid((center[0], center[1], center[2]), (radius * 1.3, radius, radius * 1.4))
            part = canvas.around(loop.center_lps, radius * 1.4)
            outline = loop(part.x, part.y, part.z_mm) + 1.2 * part.coarse
            part.paint(outline, 85 + 12 * part.fine)
            part.paint(outline + 4.5, 30 + 25 * part.fine)


def _paint_bowel(canvas: Canvas, clip: Distance) -> None:
    _paint_loops(canvas)
    x, y, z = canvas.x, canvas.y, canvas.z_mm
    if z > -115:
        return
    pancreas = np.maximum(_PANCREAS(x, y, z) + 1.8 * canvas.coarse + canvas.fine, clip)
    canvas.paint(pancreas, 95.0)
    canvas.tube(_ADRENAL, 75.0)
    colon = np.maximum(_COLON(x, y, z) + 2.5 * np.sin(z / 6.5) + 1.2 * canvas.coarse, clip)
    canvas.paint(colon, 55.0)
    stool = np.where(canvas.coarse + 0.6 * canvas.fine > 0.1, -150.0, 35.0) + 60 * canvas.fine
    canvas.paint(colon + 2.5, stool)
    gas = np.maximum(colon + 2.5, canvas.y_mm + 66 + 0 * x)
    canvas.paint(gas, AIR_HU + 15)
    canvas.paint(np.maximum(_GALLBLADDER(x, y, z), clip), 8.0)
