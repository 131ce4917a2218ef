"""Laying one volume on another: rigid, affine or bent, with numbers that say how far the result can be trusted.

A pure function of two sides: no Case, no files, no randomness that is not fixed. It runs for seconds, in a thread
(SimpleITK lets go of Python meanwhile), tells each step, and ends at the next one when it is asked to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation import __version__
from workstation.errors import Cancelled
from workstation.imaging.alignment import Field, Kind, Laid, Quality, Registration, Standing, inverse, new_uid
from workstation.imaging.geometry import Grid, Matrix
from workstation.imaging.late import load_scipy
from workstation.imaging.registration_bent import bent, unfolded
from workstation.imaging.registration_climb import polished
from workstation.imaging.registration_descent import gone_down
from workstation.imaging.registration_likeness import either_way, likeness
from workstation.imaging.registration_quality import Numbers, numbers_of, numbers_of_bend
from workstation.imaging.registration_reasons import word_of
from workstation.imaging.registration_sides import Level, Side, applied, body_of, coarser, level, points_of, with_body
from workstation.imaging.registration_starts import best_starts

NAME: Final = "Hounsfield registration"

RIGID_SHARE: Final = 0.5
"""Of the time that stretching or bending takes in all."""

BETTER: Final = 0.01
"""So much more alike at another end is another place to be."""

CLIMBED_SHARE: Final = 0.1
"""Of the time that a rigid one takes in all: climbs from the starts that were found."""

COARSE_MM, MIDDLE_MM, FINE_MM, KEPT_MM = 9.0, 5.0, 3.0, 2.3
SEARCH_POINTS, MIDDLE_POINTS, FINE_POINTS = 1800, 3000, 8000
AFFINE_STEP: Final = 0.04
"""SimpleITK counts a step in mm of a shift and in whole units of a matrix alike; this is 4 % of a stretch at most."""

LOOKS: Final = 160
SMALLER: Final = 1.3
"""Points are taken from the side that shows less, if it shows so much less: they all meet the other."""


@dataclass(frozen=True, eq=False)
class Step:
    """How far a registration is: `share` 0 to 1, the matrix so far (LPS of moving to LPS of fixed), how alike (more
    is better, within one `stage` only)."""

    share: float
    matrix: Matrix
    metric: float
    stage: str


def nothing(step: Step) -> None:
    """Where nobody listens."""


def never() -> bool:
    """Where nobody stops it."""
    return False


def register(
    fixed: Side,
    moving: Side,
    kind: Kind = "rigid",
    start: Matrix | None = None,
    progress: Callable[[Step], None] = nothing,
    stopped: Callable[[], bool] = never,
) -> Registration:
    """How `moving` lies on `fixed`, with its quality; accepted by nobody yet.

    From `start` (LPS of moving to LPS of fixed) where one is given, else from wherever the two are alike, up to whole
    turns of the head apart but not upside down. Raises `Cancelled` soon after `stopped` says so, HounsfieldError where
    a side holds nothing to go by.
    """
    run = _Run(progress, stopped)
    sides = [with_body(coarser(each, KEPT_MM)) for each in (fixed, moving)]
    run.check()
    run.swapped = _shown(sides[0]) > SMALLER * _shown(sides[1])
    one, other = reversed(sides) if run.swapped else sides
    run.lasts(RIGID_SHARE if kind != "rigid" else 1.0)
    transform, numbers = _rigid(one, other, None if start is None else run.turned(start), run)
    field = None
    if kind == "affine":
        transform, numbers = _stretched(one, other, transform, run)
    elif kind == "deformable":
        field, more = _bent(sides[0], sides[1], inverse(run.turned(transform)), run)
        numbers |= more
    numbers = {name: round(float(number), 4) for name, number in numbers.items()}
    return Registration(
        new_uid(),
        fixed.frame,
        moving.frame,
        run.turned(transform),
        kind,
        field,
        quality=Quality(word_of(numbers), numbers),
        made_by=f"{NAME} {__version__}",
        sources=(fixed.series, moving.series),
    )


class _Run:
    """One registration under way: who listens, who may stop it, and which of its parts runs."""

    def __init__(self, progress: Callable[[Step], None], stopped: Callable[[], bool]) -> None:
        self._progress, self._stopped = progress, stopped
        self._from, self._to, self._share, self._stage = 0.0, 0.0, 1.0, ""
        self.swapped = False

    def lasts(self, share: float) -> None:
        """Parts that follow fill this share of all."""
        self._share = share

    def part(self, stage: str, until: float) -> None:
        """The next part: its name, and the share at its end."""
        self._from, self._to, self._stage = self._to, until * self._share, stage

    def turned(self, matrix: Matrix) -> Matrix:
        """Between LPS of moving to LPS of fixed, and points of the first side to the second: either way."""
        return matrix if self.swapped else inverse(matrix)

    def check(self) -> None:
        if self._stopped():
            raise Cancelled

    def heard(self, share: float, transform: Matrix, metric: float) -> bool:
        """Tell a step of this part, whose transform takes points of the first side to the second; True ends it."""
        if self._stopped():
            return True
        done = self._from + (self._to - self._from) * min(share, 1.0)
        self._progress(Step(done, self.turned(transform), metric, self._stage))
        return False

    def bending(self, share: float, transform: Matrix, metric: float) -> bool:
        """The same of a transform that takes points of the fixed side to the moving one."""
        return self.heard(share, inverse(transform) if self.swapped else transform, metric)

    def told(self, share: float, transform: Matrix, metric: float) -> None:
        """The same where the work ends by an exception."""
        if self.heard(share, transform, metric):
            raise Cancelled


def _shown(side: Side) -> float:
    return float(body_of(side).sum()) * float(np.prod(side.grid.spacing))


def _rigid(one: Side, other: Side, start: Matrix | None, run: _Run) -> tuple[Matrix, Numbers]:
    across = one.modality != other.modality
    a, b = level(one, MIDDLE_MM), level(other, MIDDLE_MM)
    both = across and start is None
    ends = _climbed((one, other), (a, b), start, run, 0.3 if both else 0.6)
    if both:  # what lies as well here as there by points of one side may not by those of the other
        run.swapped = not run.swapped
        ends += [inverse(each) for each in _climbed((other, one), (b, a), None, run, 0.6, " from the other side")]
        run.swapped = not run.swapped
    best = max(ends, key=likeness(a, b, MIDDLE_POINTS))
    run.part("fine", 0.8)
    best = _fine(one, other, (a, b), best, run)
    run.part("judged", 1.0)
    numbers, better = numbers_of(a, b, best, across, run.check)
    if numbers["better"] > BETTER:  # a start beside it led further: from there once more
        best = _fine(one, other, (a, b), better, run)
        numbers, _ = numbers_of(a, b, best, across, run.check)
    run.told(1.0, best, numbers["alike"])
    return best, numbers


def _climbed(
    sides: tuple[Side, Side], middles: tuple[Level, Level], start: Matrix | None, run: _Run, until: float, way: str = ""
) -> list[Matrix]:
    """Where coarse climbs by points of the first of two sides end: from the start that is given, or those found."""
    if start is None:
        run.part("looking for a start" + way, until - CLIMBED_SHARE)
        a, b = (level(each, COARSE_MM, 15.0) for each in sides)
        starts = best_starts(likeness(a, b, SEARCH_POINTS), a, b, run.told)
    else:
        starts = [start]
    run.part("coarse" + way, until)
    a, b = middles
    like, middle = likeness(a, b, MIDDLE_POINTS), points_of(a.grid, a.near).mean(axis=0)
    ends = []
    for number, each in enumerate(starts):
        alike, end = polished(like, middle, each, LOOKS, run.check)
        ends.append(end)
        run.told((number + 1) / len(starts), end, alike)
    return ends


def _fine(one: Side, other: Side, middles: tuple[Level, Level], start: Matrix, run: _Run) -> Matrix:
    """The end of the way, in voxels of one size for the same modality and of another across."""
    a, b = middles
    if one.modality == other.modality:
        a, b = level(one, FINE_MM), level(other, FINE_MM)
    best = gone_down(a, b, start, run.heard, step_mm=1.0)
    run.check()
    if one.modality == other.modality:
        return best
    like = either_way(a, b, FINE_POINTS, seed=1)
    return polished(like, points_of(a.grid, a.near).mean(axis=0), best, LOOKS, run.check)[1]


def _stretched(one: Side, other: Side, start: Matrix, run: _Run) -> tuple[Matrix, Numbers]:
    run.lasts(1.0)
    run.part("stretched", 0.8)
    a, b = level(one, MIDDLE_MM), level(other, MIDDLE_MM)
    best = gone_down(a, b, start, run.heard, affine=True, step_mm=AFFINE_STEP)
    run.check()
    like = likeness(a, b, FINE_POINTS, seed=1)
    best = polished(like, like.points.mean(axis=0), best, 2 * LOOKS, run.check, numbers=12)[1]
    run.part("judged", 1.0)
    numbers, _ = numbers_of(a, b, best, one.modality != other.modality, run.check)
    sizes = np.linalg.svd(best[:3, :3], compute_uv=False)
    return best, numbers | {"stretch_low": float(sizes.min()), "stretch_high": float(sizes.max())}


def _bent(fixed: Side, moving: Side, transform: Matrix, run: _Run) -> tuple[Field, Numbers]:
    """The field in the fixed frame over a rigid transform of its points to the moving side."""
    run.lasts(1.0)
    run.part("bent", 1.0)
    field = unfolded(bent(fixed, moving, transform, run.bending))
    run.check()
    return field, numbers_of_bend(level(fixed, MIDDLE_MM), level(moving, MIDDLE_MM), transform, field)


def warped(moving: Side, grid: Grid, registration: Registration) -> NDArray[np.float32]:
    """The values [k, j, i] of a moving volume on a grid of the fixed frame, linear between voxels; NaN where it has
    none. What a bent registration asks for once; others need no resampling (`alignment.moved`).
    """
    load_scipy()
    from scipy import ndimage

    there = Laid(Standing.UNVERIFIED, registration.matrix, registration.field)
    i, j, k = grid.size
    found = np.empty((k, j, i), np.float32)
    values = np.asarray(moving.values, dtype=np.float32)
    last = np.asarray(moving.grid.size) - 0.5
    for image in range(k):
        index = np.stack([*np.meshgrid(np.arange(i), np.arange(j), indexing="xy"), np.full((j, i), image)], axis=-1)
        points = applied(grid.lps_from_index, index.reshape(-1, 3).astype(np.float64))
        place = applied(moving.grid.index_from_lps, there.to_moving(points))
        plane = ndimage.map_coordinates(values, place.T[::-1], order=1, mode="nearest")
        plane[~((place >= -0.5) & (place <= last)).all(axis=1)] = np.nan
        found[image] = plane.reshape(j, i)
    return found
