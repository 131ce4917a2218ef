"""Dose-volume histograms: how much of a structure receives how much dose, computed from contours and dose grid.

Each plane of contours is sampled by points, up to half a million in all and eight times as dense as the dose grid, in
the rule of `contours`; each stands for its area times the thickness of its slab. Dose is linear between grid points.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.findings.contours import fill
from workstation.findings.structures import Slab, Structure
from workstation.imaging.dose import Dose, dose_at
from workstation.imaging.geometry import Grid, cross, vec

Floats = NDArray[np.float64]

MOST_POINTS: Final = 500_000
BINS: Final = 4_000
DENSER: Final = 8


@dataclass(frozen=True, eq=False)
class Dvh:
    """`volumes_ml[n]` receive `doses[n]` or more. Mean, min and max are of the part that the dose grid
    covers, contours included.

    `covered` is the share of the structure that lies within the dose grid.
    """

    name: str
    unit: str
    doses: Floats
    volumes_ml: Floats
    volume_ml: float
    mean: float
    min: float
    max: float
    covered: float = 1.0

    def dose_of(self, percent: float) -> float:
        """Dx: the dose that so many percent of the volume receive at least."""
        wanted = self.volumes_ml[0] * percent / 100
        return float(np.interp(-wanted, -self.volumes_ml, self.doses))

    def volume_of(self, dose: float) -> float:
        """Vx, ml: the volume that receives a dose or more."""
        return float(np.interp(dose, self.doses, self.volumes_ml, right=0.0))

    def percent_of(self, dose: float) -> float:
        """Vx in percent of the volume."""
        return 100 * self.volume_of(dose) / float(self.volumes_ml[0])


def dvh_of(structure: Structure, dose: Dose) -> Dvh:
    """The histogram of a structure.

    Raises `Refused` with OTHER_FRAME, NOTHING_ENCLOSED, or PAST_EDGE where the dose grid reaches none of it.
    """
    if not dose.frame_of_reference_uid or dose.frame_of_reference_uid != structure.frame_of_reference_uid:
        raise Refused(Reason.OTHER_FRAME)
    slabs = structure.slabs(max(dose.grid.spacing))
    if not slabs:
        raise Refused(Reason.NOTHING_ENCLOSED)
    step = _step_mm(slabs, dose.grid)
    values, volumes = [np.empty(0)], [np.empty(0)]
    for slab in slabs:
        found, volume_ml = _sampled(slab, dose, step)
        values.append(found)
        volumes.append(np.full(found.size, volume_ml))
    doses, weights = np.concatenate(values), np.concatenate(volumes)
    total = float(weights.sum())
    there = np.isfinite(doses)
    doses, weights = doses[there], weights[there]
    if not doses.size:
        raise Refused(Reason.PAST_EDGE if total else Reason.NOTHING_ENCLOSED)
    ends = _at(dose, np.concatenate([each for slab in slabs for each in slab.contours]))
    ends = ends[np.isfinite(ends)]
    lowest, highest = (
        float(choose([choose(part) for part in (doses, ends) if part.size])) for choose in (np.min, np.max)
    )
    edges = np.linspace(0.0, max(highest, 1e-6), BINS + 1)
    counts, _ = np.histogram(doses, edges, weights=weights)
    reaching = np.concatenate([np.cumsum(counts[::-1])[::-1], [0.0]])
    mean = float(np.average(doses, weights=weights))
    covered = float(weights.sum()) / total
    return Dvh(structure.name, dose.unit, edges, reaching, total, mean, lowest, highest, covered)


def _step_mm(slabs: tuple[Slab, ...], grid: Grid) -> float:
    """The distance of points in a plane."""
    area = 0.0
    for slab in slabs:
        points = np.concatenate(slab.contours)
        sides = np.sort(np.ptp(points, axis=0))
        area += float(sides[1] * sides[2])
    return max(min(grid.spacing) / DENSER, math.sqrt(area / MOST_POINTS))


def _sampled(slab: Slab, dose: Dose, step: float) -> tuple[Floats, float]:
    """The dose at the points of a slab that lie inside its contours, and what volume each stands for, ml."""
    normal = np.asarray(slab.normal)
    helper = np.eye(3)[int(np.argmin(np.abs(normal)))]
    right = helper - normal * float(helper @ normal)
    right /= np.linalg.norm(right)
    down = np.asarray(cross(slab.normal, vec(right)))
    points = np.concatenate(slab.contours)
    low = np.array([(points @ right).min(), (points @ down).min()])
    high = np.array([(points @ right).max(), (points @ down).max()])
    # Whole squares fill the box of the contours, points in their middles: what ends with the box is exact.
    count = np.maximum(np.ceil((high - low) / step), 1).astype(int)
    width, height = (int(each) for each in count)
    across, along = (float(each) for each in np.maximum((high - low) / count, 1e-6))
    start = low + np.array([across, along]) / 2
    origin = right * start[0] + down * start[1] + normal * slab.at_mm
    spacing = (across, along, slab.thickness_mm)
    grid = Grid(vec(origin), (vec(right), vec(down), slab.normal), spacing, (width, height, 1))
    inside = np.zeros((1, height, width), np.bool_)
    fill(inside, (slab,), grid, on_mm=0.0)  # what lies on a line has no area
    y, x = np.nonzero(inside[0])
    places = origin + x[:, None] * across * right + y[:, None] * along * down
    return _at(dose, places), across * along * slab.thickness_mm / 1000


def _at(dose: Dose, places: Floats) -> Floats:
    """The dose at points (n, 3) of the patient."""
    index = places @ dose.grid.index_from_lps[:3, :3].T + dose.grid.index_from_lps[:3, 3]
    return dose_at(dose, [index[:, 0], index[:, 1], index[:, 2]])
