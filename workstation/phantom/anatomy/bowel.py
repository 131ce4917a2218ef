"""Stomach with its bubble, duodenum, loops of small bowel, and the colon with stool and gas."""

from functools import lru_cache

import numpy as np

from workstation.phantom.anatomy.abdomen import STOMACH
from workstation.phantom.anatomy.canvas import Canvas
from workstation.phantom.anatomy.solids import Distance, Tube
from workstation.phantom.anatomy.wall import AIR_HU, FAT_HU, cage
from workstation.phantom.phases import Enhancement

STOMACH_FLUID_HU = 18.0
# Supine, the air floats to the front; the surface of the fluid is level.
STOMACH_LEVEL_Y = -5.0
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
        (-70, -50, -234, 17),
        (-38, -66, -252, 14),
        (0, -70, -262, 13),
        (42, -66, -244, 14),
        (76, -54, -206, 17),
        (92, -48, -168, 16),
        (88, -52, -134, 17),
        (98, -28, -128, 16),
        (101, -6, -162, 15),
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
# Below this height the gut is closed by its muscle.
_CLOSED_MM = -478.0
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
    if canvas.z_mm < -108:
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
    """A wall in folds around what was eaten; gas above it, froth where they meet."""
    if not STOMACH.meets(canvas.z_mm, 3.0):
        return
    canvas = canvas.near(STOMACH.box_at(canvas.z_mm, 3.0))
    outer = np.maximum(canvas.smooth(STOMACH) + 1.1 * canvas.coarse + 3 * canvas.other, _cut(canvas) + 1.0)
    folds = 2.4 * np.maximum(0, canvas.coarse + 0.4 * canvas.other) + 1.9 * np.maximum(0, canvas.fine)
    canvas.paint(outer, tint.bowel_wall - 14 + 6 * canvas.fine)
    # The lining takes up more than the rest of the wall.
    canvas.paint(outer + 2.6 + folds, tint.bowel_wall + 2)
    lumen = outer + 3.6 + folds
    below = canvas.y_mm - STOMACH_LEVEL_Y + 0 * canvas.x
    crumbs = np.clip(0.8 * canvas.fine + 0.5 * canvas.coarse - 0.7, 0, 1) * 60 * np.clip((below - 22) / 9, 0, 1)
    food = STOMACH_FLUID_HU + 13 * canvas.fine + 3 * canvas.coarse + crumbs
    froth = np.clip(canvas.fine + 0.3, 0, 1) * np.clip(1 - below / 5, 0, 1)
    canvas.paint(lumen, food - 420 * froth)
    canvas.paint(np.maximum(lumen, below + 0.7 * canvas.fine), AIR_HU + 10, 1.4)


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
        part.paint(outline - 0.9, FAT_HU + 25, 1.6)
        part.paint(outline, tint.bowel_wall - 14 + 10 * part.fine, 1.2)
        lumen = outline + 2.2 + feathery * 2.4 * np.abs(part.fine)
        part.paint(lumen, (36.0 if feathery < 1 else 56.0) + 14 * part.fine + 10 * part.coarse, 1.6)
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
    if canvas.z_mm < _CLOSED_MM:
        return
    bubbles = np.clip(0.9 * (canvas.fine + 0.5 * canvas.coarse - 0.7), 0, 1)
    stool = 34 + 16 * canvas.coarse - 22 * canvas.fine - 430 * bubbles * np.clip(0.7 + 0.4 * canvas.other, 0, 1)
    lumen = colon + 2.0 + 0.5 * np.maximum(0, canvas.fine)
    canvas.paint(lumen, stool)
    # Gas gathers in front of each bend.
    front = canvas.y_mm + 66 + 7 * float(np.sin(canvas.z_mm / 13)) + 0 * canvas.x
    if canvas.z_mm < -395:
        front = canvas.y_mm - 42 - 6 * float(np.sin(canvas.z_mm / 9)) + 0 * canvas.x
    canvas.paint(np.maximum(lumen, front), AIR_HU + 25)
