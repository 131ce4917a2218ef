"""How far a registration can be trusted: numbers that nobody has to know the truth for (`registration_reasons` weighs).

The same volumes are registered again from starts pushed and turned away, and again from either half of the body: what
then disagrees is about as large as what is wrong. What is alike at the end is held against what is alike beside it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.alignment import Field
from workstation.imaging.geometry import Matrix
from workstation.imaging.late import load_scipy
from workstation.imaging.registration_bent import jacobians
from workstation.imaging.registration_climb import about, polished
from workstation.imaging.registration_likeness import Likeness, correlation, likeness
from workstation.imaging.registration_reasons import BESIDE_MM, FAR_MM
from workstation.imaging.registration_sides import Level, applied

POINTS, POINTS_ACROSS = 3000, 6000
SMOOTH_MM: Final = 4.0
"""Volumes of one modality are weighed this smooth, for what is alike in them is alike at any size, and the noise of
single voxels makes wrong places seem nearly as good. Across modalities thin layers alone tell places apart: there more
points are taken instead.
"""

LOOKS: Final = 100
PUSHED_MM, TURNED_MM = 12.0, 12.0
"""Starts are pushed so far and turned so far (mm at 100 mm: 7 degrees)."""

BLOCK_MM: Final = 40.0
"""Halves are made of blocks of this size, black and white as on a chessboard."""

Numbers = dict[str, float]
Vector = NDArray[np.float64]
End = tuple[float, Matrix]


def numbers_of(
    one: Level, other: Level, transform: Matrix, across: bool, check: Callable[[], None]
) -> tuple[Numbers, Matrix]:
    """The numbers behind the word, of a transform (points of `one` to `other`), and the best that was met on the way.

    `across`: they are of two modalities. `check` may raise to end the work.
    """
    like = likeness(one, other, POINTS_ACROSS, 2) if across else likeness(_smooth(one), _smooth(other), POINTS, 2)
    middle = like.points.mean(axis=0)
    alike = like(transform)
    beside = [like(transform @ about(middle, each)) for each in _beside(BESIDE_MM)]
    again = []
    for each in _pushed():
        again.append(_ended(like, middle, transform, each, check))
    halves = []
    for half in halved(like):
        halves.append(polished(half, middle, transform, LOOKS, check)[1])
    apart = [_apart_mm(like.points, transform, each) for _, each in again]
    usual = float(np.mean(beside))
    rivals = [
        (each[0] - usual) / max(alike - usual, 1e-9) for each, far in zip(again, apart, strict=True) if far > FAR_MM
    ]
    best = max(again, key=lambda each: each[0])
    numbers = {
        "overlap": like.met(transform)[2],
        "alike": alike,
        "gain": 1 - max(beside) / alike if alike > 0 else 0.0,
        "mean_gain": 1 - float(np.mean(beside)) / alike if alike > 0 else 0.0,
        "better": max(each for each, _ in again) / alike - 1 if alike > 0 else 0.0,
        "agreement_mm": float(np.median(apart)),
        "agreement_worst_mm": max(apart),
        "rival": max(rivals, default=0.0),
        "halves_mm": _apart_mm(like.points, *halves),
        "half_off_mm": max(_apart_mm(like.points, transform, each) for each in halves),
        "edges": edges(one, other, transform, middle),
        "chance": _by_chance(like, transform, middle) / alike if alike > 0 else 1.0,
    }
    return numbers, best[1]


def _ended(like: Likeness, middle: Vector, transform: Matrix, push: Vector, check: Callable[[], None]) -> End:
    """Where a pushed start ends; one far off climbs on once more, for it may only be slow to come back."""
    alike, end = polished(like, middle, transform @ about(middle, push), LOOKS, check)
    if _apart_mm(like.points, transform, end) > FAR_MM:
        alike, end = polished(like, middle, end, LOOKS, check)
    return alike, end


def _smooth(level: Level) -> Level:
    load_scipy()
    from scipy import ndimage

    sigma = [SMOOTH_MM / step for step in reversed(level.grid.spacing)]
    return replace(level, values=np.asarray(ndimage.gaussian_filter(level.values, sigma), dtype=np.float32))


def numbers_of_bend(fixed: Level, moving: Level, transform: Matrix, field: Field) -> Numbers:
    """What a field of shifts does to the volume, and by how much it makes the two more alike."""
    growth = jacobians(field)
    sizes = np.linalg.norm(field.shifts_mm, axis=-1)
    like = likeness(fixed, moving, POINTS, seed=2)
    shifted = replace(like, points=like.points + field.at(like.points))
    before = like(transform)
    return {
        "jacobian_low": float(growth.min()),
        "jacobian_high": float(growth.max()),
        "shift_mean_mm": float(sizes.mean()),
        "shift_most_mm": float(sizes.max()),
        "more_alike": shifted(transform) / before - 1 if before > 0 else 0.0,
    }


def _beside(far_mm: float) -> list[Vector]:
    return [sign * far_mm * row for row in np.eye(6) for sign in (1, -1)]


def _pushed() -> list[Vector]:
    """Starts off in several numbers at once, always the same ones."""
    signs = np.asarray([(1, -1, 1, -1, 1, 1), (-1, 1, 1, 1, 1, -1), (1, 1, -1, -1, -1, -1), (-1, -1, -1, 1, -1, 1)])
    sizes = np.asarray([TURNED_MM] * 3 + [PUSHED_MM] * 3) / np.sqrt(3)
    return list(signs * sizes)


def halved(like: Likeness) -> tuple[Likeness, Likeness]:
    """The same likeness at the points of either half."""
    black = (np.floor(like.points / BLOCK_MM).astype(np.intp).sum(axis=1) % 2).astype(np.bool_)
    one, two = (replace(like, points=like.points[part], own=like.own[part]) for part in (black, ~black))
    return one, two


def _apart_mm(points: Vector, one: Matrix, two: Matrix) -> float:
    """How far apart two transforms take the points of the body, on the average."""
    return float(np.linalg.norm(applied(one, points) - applied(two, points), axis=1).mean())


def _by_chance(like: Likeness, transform: Matrix, middle: Vector) -> float:
    """How alike they are where they are laid on each other wrongly: turned by half a turn or a quarter."""
    quarter = 100 * np.pi / 2
    turns = [(2, 0, 0), (0, 2, 0), (0, 0, 2), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    return float(max(like(transform @ about(middle, np.asarray([*turn, 0, 0, 0]) * quarter)) for turn in turns))


def edges(one: Level, other: Level, transform: Matrix, middle: Vector) -> float:
    """How much better edges lie on edges than 10 mm beside: correlation of gradients' sizes, the difference."""
    sharp_one, sharp_other = (replace(each, values=_gradients(each)) for each in (one, other))
    like = likeness(sharp_one, sharp_other, POINTS, seed=3)
    beside = [correlation(*like.met(transform @ about(middle, each))[:2]) for each in _beside(10.0)]
    return correlation(*like.met(transform)[:2]) - float(np.mean(beside))


def _gradients(level: Level) -> NDArray[np.float32]:
    load_scipy()
    from scipy import ndimage

    sigma = [4.0 / step for step in reversed(level.grid.spacing)]
    return np.asarray(np.sqrt(ndimage.gaussian_gradient_magnitude(level.values, sigma)), dtype=np.float32)
