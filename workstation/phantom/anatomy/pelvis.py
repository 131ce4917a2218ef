"""Below the loin: hip bones, sacrum, femora and the muscles around them; bladder, womb and ovaries."""

from collections.abc import Callable

import numpy as np

from workstation.phantom.anatomy.bones import bone
from workstation.phantom.anatomy.canvas import SMOOTH_MM, Canvas, Image, doubled
from workstation.phantom.anatomy.muscles import flesh
from workstation.phantom.anatomy.solids import Coordinate, Distance, Ellipsoid, Profile, Tube, blend, plate
from workstation.phantom.anatomy.wall import MUSCLE_HU
from workstation.phantom.phases import Enhancement

TOP_MM = -276.0

# The wing of the hip bone in each slice runs from a hind to a fore point: x and y of both over height.
_HIND_X = Profile(((-276, 100), (-300, 62), (-340, 42), (-385, 44), (-412, 66)))
_HIND_Y = Profile(((-276, 36), (-300, 60), (-340, 66), (-385, 62), (-412, 40)))
_FORE_X = Profile(((-276, 108), (-300, 120), (-345, 122), (-375, 114), (-412, 98)))
_FORE_Y = Profile(((-276, 20), (-300, -16), (-345, -42), (-375, -36), (-412, -22)))
_WING_MM = Profile(((-276, 4.5), (-300, 3.6), (-370, 4.6), (-400, 8), (-412, 12)))
_HEAD = Ellipsoid((88.0, 2.0, -426.0), (23.5, 23.5, 23.5))
_NECK = Tube(((90, 3, -428, 16), (106, 8, -442, 13.5), (124, 13, -460, 17)))
_TROCHANTER = Ellipsoid((132.0, 20.0, -456.0), (14.0, 18.0, 24.0))
_SHAFT = Tube(((124, 14, -466, 17), (119, 10, -500, 14.5), (115, 6, -548, 14)))
_PUBIS = (
    Tube(((78, -14, -434, 10), (44, -40, -448, 8), (14, -50, -456, 10), (9, -50, -468, 9))),
    Tube(((11, -48, -468, 7.5), (30, -26, -492, 6.5), (50, 10, -506, 10))),
    Tube(((52, 24, -502, 15), (60, 30, -478, 14), (68, 26, -446, 15))),
)
_SYMPHYSIS_MM = 2.6
_SACRUM_Y = Profile(((-346, 34), (-380, 58), (-420, 70), (-445, 66), (-462, 56)))
_SACRUM_HALF_WIDTH = Profile(((-338, 30), (-348, 52), (-372, 44), (-410, 28), (-445, 13), (-464, 6)))
_SACRUM_HALF_DEPTH = Profile(((-338, 17), (-372, 20), (-410, 13), (-445, 7), (-464, 4)))
_SACRUM_TOP_MM, _SACRUM_BOTTOM_MM = -338.0, -466.0
_BLADDER = Ellipsoid((0.0, -20.0, -444.0), (40.0, 30.0, 28.0))
_WOMB = Ellipsoid((3.0, 14.0, -424.0), (25.0, 17.0, 30.0), ((1.0, 0.0, 0.0), (0.0, 0.9, -0.43), (0.0, 0.43, 0.9)))
_OVARIES = (Ellipsoid((40.0, 10.0, -410.0), (13.0, 9.0, 10.0)), Ellipsoid((-38.0, 14.0, -414.0), (12.0, 9.0, 9.0)))
# Where the great muscle of the buttock begins near the middle; how thick those under it are.
_GREAT_Y = Profile(((-545, 110), (-505, 62), (-470, 44), (-400, 56), (-345, 72), (-300, 130)))
_GLUTEAL_MM = Profile(((-276, -12), (-300, 12), (-345, 37), (-400, 46), (-450, 34), (-500, 12), (-545, -10)))
_OBTURATOR = Tube(((66, 8, -410, 9), (56, 8, -440, 10), (50, 6, -476, 10)))
# Muscles of the left hip and thigh; where two would meet a thin line of fat lies between them.
_THIGH = (
    Tube(((84, -30, -396, 13), (92, -36, -430, 20), (100, -18, -470, 16), (106, 4, -500, 9))),
    Tube(((116, -48, -385, 8), (112, -54, -430, 10), (100, -66, -480, 10), (84, -70, -548, 11))),
    Tube(((126, -38, -372, 8), (136, -36, -430, 13), (142, -34, -480, 12), (144, -28, -548, 8))),
    Tube(((112, -34, -404, 7), (118, -46, -440, 15), (116, -54, -490, 18), (110, -54, -548, 21))),
    Tube(((124, -8, -392, 17), (136, 6, -430, 19), (140, 14, -455, 13))),
    Tube(((140, 0, -468, 11), (142, 6, -500, 21), (140, 2, -548, 27))),
    Tube(((114, -12, -486, 15), (114, -20, -548, 21))),
    Tube(((44, -46, -452, 9), (66, -34, -475, 17), (92, -8, -500, 13))),
    Tube(((24, -48, -472, 9), (46, -42, -495, 19), (70, -30, -548, 22))),
    Tube(((40, -4, -488, 15), (58, 6, -515, 26), (78, 10, -548, 31))),
    Tube(((16, -34, -482, 6), (24, -24, -510, 10), (32, -14, -548, 12))),
    Tube(((64, 38, -496, 12), (78, 48, -548, 25))),
    Tube(((46, -12, -474, 15), (80, 14, -470, 14), (104, 24, -466, 9))),
    Tube(((66, 30, -480, 11), (114, 30, -480, 11))),
)


def _wing(x: Coordinate, y: Coordinate, z: float) -> tuple[Distance, Distance, Distance]:
    """Distance from the wing's bone; how far each point lies along it (0 behind, 1 in front); and its signed side.

    The side is positive outside (buttock) and negative inside (iliacus).
    """
    hind_x, hind_y = _HIND_X(z), _HIND_Y(z)
    way_x, way_y = _FORE_X(z) - hind_x, _FORE_Y(z) - hind_y
    length = float((way_x**2 + way_y**2) ** 0.5)
    along = ((x - hind_x) * (way_x / length**2)) + (y - hind_y) * (way_y / length**2)
    side = (y - hind_y) * (way_x / length) - (x - hind_x) * (way_y / length)
    held = np.clip(along, 0, 1)
    bow = 9 * np.sin(2 * np.pi * held) * min(max((length - 30) / 60, 0.0), 1.0)
    over = np.hypot(side - bow, (along - held) * length)
    # Below, the hind edge ends in the great notch.
    notch = float(np.clip((z + 417) / 18, 0.0, 1.0))
    thick = _WING_MM(z) * (0.62 + 1.0 * (1 - held) ** 3 + 0.9 * held**6) * (notch + (1 - notch) * held)
    thick = thick - 3 * (1 - notch) * (1 - held)
    return over - thick, along, side - bow


def _hip(x: Coordinate, y: Coordinate, z: float) -> Distance:
    """The hip bone of the left side: wing, socket, pubis and seat."""
    far = np.full(np.broadcast_shapes(np.shape(x), np.shape(y)), 24.0, np.float32)
    hip = _wing(x, y, z)[0] if z > -416 else far
    if -462 < z < -386:
        socket = np.maximum(_HEAD.grown(10.0)(x, y, z), -_HEAD.grown(3.2)(x, y, z))
        opening = (x - 90) * 0.75 - (y - 2) * 0.42 - (z + 426) * 0.5
        hip = blend(hip, np.maximum(socket, opening - 8), 5.0)
    for tube in _PUBIS:
        if tube.meets(z, 3.0):
            hip = blend(hip, tube(x, y, z), 4.0)
    apart: Distance = np.maximum(hip, _SYMPHYSIS_MM - x)
    return apart


def paint_gluteals(canvas: Canvas, skin: Distance) -> None:
    """The muscles of buttock, hip and thigh, packed against each other."""
    if canvas.z_mm > TOP_MM:
        return
    step = 2 if canvas.pixel_mm < SMOOTH_MM else 1
    images = (canvas.x, canvas.y, canvas.broad, canvas.other, skin)
    x, y, broad, other, skin = (image[::step, ::step] for image in images)
    x = np.abs(x)
    bellies = [*_buttocks(x, y, canvas.z_mm, broad, skin)]
    bellies += [tube(x, y, canvas.z_mm) - 3 + 1.5 * other for tube in _THIGH if tube.meets(canvas.z_mm, 4.0)]
    first, second = np.partition(np.stack(bellies), 1, axis=0)[:2]
    packed = np.maximum(np.maximum(first, 0.8 - (second - first) / 2), skin + 9 + 2 * broad)
    packed = np.maximum(packed, 2.5 - x + 0.4 * other).astype(np.float32)
    packed = packed if step == 1 else doubled(packed, canvas.x.shape)
    canvas.paint(packed + 0.6 * canvas.coarse, flesh(canvas))


def _buttocks(x: Image, y: Image, z: float, broad: Image, skin: Distance) -> tuple[Distance, ...]:
    """Distance from the great muscle, and from the two under it."""
    # The great one covers the hind third, from the sacrum to the thigh; its fibres run outward and down.
    edge = _GREAT_Y(z) - 0.36 * (x - 20) + 0.035 * np.maximum(0, x - 92) ** 2 - 6 * broad
    great = _both(_both(edge - y, skin + 14 + 5 * broad, 24.0), 9 + 0.03 * (z + 540) - x, 8.0)
    _, along, side = _wing(x, y, max(z, -412.0))
    reach = _GLUTEAL_MM(z) * np.clip(1.25 - along, 0.05, 1) ** 0.6 - 2.5
    mass = _both(np.maximum(side - reach, -side - 14), skin + 12 + 3 * broad, 16.0)
    mass = np.maximum(np.maximum(mass, 16 - x), (along - 0.98 + 0.0008 * side**2) * 60)
    middle = side - reach * 0.5 - 3 * broad
    return great, np.maximum(mass, -middle), np.maximum(mass, middle)


def _both(first: Distance, second: Distance, width_mm: float) -> Distance:
    """What lies in two solids, its edge rounded."""
    return -blend(-first, -second, width_mm)


def paint_bones(canvas: Canvas) -> None:
    """Hip bones with the muscle inside them, femora, and the sacrum."""
    z = canvas.z_mm
    if z > TOP_MM:
        return
    for mirror in (1, -1):
        part = canvas.near((0.0, 152.0, -66.0, 82.0) if mirror > 0 else (-152.0, 0.0, -66.0, 82.0))
        if z > -408:
            part.paint(part.smooth(_of_side(_iliacus, mirror)), MUSCLE_HU + 3 * part.coarse)
        obturator = _OBTURATOR if mirror > 0 else _OBTURATOR.mirrored()
        part.tube(obturator, MUSCLE_HU)
        bone(part, part.smooth(_of_side(_hip, mirror)) + 0.8 * part.coarse, 1.4, 120.0)
        _paint_femur(part, mirror)
    _paint_sacrum(canvas)


def _of_side(distance: Callable[[Image, Image, float], Distance], mirror: int) -> Callable[..., Distance]:
    return lambda x, y, z: distance(mirror * x, y, z)


def _iliacus(x: Coordinate, y: Coordinate, z: float) -> Distance:
    """The muscle that lines the left hip bone within."""
    _, along, side = _wing(x, y, z)
    thick = 15 * np.sin(np.pi * np.clip(along, 0.01, 0.99)) ** 0.6
    lining = np.maximum(np.maximum(-side - thick, side), (0.15 - along) * 80)
    return np.asarray(np.maximum(lining, (along - 1.0) * 80))


def _femur(x: Coordinate, y: Coordinate, z: float) -> Distance:
    femur = np.minimum(_HEAD(x, y, z), _NECK(x, y, z))
    return blend(femur, np.minimum(_TROCHANTER(x, y, z), _SHAFT(x, y, z)), 7.0)


def _paint_femur(part: Canvas, mirror: int) -> None:
    z = part.z_mm
    if z > -400:
        return
    femur = part.smooth(_of_side(_femur, mirror))
    thick = Profile(((-400, 1.2), (-455, 2.0), (-500, 5.0), (-548, 6.5)))(z)
    marrow = Profile(((-426, 270.0), (-455, 90.0), (-500, -40.0), (-548, -60.0)))(z)
    bone(part, femur + 0.4 * part.coarse, thick, marrow)


def _paint_sacrum(canvas: Canvas) -> None:
    z = canvas.z_mm
    if not _SACRUM_BOTTOM_MM < z < _SACRUM_TOP_MM:
        return
    center, half_width, half_depth = _SACRUM_Y(z), _SACRUM_HALF_WIDTH(z), _SACRUM_HALF_DEPTH(z)
    part = canvas.near((-60.0, 60.0, center - 32, center + 36))
    x, y = np.abs(part.x), part.y - center
    body = Ellipsoid((0.0, -2.0, 0.0), (half_width * 0.62, half_depth, 1e3))(x, y, 0.0)
    wing = plate(x - half_width * 0.5, y - 2 + (x / half_width) ** 2 * 8, half_width * 0.5, half_depth * 0.72, 5.0)
    crest = plate(x, y - half_depth, 3.5, 9.0 * np.clip((z + 450) / 60, 0, 1) + 2)
    sacrum = blend(blend(body, wing, 8.0), crest, 7.0)
    rung = np.cos((z + 360) / 25 * 2 * np.pi)
    hole = Ellipsoid((half_width * 0.42, 1.0, 0.0), (4.6, 6.0, 1e3))(x, y, 0.0) + 2.2 * (1 - rung)
    canal = Ellipsoid((0.0, half_depth * 0.75, 0.0), (9.0, 5.0, 1e3))(x, y, 0.0)
    bone(part, np.maximum(np.maximum(sacrum, -hole), -canal), 1.0, 110.0)
    part.paint(canal + 0.5, -20.0)


def paint_organs(canvas: Canvas, tint: Enhancement) -> None:
    """Bladder, womb, ovaries."""
    z = canvas.z_mm
    if not -480 < z < -385:
        return
    for ovary in _OVARIES:
        part = canvas.around(ovary.center_lps, 18.0)
        part.paint(ovary(part.x, part.y, z) + part.coarse, 62 + 12 * part.fine)
    part = canvas.near((-46.0, 46.0, -60.0, 50.0))
    womb = part.smooth(_WOMB) + 1.0 * part.coarse
    part.paint(womb, tint.bowel_wall + 14 + 4 * part.coarse)
    cavity = Ellipsoid(_WOMB.center_lps, (8.0, 2.6, 18.0), _WOMB.axes)
    part.paint(cavity(part.x, part.y, z), 52.0)
    bladder = part.smooth(_BLADDER) + 0.8 * part.coarse
    part.paint(bladder, 42.0)
    # Contrast is heavier than urine: it lies behind.
    urine = np.where(tint.bladder > 60, tint.bladder * np.clip((part.y + 24) / 30, 0.05, 1), tint.bladder)
    part.paint(bladder + 3.2, urine)
