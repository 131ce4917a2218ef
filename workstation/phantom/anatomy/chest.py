"""Lungs, airways, and the mediastinum: heart and great vessels with contrast."""

from dataclasses import dataclass

import numpy as np

from workstation.phantom.anatomy.abdomen import CAVA, abdomen_distance
from workstation.phantom.anatomy.canvas import Canvas
from workstation.phantom.anatomy.solids import FAR_MM, Coordinate, Distance, Ellipsoid, Tube, blend
from workstation.phantom.anatomy.trees import Beads, stamp
from workstation.phantom.anatomy.wall import AIR_HU, CAGE_BOX_MM, FAT_HU, cage
from workstation.phantom.phases import Enhancement

LUNG_HU, GULLET_HU, LUNG_VESSEL_HU = -885.0, 42.0, 90.0

AORTA = Tube(
    (
        (-4, -24, -38, 13.5),
        (-17, -30, -14, 16),
        (-19, -27, 12, 15.5),
        (-14, -18, 28, 15),
        (-2, -4, 36, 14),
        (12, 10, 37, 13.5),
        (22, 22, 29, 13),
        (27, 29, 12, 12.5),
        (28, 32, -20, 12),
        (25, 30, -75, 11.5),
        (14, 22, -125, 11),
        (8, 10, -165, 10),
        (5, -2, -215, 9),
        (4, -8, -265, 8.2),
        (3, -8, -298, 8),
    )
)
_NECK_ARTERIES = (
    Tube(((-12, -16, 36, 6.5), (-19, -9, 70, 6), (-33, -4, 118, 5))),
    Tube(((2, -2, 38, 4.2), (8, -1, 75, 4), (20, -4, 118, 4))),
    Tube(((14, 11, 38, 5), (22, 12, 75, 5), (50, 2, 112, 4.5))),
)
_CAVA = Tube(((-31, -14, 62, 8.5), (-33, -16, 20, 9.5), (-35, -18, -26, 10)))
_NECK_VEINS = (
    Tube(((-31, -14, 60, 7), (-36, -14, 84, 6.5), (-52, -22, 118, 6))),
    Tube(((-29, -16, 58, 6.5), (2, -33, 68, 6), (26, -28, 84, 6), (48, -20, 118, 6))),
)
_AZYGOS = Tube(((-5, 22, -160, 3), (-6, 27, 8, 3.8), (-16, 22, 20, 4), (-28, 4, 22, 4.5), (-33, -10, 20, 5)))
_PULMONARY = (
    Tube(
        ((8, -46, -36, 13), (15, -36, -12, 14), (16, -22, 2, 13.5), (22, -6, 6, 12), (38, 12, 2, 10), (47, 20, -10, 8))
    ),
    Tube(((16, -20, 0, 12), (2, -10, -4, 11), (-20, -4, -7, 10.5), (-42, 6, -12, 9), (-50, 12, -22, 7))),
)
_LUNG_VEINS = (
    Tube(((26, 10, -26, 7), (46, 6, -20, 6), (56, -8, -8, 4))),
    Tube(((20, 13, -34, 7), (38, 22, -43, 6), (50, 33, -55, 4.2))),
    Tube(((-22, 10, -26, 7), (-46, 2, -22, 6), (-54, -12, -10, 4))),
    Tube(((-18, 13, -36, 7), (-36, 19, -46, 6), (-52, 30, -60, 4))),
)
_WINDPIPE = Tube(((0, 0, 125, 9), (-1, 5, 60, 9.2), (0, 12, 8, 9.2)))
_BRONCHI = (
    Tube(((0, 12, 8, 8), (-14, 14, -4, 7.5), (-30, 15, -14, 6.8), (-42, 17, -26, 5))),
    Tube(((0, 12, 8, 8), (16, 15, -6, 6.5), (34, 19, -16, 6.2), (46, 22, -26, 5))),
)
_GULLET = Tube(
    ((3, 15, 125, 6.5), (6, 20, 60, 6.5), (8, 25, 0, 7), (13, 20, -60, 7), (20, 6, -96, 7.5), (36, -4, -112, 9))
)

_LV_AXES = ((0.74, -0.52, -0.43), (0.57, 0.82, 0.0), (0.35, -0.24, 0.9))
_LV = Ellipsoid((37.0, -27.0, -58.0), (38.0, 21.0, 22.0), _LV_AXES)
_LV_WALL = Ellipsoid((38.0, -27.0, -58.0), (48.0, 31.0, 32.0), _LV_AXES)
_RV = Ellipsoid((8.0, -50.0, -62.0), (44.0, 21.0, 30.0), ((0.85, -0.25, -0.46), (0.28, 0.96, 0.0), (0.44, -0.13, 0.89)))
_RA = Ellipsoid((-35.0, -24.0, -54.0), (20.0, 25.0, 31.0))
_LA = Ellipsoid((3.0, 6.0, -33.0), (31.0, 17.0, 21.0))
_APPENDAGE = Ellipsoid((36.0, -18.0, -20.0), (14.0, 12.0, 10.0))
_HEART_FAT = Ellipsoid(
    (8.0, -34.0, -48.0), (62.0, 40.0, 40.0), ((0.88, -0.3, -0.37), (0.32, 0.95, 0.0), (0.35, -0.12, 0.93))
)

_CORONARIES = (
    Tube(((14, -36, -24, 2.2), (24, -58, -34, 2.0), (40, -66, -58, 1.6), (56, -62, -84, 1.2))),
    Tube(((-10, -36, -26, 2.0), (-28, -52, -36, 1.9), (-34, -48, -66, 1.7), (-14, -34, -92, 1.4))),
    Tube(((14, -34, -24, 1.8), (38, -16, -34, 1.7), (56, 2, -56, 1.3))),
)
_PAPILLARY = (
    Tube(((56, -40, -80, 4.0), (48, -38, -69, 3.2))),
    Tube(((59, -20, -80, 4.4), (52, -17, -68, 3.2))),
)
# How far the edges of the beating heart are smeared.
_BEAT_MM = 2.6
_THYROID = (Ellipsoid((20.0, -6.0, 92.0), (10.0, 12.0, 22.0)), Ellipsoid((-20.0, -6.0, 92.0), (10.0, 12.0, 22.0)))

# The dome of the left lung; of no account further down.
_APEX = Ellipsoid((56.0, 8.0, 30.0), (75.0, 75.0, 66.0))
# Below this height there is no lung.
LOWEST_MM = -172.0
LV_POINT_LPS = (37.0, -27.0, -58.0)


@dataclass(frozen=True)
class LungTrees:
    """What branches through the lungs; `airways` are the bronchi's lumina."""

    vessels: Beads
    airways: Beads


def heart_distance(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the pericardium; far from it on slices that do not meet the heart."""
    if np.ndim(z) == 0 and not -115 < z < 25:
        return np.full(np.broadcast_shapes(np.shape(x), np.shape(y)), FAR_MM, np.float32)
    shape = blend(_LV_WALL(x, y, z) - 3, _RV(x, y, z) - 5, 16.0)
    shape = blend(shape, _RA(x, y, z) - 4, 14.0)
    shape = blend(shape, _LA(x, y, z) - 3, 14.0)
    return blend(shape, _HEART_FAT(x, y, z), 12.0)


def heart_muscle(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the walls of all four chambers."""
    return np.minimum(np.minimum(_LV_WALL(x, y, z), _RV(x, y, z)), np.minimum(_RA(x, y, z), _LA(x, y, z)))


def mediastinum_distance(x: Coordinate, y: Coordinate, z: Coordinate, breathed_z: Coordinate) -> Distance:
    """From the pleura that covers heart, great vessels, gullet and spine: one skin drawn tight over all of them."""
    shape = heart_distance(x, y, breathed_z) - 1.5
    for tube in (AORTA, _CAVA, CAVA, *_PULMONARY, _WINDPIPE, *_NECK_ARTERIES[::2], *_NECK_VEINS):
        shape = blend(shape, tube(x, y, z) - 2.8, 18.0)
    spine = Ellipsoid((0.0, 50.0, 0.0), (20.0, 22.0, 1e3))(x, y, 0.0)
    shape = blend(shape, spine - 2, 20.0)
    # Where both lungs nearly meet behind the sternum and before the spine.
    septum = np.abs(x - 3 + 4 * np.sin(y / 15 + z / 31)) - 2.0 - 0.42 * np.maximum(0, -y - 60)
    return blend(shape, septum, 15.0)


def lungs_distance(x: Coordinate, y: Coordinate, z: Coordinate, breathed_z: Coordinate | None = None) -> Distance:
    """From the surface of either lung; `breathed_z` is the height of heart and abdomen where it is not z."""
    breathed_z = z if breathed_z is None else breathed_z
    out = cage(x, y, z).out_mm + 1.2
    apex = _APEX(np.abs(x), y, np.maximum(z, 30.0)) - np.maximum(0, 50 - z)
    room = np.maximum(np.maximum(out, apex), -abdomen_distance(x, y, breathed_z))
    lungs: Distance = np.maximum(room, -mediastinum_distance(x, y, z, breathed_z))
    return lungs


def _fissure(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """Above the oblique fissures positive, below negative."""
    bow = 9 * np.sin((y + 20) / 38) * np.cos((np.abs(x) - 70) / 34)
    fissure: Distance = (z - (38 - (78 - y) * 0.86) + bow) * 0.76
    return fissure


def paint_lungs(canvas: Canvas, breathed_z: float, trees: LungTrees) -> None:
    """Parenchyma, heavier toward the back where it lies; fissures; vessels and airways."""
    if canvas.z_mm < LOWEST_MM:
        return
    canvas = canvas.near(CAGE_BOX_MM)
    distance = canvas.smooth(lambda x, y, z: lungs_distance(x, y, z, breathed_z))
    # Slices are thick and the base of the lung moves: where it slopes its edge is soft.
    edge_mm = 2.2 if breathed_z < -30 else 0.0
    inside = canvas.coverage(distance, edge_mm)
    if not inside.any():
        return
    heavy = 30 * np.clip(canvas.y / 80, -0.6, 1) + 26 * np.clip((canvas.y - 55) / 25, 0, 1)
    canvas.paint(distance, LUNG_HU + heavy + 10 * canvas.coarse + 24 * canvas.fine, edge_mm)
    fissure = np.abs(canvas.smooth(_fissure)) - 0.35
    within = inside * (distance < -1.5)
    canvas.hu[...] += canvas.coverage(fissure) * within * 130
    canvas.hu[...] += stamp(canvas, trees.vessels) * inside * (LUNG_VESSEL_HU - canvas.hu)
    canvas.hu[...] += stamp(canvas, trees.airways.thicker(0.8)) * inside * (-380 - canvas.hu)
    canvas.hu[...] += stamp(canvas, trees.airways) * inside * (AIR_HU - canvas.hu)


def paint_mediastinum(canvas: Canvas, breathed_z: float, tint: Enhancement) -> None:
    """Heart, vessels and airways of the middle; run after the lungs, whose vessels reach into them."""
    if -125 < breathed_z < 30:
        _paint_heart(canvas.at(breathed_z).near((-80.0, 105.0, -100.0, 45.0)), tint)
    canvas.tube(_AZYGOS, 0.5 * (tint.lower_cava + tint.upper_cava))
    for tube in _LUNG_VEINS:
        canvas.tube(tube, tint.left_heart)
    for tube in _PULMONARY:
        canvas.tube(tube, tint.pulmonary)
    for tube in (_CAVA, *_NECK_VEINS):
        canvas.tube(tube, tint.upper_cava)
    _paint_thyroid(canvas, tint)
    _paint_gullet(canvas)
    canvas.tube(AORTA, 80.0, 1.1)
    for tube in (AORTA, *_NECK_ARTERIES):
        canvas.tube(tube, tint.aorta)
    _paint_chalk(canvas)
    for tube in (_WINDPIPE, *_BRONCHI):
        canvas.tube(tube, 10.0, 1.6)
    for tube in (_WINDPIPE, *_BRONCHI):
        canvas.tube(tube, AIR_HU)


def _paint_chalk(canvas: Canvas) -> None:
    """Calcified plaques in the aorta's wall."""
    if AORTA.meets(canvas.z_mm, canvas.slice_mm):
        part = canvas.near(AORTA.box_at(canvas.z_mm, canvas.slice_mm))
        way = np.abs(AORTA(part.x, part.y, part.z_mm)) - 0.7
        patches = 2.7 - 1.6 * part.coarse - 0.6 * part.other
        part.paint(np.maximum(way, patches), 620.0)


def _paint_heart(canvas: Canvas, tint: Enhancement) -> None:
    """Chambers in their muscle, fat in the grooves between them; all a little blurred, for it beats."""
    x, y, z = canvas.x, canvas.y, canvas.z_mm
    pericardium = canvas.smooth(heart_distance)
    canvas.paint(pericardium - 0.5, FAT_HU + 10 + 8 * canvas.fine)
    wall, chamber = canvas.smooth(_LV_WALL) + 0.9 * canvas.coarse, canvas.smooth(_RV) + 1.2 * canvas.coarse
    right_atrium, left_atrium = canvas.smooth(_RA) + 1.3 * canvas.coarse, canvas.smooth(_LA) + canvas.coarse
    right = np.maximum(chamber, -wall - 2)
    for muscle in (np.maximum(chamber - 3.0, -wall - 2), right_atrium - 1.8, left_atrium - 1.8):
        canvas.paint(muscle, tint.myocardium, _BEAT_MM)
    canvas.paint(wall, tint.myocardium + 5 * canvas.coarse, _BEAT_MM)
    rough = 1.6 * canvas.coarse + 1.1 * canvas.fine
    # Blood with and without contrast is not yet mixed on the right.
    canvas.paint(right + 1.3 * rough, tint.right_heart + 8 * canvas.coarse, _BEAT_MM)
    canvas.paint(right_atrium, tint.right_heart - 10 + 14 * canvas.coarse, _BEAT_MM)
    canvas.paint(left_atrium, tint.left_heart, _BEAT_MM)
    canvas.paint(_APPENDAGE(x, y, z) + 1.8 * canvas.fine, tint.left_heart - 8, _BEAT_MM)
    canvas.paint(canvas.smooth(_LV) + 1.2 * rough, tint.left_heart, _BEAT_MM)
    for pillar in _PAPILLARY:
        canvas.paint(pillar(x, y, z) + 0.6 * canvas.fine, tint.myocardium, _BEAT_MM)
    for artery in _CORONARIES:
        if artery.meets(z, 8.0):
            part = canvas.near(artery.box_at(z, 8.0))
            way = np.maximum(artery(part.x, part.y, z), -3 - heart_muscle(part.x, part.y, z))
            part.paint(way - 2.6 + 1.2 * part.coarse, FAT_HU + 25, _BEAT_MM)
            part.paint(way, tint.aorta)


def _paint_gullet(canvas: Canvas) -> None:
    """Flat and folded; now and then with a little swallowed air, not in its middle."""
    if not _GULLET.meets(canvas.z_mm, canvas.slice_mm):
        return
    part = canvas.near(_GULLET.box_at(canvas.z_mm, canvas.slice_mm))
    way = _GULLET(part.x, part.y, part.z_mm) + 1.5 * part.coarse + 0.7 * part.fine
    part.paint(way, GULLET_HU + 10)
    part.paint(way + 3.0, GULLET_HU - 16)
    if np.sin(canvas.z_mm / 17) > 0.4:
        part.paint(way + 5.4 + 1.1 * part.fine, -620.0, 2.0)


def _paint_thyroid(canvas: Canvas, tint: Enhancement) -> None:
    for lobe in _THYROID:
        if abs(canvas.z_mm - lobe.center_lps[2]) < lobe.radii_mm[2]:
            part = canvas.around(lobe.center_lps, 16.0)
            part.paint(lobe(part.x, part.y, part.z_mm) + 0.7 * part.coarse, tint.thyroid + 10 * part.fine)
