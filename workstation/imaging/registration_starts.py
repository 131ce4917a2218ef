"""Where a registration begins: many places looked at coarsely, the best of them gone down from, few kept.

Scans of the same body start wherever each scanner counts from, show more or less of it, and lie turned: neither the
frames' own zero nor the middles of the bodies alone can be trusted.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Matrix
from workstation.imaging.registration_climb import about, climbed
from workstation.imaging.registration_likeness import Likeness
from workstation.imaging.registration_sides import Level, applied, points_of

SLID_MM: Final = 45.0
"""So far from the middles, and from the frames' own zero, is looked along each axis."""

STEP_MM: Final = 18.0
MOST_PLACES: Final = 2500
OVERLAP: Final = 0.4
"""Of the shorter body along an axis along which one runs out of its images."""

SIMPLEX_MM: Final = 8.0
FIRST_LOOKS, LOOKS, GONE_ON = 32, 70, 8
"""Each is climbed from with the first so many looks, from the best so many then with the others."""

TURNED_DEG: Final = 14.0
GONE_DOWN: Final = 4
"""So many of the places are gone down from, each unturned and turned either way about each axis."""

CUT_SHARE: Final = 0.4
MOST_TURNED: Final = np.pi / 4

APART_MM: Final = 25.0

Vector = NDArray[np.float64]
Heard = Callable[[float, Matrix, float], None]
"""Hears the share that is done, the best transform so far and its likeness; may raise to end the work."""


def box_of(level: Level) -> tuple[Vector, Vector]:
    """Middle and half extents (LPS, mm) of the body of a level, and the air near it."""
    points = points_of(level.grid, level.near)
    low, high = np.percentile(points, 0.5, axis=0), np.percentile(points, 99.5, axis=0)
    return points.mean(axis=0), (high - low) / 2


def best_starts(like: Likeness, one: Level, other: Level, heard: Heard, kept: int = 3) -> list[Matrix]:
    """Rigid transforms (points of `one` to the other), the most alike first, all apart from each other."""
    middle, half = box_of(one)
    found: list[tuple[float, Vector]] = []
    places = list(_places(one, other))
    for number, place in enumerate(places):
        found.append((like.roughly(about(middle, np.concatenate([np.zeros(3), place]))), place))
        if number % 64 == 0:
            heard(0.4 * number / len(places), about(middle, np.zeros(6)), 0.0)
    begun = _apart(found, GONE_DOWN)
    turns = [np.zeros(3), *(sign * 100 * np.radians(TURNED_DEG) * row for row in np.eye(3) for sign in (1, -1))]
    tried = [np.concatenate([turn, place]) for place, turn in itertools.product(begun, turns)]
    tried += list(_by_shape(one, other))

    def alike(vector: Vector) -> float:
        return like(about(middle, vector))

    ends: list[tuple[float, Vector]] = []
    for number, each in enumerate(tried):
        ends.append(climbed(alike, each, SIMPLEX_MM, FIRST_LOOKS))
        heard(0.4 + 0.4 * number / len(tried), about(middle, ends[-1][1]), ends[-1][0])
    ends = sorted(ends, key=lambda end: -end[0])[:GONE_ON]
    for number, (_, each) in enumerate(ends):
        ends[number] = climbed(alike, each, SIMPLEX_MM / 2, LOOKS)
        heard(0.8 + 0.2 * number / len(ends), about(middle, ends[number][1]), ends[number][0])
    return [about(middle, end) for end in _different(ends, half, kept)]


def _places(one: Level, other: Level) -> Iterator[Vector]:
    """Shifts worth a look: about the frames' own zero, about the middles, and along the axes on which a body is cut."""
    (a, half_a), (b, half_b) = box_of(one), box_of(other)
    cut = _cut(one) | _cut(other)
    reach = np.where(cut, half_a + half_b - 2 * OVERLAP * np.minimum(half_a, half_b), np.abs(half_a - half_b))
    reach = np.maximum(reach, 0) + SLID_MM
    step = STEP_MM
    while np.prod(2 * np.ceil(reach / step) + 1) > MOST_PLACES:
        step *= 1.1
    axes = [np.arange(-n, n + 1) * step for n in np.ceil(reach / step)]
    near = np.arange(-2, 3) * STEP_MM
    yield np.zeros(3)
    yield b - a
    for each in itertools.product(near, near, near):
        yield np.asarray(each)
    for each in itertools.product(*axes):
        yield b - a + np.asarray(each)


def _by_shape(one: Level, other: Level) -> Iterator[Vector]:
    """Middles on middles and long axes on long axes (moments of the bodies), where that turns them by less than half
    a right angle: what whole bodies need, whose ends a turn takes far away.
    """
    points = [points_of(each.grid, each.near) for each in (one, other)]
    frames = [np.linalg.eigh(np.cov(each.T))[1] for each in points]
    shift = points[1].mean(axis=0) - points[0].mean(axis=0)
    for signs in itertools.product((-1, 1), repeat=3):
        turn = frames[1] @ np.diag(signs) @ frames[0].T
        angle = np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1))
        if np.linalg.det(turn) > 0 and angle < MOST_TURNED:
            axis = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
            yield np.concatenate([100 * angle * axis / max(2 * np.sin(angle), 1e-9), shift])


def _cut(level: Level) -> NDArray[np.bool_]:
    """Along which axes of the patient the body runs out of the images: a face holds much of it."""
    shares = []
    for n in range(3):
        counts = level.body.sum(axis=tuple({0, 1, 2} - {2 - n}))
        shares.append(max(counts[0], counts[-1]) > CUT_SHARE * counts.max())
    axes = np.abs(np.asarray(level.grid.axes))
    return np.asarray([any(shares[n] and axes[n, axis] > 0.6 for n in range(3)) for axis in range(3)])


def _apart(found: Sequence[tuple[float, Vector]], most: int) -> list[Vector]:
    kept: list[Vector] = []
    for _, place in sorted(found, key=lambda each: -each[0]):
        if all(np.linalg.norm(place - each) > APART_MM for each in kept):
            kept.append(place)
        if len(kept) == most:
            break
    return kept


def _different(ends: Sequence[tuple[float, Vector]], half: Vector, most: int) -> list[Vector]:
    """The best ends that are not the same place again."""
    corners = np.asarray(list(itertools.product((-1, 1), repeat=3))) * half
    kept: list[Vector] = []
    for _, end in sorted(ends, key=lambda each: -each[0]):
        mine = applied(about(np.zeros(3), end), corners)
        if all(np.abs(mine - applied(about(np.zeros(3), each), corners)).max() > APART_MM / 2 for each in kept):
            kept.append(end)
        if len(kept) == most:
            break
    return kept
