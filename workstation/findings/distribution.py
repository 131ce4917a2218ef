"""How the values inside a region are spread, and how their mean goes over the phases of a series."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Refused
from workstation.findings.finding import Finding
from workstation.findings.regions import PERCENTILES, region_statistics, region_voxels
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.times import times_ms
from workstation.imaging.volume import Voxels

MOST_BARS: Final = 48


@dataclass(frozen=True)
class Distribution:
    """Counts of stored values in bars of equal width from `low` to `high`, in `unit`. `sd` divides by count - 1."""

    counts: tuple[int, ...]
    low: float
    high: float
    mean: float
    sd: float
    percentiles: dict[int, float]
    unit: str

    @property
    def count(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Course:
    """The mean of a region in each phase that has arrived: seconds from the first phase, or the number of the phase."""

    places: tuple[float, ...]
    means: tuple[float, ...]
    unit: str
    in_seconds: bool


def distribution(voxels: Voxels, finding: Finding) -> Distribution | None:
    """Of the voxels inside a region; None while some of them have not arrived. Raises `Refused` as statistics do."""
    found = region_statistics(voxels, finding)
    if found is None:
        return None
    values = region_values(voxels, finding)
    counts, edges = np.histogram(values, bins=_edges(values))
    shares = np.percentile(values, PERCENTILES)
    percentiles = {share: float(value) for share, value in zip(PERCENTILES, shares, strict=True)}
    spread = (float(edges[0]), float(edges[-1]))
    return Distribution(tuple(map(int, counts)), *spread, found.mean, found.sd, percentiles, found.unit)


def region_values(voxels: Voxels, finding: Finding) -> NDArray[np.float64]:
    """The stored values inside a region, padding left out."""
    parts = region_voxels(voxels.display_set, finding)
    found = [voxels.values(part.image, (part.rows, part.columns))[part.chosen] for part in parts]
    values = np.concatenate(found) if found else np.empty(0)
    return np.asarray(values[~np.isnan(values)], dtype=np.float64)


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the bars begin and end. Whole numbers have bars of whole width, so that each holds as many of them."""
    low, high = float(values.min()), float(values.max())
    if not (values == np.round(values)).all():
        return np.linspace(low, high if high > low else low + 1.0, MOST_BARS + 1)
    width = max(1, math.ceil((high - low + 1) / MOST_BARS))
    return low - 0.5 + width * np.arange(math.ceil((high - low + 1) / width) + 1, dtype=np.float64)


def course(phases: Sequence[Voxels], finding: Finding) -> Course | None:
    """The means of a region in the phases of a series, in their order; None with fewer than two that have it whole.

    What lies in pixels lies on one image, and so in one phase.
    """
    if not finding.in_patient:
        return None
    found = []
    for number, voxels in enumerate(phases, start=1):
        try:
            told = region_statistics(voxels, finding)
        except Refused:
            continue
        if told is not None:
            found.append((number, voxels.display_set, told))
    if len(found) < 2:
        return None
    times = times_ms([each.images[_image(each, finding)] for _, each, _ in found])
    places = tuple(each / 1000.0 for each in times) or tuple(float(number) for number, _, _ in found)
    return Course(places, tuple(told.mean for _, _, told in found), found[0][2].unit, bool(times))


def _image(display_set: DisplaySet, finding: Finding) -> int:
    """The image of a set that a region in the patient lies on."""
    parts = region_voxels(display_set, finding)
    return parts[0].image if parts else 0
