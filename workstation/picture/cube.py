"""A small cube with the patient's sides on it, as a camera sees it."""

from typing import Final

import numpy as np

from workstation.imaging.camera import Camera
from workstation.imaging.geometry import AXIS_LETTERS
from workstation.paint.tile import Graphic

HALF_PX: Final = 15.0
DARKEST, LIGHTEST, EDGE, LETTER = 34, 96, 128, 236
LETTER_FROM: Final = 0.35
"""A face that is turned further away than by this cosine has no letter: it would not be read."""

TEXT_HIGH_PX: Final = 8.5
"""From the middle of a letter up to the top of its line."""


def orientation_cube(camera: Camera, middle: tuple[float, float], ratio: float) -> tuple[Graphic, ...]:
    """The faces towards the eye, the most turned away first, about a place in device pixels."""
    axes = np.array([camera.right, [-each for each in camera.up], [-each for each in camera.towards]]).T
    faces = [(float(axes[axis, 2]) * sign, axis, sign) for axis in range(3) for sign in (1.0, -1.0)]
    found: list[Graphic] = []
    for facing, axis, sign in sorted(each for each in faces if each[0] > 0.02):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        corners = [
            tuple((axes[axis] * sign + axes[first] * a + axes[second] * b)[:2] * HALF_PX * ratio + middle)
            for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1), (1, 1))
        ]
        points = tuple((float(x), float(y)) for x, y in corners)
        found.append(Graphic(points, filled=True, grey=round(DARKEST + (LIGHTEST - DARKEST) * facing)))
        found.append(Graphic(points, grey=EDGE))
        if facing > LETTER_FROM:
            x, y = axes[axis, :2] * sign * HALF_PX * ratio + middle
            letter = AXIS_LETTERS[axis][0 if sign > 0 else 1]
            room, high = 20.0 * ratio, TEXT_HIGH_PX * ratio
            found.append(
                Graphic(((x - room, y - high), (x + room, y + high)), text=letter, align="CENTER", grey=LETTER)
            )
    return tuple(found)
