"""A dose grid in the patient: its values anywhere between its points, and the lines of equal dose in any plane."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.alignment import Laid, Standing, moved
from workstation.imaging.geometry import Grid

Floats = NDArray[np.float64]

GRAY: Final = "Gy"
RELATIVE: Final = "relative"


@dataclass(frozen=True, eq=False)
class OwnDvh:
    """What a dose object says itself of one region; doses as written, None where it does not say."""

    number: int
    min: float | None
    max: float | None
    mean: float | None


@dataclass(frozen=True, eq=False)
class Dose:
    """`values[k, j, i]` in `unit` at the points of `grid`. `summation` and `kind` as the object says (PS3.3 C.8.8.3).

    `prescribed` is what its plan prescribes, in the same unit. `own` are the histograms it brings.
    """

    sop_instance_uid: str
    study_instance_uid: str
    frame_of_reference_uid: str
    values: NDArray[np.float32]
    grid: Grid
    unit: str
    summation: str
    kind: str
    plan_uid: str = ""
    prescribed: float | None = None
    own: tuple[OwnDvh, ...] = ()
    odd: tuple[str, ...] = ()

    @property
    def max(self) -> float:
        return float(self.values.max())

    @property
    def own_contradicts(self) -> bool:
        """Whether the histograms it brings speak of doses that its grid does not reach, as shares of a prescription."""
        highest = max((each.max or 0.0 for each in self.own), default=0.0)
        return highest > 1.05 * self.max


def dose_at(dose: Dose, index: Sequence[Floats]) -> Floats:
    """The dose at continuous indices i, j, k (arrays of one shape), linear between its points; NaN outside them."""
    shape = index[0].shape
    there = np.ones(shape, np.bool_)
    low, share = [], []
    for at, size in zip(index, dose.grid.size, strict=True):
        there &= (at >= -1e-6) & (at <= size - 1 + 1e-6)
        first = np.clip(np.floor(at), 0, max(size - 2, 0)).astype(np.intp)
        low.append(first)
        share.append(np.clip(at - first, 0.0, 1.0))
    i, j, k = low
    found = np.zeros(shape)
    for corner in range(8):
        step = [corner >> axis & 1 for axis in range(3)]
        weight = np.ones(shape)
        for axis in range(3):
            weight *= share[axis] if step[axis] else 1 - share[axis]
        last = [size - 1 for size in dose.grid.size]
        place = [np.minimum(at + up, top) for at, up, top in zip((i, j, k), step, last, strict=True)]
        found += weight * dose.values[place[2], place[1], place[0]]
    found[~there] = np.nan
    return found


def carried_dose(dose: Dose, laid: Laid, frame_of_reference_uid: str) -> Dose:
    """A dose as it lies in the fixed frame of an unbent registration: its points are moved, none is resampled."""
    if laid.standing is Standing.SAME:
        return dose
    return replace(dose, grid=moved(dose.grid, laid.matrix), frame_of_reference_uid=frame_of_reference_uid)


def dose_on(dose: Dose, origin: Floats, right: Floats, down: Floats, width: int, height: int) -> Floats:
    """The dose on a lattice of a plane, shape (height, width): origin + x * right + y * down (LPS, mm)."""
    matrix = dose.grid.index_from_lps
    start = matrix[:3, :3] @ origin + matrix[:3, 3]
    across, along = matrix[:3, :3] @ right, matrix[:3, :3] @ down
    x, y = np.arange(width)[None, :], np.arange(height)[:, None]
    return dose_at(dose, [start[n] + across[n] * x + along[n] * y for n in range(3)])


def isolines(values: NDArray[Any], level: float) -> Floats:
    """Where a lattice of values crosses a level: stretches (n, 2, 2) of (x, y), linear within triangles.

    Each square is cut in two triangles, so that no crossing is ambiguous; where a corner is NaN there is no line.
    """
    a, b, c, d = values[:-1, :-1], values[:-1, 1:], values[1:, :-1], values[1:, 1:]
    found = []
    for corners, places in (((a, b, c), ((0, 0), (1, 0), (0, 1))), ((d, c, b), ((1, 1), (0, 1), (1, 0)))):
        above = [each >= level for each in corners]
        known = np.isfinite(corners[0] + corners[1] + corners[2])
        rows, columns = np.nonzero(known & ~((above[0] == above[1]) & (above[1] == above[2])))
        if rows.size:
            v = np.stack([each[rows, columns] for each in corners])
            found.append(
                _stretches(v, np.array(places, dtype=np.float64), level) + np.stack([columns, rows], 1)[:, None]
            )
    return np.concatenate(found) if found else np.empty((0, 2, 2))


def _stretches(v: Floats, places: Floats, level: float) -> Floats:
    """For triangles with one corner apart from the others: the two crossings beside it, shape (n, 2, 2)."""
    above = v >= level
    apart = np.where(above[1] == above[2], 0, np.where(above[0] == above[2], 1, 2))
    number = np.arange(v.shape[1])
    ends = []
    for step in (1, 2):
        other = (apart + step) % 3
        one, two = v[apart, number], v[other, number]
        share = ((level - one) / (two - one))[:, None]
        ends.append(places[apart] + share * (places[other] - places[apart]))
    return np.stack(ends, axis=1)
