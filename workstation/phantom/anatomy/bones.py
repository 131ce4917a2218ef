"""Spine, ribs, sternum, collar bones, shoulder blades and the heads of the arms."""

from typing import Any

import numpy as np

from workstation.phantom.anatomy.canvas import SMOOTH_MM, Canvas, doubled
from workstation.phantom.anatomy.solids import Coordinate, Distance, Ellipsoid, Profile, Tube, plate
from workstation.phantom.anatomy.wall import Cage, cage

CORTEX_HU, SPONGIOSA_HU, CARTILAGE_HU, DISC_HU, CORD_HU, CANAL_HU = 640.0, 190.0, 95.0, 75.0, 38.0, 15.0

# Middle of one vertebral body, and where bodies lie: the chest is bent forward at both ends, the loin backward.
VERTEBRA_Z_MM = -46.0
# Middles and heights (disc below included) of all bodies from the first of the loin up, and of the five of the loin.
_LEVELS = (
    *((VERTEBRA_Z_MM + 23.0 * n, 23.0, 5.0) for n in range(-5, 8)),
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
_BODY_HALF_WIDTH = Profile(((-320, 26), (-190, 21), (-60, 17), (110, 14)))
_BODY_HALF_DEPTH = Profile(((-300, 18), (-190, 16), (-60, 14.5), (110, 10)))

_RIB_MM = 24.0
_LOWEST_RIB = -7
_RIB_Z_MM = 4.0
_RIB_DROP_MM = 82.0
_MANUBRIUM_Z_MM = 40.0
_STERNUM_HALF_WIDTH = Profile(((-96, 6), (-80, 14), (0, 17), (38, 13), (42, 18), (75, 30), (82, 26)))
_CLAVICLE = Tube(((26, -58, 80, 8), (52, -60, 92, 6.5), (90, -42, 106, 6), (130, -5, 120, 7)))
_HUMERUS = Ellipsoid((146.0, 14.0, 121.0), (25.0, 24.0, 25.0))


def vertebra_center_y(z: Coordinate) -> float:
    """y of the middle of the vertebral column at a height."""
    return float(_BODY_Y(z))


def paint_bones(canvas: Canvas, ribs: Cage, skin: Distance) -> None:
    """All bones but the spine, which is painted after the organs around it."""
    _paint_ribs(canvas, ribs)
    _paint_sternum(canvas)
    inside = skin + 4
    for mirror in (1, -1):
        _paint_shoulder(canvas, mirror, inside)


def bone(
    canvas: Canvas, distance: Distance, cortex_mm: Any, marrow_hu: float = SPONGIOSA_HU, cortex_hu: float = CORTEX_HU
) -> None:
    """A shell of cortex around spongiosa whose trabeculae are seen as mottle."""
    core = np.clip((-distance - cortex_mm) / 1.2 + 0.5, 0, 1)
    marrow = marrow_hu + 22 * canvas.fine + 10 * canvas.coarse
    cortex = cortex_hu + 40 * canvas.fine
    canvas.paint(distance, cortex + core * (marrow - cortex))


def _paint_ribs(canvas: Canvas, ribs: Cage) -> None:
    """Ribs of bone, and in front their cartilage, which is chalky in patches."""
    if canvas.z_mm < -250:
        return
    rib, past_end = _ribs(canvas, ribs)
    rib = rib + 0.35 * canvas.coarse
    bone(canvas, np.maximum(rib, past_end), 1.0 + 0.25 * canvas.broad, 130.0)
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
    forward = np.clip(angle / 2.6, 0, 1)
    drop = _RIB_DROP_MM * (0.5 - 0.5 * np.cos(np.pi * forward)) ** 0.9
    number = (canvas.z_mm + 0.03 * x - _RIB_Z_MM + drop) / _RIB_MM
    whole = np.maximum(np.rint(number), np.float32(_LOWEST_RIB))
    above = (number - whole) * _RIB_MM
    thick, tall = 3.4 + 1.1 * np.exp(-((angle / 0.5) ** 2)), 5.4 + 1.2 * np.sin(1.3 * angle)
    # Taken across the fall of the rib, not straight up.
    rib = (np.hypot((out - 4.8) / thick, above * 0.93 / tall) - 1) * thick
    # Lower ribs end earlier, the lowest float.
    front = 2.55 + 0.011 * np.minimum(0.0, whole * _RIB_MM + 40) - np.float32(0.35) * (whole <= _LOWEST_RIB)
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
    joint = 1.5 - abs(canvas.z_mm - _MANUBRIUM_Z_MM)
    bone(part, np.maximum(board, joint), 0.8, 110.0, 380.0)


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


def paint_spine(canvas: Canvas) -> None:
    """Vertebral bodies and discs, the arch with its processes, the canal with the cord."""
    if canvas.z_mm < _LOWEST_BODY_MM:
        return
    center = vertebra_center_y(canvas.z_mm)
    part = canvas.near((-50.0, 50.0, center - 25, center + 75))
    half_width, half_depth = _BODY_HALF_WIDTH(canvas.z_mm), _BODY_HALF_DEPTH(canvas.z_mm)
    middle, height, disc = min(_LEVELS, key=lambda level: abs(level[0] - canvas.z_mm) / level[1])
    above = canvas.z_mm - middle
    x, y = part.x, part.y - center
    end: Any = (height - disc) / 2
    # End plates are hollow, and no two alike.
    end = end - 1.6 * np.exp(-(x**2 + y**2) / 90) + 0.5 * part.broad
    waist = 2.2 * (1 - min(1.0, (2 * above / (height - disc)) ** 2))
    body = Ellipsoid((0.0, 0.0, 0.0), (half_width - waist, half_depth - waist * 0.6, 1e3))(x, y, 0.0)
    hollow = Ellipsoid((0.0, half_depth + 7.0, 0.0), (12.0, 10.0, 1e3))(x, y, 0.0)
    body = np.maximum(body, -hollow)
    part.paint(body - 0.8, DISC_HU + 6 * part.coarse)
    bone(part, np.maximum(body, abs(above) - end), 0.8, SPONGIOSA_HU, 430.0)
    canal_y = half_depth + 8.0
    canal = Ellipsoid((0.0, canal_y, 0.0), (10.5, 8.5, 1e3))(x, y, 0.0)
    scale = height / 23.0
    bone(part, np.maximum(_arch(x, y - canal_y, above / scale, scale), -canal), 1.3, 160.0)
    part.paint(np.maximum(canal, -body), CANAL_HU)
    part.paint(Ellipsoid((0.0, canal_y, 0.0), (5.5, 4.5, 1e3))(x, y, 0.0), CORD_HU)


def _arch(x: Coordinate, y: Coordinate, above: float, scale: float) -> Distance:
    """Pedicles, laminae, transverse and spinous processes around a canal at the origin; those of the loin are long."""
    side = np.abs(x)
    # Laminae overlap like tiles; below the pedicles the way out for the nerve stays open.
    lamina = np.abs(np.hypot(x / 13.5, y / 11.5) - 1) * 12 - (3.4 if above > -6 else 2.2)
    lamina = np.maximum(lamina, 2 - y)
    spinous = plate(side, y - 17 - 0.25 * (6 - above) - 6 * (scale - 1), 2.4 + 0.8 * (above < 0), 9.0 + 9 * (scale - 1))
    # Between one process and the next there is only ligament; between laminae a slit.
    spinous = np.maximum(spinous, abs(above + 2.5) - 7.5)
    lamina = np.maximum(lamina, above - 7.5)
    arch: Distance = np.minimum(lamina, spinous)
    if above > -3:
        pedicle = plate(side - 12.5, y + 4, 4.2, 9.0)
        arch = np.minimum(arch, np.maximum(pedicle, -3 - above))
        reach = 15 - 17 * min(1.0, 2 * (scale - 1))
        across = Tube(((12, 4, 4, 4.5), (26, (reach + 4) / 2 + 1, 5, 4.0), (37 + 9 * (scale - 1), reach, 6, 4.4)))
        arch = np.minimum(arch, across(side, y, above))
    facet = Ellipsoid((15.0, 7.0, -9.0), (6.0, 5.0, 8.0))(side, y, above)
    arch = np.minimum(arch, facet)
    return arch
