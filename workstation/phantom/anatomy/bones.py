"""Ribs, sternum, collar bones, shoulder blades and the heads of the arms."""

from typing import Any

import numpy as np

from workstation.phantom.anatomy.canvas import SMOOTH_MM, Canvas, doubled
from workstation.phantom.anatomy.solids import Coordinate, Distance, Ellipsoid, Profile, Tube, plate
from workstation.phantom.anatomy.wall import RIB_MM, Cage, cage, rib_number

CORTEX_HU, SPONGIOSA_HU, CARTILAGE_HU = 640.0, 170.0, 95.0

_LOWEST_RIB = -7
_MANUBRIUM_Z_MM = 40.0
_STERNUM_HALF_WIDTH = Profile(((-96, 6), (-80, 14), (0, 17), (38, 13), (42, 18), (75, 30), (82, 26)))
_CLAVICLE = Tube(((26, -58, 80, 8), (52, -60, 92, 6.5), (90, -42, 106, 6), (130, -5, 120, 7)))
_HUMERUS = Ellipsoid((146.0, 14.0, 121.0), (25.0, 24.0, 25.0))


def paint_bones(canvas: Canvas, ribs: Cage, skin: Distance) -> None:
    """All bones but the spine, which is painted after the organs around it."""
    _paint_ribs(canvas, ribs)
    _paint_sternum(canvas)
    inside = skin + 4
    for mirror in (1, -1):
        _paint_shoulder(canvas, mirror, inside)


def bone(
    canvas: Canvas, distance: Distance, cortex_mm: Any, marrow_hu: Any = SPONGIOSA_HU, cortex_hu: float = CORTEX_HU
) -> None:
    """A shell of cortex, thicker here than there, around spongiosa whose trabeculae are seen as mottle."""
    shell = cortex_mm * (1 + 0.28 * canvas.coarse)
    core = np.clip((-distance - shell) / 1.5 + 0.5, 0, 1)
    marrow = marrow_hu + 30 * canvas.fine + 8 * canvas.coarse
    cortex = cortex_hu + 70 * canvas.fine + 50 * canvas.other
    canvas.paint(distance, cortex + core * (marrow - cortex))


def _paint_ribs(canvas: Canvas, ribs: Cage) -> None:
    """Ribs of bone, and in front their cartilage, which is chalky in patches."""
    if canvas.z_mm < -250:
        return
    rib, past_end = _ribs(canvas, ribs)
    rib = rib + 0.35 * canvas.coarse
    bone(canvas, np.maximum(rib, past_end), 0.9 + 0.25 * canvas.broad, 75.0)
    if -135 < canvas.z_mm < 80:
        cartilage = np.maximum(np.maximum(rib - 0.6, -past_end), np.abs(canvas.x) * -1 + 12)
        chalk = np.maximum(0, canvas.coarse - 1.2) * 220
        canvas.paint(cartilage, CARTILAGE_HU + 22 * canvas.fine + chalk)


def _ribs(canvas: Canvas, ribs: Cage) -> tuple[Distance, Distance]:
    """Distance from the ribs, and from where bone ends: all by one formula.

    Each rib falls on its way forward, so a slice cuts several of them, obliquely.
    """
    step = 2 if canvas.pixel_mm < SMOOTH_MM else 1
    x, out, angle = (image[::step, ::step] for image in (canvas.x, ribs.out_mm, ribs.angle))
    number = rib_number(x, angle, canvas.z_mm)
    whole = np.maximum(np.rint(number), np.float32(_LOWEST_RIB))
    above = (number - whole) * RIB_MM
    thick, tall = 3.4 + 1.1 * np.exp(-((angle / 0.5) ** 2)), 5.4 + 1.2 * np.sin(1.3 * angle)
    # Taken across the fall of the rib, not straight up.
    rib = (np.hypot((out - 4.8) / thick, above * 0.93 / tall) - 1) * thick
    # Lower ribs end earlier, the lowest float.
    front = 2.55 + 0.011 * np.minimum(0.0, whole * RIB_MM + 40) - np.float32(0.35) * (whole <= _LOWEST_RIB)
    past_end = (angle - front) * 80
    rib = np.maximum(rib, 0.12 * 90 - angle * 90)
    if step == 1:
        return rib, past_end
    return doubled(rib, canvas.x.shape), doubled(past_end, canvas.x.shape)


def _paint_sternum(canvas: Canvas) -> None:
    if not -96 < canvas.z_mm < 82:
        return
    part = canvas.near((-40.0, 40.0, -140.0, 0.0))
    out = cage(part.x, part.y, part.z_mm).out_mm
    thick = 6.0 if canvas.z_mm > _MANUBRIUM_Z_MM else 5.0
    board = plate(part.x, out - 7.0, _STERNUM_HALF_WIDTH(canvas.z_mm), thick, 4.0)
    board = board + 0.7 * part.coarse + 0.9 * part.other * np.clip(np.abs(part.x) / 12, 0, 1)
    joint = 1.5 - abs(canvas.z_mm - _MANUBRIUM_Z_MM)
    bone(part, np.maximum(board, joint), 0.8, 95.0, 420.0)


def _paint_shoulder(canvas: Canvas, mirror: int, inside: Distance) -> None:
    z = canvas.z_mm
    if _CLAVICLE.meets(z, canvas.slice_mm):
        part = canvas.near(_CLAVICLE.box() if mirror > 0 else _CLAVICLE.mirrored().box())
        bone(part, _CLAVICLE(mirror * part.x, part.y, z), 1.8, 160.0)
    if z < -32:
        return
    part = canvas.near((60.0, 180.0, -40.0, 110.0) if mirror > 0 else (-180.0, -60.0, -40.0, 110.0))
    x, y = mirror * part.x, part.y
    bone(part, _blade(x, y, z), 1.0, 140.0)
    if z > 92:
        bone(part, _HUMERUS(x, y, z), 2.0, 150.0)


def _blade(x: Coordinate, y: Coordinate, z: float) -> Distance:
    """The shoulder blade: a thin curved plate, stout along its outer border, with its spine above."""
    length = Profile(((-32, 4.0), (-10, 22.0), (30, 46.0), (80, 60.0)))(z)
    along = np.clip(((x - 77) * 0.82 - (y - 82) * 0.57) / length, 0, 1)
    bow = 5 * np.sin(np.pi * along)
    thickness = 1.3 + 3.2 * along**4 + 1.2 * (1 - along) ** 6
    way = np.hypot(x - (77 + along * length * 0.82) - bow * 0.4, y - (82 - along * length * 0.57) - bow * 0.7)
    blade: Distance = way - thickness
    if z > 62:
        blade = np.minimum(blade, Tube(((84, 83, 62, 2), (104, 82, 78, 4), (138, 66, 104, 6)))(x, y, z))
    if z > 70:
        blade = np.minimum(blade, Ellipsoid((124.0, 38.0, 100.0), (9.0, 15.0, 24.0))(x, y, z))
    return blade
