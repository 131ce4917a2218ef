"""Small climbs without a gradient: from a transform to the most alike one near it, over six or twelve numbers."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Matrix
from workstation.imaging.late import load_scipy
from workstation.imaging.registration_by_hand import turning

Vector = NDArray[np.float64]
Check = Callable[[], None]

SCALE_MM: Final = 100.0
"""Turns and stretches are counted in mm at this distance, so that all numbers are of a size."""


def nothing() -> None:
    """Where nobody ends it."""


def about(middle: Vector, numbers: Vector) -> Matrix:
    """Turned by a vector (mm at SCALE_MM) about a point, then shifted (mm); with twelve numbers also stretched."""
    matrix = np.eye(4)
    linear = turning(numbers[:3] / SCALE_MM)
    if len(numbers) > 6:
        a, b, c, d, e, f = numbers[6:] / SCALE_MM
        linear = linear @ (np.eye(3) + np.array([[a, d, e], [d, b, f], [e, f, c]]))
    matrix[:3, :3] = linear
    matrix[:3, 3] = middle + numbers[3:6] - linear @ middle
    return matrix


def climbed(alike: Callable[[Vector], float], start: Vector, step: float, looks: int) -> tuple[float, Vector]:
    """How alike the best near a start is, and where: a simplex (Nelder and Mead), so many looks at most."""
    load_scipy()
    from scipy import optimize

    simplex = np.vstack([start, start + np.eye(len(start)) * step])
    options = {"initial_simplex": simplex, "maxfev": looks, "xatol": 0.05, "fatol": 1e-5, "adaptive": True}
    found = optimize.minimize(lambda each: -alike(each), start, method="Nelder-Mead", options=options)
    return -float(found.fun), np.asarray(found.x)


def polished(
    like: Callable[[Matrix], float], middle: Vector, start: Matrix, looks: int, check: Check = nothing, numbers: int = 6
) -> tuple[float, Matrix]:
    """The most alike near a transform that is nearly right, and how alike: along each number in turn (Powell).

    `check` may raise to end it.
    """
    load_scipy()
    from scipy import optimize

    def unlike(each: Vector) -> float:
        check()
        return -like(start @ about(middle, each))

    found = optimize.minimize(
        unlike,
        np.zeros(numbers),
        method="Powell",
        options={"xtol": 0.02, "ftol": 1e-7, "maxfev": looks, "direc": np.eye(numbers)},
    )
    return -float(found.fun), start @ about(middle, np.asarray(found.x))
