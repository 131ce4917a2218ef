"""Stomach with its bubble, duodenum, loops of small bowel, and the colon with stool and gas."""

from functools import lru_cache

import numpy as np

from workstation.phantom.anatomy.abdomen import STOMACH
from workstation.phantom.anatomy.canvas import Canvas
from workstation.phantom.anatomy.solids import Distance, Tube, blend
from workstation.phantom.anatomy.wall import AIR_HU, FAT_HU, cage
from workstation.phantom.phases import Enhancement

STOMACH_FLUID_HU = 18.0
# Supine, the air floats to the front; the surface of the fluid is level.
STOMACH_LEVEL_Y = -24.0
_ANTRUM = Tube(((58, -40, -150, 24), (36, -60, -176, 20), (8, -60, -190, 16), (-18, -50, -192, 10)))
_DUODENUM = Tube(
    (
        (-20, -48, -192, 11),
        (-38, -34, -198, 13),
        (-40, -16, -228, 13),
        (-34, -10, -250, 12),
        (0, -21, -256, 10),
        (26, -16, -240, 10),
        (34, -26, -222, 11),
    )
)
_COLON = Tube(
    (
        (-78, -34, -352, 20),
        (-86, -26, -330, 25),
        (-92, -14, -300, 23),
        (-94, -6, -262, 21),
        (-88, -26, -240, 21),
        (-70, -54, -238, 19),
        (-38, -72, -252, 18),
        (0, -76, -258, 18),
        (42, -72, -240, 18),
        (76, -58, -206, 18),
        (96, -44, -172, 17),
        (100, -6, -168, 16),
        (100, 14, -200, 15),
        (95, 12, -255, 14),
        (80, 0, -312, 14),
        (72, -16, -350, 14),
        (64, -30, -376, 14),
        (34, -28, -392, 14),
        (14, 0, -392, 14),
        (4, 26, -406, 15),
        (1, 44, -430, 17),
        (0, 44, -460, 17),
        (0, 34, -486, 12),
        (0, 40, -512, 7),
    )
)
_APPENDIX = Tube(((-78, -30, -356, 4), (-62, -14, -372, 3.6), (-52, -10, -392, 3.4)))


@lru_cache(maxsize=1)
def _loops() -> tuple[Tube, ...]:
    """Loops of jejunum (left, above) and ileum (right, below), each a short winding tube."""
    rng = np.random.default_rng(77)
    loops = []
    for z in np.arange(-210.0, -420.0, -8.0):
        wide = 78 if z > -350 else 52
        for y in (-56.0, -36.0, -14.0):
            x = float(rng.uniform(-wide, wide))
            knots = []
            heading = rng.uniform(0, 2 * np.pi)
            for _ in range(5):
                knots.append((x, y + float(rng.normal(0, 5)), float(z + rng.normal(0, 5)), float(rng.uniform(9, 13.5))))
                heading += rng.normal(0, 0.9)
                x += 19 * float(np.cos(heading))
                y += 11 * float(np.sin(heading))
                x, y = float(np.clip(x, -wide, wide)), float(np.clip(y, -66, -4))
            loops.append(Tube(tuple(knots)))
    return tuple(loops)


def paint_bowel(canvas: Canvas, clip: Distance, tint: Enhancement) -> None:
    """All that is hollow, from the cardia to the anus."""
    if canvas.z_mm < -198:
        _paint_loops(canvas, tint)
    if canvas.z_mm < -140:
        _paint_colon(canvas)
    if -270 < canvas.z_mm < -175:
        part = canvas.near(_DUODENUM.box_at(canvas.z_mm, 3.0))
        outline = _DUODENUM(part.x, part.y, part.z_mm) + 1.3 * part.coarse + 0.6 * part.fine
        part.paint(outline, tint.bowel_wall)
        part.paint(outline + 3.0 + part.fine, 24 + 14 * part.fine)
    if canvas.z_mm > -215:
        _paint_stomach(canvas, clip, tint)
    canvas.tube(_APPENDIX, tint.bowel_wall - 20)


def _paint_stomach(canvas: Canvas, clip: Distance, tint: Enhancement) -> None:
    canvas = canvas.near((-35.0, 108.0, -92.0, 45.0))
    clip = clip if clip.shape == canvas.x.shape else _cut(canvas)
    whole = canvas.smooth(lambda x, y, z: blend(STOMACH(x, y, z), _ANTRUM(x, y, z), 14.0))
    outer = np.maximum(whole + 0.7 * canvas.coarse, clip + 1.0)
    folds = 2.6 * np.maximum(0, canvas.coarse) + 1.5 * np.maximum(0, canvas.fine)
    canvas.paint(outer, tint.bowel_wall - 8)
    lumen = outer + 3.5 + folds
    crumbs = np.maximum(0, canvas.fine - 0.9) * 22 * np.clip((canvas.y - 2) / 16, 0, 1)
    canvas.paint(lumen, STOMACH_FLUID_HU + 5 * canvas.coarse + crumbs)
    level = canvas.y_mm - STOMACH_LEVEL_Y + 0 * canvas.x
    canvas.paint(np.maximum(lumen, level), AIR_HU + 10)


def _cut(canvas: Canvas) -> Distance:
    from workstation.phantom.anatomy.abdomen import diaphragm_of

    return diaphragm_of(canvas)


def _paint_loops(canvas: Canvas, tint: Enhancement) -> None:
    """Loop upon loop, thin fat between them; the jejunum's folds make it feathery."""
    for number, loop in enumerate(_loops()):
        if not loop.meets(canvas.z_mm, 2.0):
            continue
        part = canvas.near(loop.box_at(canvas.z_mm, 2.0))
        outline = loop(part.x, part.y, part.z_mm) + 1.6 * part.coarse
        if part.z_mm < -330:
            outline = np.maximum(outline, cage(part.x, part.y, part.z_mm).out_mm + 2)
        feathery = 1.0 if loop.knots[0][0] > 0 and loop.knots[0][2] > -320 else 0.35
        part.paint(outline - 1.1, FAT_HU + 12)
        part.paint(outline, tint.bowel_wall + 8 * part.fine)
        lumen = outline + 2.6 + feathery * 2.2 * np.abs(part.fine)
        part.paint(lumen, (34.0 if feathery < 1 else 52.0) + 14 * part.fine)
        if number % 5 == 0:
            bubble = part.y_mm - (loop.knots[0][1] - 6) + 0 * part.x
            part.paint(np.maximum(lumen + 1.0, bubble), AIR_HU + 60)


def _paint_colon(canvas: Canvas) -> None:
    if not _COLON.meets(canvas.z_mm, 3.0):
        return
    canvas = canvas.near(_COLON.box_at(canvas.z_mm, 3.0))
    # Haustra: the tube is drawn in every three centimetres, along three bands.
    bands = np.sin(canvas.z_mm / 7.0 + canvas.x / 9.0 + canvas.y / 11.0)
    colon = _COLON(canvas.x, canvas.y, canvas.z_mm) + 1.9 * bands + 1.4 * canvas.coarse
    canvas.paint(colon, 68.0)
    clumps = np.clip(0.5 + canvas.coarse * 0.8 + 0.9 * canvas.fine, 0, 1)
    stool = -260 * (1 - clumps) + 42 * clumps + 40 * canvas.fine
    lumen = colon + 2.2
    canvas.paint(lumen, stool)
    # Gas gathers in front of each bend.
    front = canvas.y_mm + 62 + 9 * np.sin(canvas.z_mm / 13) + 0 * canvas.x
    if canvas.z_mm < -395:
        front = canvas.y_mm - 42 - 6 * np.sin(canvas.z_mm / 9) + 0 * canvas.x
    canvas.paint(np.maximum(lumen, front), AIR_HU + 25)
