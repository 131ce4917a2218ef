"""Behind the bowel: kidneys, adrenals, pancreas, the great vessels with their branches, the muscles of the loin."""

import numpy as np

from workstation.phantom.anatomy.abdomen import CAVA, PORTAL_VEIN, RIGHT_KIDNEY
from workstation.phantom.anatomy.canvas import Canvas
from workstation.phantom.anatomy.solids import Distance, Ellipsoid, Tube
from workstation.phantom.anatomy.trees import Beads, grow, joined, stamp
from workstation.phantom.anatomy.wall import FAT_HU, MUSCLE_HU
from workstation.phantom.phases import Enhancement

LEFT_KIDNEY = Ellipsoid(
    (60.0, 40.0, -198.0), (26.0, 25.0, 52.0), ((0.94, 0.3, -0.16), (-0.3, 0.954, 0.0), (0.16, 0.05, 0.986))
)
_PANCREAS = Tube(
    (
        (-20, -18, -214, 11),
        (-16, -20, -200, 12),
        (4, -27, -188, 9),
        (30, -14, -178, 9.5),
        (62, 14, -164, 8),
        (80, 26, -154, 6),
    )
)
_ADRENALS = (
    Tube(((34, 22, -160, 3), (40, 32, -164, 2.2), (48, 40, -172, 1.6))),
    Tube(((40, 32, -162, 2.4), (36, 40, -172, 1.6))),
    Tube(((-26, 22, -158, 2.2), (-30, 34, -166, 2.2), (-38, 44, -172, 1.6))),
)
_CRURA = (
    Tube(((12, 32, -95, 2.5), (14, 30, -140, 5), (14, 18, -195, 7), (14, 8, -240, 4))),
    Tube(((-4, 28, -100, 2.5), (-12, 28, -140, 5.5), (-14, 18, -195, 8), (-14, 6, -255, 4))),
)
_ARTERIES = (
    Tube(((6, 6, -172, 4), (5, -8, -174, 3.8), (-4, -24, -176, 3), (-26, -27, -166, 2.6), (-38, -28, -152, 2))),
    Tube(((5, -8, -174, 3.4), (24, -6, -168, 2.8), (44, 10, -166, 2.8), (76, 28, -150, 2.5))),
    Tube(((5, 2, -186, 4), (4, -16, -196, 3.8), (5, -24, -215, 3.5), (0, -28, -255, 3.2), (-18, -30, -300, 2.2))),
    Tube(((8, 0, -200, 3.2), (24, 12, -202, 3), (44, 32, -202, 2.6))),
    Tube(((2, 0, -204, 3.2), (-20, 14, -208, 3), (-42, 36, -212, 2.6))),
    Tube(((6, -14, -272, 2), (18, -14, -300, 1.9), (34, 0, -345, 1.6))),
)
_ILIAC_ARTERIES = (
    Tube(((3, -9, -294, 6.5), (16, -5, -318, 5.8), (34, 4, -350, 5.4))),
    Tube(((34, 4, -350, 4.8), (58, -8, -388, 4.6), (72, -32, -430, 4.5), (76, -42, -470, 4.4), (78, -36, -545, 4))),
    Tube(((34, 4, -350, 3.6), (40, 26, -376, 3.2), (44, 40, -400, 2.2))),
)
_ILIAC_VEINS = (
    Tube(((-15, -5, -304, 9), (14, 4, -328, 7), (30, 12, -354, 6.5))),
    Tube(((30, 12, -354, 6), (52, 0, -390, 5.8), (63, -24, -430, 5.6), (66, -34, -470, 5.6), (70, -28, -545, 5))),
    Tube(((30, 12, -354, 4.2), (36, 32, -380, 3.4), (42, 44, -404, 2.4))),
)
_RENAL_VEINS = (
    Tube(((44, 28, -198, 4.2), (24, 2, -196, 4.4), (6, -11, -196, 3.6), (-14, -2, -198, 4.5))),
    Tube(((-42, 32, -206, 4.4), (-22, 6, -204, 4.8))),
)
_MESENTERIC_VEIN = Tube(((4, -14, -194, 6), (-4, -22, -225, 5.2), (-8, -30, -262, 4.4), (-26, -30, -300, 3)))
_SPLENIC_VEIN = Tube(((4, -14, -194, 5), (30, -3, -182, 4.8), (62, 22, -166, 4.4), (82, 34, -148, 3.4)))
_SPLENIC_BRANCHES = (
    Tube(((76, 28, -152, 3.2), (84, 36, -138, 2.8), (94, 44, -118, 2.0))),
    Tube(((82, 34, -148, 3.0), (90, 40, -146, 2.6), (98, 50, -148, 1.8))),
    Tube(((78, 30, -150, 2.6), (88, 26, -160, 2.4), (100, 26, -164, 1.6))),
    Tube(((76, 28, -150, 2.2), (86, 22, -138, 2.0), (100, 20, -130, 1.4))),
)
_URETERS = (
    Tube(((42, 30, -212, 2.6), (36, 14, -250, 1.7), (38, 4, -320, 1.7), (38, 14, -380, 1.7), (18, 8, -432, 1.7))),
)
_PSOAS = Tube(
    (
        (26, 30, -172, 3),
        (34, 24, -205, 10),
        (40, 20, -250, 16),
        (50, 14, -305, 20),
        (66, 2, -360, 19),
        (80, -28, -412, 15),
        (90, -34, -440, 13),
        (98, -14, -470, 10),
        (104, 6, -490, 6),
    )
)
_QUADRATUS = Tube(((58, 60, -175, 5), (66, 54, -235, 12), (74, 52, -295, 12)))


def branches(rng: np.random.Generator) -> Beads:
    """The mesentery's vessels, fanning out to the small bowel; those of veins and arteries run together."""
    points = rng.uniform((-85, -66, -400), (85, -8, -215), (170, 3))
    return joined([grow(rng, (-8.0, -30.0, -262.0), points, 0.75, 0.5)])


def paint_muscles(canvas: Canvas) -> None:
    """Psoas, quadratus lumborum and the crura of the diaphragm."""
    for tube in (_PSOAS, _QUADRATUS):
        for side in (tube, tube.mirrored()):
            if side.meets(canvas.z_mm, canvas.slice_mm):
                part = canvas.near(side.box_at(canvas.z_mm, canvas.slice_mm))
                belly = side(part.x, part.y, part.z_mm) + 1.2 * part.coarse + 0.5 * part.fine
                part.paint(belly, MUSCLE_HU + 3 * part.coarse - np.maximum(0, part.fine - 1.2) * 45)


def paint_organs(canvas: Canvas, clip: Distance, tint: Enhancement) -> None:
    """Kidneys, adrenals and pancreas."""
    for kidney in (LEFT_KIDNEY, RIGHT_KIDNEY):
        _paint_kidney(canvas, kidney, tint)
    if canvas.z_mm < -230 or canvas.z_mm > -140:
        return
    for adrenal in _ADRENALS:
        canvas.tube(adrenal, tint.adrenal)
    part = canvas.near(_PANCREAS.box_at(canvas.z_mm, canvas.slice_mm))
    # Lobules with fat between them.
    outline = _PANCREAS(part.x, part.y, part.z_mm) + 2.0 * part.coarse + 1.7 * part.fine
    part.paint(outline, tint.pancreas - np.maximum(0, part.fine - 0.6) * 70)
    for crus in _CRURA:
        canvas.tube(crus, MUSCLE_HU)


def _paint_kidney(canvas: Canvas, kidney: Ellipsoid, tint: Enhancement) -> None:
    if abs(canvas.z_mm - kidney.center_lps[2]) > kidney.radii_mm[2] + 12:
        return
    canvas = canvas.around(kidney.center_lps, 42.0)
    x, y, z = canvas.x, canvas.y, canvas.z_mm
    side = float(np.sign(kidney.center_lps[0]))
    outline = kidney(x, y, z) + 0.7 * canvas.coarse
    # Gerota's fascia: a thread around the fat.
    canvas.paint(np.abs(kidney.grown(9.0)(x, y, z) + 1.5 * canvas.coarse) - 0.35, FAT_HU + 55)
    canvas.paint(outline, tint.renal_cortex + 4 * canvas.fine)
    depth = -outline
    # Pyramids point to the sinus; cortex comes down between them.
    around = np.arctan2(y - kidney.center_lps[1], (x - kidney.center_lps[0]) * side)
    columns = np.cos(3.2 * around + z / 6.5 + 0.6 * canvas.coarse)
    pyramids = np.clip((depth - 6.5) / 1.6, 0, 1) * np.clip(0.5 + 2.2 * (columns + 0.25), 0, 1)
    canvas.hu[...] += pyramids * (tint.renal_medulla - canvas.hu)
    inner = Ellipsoid(
        (kidney.center_lps[0] - 11 * side, kidney.center_lps[1] - 5, kidney.center_lps[2]),
        (16.0, 11.0, 30.0),
        kidney.axes,
    )
    sinus = inner(x, y, z) + 2.2 * canvas.coarse
    canvas.paint(np.maximum(sinus, outline - 8), FAT_HU + 12 * canvas.fine)
    calyces = inner.grown(-5.0)(x, y, z) + 3.2 * canvas.fine + 1.5 * canvas.coarse
    canvas.paint(calyces, tint.renal_pelvis)
    hilum = Tube(
        (
            (kidney.center_lps[0] - 12 * side, kidney.center_lps[1] - 6, kidney.center_lps[2] - 6, 6.0),
            (kidney.center_lps[0] - 26 * side, kidney.center_lps[1] - 14, kidney.center_lps[2] - 14, 4.0),
        )
    )
    canvas.tube(hilum, tint.renal_pelvis)


def paint_vessels(canvas: Canvas, tint: Enhancement, mesentery: Beads) -> None:
    """Cava, iliac vessels, and what branches from the aorta; the aorta itself comes with the chest."""
    if canvas.z_mm > -60:
        return
    _paint_cava(canvas, tint)
    if canvas.z_mm > -112:
        return
    canvas.hu[...] += stamp(canvas, mesentery) * (0.5 * (tint.portal_vein + tint.aorta) - canvas.hu)
    for vein in (_MESENTERIC_VEIN, _SPLENIC_VEIN, PORTAL_VEIN, *_SPLENIC_BRANCHES):
        canvas.tube(vein, tint.portal_vein)
    for vein in _RENAL_VEINS:
        canvas.tube(vein, 0.5 * (tint.lower_cava + tint.renal_cortex))
    for vein in _ILIAC_VEINS:
        canvas.tube(vein, tint.iliac_vein)
        canvas.tube(vein.mirrored(), tint.iliac_vein)
    for artery in _ARTERIES:
        canvas.tube(artery, tint.aorta - 8)
    for artery in _ILIAC_ARTERIES:
        canvas.tube(artery, tint.aorta - 5)
        canvas.tube(artery.mirrored(), tint.aorta - 5)
    for ureter in _URETERS:
        for side in (ureter, ureter.mirrored()):
            canvas.tube(side, 0.7 * tint.renal_pelvis + 12)


def _paint_cava(canvas: Canvas, tint: Enhancement) -> None:
    """Below the kidneys less bright: their blood comes back sooner than that of the legs."""
    share = float(np.clip((canvas.z_mm + 240) / 45, 0, 1))
    canvas.tube(CAVA, tint.iliac_vein + share * (tint.lower_cava - tint.iliac_vein))
