"""Below the diaphragm: liver with its vessels and gallbladder, spleen, and the dome over them."""

from typing import Any

import numpy as np

from workstation.phantom.anatomy.canvas import Canvas, Image
from workstation.phantom.anatomy.solids import FAR_MM, Coordinate, Distance, Ellipsoid, Tube, blend
from workstation.phantom.anatomy.trees import Beads, stamp
from workstation.phantom.anatomy.wall import FAT_HU, MUSCLE_HU, Cage, cage
from workstation.phantom.phases import Enhancement

BILE_HU = 9.0

# Slices are thick, and organs below the diaphragm do not quite keep still.
_SMEARED_MM = 1.6
# Above this height there is no abdomen.
TOP_MM = -55.0

_RIGHT_DOME = Ellipsoid((-60.0, -2.0, -172.0), (78.0, 92.0, 104.0))
_LEFT_DOME = Ellipsoid((64.0, -2.0, -176.0), (75.0, 92.0, 94.0))
_MIDDLE = Ellipsoid((0.0, -30.0, -190.0), (80.0, 66.0, 92.0))
_BACK = Ellipsoid((0.0, 30.0, -215.0), (140.0, 80.0, 75.0))
_FRONT = Ellipsoid((0.0, -60.0, -205.0), (150.0, 66.0, 98.0))
# Below this height all that is within the wall is abdomen.
_OPEN_MM = -200.0

_LIVER_LEFT = Ellipsoid(
    (4.0, -48.0, -136.0), (64.0, 24.0, 40.0), ((0.97, -0.22, 0.0), (0.22, 0.97, 0.0), (0.0, 0.0, 1.0))
)
_CAUDATE = Ellipsoid((-6.0, -6.0, -138.0), (13.0, 12.0, 26.0))
# The cleft before the caudate, and the one in which the round ligament lies.
_CLEFT = Ellipsoid((-2.0, -22.0, -140.0), (24.0, 2.2, 26.0), ((0.9, 0.43, 0.0), (-0.43, 0.9, 0.0), (0.0, 0.0, 1.0)))
_ROUND_CLEFT = Ellipsoid(
    (-8.0, -62.0, -172.0), (3.2, 36.0, 38.0), ((0.98, 0.2, 0.0), (-0.2, 0.98, 0.0), (0.0, 0.0, 1.0))
)
CAVA = Tube(
    (
        (-26, -4, -62, 12),
        (-24, 4, -92, 12),
        (-19, 8, -130, 11.5),
        (-16, 6, -180, 11),
        (-17, -4, -230, 10.5),
        (-18, -9, -275, 10),
        (-17, -6, -308, 10),
    )
)
PORTAL_VEIN = Tube(((4, -14, -194, 6), (-18, -12, -168, 7), (-34, -14, -152, 6), (-52, -16, -146, 4.5)))
_GALLBLADDER = Ellipsoid(
    (-50.0, -52.0, -188.0), (14.0, 25.0, 20.0), ((0.9, 0.43, 0.0), (-0.43, 0.9, 0.0), (0.0, 0.0, 1.0))
)
# In the cage's own coordinates: mm along its inner surface and outward, and the height.
_SPLEEN = Ellipsoid((0.0, -16.5, -134.0), (50.0, 15.0, 46.0))
_SPLEEN_ANGLE, _SPLEEN_ARM_MM = 0.99, 92.0
_SPLENIC_HILUM = Ellipsoid((76.0, 22.0, -140.0), (12.0, 14.0, 22.0))
STOMACH = Tube(
    (
        (30, 4, -97, 7),
        (50, 8, -100, 24),
        (60, 2, -110, 38),
        (64, 0, -122, 37),
        (59, -6, -138, 29),
        (50, -32, -158, 20),
        (36, -50, -174, 15),
        (10, -60, -187, 13),
        (-8, -55, -192, 11),
        (-20, -50, -192, 9),
    )
)
RIGHT_KIDNEY = Ellipsoid(
    (-58.0, 42.0, -212.0), (26.0, 25.0, 50.0), ((0.94, -0.3, 0.16), (0.3, 0.954, 0.0), (-0.16, 0.05, 0.986))
)


def abdomen_distance(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the upper side of the diaphragm; far from it on slices above its domes, far within it below them."""
    if np.ndim(z) == 0 and not _OPEN_MM < z < TOP_MM:
        return np.full(np.broadcast_shapes(np.shape(x), np.shape(y)), FAR_MM if z >= TOP_MM else -FAR_MM, np.float32)
    domes = blend(_RIGHT_DOME(x, y, z), _LEFT_DOME(x, y, z), 20.0)
    low = blend(_FRONT(x, y, z), _BACK(x, y, z), 16.0)
    return blend(blend(domes, _MIDDLE(x, y, z), 20.0), low, 16.0)


def liver_distance(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the liver's capsule."""
    right = np.maximum(_RIGHT_DOME(x, y, z) + 1.4, x + 4 - 0.25 * y + 5 * np.sin(y / 19))
    liver = blend(blend(right, _LIVER_LEFT(x, y, z), 16.0), _CAUDATE(x, y, z), 7.0)
    spine = Ellipsoid((4.0, 40.0, 0.0), (44.0, 38.0, 1e3))(x, y, 0.0)
    # The lower face rises from the right flank to the middle, and from front to back; it is hollow.
    below = (0.62 * (x + 108) - 0.16 * (y + 40) - (z + 232) + 8 * np.sin((x - y) / 27)) * 0.8
    behind = blend(spine, RIGHT_KIDNEY.grown(5.0)(x, y, z), 36.0)
    liver = -blend(-liver, np.minimum(behind, -below), 14.0)
    wavy = x + 2.5 * np.sin(y / 7 + z / 11)
    return -blend(-liver, np.minimum(_CLEFT(wavy, y, z), _ROUND_CLEFT(wavy, y, z)), 4.0)


def spleen_distance(x: Coordinate, y: Coordinate, z: Coordinate) -> Distance:
    """From the spleen's capsule: bent as the ribs are, hollow toward its vessels."""
    ribs = cage(x, y, z)
    along = (ribs.angle - _SPLEEN_ANGLE) * _SPLEEN_ARM_MM + 0.3 * (z + 134)
    spleen = np.maximum(_SPLEEN(along, ribs.out_mm, z), 20 - x)
    return -blend(-spleen, _SPLENIC_HILUM(x, y, z), 10.0)


def paint_diaphragm(canvas: Canvas, ribs: Cage) -> Distance:
    """The diaphragm and the fat below it; the distance from the inner side of what encloses the organs."""
    dome = canvas.smooth(abdomen_distance)
    diaphragm = np.maximum(dome, ribs.out_mm)
    if canvas.z_mm > _OPEN_MM:
        canvas.paint(np.maximum(diaphragm, -dome - 12), MUSCLE_HU)
    strands = np.maximum(0, canvas.fine - 1.3) * 40 + 6 * canvas.coarse
    canvas.paint(diaphragm + 1.8, FAT_HU + strands)
    clip: Distance = diaphragm + 1.3
    return clip


def diaphragm_of(canvas: Canvas) -> Distance:
    """The distance that `paint_diaphragm` gives, for a smaller canvas."""
    clip: Distance = canvas.smooth(lambda x, y, z: np.maximum(abdomen_distance(x, y, z), cage(x, y, z).out_mm)) + 1.3
    return clip


def paint_organs(canvas: Canvas, clip: Distance, tint: Enhancement, portal: Beads, hepatic: Beads) -> None:
    """Spleen, liver with its vessels, gallbladder."""
    z = canvas.z_mm
    if z < -262:
        return
    patches = 3 * canvas.coarse
    if z > -185:
        spleen = np.maximum(canvas.smooth(spleen_distance), clip)
        # In the arterial phase the spleen is striped: its two kinds of pulp fill one after the other.
        stripes = (
            np.float32(15)
            * np.asarray(np.clip((tint.aorta - 240) / 90, 0, 1), np.float32)
            * np.sin(canvas.coarse * 2.5 + canvas.x / 5)
        )
        canvas.paint(spleen + 1.1 * canvas.coarse, tint.spleen + patches + stripes)
    liver = np.maximum(canvas.smooth(liver_distance), clip)
    liver = liver + (1.0 * canvas.coarse + 0.3 * canvas.fine) * (liver > -6)
    canvas.paint(liver, tint.liver + 2.2 * canvas.coarse + 2 * canvas.fine + 1.5 * canvas.other, _SMEARED_MM)
    inside = canvas.coverage(liver)
    _fill(canvas, inside * stamp(canvas, portal), tint.portal_vein)
    _fill(canvas, inside * stamp(canvas, hepatic), tint.hepatic_vein)
    canvas.tube(PORTAL_VEIN, tint.portal_vein)
    if abs(z - _GALLBLADDER.center_lps[2]) < 24:
        part = canvas.around(_GALLBLADDER.center_lps, 30.0)
        bladder = _GALLBLADDER(part.x, part.y, z) + 0.6 * part.coarse
        part.paint(bladder, 48.0)
        part.paint(bladder + 1.6, BILE_HU)


def _fill(canvas: Canvas, share: Image, value_hu: Any) -> None:
    canvas.hu[...] += share * (value_hu - canvas.hu)
